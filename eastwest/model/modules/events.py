"""Event periods: a drought of 21 days, a cut link of 48 hours, with their own hours, routed by the hour.

demand    sum over sites event_serve + event_shed = profile[slice] x sum over sites serve      [PFLOP/s], interactive
arrivals  sum over sites event_work + event_shed_work = arrivals[window] x sum over sites serve [PFLOP/s], deferrable
balance   sum event_serve[task in group] = sum throughput x event_busy             [PFLOP/s], group, site, year, slice
pool      sum event_work[task in group] = sum throughput x event_busy x share       [PFLOP/s], group, site, year, window
surge     sum throughput x event_busy[., slice] <= surge x sum event_work          [PFLOP/s], group, site, year, slice
tranche   shed[tranche] <= profile[slice] or arrivals[window] x (size of the tranche - unserved[tranche])     [PFLOP/s]
shed      value[task, tranche] x what is not done in the hour or the window                           [million CNY]

An event is a representative day of its season that counts as many times as it has days; the season counts as much less.
It cuts connections, corridors and plants and raises prices by factors. Inside it, what the yearly contracts promise is
routed anew every hour over the same admissible routes, on the devices that are energised anyway, standby included; what
cannot be done is shed at what its users would pay, the least valued of what is served first; the most valued tranche
needs no row (see demand). What stays unserved by contract asks for nothing in an event. The event
is known when the plan is made, and comes in every planning year. Traffic that moves for days costs nothing more.
Reads `served`, `unserved`; tables tasks, profiles, value_tranches. Writes `event_busy`; power, plants, carbon and
network read the factors.
Source: the project's model contract (event periods); shocks of data/reference/compute_notes.md.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from eastwest.lp.expression import Expression
from eastwest.lp.solution import Solution
from eastwest.model.data import fleet, profiles, value
from eastwest.model.frames import product
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.contract import (
    Context,
    Contract,
    CorridorName,
    Identifier,
    NonNegative,
    RegionName,
    Share,
    SiteName,
    Tables,
)
from eastwest.schema.thresholds import ROUNDING
from eastwest.schema.units import MILLION

_Left = Annotated[float, Field(gt=0, le=1)]


class _Effect(Contract):
    regions: tuple[RegionName, ...] = Field((), description="regions whose sites it touches")
    sites: tuple[SiteName, ...] = Field((), description="sites that it touches besides")
    connection_factor: _Left = Field(1.0, description="share of the grid connection that may be drawn [1]")
    energy_price_factor: NonNegative = Field(1.0, description="on the energy price [1]")
    grid_carbon_factor: NonNegative = Field(1.0, description="on the carbon of grid power [1]")
    wind_factor: Share = Field(1.0, description="on the output of own wind plants [1]")
    solar_factor: Share = Field(1.0, description="on the output of own solar plants [1]")
    corridors: tuple[CorridorName, ...] = Field((), description="corridors that it touches")
    corridor_factor: _Left = Field(1.0, description="share of their capacity that is left [1]")

    @model_serializer(mode="wrap")
    def _said(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What the event says alone: an effect that does nothing is not written."""
        fields = type(self).model_fields
        return {name: value for name, value in write(self).items() if getattr(self, name) != fields[name].default}


_HOW: dict[str, Any] = {"kind": "definition", "unit": "PFLOP/s", "scale": 1e3}


class _Event(Contract):
    title: str = Field("", max_length=200, description="what happens, in a few words")
    season: Literal["winter", "spring", "summer", "autumn"] = Field(description="season that it falls in")
    days: Annotated[float, Field(gt=0, le=80)] = Field(description="how long it lasts [days a year]")
    effects: tuple[_Effect, ...] = Field((), description="what it does where; factors that meet are multiplied")


class Data(Contract):
    """Event periods: days with conditions of their own, in which work is routed by the hour."""

    periods: dict[Identifier, _Event] = Field({}, description="events by name")

    def check(self, tables: Tables, years: tuple[int, ...], context: Context) -> None:
        """Events stand beside mean days of seasons."""
        method = context.settings.time.method
        if self.periods and method != "seasons":
            raise context.wrong("time.method", f"received {method}, expected seasons where there are events")


