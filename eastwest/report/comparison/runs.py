"""The runs that a page compares: their long tables in one, joined on labels into columns that set them apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from eastwest.formatting.language import Language
from eastwest.report.cells import clip
from eastwest.report.plot import order
from eastwest.report.plot.chart import Subject
from eastwest.results.dataset import AnyColumn, Column, Dataset, Difference, Where, derived, gather
from eastwest.schema.results_table import one
from eastwest.schema.thresholds import NEGLIGIBLE
from eastwest.schema.units import MONEY

if TYPE_CHECKING:
    from eastwest.analysis.compare import Comparison
    from eastwest.results.result import Result

PFLOPS = "PFLOP/s"
LONGEST = 40
"""Longest name of a run that the page repeats; the list of runs has it whole [letters]."""
WHOLE = 300
"""Longest name that even the list of runs shows whole [letters]."""
IDENTIFIED = ("site", "region", "task", "device", "hub", "corridor")
"""Labels that tables of the same name (`sites`, ...) identify things by."""
HOURLY = "shadow_price"
"""The one quantity whose hourly rows the page adds up: a unit more of a limit is there in every hour."""
UNSERVED, NEW, GONE, OTHERS = "(unserved)", "(new demand)", "(demand gone)", "(others)"
"""Where work comes from or goes to that is no site; identifiers of sites hold no brackets."""
SUMMARY = "objective_million_cny"
"""Key of `summary.json` under which a run folder keeps its present value; a pseudo-quantity of the pooled table."""


@dataclass(frozen=True)
class Runs:
    """Two or more results under numbers from 1; the first is the one that others are compared with."""

    comparison: Comparison
    say: Language

    @property
    def results(self) -> tuple[Result, ...]:
        """The runs, in their order."""
        return self.comparison.results

    @property
    def names(self) -> tuple[str, ...]:
        """Their names as they are."""
        return self.comparison.names

    @property
    def others(self) -> range:
        """Numbers of the runs that are compared with the first."""
        return range(2, len(self.results) + 1)

    def name(self, number: int) -> str:
        """The name of a run, as short as text bears, and still its own."""
        return self._shown[number - 1]

    @cached_property
    def _shown(self) -> list[str]:
        names = [clip(name, LONGEST) or "?" for name in self.names]
        if len(set(names)) == len(names):
            return names
        return [f"{clip(name, LONGEST - 4)} ({number})" for number, name in enumerate(self.names, start=1)]

    def pair(self, number: int) -> Language:
        """The language with the names of the `first` run and of `run`, a further one, in the places of its texts."""
        return self.say.filled(first=self.name(1), run=self.name(number))

    @cached_property
    def table(self) -> pd.DataFrame:
        """The long tables of all runs with the number of each in `run`, and the present value of each."""
        parts = [
            pd.concat([result.table, one(SUMMARY, MONEY, float(result.objective))]).assign(run=number)
            for number, result in enumerate(self.results, start=1)
        ]
        table = pd.concat(parts, ignore_index=True)
        return table[(table["slice"] == "") | (table["quantity"] == HOURLY)].reset_index(drop=True)

    @cached_property
    def subject(self) -> Subject:
        """The pooled table, and names and colours of what any run has."""
        tables = {**self.results[0].scenario.tables}
        for label in IDENTIFIED:
            every = [result.scenario.tables.get(f"{label}s", pd.DataFrame()) for result in self.results]
            frames = [frame for frame in every if label in frame]
            if frames:
                tables[f"{label}s"] = pd.concat(frames, ignore_index=True).drop_duplicates(label, ignore_index=True)
        first = self.results[0].scenario
        scenario = SimpleNamespace(tables=tables, settings=first.settings, years=first.years)
        years = self.all_years() or self.years_of(1)
        subject = Subject(self.table[self.table["year"].isin(years)], cast(Any, scenario), self.say)
        say, names = self.say, subject.names
        words = {
            UNSERVED: say("unserved"),
            NEW: say("new demand"),
            GONE: say("demand gone"),
            OTHERS: say("other sites"),
        }
        for side in ("from", "to"):
            for known in (names.english, names.chinese):
                known.update({(side, key): name for (label, key), name in list(known.items()) if label == "site"})
            names.english.update({(side, node): word for node, word in words.items()})
        return subject

    def years_of(self, number: int) -> list[int]:
        """Planning years of a run."""
        return self._years[number - 1]

    @cached_property
    def _years(self) -> list[list[int]]:
        return [sorted(set(result.table["year"]) & set(result.scenario.years)) for result in self.results]

    def years(self, number: int) -> list[int]:
        """Planning years that a run shares with the first."""
        return sorted(set(self.years_of(1)) & set(self.years_of(number)))

    def all_years(self) -> list[int]:
        """Planning years that the first run shares with any other."""
        return sorted(set().union(*(self.years(number) for number in self.others)))

    @cached_property
    def kinds(self) -> list[str]:
        """Kinds of compute that any run demands, intelligent first."""
        return order.kinds(set(self.table.loc[self.table["quantity"] == "demand", "kind"]) - {""})

    def joined(
        self, name: str, title: str, labels: Sequence[str], quantity: str | tuple[str, ...], unit: str, *,
        where: Where | None = None, how: str = "sum", zero: bool = True,
    ) -> Dataset:  # fmt: skip
        """The runs joined on labels: a column for each, and what each further one has more than the first.

        The difference is in the unit and in percent. By year it has the years that any run shares with the first. Where
        a run has the place but no row of it, the figure is zero, or a gap where not `zero`; it is a gap where a run
        lacks the place.
        """
        years = {"year": tuple(self.all_years())} if "year" in labels else {}
        columns: dict[str, AnyColumn] = {
            f"run_{number}": Column(
                self.name(number), quantity, unit, {"run": number, **years, **(where or {})}, how=how
            )
            for number in (1, *self.others)
        }
        frame = gather(self.table, name, title, labels, columns).frame
        if zero:
            frame = frame.assign(**{f"run_{n}": self.zeroed(frame[f"run_{n}"], n, frame) for n in (1, *self.others)})
        for number in self.others:
            say, of = self.pair(number), f"run_{number}"
            alone = len(self.others) == 1
            more = say("Difference") if alone else say("Difference of {run}")
            percent = say("Difference in percent") if alone else say("Difference of {run} in percent")
            columns[f"difference_{number}"] = Difference(more, of, "run_1", unit)
            columns[f"percent_{number}"] = Difference(percent, of, "run_1", "1", relative=True)
        made = {key: derived(frame, column) for key, column in columns.items() if isinstance(column, Difference)}
        return Dataset(name, title, tuple(labels), columns, frame.assign(**made))

    def zeroed(self, values: pd.Series, number: int, frame: pd.DataFrame) -> pd.Series:
        """Figures of a run by the rows of a frame: zero where it has the place but no row of it."""
        return values.mask(values.isna() & self._has(number, frame), 0.0)

    def _has(self, number: int, frame: pd.DataFrame) -> np.ndarray:
        """Whether a run has the year, site, task, device and region of each row, whatever it does with them."""
        there, tables = np.ones(len(frame), dtype=bool), self.results[number - 1].scenario.tables
        known: dict[str, set[Any]] = {"year": {0, *self.years_of(number)}}
        for label in IDENTIFIED:
            if label != "corridor" and label in tables.get(f"{label}s", ()):
                known[label] = {"", *tables[f"{label}s"][label].map(str)}
        for label in known.keys() & {*frame}:
            there &= frame[label].isin(known[label]).to_numpy()
        return there

    def differing(self, data: Dataset) -> Dataset:
        """Rows in which some run differs from the first, or lacks what the first has."""
        runs = data.frame[[f"run_{number}" for number in (1, *self.others)]]
        size = runs.abs().max(axis=1)
        apart = runs.sub(runs["run_1"], axis=0).abs().max(axis=1) > NEGLIGIBLE * size
        return data.but(data.frame[apart | (runs.isna().any(axis=1) & (size > 0))])

    def beside(self, own: Callable[[int], tuple[str, str]]) -> list[str]:
        """Columns of the runs side by side: of the first its figure, of each further one its figure and the change."""
        return [own(1)[0], *(each for number in self.others for each in own(number))]


def largest(data: Dataset, number: int, **labels: object) -> pd.DataFrame:
    """Rows with these labels in which a run differs from the first, the largest difference first."""
    rows, column = data.rows(**labels), f"difference_{number}"
    rows = rows[rows[column].abs() > 0]
    return rows.sort_values(column, key=lambda change: -change.abs(), kind="stable")
