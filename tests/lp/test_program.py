"""The program as tables: what is refused, what the arrays hold, PuLP, and the certificate."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pulp
import pytest
from builder import cut, one_place, optimum, tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from eastwest.errors import InputError, ModelError
from eastwest.lp.certificate import Certificate, certify
from eastwest.lp.expression import Expression
from eastwest.lp.highs import Outcome, Session
from eastwest.lp.program import LinearProgram
from eastwest.lp.pulp_bridge import solve_with_pulp, solver_named, to_pulp
from eastwest.lp.solution import Solution
from eastwest.model.clock import seasons_clock
from eastwest.model.plan import Plan
from eastwest.schema.contract import Contract
from eastwest.solving.solve import build

SITES = pd.DataFrame({"site": ["a", "b"]})
SHARED = ("routes", "served", "energised", "busy", "bought", "hall_capacity", "it_load", "grid_energy", "finance")


def started() -> tuple[LinearProgram, Expression]:
    """A program with one block of two variables."""
    program = LinearProgram()
    return program, program.add_variables("x", SITES, unit="1").expression()


# What is refused


def test_two_blocks_of_variables_with_one_name() -> None:
    program, _ = started()
    with pytest.raises(ModelError, match="two groups of variables are called 'x'"):
        program.add_variables("x", SITES, unit="1")


def test_two_blocks_of_rows_with_one_name() -> None:
    program, x = started()
    program.add_constraints("r", SITES, x, "<=", kind="definition", unit="1")
    with pytest.raises(ModelError, match="two groups of constraints are called 'r'"):
        program.add_constraints("r", SITES, x, "<=", kind="definition", unit="1")


def test_an_empty_block_of_rows_unless_it_may_be_empty() -> None:
    program, x = started()
    with pytest.raises(ModelError, match="constraints r: the group is empty"):
        program.add_constraints("r", SITES[:0], x, "<=", kind="definition", unit="1")
    program.add_constraints("s", SITES[:0], x, "<=", kind="definition", unit="1", may_be_empty=True)
    assert program.shape == (0, 2)


def test_a_row_that_holds_no_variable() -> None:
    program, x = started()
    with pytest.raises(ModelError, match=r"no variable joins 1 of 3 rows, first \{'site': 'c'\}"):
        program.add_constraints("r", pd.DataFrame({"site": ["a", "c", "b"]}), x, "<=", kind="definition", unit="1")


def test_labels_that_occur_twice() -> None:
    program, x = started()
    twice = pd.DataFrame({"site": ["a", "a"]})
    with pytest.raises(ModelError, match="variables y: labels occur twice"):
        program.add_variables("y", twice, unit="1")
    with pytest.raises(ModelError, match="constraints r: labels occur twice"):
        program.add_constraints("r", twice, x, "<=", kind="definition", unit="1")


def test_a_label_that_a_bound_or_a_right_hand_side_lacks() -> None:
    program, x = started()
    one = pd.Series([1.0], index=pd.Index(["a"], name="site"))
    with pytest.raises(ModelError, match="bound of y: no coefficient for site=b"):
        program.add_variables("y", SITES, unit="1", upper=one)
    with pytest.raises(ModelError, match="right-hand side of r: no coefficient for site=b"):
        program.add_constraints("r", SITES, x, "<=", one, kind="definition", unit="1")


def test_a_cost_with_a_constant_or_a_label_of_no_variable() -> None:
    program, x = started()
    with pytest.raises(ModelError, match="cost fee: an objective has no constants"):
        program.charge("fee", x.plus(pd.Series([1.0], index=pd.Index(["a"], name="site"))))
    with pytest.raises(ModelError, match="labelled by 'year'"):
        program.charge("fee", x * pd.Series([1.0], index=pd.Index([2027], name="year")))


# Quantities that model modules share


def empty_plan() -> Plan:
    return Plan({"demand": Contract()}, {}, (2027,), seasons_clock(1, 1))


@pytest.mark.parametrize("name", SHARED)
def test_reading_a_shared_quantity_early_names_the_order(name: str) -> None:
    with pytest.raises(ModelError, match=rf"'{name}' is read before it is written: check the order of .*MODULES"):
        getattr(empty_plan(), name)


@pytest.mark.parametrize("name", SHARED)
def test_writing_a_shared_quantity_twice(name: str) -> None:
    plan = empty_plan()
    setattr(plan, name, Expression())
    with pytest.raises(ModelError, match=f"'{name}' is written twice"):
        setattr(plan, name, Expression())


def test_modules_in_the_wrong_order_are_an_error() -> None:
    from eastwest.model.modules import demand

    plan = build(one_place())
    early = Plan(plan.sections, plan.tables, plan.years, plan.clock)
    with pytest.raises(ModelError, match="'routes' is read before it is written"):
        demand.build(early)


# Arrays


@st.composite
def programs(draw: st.DrawFn) -> tuple[LinearProgram, np.ndarray, np.ndarray, np.ndarray]:
    """A random program with x[i, j] and y[j] over rows [j, k], beside A, b and c computed by loops."""
    small = st.integers(-3, 3).map(float)
    sizes = st.integers(1, 4)
    pairs = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=8, unique=True))
    js = draw(st.permutations(sorted({j for _, j in pairs})))
    ks = list(range(draw(sizes)))
    by_ik = {(i, k): draw(small) for i in range(4) for k in ks}
    by_j = {j: draw(small) for j in range(4)}
    by_jk = {(j, k): draw(small) for j in range(4) for k in ks}
    factor, cost = draw(small), {pair: draw(small) for pair in pairs}

    program = LinearProgram()
    x = program.add_variables("x", pd.DataFrame(pairs, columns=["i", "j"]), unit="1")
    y = program.add_variables("y", pd.DataFrame({"j": list(js)}), unit="1", lower=-1.0)
    over = pd.DataFrame([(k, j) for j in js for k in ks], columns=["k", "j"])
    left = x * _named(by_ik, ["i", "k"]) * factor + (y * _named(by_j, ["j"])).plus(_named(by_jk, ["j", "k"]))
    program.add_constraints("r", over, left, ">=", y * 0.5, kind="definition", unit="1")
    program.charge("fee", x * _named(cost, ["i", "j"]))
    program.charge("fee", y.expression())

    a = np.zeros((len(over), len(pairs) + len(js)))
    for number, (k, j) in enumerate(over.itertuples(index=False)):
        for column, (i, own_j) in enumerate(pairs):
            a[number, column] = by_ik[i, k] * factor if own_j == j else 0.0
        a[number, len(pairs) + list(js).index(j)] = by_j[j] - 0.5
    b = np.array([-by_jk[j, k] for k, j in over.itertuples(index=False)])
    c = np.array([*(cost[pair] for pair in pairs), *([1.0] * len(js))])
    return program, a, b, c


def _named(values: dict[object, float], names: list[str]) -> pd.Series:
    keys = [key if isinstance(key, tuple) else (key,) for key in values]
    return pd.Series(list(values.values()), index=pd.MultiIndex.from_tuples(keys, names=names), dtype=float)


@settings(max_examples=60)
@given(programs())
def test_arrays_equal_a_dense_computation(case: tuple[LinearProgram, np.ndarray, np.ndarray, np.ndarray]) -> None:
    program, a, b, c = case
    matrix = program.matrix()
    dense = np.zeros(program.shape)
    np.add.at(dense, (matrix.row_of_entry(), matrix.index), matrix.value)
    np.testing.assert_allclose(dense, a, atol=1e-12)
    np.testing.assert_allclose(matrix.row_lower, b, atol=1e-12)
    np.testing.assert_allclose(matrix.cost, c, atol=1e-12)
    assert np.isinf(matrix.row_upper).all()
    assert (matrix.value != 0).all()
    x, y = np.linspace(-1, 2, a.shape[1]), np.linspace(3, -1, a.shape[0])
    np.testing.assert_allclose(matrix.times(x), a @ x, atol=1e-9)
    np.testing.assert_allclose(matrix.transposed_times(y), a.T @ y, atol=1e-9)


def test_entries_in_one_place_are_summed_and_those_that_cancel_vanish() -> None:
    program, x = started()
    program.add_constraints("r", SITES, x + x, "<=", kind="definition", unit="1")
    program.add_constraints("s", SITES, x - x, "<=", kind="definition", unit="1")
    assert program.matrix().value.tolist() == [2, 2]
    assert program.matrix().start.tolist() == [0, 1, 2, 2, 2]


def test_senses_become_bounds() -> None:
    program, x = started()
    for name, sense in (("low", ">="), ("high", "<="), ("same", "==")):
        program.add_constraints(name, SITES[:1], x, sense, 4.0, kind="definition", unit="1")  # type: ignore[arg-type]
    assert program.matrix().row_lower.tolist() == [4, -np.inf, 4]
    assert program.matrix().row_upper.tolist() == [np.inf, 4, 4]


def test_the_matrix_follows_later_blocks() -> None:
    program, x = started()
    program.add_constraints("r", SITES, x, ">=", 1.0, kind="definition", unit="1")
    assert program.matrix().cost.tolist() == [0, 0]
    program.charge("fee", x * 2)
    program.add_constraints("s", SITES[:1], x, ">=", 3.0, kind="definition", unit="1")
    assert program.matrix().cost.tolist() == [2, 2]
    assert Session(program.matrix()).run().objective == pytest.approx(2 * (3 + 1))


def test_names_and_text() -> None:
    program, x = started()
    program.add_constraints("r", SITES[:1], x * 2, ">=", 1.0, kind="definition", unit="MW")
    program.charge("fee", x.where(site="b") * 1.5)
    assert program.variable_names() == ["x[a]", "x[b]"]
    assert program.constraint_names() == ["r[a]"]
    text = ["minimise [million CNY]", "  +1.5 x[b]", "r [MW]", "  r[a]: +2 x[a] >= 1", "bounds"]
    assert list(program.text()) == text


def test_items_of_cost_add_up_and_repeat() -> None:
    """Two charges under one item are one item; cost by variable is the sum of items."""
    program, x = started()
    program.charge("fee", x)
    program.charge("fee", x.where(site="a") * 2)
    program.charge("tax", x * 10)
    assert program.item_cost("fee").tolist() == [3, 1]
    assert program.matrix().cost.tolist() == [13, 11]
    solution = Solution(program, np.array([1.0, 2.0]), np.zeros(0))
    assert solution.cost("fee")[["site", "value"]].to_numpy().tolist() == [["a", 3.0], ["b", 2.0]]


def test_a_block_that_was_not_built_is_an_empty_table_with_labels() -> None:
    program, _ = started()
    table = Solution(program, np.zeros(2), np.zeros(0)).variables("bought", if_built=True)
    assert table.empty
    assert {"site", "device", "year", "value"} <= set(table.columns)


def test_units_of_the_solver_change_no_result() -> None:
    """The same program with scales of a thousand and a million: equal x, y and objective in natural units."""
    found = []
    for scale in (1.0, 1e3):
        program = LinearProgram()
        x = program.add_variables("x", SITES, unit="W", scale=scale, upper=5e3)
        floor = pd.Series([1000.0, 2000.0], index=pd.Index(["a", "b"], name="site"))
        program.add_constraints("r", SITES, x * 0.5, ">=", floor, kind="definition", unit="W", scale=scale**2)
        program.charge("fee", x * 3)
        found.append(Session(program.matrix()).run())
    for outcome in found:
        assert outcome.x.tolist() == pytest.approx([2000, 4000])
        assert outcome.y.tolist() == pytest.approx([6, 6])
        assert outcome.objective == pytest.approx(18000)


# PuLP


@pytest.mark.parametrize("scenario", [tiny(), tiny(time=cut(8)), one_place()], ids=["tiny", "8 slices", "one place"])
def test_cbc_through_pulp_finds_the_same_optimum(scenario: object) -> None:
    found = optimum(scenario)  # type: ignore[arg-type]
    program = found.plan.program
    other = solve_with_pulp(program, solver_named("cbc", 60))
    assert other.status == "optimal"
    assert other.objective == pytest.approx(found.objective, rel=1e-6)
    assert certify(program.matrix(), other.x, found.outcome.y).primal_violation <= 1e-6


def test_pulp_problem_has_readable_names_and_can_be_extended() -> None:
    """A notebook user caps chat served at home: 5 of 5 PFLOP/s, so 3 leaves 2 unserved."""
    problem = to_pulp(build(one_place()).program)
    names = problem.variablesDict()
    assert isinstance(problem, pulp.LpProblem)
    assert "serve_coast_chat_metro_coast_2027" in names
    assert names["unserved_coast_chat_all_2027"].upBound is None
    assert names["serve_coast_chat_metro_coast_2027"].upBound is None
    problem += names["serve_coast_chat_metro_coast_2027"] <= 3, "my_cap"
    problem.solve(solver_named("cbc", 60))
    assert problem.status == pulp.LpStatusOptimal
    assert names["unserved_coast_chat_all_2027"].varValue == pytest.approx(2)


def test_variables_outside_every_row_and_cost_survive_pulp() -> None:
    program, x = started()
    program.add_variables("loose", SITES, unit="1", upper=1.0)
    program.add_constraints("r", SITES, x, ">=", 2.0, kind="definition", unit="1")
    program.charge("fee", x)
    outcome = solve_with_pulp(program, solver_named("cbc", 60))
    assert (outcome.status, outcome.objective) == ("optimal", pytest.approx(4))
    assert outcome.x[:2].tolist() == [2, 2]


def test_names_that_differ_only_in_signs_stay_apart_in_pulp() -> None:
    """x[a-b] and x[a.b] are two variables: 1 x 1 + 10 x 2 = 21, and each keeps its own value."""
    sites = pd.DataFrame({"site": ["a-b", "a.b"]})
    program = LinearProgram()
    x = program.add_variables("x", sites, unit="1")
    floor = pd.Series([1.0, 2.0], index=pd.Index(["a-b", "a.b"], name="site"))
    program.add_constraints("r", sites, x.expression(), ">=", floor, kind="definition", unit="1")
    program.charge("fee", x * pd.Series([1.0, 10.0], index=floor.index))
    outcome = solve_with_pulp(program, solver_named("cbc", 60))
    assert outcome.objective == pytest.approx(21)
    assert outcome.x.tolist() == pytest.approx([1, 2])


@pytest.mark.parametrize("shape", ["infeasible", "unbounded"])
def test_what_has_no_optimum_returns_no_numbers(shape: str) -> None:
    program, x = started()
    program.add_constraints("r", SITES, x, ">=", 2.0, kind="definition", unit="1")
    if shape == "infeasible":
        program.add_constraints("s", SITES, x, "<=", 1.0, kind="definition", unit="1")
    program.charge("fee", x * (-1.0 if shape == "unbounded" else 1.0))
    for outcome in (Session(program.matrix()).run(), solve_with_pulp(program, solver_named("cbc", 60))):
        assert outcome.status == shape
        assert len(outcome.x) == len(outcome.y) == 0
        assert np.isnan(outcome.objective)


def test_unknown_solver_is_named_with_those_that_are_installed() -> None:
    with pytest.raises(InputError, match=r"solver: received 'abacus'; expected a solver that is installed: .*cbc"):
        solver_named("abacus", None)


# Certificate: minimise 2 a + 3 b, a + b >= 10, a <= 6 (bound), so a = 6, b = 4, cost 24; dual 3; bound of a is worth -1


def known() -> tuple[LinearProgram, np.ndarray, np.ndarray]:
    program = LinearProgram()
    upper = pd.Series([6.0, np.inf], index=pd.Index(["a", "b"], name="site"))
    x = program.add_variables("x", SITES, unit="1", upper=upper)
    program.add_constraints(
        "r", pd.DataFrame({"year": [2027]}), x.expression(), ">=", 10.0, kind="definition", unit="1"
    )
    program.charge("fee", x * pd.Series([2.0, 3.0], index=upper.index))
    return program, np.array([6.0, 4.0]), np.array([3.0])


def certified(x: object, y: object) -> Certificate:
    return certify(known()[0].matrix(), np.array(x, dtype=float), np.array(y, dtype=float))


def test_certificate_accepts_the_known_optimum() -> None:
    program, x, y = known()
    found = certify(program.matrix(), x, y)
    assert found.holds
    assert (found.primal_objective, found.dual_objective) == (24, 24)
    outcome = Session(program.matrix()).run()
    assert outcome.x.tolist() == pytest.approx(x.tolist())
    assert outcome.y.tolist() == pytest.approx(y.tolist())


def test_certificate_figures_by_hand() -> None:
    """x = (6, 3): the row lacks 1 of 1 + 9; cost 21 against 24. y = 2: b's reduced cost is 1 >= 0, bound 20, gap 4 /
    25.
    """
    short = certified([6, 3], [3])
    assert short.primal_violation == pytest.approx(1 / 10)
    assert short.relative_gap == pytest.approx(3 / 22)
    weak = certified([6, 4], [2])
    assert weak.dual_violation == 0
    assert weak.relative_gap == pytest.approx(4 / 25)
    # y = 4: the reduced cost of b is -1 with no upper bound; scale 1 + 3 + 4
    assert certified([6, 4], [4]).dual_violation == pytest.approx(1 / 8)


@pytest.mark.parametrize(
    ("x", "y", "figure"),
    [
        pytest.param([6, 4 - 1e-3], [3], "primal_violation", id="row broken"),
        pytest.param([6 + 1e-3, 4 - 1e-3], [3], "primal_violation", id="upper bound broken"),
        pytest.param([-1e-3, 10 + 1e-3], [3], "primal_violation", id="lower bound broken"),
        pytest.param([6, 4], [3 + 1e-3], "dual_violation", id="dual too high"),
        pytest.param([6, 4], [-1e-3], "dual_violation", id="dual of the wrong sign"),
        pytest.param([6, 4], [3 - 1e-3], "relative_gap", id="dual too low"),
        pytest.param([5, 5], [3], "relative_gap", id="feasible but not optimal"),
        pytest.param([6, 4], [0], "relative_gap", id="no dual"),
    ],
)
def test_certificate_rejects(x: list[float], y: list[float], figure: str) -> None:
    found = certified(x, y)
    assert getattr(found, figure) > found.limit
    assert not found.holds


def test_certificate_rejects_what_is_not_a_number() -> None:
    assert not certified([6, np.nan], [3]).holds
    assert not certified([6, 4], [np.nan]).holds


@settings(max_examples=40)
@given(st.data())
def test_certificate_rejects_every_perturbation_of_the_tiny_optimum(data: st.DataObject) -> None:
    """Any variable of an equality that is moved by a hundredth or more is noticed; so is any dual of demand."""
    program, outcome = tiny_optimum()
    matrix = program.matrix()
    assert certify(matrix, outcome.x, outcome.y).holds
    busy = np.flatnonzero(outcome.x > 1e-3)
    held = np.unique(matrix.index[np.isin(matrix.row_of_entry(), np.flatnonzero(matrix.row_lower == matrix.row_upper))])
    place = data.draw(st.sampled_from(sorted(set(busy.tolist()) & set(held.tolist()))))
    x = outcome.x.copy()
    x[place] *= data.draw(st.sampled_from([0.99, 1.01, 0.0, 2.0]))
    assert not certify(matrix, x, outcome.y).holds
    y = outcome.y.copy()
    y[data.draw(st.integers(0, len(program.constraints["demand"]) - 1))] *= data.draw(
        st.sampled_from([0.9, 1.1, 0.0, -1.0])
    )
    assert not certify(matrix, outcome.x, y).holds


@cache
def tiny_optimum() -> tuple[LinearProgram, Outcome]:
    found = optimum(tiny())
    assert found.plan.program.constraints["demand"].offset == 0
    return found.plan.program, found.outcome
