"""Devices: what stands, survives, is bought and is busy; every case starts from `one_place` (5 PFLOP/s on 10 of 20
devices).
"""

from __future__ import annotations

from functools import cache

import pytest
from builder import attempt, cut, hours, one_place, optimum, tiny

import eastwest as ew
from eastwest.errors import InputError
from eastwest.model.data.fleet import deliverable, in_life, in_place, window_length
from eastwest.model.plan import Plan
from eastwest.solving.solve import build


def stock(devices: float, vintage: int = 2025) -> dict[str, object]:
    """An override that leaves so many devices of one vintage."""
    return {"base": {"metro_coast": {"alpha": {"2025": None, str(vintage): {"devices": devices, "live_share": 1}}}}}


def same(devices: float) -> dict[str, object]:
    return {"base": {"metro_coast": {"alpha": {"2025": {"devices": devices}}}}}


ONE_VINTAGE = {"devices": 10, "live_share": 1}
NO_SUPPLY = {"*": {"*": {"mid": 0}}}


HALF = {
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
    "value_cny_per_peak_pflops_h": 450,
    "criticality": 3,
    "foreign_devices_allowed": True,
    "least_scale_up_devices": 1,
}
"""A task like the chat of `one_place`, with half of its demand."""


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
    found = optimum(one_place(tasks={"chat": {"profile": "day"}}, time=cut(8)))
    assert found.value("held") == pytest.approx(10)
    assert found.value("energised") == pytest.approx(15)
    row = found.row("stock", slice="summer-12")
    assert row["slack"] == pytest.approx(0)
    assert found.row("stock", slice="summer-00")["slack"] == pytest.approx(10)


def test_binding_the_busiest_hour_limits_what_is_served() -> None:
    """12 devices and a peak of 1.5: 8 on average, 4 PFLOP/s, 1 unserved."""
    found = optimum(one_place(tasks={"chat": {"profile": "day"}}, time=cut(8), stock=same(12), supply=NO_SUPPLY))
    assert found.value("unserved") == pytest.approx(1)


# Standby


def test_standby_is_energised_and_idle() -> None:
    """10 devices busy, 15 energised: 10 x 0.1 MW + 5 x 0.05 MW idle = 1.25 MW."""
    found = optimum(one_place(tasks={"chat": {"redundancy": 1.5}}))
    assert found.value("held") == pytest.approx(10)
    assert found.value("energised") == pytest.approx(15)
    assert found.objective == pytest.approx(7.008 * 1.25)


def test_standby_follows_the_profile() -> None:
    """5 and 15 busy; 1.2 x 15 = 18 energised all day: 18 x 0.05 + 10 x 0.05 MW on average = 1.4 MW."""
    found = optimum(one_place(tasks={"chat": {"profile": "day", "redundancy": 1.2}}, time=cut(8)))
    assert found.value("energised") == pytest.approx(18)
    assert found.value("engaged", block="block-1") == pytest.approx(15)
    assert found.value("reserved", block="block-1") == pytest.approx(18)
    assert found.objective == pytest.approx(7.008 * 1.4)


def test_standby_may_be_what_is_short() -> None:
    """12 devices, 1.5 for each that works: 8 work, 4 PFLOP/s; 1 unserved."""
    found = optimum(one_place(tasks={"chat": {"redundancy": 1.5}}, stock=same(12), supply=NO_SUPPLY))
    assert found.value("unserved") == pytest.approx(1)


def test_standby_may_be_switched_off() -> None:
    found = optimum(one_place(tasks={"chat": {"redundancy": 1.5}}, devices={"standby": False}))
    assert "reserved" not in found.plan.program.variables
    assert found.value("energised") == pytest.approx(10)
    assert found.objective == pytest.approx(7.008)


def test_deferrable_work_has_no_standby() -> None:
    """It is run again: 10 devices, busy all day, are enough."""
    found = optimum(pool(tasks={"chat": {"redundancy": 2}}, time=cut(8), stock=same(10), supply=NO_SUPPLY))
    assert found.value("unserved") == pytest.approx(0)


