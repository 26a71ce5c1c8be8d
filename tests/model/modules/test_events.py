"""Event periods by hand, on the place of tests/builder.py: 5 PFLOP/s of flat chat on 10 of 20 devices, 1 MW.

A device draws 0.05 MW idle and 0.1 MW busy and does 0.5 PFLOP/s; the connection is 5 MW, energy costs 0.8 CNY/kWh; four
seasons, one slice each.
"""

from __future__ import annotations

from typing import Any

import pytest
from builder import attempt, cut, one_place, optimum, tiny

import eastwest as ew
from eastwest.errors import InputError
from eastwest.scenario import Scenario
from eastwest.solving.solve import build

HERE = {"sites": ["metro_coast"]}


def event(days: float = 10, season: str = "summer", **effect: Any) -> dict[str, Any]:
    return {"periods": {"drought": {"season": season, "days": days, "effects": [effect] if effect else []}}}


def place(**changes: Any) -> Scenario:
    return one_place(time=cut(4), power={"build_limit_share": 0}, **changes)


def test_an_event_takes_its_days_from_its_season() -> None:
    clock = build(place(events=event(21))).clock
    table = clock.table.groupby(["season", "event"])["weight"].sum()
    assert table["summer", "drought"] == 21 * 24
    assert table["summer", ""] == (92 - 21) * 24
    assert table["winter", ""] == 90 * 24
    assert clock.weight.sum() == 8760
    assert dict(clock.months) == dict.fromkeys(("winter", "spring", "summer", "autumn"), 3)


def test_an_event_that_does_nothing_changes_nothing_at_one_place() -> None:
    assert optimum(place(events=event())).objective == pytest.approx(7.008, rel=1e-9)


def test_a_neutral_event_never_costs_because_routing_is_freer() -> None:
    base = tiny(demand={"growth": "high"})
    assert optimum(base.with_(events=event())).objective <= optimum(base).objective * (1 + 1e-9)


def test_a_dearer_price_counts_for_the_days_of_the_event() -> None:
    """1 MW x 240 h x 800 CNY = 0.192 million CNY more when the price doubles for ten days."""
    found = optimum(place(events=event(10, **HERE, energy_price_factor=2)))
    assert found.objective == pytest.approx(7.008 + 0.192, rel=1e-9)
    assert found.value("event_shed") == pytest.approx(0, abs=1e-9)


def test_a_cut_connection_sheds_what_power_does_not_carry() -> None:
    """15 % of 5 MW = 0.75 MW; ten energised devices idle at 0.5 MW, 0.25 MW more keeps five busy: 2.5 PFLOP/s are shed
    for 240 h, and 0.25 MW x 240 h x 800 CNY = 0.048 million CNY of energy are not paid.
    """
    scenario = place(events=event(10, **HERE, connection_factor=0.15))
    found = optimum(scenario)
    assert found.value("event_shed") == pytest.approx(2.5)
    assert found.value("event_busy") == pytest.approx(5)
    assert found.cost("shed") == pytest.approx(2.5 * 240 * 900 / 1e6)
    assert found.objective == pytest.approx(7.008 - 0.048 + found.cost("shed"))


def tranches(**shares: float) -> dict[str, Any]:
    """Tranches at 1, 2, 3 times the market value of 900 CNY, in this order."""
    said = {"source": "invented for tests", "quality": "assumption"}
    cases = ("multiple_low", "multiple_mid", "multiple_high")
    each = enumerate(shares.items(), 1)
    return {"all": {name: {"share": share, **dict.fromkeys(cases, number), **said} for number, (name, share) in each}}


def test_an_event_sheds_the_least_valued_of_what_is_served() -> None:
    """2.5 of 5 are shed for 240 h: all of the 1.5 at 900 CNY, 1 at 1,800. With 8 devices 1 of the 1.5 is unserved by
    contract, and a connection that keeps 3 of the 4 that are served sheds the other 0.5 and 0.5 of the next tranche.
    """
    curve = tranches(low=0.3, middle=0.5, top=0.2)
    found = optimum(place(events=event(10, **HERE, connection_factor=0.15), value_tranches=curve))
    each = found.table("event_shed").groupby("tranche")["value"].sum().to_dict()
    assert each == pytest.approx({"low": 1.5, "middle": 1.0, "top": 0.0}, abs=1e-9)
    assert found.cost("shed") == pytest.approx((1.5 * 900 + 1.0 * 1800) * 240 / 1e6)
    short = place(
        stock={"*": {"*": {"*": {"*": {"devices": 8}}}}},
        supply={"*": {"*": {"low": 0, "mid": 0, "high": 0}}},
        events=event(10, **HERE, connection_factor=0.14),
        value_tranches=curve,
    )
    found = optimum(short)
    each = found.table("event_shed").groupby("tranche")["value"].sum().to_dict()
    assert found.value("unserved", tranche="low") == pytest.approx(1.0)
    assert each == pytest.approx({"low": 0.5, "middle": 0.5, "top": 0.0}, abs=1e-9)


def test_idle_devices_may_take_all_the_power_that_is_left() -> None:
    """At 10 % = 0.5 MW the ten idle devices take it all and everything is shed."""
    found = optimum(place(events=event(10, **HERE, connection_factor=0.1)))
    assert found.value("event_shed") == pytest.approx(5)


