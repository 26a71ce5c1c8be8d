"""What capital costs a year, what a unit of service costs, and how costs are shown.

objective = sum over years factor[year] x what the year pays, factor = sum over the years it stands for (1 + r)^-n
annual cost of an asset = overnight x (r / (1 - (1 + r)^-life) + fixed O&M share)          [million CNY/a per unit]
levelised[device, site, work] = (device + rated power x (hall + headroom x diversity x PUE x grid connection
                                 + busy draw x PUE x 8,760 h x price)) / (peak x use x availability)

Every bought asset is charged its annual cost in each modelled year of its life, by the share of the year that it is in
service, used or not; there is no residual term. Costs in the report are what each year pays, undiscounted.
Devices are all-in: price x (1 + server share + fabric share) unless `price_basis` says so already.

Reads tables costs, devices, sites, site_power, pue. Writes `finance` (annual costs and levelised costs) to the plan.
Source: annuities as in any capital-budgeting text; shares and rates in data/costs.csv.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd
from pydantic import Field

from eastwest.lp.solution import Solution
from eastwest.model.clock import HOURS_PER_YEAR
from eastwest.model.data import fleet
from eastwest.model.data.sites import mean_pue
from eastwest.model.dates import annuity
from eastwest.model.frames import product
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.contract import Contract, NonNegative

_MILLION = 1e6


class Data(Contract):
    """Money: price level, discount rates, and which column of the cost table."""

    price_year: int = Field(2025, ge=2000, le=2100, description="price level of all money [year]")
    costs: Literal["low", "mid", "high"] = Field("mid", description="which column of costs")
    discount_rate: NonNegative | None = Field(
        None, description="turns years into present value; none = discount_rate_system of costs [1/a, real]"
    )


@dataclass(frozen=True)
class _Finance:
    """Overnight and annual costs per unit [million CNY, million CNY/a]; levelised [CNY per delivered PFLOP/s h]."""

    device_overnight: pd.Series
    device_annual: pd.Series
    hall_overnight: pd.Series
    hall_annual: pd.Series
    grid_overnight: pd.Series
    grid_annual: pd.Series
    levelised: pd.Series


def build(plan: Plan) -> None:
    devices = fleet.families(plan).set_index("device")
    sites = plan.table("sites").set_index("site")
    extra = (
        devices["price_basis"]
        .map({"device": plan.cost("server_share") + plan.cost("fabric_share"), "all_in": 0.0})
        .astype(float)
    )
    overnight = devices["price_cny"].astype(float) * (1 + extra) / _MILLION
    rate = plan.cost("discount_rate_devices")
    factor = devices["lifetime_years"].astype(float).map(lambda life: annuity(rate, life)) + plan.cost("it_om_share")
    halls = sites["hall_capex_million_cny_per_mw"].astype(float)
    grid = sites["grid_capex_million_cny_per_mw"].astype(float)
    hall_factor = annuity(plan.cost("discount_rate_halls"), plan.cost("hall_life_years")) + plan.cost("hall_om_share")
    grid_factor = annuity(plan.cost("discount_rate_grid"), plan.cost("grid_life_years"))
    plan.finance = _Finance(
        overnight, overnight * factor, halls, halls * hall_factor, grid, grid * grid_factor,
        _levelised(plan, overnight * factor, halls * hall_factor, grid * grid_factor),
    )  # fmt: skip


def _levelised(plan: Plan, device: pd.Series, hall: pd.Series, grid: pd.Series) -> pd.Series:
    """Cost of serving at full use with a new device [CNY/(PFLOP/s h)], labelled by device, work and site."""
    power, settings = plan.settings("power"), plan.settings("devices")
    rate = fleet.throughput(plan).rename("rate").reset_index()
    prices = plan.table("site_power").set_index("site")["price_cny_per_kwh"].astype(float)
    pue = mean_pue(plan)
    site = pd.DataFrame(
        {"hall": hall, "grid": grid * power.headroom * power.diversity * pue, "pue": pue, "price": prices}
    )
    pairs = product(rate, site.rename_axis("site").reset_index())
    rated = pairs["device"].map(fleet.rated_mw(plan)).astype(float)
    draw = pairs["work"].map(
        lambda work: settings.busy_power_training if work == "training" else settings.busy_power_other
    )
    energy = draw * pairs["pue"] * HOURS_PER_YEAR * pairs["price"] * 1e3 / _MILLION
    yearly = pairs["device"].map(device).astype(float) + rated * (pairs["hall"] + pairs["grid"] + energy)
    cost = (yearly * _MILLION / HOURS_PER_YEAR / pairs["rate"]).rename("cost")
    return pairs.assign(cost=cost).dropna(subset="cost").set_index(["device", "work", "site"])["cost"]


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    parts = [
        results_table.rows("cost", "million CNY", _labelled(plan, solution, item), item=item)
        for item in plan.program.items
    ]
    return [*parts, _sunk(plan)]


def _labelled(plan: Plan, solution: Solution, item: str) -> pd.DataFrame:
    """An item of cost by the labels that reports use; slices are summed."""
    cost = solution.cost(item)
    cost = plan.yearly_cost(item, cost) if len(cost) else cost
    keep = [column for column in ("year", "region", "task", "site", "device", "corridor", "kind") if column in cost]
    return cost.groupby(keep, as_index=False, dropna=False)["value"].sum() if len(cost) else cost


def _sunk(plan: Plan) -> pd.DataFrame:
    """What stands already, at the annual cost of replacing it: shown beside the objective, never inside it."""
    placed = fleet.in_place(plan)
    cost = placed["devices"] * placed["device"].map(plan.finance.device_annual).astype(float)
    return results_table.rows("replacement_cost", "million CNY", placed.assign(value=cost.fillna(0.0)), item="devices")
