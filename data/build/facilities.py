"""Halls by class, grid connections and own plants with their dates, and the load that no task explains."""

from __future__ import annotations

from datetime import date
from functools import cache

from common import Record, Tables, weakest
from devices import devices
from halls import SitePath, paths
from plants import plants_of
from servers import DENSE_OCCUPANCY, STORAGE_GROWTH, STORAGE_MID_2025_MW, storage_mid_2025
from stock import stock

MID_2025 = date(2025, 1, 1)  # what stood in mid-2025 stands for the whole calendar year
END_2025 = date(2025, 12, 31)
ANNOUNCED = (date(2026, 7, 1), date(2027, 7, 1), date(2028, 7, 1), date(2029, 7, 1), date(2030, 7, 1))
DENSE_PART = {"cluster": 0.7, "metro": 0.5}
FULLEST_DENSE = 0.98  # mid-2026 accelerators over dense hall with the first announced increment
SERVER_MEAN_DRAW = 0.28 + (0.70 - 0.28) * 0.62
ACCELERATOR_MEAN_DRAW = 0.58
RESIDUAL_GROWTH = 0.05


@cache
def rated_mw(anchor: str) -> dict[str, dict[str, float]]:
    """Site -> hall class -> rated power of what stands there at the anchor [MW]."""
    table = {row["device"]: row for row in devices()}
    out: dict[str, dict[str, float]] = {site: {"dense": 0.0, "standard": 0.0} for site in paths()}
    for row in stock():
        if row["anchor"] == anchor:
            device = table[row["device"]]
            out[row["site"]][device["hall_class"]] += row["devices"] * device["rated_w"] / 1e6
    return out


def dense_part(site: str) -> float:
    return DENSE_PART["metro" if site.startswith("metro_") else "cluster"]


def dense_halls(site: str) -> tuple[float, float]:
    """Dense hall in mid-2025 and end-2025 [MW]: accelerators / 0.85, enough for mid-2026 with the first step."""
    increment = dense_part(site) * paths()[site].hall_steps()[0]
    for_2026 = rated_mw("mid-2026")[site]["dense"] / FULLEST_DENSE - increment
    end = max(rated_mw("end-2025")[site]["dense"] / DENSE_OCCUPANCY, for_2026)
    return min(rated_mw("mean-2025")[site]["dense"] / DENSE_OCCUPANCY, end), end


def _rows(
    site: str, asset: str, steps: list[tuple[date, float, str]], source: str, quality: str, plan: str
) -> list[Record]:
    return [
        {
            "site": site,
            "asset": asset,
            "in_service": day,
            "mw": round(mw, 3),
            "status": status,
            "source": f"{source}: {note}",
            "quality": weakest("derived", quality, *([plan] if status == "announced" else [])),
        }
        for (day, mw, note), status in zip(steps, ["existing"] * (len(steps) - 5) + ["announced"] * 5, strict=True)
    ]


def capacity_of(site: str, path: SitePath) -> list[Record]:
    dense_mid, dense_end = dense_halls(site)
    part = dense_part(site)
    standard_mid = path.hall_mid_2025 - dense_mid
    standard_end = path.hall_end_2025 - dense_end
    notes = ["half of end-2025 to 2027 plan"] * 2 + ["third of 2027 to 2030 plan"] * 3
    split = [f"{note}, {part:.0%} dense" for note in notes]
    rest = [f"{note}, {1 - part:.0%} standard" for note in notes]
    dense = [
        (MID_2025, dense_mid, "rated accelerators of mid-2025 / 0.85"),
        (END_2025, dense_end - dense_mid, "to rated end-2025 / 0.85, or what mid-2026 stock needs"),
        *zip(ANNOUNCED, [part * step for step in path.hall_steps()], split, strict=True),
    ]
    standard = [
        (MID_2025, standard_mid, "published hall of mid-2025 less dense"),
        (
            END_2025,
            standard_end - standard_mid,
            "hall 1/5 of the way to the 2027 plan, less dense; minus = refitted as dense",
        ),
        *zip(ANNOUNCED, [(1 - part) * step for step in path.hall_steps()], rest, strict=True),
    ]
    grid = [
        (MID_2025, path.grid_2025, "firm connection at end-2025, taken for the year"),
        *zip(ANNOUNCED, path.grid_steps(), notes, strict=True),
    ]
    return (
        _rows(site, "grid", grid, path.source, path.quality_grid, path.quality_plan)
        + _rows(
            site, "hall_standard", standard, path.source, weakest(path.quality_hall, "assumption"), path.quality_plan
        )
        + _rows(site, "hall_dense", dense, path.source, "assumption", path.quality_plan)
    )


def capacity() -> list[Record]:
    return [row for site, path in paths().items() for row in capacity_of(site, path) + plants_of(site)]


def modelled_it_2025(site: str) -> float:
    """Mean IT load of 2025 from the bottom up [MW]: servers, accelerators and storage."""
    rated = rated_mw("mean-2025")[site]
    return rated["standard"] * SERVER_MEAN_DRAW + rated["dense"] * ACCELERATOR_MEAN_DRAW + storage_mid_2025()[site]


def fixed_load() -> list[Record]:
    rows: list[Record] = []
    for site, path in paths().items():
        rows.append(
            {
                "site": site,
                "item": "storage",
                "it_mw": round(storage_mid_2025()[site], 3),
                "reference_date": date(2025, 6, 30),
                "growth_per_year": STORAGE_GROWTH,
                "quality": "derived",
                "source": f"{STORAGE_MID_2025_MW:,.0f} MW = 1,680 EB (mid-2025) x 1.2 kW/PB, by standard hall",
            }
        )
        gap = max(0.0, path.load_2025 / path.pue - modelled_it_2025(site))
        rows.append(
            {
                "site": site,
                "item": "residual",
                "it_mw": round(gap, 3),
                "reference_date": date(2025, 7, 1),
                "growth_per_year": RESIDUAL_GROWTH,
                "quality": weakest("derived", path.quality_load),
                "source": f"Published {path.load_2025:g} MW / PUE {path.pue:g} (166 TWh case) less servers x 0.54, "
                "accelerators x 0.58 and storage; floor 0",
            }
        )
    return rows


def tables() -> Tables:
    return {"capacity": capacity(), "fixed_load": fixed_load()}
