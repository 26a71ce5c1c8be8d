"""The figures that come first: scarcity, headline, and what moves the answer most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from eastwest.report.layout import grid, heading, paragraph
from eastwest.report.words import SHORT_KINDS, figure, natural, percent, plain, spaced, with_unit

if TYPE_CHECKING:
    from eastwest.result import Result

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
    "cost_per_delivered_with_standing_devices": "same, with standing devices",
    "mean_round_trip": "Mean round trip",
    "device_utilisation": "Devices busy / energised",
    "hall_dense_utilisation": "Dense halls used",
    "hall_standard_utilisation": "Standard halls used 上架率",
    "grid_utilisation": "Grid used at peak",
    "west_share_served": "West, share of delivered",
    "new: west": "West, share of new peak",
    "decided: west": "West, share of what is bought",
    "electricity": "Electricity",
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


def headline(result: Result) -> Iterator[RenderableType]:
    """Headline figures, one line each; figures by kind side by side and never added."""
    table = result.table
    new = table[(table["quantity"] == "share_of_new_peak") & table["item"].isin(TITLES)]
    rows = pd.concat([table[table["quantity"] == "headline"], new])
    years = sorted(set(rows["year"]) - {0})
    if len(years) < 2:
        rows = rows.assign(year=max(years, default=0))
    for year, of_year in rows.groupby("year", sort=True):
        yield heading("Headline figures" + (f", {year}" if year else ""))
        yield _headline_table(of_year)
    if len(rows):
        yield paragraph(NOTE)


def _headline_table(rows: pd.DataFrame) -> Table:
    kinds = sorted(set(rows["kind"]) - {""}, key=lambda kind: (kind != "intelligent", kind))
    table = grid(["", "unit", "all", *kinds], left=2)
    order = {item: position for position, item in enumerate(TITLES)}
    items = sorted(set(rows["item"]) - {"scarcity"}, key=lambda item: (order.get(item, len(order)), item))
    for item in items:
        for unit, chosen in rows[rows["item"] == item].groupby("unit", sort=False):
            values = dict(zip(chosen["kind"], chosen["value"], strict=True))
            if unit == MONEY:
                values.setdefault("", sum(values.values()))
            show = percent if unit == "1" and item not in RATIOS else figure
            cells = [show(values[kind]) if kind in values else "" for kind in ("", *kinds)]
            shown_unit = "" if unit in ("1", "-") else plain(unit)
            table.add_row(TITLES.get(str(item), spaced(str(item))), shown_unit, *cells)
    return table


def growth(result: Result) -> Iterator[RenderableType]:
    """Western share against the growth allowed at metros: the choice that moves the answer most."""
    rows = result.rows("growth_table")
    if rows.empty:
        return
    yield heading("Western share against metro growth")
    yield paragraph(
        "Yearly growth allowed to dense halls at metro sites; each row is a solve of its own. Shares are of "
        "intelligent compute; cost includes penalties."
    )
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
    yield heading('What "East Data, West Computing" 东数西算 can and cannot move')
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
