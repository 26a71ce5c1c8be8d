"""Green power and carbon: what share of the energy is green, what may be claimed, what the grid emits.

new       rated power in service since the anchor: commitments and bought, by share of the year in use  [MW], site, year
floor     (share - counted grid mix) x new x mean draw x mean PUE x 8,760
          <= own output + contracted + certificates                                                  [MWh/a], site, year
contract  contracted <= limit share x grid energy                                                    [MWh/a], site, year
province  sum over the sites of a region contracted <= what can be supplied x (1 + growth)^t       [MWh/a], region, year
by hour   sum over slices weight x matched >= the floor's energy                                     [MWh/a], site, year
          matched <= own output + contracted / 8,760 x shape of the region's wind and sun                    [MW], slice
          matched <= new x mean draw x mean PUE                                                              [MW], slice
carbon    sum (grid energy - contracted) x factor x (1 + change)^(year - 2023) <= cap, where there is one    [t CO2/a]

The floor holds for the energy of new compute (80 % for new centres in hubs, NDRC and NDA 2023-12), by what it is rated
for and not by what the meter says, so that it is linear and on one basis. Matched by the hour, certificates do not
count; a region's shape is that of as much wind as sun. With a floor or contracts the grid carries the residual factor,
so that traded green power is not counted twice; certificates change no CO2.
Reads `grid_energy`, `own_output`, `bought`; tables site_power, costs, green_supply, renewable_profiles.
Source: MEE and NBS announcement 2025 no. 47 (factors); the project's model contract, amendment 7.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from eastwest.errors import InputError
from eastwest.lp.expression import Expression, Told, Variables
from eastwest.lp.solution import Solution
from eastwest.model.clock import HOURS_PER_YEAR
from eastwest.model.data import fleet, new_compute
from eastwest.model.data.event_factors import at_sites
from eastwest.model.data.sites import mean_pue
from eastwest.model.dates import middle, years_between
from eastwest.model.frames import product, tuples
from eastwest.model.plan import Plan, once
from eastwest.schema import results_table
from eastwest.schema.contract import (
    HOURS,
    ByYear,
    Context,
    Contract,
    Finite,
    Identifier,
    NonNegative,
    Row,
    Share,
    Tables,
)
from eastwest.schema.metrics import NAN, VALUE, Metric, View
from eastwest.schema.units import MILLION

_FACTOR_YEAR = 2023
_ITEMS = {"contracted": "green_contract_premium_cny_per_mwh", "certificates": "green_certificate_cny_per_mwh"}


def _green(view: View) -> float:
    """Green share of what sites meter [1]; nothing where nothing green can be chosen."""
    shares = view.pick("green_share")
    shares = shares[shares["site"] != ""].set_index("site")["value"]
    grid, own = (view.pick(name).groupby("site")["value"].sum() for name in ("grid_electricity", "own_electricity"))
    metered = grid.add(own, fill_value=0.0).astype(float)
    if shares.empty or not metered.sum() > 0:
        return NAN
    return float((shares.reindex(metered.index).fillna(0.0) * metered).sum()) / float(metered.sum())


def _green_of_new(view: View) -> float:
    """Green energy that sites claim over the energy of their new compute, of each site at most all of it [1]."""
    claimed, new = (
        view.pick(name).groupby("site")["value"].sum().astype(float)
        for name in ("green_claimed", "electricity_of_new_compute")
    )
    if view.pick("green_share").empty or not new.sum() > 0:
        return NAN
    return float(claimed.reindex(new.index).fillna(0.0).clip(upper=new).sum()) / float(new.sum())


_ENFORCED = {"floor_share": VALUE, "floor_sites": "clusters", "contracts": True}
_LACKS = "green power is not modelled in this run: nothing green can be chosen"


class _GreenSupply(Row):
    key = ("region",)
    about = "Green energy that sites of a region can contract; a region without a row is not limited"
    may_be_empty = True
    refers = {"region": "regions"}
    region: Identifier = Field(description="region")
    mwh: NonNegative = Field(description="most green energy contracted in a year [MWh]")
    year: int = Field(ge=1990, le=2100, description="year that the figure is of")
    growth_per_year: Finite = Field(gt=-1, description="growth a year [1/a]")


class Data(Contract):
    """Green power and carbon."""

    tables: ClassVar[dict[str, type[Row]]] = {"green_supply": _GreenSupply}
    metrics: ClassVar[dict[str, Metric]] = {
        "green_power_share_new_dc_min": Metric(
            "green power of what is new", "1", _green_of_new, setting=_ENFORCED,
            remark="over the energy of compute since the anchor", lacks=_LACKS,
        ),
        "green_power_share_min": Metric(
            "green power", "1", _green, setting=_ENFORCED,
            remark="the rule holds for what is new at every cluster", lacks=_LACKS,
        ),
    }  # fmt: skip
    floor_share: Share | None = Field(None, description="least green share of the energy of new compute [1]")
    mean_draw: Share = Field(0.55, description="mean draw of new compute over its rated power, for the floor [1]")
    match: Literal["year", "hour"] = Field(
        "year", description="whether green energy meets the floor over the year or hour by hour, without certificates"
    )
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

    def check(self, tables: Tables, years: tuple[int, ...], context: Context) -> None:
        """Contracts can be matched by the hour where it is known when the sun shines and the wind blows."""
        if self.floor_share is None or self.match == "year" or not self.contracts:
            return
        sites = tables["sites"]
        sites = sites[_held(sites, self.floor_sites)]
        dark = sites[~sites["region"].isin(tables["renewable_profiles"]["region"])]
        if len(dark):
            words = (
                f"site '{dark.iloc[0]['site']}' may contract green power, but the table renewable_profiles has no row"
            )
            raise context.wrong("match", f"{words} of its region '{dark.iloc[0]['region']}'")


def build(plan: Plan) -> None:
    settings = plan.settings("green")
    over = _over(plan)
    plan.grid_carbon = _factor(plan)
    plan.contracted = _buy(plan, "contracted", over) if settings.contracts else None
    plan.certificates = _buy(plan, "certificates", over) if settings.certificates else None
    if plan.contracted is not None:
        _limit_contracts(plan, plan.contracted, settings, over)
    if settings.floor_share is not None:
        _floor(plan, settings, settings.floor_share)
    _carbon(plan, settings)


def _buy(plan: Plan, name: str, over: pd.DataFrame) -> Variables:
    claimed = plan.variables(name, over, unit="MWh", scale=1e4, told=Told(name))
    plan.charge(name, claimed * (plan.cost(_ITEMS[name]) / MILLION))
    return claimed


def _over(plan: Plan) -> pd.DataFrame:
    return plan.grid_energy.index[["site", "year"]].drop_duplicates().reset_index(drop=True)


def _limit_contracts(plan: Plan, contracted: Variables, settings: Data, over: pd.DataFrame) -> None:
    """Within what a site draws, and within what the plants of its region can supply."""
    grid = plan.grid_energy * (plan.clock.weight * settings.contract_limit_share)
    how: dict[str, Any] = {"kind": "limit", "unit": "MWh", "scale": 1e4}
    plan.constraints("contract", over, contracted - grid, "<=", limit="green power contracted", **how)
    supply = plan.table("green_supply").set_index("region")
    regions = plan.table("sites").set_index("site")["region"]
    places = over.assign(region=over["site"].map(regions))[["region", "year"]].drop_duplicates()
    places = places[places["region"].isin(supply.index)].sort_values(["region", "year"], ignore_index=True)
    if len(places):
        most = pd.Series(
            [_supplied(plan, supply.loc[region], year) for region, year in tuples(places, "region", "year")],
            index=pd.MultiIndex.from_frame(places), dtype=float,
        )  # fmt: skip
        left, words = contracted.expression().label(region=regions), "green power of a region"
        plan.constraints("green_supply", places, left, "<=", most, limit=words, **how)


def _supplied(plan: Plan, row: pd.Series, year: int) -> float:
    """What the plants of a region can supply in a planning year [MWh a year]."""
    growth, first = 1 + float(row["growth_per_year"]), middle(int(row["year"]))
    grown: float = plan.periods.mean(year, lambda at: float(growth ** years_between(first, plan.day(at))))
    return float(row["mwh"]) * grown


def _bought(plan: Plan) -> Expression:
    """Green energy that a site contracts or holds certificates of, by site and year [MWh a year]."""
    parts = [part.expression() for part in (plan.contracted, plan.certificates) if part is not None]
    bought: Expression = sum(parts, Expression())
    return bought


def _claimed(plan: Plan) -> Expression:
    """Green energy that a site may count, by site and year [MWh a year]; the grid's mix apart."""
    claimed: Expression = plan.own_output * plan.clock.weight + _bought(plan)
    return claimed


