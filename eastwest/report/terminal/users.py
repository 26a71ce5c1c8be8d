"""Who pays, who gains: transfers by payer, by region and by site; rent, cost and margin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import RenderableType

from eastwest.formatting.words import Names, figure, plain, spaced
from eastwest.report.terminal.byyear import Line, by_year, per_year, several, sums, years_of
from eastwest.report.terminal.layout import grid, heading, paragraph
from eastwest.results.accounts import MARGINS

if TYPE_CHECKING:
    from eastwest.results.result import Result

MOST = 10
MONEY = "million CNY"
NOTE = (
    "Users bear the country's cost less what cities pay by voucher and what grid and province give up by preferential "
    "tariffs: transfers, which cost the country nothing. Standing devices are sunk and count nothing on either side: "
    "a difference between two plans says more than the level. Rent is what the same work pays at one market price."
)
MARGIN_NOTE = (
    "Margin: rent of what is served at a site, less its cost of the year; the last column also less the yearly "
    "replacement of the devices that stand there."
)


def users(result: Result, names: Names) -> Iterator[RenderableType]:
    """The accounts by year; then payer by region that gains, and sites with the most, of the last year."""
    table, years = result.table, years_of(result)
    if not (table["quantity"] == "user_cost").any():
        return
    yield heading("Who pays, who gains" + (" by year" if len(years) > 1 else f", {years[0]}"))
    yield paragraph(NOTE)
    transfers = table[table["quantity"] == "transfer"]
    lines = [Line("Cost of the country, without penalties", MONEY, sums(table, "system_cost"))]
    for payer, rows in sorted(transfers.groupby("item"), key=lambda pair: -pair[1]["value"].sum()):
        lines.append(Line(f"  paid by {_payer(result, str(payer))}", MONEY, per_year(rows)))
    lines.append(Line("Cost to users", MONEY, sums(table, "user_cost")))
    for kind in sorted(set(table.loc[table["quantity"] == "rent_paid", "kind"])):
        lines.append(Line(f"Rent, {spaced(kind)}", MONEY, sums(table, "rent_paid", kind=kind)))
        after = sums(table, "headline", item="rent_after_vouchers", kind=kind)
        lines.append(Line("  after vouchers", MONEY, after))
    yield from by_year(lines, years)
    last = years[-1]
    suffix = f" in {last}" if several(result) else ""
    if len(transfers):
        yield from _gainers(result, transfers[transfers["year"] == last], names, suffix)
    yield from _margins(table[table["year"] == last], names, suffix)


def _payer(result: Result, item: str) -> str:
    """A voucher by who pays it; the grid and the province for a tariff."""
    vouchers = result.scenario.tables.get("vouchers")
    if vouchers is not None and item in set(vouchers["voucher"]):
        return f"{plain(vouchers.set_index('voucher').at[item, 'payer'])} (voucher)"
    return "grid and province (preferential tariff)"


def _gainers(result: Result, rows: pd.DataFrame, names: Names, suffix: str) -> Iterator[RenderableType]:
    """Payer by region whose users gain, and by site that the money goes to."""
    for label, words in (("region", "Whose users gain most"), ("site", "Where the money goes")):
        sums = rows[rows[label] != ""].groupby([label, "item"])["value"].sum().unstack(fill_value=0.0)
        if sums.empty:
            continue
        payers = sorted(sums.columns, key=lambda item: -float(sums[item].sum()))[:4]
        order = sums.sum(axis=1).sort_values(ascending=False, kind="stable").index[:MOST]
        yield paragraph(f"\n{words}{suffix} [{MONEY}]:")
        view = grid([label, *[_payer(result, str(item)).replace(" (", "\n(") for item in payers], "all"], left=1)
        for key in order:
            cells = [figure(float(sums.at[key, item])) for item in payers]
            view.add_row(plain(names.short(label, str(key))), *cells, figure(float(sums.loc[key].sum())))
        yield view


def _margins(table: pd.DataFrame, names: Names, suffix: str) -> Iterator[RenderableType]:
    """Rent, cost and margin of the sites with the most rent, kinds apart."""
    rent = table[table["quantity"] == "rent_paid"].groupby(["kind", "site"])["value"].sum()
    for kind in sorted(set(rent.index.get_level_values("kind"))):
        yield paragraph(f"\nRent and margin of sites, {spaced(kind)}{suffix} [{MONEY}]. {MARGIN_NOTE}")
        view = grid(["site", "rent", "margin", "margin, devices\nreplaced"], left=1)
        for site, paid in rent[kind].sort_values(ascending=False, kind="stable").head(MOST).items():
            own = table[(table["quantity"] == "operator_margin") & (table["site"] == site) & (table["kind"] == kind)]
            margins = [float(own.loc[own["item"] == item, "value"].sum()) for item in MARGINS]
            view.add_row(
                plain(names.short("site", str(site))), figure(float(paid)), *[figure(value) for value in margins]
            )
        yield view
