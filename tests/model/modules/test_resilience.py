"""Outages, work that stands twice, stock of one owner; the tiny country with chat of the coast alone.

7.5 PFLOP/s of chat take 15 devices alpha (0.5 PFLOP/s each, 1 kW, idle 0.28). Sites: metro_coast (PUE 1.5, 0.8
CNY/kWh), metro_plateau (1.5, 0.6), mesa (1.2, 0.4). A device energised and idle costs 8.76 MWh x 0.28 x PUE x price a
year. Nothing can be bought; the connection does not bind.
"""

from __future__ import annotations

from io import StringIO
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builder import Optimum, cut, names_of_rules, optimum, tiny
from places import ROOT
from rich.console import Console

import eastwest as ew
from eastwest.errors import InputError
from eastwest.lp.highs import Session
from eastwest.model.data import outages, pooling
from eastwest.report.terminal.write import print_report
from eastwest.scenario import Scenario
from eastwest.solving.solve import build, report

SITES = ("metro_coast", "metro_plateau", "mesa")
IDLE = {
    "metro_coast": 8.76 * 0.28 * 1.5 * 800e-6,
    "metro_plateau": 8.76 * 0.28 * 1.5 * 600e-6,
    "mesa": 8.76 * 0.28 * 1.2 * 400e-6,
}
"""Million CNY a year for one device that is energised and idle."""


def places(metro_coast: float = 0, metro_plateau: float = 0, mesa: float = 0, **changes: Any) -> Scenario:
    """So many devices at each site; the task chat is protected and flat."""
    count = {"metro_coast": metro_coast, "metro_plateau": metro_plateau, "mesa": mesa}
    stock = {site: {"alpha": {2025: {"devices": n}}} if n else None for site, n in count.items()}
    if metro_coast:
        stock["metro_coast"] = {"alpha": {2025: {"devices": metro_coast}}, "beta": None}
    base = tiny(
        tasks={"train": None, "chat": {"profile": "flat", "criticality": 5, "redundancy": 1.3}},
        demand={"plateau": None, "coast": {"chat": {"share": 0.75}}},
        stock={"base": stock},
        supply={"*": {"*": {"mid": 0}}},
        commitments={"mesa": None},
        devices={"idle_power": 0.28, "standby": False},
        network={"price_factor": 0},
        power={"build_limit_share": 0},
        facilities={"build_limit_share": 0, "metro_dense_growth": None},
        capacity={
            site: {asset: {"2020-01-01": {"mw": 1}} for asset in ("grid", "hall_dense", "hall_standard")}
            for site in SITES
        },
    )
    return base.with_(**changes) if changes else base


def rows_of(found: Optimum, quantity: str) -> pd.DataFrame:
    table = pd.concat(report(found.plan, found.solution))
    return table[table["quantity"] == quantity]


def objective(scenario: Scenario) -> float:
    return optimum(scenario).objective


# One site lost


def test_two_sites_each_keep_all_the_work_in_reserve() -> None:
    """15 of 20 energised at each: half of what is energised is headroom; the 15 that idle are the coast's."""
    none, safe = optimum(places(20, 0, 20)), optimum(places(20, 0, 20, resilience={"site_outages": "all"}))
    assert none.value("energised") == pytest.approx(15)
    assert safe.value("energised", site="metro_coast") == pytest.approx(15)
    assert safe.value("energised", site="mesa") == pytest.approx(15)
    assert safe.objective - none.objective == pytest.approx(15 * IDLE["metro_coast"])


def test_three_sites_share_a_smaller_reserve() -> None:
    """Any two must hold 15: 7.5 each, where all sites cost the same; headroom is half of the work, not all of it."""
    equal = places(10, 10, 10, site_power={"*": {"price_cny_per_kwh": 0.5}}, pue={"*": {"*": {"pue": 1.2}}})
    safe = optimum(equal.with_(resilience={"site_outages": "all"}))
    assert safe.table("energised")["value"].tolist() == pytest.approx([7.5] * 3)
    headroom = rows_of(safe, "headroom")
    assert headroom["value"].sum() == pytest.approx(7.5)


