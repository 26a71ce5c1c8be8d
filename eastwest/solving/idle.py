"""What stands idle, what it waits for and costs; which limits keep demand unserved. Limits are read from duals.

What may stand idle, and what it is called, is declared by the group of constraints that holds its capacity.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd

from eastwest.lp.expression import Integers, Variables
from eastwest.lp.program import Constraints, LinearProgram
from eastwest.lp.solution import Solution
from eastwest.model.data import fleet
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.thresholds import LEAST_WORK, NEGLIGIBLE, NOTHING
from eastwest.schema.units import MONEY
from eastwest.solving.relief import TIME_LABELS

WORTH_LESS = "worth less than it costs"
"""Why demand is left where no limit of the plan charges the devices that could serve it."""
DEEPEST = 4
"""Definitions of definitions are followed so far."""


def value_by_limit(plan: Plan, y: np.ndarray) -> pd.DataFrame:
    """What each limit charges one energised device: site, device, year, limit and its group (`constraint`), value
    [million CNY/a per device].

    The reduced cost of an energised device is split by the group of constraints that its column meets; only charges are
    kept. A definition (the noise of a site, say, or its draw) is no limit: it hands its charge on to those of the year
    that hold what it defines.
    """
    program, variables = plan.program, plan.energised
    entries, parts = _met(program, variables), []
    for _ in range(DEEPEST):
        for rows in program.constraints.values():
            own = entries[entries["row"].between(rows.offset, rows.offset + len(rows) - 1)]
            if not (rows.kind != "definition" or rows.declared.assets) or own.empty:
                continue
            value = np.bincount(own["column"], -own["factor"] * y[own["row"]], minlength=len(variables))
            parts.append(variables.index.assign(limit=rows.limit, constraint=rows.name, value=value)[value > NOTHING])
        entries = _behind(program, variables, entries)
    nothing = variables.index.iloc[:0].assign(limit="", constraint="", value=0.0)
    return pd.concat(parts, ignore_index=True) if parts else nothing


def _met(program: LinearProgram, variables: Variables) -> pd.DataFrame:
    """Rows that a group of variables meets: column (position in the group), row, factor."""
    matrix = program.matrix()
    inside = (matrix.index >= variables.offset) & (matrix.index < variables.offset + len(variables))
    column = matrix.index[inside] - variables.offset
    return pd.DataFrame({"column": column, "row": matrix.row_of_entry()[inside], "factor": matrix.value[inside]})


def _behind(program: LinearProgram, variables: Variables, entries: pd.DataFrame) -> pd.DataFrame:
    """Rows that hold what the definitions among `entries` define, as if the columns met them themselves.

    Limits on what an hour balances, the energy at the meter, are its price and told as such; what is defined by it is
    followed. Rows by the hour charge through the limit of the year beside them.
    The defined variable v of row i gives y_i a_iv = - sum of a_kv y_k over the other rows k that it meets.
    """
    parts = [entries.iloc[:0]]
    for rows in program.constraints.values():
        own = entries[entries["row"].between(rows.offset, rows.offset + len(rows) - 1)]
        defined = _defined(program, rows, variables)
        if own.empty or defined is None:
            continue
        met = _met(program, defined)
        here = met[met["row"].between(rows.offset, rows.offset + len(rows) - 1)]
        others = met.drop(here.index).merge(here, on="column", suffixes=("", "_of_definition"))
        others["through"] = -others["factor"] / others["factor_of_definition"]
        found = own.merge(others.drop(columns=["column", "factor"]), left_on="row", right_on="row_of_definition")
        found = pd.DataFrame(
            {"column": found["column"], "row": found["row_y"], "factor": found["factor"] * found["through"]}
        )
        if rows.declared.span == "hour":
            found = found[found["row"].isin(_places(program, lambda each: each.kind == "definition"))]
        parts.append(found)
    behind = pd.concat(parts, ignore_index=True)
    return behind[~behind["row"].isin(_places(program, lambda each: set(TIME_LABELS) & set(each.index)))]


def _defined(program: LinearProgram, rows: Constraints, variables: Variables) -> Variables | None:
    """What a definition defines: what it says, else the one group of variables that has its very labels."""
    if rows.kind != "definition" or rows.declared.assets:
        return None
    if rows.declared.defines is not None:
        return rows.declared.defines
    alike = [
        group
        for group in program.variables.values()
        if group is not variables and len(group) == len(rows) and group.index.equals(rows.index)
    ]
    return alike[0] if len(alike) == 1 else None


def _places(program: LinearProgram, chosen: Callable[[Constraints], object]) -> Integers:
    """Numbers of the rows of some groups."""
    groups = [rows.places for rows in program.constraints.values() if chosen(rows)]
    return np.concatenate([*groups, np.zeros(0, np.int64)])


def idle(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    """What stands and is not used, by what it waits for: installed devices, halls, connections, whatever declares it.

    Beside its own unit the same in money: what the idle part costs a year at replacement annuity [million CNY].
    """
    charges = value_by_limit(plan, solution.y)
    groups = plan.program.constraints.values()
    causes = {str(rows.limit): rows.declared.idle.cause for rows in groups if rows.declared.idle}
    return [part for rows in groups for part in _idle_of(plan, solution, rows, charges, causes)]


def _idle_of(
    plan: Plan, solution: Solution, rows: Constraints, charges: pd.DataFrame, causes: dict[str, str]
) -> list[pd.DataFrame]:
    """Slack rows of a group, each with the limit that charges the devices there most."""
    idle, table = rows.declared.idle, solution.constraints(rows)
    if idle is None:
        return []
    table = table[table["slack"] > NEGLIGIBLE * (1 + table["right"].abs())]
    others = charges[charges["limit"] != rows.limit]
    if idle.asset_of_device:
        others = others.assign(asset=others["device"].map(dict(idle.asset_of_device)))
    others = others.assign(limit=others["limit"].map(lambda limit: causes.get(limit) or limit))
    keys = [column for column in rows.index if column in others]
    last = others.sort_values("value").groupby(keys, as_index=False).last()
    most_expensive = dict(zip(last[keys].itertuples(index=False, name=None), last["limit"], strict=True))
    causes_here = [most_expensive.get(place, idle.nothing) for place in table[keys].itertuples(index=False, name=None)]
    own = itertools.repeat(idle.words) if isinstance(idle.words, str) else table["asset"].map(dict(idle.words))
    item = [f"{words} waits for {cause}".strip() for words, cause in zip(own, causes_here, strict=False)]
    unused = table.assign(item=pd.Series(item, index=table.index, dtype=object))
    if "device" in unused:
        unused["kind"] = unused["device"].map(fleet.families(plan).set_index("device")["kind"])
    annual = unused[str(idle.annual.index.name)].map(idle.annual).astype(float).to_numpy()
    cost = unused.assign(cost=unused["slack"].astype(float) * annual)
    return [
        results_table.rows("idle", rows.unit, unused, "slack", constraint=rows.name),
        results_table.rows("idle", MONEY, cost[cost["cost"] > 0], "cost", constraint=rows.name),
    ]


def blame(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    """Share of each limit in what keeps a task unserved, weighted by unserved demand; 1 in all for each task.

    Where no limit has a price, serving costs more than users would pay.
    """
    keys = ["region", "task", "year"]
    unserved = solution.variables(plan.unserved)
    if unserved.empty:
        return []
    unserved = unserved.groupby(keys, as_index=False)["value"].sum()
    unserved = unserved[unserved["value"] > LEAST_WORK]
    charges = value_by_limit(plan, solution.y)
    able = fleet.eligible(plan, fleet.tasks(plan))
    where = unserved.merge(plan.routes[["region", "task", "site"]], on=["region", "task"]).merge(able, on="task")
    found = where.merge(charges, on=["site", "device", "year"], suffixes=("", "_charge"))
    free = where.drop_duplicates(keys).merge(found[keys].drop_duplicates(), on=keys, how="left", indicator=True)
    free = free[free["_merge"] == "left_only"].assign(limit=WORTH_LESS, constraint="", value_charge=1.0)
    found = pd.concat([part for part in (found, free) if len(part)]) if len(where) else where
    if found.empty:
        return []
    idles = {str(rows.limit): rows.declared.idle for rows in plan.program.constraints.values() if rows.declared.idle}
    words = {limit: idle.blame for limit, idle in idles.items() if idle.blame}
    each = found.assign(limit=found["limit"].replace(words))
    total = each.groupby(keys)["value_charge"].transform("sum")
    each["part"] = each["value"] * each["value_charge"] / total
    by_limit = each.groupby(["year", "task", "limit"], as_index=False)
    summed = by_limit.agg(part=("part", "sum"), constraint=("constraint", "first"))
    summed["part"] /= summed.groupby(["year", "task"])["part"].transform("sum")
    kinds = fleet.tasks(plan).set_index("task")["kind"]
    return [
        results_table.rows(
            "unserved_because", "1", summed.assign(item=summed["limit"], kind=summed["task"].map(kinds)), "part"
        )
    ]
