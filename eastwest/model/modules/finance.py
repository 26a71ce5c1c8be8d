"""What capital costs a year, and how costs are shown.

objective = sum over years factor[year] x what the year pays, factor = sum over the years it stands for (1 + r)^-n
annual cost of an asset = overnight x (r / (1 - (1 + r)^-life) + fixed O&M share)          [million CNY/a per unit]

Every bought asset is charged its annual cost in each modelled year of its life, by the share of the year that it is in
service, used or not; there is no residual term. Costs in the report are what each year pays, undiscounted.
Devices are all-in: price x (1 + server share + fabric share) unless `price_basis` says so already.

Reads tables costs, devices, sites. Writes `finance` (overnight and annual costs) to the plan.
Source: annuities as in any capital-budgeting text; shares and rates in data/costs.csv.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd
from pydantic import Field

from eastwest.lp.solution import Solution
from eastwest.model.data import fleet
from eastwest.model.dates import annuity
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.contract import Contract, NonNegative
from eastwest.schema.units import MILLION, MONEY


class Data(Contract):
    """Money: price level, discount rates, and which column of the cost table."""

    price_year: int = Field(2025, ge=2000, le=2100, description="price level of all money [year]")
    costs: Literal["low", "mid", "high"] = Field("mid", description="which column of costs")
    discount_rate: NonNegative | None = Field(
        None, description="turns years into present value; none = discount_rate_system of costs [1/a, real]"
    )


@dataclass(frozen=True)
class _Finance:
    """Overnight and annual costs per unit [million CNY, million CNY/a]."""

    device_overnight: pd.Series
    device_annual: pd.Series
    hall_overnight: pd.Series
    hall_annual: pd.Series
    grid_overnight: pd.Series
    grid_annual: pd.Series


def build(plan: Plan) -> None:
    devices = fleet.families(plan).set_index("device")
    sites = plan.table("sites").set_index("site")
    extra = (
        devices["price_basis"]
        .map({"device": plan.cost("server_share") + plan.cost("fabric_share"), "all_in": 0.0})
        .astype(float)
    )
    overnight = devices["price_cny"].astype(float) * (1 + extra) / MILLION
    rate = plan.cost("discount_rate_devices")
    factor = devices["lifetime_years"].astype(float).map(lambda life: annuity(rate, life)) + plan.cost("it_om_share")
    halls = sites["hall_capex_million_cny_per_mw"].astype(float)
    grid = sites["grid_capex_million_cny_per_mw"].astype(float)
    hall_factor = annuity(plan.cost("discount_rate_halls"), plan.cost("hall_life_years")) + plan.cost("hall_om_share")
    grid_factor = annuity(plan.cost("discount_rate_grid"), plan.cost("grid_life_years"))
    plan.finance = _Finance(overnight, overnight * factor, halls, halls * hall_factor, grid, grid * grid_factor)


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    parts = [
        results_table.rows("cost", MONEY, _labelled(plan, solution, item), item=item) for item in plan.program.items
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
    return results_table.rows("replacement_cost", MONEY, placed.assign(value=cost.fillna(0.0)), item="devices")