def test_what_is_unserved_by_contract_asks_for_nothing_in_an_event() -> None:
    """12 of 20 devices are gone: 8 do 4 of 5 PFLOP/s; in the event they do 4 as well, and none is shed."""
    short = place(
        stock={"*": {"*": {"*": {"*": {"devices": 8}}}}},
        supply={"*": {"*": {"low": 0, "mid": 0, "high": 0}}},
        events=event(),
    )
    found = optimum(short)
    assert found.value("unserved") == pytest.approx(1)
    assert found.value("event_serve") == pytest.approx(4)
    assert found.value("event_shed") == pytest.approx(0, abs=1e-9)


def test_work_moves_to_where_power_is_left() -> None:
    """Chat of the coast that its metro does is done elsewhere while the metro's connection is cut."""
    cut = optimum(tiny(events=event(10, sites=["metro_coast"], connection_factor=0.2)))
    contract = cut.value("received", task="chat", site="metro_coast")
    assert 0 < cut.value("event_serve", task="chat", site="metro_coast") < contract
    elsewhere = cut.value("event_serve", task="chat") - cut.value("event_serve", task="chat", site="metro_coast")
    assert elsewhere > cut.value("received", task="chat") - contract + 1e-6
    assert cut.objective >= optimum(tiny(events=event())).objective


def test_deferrable_work_of_an_event_is_done_in_its_windows_or_shed() -> None:
    """Totals of training: what the sites do and what is shed is what the contracts promise."""
    found = optimum(tiny(events=event(10, regions=["coast", "plateau"], connection_factor=0.2), time=cut(12)))
    promised = found.value("serve", task="train")
    assert promised > 0
    done, shed = found.value("event_work", task="train"), found.value("event_shed_work", task="train")
    assert done + shed == pytest.approx(promised)
    assert shed > 0


def test_a_cut_corridor_limits_what_crosses_it_in_the_event_alone() -> None:
    cut = optimum(tiny(events=event(2, corridors=["coast-mesa", "coast-plateau"], corridor_factor=0.001)))
    rows = cut.solution.constraints("event_corridor")
    assert (rows["activity"] <= rows["right"] + 1e-9).all()
    whole = optimum(tiny(events=event(2)))
    assert cut.objective >= whole.objective - 1e-9


def test_carbon_of_an_event_counts_by_its_factor() -> None:
    """1 MW x 240 h of 8,760 h with three times the carbon: (8,760 + 480) / 8,760 of the usual tonnes."""
    usual = ew.solve(place(), reliefs=0, growth_table=False).table
    dirty = ew.solve(place(events=event(10, **HERE, grid_carbon_factor=3)), reliefs=0, growth_table=False).table
    tonnes = [table.loc[table["quantity"] == "carbon", "value"].sum() for table in (usual, dirty)]
    assert tonnes[1] == pytest.approx(tonnes[0] * (8760 + 480) / 8760)


def test_effects_that_meet_are_multiplied() -> None:
    twice = {"periods": {"drought": {"season": "summer", "days": 10, "effects": [
        {**HERE, "energy_price_factor": 2}, {"regions": ["coast"], "energy_price_factor": 1.5}]}}}  # fmt: skip
    assert optimum(place(events=twice)).objective == pytest.approx(7.008 + 2 * 0.192, rel=1e-9)


def test_the_report_says_what_is_shed_and_what_was_promised() -> None:
    table = ew.solve(place(events=event(10, **HERE, connection_factor=0.15)), reliefs=0, growth_table=False).table
    found = table[table["item"] == "drought"].set_index("quantity")["value"]
    assert found["event_shed"] == pytest.approx(600)
    assert found["event_done"] == pytest.approx(600)
    assert found["event_promised"] == pytest.approx(1200)
    assert found["event_hours"] == 240


def test_without_priced_shortage_an_event_that_cannot_be_met_has_no_plan() -> None:
    scenario = place(events=event(10, **HERE, connection_factor=0.1), demand={"shortage": "forbidden"})
    assert attempt(scenario)[1].status == "infeasible"


@pytest.mark.parametrize(
    ("events", "time", "message"),
    [
        (event(80, season="summer"), {}, None),
        (event(10, sites=["metro_cost"]), {}, "metro_cost.*expected a row of sites"),
        (event(10, regions=["cost"]), {}, "expected a row of regions"),
        (event(10, corridors=["coast"]), {}, "expected a row of corridors"),
        (event(10), {"method": "hours"}, "expected seasons where there are events"),
        (event(10, connection_factor=0), {}, "connection_factor"),
        (event(81), {}, "days"),
    ],
)
def test_bad_events_are_named(events: dict[str, Any], time: dict[str, Any], message: str | None) -> None:
    if message is None:
        build(tiny(events=events, time=time))
        return
    with pytest.raises(InputError, match=message):
        build(tiny(events=events, time=time))


def test_events_that_take_a_whole_season_are_refused() -> None:
    two = {name: {"season": "summer", "days": 50} for name in ("first", "second")}
    with pytest.raises(InputError, match="take all of its days"):
        build(tiny(events={"periods": two}, time=cut(4)))


def test_an_event_is_not_called_like_a_season() -> None:
    with pytest.raises(InputError, match="another name than winter"):
        build(tiny(events={"periods": {"summer": {"season": "summer", "days": 5}}}, time=cut(4)))
