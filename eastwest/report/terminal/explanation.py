"""An explanation on a terminal: its sentences, then the tables behind them with names for identifiers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import Console, RenderableType
from rich.text import Text

from eastwest.formatting.words import Names, figure, limit_words, percent, plain, spaced
from eastwest.report.terminal.layout import grid, heading, numbered, paragraph, print_parts

if TYPE_CHECKING:
    from eastwest.analysis.explain import Explanation
    from eastwest.scenario import Scenario

MOST_ROWS = 12
NAMED = {"site": "site", "region": "region", "device": "device", "most_at": "site", "next": "site"}
TEXTS = (
    *NAMED,
    "task",
    "kind",
    "item",
    "unit",
    "limit",
    "asset",
    "reason",
    "stops",
    "what",
    "key",
    "at_least",
    "direction",
)
SHARES = ("share", "busy_share")
HIDDEN = {"devices": ("energised", "busy"), "tasks": ("kind",), "limits": ("unit", "direction")}
"""Columns that do not fit 80 columns; the table in Python has them."""

NOTE = "Prices are in CNY/(PFLOP/s h), worth and savings in million CNY a year; the least dear first."


def print_explanation(console: Console, explanation: Explanation, scenario: Scenario) -> None:
    """Print every part."""
    print_parts(console, render(explanation, Names(scenario)))


def render(explanation: Explanation, names: Names) -> Iterator[RenderableType]:
    """Title, sentences one by one, tables."""
    yield Text(plain(explanation.title), style="bold")
    lines = numbered()
    for sentence in explanation.sentences:
        lines.add_row("-", plain(sentence))
    yield lines
    for name, frame in explanation.tables.items():
        if len(frame):
            yield heading(spaced(name).capitalize())
            yield _table(frame.head(MOST_ROWS).drop(columns=list(HIDDEN.get(name, ())), errors="ignore"), names)
            if len(frame) > MOST_ROWS:
                yield paragraph(
                    f"{MOST_ROWS} of {len(frame)} rows; in Python ew.explain(...).tables['{name}'] has all."
                )
    yield paragraph(f"\n{NOTE}")


def _table(frame: pd.DataFrame, names: Names) -> RenderableType:
    texts = [column for column in frame if column in TEXTS]
    figures = [column for column in frame if column not in TEXTS]
    words = ["" if column == "at_least" else spaced(column) for column in [*texts, *figures]]
    for suffix, unit in (("_million_cny", "m CNY"), ("_pflops", "PFLOP/s"), ("_ms", "ms")):
        words = [
            f"{word.removesuffix(spaced(suffix))}\n{unit}" if word.endswith(spaced(suffix)) else word for word in words
        ]
    table = grid(words, left=len(texts))
    for row in frame.to_dict(orient="records"):
        table.add_row(
            *[_word(column, row[column], names) for column in texts],
            *[_figure(column, row[column]) for column in figures],
        )
    return table


def _word(column: str, value: object, names: Names) -> str:
    text = "" if value is None or value != value else str(value)
    if column == "at_least":
        return "at least" if value else ""
    if column in NAMED:
        return names.short(NAMED[column], text).removesuffix(" cluster") if text else ""
    return limit_words(text) if column in ("limit", "asset", "item") else plain(text)


def _figure(column: str, value: float) -> str:
    if value != value:
        return ""
    return percent(value) if column in SHARES else figure(value)
