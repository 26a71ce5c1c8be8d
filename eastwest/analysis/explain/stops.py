"""What stops more: of a site, and of demand that stays unserved, from the devices down to halls, grid and supply."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from eastwest.analysis.explain.case import Case
from eastwest.model.data import fleet
from eastwest.model.data.sites import HALLS
from eastwest.model.periods import Periods
from eastwest.schema import results_table
from eastwest.schema.thresholds import LEAST_DEVICES, LEAST_WORK, NEGLIGIBLE, NOTHING
from eastwest.schema.units import MONEY

DEVICES = "devices"
"""The asset of which devices installed are the capacity."""
ASSETS = ("grid", "hall_dense", "hall_standard")
STEP_COLUMNS = ["limit", "site", "device", "saving", "direction", "step", "unit"]


def assets(case: Case, site: str) -> pd.DataFrame:
    """Grid connection and halls of a site: capacity_mw, used_mw, share [1], price [million CNY a year per MW]."""
    capacity, used = (case.by(name, "item", site=site).reindex(ASSETS) for name in ("capacity", "used"))
    prices = case.prices[case.prices["site"] == site]
    rows = []
    for asset in ASSETS:
        own = prices.loc[case.of_asset(prices, asset), "value"].sum()
        rows.append((asset, capacity[asset], used[asset], used[asset] / capacity[asset], max(0.0, -float(own))))
    found = pd.DataFrame(rows, columns=["asset", "capacity_mw", "used_mw", "share", "saving_per_mw_million_cny"])
    return found[found["capacity_mw"].notna() & (found["capacity_mw"] > 0)].reset_index(drop=True)


def devices(case: Case, site: str) -> pd.DataFrame:
    """Devices of a site: installed, energised, bought, busy share, what one more is worth and costs, what stops it."""
    wide = pd.DataFrame(
        {name: case.by(name, "device", site=site) for name in ("installed", "energised", "bought", "busy")}
    )
    worth = case.of("device_worth", site=site)
    worth = worth[case.of_asset(worth, DEVICES)].groupby("device")["value"].sum().rename("worth_million_cny")
    found = wide.join(worth, how="outer").rename_axis("device").reset_index()
    found["busy_share"] = found["busy"] / found["energised"]
    sold = fleet.buyable(case.plan)
    found["cost_million_cny"] = found["device"].map(case.plan.finance.device_annual).astype(float)
    counts_for = Periods(case.result.scenario.spans, 0.0).counts_for
    here = set(sold.loc[(sold["site"] == site) & (sold["vintage"].map(counts_for) == case.year), "device"])
    found["stops"] = [_stops(case, site, row, here) for row in found.to_dict(orient="records")]
    return found.sort_values("installed", ascending=False, kind="stable", ignore_index=True)


def _stops(case: Case, site: str, row: dict[str, float], sold: set[str]) -> str:
    """Why there is no more of a device at a site."""
    device = str(row["device"])
    worth, cost = float(row["worth_million_cny"]), float(row["cost_million_cny"])
    if not worth > NOTHING:
        limit = waits_for(case, site, device)
        return f"its idle devices wait for {limit}" if limit else "nothing: no more is needed"
    if device not in sold:
        return "it cannot be bought there this year"
    most_expensive = _most_expensive(case, site, device)
    prices = case.prices[(case.prices["device"] == device) & (case.prices["site"] == "")]
    if float(prices["value"].sum()) < -NOTHING:
        return str(prices["limit"].iloc[0]) + (f", and {most_expensive}" if most_expensive else "")
    if most_expensive:
        return most_expensive
    cheaper = worth < cost * (1 - NEGLIGIBLE)
    return "its cost: it is worth less" if cheaper else "nothing: it is bought as far as it pays"


def waits_for(case: Case, site: str, device: str) -> str:
    """The limit that idle devices wait for; empty where none is idle, or no limit keeps it from work."""
    idle = case.of("idle", site=site, device=device)
    return (
        _most_expensive(case, site, device) if idle.loc[idle["unit"] == DEVICES, "value"].sum() > LEAST_DEVICES else ""
    )


def _most_expensive(case: Case, site: str, device: str) -> str:
    """The limit that charges one more energised device most, beside the number of those installed; empty if none."""
    others = case.of("device_worth", site=site, device=device)
    others = others[~case.of_asset(others, DEVICES) & (others["value"] > NOTHING)]
    return str(others.sort_values("value")["item"].iloc[-1]) if len(others) else ""


def chain(case: Case, task: str, region: str = "", site: str = "") -> pd.DataFrame:
    """Limits that carry the price of more of a task, at the sites that it can reach, the dearest relief first.

    saving [million CNY] is by the shadow price for `step` units more (of a floor: less): for one limit alone it is the
    most that it saves. Halls and connections count where they charge a device that may run the task; rules always.
    """
    plan = case.plan
    routes = plan.routes[plan.routes["task"] == task]
    routes = routes[routes["region"] == region] if region else routes
    sites = {site} if site else set(routes["site"])
    able = set(fleet.eligible(plan, fleet.tasks(plan)).query("task == @task")["device"])
    own = set(fleet.families(plan).set_index("device").loc[sorted(able), "hall_class"])
    others = [asset for name, asset in HALLS.items() if name not in own]
    prices = case.prices
    prices = prices[prices["for_sale"].astype(bool) & (prices["value"].abs() > NOTHING)]
    worth = case.of("device_worth")
    worth = worth[worth["device"].isin(able) & worth["site"].isin(sites) & (worth["value"] > NOTHING)]
    limits = case.result.meaning(worth["constraint"])["limit"]
    charging = set(zip(worth["site"], limits, strict=True))
    concerns = [_concerns(row, able, others, charging) for row in prices.to_dict(orient="records")]
    found = prices[pd.Series(concerns, index=prices.index, dtype=bool)]
    found = found.assign(limit=found["item"], saving=found["value"].abs() * found["step"].astype(float))
    found = found.assign(direction=found["value"].map(lambda value: "more" if value < 0 else "less"))
    return found.sort_values("saving", ascending=False, kind="stable", ignore_index=True)[STEP_COLUMNS]


def _concerns(row: dict[str, Any], able: set[str], others: Iterable[str], charging: set[tuple[str, str]]) -> bool:
    """Whether a limit is one of devices that may run the task: by its device, by its place, or a rule for all.

    A limit by hall that is of `others`, in which none of them stands, is none.
    """
    if row["device"]:
        return str(row["device"]) in able
    if not row["site"]:
        return str(row["corridor"]) == ""
    if row["item"] in [results_table.item(row["limit"], {"asset": asset}) for asset in others]:
        return False
    return (row["site"], row["limit"]) in charging


def idle(case: Case, site: str) -> pd.DataFrame:
    """What stands idle at a site and what it waits for: amount and unit."""
    rows = case.of("idle", site=site)
    rows = rows[rows["unit"] != MONEY].groupby(["item", "unit"], as_index=False)["value"].sum()
    return rows[rows["value"] > LEAST_WORK].sort_values("value", ascending=False, kind="stable", ignore_index=True)


def busy_everywhere(case: Case, task: str, region: str = "") -> tuple[int, int]:
    """Sites in reach where no device that may run the task is free, and sites in reach."""
    plan = case.plan
    routes = plan.routes[plan.routes["task"] == task]
    sites = set((routes[routes["region"] == region] if region else routes)["site"])
    able = fleet.eligible(plan, fleet.tasks(plan)).query("task == @task")["device"]
    worth = case.of("device_worth")
    worth = worth[case.of_asset(worth, DEVICES)]
    worth = worth[worth["site"].isin(sites) & worth["device"].isin(able) & (worth["value"] > NOTHING)]
    energised = case.of("energised")
    energised = energised[energised["site"].isin(sites) & energised["device"].isin(able)]
    priced = set(zip(worth["site"], worth["device"], strict=True))
    free = {
        site
        for site, device in zip(energised["site"], energised["device"], strict=True)
        if (site, device) not in priced
    }
    return len(set(energised["site"]) - free), len(set(energised["site"]))
