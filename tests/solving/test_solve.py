"""Solving from the outside: what is no plan says so plainly, every solver agrees, ties go to the shortest way."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pulp
import pytest
from builder import attempt, cut, one_place, optimum, tiny

import eastwest as ew
from eastwest.errors import InputError
from eastwest.lp.certificate import certify
from eastwest.lp.highs import Outcome, Session
from eastwest.lp.program import LinearProgram
from eastwest.lp.pulp_bridge import solve_with_pulp, solver_named
from eastwest.results.result import Result
from eastwest.scenario import Scenario

needs_glpk = pytest.mark.skipif(shutil.which("glpsol") is None, reason="glpsol is not installed")


def quick(scenario: Scenario, **how: Any) -> Result:
    """Solve without reliefs and growth table."""
    return ew.solve(scenario, reliefs=0, growth_table=False, **how)


def too_few_devices() -> Scenario:
    """5 PFLOP/s must be served (10 devices); 4 stand and 1 can be had."""
    return one_place(
        demand={"shortage": "forbidden"},
        stock={"base": {"metro_coast": {"alpha": {"2025": {"devices": 4}}}}},
        supply={"alpha_group": {"2027": {"mid": 1}}},
    )


# No plan


def test_infeasible_names_the_conflict_and_the_least_change() -> None:
    """Demand needs 10 devices and 5 are to be had: 5 more of supply, or 2.5 PFLOP/s less of demand."""
    with pytest.raises(ew.NotOptimal) as error:
        quick(too_few_devices())
    assert error.value.status == "infeasible"
    text = "\n".join(error.value.lines)
    assert "would not if any one were dropped" in text
    assert "accelerator supply (Alpha 1, 2027): <= 1 devices" in text
    assert "demand (Coast, Chat, 2027): == 5 PFLOP/s" in text
    assert "The least change that would cure it:" in text
    after = text.split("The least change that would cure it:")[1]
    assert "by 5 devices" in after or "by 2.5 PFLOP/s" in after
    assert "Coast" in after, "the user's own names"


def test_a_conflict_is_not_blamed_on_limits_that_have_room() -> None:
    with pytest.raises(ew.NotOptimal) as error:
        quick(too_few_devices())
    assert not any("grid" in line or "hall" in line for line in error.value.lines)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"green": {"carbon_cap_t": 4000}, "demand": {"shortage": "forbidden"}}, "carbon cap", id="carbon"),
        pytest.param(
            {
                "policy": {"spending_cap_million_cny": 0},
                "demand": {"shortage": "forbidden"},
                "stock": {"base": {"*": {"*": {"*": {"devices": 0}}}}},
            },
            "spending cap",
            id="spending",
        ),
        pytest.param(
            {
                "fixed_load": {
                    "metro_coast": {"storage": {"it_mw": 9, "reference_date": "2026-07-01", "growth_per_year": 0}}
                }
            },
            "grid connection",
            id="fixed load",
        ),
    ],
)
def test_infeasible_names_the_limit(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ew.NotOptimal) as error:
        quick(one_place(**changes))
    assert error.value.status == "infeasible"
    assert any(words in line for line in error.value.lines)


def test_infeasible_through_another_solver_says_the_same() -> None:
    with pytest.raises(ew.NotOptimal) as error:
        quick(too_few_devices(), solver="cbc")
    assert error.value.status == "infeasible"
    assert any("accelerator supply" in line for line in error.value.lines)


def test_the_time_limit_is_of_each_solve_by_itself() -> None:
    """HiGHS counts the time of all solves together: what was spent before is added to the limit of the next."""
    session = Session(ew.build(one_place()).program.matrix(), time_limit_s=100.0)
    spent = []
    for _ in range(3):
        spent.append(session.highs.getRunTime())
        assert session.run().status == "optimal"
        assert session.highs.getOptionValue("time_limit")[1] == pytest.approx(100.0 + spent[-1])
    assert spent == sorted(spent)


def test_time_limit_is_not_a_plan() -> None:
    """No solver finds anything in a billionth of a second."""
    with pytest.raises(ew.NotOptimal) as error:
        quick(tiny(time=cut(24)), time_limit_s=1e-9)
    assert error.value.status == "time limit"
    assert str(error.value) == "no plan: time limit"


def test_unbounded_program_is_called_so() -> None:
    """A scenario has no negative cost; a raw program may: minimise -x."""
    program = LinearProgram()
    x = program.add_variables("x", pd.DataFrame({"site": ["a"]}), unit="1")
    program.add_constraints("r", pd.DataFrame({"site": ["a"]}), x.expression(), ">=", 1.0, kind="definition", unit="1")
    program.charge("gain", x * -1.0)
    assert Session(program.matrix()).run().status == "unbounded"


@pytest.mark.parametrize(
    "status", ["unknown", "time limit", "iteration limit", "interrupted", "unbounded", "infeasible or unbounded"]
)
def test_no_result_is_returned_unless_the_status_is_optimal(monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    """Even where the solver has numbers to show."""

    class Wrong(Session):
        def run(self, algorithm: str | None = None) -> Outcome:
            found = super().run(algorithm)
            return Outcome(status, found.objective, found.x, found.y)

    monkeypatch.setattr(sys.modules["eastwest.solving.solve"], "Session", Wrong)
    with pytest.raises(ew.NotOptimal) as error:
        quick(one_place())
    assert error.value.status == status


def test_unknown_of_the_solver_comes_without_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """HiGHS stopped with status unknown: the outcome has no x and no objective."""
    session = Session(attempt(one_place())[0].program.matrix())
    session.run()
    monkeypatch.setattr(session, "highs", _Unknown(session.highs))
    outcome = session.run()
    assert outcome.status == "unknown"
    assert len(outcome.x) == 0
    assert np.isnan(outcome.objective)


class _Unknown:
    """HiGHS that always ends unknown."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def getModelStatus(self) -> Any:
        import highspy

        return highspy.HighsModelStatus.kUnknown


