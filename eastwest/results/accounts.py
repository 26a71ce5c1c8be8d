"""Users' money beside the system's: who pays, who gains, worked out from rows of the results table.

system_cost      cost without penalties and transfers, at the industrial price of energy                   site, kind
transfer         vouchers and what preferential tariffs save, by who is served and where      region, site, kind, payer
user_cost        system cost - transfers: what users bear where operators pass on their cost                     kind
operator_margin  rent - system cost of what is rented there                                                site, kind

A saving at a site is shared by kinds and fixed load by IT energy, and within a kind by whom the site serves. Nothing is
added over kinds but money. Everything is what a year pays [million CNY].
"""

from __future__ import annotations

import pandas as pd

from eastwest.model.clock import HOURS_PER_YEAR
from eastwest.model.plan import Plan
from eastwest.results.headline import PENALTIES, TRANSFERS, by_it_energy, cost_by_kind, kinds_of
from eastwest.schema import results_table
from eastwest.schema.thresholds import NOTHING
from eastwest.schema.units import MILLION, MONEY

MARGINS = ("over cost of the year", "over cost with standing devices")


def user_accounts(table: pd.DataFrame, plan: Plan) -> list[pd.DataFrame]:
    """Rows of all years; nothing where the scenario keeps no account of users."""
    if not table["quantity"].isin(["rent_paid", "voucher_paid", "preferential_saving"]).any():
        return []
    inside = plan.settings("power").prices == "preferential"
    years = [(year, of_year) for year, of_year in table[table["year"] > 0].groupby("year")]
    return [part.assign(year=year) for year, of_year in years for part in _of_year(of_year, inside)]


def _of_year(table: pd.DataFrame, inside: bool) -> list[pd.DataFrame]:
    """The accounts of one year; `inside`: the energy in its cost is at the preferential price already."""
    saved = by_it_energy(table, table[table["quantity"] == "preferential_saving"])
    system = cost_by_kind(table)
    paid = table[(table["quantity"] == "cost") & ~table["item"].isin(TRANSFERS)]
    penalties = float(paid.loc[paid["item"].isin(PENALTIES), "value"].sum())
    total = float(paid["value"].sum()) - penalties
    if inside:
        system = pd.concat([system, saved[["site", "kind", "value"]]])
        total += float(saved["value"].sum())
    system = system.groupby(["site", "kind"], as_index=False)["value"].sum()
    elsewhere = pd.DataFrame({"site": [""], "kind": [""], "value": [total - float(system["value"].sum())]})
    system = pd.concat([system, elsewhere[elsewhere["value"].abs() > NOTHING * abs(total)]])
    transfers = pd.concat([table[table["quantity"] == "voucher_paid"], _by_region(table, saved)])
    transfers = transfers[["region", "site", "kind", "item", "value"]]
    gained = transfers.groupby("kind")["value"].sum()
    bear = system.groupby("kind")["value"].sum().sub(gained, fill_value=0.0)
    parts = [
        results_table.rows("system_cost", MONEY, system),
        results_table.rows("transfer", MONEY, transfers),
        results_table.rows("user_cost", MONEY, bear.rename("value").reset_index()),
        *_margins(table, system),
    ]
    return parts + _headlines(table, bear, total + penalties, float(gained.sum()))


def _by_region(table: pd.DataFrame, saved: pd.DataFrame) -> pd.DataFrame:
    """Savings at sites by the regions that a site serves, within a kind; where it serves none the region is empty."""
    served = table[table["quantity"] == "served"].groupby(["site", "kind", "region"], as_index=False)["value"].sum()
    served["part"] = served["value"] / served.groupby(["site", "kind"])["value"].transform("sum")
    spread = saved.drop(columns="region").merge(served.drop(columns="value"), on=["site", "kind"], how="left")
    return spread.assign(region=spread["region"].fillna(""), value=spread["value"] * spread["part"].fillna(1.0))


def _margins(table: pd.DataFrame, system: pd.DataFrame) -> list[pd.DataFrame]:
    """Rent less cost at each site, for the kinds that have a rent: cost of the year, and standing devices replaced."""
    keys = ["site", "kind"]
    rent = table[table["quantity"] == "rent_paid"].groupby(keys)["value"].sum()
    cost = system.groupby(keys)["value"].sum()
    existing = table[table["quantity"] == "replacement_cost"]
    _, devices = kinds_of(table)
    existing = existing.assign(kind=existing["device"].map(devices)).groupby(keys)["value"].sum()
    rented = cost.index.get_level_values("kind").isin(rent.index.get_level_values("kind").unique())
    margin = rent.sub(cost[rented & (cost.index.get_level_values("site") != "")], fill_value=0.0)
    whole = margin.sub(existing[existing.index.isin(margin.index)], fill_value=0.0)
    return [
        results_table.rows("operator_margin", MONEY, values.rename("value").reset_index(), item=item)
        for item, values in zip(MARGINS, (margin, whole), strict=True)
    ]


def _headlines(table: pd.DataFrame, bear: pd.Series, system: float, gained: float) -> list[pd.DataFrame]:
    """The objectives that either side would minimise, and what users bear per delivered unit of each kind."""
    totals = pd.DataFrame(
        {
            "item": ["system_cost_with_penalties", "user_cost_with_penalties", "user_cost"],
            "value": [system, system - gained, float(bear.sum())],
        }
    )
    served = table[table["quantity"] == "served"].groupby("kind")["value"].sum() * (HOURS_PER_YEAR / MILLION)
    rent, voucher = (
        table[table["quantity"] == name].groupby("kind")["value"].sum() for name in ("rent_paid", "voucher_paid")
    )
    after = rent.sub(voucher, fill_value=0.0)
    parts = [results_table.rows("headline", MONEY, totals)]
    for item, money in (("user_cost", bear), ("rent_after_vouchers", after)):
        each = money.rename("value").rename_axis("kind").reset_index()
        each = each[each["kind"].isin(served[served > 0].index)]
        per = each.assign(value=each["value"] / each["kind"].map(served).astype(float))
        parts.append(results_table.rows("headline", MONEY, each, item=item))
        parts.append(results_table.rows("headline", "CNY/(PFLOP/s h)", per, item=f"{item}_per_delivered"))
    return parts
