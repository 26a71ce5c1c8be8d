"""An explanation on a terminal: its sentences, then the tables behind them with names for identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console

from eastwest.formatting.words import Names, figure, limit_words, percent, plain, spaced
from eastwest.report.section import Heading, Open, Section
from eastwest.report.terminal.draw import print_sections

if TYPE_CHECKING:
    from eastwest.analysis.explain import Explanation
    from eastwest.scenario import Scenario

MOST_ROWS = 12
NAMED = {"site": "site", "region": "region", "device": "device", "most_at": "site", "next": "site"}
LIMITS = ("item", "limit", "asset")
TEXTS = (*NAMED, *LIMITS, "task", "kind", "unit", "reason", "stops", "what", "key", "at_least", "direction")
SHARES = ("share", "busy_share")
UNITS = {"_million_cny": "m CNY", "_pflops": "PFLOP/s", "_ms": "ms"}
"""Unit of a column by the end of its name."""
HIDDEN = {"devices": ("energised", "busy"), "tasks": ("kind",), "limits": ("unit", "direction")}
"""Columns that do not fit 80 columns; the table in Python has them."""

NOTE = "Prices are in CNY/(PFLOP/s h), worth and savings in million CNY a year; the least dear first."


def print_explanation(console: Console, explanation: Explanation, scenario: Scenario) -> None:
    """Print its title, its sentences one by one, its tables."""
    said = Section("said", "", tuple(f"- {plain(sentence)}" for sentence in explanation.sentences))
    tables = [_section(name, frame, Names(scenario)) for name, frame in explanation.tables.items() if len(frame)]
    print_sections(console, plain(explanation.title), [said, *tables], closing=(f"\n{NOTE}",))


def _section(name: str, frame: pd.DataFrame, names: Names) -> Section:
    """The first rows of a table, its columns of words first."""
    shown = frame.head(MOST_ROWS).drop(columns=list(HIDDEN.get(name, ())), errors="ignore")
    columns = sorted(shown, key=lambda column: column not in TEXTS)
    rows = [[_cell(column, row[column], names) for column in columns] for row in shown.to_dict(orient="records")]
    rest = f"{MOST_ROWS} of {len(frame)} rows; in Python ew.explain(...).tables['{name}'] has all."
    block = Open("", [_heading(column) for column in columns], rows)
    return Section(name, spaced(name).capitalize(), opens=(block,), closing=(rest,) * (len(frame) > MOST_ROWS))


def _heading(column: str) -> Heading:
    end = next((end for end in UNITS if column.endswith(end)), "")
    title = "" if column == "at_least" else spaced(column.removesuffix(end))
    return Heading(title, UNITS.get(end, ""), number=column not in TEXTS)


def _cell(column: str, value: Any, names: Names) -> str:
    if value is None or value != value or value == "":
        return ""
    if column == "at_least":
        return "at least" if value else ""
    if column in NAMED:
        return names.short(NAMED[column], str(value)).removesuffix(" cluster")
    if column in TEXTS:
        return limit_words(str(value)) if column in LIMITS else str(value)
    return percent(value) if column in SHARES else figure(value)
