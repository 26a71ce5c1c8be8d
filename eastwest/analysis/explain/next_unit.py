"""Where the next unit goes: the same program solved again with one PFLOP/s more of a task, from the optimal basis."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eastwest.analysis.explain.case import PER_HOUR, Case
from eastwest.errors import InputError
from eastwest.lp.highs import Progress, Session
from eastwest.lp.program import Constraints
from eastwest.lp.solution import Solution
from eastwest.model.frames import with_year
from eastwest.model.plan import Plan
from eastwest.solving.build import build

STEP = 1.0
"""More demand [PFLOP/s], in all; spread over the regions as their demand is where none is named."""

LEAST = 1e-4
"""Smaller changes are left out [PFLOP/s, devices]."""


def next_unit(case: Case, progress: Progress) -> tuple[pd.DataFrame, float]:
    """Changes by what, task or device, site [PFLOP/s, devices], and what the unit costs [CNY/(PFLOP/s h)].

    One solve of the whole scenario and one from its basis: of several optima it is the one that the solver reaches.
    """
    scenario = case.result.scenario
    if scenario.settings.foresight != "perfect" and len(scenario.years) > 1:
        raise InputError(
            "answers for plans that decide all years at once; this one decides year by year", key="--solve"
        )
    progress("building the program again")
    plan = build(case.result.scenario)
    if len(plan.program.matrix().integer):
        raise InputError("answers for plans without whole numbers; this one has training units", key="--solve")
    session = Session(
        plan.program.matrix(), time_limit_s=case.result.scenario.settings.solve.time_limit_s, progress=progress
    )
    progress(f"solving it: {plan.program.shape[0]:,} rows")
    before = session.run()
    rows: Constraints = plan.demand
    index = rows.index
    chosen = (index["task"] == case.task) & (index["year"] == case.year)
    chosen &= (index["region"] == case.region) if case.region else True
    at = np.flatnonzero(chosen.to_numpy())
    asked = rows.right_hand_side[at]
    if before.status != "optimal" or not asked.sum() > 0:
        raise InputError("nothing is asked of this task there, or the scenario has no plan", key="--solve")
    progress("and once more with 1 PFLOP/s more")
    new = asked + STEP * asked / asked.sum()
    session.set_row_bounds(at + rows.offset, new, new)
    after = session.run("simplex")
    if after.status != "optimal":
        raise InputError(f"with one unit more there is no plan ({after.status})", key="--solve")
    cost = (after.objective - before.objective) / float(plan.factor[case.year]) / STEP * PER_HOUR
    return _changes(plan, before.x, after.x, case.year), cost


def _changes(plan: Plan, before: np.ndarray, after: np.ndarray, year: int) -> pd.DataFrame:
    """What is more and what is less of what is served at sites, left unserved and bought."""
    parts, order = [], {"served": 0, "unserved": 1, "bought": 2}
    bought = plan.bought.terms[0].group if plan.bought.terms else None
    told = (("served", plan.received, "task"), ("unserved", plan.unserved, "task"), ("bought", bought, "device"))
    for what, group, label in told:
        old, new = (Solution(plan.program, x, np.zeros(0)).variables(group) for x in (before, after))
        change = old.assign(change=new["value"] - old["value"])
        if "vintage" in change:
            change = change.assign(vintage=change["vintage"].map(plan.periods.counts_for))
        change = with_year(change)
        change = change[(change["year"] == year) & (change["change"].abs() > LEAST)]
        change = change.assign(what=what, key=change.get(label, ""), site=change.get("site", ""))
        parts.append(change.groupby(["what", "key", "site"], as_index=False)["change"].sum())
    found = pd.concat(parts, ignore_index=True)
    size = found["what"].map(order), -found["change"].abs()
    return found.iloc[np.lexsort((size[1], size[0]))].reset_index(drop=True)
