"""Two or more runs side by side: what changed in the inputs, what in the outcome, and which limit carries it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eastwest.analysis import input_changes
from eastwest.errors import InputError
from eastwest.formatting.atomic_write import write_text
from eastwest.formatting.text import plain
from eastwest.results.run_folder import write_csv
from eastwest.results.views import COMPARED, LABELS
from eastwest.schema.results_table import round_significant
from eastwest.schema.thresholds import NEGLIGIBLE, NOTHING

if TYPE_CHECKING:
    from eastwest.results.result import Result

TITLES = {
    "inputs": "Differences in inputs",
    "headline": "Headline figures",
    "sites": "By site",
    "devices": "By device",
    "tasks": "By task",
    "limits": "Limits that began or ceased to bind",
}
"""The frames of a comparison."""
BEGAN, CEASED, BOTH = STATES = ("began to bind", "ceased to bind", "binds in both")
LIMIT_LABELS = ("year", "item", "kind", "region", "task", "site", "device", "corridor", "unit")
"""What tells limits apart that are compared: rows that differ by hour alone are of one."""


def column_of(kind: str, names: Sequence[str], name: str) -> str:
    """The column of a further run where there is one for each: `change`, or `change NAME` beside a third run."""
    return kind if len(names) == 2 else f"{kind} {name}"


def saving_in(name: str) -> str:
    """The column of what one more unit of a limit saves in a run, where that was solved."""
    return f"saving {name}"


@dataclass(frozen=True, eq=False)
class Comparison:
    """Frames of differences; the first run is the one that others are compared with.

    Outcome frames have their labels, `unit`, one column per run, and for each further run its difference and percent.
    """

    names: tuple[str, ...]
    inputs: pd.DataFrame
    """key, and the value in each run; many cells changed by one factor are one line"""
    cells: pd.DataFrame
    """the same with every table cell on its own line"""
    lines: pd.DataFrame
    """what `inputs` tells in words: table (empty for settings), column, key, number of cells, values and factors"""
    origins: pd.DataFrame
    """key, table and column of each of these cells, and where its value stands in each run: file and line"""
    results: tuple[Result, ...]
    headline: pd.DataFrame
    sites: pd.DataFrame
    devices: pd.DataFrame
    tasks: pd.DataFrame
    limits: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """Every frame by name, inputs first."""
        return {name: getattr(self, name) for name in TITLES}

    def changed(self, section: str) -> pd.DataFrame:
        """Rows of a section whose figures differ."""
        frame = self.frames()[section]
        if section in ("inputs", "limits") or frame.empty:
            return frame
        first, others = frame[self.names[0]].fillna(0.0), frame[list(self.names[1:])].fillna(0.0)
        size = frame[list(self.names)].abs().max(axis=1)
        distance = others.sub(first, axis=0).abs().max(axis=1)
        return frame[distance > NEGLIGIBLE * size].reset_index(drop=True)

    def to_markdown(self) -> str:
        """The whole comparison as a Markdown document: inputs first, then what changed in each section."""
        parts = [f"# {' against '.join(_escaped(name) for name in self.names)}"]
        for section, title in TITLES.items():
            parts += [f"## {title}", _markdown_table(self.changed(section)) or "No difference."]
        return "\n\n".join(parts) + "\n"

    def to_html(self, language: str = "en") -> str:
        """The comparison as one HTML page that opens anywhere, without a network; language en or zh."""
        from eastwest.report.comparison import page_html

        return page_html(self, language)

    def save_html(self, path: str | Path, language: str = "en") -> Path:
        """Write the page (see `to_html`), whole or not at all."""
        path = Path(path)
        write_text(path, self.to_html(language))
        return path

    def to_csv(self, folder: str | Path) -> Path:
        """One CSV file per section in a folder, with every row, changed or not; `cells.csv` has inputs cell by cell."""
        folder = Path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, frame in {**self.frames(), "cells": self.cells}.items():
                write_csv(frame, folder / f"{name}.csv")
        except OSError as error:
            raise InputError(f"cannot be written ({error.strerror or error})", where=str(folder)) from error
        return folder


def compare(*results: Result, names: Sequence[str] | None = None) -> Comparison:
    """Compare two or more results with the first one."""
    if len(results) < 2:
        raise InputError(f"received {len(results)} result(s); a comparison needs at least two")
    labels = _run_names(results, names)
    scenarios = [result.scenario for result in results]
    cells = input_changes.changed_cells(scenarios, labels)
    settings = input_changes.changed_settings(scenarios, labels).assign(table="", column="")
    every = pd.concat([settings.assign(row=""), cells], ignore_index=True)
    lines = pd.concat([settings.assign(cells=1), input_changes.collapsed(cells, labels)], ignore_index=True)
    tables = {name: result.table[result.table["slice"] == ""] for name, result in zip(labels, results, strict=True)}
    return Comparison(
        names=labels,
        inputs=input_changes.in_words(lines, labels),
        lines=lines,
        cells=every[["key", *labels]],
        origins=input_changes.origins(every, scenarios, labels),
        results=tuple(results),
        headline=_outcome(tables, ("item", "kind", "year"), ("headline",)),
        sites=_outcome(tables, ("site", "quantity", "item", "kind", "year"), *COMPARED["site"], place="site"),
        devices=_outcome(tables, ("device", "quantity", "year"), *COMPARED["device"], place="device"),
        tasks=_outcome(tables, ("task", "quantity", "kind", "year"), *COMPARED["task"], place="task"),
        limits=_limits(dict(zip(labels, results, strict=True))),
    )


def _run_names(results: Sequence[Result], names: Sequence[str] | None) -> tuple[str, ...]:
    chosen = [str(name) for name in names] if names is not None else [result.scenario.name for result in results]
    if len(chosen) != len(results):
        raise InputError(f"received {len(chosen)} names for {len(results)} results")
    reserved = {*LABELS, *input_changes.PARTS, "key", "cells", "change", "difference", "percent"}
    reserved |= {"step", "order", "rank"}
    reserved |= {made(name) for name in chosen for made in (saving_in, input_changes.factor_in)}
    if len(set(chosen)) < len(chosen) or reserved & set(chosen):
        chosen = [f"{name} ({position})" for position, name in enumerate(chosen, start=1)]
    return tuple(chosen)


def _outcome(
    tables: dict[str, pd.DataFrame],
    keys: Sequence[str],
    amounts: Sequence[str],
    means: Sequence[str] = (),
    *,
    place: str = "",
) -> pd.DataFrame:
    """Rows of some quantities by key, one column a run, and the differences; of a place only rows that name one.

    Amounts are added; means are taken only where they stand for the whole.
    """
    columns = {}
    for name, table in tables.items():
        rows = table[table["quantity"].isin([*amounts, *means])]
        if place:
            others = [label for label in ("site", "region", "task", "device", "corridor") if label not in keys]
            whole = (rows[others] == "").all(axis=1) | ~rows["quantity"].isin(means)
            rows = rows[(rows[place] != "") & whole]
        columns[name] = rows.groupby([*keys, "unit"])["value"].sum()
    wide = pd.DataFrame(columns).sort_index().reset_index()
    empty = [label for label in keys if len(wide) and label != place and wide[label].isin(["", 0]).all()]
    return _with_differences(wide.drop(columns=empty), list(tables))


def _with_differences(wide: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Adds difference and percent of each further run; a row that a run lacks counts as zero."""
    first = wide[names[0]]
    for name in names[1:]:
        difference = wide[name].fillna(0.0) - first.fillna(0.0)
        percent = (100 * difference / first.abs()).where(first.fillna(0.0) != 0)
        wide[column_of("difference", names, name)] = round_significant(difference)
        wide[column_of("percent", names, name)] = round_significant(percent)
    return wide