def test_tasks_of_unlike_redundancy_are_groups_of_their_own() -> None:
    """Half of chat with 1 device, half with 2 for each of its 5: 5 + 10 energised, 10 busy: 1.25 MW as above."""
    two = optimum(
        one_place(
            tasks={"half": HALF | {"redundancy": 2}, "chat": {"share": 0.125}},
            demand={"coast": {"half": {"share": 0.5}}},
        )
    )
    assert two.table("held")["value"].tolist() == pytest.approx([5, 5])
    assert two.value("energised") == pytest.approx(15)
    assert two.objective == pytest.approx(7.008 * 1.25)


# Everything energised, and metros that keep their families


def test_everything_installed_may_have_to_be_energised() -> None:
    """20 devices stand: 10 work, 10 are idle: 1 + 10 x 0.05 = 1.5 MW."""
    found = optimum(one_place(devices={"energise": "all"}))
    assert found.value("energised") == pytest.approx(20)
    assert found.objective == pytest.approx(7.008 * 1.5)


def test_what_is_bought_must_be_energised_too() -> None:
    """None stand: 10 are bought, and all of them run."""
    found = optimum(one_place(devices={"energise": "all"}, stock=same(0)))
    assert (found.value("bought"), found.value("energised")) == (pytest.approx(10), pytest.approx(10))


def test_impossible_to_energise_more_than_a_hall_holds() -> None:
    """20 devices of 0.1 MW in 1.9 MW."""
    small = {"capacity": {"metro_coast": {"hall_dense": {"*": {"mw": 1.9}}}}, "facilities": {"build_limit_share": 0}}
    assert attempt(one_place(**small))[1].status == "optimal"
    assert attempt(one_place(**small, devices={"energise": "all"}))[1].status == "infeasible"


def test_metros_may_have_to_keep_their_families() -> None:
    """No alpha stands at two sites: the metro may buy some only where new families are allowed, the cluster always."""
    bare = tiny(stock={"base": {"metro_plateau": None, "mesa": None}}, commitments={"mesa": None})
    anywhere, kept = (build(bare.with_(devices={"new_families_at_metros": new})) for new in (True, False))
    assert set(anywhere.program.variables["bought"].index["site"]) == {"mesa", "metro_coast", "metro_plateau"}
    assert set(kept.program.variables["bought"].index["site"]) == {"mesa", "metro_coast"}


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
    ("column", "share", "devices"), [("mid", 1.0, 40), ("low", 1.0, 20), ("high", 1.0, 80), ("mid", 0.7, 40)]
)
def test_all_of_the_supply_can_be_bought_whatever_part_is_energised(column: str, share: float, devices: float) -> None:
    plan = build(one_place(devices={"supply": column, "alpha": {"energised_share": share}}))
    assert deliverable(plan)["devices"].sum() == pytest.approx(devices)


@pytest.mark.parametrize(("lag", "share"), [(0.0, 1.0), (6.0, 0.5), (12.0, 0.0)])
def test_lag_keeps_a_vintage_out_of_service_for_part_of_its_first_year(lag: float, share: float) -> None:
    plan = build(one_place(devices={"alpha": {"months_to_service": lag}}))
    assert in_life(plan).loc[("alpha", 2027, 2027)] == pytest.approx(share)


def test_nothing_is_bought_in_the_year_of_the_anchor() -> None:
    """What was delivered by the end of that year is stock or commitment."""
    assert deliverable(build(one_place(years=[2026]))).empty


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
    found = optimum(pool(tariffs=CHEAP_MORNING, time=cut(8)))
    assert found.value("run", slice="summer-00") == pytest.approx(20)
    assert found.value("run", slice="summer-12") == pytest.approx(0)
    assert found.objective == pytest.approx(3.504)


GAMMA = {
    "name_en": "Gamma 1",
    "vendor": "Gamma",
    "kind": "intelligent",
    "origin": "domestic",
    "hall_class": "dense",
    "peak_pflops": 1,
    "rated_w": 200_000,
    "price_basis": "device",
    "lifetime_years": 9,
    "inference_use": 0.5,
    "largest_group_devices": 8,
}
"""Works like alpha and draws twice as much; cannot be bought."""


