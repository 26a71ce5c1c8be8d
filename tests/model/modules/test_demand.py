"""Demand is served, or its least valued parts stay unserved; every case starts from `one_place` (5 PFLOP/s, 10 devices,
7.008 million).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from builder import attempt, cut, one_place, optimum, tiny
from places import ROOT

import eastwest as ew
from eastwest.errors import InputError, RenamedKey
from eastwest.model.data import fleet, value
from eastwest.model.data.delivered_demand import delivered_demand
from eastwest.scenario import Scenario
from eastwest.solving.solve import build

GENERAL_TASK = {
    "workload": "chat",
    "name_en": "Web",
    "kind": "general",
    "work": "general",
    "share": 1,
    "growth_low_per_year": 0,
    "growth_mid_per_year": 0,
    "growth_high_per_year": 0,
    "round_trip_limit_ms": 10,
    "residency": "national",
    "window_h": 0,
    "profile": "flat",
    "gbps_per_peak_pflops": 0,
    "value_cny_per_peak_pflops_h": 1,
    "criticality": 3,
    "foreign_devices_allowed": True,
    "least_scale_up_devices": 1,
}


def test_reference_and_delivered_demand_are_kept_apart() -> None:
    """100 installed x 0.8 allocated x 0.25 x 0.5 = 10 PFLOP/s of peak; x reference use 0.5 = 5 delivered."""
    demand = delivered_demand(build(one_place()))
    assert demand[["reference", "delivered"]].to_numpy().tolist() == [[pytest.approx(10), pytest.approx(5)]]


def test_slack_everything_is_served() -> None:
    """20 devices stand, 10 are needed: nothing is left, and the cost is the energy alone."""
    found = optimum(one_place())
    assert found.value("serve") == pytest.approx(5)
    assert found.value("unserved") == pytest.approx(0)
    assert found.objective == pytest.approx(7.008)


def test_binding_what_cannot_be_served_costs_what_users_would_pay() -> None:
    """4 devices and no supply: 2 served by 0.4 MW for 2.8032 million; 3 unserved x 8,760 h x 900 CNY = 23.652."""
    found = optimum(
        one_place(stock={"base": {"metro_coast": {"alpha": {"*": {"devices": 4}}}}}, supply={"*": {"*": {"mid": 0}}})
    )
    assert found.value("unserved") == pytest.approx(3)
    assert found.cost("energy") == pytest.approx(2.8032)
    assert found.cost("unserved") == pytest.approx(23.652)
    assert found.objective == pytest.approx(found.cost("energy") + found.cost("unserved"))


THREE = {
    "all": {
        "low": {"share": 0.3, "multiple_low": 0.25, "multiple_mid": 0.5, "multiple_high": 0.75},
        "middle": {"share": 0.5, "multiple_low": 0.5, "multiple_mid": 1, "multiple_high": 1.5},
        "top": {"share": 0.2, "multiple_low": 1, "multiple_mid": 2, "multiple_high": 3},
    }
}
SAID = {"source": "invented for tests", "quality": "assumption"}


def curve(table: dict[str, dict[str, dict[str, float]]]) -> dict[str, Any]:
    """Rows of value_tranches, each with a source."""
    return {tasks: {name: {**row, **SAID} for name, row in rows.items()} for tasks, rows in table.items()}


def with_stock(devices: float, **changes: Any) -> Scenario:
    """The place with so many devices and no supply, and three tranches: 1.5 at 450, 2.5 at 900, 1 at 1,800 CNY."""
    stock = {"base": {"metro_coast": {"alpha": {"*": {"devices": devices}}}}}
    none = {"*": {"*": {"mid": 0}}}
    return one_place(stock=stock, supply=none, **{"value_tranches": curve(THREE), **changes})


def test_one_tranche_at_the_market_value_where_the_table_says_nothing() -> None:
    found = value.tranches(build(tiny())).set_index("task")
    assert set(found["tranche"]) == {"all"} and set(found["share"]) == {1.0}
    assert found["value"].to_dict() == {"chat": pytest.approx(40 / 0.5), "train": pytest.approx(20 / 0.4)}


def test_the_table_names_a_task_a_sector_or_all_and_the_closest_counts() -> None:
    rows = {"chat": {"one": {"share": 1, "multiple_low": 1, "multiple_mid": 3, "multiple_high": 9}}}
    base = tiny(tasks={"train": {"sector": "lab"}}, value_tranches=curve(THREE | rows))
    found = value.tranches(build(base)).groupby("task")["value"].apply(list).to_dict()
    assert found == {"chat": [pytest.approx(240)], "train": pytest.approx([25, 50, 100])}
    lab = {"lab": {"one": {"share": 1, "multiple_low": 1, "multiple_mid": 7, "multiple_high": 9}}}
    found = value.tranches(build(base.with_(value_tranches=curve(lab)))).set_index("task")["value"]
    assert found["train"] == pytest.approx(350)
    high = value.tranches(build(base.with_(demand={"tranche_values": "high"}))).set_index("task")["value"]
    assert high["chat"] == pytest.approx(720)


@pytest.mark.parametrize(
    ("devices", "left"),
    [
        pytest.param(10, {}, id="all is served"),
        pytest.param(8, {"low": 1.0}, id="1 of the least valued 1.5"),
        pytest.param(4, {"low": 1.5, "middle": 1.5}, id="3: all of the least valued, 1.5 of the next"),
        pytest.param(1, {"low": 1.5, "middle": 2.5, "top": 0.5}, id="4.5: only the most valued has a part served"),
    ],
)
def test_the_least_valued_is_left_first(devices: float, left: dict[str, float]) -> None:
    """Each device does 0.5 of 5 PFLOP/s for 0.7008 million CNY; a PFLOP/s that is left costs 3.942, 7.884, 15.768."""
    found = optimum(with_stock(devices))
    each = found.table("unserved").set_index("tranche")["value"]
    assert each[each > 1e-9].to_dict() == pytest.approx(left)
    worth = {"low": 3.942, "middle": 7.884, "top": 15.768}
    assert found.cost("unserved") == pytest.approx(sum(much * worth[name] for name, much in left.items()))
    assert found.objective == pytest.approx(0.7008 * devices + found.cost("unserved"))


def test_all_devices_are_retired_and_new_ones_are_worth_it_to_some_alone() -> None:
    """A device of 12 million CNY costs a PFLOP/s 7.53 million a year and 1.40 of energy: over 3.942 and 7.884, under
    15.768 million. At 1 billion CNY nobody is served.
    """
    retired = one_place(stock={"base": None}, value_tranches=curve(THREE), devices={"alpha": {"price_cny": 1.2e7}})
    found = optimum(retired)
    each = found.table("unserved").set_index("tranche")["value"]
    assert each.to_dict() == pytest.approx({"low": 1.5, "middle": 2.5, "top": 0.0})
    assert found.value("serve") == pytest.approx(1.0)
    nobody = optimum(retired.with_(devices={"alpha": {"price_cny": 1e9}}))
    assert nobody.table("unserved").set_index("tranche")["value"].to_dict() == pytest.approx(
        {"low": 1.5, "middle": 2.5, "top": 1.0}
    )


def test_the_price_of_demand_is_the_value_of_the_tranche_that_is_left_in_part() -> None:
    for devices, worth in ((8, 3.942), (4, 7.884), (1, 15.768)):
        assert optimum(with_stock(devices)).row("demand")["dual"] == pytest.approx(worth)


def test_unserved_is_reported_by_tranche_with_its_size_and_value() -> None:
    result = ew.solve(with_stock(4), reliefs=0, growth_table=False)
    table = result.table.set_index(["quantity", "item"])["value"]
    assert table["unserved"].to_dict() == pytest.approx({"low": 1.5, "middle": 1.5})
    assert table["tranche_demand"].to_dict() == pytest.approx({"low": 1.5, "middle": 2.5, "top": 1.0})
    assert table["tranche_value"].to_dict() == pytest.approx({"low": 450, "middle": 900, "top": 1800})
    assert result.unserved.set_index("tranche")["value"].to_dict() == pytest.approx({"low": 1.5, "middle": 1.5})


def test_work_worth_less_than_its_energy_is_left_and_the_plan_says_so() -> None:
    """80 CNY/(PFLOP/s h) against 160 for the energy alone: all 5 are left, 5 x 80 x 8,760 h = 3.504 million."""
    scenario = one_place(tasks={"chat": {"value_cny_per_peak_pflops_h": 40}})
    found = optimum(scenario)
    assert found.value("serve") == pytest.approx(0)
    assert found.objective == pytest.approx(3.504)
    assert any("cheaper than the energy of serving for: chat" in text for text in found.plan.warnings)
    assert not any("cheaper than the energy" in text for text in build(one_place()).warnings)
    table = ew.solve(scenario, reliefs=0, growth_table=False).table
    because = table[table["quantity"] == "unserved_because"].set_index("item")["value"]
    assert because.to_dict() == {"worth less than it costs": 1.0}


def test_values_depend_on_no_route_device_or_price() -> None:
    base = value.tranches(build(tiny(value_tranches=curve(THREE))))
    for changes in (
        {"latency": {"extra_sla_ms": -2}},
        {"tasks": {"*": {"criticality": 5}}},
        {"site_power": {"*": {"price_cny_per_kwh": 3}}},
        {"devices": {"alpha": {"price_cny": 9e6}}},
        {"sites": {"mesa": None}},
    ):
        pd.testing.assert_frame_equal(value.tranches(build(tiny(value_tranches=curve(THREE), **changes))), base)


def test_a_least_served_share_has_a_price() -> None:
    """A country with two tasks and half the devices: chat (80 a unit) is dearer than training (50), which is cut first;
    a floor under training costs the difference of what the devices do.
    """
    short = tiny(stock={"base": {"*": {"*": {"*": {"devices": 8}}}}}, supply={"*": {"*": {"mid": 0}}})
    base = optimum(short)
    asked = base.plan.table("demand").groupby("task")["share"].sum()
    assert asked["train"] == 1
    share = base.value("serve", task="train") / (
        base.value("serve", task="train") + base.value("unserved", task="train")
    )
    assert share < 0.5
    floor = optimum(short.with_(demand={"least_served_share": {"train": share + 0.1}}))
    row = floor.row("least_served", task="train")
    assert row["slack"] == pytest.approx(0) and row["dual"] > 0
    assert floor.objective > base.objective
    assert floor.value("serve", task="train") == pytest.approx(row["right"])
    more = optimum(short.with_(demand={"least_served_share": {"train": share + 0.1001}}))
    step = more.row("least_served", task="train")["right"] - row["right"]
    assert (more.objective - floor.objective) / step == pytest.approx(row["dual"], rel=1e-5)
    everyone = build(short.with_(demand={"least_served_share": 0.1})).program.constraints["least_served"]
    assert set(everyone.index["task"]) == {"chat", "train"}


def test_an_impossible_least_served_share_is_refused_or_named() -> None:
    """No site is within 1 ms: refused before solving. Devices for 2 of 5: no plan, and the floor is in the conflict."""
    with pytest.raises(InputError, match=r"0\.5 of chat is to be served, and only 0 of it has an admissible site"):
        build(one_place(tasks={"chat": {"round_trip_limit_ms": 1}}, demand={"least_served_share": 0.5}))
    with pytest.raises(ew.NotOptimal) as error:
        ew.solve(with_stock(4, demand={"least_served_share": {"chat": 0.5}}), reliefs=0, growth_table=False)
    assert "least served share (Chat, 2027): >= 2.5 PFLOP/s" in "\n".join(error.value.lines)
    assert attempt(with_stock(4, demand={"least_served_share": {"all": 0.4}}))[1].status == "optimal"


def test_keys_of_before_are_read_with_a_warning_and_without_effect() -> None:
    base = optimum(with_stock(4)).objective
    with pytest.warns(RenamedKey, match=r"demand\.penalty_multiple: has no effect any more: the table value_tranches"):
        old = with_stock(4, demand={"penalty_multiple": 9})
    with pytest.warns(RenamedKey, match=r"demand\.value_of_service: has no effect any more"):
        old = old.with_(demand={"value_of_service": "market"})
    assert optimum(old).objective == base


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"all": {"low": {"share": 0.2}}}, r"shares of 'all' sum to 0\.9, expected 1"),
        ({"all": {"low": {"multiple_mid": 1}}}, "two tranches of 'all' are worth 1, expected one tranche"),
        ({"all": {"low": {"multiple_high": 0}}}, "multiple_high"),
        ({"chta": {"a": {"share": 1, "multiple_low": 1, "multiple_mid": 1, "multiple_high": 1, **SAID}}}, "'chat'"),
    ],
)
def test_bad_tranches_are_named(rows: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        with_stock(4).with_(value_tranches=rows)


SHIPPED = ew.load_scenario(ROOT / "scenarios" / "anchor-2026.yaml")


@pytest.mark.parametrize("case", ["low", "mid", "high"])
def test_the_lowest_value_exceeds_the_variable_cost_of_serving_at_the_anchor(case: str) -> None:
    """Energy on any device that stands at the anchor, at any site that a route reaches; in the low case at the mean of
    what stands: less firm values may leave the least efficient devices of the dearest places idle, nothing more.
    """
    plan = build(SHIPPED.with_(time=cut(4), demand={"tranche_values": case}))
    lowest = value.tranches(plan).groupby("task")["value"].min()
    placed = fleet.in_place(plan).groupby(["site", "device"], as_index=False)["devices"].sum()
    ways = value.energy_of_serving(plan).merge(placed[placed["devices"] > 0], on=["site", "device"])
    by_task = ways.groupby("task")["cost"]
    weighted = (ways["cost"] * ways["devices"]).groupby(ways["task"]).sum() / ways.groupby("task")["devices"].sum()
    cost = weighted if case == "low" else by_task.max()
    assert len(cost) == len(lowest) > 20
    assert (lowest.reindex(cost.index) > cost).all(), (cost / lowest).sort_values().tail(3).to_dict()


def test_shortage_takes_the_least_valued_parts_of_many_tasks() -> None:
    """The nation in 2027, growth high, with nearly half of its devices gone and no accelerator to be bought.

    Five kinds of work lose a part, and none its most valued one; before, batch inference was left as a whole.
    """
    fewer = {"mid-2026": {"*": {"*": {"*": {"devices": {"scale": 0.53}}}}}}
    short = ew.load_scenario(ROOT / "scenarios" / "national-2028-high.yaml").with_(
        years=[2027], time=cut(4), stock=fewer, supply={"*": {"*": {"low": 0, "mid": 0, "high": 0}}}
    )
    found = optimum(short)
    kinds = fleet.tasks(found.plan).set_index("task")["kind"]
    left = found.table("unserved")
    left = left[left["task"].map(kinds) == "intelligent"]
    by_task = left.groupby("task")["value"].sum()
    demand = delivered_demand(found.plan).groupby("task")["delivered"].sum()
    share = (by_task / demand.reindex(by_task.index)).sort_values()
    assert by_task.sum() / demand.reindex(by_task.index).sum() > 0.05
    assert (share > 1e-3).sum() >= 5
    assert share.max() < 0.801, share.tail(3).to_dict()
    by_tranche = left.groupby("tranche")["value"].sum()
    assert by_tranche["most_valued"] < 0.01 * by_tranche.sum()


@pytest.mark.parametrize(("growth", "factor"), [("low", 1.0), ("mid", 1.2), ("high", 1.25)])
def test_growth_by_column_over_the_time_between_anchor_and_midyear(growth: str, factor: float) -> None:
    """1 July 2026 to 1 July 2027 is 365 / 365.25 years."""
    scenario = one_place(tasks={"chat": {"growth_mid_per_year": 0.2}}, demand={"growth": growth})
    assert optimum(scenario).value("serve") == pytest.approx(5 * factor ** (365 / 365.25))


def test_unreachable_demand_is_named_before_solving() -> None:
    """The own metro is 2 ms away and the limit is 1 ms: an error where shortage is forbidden."""
    scenario = tiny(tasks={"chat": {"round_trip_limit_ms": 1}}, demand={"shortage": "forbidden"})
    with pytest.raises(
        InputError, match=r"2 demands have no admissible site: coast/chat: latency; plateau/chat: latency"
    ) as error:
        build(scenario)
    assert error.value.key == "demand.shortage"


def test_unreachable_demand_is_a_warning_and_unserved_where_shortage_is_priced() -> None:
    found = optimum(tiny(tasks={"chat": {"round_trip_limit_ms": 1}}))
    assert found.value("unserved", task="chat") == pytest.approx(10)
    assert any("coast/chat: latency" in text for text in found.plan.warnings)


def test_nothing_reachable_at_all_is_unserved_not_an_error_of_the_program() -> None:
    """The only task of the only region has no route: all 5 PFLOP/s unserved."""
    found = optimum(one_place(tasks={"chat": {"round_trip_limit_ms": 1}}))
    assert found.value("unserved") == pytest.approx(5)


def test_demand_that_no_device_may_run_is_named() -> None:
    scenario = one_place(tasks={"chat": {"least_scale_up_devices": 9}}, demand={"shortage": "forbidden"})
    with pytest.raises(InputError, match=r"coast/chat: no device there may run it"):
        build(scenario)


def test_forbidden_shortage_has_no_variable_and_may_be_infeasible() -> None:
    scenario = one_place(demand={"shortage": "forbidden"})
    found = optimum(scenario)
    assert "unserved" not in found.plan.program.variables
    assert found.objective == pytest.approx(7.008)
    short = scenario.with_(stock={"base": None}, supply={"*": {"*": {"mid": 9}}})
    assert attempt(short)[1].status == "infeasible"


def test_no_task_of_the_kinds_is_an_error() -> None:
    with pytest.raises(InputError, match=r"demand.kinds: received super; no task is of these kinds.* intelligent"):
        one_place(demand={"kinds": ["super"]})
    with pytest.raises(InputError, match="no region asks for any task of the modelled kinds"):
        build(one_place(demand={"*": {"*": {"share": 0}}}))


GENERAL = {"base": {"general": {"date": "2026-07-01", "installed_pflops": 1, "allocation": 1}}}


def test_a_kind_with_tasks_and_no_device_is_an_error() -> None:
    with pytest.raises(InputError, match=r"demand.kinds: tasks are of the kind 'general' and no device is"):
        one_place(demand={"kinds": ["intelligent", "general"]}, tasks={"chat": {"kind": "general"}}, anchors=GENERAL)


def test_a_kind_without_tasks_is_a_warning() -> None:
    plan = build(one_place(demand={"kinds": ["intelligent", "super"]}))
    assert "nothing is asked of the kind super" in plan.warnings


def test_without_a_route_everything_stays_unserved() -> None:
    """No round trip is under 0.01 ms: 5 PFLOP/s unserved, and a warning."""
    scenario = one_place(tasks={"chat": {"round_trip_limit_ms": 0.01}})
    found = optimum(scenario)
    assert found.value("unserved") == pytest.approx(5)
    result = ew.solve(scenario)
    assert result.certified
    assert any("1 demands have no admissible site" in line for line in result.messages)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"demand": {"growth": "hgih"}}, "demand.growth"),
        ({"demand": {"least_served_share": 1.2}}, "demand.least_served_share"),
        ({"demand": {"least_served_share": {"chta": 0.5}}}, "did you mean 'chat'"),
        ({"demand": {"shortage": "allowed"}}, "demand.shortage"),
        ({"demand": {"anchor": "bsae"}}, "did you mean 'base'"),
        ({"tasks": {"chat": {"criticality": 6}}}, "criticality"),
    ],
)
def test_bad_data_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        one_place(**changes)


def test_kinds_are_separate_balances() -> None:
    """General compute on its own servers beside intelligent: neither serves the other, and each total is its own.

    40 PFLOP/s installed x 0.5 x 1 x 0.4 delivered = 8 of general; 20 servers x 0.5 x 0.8 = 8 serve it exactly.
    """
    server = {
        "name_en": "Server",
        "vendor": "V",
        "kind": "general",
        "origin": "domestic",
        "hall_class": "standard",
        "peak_pflops": 0.5,
        "rated_w": 400,
        "price_basis": "all_in",
        "lifetime_years": 5,
        "general_use": 0.8,
        "largest_group_devices": 8,
    }
    scenario = tiny(
        tasks={"web": GENERAL_TASK},
        demand={"kinds": ["intelligent", "general"], "coast": {"web": {"share": 1}}},
        anchors={"base": {"general": {"date": "2026-07-01", "installed_pflops": 40, "allocation": 0.5}}},
        reference_use={"base": {"general": {"use": 0.4}}},
        devices={"server": server},
        stock={"base": {"metro_coast": {"server": {"2026": {"devices": 20, "live_share": 1}}}}},
    )
    found = optimum(scenario)
    assert found.value("held", work="general") == pytest.approx(20)
    assert set(found.table("held", work="general")["device"]) == {"server"}
    assert found.value("serve", task="web") == pytest.approx(8)
    alone = optimum(tiny())
    assert found.value("serve") - found.value("serve", task="web") == pytest.approx(alone.value("serve"))
    table = ew.solve(scenario, reliefs=0, growth_table=False).table
    of_work = table[table["unit"].str.contains("PFLOP") & ~table["quantity"].isin(["shadow_price", "tranche_value"])]
    assert set(of_work["kind"]) <= {"intelligent", "general"}, "every rate is of one kind"


def test_report_names_the_value_and_the_round_trip() -> None:
    table = ew.solve(one_place(), reliefs=0, growth_table=False).table
    by = table.set_index("quantity")
    assert by.loc["served_round_trip_ms", "value"] == 2
    assert by.loc["demand", "value"] == 5
    assert by.loc["reference_demand", "value"] == 10
    assert by.loc["tranche_value", "unit"] == "CNY/(PFLOP/s h)"
