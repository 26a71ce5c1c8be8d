"""Halls and grid connections as data: what is in service when, what may still be built, what a watt of IT takes.

Pure functions on tables, used by the model modules on halls and on power.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from eastwest.plan import Plan, later, middle, once, share_of_year, years_between


def in_service(plan: Plan, assets: tuple[str, ...], delay_months: float) -> pd.DataFrame:
    """Site, asset, year, mw: yearly mean of what is in service; announced rows come `delay_months` late."""
    capacity = plan.table("capacity")
    capacity = capacity[capacity["asset"].isin(assets)]
    late = capacity["status"] == "announced"
    dates = [
        later(day, delay_months) if waits else day for day, waits in zip(capacity["in_service"], late, strict=True)
    ]
    parts = []
    for year in plan.years:
        share = np.array([share_of_year(day, year) for day in dates])
        parts.append(capacity.assign(year=year, mw=capacity["mw"].astype(float) * share))
    return pd.concat(parts).groupby(["site", "asset", "year"], as_index=False)["mw"].sum()


def standing(plan: Plan, assets: tuple[str, ...]) -> pd.DataFrame:
    """Site, asset, mw in service on the day that building is decided."""
    decided = plan.settings("facilities").decision_date
    capacity = plan.table("capacity")
    here = capacity["asset"].isin(assets) & capacity["in_service"].map(lambda day: day <= decided).astype(bool)
    return capacity[here].groupby(["site", "asset"], as_index=False)["mw"].sum()


def may_build(plan: Plan, assets: tuple[str, ...], lead_months: float, limit_share: float) -> pd.DataFrame:
    """Site, asset, year, limit [MW], share (of the year in service) of what the program itself may build.

    A decision on the decision date is in service after the lead time; what comes too late for the year is not offered.
    """
    ready = later(plan.settings("facilities").decision_date, lead_months)
    parts = []
    for year in plan.years:
        share = share_of_year(ready, year)
        here = standing(plan, assets)
        here = here.assign(year=year, share=share, limit=here["mw"] * limit_share)
        parts.append(here[(here["share"] > 0) & (here["limit"] > 0)])
    return pd.concat(parts)[["site", "asset", "year", "limit", "share"]].reset_index(drop=True)


@once
def pue(plan: Plan) -> pd.Series:
    """Facility over IT power, labelled by site and slice."""
    by_season = plan.clock.seasonal(plan.table("pue"), "site", ["pue"])
    joined = by_season.merge(plan.clock.table[["slice", "season"]], on="season")
    return joined.set_index(["site", "slice"])["pue"]


@once
def mean_pue(plan: Plan) -> pd.Series:
    """Day-weighted mean over the year, labelled by site."""
    return plan.clock.yearly(plan.table("pue"), "site", "pue")


@once
def fixed_load(plan: Plan) -> pd.DataFrame:
    """Site, item, year, it_mw: load that no task explains; the residual only where the scenario asks for it."""
    table = plan.table("fixed_load")
    if not plan.settings("power").residual_load:
        table = table[table["item"] != "residual"]
    parts = []
    for year in plan.years:
        elapsed = table["reference_date"].map(lambda day, year=year: years_between(day, middle(year))).astype(float)
        growth = (1 + table["growth_per_year"].astype(float)) ** elapsed
        parts.append(table.assign(year=year, it_mw=table["it_mw"].astype(float) * growth))
    return pd.concat(parts)[["site", "item", "year", "it_mw"]].reset_index(drop=True)


def metro_caps(plan: Plan, growth: float | None) -> pd.Series:
    """Cap on dense rated power at each metro and year [MW]; infinite when growth is uncapped."""
    decided = plan.settings("facilities").decision_date
    sites = plan.table("sites")
    metros = sites[sites["kind"] == "metro"].set_index("site")
    capacity = plan.table("capacity")
    stands = capacity[
        (capacity["asset"] == "hall_dense") & capacity["in_service"].map(lambda day: day <= decided).astype(bool)
    ]
    base = stands.groupby("site")["mw"].sum().reindex(metros.index, fill_value=0.0).astype(float)
    if metros.empty:
        return pd.Series(dtype=float, index=pd.MultiIndex.from_arrays([[], []], names=["site", "year"]))
    parts = {}
    for year in plan.years:
        elapsed = max(0.0, years_between(decided, middle(year)))
        allowed = metros["large_centres_allowed"].astype(bool)
        factor = np.inf if growth is None else (1 + growth * allowed.astype(float)) ** elapsed
        for site, cap in (pd.Series(np.inf, base.index) if growth is None else base * factor).items():
            parts[(site, year)] = cap
    return pd.Series(parts, dtype=float).rename_axis(["site", "year"])
