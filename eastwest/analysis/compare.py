"""Two or more runs side by side: what changed in the inputs, what in the outcome, and which limit carries it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eastwest.analysis.input_changes import (
    PARTS,
    changed_cells,
    changed_settings,
    collapsed,
    factor_in,
    in_words,
    origins,
)
from eastwest.errors import InputError
from eastwest.formatting.files import write_text
from eastwest.formatting.text import plain
from eastwest.results.run_folder import write_csv
from eastwest.results.views import COMPARED, LABELS
from eastwest.schema.results_table import round_significant
from eastwest.schema.thresholds import NEGLIGIBLE, NOTHING
from eastwest.schema.units import MONTH, step_of

if TYPE_CHECKING:
    from eastwest.results.result import Result

SECTIONS = ("inputs", "headline", "sites", "devices", "tasks", "limits")
TITLES = {
    "inputs": "Differences in inputs",
    "headline": "Headline figures",
    "sites": "By site",
    "devices": "By device",
    "tasks": "By task",
    "limits": "Limits that began or ceased to bind",
}
BEGAN, CEASED, BOTH = "began to bind", "ceased to bind", "binds in both"
NOT_RELIEVED = ("demand", "definition")
"""Kinds of constraints that nobody can be given more of."""
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
        return {name: getattr(self, name) for name in SECTIONS}

    def changed(self, section: str) -> pd.DataFrame:
        """Rows of a section whose figures differ, largest relative change first within each unit."""
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
        for section in SECTIONS:
            parts.append(f"## {TITLES[section]}")
            parts.append(_markdown_table(self.changed(section)) or "No difference.")
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
    cells = changed_cells([result.scenario for result in results], labels)
    settings = changed_settings([result.scenario for result in results], labels)
    every = pd.concat([settings.assign(table="", row="", column=""), cells], ignore_index=True)
    lines = pd.concat([settings.assign(table="", column="", cells=1), collapsed(cells, labels)], ignore_index=True)
    tables = dict(zip(labels, (result.table for result in results), strict=True))
    return Comparison(
        names=labels,
        inputs=in_words(lines, labels),
        lines=lines,
        cells=every[["key", *labels]],
        origins=origins(every, [result.scenario for result in results], labels),
        results=tuple(results),
        headline=_outcome(tables, ("headline",), ("item", "kind", "year"), drop=("quantity",)),
        sites=_outcome(tables, _compared("site"), ("site", "quantity", "item", "kind", "year"), needs="site"),
        devices=_outcome(tables, _compared("device"), ("device", "quantity", "year"), needs="device"),
        tasks=_outcome(tables, _compared("task"), ("task", "quantity", "kind", "year"), needs="task"),
        limits=_limits(dict(zip(labels, results, strict=True))),
    )


MEANS = tuple(dict.fromkeys(name for _, means in COMPARED.values() for name in means))
"""Quantities that are taken only where they stand for the whole; all others are summed."""


def _compared(place: str) -> tuple[str, ...]:
    amounts, means = COMPARED[place]
    return (*amounts, *means)


def _run_names(results: Sequence[Result], names: Sequence[str] | None) -> tuple[str, ...]:
    chosen = [str(name) for name in names] if names is not None else [result.scenario.name for result in results]
    if len(chosen) != len(results):
        raise InputError(f"received {len(chosen)} names for {len(results)} results")
    reserved = {*LABELS, *PARTS, "key", "cells", "change", "difference", "percent"}
    reserved |= {made(name) for name in chosen for made in (saving_in, factor_in)}
    if len(set(chosen)) < len(chosen) or reserved & set(chosen):
        chosen = [f"{name} ({position})" for position, name in enumerate(chosen, start=1)]
    return tuple(chosen)


def _outcome(
    tables: dict[str, pd.DataFrame],
    quantities: Sequence[str],
    keys: Sequence[str],
    *,
    needs: str = "",
    drop: Sequence[str] = (),
) -> pd.DataFrame:
    """Rows of some quantities by key, one column a run, and the differences."""
    columns = {}
    for name, table in tables.items():
        rows = table[table["quantity"].isin(quantities) & (table["slice"] == "")]
        if needs:
            rows = rows[rows[needs] != ""]
            others = [label for label in ("site", "region", "task", "device", "corridor") if label not in keys]
            rows = rows[~rows["quantity"].isin(MEANS) | (rows[others] == "").all(axis=1)]
        columns[name] = rows.groupby([*dict.fromkeys([*keys, "quantity"]), "unit"])["value"].sum()
    wide = pd.DataFrame(columns).sort_index().reset_index().drop(columns=list(drop), errors="ignore")
    labels = [column for column in wide.columns if column not in tables]
    empty = [
        label for label in labels if len(wide) and label not in ("unit", needs) and wide[label].isin(["", 0]).all()
    ]
    return _with_differences(wide.drop(columns=empty), list(tables))


def _with_differences(wide: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Adds difference and percent of each further run; a row that a run lacks counts as zero."""
    first = wide[names[0]]
    for name in names[1:]:
        suffix = "" if len(names) == 2 else f" {name}"
        difference = wide[name].fillna(0.0) - first.fillna(0.0)
        wide[f"difference{suffix}"] = round_significant(difference)
        wide[f"percent{suffix}"] = round_significant((100 * difference / first.abs()).where(first.fillna(0.0) != 0))
    return wide