def _limits(results: dict[str, Result]) -> pd.DataFrame:
    """Limits that bind in the first run or in another, in the years that both plan: one row a limit.

    `change` of each further run says whether it began to bind there, ceased to, or binds in both; of each run there is
    the shadow price and the saving of one unit more. A limit binds where either is more than NOTHING.
    """
    names, labels = list(results), list(LIMIT_LABELS)
    columns: dict[str, pd.Series] = {}
    rows = {name: _told(result) for name, result in results.items()}
    steps = pd.concat(rows.values()).groupby(labels)["step"].first()
    for name, own in rows.items():
        sums = own.groupby([*labels, "quantity"])["value"].sum().unstack("quantity")
        sums = sums.reindex(columns=["shadow_price", "relief"])
        columns |= {name: sums["shadow_price"], saving_in(name): sums["relief"]}
    wide = pd.DataFrame({**columns, "step": steps}).sort_index().reset_index()
    worth = {name: wide[[name, saving_in(name)]].abs().max(axis=1).fillna(0.0) for name in names}
    binds = {name: worth[name] > NOTHING for name in names}
    first, years = names[0], {name: _years(result) for name, result in results.items()}
    for at, name in enumerate(names[1:]):
        both = wide["year"].isin(years[first] & years[name] | ({0} if years[first] == years[name] else set()))
        before, after = binds[first] & both, binds[name] & both
        change = np.select([~before & after, before & ~after, before & after], STATES, "")
        wide.insert(at, column_of("change", names, name), change)
    changes = [column_of("change", names, name) for name in names[1:]]
    wide = wide[(wide[changes] != "").any(axis=1)]
    rank = pd.DataFrame(worth).max(axis=1).reindex(wide.index) * wide["step"]
    order = wide[changes[0]].map({state: at for at, state in enumerate((*STATES, ""))})
    wide = wide.assign(order=order, rank=-rank).sort_values(["order", "rank", *labels], ignore_index=True)
    return _with_differences(wide.drop(columns=["order", "rank", "step"]), names)


def _told(result: Result) -> pd.DataFrame:
    """Shadow prices and reliefs of limits that reports list, with the step of each; no delay."""
    rows = result.table[result.table["quantity"].isin(["shadow_price", "relief"])]
    meaning = result.meaning(rows["constraint"])
    return rows.assign(step=meaning["step"])[meaning["told"]]


def _years(result: Result) -> set[int]:
    return set(result.table["year"]) & set(result.scenario.years)


def _escaped(cell: Any) -> str:
    text = " ".join(plain(cell).split())
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _markdown_table(frame: pd.DataFrame) -> str:
    if frame.empty:
        return ""
    numeric = [pd.api.types.is_numeric_dtype(frame[column]) and column != "year" for column in frame.columns]
    lines = ["| " + " | ".join(_escaped(column) for column in frame.columns) + " |"]
    lines.append("|" + "|".join("---:" if is_number else "---" for is_number in numeric) + "|")
    for row in frame.itertuples(index=False):
        cells = [
            ("" if value != value else f"{value:.6g}") if is_number else _escaped(value)
            for value, is_number in zip(row, numeric, strict=True)
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
