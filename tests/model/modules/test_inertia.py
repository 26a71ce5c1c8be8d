"""Customers who stay. `pair`: the place of `builder.one_place` (metro_coast, 20 devices of the anchor, 800 CNY/MWh) and
beside it the cluster `far`, which pays 400 CNY/MWh and has 20 devices that came after the anchor.

5 PFLOP/s are asked for and need 10 devices, 1 MW: 7.008 million at metro_coast, 3.504 at far. Anchor work of
metro_coast is 20 x 1 PFLOP/s x 0.8 x 0.5 = 8 PFLOP/s; of what stays of it in 2027, t = 365 days / 365.25.
"""

from __future__ import annotations

from typing import Any

import pytest
from builder import costs, cut, one_place, optimum
from hypothesis import given, settings
from hypothesis import strategies as st
from places import ROOT

import eastwest as ew
from eastwest.analysis.evaluation.evaluate import evaluate
from eastwest.errors import InputError
from eastwest.model.data.delivered_demand import delivered_at_anchor
from eastwest.solving.solve import build

SAID = {"source": "invented for tests", "quality": "assumption"}
FAR = {
    "name_en": "Far", "kind": "cluster", "region": "coast", "node": "coast", "latitude_deg": 40.0,
    "longitude_deg": -8.5, "west": False, "resource_west": False, "large_centres_allowed": True,
    "hall_capex_million_cny_per_mw": 30, "grid_capex_million_cny_per_mw": 1.5, **SAID,
}  # fmt: skip
STANDS = {"2020-01-01": {"mw": 5, "status": "existing", **SAID}}
SEASONS = ("winter", "spring", "summer", "autumn")
T = 365 / 365.25
PER_PFLOPS = 8760 / 1e6
"""million CNY a year for each PFLOP/s at 1 CNY/(PFLOP/s h)."""


def pair(mobility: float = 0.5, price: float = 100, **changes: Any) -> ew.Scenario:
    figures = {
        "discount_rate_system": 0,
        "mobility_intelligent_per_year": mobility,
        "switching_cost_intelligent_cny_per_pflops_h": price,
    }
    known = one_place().tables["site_power"].set_index("site").loc["metro_coast"].to_dict()
    row = {name: value for name, value in known.items() if not str(name).startswith("_") and value == value}
    base = one_place(
        costs=costs(figures),
        sites={"far": FAR},
        site_power={"far": {**row, "price_cny_per_kwh": 0.4}},
        pue={"far": {season: {"pue": 1, **SAID} for season in SEASONS}},
        capacity={"far": dict.fromkeys(("grid", "hall_dense"), STANDS)},
        commitments={"far": {"alpha": {"2026-08-01": {"devices": 20, **SAID}}}},
    )
    return base.with_(**changes) if changes else base


def test_what_is_dearer_to_move_stays() -> None:
    """Moving 1 PFLOP/s saves 0.7008 million of energy and costs 0.876: 8 x 0.5^t stay, the rest of 5 runs at far."""
    found = optimum(pair(mobility=0.5, price=100))
    stays = 8 * 0.5**T
    assert found.value("received", site="metro_coast") == pytest.approx(stays)
    assert found.value("received", site="far") == pytest.approx(5 - stays)
    assert found.value("moved_customers") == pytest.approx(0, abs=1e-9)
    assert found.objective == pytest.approx(stays * 7.008 / 5 + (5 - stays) * 3.504 / 5)
    assert found.row("inertia")["dual"] == pytest.approx(0.7008)


def test_what_is_cheaper_to_move_moves_and_is_paid() -> None:
    """At 50 CNY/(PFLOP/s h) a move costs 0.438 million and saves 0.7008."""
    found = optimum(pair(mobility=0.5, price=50))
    stays = 8 * 0.5**T
    assert found.value("received", site="far") == pytest.approx(5)
    assert found.value("moved_customers", site="metro_coast", kind="intelligent") == pytest.approx(stays)
    assert found.cost("moved_customers") == pytest.approx(stays * 50 * PER_PFLOPS)
    assert found.objective == pytest.approx(3.504 + stays * 50 * PER_PFLOPS)


def test_fewer_stay_each_year() -> None:
    """t = 365, 731 and 1,096 days over 365.25."""
    found = optimum(pair(mobility=0.5, years=[2027, 2028, 2029]))
    right = found.solution.constraints("inertia").set_index("year")["right"]
    assert right.to_dict() == pytest.approx(
        {2027 + n: 8 * 0.5 ** (days / 365.25) for n, days in enumerate((365, 731, 1096))}
    )


def test_less_demand_than_at_the_anchor_holds_fewer() -> None:
    """Twice the work from every FLOP after a year: demand is 1 / 2^t of what it was, and so is what stays."""
    found = optimum(pair(mobility=0.5, demand={"efficiency_gain_per_year": 1.0}))
    assert found.row("inertia")["right"] == pytest.approx(8 * 0.5**T / 2**T)
    grown = optimum(pair(mobility=0.5, tasks={"chat": {"growth_mid_per_year": 1}}))
    assert grown.row("inertia")["right"] == pytest.approx(8 * 0.5**T)


