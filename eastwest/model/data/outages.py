"""Outages as data: what is lost, which protected work must be re-served, and where that can be.

Pure functions on the routes of the program; a hub is all its sites, metros of hub regions among them.
"""

from __future__ import annotations

import pandas as pd

from eastwest.model.data import fleet, profiles
from eastwest.model.data.delivered_demand import delivered_demand
from eastwest.model.data.sites import fixed_load, mean_pue, pue
from eastwest.model.plan import Plan, once

KINDS = ("site", "hub", "corridor")
KEYS = ["outage", "region", "task", "year"]


@once
def listed(plan: Plan) -> pd.DataFrame:
    """Outages that the scenario names: kind, name (of the site, hub or corridor), outage (its label)."""
    settings, sites = plan.settings("resilience"), plan.table("sites")
    groups = {
        ("site", "clusters"): sites.loc[sites["kind"] == "cluster", "site"],
        ("site", "all"): sites["site"],
        ("hub", "all"): sites["hub"].dropna().drop_duplicates(),
        ("corridor", "all"): plan.table("corridors")["corridor"],
    }
    asked = (settings.site_outages, settings.hub_outages, settings.corridor_outages)
    records = [
        (kind, str(name), f"{kind}-{name}")
        for kind, names in zip(KINDS, asked, strict=True)
        for name in (groups[kind, names] if isinstance(names, str) else names or ())
    ]
    return pd.DataFrame(records, columns=["kind", "name", "outage"], dtype=object)


@once
def routes(plan: Plan) -> pd.DataFrame:
    """Routes of protected tasks, with the hub of the site and the corridor: region, task, site, year, hub, corridor."""
    tasks = fleet.tasks(plan)
    index = plan.served.index
    index = index[index["task"].isin(tasks.loc[tasks["protected"], "task"])]
    hubs = plan.table("sites")[["site", "hub"]]
    pairs = plan.node_pairs[["region", "site", "corridor"]]
    return index.merge(hubs, on="site").merge(pairs, on=["region", "site"])


@once
def cut(plan: Plan) -> pd.DataFrame:
    """Routes that an outage cuts: outage, kind, region, task, site, year."""
    known, events = routes(plan), listed(plan)
    parts = [
        known.merge(events[events["kind"] == kind].assign(**{kind: lambda t: t["name"]}), on=kind) for kind in KINDS
    ]
    return pd.concat(parts)[["outage", "kind", "region", "task", "site", "year"]].reset_index(drop=True)


@once
def left(plan: Plan) -> pd.DataFrame:
    """Routes that an outage leaves to work that it cuts elsewhere: outage, kind, region, task, site, year."""
    lost = cut(plan)
    asked = lost[[*KEYS, "kind"]].drop_duplicates()
    every = asked.merge(routes(plan)[["region", "task", "site", "year"]], on=["region", "task", "year"])
    gone = pd.MultiIndex.from_frame(lost[[*KEYS, "site"]])
    kept = every[~pd.MultiIndex.from_frame(every[[*KEYS, "site"]]).isin(gone)]
    columns = ["outage", "kind", "region", "task", "site", "year"]
    return kept[columns].sort_values(columns, ignore_index=True)


@once
def stranded(plan: Plan) -> pd.DataFrame:
    """Work that an outage may cut and that no other route reaches: outage, kind, region, task, year."""
    asked = cut(plan)[[*KEYS, "kind"]].drop_duplicates()
    saved = pd.MultiIndex.from_frame(left(plan)[KEYS].drop_duplicates())
    return asked[~pd.MultiIndex.from_frame(asked[KEYS]).isin(saved)].reset_index(drop=True)


@once
def gone(plan: Plan) -> pd.Series:
    """1 where an outage cuts the way from a region to a site, else 0; labelled by outage, region and site."""
    pairs = plan.node_pairs[["region", "site", "corridor"]].merge(plan.table("sites")[["site", "hub"]], on="site")
    both = listed(plan).merge(pairs, how="cross")
    hit = pd.Series(False, index=both.index)
    for kind in KINDS:
        hit |= (both["kind"] == kind) & (both[kind] == both["name"])
    return hit.astype(float).set_axis(pd.MultiIndex.from_frame(both[["outage", "region", "site"]]))


@once
def twice(plan: Plan) -> pd.DataFrame:
    """Routes of tasks that stand at several sites, where there are enough: region, task, site, year."""
    tasks = fleet.tasks(plan)
    index = plan.served.index
    index = index[index["task"].isin(tasks.loc[tasks["two_sites"], "task"])]
    count = index.groupby(["region", "task", "year"])["site"].transform("size")
    return index[count >= plan.settings("resilience").copies].reset_index(drop=True)