def _new_load(plan: Plan) -> Expression:
    """Mean draw at the meter of compute in service since the anchor, by site and year [MW]."""
    each, pue = fleet.rated_mw(plan) * plan.settings("green").mean_draw, mean_pue(plan)
    signed = new_compute.committed(plan)
    mw = signed["value"].astype(float) * signed["device"].map(each).astype(float)
    given = signed.assign(mw=mw * signed["site"].map(pue).astype(float)).groupby(["site", "year"])["mw"].sum()
    given = given.reindex(pd.MultiIndex.from_frame(_over(plan)), fill_value=0.0).astype(float)
    load: Expression = (plan.bought * fleet.in_use(plan) * each * pue).plus(given)
    return load


def _held(sites: pd.DataFrame, which: str) -> pd.Series:
    """Which rows of the table sites a floor holds for."""
    return {"clusters": sites["kind"] == "cluster", "hubs": sites["hub"].notna(), "all": sites["site"].notna()}[which]


def _floor(plan: Plan, settings: Data, share: float) -> None:
    over, sites = _over(plan), plan.table("sites")
    over = over[over["site"].isin(sites.loc[_held(sites, settings.floor_sites), "site"])]
    over, share = over.merge(_growing(plan), on=["site", "year"]), max(0.0, share - settings.grid_mix_share)
    if over.empty or share == 0:
        return
    load, words = _new_load(plan), "floor on green power"
    how: dict[str, Any] = {"kind": "rule", "limit": words, "rule": words, "setting": "floor_share"}
    claimed = _claimed(plan) if settings.match == "year" else _matched(plan, over, load) * plan.clock.weight
    _refuse_impossible(over, claimed)
    least = load * (share * HOURS_PER_YEAR)
    plan.constraints("green_floor", over[["site", "year"]], claimed - least, ">=", unit="MWh", scale=1e4, **how)


