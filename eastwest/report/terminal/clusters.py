"""Training clusters by year: units that stand for the work that needs them, and units that what stands could form,
beside the published number of clusters.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import RenderableType

from eastwest.formatting.words import Names, figure
from eastwest.report.terminal.byyear import Line, by_year, filled, sums, year_of_most, years_of
from eastwest.report.terminal.layout import grid, heading, paragraph

if TYPE_CHECKING:
    from eastwest.results.result import Result

METRIC = "ten_thousand_card_clusters"
MOST_PLACES = 10


def clusters(result: Result, names: Names) -> Iterator[RenderableType]:
    """Units by size and year, the places with most of them, and the published count; nothing where they are off."""
    table, years = result.table, years_of(result)
    sizes = getattr(getattr(result.scenario.settings, "training_units", None), "sizes", {})
    if not table["quantity"].isin(["training_units", "training_units_possible", "training_units_in_place"]).any():
        return
    lines = []
    for size, devices in sorted(sizes.items(), key=lambda item: item[1]):
        stand, could, before = (
            filled(sums(table, quantity, item=size), years)
            for quantity in ("training_units", "training_units_possible", "training_units_in_place")
        )
        lines += [
            Line(f"Training units of {devices:,}, used", "training units", stand),
            Line("  that energised devices could form", "training units", could),
            Line("  that stock and commitments could form", "training units", before),
        ]
    shares = table[table["quantity"] == "share_in_training_units"]
    for item in sorted(set(shares["item"])):
        lines.append(Line(f"Work done in units of {item}", "1", sums(table, "share_in_training_units", item=item)))
    lines.append(
        Line(
            "Network of training units", "million CNY", filled(sums(table, "cost", item="training_unit_network"), years)
        )
    )
    yield heading("Training clusters" + (" by year" if len(years) > 1 else f", {years[0]}"))
    yield paragraph(
        "A training unit is so many devices of one type at one site. A metro site stands for all centres of its "
        "province outside the clusters, so what could form a unit there may stand in several halls."
    )
    yield from by_year(lines, years)
    yield from _places(table, names)
    yield from _published(result)


def _places(table: pd.DataFrame, names: Names) -> Iterator[RenderableType]:
    """Where most units stand, in the year with most of them."""
    rows = table[table["quantity"] == "training_units"]
    year = year_of_most(rows)
    rows = rows[rows["year"] == year].sort_values("value", ascending=False, kind="stable")
    if rows.empty:
        return
    few = f" (the {MOST_PLACES} with most of {len(rows)})" if len(rows) > MOST_PLACES else ""
    yield paragraph(f"\nWhere training units stand in {year}{few}:")
    view = grid(["site", "device", "size", "training units"], left=3)
    for row in rows.head(MOST_PLACES).to_dict(orient="records"):
        place, device = names.short("site", row["site"]), names.short("device", row["device"])
        view.add_row(place, device, str(row["item"]), figure(row["value"]))
    yield view


def _published(result: Result) -> Iterator[RenderableType]:
    known = result.scenario.tables.get("policy_targets")
    rows = known[known["metric"] == METRIC] if known is not None else pd.DataFrame()
    for row in rows.to_dict(orient="records"):
        yield paragraph(
            f"\nPublished: {figure(float(row['value']))} clusters of ten thousand cards and more, {row['period']} "
            f"({row['source']}). It counts clusters, not training units: one of 30,000 cards counts once where it "
            "could form three units of 10,000; the cards need not be of one type; and it is what operators report as a "
            "cluster."
        )
