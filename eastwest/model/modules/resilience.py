"""Resilience: what an outage cuts is re-served from what is left, some work stands twice, some stock serves its owner.

For each outage o (a site; a hub = all its sites, metros of hub regions too; a corridor), year and protected task:
reroute   lost serve over the routes that o cuts = sum over the other admissible sites rerouted[o, region, task, site]
                                                                                        [PFLOP/s], o, region, task, year
stand_in  received of protected and two-site tasks + rerouted = sum throughput x standby_held[o, group, site, device]
reserve   sum standby_held x profile[block] + mirror_held x profile <= energised      [devices], o, site, device, block
power     PUE x (idle x rated x energised + (busy - idle) x rated x standing in + fixed) <= connection    [MW], o, site
traffic   standby_flow = protected flow - what o cuts + what is rerouted                [Gbit/s], o, corridor, profile
corridor  sum standby_flow x profile[block] <= capacity + built                           [Gbit/s], o, corridor, block
Work that can wait and work that is not protected is pre-empted. What o does not cut stays where it is. Work that no
second site may serve is left out and named. Sites that nothing is rerouted to, power that the connection's own row
holds already, and corridors that all protected demand together cannot fill have no rows: nothing can bind there.

mirror    mirror[region, task, site, year]: (copies - 1) x served <= sum over sites mirror                     [PFLOP/s]
apart     serve + mirror at a site <= served of the region and task: so the copies can stand at different sites
mirrored  mirror of a group = sum throughput x mirror_held[group, site, device]; in every slice
          reserved + mirror_held x profile <= energised       [devices], idle always; profile 1 for work that can wait
pooling   energised - bought in service <= in place x (allocation + share x (1 - allocation))  [devices], site, device
Reads `served`, `energised`, `reserved`, `bought`, `grid_connection`, `corridor_capacity`, `received`.
Source: the project's model contract, constraints 9 and 10; NERC TPL-001 (N-1); GB/T 20988 (two sites).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from eastwest.errors import InputError
from eastwest.lp.expression import Expression
from eastwest.lp.program import Constraints
from eastwest.lp.solution import Solution
from eastwest.model.data import announced, fleet, outages, pooling, profiles
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.contract import (
    Context,
    Contract,
    CorridorName,
    Identifier,
    NameOf,
    NonNegative,
    Share,
    SiteName,
    Tables,
    TaskName,
)
from eastwest.schema.thresholds import LEAST_DEVICES, NOTHING
from eastwest.schema.units import MONEY

_RULE = {kind: f"any one {kind} lost" for kind in outages.KINDS}
_TWICE = "work that stands at several sites"
_POOL = "stock of other owners"
_HubWithSite = Annotated[Identifier, NameOf("sites.hub")]


class Data(Contract):
    """Outages that the plan survives, work that stands at several sites, stock for its owner; none by default."""

    site_outages: Literal["clusters", "all"] | tuple[SiteName, ...] | None = Field(
        None, description="sites of which any one may be lost: clusters, all, or names"
    )
    hub_outages: Literal["all"] | tuple[_HubWithSite, ...] | None = Field(
        None, description="hubs of which any one may be lost with all its sites, metros too: all, or names"
    )
    corridor_outages: Literal["all"] | tuple[CorridorName, ...] | None = Field(
        None, description="corridors of which any one may be lost: all, or names"
    )
    protected_criticality: NonNegative = Field(
        4.0, description="interactive tasks of this criticality or more are re-served after an outage [1]"
    )
    protected_tasks: tuple[TaskName, ...] | None = Field(
        None, description="tasks that are re-served instead of those by criticality"
    )
    two_site_tasks: tuple[TaskName, ...] | None = Field(
        None, description="tasks that stand at several sites, each able to carry all (2N)"
    )
    copies: int = Field(2, ge=2, le=3, description="sites at which such a task stands; 3: two sites and a third")
    pooling_share: Share | dict[SiteName, Share] | None = Field(
        None, description="share of spare stock in place open to other owners, one or by site; none = all [1]"
    )

    def check(self, tables: Tables, years: tuple[int, ...], context: Context) -> None:
        """Stock that stays switched on can be kept from nobody."""
        if self.pooling_share is not None and context.settings.devices.energise == "all":
            message = "received a share where devices.energise is all; expected devices.energise: needed"
            raise context.wrong("pooling_share", message)


def build(plan: Plan) -> None:
    """A plan that is being evaluated has its routing and its stock: nothing is left to promise."""
    if plan.shed_value is not None:
        plan.pooling = None
        return
    settings, tasks = plan.settings("resilience"), fleet.tasks(plan)
    deferrable = tasks[tasks["pool"] & ~tasks["two_sites"] & tasks["task"].isin(settings.protected_tasks or ())]
    if len(deferrable):
        name, hours = deferrable[["task", "window_h"]].iloc[0]
        message = f"'{name}' can wait {hours:g} h; expected interactive work"
        raise InputError(message, key="resilience.protected_tasks")
    plan.pooling = None if settings.pooling_share is None else _keep_to_owners(plan)
    mirrored = _mirror(plan) if settings.two_site_tasks else Expression()
    if tasks["protected"].any():
        _survive(plan, mirrored)
    _name_the_rest(plan)


def _keep_to_owners(plan: Plan) -> Constraints | None:
    """Stock in place serves its owner; `pooling_share` of what is spare is open to others."""
    usable = pooling.usable(plan)
    usable = usable[usable["share"] < 1]
    if usable.empty:
        return None
    own, keys = plan.energised - plan.bought * fleet.in_service(plan), ["site", "device", "year"]
    right = usable.set_index(keys)["devices"]
    how: dict[str, Any] = {"kind": "rule", "limit": _POOL, "rule": "pooling", "announced": (announced.DEVICES,)}
    return plan.constraints("pooling", usable[keys], own, "<=", right, unit="devices", scale=1e3, **how)


def _mirror(plan: Plan) -> Expression:
    """Copies of two-site tasks at other sites: energised and idle. Returns the devices of a full copy, by block."""
    index, tasks = outages.twice(plan), fleet.tasks(plan)
    tasks = tasks[tasks["two_sites"]]
    if index.empty:
        return Expression()
    how: dict[str, Any] = {"kind": "promise", "limit": _TWICE, "rule": "work at several sites"}
    how |= {"unit": "PFLOP/s", "scale": 1e3}
    mirror = plan.variables("mirror", index, unit="PFLOP/s", scale=1e3)
    keys, served = ["region", "task", "year"], plan.served.where(task=tasks["task"])
    more = plan.settings("resilience").copies - 1
    plan.constraints("mirror", index[keys].drop_duplicates(), served * more - mirror, "<=", **how)
    plan.constraints("apart", index, served + mirror - served.rename(site="any_site"), "<=", **how)
    rows = index.merge(tasks[["task", "group"]], on="task")[["group", "site", "year"]].drop_duplicates(
        ignore_index=True
    )
    held = plan.variables("mirror_held", fleet.carriers(plan, tasks, rows), unit="devices", scale=1e3)
    copied = mirror.expression().label(group=tasks.set_index("task")["group"])
    left = copied - held * fleet.throughput(plan)
    plan.constraints("mirrored", rows, left, "==", kind="definition", unit="PFLOP/s", scale=1e3)
    each = held.index[["site", "device", "year"]].drop_duplicates()
    slices = each.merge(profiles.blocks(plan)[["slice", "block"]], how="cross")
    copy: Expression = held * _shape(plan, tasks)
    left, how = plan.reserved + copy - plan.energised, {**how, "unit": "devices"}
    plan.constraints("mirrored_stock", slices, left, "<=", **how)
    return copy


def _survive(plan: Plan, mirrored: Expression) -> None:
    """Every listed outage: what it cuts is re-served, on devices, power and corridors that are left."""
    left = outages.left(plan)
    if left.empty:
        return
    rerouted = plan.variables("rerouted", left.drop(columns="kind"), unit="PFLOP/s", scale=1e3).expression()
    tasks = fleet.tasks(plan)
    tasks = tasks[tasks["protected"] | tasks["two_sites"]]
    there = plan.served.index.merge(tasks[["task", "group"]], on="task")
    there = there[["group", "site", "year"]].drop_duplicates()
    rows = left[["outage", "site", "year"]].drop_duplicates().merge(there, on=["site", "year"])
    rows = rows[["outage", "group", "site", "year"]].sort_values(["outage", "group", "site", "year"], ignore_index=True)
    carriers = fleet.carriers(plan, tasks, rows[["group", "site", "year"]].drop_duplicates())
    index = rows.merge(carriers, on=["group", "site", "year"])
    held = plan.variables("standby_held", index, unit="devices", scale=1e3).expression()
    flows = _flows(plan, left)
    for kind in left["kind"].drop_duplicates():
        here = left[left["kind"] == kind]
        _reroute(plan, kind, here[outages.KEYS].drop_duplicates(), rerouted)
        of_kind = rows["outage"].isin(here["outage"])
        _stand_in(plan, kind, rows[of_kind], rerouted, held)
        _reserve(plan, kind, index[index["outage"].isin(here["outage"])], held, mirrored)
        _carry(plan, kind, flows[flows["outage"].isin(here["outage"])], rerouted)


def _reroute(plan: Plan, kind: str, over: pd.DataFrame, rerouted: Expression) -> None:
    """All that an outage cuts is re-served, as far as any other route exists."""
    lost = plan.served.where(task=over["task"].unique()) * outages.gone(plan)
    how: dict[str, Any] = {"kind": "promise", "limit": "work re-served after an outage", "rule": _RULE[kind]}
    plan.constraints(f"reroute_{kind}", over, lost - rerouted, "==", unit="PFLOP/s", scale=1e3, **how)


def _stand_in(plan: Plan, kind: str, rows: pd.DataFrame, rerouted: Expression, held: Expression) -> None:
    """Protected and two-site work at a site after the outage, on devices held for it."""
    tasks = fleet.tasks(plan)
    protected = tasks.loc[tasks["protected"], "task"]
    every = tasks.loc[tasks["protected"] | tasks["two_sites"], "task"]
    stays = plan.received.where(task=every)
    if kind == "corridor":
        stays = stays - plan.served.where(task=protected) * outages.gone(plan)
    work = (stays + rerouted).label(group=tasks.set_index("task")["group"])
    how: dict[str, Any] = {"kind": "definition", "rule": _RULE[kind], "unit": "PFLOP/s", "scale": 1e3}
    plan.constraints(f"stand_in_{kind}", rows, work - held * fleet.throughput(plan), "==", **how)


def _reserve(plan: Plan, kind: str, index: pd.DataFrame, held: Expression, mirrored: Expression) -> None:
    """Protected work after the outage fits the devices energised and the connection, in each block of the day."""
    tasks = fleet.tasks(plan)
    shape = _shape(plan, tasks[tasks["group"].isin(index["group"])])
    load = profiles.undominated(shape.unstack("block"))
    blocks = pd.DataFrame({"block": list(load.columns)})
    busy = held * shape + mirrored
    over = index[["outage", "site", "device", "year"]].drop_duplicates().merge(blocks, how="cross")
    how: dict[str, Any] = {"kind": "promise", "rule": _RULE[kind], "limit": "devices that stand in"}
    plan.constraints(f"reserve_{kind}", over, busy - plan.energised, "<=", unit="devices", scale=1e3, **how)
    doubtful = outages.beyond_connection(plan)
    sites = over[["outage", "site", "year", "block"]].drop_duplicates().merge(doubtful, on=["site", "year"])
    if sites.empty:
        return
    rated, idle = fleet.rated_mw(plan), plan.settings("devices").idle_power
    draw = plan.energised * rated * idle + busy * rated * fleet.extra_draw(plan)
    peak = outages.peak_pue(plan)
    fixed = sites.drop(columns="fixed").assign(
        mw=sites["fixed"] * peak.reindex(pd.MultiIndex.from_frame(sites[["site", "block"]])).to_numpy()
    )
    constant = fixed.drop_duplicates(["site", "year", "block"]).set_index(["site", "year", "block"])["mw"]
    how |= {"limit": "grid connection after an outage", "announced": (announced.CONNECTIONS,)}
    left = (draw * peak).plus(constant)
    plan.constraints(
        f"power_{kind}", sites.drop(columns="fixed"), left, "<=", plan.grid_connection, unit="MW", scale=1e2, **how
    )


def _shape(plan: Plan, tasks: pd.DataFrame) -> pd.Series:
    """Demand over its mean by group and block of the day; two-site work that can wait stands by for its mean."""
    shape = profiles.of_group(plan, tasks)
    return shape.where(~shape.index.get_level_values("group").isin(tasks.loc[tasks["pool"], "group"]), 1.0)


def _flows(plan: Plan, left: pd.DataFrame) -> pd.DataFrame:
    """Corridors that re-served work may use and protected demand can fill: outage, corridor, profile, year."""
    keys = ["outage", "corridor", "profile", "year"]
    if plan.corridor_capacity is None:
        return pd.DataFrame(columns=keys)
    tasks, every = outages.crossing(plan)
    flows = every[["corridor", "profile", "year"]].drop_duplicates().sort_values(["corridor", "profile", "year"])
    if flows.empty:
        return pd.DataFrame(columns=keys)
    flow = plan.variables("protected_flow", flows, unit="Gbit/s", scale=1e3)
    carried = _carried(plan, plan.served.where(task=tasks["task"]))
    plan.constraints("protected_traffic", flows, carried - flow, "==", kind="definition", unit="Gbit/s", scale=1e3)
    used = left.merge(every[["region", "task", "site", "year", "corridor"]], on=["region", "task", "site", "year"])
    found = used[["outage", "corridor", "year"]].drop_duplicates().merge(flows, on=["corridor", "year"])[keys]
    if len(found):
        plan.variables("standby_flow", found, unit="Gbit/s", scale=1e3)
    return found


def _carried(plan: Plan, work: Expression) -> Expression:
    """Traffic of work by corridor and profile [Gbit/s]."""
    crossing = plan.node_pairs.dropna(subset="corridor").set_index(["region", "site"])["corridor"]
    traffic: Expression = work * fleet.traffic(plan)
    return traffic.label(corridor=crossing, profile=fleet.tasks(plan).set_index("task")["profile"])


def _carry(plan: Plan, kind: str, flows: pd.DataFrame, rerouted: Expression) -> None:
    """Protected traffic after the outage fits the corridors that are left."""
    if flows.empty:
        return
    tasks = fleet.tasks(plan)
    served = plan.served.where(task=tasks.loc[tasks["protected"], "task"])
    moved = _carried(plan, rerouted) - _carried(plan, served) * outages.gone(plan)
    flow = plan.program.variables["standby_flow"]
    after = plan.program.variables["protected_flow"].expression() + moved - flow
    how: dict[str, Any] = {"unit": "Gbit/s", "scale": 1e3, "rule": _RULE[kind]}
    plan.constraints(f"traffic_{kind}", flows, after, "==", kind="definition", **how)
    table = (
        profiles.profiles(plan)
        .rename("shape")
        .reset_index()
        .merge(profiles.blocks(plan)[["slice", "block"]], on="slice")
    )
    table = table[table["profile"].isin(flows["profile"])].drop_duplicates(["profile", "block"])
    load = profiles.undominated(table.pivot(index="profile", columns="block", values="shape"))
    over = (
        flows[["outage", "corridor", "year"]]
        .drop_duplicates()
        .merge(pd.DataFrame({"block": list(load.columns)}), how="cross")
    )
    shape = table.set_index(["profile", "block"])["shape"]
    how |= {"kind": "promise", "limit": "corridor after an outage"}
    plan.constraints(f"corridor_{kind}", over, flow * shape, "<=", plan.corridor_capacity, **how)


def _name_the_rest(plan: Plan) -> None:
    """Work that cannot be promised, by name."""
    rest = outages.unprotectable(plan) if outages.promises(plan) else pd.DataFrame()
    if len(rest):
        named = ", ".join(f"{row.task} ({row.value:.0%})" for row in rest.drop_duplicates("task").itertuples())
        plan.warnings.append(f"no second site within SLA and residency, so left without a promise: {named}")


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    parts = []
    if outages.promises(plan):
        parts.append(results_table.rows("unprotectable", "1", outages.unprotectable(plan)))
        parts += _headroom(plan, solution)
    kinds = fleet.tasks(plan).set_index("task")["kind"]
    if "mirror" in plan.program.variables:
        mirror = solution.variables("mirror").assign(kind=lambda t: t["task"].map(kinds))
        parts.append(results_table.rows("mirrored", "PFLOP/s", mirror[mirror["value"] > 0]))
    if "rerouted" in plan.program.variables:
        parts += _outages(plan, solution, kinds)
    return parts


def _headroom(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    """Devices energised that nothing uses at the busiest hour."""
    here = fleet.present(plan)
    used = solution.value(plan.reserved, here.merge(plan.slices()[["slice"]], how="cross"))
    peak = used.groupby(["site", "device", "year"], as_index=False)["value"].max()
    energised = solution.value(plan.energised, here)
    spare = peak.assign(value=np.maximum(energised["value"].to_numpy() - peak["value"].to_numpy(), 0.0))
    return [results_table.rows("headroom", "devices", spare[spare["value"] > LEAST_DEVICES])]


def _outages(plan: Plan, solution: Solution, kinds: pd.Series) -> list[pd.DataFrame]:
    """What each outage cuts, where it is re-served, how far, and what the promise costs at the margin."""
    keys = ["region", "task", "site", "year"]
    trips = plan.round_trips.set_index(["region", "site"])["round_trip_ms"].to_dict()
    lost = outages.cut(plan).merge(solution.variables(plan.served), on=keys)
    after = solution.variables("rerouted")
    alone = pd.MultiIndex.from_frame(outages.stranded(plan)[outages.KEYS])
    is_alone = pd.MultiIndex.from_frame(lost[outages.KEYS]).isin(alone)
    cut, never = lost[~is_alone], lost[is_alone]
    parts = []
    by = ["year", "item", "kind"]
    of_task, at_site = [*by, "task"], [*by, "site"]
    for name, table, labels in (
        ("lost_rate", cut, by), ("lost_without_second_site", never, of_task), ("standby_rate", after, at_site),
    ):  # fmt: skip
        table = table.rename(columns={"outage": "item"}).assign(kind=table["task"].map(kinds))
        total = table[table["value"] > NOTHING].groupby(labels, as_index=False)["value"].sum()
        parts.append(results_table.rows(name, "PFLOP/s", total))
    for words, table in (("before", cut), ("after", after)):
        trip = pd.MultiIndex.from_frame(table[["region", "site"]]).map(trips).to_numpy(float)
        table = table.assign(kind=table["task"].map(kinds), weighted=table["value"] * trip, item=table["outage"])
        mean = table[table["value"] > NOTHING].groupby(by, as_index=False)[["weighted", "value"]].sum()
        parts.append(
            results_table.rows(f"round_trip_{words}_outage", "ms", mean.assign(value=mean["weighted"] / mean["value"]))
        )
    return [*parts, _promise(plan, solution, cut)]


def _promise(plan: Plan, solution: Solution, cut: pd.DataFrame) -> pd.DataFrame:
    """Shadow price of each outage's re-served work x that work [million CNY]: what binds, by price."""
    rows = pd.concat([solution.constraints(f"reroute_{kind}", if_built=True) for kind in outages.KINDS])
    lost = cut.groupby(outages.KEYS)["value"].sum().rename("lost").reset_index()
    priced = rows.merge(lost, on=outages.KEYS)
    priced = plan.in_money_of_year(priced.assign(value=-priced["dual"] * priced["lost"]), "value")
    total = priced.groupby(["outage", "year"], as_index=False)["value"].sum()
    return results_table.rows("promise", MONEY, total.rename(columns={"outage": "item"}))
