"""Own plants: wind and solar that supply a site over a line of their own; what the site cannot use is curtailed.

output   own_output <= capacity factor x (standing + announced + sum over vintages built x share in life)  [MW], slice
built    built_plant[site, technology, vintage] <= limit share x the site's grid connection, a year          [MW]
cost     (capex x (1 + change)^(vintage - price year) + own line) x annuity + fixed O&M                  [million CNY/a]

Capacity factor = seasonal profile of the site's region by clock hour x factor of the day where slices are real days
(scaled so that chosen days give the year's energy), or the site's own hourly year. Announced plants are data with dates
and a delay.
Reads tables renewables, renewable_profiles, weather_days, hourly, capacity, costs. Writes `own_output`.
Source: profiles of data/renewable_profiles.csv (ERA5, new-build capacity factors); direct supply of green power as
NDRC and NEA allow it since 2025 (Fagainengyuan 2025 no. 650).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from pydantic import Field

from eastwest.lp.expression import Expression, Told
from eastwest.lp.solution import Solution
from eastwest.model.clock import DAYS_PER_YEAR, HOURS_PER_YEAR, season_of
from eastwest.model.data import announced
from eastwest.model.data.event_factors import at_sites
from eastwest.model.data.sites import (
    OwnAssets,
    build_within,
    existing,
    in_life,
    in_service,
    own_hourly,
    plant_sites,
    vintages,
)
from eastwest.model.dates import annuity
from eastwest.model.frames import product
from eastwest.model.plan import Plan, once
from eastwest.schema import results_table
from eastwest.schema.contract import HOURS
from eastwest.schema.tables_energy import Technology

_KEYS = ["site", "technology", "year"]
_BUILT = ["site", "technology", "vintage"]


class Data(OwnAssets):
    """Own wind and solar plants."""

    technologies: tuple[Technology, ...] = Field(("wind", "solar"), description="which plants")


def build(plan: Plan) -> None:
    built, settings = _built(plan), plan.settings("sources")
    over = _plants(plan)
    if over.empty:
        plan.own_output, plan.available_output = Expression(), None
        return
    slices = product(over, plan.slices()[["slice"]])
    output = plan.variables("own_output", slices, unit="MW", scale=1e2)
    available = (built * _factor(plan)).plus(_existing_output(plan, slices))
    how: dict[str, Any] = {"assets": tuple(settings.technologies), "announced": (announced.PLANTS,)}
    how |= {"kind": "limit", "span": "hour", "limit": "output of own plants"}
    plan.available_output = plan.constraints("output", slices, output, "<=", available, unit="MW", scale=1e2, **how)
    plan.own_output = output.expression()


@once
def _renewables(plan: Plan) -> pd.DataFrame:
    """Rows of the table renewables by site instead of region, where the scenario allows own plants."""
    settings = plan.settings("sources")
    table = plan.table("renewables")
    table = table[table["technology"].isin(settings.technologies)]
    return plant_sites(plan, settings.where)[["site", "region"]].merge(table, on="region")


@once
def _options(plan: Plan) -> pd.DataFrame:
    """Site, technology, vintage, limit [MW] of what may be built."""
    grid = existing(plan, ("grid",)).set_index("site")["mw"]
    parts = [pd.DataFrame({name: pd.Series(dtype=object) for name in [*_BUILT, "limit"]})]
    for lead, rows in _renewables(plan).groupby("lead_months"):
        each = rows[["site", "technology"]].merge(vintages(plan, float(lead)), how="cross")
        share = plan.settings("sources").build_limit_share
        each["limit"] = each["site"].map(grid).astype(float).fillna(0.0) * share
        parts.append(each.loc[each["limit"] > 0, [*_BUILT, "limit"]])
    return pd.concat(parts).sort_values(_BUILT, ignore_index=True).astype({"vintage": int, "limit": float})


@once
def _in_life(plan: Plan) -> pd.Series:
    """Share of each planning year that a vintage is in service [1], by site, technology, vintage, year."""
    columns = [*_BUILT, "year"]
    parts = [pd.DataFrame({name: pd.Series(dtype=object) for name in [*columns, "share"]})]
    for row in _renewables(plan).itertuples():
        share = in_life(plan, vintages(plan, float(row.lead_months)), float(row.life_years)).rename("share")
        parts.append(share.reset_index().assign(site=row.site, technology=row.technology))
    return pd.concat(parts).set_index(columns)["share"].astype(float)


def _built(plan: Plan) -> Expression:
    """What the program builds, by site, technology, year [MW]."""
    options = _options(plan)
    if options.empty:
        return Expression()
    limit, told = options.set_index(_BUILT)["limit"], Told("built", label="technology")
    words = "new wind and solar plants a year"
    built = build_within(plan, "built_plant", limit, unit="MW", limit=words, told=told)
    rate, line = plan.cost("discount_rate_power"), plan.cost("own_line_million_cny_per_mw")
    table = options[_BUILT].merge(_renewables(plan), on=["site", "technology"])
    elapsed = table["vintage"] - plan.settings("finance").price_year
    overnight = table["capex_million_cny_per_mw"] * (1 + table["capex_change_per_year"]) ** elapsed + line
    factor = table["life_years"].astype(float).map(lambda life: annuity(rate, life))
    annual = overnight * factor + table["om_million_cny_per_mw_year"]
    keys = pd.MultiIndex.from_frame(table[_BUILT])
    costs = [pd.Series(cost.to_numpy(float), index=keys) for cost in (annual, overnight)]
    plan.charge_assets("own_plants", built, costs[0], costs[1], _in_life(plan))
    capacity: Expression = built * _in_life(plan)
    return capacity


def _existing(plan: Plan) -> pd.Series:
    """Plants that stand or are announced [MW], labelled by site, technology, year."""
    settings = plan.settings("sources")
    here = in_service(plan, tuple(settings.technologies), settings.delay_months).rename(columns={"asset": "technology"})
    known = pd.MultiIndex.from_frame(_renewables(plan)[["site", "technology"]])
    here = here[pd.MultiIndex.from_frame(here[["site", "technology"]]).isin(known) & (here["mw"] > 0)]
    return here.set_index(_KEYS)["mw"].astype(float)


def _plants(plan: Plan) -> pd.DataFrame:
    """Site, technology, year of every plant that stands or may."""
    alive = _in_life(plan)
    alive = alive[alive > 0].rename("share").reset_index()
    built = _options(plan).merge(alive, on=_BUILT)[_KEYS]
    found = pd.concat([_existing(plan).index.to_frame(index=False), built])
    return found.drop_duplicates().sort_values(_KEYS, ignore_index=True).astype({"year": int})


def _existing_output(plan: Plan, slices: pd.DataFrame) -> pd.Series:
    """Output that standing plants could give, by site, technology, year, slice [MW]."""
    mw = pd.MultiIndex.from_frame(slices[_KEYS]).map(_existing(plan).to_dict())
    factor = pd.MultiIndex.from_frame(slices[["site", "technology", "slice"]]).map(_factor(plan).to_dict())
    values = pd.Series(mw, dtype=float).fillna(0.0) * pd.Series(factor, dtype=float)
    return pd.Series(values.to_numpy(), index=pd.MultiIndex.from_frame(slices))


@once
def _factor(plan: Plan) -> pd.Series:
    """Output over capacity, labelled by site, technology, slice [1]."""
    profiles = plan.table("renewable_profiles")
    mean = plan.clock.hourly(profiles[["region", "technology", "season", *HOURS]], ["region", "technology"])
    frame = mean.rename("mean").reset_index().merge(plan.clock.table[["slice", "day"]], on="slice")
    keys = ["region", "technology", "day"]
    frame = frame.merge(plan.table("weather_days")[[*keys, "factor"]], on=keys, how="left")
    frame["factor"] = frame["mean"] * frame["factor"].fillna(1.0)
    chosen = plan.clock.table["day"].nunique()
    if frame["day"].gt(0).all() and chosen < DAYS_PER_YEAR and abs(plan.clock.weight.sum() - HOURS_PER_YEAR) < 1:
        frame["factor"] = _with_mean_of_year(plan, frame)
    joined = _renewables(plan)[["site", "region", "technology"]].merge(frame, on=["region", "technology"])
    by_site = joined.set_index(["site", "technology", "slice"])["factor"].astype(float)
    parts = []
    for name, part in by_site.groupby(level="technology", sort=False):
        event = at_sites(plan, "wind_factor" if name == "wind" else "solar_factor")
        here = part.index.droplevel("technology")
        parts.append(own_hourly(plan, str(name), part) * event.reindex(here).to_numpy())
    return pd.concat(parts)


def _with_mean_of_year(plan: Plan, frame: pd.DataFrame) -> pd.Series:
    """Factors of chosen days, scaled so that they give the energy of all 365, at most all of the capacity."""
    keys = ["region", "technology"]
    days = pd.DataFrame({"day": range(1, DAYS_PER_YEAR + 1)})
    days["season"] = days["day"].map(season_of)
    table = plan.table("renewable_profiles")
    year = table[[*keys, "season"]].assign(mean=table[HOURS].mean(axis=1)).merge(days, on="season")
    year = year.merge(plan.table("weather_days")[[*keys, "day", "factor"]], on=[*keys, "day"], how="left")
    wanted = (year["mean"] * year["factor"].fillna(1.0)).groupby([year[key] for key in keys]).mean()
    weighted = frame["factor"] * frame["slice"].map(plan.clock.weight).astype(float)
    here = weighted.groupby([frame[key] for key in keys]).transform("sum") / HOURS_PER_YEAR
    aim = pd.Series(pd.MultiIndex.from_frame(frame[keys]).map(wanted.to_dict()), index=frame.index, dtype=float)
    return (frame["factor"] * (aim / here).where(here > 0, 1.0)).clip(upper=1.0)


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    over = _plants(plan)
    if over.empty:
        return []
    capacity = over.assign(value=_existing(plan).reindex(pd.MultiIndex.from_frame(over), fill_value=0.0).to_numpy())
    built = plan.program.variables.get("built_plant")
    parts = []
    if built is not None:
        capacity["value"] += solution.value(built * _in_life(plan), over)["value"].to_numpy()
        new = solution.entered("built_plant", plan.periods.counts_for)
        parts.append(results_table.rows("built", "MW", new.assign(item=new["technology"])))
    output = solution.variables("own_output")
    hours = output["slice"].map(plan.clock.weight).astype(float)
    used = output.assign(value=output["value"] * hours)
    lost = output.assign(value=solution.constraints("output")["slack"].to_numpy() * hours)
    energy = [frame.groupby(_KEYS, as_index=False)["value"].sum() for frame in (used, lost)]
    for name, unit, table in (
        ("capacity", "MW", capacity), ("own_output", "MW", output),
        ("own_electricity", "MWh", energy[0]), ("curtailed", "MWh", energy[1]),
    ):  # fmt: skip
        parts.append(results_table.rows(name, unit, table.assign(item=table["technology"])))
    return parts
