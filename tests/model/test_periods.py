"""Planning years that stand for several calendar years: weighted means by hand, and laws of grouping.

As in test_years: one place from 2027 on where nothing stands, 5 x (1 + growth)^elapsed PFLOP/s are asked for.
"""

from __future__ import annotations

from typing import Any

import pytest
from builder import Optimum, attempt, cut, optimum, tiny
from growing import ELAPSED, ENERGY, NO_BUILDING, PLENTY, by_vintage, supply, yearly, years
from hypothesis import given, settings
from hypothesis import strategies as st
from places import ROOT

import eastwest as ew
from eastwest.errors import InputError
from eastwest.model.data import fleet
from eastwest.model.data.sites import fixed_by_site
from eastwest.model.periods import Periods
from eastwest.scenario import load_scenario
from eastwest.solving.solve import build

WEIGHT = {2027: 1.0, 2028: 1 / 1.05, 2029: 1 / 1.05**2}
THREE = sum(WEIGHT.values())


def mean(of: dict[int, float]) -> float:
    """Over 2027 to 2029, at 5 % a year."""
    return sum(WEIGHT[year] * value for year, value in of.items()) / THREE


# By hand


def test_a_period_asks_for_the_mean_of_its_years() -> None:
    """Growth 50 %: 7.5, 11.2 and 16.9 PFLOP/s; fixed load grows by 10 % a year from 1 July 2027."""
    load = {"storage": {"it_mw": 0.1, "reference_date": "2027-07-01", "growth_per_year": 0.1}}
    found = optimum(
        years(0.5, years=[2027], years_represented=[3], fixed_load={"metro_coast": load}, tasks={"chat": {}})
    )
    demand = {year: 5 * 1.5**elapsed for year, elapsed in ELAPSED.items()}
    assert found.row("demand", year=2027)["right"] == pytest.approx(mean(demand))
    grown = {year: 0.1 * 1.1 ** (elapsed - ELAPSED[2027]) for year, elapsed in ELAPSED.items()}
    assert fixed_by_site(found.plan)["metro_coast", 2027] == pytest.approx(mean(grown))


def test_a_period_has_the_mean_of_what_is_in_service_and_pays_for_it() -> None:
    """10 devices can be had in 2028 only: in service in two of three years, all of it paid for by these."""
    found = optimum(years(0, years=[2027], years_represented=[3], supply=supply(y2028=10)))
    served = mean({2027: 0, 2028: 5, 2029: 5})
    assert found.value("serve") == pytest.approx(served)
    assert found.value("unserved") == pytest.approx(5 - served)
    assert found.cost("devices") == pytest.approx(10 * yearly() * (1 / 1.05 + 1 / 1.05**2))
    assert found.cost("energy") == pytest.approx(10 * ENERGY * (1 / 1.05 + 1 / 1.05**2))


def test_stock_that_leaves_within_a_period_counts_for_the_years_that_it_stands() -> None:
    """20 devices of 2024, life 5: all in 2027 and 2028, half in 2029."""
    stock = {"base": {"metro_coast": {"alpha": {"2024": {"devices": 20, "live_share": 1}}}}}
    found = optimum(years(0, years=[2027], years_represented=[3], stock=stock, supply=supply()))
    stands = mean({2027: 20, 2028: 20, 2029: 10})
    assert found.row("installed", year=2027)["right"] == pytest.approx(stands)


def test_what_is_bought_before_the_first_planning_year_is_paid_from_it_on() -> None:
    """[2029] alone, growth 50 %: 33.7 devices, of which supply allows 15, 12 and 4; one year of each is paid."""
    found = optimum(years(0.5, years=[2029], supply=supply(y2027=15, y2028=12, y2029=4)))
    assert by_vintage(found) == pytest.approx({2027: 15, 2028: 12, 2029: 4})
    assert found.cost("devices") == pytest.approx(31 * yearly())
    assert found.objective == pytest.approx(31 * (yearly() + ENERGY) + found.cost("unserved"))


def test_a_cap_and_a_price_by_year_enter_as_the_mean() -> None:
    """A price in 2028 and 2029 only; the grid has 0.3 t/MWh and 1 MW draws 2,628 t a year; a cap that 2027 lacks."""
    green = {"carbon_price_cny_per_t": {2028: 100, 2029: 200}, "carbon_cap_t": {2028: 3000, 2029: 4000}}
    found = optimum(years(0, years=[2027], years_represented=[3], green=green))
    tonnes = found.row("carbon", year=2027)["activity"]
    assert found.cost("carbon") == pytest.approx(tonnes * mean({2027: 0, 2028: 100, 2029: 200}) * THREE / 1e6)
    two = (3000 / 1.05 + 4000 / 1.05**2) / (1 / 1.05 + 1 / 1.05**2)
    assert found.row("carbon", year=2027)["right"] == pytest.approx(two)


def test_only_a_setting_for_a_year_that_no_planning_year_stands_for_is_an_error() -> None:
    years(0, years=[2027, 2030], green={"carbon_cap_t": {2029: 1}})
    with pytest.raises(InputError, match="received the year 2028, expected one of the planning years 2029, 2030"):
        years(0, years=[2029], years_represented=[2], green={"carbon_cap_t": {2028: 1}})