def test_the_lost_work_is_re_served_and_the_rest_stays() -> None:
    safe = optimum(places(10, 10, 10, resilience={"site_outages": "all"}))
    for outage, lost in safe.table("serve").groupby("site")["value"].sum().items():
        assert safe.value("rerouted", outage=f"site-{outage}") == pytest.approx(lost, abs=1e-6)
        assert safe.value("rerouted", outage=f"site-{outage}", site=outage) == 0


def test_reserve_follows_the_profile() -> None:
    """At 1.5 times the mean 22.5 devices are needed at each of two sites."""
    day = places(30, 0, 30, tasks={"chat": {"profile": "day"}}, time=cut(8))
    safe = optimum(day.with_(resilience={"site_outages": "all"}))
    assert safe.table("energised")["value"].tolist() == pytest.approx([22.5] * 2)


def test_too_little_stock_leaves_demand_unserved() -> None:
    """10 devices at each of two sites: 5 PFLOP/s can be promised, although 20 devices would serve all 7.5."""
    assert optimum(places(10, 0, 10)).value("unserved") == pytest.approx(0, abs=1e-6)
    assert optimum(places(10, 0, 10, resilience={"site_outages": "all"})).value("unserved") == pytest.approx(2.5)


def test_only_listed_sites_are_lost() -> None:
    """Work at the coast is safe where only clusters are lost; cheap mesa then serves what the coast can take."""
    safe = optimum(places(5, 0, 20, resilience={"site_outages": "clusters"}))
    assert safe.value("serve", site="mesa") <= 2.5 + 1e-6
    assert safe.value("unserved") == pytest.approx(5)
    assert safe.objective == pytest.approx(objective(places(5, 0, 20, resilience={"site_outages": ["mesa"]})))


def test_work_that_can_wait_is_pre_empted() -> None:
    """Training fills mesa in normal hours; its 15 devices are the reserve, and nothing more is energised."""
    scenario = places(15, 0, 15)
    train = {
        "workload": "train", "name_en": "Training", "kind": "intelligent", "work": "training", "share": 0.25,
        "growth_low_per_year": 0, "growth_mid_per_year": 0, "growth_high_per_year": 0, "round_trip_limit_ms": 100,
        "residency": "national", "window_h": 24, "profile": "flat", "gbps_per_peak_pflops": 0.01,
        "value_cny_per_peak_pflops_h": 20, "criticality": 3, "redundancy": 1, "foreign_devices_allowed": True,
        "least_scale_up_devices": 1, "source": "invented", "quality": "assumption",
    }  # fmt: skip
    share = {"share": 15 * 0.4 / (100 * 0.8 * 0.25 * 0.4), "source": "invented", "quality": "assumption"}
    full = scenario.with_(tasks={"train": train}, demand={"coast": {"train": share}}, time=cut(8))
    none, safe = optimum(full), optimum(full.with_(resilience={"site_outages": "all"}))
    assert none.value("energised") == pytest.approx(30)
    assert safe.objective == pytest.approx(none.objective)


def test_the_connection_must_carry_the_work_after_the_outage() -> None:
    """Busy = rated: 0.0144 MW at mesa connect 14 devices (1.1 x 0.75 x 1.2 x 14 kW = 0.0139) and drive 12 of them.

    12 x 1.2 kW = 0.0144: no more than 12 devices may work anywhere, 1.5 PFLOP/s of 7.5 go unserved.
    """
    grid = {"grid": {"2020-01-01": {"mw": 0.0144}, "2027-07-01": {"mw": 0}}}
    tight = places(20, 0, 14, capacity={"mesa": grid}, devices={"busy_power_other": 1.0})
    safe = optimum(tight.with_(resilience={"site_outages": ["metro_coast"]}))
    assert safe.value("unserved") == pytest.approx(7.5 - 0.5 * 12)
    assert safe.row("power_site", outage="site-metro_coast", site="mesa")["slack"] == pytest.approx(0, abs=1e-9)


# Hubs and corridors

