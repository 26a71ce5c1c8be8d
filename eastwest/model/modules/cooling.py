"""Cooling: dense racks need liquid-cooled hall, and thin racks fill the floor of a hall before its power.

liquid  sum over devices with rack_kw above the limit of air rated x energised
        <= share x dense hall + what stands cooled beyond it + sum over vintages converted x share of the year in life
                                                                                              [MW IT], site, year
whole   the right-hand side of `liquid` <= dense hall in service                              [MW IT], site, year
racks   sum over devices of a class rated / rack_kw x energised + fixed load / design <= hall / design
                                                                                [racks], site, class, year
converted  converted[site, vintage] <= limit share x dense hall that stands at the decision, a year   [MW IT]

What stands at the anchor or is signed for has the cooling it needs, at most all of the dense hall that stands. A device
without `rack_kw` is air-cooled and fills a rack of the design. Liquid-cooled halls keep the PUE of their site.
Reads `energised`, `hall_capacity`; tables devices, stock, commitments, capacity, costs, fixed_load. Writes nothing.
Source: costs.csv liquid_cooling_adder (needed above about 40 kW a rack; analyst range, assumption); racks in devices.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from pydantic import Field

from eastwest.lp.expression import Expression, Told
from eastwest.lp.solution import Solution
from eastwest.model.data import announced, fleet
from eastwest.model.data.sites import HALLS, build_within, existing, fixed_load, in_life, may_build, vintages
from eastwest.model.dates import annuity
from eastwest.model.plan import Plan, once
from eastwest.schema import results_table
from eastwest.schema.contract import Contract, NonNegative, Positive, Share

_DENSE = HALLS["dense"]
_KW_PER_MW = 1e3
_ITEM = "liquid_cooling"


class Data(Contract):
    """Racks and liquid cooling in halls; none of it by default."""

    liquid: bool = Field(False, description="racks denser than air can cool need liquid-cooled hall")
    air_limit_kw_per_rack: Positive = Field(40.0, description="densest rack that air cools [kW]")
    liquid_share_of_dense: Share = Field(0.2, description="part of every dense hall that is liquid-cooled [1]")
    conversion_limit_share: NonNegative = Field(
        0.2, description="dense hall converted to liquid per year at a site, over what stands there [1]"
    )
    conversion_lead_months: NonNegative = Field(6.0, description="from decision to service of a conversion [months]")
    dense_design_kw_per_rack: Positive | None = Field(
        None, description="power that a rack of dense hall is laid out for; none = floor is not counted [kW]"
    )
    standard_design_kw_per_rack: Positive | None = Field(None, description="the same for standard halls [kW]")


def build(plan: Plan) -> None:
    settings = plan.settings("cooling")
    if settings.liquid and len(_liquid_devices(plan)):
        _build_liquid(plan, settings)
    _count_racks(plan)


@once
def _rack_kw(plan: Plan) -> pd.Series:
    """Power of a rack by device, where there is a figure [kW]."""
    return fleet.families(plan).set_index("device")["rack_kw"].astype(float).dropna()


def _liquid_devices(plan: Plan) -> pd.Index:
    rack = _rack_kw(plan)
    hall = fleet.families(plan).set_index("device")["hall_class"]
    return rack[(rack > plan.settings("cooling").air_limit_kw_per_rack) & (hall[rack.index] == "dense")].index


def _places(plan: Plan) -> pd.DataFrame:
    """Sites and years where devices that need liquid cooling may stand, as dense halls."""
    here = fleet.present(plan)
    here = here.loc[here["device"].isin(_liquid_devices(plan)), ["site", "year"]]
    return here.drop_duplicates().assign(asset=_DENSE)[["site", "asset", "year"]].reset_index(drop=True)


def _build_liquid(plan: Plan, settings: Data) -> None:
    over = _places(plan)
    options = may_build(plan, (_DENSE,), settings.conversion_lead_months, settings.conversion_limit_share)
    options = options[options["site"].isin(over["site"])]
    if len(options):
        limit = options.set_index(["site", "vintage"])["limit"]
        told, words = Told("built", item=_ITEM), "dense hall converted a year"
        converted = build_within(plan, "converted", limit, unit="MW", limit=words, told=told)
        price = pd.Series(plan.cost("liquid_cooling_million_cny_per_mw"), pd.Index(limit.index.unique("site")))
        factor = annuity(plan.cost("discount_rate_halls"), plan.cost("hall_life_years")) + plan.cost("hall_om_share")
        plan.charge_assets(_ITEM, converted, price * factor, price, _in_life(plan))
        both = over[over["site"].isin(options["site"])]
        cooled = _cooled(plan) - plan.hall_capacity.where(asset=_DENSE)
        how: dict[str, Any] = {"kind": "limit", "limit": "dense hall to convert", "announced": (announced.HALLS,)}
        plan.constraints("liquid_hall", both, cooled, "<=", unit="MW", **how)
    how = {"kind": "limit", "limit": "liquid cooling", "announced": (announced.HALLS,)}
    plan.constraints("liquid", over, _rated(plan), "<=", _cooled(plan), unit="MW", **how)


def _in_life(plan: Plan) -> pd.Series:
    lead = plan.settings("cooling").conversion_lead_months
    return in_life(plan, vintages(plan, lead), plan.cost("hall_life_years"))


def _rated(plan: Plan) -> Expression:
    """Rated power of energised devices that need liquid cooling, by site and year [MW IT]."""
    rated: Expression = (plan.energised * fleet.rated_mw(plan)).where(device=_liquid_devices(plan))
    return rated


def _cooled(plan: Plan) -> Expression:
    """Liquid-cooled part of dense hall in service, by site, asset and year [MW IT]."""
    cooled: Expression = plan.hall_capacity.where(asset=_DENSE) * plan.settings("cooling").liquid_share_of_dense
    if "converted" in plan.program.variables:
        cooled = cooled + plan.program.variables["converted"] * _in_life(plan)
    return cooled.plus(_cooled_already(plan))


@once
def _cooled_already(plan: Plan) -> pd.Series:
    """Liquid-cooled hall beyond the share, for what stands at the anchor or is signed for, by site [MW IT]."""
    share = plan.settings("cooling").liquid_share_of_dense
    stock = plan.table("stock")
    stock = stock.loc[stock["anchor"] == plan.settings("demand").anchor, ["site", "device", "devices"]]
    there = pd.concat([stock, fleet.commitments(plan)[["site", "device", "devices"]]])
    there = there[there["device"].isin(_liquid_devices(plan))]
    each = there["device"].map(fleet.rated_mw(plan)).astype(float)
    rated = (there["devices"].astype(float) * each).groupby(there["site"]).sum()
    hall = existing(plan, (_DENSE,)).set_index("site")["mw"]
    sites = pd.Index(plan.table("sites")["site"], name="site")
    hall, rated = (part.reindex(sites, fill_value=0.0).astype(float) for part in (hall, rated))
    return (rated.clip(upper=hall) - share * hall).clip(lower=0.0)


def _designs(plan: Plan) -> dict[str, float]:
    settings = plan.settings("cooling")
    known = {"dense": settings.dense_design_kw_per_rack, "standard": settings.standard_design_kw_per_rack}
    return {name: kw for name, kw in known.items() if kw is not None}


def _count_racks(plan: Plan) -> None:
    for name, design in _designs(plan).items():
        over = _floors(plan, name)
        space, filled = plan.hall_capacity * (_KW_PER_MW / design), _filled(plan, name, design, over)
        how: dict[str, Any] = {"kind": "limit", "limit": "racks", "announced": (announced.HALLS,)}
        plan.constraints(f"racks_{name}", over, filled, "<=", space, unit="racks", scale=1e2, **how)


def _floors(plan: Plan, name: str) -> pd.DataFrame:
    """Site, asset, year of every hall of a class that devices may stand in."""
    hall = fleet.families(plan).set_index("device")["hall_class"]
    here = fleet.present(plan)
    here = here.loc[here["device"].isin(hall[hall == name].index), ["site", "year"]].drop_duplicates()
    return here.assign(asset=HALLS[name])[["site", "asset", "year"]].reset_index(drop=True)


def _filled(plan: Plan, name: str, design: float, over: pd.DataFrame) -> Expression:
    """Racks that energised devices of a class take, and fixed load at the design in standard halls."""
    hall = fleet.families(plan).set_index("device")["hall_class"]
    devices = hall[hall == name].index
    each = fleet.rated_mw(plan)[devices] * _KW_PER_MW / _rack_kw(plan).reindex(devices).fillna(design)
    filled: Expression = plan.energised.where(device=devices) * each
    if name == "dense":
        return filled
    load = fixed_load(plan).groupby(["site", "year"])["it_mw"].sum() * (_KW_PER_MW / design)
    fixed = load.reindex(pd.MultiIndex.from_frame(over[["site", "year"]]), fill_value=0.0)
    return filled.plus(fixed)


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    parts = []
    if "liquid" in plan.program.constraints:
        over = _places(plan)
        cooled, used = solution.value(_cooled(plan), over), solution.value(_rated(plan), over)
        parts += [
            results_table.rows("capacity", "MW", cooled, item=_ITEM),
            results_table.rows("used", "MW", used, item=_ITEM),
        ]
        if "converted" in plan.program.variables:
            parts.append(
                results_table.rows("built", "MW", solution.entered("converted", plan.periods.counts_for), item=_ITEM)
            )
    for name, design in _designs(plan).items():
        over = _floors(plan, name)
        space = solution.value(plan.hall_capacity * (_KW_PER_MW / design), over)
        used = solution.value(_filled(plan, name, design, over), over)
        for quantity, table in (("capacity", space), ("used", used)):
            parts.append(results_table.rows(quantity, "racks", table, item=f"racks_{name}"))
    return parts
