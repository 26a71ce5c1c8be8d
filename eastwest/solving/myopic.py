"""Myopic foresight: each planning year decides for itself, with what the years before it left standing.

A year sees its own demand, supply and prices; what it builds is fixed for the years after it. The outcome is then put
into the program of all years, so that its cost is comparable with perfect foresight, which can only be lower.
"""

from __future__ import annotations

import pandas as pd

from eastwest.errors import EastwestError
from eastwest.lp.highs import Progress, Session
from eastwest.lp.integers import NoIntegerPlan, settle
from eastwest.lp.solution import Solution
from eastwest.scenario import Scenario
from eastwest.solving.build import add_modules, new_plan


class NoPlanInYear(EastwestError):
    """A year has no plan, given what the years before it decided."""

    def __init__(self, year: int, status: str) -> None:
        self.year, self.status = year, status
        super().__init__(f"no plan: {year} is {status}, given what the years before it built")


def decide_year_by_year(
    scenario: Scenario, progress: Progress, time_limit_s: float | None = None
) -> dict[str, pd.DataFrame]:
    """Groups of assets by vintage as myopic years decide them: group -> labels and `value`."""
    fixed: dict[str, pd.DataFrame] = {}
    before = 0
    for year in scenario.years:
        progress(f"deciding {year} without knowing the years after it")
        last = scenario.spans[year][-1]
        free = tuple(range(before + 1, last + 1))
        plan = add_modules(new_plan(scenario, (year,), given=fixed, free_vintages=free))
        before = last
        solver, gap = "highs", scenario.settings.solve.mip_gap
        try:
            settle(plan.program, list(plan.rules), solver=solver, time_limit_s=time_limit_s, gap=gap, progress=progress)
        except NoIntegerPlan as error:
            raise NoPlanInYear(year, f"{error.status} in whole numbers") from error
        outcome = Session(plan.program.matrix(), time_limit_s=time_limit_s).run()
        if outcome.status != "optimal":
            raise NoPlanInYear(year, outcome.status)
        solution = Solution(plan.program, outcome.x, outcome.y)
        for name, group in plan.program.variables.items():
            if "vintage" in group.index:
                found = solution.variables(name)
                fixed[name] = found.assign(value=found["value"].clip(lower=0.0))
    return fixed
