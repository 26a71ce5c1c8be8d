"""What a rule's shadow price says, against re-solves: its right-hand side moved both ways, cold, on small cases.

The optimum is convex in a right-hand side, so a dual lies between the left and the right difference quotient; where
HiGHS' ranging shows an open interval around the limit it equals both. Add a case by a line in CASES of `rule_cases`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from rule_cases import CASES, rule_rows, solved

from eastwest.lp.highs import Session
from eastwest.model.plan import Plan
from eastwest.solving.relief import reliefs

MOVE = 1e-3
"""How far a right-hand side is moved, over its size (or over the unit of its block) [1]."""


def moved(plan: Plan, rows: Any, by: float) -> float:
    """The optimum with the right-hand sides of some rows moved, from a cold start; infinite where there is none."""
    matrix = plan.program.matrix()
    low, high = matrix.row_lower.copy(), matrix.row_upper.copy()
    low[rows] += by
    high[rows] += by
    outcome = Session(replace(matrix, row_lower=low, row_upper=high)).run("simplex")
    return outcome.objective if outcome.status == "optimal" else float("inf")


@pytest.mark.parametrize("name", CASES)
def test_dual_lies_between_the_quotients(name: str) -> None:
    plan, session, outcome = solved(name)
    matrix = plan.program.matrix()
    assert rule_rows(plan), "the case has no rule"
    for row in rule_rows(plan):
        side = matrix.row_lower[row] if np.isfinite(matrix.row_lower[row]) else matrix.row_upper[row]
        step = MOVE * max(abs(side), matrix.row_scale[row] * 1e-2)
        left = (outcome.objective - moved(plan, row, -step)) / step
        right = (moved(plan, row, step) - outcome.objective) / step
        dual, slack = outcome.y[row], 1e-6 * (1 + abs(outcome.objective)) / step * 1e-3
        assert left - slack - 1e-4 * abs(left) <= dual, "more is worth less than less costs"
        assert dual <= right + slack + 1e-4 * abs(right)
        low, high = session.row_range(row)
        if low < side - step and side + step < high:
            assert dual == pytest.approx(left, rel=1e-4, abs=slack)
            assert dual == pytest.approx(right, rel=1e-4, abs=slack)


@pytest.mark.parametrize("name", CASES)
def test_listed_relief_is_the_one_sided_resolve(name: str) -> None:
    plan, _, _ = solved(name)
    session = Session(plan.program.matrix())
    outcome = session.run("simplex")
    rows = set(rule_rows(plan))
    for relief in reliefs(session, plan.program, outcome, 99, lambda message: None):
        if rows & set(relief.limit.rows.tolist()):
            step = relief.limit.step
            after = moved(plan, relief.limit.rows, step * relief.limit.direction)
            assert relief.saving_per_unit * step == pytest.approx(outcome.objective - after, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("name", CASES)
def test_case_binds(name: str) -> None:
    """A case whose rule is slack would check nothing."""
    plan, _, outcome = solved(name)
    assert np.abs(outcome.y[rule_rows(plan)]).max() > 1e-9
