"""What stands in sentences and cells: figures with their place in a dataset, names, texts of files made harmless."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from markupsafe import Markup

from eastwest.formatting.words import figure, plain, spaced, with_unit
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Cell
from eastwest.results.dataset import Dataset, Difference
from eastwest.schema.thresholds import NEGLIGIBLE

NAMED = ("site", "region", "task", "device", "hub", "corridor", "from", "to")
"""Labels whose identifiers have names in the scenario's tables."""
MOST_LETTERS = 90
MOST_LETTERS_OF_TEXT = 3000
DASH = Markup("–")
COUNT = "-"
"""The unit of whole numbers."""
LARGE = 10.0
"""Shares from here on need separators of thousands and no decimals [1]."""


def mark(data: Dataset, position: int, column: str, text: str | None = None) -> Markup:
    """`<data>` element of a dataset's figure by its row's position; a dash where there is none.

    The exact value is in `value`, and `data-from` is `dataset/row/column`, so that a reader of the file finds the
    figure in the page's data; `text` is what stands there, else three digits with the unit, and the sign of a
    difference.
    """
    value = data.figure(column, position)
    if value != value:
        return DASH
    text = _said(data, position, column) if text is None else text
    return Markup('<data value="{}" data-from="{}/{}/{}">{}</data>').format(
        repr(value), data.name, position, column, text
    )


def _said(data: Dataset, position: int, column: str) -> str:
    value, unit, of = data.figure(column, position), data.unit(column, position), data.columns[column]
    if unit == COUNT:
        text = f"{value:,.0f}"
    else:
        text = f"{figure(100 * value)} %" if unit == "1" and abs(value) >= LARGE else with_unit(value, unit)
    if not isinstance(of, Difference):
        return text
    size = 1.0 if of.relative else max(abs(data.figure(key, position)) for key in (of.of, of.less))
    if 0 < abs(value) <= NEGLIGIBLE * size:
        return "≈ 0"
    return f"+{text}" if value > 0 else text.replace("-", "−", 1)


def marks(data: Dataset, position: int, columns: Iterable[str] = ()) -> list[Cell]:
    """The figures of a row, those of all columns where none are named."""
    return [mark(data, position, column) for column in columns or data.columns]


def figure_in(data: Dataset, column: str, **labels: object) -> Markup:
    """The figure of the row with these labels; a dash where there is none."""
    rows = data.rows(**labels)
    return mark(data, int(rows.index[0]), column) if len(rows) else DASH


def figure_at(data: Dataset, position: int, column: str) -> Markup:
    """The figure of a row with its unit set apart, for tiles."""
    number, space, unit = with_unit(data.figure(column, position), data.unit(column, position)).partition(" ")
    return mark(data, position, column, Markup("{} <span>{}</span>").format(number, unit) if space else number)


def text_of(cell: Cell) -> str:
    """A cell as plain text on one line."""
    return plain(cell.striptags() if isinstance(cell, Markup) else cell)


def clip(text: object, most: int = MOST_LETTERS) -> str:
    """On one line, without control characters and marks of direction, cut where it is too long."""
    clean = " ".join(plain(text).split())
    return clean if len(clean) <= most else clean[: most - 1].rstrip() + "…"


def prose(text: object) -> list[str]:
    """A longer text of a file as paragraphs; the lines of one are joined."""
    parts = [clip(part, MOST_LETTERS_OF_TEXT) for part in str(text).split("\n\n")]
    return [part for part in parts if part][:40]


def named(subject: Subject, label: str, key: str, *, both: bool = True) -> str:
    """An identifier of a label column as a reader knows it; `both` puts the Chinese name beside the English one."""
    if label in NAMED:
        return clip((subject.names.full if both else subject.names.said)(label, key))
    if label == "item":
        return clip(subject.say.item(key))
    return clip(subject.say(spaced(key)))


def place(
    subject: Subject, row: object, labels: Iterable[str] = ("site", "region", "corridor", "device", "task")
) -> str:
    """Where and of what a row of a dataset is: `Gui'an, Ascend 910C`."""
    found = [(label, getattr(row, label, "")) for label in labels]
    return ", ".join(named(subject, label, str(key), both=False) for label, key in found if key)


def parts_of(subject: Subject, data: Dataset, rows: pd.DataFrame, label: str, column: str) -> list[Markup]:
    """Rows of a dataset as `Gui'an 3.2 PFLOP/s`: what a label names, and the figure."""
    return [
        Markup("{} {}").format(named(subject, label, str(getattr(row, label)), both=False), mark(data, at, column))
        for at, row in zip(rows.index, rows.itertuples(), strict=True)
    ]


def amount(value: float, unit: str) -> str:
    """Three digits with the unit, in text that is no figure of a dataset."""
    return f"{figure(value)} {clip(unit)}".strip()
