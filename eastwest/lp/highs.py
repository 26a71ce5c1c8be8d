"""HiGHS in-process: a program handed over as arrays, solved, changed in place and solved again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from eastwest.errors import SolveError
from eastwest.lp.expression import Floats, Integers
from eastwest.lp.program import Matrix

log = logging.getLogger(__name__)

SIMPLEX_ROWS = 3000
"""Programs with fewer rows go to simplex, larger ones to interior point `ipx` with crossover (measured, see docs)."""

TOLERANCE = 1e-9
"""In the solver's own units, so that the certificate's 1e-6 holds in natural units with room to spare."""

MOST_ROWS_FOR_IIS = 1000
"""HiGHS reduces a conflict of so many rows within seconds; on thousands it took minutes."""

MOST_ROWS_FOR_RANGING = 60_000
"""HiGHS' ranging takes seconds at 30,000 rows and many minutes at 150,000."""

IRREDUCIBLE = 3
"""HiGHS' status of a conflict from which nothing can be dropped (highspy 1.15 gives it no name; a test checks it)."""

WORDS = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible or unbounded",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
    highspy.HighsModelStatus.kTimeLimit: "time limit",
    highspy.HighsModelStatus.kIterationLimit: "iteration limit",
    highspy.HighsModelStatus.kInterrupt: "interrupted",
}


@dataclass(frozen=True)
class Outcome:
    """Status in words; `x`, `y` in natural units and the objective [million CNY] only where it is optimal."""

    status: str
    objective: float
    x: Floats
    y: Floats


SECONDS_BETWEEN_REPORTS = 15.0

Progress = Callable[[str], None]


