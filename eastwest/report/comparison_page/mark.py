"""A figure in a sentence or a cell: as people read it, with the exact value and its place in a dataset beside it."""

from __future__ import annotations

from markupsafe import Markup

from eastwest.formatting.words import figure, with_unit
from eastwest.results.dataset import Dataset

DASH = Markup("–")
COUNT = "-"
"""The unit of whole numbers."""
LARGE = 10.0
"""Shares from here on need separators of thousands and no decimals [1]."""


def mark(data: Dataset, position: int, column: str, text: str | None = None, *, sign: bool = False) -> Markup:
    """`<data>` element of a dataset's figure by its row's position; a dash where there is none.

    `data-from` is `dataset/row/column`; `text` is what stands there, else three digits with the unit.
    """
    value = float(data.frame[column].iloc[position])
    if value != value:
        return DASH
    if text is None:
        unit = data.unit(column, position)
        text = f"{figure(100 * value)} %" if unit == "1" and abs(value) >= LARGE else with_unit(value, unit)
        text = f"{value:,.0f}" if unit == COUNT else text
        text = text.replace("-", "−", 1) if value < 0 else text
        text = f"+{text}" if sign and value > 0 else text
    return Markup('<data value="{}" data-from="{}/{}/{}">{}</data>').format(
        repr(value), data.name, position, column, text
    )


def row_of(data: Dataset, **labels: object) -> int:
    """The position of the one row with these labels."""
    return int(data.rows(**labels).index[0])