def test_a_result_that_is_no_plan_is_not_written(tmp_path: Path) -> None:
    good = quick(one_place())
    for changes in (
        {"status": "unknown"},
        {"certificate": {**good.certificate, "relative_gap": 1e-3}},
        {"certificate": {}},
    ):
        fields = {
            "scenario": good.scenario,
            "status": good.status,
            "objective": good.objective,
            "certificate": good.certificate,
        }
        with pytest.raises(ew.SolveError, match="not a plan"):
            Result(**(fields | changes)).save(tmp_path / "run")
        assert not (tmp_path / "run").exists()


# What a country may lack

NOT_WANTED = {"tasks": {"*": {"value_cny_per_peak_pflops_h": 0}}}
LACKING: dict[str, dict[str, Any]] = {
    "no stock": {"stock": {"base": None}},
    "no commitments, and rules about new compute": {
        "commitments": {"*": None},
        "policy": {
            "west_share_of_new_intelligent": 0.5,
            "new_hall_occupancy": 0.6,
            "spending_cap_million_cny": 5,
        },
    },
    "nothing to buy": {"devices": {"families": ["beta"]}},
    "no supply, no commitments": {
        "supply": {"*": None},
        "commitments": {"*": None},
        "policy": {"west_share_of_new_intelligent": 0.5, "spending_cap_million_cny": 5},
    },
    "no metro": {"sites": {"metro_coast": None, "metro_plateau": None}},
    "no cluster": {"sites": {"mesa": None}},
    "no route for interactive work": {"tasks": {"chat": {"round_trip_limit_ms": 0.01}}},
    "no route for deferrable work": {"tasks": {"train": {"round_trip_limit_ms": 0.01}}},
    "no route": {"tasks": {"*": {"round_trip_limit_ms": 0.01}}},
    "no device for any task": {"tasks": {"*": {"least_scale_up_devices": 9999}}},
    "nothing that is worth serving": NOT_WANTED,
    "no grid": {"capacity": {"*": {"grid": None}}},
    "no halls": {"capacity": {"*": {"hall_dense": None}}},
    "no corridors and no published round trips": {"corridors": {"*": None}, "round_trip": {"*": None}},
    "no limit at metros": {"facilities": {"metro_dense_growth": None}},
}


