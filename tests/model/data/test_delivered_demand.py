"""What an allocation covers (level), and the snapshot of the anchor."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from builder import cut, hours, one_place, optimum, tiny
from places import ROOT

import eastwest as ew
from eastwest.errors import InputError
from eastwest.model.data import fleet
from eastwest.model.data.delivered_demand import delivered_demand, level, per_allocated
from eastwest.scenario import Scenario, load_scenario
from eastwest.solving.solve import build

BUSIEST = {"anchors": {"base": {"intelligent": {"basis": "busiest_hour"}}}}
HALF_DAYS = {"profiles": {"halves": {**hours(0.5, 1.5), "source": "test", "quality": "assumption"}}}


def chat(**changes: Any) -> Scenario:
    """One place whose allocation covers its customer's busiest hour: profile 0.5, then 1.5; N+1 of 1.2."""
    task = {"tasks": {"chat": {"profile": "halves", "redundancy": 1.2}}}
    return one_place(**HALF_DAYS).with_(**task, **BUSIEST).with_(**changes)


def test_level_by_hand() -> None:
    """Availability 0.9 / (1.2 x 1.5) = 0.5: 10 PFLOP/s allocated x 0.5 reference use x 0.5 are delivered."""
    plan = build(chat(devices={"availability": 0.9}))
    assert level(plan).to_dict() == {"chat": pytest.approx(0.5, rel=1e-12)}
    demand = delivered_demand(plan)
    assert demand["reference"].tolist() == [pytest.approx(10)]
    assert demand["delivered"].tolist() == [pytest.approx(2.5)]


def test_a_mean_has_level_one_and_work_that_can_wait_the_availability() -> None:
    plan = build(chat(anchors={"base": {"intelligent": {"basis": "mean"}}}, devices={"availability": 0.9}))
    assert level(plan).to_dict() == {"chat": 1.0}
    waits = build(chat(tasks={"chat": {"window_h": 24}}, devices={"availability": 0.9}))
    assert level(waits).to_dict() == {"chat": pytest.approx(0.9)}


@pytest.mark.parametrize(
    "switch",
    [
        {"devices": {"standby": False}},
        {"demand": {"tiers": {"all": "two_sites_three_centres"}}},
        {"resilience": {"site_outages": ["metro_coast"]}},
        {"time": cut(24)},
    ],
    ids=["standby", "tiers", "outage", "slices"],
)
def test_practice_at_the_anchor_counts_and_no_switch(switch: dict[str, Any]) -> None:
    assert delivered_demand(build(chat(**switch)))["delivered"].tolist() == [pytest.approx(5 / (1.2 * 1.5))]


def test_at_the_anchor_the_busiest_hour_takes_the_whole_allocation() -> None:
    """80 of 100 PFLOP/s of the fleet of 1,000 are allocated; here 10 PFLOP/s, which 10 devices of 1 PFLOP/s can do."""
    found = optimum(chat(years="anchor", time=cut(24)))
    stock = found.plan.reserved
    reserved = found.solution.value(stock, fleet.present(found.plan).merge(found.plan.slices()[["slice"]], how="cross"))
    assert reserved["value"].max() == pytest.approx(10 * 0.5 / 0.5, rel=1e-9)


@pytest.mark.parametrize("name", ["anchor-2026", "calibration-2025"])
def test_each_task_takes_its_share_of_the_allocation_at_its_own_busiest_hour(name: str) -> None:
    """Fleet-mean use, nothing shifted, the shipped tables: delivered x peak x standby / (use x availability)."""
    plan = build(load_scenario(ROOT / "scenarios" / f"{name}.yaml").with_(time=cut(4)))
    tasks = plan.table("tasks").set_index("task")
    hourly = plan.table("profiles").set_index("profile").filter(like="h")
    peak = (hourly.max(axis=1) / hourly.mean(axis=1)).astype(float)
    demand = delivered_demand(plan)
    demand = demand[demand["task"].map(tasks["kind"]).eq("intelligent")]
    follows = demand[demand["task"].map(tasks["window_h"]).lt(2)]
    assert follows["task"].nunique() > 5
    uses = plan.table("reference_use")
    use = uses[uses["anchor"] == plan.settings("demand").anchor].set_index("work")["use"]
    for table, most in ((follows, True), (demand[demand["task"].map(tasks["window_h"]).ge(2)], False)):
        task = table["task"]
        taken = table["delivered"] / task.map(tasks["work"]).map(use).astype(float)
        taken /= plan.settings("devices").availability
        if most:
            taken *= task.map(tasks["redundancy"]).astype(float) * task.map(tasks["profile"]).map(peak)
        assert (taken / table["reference"]).to_numpy() == pytest.approx(1.0, rel=1e-9)
    general = per_allocated(plan)[tasks["kind"] == "general"]
    assert general.to_numpy() == pytest.approx(use["general"], rel=1e-12)


