"""Rules a planner sets: shares of new compute, a target of installed compute, use of new halls, a cap on spending.

hub     sum new dense peak at hub sites >= share x sum new dense peak             [PFLOP/s intelligent], year
west    the same for the sites that count as West
target  dense peak in place + sum bought x peak x share of the year in life >= target       [PFLOP/s], kind, year
use     rated standard devices + fixed load >= share x new standard hall, where any is built      [MW IT], site, year
spend   overnight cost of everything that enters service in a year <= cap                      [million CNY], vintage

New = commitments after the anchor date + bought, in service in the year. All shares are per kind, in dense peak; kinds
are never added. None of the rules holds by default.
Reads `bought`, `energised`, `built_halls`, `finance`; tables sites, devices, commitments. Source: policy_targets.csv
(60 % of new compute in hubs, 2023-12; occupancy 65 %, approval letters; 9,800 EFLOP/s in 2030, MIIT 2026-09).
"""

from __future__ import annotations

from typing import Any, ClassVar

import pandas as pd
from pydantic import Field

from eastwest.errors import InputError
from eastwest.lp.solution import Solution
from eastwest.model.data import announced, fleet, new_compute
from eastwest.model.data.sites import fixed_load, in_life, vintages
from eastwest.model.plan import Plan
from eastwest.schema.columns import Column
from eastwest.schema.contract import ByVintage, ByYear, Contract, KindName, Share
from eastwest.schema.metrics import VALUE, YEAR, Metric
from eastwest.schema.units import MONEY

_SIGNED = (announced.DEVICES,)


_HALL = {"item": "hall_standard"}
_HALLS = (Column("used", "used", "MW", _HALL), Column("capacity", "capacity", "MW", _HALL))
_USE = Metric(
    "standard halls used", "1", _HALLS[0], over=_HALLS[1], setting={"new_hall_occupancy": VALUE},
    remark="the rule holds for new halls, so it does not meet this alone",
)  # fmt: skip


class Data(Contract):
    """Rules that a planner sets; none by default."""

    metrics: ClassVar[dict[str, Metric]] = {
        "ai_compute_target": Metric(
            "installed peak, intelligent", "PFLOP/s", new_compute.INSTALLED,
            setting={"least_installed_pflops": {"intelligent": {YEAR: VALUE}}},
        ),
        "hub_share_of_new_compute_min": Metric(
            "hubs in new compute, intelligent", "1",
            Column("share", "share_of_new_peak", "1", {"item": "new: hub", "kind": "intelligent"}, how="only"),
            setting={"hub_share_of_new_intelligent": VALUE}, remark="for intelligent compute; the target adds kinds",
        ),
        "rack_utilisation": Metric("standard halls used", "1", _HALLS[0], over=_HALLS[1]),
        "rack_utilisation_min": _USE, "western_dc_utilisation": _USE,
    }  # fmt: skip
    hub_share_of_new_intelligent: Share | None = Field(None, description="floor on hubs in new intelligent peak [1]")
    west_share_of_new_intelligent: Share | None = Field(
        None, description="floor on the West in new intelligent peak [1]"
    )
    new_hall_occupancy: Share | None = Field(None, description="floor on use of new standard halls [1]")
    least_installed_pflops: dict[KindName, ByYear] | None = Field(
        None,
        description="least installed dense peak by kind, for all years or by year {intelligent: {2030: 1}} [PFLOP/s]",
    )
    spending_cap_million_cny: ByVintage | None = Field(
        None, description="cap on overnight capex, one for all years or by year [million CNY a year]"
    )


def build(plan: Plan) -> None:
    settings = plan.settings("policy")
    sites = plan.table("sites").set_index("site")
    hub, west = sites["hub"].notna(), sites["west"].astype(bool)
    floors = _rule("floor on hubs in new compute", "hub_share_of_new_intelligent")
    _share_floor(plan, "hub_share", hub, settings.hub_share_of_new_intelligent, floors)
    floors = _rule("floor on the West in new compute", "west_share_of_new_intelligent")
    _share_floor(plan, "west_share", west, settings.west_share_of_new_intelligent, floors)
    _least_installed(plan, settings.least_installed_pflops or {})
    if settings.new_hall_occupancy is not None and plan.built_halls is not None:
        _fill_new_halls(plan, settings.new_hall_occupancy)
    if settings.spending_cap_million_cny is not None:
        _cap_spending(plan, settings.spending_cap_million_cny)


def _rule(words: str, setting: str) -> dict[str, Any]:
    """A rule that has one limit, of its own name."""
    return {"kind": "rule", "limit": words, "rule": words, "setting": setting}


