"""When work comes and who may do it: profiles over the day, windows within which work may wait, groups at sites.

Slices of event periods are apart from the others: there the work is routed anew (see `eastwest.model.modules.events`).
"""

from __future__ import annotations

import pandas as pd

from eastwest.model.data import fleet
from eastwest.model.frames import labelled, tuples
from eastwest.model.plan import Plan, once
from eastwest.schema.contract import HOURS


def serving(plan: Plan, tasks: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows (group, site, year) that some route can use, and blocks (.., device, work, ..) that can serve them."""
    if tasks.empty:
        return pd.DataFrame(columns=["group", "site", "year"]), pd.DataFrame()
    index = plan.served.index.merge(tasks[["task", "group"]], on="task")
    rows = index[["group", "site", "year"]].drop_duplicates().sort_values(["group", "site", "year"], ignore_index=True)
    return rows, fleet.carriers(plan, tasks, rows)


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


def blocks(plan: Plan) -> pd.DataFrame:
    """The clock's table with blocks of the day as labels: `block-0` and so on."""
    return plan.clock.table.assign(block=plan.clock.table["block"].map("block-{}".format))


def of_group(plan: Plan, tasks: pd.DataFrame) -> pd.Series:
    """Demand over its mean in each block of the day, labelled by group of interactive tasks and block."""
    shape = profiles(plan).to_dict()
    slices = blocks(plan).drop_duplicates("block")
    values = {
        (group, block): shape[profile, slice_]
        for group, profile in tuples(tasks.drop_duplicates("group"), "group", "profile")
        for slice_, block in tuples(slices, "slice", "block")
    }
    return labelled(values, ["group", "block"])


def undominated(table: pd.DataFrame) -> pd.DataFrame:
    """Without the blocks that are nowhere above another block; of equal blocks the first stays."""
    values = table.to_numpy()
    keep = []
    for here in range(values.shape[1]):
        below = [
            other
            for other in range(values.shape[1])
            if other != here
            and (values[:, here] <= values[:, other]).all()
            and ((values[:, here] < values[:, other]).any() or other < here)
        ]
        if not below:
            keep.append(here)
    return table.iloc[:, keep]


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