def _limits(results: dict[str, Result]) -> pd.DataFrame:
    """Limits that bind in the first run or in another, in the years that both plan: one row a limit.

    `change` of each further run says whether it began to bind there, ceased to, or binds in both; of each run there is
    the shadow price and the saving of one unit more. A limit binds where either is more than NOTHING.
    """
    names, labels = list(results), list(LIMIT_LABELS)
    columns = {}
    for name, result in results.items():
        rows = _relievable(result)
        sums = rows.groupby([*labels, "quantity"])["value"].sum().unstack("quantity")
        columns[name] = sums.reindex(columns=["shadow_price"])["shadow_price"]
        columns[saving_in(name)] = sums.reindex(columns=["relief"])["relief"]
    wide = pd.DataFrame(columns).sort_index().reset_index()
    worth = {name: wide[[name, saving_in(name)]].abs().max(axis=1).fillna(0.0) for name in names}
    binds = {name: worth[name] > NOTHING for name in names}
    first, years = names[0], {name: _years(result) for name, result in results.items()}
    for at, name in enumerate(names[1:]):
        both = wide["year"].isin(years[first] & years[name] | ({0} if years[first] == years[name] else set()))
        before, after = binds[first] & both, binds[name] & both
        change = np.select([~before & after, before & ~after, before & after], [BEGAN, CEASED, BOTH], "")
        wide.insert(at, column_of("change", names, name), change)
    changes = [column_of("change", names, name) for name in names[1:]]
    wide = wide[(wide[changes] != "").any(axis=1)]
    rank = pd.concat([worth[name].reindex(wide.index) for name in names], axis=1).max(axis=1) * step_of(wide["unit"])
    order = wide[changes[0]].map({BEGAN: 0, CEASED: 1, BOTH: 2}).astype(float).fillna(3.0)
    wide = wide.assign(order=order, rank=-rank).sort_values(["order", "rank", *labels], ignore_index=True)
    return _with_differences(wide.drop(columns=["order", "rank"]), names)


def _relievable(result: Result) -> pd.DataFrame:
    """Shadow prices and reliefs of limits that somebody can be given more of: no demand, no definition, no delay."""
    rows = result.table[result.table["quantity"].isin(["shadow_price", "relief"])]
    rows = rows[~rows["unit"].str.endswith(f"/{MONTH}").astype(bool)]
    return rows[~result.meaning(rows["item"])["kind"].isin(NOT_RELIEVED)]


def _years(result: Result) -> set[int]:
    return {int(year) for year in result.table["year"].unique()} - {0}


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
