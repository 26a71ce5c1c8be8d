"""Water: what cooling takes at each site, what it costs, and how much may be taken.

use     water[site, year] = WUE[site] x sum over slices weight x IT load                    [m3 a year], site, year
        IT load = (grid draw + own output used + discharge - charge) / PUE[site, slice]     [MW], by the power balance
cap     sum of water at a site, in a region or in the country <= cap, where there is one    [m3 a year], place, year
charge  water x price                                                                       [million CNY a year]

WUE = litres of water for each kWh of IT load (1 l/kWh = 1 m3/MWh), by how the site is cooled. Closed loops take more
power than evaporation; that is not modelled: the PUE of a site stays what it is. Without `charge` and caps nothing is
built, and the use is reported all the same.
Reads `grid_energy`, `own_output`, `discharge`; tables water, sites, pue. Writes nothing.
Source: water usage effectiveness as The Green Grid defines it; figures in data/water.csv (assumption).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import pandas as pd
from pydantic import Field

from eastwest.errors import InputError
from eastwest.lp.expression import Expression
from eastwest.lp.solution import Solution
from eastwest.model.data.sites import pue
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.contract import ByYear, Context, Contract, Identifier, NameOf, NonNegative, Row, Tables
from eastwest.schema.units import MILLION

_CAP: dict[str, Any] = {"kind": "rule", "limit": "water cap", "rule": "caps on water"}


class _Water(Row):
    key = ("site",)
    about = "How each site is cooled, and the water that takes"
    may_be_empty = True
    refers = {"site": "sites"}
    site: Identifier = Field(description="site")
    cooling: Literal["evaporative", "closed_loop"] = Field(description="evaporative, or closed loop and free air")
    wue_l_per_kwh: NonNegative = Field(description="water for each kWh of IT load [l/kWh]")
    price_cny_per_m3: NonNegative = Field(description="price of industrial water [CNY/m3]")


class Data(Contract):
    """Water for cooling."""

    tables: ClassVar[dict[str, type[Row]]] = {"water": _Water}
    charge: bool = Field(False, description="water is paid for")
    cap_m3: dict[Annotated[Identifier, NameOf("site", "sites.region")], ByYear] = Field(
        default_factory=dict, description="most water, by site or region, one for all years or by year [m3 a year]"
    )
    national_cap_m3: ByYear | None = Field(None, description="the same for the country [m3 a year]")

    def check(self, tables: Tables, years: tuple[int, ...], context: Context) -> None:
        """Where water is capped it is known how much is taken."""
        sites = tables["sites"]
        dark = sites[~sites["site"].isin(tables["water"]["site"])]
        for place in self.cap_m3:
            lacking = dark.loc[(dark["site"] == place) | (dark["region"] == place), "site"]
            if len(lacking):
                raise context.wrong("cap_m3", f"site '{lacking.iloc[0]}' has no row in the table water")


def build(plan: Plan) -> None:
    settings = plan.settings("water")
    if not (settings.charge or settings.cap_m3 or settings.national_cap_m3 is not None):
        return
    _refuse_unknown(plan)
    if settings.charge:
        plan.charge("water", _use(plan) * (_column(plan, "price_cny_per_m3") / MILLION))
    _cap_places(plan, settings)
    national = plan.periods.by_year({} if settings.national_cap_m3 is None else settings.national_cap_m3)
    if len(national):
        over = national.index.to_frame(index=False)
        plan.constraints("water_nation", over, _use(plan), "<=", national, unit="m3", scale=1e6, **_CAP)


def _use(plan: Plan) -> Expression:
    """WUE x IT energy [m3 a year]; IT energy = what supplies the site / PUE, which the power balance makes exact."""
    supplied = plan.grid_energy + plan.own_output + plan.discharge
    water: Expression = supplied * (1 / pue(plan)) * plan.clock.weight
    wue = _column(plan, "wue_l_per_kwh")
    water = water.where(site=wue.index) * wue
    return water


def _column(plan: Plan, name: str) -> pd.Series:
    return plan.table("water").set_index("site")[name].astype(float)


def _over(plan: Plan) -> pd.DataFrame:
    """Sites and years that draw power."""
    return plan.grid_energy.index[["site", "year"]].drop_duplicates().reset_index(drop=True)


def _refuse_unknown(plan: Plan) -> None:
    lacking = _over(plan)["site"][~_over(plan)["site"].isin(plan.table("water")["site"])]
    if len(lacking):
        message = f"site '{lacking.iloc[0]}' has no row, but water is charged or capped"
        raise InputError(message, where="table water", key="column site")


def _cap_places(plan: Plan, settings: Data) -> None:
    """A row for each site or region and year that has a cap; a region takes all its sites together."""
    regions = plan.table("sites").set_index("site")["region"]
    drawing = _over(plan)["site"]
    for column, known in (("site", set(drawing)), ("region", set(drawing.map(regions)))):
        parts = {name: plan.periods.by_year(cap) for name, cap in settings.cap_m3.items() if name in known}
        if sum(map(len, parts.values())):
            caps = pd.concat(parts, names=[column, "year"])
            over = caps.index.to_frame(index=False)
            water = _use(plan) if column == "site" else _use(plan).label(region=regions)
            plan.constraints(f"water_{column}", over, water, "<=", caps, unit="m3", scale=1e4, **_CAP)


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    over = _over(plan)
    over = over[over["site"].isin(plan.table("water")["site"])].reset_index(drop=True)
    if over.empty:
        return []
    used = solution.value(_use(plan), over)
    cooling = plan.table("water").set_index("site")["cooling"]
    parts = [results_table.rows("water", "m3", used.assign(item=used["site"].map(cooling)))]
    for name in ("water_site", "water_region", "water_nation"):
        parts.append(results_table.rows("water_cap", "m3", solution.constraints(name, if_built=True), "right"))
    return parts
