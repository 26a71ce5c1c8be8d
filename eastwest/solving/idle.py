"""What stands idle, what it waits for and costs; which limits keep demand unserved. Limits are read from duals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eastwest.lp.program import LinearProgram
from eastwest.lp.solution import Solution
from eastwest.model.data import fleet
from eastwest.model.plan import Plan
from eastwest.schema import results_table

IDLE_SHARE = 1e-6
DEVICES = "devices installed"
HALLS = {"hall_dense": "dense hall", "hall_standard": "standard hall"}


def value_by_limit(program: LinearProgram, y: np.ndarray) -> pd.DataFrame:
    """What each limit charges one energised device: site, device, year, limit, value [million CNY/a per device].

    The reduced cost of an energised device is split by the block of rows that its column meets; only charges are kept.
    """
    matrix = program.matrix()
    block = program.variables["energised"]
    inside = (matrix.index >= block.offset) & (matrix.index < block.offset + len(block))
    row, column = matrix.row_of_entry()[inside], matrix.index[inside] - block.offset
    charge = -matrix.value[inside] * y[row]
    parts = []
    for rows in program.constraints.values():
        here = (row >= rows.offset) & (row < rows.offset + len(rows))
        if rows.limit in (None, "devices energised", "power balance") or not here.any():
            continue
        value = np.bincount(column[here], charge[here], minlength=len(block))
        parts.append(block.index.assign(limit=rows.limit, value=value)[value > 1e-9])
    return pd.concat(parts, ignore_index=True) if parts else block.index.iloc[:0].assign(limit="", value=0.0)


def idle(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    """Installed but not energised devices, by what they wait for; halls without devices and connection without load.

    Beside devices and MW the same items in money: what the idle part costs a year at replacement annuity [million CNY].
    """
    rows = solution.constraints("installed")
    rows = rows[rows["slack"] > IDLE_SHARE * (1 + rows["right"].abs())]
    charges = value_by_limit(plan.program, solution.y)
    dearest = (
        charges[charges["limit"] != DEVICES].sort_values("value").groupby(["site", "device", "year"]).last()["limit"]
    )
    keys = pd.MultiIndex.from_frame(rows[["site", "device", "year"]])
    cause = pd.Series(keys.map(dearest.to_dict()), index=rows.index, dtype=object).fillna(
        "nothing: they are not needed"
    )
    kinds = fleet.families(plan).set_index("device")["kind"]
    waiting = rows.assign(item="waits for " + cause, kind=rows["device"].map(kinds))
    annual = waiting["device"].map(plan.finance.device_annual).astype(float)
    return [
        results_table.rows("idle", "devices", waiting, "slack"),
        _in_money(waiting, annual),
        *_idle_power(plan, solution, charges),
    ]


def _in_money(waiting: pd.DataFrame, annual: pd.Series) -> pd.DataFrame:
    """Idle amounts (`slack`) x annual cost of one unit [million CNY/a]; nothing where a price is not known."""
    cost = waiting["slack"].astype(float) * annual.to_numpy(float)
    return results_table.rows("idle", "million CNY", waiting.assign(cost=cost)[cost > 0], "cost")


def _idle_power(plan: Plan, solution: Solution, charges: pd.DataFrame) -> list[pd.DataFrame]:
    """MW of hall without energised devices and of connection without rated load, by the dearest other limit there."""
    asset = "hall_" + fleet.families(plan).set_index("device")["hall_class"]
    charges = charges.assign(asset=charges["device"].map(asset), limit=charges["limit"].replace(DEVICES, "devices"))
    parts = []
    for name, own, keys in (
        ("hall", "hall", ["site", "asset", "year"]),
        ("connection", "grid connection", ["site", "year"]),
    ):
        rows = solution.constraints(name)
        if rows.empty:
            continue
        others = charges[charges["limit"] != own].sort_values("value").groupby(keys).last()["limit"]
        cause = pd.Series(pd.MultiIndex.from_frame(rows[keys]).map(others.to_dict()), index=rows.index, dtype=object)
        item = rows["asset"].map(HALLS) if "asset" in rows else "grid connection"
        item = item + " waits for " + cause.fillna("nothing: it is not needed")
        waiting = rows.assign(item=item)[rows["slack"] > IDLE_SHARE]
        each = plan.finance.hall_annual if name == "hall" else plan.finance.grid_annual
        annual = waiting["site"].map(each).astype(float)
        parts += [results_table.rows("idle", "MW", waiting, "slack"), _in_money(waiting, annual)]
    return parts


def blame(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    """Share of each limit in what keeps a task unserved, weighted by unserved demand; 1 in all for each task."""
    unserved = solution.variables("unserved")
    if not len(unserved):
        return []
    unserved = unserved[unserved["value"] > 1e-6]
    if unserved.empty:
        return []
    charges = value_by_limit(plan.program, solution.y)
    able = fleet.eligible(plan, fleet.tasks(plan))
    where = unserved.merge(plan.routes[["region", "task", "site"]], on=["region", "task"]).merge(able, on="task")
    found = where.merge(charges, on=["site", "device", "year"], suffixes=("", "_charge"))
    if found.empty:
        return []
    each = found.assign(limit=found["limit"].replace(DEVICES, "accelerators at its sites"))
    total = each.groupby(["region", "task", "year"])["value_charge"].transform("sum")
    each["part"] = each["value"] * each["value_charge"] / total
    summed = each.groupby(["year", "task", "limit"], as_index=False)["part"].sum()
    summed["part"] /= summed.groupby(["year", "task"])["part"].transform("sum")
    kinds = fleet.tasks(plan).set_index("task")["kind"]
    return [
        results_table.rows(
            "unserved_because", "1", summed.assign(item=summed["limit"], kind=summed["task"].map(kinds)), "part"
        )
    ]
