"""Where servers for general compute stand: clusters by rack occupancy, metros by demand and hall."""

from __future__ import annotations

from functools import cache

from demand import indices
from devices import peak_pflops, raw_devices
from halls import paths
from placement import (
    CLAIMS,
    CLUSTER_RACK_OCCUPANCY,
    METRO_MW_PER_PFLOPS,
    RACK_OCCUPANCY_OF,
    SERVER_DEMAND_WEIGHT,
    intelligent_by_site,
    spread,
)
from sites import site_region

STORAGE_MID_2025_MW = 2016.0  # 1,680 EB x 1.2 kW per usable PB
STORAGE_GROWTH = 0.20
FULLEST_HALL = 0.92  # servers and storage over standard hall, at most
DENSE_OCCUPANCY = 0.85
GENERAL_MID_2025 = 190_000.0 * 1.12**0.5
SERVER_GROWTH_TO_MID_2026 = 1.12
INTELLIGENT_MID_2026 = 2_185_000.0
DENSE_PER_PFLOPS_KW = 2.5  # of the accelerators claimed at a cluster, to set aside their hall


@cache
def watts_per_pflops() -> float:
    """Rated power of the fleet-average server per FP32 PFLOP/s [MW per PFLOP/s]."""
    row = next(row for row in raw_devices() if row["device_id"] == "cpu_server_2s")
    return float(row["server_power_w_per_device"]) / 1e6 / peak_pflops(row)


@cache
def standard_hall_mid_2025() -> dict[str, float]:
    """Hall left for servers and storage in mid-2025 [MW]: total less what the claimed accelerators need at 85 %."""
    claimed = {site: values[0] * DENSE_PER_PFLOPS_KW / 1e3 / DENSE_OCCUPANCY for site, (values, _) in CLAIMS.items()}
    return {
        site: max(path.hall_mid_2025 - claimed.get(site, 0.0), 0.3 * path.hall_mid_2025)
        for site, path in paths().items()
    }


def storage_mid_2025() -> dict[str, float]:
    """Storage load by site [MW IT], in proportion to standard hall."""
    hall = standard_hall_mid_2025()
    total = sum(hall.values())
    return {site: STORAGE_MID_2025_MW * mw / total for site, mw in hall.items()}


def metro_room_mid_2026() -> dict[str, float]:
    """Server power that a metro can hold in mid-2026 [MW]: hall of end-2025 less accelerators and storage."""
    storage = storage_mid_2025()
    dense = {
        site: pflops * METRO_MW_PER_PFLOPS / DENSE_OCCUPANCY
        for site, pflops in intelligent_by_site("mid-2026", INTELLIGENT_MID_2026).items()
    }
    return {
        site: FULLEST_HALL * (path.hall_end_2025 - dense[site]) - storage[site] * (1 + STORAGE_GROWTH)
        for site, path in paths().items()
        if site not in CLAIMS
    }


@cache
def server_shares() -> dict[str, float]:
    """Each site's share of national general compute, the same at every anchor."""
    hall, storage, region = standard_hall_mid_2025(), storage_mid_2025(), site_region()
    rated = GENERAL_MID_2025 * watts_per_pflops()
    clusters = {
        site: RACK_OCCUPANCY_OF.get(site, CLUSTER_RACK_OCCUPANCY) * hall[site] - storage[site] for site in CLAIMS
    }
    left = rated - sum(clusters.values())
    metros = [site for site in hall if site not in CLAIMS]
    space = sum(hall[site] for site in metros)
    demand = indices()["general"]
    weights = {
        site: SERVER_DEMAND_WEIGHT * demand[region[site]] + (1 - SERVER_DEMAND_WEIGHT) * hall[site] / space
        for site in metros
    }
    caps = {site: mw / SERVER_GROWTH_TO_MID_2026 for site, mw in metro_room_mid_2026().items()}
    placed = clusters | spread(weights, caps, left)
    return {site: mw / rated for site, mw in placed.items()}


def server_peaks_by_site(national: float) -> dict[str, float]:
    """Site -> general peak [PFLOP/s FP32]."""
    return {site: national * share for site, share in server_shares().items()}
