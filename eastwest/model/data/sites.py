"""Halls and grid connections as data: what is in service when, what may still be built, what a watt of IT takes.

Pure functions on tables, used by the model modules on halls and on power; and the settings of what a site may own.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from eastwest.lp.expression import Told, Variables
from eastwest.model.clock import HOURS_PER_YEAR
from eastwest.model.dates import decimal_year, later, share_in_life, share_of_year, years_between
from eastwest.model.frames import labelled, tuples
from eastwest.model.plan import Plan, once
from eastwest.schema.contract import Contract, NonNegative

HALLS = {"dense": "hall_dense", "standard": "hall_standard"}
"""The asset of each class of hall."""


class OwnAssets(Contract):
    """Settings of what a site may have of its own: plants, batteries."""

    where: Literal["none", "clusters", "all"] = Field("none", description="sites that may have them")
    delay_months: NonNegative = Field(0.0, description="announced ones come so much later [months]")
    build_limit_share: NonNegative = Field(
        0.2, description="new power of a kind per year at a site, over the grid connection that stands [1]"
    )


def delay_months(plan: Plan, asset: str, general: float) -> dict[str, float]:
    """How much later than announced `asset` comes: the general delay and the region's own [months], by site."""
    table = tuples(plan.table("delays"), "region", "asset", "months")
    own = {region: float(months) for region, of, months in table if of == asset}
    sooner = plan.sooner_months.get(asset, 0.0)
    sites = tuples(plan.table("sites"), "site", "region")
    return {site: own.get(region, 0.0) + general - sooner for site, region in sites}


@once
def in_service(plan: Plan, assets: tuple[str, ...], general_delay_months: float) -> pd.DataFrame:
    """Site, asset, year, mw: yearly mean of what is in service; announced rows come as late as the scenario says."""
    late = {asset: delay_months(plan, asset, general_delay_months) for asset in assets}
    records = []
    for site, asset, status, day, mw in _capacity(plan, assets):
        starts = later(day, late[asset][site]) if status == "announced" else day
        share = partial(share_in_service, plan, starts)
        records += [(site, asset, year, mw * plan.periods.mean(year, share)) for year in plan.years]
    return _summed(records, ["site", "asset", "year"])


def share_in_service(plan: Plan, starts: date, year: int) -> float:
    """Share of a planning year that something is in service which enters on a day [1]; all or nothing in a snapshot."""
    return share_of_year(starts, year) if plan.snapshot is None else float(starts <= plan.snapshot)


@once
def existing(plan: Plan, assets: tuple[str, ...]) -> pd.DataFrame:
    """Site, asset, mw in service on the day that building is decided."""
    decision = plan.settings("facilities").decision_date
    records = [(site, asset, mw) for site, asset, _, day, mw in _capacity(plan, assets) if day <= decision]
    return _summed(records, ["site", "asset"])


def _capacity(plan: Plan, assets: tuple[str, ...]) -> list[tuple[str, str, str, date, float]]:
    """Site, asset, status, day of service and mw of every row that is of these assets."""
    table = tuples(plan.table("capacity"), "site", "asset", "status", "in_service", "mw")
    return [row for row in table if row[1] in assets]


def _summed(records: list[tuple[Any, ...]], labels: list[str]) -> pd.DataFrame:
    """Sums [MW] by label as a table in the order of the labels."""
    return pd.DataFrame(records, columns=[*labels, "mw"]).groupby(labels, as_index=False)["mw"].sum()


@once
def vintages(plan: Plan, lead_months: float) -> pd.DataFrame:
    """Calendar years in which what the program decides can enter service: vintage, start (decimal year).

    A decision on the decision date is in service after the lead time.
    """
    ready = decimal_year(later(plan.settings("facilities").decision_date, lead_months))
    records = [(vintage, max(ready, float(vintage))) for vintage in plan.vintages if vintage + 1 > ready]
    return pd.DataFrame(records, columns=["vintage", "start"]).astype({"vintage": int, "start": float})


def in_life(plan: Plan, entering: pd.DataFrame, life_years: float) -> pd.Series:
    """Share of each planning year that a vintage is in service [1], labelled by vintage and year."""
    shares = {
        (vintage, year): plan.periods.mean(year, partial(share_in_life, start, life_years))
        for vintage, start in tuples(entering, "vintage", "start")
        for year in plan.years
    }
    return labelled(shares, ["vintage", "year"])


@once
def may_build(plan: Plan, assets: tuple[str, ...], lead_months: float, limit_share: float) -> pd.DataFrame:
    """Site, asset, vintage, limit [MW]: what the program may build, yearly, over what stands at the decision date."""
    records = [
        (site, asset, vintage, mw * limit_share)
        for site, asset, mw in tuples(existing(plan, assets))
        for vintage in vintages(plan, lead_months)["vintage"]
    ]
    columns = ["site", "asset", "vintage", "limit"]
    table = pd.DataFrame([row for row in records if row[-1] > 0], columns=columns)
    return table.astype({"vintage": int, "limit": float})