@once
def _growing(plan: Plan) -> pd.DataFrame:
    """Sites and years that may have new compute, and whether any is signed for: site, year, signed."""
    signed, alive = new_compute.committed(plan), fleet.in_use(plan)
    bought = fleet.buyable(plan).merge(alive[alive > 0].rename("share").reset_index(), on=["device", "vintage"])
    signed = signed.loc[signed["value"] > 0, ["site", "year"]].assign(signed=True)
    both = pd.concat([signed, bought[["site", "year"]].assign(signed=False)]).astype({"year": int, "signed": bool})
    return both.groupby(["site", "year"], as_index=False)["signed"].max()


def _refuse_impossible(over: pd.DataFrame, claimed: Expression) -> None:
    """What is signed for needs green power, and a site may have no way to any."""
    able = {pair for term in claimed.terms for pair in tuples(term.group.index, "site", "year")}
    for site, year, signed in tuples(over, "site", "year", "signed"):
        if signed and (site, year) not in able:
            message = (
                f"asks for green power at '{site}' in {year} for what is signed for, where there is none to choose; "
                "expected green.contracts, green.certificates or own plants"
            )
            raise InputError(message, key="green.floor_share")


def _matched(plan: Plan, over: pd.DataFrame, load: Expression) -> Expression:
    """Green power that meets the load of new compute in the same hour, by site, year and slice [MW]."""
    slices = product(over[["site", "year"]], plan.slices()[["slice"]])
    matched = plan.variables("green_matched", slices, unit="MW", scale=1e2)
    supply = plan.own_output
    if plan.contracted is not None:
        supply = supply + plan.contracted * (_shape(plan) * (1 / HOURS_PER_YEAR))
    how: dict[str, Any] = {"kind": "definition", "span": "hour", "unit": "MW", "scale": 1e2}
    plan.constraints("green_hour", slices, matched - supply, "<=", limit="green power of the hour", **how)
    plan.constraints("green_load", slices, matched - load, "<=", limit="load of new compute", **how)
    return matched.expression()


@once
def _shape(plan: Plan) -> pd.Series:
    """Output of as much wind as sun over its mean, labelled by site and slice [1]."""
    profiles = plan.table("renewable_profiles")
    mean = plan.clock.hourly(profiles[["region", "technology", "season", *HOURS]], ["region", "technology"])
    together = mean.groupby(level=["region", "slice"]).sum()
    weight = together.index.get_level_values("slice").map(plan.clock.weight).to_numpy(float)
    whole = (together * weight).groupby(level="region").transform("sum") / plan.clock.weight.sum()
    shape = (together / whole.where(whole > 0, np.inf)).rename("shape").reset_index()
    sites = plan.table("sites")[["site", "region"]]
    return sites.merge(shape, on="region").set_index(["site", "slice"])["shape"].astype(float)


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


def _modelled(plan: Plan) -> bool:
    """Whether anything green can be chosen or counted: own plants, contracts, certificates, the grid's mix."""
    bought = plan.contracted is not None or plan.certificates is not None
    return bool(plan.own_output.terms) or bought or plan.settings("green").grid_mix_share > 0


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    """No row of green power where none can be chosen: a share of 0 % would be an answer to a question nobody asked."""
    over = _over(plan)
    parts = [results_table.rows("carbon", "t CO2", solution.value(_tonnes(plan), over))]
    if not _modelled(plan):
        return parts
    metered = solution.value((plan.grid_energy + plan.own_output) * plan.clock.weight, over)["value"]
    mix = solution.value(plan.grid_energy * plan.clock.weight, over)["value"] * plan.settings("green").grid_mix_share
    claimed = solution.value(_claimed(plan), over)
    green = claimed["value"] + mix
    whole = over[["year"]].assign(green=green, metered=metered).groupby("year", as_index=False).sum()
    whole = whole.assign(value=whole["green"] / whole["metered"].where(whole["metered"] > 0, np.inf))
    new = solution.value(_new_load(plan) * HOURS_PER_YEAR, over)
    parts += [
        results_table.rows("green_share", "1", over.assign(value=green / metered.where(metered > 0, np.inf))),
        results_table.rows("green_share", "1", whole, item="national"),
        results_table.rows("green_claimed", "MWh", claimed[claimed["value"] > 0]),
        results_table.rows("electricity_of_new_compute", "MWh", new[new["value"] > 0]),
    ]
    for bought in (plan.contracted, plan.certificates):
        if bought is not None:
            values = solution.variables(bought)
            parts.append(results_table.rows(bought.name, "MWh", values[values["value"] > 0]))
    supply = solution.constraints("green_supply", if_built=True)
    return [*parts, results_table.rows("green_supply", "MWh", supply, "right")] if len(supply) else parts
