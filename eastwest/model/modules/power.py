"""Power: what the meter draws each hour, what the connection allows, what energy and peaks cost.

balance      PUE[season] x (idle x rated x energised + (busy - idle) x rated x working + fixed)
             = grid draw + own output used + discharge - charge                                             [MW], slice
connection   headroom x PUE x diversity x (rated x energised + fixed) <= connection in service                [MW]
built        built_grid[site, vintage] <= limit share x connection that stands at the decision, a year          [MW]
peak         grid draw <= connection in service x event factor, and <= seasonal peak                         [MW], slice
quota        sum over slices grid draw x weight <= quota, at metros that have one                     [MWh a year], site

The published industrial price already holds the demand charge: energy price = price - charge / (0.85 x 730 h). The
charge is paid on the seasonal peak. Time-of-use multipliers apply to the energy part and keep its mean.
Own plants and batteries do not count towards the firm connection, which must carry the site when they give nothing.
Reads `energised`, `busy`, `own_output`, `discharge`, `finance`; tables site_power, tariffs, pue, capacity, fixed_load.
Writes `it_load`, `grid_energy`, `grid_connection`, `preferential_saving`.
Source: two-part tariffs of NDRC 2023 no. 526; busy and idle draw in data (assumption).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import pandas as pd
from pydantic import Field

from eastwest.errors import nearest
from eastwest.lp.declaration import Idle
from eastwest.lp.expression import Expression, Told
from eastwest.lp.solution import Solution
from eastwest.model.clock import HOURS_PER_YEAR
from eastwest.model.data import announced, fleet
from eastwest.model.data.event_factors import at_sites
from eastwest.model.data.sites import (
    build_within,
    fixed_by_site,
    fixed_load,
    in_life,
    in_service,
    may_build,
    mean_pue,
    own_hourly,
    pue,
    vintages,
)
from eastwest.model.frames import product
from eastwest.model.plan import Plan, once
from eastwest.schema import results_table
from eastwest.schema.columns import Column
from eastwest.schema.contract import (
    HOURS,
    ByYear,
    Context,
    Contract,
    Finite,
    NonNegative,
    Positive,
    RegionName,
    Share,
    Tables,
)
from eastwest.schema.metrics import Metric
from eastwest.schema.thresholds import ROUNDING
from eastwest.schema.units import MILLION

_HOURS_PER_MONTH = 730
_KW_PER_MW = 1e3
_BASE_YEAR = 2025
_BUILT = Told("built", item="grid")


_ELECTRICITY = Column("electricity", "electricity", "MWh")
_USED = Metric("electricity", "MWh", _ELECTRICITY)
_MEAN_PUE = Metric("mean PUE", "1", _ELECTRICITY, over=Column("IT", "it_electricity", "MWh"), at_most=True)


class Data(Contract):
    """Electricity from the grid: connection, energy by the hour, demand charge."""

    metrics: ClassVar[dict[str, Metric]] = {
        "average_pue": _MEAN_PUE, "cluster_average_pue": _MEAN_PUE, "average_pue_max": _MEAN_PUE,
        "computing_centre_consumption": _USED, "computing_centre_consumption_alt": _USED,
        "shanxi_internet_data_service": _USED,
    }  # fmt: skip
    delay_months: NonNegative = Field(0.0, description="announced connections come so much later [months]")
    lead_months: NonNegative = Field(12.0, description="from decision to service of a new connection [months]")
    build_limit_share: NonNegative = Field(
        0.1, description="new connection per year at a site, over what stands there [1]"
    )
    headroom: Positive = Field(1.1, ge=1, description="connection over diversified rated power [1]")
    diversity: Share = Field(0.75, description="coincident over rated power [1]")
    demand_charge_load_factor: Share = Field(0.85, gt=0, description="load factor inside the published price [1]")
    time_of_use: bool = Field(True, description="hourly prices follow the tariff; otherwise they are flat")
    prices: Literal["industrial", "preferential"] = Field(
        "industrial", description="preferential: press figures where there are any"
    )
    metro_quota_mwh: dict[RegionName, ByYear] = Field(
        default_factory=dict, description="most grid energy of a region's metro, for all years or by year [MWh a year]"
    )
    metro_quota_growth: Annotated[Finite, Field(gt=-1)] | None = Field(
        None, description="quota of the other metros: energy of 2025 grown so much a year; none = no quota [1/a]"
    )
    residual_load: bool = Field(False, description="add the residual of the 2025 electricity balance as fixed load")

    def check(self, tables: Tables, years: tuple[int, ...], context: Context) -> None:
        """Quotas are of regions that have a metro."""
        sites = tables["sites"]
        metros = sorted(set(sites.loc[sites["kind"] == "metro", "region"]))
        for region in self.metro_quota_mwh:
            if region not in metros:
                message = f"received '{region}', expected a region with a metro{nearest(region, metros)}"
                raise context.wrong("metro_quota_mwh", message)


def build(plan: Plan) -> None:
    settings = plan.settings("power")
    over = _site_years(plan)
    slices = product(over, plan.slices()[["slice"]])
    plan.it_load = _it_load(plan, over)
    plan.grid_energy = draw = plan.variables("grid_energy", slices, unit="MW", scale=1e2)
    facility = Expression(plan.it_load.terms) * pue(plan)
    constant = Expression(constants=tuple(_fixed_at_meter(plan, slices)))
    supplied = draw + plan.own_output + plan.discharge
    how: dict[str, Any] = {"kind": "definition", "span": "hour", "limit": "power balance", "defines": draw}
    plan.constraints("power", slices, supplied - facility - constant, "==", unit="MW", scale=1e2, **how)
    _may_connect(plan, settings)
    plan.grid_connection = grid = _connection(plan, settings, over)
    rated = plan.energised * fleet.rated_mw(plan) * (mean_pue(plan) * settings.headroom * settings.diversity)
    fixed = _fixed(plan, over) * over["site"].map(mean_pue(plan)).to_numpy() * settings.headroom * settings.diversity
    how = {"kind": "limit", "limit": "grid connection", "scarce": True, "unit": "MW", "scale": 1e2}
    how |= {"assets": ("grid",), "announced": (announced.CONNECTIONS,)}
    idle = Idle(plan.finance.grid_annual.rename_axis("site"), words="grid connection")
    plan.constraints("connection", over, rated.plus(fixed), "<=", grid, **how, idle=idle)
    drawn = draw * (1 / at_sites(plan, "connection_factor"))
    plan.constraints("draw", slices, drawn, "<=", grid, **how)
    _charges(plan, slices)
    plan.preferential_saving = _preferential_saving(plan)
    quota = _quotas(plan, settings, over)
    if len(quota):
        how = {"kind": "rule", "limit": "energy quota of a metro", "rule": "energy quotas of metros"}
        keys, energy = quota.index.to_frame(index=False), draw * plan.clock.weight
        plan.constraints("metro_quota", keys, energy, "<=", quota, unit="MWh", scale=1e4, **how)


def _quotas(plan: Plan, settings: Data, over: pd.DataFrame) -> pd.Series:
    """Most grid energy by metro and year [MWh a year]; own output and green contracts do not stretch it.

    A metro without energy in 2025 has no quota of growth.
    """
    sites = plan.table("sites").set_index("site")
    base = plan.table("site_power").set_index("site")["base_electricity_mwh"].astype(float)
    found: dict[tuple[str, int], float] = {}

    def grown(calendar: int) -> float:
        return float((1 + (settings.metro_quota_growth or 0.0)) ** (calendar - _BASE_YEAR))

    for site, year in over.itertuples(index=False):
        if sites.at[site, "kind"] != "metro":
            continue
        own = settings.metro_quota_mwh.get(str(sites.at[site, "region"]))
        if own is not None:
            given = plan.periods.by_year(own)
            found.update({(site, known): given[known] for known in given.index.intersection([year])})
        elif settings.metro_quota_growth is not None and base[site] > 0:
            found[site, year] = base[site] * plan.periods.mean(year, grown)
    index = pd.MultiIndex.from_tuples(found, names=["site", "year"]) if found else None
    return pd.Series(list(found.values()), index=index, dtype=float)


def _site_years(plan: Plan) -> pd.DataFrame:
    """Sites and years where anything draws power."""
    both = pd.concat([fleet.present(plan)[["site", "year"]], fixed_load(plan)[["site", "year"]]])
    return both.drop_duplicates().sort_values(["site", "year"], ignore_index=True)


def _it_load(plan: Plan, over: pd.DataFrame) -> Expression:
    """Devices plus fixed load [MW IT]."""
    return _device_load(plan).plus(_fixed(plan, over))


def _device_load(plan: Plan) -> Expression:
    """Idle draw of everything energised, plus what work adds [MW IT]."""
    devices = plan.settings("devices")
    rated = fleet.rated_mw(plan)
    load: Expression = plan.energised * rated * devices.idle_power + plan.busy * rated * fleet.extra_draw(plan)
    return load


def _fixed(plan: Plan, over: pd.DataFrame) -> pd.Series:
    return fixed_by_site(plan).reindex(pd.MultiIndex.from_frame(over), fill_value=0.0)


def _fixed_at_meter(plan: Plan, slices: pd.DataFrame) -> list[pd.Series]:
    keys = pd.MultiIndex.from_frame(slices)
    load = _fixed(plan, slices[["site", "year"]].drop_duplicates())
    here = pd.MultiIndex.from_frame(slices[["site", "year"]]).map(load.to_dict()).to_numpy(float)
    factor = pd.MultiIndex.from_frame(slices[["site", "slice"]]).map(pue(plan).to_dict()).to_numpy(float)
    return [pd.Series(here * factor, index=keys)]


def _may_connect(plan: Plan, settings: Data) -> None:
    """New connections that the program may build."""
    options = may_build(plan, ("grid",), settings.lead_months, settings.build_limit_share)
    if len(options):
        limit = options.set_index(["site", "vintage"])["limit"]
        how: dict[str, Any] = {"unit": "MW", "limit": "new grid connection a year", "told": _BUILT}
        built = build_within(plan, "built_grid", limit, **how)
        annual, overnight = plan.finance.grid_annual, plan.finance.grid_overnight
        alive = _in_life(plan, settings)
        plan.charge_assets("grid", built, annual.rename_axis("site"), overnight.rename_axis("site"), alive)


def _in_life(plan: Plan, settings: Data) -> pd.Series:
    return in_life(plan, vintages(plan, settings.lead_months), plan.cost("grid_life_years"))


def _connection(plan: Plan, settings: Data, over: pd.DataFrame) -> Expression:
    """Grid connection in service by site and year, with what is built [MW at the meter]."""
    capacity = in_service(plan, ("grid",), settings.delay_months).set_index(["site", "year"])["mw"]
    grid = Expression(constants=(capacity.reindex(pd.MultiIndex.from_frame(over), fill_value=0.0),))
    if "built_grid" in plan.program.variables:
        grid = grid + plan.program.variables["built_grid"] * _in_life(plan, settings)
    return grid


@once
def _prices(plan: Plan) -> pd.Series:
    """Energy price by site and slice [CNY/kWh], without the demand charge."""
    settings = plan.settings("power")
    table = plan.table("site_power").set_index("site")
    energy = _yearly_prices(plan)[settings.prices]
    hourly = plan.clock.hourly(plan.table("tariffs"), "tariff").rename("multiplier").reset_index()
    hourly["multiplier"] = hourly["multiplier"] / hourly["tariff"].map(_mean_multiplier(plan, hourly)).astype(float)
    joined = table[["tariff"]].reset_index().merge(hourly, on="tariff").set_index(["site", "slice"])["multiplier"]
    multiplier = own_hourly(plan, "price_multiplier", joined) if settings.time_of_use else joined * 0 + 1
    multiplier = multiplier * at_sites(plan, "energy_price_factor").reindex(multiplier.index)
    return multiplier * multiplier.index.get_level_values("site").map(energy)


def _yearly_prices(plan: Plan) -> pd.DataFrame:
    """Mean energy price by site, without the demand charge: columns industrial and preferential [CNY/kWh]."""
    table = plan.table("site_power").set_index("site")
    price = table["price_cny_per_kwh"].astype(float)
    preferential = table["preferential_price_cny_per_kwh"].astype(float).fillna(price)
    charge = table["demand_charge_cny_per_kw_month"].astype(float)
    peak = charge / (plan.settings("power").demand_charge_load_factor * _HOURS_PER_MONTH)
    return pd.DataFrame({"industrial": price - peak, "preferential": preferential - peak})


def _preferential_saving(plan: Plan) -> pd.Series:
    """Industrial less preferential price of energy by site and slice [CNY/kWh]; 0 where there is no such tariff.

    Both prices have the shape of the tariff, so that the saving has it too.
    """
    yearly, paid = _yearly_prices(plan), _prices(plan)
    base = yearly[plan.settings("power").prices]
    part = (yearly["industrial"] - yearly["preferential"]) / base.where(base != 0)
    return paid * paid.index.get_level_values("site").map(part.fillna(0.0))


def _mean_multiplier(plan: Plan, hourly: pd.DataFrame) -> pd.Series:
    """Mean multiplier by tariff: over the slices where they make up a year, else over the table's year."""
    weight = hourly["slice"].map(plan.clock.weight).astype(float)
    if abs(plan.clock.weight.sum() - HOURS_PER_YEAR) > 1:
        tariffs = plan.table("tariffs")
        return plan.clock.yearly(tariffs.assign(mean=tariffs[HOURS].mean(axis=1)), "tariff", "mean")
    return (hourly["multiplier"] * weight).groupby(hourly["tariff"]).sum() / HOURS_PER_YEAR


