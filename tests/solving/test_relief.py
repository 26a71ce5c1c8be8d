"""A listed relief is what a second solve of the changed scenario really saves, with the distance to which that is
true.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from builder import Optimum, one_place, optimum, tiny

import eastwest as ew
from eastwest.lp.highs import Session
from eastwest.lp.program import LinearProgram
from eastwest.scenario import Scenario
from eastwest.schema.units import STEPS
from eastwest.solving.relief import Limit, Relief, candidates, limits, reliefs
from eastwest.solving.solve import build


def listed(program: LinearProgram, count: int = 99) -> list[Relief]:
    """The reliefs of a program from its own optimum."""
    session = Session(program.matrix())
    outcome = session.run("simplex")
    assert outcome.status == "optimal"
    return reliefs(session, program, outcome, count, lambda message: None)


def named(found: list[Relief], name: str, **labels: object) -> Relief:
    """The one relief of a limit that has these labels."""
    chosen = [r for r in found if r.limit.name == name and labels.items() <= r.limit.labels.items()]
    assert len(chosen) == 1, [(r.limit.name, r.limit.labels) for r in found]
    return chosen[0]


# A program by hand: minimise 10 (unserved) with unserved >= 10 - made, made <= limit, in two grades


def stairs(*widths: float, costs: tuple[float, ...]) -> LinearProgram:
    """10 units are asked for; `machine` <= 2 units; what is made replaces steps of unserved demand, dearest first."""
    program = LinearProgram()
    grades = pd.DataFrame({"grade": range(len(widths))})
    width = pd.Series(widths, index=pd.Index(range(len(widths)), name="grade"))
    made = program.add_variables("made", pd.DataFrame({"place": ["here"]}), unit="MW")
    short = program.add_variables("short", grades, unit="MW", upper=width)
    one = pd.DataFrame({"year": [2027]})
    program.add_constraints("need", one, made + short, ">=", sum(widths), kind="demand", unit="MW", limit="demand")
    program.add_constraints("machine", one, made.expression(), "<=", 2.0, kind="limit", unit="MW", limit="hall")
    program.charge("short", short * pd.Series(costs, index=width.index))
    return program


def test_relief_is_the_slope_and_holds_to_the_next_step() -> None:
    """Short of 3 at 5 and 7 at 1; 2 are made: 1 more is worth 5, then 7 more are worth 1 each."""
    found = named(listed(stairs(3, 7, costs=(5.0, 1.0))), "hall")
    assert found.saving_per_unit == pytest.approx(5)
    assert found.holds_for == pytest.approx(1)


def test_relief_is_not_said_to_hold_beyond_a_kink_inside_its_own_step() -> None:
    """Short of 2.5 at 5 and 7.5 at 1; 2 are made. 1 MW more saves 0.5 x 5 + 0.5 x 1 = 3; the next MW saves 1.

    So "3 a MW up to 8 MW" would promise 24 where a second solve finds 0.5 x 5 + 7.5 x 1 = 10.
    """
    program = stairs(2.5, 7.5, costs=(5.0, 1.0))
    found = named(listed(program), "hall")
    assert found.saving_per_unit == pytest.approx(3)
    assert found.holds_for == pytest.approx(1)
    assert found.saving_per_unit * found.holds_for == pytest.approx(saved(program, found.limit, found.holds_for))


def saved(program: LinearProgram, limit: Limit, more: float) -> float:
    """What a second solve saves when every row of one limit is relieved by so much."""
    matrix = program.matrix()
    before = Session(matrix).run("simplex").objective
    session = Session(matrix)
    shift = limit.direction * more
    session.set_row_bounds(limit.rows, matrix.row_lower[limit.rows] + shift, matrix.row_upper[limit.rows] + shift)
    return before - session.run("simplex").objective


def test_degenerate_optimum_dual_is_positive_but_relief_is_zero() -> None:
    """Two machines in series, each of exactly 2 units: a dual may sit on either row, but more of one alone makes
    nothing more.
    """
    program = LinearProgram()
    place = pd.DataFrame({"place": ["here"]})
    made = program.add_variables("made", place, unit="MW")
    short = program.add_variables("short", place, unit="MW")
    for name, limit in (("first", "hall"), ("second", "grid connection")):
        program.add_constraints(name, place, made.expression(), "<=", 2.0, kind="limit", unit="MW", limit=limit)
    program.add_constraints("need", place, made + short, ">=", 10.0, kind="demand", unit="MW", limit="demand")
    program.charge("short", short * 5.0)
    session = Session(program.matrix())
    outcome = session.run("simplex")
    assert -outcome.y[:2].sum() == pytest.approx(5), "the raw duals promise 5 between them"
    found = reliefs(session, program, outcome, 9, lambda message: None)
    assert found
    assert [item.saving_per_unit for item in found] == [0] * len(found)


def test_session_is_left_as_it_was() -> None:
    program = stairs(3, 7, costs=(5.0, 1.0))
    session = Session(program.matrix())
    first = session.run("simplex")
    reliefs(session, program, first, 9, lambda message: None)
    assert session.run("simplex").objective == pytest.approx(first.objective)


def test_definitions_and_demand_are_not_for_sale() -> None:
    program = stairs(3, 7, costs=(5.0, 1.0))
    outcome = Session(program.matrix()).run("simplex")
    assert {limit.name for limit in candidates(program, outcome.y, 9)} == {"hall"}


def test_hours_of_one_limit_are_relieved_together() -> None:
    """4 and 6 MW are asked for in two hours, 2 are there: one more in both hours saves 5 + 1, for 2 MW more.

    More in one hour alone would save 5 or 1; a MW of grid is there in every hour.
    """
    program = LinearProgram()
    hours = pd.DataFrame({"site": "here", "slice": ["day", "night"]})
    at = pd.MultiIndex.from_frame(hours)
    made, short = (program.add_variables(name, hours, unit="MW") for name in ("made", "short"))
    asked = pd.Series([4.0, 6.0], index=at)
    program.add_constraints("need", hours, made + short, ">=", asked, kind="demand", unit="MW", limit="demand")
    program.add_constraints(
        "draw", hours, made.expression(), "<=", 2.0, kind="limit", unit="MW", limit="grid connection"
    )
    program.charge("short", short * pd.Series([5.0, 1.0], index=at))
    (limit,) = limits(program)
    assert (limit.name, limit.labels, len(limit.rows)) == ("grid connection", {"site": "here"}, 2)
    found = named(listed(program), "grid connection", site="here")
    assert found.saving_per_unit == pytest.approx(6)
    assert saved(program, limit, found.holds_for) == pytest.approx(6 * found.holds_for)


def test_blocks_of_rows_with_one_limit_are_relieved_together() -> None:
    """The connection for rated power and the draw by the hour are one connection; halls of two classes are two."""
    each = limits(build(tiny()).program)
    grid = [limit for limit in each if limit.name == "grid connection" and limit.labels["site"] == "mesa"]
    assert len(grid) == 1
    assert len(grid[0].rows) == 1 + 4, "one row for rated power, one for each of 4 slices"
    assert {limit.labels["asset"] for limit in each if limit.name == "hall"} == {"hall_dense"}


def test_a_floor_is_relieved_downwards() -> None:
    """made >= 4 at 5 each: one unit less of the floor saves 5, down to zero: 4 units."""
    program = LinearProgram()
    place = pd.DataFrame({"place": ["here"]})
    made = program.add_variables("made", place, unit="MW")
    program.add_constraints("floor", place, made.expression(), ">=", 4.0, kind="limit", unit="MW", limit="floor")
    program.charge("made", made * 5.0)
    found = named(listed(program), "floor")
    assert found.saving_per_unit == pytest.approx(5)
    assert found.holds_for == pytest.approx(4)


# On scenarios: relief against a fresh solve with more of the thing itself. Small steps, because the country is tiny.

SHORT: dict[str, Any] = {
    "anchors": {"base": {"intelligent": {"installed_pflops": 160}}},
    "facilities": {"build_limit_share": 0, "metro_dense_growth": 9},
    "sites": {"metro_coast": {"large_centres_allowed": True}},
    "power": {"build_limit_share": 0},
    "supply": {"alpha_group": {"2027": {"mid": 5}}},
}

MORE_SUPPLY = {"supply": {"alpha_group": {"2027": {"mid": 6}}}}


def at_mesa(asset: str, mw: float) -> dict[str, Any]:
    """More of a hall or connection at mesa before the year begins; it enters after the decision, so no building limit
    grows.
    """
    return {"capacity": {"mesa": {asset: {"2026-12-31": {"mw": mw, "status": "existing"}}}}}


def relieved(
    monkeypatch: pytest.MonkeyPatch, scenario: Scenario, steps: dict[str, float]
) -> tuple[Optimum, list[Relief]]:
    for unit, step in steps.items():
        monkeypatch.setitem(STEPS, unit, step)
    found = optimum(scenario)
    return found, listed(found.plan.program)


def test_supply_relief_equals_a_fresh_solve(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = tiny(**SHORT)
    found, each = relieved(monkeypatch, scenario, {"devices": 1.0})
    fresh = found.objective - optimum(scenario.with_(**MORE_SUPPLY)).objective
    assert fresh > 0
    assert named(each, "accelerator supply").saving_per_unit == pytest.approx(fresh, rel=1e-6)


def test_hall_relief_equals_a_fresh_solve(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = tiny(**SHORT, capacity={"mesa": {"hall_dense": {"2020-01-01": {"mw": 0.03}}}})
    found, each = relieved(monkeypatch, scenario, {"MW": 0.001})
    fresh = found.objective - optimum(scenario.with_(**at_mesa("hall_dense", 0.001))).objective
    assert fresh > 0
    assert named(each, "hall", site="mesa").saving_per_unit == pytest.approx(fresh / 0.001, rel=1e-6)


@pytest.mark.parametrize("summer", [1.2, 1.6], ids=["connection binds", "summer draw binds"])
def test_grid_relief_equals_a_fresh_solve(monkeypatch: pytest.MonkeyPatch, summer: float) -> None:
    """A MW of grid is one thing: it enters the diversified row and every hour. A listed relief says what it saves."""
    scenario = tiny(
        **SHORT,
        capacity={"mesa": {"grid": {"2020-01-01": {"mw": 0.03}}}},
        pue={"mesa": {"summer": {"pue": summer}}},
    )
    found, each = relieved(monkeypatch, scenario, {"MW": 0.001})
    fresh = found.objective - optimum(scenario.with_(**at_mesa("grid", 0.001))).objective
    assert fresh > 0
    assert named(each, "grid connection", site="mesa").saving_per_unit == pytest.approx(fresh / 0.001, rel=1e-6)


def test_grid_relief_where_two_seasons_bind_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same PUE all year and busy draw above the diversified one: every season's hour binds, so no single row helps
    alone.
    """
    scenario = one_place(capacity={"metro_coast": {"grid": {"*": {"mw": 0.4}}}}, power={"build_limit_share": 0})
    found, each = relieved(monkeypatch, scenario, {"MW": 0.1})
    more = scenario.with_(capacity={"metro_coast": {"grid": {"2026-12-31": {"mw": 0.1, "status": "existing"}}}})
    fresh = found.objective - optimum(more).objective
    assert fresh > 1
    assert named(each, "grid connection").saving_per_unit == pytest.approx(fresh / 0.1, rel=1e-6)


