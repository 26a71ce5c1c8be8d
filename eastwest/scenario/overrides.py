"""Overrides of table cells: `supply: {nv_h200: {2027: {mid: 0}}}`.

Keys nest by the table's key columns, then comes `column: value`. "*" names every row and is applied before the rows
that are named; `{scale: f}` multiplies what stands there; a row (or the rows below a key) given as null is removed; a
row that is not there yet is added when every required column is given.

A row that goes takes the rows of other tables that name it along (`Row.refers`); a reference that may be empty is
emptied instead.
Removing a region or a task does not rescale shares: the rest of the country keeps its demand, and the total falls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from eastwest.errors import InputError, nearest
from eastwest.scenario.columns import (
    TableColumn,
    build_frame,
    check_cells,
    columns,
    dated,
    label,
    parse,
    typed,
)
from eastwest.scenario.messages import shown, unknown
from eastwest.scenario.placed_tables import PlacedTables
from eastwest.scenario.renaming import EVERY, overrides_of_now
from eastwest.scenario.yaml_source import Node
from eastwest.schema.contract import WHERE, Row

SOURCE_LIMIT = 200


@dataclass
class Edit:
    """One table while the overrides of one file are applied to it. A row keeps its index all the while."""

    table: str
    row: type[Row]
    frame: pd.DataFrame
    origins: dict[str, str] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    """key of each removed row -> where it was asked for"""

    def apply(self, node: Node) -> None:
        """Every override below the table's name."""
        if node.value is not None and not node.is_mapping:
            message = f"received {shown(node.plain())}, expected rows by {_path(self.row)}"
            raise InputError(message, where=node.where, key=self.table)
        self._walk(overrides_of_now(self.table, node), self.frame.index, ())

    def _walk(self, node: Node, rows: pd.Index[Any], path: tuple[str, ...]) -> None:
        if len(path) == len(self.row.key):
            self._row(node, rows, path)
            return
        level = self.row.key[len(path)]
        for name, inside in sorted(node.items(), key=lambda item: item[0] != EVERY):
            rows = rows.intersection(self.frame.index, sort=False)
            names = self.frame.loc[rows, level].map(label)
            chosen, here = rows if name == EVERY else rows[(names == name).to_numpy()], (*path, name)
            if inside.value is None:
                self._remove(inside, chosen, here)
            elif not inside.is_mapping:
                wanted = " then ".join([*self.row.key[len(here) :], "columns and their values"])
                message = f"received {shown(inside.plain())}, expected {wanted}"
                if not len(chosen):
                    message = f"{unknown(name, sorted(set(names)), level)}; {message}"
                raise InputError(message, where=inside.where, key=self._name(here))
            else:
                self._walk(inside, chosen, here)

    def _remove(self, node: Node, chosen: pd.Index[Any], path: tuple[str, ...]) -> None:
        if not len(chosen):
            raise self._no_row(node, path, "there is nothing to remove")
        for key in self.keys(chosen):
            self.removed[key] = node.where
            self.origins[f"removed/{self.table}/{key}"] = node.where
        self.frame = self.frame.drop(index=chosen)

    def _row(self, node: Node, chosen: pd.Index[Any], path: tuple[str, ...]) -> None:
        known = columns(self.row)
        for name, cell in node.items():
            place = self._name((*path, name))
            if name not in known:
                raise InputError(unknown(name, known, "column"), where=cell.where, key=place)
            if known[name].is_key:
                message = "is a key of the table; it stands in the path and cannot be changed"
                raise InputError(message, where=cell.where, key=place)
        if not len(chosen):
            self._add(node, path)
            return
        for name, cell in node.items():
            self._set(cell, chosen, path, known[name])
        self._mark(node, chosen)

    def _add(self, node: Node, path: tuple[str, ...]) -> None:
        known, given = columns(self.row), dict(node.items())
        absent = [name for name in known if name not in given and _asked(known[name])]
        if absent or EVERY in path:
            more = f" and {len(absent) - 4} more" if len(absent) > 4 else ""
            raise self._no_row(node, path, f"a new row would also need {', '.join(absent[:4])}{more}")
        record = {name: parse(text, known[name]) for name, text in zip(self.row.key, path, strict=True)}
        for name, cell in given.items():
            if cell.is_mapping:
                message = f"received {shown(cell.plain())}, expected a value (the row is new)"
                raise InputError(message, where=cell.where, key=self._name((*path, name)))
            record[name] = cell_value(cell, known[name])
        record = {"source": f"scenario {node.where}"[:SOURCE_LIMIT], "quality": "assumption", **record}
        try:
            added = build_frame(self.row, [record], [node.where])
        except InputError as error:
            name = (error.key or "").removeprefix("column ")
            place = given[name].where if name in given else node.where
            raise InputError(error.message, where=place, key=self._name((*path, name))) from None
        added.index = pd.Index([int(self.frame.index.max()) + 1 if len(self.frame) else 0])
        self.frame = pd.concat([self.frame, added]) if len(self.frame) else added
        self.origins[self._name(path)] = node.where

    def _set(self, cell: Node, chosen: pd.Index[Any], path: tuple[str, ...], column: TableColumn) -> None:
        name = self._name((*path, column.name))
        old = self.frame.loc[chosen, column.name].tolist()
        if cell.is_mapping:
            values = _scaled(cell, old, column, name, EVERY in path)
        else:
            values = [cell_value(cell, column)] * len(old)
        values = check_cells(self.row, column.name, values, cell.where, name)
        series = dict(zip(self.frame.index, self.frame[column.name].tolist(), strict=True))
        series |= dict(zip(chosen, values, strict=True))
        changed = typed([None if _missing(value) else value for value in series.values()], column)
        self.frame = self.frame.assign(**{column.name: changed.set_axis(self.frame.index)})
        for key in self.keys(chosen):
            self.origins[f"{self.table}/{key}/{column.name}"] = cell.where

    def _mark(self, node: Node, chosen: pd.Index[Any]) -> None:
        given = dict(node.items())
        self.frame = self.frame.copy()
        self.frame.loc[chosen, WHERE] = node.where
        if given and "quality" not in given:
            self.frame.loc[chosen, "quality"] = "assumption"
        if given and "source" not in given:
            first = next(iter(given.values())).where
            self.frame.loc[chosen, "source"] = [extended(text, first) for text in self.frame.loc[chosen, "source"]]

    def keys(self, chosen: pd.Index[Any]) -> list[str]:
        """`supply_group/year` of the rows."""
        return row_keys(self.frame.loc[chosen], self.row)

    def _name(self, path: tuple[str, ...]) -> str:
        return "/".join((self.table, *(part for part in path if part)))

    def _no_row(self, node: Node, path: tuple[str, ...], rest: str) -> InputError:
        wanted = "/".join(path)
        prefixes = {"/".join(key.split("/")[: len(path)]) for key in self.keys(self.frame.index)}
        message = f"no row of {self.table} has {'/'.join(self.row.key[: len(path)])} = {wanted}"
        message += f"{nearest(wanted, sorted(prefixes))}; {rest}"
        return InputError(message, where=node.where, key=self._name(path))


