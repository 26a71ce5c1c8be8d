"""When work comes and who may do it: profiles over the day, windows within which work may wait, groups at sites.

Slices of event periods are apart from the others: there the work is routed anew (see `eastwest.model.events`).
"""

from __future__ import annotations

import pandas as pd

from eastwest import fleet
from eastwest.contract import HOURS
from eastwest.plan import Plan, once


def serving(plan: Plan, tasks: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows (group, site, year) that some route can use, and blocks (.., device, work, ..) that can serve them."""
    if tasks.empty:
        return pd.DataFrame(columns=["group", "site", "year"]), pd.DataFrame()
    index = plan.program.variables["serve"].index.merge(tasks[["task", "group"]], on="task")
    rows = index[["group", "site", "year"]].drop_duplicates().sort_values(["group", "site", "year"], ignore_index=True)
    first = tasks.drop_duplicates("group")[["task", "group", "work"]]
    able = fleet.eligible(plan, tasks[tasks["task"].isin(first["task"])]).merge(first, on="task")
    here = fleet.present(plan)
    block = rows.merge(able[["group", "device", "work"]], on="group").merge(here, on=["site", "device", "year"])
    return rows, block[["group", "site", "device", "work", "year"]]


def group_of(tasks: pd.DataFrame) -> pd.Series:
    """Group of each task, labelled by task."""
    return tasks.set_index("task")["group"]


@once
def profiles(plan: Plan) -> pd.Series:
    """Demand over its mean, labelled by profile and slice; the weighted mean over the year is 1."""
    table = plan.table("profiles")
    values = {
        (row["profile"], label): value
        for _, row in table.iterrows()
        for label, value in zip(plan.clock.slices, plan.clock.daily(row[HOURS].to_numpy(float)), strict=True)
    }
    series = pd.Series(values).rename_axis(["profile", "slice"])
    weight = plan.clock.weight
    mean = (series * series.index.get_level_values("slice").map(weight)).groupby(level="profile").sum() / weight.sum()
    return series / series.index.get_level_values("profile").map(mean)


def windows(plan: Plan, tasks: pd.DataFrame, *, events: bool = False) -> pd.DataFrame:
    """Every deferrable group's tumbling windows: group, slice, weight, window, share (of the window's hours).

    Those of event periods with `events`, else all others.
    """
    clock = plan.clock.table
    clock = clock[clock["event"].ne("") == events]
    parts = [pd.DataFrame({"slice": [], "weight": [], "group": [], "window": []})]
    for row in tasks.drop_duplicates("group").itertuples():
        window = clock["period"] + "-" + (clock["start_hour"] // row.window * row.window).astype(str).str.zfill(2) + "h"
        parts.append(clock[["slice", "weight"]].assign(group=row.group, window=window))
    table = pd.concat(parts[1:] or parts, ignore_index=True)
    return table.assign(share=table["weight"] / table.groupby(["group", "window"])["weight"].transform("sum"))


def arrivals(plan: Plan, tasks: pd.DataFrame, windows: pd.DataFrame) -> pd.Series:
    """Work that arrives in a window over the yearly mean, labelled by task and window."""
    shape = profiles(plan).rename("shape").reset_index()
    joined = tasks[["task", "group", "profile"]].merge(windows, on="group").merge(shape, on=["profile", "slice"])
    return (joined["share"] * joined["shape"]).groupby([joined["task"], joined["window"]]).sum()
