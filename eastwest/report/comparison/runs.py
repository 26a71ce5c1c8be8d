"""What the page of a comparison is written of: the runs, their long tables in one, and columns that set them apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from eastwest.formatting.language import Language
from eastwest.formatting.words import plain
from eastwest.report.plot.chart import Subject
from eastwest.results.dataset import AnyColumn, Column, Dataset, Difference, derived, gather
from eastwest.schema.thresholds import NEGLIGIBLE

if TYPE_CHECKING:
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

    results: tuple[Result, ...]
    names: tuple[str, ...]
    say: Language

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

    def result(self, number: int) -> Result:
        """The run of a number."""
        return self.results[number - 1]

    @cached_property
    def table(self) -> pd.DataFrame:
        """The long tables of all runs with the number of each in `run`, and the present value of each."""
        parts = [result.table.assign(run=number) for number, result in enumerate(self.results, start=1)]
        paid = [
            {**dict.fromkeys(parts[0].columns, ""), "quantity": SUMMARY, "unit": MONEY, "year": 0,
             "value": float(result.objective), "run": number}
            for number, result in enumerate(self.results, start=1)
        ]  # fmt: skip
        table = pd.concat([*parts, pd.DataFrame(paid)], ignore_index=True)
        return table[(table["slice"] == "") | (table["quantity"] == HOURLY)].reset_index(drop=True)

    @cached_property
    def subject(self) -> Subject:
        """The pooled table, and names and colours of what any run has."""
        tables = {**self.results[0].scenario.tables}
        for table, label in IDENTIFIED:
            found = [result.scenario.tables.get(table) for result in self.results]
            frames = [frame for frame in found if frame is not None and label in frame]
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
        return [sorted({int(year) for year in result.table["year"].unique()} - {0}) for result in self.results]

    def years(self, number: int) -> list[int]:
        """Planning years that a run shares with the first."""
        return sorted(set(self.years_of(1)) & set(self.years_of(number)))

    def all_years(self) -> list[int]:
        """Planning years that the first run shares with any other."""
        return sorted(set().union(*(self.years(number) for number in self.others)))

    @cached_property
    def kinds(self) -> list[str]:
        """Kinds of compute that any run demands, intelligent first."""
        found = set(self.table.loc[self.table["quantity"] == "demand", "kind"]) - {""}
        return sorted(found, key=lambda kind: (kind != "intelligent", kind))

    def has(self, number: int, frame: pd.DataFrame) -> np.ndarray:
        """Whether a run has the year, site, task, device and region of each row, whatever it does with them."""
        there = np.ones(len(frame), dtype=bool)
        known: dict[str, set[Any]] = {"year": {0, *self.years_of(number)}}
        for table, label in IDENTIFIED:
            found = self.result(number).scenario.tables.get(table)
            if found is not None and label in found:
                known[label] = {"", *found[label].map(str)}
        for label, keys in known.items():
            if label in frame and label != "corridor":
                there &= frame[label].isin(keys).to_numpy()
        return there

    def gather(
        self,
        name: str,
        title: str,
        labels: Sequence[str],
        quantity: str | tuple[str, ...],
        unit: str = "",
        *,
        where: Mapping[str, Any] | None = None,
        zero: bool = True,
        numbers: Sequence[int] | None = None,
        how: str = "sum",
    ) -> Dataset:
        """Dataset with a column for each run, and the difference of each further one from the first, also in percent.

        `zero`: where a run has the place but no row of it, the figure is zero. It is a gap where a run lacks the place.
        """
        chosen = [1, *self.others] if numbers is None else list(numbers)
        columns: dict[str, AnyColumn] = {
            f"run_{number}": Column(self.name(number), quantity, unit, {"run": number, **(where or {})}, how=how)
            for number in chosen
        }
        return self._set_apart(
            name, title, labels, columns, gather(self.table, name, title, labels, columns).frame, zero
        )

    def dataset(
        self,
        name: str,
        title: str,
        labels: Sequence[str],
        found: pd.DataFrame,
        quantity: str | tuple[str, ...],
        *,
        where: Mapping[str, Any],
        zero: bool = True,
    ) -> Dataset:
        """The same of a frame of the comparison, which has a column under the name of each run."""
        names = {name: f"run_{number}" for number, name in enumerate(self.names, start=1)}
        columns: dict[str, AnyColumn] = {
            column: Column(self.name(number), quantity, "", {"run": number, **where})
            for number, column in enumerate(names.values(), start=1)
        }
        frame = found.assign(**{label: "" for label in labels if label not in found}).rename(columns=names)
        for label, value in where.items():
            if label in labels:
                frame = frame[frame[label].isin(value)]
        if "quantity" in labels:
            frame = frame[frame["quantity"].isin(quantity)]
        frame = frame[[*labels, *columns]].reset_index(drop=True)
        return self._set_apart(name, title, labels, columns, frame, zero)

    def _set_apart(
        self,
        name: str,
        title: str,
        labels: Sequence[str],
        columns: dict[str, AnyColumn],
        found: pd.DataFrame,
        zero: bool,
    ) -> Dataset:
        """With the difference of each further run; zero where a run has the place but no row of it."""
        chosen = [int(key.removeprefix("run_")) for key in columns]
        unit = next(iter(columns.values())).unit
        frame = found.copy()
        if zero:
            for number in chosen:
                values = frame[f"run_{number}"]
                frame[f"run_{number}"] = values.mask(values.isna() & self.has(number, frame), 0.0)
        columns |= {key: column for number in chosen[1:] for key, column in self.differences(number, unit, chosen)}
        for key, column in columns.items():
            if isinstance(column, Difference):
                frame[key] = derived(frame, column)
        return Dataset(name, title, tuple(labels), columns, frame)

    def differences(self, number: int, unit: str, chosen: Sequence[int]) -> Iterator[tuple[str, Difference]]:
        """Columns of the difference of a run from the first."""
        say = self.say
        one = len(chosen) == 2
        title = say("Difference") if one else say("Difference of {run}", run=self.name(number))
        percent = say("Difference in percent") if one else say("Difference of {run} in percent", run=self.name(number))
        yield f"difference_{number}", Difference(title, f"run_{number}", "run_1", unit)
        yield f"percent_{number}", Difference(percent, f"run_{number}", "run_1", "1", relative=True)

    def changed(self, dataset: Dataset) -> Dataset:
        """Rows in which some run differs from the first, or lacks what the first has."""
        runs = dataset.frame[[column for column in dataset.frame if str(column).startswith("run_")]]
        size = runs.abs().max(axis=1)
        apart = runs.sub(runs["run_1"], axis=0).abs().max(axis=1) > NEGLIGIBLE * size
        missing = runs.isna().any(axis=1) & (size > 0)
        return dataset.but(dataset.frame[apart | missing])


def short(text: str, most: int) -> str:
    """Text on one line, at most so many letters."""
    clean = " ".join(plain(text).split()) or "?"
    return clean if len(clean) <= most else clean[: most - 1] + "…"
