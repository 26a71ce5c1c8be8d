"""What a rule's shadow price says, against re-solves: its right-hand side moved both ways, cold, on small cases.

The optimum is convex in a right-hand side, so a dual lies between the left and the right difference quotient; where
HiGHS' ranging shows an open interval around the limit it equals both. Add a case by a line in CASES.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from builder import one_place, tiny

from eastwest.highs import Session
from eastwest.plan import Plan
from eastwest.relief import reliefs
from eastwest.scenario import Scenario
from eastwest.solve import build

HUB: dict[str, Any] = {"hubs": {"h": {"name_en": "Hub", "side": "west"}}, "sites": {"mesa": {"hub": "h"}}}
EMPTY: dict[str, Any] = {
    "stock": {"base": {"*": {"*": {"*": {"devices": 0}}}}},
    "commitments": {"*": {"*": {"*": {"devices": 0}}}},
}
SCARCE: dict[str, Any] = {"supply": {"*": {"*": {"mid": 12}}}}
FOREIGN: dict[str, Any] = {"devices": {"alpha": {"origin": "foreign"}, "beta": {"origin": "domestic"}}}
ROOM: dict[str, Any] = {"metro_coast": {"hall_standard": {"*": {"mw": 0.5}}}}
STANDARD: dict[str, Any] = {"devices": {"alpha": {"hall_class": "standard"}}, "capacity": ROOM}
MIXED: dict[str, Any] = {"supply_map": {"alpha_group": {"beta": {"2020": {"last_year": 2035, "mix": 0.5, "devices_per_unit": 1}}}}}


def new(**changes: Any) -> Callable[[], Scenario]:
    """The tiny country with its hub where nothing stands yet."""
    return lambda: tiny(**HUB).with_(**EMPTY).with_(**changes)


def scarce(**changes: Any) -> Callable[[], Scenario]:
    """The same with 12 devices for a demand of more."""
    return lambda: tiny(**HUB).with_(**EMPTY).with_(**SCARCE).with_(**changes)


CASES: dict[str, Callable[[], Scenario]] = {
    "hubs": new(policy={"hub_share_of_new_intelligent": 0.6}),
    "hubs, scarce": scarce(policy={"hub_share_of_new_intelligent": 0.7}),
    "West": new(policy={"west_share_of_new_intelligent": 0.55}),
    "both": scarce(policy={"hub_share_of_new_intelligent": 0.6, "west_share_of_new_intelligent": 0.7}),
    "spending": new(policy={"spending_cap_million_cny": 1.3}),
    "spending, all of the supply": scarce(policy={"spending_cap_million_cny": 1.2}),
    "occupancy": lambda: one_place(**STANDARD).with_(policy={"new_hall_occupancy": 0.65}),
    "target": new(policy={"least_installed_pflops": {"intelligent": 70.0}}),
    "PUE ceiling": new(approval={"pue_ceilings": {"h": 1.15}, "pue_tolerated_mw": 0.002}),
    "PUE ceiling, scarce": scarce(approval={"pue_ceilings": {"h": 1.15}}),
    "role": new(approval={"roles": {"h": "not_real_time"}, "real_time_share": 0.2}),
    "domestic": lambda: tiny(**HUB).with_(**FOREIGN).with_(procurement={"domestic_share_of_new_intelligent": 0.2}),
    "public purchases": new(**FOREIGN, procurement={"publicly_funded_sites": {"mesa": 1.0}}),
    "public stock": lambda: tiny(**HUB).with_(
        **FOREIGN,
        procurement={"publicly_funded_sites": {"metro_coast": 0.4}, "foreign_in_public_stock": "off"},
    ),
    "green floor": lambda: tiny(**HUB).with_(green={"floor_share": 0.5, "floor_sites": "all", "certificates": True}),
    "carbon cap": lambda: one_place(green={"carbon_cap_t": 3000.0}),
}  # fmt: skip
"""Name -> a scenario with at least one rule, small enough to be solved many times."""

MOVE = 1e-3
"""How far a right-hand side is moved, over its size (or over the unit of its block) [1]."""


@cache
def solved(name: str) -> tuple[Plan, Session, Any]:
    """The case's program and its optimum."""
    plan = build(CASES[name]())
    session = Session(plan.program.matrix())
    outcome = session.run("simplex")
    assert outcome.status == "optimal"
    return plan, session, outcome


def rule_rows(plan: Plan) -> list[int]:
    """Numbers of all rows of the planner's rules."""
    blocks = [plan.program.rows[name] for names in plan.rules.values() for name in names]
    return [row for rows in blocks for row in range(rows.offset, rows.offset + len(rows))]


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
            after = moved(plan, relief.limit.rows, relief.step * relief.limit.direction)
            assert relief.saving_per_unit * relief.step == pytest.approx(outcome.objective - after, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("name", CASES)
def test_case_binds(name: str) -> None:
    """A case whose rule is slack would check nothing."""
    plan, _, outcome = solved(name)
    assert np.abs(outcome.y[rule_rows(plan)]).max() > 1e-9
