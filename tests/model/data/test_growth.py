"""Demand along an S-curve: the logistic curve through dated targets, and who follows it."""

from __future__ import annotations

from datetime import date
from math import exp, log
from typing import Any

import pandas as pd
import pytest
from builder import one_place, optimum, tiny

import eastwest as ew
from eastwest.errors import InputError
from eastwest.model.data.delivered_demand import delivered_demand
from eastwest.model.data.growth import logistic, penetration
from eastwest.solving.solve import build

STEEPNESS = (log(0.9 / 0.1) - log(0.7 / 0.3)) / 3
"""Through 70 % at the end of 2027 and 90 % at the end of 2030: (2.1972 - 0.8473) / 3 = 0.45 a year."""

MIDPOINT = 2028 - log(0.7 / 0.3) / STEEPNESS
"""0.8473 / 0.45 = 1.883 years before the end of 2027: February 2026."""


def targets(**share: float) -> pd.DataFrame:
    """`y2027=0.7`: 70 % by the end of 2027."""
    return pd.DataFrame({"year": [int(name[1:]) for name in share], "penetration": list(share.values())})


BOTH = {"y2027": 0.7, "y2030": 0.9}


def rows(**share: float) -> dict[str, Any]:
    """The same as an override of the table adoption."""
    return {name[1:]: {"penetration": value} for name, value in share.items()}


def curve(year: float) -> float:
    return 1 / (1 + exp(-STEEPNESS * (year - MIDPOINT)))


# The curve


def test_the_curve_through_two_targets_by_hand() -> None:
    steepness, midpoint = logistic(targets(**BOTH))
    assert (steepness, midpoint) == (pytest.approx(STEEPNESS), pytest.approx(MIDPOINT))
    assert (steepness, midpoint) == (pytest.approx(0.449975, abs=1e-6), pytest.approx(2026.117, abs=1e-3))
    assert penetration(targets(**BOTH), date(2028, 1, 1)) == pytest.approx(0.7)
    assert penetration(targets(**BOTH), date(2031, 1, 1)) == pytest.approx(0.9)


def test_symmetric_targets_have_their_midpoint_between() -> None:
    """20 % and 80 %, four years apart: half in the middle, steepness 2 log 4 / 4."""
    steepness, midpoint = logistic(targets(y2025=0.2, y2029=0.8))
    assert (steepness, midpoint) == (pytest.approx(log(4) / 2), pytest.approx(2028))


def test_three_targets_are_fitted_in_their_log_odds() -> None:
    """Log-odds -1, 0.3, 1 in steps of one year: slope (1 - -1) / 2 = 1, mean 0.1: midpoint 2027 - 0.1."""
    odds = {"y2025": -1.0, "y2026": 0.3, "y2027": 1.0}
    steepness, midpoint = logistic(targets(**{name: 1 / (1 + exp(-value)) for name, value in odds.items()}))
    assert (steepness, midpoint) == (pytest.approx(1), pytest.approx(2026.9))


@pytest.mark.parametrize(
    ("share", "message"),
    [
        ({}, "at least two dated targets"),
        ({"y2027": 0.7}, "at least two dated targets"),
        ({"y2027": 0.7, "y2030": 0.6}, "must rise"),
        ({"y2027": 0.7, "y2030": 0.7}, "must rise"),
    ],
)
def test_targets_that_make_no_curve_are_errors(share: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        logistic(targets(**share))


# Growth


def test_demand_follows_the_curve_and_the_use_of_adopters() -> None:
    """From 1 July 2026 (2026 + 181/365) to 1 July 2027: p rises from 0.543 to 0.652, a factor of 1.20; 10 % more use
    per adopter in 365 / 365.25 years. 5 PFLOP/s become 6.6."""
    scenario = one_place(adoption=rows(**BOTH), demand={"adoption_driven": ["inference"], "growth_per_adopter": 0.1})
    factor = curve(2027 + 181 / 365) / curve(2026 + 181 / 365) * 1.1 ** (365 / 365.25)
    assert factor == pytest.approx(1.319, abs=1e-3)
    found = optimum(scenario)
    assert found.value("serve") == pytest.approx(5 * factor)
    assert found.objective == pytest.approx(7.008 * factor)


def test_growth_slows_towards_saturation() -> None:
    """No growth of use: demand of year n is p(n) / p(anchor) x 5; ever smaller factors, at most 1 / p(anchor)."""
    scenario = one_place(
        years=[2027, 2030, 2035],
        years_represented=[1, 1, 1],
        adoption=rows(**BOTH),
        demand={"adoption_driven": ["inference"], "growth_per_adopter": 0},
        stock={"base": {"metro_coast": {"alpha": {"2025": {"devices": 0}, "2034": {"devices": 50, "live_share": 1}}}}},
        costs={"discount_rate_system": {"low": 0.05, "mid": 0.05, "high": 0.05, "unit": "1"}},
    )
    found = delivered_demand(build(scenario)).set_index("year")["delivered"]
    anchor = curve(2026 + 181 / 365)
    assert found.to_dict() == pytest.approx({y: 5 * curve(y + 181 / 365) / anchor for y in (2027, 2030, 2035)})
    assert found[2035] < 5 / anchor


def test_tasks_that_are_not_driven_keep_their_rates() -> None:
    """Chat (inference) follows the curve, training grows by 20 % a year."""
    scenario = tiny(
        adoption=rows(**BOTH),
        demand={"adoption_driven": ["inference"], "growth_per_adopter": 0},
        tasks={"*": {"growth_mid_per_year": 0.2}},
    )
    plan = build(scenario)
    found = delivered_demand(plan).groupby("task")["delivered"].sum()
    rates = delivered_demand(build(tiny(tasks={"*": {"growth_mid_per_year": 0.2}}))).groupby("task")["delivered"].sum()
    assert found["train"] == pytest.approx(rates["train"]) == pytest.approx(24 * 1.2 ** (365 / 365.25))
    assert found["chat"] == pytest.approx(10 * curve(2027 + 181 / 365) / curve(2026 + 181 / 365))
    assert found["chat"] != pytest.approx(rates["chat"])


def test_without_driven_work_the_targets_are_not_read() -> None:
    """Targets that make no curve do no harm, and none are needed."""
    assert optimum(one_place(adoption=rows(y2027=0.7))).objective == pytest.approx(7.008)
    assert optimum(one_place()).objective == pytest.approx(7.008)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"demand": {"adoption_driven": ["inference"]}}, "at least two dated targets"),
        ({"demand": {"adoption_driven": ["inference"]}, "adoption": rows(y2027=0.7, y2030=0.6)}, "must rise"),
        ({"demand": {"adoption_driven": ["chat"]}}, "demand.adoption_driven"),
        ({"demand": {"growth_per_adopter": -1}}, "demand.growth_per_adopter"),
        ({"adoption": rows(y2027=1.0)}, "penetration"),
        ({"adoption": rows(y2027=0.0)}, "penetration"),
        ({"adoption": rows(y1900=0.5)}, "year"),
    ],
)
def test_bad_data_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        build(one_place(**changes))


def test_the_packages_targets_make_a_curve() -> None:
    """70 % by 2027 and 90 % by 2030, as in data/adoption.csv."""
    scenario = ew.load_scenario("scenarios/national-2027.yaml")
    assert logistic(scenario.tables["adoption"]) == (pytest.approx(STEEPNESS), pytest.approx(MIDPOINT))