def _charges(plan: Plan, slices: pd.DataFrame) -> None:
    weight, draw = plan.clock.weight, plan.grid_energy
    plan.charge("energy", draw * (_prices(plan) * _KW_PER_MW / MILLION) * weight)
    seasons = plan.clock.table[["slice", "season"]].set_index("slice")["season"]
    peaks = slices.assign(season=slices["slice"].map(seasons))[["site", "year", "season"]].drop_duplicates()
    plan.peaks = peak = plan.variables("peak", peaks, unit="MW", scale=1e2)
    by_season = slices.assign(season=slices["slice"].map(seasons))
    how: dict[str, Any] = {"kind": "definition", "limit": "seasonal peak"}
    plan.constraints("peak", by_season, draw, "<=", peak, unit="MW", scale=1e2, **how)
    charge = plan.table("site_power").set_index("site")["demand_charge_cny_per_kw_month"].astype(float)
    months = pd.Series(dict(plan.clock.months), dtype=float).rename_axis("season")
    plan.charge("demand_charge", peak * (charge * _KW_PER_MW / MILLION) * months)


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    settings, weight = plan.settings("power"), plan.clock.weight
    over = _site_years(plan)
    slices = product(over, plan.slices()[["slice"]])
    it, grid = solution.value(plan.it_load, slices), solution.variables(plan.grid_energy)
    rows = solution.constraints("connection")
    capacity = solution.value(_connection(plan, settings, over), over)
    used = rows[["site", "year"]].assign(value=capacity["value"] - rows["slack"].to_numpy())
    facility = it.assign(value=it["value"] * pd.MultiIndex.from_frame(it[["site", "slice"]]).map(pue(plan).to_dict()))
    price = _prices(plan).rename("value").reset_index().merge(pd.DataFrame({"year": list(plan.years)}), how="cross")
    parts = [
        results_table.rows("it_load", "MW", it), results_table.rows("grid_load", "MW", grid),
        results_table.rows("energy_price", "CNY/MWh", price.assign(value=price["value"] * _KW_PER_MW)),
        results_table.rows("capacity", "MW", capacity, item="grid"),
        results_table.rows("used", "MW", used, item="grid"),
        results_table.rows("electricity", "MWh", _by_year(facility, weight)),
        results_table.rows("grid_electricity", "MWh", _by_year(grid, weight)),
        results_table.rows("it_electricity", "MWh", _by_kind(plan, solution)),
        results_table.rows("fixed_load", "MW", fixed_load(plan), "it_mw"),
    ]  # fmt: skip
    quota = solution.constraints("metro_quota", if_built=True)
    parts.append(results_table.rows("metro_quota", "MWh", quota, "right"))
    if "built_grid" in plan.program.variables:
        parts.append(
            results_table.rows("built", "MW", solution.entered("built_grid", plan.periods.counts_for), item="grid")
        )
    return parts + _utilisation(grid, capacity, weight)


