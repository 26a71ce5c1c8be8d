"""What must hold between tables and settings; each finding says where, what was received and what was expected.

Only what is true of every table and every section stands here; the rest is said by the rows of the tables
(`Row.check`) and by the modules of the model (`Data.check`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

import pandas as pd

from eastwest.errors import InputError, nearest
from eastwest.scenario.columns import columns, label
from eastwest.scenario.names import Path, check_names
from eastwest.scenario.settings import Settings, planning_years, spans, vintages
from eastwest.scenario.yaml_source import Node
from eastwest.schema.contract import Context, Contract, Row, Tables, wrong_row

Rows = Mapping[str, type[Row]]
Origins = Mapping[str, str]


def check_scenario(
    settings: Settings,
    tables: Tables,
    rows: Rows,
    origins: Origins,
    changed: Collection[str],
    node: Node | None = None,
) -> None:
    """Everything that only shows when settings and tables are seen together.

    `changed` are the tables that are new since they were checked last, `node` is the tree that the settings came from.
    """

    def shipped(table: str) -> bool:
        return _shipped(origins, table)

    years = planning_years(settings, tables)
    stood_for = tuple(year for span in spans(settings, tables).values() for year in span)
    context = Context(settings, years, stood_for, vintages(settings, tables), place_of(origins, node), shipped)
    _check_tables(tables, rows, origins, changed)
    settings.check(tables, years, context)
    check_names(settings, tables, rows, context)
    for table, row in rows.items():
        row.check(tables[table], tables, context)
    for section in type(settings).model_fields:
        part = getattr(settings, section)
        if isinstance(part, Contract):
            part.check(tables, years, replace(context, section=section))


def place_of(origins: Origins, node: Node | None) -> Callable[[Path], str | None]:
    """Where the value at a path was given; a default stands where the scenario begins."""

    def place(path: Path) -> str | None:
        where = "default" if node is None else node.find(path).where
        for length in (2, 1):
            if where == "default":
                where = origins.get(".".join(map(str, path[:length])), "default")
        return origins.get("name", where) if where == "default" else where

    return place


def _check_tables(tables: Tables, rows: Rows, origins: Origins, changed: Collection[str]) -> None:
    """Rows where there must be some, and every reference names a row; only what has to do with changed tables."""
    for table, row in rows.items():
        if table in changed and tables[table].empty and not row.may_be_empty:
            message = f"the table has no rows; give 'tables: {{{table}: file.csv}}' or its rows ({row.about or table})"
            raise InputError(message, where=origins["name"], key=table)
    for table, row in rows.items():
        for name, other in row.refers.items():
            if {table, other} & {*changed}:
                _check_reference(table, row, name, tables[table], other, tables[other][rows[other].key[0]])


def _check_reference(
    table: str, row: type[Row], name: str, frame: pd.DataFrame, other: str, known: pd.Series[str]
) -> None:
    names = sorted({label(value) for value in known})
    wrong = ~frame[name].isin(names)
    if columns(row)[name].optional:
        wrong &= frame[name].notna()
    if not wrong.any():
        return
    bad, count = frame[wrong].iloc[0], int(wrong.sum())
    further = f" (and {count - 1} more rows)" if count > 1 else ""
    few = f"; known: {', '.join(names)}" if len(names) <= 6 else ""
    hint = nearest(bad[name], names) or few
    message = f"received '{bad[name]}', expected a row of {other}{hint}{further}"
    raise wrong_row(bad, message, f"{table}, column {name}")


def _shipped(origins: Origins, table: str) -> bool:
    """The table is the package's, and no row of it or of what it refers to was touched."""
    touched = (f"{table}/", f"removed/{table}/", "removed/regions/")
    is_package = origins.get(f"tables/{table}", "").startswith("package:")
    return is_package and not any(key.startswith(touched) for key in origins)
