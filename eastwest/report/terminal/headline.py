"""The figures that come first: scarcity, headline, and what moves the answer most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from eastwest.formatting.words import SHORT_KINDS, figure, natural, percent, plain, spaced, with_unit
from eastwest.report.terminal.byyear import Line, by_year, several, sums, years_of
from eastwest.report.terminal.layout import grid, heading, paragraph

if TYPE_CHECKING:
    from eastwest.results.result import Result

TITLES = {
    "demand": "Demand",
    "delivered": "Delivered",
    "served_share": "Delivered, share of demand",
    "unserved": "Unserved",
    "installed_peak": "Installed peak",
    "energised_peak": "Energised peak",
    "bought_peak": "Bought peak",
    "reference_demand": "Allocated peak, as demanded",
    "objective": "Cost, penalties included",
    "cost_without_penalties": "Cost, without penalties",
    "cost_of_fixed_load": "of which fixed load",
    "cost_per_delivered": "Cost per delivered unit",
    "cost_per_delivered_with_existing_devices": "same, with standing devices",
    "system_cost_with_penalties": "Country's cost, penalties included",
    "user_cost_with_penalties": "Users' cost, penalties included",
    "user_cost": "Users' cost, without penalties",
    "user_cost_per_delivered": "Users' cost per delivered unit",
    "rent_after_vouchers": "Rent after vouchers",
    "rent_after_vouchers_per_delivered": "Rent after vouchers per delivered unit",
    "mean_round_trip": "Mean round trip",
    "device_utilisation": "Devices busy / energised",
    "hall_dense_utilisation": "Dense halls used",
    "hall_standard_utilisation": "Standard halls used 上架率",
    "grid_utilisation": "Grid connection taken",
    "west_share_served": "West, share of delivered",
    "new: west": "West, share of new peak",
    "decided: west": "West, share of what is bought",
    "electricity": "Electricity",
    "own_electricity": "Own wind and sun, used",
    "curtailed_share": "Own wind and sun, curtailed",
    "green_share": "Green power, share",
    "mean_load": "Mean load at the meter",
    "mean_pue": "Mean PUE",
    "carbon": "Carbon, operational",
}
"""Words for headline items, in the order in which they are printed; others follow under their own names."""


MONEY = "million CNY"
RATIOS = ("mean_pue",)
NOTE = (
    "Costs are of one year: what is decided, and running everything; standing devices cost nothing here, and their "
    "replacement is in the second cost per unit. PFLOP/s: dense peak where it says peak, else delivered."
)
NOTE_OF_YEARS = (
    "Costs of a year are what that year pays, undiscounted: running everything, and the annuities of what was decided "
    "up to then and is in service; standing devices cost nothing here, and their replacement is in the second cost per "
    "unit. Costs of several years are added only in the present value. Compute: dense peak where it says peak, "
    "else delivered. Shares of new peak count what entered service up to the year."
)
GROWTH_TITLES = {
    "west_share_served": "West of\nserved",
    "west_share_new": "West of\nnew peak",
    "west_share_decided": "West of\ndecided",
    "unserved_share_intelligent": "unserved\nint.",
    "unserved_share_general": "unserved\ngen.",
    "cost": "cost",
}


def scarcity(result: Result) -> Iterator[RenderableType]:
    """The first line of every report: does anything bind at all?"""
    message = result.messages[0] if result.messages else "No scarcity check came with this result."
    yield Text(plain(message), style="bold")


def _rows(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of headline figures."""
    new = table[(table["quantity"] == "share_of_new_peak") & table["item"].isin(TITLES)]
    return pd.concat([table[table["quantity"] == "headline"], new])


def headline(result: Result) -> Iterator[RenderableType]:
    """Headline figures, one line each; figures by kind side by side, or in lines of their own, and never added."""
    rows = _rows(result.table)
    if several(result):
        yield from _by_year(result, rows)
        return
    year = max(rows["year"], default=0)
    if len(rows):
        yield heading("Headline figures" + (f", {year}" if year else ""))
        yield _headline_table(rows)
        yield paragraph(NOTE)


def headline_rows(result: Result) -> tuple[list[int], list[list[str]]]:
    """Years, and a row of texts for each item and kind: title, unit, the figure of each year."""
    years, rows = years_of(result), []
    for line in _lines(_rows(result.table)):
        show = percent if line.unit == "1" and not line.ratio else figure
        unit = "" if line.unit in ("1", "-") else plain(line.unit)
        rows.append([line.title, unit, *(show(line.values[year]) if year in line.values else "" for year in years)])
    return years, rows


def _lines(rows: pd.DataFrame) -> list[Line]:
    """A line per item, unit and kind."""
    lines = []
    for item in _items(rows):
        for unit, chosen in rows[rows["item"] == item].groupby("unit", sort=False):
            for kind in sorted(set(chosen["kind"]), key=lambda kind: (kind != "", kind != "intelligent", kind)):
                of_kind = chosen[chosen["kind"] == kind]
                title = TITLES.get(item, spaced(item)) + (f", {spaced(kind)}" if kind else "")
                values = dict(zip(of_kind["year"].map(int), of_kind["value"], strict=True))
                lines.append(Line(title, str(unit), values, ratio=item in RATIOS))
    return lines


