"""Is this point optimal? Checked from the unscaled tables alone, without asking the solver."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from eastwest.lp.expression import Floats
from eastwest.lp.program import Matrix

CERTIFICATE_LIMIT = 1e-6
"""Most that any figure of a certificate may be [1]."""


@dataclass(frozen=True)
class Certificate:
    """Relative violations [1], each at most 1e-6 for an accepted solution, and both objectives [million CNY]."""

    primal_violation: float
    dual_violation: float
    relative_gap: float
    primal_objective: float
    dual_objective: float
    limit: float = CERTIFICATE_LIMIT

    @property
    def holds(self) -> bool:
        return all(figure <= self.limit for figure in (self.primal_violation, self.dual_violation, self.relative_gap))

    def to_dict(self) -> dict[str, float | bool]:
        return {**asdict(self), "holds": self.holds}


def certify(matrix: Matrix, x: Floats, y: Floats) -> Certificate:
    """Primal violation over 1 + sum|a x|, dual violation over 1 + |c| + sum|a y|, and the gap over 1 + |objective|.

    `x` has one value per variable, `y` one dual per row (cost change per unit of the row's right-hand side).
    A dual is kept only where its sign is allowed by a finite bound; what remains of the reduced cost is the violation.
    A point or a dual that is no finite number violates everything.
    """
    if not (np.isfinite(x).all() and np.isfinite(y).all() and np.isfinite(matrix.value).all()):
        return Certificate(np.inf, np.inf, np.inf, np.nan, np.nan)
    absolute = np.abs(matrix.value)
    row, activity = matrix.row_of_entry(), matrix.times(x)
    size = 1 + np.bincount(row, absolute * np.abs(x[matrix.index]), minlength=len(activity))
    over = np.maximum(matrix.row_lower - activity, activity - matrix.row_upper) / size
    outside = np.maximum(matrix.lower - x, x - matrix.upper) / (1 + np.abs(x))
    primal = max(0.0, float(over.max(initial=0)), float(outside.max(initial=0)))

    reduced = matrix.cost - matrix.transposed_times(y)
    scale = 1 + np.abs(matrix.cost) + np.bincount(matrix.index, absolute * np.abs(y[row]), minlength=len(x))
    below, above = np.maximum(reduced, 0), np.maximum(-reduced, 0)
    loose = np.where(np.isinf(matrix.lower), below, 0) + np.where(np.isinf(matrix.upper), above, 0)
    wrong_row = np.where(np.isinf(matrix.row_lower), np.maximum(y, 0), 0) + np.where(
        np.isinf(matrix.row_upper), np.maximum(-y, 0), 0
    )
    dual = max(0.0, float((loose / scale).max(initial=0)), float((wrong_row / (1 + np.abs(y))).max(initial=0)))

    objective = float(matrix.cost @ x)
    bound = _finite_product(np.maximum(y, 0), matrix.row_lower) - _finite_product(np.maximum(-y, 0), matrix.row_upper)
    bound += _finite_product(below, matrix.lower) - _finite_product(above, matrix.upper)
    return Certificate(primal, dual, abs(objective - bound) / (1 + abs(objective)), objective, bound)


def _finite_product(weight: Floats, bound: Floats) -> float:
    known = np.isfinite(bound)
    return float(weight[known] @ bound[known])
