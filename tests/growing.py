"""One place from 2027 on where nothing stands, for plans of several years that are solved by hand.

A device delivers 0.5 PFLOP/s on 0.1 MW: 0.7008 million CNY of energy a year; it costs 0.1 million, life 5 years, rate
10 %, 5 % upkeep.
"""

from __future__ import annotations

from typing import Any

from builder import Optimum, one_place

import eastwest as ew

NO_BUILDING: dict[str, Any] = {"facilities": {"build_limit_share": 0}, "power": {"build_limit_share": 0}}
ENERGY = 0.7008
ELAPSED = {2027: 365 / 365.25, 2028: 731 / 365.25, 2029: 1096 / 365.25}
"""Years from 1 July 2026 to 1 July of each year; 2028 is a leap year."""


def annuity(life: float, rate: float = 0.1) -> float:
    return rate / (1 - (1 + rate) ** -life)


def yearly(life: float = 5) -> float:
    """What a device costs in a year of its life [million CNY]."""
    return 0.1 * (annuity(life) + 0.05)


def supply(**units: float) -> dict[str, Any]:
    """An override: `y2028=10` devices can be delivered in 2028, none in the years that are not named."""
    year = {int(name[1:]): number for name, number in units.items()}
    return {
        "alpha_group": {
            str(y): {"origin": "domestic", "low": 0, "mid": year.get(y, 0), "high": 0, "buyable": True}
            for y in range(2027, 2031)
        }
    }


PLENTY = supply(y2027=1000, y2028=1000, y2029=1000, y2030=1000)


def years(growth: float = 0.0, **changes: Any) -> ew.Scenario:
    """2027 to 2029 at 5 % a year, supply without end, no stock; demand is 5 x (1 + growth)^elapsed PFLOP/s."""
    base = one_place(
        years=[2027, 2028, 2029],
        finance={"discount_rate": 0.05},
        stock={"base": {"*": {"*": {"*": {"devices": 0}}}}},
        supply=PLENTY,
        tasks={"chat": {"growth_mid_per_year": growth}},
        **NO_BUILDING,
    )
    return base.with_(**changes) if changes else base


def needed(growth: float = 0.5) -> dict[int, float]:
    """Devices that serve all of a year's demand."""
    return {year: 10 * (1 + growth) ** elapsed for year, elapsed in ELAPSED.items()}


def discounted(paid: dict[int, float], rate: float = 0.05) -> float:
    return sum(value * (1 + rate) ** (2027 - year) for year, value in paid.items())


def by_vintage(found: Optimum) -> dict[int, float]:
    table = found.table("bought").groupby("vintage")["value"].sum()
    return {int(year): float(value) for year, value in table.items()}
