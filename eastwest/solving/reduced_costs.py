"""What the plan does not do, and by how much that is dearer: read from the duals at the optimum.

reduced_cost      reduced cost of a route that is not used: what the first PFLOP/s sent over it instead would add
service_price  what one more PFLOP/s of a task costs at a site, the way there left out
device_worth   what each limit charges one more energised device at a site: the limits that keep devices from it

All in money of their year. Where several optima are equal in cost a reduced cost is a lower bound of what a forced unit
adds; zero marks a route that is as good as those used.
"""

from __future__ import annotations

import pandas as pd

from eastwest.lp.solution import Solution
from eastwest.model.data import fleet
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.thresholds import LEAST_WORK, NOTHING
from eastwest.solving.idle import value_by_limit


def alternatives(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    """Rows of the three quantities."""
    kinds = fleet.tasks(plan).set_index("task")["kind"]
    routes = solution.reduced_costs(plan.served)
    routes = routes[routes["value"] <= LEAST_WORK]
    more_expensive = routes["reduced_cost"].where(routes["reduced_cost"] > NOTHING, 0.0)
    routes = routes.assign(kind=routes["task"].map(kinds), value=more_expensive)
    received = solution.constraints(plan.service)
    prices = received.assign(kind=received["task"].map(kinds), value=-received["dual"]) if len(received) else received
    worth = value_by_limit(plan, solution.y).rename(columns={"limit": "item"})
    found = (
        ("reduced_cost", "million CNY/PFLOP/s", routes),
        ("service_price", "million CNY/PFLOP/s", prices),
        ("device_worth", "million CNY/devices", worth),
    )
    return [
        results_table.rows(quantity, unit, plan.in_money_of_year(rows, "value"))
        for quantity, unit, rows in found
        if len(rows)
    ]