def build_within(plan: Plan, name: str, most: pd.Series, *, unit: str, limit: str, told: Told) -> Variables:
    """Variables of what the program builds, labelled as `most` is; how much a vintage may be is a row with a price.

    `most` [unit] by labels with `vintage`; `limit` is the name of the row in words.
    """
    over = most.index.to_frame(index=False)
    built = plan.variables(name, over, unit=unit, told=told)
    plan.constraints(f"{name}_limit", over, built, "<=", most, kind="limit", unit=unit, limit=limit, scarce=True)
    return built


def plant_sites(plan: Plan, where: str) -> pd.DataFrame:
    """Sites that may have own plants or batteries: `none`, `clusters` or `all`."""
    sites = plan.table("sites")
    if where == "none":
        return sites.iloc[:0]
    return sites[sites["kind"] == "cluster"] if where == "clusters" else sites


def own_hourly(plan: Plan, column: str, default: pd.Series) -> pd.Series:
    """`default`, labelled by (.., site, slice), with the values of sites that bring an hourly year of their own."""
    table = plan.table("hourly")
    table = table[table[column].notna()] if len(table) else table
    if table.empty:
        return default
    found = default.copy()
    site, time = default.index.get_level_values("site"), default.index.get_level_values("slice")
    for name, rows in table.groupby("site"):
        values = np.full(HOURS_PER_YEAR, np.nan)
        values[rows["hour"].astype(int)] = rows[column].astype(float)
        means = pd.Series(plan.clock.calendar(values), index=plan.clock.slices)
        here = site == name
        found[here] = means.reindex(time[here]).to_numpy()
    return found.fillna(default)


@once
def pue(plan: Plan) -> pd.Series:
    """Facility over IT power, labelled by site and slice."""
    by_season = plan.clock.seasonal(plan.table("pue"), "site", ["pue"])
    joined = by_season.merge(plan.clock.table[["slice", "season"]], on="season")
    return own_hourly(plan, "pue", joined.set_index(["site", "slice"])["pue"])


@once
def mean_pue(plan: Plan) -> pd.Series:
    """Mean over the year, labelled by site: of the seasons by their days, or of a site's own hours."""
    mean = plan.clock.yearly(plan.table("pue"), "site", "pue")
    own = plan.table("hourly").dropna(subset="pue").groupby("site")["pue"].mean().astype(float)
    return own.reindex(mean.index).fillna(mean) if len(own) else mean


@once
def fixed_load(plan: Plan) -> pd.DataFrame:
    """Site, item, year, it_mw: load that no task explains; the residual only where the scenario asks for it."""
    table = plan.table("fixed_load")
    if not plan.settings("power").residual_load:
        table = table[table["item"] != "residual"]

    def load(year: int) -> pd.Series:
        elapsed = table["reference_date"].map(lambda day: years_between(day, plan.day(year))).astype(float)
        return table["it_mw"].astype(float) * (1 + table["growth_per_year"].astype(float)) ** elapsed

    parts = [table.assign(year=year, it_mw=plan.periods.mean(year, load)) for year in plan.years]
    return pd.concat(parts)[["site", "item", "year", "it_mw"]].reset_index(drop=True)


@once
def fixed_by_site(plan: Plan) -> pd.Series:
    """The same in total [MW IT], labelled by site and year."""
    return fixed_load(plan).groupby(["site", "year"])["it_mw"].sum()


def metro_caps(plan: Plan, growth: float | None) -> pd.Series:
    """Cap on dense rated power at each metro and year [MW]; infinite when growth is uncapped."""
    decision = plan.settings("facilities").decision_date
    sites = plan.table("sites")
    metros = sites[sites["kind"] == "metro"].set_index("site")
    capacity = plan.table("capacity")
    stands = capacity[
        (capacity["asset"] == "hall_dense") & capacity["in_service"].map(lambda day: day <= decision).astype(bool)
    ]
    base = stands.groupby("site")["mw"].sum().reindex(metros.index, fill_value=0.0).astype(float)
    allowed = metros["large_centres_allowed"].astype(float)

    def cap(year: int) -> pd.Series:
        elapsed = max(0.0, years_between(decision, plan.day(year)))
        return pd.Series(np.inf, base.index) if growth is None else base * (1 + growth * allowed) ** elapsed

    parts = {year: plan.periods.mean(year, cap) for year in plan.years}
    caps = {(site, year): value for year, of_year in parts.items() for site, value in of_year.items()}
    return labelled(caps, ["site", "year"])
