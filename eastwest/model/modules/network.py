"""Network: what traffic a route makes, what a corridor carries at its busiest hour, and what distance costs.

traffic   flow[corridor, profile, year] = sum serve x Gbit/s per delivered PFLOP/s                       [Gbit/s, mean]
corridor  sum interactive flow x profile[block] + deferrable flow <= capacity + built    [Gbit/s], each block of the day
event     traffic of event_serve + event_work <= event factor x (capacity + built)        [Gbit/s], each event slice
built     built_corridor[corridor, vintage] <= limit share x capacity, a year                              [Gbit/s]
cost      serve x Gbit/s x peak over mean x (price per 1,000 km x km / 1,000 + two ends)            [million CNY a year]

Traffic of tables is per dense-peak PFLOP/s and is divided by the reference use on entry. Own metros cost nothing to
reach.
Blocks in which no profile is higher than in another block are left out: their rows follow from the other's.
Reads `served`, `event_routes`; tables corridors, tasks, profiles. Writes `node_pairs`, `corridor_capacity`.
Source: prices in data/costs.csv (assumption).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from eastwest.lp.expression import Expression, Told
from eastwest.lp.solution import Solution
from eastwest.model import geography
from eastwest.model.data import fleet, profiles
from eastwest.model.data.event_factors import at_corridors
from eastwest.model.data.sites import build_within, in_life, vintages
from eastwest.model.dates import annuity
from eastwest.model.frames import product
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.contract import HOURS, Contract, NonNegative
from eastwest.schema.units import MILLION


class Data(Contract):
    """Corridors between nodes and what carrying traffic costs."""

    corridor_limits: bool = Field(True, description="whether corridors have capacities")
    capacity_factor: NonNegative = Field(1.0, description="on every corridor's capacity [1]")
    price_factor: NonNegative = Field(1.0, description="on every network price [1]")
    lead_months: NonNegative = Field(12.0, description="from decision to service of new capacity [months]")
    build_limit_share: NonNegative = Field(
        0.0, description="new capacity of a corridor per year, over what it has at the decision date [1]"
    )


def build(plan: Plan) -> None:
    settings = plan.settings("network")
    pairs = geography.node_pairs(plan.table("regions"), plan.table("sites"), plan.table("corridors"))
    plan.node_pairs = pairs
    traffic, peak = fleet.traffic(plan), _peak_over_mean(plan)
    distance = pairs.set_index(["region", "site"])["network_km"].astype(float)
    per_km = plan.cost("network_cny_per_gbps_1000km_year") * settings.price_factor / MILLION
    end = plan.cost("network_end_cny_per_gbps_year") * settings.price_factor / MILLION
    price = distance / 1000 * per_km + np.where(distance > 0, 2 * end, 0.0)
    plan.charge("network", plan.served * (traffic * peak) * price)
    if settings.corridor_limits and len(plan.table("corridors")):
        plan.corridor_capacity = _limit(plan, pairs, traffic, settings)
    else:
        plan.corridor_capacity = None


def _shapes(plan: Plan) -> pd.DataFrame:
    """Profile value in each block of the day; deferrable work is flat: index profile, columns block."""
    table = plan.table("profiles").set_index("profile")[HOURS].astype(float)
    values = {
        f"block-{row.block}": table.iloc[:, row.hour_of_day : row.hour_of_day + row.hours].mean(axis=1)
        for row in plan.clock.blocks.itertuples()
    }
    shapes = pd.DataFrame(values)
    shapes.loc["mean"] = 1.0
    return shapes


def _profile_of(plan: Plan) -> pd.Series:
    """Profile by which a task loads a corridor: its own when interactive, its mean when deferrable."""
    table = fleet.tasks(plan).set_index("task")
    return table["profile"].where(~table["pool"], "mean")


def _peak_over_mean(plan: Plan) -> pd.Series:
    return _profile_of(plan).map(_shapes(plan).max(axis=1))


def _limit(plan: Plan, pairs: pd.DataFrame, traffic: pd.Series, settings: Data) -> Expression | None:
    """Rows of every corridor that a route uses; its capacity with what is built, None where no route uses any."""
    crossing = pairs[pairs["corridor"].notna()]
    corridor = crossing.set_index(["region", "site"])["corridor"]
    profile = _profile_of(plan)
    used = plan.served.index.merge(crossing[["region", "site", "corridor"]], on=["region", "site"])
    used["profile"] = used["task"].map(profile)
    flows = (
        used[["corridor", "profile", "year"]]
        .drop_duplicates()
        .sort_values(["corridor", "profile", "year"], ignore_index=True)
    )
    if flows.empty:
        return None
    flow = plan.variables("flow", flows, unit="Gbit/s", scale=1e3)
    carried = (plan.served * traffic).label(corridor=corridor, profile=profile)
    how: dict[str, Any] = {"unit": "Gbit/s", "scale": 1e3}
    plan.constraints("traffic", flows, carried - flow, "==", kind="definition", limit="traffic", **how)
    shapes = profiles.undominated(_shapes(plan).loc[flows["profile"].unique()])
    blocks = pd.DataFrame({"block": list(shapes.columns)})
    rows = flows[["corridor", "year"]].drop_duplicates().merge(blocks, how="cross")
    shape = shapes.rename_axis(index="profile", columns="block").stack()
    capacity = plan.table("corridors").set_index("corridor")["capacity_gbps"].astype(float) * settings.capacity_factor
    right = Expression(constants=(capacity,)) + _built(plan, capacity, flows["corridor"].unique())
    plan.constraints("corridor", rows, flow * shape, "<=", right, kind="limit", limit="corridor", **how)
    _limit_in_events(plan, traffic, corridor, right)
    return right


def _limit_in_events(plan: Plan, traffic: pd.Series, corridor: pd.Series, right: Expression) -> None:
    """The same where work is routed by the hour, on what an event leaves of the corridors."""
    tasks = fleet.tasks(plan)
    windows = profiles.windows(plan, tasks[tasks["pool"]], events=True)
    slices = plan.clock.table.loc[plan.clock.table["event"] != "", ["slice"]]
    carried, used = Expression(), []
    for group in plan.event_routes:
        flow = (group * traffic).label(corridor=corridor, group=profiles.group_of(tasks))
        if "window" in group.index:
            known = windows[["group", "window"]].drop_duplicates().merge(slices, how="cross")
            inside = known.merge(windows[["group", "window", "slice"]], how="left", indicator="inside")
            inside = inside.assign(inside=inside["inside"].eq("both").astype(float))
            flow = flow * inside.set_index(["group", "window", "slice"])["inside"]
        carried = carried + flow * (1 / at_corridors(plan))
        at = pd.MultiIndex.from_frame(group.index[["region", "site"]]).map(corridor.to_dict())
        used.append(group.index[["year"]].assign(corridor=at).dropna().drop_duplicates())
    if used:
        over = pd.concat(used).drop_duplicates()[["corridor", "year"]].sort_values(["corridor", "year"])
        over = product(over, slices)
        how: dict[str, Any] = {"unit": "Gbit/s", "scale": 1e3, "may_be_empty": True}
        plan.constraints("event_corridor", over, carried, "<=", right, kind="limit", limit="corridor", **how)


def _built(plan: Plan, capacity: pd.Series, used: Iterable[str]) -> Expression:
    """New capacity of the corridors that routes use, by corridor and year [Gbit/s]."""
    settings = plan.settings("network")
    entering = vintages(plan, settings.lead_months)
    here = capacity.rename("capacity").reset_index()
    options = here[here["corridor"].isin(list(used))].merge(entering, how="cross")
    options["limit"] = options["capacity"] * settings.build_limit_share
    options = options[options["limit"] > 0].sort_values(["corridor", "vintage"])
    if options.empty:
        return Expression()
    keys = ["corridor", "vintage"]
    limit = options.set_index(keys)["limit"]
    told = Told("built", item="corridor")
    how: dict[str, Any] = {"unit": "Gbit/s", "limit": "new corridor capacity a year", "told": told}
    built = build_within(plan, "built_corridor", limit, **how)
    length = plan.table("corridors").set_index("corridor")["length_km"].astype(float)
    overnight = length / 1000 * plan.cost("corridor_million_cny_per_gbps_1000km")
    life = plan.cost("corridor_life_years")
    alive = in_life(plan, entering, life)
    annual = overnight * annuity(plan.cost("discount_rate_grid"), life)
    plan.charge_assets("corridors", built, annual, overnight, alive)
    new: Expression = built * alive
    return new


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    serve = solution.variables(plan.served)
    pairs = plan.node_pairs.set_index(["region", "site"])
    at = pd.MultiIndex.from_frame(serve[["region", "site"]])
    gbps = serve["value"] * serve["task"].map(fleet.traffic(plan)).astype(float)
    kinds = fleet.tasks(plan).set_index("task")["kind"]
    flows = serve.assign(value=gbps, corridor=at.map(pairs["corridor"].to_dict()), kind=serve["task"].map(kinds))
    parts = [results_table.rows("traffic", "Gbit/s", flows[flows["value"] > 0])]
    rows = solution.constraints("corridor", if_built=True)
    if len(rows):
        rows = _with_built(plan, solution, rows)
        busiest = rows.sort_values("activity").groupby(["corridor", "year"], as_index=False).last()
        use = busiest.assign(
            value=np.where(
                busiest["right"] > 0, busiest["activity"] / busiest["right"].where(busiest["right"] > 0, 1), 0.0
            )
        )
        built = solution.entered("built_corridor", plan.periods.counts_for, if_built=True)
        parts += [
            results_table.rows("capacity", "Gbit/s", busiest, "right", item="corridor"),
            results_table.rows("used", "Gbit/s", busiest, "activity", item="corridor"),
            results_table.rows("utilisation_peak", "1", use, item="corridor"),
            results_table.rows("built", "Gbit/s", built, item="corridor"),
        ]
    return parts


def _with_built(plan: Plan, solution: Solution, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of corridors with what is built on the side of capacity, not of use."""
    group = plan.program.variables.get("built_corridor")
    if group is None:
        return rows
    life = plan.cost("corridor_life_years")
    alive = in_life(plan, vintages(plan, plan.settings("network").lead_months), life)
    built = solution.value(group * alive, rows[["corridor", "year"]])["value"].to_numpy()
    return rows.assign(right=rows["right"] + built, activity=rows["activity"] + built)
