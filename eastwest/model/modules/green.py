"""Green power and carbon: what share of the energy is green, what may be claimed, what the grid emits.

floor     own output + contracted + certificates + counted grid mix >= share x (metered energy - base level)  [MWh/a]
contract  contracted <= limit share x grid energy                                                  [MWh/a], site, year
carbon    sum (grid energy - contracted) x factor x (1 + change)^(year - 2023) <= cap, where there is one     [t CO2/a]

Metered energy = grid energy + own output used. The base level is what was metered before any decision: the floor holds
for what is new (80 % for new centres in hubs, NDRC and NDA 2023-12). With a floor or contracts the grid carries the
residual factor, so that traded green power is not counted twice; certificates change no CO2.
Reads `grid_energy`, `own_output`; tables site_power, costs. Source: MEE and NBS announcement 2025 no. 47 (factors).
"""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from eastwest.lp.expression import Expression, Told, Variables
from eastwest.lp.solution import Solution
from eastwest.model.data.event_factors import at_sites
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.contract import ByYear, Contract, Finite, Share
from eastwest.schema.metrics import NAN, VALUE, Metric, View
from eastwest.schema.units import MILLION

_FACTOR_YEAR = 2023
_ITEMS = {"contracted": "green_contract_premium_cny_per_mwh", "certificates": "green_certificate_cny_per_mwh"}


def _share_of(view: View, *, new_only: bool = False) -> float:
    """Green energy over metered energy, or over what is above the level before any decision [1]."""
    shares = view.pick("green_share")
    shares = shares[shares["site"] != ""].set_index("site")["value"]
    grid, own = (view.pick(name).groupby("site")["value"].sum() for name in ("grid_electricity", "own_electricity"))
    metered = grid.add(own, fill_value=0.0).astype(float)
    above = metered
    if new_only:
        base = view.tables["site_power"].set_index("site")["base_electricity_mwh"].astype(float)
        above = (metered - base.reindex(metered.index).fillna(0.0)).clip(lower=0.0)
    green = float((shares.reindex(metered.index).fillna(0.0) * metered).sum())
    return green / float(above.sum()) if above.sum() > 0 else NAN


_ENFORCED = {"floor_share": VALUE, "floor_sites": "clusters", "contracts": True}


class Data(Contract):
    """Green power and carbon."""

    metrics: ClassVar[dict[str, Metric]] = {
        "green_power_share_new_dc_min": Metric(
            "green power of what is new", "1", partial(_share_of, new_only=True), setting=_ENFORCED,
            remark="over energy above the level before any decision",
        ),
        "green_power_share_min": Metric(
            "green power", "1", _share_of, setting=_ENFORCED,
            remark="the rule holds for what is new at every cluster",
        ),
    }  # fmt: skip
    floor_share: Share | None = Field(None, description="least green share of energy above the base level [1]")
    floor_sites: Literal["clusters", "hubs", "all"] = Field(
        "clusters", description="sites that the floor holds for; hubs: clusters, and metros of hub regions"
    )
    contracts: bool = Field(False, description="sites may contract green power through the grid at a premium")
    contract_limit_share: Share = Field(1.0, description="most contracted power over grid energy [1]")
    certificates: bool = Field(False, description="sites may buy green certificates; they change no CO2")
    grid_mix_share: Share = Field(0.0, description="share of grid energy that counts as green by itself [1]")
    carbon_price_cny_per_t: ByYear = Field(
        0.0, description="shadow price, one for all years or by year; tariffs already carry the ETS [CNY/t CO2]"
    )
    carbon_cap_t: ByYear | None = Field(
        None, description="national cap on operational carbon, one for all years or by year [t CO2 a year]"
    )
    grid_carbon_change_per_year: Finite = Field(0.0, gt=-1, description="change of grid carbon a year after 2023 [1/a]")


def build(plan: Plan) -> None:
    settings = plan.settings("green")
    over = _over(plan)
    plan.grid_carbon = _factor(plan)
    plan.contracted = _buy(plan, "contracted", over) if settings.contracts else None
    plan.certificates = _buy(plan, "certificates", over) if settings.certificates else None
    if plan.contracted is not None:
        grid = plan.grid_energy * (plan.clock.weight * settings.contract_limit_share)
        left, limit = plan.contracted - grid, "green power contracted"
        plan.constraints("contract", over, left, "<=", kind="limit", unit="MWh", scale=1e4, limit=limit)
    if settings.floor_share is not None:
        _floor(plan, settings, settings.floor_share)
    _carbon(plan, settings)