def test_results_tell_purchases_by_planning_year_and_by_vintage() -> None:
    """2028 counts for 2027's period; [2029] alone counts all that came before."""
    some = supply(y2027=3, y2028=4, y2029=5)
    for planned, told in (([2027, 2029], {2027: 7, 2029: 5}), ([2029], {2029: 12})):
        result = ew.solve(years(0.5, years=planned, supply=some), reliefs=0, growth_table=False)
        rows = result.table.groupby(["quantity", "year"])["value"].sum()
        assert rows["bought"].to_dict() == pytest.approx(told)
        assert rows["bought_by_vintage"].to_dict() == pytest.approx({2027: 3, 2028: 4, 2029: 5})
        assert rows["deliverable"].to_dict() == pytest.approx(told)
        assert set(result.headline["year"]) == set(planned)


def test_a_plan_of_a_period_is_evaluated_as_the_mean_of_its_years() -> None:
    """10 devices from 2028 on, and flat work: by the hour they do what the plan says, and pay what a year pays."""
    scenario = years(0, years=[2027], years_represented=[3], supply=supply(y2028=10))
    result = ew.solve(scenario, reliefs=0, growth_table=False)
    found = ew.evaluate(result, 2027, hours=168, processes=1).comparison.set_index("quantity")
    assert found.at["shed, intelligent", "evaluated"] == pytest.approx(0, abs=1e-6)
    for quantity in ("grid electricity", "cost of energy"):
        assert found.at[quantity, "evaluated"] == pytest.approx(found.at[quantity, "planned"], rel=1e-6)


def test_an_asset_that_is_gone_before_the_first_planning_year_costs_nothing() -> None:
    """[2030] alone and halls of two years: those of 2027 serve nothing, and no figure is missing for it."""
    scenario = years(0, years=[2030], costs={"hall_life_years": {"mid": 2}}, facilities={"build_limit_share": 0.2})
    table = ew.solve(scenario, reliefs=0, growth_table=False).table
    assert table["value"].notna().all()


def test_myopic_years_decide_for_their_periods() -> None:
    """2027 to 2029 as one, then 2030; 10 devices in 2027 are all that either needs."""
    scenario = years(0, years=[2027, 2030], foresight="myopic", supply=supply(y2027=10))
    myopic = ew.solve(scenario, reliefs=0, growth_table=False).objective
    perfect = ew.solve(scenario.with_(foresight="perfect"), reliefs=0, growth_table=False).objective
    assert myopic == pytest.approx(perfect, rel=1e-8)


def test_weights_of_one_year_sum_to_one() -> None:
    periods = Periods({2027: (2027, 2028)}, 0.1, of_one_year=True)
    assert periods.factor[2027] == pytest.approx(1)
    assert periods.mean(2027, float) == pytest.approx((2027 + 2028 / 1.1) / (1 + 1 / 1.1))
    assert Periods({2028: (2028,), 2030: (2030, 2031)}, 0.1).counts_for[2029] == 2030


# Test first where it hurts


@pytest.mark.parametrize("planned", [[2030], [2027, 2030]])
@pytest.mark.parametrize(
    "changes", [{"devices": {"*": {"lifetime_years": 1}}, "supply": PLENTY}, {"supply": supply()}],
    ids=["all devices retired", "supply nil"],
)  # fmt: skip
def test_extremes_have_a_plan(planned: list[int], changes: dict[str, Any]) -> None:
    _, outcome = attempt(tiny(years=planned, finance={"discount_rate": 0.05}, **NO_BUILDING, **changes))
    assert outcome.status == "optimal"


# Laws


def grouped(scenario: ew.Scenario, first: int, last: int, **changes: Any) -> tuple[Optimum, Optimum]:
    """Year by year, and the same years as one."""
    each = optimum(scenario.with_(years=list(range(first, last + 1)), **changes))
    return each, optimum(scenario.with_(years=[first], years_represented=[last - first + 1], **changes))


def country(growth: float) -> ew.Scenario:
    return tiny(
        supply=supply(y2027=20, y2028=26, y2029=34, y2030=44),
        finance={"discount_rate": 0.05},
        devices={"deliveries": "evenly"},
        tasks={"*": {"growth_mid_per_year": growth}},
    )


def close(each: Optimum, one: Optimum) -> None:
    """Within 2 % in cost and 5 % in what is bought, and never dearer."""
    assert each.objective * 0.98 <= one.objective <= each.objective * (1 + 1e-9)
    assert one.value("bought") == pytest.approx(each.value("bought"), rel=0.05)


def test_the_small_country_grouped_and_ungrouped() -> None:
    """Compute is scarce in every year, as in the nation: 2027 to 2030 as one year."""
    close(*grouped(country(0.6), 2027, 2030))


