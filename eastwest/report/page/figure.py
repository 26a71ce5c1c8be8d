"""A figure in a sentence or a tile: as people read it, with the exact value and its place in a dataset beside it."""

from __future__ import annotations

from markupsafe import Markup

from eastwest.formatting.words import with_unit
from eastwest.results.dataset import Dataset


def figure_in(dataset: Dataset, column: str, *, signed: bool = False, large: bool = False, **labels: object) -> Markup:
    """`<data>` element of a dataset's figure: three digits with the unit, the exact value in `value`.

    `data-from` is `dataset/row/column`, so that a reader of the file finds the figure in the page's data. `large` sets
    the unit apart, for tiles.
    """
    rows = dataset.rows(**labels)
    position = int(rows.index[0]) if len(rows) else -1
    value = float(rows[column].iloc[0]) if len(rows) else float("nan")
    text = with_unit(value, dataset.columns[column].unit)
    if signed and value > 0:
        text = f"+{text}"
    number, space, unit = text.partition(" ")
    apart = large and space
    shown = Markup("{} <span>{}</span>").format(number, unit) if apart else Markup("{}").format(text)
    return Markup('<data value="{}" data-from="{}/{}/{}">{}</data>').format(
        repr(value), dataset.name, position, column, shown
    )