@pytest.mark.parametrize("case", LACKING)
def test_what_is_lacking_is_no_error(case: str) -> None:
    """Every figure of the report, reliefs and the growth table included; what cannot be served is unserved."""
    result = ew.solve(tiny(**LACKING[case]), reliefs=2)
    assert result.certified
    assert result.table["value"].notna().all()


def test_nothing_lacking_may_be_put_together_to_nothing_at_all() -> None:
    nothing = tiny(stock={"base": None}, supply={"*": None}, commitments={"*": None})
    with pytest.raises(InputError, match="no device of the modelled kinds stands anywhere or can be bought in 2027"):
        ew.solve(nothing)


def test_nothing_energised_has_no_utilisation() -> None:
    table = quick(tiny(**NOT_WANTED)).table
    assert not ((table["item"] == "device") & table["quantity"].str.startswith("utilisation")).any()


# Solvers


@pytest.mark.parametrize("solver", ["cbc", pytest.param("glpk", marks=needs_glpk)])
@pytest.mark.parametrize("changes", [{}, {"time": cut(8), "demand": {"growth": "high"}}], ids=["tiny", "8 slices"])
def test_other_solvers_find_the_same_objective(solver: str, changes: dict[str, Any]) -> None:
    scenario = tiny(**changes)
    result = quick(scenario, solver=solver)
    assert result.status == "optimal"
    assert result.solver["name"] == solver
    assert result.certified
    assert result.objective == pytest.approx(optimum(scenario).objective, rel=1e-6)


@needs_glpk
def test_time_limit_of_a_part_of_a_second_reaches_glpk() -> None:
    assert quick(one_place(), solver="glpk", time_limit_s=60.5).objective == pytest.approx(7.008)


def test_solver_of_the_scenario_is_used() -> None:
    assert quick(one_place(solve={"solver": "cbc"})).solver["name"] == "cbc"


def test_unknown_solver_is_an_input_error() -> None:
    with pytest.raises(InputError, match=r"solver: received 'cplexx'; expected a solver that is installed: .*highs"):
        quick(one_place(), solver="cplexx")


def test_unserved_objective_is_the_same_through_pulp() -> None:
    """2 served, 3 unserved at the penalty: the same in the problem that a notebook gets."""
    scenario = one_place(
        stock={"base": {"metro_coast": {"alpha": {"2025": {"devices": 4}}}}}, supply={"*": {"*": {"mid": 0}}}
    )
    problem = ew.build(scenario).to_pulp()
    assert isinstance(problem, pulp.LpProblem)
    problem.solve(solver_named("cbc", 60))
    assert pulp.value(problem.objective) == pytest.approx(optimum(scenario).objective, rel=1e-6)
    assert problem.variablesDict()["unserved_coast_chat_all_2027"].varValue == pytest.approx(3)


def test_infinite_limit_is_left_out_of_pulp() -> None:
    """metro_dense_growth none keeps a row without a limit; PuLP gets none."""
    program = ew.build(one_place(facilities={"metro_dense_growth": None})).program
    outcome = solve_with_pulp(program, solver_named("cbc", 60))
    assert outcome.objective == pytest.approx(7.008)


def test_interior_point_and_simplex_agree() -> None:
    matrix = ew.build(tiny(time=cut(24))).program.matrix()
    simplex, interior = Session(matrix).run("simplex"), Session(matrix).run("ipx")
    assert interior.status == "optimal"
    assert interior.objective == pytest.approx(simplex.objective, rel=1e-8)
    assert certify(matrix, interior.x, interior.y).holds


