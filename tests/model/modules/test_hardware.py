"""Software that is ported late, work per FLOP, and energy quotas of metros; cases start from `one_place`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from builder import attempt, one_place, optimum, tiny

import eastwest as ew
from eastwest.errors import InputError
from eastwest.lp.highs import Session
from eastwest.model.data.delivered_demand import delivered_demand
from eastwest.model.data.fleet import in_life, in_use
from eastwest.model.dates import annuity
from eastwest.solving.infeasibility import explain_infeasible, label_names
from eastwest.solving.solve import build

YEARLY = 0.1 * (annuity(0.1, 5) + 0.05)
"""A device alpha of 100,000 CNY, at 10 % over 5 years, and 5 % a year for upkeep [million CNY a year]."""

FREE: dict[str, Any] = {"finance": {"discount_rate": 0}}
"""Money of 2028 counts as much as that of 2027."""


def late(porting: dict[str, float], lag: float = 6, **changes: Any) -> ew.Scenario:
    """10 devices may be bought in 2027, nothing stands."""
    return one_place(
        years=[2027, 2028],
        stock={"base": {"metro_coast": {"alpha": None}}},
        supply={"alpha_group": {2027: {"mid": 10}}},
        devices={"alpha": {"months_to_service": lag}, "porting_months": porting},
        **FREE,
        **changes,
    )


# Porting


def test_six_months_of_lag_and_six_of_porting() -> None:
    """Delivered in mid-2027, used from 2028: nothing served in 2027, 5 PFLOP/s in 2028; paid for a year and a half."""
    found = optimum(late({"Alpha": 6}))
    assert [found.value("serve", year=year) for year in (2027, 2028)] == pytest.approx([0, 5], abs=1e-9)
    assert found.value("bought") == pytest.approx(10)
    assert found.cost("devices") == pytest.approx(10 * YEARLY * 1.5)


def test_without_porting_half_of_the_first_year_is_served() -> None:
    found = optimum(late({}))
    assert [found.value("serve", year=year) for year in (2027, 2028)] == pytest.approx([2.5, 5])
    assert found.cost("devices") == pytest.approx(10 * YEARLY * 1.5)


def test_a_life_ends_as_if_nothing_had_been_ported() -> None:
    """Life 5, lag 6, porting 9 months: paid 0.5, 1, ..., 0.5; used from April 2028 (0.75) to mid-2032 (0.5)."""
    plan = build(late({"Alpha": 9}).with_(years=[2027, 2028, 2032, 2033], years_represented=[1, 1, 1, 1]))
    paid, used = (share.loc["alpha", 2027] for share in (in_life(plan), in_use(plan)))
    assert paid.to_dict() == pytest.approx({2027: 0.5, 2028: 1, 2032: 0.5, 2033: 0})
    assert used.to_dict() == pytest.approx({2027: 0, 2028: 0.75, 2032: 0.5, 2033: 0})


def test_what_would_never_work_is_not_bought() -> None:
    """One year, 6 + 6 months: no purchase is admissible, since none would work in it."""
    scenario = late({"Alpha": 6}).with_(years=[2027], capacity={"metro_coast": {"hall_dense": {"*": {"mw": 5}}}})
    with pytest.raises(InputError, match="no device of the modelled kinds stands anywhere or can be bought"):
        build(scenario)


def test_a_delivery_that_would_only_work_after_the_last_year_has_no_row() -> None:
    """What is delivered in mid-2028 works from 2029: supply of 2027 alone is limited, and 10 devices are bought."""
    more = {"origin": "domestic", "low": 9, "mid": 9, "high": 9, "buyable": True}
    found = optimum(late({"Alpha": 6}).with_(supply={"alpha_group": {2028: more}}))
    assert found.value("bought") == pytest.approx(10)
    assert list(found.solution.constraints("supply")["vintage"]) == [2027]


def test_porting_of_another_vendor_changes_nothing() -> None:
    both = one_place(devices={"porting_months": {"Alpha": 0}})
    assert optimum(both).objective == pytest.approx(7.008)


def test_later_software_never_saves() -> None:
    costs = [optimum(late({"Alpha": months})).objective for months in (0, 3, 6, 12)]
    assert costs == sorted(costs) and costs[0] < costs[-1]


def test_report_of_devices_that_wait_for_software() -> None:
    """10 devices: half of 2027 and none of 2028."""
    table = ew.solve(late({"Alpha": 6}), reliefs=0, growth_table=False).table
    rows = table[table["quantity"] == "porting"]
    assert rows[["year", "unit", "value"]].to_numpy().tolist() == [[2027, "devices", pytest.approx(5)]]
    installed = table[table["quantity"] == "installed"].groupby("year")["value"].sum()
    assert installed.to_dict() == pytest.approx({2028: 10})


# Work per FLOP


def demand_of(**settings: Any) -> float:
    return float(delivered_demand(build(one_place(demand=settings)))["delivered"].sum())


def test_efficiency_divides_demand_by_the_years_since_the_anchor() -> None:
    """Anchor 2026-07-01, 2027 stands for 2027-07-01: 365 / 365.25 years at 25 %: 5 / 1.25^0.99932 = 4.000611."""
    assert demand_of(efficiency_gain_per_year=0.25) == pytest.approx(4.000611, rel=1e-6)
    assert demand_of(efficiency_gain_per_year=0) == 5


def test_efficiency_by_work() -> None:
    assert demand_of(efficiency_gain_per_year={"training": 0.5}) == 5
    assert demand_of(efficiency_gain_per_year={"inference": 0.25}) == pytest.approx(4.000611, rel=1e-6)


def test_efficiency_and_adoption_multiply() -> None:
    targets = {year: {"penetration": share} for year, share in ((2026, 0.4), (2028, 0.8))}
    settings = {"adoption_driven": ["inference"], "growth_per_adopter": 0}
    plain, gained = (
        delivered_demand(build(one_place(adoption=targets, demand={**settings, "efficiency_gain_per_year": gain})))
        for gain in (0, 0.25)
    )
    assert gained["delivered"].sum() == pytest.approx(plain["delivered"].sum() / 1.25 ** (365 / 365.25))


def test_less_work_never_costs_more() -> None:
    costs = [optimum(one_place(demand={"efficiency_gain_per_year": gain})).objective for gain in (0, 0.1, 0.5)]
    assert costs == sorted(costs, reverse=True)


# Energy quotas of metros


def quota(power: dict[str, Any], **changes: Any) -> ew.Scenario:
    return one_place(power=power, **changes)


def test_half_the_energy_serves_half_the_work() -> None:
    """4,380 of 8,760 MWh: 2.5 of 5 PFLOP/s; the dual is the slope on both sides."""
    scenario = quota({"metro_quota_mwh": {"coast": 4380}})
    found = optimum(scenario)
    assert found.value("serve") == pytest.approx(2.5)
    rules = {rule: [group.name for group in groups] for rule, groups in found.plan.rules.items()}
    assert rules == {"energy quotas of metros": ["metro_quota"]}
    matrix, at = found.plan.program.matrix(), found.plan.program.constraints["metro_quota"].offset
    costs = []
    for shift in (-10.0, 10.0):
        upper = matrix.row_upper.copy()
        upper[at] += shift
        costs.append(Session(replace(matrix, row_upper=upper)).run().objective)
    dual = found.row("metro_quota")["dual"]
    assert dual < 0
    assert (found.objective - costs[0]) / 10 == pytest.approx(dual, rel=1e-4)
    assert (costs[1] - found.objective) / 10 == pytest.approx(dual, rel=1e-4)


def test_a_slack_quota_costs_nothing() -> None:
    found = optimum(quota({"metro_quota_mwh": {"coast": 9000}}))
    assert found.objective == pytest.approx(7.008)
    assert found.row("metro_quota")["dual"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("growth", "mwh"), [(0.0, 8000), (-0.1, 6480), (0.1, 9680)])
def test_quota_grows_from_the_energy_of_2025(growth: float, mwh: float) -> None:
    """8,000 MWh in 2025, two years: 8,000 x 0.81 and x 1.21."""
    base = {"metro_coast": {"base_electricity_mwh": 8000}}
    found = optimum(quota({"metro_quota_growth": growth}, site_power=base))
    assert found.row("metro_quota")["right"] == pytest.approx(mwh)


def test_a_quota_of_its_own_comes_first() -> None:
    base = {"metro_coast": {"base_electricity_mwh": 8000}}
    both = {"metro_quota_growth": 0, "metro_quota_mwh": {"coast": {2027: 5000}}}
    assert optimum(quota(both, site_power=base)).row("metro_quota")["right"] == 5000


def test_quota_by_year_leaves_other_years() -> None:
    found = optimum(quota({"metro_quota_mwh": {"coast": {2028: 4380}}}, years=[2027, 2028], **FREE))
    assert list(found.solution.constraints("metro_quota")["year"]) == [2028]


def test_clusters_have_no_quota() -> None:
    """The region plateau has a metro and the cluster mesa: the quota is the metro's alone."""
    found = optimum(tiny(power={"metro_quota_mwh": {"plateau": 0}}))
    assert list(found.solution.constraints("metro_quota")["site"]) == ["metro_plateau"]
    assert found.value("serve", site="metro_plateau") == pytest.approx(0, abs=1e-9)
    assert found.value("serve", site="mesa") > 0
    assert found.objective >= optimum(tiny()).objective - 1e-9


def test_impossible_fixed_load_above_the_quota_is_named() -> None:
    """1 MW of storage takes 8,760 MWh by itself."""
    storage = {"it_mw": 1, "reference_date": "2027-07-01", "growth_per_year": 0}
    scenario = quota({"metro_quota_mwh": {"coast": 4000}}, fixed_load={"metro_coast": {"storage": storage}})
    plan, outcome = attempt(scenario)
    assert outcome.status == "infeasible"
    lines = explain_infeasible(Session(plan.program.matrix()), plan.program, label_names(scenario.tables))
    text = "\n".join(lines)
    assert "energy quota of a metro (Coast metro, 2027): <= 4,000 MWh" in text
    assert "raise energy quota of a metro (Coast metro, 2027) by 4,760 MWh" in text


def test_a_plan_under_a_quota_is_dispatched() -> None:
    result = ew.solve(quota({"metro_quota_mwh": {"coast": 4380}}), reliefs=2, growth_table=False)
    found = ew.evaluate(result, 2027, hours=24, processes=1)
    assert found.windows.loc[found.windows["quantity"] == "shed", "value"].sum() == pytest.approx(0)