def step_is_inside(item: Relief) -> bool:
    """Whether the range is a finite figure of the solver's, not just the step that was tried."""
    return item.limit.step * (1 + 1e-9) < item.holds_for < 1e6


def test_range_is_honest_on_a_scenario(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the range saves in proportion; twice the range, where it is finite, saves less than in proportion."""
    found, each = relieved(monkeypatch, tiny(**SHORT), {"devices": 1.0, "MW": 0.001, "Gbit/s": 0.01})
    program = found.plan.program
    tried = [item for item in each if item.saving_per_unit > 1e-6]
    assert tried
    for item in tried:
        inside = item.holds_for if item.holds_for < 1e6 else 100 * item.step
        assert saved(program, item.limit, inside) == pytest.approx(item.saving_per_unit * inside, rel=1e-5)
        if step_is_inside(item):
            beyond = saved(program, item.limit, 2 * item.holds_for)
            assert beyond < item.saving_per_unit * 2 * item.holds_for * (1 - 1e-6)


def test_result_lists_reliefs_with_units_and_ranges() -> None:
    """7 devices to be had, none stand: a step of 1,000 devices serves the rest, 1.5 PFLOP/s for 3 devices."""
    scenario = one_place(stock={"base": {"*": {"*": {"*": {"devices": 0}}}}}, supply={"*": {"*": {"mid": 7}}})
    frame = ew.solve(scenario, growth_table=False).reliefs
    row = frame[frame["item"] == "accelerator supply"].iloc[0]
    assert row["unit"] == "million CNY/devices"
    assert row["up_to_unit"] == "devices"
    assert row["saving"] > 0


def test_limits_without_a_number_are_no_candidates() -> None:
    """metro_dense_growth none keeps rows whose right-hand side is infinite: never listed, and no arithmetic with
    infinity.
    """
    found = optimum(
        one_place(facilities={"metro_dense_growth": None}, capacity={"metro_coast": {"hall_dense": {"*": {"mw": 0.5}}}})
    )
    capped = "growth of dense halls at metros"
    assert capped in {rows.limit for rows in found.plan.program.constraints.values()}
    assert capped not in {limit.name for limit in limits(found.plan.program)}
    assert capped not in {limit.name for limit in candidates(found.plan.program, found.outcome.y, 99)}


def test_limits_by_year_and_by_vintage_stand_in_one_list() -> None:
    """Supply is by vintage, the cap at metros by year; with both scarce every relief carries its year."""
    scarce = tiny(
        demand={"growth": "high"},
        supply={"alpha_group": {2027: {"mid": 1}}},
        facilities={"metro_dense_growth": 0.0},
        stock={"*": {"*": {"*": {"*": {"devices": {"scale": 0.2}}}}}},
        capacity={"*": {"hall_dense": {"*": {"mw": {"scale": 0.2}}}}},
    )
    found = ew.solve(scarce, reliefs=10, growth_table=False).reliefs
    named = set(found["item"])
    assert "accelerator supply" in named and len(named) > 1
    assert set(found.loc[found["unit"] != "million CNY/month", "year"]) == {2027}
