"""Deliveries by hand: they arrive evenly over their year, wait, serve for a life, and are all paid.

One place where nothing stands: a device alpha delivers 0.5 PFLOP/s and costs YEARLY million CNY a year of service.
"""

from __future__ import annotations

from typing import Any

import pytest
from builder import one_place, optimum
from hypothesis import given, settings
from hypothesis import strategies as st

import eastwest as ew
from eastwest.model.data.fleet import deliverable, in_life, in_service
from eastwest.model.dates import annuity, share_in_life, share_of_deliveries
from eastwest.solving.solve import build

YEARLY = 0.1 * (annuity(0.1, 5) + 0.05)


def country(**alpha: Any) -> ew.Scenario:
    """10 devices can be had in 2027, none later; the years 2027 to 2029 are not discounted."""
    return one_place(
        years=[2027, 2028, 2029],
        stock={"base": {"metro_coast": {"alpha": None}}},
        supply={"alpha_group": {2027: {"mid": 10}}},
        devices={"deliveries": "evenly", "alpha": alpha},
        finance={"discount_rate": 0},
    )


def shares(scenario: ew.Scenario) -> dict[int, float]:
    found: dict[int, float] = in_life(build(scenario)).loc["alpha", 2027].to_dict()
    return found


def test_half_of_a_years_deliveries_is_there_in_its_mean() -> None:
    """Evenly over 2027: 0.5 in its mean. Life 2: the first goes on 1 January 2029, the last a year later."""
    assert shares(country(lifetime_years=2)) == pytest.approx({2027: 0.5, 2028: 1, 2029: 0.5})


def test_months_to_service_count_from_delivery() -> None:
    """7 months: in service from 1 August 2027 to 31 July 2028. 5/12 of the devices come in 2027 and are there for half
    of what is left of it: 5/12 x 5/24; in 2028 the other 7/12 lack half of seven months: 1 - 7/12 x 7/24."""
    found = shares(country(months_to_service=7))
    assert found == pytest.approx({2027: 5 / 12 * 5 / 24, 2028: 1 - 7 / 12 * 7 / 24, 2029: 1})


def test_nothing_is_delivered_before_a_device_is_sold() -> None:
    """First sold on 1 December 2027: the year's 10 arrive in that month, 31 of 365 days, and half of it in the mean."""
    assert shares(country(available_from="2027-12-01")) == pytest.approx({2027: 31 / 365 / 2, 2028: 1, 2029: 1})


def test_what_is_sold_from_the_next_year_on_cannot_be_bought() -> None:
    later = country(available_from="2028-01-01").with_(supply={"alpha_group": {2027: {"mid": 10}, 2028: SUPPLY}})
    plan = build(later)
    assert set(plan.program.variables["bought"].index["vintage"]) == {2028}
    assert set(deliverable(plan)["vintage"]) == {2027, 2028}


SUPPLY = {"origin": "domestic", "low": 5, "mid": 5, "high": 5, "buyable": True}


def test_every_device_delivered_is_paid_and_the_energised_part_serves() -> None:
    """10 devices, 70 % ever energised, in service for 0.5, 1 and 1 of the years: 3.5 and 7 devices serve 1.75 and 3.5
    PFLOP/s; 10 x 2.5 annuities are paid."""
    found = optimum(country(energised_share=0.7))
    assert found.value("bought") == pytest.approx(10)
    assert [found.value("serve", year=year) for year in (2027, 2028, 2029)] == pytest.approx([1.75, 3.5, 3.5])
    assert found.cost("devices") == pytest.approx(10 * YEARLY * 2.5)


def test_what_is_installed_is_what_is_energised() -> None:
    found = in_service(build(country(energised_share=0.7))).loc["alpha", 2027]
    assert found.to_dict() == pytest.approx({2027: 0.35, 2028: 0.7, 2029: 0.7})


times = st.floats(2020, 2030)
lives = st.floats(0.1, 12)


@given(times, st.floats(0, 3), lives, st.integers(2020, 2040))
def test_shares_are_the_mean_over_single_deliveries(first: float, long: float, life: float, year: int) -> None:
    """The closed form against 4,000 single deliveries; and it lies between 0 and 1."""
    share = share_of_deliveries(first, first + long, life, year)
    single = [share_in_life(first + long * (n + 0.5) / 4000, life, year) for n in range(4000)]
    assert share == pytest.approx(sum(single) / 4000, abs=1e-4)
    assert -1e-12 <= share <= 1 + 1e-12


@given(times, st.floats(0, 1), lives, st.floats(0, 2))
def test_a_life_is_served_whole(first: float, long: float, life: float, wait: float) -> None:
    """Whatever is waited: all years together hold the whole life."""
    start = first + wait
    total = sum(share_of_deliveries(start, start + long, life, year) for year in range(2019, 2050))
    assert total == pytest.approx(life, rel=1e-6)


@settings(max_examples=10)
@given(st.floats(0, 12), st.floats(0, 12), st.floats(0.3, 1), st.floats(0, 1))
def test_a_lag_and_a_smaller_part_energised_never_help(months: float, more: float, share: float, less: float) -> None:
    base = country(months_to_service=months, energised_share=share)
    worse = country(months_to_service=months + more, energised_share=share * (1 - 0.9 * less))
    assert optimum(worse).objective >= optimum(base).objective * (1 - 1e-9)
