"""Calendar years and the planning years that stand for them.

A planning year is a *period* of calendar years, each with the weight (1 + r)^-(year - first planning year). What
depends on the calendar (demand, stock that is left, what is in service, prices, caps and floors by year) enters a
period as its weighted mean over them, and what a year pays counts the sum of the weights, `factor`. So the weighted
mean of a plan year by year is a plan of the period at the same cost, where prices are constant in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import pandas as pd

Figure = TypeVar("Figure", float, pd.Series)


class Periods:
    """The calendar years of each planning year, with their weights."""

    def __init__(self, spans: Mapping[int, tuple[int, ...]], rate: float, *, of_one_year: bool = False) -> None:
        """`spans`: planning year -> calendar years; `rate` turns years into present value [1/a]. With `of_one_year`
        weights of a period sum to 1, so that money is that of one of its years."""
        first = next(iter(spans))
        self.rate, self.first = rate, first
        self.weights = {
            year: {calendar: (1 + rate) ** (first - calendar) for calendar in span} for year, span in spans.items()
        }
        if of_one_year:
            self.weights = {
                year: {calendar: weight / sum(weights.values()) for calendar, weight in weights.items()}
                for year, weights in self.weights.items()
            }

    @property
    def factor(self) -> pd.Series:
        """Present value of 1 CNY paid in each calendar year of a period, in money of the first, by planning year."""
        total = {year: sum(weights.values()) for year, weights in self.weights.items()}
        return pd.Series(total, dtype=float).rename_axis("year")

    @property
    def counts_for(self) -> dict[int, int]:
        """The planning year in whose rows the results tell what a calendar year brings: its own or, where none stands
        for it, the next."""
        found, before = {}, 0
        for year, weights in self.weights.items():
            found.update(dict.fromkeys(range(before + 1, max(weights) + 1), year))
            before = max(weights)
        return found

    @property
    def last(self) -> int:
        """The last calendar year that any planning year stands for."""
        return max(max(weights) for weights in self.weights.values())

    def mean(self, year: int, figure: Callable[[int], Figure]) -> Figure:
        """The weighted mean over the calendar years of a planning year of what `figure` says of each."""
        weights = self.weights[year]
        if len(weights) == 1:
            return figure(next(iter(weights)))
        parts = [figure(calendar) * weight for calendar, weight in weights.items()]
        total: Figure = sum(parts[1:], start=parts[0]) / sum(weights.values())
        return total

    def by_year(self, value: float | Mapping[int, float], missing: float | None = None) -> pd.Series:
        """One figure for every year, or a figure for some calendar years, as the mean of each period, labelled by year.

        A calendar year without a figure counts `missing`; where that is none it does not count, and a period without
        any figure is left out.
        """
        found = {}
        for year, weights in self.weights.items():
            known = {
                calendar: value.get(calendar, missing) if isinstance(value, Mapping) else value for calendar in weights
            }
            given = {calendar: figure for calendar, figure in known.items() if figure is not None}
            if given:
                total = sum(weights[calendar] for calendar in given)
                found[year] = sum(weights[calendar] * figure for calendar, figure in given.items()) / total
        return pd.Series(found, index=pd.Index(list(found), name="year", dtype=int), dtype=float)

    def in_money_of(self, calendar: int) -> float:
        """Present value of 1 CNY paid in a calendar year, in money of the first planning year.

        What enters before it is paid from it on, and so is told in its money.
        """
        return float((1 + self.rate) ** min(0, self.first - calendar))
