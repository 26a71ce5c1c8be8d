"""What a chart is, and what it is drawn of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go

from eastwest.errors import InputError
from eastwest.formatting.colours import Colours
from eastwest.formatting.language import Language
from eastwest.formatting.words import Names
from eastwest.report.plot import style
from eastwest.results.dataset import Dataset
from eastwest.schema import constraints_table
from eastwest.schema.units import MONTH, STEPS

if TYPE_CHECKING:
    from eastwest.scenario import Scenario

DEMAND_BEFORE = "demand"
"""What demand is called in runs that do not say what their limits are."""


@dataclass(frozen=True)
class Subject:
    """A run as charts see it: the results table, the scenario, and the language to say it in."""

    table: pd.DataFrame
    scenario: Scenario
    say: Language
    constraints: pd.DataFrame = field(default_factory=lambda: constraints_table.table([]))
    """what the groups of constraints of the run say of themselves"""

    def step(self, item: str, unit: str) -> float:
        """The step in which relief of a limit is sold, as it declares; of a run of before, the step of its unit."""
        return STEPS.get(unit, 1.0) if self.constraints.empty or unit == MONTH else self._steps.get(item, 1.0)

    @cached_property
    def _steps(self) -> dict[str, float]:
        rows = self.table.loc[self.table["constraint"] != "", ["item", "constraint"]].drop_duplicates()
        steps = constraints_table.meaning(rows["constraint"], self.constraints)["step"]
        return dict(zip(rows["item"], steps, strict=True))

    @property
    def demand(self) -> str:
        """The item of prices of demand: the name of its limit."""
        named = self.constraints.loc[self.constraints["kind"] == "demand", "limit"]
        return str(named.iloc[0]) if len(named) else DEMAND_BEFORE

    @cached_property
    def names(self) -> Names:
        """Names of sites, devices, tasks, regions, in the language."""
        return Names(self.scenario, self.say.code)

    @cached_property
    def colours(self) -> Colours:
        """The colour of each of them."""
        return Colours(self.scenario.tables)

    @cached_property
    def years(self) -> list[int]:
        """Planning years that the table has rows of."""
        return sorted(set(self.table["year"]) & set(self.scenario.years))

    def year(self, year: int | None) -> int:
        """A planning year; the last one where none is named."""
        if not self.years:
            raise InputError("received a result without figures, expected one that is optimal", key="result")
        return _chosen(year, self.years)

    def task_kinds(self) -> dict[str, str]:
        """The kind of compute of each task, in the order of their table."""
        tasks = self.scenario.tables["tasks"]
        return dict(zip(tasks["task"].map(str), tasks["kind"].map(str), strict=True))


def _chosen(year: int | None, years: Collection[int]) -> int:
    chosen = max(years) if year is None else year
    if chosen not in years:
        known = ", ".join(map(str, years))
        raise InputError(f"received year {chosen}, expected a planning year of the run: {known}", key="year")
    return chosen


Draw = Callable[[Subject, "pd.DataFrame"], go.Figure]
"""Draws the rows of a year, at least one."""


@dataclass(frozen=True)
class Chart:
    """Figures that are drawn of one dataset; `figures` has one per planning year, or one under 0 that shows all.

    Title, caption and alternative text are in the language of the subject already.
    """

    name: str
    title: str
    caption: str
    """what is shown, in which unit, and how to read it"""
    dataset: Dataset
    figures: Mapping[int, go.Figure]
    wide: bool = False
    """whether it needs more width than a phone has, and scrolls there"""
    height: int = 420
    """[px]"""
    more: tuple[Dataset, ...] = ()
    """further tables that it is drawn of"""

    @classmethod
    def yearly(
        cls, subject: Subject, data: Dataset, draw: Draw, caption: str, empty: str, *,
        only: Callable[[pd.DataFrame], pd.Series] | None = None, title: str = "", wide: bool = True,
    ) -> Chart:  # fmt: skip
        """A chart with a figure for each planning year, of the rows of that year; as high as the highest of them.

        `only` says which rows are drawn (all); `empty` what is said in a year without any.
        """
        drawn = data.frame if only is None else data.frame[only(data.frame)]
        years = {year: drawn[drawn["year"] == year] for year in subject.years}
        figures = {year: draw(subject, rows) if len(rows) else style.words(empty) for year, rows in years.items()}
        height = max((figure.layout.height for figure in figures.values()), default=cls.height)
        return cls(data.name, title or subject.say(data.title), caption, data, figures, wide, height)

    @classmethod
    def once(cls, subject: Subject, data: Dataset, figure: go.Figure, caption: str, wide: bool = False) -> Chart:
        """A chart whose one figure shows all years."""
        return cls(data.name, subject.say(data.title), caption, data, {0: figure}, wide, figure.layout.height)

    def figure(self, year: int | None = None) -> go.Figure:
        """The figure of a year, of the last one, or the one of all."""
        return self.figures[0 if 0 in self.figures else _chosen(year, self.figures)]
