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

from collections.abc import Callable
from typing import ClassVar

import pandas as pd
from pydantic import Field

from eastwest.lp.solution import Solution
from eastwest.model import geography
from eastwest.model.data import fleet
from eastwest.model.data.delivered_demand import delivered_demand
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.contract import Contract, Finite, NonNegative, Positive
from eastwest.schema.metrics import NAN, Metric, View
from eastwest.schema.thresholds import LEAST_WORK

_URGENT_HOURS = 2


def _one_way(view: View, chosen: Callable[[pd.DataFrame], pd.Series]) -> float:
    """The longest served route of those chosen, one way [ms]."""
    keys, served = ["region", "task", "site"], view.all("served")
    trips = view.all("served_round_trip_ms").merge(served.loc[served["value"] > LEAST_WORK, keys], on=keys)
    regions, sites = view.tables["regions"].set_index("region"), view.tables["sites"].set_index("site")
    from_hub, to_hub = trips["region"].map(regions["hub"]), trips["site"].map(sites["hub"])
    trips = trips.assign(from_hub=from_hub, to_hub=to_hub, to=trips["site"].map(sites["kind"]))
    found = trips.loc[chosen(trips).astype(bool), "value"]
    return float(found.max()) / 2 if len(found) else NAN


def _between_hubs(view: View) -> float:
    def chosen(t: pd.DataFrame) -> pd.Series:
        other: pd.Series = t["from_hub"].notna() & t["to_hub"].notna() & (t["from_hub"] != t["to_hub"])
        return other & (t["to"] == "cluster")

    return _one_way(view, chosen)


def _inside_hub(view: View) -> float:
    return _one_way(view, lambda t: (t["from_hub"] == t["to_hub"]) & (t["to"] == "cluster"))


def _real_time_to_sites(view: View) -> float:
    tasks = view.tables["tasks"]
    urgent = set(tasks.loc[tasks["window_h"].astype(float) < _URGENT_HOURS, "task"])
    return _one_way(view, lambda t: t["site"].isin(view.sites) & t["task"].isin(urgent))


_BETWEEN = Metric("longest served route between hubs", "ms", _between_hubs, at_most=True)
_URGENT = Metric("longest route of work that cannot wait", "ms", _real_time_to_sites, at_most=True)


class Data(Contract):
    """How distance becomes time, and which routes that leaves."""

    metrics: ClassVar[dict[str, Metric]] = {
        "inter_hub_one_way_max": _BETWEEN, "inter_hub_one_way_achieved": _BETWEEN, "dc_one_way_max": _URGENT,
        "region_circle": Metric("longest served route inside a hub", "ms", _inside_hub, at_most=True),
        "city_dc_one_way_max": _URGENT,
    }  # fmt: skip
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
