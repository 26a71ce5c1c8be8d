"""Demand is served over admissible routes, or stays unserved at a penalty.

sum over sites serve[region, task, site, year] + unserved[region, task, year] = delivered demand  [PFLOP/s, annual mean]
penalty[task] = max(value / reference use, 3 x dearest admissible levelised cost) x criticality / 3  [CNY/(PFLOP/s h)]

Reads `routes` and `finance`; tables demand, tasks, anchors, reference_use. Writes `served`.
With `value_of_service: market` the penalty is the market value alone and what is left is called declined.
Source: planning penalty of the project's model contract; market values in data/tasks.csv.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field

from eastwest.errors import InputError
from eastwest.lp.expression import Told
from eastwest.lp.solution import Solution
from eastwest.model import geography
from eastwest.model.clock import HOURS_PER_YEAR
from eastwest.model.data import fleet
from eastwest.model.data.delivered_demand import delivered_demand, per_allocated
from eastwest.model.frames import tuples
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.contract import (
    Context,
    Contract,
    Finite,
    Identifier,
    Kind,
    NameOf,
    NonNegative,
    Positive,
    Tables,
    Work,
    wrong_row,
)
from eastwest.schema.tables import Tier
from eastwest.schema.units import MILLION


class Data(Contract):
    """How much compute is asked for."""

    anchor: Annotated[Identifier, NameOf("anchors.anchor")] = Field(
        "mid-2026", description="dated total that reference demand and stock are tied to"
    )
    growth: Literal["low", "mid", "high"] = Field("mid", description="which growth column of tasks")
    adoption_driven: tuple[Work, ...] = Field(
        (), description="work that grows along the S-curve of the table adoption instead of by its rates"
    )
    growth_per_adopter: Finite = Field(0.25, gt=-1, description="growth of use per adopter, with adoption_driven [1/a]")
    efficiency_gain_per_year: NonNegative | dict[Work, NonNegative] = Field(
        0.0, description="more work per FLOP each year after the anchor, of all work or by kind of work [1/a]"
    )
    kinds: tuple[Kind, ...] = Field(("intelligent", "general"), description="kinds of compute that are modelled")
    shortage: Literal["priced", "forbidden"] = Field(
        "priced", description="whether demand may stay unserved at a penalty"
    )
    value_of_service: Literal["penalty", "market"] = Field("penalty", description="what unserved demand costs")
    tiers: dict[Annotated[Identifier, NameOf("task", "tasks.sector", also=("all",))], Tier] = Field(
        {},
        description="security tiers that replace the shipped ones, by task, by sector, or for all; the closest counts",
    )
    penalty_multiple: Positive = Field(3.0, description="planning penalty over the dearest levelised cost [1]")

    def check(self, tables: Tables, years: tuple[int, ...], context: Context) -> None:
        """The anchor has its rows in every table that is tied to one, and every modelled kind of task has a device."""
        anchor = self.anchor
        if len(tables["stock"]) and anchor not in set(tables["stock"]["anchor"]):
            raise context.wrong("anchor", f"the table stock has no row for the anchor '{anchor}'")
        tasks = tables["tasks"]
        tasks = tasks[tasks["kind"].isin(self.kinds)]
        for table, name in (("anchors", "kind"), ("reference_use", "work")):
            here = tables[table]
            lacking = tasks[~tasks[name].isin(set(here.loc[here["anchor"] == anchor, name]))]
            if len(lacking):
                task = lacking.iloc[0]
                what = f"{name} '{task[name]}' of task '{task['task']}'"
                message = f"{what} has no row in {table} for the anchor '{anchor}'"
                raise wrong_row(task, message, f"column {name}")
        known, asked = (set(tables[table]["kind"]) for table in ("devices", "tasks"))
        for kind in self.kinds:
            if kind in asked and kind not in known:
                words = f"tasks are of the kind '{kind}' and no device is; expected one of {', '.join(sorted(known))}"
                raise context.wrong("kinds", words)
        if not asked & set(self.kinds):
            words = f"received {', '.join(self.kinds)}; no task is of these kinds, expected one of "
            raise context.wrong("kinds", words + ", ".join(sorted(asked)))


def build(plan: Plan) -> None:
    demand = delivered_demand(plan)
    if demand.empty:
        raise InputError("no region asks for any task of the modelled kinds", where="table demand")
    idle = [kind for kind in plan.settings("demand").kinds if kind not in set(fleet.tasks(plan)["kind"])]
    plan.warnings += [f"nothing is asked of the kind {kind}" for kind in idle]
    _refuse_unreachable(plan, demand)
    routes = plan.routes[["region", "task", "site"]].merge(fleet.hosts(plan), on=["task", "site"])
    routes = routes.merge(demand[["region", "task", "year"]], on=["region", "task"])
    index = routes[["region", "task", "site", "year"]].sort_values(
        ["task", "region", "site", "year"], ignore_index=True
    )
    keys = ["region", "task", "year"]
    delivered = demand.set_index(keys)["delivered"]
    plan.served = serve = plan.variables("serve", index, unit="PFLOP/s", scale=1e3, told=Told("served"))
    everything = serve.expression()
    if plan.settings("demand").shortage == "priced":
        plan.penalty = _penalty(plan)
        plan.unserved = plan.variables("unserved", demand[keys], unit="PFLOP/s", scale=1e3, told=Told(_left(plan)))
        plan.charge("unserved", plan.unserved * (plan.penalty * HOURS_PER_YEAR / MILLION))
        everything = serve + plan.unserved
    else:
        plan.unserved = plan.penalty = None
    how: dict[str, Any] = {"kind": "demand", "limit": "demand", "unit": "PFLOP/s", "scale": 1e3}
    plan.demand = plan.constraints("demand", demand[keys], everything, "==", delivered, **how)


def _left(plan: Plan) -> str:
    """What reports call demand that is left: declined where it is worth no more than its market price."""
    return "declined" if plan.settings("demand").value_of_service == "market" else "unserved"


def _refuse_unreachable(plan: Plan, demand: pd.DataFrame) -> None:
    """With unpriced shortage, demand that no site may serve is named before solving; else it is a warning."""
    hosts = set(tuples(fleet.hosts(plan), "task", "site"))
    usable = {
        (region, task) for region, task, site in tuples(plan.routes, "region", "task", "site") if (task, site) in hosts
    }
    lost = [pair for pair in dict.fromkeys(tuples(demand, "region", "task")) if pair not in usable]
    if not lost:
        return
    asked = demand[["region", "task"]].drop_duplicates().assign(share=1.0)
    reasons = geography.unreachable(plan.routes, asked, plan.round_trips, fleet.tasks(plan), plan.table("sites"))
    why = {(row.region, row.task): row.reason for row in reasons.itertuples()}
    named = [f"{r}/{t}: {why.get((r, t), 'no device there may run it')}" for r, t in lost]
    text = (
        f"{len(named)} demands have no admissible site: " + "; ".join(named[:5]) + ("; ..." if len(named) > 5 else "")
    )
    if plan.settings("demand").shortage == "forbidden":
        raise InputError(
            text + "; set demand.shortage: priced, relax the SLA or residency, or add a site", key="demand.shortage"
        )
    plan.warnings.append(text)


def _penalty(plan: Plan) -> pd.Series:
    """Cost of not serving [CNY/(PFLOP/s h)], labelled by task; one under the cheapest cost of serving is warned of."""
    settings = plan.settings("demand")
    table = fleet.tasks(plan).set_index("task")
    uses = plan.table("reference_use")
    use = uses[uses["anchor"] == settings.anchor].set_index("work")["use"].astype(float)
    value = table["value_cny_per_peak_pflops_h"].astype(float) / table["work"].map(use).astype(float)
    costs = _costs_of_serving(plan, table["work"].to_dict())
    penalty = value
    if settings.value_of_service == "penalty":
        most_expensive = pd.Series([max(costs[task], default=0.0) for task in table.index], table.index)
        penalty = (
            pd.concat([value, settings.penalty_multiple * most_expensive], axis=1).max(axis=1)
            * table["criticality"].astype(float)
            / 3
        )
    low = penalty[penalty < pd.Series([min(costs[task], default=0.0) for task in table.index], table.index)]
    if len(low):
        plan.warnings.append(
            "not serving is cheaper than the cheapest way of serving for: " + ", ".join(sorted(low.index))
        )
    return penalty.rename("value").rename_axis("task")


def _costs_of_serving(plan: Plan, works: Mapping[str, str]) -> dict[str, list[float]]:
    """By task the levelised cost of every device that may run it at every site that a route reaches."""
    devices: dict[str, list[str]] = {}
    for task, device in tuples(fleet.eligible(plan, fleet.tasks(plan)), "task", "device"):
        devices.setdefault(task, []).append(device)
    levelised = plan.finance.levelised.to_dict()
    found: dict[str, list[float]] = {task: [] for task in works}
    for task, site in set(tuples(plan.routes, "task", "site")):
        each = [(device, works[task], site) for device in devices.get(task, ())]
        found[task] += [levelised[labels] for labels in each if labels in levelised]
    return found


def _allocated(plan: Plan, flows: pd.DataFrame) -> pd.DataFrame:
    """Dense peak that stands for what each site serves, at the use and practice of the anchor, by the site's region."""
    peak = flows["value"] / flows["task"].map(per_allocated(plan)).astype(float)
    by_site = flows.assign(value=peak).groupby(["year", "site", "kind"], as_index=False)["value"].sum()
    regions = plan.table("sites").set_index("site")["region"]
    return results_table.rows("allocated_peak", "PFLOP/s", by_site.assign(region=by_site["site"].map(regions)))


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    kinds = fleet.tasks(plan).set_index("task")["kind"]
    demand = delivered_demand(plan)
    demand["kind"] = demand["task"].map(kinds)
    serve = solution.variables(plan.served)
    serve = serve[serve["value"] > 0]
    trips = plan.round_trips.set_index(["region", "site"])["round_trip_ms"]
    trip = pd.MultiIndex.from_frame(serve[["region", "site"]]).map(trips)
    flows = serve.assign(kind=serve["task"].map(kinds), trip=trip)
    parts = [
        results_table.rows("demand", "PFLOP/s", demand, "delivered"),
        results_table.rows("reference_demand", "PFLOP/s", demand, "reference"),
        results_table.rows("served", "PFLOP/s", flows),
        results_table.rows("served_round_trip_ms", "ms", flows, "trip"),
        _allocated(plan, flows),
    ]
    if plan.unserved is not None:
        unserved = solution.variables(plan.unserved)
        unserved = unserved.assign(kind=unserved["task"].map(kinds))
        parts.append(results_table.rows(_left(plan), "PFLOP/s", unserved[unserved["value"] > 0]))
        parts.append(results_table.rows("unserved_penalty", "CNY/(PFLOP/s h)", plan.penalty.reset_index()))
    for label in ("task", "site", "region"):
        weighted = flows.assign(weighted=flows["value"] * flows["trip"]).groupby(
            ["year", label, "kind"], as_index=False
        )
        mean = weighted[["weighted", "value"]].sum()
        parts.append(
            results_table.rows(
                "mean_round_trip_ms", "ms", mean.assign(value=mean["weighted"] / mean["value"]), item="by " + label
            )
        )
    return parts