def build(plan: Plan) -> None:
    slices = plan.clock.table.loc[plan.clock.table["event"] != "", ["slice"]]
    if slices.empty:
        plan.event_busy, plan.event_routes = Expression(), []
        return
    tasks = fleet.tasks(plan)
    interactive, pools = tasks[~tasks["pool"]], tasks[tasks["pool"]]
    plan.event_routes = []
    plan.event_busy = _interactive(plan, interactive, slices) + _deferrable(plan, pools)


def _interactive(plan: Plan, tasks: pd.DataFrame, slices: pd.DataFrame) -> Expression:
    rows, able = profiles.serving(plan, tasks)
    if rows.empty:
        return Expression()
    serve = plan.served
    routes = product(serve.index[serve.index["task"].isin(tasks["task"])], slices)
    routed = plan.variables("event_serve", routes, unit="PFLOP/s", scale=1e3)
    plan.event_routes.append(routed)
    shape = tasks[["task", "profile"]].merge(profiles.profiles(plan).rename("shape").reset_index(), on="profile")
    shape = shape.set_index(["task", "slice"])["shape"]
    promised = serve.expression().where(task=tasks["task"]) * shape
    keys = ["region", "task", "year", "slice"]
    over = routes[keys].drop_duplicates().reset_index(drop=True)
    shed = _shed(plan, "event_shed", over, plan.clock.weight, shape)
    plan.constraints("event_demand", over, routed + shed - promised, "==", **_HOW)
    busy = plan.variables("event_busy", product(able, slices), unit="devices", scale=1e3)
    left = routed.expression().label(group=profiles.group_of(tasks)) - busy * fleet.throughput(plan)
    plan.constraints("event_balance", product(rows, slices), left, "==", **_HOW)
    return busy.expression()


def _deferrable(plan: Plan, tasks: pd.DataFrame) -> Expression:
    rows, able = profiles.serving(plan, tasks)
    if rows.empty:
        return Expression()
    windows = profiles.windows(plan, tasks, events=True)
    serve, group = plan.served, profiles.group_of(tasks)
    each = windows[["group", "window"]].drop_duplicates()
    routes = serve.index.merge(tasks[["task", "group"]], on="task").merge(each, on="group").drop(columns="group")
    routed = plan.variables("event_work", routes, unit="PFLOP/s", scale=1e3)
    plan.event_routes.append(routed)
    arrivals = profiles.arrivals(plan, tasks, windows)
    promised = serve.expression().where(task=tasks["task"]) * arrivals
    over = routes[["region", "task", "year", "window"]].drop_duplicates().reset_index(drop=True)
    shed = _shed(plan, "event_shed_work", over, _hours(windows, tasks), arrivals)
    plan.constraints("event_arrivals", over, routed + shed - promised, "==", **_HOW)
    index = able.merge(windows[["group", "slice", "window"]], on="group")
    busy = plan.variables("event_run", index, unit="devices", scale=1e3)
    rate, work = busy * fleet.throughput(plan), routed.expression().label(group=group)
    share = windows.set_index(["group", "slice"])["share"]
    plan.constraints("event_pool", rows.merge(each, on="group"), work - rate * share, "==", **_HOW)
    surge = plan.settings("devices").surge
    tight = windows[windows["share"] * surge < 1 - ROUNDING][["group", "window", "slice"]]
    bound = rows.merge(tight, on="group")
    plan.constraints("event_surge", bound, rate - work * surge, "<=", **_HOW, may_be_empty=True)
    return busy.expression()


def _hours(windows: pd.DataFrame, tasks: pd.DataFrame) -> pd.Series:
    """Hours a year of each window, labelled by task and window."""
    hours = windows.groupby(["group", "window"], as_index=False)["weight"].sum()
    return tasks[["task", "group"]].merge(hours, on="group").set_index(["task", "window"])["weight"].astype(float)


