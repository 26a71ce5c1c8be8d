"""What is one more unit of a limit worth? A one-sided re-solve from the optimal basis, and how far that holds.

Raw duals mislead where the optimum is degenerate: a listed relief is the cost that a re-solve really saves. Rows of one
limit that differ only by hour are relieved together, because one more MW of grid is there in every hour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from eastwest.lp.expression import Floats, Integers
from eastwest.lp.highs import Outcome, Progress, Session
from eastwest.lp.program import LinearProgram
from eastwest.schema import results_table
from eastwest.schema.constraints_table import for_sale
from eastwest.schema.thresholds import NOTHING, ROUNDING

SAME = 0.01
"""A saving per unit is said to hold as far as it stays within one per cent."""

TIME_LABELS = ("slice", "season", "block")
"""Labels of rows that one place has many of: they are relieved together."""


@dataclass(frozen=True, eq=False)
class Limit:
    """All rows of one limit at one place: `labels` without hours, row numbers, right-hand sides, way of relief."""

    name: str
    constraint: str
    """its group of constraints, the first where it has rows of several"""
    unit: str
    labels: dict[str, object]
    rows: Integers
    sides: Floats
    direction: float
    step: float


@dataclass(frozen=True)
class Relief:
    """One limit, relieved by its step: what each saves a year [million CNY], and how far that holds [units]."""

    limit: Limit
    saving_per_unit: float
    holds_for: float


def limits(program: LinearProgram) -> list[Limit]:
    """Every limit that can be relieved, hours taken together."""
    found: dict[tuple[object, ...], Limit] = {}
    for rows in program.constraints.values():
        if not for_sale(rows.kind, rows.declared.span):
            continue
        direction = -1.0 if rows.sense == ">=" else 1.0
        columns = [column for column in rows.index if column not in TIME_LABELS]
        for at, labels in enumerate(rows.index[columns].to_dict("records")):
            if not np.isfinite(rows.right_hand_side[at]):
                continue
            key = (rows.limit, rows.unit, direction, *labels.items())
            old = found.get(key)
            numbers = np.append(old.rows if old else np.zeros(0, np.int64), rows.offset + at)
            sides = np.append(old.sides if old else np.zeros(0), rows.right_hand_side[at])
            first, step = old.constraint if old else rows.name, rows.declared.step
            found[key] = Limit(str(rows.limit), first, rows.unit, dict(labels), numbers, sides, direction, step)
    return list(found.values())


def candidates(program: LinearProgram, y: Floats, count: int) -> list[Limit]:
    """Limits with a dual, those first whose relief by one per cent is worth most."""
    worth = []
    for limit in limits(program):
        dual = float(np.abs(y[limit.rows]).sum())
        size = max(float(np.abs(limit.sides).max()), limit.step)
        if dual * size > 1e-7:
            worth.append((-dual * size, limit.name, str(sorted(limit.labels.items(), key=str)), limit))
    return [limit for *_, limit in sorted(worth, key=lambda item: item[:3])[:count]]


def reliefs(session: Session, program: LinearProgram, outcome: Outcome, count: int, progress: Progress) -> list[Relief]:
    """Up to `count` limits whose relief saves most; every figure is a re-solve, warm-started from the optimal basis."""
    basis = session.basis()
    out = []
    for number, limit in enumerate(candidates(program, outcome.y, count), 1):
        progress(f"re-solving with a relieved limit, {number} of at most {count}")
        step = limit.step
        session.set_row_bounds(limit.rows, *_bounds(program, limit, step * limit.direction))
        after = session.run("simplex")
        if after.status == "optimal":
            saved = max(0.0, outcome.objective - after.objective)
            saving = saved / step if saved > NOTHING * (1 + abs(outcome.objective)) else 0.0
            out.append(Relief(limit, saving, _reach(session, limit, after, step, saving)))
        session.go_back(limit.rows, *_bounds(program, limit, 0.0), basis)
    return sorted(out, key=lambda relief: -relief.saving_per_unit * relief.limit.step)


def _reach(session: Session, limit: Limit, after: Outcome, step: float, saving: float) -> float:
    """Units over which the saving per unit holds within 1 %: beyond the step only if the slope there is the same."""
    slope = float(np.abs(after.y[limit.rows]).sum())
    priced = limit.rows[np.abs(after.y[limit.rows]) > NOTHING]
    if abs(slope - saving) > SAME * max(slope, saving, ROUNDING) or len(priced) != 1:
        return step
    low, high = session.row_range(int(priced[0]))
    side = float(limit.sides[limit.rows == priced[0]][0])
    reach = (high - side) if limit.direction > 0 else (side - low)
    return max(step, reach) if not np.isnan(reach) else step


def _bounds(program: LinearProgram, limit: Limit, shift: float) -> tuple[Floats, Floats]:
    matrix = program.matrix()
    return matrix.row_lower[limit.rows] + shift, matrix.row_upper[limit.rows] + shift


def relief_table(found: list[Relief]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two frames of the results table: worth of one unit more, and up to how many units it holds."""
    common = [
        relief.limit.labels
        | {"item": results_table.item(relief.limit.name, relief.limit.labels), "_unit": relief.limit.unit}
        | {"constraint": relief.limit.constraint}
        for relief in found
    ]
    worth = [labels | {"value": relief.saving_per_unit} for labels, relief in zip(common, found, strict=True)]
    reach = [labels | {"value": relief.holds_for} for labels, relief in zip(common, found, strict=True)]
    return pd.DataFrame(worth), pd.DataFrame(reach)
