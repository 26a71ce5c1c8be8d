"""What is asked of the sites: reference demand in dense peak, and what of it is delivered."""

from __future__ import annotations

import pandas as pd

from eastwest.model.data.fleet import tasks
from eastwest.model.data.growth import demand_growth
from eastwest.model.dates import middle
from eastwest.model.plan import Plan, once


@once
def delivered_demand(plan: Plan) -> pd.DataFrame:
    """Region, task, year, reference (dense peak) and delivered demand [PFLOP/s, annual mean].

    reference = installed x allocation x share of the task x share of the region x growth since the anchor date;
    delivered = reference x fleet mean use of that work at the anchor date (never merged with allocation).
    """
    settings = plan.settings("demand")
    table = tasks(plan)
    anchors = plan.table("anchors")
    anchor = anchors[anchors["anchor"] == settings.anchor].set_index("kind")
    total = anchor["installed_pflops"].astype(float) * anchor["allocation"].astype(float)
    uses = plan.table("reference_use")
    use = uses[uses["anchor"] == settings.anchor].set_index("work")["use"].astype(float)
    base = (table["kind"].map(total).astype(float) * table["share"].astype(float)).to_numpy()
    spread = plan.table("demand")
    at = pd.Index(table["task"]).get_indexer(spread["task"])
    spread, at = spread[at >= 0], at[at >= 0]
    parts = []

    def growth(year: int) -> pd.Series:
        return demand_growth(table, plan.anchor_date, middle(year), settings, plan.table("adoption"))

    for year in plan.years:
        factor = plan.periods.mean(year, growth)
        reference = (base * factor.to_numpy(float))[at] * spread["share"].to_numpy(float)
        delivered = reference * table["work"].map(use).to_numpy(float)[at]
        parts.append(spread[["region", "task"]].assign(year=year, reference=reference, delivered=delivered))
    out = pd.concat(parts)
    return out[out["delivered"] > 0].sort_values(["region", "task", "year"], ignore_index=True)