def single(plan: Plan) -> pd.DataFrame:
    """Demand of tasks that should stand at several sites and cannot: region, task, year."""
    tasks = fleet.tasks(plan)
    keys = ["region", "task", "year"]
    asked = delivered_demand(plan)
    asked = asked[asked["task"].isin(tasks.loc[tasks["two_sites"], "task"])]
    known = pd.MultiIndex.from_frame(twice(plan)[keys].drop_duplicates())
    return asked.loc[~pd.MultiIndex.from_frame(asked[keys]).isin(known), keys].reset_index(drop=True)


@once
def unprotectable(plan: Plan) -> pd.DataFrame:
    """Share of a task's demand that some listed outage, or the want of a second site, leaves without a promise [1].

    task, year, regions (how many), value.
    """
    keys = ["region", "task", "year"]
    both = pd.concat([stranded(plan)[keys], single(plan)[keys]]).drop_duplicates()
    demand = delivered_demand(plan)
    total = demand.groupby(["task", "year"])["delivered"].sum().rename("total").reset_index()
    found = (
        both.merge(demand, on=keys)
        .groupby(["task", "year"])
        .agg(delivered=("delivered", "sum"), regions=("region", "size"))
    )
    found = found.reset_index().merge(total, on=["task", "year"])
    return found.assign(value=found["delivered"] / found["total"])[["task", "year", "regions", "value"]]


def promises(plan: Plan) -> bool:
    """Whether anything is promised: outages are listed, or some work stands at several sites."""
    tasks = fleet.tasks(plan)
    return bool((tasks["protected"] | tasks["two_sites"]).any())


def peak_pue(plan: Plan) -> pd.Series:
    """Highest PUE of the year, labelled by site and block of the day."""
    table = pue(plan).rename("pue").reset_index().merge(profiles.blocks(plan)[["slice", "block"]], on="slice")
    return table.groupby(["site", "block"])["pue"].max()


def beyond_connection(plan: Plan) -> pd.DataFrame:
    """Sites and years where the connection's own row does not prove that protected work alone fits: site, year, fixed.

    With R rated, F fixed, G the connection that stands, c (R + F) <= G and b <= c give b R + P F <= G wherever
    (P - b) F <= G (1 - b / c); c = headroom x diversity x mean PUE, P highest PUE, b = P x busy over rated. Announced
    connections are left out of G, so that their dates change no rows.
    """
    settings, devices = plan.settings("power"), plan.settings("devices")
    table = fleet.present(plan)[["site", "year"]].drop_duplicates()
    load = fixed_load(plan).groupby(["site", "year"])["it_mw"].sum().rename("fixed").reset_index()
    capacity = plan.table("capacity")
    before = capacity["in_service"].map(lambda day: day.year < plan.years[0]) & (capacity["status"] == "existing")
    grid = capacity[(capacity["asset"] == "grid") & before].groupby("site", as_index=False)["mw"].sum()
    table = table.merge(load, on=["site", "year"], how="left").merge(grid, on="site", how="left").fillna(0.0)
    firm = table["site"].map(mean_pue(plan)).astype(float) * settings.headroom * settings.diversity
    peak = table["site"].map(peak_pue(plan).groupby(level="site").max()).astype(float)
    busy = peak * (devices.idle_power + fleet.extra_draw(plan).max())
    proven = (busy <= firm) & ((peak - busy) * table["fixed"] <= table["mw"] * (1 - busy / firm))
    return table.loc[~proven, ["site", "year", "fixed"]]


def crossing(plan: Plan) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tasks that stand by somewhere, and their routes over corridors that demand could fill, with profile."""
    tasks = fleet.tasks(plan)
    tasks = tasks[tasks["protected"] | tasks["two_sites"]]
    every = plan.served.index.merge(tasks[["task", "profile"]], on="task")
    every = every.merge(plan.node_pairs.dropna(subset="corridor"), on=["region", "site"])
    peak = profiles.profiles(plan).groupby(level="profile").max()
    most = every.drop_duplicates(["region", "task", "year", "corridor"])
    most = most.merge(delivered_demand(plan), on=["region", "task", "year"])
    per_pflops = most["task"].map(fleet.traffic(plan)).astype(float)
    most["gbps"] = most["delivered"] * per_pflops * most["profile"].map(peak).astype(float)
    filled = most.groupby("corridor")["gbps"].sum()
    capacity = plan.table("corridors").set_index("corridor")["capacity_gbps"].astype(float)
    capacity = capacity * plan.settings("network").capacity_factor
    tight = filled.index[filled > capacity.reindex(filled.index)]
    return tasks, every[every["corridor"].isin(tight)]