def test_an_unknown_basis_is_refused() -> None:
    with pytest.raises(InputError, match=r"basis.*busiest_hour"):
        one_place(anchors={"base": {"intelligent": {"basis": "peak"}}})


def test_a_snapshot_is_the_day_of_the_anchor() -> None:
    """No growth, no commitments, nothing of later dates, nothing bought or built; the year is the anchor's."""
    country = tiny(tasks={"*": {"growth_mid_per_year": 0.5}}, years="anchor")
    day = country.snapshot
    assert day is not None and country.years == (day.year,)
    plan = build(country)
    assert fleet.commitments(plan).empty
    names = set(plan.program.variables)
    assert not names & {"bought", "built_hall", "built_grid", "built_plant", "built_battery_power", "built_corridor"}
    stock = country.tables["stock"]
    placed = fleet.in_place(plan).set_index(["site", "device"])["devices"]
    expected = stock[stock["anchor"] == "base"].groupby(["site", "device"])["devices"].sum()
    assert placed.to_dict() == pytest.approx(expected[expected > 0].to_dict())
    asked = delivered_demand(plan).groupby("task")["reference"].sum()
    anchor = country.tables["anchors"].iloc[0]
    share = country.tables["tasks"].set_index("task")["share"]
    by_region = country.tables["demand"].groupby("task")["share"].sum()
    total = anchor["installed_pflops"] * anchor["allocation"]
    assert asked.to_dict() == pytest.approx((total * share * by_region).to_dict())


def test_in_a_snapshot_a_hall_of_the_day_after_is_not_there() -> None:
    day = one_place(years="anchor").snapshot
    assert day is not None
    hall = {"mw": 5, "status": "announced", "source": "test", "quality": "assumption"}
    after = {"metro_coast": {"hall_dense": {"*": None, (day + timedelta(days=1)).isoformat(): hall}}}
    found = optimum(one_place(capacity=after, years="anchor"))
    assert found.value("energised") == pytest.approx(0.0, abs=1e-6)
    assert found.value("unserved") == pytest.approx(5.0)


def test_a_snapshot_without_its_anchor_is_refused() -> None:
    with pytest.raises(InputError, match="anchor"):
        tiny(years="anchor", demand={"anchor": "nowhere"})


def test_years_are_years_or_the_anchor() -> None:
    with pytest.raises(InputError, match="years"):
        tiny(years="stock")


@pytest.mark.slow
def test_the_shipped_anchor_fits_in_every_region() -> None:
    """Nothing unserved and nothing bought at the shipped allocation; installed = taken + spare, by kind."""
    result = ew.solve(load_scenario(ROOT / "scenarios" / "anchor-2026.yaml"), reliefs=0, growth_table=False)
    table = result.table
    assert result.certified
    totals = table.groupby("quantity", observed=True)["value"].sum()
    assert totals.reindex(["unserved", "bought", "built"]).fillna(0.0).tolist() == [0.0, 0.0, 0.0]
    known = table[table["quantity"].isin(["installed_peak", "allocated_peak", "busiest_hour_peak", "spare_peak"])]
    by_kind = known.pivot_table(index="kind", columns="quantity", values="value", aggfunc="sum", observed=True)
    installed = by_kind["installed_peak"]
    assert installed.to_dict() == pytest.approx({"intelligent": 2_185_000, "general": 225_206.4}, rel=1e-6)
    assert (by_kind["busiest_hour_peak"] + by_kind["spare_peak"]).to_dict() == pytest.approx(installed.to_dict())
    share = by_kind["allocated_peak"] / installed
    assert share.to_dict() == pytest.approx({"intelligent": 0.714, "general": 0.58}, rel=1e-4)
    assert (known.loc[known["quantity"] == "spare_peak", "value"] >= -1e-6).all()
