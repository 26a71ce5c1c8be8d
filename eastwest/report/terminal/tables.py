"""The data tables on a terminal: what each holds, its units, where its rows come from and how firm they are."""

from __future__ import annotations

import pandas as pd
from rich.console import Console, RenderableType
from rich.text import Text

from eastwest.formatting.language import Language
from eastwest.formatting.words import plain
from eastwest.report.sections.background import quality_of
from eastwest.report.terminal.draw import sheet_lines
from eastwest.report.terminal.layout import grid, heading, paragraph, print_parts

MOST_SOURCES = 15


def print_catalogue(console: Console, catalogue: pd.DataFrame, shares: pd.DataFrame) -> None:
    """Every table with its rows and quality, then what each holds."""
    about = grid(["table", "holds"], left=2)
    for row in catalogue.to_dict(orient="records"):
        about.add_row(plain(row["table"]), plain(row["about"]))
    parts: list[RenderableType] = [
        Text("Data tables: rows, and quality in % of rows", style="bold"),
        *sheet_lines(quality_of(Language(), shares)),
        heading("What they hold"),
        about,
        paragraph("\n'eastwest data TABLE' shows fields, units and sources; with --csv its rows."),
    ]
    print_parts(console, parts)


def print_table(console: Console, name: str, frame: pd.DataFrame, fields: pd.DataFrame) -> None:
    """Fields with units, then sources with their number of rows."""
    columns = grid(["field", "type", "unit", "meaning"], left=4)
    for row in fields.to_dict(orient="records"):
        mark = " (key)" if row["key"] else ""
        meaning = plain(row["description"]).removesuffix(f"[{row['unit']}]").strip()
        meaning += f"; a row of {row['refers_to']}" if row["refers_to"] else ""
        columns.add_row(plain(row["column"]) + mark, plain(row["type"]), plain(row["unit"]), meaning)
    parts: list[RenderableType] = [
        Text(f"{plain(name)}: {len(frame):,} rows", style="bold"),
        columns,
        heading("Sources"),
    ]
    sources = frame.groupby(["source", "quality"]).size().sort_values(ascending=False, kind="stable")
    table = grid(["source", "quality", "rows"], left=2)
    for key, count in sources.head(MOST_SOURCES).items():
        source, quality = key if isinstance(key, tuple) else (key, "")
        table.add_row(plain(source), plain(quality).replace("_", " "), f"{count:,}")
    parts.append(table if len(frame) else paragraph("The package carries no rows of this table."))
    if len(sources) > MOST_SOURCES:
        parts.append(paragraph(f"The {MOST_SOURCES} largest of {len(sources)} sources; --csv shows every row."))
    print_parts(console, parts)
