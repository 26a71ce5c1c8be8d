"""The first line of a report: whether anything is scarce, and what is left unserved.

Nothing is scarce only where no limit, rule or promise has a price and all demand is served. What is bought up to its
limit has a price, so it is among them.
"""

from __future__ import annotations

import numpy as np

from eastwest.lp.highs import Outcome
from eastwest.lp.solution import Solution
from eastwest.model.data import fleet
from eastwest.model.data.delivered_demand import delivered_demand
from eastwest.model.plan import Plan
from eastwest.schema.thresholds import NEGLIGIBLE, NOTHING

UNPRICED = ("demand", "definition")
"""Kinds of constraints whose price is no scarcity."""
MOST_NAMED = 5
"""Limits that the line names; of the others it says how many there are."""


def first_line(plan: Plan, outcome: Outcome) -> str:
    """Which limits have a price, those first that say supply, halls or grid, and the share of demand that is left."""
    bound: dict[str, int] = {}
    first: set[str] = set()
    for rows in plan.program.constraints.values():
        count = int((np.abs(outcome.y[rows.here]) > NOTHING).sum())
        if count and rows.kind not in UNPRICED:
            bound[str(rows.limit)] = bound.get(str(rows.limit), 0) + count
            first |= {str(rows.limit)} if rows.declared.scarce else set()
    left = _unserved(plan, outcome)
    if not bound and plan.given:
        said = "What is built was decided year by year, so that limits of building have no price here."
        return said + (f" {left[0].upper()}{left[1:]}." if left else "")
    if not bound:
        return f"No limit has a price, and yet {left}." if left else _NOTHING
    names = sorted(bound, key=lambda name: (name not in first, -bound[name], name))
    words = [f"{name} ({bound[name]} {'limit binds' if bound[name] == 1 else 'limits bind'})" for name in names]
    more = len(names) - MOST_NAMED
    named = ", ".join(words[:MOST_NAMED]) + (
        f" and {more} other {'kind' if more == 1 else 'kinds'}" if more > 0 else ""
    )
    head = "Scarce" if first else "No supply, hall or grid is scarce; these have a price"
    return f"{head}: {named}." + (f" {left[0].upper()}{left[1:]}." if left else "")


_NOTHING = "Nothing is scarce: no limit has a price, and all demand is served."


def _unserved(plan: Plan, outcome: Outcome) -> str:
    """Share of each kind's demand that is left, of the years in which any is; empty where all is served."""
    if plan.unserved is None:
        return ""
    kinds = fleet.tasks(plan).set_index("task")["kind"]
    left = Solution(plan.program, outcome.x, outcome.y).variables(plan.unserved)
    demand = delivered_demand(plan)
    total = demand.groupby([demand["year"], demand["task"].map(kinds).rename("kind")])["delivered"].sum()
    share = left.groupby([left["year"], left["task"].map(kinds).rename("kind")])["value"].sum() / total
    share = share[share > NEGLIGIBLE]
    several = len(plan.years) > 1
    words = [
        f"{100 * part:.3g} % of {kind} demand{f' in {year}' if several else ''}" for (year, kind), part in share.items()
    ]
    return f"{', '.join(words)} {'is' if len(words) == 1 else 'are'} unserved" if words else ""
