"""Devices: what stands, survives, is bought and is busy; every case starts from `one_place` (5 PFLOP/s on 10 of 20
devices).
"""

from __future__ import annotations

import pytest
from builder import attempt, hours, one_place, optimum, tiny

import eastwest as ew
from eastwest.errors import InputError
from eastwest.fleet import deliverable, in_place
from eastwest.solve import build


def stock(devices: float, vintage: int = 2025) -> dict[str, object]:
    """An override that leaves so many devices of one vintage."""
    return {"base": {"metro_coast": {"alpha": {"2025": None, str(vintage): {"devices": devices, "live_share": 1}}}}}


def same(devices: float) -> dict[str, object]:
    return {"base": {"metro_coast": {"alpha": {"2025": {"devices": devices}}}}}


NO_SUPPLY = {"*": {"*": {"mid": 0}}}


# Balance and throughput


@pytest.mark.parametrize(
    ("settings", "devices"),
    [
        ({}, 10),
        ({"availability": 0.8}, 12.5),
        ({"alpha": {"inference_use": 0.25}}, 20),
        ({"alpha": {"peak_pflops": 2}}, 5),
    ],
)
def test_devices_held_are_service_over_throughput(settings: dict[str, object], devices: float) -> None:
    """throughput = peak 1 x use 0.5 x availability 1 = 0.5 PFLOP/s; 5 / 0.5 = 10."""
    assert optimum(one_place(devices=settings)).value("held") == pytest.approx(devices)


def test_use_is_that_of_the_work() -> None:
    """The same demand as training: reference use 0.4 and training use 0.4: 10 x 0.4 / 0.4 = 10 devices."""
    found = optimum(one_place(tasks={"chat": {"work": "training"}}))
    assert found.value("serve") == pytest.approx(4)
    assert found.value("held", work="training") == pytest.approx(10)


def test_interactive_work_follows_its_profile() -> None:
    """Profile 0.5 before noon and 1.5 after: 10 devices on average, 15 energised for the afternoon."""
    found = optimum(one_place(tasks={"chat": {"profile": "day"}}, time={"slices": 8}))
    assert found.value("held") == pytest.approx(10)
    assert found.value("energised") == pytest.approx(15)
    row = found.row("stock", slice="summer-12")
    assert row["slack"] == pytest.approx(0)
    assert found.row("stock", slice="summer-00")["slack"] == pytest.approx(10)


def test_binding_the_busiest_hour_limits_what_is_served() -> None:
    """12 devices and a peak of 1.5: 8 on average, 4 PFLOP/s, 1 unserved."""
    found = optimum(one_place(tasks={"chat": {"profile": "day"}}, time={"slices": 8}, stock=same(12), supply=NO_SUPPLY))
    assert found.value("unserved") == pytest.approx(1)


# Stock, commitments, supply


@pytest.mark.parametrize(("vintage", "left"), [(2025, 1.0), (2023, 1.0), (2022, 0.5), (2021, 0.0)])
def test_survivors_of_stock(vintage: int, left: float) -> None:
    """Life 5, bought at mid-vintage: 2022.5 + 5 - 2027 = half of the year 2027."""
    placed = in_place(build(one_place(stock=stock(20, vintage))))
    assert placed["devices"].sum() == pytest.approx(20 * left)


@pytest.mark.parametrize(
    ("day", "share"), [("2026-12-31", 1.0), ("2027-01-01", 1.0), ("2027-07-01", 184 / 365), ("2028-01-01", 0.0)]
)
def test_commitments_count_from_their_date(day: str, share: float) -> None:
    """No stock; 10 devices enter on the day: 184 of 365 days from 1 July."""
    scenario = one_place(
        commitments={"metro_coast": {"alpha": {day: {"devices": 10}}}}, stock=same(0), supply=NO_SUPPLY
    )
    if share == 0:
        assert in_place(build(scenario.with_(supply={"*": {"*": {"mid": 1}}}))).empty
    else:
        assert optimum(scenario).value("energised") == pytest.approx(10 * share)


def test_commitments_before_the_anchor_are_stock_already() -> None:
    scenario = one_place(commitments={"metro_coast": {"alpha": {"2026-06-30": {"devices": 10}}}})
    assert in_place(build(scenario))["devices"].sum() == pytest.approx(20)