def test_surge_limits_the_work_of_a_site_whichever_device_does_it() -> None:
    """Surge 1.5 on a need of 10: 15 before noon at half price, 5 after at 1.5 times the price.

    10 alpha (0.1 MW) and 5 gamma (0.2 MW) before noon, 5 alpha after: (2 x 0.5 + 0.5 x 1.5) / 2 = 0.875 of the flat
    cost. Were each family held to 1.5 times its own mean, gamma could not stand still after noon.
    """
    found = optimum(
        pool(
            devices={"gamma": GAMMA, "surge": 1.5},
            stock={"base": {"metro_coast": {"alpha": {"2025": {"devices": 10}}, "gamma": {"2025": ONE_VINTAGE}}}},
            supply=NO_SUPPLY,
            tariffs=CHEAP_MORNING,
            time=cut(8),
        )
    )
    run = {
        (device, start): found.value("run", device=device, slice=f"summer-{start}")
        for device in ("alpha", "gamma")
        for start in ("00", "12")
    }
    assert run == pytest.approx({("alpha", "00"): 10, ("alpha", "12"): 5, ("gamma", "00"): 5, ("gamma", "12"): 0})
    assert found.objective == pytest.approx(7.008 * 0.875)


@pytest.mark.parametrize(("surge", "cheap", "expensive"), [(1.0, 10, 10), (1.5, 15, 5), (2.0, 20, 0), (9.0, 20, 0)])
def test_surge_binds(surge: float, cheap: float, expensive: float) -> None:
    """run <= surge x 10: 15 before noon leave 5 for the afternoon."""
    found = optimum(pool(tariffs=CHEAP_MORNING, time=cut(8), devices={"surge": surge}))
    assert found.value("run", slice="winter-00") == pytest.approx(cheap)
    assert found.value("run", slice="winter-12") == pytest.approx(expensive)


def test_surge_binds_in_a_quarter_of_the_day() -> None:
    """16 slices of 6 h, cheap from 0 to 6: at surge 2, 20 devices then (half of the work); at surge 4, 40 and all of
    it.

    Cost at surge 2: 7.008 x (0.5 x 0.4 + 0.5 x 1.2) = 5.6064 million; at surge 4: 7.008 x 0.4 = 2.8032.
    """
    for surge, run, cost in ((2.0, 20, 5.6064), (4.0, 40, 2.8032)):
        found = optimum(pool(tariffs=CHEAP_NIGHT, time=cut(16), devices={"surge": surge}))
        assert found.value("run", slice="spring-00") == pytest.approx(run)
        assert found.objective == pytest.approx(cost)


def test_work_does_not_leave_its_window() -> None:
    """Windows of 12 h from 00:00 on slices of 6 h: half of the work stays in the dear afternoon; 7.008 in all."""
    found = optimum(pool(tariffs=CHEAP_MORNING, time=cut(16), tasks={"chat": {"window_h": 12}}))
    morning = found.value("run", slice="summer-00") + found.value("run", slice="summer-06")
    afternoon = found.value("run", slice="summer-12") + found.value("run", slice="summer-18")
    assert (morning, afternoon) == (pytest.approx(20), pytest.approx(20))
    assert found.objective == pytest.approx(7.008)


def test_arrivals_of_a_pool_follow_its_profile_by_window() -> None:
    """Profile 0.5 / 1.5, windows of 12 h on slices of 6 h: 5 devices' work before noon, 15 after."""
    found = optimum(pool(time=cut(16), tasks={"chat": {"window_h": 12, "profile": "day"}}))
    assert found.value("run", slice="summer-00") + found.value("run", slice="summer-06") == pytest.approx(10)
    assert found.value("run", slice="summer-12") + found.value("run", slice="summer-18") == pytest.approx(30)


@pytest.mark.parametrize(
    ("window", "slices", "deferrable"),
    [(0, 24, False), (1, 24, False), (7, 16, False), (12, 16, True), (24, 4, False), (100, 16, True)],
)
def test_which_tasks_are_deferrable(window: float, slices: int, deferrable: bool) -> None:
    """A window that holds no more than one slice (6 h of 24 at 16 slices) follows its profile."""
    program = build(pool(tasks={"chat": {"window_h": window}}, time=cut(slices))).program
    assert ("run" in program.variables) == deferrable
    assert ("held" in program.variables) != deferrable


def test_longer_windows_are_tumbling_windows_that_divide_the_day() -> None:
    """A window of 18 h on slices of 6 h is rounded down to 12 h (lengths 2, 4, 6, 8, 12, 24): two windows a day, not
    18 + 6.
    """
    program = build(pool(time=cut(16), tasks={"chat": {"window_h": 18}})).program
    windows = program.constraints["pool"].index
    assert windows.groupby(windows["window"].str.split("-").str[0]).size().tolist() == [2, 2, 2, 2]
    run = program.variables["run"].index
    assert set(run.groupby("window").size()) == {2}, "each window holds two slices"