# Ties

TWINS = {
    "network": {"price_factor": 0},
    "site_power": {"*": {"price_cny_per_kwh": 0.6}},
    "pue": {"*": {"*": {"pue": 1.2}}},
    "devices": {"beta": None},
    "stock": {"base": {"*": {"*": {"*": {"devices": 100}}}}},
    "capacity": {"*": {"*": {"*": {"mw": 1}}}},
    "commitments": {"mesa": None},
    "corridors": {"*": {"capacity_gbps": 100}},
}
"""Three sites that cost the same, with room for everything in each, and a network for nothing."""


def test_ties_go_to_the_least_round_trip() -> None:
    """Every way of serving costs the same; each region is served by its own metro, 2 ms away."""
    result = quick(tiny(**TWINS))
    served = result.table[result.table["quantity"] == "served"]
    assert set(zip(served["region"], served["site"], strict=True)) == {
        ("coast", "metro_coast"),
        ("plateau", "metro_plateau"),
    }
    trips = result.table[result.table["quantity"] == "served_round_trip_ms"]
    assert set(trips["value"]) == {2.0}


def test_breaking_ties_costs_nothing_and_keeps_the_certificate() -> None:
    scenario = tiny(**TWINS)
    result = quick(scenario)
    assert result.certified
    cost = result.table[result.table["quantity"] == "cost"]["value"].sum()
    assert cost == pytest.approx(optimum(scenario).objective, rel=1e-7)
    assert result.objective == pytest.approx(cost, rel=1e-7)


def test_a_shorter_way_that_costs_more_is_not_taken() -> None:
    """Energy at mesa a little cheaper: all training goes there, 4 and 9 ms away."""
    cheaper = TWINS | {"site_power": {"*": {"price_cny_per_kwh": 0.6}, "mesa": {"price_cny_per_kwh": 0.59}}}
    served = quick(tiny(**cheaper)).table.query("quantity == 'served' and task == 'train'")
    assert set(served["site"]) == {"mesa"}


# What every result carries


def test_result_is_certified_and_the_same_every_time() -> None:
    first, second = quick(tiny(time=cut(8))), quick(tiny(time=cut(8)))
    assert first.certified
    assert max(first.certificate[name] for name in ("primal_violation", "dual_violation", "relative_gap")) <= 1e-6
    pd.testing.assert_frame_equal(first.table, second.table)


def test_shadow_prices_are_those_of_demand_and_of_limits() -> None:
    """Definitions have duals too; nobody can buy more of them, so that they are not in the table."""
    twice_the_demand = {"base": {"intelligent": {"installed_pflops": 220}}}
    result = quick(tiny(anchors=twice_the_demand, supply={"alpha_group": {"2027": {"mid": 5}}}))
    prices = result.table.loc[result.table["quantity"] == "shadow_price", "constraint"]
    assert "definition" in set(result.constraints["kind"])
    assert {"demand"} <= set(result.meaning(prices)["kind"]) <= {"demand", "limit"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Nothing is scarce"),
        (
            {"stock": {"base": {"*": {"*": {"*": {"devices": 0}}}}}, "supply": {"*": {"*": {"mid": 7}}}},
            "accelerator supply",
        ),
        ({"capacity": {"metro_coast": {"grid": {"*": {"mw": 0.4}}}}}, "grid connection"),
    ],
)
def test_scarcity_check_comes_first(changes: dict[str, Any], words: str) -> None:
    assert words in quick(one_place(**changes)).messages[0]


def test_every_row_of_the_table_has_a_unit_and_a_number() -> None:
    table = ew.solve(tiny(time=cut(8), demand={"growth": "high"})).table
    assert (table["unit"].str.len() > 0).all()
    assert table["value"].notna().all()
    assert not table.duplicated(table.columns[:-1].tolist()).any()
