"""Open tables of lines: each line is a figure of a dataset, followed over the years or over the kinds of compute.

A unit is made larger for a whole table at once (PFLOP/s to EFLOP/s, ...), so that figures of a unit compare by eye.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from eastwest.formatting.words import figure, percent, plain
from eastwest.report.cells import mark
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Cell, Open, heads
from eastwest.results.dataset import AnyColumn, Dataset, gather
from eastwest.schema.thresholds import NOTHING
from eastwest.schema.units import MONEY

LARGER: dict[str, tuple[tuple[float, float, str], ...]] = {
    "PFLOP/s": ((1e4, 1e3, "EFLOP/s"),),
    MONEY: ((1e5, 1e3, "bn CNY"),),
    "MWh": ((1e6, 1e6, "TWh"), (1e4, 1e3, "GWh")),
    "MW": ((1e5, 1e3, "GW"),),
    "Gbit/s": ((1e5, 1e3, "Tbit/s"),),
    "devices": ((1e4, 1e3, "thousand"),),
    "m3": ((1e6, 1e6, "million m3"),),
    "t CO2": ((1e5, 1e6, "Mt CO2"),),
}
"""By unit: from which largest figure of a table on, divided by what, it is shown in which unit."""


class Line(NamedTuple):
    """A row of a table of lines: the figures of `column` in the rows of `data` with the labels `where`."""

    title: str
    data: Dataset
    column: str
    where: Mapping[str, object] = {}
    is_sum: bool = False
    is_ratio: bool = False
    """a figure without a unit that is no share: shown as it is, not in percent"""


def lines_open(
    subject: Subject, lines: Iterable[Line], label: str = "year", keys: Sequence[object] | None = None, *,
    titles: Sequence[str] = (), first: str = "", text: Cell = "", closed: bool = False,
) -> Open:  # fmt: skip
    """The lines that have any figure, with a column for each key of `label`: planning years if nothing is said."""
    say, keys = subject.say, subject.years if keys is None else keys
    found = [(line, values) for line, values in ((line, _values(line, label, keys)) for line in lines) if values]
    factors = _factors(found)
    with_unit = any(unit not in ("1", "-") for *_, unit in factors.values())
    rows = []
    for line, values in found:
        largest, factor, unit = factors[_unit(line, values)]
        show = percent if unit == "1" and not line.is_ratio else figure
        cells: list[Cell] = [line.title, *([say(plain(unit)) if unit not in ("1", "-") else ""] * with_unit)]
        for position, value in (values.get(key, (0, float("nan"))) for key in keys):
            shown = value / factor if abs(value) >= NOTHING * largest else 0.0
            cells.append(mark(line.data, position, line.column, show(shown)) if value == value else "")
        rows.append(cells)
    headings = heads([first, *([say("Unit")] * with_unit)], titles or map(str, keys))
    sums = frozenset(number for number, (line, _) in enumerate(found) if line.is_sum)
    return Open(text, headings, rows, sums=sums, lead=1 + with_unit, closed=closed)


def country(subject: Subject, name: str, title: str, columns: Mapping[str, AnyColumn]) -> tuple[Dataset, list[Line]]:
    """Figures of the country by year, and a line for each of them."""
    data = gather(subject.table, name, title, ["year"], columns)
    return data, [Line(subject.say(column.title), data, key) for key, column in data.columns.items()]


def lines_by(data: Dataset, label: str, titles: Mapping[str, str]) -> list[Line]:
    """A line for each key of a label (key -> title) and each figure of the dataset."""
    return [Line(title, data, column, {label: key}) for key, title in titles.items() for column in data.columns]


def largest_first(data: Dataset, column: str, labels: Sequence[str]) -> list[dict[str, object]]:
    """Combinations of labels by their largest figure of any year."""
    if data.frame.empty:
        return []
    order = data.frame.groupby(list(labels), sort=True)[column].max().sort_values(ascending=False, kind="stable")
    keys = order.index.to_frame(index=False)
    return [{str(label): key for label, key in row.items()} for row in keys.to_dict(orient="records")]


def most(rows: pd.DataFrame, by: str, column: str = "value") -> pd.Series:
    """Sums by a label, the largest first, of what has any."""
    sums: pd.Series = rows.groupby(by)[column].sum().sort_values(ascending=False, kind="stable")
    return sums[sums > 0]


Values = dict[object, tuple[int, float]]
"""Key of the column -> position of the row and its figure."""


def _values(line: Line, label: str, keys: Sequence[object]) -> Values:
    rows = line.data.rows(**line.where)
    rows = rows[rows[line.column].notna() & rows[label].isin(list(keys))]
    return {
        key: (int(at), float(value)) for key, at, value in zip(rows[label], rows.index, rows[line.column], strict=True)
    }


def _unit(line: Line, values: Values) -> str:
    return line.data.unit(line.column, next(iter(values.values()))[0])


def _factors(found: Sequence[tuple[Line, Values]]) -> dict[str, tuple[float, float, str]]:
    """By unit: its largest figure, by what figures are divided, and the unit that they are shown in."""
    largest: dict[str, float] = {}
    for line, values in found:
        unit = _unit(line, values)
        largest[unit] = max(largest.get(unit, 0.0), *(abs(value) for _, value in values.values()))
    factors = {}
    for unit, size in largest.items():
        step = next((step for step in LARGER.get(unit, ()) if size >= step[0]), (0.0, 1.0, unit))
        factors[unit] = (size, step[1], step[2])
    return factors
