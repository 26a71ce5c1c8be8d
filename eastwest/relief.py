"""What is one more unit of a limit worth? A one-sided re-solve from the optimal basis, with the distance to which it holds.

Raw duals mislead where the optimum is degenerate: a listed relief is the cost that a re-solve really saves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from eastwest.highs import Progress, Session
from eastwest.program import LinearProgram, Rows

STEPS = {"MW": 1.0, "devices": 1000.0, "Gbit/s": 1000.0, "PFLOP/s": 1000.0, "million CNY": 100.0, "t CO2": 10000.0}
"""One unit that a planner would ask for, by the unit of the limit."""

NOT_FOR_SALE = {
    "demand", "service at a site", "service received at a site", "devices engaged", "work of a window", "work of a window done in it", "surge of deferrable work", "devices energised", "devices installed",
    "power balance", "seasonal peak", "traffic",
}  # fmt: skip
"""Definitions and demand: rows that nobody can relieve."""


@dataclass(frozen=True)
class Relief:
    """One limit, relieved by `step` units: what it saves a year per unit, and how far that holds."""

    rows: Rows
    number: int
    step: float
    saving_per_unit: float
    holds_for: float


def candidates(program: LinearProgram, y: np.ndarray, count: int) -> list[tuple[Rows, int]]:
    """Limits with a dual, those first whose relief by one per cent is worth most."""
    found = []
    for rows in program.rows.values():
        if rows.limit is None or rows.limit in NOT_FOR_SALE:
            continue
        duals = y[rows.offset : rows.offset + len(rows)]
        size = np.maximum(np.abs(rows.right_hand_side), STEPS.get(rows.unit, 1.0))
        worth = np.where(np.isfinite(rows.right_hand_side), np.abs(duals) * size * 0.01, 0.0)
        found += [(float(worth[at]), rows, int(at)) for at in np.flatnonzero(worth > 1e-9)]
    found.sort(key=lambda item: (-item[0], item[1].name, item[2]))
    return [(rows, at) for _, rows, at in found[:count]]


def reliefs(session: Session, program: LinearProgram, y: np.ndarray, objective: float, count: int, progress: Progress) -> list[Relief]:
    """Up to `count` limits whose relief saves most; every figure is a re-solve, warm-started from the optimal basis."""
    basis = session.basis()
    out = []
    for number, (rows, at) in enumerate(candidates(program, y, count), 1):
        progress(f"re-solving with a relieved limit, {number} of at most {count}")
        step = STEPS.get(rows.unit, 1.0)
        row = np.array([rows.offset + at])
        side = rows.right_hand_side[at] + (step if rows.sense != ">=" else -step)
        bounds = _bounds(rows, side)
        session.set_row_bounds(row, *bounds)
        outcome = session.run("simplex")
        if outcome.status == "optimal":
            saved = objective - outcome.objective
            low, high = session.row_range(int(row[0]))
            reach = abs((high if rows.sense != ">=" else low) - rows.right_hand_side[at])
            saving = saved / step if saved > 1e-9 * abs(objective) else 0.0
            out.append(Relief(rows, at, step, saving, max(reach, step) if np.isfinite(reach) else reach))
        session.set_row_bounds(row, *_bounds(rows, rows.right_hand_side[at]))
        session.set_basis(basis)
    return sorted(out, key=lambda relief: -relief.saving_per_unit * relief.step)


def _bounds(rows: Rows, side: float) -> tuple[np.ndarray, np.ndarray]:
    low = -np.inf if rows.sense == "<=" else side
    high = np.inf if rows.sense == ">=" else side
    return np.array([low]), np.array([high])


def relief_table(found: list[Relief]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two long-table frames: worth of one unit more, and up to how many units it holds."""
    worth = [relief.rows.index.iloc[relief.number].to_dict() | _words(relief) | {"value": relief.saving_per_unit} for relief in found]
    reach = [relief.rows.index.iloc[relief.number].to_dict() | _words(relief) | {"value": relief.holds_for} for relief in found]
    return pd.DataFrame(worth), pd.DataFrame(reach)


def _words(relief: Relief) -> dict[str, str]:
    return {"item": str(relief.rows.limit), "_unit": relief.rows.unit}
