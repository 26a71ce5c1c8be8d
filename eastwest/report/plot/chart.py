"""What a chart is, and what it is drawn of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go

from eastwest.errors import InputError
from eastwest.formatting.colours import Colours
from eastwest.formatting.language import Language
from eastwest.formatting.words import Names
from eastwest.results.dataset import Dataset
from eastwest.schema import constraints_table
from eastwest.schema.units import MONTH, STEPS

if TYPE_CHECKING:
    from eastwest.scenario import Scenario


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
        if self.constraints.empty or unit == MONTH:
            return STEPS.get(unit, 1.0)
        return float(constraints_table.meaning(pd.Series([item]), self.constraints)["step"].iloc[0])

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
        return sorted(set(self.table["year"]) - {0})

    def year(self, year: int | None) -> int:
        """A planning year; the last one where none is named."""
        if not self.years:
            raise InputError("received a result without figures, expected one that is optimal", key="result")
        chosen = self.years[-1] if year is None else year
        if chosen not in self.years:
            known = ", ".join(map(str, self.years))
            raise InputError(f"received year {chosen}, expected a planning year of the run: {known}", key="year")
        return chosen


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

    def figure(self, year: int | None = None) -> go.Figure:
        """The figure of a year, of the last one, or the one of all."""
        if 0 in self.figures:
            return self.figures[0]
        chosen = max(self.figures) if year is None else year
        if chosen not in self.figures:
            known = ", ".join(map(str, self.figures))
            raise InputError(f"received year {chosen}, expected a planning year of the run: {known}", key="year")
        return self.figures[chosen]
