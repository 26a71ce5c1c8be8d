"""Demand is served or stays unserved at a penalty; every case starts from `one_place` (5 PFLOP/s, 10 devices, 7.008
million).
"""

from __future__ import annotations

import pytest
from builder import attempt, one_place, optimum, tiny

import eastwest as ew
from eastwest.errors import InputError
from eastwest.model.data.delivered_demand import delivered_demand
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


def test_binding_what_cannot_be_served_pays_the_penalty() -> None:
    """4 devices and no supply: 2 served by 0.4 MW for 2.8032 million; 3 unserved x 8,760 h x 862.8276... CNY =
    22.6751.
    """
    found = optimum(
        one_place(stock={"base": {"metro_coast": {"alpha": {"*": {"devices": 4}}}}}, supply={"*": {"*": {"mid": 0}}})
    )
    assert found.value("unserved") == pytest.approx(3)
    assert found.cost("energy") == pytest.approx(2.8032)
    assert found.cost("unserved") == pytest.approx(3 * 8760 * LEVELISED * 3 / 1e6)
    assert found.objective == pytest.approx(found.cost("energy") + found.cost("unserved"))


ANNUITY_5, ANNUITY_15, ANNUITY_30 = (0.1 * 1.1**n / (1.1**n - 1) for n in (5, 15, 30))
LEVELISED = (
    1e6
    / 8760
    / 0.5
    * (
        0.1 * (ANNUITY_5 + 0.05)  # device: 0.1 million CNY
        + 0.1 * 30 * (ANNUITY_15 + 0.04)  # 0.1 MW of hall at 30 million CNY/MW
        + 0.1 * 1.1 * 0.75 * 1.5 * ANNUITY_30  # connection at 1.5 million CNY/MW, PUE 1
        + 0.1 * 1.0 * 8760 * 800 / 1e6  # energy of a busy device
    )
)
"""Cost of serving with a new device, 287.609 CNY/(PFLOP/s h): 1.25973 million CNY a year / 8,760 h / 0.5 PFLOP/s."""


@pytest.mark.parametrize(
    ("changes", "penalty"),
    [
        pytest.param({}, 3 * LEVELISED, id="3 x levelised is above value 40 / 0.5 = 80"),
        pytest.param({"criticality": 1}, LEVELISED, id="x criticality / 3"),
        pytest.param({"value_cny_per_peak_pflops_h": 600}, 1200, id="value 600 / 0.5 is above 862.8"),
        pytest.param({"value_cny_per_peak_pflops_h": 600, "criticality": 5}, 2000, id="value 1200 x 5 / 3"),
    ],
)
def test_penalty_by_hand(changes: dict[str, object], penalty: float) -> None:
    plan = build(one_place(tasks={"chat": changes}))
    assert plan.penalty.tolist() == [pytest.approx(penalty)]


def test_penalty_takes_the_dearest_admissible_site() -> None:
    """At home only (province), plateau and coast differ; the dearest of all routes counts for the whole task."""
    plan = build(tiny())
    most_expensive = plan.finance.levelised.xs("inference", level="work")["alpha"].max()
    penalty = plan.penalty
    assert penalty["chat"] == pytest.approx(max(40 / 0.5, 3 * most_expensive))


def test_penalty_multiple_is_a_setting() -> None:
    plan = build(one_place(demand={"penalty_multiple": 10}))
    assert plan.penalty.tolist() == [pytest.approx(10 * LEVELISED)]


def test_market_value_declines_what_costs_more_than_it_is_worth() -> None:
    """Market value 80 CNY/(PFLOP/s h) against 160 for the energy alone: all 5 are declined, 5 x 80 x 8,760 h = 3.504
    million.
    """
    scenario = one_place(demand={"value_of_service": "market"})
    found = optimum(scenario)
    assert found.value("serve") == pytest.approx(0)
    assert found.objective == pytest.approx(3.504)
    assert any("not serving is cheaper" in text and "chat" in text for text in found.plan.warnings)
    table = ew.solve(scenario, reliefs=0, growth_table=False).table
    assert table.loc[table["quantity"] == "declined", "value"].tolist() == [5]
    assert "unserved" not in set(table["quantity"])


def test_a_penalty_below_the_cheapest_cost_of_serving_draws_a_warning() -> None:
    """criticality 1 of 3 x 0.5 x levelised: 143.8 < 287.6."""
    low = build(one_place(tasks={"chat": {"criticality": 1}}, demand={"penalty_multiple": 1.5}))
    assert any("not serving is cheaper" in text for text in low.warnings)
    assert not any("not serving is cheaper" in text for text in build(one_place()).warnings)


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
    """The only task of the only region has no route: all 5 PFLOP/s unserved, at the value 80 (no levelised cost is
    admissible).
    """
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
    """No round trip is under 0.01 ms: 5 PFLOP/s unserved at the penalty, and a warning."""
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
        ({"demand": {"penalty_multiple": 0}}, "demand.penalty_multiple"),
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
    of_work = table[table["unit"].str.contains("PFLOP") & ~table["quantity"].isin(["shadow_price", "unserved_penalty"])]
    assert set(of_work["kind"]) <= {"intelligent", "general"}, "every rate is of one kind"


def test_report_names_the_penalty_and_the_round_trip() -> None:
    table = ew.solve(one_place(), reliefs=0, growth_table=False).table
    by = table.set_index("quantity")
    assert by.loc["served_round_trip_ms", "value"] == 2
    assert by.loc["demand", "value"] == 5
    assert by.loc["reference_demand", "value"] == 10
    assert by.loc["unserved_penalty", "unit"] == "CNY/(PFLOP/s h)"