@pytest.mark.parametrize(
    ("column", "share", "lag", "devices"),
    [
        ("mid", 1.0, 0.0, 40),
        ("low", 1.0, 0.0, 20),
        ("high", 1.0, 0.0, 80),
        ("mid", 0.7, 0.0, 28),
        ("mid", 0.7, 6.0, 14),
        ("mid", 1, 12, 0),
    ],
)
def test_deliverable_is_supply_times_energised_share_and_lag(
    column: str, share: float, lag: float, devices: float
) -> None:
    """40 units x 0.7 x (12 - 6) / 12 = 14."""
    plan = build(one_place(devices={"supply": column, "energised_share": share, "energised_lag_months": lag}))
    assert deliverable(plan)["devices"].sum() == pytest.approx(devices)


def test_units_and_mix_turn_supply_into_devices() -> None:
    """40 units x 0.25 x 2 devices a unit = 20."""
    scenario = tiny(
        supply_map={
            "alpha_group": {
                "alpha": {"mix": 0.25, "devices_per_unit": 2},
                "beta": {"mix": 0.75, "devices_per_unit": 1, "first_year": 2026, "last_year": 2030},
            }
        },
    )
    assert deliverable(build(scenario)).set_index("device")["devices"].to_dict() == {"alpha": pytest.approx(20)}


def test_binding_supply_leaves_demand_unserved_and_has_a_price() -> None:
    """No stock, 7 devices to be had: 3.5 served, 1.5 not; the devices cost 7 x 0.1 x (0.26380 + 0.05) = 0.21966
    million.
    """
    found = optimum(one_place(stock=same(0), supply={"*": {"*": {"mid": 7}}}))
    assert found.value("bought") == pytest.approx(7)
    assert found.value("unserved") == pytest.approx(1.5)
    assert found.cost("devices") == pytest.approx(7 * 0.1 * (0.1 / (1 - 1.1**-5) + 0.05))
    assert found.row("supply")["dual"] < 0, "more supply saves money"


def test_slack_supply_has_no_price_and_only_what_is_needed_is_bought() -> None:
    found = optimum(one_place(stock=same(0)))
    assert found.value("bought") == pytest.approx(10)
    assert found.row("supply")["dual"] == pytest.approx(0)


def test_what_has_no_price_is_never_bought() -> None:
    """Beta has stock and even a supply row that is not buyable: it may work, but not be bought."""
    plan = build(tiny())
    assert set(plan.program.variables["bought"].index["device"]) == {"alpha"}
    assert "beta" in set(plan.program.variables["energised"].index["device"])


def test_supply_that_is_not_buyable_is_not_for_sale_even_with_a_price() -> None:
    plan = build(tiny(devices={"beta": {"price_cny": 10}}, supply={"beta_group": {"2027": {"mid": 10}}}))
    assert set(plan.program.variables["bought"].index["device"]) == {"alpha"}


@pytest.mark.parametrize(
    ("changes", "unserved"),
    [
        pytest.param({"stock": {"base": None}}, 0, id="no stock"),
        pytest.param(
            {"stock": {"base": None}, "supply": {"alpha_group": {"2027": {"mid": 7}}}}, 1.5, id="no stock, 7 of supply"
        ),
        pytest.param({"supply": {"alpha_group": None, "beta_group": None}}, 0, id="no supply"),
        pytest.param({"policy": {"west_share_of_new_intelligent": 0.0}}, 0, id="no commitments and a floor"),
    ],
)
def test_tables_may_be_empty(changes: dict[str, object], unserved: float) -> None:
    """`one_place` has no commitments (mesa went with its region); stock and supply may be empty too, and all is
    reported.
    """
    scenario = one_place(**changes)
    assert optimum(scenario).value("unserved") == pytest.approx(unserved)
    assert ew.solve(scenario, reliefs=0, growth_table=False).status == "optimal"


def test_impossible_without_stock_and_supply() -> None:
    scenario = one_place(stock=same(1), supply=NO_SUPPLY, demand={"shortage": "forbidden"})
    assert attempt(scenario)[1].status == "infeasible"


# What may run where