@pytest.mark.parametrize("growth", [0.1, 0.4])
def test_years_alike_may_be_grouped_whatever_is_scarce(growth: float) -> None:
    """2028 and 2029 as one. A year with spare devices and a year short of them may not: the mean offsets them."""
    scenario = country(growth)
    close(optimum(scenario.with_(years=[2027, 2028, 2029, 2030])), optimum(scenario.with_(years=[2027, 2028, 2030])))


def test_a_period_offsets_surplus_and_shortage() -> None:
    """What the mean of unlike years hides, so that nobody takes it for an answer: stock is enough for two of four years
    of growth of 10 %, and four years as one need a third less."""
    each, one = grouped(country(0.1), 2027, 2030)
    assert 0.5 < one.objective / each.objective < 0.8


@settings(max_examples=15)
@given(
    growth=st.floats(0, 0.6),
    units=st.lists(st.integers(0, 25), min_size=4, max_size=4),
    months=st.floats(0, 14),
    rate=st.floats(0, 0.1),
    halls=st.floats(0.2, 1),
    carry=st.booleans(),
    evenly=st.booleans(),
    first=st.integers(2027, 2028),
)
def test_grouping_years_never_costs_more(
    growth: float,
    units: list[int],
    months: float,
    rate: float,
    halls: float,
    carry: bool,
    evenly: bool,
    first: int,
) -> None:
    changes: dict[str, Any] = {
        "tasks": {"*": {"growth_mid_per_year": growth}},
        "supply": supply(**dict(zip(("y2027", "y2028", "y2029", "y2030"), units, strict=True))),
        "finance": {"discount_rate": rate},
        "devices": {
            "alpha": {"months_to_service": months},
            "carry_over": carry,
            "deliveries": "evenly" if evenly else "first_day",
        },
        "capacity": {"*": {"hall_dense": {"*": {"mw": {"scale": halls}}}}},
    }
    each, one = grouped(tiny(), first, 2030, **changes)
    assert one.objective <= each.objective * (1 + 1e-9)


@settings(max_examples=10)
@given(st.integers(0, 20), st.integers(0, 20), st.integers(2027, 2029), st.booleans())
def test_an_asset_signed_for_earlier_never_serves_less(devices: int, more: int, year: int, together: bool) -> None:
    """Commitments that come a year earlier, of a life that outlasts the plan."""
    planned = {"years": [2027], "years_represented": [4]} if together else {"years": [2027, 2028, 2029, 2030]}

    def served(early: bool) -> float:
        day = f"{year if early else year + 1}-03-01"
        signed = {"metro_coast": {"alpha": {day: {"devices": devices}, "2028-09-01": {"devices": more}}}}
        found = optimum(years(0.2, commitments=signed, supply=supply(y2028=5), **planned))
        paid = found.plan.factor.rename_axis("year")
        table = found.table("serve")
        return float((table["value"] * table["year"].map(paid)).sum())

    assert served(early=True) >= served(early=False) - 1e-7


# The nation


def national(planned: list[int], slices: int) -> tuple[float, float]:
    """Installed dense peak [PFLOP/s] and served share [1] of intelligent compute in 2030.

    Service is worth so much here that all that can be delivered in time pays. Where the least valued part of it is
    worth about what it costs, horizons differ: with 2027 planned, what is bought early is paid early too.
    """
    worth = {"tasks": {"*": {"value_cny_per_peak_pflops_h": {"scale": 20}}}}
    base = load_scenario(ROOT / "scenarios" / "national-2026-2030.yaml")
    found = optimum(base.with_(years=planned, time=cut(slices), **worth))
    plan = found.plan
    devices = fleet.families(plan).set_index("device")
    peak = devices["peak_pflops"].astype(float).where(devices["kind"] == "intelligent", 0.0)
    placed = fleet.in_place(plan).rename(columns={"devices": "value"})
    bought = found.solution.value(plan.bought * fleet.in_use(plan), fleet.present(plan))
    installed = sum(
        float((table["value"] * table["device"].map(peak))[table["year"] == 2030].sum()) for table in (placed, bought)
    )
    kinds = plan.table("tasks").set_index("task")["kind"]
    left, asked = found.table("unserved", year=2030), plan.demand.index.assign(value=plan.demand.right_hand_side)
    asked = asked[asked["year"] == 2030]
    total = [float(table["value"][table["task"].map(kinds) == "intelligent"].sum()) for table in (left, asked)]
    return installed, 1 - total[0] / total[1]


def agree(*horizons: list[int], slices: int) -> None:
    (first, share), *others = (national(planned, slices) for planned in horizons)
    for installed, served in others:
        assert installed == pytest.approx(first, rel=0.05)
        assert served == pytest.approx(share, abs=0.02)


@pytest.mark.slow
def test_the_nations_2030_alone_and_after_2027() -> None:
    agree([2030], [2027, 2030], slices=1)


@pytest.mark.nightly
def test_the_nations_2030_whatever_else_is_planned() -> None:
    agree([2030], [2027, 2030], [2026, 2028, 2030], [2026, 2027, 2028, 2029, 2030], slices=4)


def test_no_asset_of_before_the_anchor_is_a_vintage() -> None:
    assert build(tiny(years=[2026])).vintages == ()
