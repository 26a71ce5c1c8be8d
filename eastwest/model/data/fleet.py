"""Devices as data: which are modelled, what they may run, what stands where, and what can be delivered.

Pure functions on tables; several model modules read them, none of them writes to the plan.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from eastwest.errors import InputError
from eastwest.model.clock import MONTHS_PER_YEAR, Clock
from eastwest.model.data import deliveries
from eastwest.model.data.sites import delay_months
from eastwest.model.dates import decimal_year, later, share_in_life
from eastwest.model.frames import labelled, tuples
from eastwest.model.plan import Plan, once
from eastwest.schema.thresholds import NOTHING

WORKS = {"training": "training_use", "inference": "inference_use", "general": "general_use", "super": "super_use"}
WINDOWS = (2, 4, 6, 8, 12, 24, 48, 72, 96, 120, 144, 168)
WATTS_PER_MW = 1e6
INTERACTIVE_HOURS = 2.0
"""Work that can wait so long is pre-empted in an outage [h]."""


@once
def families(plan: Plan) -> pd.DataFrame:
    """Devices that the scenario models: of its kinds, and of its families where it names any."""
    devices = plan.table("devices")
    chosen = devices["kind"].isin(plan.settings("demand").kinds)
    named = plan.settings("devices").families
    if named is not None:
        chosen &= devices["device"].isin(named)
    return devices[chosen].reset_index(drop=True)


@once
def rated_mw(plan: Plan) -> pd.Series:
    """Server nameplate per device [MW], labelled by device."""
    return families(plan).set_index("device")["rated_w"].astype(float) / WATTS_PER_MW


@once
def throughput(plan: Plan) -> pd.Series:
    """Delivered rate of a busy device = dense peak x use x availability [PFLOP/s], labelled by device and work."""
    devices = families(plan)
    values = {
        (device, work): peak * use
        for work, column in WORKS.items()
        for device, peak, use in tuples(devices, "device", "peak_pflops", column)
    }
    known = {labels: value for labels, value in values.items() if value > 0}
    return labelled(known, ["device", "work"]) * plan.settings("devices").availability


@once
def tasks(plan: Plan) -> pd.DataFrame:
    """Tasks of the modelled kinds that any region asks for, with `group`: tasks that the program may not tell apart.

    Interactive tasks of one profile and redundancy, and deferrable tasks of one window, form a group when the same
    devices may run them at the same use; their devices are then interchangeable and the group is exact. Work that runs
    only inside training units is never grouped with other work. `pool` marks the deferrable ones: their `window` [h]
    holds more than one time slice.
    """
    table = plan.table("tasks")
    asked = plan.table("demand").groupby("task")["share"].sum()
    table = table[table["kind"].isin(plan.settings("demand").kinds) & table["task"].map(asked).astype(float).gt(0)]
    if table.empty:
        raise InputError("no region asks for any task of the modelled kinds", where="table demand")
    clock = plan.window_clock
    window = table["window_h"].astype(float).map(lambda hours: window_length(clock, hours))
    longest = clock.table["hours"].max()
    table = table.assign(window=window, pool=window > longest)
    allowed = eligible(plan, table).groupby("task")["device"].agg(lambda names: "+".join(sorted(names)))
    table = table.assign(_devices=table["task"].map(allowed.astype(object)).astype(object).fillna("").astype(str))
    inside = table["task"].isin(plan.settings("training_units").tasks)
    table.loc[inside, "_devices"] += "/in training units"
    kind_of_wait = np.where(table["pool"], "within-" + window.astype(str) + "h", table["profile"])
    table["_name"] = pd.Series(kind_of_wait, index=table.index) + "/" + table["work"]
    table = _promised(plan, table)
    standby = np.where(table["pool"] | table["replaced"], 1.0, table["redundancy"].astype(float))
    table["redundancy"] = np.where(table["replaced"], 1.0, table["redundancy"].astype(float))
    table["_devices"] = table["_devices"] + "/" + pd.Series(standby, index=table.index).astype(str)
    number = table.groupby("_name")["_devices"].transform(lambda sets: pd.factorize(sets)[0])
    suffix = number.astype(int).map(lambda n: "" if n == 0 else f"/{n + 1}")
    return (
        table.assign(group=table["_name"] + suffix)
        .drop(columns=["_name", "_devices", "replaced"])
        .reset_index(drop=True)
    )


def _promised(plan: Plan, table: pd.DataFrame) -> pd.DataFrame:
    """`table` with `two_sites` (stands twice), `protected` (re-served after an outage) and `replaced`.

    Where it is replaced the promise takes the place of the flat multiplier: where data may go anywhere and sites can
    be lost. What is bound to a province or a city has a second site in some places only and keeps its multiplier.
    """
    settings = plan.settings("resilience")
    follows = ~table["pool"] & (table["window_h"].astype(float) < INTERACTIVE_HOURS)
    named = settings.protected_tasks
    critical = follows & (table["criticality"].astype(float) >= settings.protected_criticality)
    chosen = critical if named is None else ~table["pool"] & table["task"].isin(named)
    twice = table["task"].isin(settings.two_site_tasks or ())
    sites_lost = bool(settings.site_outages or settings.hub_outages)
    chosen &= ~twice & (sites_lost or bool(settings.corridor_outages))
    replaced = (twice | (chosen & sites_lost)) & (table["residency"] == "national")
    return table.assign(two_sites=twice, protected=chosen, replaced=replaced)


def eligible(plan: Plan, table: pd.DataFrame) -> pd.DataFrame:
    """Pairs (task, device) for the tasks of `table`, see `_able`."""
    pairs = _able(plan)
    return pairs[pairs["task"].isin(table["task"])].reset_index(drop=True)


@once
def _able(plan: Plan) -> pd.DataFrame:
    """Pairs (task, device): kind and work fit, origin is allowed, the device scales up to the task's least size."""
    known = tuples(families(plan), "device", "kind", "origin", "largest_group_devices")
    devices = {row[0]: row for row in known}
    doing: dict[str, list[tuple[Any, ...]]] = {}
    for device, work in throughput(plan).index:
        doing.setdefault(work, []).append(devices[device])
    barred = plan.settings("procurement").foreign_barred_tasks
    columns = ("task", "kind", "work", "foreign_devices_allowed", "least_scale_up_devices")
    pairs = [
        (task, device)
        for task, kind, work, foreign, least in tuples(plan.table("tasks"), *columns)
        for device, own_kind, origin, largest in doing.get(work, ())
        if own_kind == kind and largest >= least and (origin != "foreign" or (foreign and task not in barred))
    ]
    return pd.DataFrame(pairs, columns=["task", "device"])


