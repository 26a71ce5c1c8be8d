"""Rules a planner sets: shares of new compute, use of new halls, a cap on spending. None of them by default.

hub     sum new dense peak at hub sites >= share x sum new dense peak             [PFLOP/s intelligent], year
west    the same for the sites that count as West
use     rated standard devices + fixed load >= share x new standard hall, where any is built      [MW IT], site, year
spend   overnight cost of everything that enters service in a year <= cap                      [million CNY], vintage

New = commitments after the anchor date + bought, in service in the year. All shares are per kind, in dense peak; kinds
are never added.
Reads `bought`, `energised`, `hall_capacity`, `finance`; tables sites, devices, commitments. Source: policy_targets.csv
(60 % of new compute in hubs, 2023-12; occupancy 65 %, approval letters).
"""

from __future__ import annotations

import pandas as pd
from pydantic import Field

from eastwest import fleet, longtable
from eastwest.contract import ByYear, Contract, Share
from eastwest.plan import Plan, by_year, share_in_life
from eastwest.sitework import fixed_load, in_life, vintages
from eastwest.solution import Solution


class Data(Contract):
    """Rules that a planner sets; none by default."""

    hub_share_of_new_intelligent: Share | None = Field(None, description="floor on hubs in new intelligent peak [1]")
    west_share_of_new_intelligent: Share | None = Field(
        None, description="floor on the West in new intelligent peak [1]"
    )
    new_hall_occupancy: Share | None = Field(None, description="floor on use of new standard halls [1]")
    spending_cap_million_cny: ByYear | None = Field(
        None, description="cap on overnight capex, one for all years or by year [million CNY a year]"
    )


def build(plan: Plan) -> None:
    settings = plan.settings("policy")
    sites = plan.table("sites").set_index("site")
    _share_floor(
        plan, "hub_share", "floor on hubs in new compute", sites["hub"].notna(), settings.hub_share_of_new_intelligent
    )
    _share_floor(
        plan,
        "west_share",
        "floor on the West in new compute",
        sites["west"].astype(bool),
        settings.west_share_of_new_intelligent,
    )
    if settings.new_hall_occupancy is not None and "built_hall" in plan.program.variables:
        _fill_new_halls(plan, settings.new_hall_occupancy)
    if settings.spending_cap_million_cny is not None:
        _cap_spending(plan, by_year(settings.spending_cap_million_cny, plan.vintages))


def _intelligent_peak(plan: Plan) -> pd.Series:
    devices = fleet.families(plan)
    devices = devices[devices["kind"] == "intelligent"]
    return devices.set_index("device")["peak_pflops"].astype(float)


def _share_floor(plan: Plan, name: str, limit: str, counts: pd.Series, share: float | None) -> None:
    """sum of new peak x (counts - share) >= 0, with commitments as constants."""
    peak = _intelligent_peak(plan)
    if share is None or not fleet.buyable(plan)["device"].isin(peak.index).any():
        return  # nothing new is decided here: commitments alone cannot meet or miss a rule
    weight = (counts.astype(float) - share).rename_axis("site")
    placed = _committed(plan, plan.years)
    placed = placed[placed["device"].isin(peak.index)]
    given = placed["value"] * placed["device"].map(peak) * placed["site"].map(weight)
    years = pd.Index(list(plan.years), name="year")
    constant = given.astype(float).groupby(placed["year"]).sum().reindex(years, fill_value=0.0)
    bought = plan.bought.where(device=list(peak.index)) * fleet.in_life(plan)
    new = (bought * peak * weight).plus(constant)
    plan.rows(name, pd.DataFrame({"year": list(plan.years)}), new, ">=", unit="PFLOP/s", scale=1e3, limit=limit)


def _fill_new_halls(plan: Plan, share: float) -> None:
    built = plan.program.variables["built_hall"]
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
    plan.rows(
        "occupancy", over, rated.plus(fixed), ">=", new, unit="MW", limit="use of new standard halls", may_be_empty=True
    )


def _cap_spending(plan: Plan, cap: pd.Series) -> None:
    """Overnight cost of everything that enters service in a year, whatever module builds it.

    What is built between two planning years enters with the later one, so its cap is that of all the years between.
    """
    if plan.overnight.terms and len(cap):
        before = dict(zip(plan.vintages[1:], plan.vintages, strict=False))
        cap = cap * [year - before.get(year, year - 1) for year in cap.index]
        over = cap.rename_axis("vintage").index.to_frame(index=False)
        right, limit = cap.rename_axis("vintage"), "spending cap"
        plan.rows("spending", over, plan.overnight, "<=", right, unit="million CNY", scale=1e3, limit=limit)


def _committed(plan: Plan, years: tuple[int, ...]) -> pd.DataFrame:
    """Devices signed for after the anchor date: site, device, year, value = yearly mean in service [devices]."""
    signed = fleet.committed(plan)
    life = fleet.families(plan).set_index("device")["lifetime_years"].astype(float)
    lives = signed["device"].map(life)
    parts = []
    for year in years:
        pairs = zip(signed["start"], lives, strict=True)
        share = pd.Series([share_in_life(a, n, year) for a, n in pairs], index=signed.index, dtype=float)
        parts.append(signed.assign(year=year, value=signed["devices"].astype(float) * share))
    return pd.concat(parts)[["site", "device", "year", "value"]]


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    peak = _intelligent_peak(plan)
    sites = plan.table("sites").set_index("site")
    committed = _committed(plan, plan.years)
    bought = plan.bought * fleet.in_life(plan)
    decided = solution.value(bought, fleet.present(plan)) if plan.bought.terms else committed.iloc[:0]
    parts = []
    for year in plan.years:
        signed, this = committed[committed["year"] == year], decided[decided["year"] == year]
        for basis, new in (("decided", this), ("new", pd.concat([signed, this]))):
            parts += _shares(new[new["device"].isin(peak.index)] if len(new) else new, peak, sites, basis, year)
    return parts


def _shares(new: pd.DataFrame, peak: pd.Series, sites: pd.DataFrame, basis: str, year: int) -> list[pd.DataFrame]:
    """Share of new intelligent peak by group of sites; empty where nothing is new."""
    size = new["value"] * new["device"].map(peak) if len(new) else pd.Series(dtype=float)
    total = float(size.sum())
    groups = {
        "hub": sites["hub"].notna(), "west": sites["west"].astype(bool),
        "resource_west": sites["resource_west"].astype(bool), "cluster": sites["kind"] == "cluster",
    }  # fmt: skip
    parts = [
        longtable.rows(
            "new_peak", "PFLOP/s", pd.DataFrame({"value": [total], "year": year}), item=basis, kind="intelligent"
        )
    ]
    for name, counts in groups.items():
        if total > 1e-6:
            share = float(size[new["site"].map(counts).astype(bool)].sum()) / total
            row = pd.DataFrame({"value": [share], "year": year})
            parts.append(longtable.rows("share_of_new_peak", "1", row, item=f"{basis}: {name}", kind="intelligent"))
    return parts
