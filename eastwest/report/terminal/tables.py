"""The data tables on a terminal: what each holds, its units, where its rows come from and how firm they are."""

from __future__ import annotations

import pandas as pd
from rich.console import Console

from eastwest.formatting.language import Language
from eastwest.formatting.words import plain, spaced
from eastwest.report.section import Open, Section, heads
from eastwest.report.sections.background import quality_of
from eastwest.report.terminal.draw import print_sections

MOST_SOURCES = 15


def print_catalogue(console: Console, catalogue: pd.DataFrame, shares: pd.DataFrame) -> None:
    """Every table with its rows and quality, then what each holds."""
    about = Open("", heads(["table", "holds"]), catalogue[["table", "about"]].to_numpy().tolist())
    quality = Section("quality", "", sheets=(quality_of(Language(), shares),))
    holds = Section("holds", "What they hold", opens=(about,))
    more = "\n'eastwest data TABLE' shows fields, units and sources; with --csv its rows."
    print_sections(console, "Data tables: rows, and quality in % of rows", [quality, holds], closing=(more,))


def print_table(console: Console, name: str, frame: pd.DataFrame, fields: pd.DataFrame) -> None:
    """Fields with units, then sources with their number of rows."""
    rows = []
    for row in fields.to_dict(orient="records"):
        mark = " (key)" if row["key"] else ""
        meaning = plain(row["description"]).removesuffix(f"[{row['unit']}]").strip()
        meaning += f"; a row of {row['refers_to']}" if row["refers_to"] else ""
        rows.append((row["column"] + mark, row["type"], row["unit"], meaning))
    columns = Open("", heads(["field", "type", "unit", "meaning"]), rows)
    sources = frame.groupby(["source", "quality"]).size().reset_index(name="rows")
    sources = sources.sort_values("rows", ascending=False, kind="stable")
    shown = [(row.source, spaced(row.quality), f"{row.rows:,}") for row in sources.head(MOST_SOURCES).itertuples()]
    none = "The package carries no rows of this table."
    rest = f"The {MOST_SOURCES} largest of {len(sources)} sources; --csv shows every row."
    fields_of = Section("fields", "", opens=(columns,))
    section = Section(
        "sources", "Sources", () if shown else (none,),
        opens=(Open("", heads(["source", "quality"], ["rows"]), shown),),
        closing=(rest,) * (len(sources) > MOST_SOURCES),
    )  # fmt: skip
    print_sections(console, f"{plain(name)}: {len(frame):,} rows", [fields_of, section])