HUB = {
    "hubs": {"h": {"name_en": "Hub", "side": "west"}},
    "sites": {"mesa": {"hub": "h"}, "metro_plateau": {"hub": "h"}},
}


def test_a_hub_is_all_its_sites_and_costs_at_least_as_much() -> None:
    """With mesa and its metro gone the coast must carry all 15 alone."""
    each = objective(places(20, 10, 10, **HUB, resilience={"site_outages": ["mesa", "metro_plateau"]}))
    hub = optimum(places(20, 10, 10, **HUB, resilience={"hub_outages": "all"}))
    assert hub.objective > each + 1e-6
    assert hub.value("energised", site="metro_coast") == pytest.approx(15)


def test_a_reserve_that_must_cross_a_full_corridor() -> None:
    """0.3 Gbit/s hold 0.3 / 0.2 = 1.5 PFLOP/s from the coast to mesa; no more can be promised in all."""
    thin = places(20, 0, 20, corridors={"coast-mesa": {"capacity_gbps": 0.3}})
    assert optimum(thin).value("unserved") == pytest.approx(0, abs=1e-6)
    safe = optimum(thin.with_(resilience={"site_outages": "all"}))
    assert safe.value("unserved") == pytest.approx(6)
    row = safe.row("corridor_site", outage="site-metro_coast", corridor="coast-mesa")
    assert (row["slack"], row["dual"] < 0) == (pytest.approx(0, abs=1e-9), True)


def test_a_corridor_lost() -> None:
    """Without coast-mesa the coast serves itself: it keeps as many devices as mesa serves from afar."""
    safe = optimum(places(10, 0, 20, resilience={"corridor_outages": "all"}))
    assert safe.value("serve", site="mesa") == pytest.approx(5)
    assert safe.value("unserved") == pytest.approx(2.5)
    assert safe.value("rerouted", outage="corridor-coast-mesa", site="metro_coast") == pytest.approx(5)


# What cannot be promised, what is off


def test_no_second_site() -> None:
    """Bound to its metro: nothing to re-serve it at. It is named, and the plan is as without."""
    bound = places(20, 0, 20, tasks={"chat": {"residency": "metro"}})
    safe = optimum(bound.with_(resilience={"site_outages": "all"}))
    assert safe.objective == pytest.approx(objective(bound))
    assert any("chat (100%)" in line for line in safe.plan.warnings)
    assert rows_of(safe, "unprotectable")["value"].tolist() == [1.0]


def test_nothing_is_built_by_default() -> None:
    program = optimum(places(20, 0, 20)).plan.program
    assert not {"rerouted", "standby_held", "mirror"} & set(program.variables)
    assert not optimum(places(20, 0, 20)).plan.rules


def test_the_promise_takes_the_place_of_the_multiplier_where_sites_are_lost() -> None:
    standby = places(20, 0, 20, devices={"standby": True})
    kept = optimum(standby.with_(resilience={"corridor_outages": "all"}))
    replaced = optimum(standby.with_(resilience={"site_outages": "all"}))
    assert optimum(standby).value("energised") == pytest.approx(15 * 1.3)
    assert "reserved" in kept.plan.program.constraints
    assert "reserved" not in replaced.plan.program.constraints
    assert replaced.value("energised") == pytest.approx(30)


def test_criticality_or_names_choose() -> None:
    low = places(20, 0, 20, tasks={"chat": {"criticality": 3}})
    assert not build(low.with_(resilience={"site_outages": "all"})).rules
    named = {"site_outages": "all", "protected_tasks": ["chat"]}
    assert names_of_rules(build(low.with_(resilience=named))) == {
        "any one site lost": ["reroute_site", "stand_in_site", "reserve_site"]
    }


def test_work_that_waits_cannot_be_named() -> None:
    scenario = tiny(time=cut(8), resilience={"site_outages": "all", "protected_tasks": ["train"]})
    with pytest.raises(InputError, match=r"resilience\.protected_tasks: 'train' can wait 24 h"):
        build(scenario)


# Work that stands at several sites


