"""Whole numbers: a mixed-integer program is solved, then its whole variables stay as found; the rest is a linear one.

First the relaxation, which is a bound; then its values rounded, which are often a plan to start from; then the search,
by HiGHS or a solver of PuLP, until the gap between plan and bound is small enough or the time is over. What follows
(duals, certificate, ties, reliefs) is of the linear program with the whole variables as they are.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eastwest.errors import EastwestError
from eastwest.lp.expression import Floats
from eastwest.lp.highs import Outcome, Progress, Session
from eastwest.lp.program import LinearProgram
from eastwest.lp.pulp_bridge import solve_with_pulp, solver_named

INTEGER_TOLERANCE = 1e-7
PART_OF_TIME = 0.2
"""Of the time limit, for a plan to start from [1]."""

WARNING = (
    "Whole numbers: the certificate, shadow prices, reliefs, costs of rules and metro growths hold for the plan with "
    "its whole {names} as they are; what would change their number may be worth more than is said there."
)


class NoIntegerPlan(EastwestError):
    """The relaxation has a plan, whole numbers have none or none was found in time."""

    def __init__(self, status: str, lines: list[str]) -> None:
        self.status, self.lines = status, lines
        super().__init__(f"no plan in whole numbers: {status}")


@dataclass(frozen=True)
class Search:
    """How the search ended: `bound` and `relaxation` [million CNY]; no plan in whole numbers costs less than either."""

    status: str
    bound: float
    relaxation: float

    def to_dict(self, objective: float) -> dict[str, float | str]:
        """Gap between the plan and the bound over the cost of the plan [1], and the bound [million CNY]."""
        return {
            "mip_gap": max(0.0, objective - self.bound) / max(1.0, abs(objective)),
            "mip_bound": self.bound,
            "mip_relaxation": self.relaxation,
            "mip_status": self.status,
        }


def settle(
    program: LinearProgram, rules: Sequence[str], *, solver: str, time_limit_s: float | None, gap: float,
    progress: Progress,
) -> Search | None:  # fmt: skip
    """Find whole numbers and fix them in the program; nothing to do where there are none.

    Also none where the relaxation has no plan: solving it says why. Raises NoIntegerPlan, which names the `rules`.
    """
    matrix = program.matrix()
    if not len(matrix.integer):
        return None
    progress("solving with parts instead of whole numbers, for a bound")
    session = Session(matrix, time_limit_s=time_limit_s, progress=progress)
    relaxed = session.run()
    if relaxed.status != "optimal":
        return None
    progress("rounding it, for a plan to start from")
    seconds = np.inf if time_limit_s is None else time_limit_s * PART_OF_TIME
    start = _first_plan(session, relaxed, seconds) if solver == "highs" else None
    progress(f"searching {len(matrix.integer):,} whole numbers to a gap of {gap:g} with {solver}")
    if solver == "highs":
        found, bound = Session(matrix, time_limit_s=time_limit_s, progress=progress).search(gap, start)
    else:
        found, bound = solve_with_pulp(program, solver_named(solver, time_limit_s, gap)), relaxed.objective
    if not len(found.x):
        status = "infeasible" if found.status.startswith("infeasible") else found.status  # the relaxation is bounded
        raise NoIntegerPlan(status, _why(program, status, rules))
    program.fix_integers(found.x)
    return Search(found.status, max(bound, relaxed.objective), relaxed.objective)


def _first_plan(session: Session, relaxed: Outcome, seconds: float) -> Floats | None:
    """A plan to start from: the relaxation's whole variables rounded up, to the nearest or down, whichever is cheapest.

    Then each is rounded the other way in turn, those first that were rounded most, where that saves, until so many
    `seconds` are over.
    """
    matrix, until = session.matrix, time.monotonic() + seconds
    integers, values = matrix.integer, relaxed.x[matrix.integer]

    def plan(numbers: Floats) -> Outcome:
        session.set_column_bounds(integers, numbers, numbers)
        outcome = session.run("simplex")
        return outcome if outcome.status == "optimal" else Outcome(outcome.status, np.inf, outcome.x, outcome.y)

    roundings = (np.ceil(values - INTEGER_TOLERANCE), np.round(values), np.floor(values + INTEGER_TOLERANCE))
    choices = [np.clip(numbers, matrix.lower[integers], matrix.upper[integers]) for numbers in roundings]
    best, numbers = min(((plan(choice), choice) for choice in choices), key=lambda found: found[0].objective)
    away = values - numbers
    for at in np.argsort(-np.abs(away), kind="stable"):
        if time.monotonic() > until or not len(best.x) or abs(away[at]) < INTEGER_TOLERANCE:
            break
        other = numbers.copy()
        other[at] += np.sign(away[at])
        found = plan(np.clip(other, matrix.lower[integers], matrix.upper[integers]))
        best, numbers = (found, other) if found.objective < best.objective else (best, numbers)
    return best.x if len(best.x) else None


def warnings(program: LinearProgram, search: Search, gap: float) -> list[str]:
    """What a reader must know about a plan in whole numbers."""
    lines = [WARNING.format(names=", ".join(_names(program)))]
    if search.status != "optimal":
        lines.append(f"The search for whole numbers ended by {search.status} before its gap of {gap:g} was reached.")
    return lines


def _why(program: LinearProgram, status: str, rules: Sequence[str]) -> list[str]:
    if status != "infeasible":
        return ["No plan in whole numbers was found in time: allow more (solve.time_limit_s)."]
    names = " or ".join(_names(program))
    lines = [f"With parts of {names} there is a plan, with whole ones there is none."]
    if rules:
        lines.append("These rules ask for more than whole ones can give, one of them or several together:")
    return lines + [f"  - {rule}" for rule in rules]


def _names(program: LinearProgram) -> list[str]:
    return [name.replace("_", " ") + "s" for name, group in program.variables.items() if group.integer]