def _by_year(load: pd.DataFrame, weight: pd.Series) -> pd.DataFrame:
    """MW by site, year and slice -> MWh a year by site and year."""
    energy = load.assign(value=load["value"] * load["slice"].map(weight).astype(float))
    return energy.groupby(["site", "year"], as_index=False)["value"].sum()


def _by_kind(plan: Plan, solution: Solution) -> pd.DataFrame:
    """IT energy by site and kind of compute, with fixed load as a kind of its own [MWh/a]."""
    kinds = fleet.families(plan).set_index("device")["kind"]
    devices = _device_load(plan).label(kind=kinds)
    over = fleet.present(plan).assign(kind=lambda t: t["device"].map(kinds))[["site", "year", "kind"]].drop_duplicates()
    slices = over.merge(plan.slices(), how="cross")
    load = solution.value(devices, slices[["site", "year", "kind", "slice"]])
    load["value"] *= slices["weight"].to_numpy()
    fixed = fixed_load(plan).rename(columns={"it_mw": "value"}).assign(kind="fixed load")
    fixed["value"] *= HOURS_PER_YEAR
    keys = ["site", "year", "kind"]
    return pd.concat([load, fixed])[[*keys, "value"]].groupby(keys, as_index=False)["value"].sum()


def _utilisation(grid: pd.DataFrame, capacity: pd.DataFrame, weight: pd.Series) -> list[pd.DataFrame]:
    """Draw over connection: weighted mean, weighted 95th percentile, peak [1]."""
    keys = ["site", "year"]
    joined = grid.merge(capacity.rename(columns={"value": "mw"}), on=keys)
    joined = joined[joined["mw"] > 0].assign(
        use=lambda t: t["value"] / t["mw"], weight=lambda t: t["slice"].map(weight).astype(float)
    )
    joined = joined.sort_values([*keys, "use"])
    share = joined.groupby(keys)["weight"].cumsum() / joined.groupby(keys)["weight"].transform("sum")
    mean = joined.assign(use=joined["use"] * joined["weight"]).groupby(keys, as_index=False)["use"].sum()
    return [
        results_table.rows("utilisation", "1", mean.assign(use=mean["use"] / HOURS_PER_YEAR), "use", item="grid"),
        results_table.rows(
            "utilisation_p95",
            "1",
            joined[share >= 0.95 - ROUNDING].groupby(keys, as_index=False)["use"].first(),
            "use",
            item="grid",
        ),
        results_table.rows(
            "utilisation_peak", "1", joined.groupby(keys, as_index=False)["use"].max(), "use", item="grid"
        ),
    ]