def test_two_sites_at_least_as_dear_as_any_one_lost() -> None:
    """All 15 twice, of 10 at each of three sites: 30 energised where N-1 keeps 22.5."""
    one = objective(places(10, 10, 10, resilience={"site_outages": "all"}))
    two = optimum(places(10, 10, 10, resilience={"two_site_tasks": ["chat"]}))
    assert two.value("energised") == pytest.approx(30)
    assert two.objective > one
    assert two.value("mirror") == pytest.approx(7.5)


def test_the_mirror_stands_elsewhere() -> None:
    """20 devices at each of two sites: serve and mirror of a site never exceed the whole."""
    two = optimum(places(20, 0, 20, resilience={"two_site_tasks": ["chat"]}))
    at = two.table("serve").groupby("site")["value"].sum() + two.table("mirror").groupby("site")["value"].sum()
    assert at.tolist() == pytest.approx([7.5, 7.5])
    assert rows_of(two, "mirrored")["value"].sum() == pytest.approx(7.5)


def test_three_copies_need_three_sites() -> None:
    three = optimum(places(15, 15, 15, resilience={"two_site_tasks": ["chat"], "copies": 3}))
    assert three.table("energised")["value"].tolist() == pytest.approx([15] * 3)
    few = optimum(places(15, 0, 15, resilience={"two_site_tasks": ["chat"], "copies": 3}))
    assert any("chat (100%)" in line for line in few.plan.warnings)
    assert few.value("energised") == pytest.approx(15)


def test_a_mirrored_task_needs_no_other_promise() -> None:
    both = places(20, 0, 20, resilience={"two_site_tasks": ["chat"], "site_outages": "all"})
    assert objective(both) == pytest.approx(objective(places(20, 0, 20, resilience={"two_site_tasks": ["chat"]})))


# Stock of one owner


def pooled(share: float | None, **changes: Any) -> Scenario:
    """10 devices at the coast, allocation 0.8: with a share s, 8 + 2 s serve."""
    return places(10, 0, 0, resilience={"pooling_share": share}, **changes)


@pytest.mark.parametrize(("share", "devices"), [(0.0, 8), (0.5, 9), (1.0, 10), (None, 10)])
def test_spare_stock_is_open_by_its_share(share: float | None, devices: float) -> None:
    found = optimum(pooled(share))
    assert found.value("energised") == pytest.approx(devices)
    assert found.value("unserved") == pytest.approx(7.5 - devices / 2)


def test_full_pooling_is_none() -> None:
    assert objective(pooled(1.0)) == pytest.approx(objective(pooled(None)))
    assert not build(pooled(1.0)).rules


def test_by_site() -> None:
    found = optimum(places(10, 0, 10, resilience={"pooling_share": {"mesa": 0.0}}))
    assert found.value("energised", site="mesa") == pytest.approx(8)
    assert found.value("energised", site="metro_coast") == pytest.approx(7)


def test_worth_of_full_pooling_at_the_hubs_is_the_second_solve() -> None:
    hub = {"hubs": HUB["hubs"], "sites": {"metro_coast": {"hub": "h"}}}
    table = ew.solve(pooled(0.0, **hub), reliefs=1, growth_table=False).table
    found = table[table["quantity"] == "worth"]
    assert found["item"].tolist() == [pooling.ITEM]
    assert found["value"].tolist() == pytest.approx([objective(pooled(0.0)) - objective(pooled(1.0))], rel=1e-6)


# Prices


def quotients(found: Optimum, group: str, number: int, delta: float) -> tuple[float, float]:
    """Left and right difference quotient of the objective in one right-hand side."""
    matrix, rows = found.plan.program.matrix(), found.plan.program.constraints[group]
    at = np.array([rows.offset + number])
    objectives = []
    for shift in (-delta, delta):
        session = Session(matrix)
        session.set_row_bounds(at, matrix.row_lower[at] + shift, matrix.row_upper[at] + shift)
        objectives.append(session.run().objective)
    return (found.objective - objectives[0]) / delta, (objectives[1] - found.objective) / delta


