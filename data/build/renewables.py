"""Wind and sun by region: cost of new plants, their output by season and hour, and the dated adoption targets."""

from __future__ import annotations

from functools import cache

import numpy as np
from common import SEASON_DAYS, SEASON_MONTHS, Record, Tables, computed, reference, short

TECHNOLOGIES = ("wind", "solar")
HIGHEST = 0.98  # output of a new plant in the best hour of a season's mean day
DAYS = sum(SEASON_DAYS.values())
LEAD_MONTHS = {"wind": 18.0, "solar": 12.0}
CAPEX_CHANGE = -0.02
# Wind and solar generation of 2024 by province [TWh]: analyst knowledge, no such table is in the references; only the
# shares are used.
GENERATION_TWH = {
    "110000": 2, "120000": 10, "130000": 140, "140000": 100, "150000": 205, "210000": 55, "220000": 45, "230000": 45,
    "310000": 7, "320000": 100, "330000": 50, "340000": 60, "350000": 38, "360000": 38, "370000": 135, "410000": 90,
    "420000": 50, "430000": 40, "440000": 75, "450000": 55, "460000": 8, "500000": 8, "510000": 32, "520000": 40,
    "530000": 75, "540000": 5, "610000": 65, "620000": 90, "630000": 55, "640000": 60, "650000": 130,
}  # fmt: skip
TRADED_TWH = 328.5  # green electricity trades of 2025, all buyers (CGTN, 2026-01; claims_power pw0737)
TRADED_YEAR = 2025
TRADED_GROWTH = 0.15
COST_SOURCE = (
    "renewables.csv: {0} CNY/kW, {1} CNY/kW a, new build, assumed there; lead time (Horinger: 14 months from first "
    "spade, 30 from approval) and -2 %/a assumed"
)
PROFILE_SOURCE = "ERA5 2020 hours by season (renewable_profiles_24h.csv) rescaled to new-build capacity factor {0}"
# capacity_factor_new_build is an assumption by the words of its own source, though its row is marked derived.
NEW_BUILD_QUALITY = "assumption"


def plants() -> list[dict[str, str]]:
    """Rows of renewables.csv by region and technology."""
    return sorted(reference("renewables"), key=lambda row: (row["adcode"], TECHNOLOGIES.index(row["tech"])))


def renewables() -> list[Record]:
    return [
        {
            "region": row["adcode"],
            "technology": row["tech"],
            "capex_million_cny_per_mw": float(row["capex_cny_per_kw"]) / 1000,
            "om_million_cny_per_mw_year": float(row["opex_cny_per_kw_year"]) / 1000,
            "life_years": float(row["lifetime_years"]),
            "lead_months": LEAD_MONTHS[row["tech"]],
            "capex_change_per_year": CAPEX_CHANGE,
            "source": COST_SOURCE.format(row["capex_cny_per_kw"], row["opex_cny_per_kw_year"]),
            "quality": computed(row["quality"], NEW_BUILD_QUALITY),
        }
        for row in plants()
    ]


def rescaled(hours: dict[str, np.ndarray], mean: float) -> dict[str, np.ndarray]:
    """Seasons' hours times one factor, clipped at the highest output, so that the yearly mean is the one asked for."""
    for _ in range(100):
        now = sum(SEASON_DAYS[season] * values.mean() for season, values in hours.items()) / DAYS
        if abs(now / mean - 1) < 1e-12:
            break
        hours = {season: np.minimum(values * (mean / now), HIGHEST) for season, values in hours.items()}
    return hours


@cache
def profiles() -> dict[tuple[str, str], dict[str, list[float]]]:
    """(region, technology) -> season -> mean output of a new plant by clock hour, as a share of its capacity."""
    raw: dict[tuple[str, str], dict[str, np.ndarray]] = {}
    for row in reference("renewable_profiles_24h"):
        hours = np.array([float(row[f"cf_h{hour:02d}"]) for hour in range(24)])
        raw.setdefault((row["adcode"], row["tech"]), {})[row["season"].split("_")[0]] = hours
    out = {}
    for plant in plants():
        key = (plant["adcode"], plant["tech"])
        made = rescaled(raw[key], float(plant["capacity_factor_new_build"]))
        out[key] = {season: [round(float(value), 6) for value in made[season]] for season in SEASON_MONTHS}
    return out


def renewable_profiles() -> list[Record]:
    quality = {(row["adcode"], row["tech"]): row["quality"] for row in reference("renewable_profiles_24h")}
    return [
        {
            "region": row["adcode"],
            "technology": row["tech"],
            "season": season,
            **{f"h{hour:02d}": value for hour, value in enumerate(hours)},
            "source": PROFILE_SOURCE.format(row["capacity_factor_new_build"]),
            "quality": computed(quality[row["adcode"], row["tech"]], NEW_BUILD_QUALITY),
        }
        for row in plants()
        for season, hours in profiles()[row["adcode"], row["tech"]].items()
    ]


def adoption() -> list[Record]:
    return [
        {
            "year": int(row["period"]),
            "penetration": float(row["value"]) / 100,
            "source": short(f"Smart terminals and agents, national target {row['basis_note']}: {row['source']}"),
            "quality": row["quality"],
        }
        for row in reference("policy_targets")
        if row["metric"] == "smart_terminal_agent_penetration"
    ]


def green_supply() -> list[Record]:
    """Green energy that can be contracted: the country's trades, spread over provinces as wind and sun give power."""
    total = sum(GENERATION_TWH.values())
    source = (
        f"{TRADED_TWH} TWh of green power traded in {TRADED_YEAR} (press), spread by wind and solar generation of 2024 "
        "(analyst knowledge); +15 %/a assumed"
    )
    return [
        {
            "region": region,
            "mwh": round(TRADED_TWH * 1e6 * twh / total, -3),
            "year": TRADED_YEAR,
            "growth_per_year": TRADED_GROWTH,
            "source": source,
            "quality": "assumption",
        }
        for region, twh in GENERATION_TWH.items()
    ]


def tables() -> Tables:
    made = {"green_supply": green_supply()}
    return made | {"renewables": renewables(), "renewable_profiles": renewable_profiles(), "adoption": adoption()}
