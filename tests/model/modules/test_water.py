"""Water; every case starts from `one_place`: 8,760 MWh of IT a year, 7.008 million CNY, PUE 1.

At 1.2 l/kWh that takes 10,512 m3, at 6 CNY/m3 0.063072 million CNY.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from builder import attempt, one_place, optimum, tiny

import eastwest as ew
from eastwest.analysis.evaluation.evaluate import evaluate
from eastwest.errors import InputError
from eastwest.lp.highs import Session
from eastwest.solving.infeasibility import explain_infeasible, label_names
from eastwest.solving.solve import build

ROW = {"cooling": "evaporative", "wue_l_per_kwh": 1.2, "price_cny_per_m3": 6}
M3 = 1.2 * 8760


def place(water: dict[str, Any] | None = None, **changes: Any) -> ew.Scenario:
    return one_place(water={"metro_coast": ROW} | (water or {}), **changes)


def rows(scenario: ew.Scenario, quantity: str) -> dict[str, float]:
    table = ew.solve(scenario, reliefs=0, growth_table=False).table
    found = table[table["quantity"] == quantity]
    assert set(found["unit"]) <= {"m3"}
    return dict(zip(found["site"], found["value"], strict=True))


def slopes(scenario: ew.Scenario, group: str, delta: float) -> tuple[float, float, float]:
    """Change of cost per m3 when the one row of a block is loosened and tightened by `delta`, and its dual."""
    plan = build(scenario)
    matrix, at = plan.program.matrix(), plan.program.constraints[group].offset
    found = []
    for shift in (delta, -delta, 0.0):
        upper = matrix.row_upper.copy()
        upper[at] += shift
        found.append(Session(replace(matrix, row_upper=upper)).run())
    more, less, now = found
    return (more.objective - now.objective) / delta, (now.objective - less.objective) / delta, float(now.y[at])


def test_without_settings_nothing_is_built_and_the_use_is_reported() -> None:
    plan = build(place())
    assert not [name for name in plan.program.constraints if name.startswith("water")]
    assert "water" not in plan.program.items
    assert rows(place(), "water") == {"metro_coast": pytest.approx(M3)}
    assert rows(one_place(), "water") == {}


def test_water_follows_the_load_of_it_not_of_the_meter() -> None:
    """PUE 1.25: 10,950 MWh at the meter, the same 8,760 MWh of IT and 10,512 m3."""
    assert rows(place(pue={"*": {"*": {"pue": 1.25}}}), "water") == {"metro_coast": pytest.approx(M3)}


def test_fixed_load_takes_water_too() -> None:
    """2 MW of storage all year beside 1 MW of devices: three times as much."""
    storage = {"it_mw": 2, "reference_date": "2027-07-01", "growth_per_year": 0}
    found = rows(place(fixed_load={"metro_coast": {"storage": storage}}), "water")
    assert found == {"metro_coast": pytest.approx(3 * M3)}


def test_the_charge_by_hand() -> None:
    found = optimum(place({"charge": True}))
    assert found.cost("water") == pytest.approx(0.063072)
    assert found.objective == pytest.approx(7.008 + 0.063072)


@pytest.mark.parametrize(
    ("cap", "group"),
    [
        ({"cap_m3": {"metro_coast": M3 / 2}}, "water_site"),
        ({"cap_m3": {"coast": {2027: M3 / 2}}}, "water_region"),
        ({"national_cap_m3": M3 / 2}, "water_nation"),
    ],
)
def test_half_the_water_serves_half_the_work(cap: dict[str, Any], group: str) -> None:
    """5,256 m3 are 4,380 MWh: 2.5 of 5 PFLOP/s; the dual is the slope on both sides."""
    scenario = place(cap)
    found = optimum(scenario)
    assert found.value("serve") == pytest.approx(2.5)
    assert found.row(group)["slack"] == pytest.approx(0, abs=1e-6)
    assert {rule: [group.name for group in groups] for rule, groups in found.plan.rules.items()} == {
        "caps on water": [group]
    }
    more, less, dual = slopes(scenario, group, 10)
    assert more == pytest.approx(dual, rel=1e-4) and less == pytest.approx(dual, rel=1e-4)
    assert dual == pytest.approx((7.008 - found.objective) / (M3 / 2), rel=1e-6)


def test_a_slack_cap_costs_nothing() -> None:
    found = optimum(place({"cap_m3": {"metro_coast": M3 * 1.01}}))
    assert found.objective == pytest.approx(7.008)
    assert found.row("water_site")["dual"] == pytest.approx(0, abs=1e-12)


def test_a_tighter_cap_never_saves() -> None:
    costs = [optimum(place({"national_cap_m3": M3 * share})).objective for share in (1.1, 1.0, 0.8, 0.4)]
    assert costs == sorted(costs)
    assert costs[0] == pytest.approx(7.008)


def test_a_cap_of_one_year_leaves_the_others() -> None:
    found = optimum(
        place({"cap_m3": {"metro_coast": {2028: M3 / 2}}}, years=[2027, 2028], finance={"discount_rate": 0})
    )
    assert [found.value("serve", year=year) for year in (2027, 2028)] == pytest.approx([5, 2.5])
    assert list(found.solution.constraints("water_site")["year"]) == [2028]


def test_a_cap_moves_work_to_where_water_is() -> None:
    """Tiny country: a cap of nothing at the cluster leaves it dark; with closed loops of no water it is not touched."""
    sites = dict.fromkeys(("mesa", "metro_coast", "metro_plateau"), ROW)
    dark = optimum(tiny(water={**sites, "cap_m3": {"mesa": 0}}))
    assert dark.value("serve", site="mesa") == pytest.approx(0, abs=1e-9)
    dry = {**sites, "mesa": {**ROW, "cooling": "closed_loop", "wue_l_per_kwh": 0}}
    assert optimum(tiny(water={**dry, "cap_m3": {"mesa": 0}})).objective == pytest.approx(optimum(tiny()).objective)


def test_impossible_names_the_cap() -> None:
    scenario = place({"cap_m3": {"metro_coast": 100}}, demand={"shortage": "forbidden"})
    plan, outcome = attempt(scenario)
    assert outcome.status == "infeasible"
    lines = explain_infeasible(Session(plan.program.matrix()), plan.program, label_names(scenario.tables))
    assert any("water cap" in line for line in lines)


def test_a_site_without_a_row_is_named() -> None:
    with pytest.raises(InputError, match=r"metro_coast.*no row"):
        build(one_place(water={"charge": True}))


@pytest.mark.parametrize("cap", [{"cap_m3": {"coast": M3 / 2}}, {"cap_m3": {"metro_coast": M3 / 2}}])
def test_a_plan_under_a_cap_is_dispatched_at_its_price(cap: dict[str, Any]) -> None:
    """A day of the plan's 2.5 PFLOP/s: 12 MWh, nothing is shed."""
    found = evaluate(ew.solve(place(cap), reliefs=0, growth_table=False), 2027, hours=24, processes=1)
    windows = found.windows
    assert windows.loc[windows["quantity"] == "grid_electricity", "value"].sum() == pytest.approx(12)
    assert windows.loc[windows["quantity"] == "shed", "value"].sum() == pytest.approx(0)


def test_report_of_a_cap() -> None:
    scenario = place({"charge": True, "cap_m3": {"metro_coast": 5000}})
    assert rows(scenario, "water") == {"metro_coast": pytest.approx(5000)}
    assert rows(scenario, "water_cap") == {"metro_coast": pytest.approx(5000)}
    table = ew.solve(scenario, reliefs=3, growth_table=False).table
    price = table[(table["quantity"] == "shadow_price") & (table["item"] == "water cap")]
    assert list(price["unit"]) == ["million CNY/m3"]