CASES = {
    "pooling": pooled(0.5),
    "reroute_site": places(10, 10, 10, resilience={"site_outages": "all"}),
    "reserve_site": places(10, 0, 10, resilience={"site_outages": "all"}),
    "corridor_site": places(
        20, 0, 20, corridors={"coast-mesa": {"capacity_gbps": 0.3}}, resilience={"site_outages": "all"}
    ),
    "mirrored_stock": places(20, 0, 10, resilience={"two_site_tasks": ["chat"]}),
}


@pytest.mark.parametrize("group", CASES)
def test_dual_lies_between_the_quotients(group: str) -> None:
    found = optimum(CASES[group])
    duals = found.solution.constraints(group)["dual"].to_numpy()
    assert np.abs(duals).max() > 1e-7
    for number, dual in enumerate(duals):
        left, right = quotients(found, group, number, 1e-3)
        low, high = min(left, right), max(left, right)
        size = 1e-4 * max(abs(low), abs(high)) + 1e-7
        assert low - size <= dual <= high + size
        if high - low < size:
            assert dual == pytest.approx(low, rel=1e-4, abs=1e-7)


def test_promise_prices_the_binding_outage() -> None:
    """Two sites: the idle 15 at the coast stand in for mesa, which serves all; the loss of the coast costs nothing."""
    safe = optimum(places(20, 0, 20, resilience={"site_outages": "all"}))
    promise = rows_of(safe, "promise").set_index("item")["value"]
    assert promise["site-mesa"] == pytest.approx(15 * IDLE["metro_coast"], rel=1e-6)
    assert "site-metro_coast" not in promise or promise["site-metro_coast"] == pytest.approx(0, abs=1e-9)
    lost = rows_of(safe, "lost_rate").set_index("item")["value"]
    assert lost.to_dict() == pytest.approx({"site-mesa": 7.5})
    after = rows_of(safe, "round_trip_after_outage")
    assert after["value"].tolist() == [2.0]


def test_outages_as_data() -> None:
    plan = build(places(10, 10, 10, **HUB, resilience={"site_outages": "clusters", "hub_outages": "all"}))
    assert outages.listed(plan)["outage"].tolist() == ["site-mesa", "hub-h"]
    assert outages.gone(plan)["hub-h", "coast", "metro_plateau"] == 1
    assert outages.gone(plan)["site-mesa", "coast", "metro_plateau"] == 0


NATIONAL = ("mid", "high")


@pytest.mark.slow
@pytest.mark.parametrize("growth", NATIONAL)
def test_the_promise_costs_at_least_nothing_in_the_national_case(growth: str) -> None:
    """Against the same plan without multipliers, which the promise takes the place of."""
    base = ew.load_scenario(ROOT / "scenarios" / "national-2027.yaml").with_(
        time=cut(4), demand={"growth": growth}, devices={"standby": False}
    )
    assert objective(base.with_(resilience={"site_outages": "clusters"})) >= objective(base) * (1 - 1e-7)


def test_the_report_tells_outages_the_rest_and_the_worth() -> None:
    """The loss of mesa binds: all 7.5 go to the coast, from 9 to 2 ms; the bank of the coast has no second site."""
    chat = tiny().tables["tasks"].set_index("task").loc["chat"].to_dict()
    columns = {name: value for name, value in chat.items() if not str(name).startswith("_")}
    bank = {**columns, "profile": "flat", "residency": "metro", "share": 0.01}
    asked = {"share": 1, "source": "invented", "quality": "assumption"}
    scenario = places(20, 0, 20, tasks={"bank": bank}, demand={"coast": {"bank": asked}}).with_(
        resilience={"site_outages": "all", "two_site_tasks": ["bank"], "pooling_share": 0.9}, **HUB
    )
    text = StringIO()
    print_report(Console(file=text, width=120), ew.solve(scenario, reliefs=1, growth_table=False))
    section = text.getvalue().split("What the plan survives")[1]
    assert "Mesa cluster" in section and "Coast metro 7.5" in section
    assert "share of demand): bank 100.0 %" in section.lower() or "100.0 %" in section
    assert "Worth of full pooling of the hubs: 0 million CNY" in section