def test_without_figures_customers_move_freely_unless_they_are_asked_to_stay() -> None:
    free = pair().with_(costs={"mobility_intelligent_per_year": None})
    assert "inertia" not in build(free).program.constraints
    assert "inertia" not in build(pair(inertia={"customers_stay": False})).program.constraints
    with pytest.raises(InputError, match="mobility_intelligent_per_year"):
        build(free.with_(inertia={"customers_stay": True}))
    own = free.with_(inertia={"mobility_per_year": {"intelligent": 0.25}})
    assert optimum(own).row("inertia")["right"] == pytest.approx(8 * 0.75**T)


def test_a_snapshot_and_the_year_of_the_anchor_hold_nobody() -> None:
    for years in ("anchor", [2026]):
        assert "inertia" not in build(pair(years=years)).program.constraints


def test_all_who_would_stay_and_cannot_are_moved() -> None:
    """Devices of the anchor retire before 2027: metro_coast can serve nobody, and the plan stands."""
    old = {"base": {"metro_coast": {"alpha": {"2025": None, "2018": {"devices": 20, "live_share": 1, **SAID}}}}}
    found = optimum(pair(stock=old, supply={"*": {"*": {"mid": 0}}}, demand={"shortage": "forbidden"}))
    assert found.value("received", site="metro_coast") == pytest.approx(0, abs=1e-9)
    assert found.value("moved_customers") == pytest.approx(8 * 0.5**T)


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [{"supply": {"*": {"*": {"low": 0, "mid": 0, "high": 0}}}}, {"devices": {"*": {"lifetime_years": 0.6}}}],
    ids=["nothing is delivered", "everything has retired"],
)
def test_the_country_stays_feasible(changes: dict[str, Any]) -> None:
    scenario = ew.load_scenario(ROOT / "scenarios" / "national-2027.yaml").with_(time=cut(4), **changes)
    found = optimum(scenario)
    kept = found.solution.constraints("inertia")
    assert (kept["activity"] >= kept["right"] - 1e-6 * (1 + kept["right"])).all()


def test_sites_together_did_what_was_asked_at_the_anchor() -> None:
    """The stock sums to the anchor's total, so the work of all sites is the demand of that day (nobody moves here)."""
    kinds = ("intelligent", "general")
    nobody = {"inertia": {"mobility_per_year": dict.fromkeys(kinds, 0)}}
    scenario = ew.load_scenario(ROOT / "scenarios" / "national-2027.yaml").with_(time=cut(4), **nobody)
    plan = build(scenario)
    rows = plan.program.constraints["inertia"]
    work = rows.index.assign(value=rows.right_hand_side).groupby("kind")["value"].sum()
    assert work.to_dict() == pytest.approx(delivered_at_anchor(plan).to_dict(), rel=2e-3)


@settings(max_examples=12, deadline=None)
@given(mobility=st.floats(0, 1), more=st.floats(0, 1), price=st.floats(0, 300), dearer=st.floats(0, 300))
def test_nothing_gets_cheaper_by_staying(mobility: float, more: float, price: float, dearer: float) -> None:
    """A dearer move never lowers the objective, more mobility never raises it, free customers cost least."""
    base = optimum(pair(mobility, price)).objective
    slack = 1e-7 * (1 + base)
    assert optimum(pair(mobility, price + dearer)).objective >= base - slack
    assert optimum(pair(min(1.0, mobility + more), price)).objective <= base + slack
    assert optimum(pair(inertia={"customers_stay": False})).objective <= base + slack


def test_customers_are_told() -> None:
    """8 x 0.5^t would stay; all are moved, at their cost, which is a cost of intelligent compute and no penalty."""
    result = ew.solve(pair(price=50), reliefs=0, growth_table=False)
    stays, by = 8 * 0.5**T, result.table.set_index("quantity")["value"]
    assert (by["staying_customers"], by["moved_customers"]) == pytest.approx((stays, stays))
    head = result.table[(result.table["quantity"] == "headline") & (result.table["item"] == "cost_without_penalties")]
    assert head.set_index("kind")["value"]["intelligent"] == pytest.approx(3.504 + stays * 50 * PER_PFLOPS)
    price = result.table[(result.table["quantity"] == "shadow_price") & (result.table["item"] == "customers who stay")]
    assert price["value"].tolist() == pytest.approx([50 * PER_PFLOPS])


def test_who_moved_has_moved_when_every_hour_is_dispatched() -> None:
    """Ten days by the hour of the plan with moved customers: what the year decided stands, nothing is shed."""
    found = evaluate(ew.solve(pair(price=50), reliefs=0, growth_table=False), 2027, hours=240, processes=1)
    table = found.comparison.set_index("quantity")
    assert table.loc["penalty of shed", "evaluated"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inertia": {"mobility_per_year": {"intelligent": 1.5}}}, "inertia.mobility_per_year"),
        ({"inertia": {"switching_cost_cny_per_pflops_h": {"intelligent": -1}}}, "inertia.switching_cost"),
        ({"inertia": {"mobility_per_year": {"general": 0.1}}}, "general"),
    ],
)
def test_bad_settings_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        pair(**changes)


@pytest.mark.parametrize(("mobility", "price"), [(1.5, 1), (-0.1, 1), (0.5, -1)])
def test_bad_figures_of_the_table_are_named(mobility: float, price: float) -> None:
    with pytest.raises(InputError, match="intelligent"):
        build(pair(mobility, price))
