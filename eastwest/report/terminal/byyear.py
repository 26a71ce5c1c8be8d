"""Tables with a column per planning year, and the choice of a year where one table must do for all.

A unit is made larger for a whole table at once (PFLOP/s to EFLOP/s, ...), so that figures of a unit compare by eye.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from rich.table import Table

from eastwest.formatting.words import figure, percent, plain
from eastwest.report.terminal.layout import grid

if TYPE_CHECKING:
    from eastwest.results.result import Result

YEARS_A_TABLE = 6
NOISE = 1e-9
"""Figures below this share of the largest of their unit in a table are what the solver leaves, and shown as 0 [1]."""

LARGER: dict[str, tuple[tuple[float, float, str], ...]] = {
    "PFLOP/s": ((1e4, 1e3, "EFLOP/s"),),
    "million CNY": ((1e5, 1e3, "bn CNY"),),
    "MWh": ((1e6, 1e6, "TWh"), (1e4, 1e3, "GWh")),
    "MW": ((1e5, 1e3, "GW"),),
    "Gbit/s": ((1e5, 1e3, "Tbit/s"),),
    "devices": ((1e4, 1e3, "thousand"),),
    "m3": ((1e6, 1e6, "million m3"),),
    "t CO2": ((1e5, 1e6, "Mt CO2"),),
}
"""By unit: from which largest figure of a table on, divided by what, it is shown in which unit."""


class Line(NamedTuple):
    """A row of a table by year."""

    title: str
    unit: str
    values: Mapping[int, float]
    style: str = ""
    ratio: bool = False
    """a figure without a unit that is no share: shown as it is, not in percent"""


def years_of(result: Result) -> list[int]:
    """The planning years that the result has rows of."""
    return sorted(set(result.table["year"]) - {0})


def several(result: Result) -> bool:
    """Whether the result is of more than one planning year."""
    return len(years_of(result)) > 1


def sums(table: pd.DataFrame, quantity: str, **labels: str) -> dict[int, float]:
    """Sum of a quantity's rows by year; the caller sees to it that they are of one unit and one kind."""
    chosen = table["quantity"] == quantity
    for column, value in labels.items():
        chosen &= table[column] == value
    return per_year(table[chosen])


def per_year(rows: pd.DataFrame) -> dict[int, float]:
    """Sum of rows by year."""
    return {int(str(year)): float(value) for year, value in rows.groupby("year")["value"].sum().items()}


def filled(values: Mapping[int, float], years: Sequence[int]) -> dict[int, float]:
    """The same with zero where a year has no row."""
    return {year: values.get(year, 0.0) for year in years}


def over(above: Mapping[int, float], below: Mapping[int, float]) -> dict[int, float]:
    """One figure over another, in the years that have both."""
    return {year: value / below[year] for year, value in above.items() if below.get(year, 0.0) > 0}


def year_of_most(rows: pd.DataFrame) -> int:
    """The year in which the sum of rows is largest; the last of equals; 0 where there are no rows."""
    of_year = per_year(rows)
    return max(of_year, key=lambda year: (of_year[year], year), default=0)


def by_year(lines: Sequence[Line], years: Sequence[int], first: str = "") -> Iterator[Table]:
    """The lines with a column for each year; many years take several tables."""
    factors = _factors(lines)
    for start in range(0, len(years), YEARS_A_TABLE):
        part = years[start : start + YEARS_A_TABLE]
        table = grid([first, "unit", *map(str, part)], left=2)
        for line in lines:
            largest, factor, unit = factors[line.unit]
            shown = "" if unit in ("1", "-") else plain(unit)
            show = percent if line.unit == "1" and not line.ratio else figure
            values = {year: value if abs(value) >= NOISE * largest else 0.0 for year, value in line.values.items()}
            cells = [show(values[year] / factor) if year in values else "" for year in part]
            table.add_row(line.title, shown, *cells, style=line.style)
        yield table


def _factors(lines: Sequence[Line]) -> dict[str, tuple[float, float, str]]:
    """By unit: its largest figure, by what figures are divided, and the unit that they are shown in."""
    factors = {}
    for unit in dict.fromkeys(line.unit for line in lines):
        largest = max((abs(value) for line in lines if line.unit == unit for value in line.values.values()), default=0)
        step = next((step for step in LARGER.get(unit, ()) if largest >= step[0]), (0.0, 1.0, unit))
        factors[unit] = (largest, step[1], step[2])
    return factors
