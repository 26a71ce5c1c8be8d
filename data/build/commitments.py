"""Devices delivered in the second half of 2026, in service as many months later as their kind takes.

Accelerators stand where dense hall and grid are, servers as those of the first half."""

from __future__ import annotations

from datetime import date

from common import Record, Tables
from devices import ENERGISED_SHARE, MONTHS_TO_SERVICE, devices
from facilities import capacity, dense_halls, dense_part, rated_mw
from halls import paths
from placement import CLAIMS, seed, spread
from servers import storage_mid_2025
from stock import part_delivered, server_stock
from supply import DEVICE_OF_GROUP, published

MIDDLE_OF_DELIVERY = date(2026, 10, 1)
CLUSTER_SHARE = 0.6
METRO_GROWTH_ROOM = 0.05 / 2  # half of the 5 % a year that metros may grow
LATE_2026 = ("nv_h200", "ascend_960")  # families without stock at the anchor: where H800 stands
HEADROOM_GRID = 1.1 * 0.75
DUST_SHARE = 0.03


def deliveries() -> dict[str, float]:
    """Device -> dense peak energised in the second half of 2026 [PFLOP/s]."""
    out: dict[str, float] = {}
    for row in published():
        group = row["group_id"]
        if int(row["year"]) == 2026 and group != "smuggled_hopper_blackwell":
            left = 1 - part_delivered("mid-2026", group, 2026)
            pflops = float(row["mid"]) * float(row["bf16_tflops_per_unit"]) / 1000 * left
            pflops *= ENERGISED_SHARE["intelligent"]
            if pflops > 0:
                out[DEVICE_OF_GROUP[group]] = out.get(DEVICE_OF_GROUP[group], 0.0) + pflops
    return out


def dense_room() -> dict[str, float]:
    """Dense hall free in late 2026 [MW], never more than the grid connection leaves."""
    rated = rated_mw("mid-2026")
    grid: dict[str, float] = {}
    for row in capacity():
        if row["asset"] == "grid" and row["in_service"] <= date(2026, 7, 1):
            grid[row["site"]] = grid.get(row["site"], 0.0) + row["mw"]
    room = {}
    for site, path in paths().items():
        hall = dense_halls(site)[1] + dense_part(site) * path.hall_steps()[0]
        standing = rated[site]["dense"] + rated[site]["standard"] + storage_mid_2025()[site] * 1.3
        free_grid = grid[site] / (HEADROOM_GRID * path.pue) - standing
        room[site] = max(0.0, min(0.97 * hall - rated[site]["dense"], 0.95 * free_grid))
    return room


def placed_mw(total: float) -> dict[str, float]:
    """Rated power of the deliveries by site: metros within half of their growth, clusters by announced hall."""
    room = dense_room()
    metros = {site: min(room[site], METRO_GROWTH_ROOM * dense_halls(site)[1]) for site in room if site not in CLAIMS}
    at_metros = min((1 - CLUSTER_SHARE) * total, sum(metros.values()))
    weights = {site: dense_part(site) * paths()[site].hall_steps()[0] for site in CLAIMS}
    clusters = spread(weights, {site: room[site] for site in CLAIMS}, total - at_metros)
    scale = at_metros / sum(metros.values())
    return clusters | {site: mw * scale for site, mw in metros.items()}


def found_at(device: str, site: str) -> float:
    return seed("nv_h800" if device in LATE_2026 else device, site)


def commitments() -> list[Record]:
    """Each site takes the mix of families found there; families add up to the deliveries as nearly as places allow."""
    table = {row["device"]: row for row in devices()}
    energised = deliveries()
    power = {
        name: pflops / table[name]["peak_pflops"] * table[name]["rated_w"] / 1e6 for name, pflops in energised.items()
    }
    target = placed_mw(sum(power.values()))
    names, sites = sorted(power), [site for site, mw in target.items() if mw > 0]
    matrix = {site: {name: power[name] * found_at(name, site) for name in names} for site in sites}
    for _ in range(200):
        _scale_rows(matrix, target)
        _scale_columns(matrix, power)
    for site in sites:
        largest = max(matrix[site].values())
        matrix[site] = {name: mw if mw > DUST_SHARE * largest else 0.0 for name, mw in matrix[site].items()}
    for _ in range(200):
        _scale_columns(matrix, power)
        _scale_rows(matrix, target)
    return [
        {
            "site": site,
            "device": name,
            "in_service": in_service("intelligent"),
            "devices": round(mw * 1e6 / table[name]["rated_w"], 3),
            "source": "H2-2026 part of mid supply x 0.7 energised, 7 months after delivery; clusters by announced "
            "hall, metros within 2.5%",
            "quality": "assumption",
        }
        for site in sites
        for name, mw in matrix[site].items()
        if mw > 0
    ]


def in_service(kind: str) -> date:
    """What is delivered evenly over the half year enters service on average so many months after its middle."""
    month = MIDDLE_OF_DELIVERY.month - 1 + int(MONTHS_TO_SERVICE[kind])
    return date(MIDDLE_OF_DELIVERY.year + month // 12, month % 12 + 1, 1)


def servers() -> list[Record]:
    """As many new servers at each site as the first half of 2026 brought."""
    peak = {row["device"]: float(row["peak_pflops"]) for row in devices()}
    return [
        {
            "site": row["site"],
            "device": row["device"],
            "in_service": in_service("general"),
            "devices": round(row["devices"], 3),
            "source": "H2-2026 as the first half of the year (stock of vintage 2026), a month after delivery",
            "quality": "assumption",
        }
        for row in server_stock("mid-2026", peak)
        if row["vintage"] == MIDDLE_OF_DELIVERY.year
    ]


def _scale_rows(matrix: dict[str, dict[str, float]], target: dict[str, float]) -> None:
    for site, row in matrix.items():
        factor = target[site] / sum(row.values())
        matrix[site] = {name: mw * factor for name, mw in row.items()}


def _scale_columns(matrix: dict[str, dict[str, float]], power: dict[str, float]) -> None:
    for name, mw in power.items():
        total = sum(row[name] for row in matrix.values())
        for row in matrix.values():
            row[name] *= mw / total if total > 0 else 0.0


def tables() -> Tables:
    return {"commitments": commitments() + servers()}