def row_keys(frame: pd.DataFrame, row: type[Row]) -> list[str]:
    """The key of every row as it is written in messages and origins: `nv_h200/2027`."""
    values = frame[list(row.key)].itertuples(index=False, name=None)
    return ["/".join(label(value) for value in key) for key in values]


def _asked(column: TableColumn) -> bool:
    return column.required and not column.is_key and column.name not in ("source", "quality")


def _path(row: type[Row]) -> str:
    return "/".join(row.key)


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


def cell_value(cell: Node, column: TableColumn) -> Any:
    """The plain value of a cell; a bare number is text where text is wanted."""
    value = cell.plain()
    if column.kind == "text" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return cell.text
    if isinstance(value, str):
        value = value.strip()
    return dated(value) if column.kind == "date" else value


def extended(source: str, where: str) -> str:
    """The row's source with a word on the override, inside the limit of the column."""
    suffix = f"; overridden in {where}"
    return source if source.endswith(suffix) else source[: SOURCE_LIMIT - len(suffix)] + suffix


def _scaled(cell: Node, old: list[Any], column: TableColumn, name: str, every: bool) -> list[Any]:
    given = dict(cell.items())
    factor = given["scale"].value if list(given) == ["scale"] else None
    if factor is None or isinstance(factor, (bool, str, list, dict)):
        raise InputError("received keys and values, expected a value or {scale: factor}", where=cell.where, key=name)
    if column.kind not in ("number", "whole"):
        raise InputError("scale works on numbers only", where=cell.where, key=name)
    if not every and any(_missing(value) for value in old):
        raise InputError("the cell is empty and cannot be scaled", where=cell.where, key=name)
    return [None if _missing(value) else value * factor for value in old]


def cascade(
    frames: PlacedTables, rows: Mapping[str, type[Row]], removed: Mapping[str, dict[str, str]]
) -> dict[str, str]:
    """Drop the rows that name a removed row, those that name these, and so on. Returns the origins `removed/...`."""
    gone = {table: dict(keys) for table, keys in removed.items() if keys}
    origins: dict[str, str] = {}
    pending = list(gone)
    while pending:
        target = pending.pop(0)
        lost = _lost(frames[target], rows[target], gone[target])
        for table, row in rows.items():
            for name in (column for column, other in row.refers.items() if other == target):
                dropped = _drop(frames, table, row, name, target, lost)
                origins |= {f"removed/{table}/{key}": reason for key, reason in dropped.items()}
                if dropped and len(row.key) == 1:
                    gone.setdefault(table, {}).update(dropped)
                    pending.append(table)
    return origins


def _lost(frame: pd.DataFrame, row: type[Row], gone: Mapping[str, str]) -> dict[str, str]:
    """What references can name no longer: first keys of removed rows that no other row has."""
    left = set(frame[row.key[0]].map(label))
    firsts = {key.split("/")[0]: reason for key, reason in gone.items()}
    return {first: reason for first, reason in firsts.items() if first not in left}


def _drop(
    frames: PlacedTables, table: str, row: type[Row], name: str, target: str, gone: Mapping[str, str]
) -> dict[str, str]:
    frame, column = frames[table], columns(row)[name]
    hit = frame[name].isin(list(gone)).to_numpy()
    if not hit.any():
        return {}
    if column.optional:
        frames[table] = frame.assign(**{name: frame[name].where(~hit)})
        return {}
    values = frame.loc[hit, name].astype(str)
    reasons = [gone[value] if "with " in gone[value] else f"with {target}/{value}, {gone[value]}" for value in values]
    frames[table] = frame[~hit].reset_index(drop=True)
    return dict(zip(row_keys(frame[hit], row), reasons, strict=True))
