"""Corridors between the eight hubs, and the few round trips that are published for a pair of region and site."""

from __future__ import annotations

from itertools import combinations

from common import Record, Tables, number, reference
from halls import paths
from regions import geodesic_km, hub_points, provinces
from sites import site_region

TOTAL_GBPS = 751_000.0
LEAST_GBPS = 2_000.0  # so that no pair of hubs is cut off by the gravity rule
# Published as reported; one-way figures are doubled. CAICT and the hubs state circles one-way.
GUIAN_ONE_WAY_MS = {
    "520000": 3.0,
    "500000": 6.0,
    "510000": 6.0,
    "440000": 10.0,
    "310000": 15.0,
    "320000": 15.0,
    "330000": 15.0,
    "340000": 15.0,
    "110000": 20.0,
    "120000": 20.0,
    "130000": 20.0,
}
GUIAN_SOURCE = "Gui'an New Area via China Daily 2023-08: {0:g} ms one-way (fits route factor 1.8-2.4) x 2"
OTHERS = (
    ("110000", "metro_310000", 28.6, "yunthe.com 2023: Beijing-Shanghai 28.6 ms round trip, public internet"),
    ("310000", "metro_110000", 28.6, "yunthe.com 2023: Beijing-Shanghai 28.6 ms round trip, public internet"),
    ("110000", "helingeer", 8.4, "Ulanqab/Hohhot city publicity: 4.2 ms to Beijing one-way (claimed) x 2"),
    ("440000", "shaoguan", 6.0, "Shaoguan: 3 ms to the Bay Area one-way (clusters.csv, 2025) x 2"),
)


def hub_mass() -> dict[str, float]:
    """Geometric mean of a hub's share of national product and of national hall."""
    hub_of = {row["adcode"]: row["hub_id"] for row in provinces() if row["hub_id"]}
    region = site_region()
    gdp = dict.fromkeys(hub_points(), 0.0)
    hall = dict.fromkeys(hub_points(), 0.0)
    for row in provinces():
        if row["hub_id"]:
            gdp[row["hub_id"]] += number(row["gdp_100m_cny_2024"]) or 0.0
    for site, path in paths().items():
        if region[site] in hub_of:
            hall[hub_of[region[site]]] += path.hall_mid_2025
    return {hub: (gdp[hub] / sum(gdp.values()) * hall[hub] / sum(hall.values())) ** 0.5 for hub in gdp}


def corridors() -> list[Record]:
    points, mass = hub_points(), hub_mass()
    pairs = list(combinations(points, 2))
    length = {pair: geodesic_km(points[pair[0]], points[pair[1]]) for pair in pairs}
    weight = {(a, b): mass[a] * mass[b] / length[a, b] for a, b in pairs}
    spare = TOTAL_GBPS - LEAST_GBPS * len(pairs)
    total = sum(weight.values())
    return [
        {
            "corridor": f"{a}-{b}",
            "from_node": a,
            "to_node": b,
            "capacity_gbps": float(round(LEAST_GBPS + spare * weight[a, b] / total)),
            "length_km": round(length[a, b], 1),
            "source": "751 Tbps between hubs (CAICT 2024 Q1): 2 Tbps each, rest by sqrt(GDP x hall) products / km",
            "quality": "derived",
        }
        for a, b in pairs
    ]


def round_trips() -> list[Record]:
    rows = [(region, "guian", 2 * ms, GUIAN_SOURCE.format(ms)) for region, ms in GUIAN_ONE_WAY_MS.items()]
    return [
        {"region": region, "site": site, "round_trip_ms": ms, "source": source, "quality": "published_estimate"}
        for region, site, ms, source in [*rows, *OTHERS]
    ]


def network_parameters() -> list[dict[str, str]]:
    return [row for row in reference("network") if row["record_type"] == "parameter"]


def tables() -> Tables:
    return {"corridors": corridors(), "round_trip": round_trips()}