class Session:
    """One program inside HiGHS. Units of the solver are the program's natural units divided by its scales."""

    def __init__(
        self, matrix: Matrix, *, time_limit_s: float | None = None, threads: int = 2, progress: Progress | None = None
    ) -> None:
        self.matrix, self.progress = matrix, progress
        self.highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self.option("output_flag", False)
        self.option("threads", threads)
        self.option("primal_feasibility_tolerance", TOLERANCE)
        self.option("dual_feasibility_tolerance", TOLERANCE)
        self.time_limit_s = time_limit_s
        self.highs.HandleKeyboardInterrupt = True
        if progress is not None:
            self.highs.cbIpmInterrupt.subscribe(self._report)
        self._started = self._said = time.monotonic()
        self._pass()

    def option(self, name: str, value: bool | int | float | str) -> None:
        """Set an option; HiGHS goes on with another algorithm when a name is refused, so a refusal is an error here."""
        if self.highs.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise SolveError(f"HiGHS {self.highs.version()} refuses the option {name} = {value!r}")

    def _begin(self) -> None:
        """The time limit is of each solve by itself; HiGHS counts the time of all solves together."""
        self._started = self._said = time.monotonic()
        if self.time_limit_s is not None:
            self.option("time_limit", float(self.time_limit_s) + self.highs.getRunTime())

    def _report(self, event: Any) -> None:
        """Every quarter of a minute of interior point: the iteration and how long it has taken."""
        iteration, now = event.data_out.ipm_iteration_count, time.monotonic()
        if self.progress is not None and iteration > 0 and now - self._said > SECONDS_BETWEEN_REPORTS:
            self._said = now
            self.progress(f"interior point, iteration {iteration} after {now - self._started:.0f} s")

    def _pass(self) -> None:
        m, inf = self.matrix, self.highs.inf
        value = m.value * m.column_scale[m.index] / m.row_scale[m.row_of_entry()]
        status = self.highs.passModel(
            len(m.lower), len(m.row_lower), len(value),
            int(highspy.MatrixFormat.kRowwise), int(highspy.ObjSense.kMinimize), 0.0, m.cost * m.column_scale,
            np.nan_to_num(m.lower / m.column_scale, neginf=-inf), np.nan_to_num(m.upper / m.column_scale, posinf=inf),
            np.nan_to_num(m.row_lower / m.row_scale, neginf=-inf, posinf=inf),
            np.nan_to_num(m.row_upper / m.row_scale, neginf=-inf, posinf=inf),
            m.start.astype(np.int32), m.index.astype(np.int32), value, np.zeros(len(m.lower), dtype=np.int32),
        )  # fmt: skip
        if status == highspy.HighsStatus.kError:
            raise SolveError("HiGHS refuses the program")

    def run(self, algorithm: str | None = None) -> Outcome:
        """Solve from the basis that stands; `algorithm` is simplex or ipx, by default chosen by size."""
        if algorithm is None:
            algorithm = "simplex" if len(self.matrix.row_lower) < SIMPLEX_ROWS else "ipx"
        self.option("solver", algorithm)
        self._begin()
        self.highs.solve()
        status = WORDS.get(self.highs.getModelStatus(), "unknown")
        if status == "infeasible or unbounded":
            self.option("presolve", "off")
            self.option("solver", "simplex")
            self.highs.solve()
            self.option("presolve", "choose")
            status = WORDS.get(self.highs.getModelStatus(), "unknown")
        nothing = np.zeros(0)
        if status != "optimal":
            return Outcome(status, float("nan"), nothing, nothing)
        solution = self.highs.getSolution()
        x = np.array(solution.col_value) * self.matrix.column_scale
        y = np.array(solution.row_dual) / self.matrix.row_scale
        return Outcome(status, float(self.highs.getObjectiveValue()), x, y)

    def search(self, gap: float, start: Floats | None = None) -> tuple[Outcome, float]:
        """Look for whole numbers until best plan and bound are within the relative `gap`, or time is over.

        `start` is a plan to begin from. Returns the best plan, without duals, and the bound [million CNY]; the plan has
        an `x` also where the status is "time limit", if any was found.
        """
        integers = self.matrix.integer.astype(np.int32)
        kind = np.full(len(integers), highspy.HighsVarType.kInteger)
        self.highs.changeColsIntegrality(len(integers), integers, kind)
        self.option("solver", "choose")
        self.option("mip_rel_gap", gap)
        self.option("mip_feasibility_tolerance", TOLERANCE)
        if self.progress is not None:
            self.highs.cbMipInterrupt.subscribe(self._report_search)
        if start is not None:
            solution = highspy.HighsSolution()
            solution.col_value = list(start / self.matrix.column_scale)
            self.highs.setSolution(solution)
        self._begin()
        self.highs.solve()
        status, info = WORDS.get(self.highs.getModelStatus(), "unknown"), self.highs.getInfo()
        nothing = np.zeros(0)
        if info.primal_solution_status != int(highspy.SolutionStatus.kSolutionStatusFeasible):
            return Outcome(status, float("nan"), nothing, nothing), float("nan")
        x = np.array(self.highs.getSolution().col_value) * self.matrix.column_scale
        return Outcome(status, float(self.highs.getObjectiveValue()), x, nothing), float(info.mip_dual_bound)

    def _report_search(self, event: Any) -> None:
        """Every quarter of a minute of the search: best plan, bound, gap."""
        now = time.monotonic()
        if self.progress is None or now - self._said <= SECONDS_BETWEEN_REPORTS:
            return
        self._said = now
        best, bound = event.data_out.mip_primal_bound, event.data_out.mip_dual_bound
        known = f"best plan {best:,.1f}" if np.isfinite(best) else "no plan yet"
        gap = f", gap {(best - bound) / max(1.0, abs(best)):.1e}" if np.isfinite(best) and np.isfinite(bound) else ""
        self.progress(
            f"searching whole numbers for {now - self._started:.0f} s: {known}, bound {bound:,.1f} million CNY{gap}"
        )

    def set_row_bounds(self, rows: Integers, lower: Floats, upper: Floats) -> None:
        """New bounds of some rows, in natural units."""
        scale, inf = self.matrix.row_scale[rows], self.highs.inf
        low = np.nan_to_num(lower / scale, neginf=-inf, posinf=inf)
        high = np.nan_to_num(upper / scale, neginf=-inf, posinf=inf)
        self.highs.changeRowsBounds(len(rows), rows.astype(np.int32), low, high)

    def set_column_bounds(self, columns: Integers, lower: Floats, upper: Floats) -> None:
        """New bounds of some variables, in natural units."""
        scale, inf = self.matrix.column_scale[columns], self.highs.inf
        low, high = np.nan_to_num(lower / scale, neginf=-inf), np.nan_to_num(upper / scale, posinf=inf)
        self.highs.changeColsBounds(len(columns), columns.astype(np.int32), low, high)

    def basis(self) -> Any:
        return self.highs.getBasis()

    def set_basis(self, basis: Any) -> None:
        self.highs.setBasis(basis)

    @property
    def can_range(self) -> bool:
        """Whether the program is small enough for ranging."""
        return len(self.matrix.row_lower) <= MOST_ROWS_FOR_RANGING

    def go_back(self, rows: Integers, lower: Floats, upper: Floats, basis: Any) -> None:
        """Undo a change of row bounds: to the basis that stood, or on large programs by steps back to the optimum.

        From a basis that is set, HiGHS first computes a steepest-edge weight for every row: half a minute at 150,000
        rows. By steps the weights stay known.
        """
        self.set_row_bounds(rows, lower, upper)
        if self.can_range:
            self.set_basis(basis)
        else:
            self.run("simplex")

    def row_range(self, row: int) -> tuple[float, float]:
        """Between which right-hand sides of a row its dual holds, in natural units; NaN where it is not known."""
        if not self.can_range:
            return float("nan"), float("nan")
        status, ranging = self.highs.getRanging()
        if status != highspy.HighsStatus.kOk or not ranging.valid:
            return float("nan"), float("nan")
        scale = self.matrix.row_scale[row]
        return float(ranging.row_bound_dn.value_[row]) * scale, float(ranging.row_bound_up.value_[row]) * scale

    def cost_ranges(self, columns: Integers) -> tuple[Floats, Floats]:
        """Costs per natural unit of each variable between which the optimal basis stays; infinite if always."""
        status, ranging = self.highs.getRanging()
        if status != highspy.HighsStatus.kOk or not ranging.valid:
            nothing = np.full(len(columns), np.nan)
            return nothing, nothing
        scale = self.matrix.column_scale[columns]
        low = np.array(ranging.col_cost_dn.value_)[columns] / scale
        return low, np.array(ranging.col_cost_up.value_)[columns] / scale

    def least_change(self, may_change: NDArray[np.bool_]) -> Floats:
        """Row violations of the point that needs the least relative change in all, in natural units.

        `may_change` says which rows are limits; the others are definitions and hold. Zero where a row holds.
        """
        m = self.matrix
        side = np.where(np.isfinite(m.row_upper), m.row_upper, m.row_lower)
        size = np.maximum(np.abs(np.where(np.isfinite(side), side, 0.0)), m.row_scale * 1e-3)
        penalty = np.where(may_change, m.row_scale / size, -1.0)
        relaxed = self.highs.feasibilityRelaxation(-1.0, -1.0, 1.0, None, None, penalty)
        if relaxed == highspy.HighsStatus.kError:
            raise SolveError("HiGHS could not relax the program")
        activity = np.array(self.highs.getSolution().row_value) * self.matrix.row_scale
        over = np.maximum(activity - self.matrix.row_upper, 0)
        under = np.maximum(self.matrix.row_lower - activity, 0)
        return np.where(over > under, over, -under)

    def conflict(self, is_limit: NDArray[np.bool_], seconds: float) -> tuple[list[int], list[int], bool]:
        """Rows and variables of a set of limits that conflict, and whether nothing can be dropped from it.

        The search starts from the rows of a proof of infeasibility (a dual ray), which by themselves conflict. HiGHS
        reduces them when they are few (its search heeds no time limit); else limits are dropped here, halves first,
        until the set is irreducible or the time is over. Rows that are no limit (`is_limit` false) are definitions
        and always hold.
        """
        deadline = time.monotonic() + seconds
        self.option("time_limit", seconds + self.highs.getRunTime())
        self.option("presolve", "off")
        self.option("solver", "simplex")
        self.highs.clearSolver()
        self.highs.solve()
        _, known, ray = self.highs.getDualRay()
        if not known:
            return [], [], False
        rows = np.flatnonzero(np.abs(np.array(ray)) > 1e-9)
        part, columns = _submatrix(self.matrix, rows)
        small = Session(part)
        if len(rows) <= MOST_ROWS_FOR_IIS:
            strategy = highspy.IisStrategy.kIisStrategyFromLp.value + highspy.IisStrategy.kIisStrategyIrreducible.value
            small.option("iis_strategy", int(strategy))
            _, iis = small.highs.getIis()
            if iis.valid_ and len(iis.row_index_):
                found = rows[list(iis.row_index_)].tolist()
                return found, columns[list(iis.col_index_)].tolist(), bool(iis.status_ == IRREDUCIBLE)
        kept: list[int] = []
        small.run("simplex")
        done = small._reduce(np.flatnonzero(is_limit[rows]), kept, deadline)
        bounded = np.flatnonzero(np.isfinite(part.upper))
        return rows[kept].tolist(), columns[bounded].tolist(), done and not len(bounded)

    def _reduce(self, candidates: Integers, kept: list[int], deadline: float) -> bool:
        """Drop candidates while the rest conflicts; what must stay is added to `kept`. False when out of time."""
        if not len(candidates):
            return True
        if time.monotonic() > deadline:
            kept += candidates.tolist()
            return False
        free = np.full(len(candidates), np.inf)
        self.set_row_bounds(candidates, -free, free)
        if self.run("simplex").status == "infeasible":
            return True
        self.set_row_bounds(candidates, self.matrix.row_lower[candidates], self.matrix.row_upper[candidates])
        if len(candidates) == 1:
            kept += candidates.tolist()
            return True
        middle = len(candidates) // 2
        first = self._reduce(candidates[:middle], kept, deadline)
        return self._reduce(candidates[middle:], kept, deadline) and first


def _submatrix(matrix: Matrix, rows: Integers) -> tuple[Matrix, Integers]:
    """Some rows of a program with the variables in them, without costs; and the numbers of those variables."""
    inside = np.isin(matrix.row_of_entry(), rows)
    columns, index = np.unique(matrix.index[inside], return_inverse=True)
    start = np.concatenate([[0], np.cumsum(np.diff(matrix.start)[rows])])
    part = Matrix(
        start, index.astype(np.int64), matrix.value[inside], matrix.row_lower[rows], matrix.row_upper[rows],
        matrix.lower[columns], matrix.upper[columns], np.zeros(len(columns)),
        matrix.row_scale[rows], matrix.column_scale[columns],
    )  # fmt: skip
    return part, columns