def carriers(plan: Plan, tasks: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """What can serve groups of `tasks` at `rows` (group, site, year): group, site, device, work, year."""
    first = tasks.drop_duplicates("group").set_index("task")
    able: dict[str, list[tuple[str, str]]] = {}
    for task, device in tuples(eligible(plan, first.reset_index())):
        able.setdefault(first.at[task, "group"], []).append((device, first.at[task, "work"]))
    here = set(tuples(present(plan)))
    records = [
        (group, site, device, work, year)
        for group, site, year in tuples(rows, "group", "site", "year")
        for device, work in able.get(group, ())
        if (site, device, year) in here
    ]
    return pd.DataFrame(records, columns=["group", "site", "device", "work", "year"])


def extra_draw(plan: Plan) -> pd.Series:
    """What a busy device draws above its idle draw, over rated [1], labelled by work."""
    devices = plan.settings("devices")
    working = {work: devices.busy_power_training if work == "training" else devices.busy_power_other for work in WORKS}
    return pd.Series({work: draw - devices.idle_power for work, draw in working.items()}).rename_axis("work")


@once
def traffic(plan: Plan) -> pd.Series:
    """Gbit/s per delivered PFLOP/s, labelled by task."""
    uses = plan.table("reference_use")
    use = uses[uses["anchor"] == plan.settings("demand").anchor].set_index("work")["use"].astype(float)
    table = tasks(plan).set_index("task")
    return table["gbps_per_peak_pflops"].astype(float) / table["work"].map(use).astype(float)


@once
def commitments(plan: Plan) -> pd.DataFrame:
    """Devices of the modelled families signed for after the anchor date: site, device, in_service, devices.

    None in a snapshot of the anchor.
    """
    signed = plan.table("commitments")
    signed = signed if plan.snapshot is None else signed.iloc[:0]
    later = signed["in_service"].map(lambda day: day > plan.anchor_date).astype(bool)
    return signed.loc[
        later & signed["device"].isin(families(plan)["device"]), ["site", "device", "in_service", "devices"]
    ]


@once
def in_place(plan: Plan) -> pd.DataFrame:
    """Devices that stand without any decision: survivors of stock and of commitments (site, device, year, devices)."""
    standing = _standing(plan)
    return _in_years(plan, {year: plan.periods.mean(year, standing) for year in plan.years})


def _in_years(plan: Plan, devices: dict[int, pd.Series]) -> pd.DataFrame:
    """Devices by row of stock and commitments of each year -> site, device, year, devices; rows of nothing left out."""
    rows = _rows(plan)
    total = pd.concat([rows.assign(year=year, devices=value) for year, value in devices.items()])
    total = total.groupby(["site", "device", "year"], as_index=False).sum()
    return total[total["devices"] > NOTHING].reset_index(drop=True)


def _rows(plan: Plan) -> pd.DataFrame:
    """Site and device of every row of stock, then of commitments."""
    return pd.concat([_stock(plan), committed(plan)], ignore_index=True)[["site", "device"]]


@once
def _stock(plan: Plan) -> pd.DataFrame:
    """Rows of stock at the anchor, of the modelled families."""
    stock = plan.table("stock")
    return stock[(stock["anchor"] == plan.settings("demand").anchor) & stock["device"].isin(families(plan)["device"])]


def _standing(plan: Plan) -> Callable[[int], pd.Series]:
    """What of each row stands in a calendar year [devices]."""
    known = families(plan).set_index("device")["lifetime_years"].astype(float)
    stock, signed = _stock(plan), committed(plan)
    life = stock["device"].map(known).astype(float)
    pairs = list(zip(signed["start"], signed["device"].map(known).astype(float), strict=True))

    def standing(year: int) -> pd.Series:
        left = (stock["vintage"] + 0.5 + life - year).clip(0, 1) if year > plan.anchor_date.year else 1.0
        entered = [share_in_life(start, life, year) for start, life in pairs]
        devices = (stock["devices"].astype(float) * left, signed["devices"].astype(float) * entered)
        return pd.concat(devices, ignore_index=True)

    return standing


@once
def committed(plan: Plan) -> pd.DataFrame:
    """Commitments with `start` (decimal year): the date of service, as late as the scenario says devices come."""
    signed = commitments(plan)
    late = delay_months(plan, "devices", 0.0)
    starts = [decimal_year(later(day, late[site])) for day, site in tuples(signed, "in_service", "site")]
    return signed.assign(start=pd.Series(starts, index=signed.index, dtype=float))


@once
def in_life(plan: Plan) -> pd.Series:
    """Share of each planning year that devices of a vintage are paid for [1], labelled by device, vintage, year.

    All that is delivered is paid.
    """
    return deliveries.shares(plan, families(plan))


@once
def in_service(plan: Plan) -> pd.Series:
    """Of a device that is delivered, what is in service in each planning year [1]: the part that is ever energised."""
    return in_life(plan) * _energised_share(plan)


@once
def in_use(plan: Plan) -> pd.Series:
    """The same for the part of the life that is left when software has been ported: so long a device stands idle."""
    devices = families(plan).set_index("device")
    months = plan.settings("devices").porting_months
    idle = devices["vendor"].map(months).astype(float).fillna(0.0) / MONTHS_PER_YEAR
    return deliveries.shares(plan, families(plan), idle) * _energised_share(plan)


def _energised_share(plan: Plan) -> pd.Series:
    return families(plan).set_index("device")["energised_share"].astype(float)


@once
def deliverable(plan: Plan) -> pd.DataFrame:
    """What can be bought: device, vintage, devices. What was delivered in the anchor's year is stock or commitment."""
    return deliveries.deliverable(plan, families(plan))


def window_length(clock: Clock, hours: float) -> int:
    """The longest tumbling window within `hours` whose edges are edges of slices [h]; whole periods at most.

    0 where there is none: the work then follows its profile.
    """
    period = clock.period_hours
    edges = {period, *clock.table["start_hour"]}
    fitting = [
        length for length in WINDOWS if length <= min(hours, period) and set(range(0, period + 1, length)) <= edges
    ]
    return max(fitting, default=0)


@once
def buyable(plan: Plan) -> pd.DataFrame:
    """Admissible purchases (site, device, vintage); metros keep to families they run, where the scenario says so."""
    alive = {(device, vintage) for (device, vintage, _), share in in_use(plan).items() if share > 0}
    pairs = tuples(deliverable(plan), "device", "vintage")
    sites = tuples(plan.table("sites"), "site", "kind")
    free = plan.settings("devices").new_families_at_metros
    runs = set() if free or not plan.vintages else _running(plan)
    records = [
        (site, *pair)
        for pair in pairs
        if pair in alive
        for site, kind in sites
        if free or kind != "metro" or (site, *pair) in runs
    ]
    return pd.DataFrame(records, columns=["site", "device", "vintage"]).astype({"vintage": int})


def _running(plan: Plan) -> set[tuple[str, str, int]]:
    """Site, device and vintage where the device stands without any decision."""
    standing = _standing(plan)
    return set(tuples(_in_years(plan, {year: standing(year) for year in plan.vintages}), "site", "device", "year"))


@once
def present(plan: Plan) -> pd.DataFrame:
    """Admissible (site, device, year): something stands there, or what may be bought is in service."""
    years: dict[tuple[str, int], list[int]] = {}
    for (device, vintage, year), share in in_use(plan).items():
        if share > 0:
            years.setdefault((device, vintage), []).append(year)
    bought = {
        (site, device, year)
        for site, device, vintage in tuples(buyable(plan))
        for year in years.get((device, vintage), ())
    }
    both = sorted(set(tuples(in_place(plan), "site", "device", "year")) | bought)
    if not both:
        listed = ", ".join(str(year) for year in plan.years)
        raise InputError(
            f"no device of the modelled kinds stands anywhere or can be bought in {listed}; "
            "expected years that the tables stock, commitments or supply reach",
            key="years",
        )
    return pd.DataFrame(both, columns=["site", "device", "year"])


@once
def hosts(plan: Plan) -> pd.DataFrame:
    """Pairs (task, site) where at least one device that may run the task stands or may be bought."""
    sites: dict[str, dict[str, None]] = {}
    for site, device, _ in tuples(present(plan)):
        sites.setdefault(device, {})[site] = None
    pairs = tuples(eligible(plan, tasks(plan)))
    found = dict.fromkeys((task, site) for task, device in pairs for site in sites.get(device, ()))
    return pd.DataFrame(list(found), columns=["task", "site"])