def _buy(plan: Plan, name: str, over: pd.DataFrame) -> Variables:
    claimed = plan.variables(name, over, unit="MWh", scale=1e4, told=Told(name))
    plan.charge(name, claimed * (plan.cost(_ITEMS[name]) / MILLION))
    return claimed


def _over(plan: Plan) -> pd.DataFrame:
    return plan.grid_energy.index[["site", "year"]].drop_duplicates().reset_index(drop=True)


def _claimed(plan: Plan) -> Expression:
    """Green energy that a site may count, by site and year [MWh a year]."""
    weight, mix = plan.clock.weight, plan.settings("green").grid_mix_share
    green: Expression = plan.own_output * weight + plan.grid_energy * (weight * mix)
    for claimed in (plan.contracted, plan.certificates):
        green = green if claimed is None else green + claimed
    return green


def _floor(plan: Plan, settings: Data, share: float) -> None:
    over, sites = _over(plan), plan.table("sites")
    held = {"clusters": sites["kind"] == "cluster", "hubs": sites["hub"].notna(), "all": sites["site"].notna()}
    over = over[over["site"].isin(sites.loc[held[settings.floor_sites], "site"])]
    if over.empty:
        return
    metered = (plan.grid_energy + plan.own_output) * (plan.clock.weight * share)
    base = plan.table("site_power").set_index("site")["base_electricity_mwh"].astype(float)
    left, least = _claimed(plan) - metered, (base * -share).rename_axis("site")
    words = "floor on green power"
    how: dict[str, Any] = {"kind": "rule", "limit": words, "rule": words, "setting": "floor_share"}
    plan.constraints("green_floor", over, left, ">=", least, unit="MWh", scale=1e4, **how)


def _factor(plan: Plan) -> pd.Series:
    """Grid carbon by site and year [t CO2/MWh = kg/kWh]: the residual mix where green power is claimed."""
    settings = plan.settings("green")
    table = plan.table("site_power").set_index("site")
    mix = table["grid_co2_kg_per_kwh"].astype(float)
    if settings.floor_share is not None or settings.contracts:
        mix = table["residual_co2_kg_per_kwh"].astype(float).fillna(mix)
    change = 1 + settings.grid_carbon_change_per_year
    parts = {year: mix * plan.periods.mean(year, lambda at: change ** (at - _FACTOR_YEAR)) for year in plan.years}
    return pd.concat(parts, names=["year", "site"])


def _tonnes(plan: Plan) -> Expression:
    """Carbon of energy from the grid, less what is contracted as green [t CO2 a year]."""
    tonnes: Expression = plan.grid_energy * plan.clock.weight * at_sites(plan, "grid_carbon_factor")
    if plan.contracted is not None:
        tonnes = tonnes - plan.contracted
    tonnes = tonnes * _factor(plan)
    return tonnes


def _carbon(plan: Plan, settings: Data) -> None:
    tonnes = _tonnes(plan)
    price = plan.periods.by_year(settings.carbon_price_cny_per_t, missing=0.0)
    if (price > 0).any():
        plan.charge("carbon", tonnes * (price.rename_axis("year") / MILLION))
    cap = plan.periods.by_year({} if settings.carbon_cap_t is None else settings.carbon_cap_t)
    if len(cap):
        over = cap.index.to_frame(index=False)
        how: dict[str, Any] = {"kind": "rule", "limit": "carbon cap", "rule": "carbon cap"}
        plan.constraints("carbon", over, tonnes, "<=", cap, unit="t CO2", scale=1e6, **how)


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    over = _over(plan)
    carbon = solution.value(_tonnes(plan), over)
    metered = solution.value((plan.grid_energy + plan.own_output) * plan.clock.weight, over)
    green = solution.value(_claimed(plan), over)
    whole = over[["year"]].assign(green=green["value"], metered=metered["value"]).groupby("year", as_index=False).sum()
    share = green.assign(value=green["value"] / metered["value"].where(metered["value"] > 0, np.inf))
    whole = whole.assign(value=whole["green"] / whole["metered"].where(whole["metered"] > 0, np.inf))
    parts = [
        results_table.rows("carbon", "t CO2", carbon),
        results_table.rows("green_share", "1", share),
        results_table.rows("green_share", "1", whole, item="national"),
    ]
    for claimed in (plan.contracted, plan.certificates):
        if claimed is not None:
            bought = solution.variables(claimed)
            parts.append(results_table.rows(claimed.name, "MWh", bought[bought["value"] > 0]))
    return parts
