"""Devices: what stands, what is bought, what each gives, and that no hour asks for more than is energised.

received   received[task, site, year] = sum over regions serve                                            [PFLOP/s]
balance    sum received[task in group, site] = sum throughput[device, work] x held[group, site, device, work, year]
engaged    engaged[site, device, work, year, block] = sum held x profile[block]              [devices], block of the day
reserved   the same with held x redundancy: standby is energised and idle, so that it can take over
arrivals   volume[pool, site, window] = sum received x arrivals[task, window]                     [PFLOP/s, window mean]
pool       volume = sum throughput x run x weight / window weight                                [PFLOP/s], each window
surge      sum throughput x run[., slice] <= surge x volume                        [PFLOP/s], each pool, site and slice
stock      sum reserved + sum run <= energised[site, device, year]                   [devices], each slice
installed  energised <= survivors of stock and commitments + sum over vintages bought x energised share x year in use
supply     sum over sites bought <= units x mix, each vintage (or up to it, with carry-over)                 [devices]

throughput = dense peak x use x availability [PFLOP/s per device]; `use` is never merged with allocation or profile.
A group (interactive) or pool (deferrable, tumbling windows from 00:00) holds tasks that the same devices run at the
same use, so pooling them is exact (see fleet.tasks). Surge limits how fast the work of a pool may run at a site,
whichever device does it: shared among its tasks by volume, it then holds for each task as well.
Reads `served`, `event_busy`, `finance`; tables devices, stock, commitments, supply, supply_map. Writes `energised`,
`busy`, `working`, `reserved`, `bought`.
Source: the project's model contract; supply and use factors in data/.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from eastwest.lp.declaration import Idle
from eastwest.lp.expression import Expression, Told, Variables
from eastwest.lp.solution import Solution
from eastwest.model.data import announced, fleet, new_compute, profiles
from eastwest.model.data.busy_devices import busiest_hour, utilisation
from eastwest.model.data.shedding import shed_deferrable, shed_interactive
from eastwest.model.frames import product
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.columns import Column
from eastwest.schema.contract import Contract, DeviceName, Positive, Share, VendorName
from eastwest.schema.metrics import NAN, Metric, View
from eastwest.schema.thresholds import ROUNDING

_SERVICE: dict[str, Any] = {"kind": "definition", "unit": "PFLOP/s", "scale": 1e3}


def _of_all(view: View) -> float:
    """Installed peak of the sites over that of all [1]."""
    every = view._replace(sites=set(view.tables["sites"]["site"])).figure(new_compute.INSTALLED)
    return view.figure(new_compute.INSTALLED) / every if every > 0 else NAN


_PEAK: dict[str, Any] = {"unit": "PFLOP/s", "figure": new_compute.INSTALLED}
_TOTAL = Metric(
    "compute of a place", **_PEAK,
    not_comparable="the target counts all compute, the run's figure is intelligent compute alone",
)  # fmt: skip


class Data(Contract):
    """Which devices exist, can be had, and what they draw."""

    metrics: ClassVar[dict[str, Metric]] = {
        "ai_compute": Metric("installed peak, intelligent", **_PEAK),
        "ai_compute_idc": Metric("installed peak, intelligent (IDC)", **_PEAK),
        "compute_target": _TOTAL, "compute_and_racks_target": _TOTAL,
        "ai_cloud_target": Metric(
            "AI compute in public clouds", **_PEAK,
            not_comparable="the run does not tell public clouds from others",
        ),
        "accelerator_cards": Metric(
            "accelerators installed", "devices",
            Column("installed", "installed", "devices", {"kind": new_compute.KIND}),
        ),
        "facility_utilisation": Metric(
            "allocated over installed, intelligent", "1",
            Column("asked", "reference_demand", "PFLOP/s", {"kind": new_compute.KIND}), over=new_compute.INSTALLED,
        ),
        "hub_compute_share_target": Metric(
            "hubs in installed peak, intelligent", "1", _of_all,
            remark="for intelligent compute; the target adds kinds",
        ),
    }  # fmt: skip
    families: tuple[DeviceName, ...] | None = Field(
        None, description="devices of the table that are modelled; none = all"
    )
    supply: Literal["low", "mid", "high"] = Field("mid", description="which column of supply")
    deliveries: Literal["evenly", "first_day"] = Field(
        "evenly", description="a year's devices arrive evenly over it, or all on its first day"
    )
    porting_months: dict[VendorName, Annotated[float, Field(ge=0, le=60)]] = Field(
        default_factory=dict, description="a vendor's new devices, paid from service, work so much later [months]"
    )
    carry_over: bool = Field(False, description="supply that is not bought in its year can be bought later")
    energise: Literal["needed", "all"] = Field("needed", description="whether installed devices may stay switched off")
    standby: bool = Field(True, description="energise standby devices as the tasks' redundancy asks")
    new_families_at_metros: bool = Field(True, description="whether metros may buy devices that they do not run yet")
    availability: Share = Field(0.95, description="share of time a device works [1]")
    idle_power: Share = Field(0.28, description="idle draw over rated [1]")
    busy_power_training: Share = Field(0.8, description="draw when training over rated [1]")
    busy_power_other: Share = Field(0.7, description="draw of other busy devices over rated [1]")
    surge: Positive = Field(2.0, ge=1, description="deferrable work may run at most so many times its window mean [1]")


def build(plan: Plan) -> None:
    tasks = fleet.tasks(plan)
    plan.warnings += _rounded(plan, tasks)
    here = fleet.present(plan)
    plan.energised = energised = plan.variables("energised", here, unit="devices", scale=1e3, told=Told("energised"))
    plan.bought = _buying(plan, here)
    received = _receive(plan, tasks)
    interactive = _hold(plan, tasks[~tasks["pool"]], received)
    run = _run(plan, tasks[tasks["pool"]], received)
    slices = plan.slices()[["slice"]]
    every = product(here, slices)
    plan.busy = interactive.busy + run + plan.event_busy
    plan.working = interactive.working + run + plan.event_busy
    plan.reserved = interactive.reserved + run + plan.event_busy
    how: dict[str, Any] = {"kind": "definition", "span": "hour", "limit": "devices energised"}
    plan.constraints("stock", every, plan.reserved, "<=", energised, unit="devices", scale=1e3, **how)


def _rounded(plan: Plan, tasks: pd.DataFrame) -> list[str]:
    """Work whose window the cut of the day makes shorter, by the window that it has in the plan."""
    asked = tasks["window_h"].astype(float)
    kept = tasks["window"].where(tasks["pool"], 0).astype(float)
    named: dict[str, list[str]] = {}
    for task, hours, window in zip(tasks["task"], asked, kept, strict=True):
        if window < hours:
            shorter = f"windows of {window:g} h" if window else "no window: it follows its profile"
            named.setdefault(shorter, []).append(f"{task} ({hours:g} h)")
    return [f"the cut of the day leaves {shorter}: {', '.join(found)}" for shorter, found in sorted(named.items())]


def _buying(plan: Plan, here: pd.DataFrame) -> Expression:
    placed = fleet.in_place(plan).set_index(["site", "device", "year"])["devices"]
    known = pd.MultiIndex.from_frame(here)
    placed = placed.reindex(known, fill_value=0.0)
    index = fleet.buyable(plan)
    bought, in_life, money = Expression(), fleet.in_life(plan), plan.finance
    if len(index):
        variables = plan.variables("bought", index, unit="devices", scale=1e3, told=Told("bought"))
        annual, overnight = (cost.rename_axis("device") for cost in (money.device_annual, money.device_overnight))
        plan.charge_assets("devices", variables, annual, overnight, in_life)
        bought = variables.expression()
    sense = "==" if plan.settings("devices").energise == "all" else "<="
    left = plan.energised - bought * fleet.in_use(plan)
    how: dict[str, Any] = {"kind": "definition", "limit": "devices installed", "assets": ("devices",)}
    idle = Idle(
        money.device_annual.rename_axis("device"), cause="devices", blame="accelerators at its sites",
        nothing="nothing: they are not needed",
    )  # fmt: skip
    how |= {"announced": (announced.DEVICES,), "idle": idle}
    plan.constraints("installed", here, left, sense, placed, unit="devices", scale=1e3, **how)
    _supply(plan, bought)
    return bought


def _supply(plan: Plan, bought: Expression) -> None:
    """Purchases within what can be delivered; with carry-over what was left of earlier years may be bought later."""
    supply = fleet.deliverable(plan)
    limited = supply[np.isfinite(supply["devices"].astype(float))]
    first = limited["device"].map(fleet.buyable(plan).groupby("device")["vintage"].min()).astype(float)
    limited = limited[limited["vintage"] >= first].sort_values(["device", "vintage"])
    if not plan.settings("devices").carry_over:
        limited = limited.merge(fleet.buyable(plan)[["device", "vintage"]].drop_duplicates())
    if limited.empty:
        return
    units = limited.set_index(["device", "vintage"])["devices"].astype(float)
    if plan.settings("devices").carry_over:
        units = units.groupby(level="device").cumsum()
        ends = limited[["vintage"]].drop_duplicates().rename(columns={"vintage": "until"})
        pairs = limited[["vintage"]].drop_duplicates().merge(ends, how="cross")
        earlier = pairs.assign(value=(pairs["vintage"] <= pairs["until"]).astype(float))
        bought = bought * earlier.set_index(["vintage", "until"])["value"]
        bought, units = bought.rename(vintage="bought_in"), units.rename_axis(["device", "until"])
    over = units.index.to_frame(index=False)
    how: dict[str, Any] = {"kind": "limit", "limit": "accelerator supply", "scarce": True}
    plan.constraints("supply", over, bought, "<=", units, unit="devices", scale=1e3, **how)


def _receive(plan: Plan, tasks: pd.DataFrame) -> Expression:
    """What each site receives of each task from all regions; keeps the routing out of the rows by slice."""
    keys = ["task", "site", "year"]
    index = plan.served.index[keys].drop_duplicates().sort_values(keys, ignore_index=True)
    if index.empty:
        plan.received = plan.service = None
        return Expression()
    plan.received = received = plan.variables("received", index, unit="PFLOP/s", scale=1e3, told=Told("served"))
    how = {**_SERVICE, "limit": "service received at a site"}
    plan.service = plan.constraints("received", index, plan.served - received, "==", **how)
    return received.expression().label(group=profiles.group_of(tasks))


@dataclass(frozen=True, eq=False)
class _Interactive:
    """Devices of interactive work: busy, by site, device, work and slice; the same with standby, and by group."""

    busy: Expression
    reserved: Expression
    working: Expression


def _hold(plan: Plan, tasks: pd.DataFrame, received: Expression) -> _Interactive:
    """Devices held for a group are busy in proportion to its profile, the same in every season."""
    rows, index = profiles.serving(plan, tasks)
    if rows.empty:
        return _Interactive(Expression(), Expression(), Expression())
    held = plan.variables("held", index, unit="devices", scale=1e3, told=Told("held", label="group"))
    serve = received.where(task=tasks["task"])
    left = serve - held * fleet.throughput(plan)
    plan.constraints("balance", rows, left, "==", **_SERVICE, limit="service at a site")
    factors = tasks.drop_duplicates("group").set_index("group")["redundancy"].astype(float)
    factors = factors if plan.settings("devices").standby else factors * 0 + 1
    busy = _by_block(plan, tasks, held, index, "engaged")
    reserved = busy if (factors == 1).all() else _by_block(plan, tasks, held * factors, index, "reserved")
    shed = shed_interactive(plan, tasks, held, profiles.profiles(plan))
    return _Interactive(busy - shed, reserved - shed * factors, _by_group(plan, tasks, held) - shed)


def _by_group(plan: Plan, tasks: pd.DataFrame, held: Variables) -> Expression:
    """What works by group of tasks and slice: no variables of its own, for modules that ask about single groups."""
    usual = plan.clock.table.loc[plan.clock.table["event"] == "", "slice"]
    shape = profiles.profiles(plan).rename("shape").reset_index()
    shape["shape"] = shape["shape"].where(shape["slice"].isin(usual), 0.0)
    groups = tasks[["group", "profile"]].drop_duplicates("group")
    by_slice = groups.merge(shape, on="profile").set_index(["group", "slice"])["shape"]
    working: Expression = held * by_slice
    return working


def _by_block(
    plan: Plan, tasks: pd.DataFrame, held: Variables | Expression, index: pd.DataFrame, name: str
) -> Expression:
    """Held devices x profile as a variable by block of the day, spread over the slices: far fewer entries."""
    clock = profiles.blocks(plan)
    blocks = product(index[["site", "device", "work", "year"]].drop_duplicates(), clock[["block"]].drop_duplicates())
    engaged = plan.variables(name, blocks, unit="devices", scale=1e3)
    by_block = held * profiles.of_group(plan, tasks)
    how: dict[str, Any] = {"kind": "definition", "limit": "devices engaged"}
    plan.constraints(name, blocks, by_block - engaged, "==", unit="devices", scale=1e3, **how)
    of_slice = clock[["slice", "block"]].rename(columns={"block": "block_of_slice"})
    same = product(clock[["block"]].drop_duplicates(), of_slice)
    usual = same["slice"].map(plan.clock.table.set_index("slice")["event"]).eq("")
    same = same.assign(value=(usual & (same["block"] == same["block_of_slice"])).astype(float))
    spread: Expression = engaged * same.set_index(["block", "slice"])["value"]
    return spread


def _run(plan: Plan, tasks: pd.DataFrame, received: Expression) -> Expression:
    """Deferrable tasks: devices busy in each slice; each window does the work that arrives in it."""
    rows, index = profiles.serving(plan, tasks)
    if rows.empty:
        plan.windows = None
        return Expression()
    plan.windows = windows = profiles.windows(plan, tasks)
    index = index.merge(windows[["group", "slice", "window"]], on="group")
    run = plan.variables("run", index, unit="devices", scale=1e3)
    share = windows.set_index(["group", "slice"])["share"]
    over = rows.merge(windows[["group", "window"]].drop_duplicates(), on="group")
    volume = plan.variables("volume", over, unit="PFLOP/s", scale=1e3)
    arriving = received.where(task=tasks["task"]) * profiles.arrivals(plan, tasks, windows)
    shed = shed_deferrable(plan, tasks, windows, profiles.arrivals(plan, tasks, windows))
    plan.constraints("arrivals", over, arriving - volume - shed, "==", **_SERVICE, limit="work of a window")
    rate = run * fleet.throughput(plan)
    plan.constraints("pool", over, volume - rate * share, "==", **_SERVICE, limit="work of a window done in it")
    surge = plan.settings("devices").surge
    tight = windows[windows["share"] * surge < 1 - ROUNDING][["group", "window", "slice"]]
    bound = rows.merge(tight, on="group")
    how = {**_SERVICE, "limit": "surge of deferrable work", "may_be_empty": True}
    plan.constraints("surge", bound, rate - volume * surge, "<=", **how)
    return run.expression()


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    here = fleet.present(plan)
    kinds = fleet.families(plan).set_index("device")["kind"]
    peak = fleet.families(plan).set_index("device")["peak_pflops"].astype(float)
    placed = fleet.in_place(plan).rename(columns={"devices": "value"})
    bought = solution.entered("bought", plan.periods.counts_for, if_built=True)
    energised = solution.variables(plan.energised)
    arrived = solution.value(plan.bought * fleet.in_use(plan), here) if plan.bought.terms else here.iloc[:0]
    installed = (
        pd.concat([placed, arrived])[["site", "device", "year", "value"]]
        .groupby(["site", "device", "year"], as_index=False)
        .sum()
    )
    weights = plan.clock.weight
    busy = solution.value(plan.busy, here.merge(plan.slices()[["slice"]], how="cross"))
    mean = busy.assign(value=busy["value"] * busy["slice"].map(weights).astype(float) / weights.sum())
    mean = mean.groupby(["site", "device", "year"], as_index=False)["value"].sum()
    parts = [
        results_table.rows(name, "devices", table[table["value"] > 0].assign(kind=lambda t: t["device"].map(kinds)))
        for name, table in (
            ("installed", installed),
            ("in_place", placed),
            ("bought", bought),
            ("energised", energised),
            ("busy", mean),
        )
    ]
    supply = fleet.deliverable(plan)[["device", "vintage", "devices"]].astype({"devices": float})
    supply = supply[np.isfinite(supply["devices"])].assign(year=supply["vintage"].map(plan.periods.counts_for))
    supply = supply.groupby(["device", "year"], as_index=False)["devices"].sum().rename(columns={"devices": "value"})
    parts.append(results_table.rows("deliverable", "devices", supply.assign(kind=supply["device"].map(kinds))))
    held = solution.variables("held", if_built=True)
    if len(held):
        held = held[held["value"] > 0].rename(columns={"group": "item"})
        parts.append(results_table.rows("held", "devices", held))
    for name, table in (("installed_peak", installed), ("energised_peak", energised), ("bought_peak", bought)):
        if len(table):
            each = table["device"].map(peak).astype(float)
            total = table.assign(kind=table["device"].map(kinds), value=table["value"] * each)
            parts.append(
                results_table.rows(
                    name, "PFLOP/s", total.groupby(["site", "year", "kind"], as_index=False)["value"].sum()
                )
            )
    if plan.settings("devices").porting_months and plan.bought.terms:
        idle = solution.value(plan.bought * (fleet.in_service(plan) - fleet.in_use(plan)), _delivered(plan))
        rows = idle[idle["value"] > 0].assign(kind=lambda t: t["device"].map(kinds))
        parts.append(results_table.rows("porting", "devices", rows))
    return [*parts, *busiest_hour(plan, solution, installed), *utilisation(energised, busy, mean, kinds, weights)]


def _delivered(plan: Plan) -> pd.DataFrame:
    """Site, device, year of all that may be bought, whether or not it works yet."""
    pairs = plan.program.variables["bought"].index[["site", "device"]].drop_duplicates()
    return pairs.merge(pd.DataFrame({"year": list(plan.years)}), how="cross")