def _shed(plan: Plan, name: str, over: pd.DataFrame, hours: pd.Series, shape: pd.Series) -> Expression:
    """What is not done, at what its users would pay, tranche by tranche; none where shortage is forbidden.

    `shape` is what a slice or a window asks for over the mean of the year, labelled by task and the slice or window.
    """
    if plan.unserved is None:
        return Expression()
    keys = ["region", "task", "tranche", "year", over.columns[-1]]
    parts = over.merge(value.demanded(plan), on=["region", "task", "year"])
    shed = plan.variables(name, parts[keys], unit="PFLOP/s", scale=1e3)
    worth = value.tranches(plan).set_index(["task", "tranche"])["value"]
    plan.charge("shed", shed * (worth / MILLION) * hours)
    inner = parts[parts["inner"]].merge(shape.rename("shape").reset_index(), on=["task", keys[-1]])
    if len(inner):
        most = inner.assign(most=inner["size"] * inner["shape"]).set_index(keys)["most"]
        contract = plan.unserved.where(task=set(over["task"])) * shape
        plan.constraints(f"{name}_tranche", inner[keys], shed + contract, "<=", most, **_HOW)
    return shed.expression()


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    if not plan.event_routes:
        return []
    tasks = fleet.tasks(plan)
    kinds = tasks.set_index("task")["kind"]
    clock = plan.clock.table.set_index("slice")
    windows = profiles.windows(plan, tasks[tasks["pool"]], events=True)
    length = _hours(windows, tasks)
    event_of = windows.merge(plan.clock.table[["slice", "event"]], on="slice").drop_duplicates("window")
    event_of = event_of.set_index("window")["event"]
    days = plan.clock.table[plan.clock.table["event"] != ""].groupby("event")["weight"].sum()
    parts = [results_table.rows("event_hours", "h", days.rename("value").rename_axis("item").reset_index())]
    found = {"event_shed": [], "event_done": []}  # type: dict[str, list[pd.DataFrame]]
    for name, block in (
        ("event_shed", "event_shed"), ("event_shed", "event_shed_work"),
        ("event_done", "event_serve"), ("event_done", "event_work"),
    ):  # fmt: skip
        table = solution.variables(block, if_built=True)
        table = table[table["value"] > 0] if len(table) else table
        if table.empty:
            continue
        if "slice" in table:
            hours, event = table["slice"].map(clock["weight"]), table["slice"].map(clock["event"])
        else:
            known = pd.MultiIndex.from_frame(table[["task", "window"]]).map(length.to_dict())
            hours, event = pd.Series(known, index=table.index), table["window"].map(event_of)
        found[name].append(table.assign(value=table["value"] * hours.astype(float), item=event))
    for name, tables in found.items():
        keys = ["item", "region", "task", "year"] if name == "event_shed" else ["item", "site", "task", "year"]
        if tables:
            total = pd.concat(tables).groupby(keys, as_index=False)["value"].sum()
            parts.append(results_table.rows(name, "PFLOP/s h", total.assign(kind=total["task"].map(kinds))))
    return [*parts, _promised(plan, solution, kinds)]


def _promised(plan: Plan, solution: Solution, kinds: pd.Series) -> pd.DataFrame:
    """What the yearly contracts would have each site do in the hours of each event [PFLOP/s h]."""
    received = solution.variables(plan.received).merge(fleet.tasks(plan)[["task", "profile"]], on="task")
    slices = plan.clock.table[plan.clock.table["event"] != ""][["slice", "event", "weight"]]
    shape = profiles.profiles(plan).rename("shape").reset_index().merge(slices, on="slice")
    hours = (shape["shape"] * shape["weight"]).groupby([shape["profile"], shape["event"]]).sum()
    joined = received.merge(hours.rename("hours").reset_index(), on="profile")
    joined = joined.assign(value=joined["value"] * joined["hours"], item=joined["event"])
    total = joined.groupby(["item", "site", "task", "year"], as_index=False)["value"].sum()
    total = total[total["value"] > 0]
    return results_table.rows("event_promised", "PFLOP/s h", total.assign(kind=total["task"].map(kinds)))