def test_foreign_devices_only_where_they_are_allowed() -> None:
    """Beta is foreign: without leave it holds no chat; with it, it may."""
    allowed, barred = (build(tiny(tasks={"chat": {"foreign_devices_allowed": yes}})) for yes in (True, False))
    for plan, devices in ((allowed, {"alpha", "beta"}), (barred, {"alpha"})):
        held = plan.program.variables["held"].index
        assert set(held.loc[held["work"] == "inference", "device"]) == devices


def test_least_scale_up_size_bars_small_systems() -> None:
    """Beta scales to 8 devices, training needs 16."""
    held = build(tiny(tasks={"train": {"least_scale_up_devices": 16}})).program.variables["held"].index
    assert set(held.loc[held["work"] == "training", "device"]) == {"alpha"}


def test_memory_bars_no_device() -> None:
    assert optimum(one_place(devices={"alpha": {"memory_gb": 0}})).value("unserved") == pytest.approx(0)


def test_families_restrict_the_devices() -> None:
    plan = build(tiny(devices={"families": ["alpha"]}))
    assert set(plan.program.variables["energised"].index["device"]) == {"alpha"}


# Deferrable pools: no idle draw, so that energy alone decides; 60 devices stand, so that only the pool's rules bind

DEFERRABLE = {"tasks": {"chat": {"window_h": 24}}, "stock": same(60), "devices": {"idle_power": 0.0}}
CHEAP_MORNING = {"flat": {"*": hours(0.5, 1.5)}}
CHEAP_NIGHT = {"flat": {"*": {f"h{hour:02d}": 0.4 if hour < 6 else 1.2 for hour in range(24)}}}


def pool(**changes: object) -> ew.Scenario:
    return one_place(**DEFERRABLE).with_(**changes)


def test_pool_moves_to_the_cheap_half_of_its_window() -> None:
    """8 slices of 12 h, surge 2: 20 devices run before noon at half price, none after: 7.008 x 0.5 = 3.504 million."""
    found = optimum(pool(tariffs=CHEAP_MORNING, time={"slices": 8}))
    assert found.value("run", slice="summer-00") == pytest.approx(20)
    assert found.value("run", slice="summer-12") == pytest.approx(0)
    assert found.objective == pytest.approx(3.504)


@pytest.mark.parametrize(("surge", "cheap", "dear"), [(1.0, 10, 10), (1.5, 15, 5), (2.0, 20, 0), (9.0, 20, 0)])
def test_surge_binds(surge: float, cheap: float, dear: float) -> None:
    """run <= surge x 10: 15 before noon leave 5 for the afternoon."""
    found = optimum(pool(tariffs=CHEAP_MORNING, time={"slices": 8}, devices={"surge": surge}))
    assert found.value("run", slice="winter-00") == pytest.approx(cheap)
    assert found.value("run", slice="winter-12") == pytest.approx(dear)


def test_surge_binds_in_a_quarter_of_the_day() -> None:
    """16 slices of 6 h, cheap from 0 to 6: at surge 2, 20 devices then (half of the work); at surge 4, 40 and all of
    it.

    Cost at surge 2: 7.008 x (0.5 x 0.4 + 0.5 x 1.2) = 5.6064 million; at surge 4: 7.008 x 0.4 = 2.8032.
    """
    for surge, run, cost in ((2.0, 20, 5.6064), (4.0, 40, 2.8032)):
        found = optimum(pool(tariffs=CHEAP_NIGHT, time={"slices": 16}, devices={"surge": surge}))
        assert found.value("run", slice="spring-00") == pytest.approx(run)
        assert found.objective == pytest.approx(cost)


def test_work_does_not_leave_its_window() -> None:
    """Windows of 12 h from 00:00 on slices of 6 h: half of the work stays in the dear afternoon; 7.008 in all."""
    found = optimum(pool(tariffs=CHEAP_MORNING, time={"slices": 16}, tasks={"chat": {"window_h": 12}}))
    morning = found.value("run", slice="summer-00") + found.value("run", slice="summer-06")
    afternoon = found.value("run", slice="summer-12") + found.value("run", slice="summer-18")
    assert (morning, afternoon) == (pytest.approx(20), pytest.approx(20))
    assert found.objective == pytest.approx(7.008)


