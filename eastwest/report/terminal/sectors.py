"""By sector: what it asks for, what it gets, how far it is served from, and what general-purpose work is its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import RenderableType
from rich.table import Table

from eastwest.formatting.words import SHORT_KINDS, figure, spaced
from eastwest.report.terminal.byyear import several, years_of
from eastwest.report.terminal.layout import grid, heading, paragraph

if TYPE_CHECKING:
    from eastwest.results.result import Result

NOTE = (
    "Own work of each sector in PFLOP/s of the kind, kinds apart. West and own province: shares of what is served. "
    "Attributed: general-purpose work (chat, agents, batch, tuning) shared out by the table sector_shares, assumed."
)


def sectors(result: Result) -> Iterator[RenderableType]:
    """A table by sector for each kind, of the last year; nothing where no task has a sector."""
    table, years = result.table, years_of(result)
    if not (table["quantity"] == "sector_demand").any():
        return
    of_year = table[table["year"] == years[-1]]
    yield heading(f"By sector, {years[-1]}")
    yield paragraph(NOTE + (" Other years: csv/sectors.csv." if several(result) else ""))
    kinds = set(of_year.loc[of_year["quantity"] == "sector_demand", "kind"])
    for kind in sorted(kinds, key=lambda kind: (kind != "intelligent", kind)):
        yield _table(of_year[of_year["kind"] == kind], str(kind))


def _table(table: pd.DataFrame, kind: str) -> Table:
    short = SHORT_KINDS.get(kind, kind)
    titles = ["demand", "unserved", "ms", "West\n%", "own\nprovince %", "attributed\ndemand", "its\nWest %"]
    view = grid([f"sector, {short}", *titles], left=1)
    wide = table.pivot_table(index="item", columns="quantity", values="value", aggfunc="sum")
    demand = wide["sector_demand"].dropna().sort_values(ascending=False, kind="stable")
    for sector in demand.index:
        row = wide.loc[sector]
        cells = [figure(demand[sector]), figure(_cell(row, "sector_unserved") + _cell(row, "sector_declined"))]
        cells += [_shown(row, "sector_mean_round_trip_ms"), _shown(row, "sector_share_in_west", 100)]
        cells += [_shown(row, "sector_share_in_own_region", 100), _shown(row, "attributed_demand")]
        view.add_row(spaced(str(sector)), *cells, _shown(row, "attributed_share_in_west", 100))
    return view


def _cell(row: pd.Series, name: str) -> float:
    value = float(row.get(name, 0.0))
    return value if value == value else 0.0


def _shown(row: pd.Series, name: str, factor: float = 1.0) -> str:
    """A figure, or nothing where there is no row."""
    value = float(row.get(name, float("nan")))
    return "" if value != value else figure(value * factor)
