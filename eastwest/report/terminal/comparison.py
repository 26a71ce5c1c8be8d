"""A comparison on a terminal, or in a pipe: inputs first, then what changed most in each part of the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from eastwest.formatting.words import figure, plain, spaced
from eastwest.report.terminal.layout import grid, heading, paragraph, print_parts

if TYPE_CHECKING:
    from eastwest.analysis.compare import Comparison

MOST_ROWS = 20
MOST_INPUTS = 60
SECTIONS = {
    "headline": "Headline figures",
    "limits": "Limits that began or ceased to bind, and those that moved",
    "sites": "By site",
    "devices": "By device",
    "tasks": "By task",
}


def render(comparison: Comparison) -> Iterator[RenderableType]:
    """Every section; the largest changes first, relative to the largest figure of the same quantity and unit."""
    yield Text(plain(" against ".join(comparison.names)), style="bold")
    yield heading("Differences in inputs")
    inputs = comparison.inputs
    if inputs.empty:
        yield paragraph("None: the runs have the same settings and tables.")
    else:
        table = grid(["key", *[plain(name) for name in comparison.names]], left=1 + len(comparison.names))
        for row in inputs.head(MOST_INPUTS).itertuples(index=False):
            table.add_row(*[plain(cell) for cell in row])
        yield table
        if len(inputs) > MOST_INPUTS:
            yield paragraph(f"{MOST_INPUTS} of {len(inputs)} lines; --csv writes all.")
    for section, title in SECTIONS.items():
        frame = _ranked(comparison, section)
        yield heading(title)
        if frame.empty:
            yield paragraph("No difference.")
            continue
        yield _section(frame.head(MOST_ROWS), comparison)
        if len(frame) > MOST_ROWS:
            yield paragraph(f"The {MOST_ROWS} largest of {len(frame)} differences; --csv writes all.")


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print the comparison to a console."""
    print_parts(console, render(comparison))


def _ranked(comparison: Comparison, section: str) -> pd.DataFrame:
    frame = comparison.changed(section)
    if frame.empty or section == "headline":
        return frame
    names = list(comparison.names)
    values = frame[names].fillna(0.0)
    moved = values.sub(values[names[0]], axis=0).abs().max(axis=1)
    group = [column for column in ("quantity", "unit") if column in frame]
    largest = values.abs().max(axis=1).groupby([frame[column] for column in group]).transform("max")
    rank = (moved / largest.where(largest > 0, 1.0)).rename("rank")
    ranked = frame.assign(rank=rank)
    if section == "limits":
        order = ranked["change"].map({"began to bind": 0, "ceased to bind": 1, "binds in all": 2}).astype(float)
        ranked = ranked.assign(order=order)[(order < 2) | (rank > 1e-3)]
        ranked = ranked.sort_values(["order", "rank"], ascending=[True, False], kind="stable").drop(columns="order")
    else:
        ranked = ranked.sort_values("rank", ascending=False, kind="stable")
    return ranked.drop(columns="rank").reset_index(drop=True)


def _section(frame: pd.DataFrame, comparison: Comparison) -> Table:
    """One row a difference: what it is, the figure in each run, the difference in percent."""
    names = list(comparison.names)
    percents = [column for column in frame if str(column).startswith("percent")]
    table = grid(["what", "unit", *[plain(name) for name in names], *["%"] * len(percents)], left=2)
    for name in table.columns[2:]:
        name.no_wrap, name.overflow = False, "fold"
    one_year = "year" in frame and len(set(frame["year"]) - {0}) < 2
    skipped = {"unit", *names, *percents, *(["year"] if one_year else [])}
    labels = [column for column in frame if column not in skipped and not str(column).startswith("difference")]
    for row in frame.to_dict(orient="records"):
        what = ", ".join(spaced(row[label]) for label in labels if row[label] not in ("", 0))
        cells = [figure(row[name], 4) for name in names] + [_percent(row[column]) for column in percents]
        table.add_row(what, plain(row["unit"]), *cells)
    return table


def _percent(value: float) -> str:
    return "new" if value != value else f"{value:+.1f}"
