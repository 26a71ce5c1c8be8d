"""Demand is served over admissible routes, or its least valued parts stay unserved.

demand    sum over sites serve + sum over tranches unserved = delivered demand     [PFLOP/s], region, task, year
tranche   unserved[tranche] <= share of the tranche x delivered demand        [PFLOP/s], region, task, tranche, year
least     sum over regions and sites serve >= least served share x delivered demand            [PFLOP/s], task, year
unserved  value[task, tranche] x 8,760 h x unserved                                                [million CNY a year]

The most valued tranche of a task needs no row of its own: what the others leave is its share. What a tranche is worth
depends on no route (see `eastwest.model.data.value`), so shortage takes the least valued parts of many tasks.
Reads `routes`; tables demand, tasks, value_tranches, anchors, reference_use. Writes `served`, `unserved`, `demand`.
Source: the project's model contract, amendment 6; values in data/tasks.csv and data/value_tranches.csv.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import pandas as pd
from pydantic import Field

from eastwest.errors import InputError
from eastwest.lp.expression import Told, Variables
from eastwest.lp.solution import Solution
from eastwest.model import geography
from eastwest.model.clock import HOURS_PER_YEAR
from eastwest.model.data import fleet, value
from eastwest.model.data.delivered_demand import delivered_demand, per_allocated
from eastwest.model.data.tiers import EVERY, closest
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
    Row,
    Share,
    Tables,
    Work,
    wrong_row,
)
from eastwest.schema.tables import Tier
from eastwest.schema.units import MILLION

_RULE = "least served share"
_TaskSectorOrAll = Annotated[Identifier, NameOf("task", "tasks.sector", also=(EVERY,))]


class Data(Contract):
    """How much compute is asked for, and what it is worth."""

    tables: ClassVar[dict[str, type[Row]]] = {"value_tranches": value.ValueTranche}
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
        "priced", description="whether demand may stay unserved at what its users would pay"
    )
    tranche_values: value.Case = Field("mid", description="which column of value_tranches")
    least_served_share: Share | dict[_TaskSectorOrAll, Share] = Field(
        0.0, description="least part of each task's demand that is served: one for all, or by task or sector [1]"
    )
    tiers: dict[_TaskSectorOrAll, Tier] = Field(
        {},
        description="security tiers that replace the shipped ones, by task, by sector, or for all; the closest counts",
    )

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
        plan.unserved = _unserved(plan)
        everything = serve + plan.unserved
    else:
        plan.unserved = None
    how: dict[str, Any] = {"unit": "PFLOP/s", "scale": 1e3}
    plan.demand = plan.constraints(
        "demand", demand[keys], everything, "==", delivered, kind="demand", limit="demand", **how
    )
    least = _least_served(plan, demand)
    if len(least) and plan.unserved is not None:
        rule: dict[str, Any] = {"kind": "rule", "limit": _RULE, "rule": _RULE, "setting": "least_served_share"}
        plan.constraints("least_served", least.index.to_frame(index=False), serve, ">=", least, **how, **rule)


def _unserved(plan: Plan) -> Variables:
    """Demand that is left, tranche by tranche, at what its users would have paid."""
    keys, parts = ["region", "task", "tranche", "year"], value.demanded(plan)
    unserved = plan.variables(
        "unserved", parts[keys], unit="PFLOP/s", scale=1e3, told=Told("unserved", label="tranche")
    )
    worth = value.tranches(plan).set_index(["task", "tranche"])["value"]
    plan.charge("unserved", unserved * (worth * HOURS_PER_YEAR / MILLION))
    inner = parts[parts["inner"]]
    if len(inner):
        size = inner.set_index(keys)["size"]
        over = inner[keys].reset_index(drop=True)
        plan.constraints("tranche", over, unserved, "<=", size, kind="definition", unit="PFLOP/s", scale=1e3)
    lowest, energy = worth.groupby(level="task").min(), value.cheapest_energy(plan)
    low = energy.index[energy > lowest.reindex(energy.index)]
    if len(low):
        plan.warnings.append("not serving is cheaper than the energy of serving for: " + ", ".join(sorted(low)))
    return unserved


def _least_served(plan: Plan, demand: pd.DataFrame) -> pd.Series:
    """Least service by task and year [PFLOP/s]; InputError where more is asked than routes and devices reach."""
    asked, tasks = plan.settings("demand").least_served_share, fleet.tasks(plan)
    given = asked if isinstance(asked, dict) else {EVERY: asked}
    share = pd.Series(closest(given, tasks).to_numpy(), tasks["task"], dtype=float).fillna(0.0)
    lost = set(_without_site(plan, demand))
    there = [0.0 if pair in lost else 1.0 for pair in tuples(demand, "region", "task")]
    own = demand.assign(share=demand["task"].map(share), there=demand["delivered"] * there)
    total = own[own["share"] > 0].groupby(["task", "year"])
    found = total.agg({"delivered": "sum", "there": "sum", "share": "first"})
    short = found[found["there"] < found["delivered"] * found["share"] * (1 - 1e-9)]
    for row in short.itertuples():
        task, most = row.Index[0], row.there / row.delivered
        text = f"{row.share:.4g} of {task} is to be served, and only {most:.4g} of it has an admissible site"
        raise InputError(text, key="demand.least_served_share")
    return found["delivered"] * found["share"]


def _without_site(plan: Plan, demand: pd.DataFrame) -> list[tuple[str, str]]:
    """Regions and tasks whose demand no site may serve."""
    hosts = set(tuples(fleet.hosts(plan), "task", "site"))
    usable = {
        (region, task) for region, task, site in tuples(plan.routes, "region", "task", "site") if (task, site) in hosts
    }
    return [pair for pair in dict.fromkeys(tuples(demand, "region", "task")) if pair not in usable]


def _refuse_unreachable(plan: Plan, demand: pd.DataFrame) -> None:
    """With unpriced shortage, demand that no site may serve is named before solving; else it is a warning."""
    lost = _without_site(plan, demand)
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


def _allocated(plan: Plan, flows: pd.DataFrame) -> pd.DataFrame:
    """Dense peak that stands for what each site serves, at the use and practice of the anchor, by the site's region."""
    peak = flows["value"] / flows["task"].map(per_allocated(plan)).astype(float)
    by_site = flows.assign(value=peak).groupby(["year", "site", "kind"], as_index=False)["value"].sum()
    regions = plan.table("sites").set_index("site")["region"]
    return results_table.rows("allocated_peak", "PFLOP/s", by_site.assign(region=by_site["site"].map(regions)))


def _tranches(plan: Plan, kinds: pd.Series) -> list[pd.DataFrame]:
    """How large each tranche of a task is in the nation, and what it is worth."""
    size = value.demanded(plan).groupby(["task", "tranche", "year"], as_index=False)["size"].sum()
    worth = value.tranches(plan)
    size, worth = (each.assign(kind=each["task"].map(kinds), item=each["tranche"]) for each in (size, worth))
    return [
        results_table.rows("tranche_demand", "PFLOP/s", size, "size"),
        results_table.rows("tranche_value", "CNY/(PFLOP/s h)", worth),
    ]


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
        unserved = unserved.assign(kind=unserved["task"].map(kinds), item=unserved["tranche"])
        parts += [results_table.rows("unserved", "PFLOP/s", unserved[unserved["value"] > 0]), *_tranches(plan, kinds)]
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
