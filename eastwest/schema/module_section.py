"""What a model module's `report` may say beside its rows: a section of the report, in the rows' own quantities.

Terminal, page, comparison and export draw it; it travels with the run, so that a stored run shows it without the
module. Sections of one title are drawn as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from string import Formatter
from typing import Any

import pandas as pd

from eastwest.errors import ModelError, nearest
from eastwest.schema.columns import PLAIN, AnyColumn, Column, Difference, Ratio, column_of, plain
from eastwest.schema.results_table import LABELS

PLACED = tuple(label for label in LABELS if label not in ("year", "slice"))
"""Labels that figures of a planning year may have."""


@dataclass(frozen=True)
class ModuleTable:
    """Figures by planning year: a line for each column, and for each combination of `labels` where there are any."""

    name: str
    """identifier, unique in the section"""
    title: str
    columns: Mapping[str, AnyColumn]
    """key -> `Column`, `Ratio` or `Difference`; the largest figures of the first stand first"""
    labels: tuple[str, ...] = ()
    """columns of the results table beside year, as site or item"""
    text: str = ""
    """a sentence above the table; without one it is put together with the one before"""


@dataclass(frozen=True)
class ModuleSection:
    """A heading, sentences and tables of a model module."""

    title: str
    tables: tuple[ModuleTable, ...]
    sentences: tuple[str, ...] = ()
    """`{key}` stands for the figure of a column of a table without labels, in the last planning year"""
    module: str = ""
    """section of the scenario that the module is of; the program says it"""

    @property
    def figures(self) -> dict[str, ModuleTable]:
        """Columns that sentences may name, by key -> the table that has them."""
        return {key: table for table in self.tables if not table.labels for key in table.columns}

    def check(self) -> None:
        """ModelError where it cannot be drawn."""
        names = [table.name for table in self.tables]
        if not names or len(set(names)) < len(names) or not all(name.isidentifier() for name in names):
            said = ", ".join(map(repr, names)) or "none"
            raise ModelError(f"section '{self.title}': received the tables {said}; expected identifiers, each once")
        for table in self.tables:
            _check_table(f"section '{self.title}', table {table.name}", table)
        for sentence in self.sentences:
            for _, key, _, _ in Formatter().parse(sentence):
                if key is not None and key not in self.figures:
                    expected = f"expected a column of a table without labels{nearest(key, self.figures)}"
                    raise ModelError(f"section '{self.title}': a sentence names '{key}', {expected}")


def _check_table(where: str, table: ModuleTable) -> None:
    for label in table.labels:
        if label not in PLACED:
            raise ModelError(f"{where}: received the label '{label}', expected one of {', '.join(PLACED)}")
    if not table.columns or not isinstance(next(iter(table.columns.values())), Column):
        raise ModelError(f"{where}: the first column must be a Column, made of rows")
    for key, column in table.columns.items():
        if type(column) not in PLAIN.values():
            kind = type(column).__name__
            raise ModelError(f"{where}, column {key}: received a {kind}, expected one of {', '.join(PLAIN)}")
        if isinstance(column, Column) and (not isinstance(column.quantity, str) or not column.unit):
            raise ModelError(f"{where}, column {key}: expected one quantity and its unit")
        others = {Ratio: ("above", "below"), Difference: ("of", "less")}.get(type(column), ())
        for name in (getattr(column, part) for part in others):
            if name not in table.columns:
                raise ModelError(f"{where}, column {key}: there is no column '{name}'{nearest(name, table.columns)}")


def fallback(title: str, module: str, parts: Iterable[pd.DataFrame]) -> ModuleSection | None:
    """Rows of a module that declares no section, a table for each quantity and unit; None where there are none.

    Rows by slice are left to the results table.
    """
    rows = pd.concat([pd.DataFrame(columns=[*LABELS, "quantity", "unit"]), *parts])
    tables = []
    for number, ((quantity, unit), own) in enumerate(rows[rows["slice"] == ""].groupby(["quantity", "unit"])):
        words = str(quantity).replace("_", " ").capitalize()
        labels = tuple(label for label in PLACED if own[label].fillna("").astype(str).ne("").any())
        columns = {"value": Column(words, str(quantity), str(unit))}
        tables.append(ModuleTable(f"table_{number + 1}", words, columns, labels, f"{words}:"))
    return ModuleSection(title, tuple(tables), module=module) if tables else None


def written(section: ModuleSection) -> dict[str, Any]:
    """A section as JSON bears it."""
    tables = [
        {**asdict(table), "columns": {key: plain(column) for key, column in table.columns.items()}}
        for table in section.tables
    ]
    return {**asdict(section), "tables": tables}


def section_of(kept: Mapping[str, Any]) -> ModuleSection:
    """The section that `written` wrote; ModelError, KeyError, TypeError or ValueError where it is none."""
    tables = []
    for table in kept["tables"]:
        columns = {key: column_of(column) for key, column in table["columns"].items()}
        tables.append(ModuleTable(**{**table, "labels": tuple(table["labels"]), "columns": columns}))
    found = ModuleSection(**{**kept, "tables": tuple(tables), "sentences": tuple(kept["sentences"])})
    found.check()
    return found
