"""Which sites may serve which demand: physics, service levels and where data may go.

round_trip[region, site] = 2 x (route factor x geodesic km x us/km / 1,000 + 2 ends x end ms)            [ms]
route[region, task, site] exists  <=>  round_trip <= SLA[task] + extra  and residency allows it:
    national: any site; province: sites in the region; metro: the region's own metro site
Own metro: 2 ms in a city, 5 ms in a province. Published round trips replace computed ones. Nothing inadmissible is
created; latency therefore has no row and no dual: what a millisecond is worth is found by solving again.

Reads tables regions, sites, tasks, round_trip. Writes `round_trips` and `routes` to the plan.
Source: ITU-T G.652 group delay, route factor calibrated in data/network notes; circles of 1/5/20 ms are one-way.
"""

from __future__ import annotations

import pandas as pd
from pydantic import Field

from eastwest.lp.solution import Solution
from eastwest.model import geography
from eastwest.model.data import fleet
from eastwest.model.data.delivered_demand import delivered_demand
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.contract import Contract, Finite, NonNegative, Positive


class Data(Contract):
    """How distance becomes time, and which routes that leaves."""

    route_factor: Positive = Field(1.8, ge=1, description="fibre route over geodesic distance [1]")
    fibre_us_per_km: Positive = Field(4.9, description="one-way delay of fibre [us/km]")
    end_ms: NonNegative = Field(0.5, description="equipment delay per end, one way [ms]")
    extra_sla_ms: Finite = Field(0.0, description="added to every task's SLA [ms round trip]")
    use_published_round_trips: bool = Field(True, description="replace computed round trips by rows of round_trip")


def build(plan: Plan) -> None:
    settings = plan.settings("latency")
    regions, sites = plan.table("regions"), plan.table("sites")
    trips = geography.round_trips(
        regions, sites, plan.table("round_trip"),
        route_factor=settings.route_factor, fibre_us_per_km=settings.fibre_us_per_km, end_ms=settings.end_ms,
        use_published=settings.use_published_round_trips,
    )  # fmt: skip
    plan.round_trips = trips
    plan.routes = geography.routes(trips, fleet.tasks(plan), regions, sites, extra_sla_ms=settings.extra_sla_ms)


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    trips = plan.round_trips
    parts = [
        results_table.rows("round_trip_ms", "ms", trips, "round_trip_ms", item=origin)
        for origin, trips in trips.groupby("origin")
    ]
    return [*parts, _movable(plan)]


def _movable(plan: Plan) -> pd.DataFrame:
    """How far each task's demand may travel at best: own metro, own province, or the clusters of the West."""
    sites = plan.table("sites").set_index("site")
    routes = plan.routes.assign(
        home=plan.routes["site"].map(sites["region"]) == plan.routes["region"],
        metro=plan.routes["site"].map(sites["kind"]) == "metro",
        west=plan.routes["site"].map(sites["west"]).astype(bool),
    )
    reach = routes.groupby(["region", "task"]).agg(
        metro_only=("metro", lambda metro: bool(metro.all()) and len(metro) == 1),
        home=("home", "all"),
        west=("west", "any"),
    )
    demand = delivered_demand(plan).join(reach, on=["region", "task"])
    where = (
        demand["metro_only"]
        .map({True: "own metro only", False: "own province only"})
        .where(demand["home"].eq(True), "beyond its province")
    )
    where = where.mask(demand["home"].eq(False) & demand["west"].eq(True), "as far as the West")
    where = where.astype(object).fillna("nowhere")
    kinds = fleet.tasks(plan).set_index("task")["kind"]
    demand = demand.assign(item=where, kind=demand["task"].map(kinds))
    total = demand.groupby(["year", "kind", "item"], as_index=False)["reference"].sum()
    return results_table.rows("movable", "PFLOP/s", total, "reference")
