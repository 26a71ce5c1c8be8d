"""Work that is not done in the hour: exists only where routing and stock are given, as when a plan is evaluated.

interactive  0 <= shed[task, tranche, .., device, slice] <= part x devices held x profile x the task's part of its group
deferrable   0 <= shed_work[task, tranche, site, window] <= part x what arrives in the window  [PFLOP/s, window mean]

Devices of interactive work are counted [devices]. `part` is the tranche's part of what is served of the task; what is
shed costs what its users would pay for every PFLOP/s h that is not delivered, so the least valued goes first
(`plan.shed_value`: task, tranche, part [1], value [CNY/(PFLOP/s h)]).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from eastwest.lp.expression import Expression, Variables
from eastwest.lp.solution import Solution
from eastwest.model.data import fleet
from eastwest.model.plan import Plan
from eastwest.schema.thresholds import NOTHING
from eastwest.schema.units import MILLION


def shed_interactive(plan: Plan, tasks: pd.DataFrame, held: Variables, profiles: pd.Series) -> Expression:
    """Devices of interactive work that stand still, by task, group, site, device, work, year, slice."""
    if plan.shed_value is None or tasks.empty:
        return Expression()
    devices = held.index.assign(held=held.lower)
    devices = devices[devices["held"] > NOTHING]
    part = _received(plan).merge(tasks[["task", "group", "profile"]], on="task")
    part = part[part["value"] > NOTHING]
    part["part"] = part["value"] / part.groupby(["group", "site", "year"])["value"].transform("sum")
    here = devices.merge(part[["task", "group", "profile", "site", "year", "part"]], on=["group", "site", "year"])
    if here.empty:
        return Expression()
    shape = profiles.rename("shape").reset_index()
    index = here.merge(shape, on="profile").merge(plan.shed_value, on="task", suffixes=("_of_task", ""))
    keys = ["task", "tranche", "group", "site", "device", "work", "year", "slice"]
    most = index["held"] * index["shape"] * index["part_of_task"] * index["part"]
    bound = pd.Series(most.to_numpy(), pd.MultiIndex.from_frame(index[keys]))
    shed = plan.variables("shed", index[keys], unit="devices", scale=1e3, upper=bound)
    plan.charge("shed", shed * fleet.throughput(plan) * _worth(plan) * plan.clock.weight)
    return shed.expression()


def shed_deferrable(plan: Plan, tasks: pd.DataFrame, windows: pd.DataFrame, arrivals: pd.Series) -> Expression:
    """Deferrable work of a window that is not done, by task, group, site, year, window [PFLOP/s, window mean]."""
    if plan.shed_value is None or tasks.empty:
        return Expression()
    received = _received(plan).rename(columns={"value": "received"})
    received = received[received["received"] > NOTHING]
    arriving = arrivals.rename("arriving").reset_index()
    index = received.merge(tasks[["task", "group"]], on="task").merge(arriving, on="task")
    if index.empty:
        return Expression()
    index = index.merge(plan.shed_value, on="task")
    keys = ["task", "tranche", "group", "site", "year", "window"]
    most = index["received"] * index["arriving"] * index["part"]
    bound = pd.Series(most.to_numpy(), pd.MultiIndex.from_frame(index[keys]))
    shed = plan.variables("shed_work", index[keys], unit="PFLOP/s", scale=1e3, upper=bound)
    hours = windows.groupby(["group", "window"])["weight"].sum()
    plan.charge("shed", shed * hours * _worth(plan))
    return shed.expression()


def _worth(plan: Plan) -> pd.Series:
    """What a PFLOP/s h that is shed costs [million CNY], labelled by task and tranche."""
    table: pd.DataFrame = plan.shed_value
    return table.set_index(["task", "tranche"])["value"] / MILLION


def _received(plan: Plan) -> pd.DataFrame:
    """What sites receive, which is given: task, site, year, value [PFLOP/s]."""
    received: Variables | None = plan.received
    if received is None:
        return pd.DataFrame({"task": [], "site": [], "year": [], "value": []})
    return received.index.assign(value=received.lower)


def shed_by_task(plan: Plan, solution: Solution) -> pd.DataFrame:
    """Work shed (`value` [PFLOP/s h]) by task and site, and what it costs (`cost` [million CNY])."""
    parts, windows = [], plan.windows
    shed, work = (solution.variables(name, if_built=True) for name in ("shed", "shed_work"))
    if len(shed):
        rate = pd.MultiIndex.from_frame(shed[["device", "work"]]).map(fleet.throughput(plan).to_dict())
        hours = shed["slice"].map(plan.clock.weight).astype(float)
        parts.append(shed.assign(value=shed["value"] * np.asarray(rate, dtype=float) * hours))
    if len(work) and windows is not None:
        hours = windows.groupby(["group", "window"])["weight"].sum()
        length = pd.MultiIndex.from_frame(work[["group", "window"]]).map(hours.to_dict())
        parts.append(work.assign(value=work["value"] * np.asarray(length, dtype=float)))
    if not parts:
        return pd.DataFrame({"task": [], "site": [], "value": [], "cost": []})
    shed = pd.concat(parts)
    worth = pd.MultiIndex.from_frame(shed[["task", "tranche"]]).map(_worth(plan).to_dict())
    shed = shed.assign(cost=shed["value"] * np.asarray(worth, dtype=float))
    return shed.groupby(["task", "site"], as_index=False)[["value", "cost"]].sum()