@pytest.mark.parametrize(
    ("slices", "hours", "window"),
    [
        (24, 24, 24), (24, 23.9, 12), (24, 12.5, 12), (24, 9, 8), (24, 7, 4), (24, 4, 4), (24, 3, 0), (24, 0, 0),
        (16, 18, 12), (16, 8, 6), (16, 4, 0), (20, 24, 24), (20, 12, 0),
        (96, 2, 2), (96, 1.9, 0), (96, 6, 6), (4, 24, 24),
    ],
)  # fmt: skip
def test_window_is_the_longest_whose_edges_are_edges_of_slices(slices: int, hours: float, window: int) -> None:
    """24 slices are blocks of 4 h, 16 of 6 h, 96 of 1 h; 20 begin at 0, 5, 10, 14, 19 h, so that only the day fits."""
    assert window_length(_plan(slices).clock, hours) == window


@cache
def _plan(slices: int) -> Plan:
    return build(one_place(time=cut(slices)))


def test_window_no_longer_than_a_slice_follows_its_profile() -> None:
    """24 slices of 4 h: work that may wait 4 to 6 h has windows of one slice, so nothing can move; 8 h hold two."""
    changes: dict[str, object] = {"tariffs": CHEAP_MORNING, "time": cut(24)}
    for wait in (4, 6, 7.9):
        found = optimum(pool(**changes, tasks={"chat": {"window_h": wait}}))
        assert "run" not in found.plan.program.variables
        assert found.objective == pytest.approx(7.008)
    assert "run" in optimum(pool(**changes, tasks={"chat": {"window_h": 8}})).plan.program.variables


def test_day_of_unlike_slices_is_one_window() -> None:
    """20 slices: 5, 5, 4, 5 and 5 h. Price 0.4 to 10 h, 10 / 7 after.

    Surge 2: 20 devices for 10 h do 200 of the 240 device-hours, 40 are left for the rest of the day.
    """
    cheap = {"flat": {"*": {f"h{hour:02d}": 0.4 if hour < 10 else 10 / 7 for hour in range(24)}}}
    found = optimum(pool(tariffs=cheap, time=cut(20)))
    assert found.value("run", slice="winter-05") == pytest.approx(20)
    assert found.objective == pytest.approx(7.008 * (200 * 0.4 + 40 * 10 / 7) / 240)


def test_stock_holds_for_interactive_and_deferrable_work_together() -> None:
    """Tiny at 16 slices: at no slice are more devices busy than energised."""
    found = optimum(tiny(time=cut(16)))
    rows = found.solution.constraints("stock")
    assert (rows["activity"] <= 1e-7).all()
    assert {"held", "run"} <= set(found.plan.program.variables)


def test_tasks_of_one_group_share_devices_exactly() -> None:
    """Two tasks with one profile and the same devices: one block `held`; the cost equals that of one task of both
    shares.
    """
    two = optimum(one_place(tasks={"half": HALF, "chat": {"share": 0.125}}, demand={"coast": {"half": {"share": 0.5}}}))
    assert len(two.plan.program.variables["held"]) == 1
    assert two.objective == pytest.approx(7.008)


# Bad data and the report


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"devices": {"surge": 0.5}}, "devices.surge"),
        ({"devices": {"availability": 1.1}}, "devices.availability"),
        ({"devices": {"energise": "some"}}, "devices.energise"),
        ({"tasks": {"chat": {"redundancy": 0.5}}}, "redundancy"),
        ({"devices": {"alpha": {"months_to_service": 61}}}, "months_to_service"),
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
    table = ew.solve(one_place(tasks={"chat": {"profile": "day"}}, time=cut(8)), reliefs=0, growth_table=False).table
    device = table[table["item"] == "device"].set_index("quantity")["value"]
    assert device["utilisation"] == pytest.approx(2 / 3)
    assert device["utilisation_p95"] == pytest.approx(1)
    assert device["utilisation_peak"] == pytest.approx(1)
    by = table.set_index("quantity")["value"]
    assert (by["installed"], by["energised"], by["busy"]) == (pytest.approx(20), pytest.approx(15), pytest.approx(10))