def _share_floor(plan: Plan, name: str, counts: pd.Series, share: float | None, rule: dict[str, Any]) -> None:
    """sum of new peak x (counts - share) >= 0, with commitments as constants."""
    new = None if share is None else new_compute.above_share(plan, "site", counts, share)
    if new is not None:
        over = pd.DataFrame({"year": list(plan.years)})
        plan.constraints(name, over, new, ">=", unit="PFLOP/s", scale=1e3, **rule, announced=_SIGNED)


def _least_installed(plan: Plan, asked: dict[str, float | dict[int, float]]) -> None:
    """Installed dense peak of a kind, as the report counts it: yearly mean of what stands and of what is bought."""
    rows = [(kind, year, least) for kind in asked for year, least in plan.periods.by_year(asked[kind]).items()]
    if not rows or "least_installed" in plan.held:
        return
    least = pd.DataFrame(rows, columns=["kind", "year", "least"]).set_index(["kind", "year"])["least"]
    devices, placed, buys = fleet.families(plan).set_index("device"), fleet.in_place(plan), fleet.buyable(plan)
    kinds, size = devices["kind"], devices["peak_pflops"].astype(float)
    each = placed["device"].map(size).astype(float)
    stands = placed.assign(kind=placed["device"].map(kinds), peak=placed["devices"] * each)
    added = least - stands.groupby(["kind", "year"])["peak"].sum().reindex(least.index, fill_value=0.0)
    alone = ~added.index.get_level_values("kind").isin(set(buys["device"].map(kinds)))
    for (kind, year), left in added[alone & (added > 0)].items():
        message = f"{left:,.6g} PFLOP/s are lacking in {year}, and no device of this kind can be bought"
        raise InputError(message, where=f"settings, key policy.least_installed_pflops.{kind}")
    over = added[~alone].index.to_frame(index=False)
    bought, rule = (plan.bought * fleet.in_service(plan) * size).label(kind=kinds), "least installed compute"
    how = {**_rule(rule, "least_installed_pflops"), "limit": f"{rule}, beyond what stands", "announced": _SIGNED}
    plan.constraints("least_installed", over, bought, ">=", added, unit="PFLOP/s", scale=1e3, may_be_empty=True, **how)


def _fill_new_halls(plan: Plan, share: float) -> None:
    built = plan.built_halls
    halls = built.index[built.index["asset"] == "hall_standard"][["site"]].drop_duplicates()
    over = halls.merge(pd.DataFrame({"year": list(plan.years)}), how="cross")
    hall = fleet.families(plan).set_index("device")["hall_class"]
    rated = (plan.energised * fleet.rated_mw(plan)).where(device=list(hall[hall == "standard"].index))
    fixed = (
        fixed_load(plan)
        .groupby(["site", "year"])["it_mw"]
        .sum()
        .reindex(pd.MultiIndex.from_frame(over), fill_value=0.0)
    )
    alive = in_life(plan, vintages(plan, plan.settings("facilities").lead_months), plan.cost("hall_life_years"))
    new = built.expression().where(asset="hall_standard") * ((alive > 0).astype(float) * share)
    how = _rule("use of new standard halls", "new_hall_occupancy")
    plan.constraints("occupancy", over, rated.plus(fixed), ">=", new, unit="MW", may_be_empty=True, **how)


def _cap_spending(plan: Plan, cap: float | dict[int, float]) -> None:
    """Overnight cost of everything that is delivered or built in a calendar year, whatever module builds it."""
    entering = {year for term in plan.overnight.terms for year in term.group.index["vintage"]}
    caps = cap if isinstance(cap, dict) else dict.fromkeys(plan.vintages, cap)
    right = pd.Series({year: caps[year] for year in sorted(entering & caps.keys())}, dtype=float).rename_axis("vintage")
    if len(right):
        over, how = right.index.to_frame(index=False), _rule("spending cap", "spending_cap_million_cny")
        plan.constraints("spending", over, plan.overnight, "<=", right, unit=MONEY, scale=1e3, **how)


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    sites = plan.table("sites").set_index("site")
    bought = new_compute.bought(plan, solution)
    groups = {
        "hub": ("site", sites["hub"].notna()), "west": ("site", sites["west"].astype(bool)),
        "resource_west": ("site", sites["resource_west"].astype(bool)), "cluster": ("site", sites["kind"] == "cluster"),
    }  # fmt: skip
    return [*new_compute.totals(plan, bought), *new_compute.shares(plan, bought, groups)]