def test_arrivals_of_a_pool_follow_its_profile_by_window() -> None:
    """Profile 0.5 / 1.5, windows of 12 h on slices of 6 h: 5 devices' work before noon, 15 after."""
    found = optimum(pool(time={"slices": 16}, tasks={"chat": {"window_h": 12, "profile": "day"}}))
    assert found.value("run", slice="summer-00") + found.value("run", slice="summer-06") == pytest.approx(10)
    assert found.value("run", slice="summer-12") + found.value("run", slice="summer-18") == pytest.approx(30)


@pytest.mark.parametrize(
    ("window", "slices", "deferrable"),
    [(0, 24, False), (1, 24, False), (7, 16, False), (12, 16, True), (24, 4, False), (100, 16, True)],
)
def test_which_tasks_are_deferrable(window: float, slices: int, deferrable: bool) -> None:
    """A window that holds no more than one slice (6 h of 24 at 16 slices) follows its profile."""
    program = build(pool(tasks={"chat": {"window_h": window}}, time={"slices": slices})).program
    assert ("run" in program.variables) == deferrable
    assert ("held" in program.variables) != deferrable


def test_longer_windows_are_tumbling_windows_that_divide_the_day() -> None:
    """A window of 18 h on slices of 6 h is rounded down to 12 h (lengths 2, 4, 6, 8, 12, 24): two windows a day, not
    18 + 6.
    """
    program = build(pool(time={"slices": 16}, tasks={"chat": {"window_h": 18}})).program
    windows = program.rows["pool"].index
    assert windows.groupby(windows["window"].str.split("-").str[0]).size().tolist() == [2, 2, 2, 2]
    run = program.variables["run"].index
    assert set(run.groupby("window").size()) == {2}, "each window holds two slices"


def test_stock_holds_for_interactive_and_deferrable_work_together() -> None:
    """Tiny at 16 slices: at no slice are more devices busy than energised."""
    found = optimum(tiny(time={"slices": 16}))
    rows = found.solution.rows("stock")
    assert (rows["activity"] <= 1e-7).all()
    assert {"held", "run"} <= set(found.plan.program.variables)


def test_tasks_of_one_group_share_devices_exactly() -> None:
    """Two tasks with one profile and the same devices: one block `held`; the cost equals that of one task of both
    shares.
    """
    half = {
        "workload": "chat",
        "name_en": "Half",
        "kind": "intelligent",
        "work": "inference",
        "share": 0.125,
        "growth_low_per_year": 0,
        "growth_mid_per_year": 0,
        "growth_high_per_year": 0,
        "round_trip_limit_ms": 10,
        "residency": "national",
        "window_h": 0,
        "profile": "flat",
        "gbps_per_peak_pflops": 0.1,
        "value_cny_per_peak_pflops_h": 40,
        "criticality": 3,
        "foreign_devices_allowed": True,
        "least_scale_up_devices": 1,
    }
    two = optimum(one_place(tasks={"half": half, "chat": {"share": 0.125}}, demand={"coast": {"half": {"share": 0.5}}}))
    assert len(two.plan.program.variables["held"]) == 1
    assert two.objective == pytest.approx(7.008)


# Bad data and the report


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"devices": {"surge": 0.5}}, "devices.surge"),
        ({"devices": {"availability": 1.1}}, "devices.availability"),
        ({"devices": {"energised_lag_months": 13}}, "devices.energised_lag_months"),
        ({"devices": {"families": ["alhpa"]}}, "did you mean 'alpha'"),
        ({"devices": {"alpha": {"peak_pflops": 0}}}, "peak_pflops"),
        ({"stock": {"base": {"metro_coast": {"alpha": {"2025": {"devices": -1}}}}}}, "devices"),
    ],
)
def test_bad_data_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        one_place(**changes)


def test_report_of_utilisation_by_hand() -> None:
    """Profile 0.5 / 1.5 on 15 energised: busy 5 and 15; mean 10 / 15, 95th percentile and peak 1."""
    table = ew.solve(
        one_place(tasks={"chat": {"profile": "day"}}, time={"slices": 8}), reliefs=0, growth_table=False
    ).table
    device = table[table["item"] == "device"].set_index("quantity")["value"]
    assert device["utilisation"] == pytest.approx(2 / 3)
    assert device["utilisation_p95"] == pytest.approx(1)
    assert device["utilisation_peak"] == pytest.approx(1)
    by = table.set_index("quantity")["value"]
    assert (by["installed"], by["energised"], by["busy"]) == (pytest.approx(20), pytest.approx(15), pytest.approx(10))
