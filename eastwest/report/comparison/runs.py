"""What the page of a comparison is written of: the runs, their long tables in one, and columns that set them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from eastwest.formatting.language import Language
from eastwest.formatting.words import figure, plain
from eastwest.report.plot import order
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Heading
from eastwest.results.dataset import AnyColumn, Column, Dataset, Difference, Where, derived, gather
from eastwest.schema.results_table import one
from eastwest.schema.thresholds import NEGLIGIBLE

if TYPE_CHECKING:
    from eastwest.analysis.compare import Comparison
    from eastwest.results.result import Result

MONEY = "million CNY"
PFLOPS = "PFLOP/s"
LONGEST = 40
"""Longest name of a run that the page repeats; the list of runs has it whole [letters]."""
WHOLE = 300
"""Longest name that even the list of runs shows whole [letters]."""
IDENTIFIED = (
    ("sites", "site"), ("regions", "region"), ("tasks", "task"), ("devices", "device"), ("hubs", "hub"),
    ("corridors", "corridor"),
)  # fmt: skip
"""Tables that identify things, and the label that they identify."""
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
        names = [short(name, LONGEST) for name in self.names]
        if len(set(names)) == len(names):
            return names
        return [f"{short(name, LONGEST - 4)} ({number})" for number, name in enumerate(self.names, start=1)]

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
        for table, label in IDENTIFIED:
            every = [result.scenario.tables.get(table, pd.DataFrame()) for result in self.results]
            frames = [frame for frame in every if label in frame]
            if frames:
                tables[table] = pd.concat(frames, ignore_index=True).drop_duplicates(label, ignore_index=True)
        scenario = SimpleNamespace(tables=tables, settings=self.results[0].scenario.settings)
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
        return [sorted(set(result.table["year"]) & set(result.scenario.settings.years)) for result in self.results]

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

    def has(self, number: int, frame: pd.DataFrame) -> np.ndarray:
        """Whether a run has the year, site, task, device and region of each row, whatever it does with them."""
        there, tables = np.ones(len(frame), dtype=bool), self.results[number - 1].scenario.tables
        known: dict[str, set[Any]] = {"year": {0, *self.years_of(number)}}
        for table, label in IDENTIFIED:
            if label != "corridor" and label in tables.get(table, ()):
                known[label] = {"", *tables[table][label].map(str)}
        for label in known.keys() & {*frame}:
            there &= frame[label].isin(known[label]).to_numpy()
        return there

    def gather(
        self, name: str, title: str, labels: Sequence[str], quantity: str, unit: str, *,
        where: Where | None = None, pair: int = 0, how: str = "sum",
    ) -> Dataset:  # fmt: skip
        """Dataset with a column for each run, and the difference of each further one from the first, also in percent.

        Of a `pair`, a further run with the first, or of all runs; by year it has the years that they share. Where a
        run has the place but no row of it, the figure is zero. It is a gap where a run lacks the place.
        """
        years = {"year": tuple(self.years(pair) if pair else self.all_years())} if "year" in labels else {}
        numbers = (1, pair) if pair else (1, *self.others)
        columns = self._columns(numbers, quantity, unit, {**(where or {}), **years}, how)
        frame = gather(self.table, name, title, labels, columns).frame
        return self._set_apart(name, title, labels, columns, frame)

    def dataset(
        self, name: str, title: str, labels: Sequence[str], found: pd.DataFrame, quantity: str | tuple[str, ...], *,
        where: Mapping[str, Any], zero: bool = True,
    ) -> Dataset:  # fmt: skip
        """The same of a frame of the comparison; where not `zero`, a figure without a row is a gap."""
        columns = self._columns((1, *self.others), quantity, "", where)
        frame = found.assign(**{label: "" for label in labels if label not in found})
        frame = frame.rename(columns=dict(zip(self.names, columns, strict=True)))
        for label, values in {"quantity": quantity, **where}.items():
            if label in labels:
                frame = frame[frame[label].isin(values)]
        frame = frame[[*labels, *columns]].reset_index(drop=True)
        return self._set_apart(name, title, labels, columns, frame, zero=zero)

    def _columns(
        self, numbers: Sequence[int], quantity: str | tuple[str, ...], unit: str, where: Where, how: str = "sum"
    ) -> dict[str, AnyColumn]:
        return {
            f"run_{number}": Column(self.name(number), quantity, unit, {"run": number, **where}, how=how)
            for number in numbers
        }

    def _set_apart(
        self, name: str, title: str, labels: Sequence[str], columns: dict[str, AnyColumn], frame: pd.DataFrame,
        *, zero: bool = True,
    ) -> Dataset:  # fmt: skip
        """With the difference of each further run; zero where a run has the place but no row of it."""
        frame, unit, numbers = frame.copy(), columns["run_1"].unit, [int(key.removeprefix("run_")) for key in columns]
        for number in numbers if zero else ():
            frame[f"run_{number}"] = self.zeroed(frame[f"run_{number}"], number, frame)
        for number in numbers[1:]:
            alone, say, of = len(numbers) == 2, self.say, f"run_{number}"
            title_of = say("Difference") if alone else say("Difference of {run}", run=self.name(number))
            percent = say("Difference in percent") if alone else say(
                "Difference of {run} in percent", run=self.name(number)
            )  # fmt: skip
            made = Difference(title_of, of, "run_1", unit), Difference(percent, of, "run_1", "1", relative=True)
            for key, column in zip(("difference", "percent"), made, strict=True):
                columns[f"{key}_{number}"] = column
                frame[f"{key}_{number}"] = derived(frame, column)
        return Dataset(name, title, tuple(labels), columns, frame)

    def zeroed(self, values: pd.Series, number: int, frame: pd.DataFrame) -> pd.Series:
        """Figures of a run by the rows of a frame: zero where it has the place but no row of it."""
        return values.mask(values.isna() & self.has(number, frame), 0.0)

    def ranked(self, data: Dataset, number: int) -> Dataset:
        """The largest differences of a run from the first, of each year, before smaller ones."""
        size = -data.frame[f"difference_{number}"].abs()
        by = ["year", "size", *(label for label in data.labels if label != "year")]
        return data.but(data.frame.assign(size=size).sort_values(by).drop(columns="size"))

    def headings(self, labels: Sequence[str], change: str) -> list[Heading]:
        """Titles of labels, then the first run, then each further one and its change."""
        found = [*texts(*labels), Heading(self.name(1))]
        for number in self.others:
            found += [Heading(self.name(number)), Heading(change)]
        return found

    def changed(self, dataset: Dataset) -> Dataset:
        """Rows in which some run differs from the first, or lacks what the first has."""
        runs = dataset.frame[[column for column in dataset.frame if str(column).startswith("run_")]]
        size = runs.abs().max(axis=1)
        apart = runs.sub(runs["run_1"], axis=0).abs().max(axis=1) > NEGLIGIBLE * size
        missing = runs.isna().any(axis=1) & (size > 0)
        return dataset.but(dataset.frame[apart | missing])


def texts(*titles: str) -> list[Heading]:
    """Heads of columns of texts."""
    return [Heading(title, number=False) for title in titles]


def signed(value: float) -> str:
    """A difference with its sign, for bars."""
    return f"+{figure(value)}" if value > 0 else figure(value).replace("-", "−")


def short(text: str, most: int) -> str:
    """Text on one line, at most so many letters."""
    clean = " ".join(plain(text).split()) or "?"
    return clean if len(clean) <= most else clean[: most - 1] + "…"