def _by_year(result: Result, rows: pd.DataFrame) -> Iterator[RenderableType]:
    """One table with a column per year, a line per item and kind, and the present value of all years."""
    lines = _lines(rows)
    money = next((n for n, line in enumerate(lines) if line.unit == MONEY), len(lines))
    paid = sums(result.table, "cost")
    if paid:
        lines.insert(money, Line(TITLES["objective"], MONEY, paid))
    yield heading("Headline figures by year")
    yield from by_year(lines, years_of(result))
    rate = _discount_rate(result)
    yield paragraph(
        f"Present value of all planning years, penalties included: {figure(result.objective)} {MONEY} in money of "
        f"{years_of(result)[0]}{'' if rate is None else f', discounted at {percent(rate)} a year'}."
    )
    yield paragraph(NOTE_OF_YEARS)


def _items(rows: pd.DataFrame) -> list[str]:
    """Headline items in the order in which they are printed."""
    order = {item: position for position, item in enumerate(TITLES)}
    items = {str(item) for item in rows["item"]} - {"scarcity"}
    return sorted(items, key=lambda item: (order.get(item, len(order)), item))


def _discount_rate(result: Result) -> float | None:
    """What turns years into present value [1/a], from the settings or the table of costs."""
    finance = getattr(result.scenario.settings, "finance", None)
    costs = result.scenario.tables.get("costs")
    own = getattr(finance, "discount_rate", None)
    if own is not None or finance is None or costs is None:
        return own
    known = costs.loc[costs["item"] == "discount_rate_system", finance.costs]
    return float(known.iloc[0]) if len(known) else None


def _headline_table(rows: pd.DataFrame) -> Table:
    kinds = sorted(set(rows["kind"]) - {""}, key=lambda kind: (kind != "intelligent", kind))
    table = grid(["", "unit", "all", *kinds], left=2)
    for item in _items(rows):
        for unit, chosen in rows[rows["item"] == item].groupby("unit", sort=False):
            values = dict(zip(chosen["kind"], chosen["value"], strict=True))
            if unit == MONEY:
                values.setdefault("", sum(values.values()))
            show = percent if unit == "1" and item not in RATIOS else figure
            cells = [show(values[kind]) if kind in values else "" for kind in ("", *kinds)]
            shown_unit = "" if unit in ("1", "-") else plain(unit)
            table.add_row(TITLES.get(item, spaced(item)), shown_unit, *cells)
    return table


def growth(result: Result) -> Iterator[RenderableType]:
    """Western share against the growth allowed at metros: the choice that moves the answer most."""
    rows = result.rows("growth_table")
    if rows.empty:
        return
    year = max(rows["year"], default=0) if several(result) and "year" in rows else 0
    yield heading("Western share against metro growth" + (f", {year}" if year else ""))
    yield paragraph(
        "Yearly growth allowed to dense halls at metro sites; each row is a solve of its own. Shares are of "
        "intelligent compute; cost includes penalties."
        + (f" Each is a plan of {year} alone, decided as if no year came before or after it." if year else "")
    )
    rows = rows[rows["year"] == year] if year else rows
    measures = sorted(set(zip(rows["kind"], rows["unit"], strict=True)), key=lambda pair: (pair[0] == "cost", pair[0]))
    titles = [
        GROWTH_TITLES.get(kind, spaced(kind)) + ("" if unit == "1" else f"\n{plain(unit)}") for kind, unit in measures
    ]
    table = grid(["metro\ngrowth", *titles], left=1)
    for item in natural(set(rows["item"])):
        of_item = rows[rows["item"] == item].set_index(["kind", "unit"])["value"]
        table.add_row(plain(item), *[with_unit(of_item.get(pair), "1" if pair[1] == "1" else "") for pair in measures])
    yield table


def movable(result: Result) -> Iterator[RenderableType]:
    """What "East Data, West Computing" can and cannot move."""
    rows = result.rows("movable")
    if rows.empty:
        return
    year = max(rows["year"]) if several(result) and "year" in rows else 0
    rows = rows[rows["year"] == year] if year else rows
    yield heading('What "East Data, West Computing" 东数西算 can and cannot move' + (f", {year}" if year else ""))
    yield paragraph("Share of reference demand by how far latency and residency let it travel at best.")
    rows = rows.assign(**{label: "" for label in ("kind", "item") if label not in rows})
    kinds = sorted(set(rows["kind"]), key=lambda kind: (kind != "intelligent", kind))
    total = rows.groupby(["unit", "kind"])["value"].sum()
    table = grid(["may go", *[f"{SHORT_KINDS.get(kind, spaced(kind))} %" for kind in kinds]], left=1)
    for (item, unit), chosen in rows.groupby(["item", "unit"], sort=True):
        sums = chosen.groupby("kind")["value"].sum()
        whole = [1.0 if unit == "1" else total[unit, kind] for kind in kinds]
        table.add_row(
            spaced(item),
            *[
                figure(100 * sums.get(kind, 0.0) / base) if base else ""
                for kind, base in zip(kinds, whole, strict=True)
            ],
        )
    yield table
