"""What is asked of the sites: reference demand in dense peak, and what of it is delivered."""

from __future__ import annotations

import pandas as pd

from eastwest.model.data.fleet import INTERACTIVE_HOURS, tasks
from eastwest.model.data.growth import demand_growth
from eastwest.model.plan import Plan, once
from eastwest.schema.contract import HOURS


@once
def delivered_demand(plan: Plan) -> pd.DataFrame:
    """Region, task, year, reference (dense peak) and delivered demand [PFLOP/s, annual mean].

    reference = installed x allocation x share of the task x share of the region x growth since the anchor date;
    delivered = reference x fleet mean use of that work at the anchor date (never merged with allocation) x level.
    """
    settings = plan.settings("demand")
    table = tasks(plan)
    base = _allocated(plan).to_numpy()
    spread = plan.table("demand")
    at = pd.Index(table["task"]).get_indexer(spread["task"])
    spread, at = spread[at >= 0], at[at >= 0]
    parts = []

    def growth(year: int) -> pd.Series:
        return demand_growth(table, plan.anchor_date, plan.day(year), settings, plan.table("adoption"))

    for year in plan.years:
        factor = plan.periods.mean(year, growth)
        reference = (base * factor.to_numpy(float))[at] * spread["share"].to_numpy(float)
        delivered = reference * table["task"].map(per_allocated(plan)).to_numpy(float)[at]
        parts.append(spread[["region", "task"]].assign(year=year, reference=reference, delivered=delivered))
    out = pd.concat(parts)
    return out[out["delivered"] > 0].sort_values(["region", "task", "year"], ignore_index=True)


@once
def per_allocated(plan: Plan) -> pd.Series:
    """Delivered over allocated dense peak = reference use x level [1], labelled by task."""
    uses = plan.table("reference_use")
    use = uses[uses["anchor"] == plan.settings("demand").anchor].set_index("work")["use"].astype(float)
    return tasks(plan).set_index("task")["work"].map(use).astype(float) * level(plan)


@once
def level(plan: Plan) -> pd.Series:
    """Mean work over what a full allocation would do at the reference use [1], labelled by task.

    level = availability / (redundancy x the highest of the 24 hours of the profile); of work that can wait the
    availability alone; 1 where the anchor's allocation is a mean. An allocation covers its customer's busiest hour and
    standby, so that the mean of what it does lies below it. Practice at the anchor counts: the tables as given, not
    what the scenario switches (tiers, standby, outages), and the hours of the profile, not the slices of the plan.
    Source: the project's model contract, amendment 1.
    """
    table = tasks(plan).set_index("task")
    shapes = plan.table("profiles").set_index("profile")[HOURS].astype(float)
    peak = shapes.max(axis=1) / shapes.mean(axis=1)
    covered = table["redundancy_at_anchor"] * table["profile"].map(peak).astype(float)
    covered = covered.where(table["window_h"].astype(float) < INTERACTIVE_HOURS, 1.0)
    busiest_hour = table["kind"].map(_anchor(plan)["basis"]) == "busiest_hour"
    return (plan.settings("devices").availability / covered).where(busiest_hour, 1.0).rename("level")


@once
def delivered_at_anchor(plan: Plan) -> pd.Series:
    """Delivered demand of all regions together at the anchor date [PFLOP/s], labelled by kind."""
    table = tasks(plan).set_index("task")
    spread = plan.table("demand").groupby("task")["share"].sum().reindex(table.index).astype(float)
    delivered = _allocated(plan) * per_allocated(plan) * spread
    return delivered.groupby(table["kind"]).sum()


@once
def mean_per_allocated(plan: Plan) -> pd.Series:
    """What a PFLOP/s allocated at the anchor does, mean over the tasks of a kind by their share [1], by kind."""
    table = tasks(plan).set_index("task")
    share = table["share"].astype(float)
    return (share * per_allocated(plan)).groupby(table["kind"]).sum() / share.groupby(table["kind"]).sum()


def _allocated(plan: Plan) -> pd.Series:
    """Dense peak allocated at the anchor [PFLOP/s], labelled by task: installed x allocation x share of the task."""
    table, anchor = tasks(plan).set_index("task"), _anchor(plan)
    total = anchor["installed_pflops"].astype(float) * anchor["allocation"].astype(float)
    return table["kind"].map(total).astype(float) * table["share"].astype(float)


def _anchor(plan: Plan) -> pd.DataFrame:
    """The rows of the scenario's anchor, labelled by kind of compute."""
    anchors = plan.table("anchors")
    return anchors[anchors["anchor"] == plan.settings("demand").anchor].set_index("kind")
