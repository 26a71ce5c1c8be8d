"""Batteries at sites: power and energy are built separately, each representative period ends as full as it began.

level    level[slice] = level[slice before] + hours x (efficiency x charge - discharge / efficiency)       [MWh], cyclic
power    charge <= battery power, discharge <= battery power                                               [MW], slice
energy   level <= battery energy                                                                          [MWh], slice
built    built_battery_power <= limit share x the site's grid connection, a year; energy: so many hours of it   [MW]

efficiency = square root of the round trip's. A period is a representative day, a run of days, the whole year where
every hour is modelled, or the window that is dispatched when a plan is evaluated.
Reads table capacity (battery_power, battery_energy) and items battery_* of costs. Writes `discharge` (less charge).
Source: costs of data/costs.csv (tender prices of 2025, assumption).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from eastwest.errors import InputError
from eastwest.lp.expression import Expression, Told
from eastwest.lp.solution import Solution
from eastwest.model.data import announced
from eastwest.model.data.sites import OwnAssets, build_within, in_life, in_service, may_build, plant_sites, vintages
from eastwest.model.dates import annuity
from eastwest.model.frames import product
from eastwest.model.plan import Plan, once
from eastwest.schema import results_table
from eastwest.schema.contract import NonNegative, Positive

_UNITS = {"battery_power": "MW", "battery_energy": "MWh"}
_LIMITS = {"battery_power": "new battery power a year", "battery_energy": "new battery energy a year"}
_COSTS = {"battery_power": "battery_power_million_cny_per_mw", "battery_energy": "battery_energy_million_cny_per_mwh"}


class Data(OwnAssets):
    """Batteries."""

    lead_months: NonNegative = Field(6.0, description="from decision to service of a new battery [months]")
    most_hours: Positive = Field(8.0, description="most energy that may be built, over the power limit [h]")


def build(plan: Plan) -> None:
    power, energy = (_capacity(plan, asset) for asset in _UNITS)
    over = _batteries(plan)
    if over.empty:
        plan.discharge = Expression()
        return
    slices = product(over, plan.slices()[["slice"]])
    charge = plan.variables("charge", slices, unit="MW", scale=1e2)
    discharge = plan.variables("discharge", slices, unit="MW", scale=1e2)
    level = plan.variables("level", slices, unit="MWh", scale=1e2)
    each_way = _efficiency_each_way(plan)
    hours = plan.clock.table.set_index("slice")["hours"].astype(float)
    before = level.expression().rename(slice="slice_before").label(slice=plan.clock.next_slice)
    change = charge * (hours * each_way) - discharge * (hours / each_way)
    kept = level - before - change
    plan.constraints("level", slices, kept, "==", kind="definition", unit="MWh", scale=1e2, limit="battery level")
    how: dict[str, Any] = {"kind": "limit", "span": "hour", "announced": (announced.BATTERIES,), "scale": 1e2}
    for name, what in (("charging", charge), ("discharging", discharge)):
        own = {**how, "limit": "battery power", "assets": ("battery_power",)}
        plan.constraints(name, slices, what, "<=", power, unit="MW", **own)
    how |= {"limit": "battery energy", "assets": ("battery_energy",)}
    plan.constraints("stored", slices, level, "<=", energy, unit="MWh", **how)
    plan.discharge = discharge - charge


def _efficiency_each_way(plan: Plan) -> float:
    round_trip = plan.cost("battery_round_trip_efficiency")
    if not 0 < round_trip <= 1:
        message = f"battery_round_trip_efficiency: received {round_trip:g}, expected more than 0 and at most 1"
        raise InputError(message, where="table costs", key="item")
    return float(np.sqrt(round_trip))


@once
def _options(plan: Plan) -> pd.DataFrame:
    """Site, vintage, limit [MW] of new battery power."""
    settings = plan.settings("storage")
    options = may_build(plan, ("grid",), settings.lead_months, settings.build_limit_share)
    return options[options["site"].isin(plant_sites(plan, settings.where)["site"])].reset_index(drop=True)


def _in_life(plan: Plan) -> pd.Series:
    settings = plan.settings("storage")
    entering = vintages(plan, settings.lead_months)
    return in_life(plan, entering, plan.cost("battery_life_years") if settings.where != "none" else 1.0)


@once
def _existing(plan: Plan) -> pd.DataFrame:
    """Batteries that stand or are announced: site, asset, year, mw (MWh for battery_energy)."""
    settings = plan.settings("storage")
    here = in_service(plan, tuple(_UNITS), settings.delay_months)
    return here[here["site"].isin(plant_sites(plan, settings.where)["site"]) & (here["mw"] > 0)]


@once
def _batteries(plan: Plan) -> pd.DataFrame:
    """Site, year of every battery that stands or may."""
    alive = _in_life(plan)
    built = _options(plan).merge(alive[alive > 0].rename("share").reset_index(), on="vintage")
    found = pd.concat([_existing(plan)[["site", "year"]], built[["site", "year"]]]).astype({"year": int})
    return found.drop_duplicates().sort_values(["site", "year"], ignore_index=True)


def _given(plan: Plan, asset: str) -> pd.Series:
    """What stands or is announced [MW or MWh], by site and year."""
    rows = _existing(plan)
    known = rows[rows["asset"] == asset].set_index(["site", "year"])["mw"].astype(float)
    return known.reindex(pd.MultiIndex.from_frame(_batteries(plan)), fill_value=0.0)


def _capacity(plan: Plan, asset: str) -> Expression:
    """Battery power [MW] or energy [MWh] by site and year, with what the program builds."""
    options = _options(plan)
    if options.empty:
        return Expression(constants=(_given(plan, asset),))
    hours = 1.0 if asset == "battery_power" else plan.settings("storage").most_hours
    limit = options.set_index(["site", "vintage"])["limit"] * hours
    how: dict[str, Any] = {"unit": _UNITS[asset], "limit": _LIMITS[asset], "told": Told("built", item=asset)}
    built = build_within(plan, f"built_{asset}", limit, **how)
    entering = pd.Index(options["vintage"].unique(), name="vintage")
    overnight = pd.Series(plan.cost(_COSTS[asset]), index=entering)
    factor = annuity(plan.cost("discount_rate_power"), plan.cost("battery_life_years"))
    annual = overnight * (factor + plan.cost("battery_om_share"))
    plan.charge_assets(asset, built, annual, overnight, _in_life(plan))
    capacity: Expression = (built * _in_life(plan)).plus(_given(plan, asset))
    return capacity


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    over = _batteries(plan)
    if over.empty:
        return []
    parts = []
    for asset, unit in _UNITS.items():
        capacity = _given(plan, asset).rename("value").reset_index()
        group = plan.program.variables.get(f"built_{asset}")
        if group is not None:
            capacity["value"] += solution.value(group * _in_life(plan), over)["value"].to_numpy()
            built = solution.entered(f"built_{asset}", plan.periods.counts_for)
            parts.append(results_table.rows("built", unit, built, item=asset))
        parts.append(results_table.rows("capacity", unit, capacity, item=asset))
    for name, unit in (("charge", "MW"), ("discharge", "MW"), ("level", "MWh")):
        parts.append(results_table.rows(name, unit, solution.variables(name)))
    return parts
