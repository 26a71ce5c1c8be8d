"""Laws that every scenario obeys, tried on variations of a tiny country in which supply, halls, grid and corridors are
short.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builder import Optimum, cut, optimum, tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from eastwest.lp.certificate import certify
from eastwest.lp.highs import Session
from eastwest.model.data.delivered_demand import delivered_demand
from eastwest.model.data.fleet import tasks
from eastwest.scenario import Scenario

RELATIVE = 1e-7

SHORT: dict[str, Any] = {
    "time": cut(8),
    "anchors": {"base": {"intelligent": {"installed_pflops": 220}}},
    "corridors": {"*": {"capacity_gbps": 0.6}},
    "supply": {"alpha_group": {"2027": {"mid": 5}}},
    "capacity": {"mesa": {"grid": {"2020-01-01": {"mw": 0.05}}}},
    "site_power": {"*": {"demand_charge_cny_per_kw_month": 40}},
    "pue": {"*": {"summer": {"pue": 1.6}}},
    "policy": {"west_share_of_new_intelligent": 0.3},
}


@cache
def short() -> Scenario:
    """The tiny country with twice the demand that it can serve."""
    return tiny(**SHORT)


@cache
def base() -> Optimum:
    return optimum(short())


# More never costs more


def test_the_country_is_short_of_everything() -> None:
    """Otherwise the laws below would say little: each of these blocks has a row that binds with a price."""
    for name in ("supply", "hall", "corridor"):
        assert base().solution.constraints(name)["dual"].min() < -1e-6, name
    both = pd.concat([base().solution.constraints(name) for name in ("connection", "draw")])
    assert both["dual"].min() < -1e-6, "connection or draw"
    assert base().value("unserved") > 1


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"supply": {"alpha_group": {"2027": {"mid": 8}}}}, id="supply"),
        pytest.param({"capacity": {"mesa": {"hall_dense": {"2020-01-01": {"mw": 0.09}}}}}, id="hall"),
        pytest.param({"capacity": {"mesa": {"grid": {"2020-01-01": {"mw": 0.06}}}}}, id="grid"),
        pytest.param({"corridors": {"coast-mesa": {"capacity_gbps": 0.8}}}, id="corridor"),
        pytest.param({"stock": {"base": {"metro_coast": {"alpha": {"2025": {"devices": 25}}}}}}, id="stock"),
        pytest.param({"facilities": {"metro_dense_growth": 0.2}}, id="metro growth"),
        pytest.param({"devices": {"surge": 3}}, id="surge"),
        pytest.param({"devices": {"availability": 1, "*": {"energised_share": 1}}}, id="the same"),
        pytest.param({"latency": {"extra_sla_ms": 5}}, id="looser SLA"),
        pytest.param({"policy": {"west_share_of_new_intelligent": 0.1}}, id="lower floor"),
    ],
)
def test_more_never_costs_more(more: dict[str, Any]) -> None:
    assert optimum(short().with_(**more)).objective <= base().objective * (1 + RELATIVE)


@pytest.mark.parametrize(
    "less",
    [
        pytest.param({"supply": {"alpha_group": {"2027": {"mid": 3}}}}, id="supply"),
        pytest.param({"tasks": {"chat": {"round_trip_limit_ms": 8.5}}}, id="SLA 8.5 ms"),
        pytest.param({"tasks": {"chat": {"round_trip_limit_ms": 3}}}, id="SLA 3 ms"),
        pytest.param({"tasks": {"train": {"residency": "province"}}}, id="residency"),
        pytest.param({"policy": {"west_share_of_new_intelligent": 0.9}}, id="floor"),
        pytest.param({"policy": {"spending_cap_million_cny": 1}}, id="spending cap"),
        pytest.param({"green": {"carbon_cap_t": 300}}, id="carbon cap"),
        pytest.param({"tasks": {"chat": {"foreign_devices_allowed": False}}}, id="foreign devices"),
    ],
)
def test_tightening_never_costs_less(less: dict[str, Any]) -> None:
    assert optimum(short().with_(**less)).objective >= base().objective * (1 - RELATIVE)


@settings(max_examples=60)
@given(st.data())
def test_every_limit_of_the_program_is_monotone_and_convex(data: st.DataObject) -> None:
    """Any row that is an inequality, tightened and loosened by t: cost never falls, never rises, and falls ever more
    slowly.
    """
    session, m = _session()
    rows = np.flatnonzero(np.isinf(m.row_lower) != np.isinf(m.row_upper))
    row = int(data.draw(st.sampled_from(rows.tolist())))
    side = m.row_upper[row] if np.isinf(m.row_lower[row]) else m.row_lower[row]
    step = (abs(side) or 0.01 * m.row_scale[row]) * data.draw(st.floats(0.01, 0.5))
    sign = 1 if np.isinf(m.row_lower[row]) else -1
    found = []
    for change in (-step, 0.0, step):
        new = side + sign * change
        at = np.array([row])
        low, high = (np.array([-np.inf]), np.array([new])) if sign > 0 else (np.array([new]), np.array([np.inf]))
        session.set_row_bounds(at, low, high)
        outcome = session.run("simplex")
        found.append(outcome.objective if outcome.status == "optimal" else np.inf)
    session.set_row_bounds(np.array([row]), m.row_lower[[row]], m.row_upper[[row]])
    tight, now, loose = found
    slack = RELATIVE * abs(now)
    assert tight >= now - slack
    assert loose <= now + slack
    assert now - loose <= tight - now + 2 * slack


@cache
def _session() -> tuple[Session, Any]:
    matrix = base().plan.program.matrix()
    session = Session(matrix)
    session.run("simplex")
    return session, matrix


# Scale and names

AMOUNTS = {
    "anchors": ["installed_pflops"],
    "stock": ["devices"],
    "commitments": ["devices"],
    "supply": ["low", "mid", "high"],
    "capacity": ["mw"],
    "corridors": ["capacity_gbps"],
}


@pytest.mark.parametrize("factor", [0.1, 7.0, 1000.0])
def test_scaling_demand_stock_and_limits_scales_cost(factor: float) -> None:
    tables = {
        name: short()
        .tables[name]
        .assign(**{column: short().tables[name][column].astype(float) * factor for column in columns})
        for name, columns in AMOUNTS.items()
    }
    assert optimum(short().with_(tables=tables)).objective == pytest.approx(factor * base().objective, rel=1e-7)


NAMED = {
    "site": ("site",),
    "region": ("region",),
    "task": ("task",),
    "device": ("device",),
    "node": ("node", "from_node", "to_node"),
    "profile": ("profile",),
    "corridor": ("corridor",),
    "supply_group": ("supply_group",),
    "tariff": ("tariff",),
}


def renamed(scenario: Scenario, what: str) -> Scenario:
    """Every label of one kind replaced by one that sorts the other way round, in every table."""
    columns = NAMED[what]
    labels = sorted(
        {label for table in scenario.tables.values() for c in columns if c in table for label in table[c].dropna()}
    )
    other = {label: f"{chr(ord('z') - number)}-{number}_new.{what}" for number, label in enumerate(labels)}
    tables = {
        name: table.assign(**{c: table[c].map(other).where(table[c].notna(), None) for c in columns if c in table})
        for name, table in scenario.tables.items()
    }
    return replace(scenario, polygons=None).with_(tables=tables)


@pytest.mark.parametrize("what", sorted(NAMED))
def test_renaming_changes_nothing_in_the_objective(what: str) -> None:
    assert optimum(renamed(short(), what)).objective == pytest.approx(base().objective, rel=1e-9)


@settings(max_examples=3)
@given(st.randoms(use_true_random=False))
def test_reordering_rows_of_tables_changes_nothing_in_the_objective(random: Any) -> None:
    seed = random.randrange(1000)
    tables = {
        name: table.sample(frac=1, random_state=seed).reset_index(drop=True) for name, table in short().tables.items()
    }
    assert optimum(replace(short(), tables=tables)).objective == pytest.approx(base().objective, rel=1e-9)


# What holds in every solution

TRANCHES = {
    "all": {
        name: {
            "share": share, **dict.fromkeys(("multiple_low", "multiple_mid"), multiple), "multiple_high": 2 * multiple,
            "source": "invented for tests", "quality": "assumption",
        }
        for name, share, multiple in (("low", 0.3, 0.5), ("middle", 0.5, 1.0), ("top", 0.2, 2.0))
    }
}  # fmt: skip
VARIATIONS = st.fixed_dictionaries(
    {},
    optional={
        "time": st.sampled_from([cut(n) for n in (1, 2, 3, 4, 8, 12, 16, 24)]),
        "demand": st.sampled_from([{"growth": "high"}, {"tranche_values": "high"}, {"least_served_share": 0.05}]),
        "value_tranches": st.sampled_from([TRANCHES]),
        "finance": st.sampled_from([{"costs": "low"}, {"costs": "high"}]),
        "devices": st.sampled_from([{"surge": 1}, {"availability": 0.8}, {"supply": "low"}, {"idle_power": 0}]),
        "power": st.sampled_from([{"time_of_use": False}, {"headroom": 1.5}]),
        "green": st.sampled_from([{"carbon_price_cny_per_t": 500}, {"carbon_cap_t": 300}]),
        "facilities": st.sampled_from([{"metro_dense_growth": None}, {"build_limit_share": 0}, {"lead_months": 24}]),
        "network": st.sampled_from([{"corridor_limits": False}, {"price_factor": 10}, {"capacity_factor": 0.2}]),
        "latency": st.sampled_from([{"extra_sla_ms": -2}, {"use_published_round_trips": False}]),
        "policy": st.sampled_from([{"spending_cap_million_cny": 2}, {"west_share_of_new_intelligent": 0.8}]),
    },
)


@settings(max_examples=12)
@given(VARIATIONS)
def test_every_solution_is_certified_and_adds_up(changes: dict[str, Any]) -> None:
    found = optimum(short().with_(**changes))
    program = found.plan.program
    certificate = certify(program.matrix(), found.outcome.x, found.outcome.y)
    assert certificate.holds
    total = sum(found.cost(item) for item in program.items)
    assert total == pytest.approx(found.objective, rel=1e-9)
    assert certificate.primal_objective == pytest.approx(found.objective, rel=1e-9)
    demand = delivered_demand(found.plan).set_index(["region", "task"])["delivered"]
    served = found.table("serve").groupby(["region", "task"])["value"].sum()
    unserved = found.table("unserved").groupby(["region", "task"])["value"].sum()
    got = served.reindex(demand.index, fill_value=0.0) + unserved.reindex(demand.index)
    np.testing.assert_allclose(got.to_numpy(), demand.to_numpy(), rtol=1e-7)
    _devices_give_what_is_served(found)


def _devices_give_what_is_served(found: Optimum) -> None:
    """Over the year and all sites, device-hours x throughput = service, by work."""
    from eastwest.model.data.fleet import throughput

    rate = throughput(found.plan)
    works = tasks(found.plan).set_index("task")["work"]
    served = found.table("serve").groupby(found.table("serve")["task"].map(works))["value"].sum()
    given_ = pd.Series(0.0, index=served.index)
    weight = found.plan.clock.weight
    for name in ("held", "run"):
        table = found.table(name)
        if len(table):
            share = table["slice"].map(weight) / 8760 if name == "run" else 1.0
            each = table["value"] * share * [rate[key] for key in zip(table["device"], table["work"], strict=True)]
            given_ = given_.add(each.groupby(table["work"]).sum(), fill_value=0.0)
    np.testing.assert_allclose(given_.reindex(served.index), served, rtol=1e-6, atol=1e-9)


def test_kinds_are_never_added() -> None:
    """No row of the program joins variables of tasks or devices of two kinds, but for power, halls and money."""
    general = {
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
        "profile": "day",
        "gbps_per_peak_pflops": 0.1,
        "value_cny_per_peak_pflops_h": 9,
        "criticality": 3,
        "foreign_devices_allowed": True,
        "least_scale_up_devices": 1,
    }
    server = {
        "name_en": "Server",
        "vendor": "V",
        "kind": "general",
        "origin": "domestic",
        "hall_class": "standard",
        "peak_pflops": 0.5,
        "rated_w": 400,
        "price_cny": 20000,
        "price_basis": "all_in",
        "lifetime_years": 5,
        "general_use": 0.8,
        "largest_group_devices": 8,
    }
    found = optimum(
        short().with_(
            tasks={"web": general},
            demand={"kinds": ["intelligent", "general"], "coast": {"web": {"share": 1}}},
            anchors={"base": {"general": {"date": "2026-07-01", "installed_pflops": 20, "allocation": 0.5}}},
            reference_use={"base": {"general": {"use": 0.4}}},
            devices={"server": server},
        )
    )
    program, plan = found.plan.program, found.plan
    kind_of_task = tasks(plan).set_index("task")["kind"]
    kind_of_device = plan.table("devices").set_index("device")["kind"]
    kinds = np.full(program.shape[1], "", dtype=object)
    for group in program.variables.values():
        here = slice(group.offset, group.offset + len(group))
        if "task" in group.index:
            kinds[here] = group.index["task"].map(kind_of_task)
        elif "device" in group.index:
            kinds[here] = group.index["device"].map(kind_of_device)
    matrix = program.matrix()
    joined = pd.DataFrame({"row": matrix.row_of_entry(), "kind": kinds[matrix.index]})
    mixed = set(joined[joined["kind"] != ""].groupby("row")["kind"].nunique().loc[lambda count: count > 1].index)
    of = {
        number: rows.name
        for rows in program.constraints.values()
        for number in range(rows.offset, rows.offset + len(rows))
    }
    assert {of[row] for row in mixed} <= {"power", "connection", "hall", "traffic", "spending", "carbon"}
    assert {program.constraints[of[row]].unit for row in mixed} <= {"MW", "Gbit/s", "million CNY", "t CO2"}
