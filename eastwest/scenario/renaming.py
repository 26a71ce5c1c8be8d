"""Scenario files and tables with a name or a key of before are read, with a warning that says what counts now."""

from __future__ import annotations

import warnings
from typing import Any

from eastwest.errors import InputError, RenamedKey
from eastwest.model.clock import FEWEST_BLOCKS, HOURS_PER_DAY
from eastwest.scenario.yaml_source import Node
from eastwest.schema.renames import COLUMNS, DROPPED, KEYS, ROWS, VALUES

EVERY = "*"
"""Every row of a table, in a path of keys."""
_MOST_SLICES = 96


def with_new_names(document: Node) -> Node:
    """The same document under the names of now; each old name, or key without effect, is warned of with file and line.

    InputError where a file gives an old name and its new one.
    """
    for old, new in KEYS.items():
        document = _renamed(document, tuple(old.split(".")), new)
    for column, setting in COLUMNS.items():
        document = _into_rows(document, tuple(setting.split(".")), column)
    for (key, old), new in VALUES.items():
        node = document.find(path := tuple(key.split(".")))
        if node.value == old:
            _warn(node.where, key, f"'{old}' is now called '{new}'")
            document = _with(document, path, Node(new, node.where, new))
    for old, instead in DROPPED.items():
        path = tuple(old.split("."))
        above = document.find(path[:-1])
        if above.is_mapping and path[-1] in above.value:
            _warn(above.value[path[-1]].where, old, f"has no effect any more: {instead}")
            left = {key: inner for key, inner in above.items() if key != path[-1]}
            document = _with(document, path[:-1], Node(left, above.where))
    return _cut_of_the_day(document)


def _cut_of_the_day(document: Node) -> Node:
    """The document with `time.slices` told as seasons and blocks of the day; few of these are still allowed so."""
    time = document.find(("time",)) if document.is_mapping and "time" in document.value else document
    if time is document or not time.is_mapping or "slices" not in time.value:
        return document
    node = time.value["slices"]
    beside = sorted({"seasons", "blocks", "coarse"} & time.value.keys())
    if beside:
        message = (
            f"is the old form of seasons and blocks, and {beside[0]} stands in this file too; expected one of the two"
        )
        raise InputError(message, where=node.where, key="time.slices")
    slices = node.value
    if isinstance(slices, bool) or not isinstance(slices, int) or not 1 <= slices <= _MOST_SLICES:
        message = f"received {slices!r}, expected a whole number of 1 to {_MOST_SLICES}, or seasons and blocks instead"
        raise InputError(message, where=node.where, key="time.slices")
    seasons = next(count for count in (4, 2, 1) if slices % count == 0)
    blocks = slices // seasons
    if blocks > HOURS_PER_DAY:
        message = f"received {slices}; above 24 it must be even, above 48 a multiple of 4 (up to 24 blocks of the day)"
        raise InputError(message, where=node.where, key="time.slices")
    new: dict[str, int | bool] = {"seasons": seasons, "blocks": blocks}
    if blocks < FEWEST_BLOCKS and ("method" not in time.value or time.value["method"].value == "seasons"):
        new["coarse"] = True
    shown = ", ".join(f"{key}: {str(value).lower()}" for key, value in new.items())
    _warn(node.where, "time.slices", f"is now called 'time: {{{shown}}}'")
    kept = {key: inner for key, inner in time.items() if key not in {"slices", *new}}
    return _with(
        document, ("time",), Node({**kept, **{k: Node(v, node.where, str(v)) for k, v in new.items()}}, time.where)
    )


def overrides_of_now(table: str, node: Node) -> Node:
    """Overrides of a table's rows, each under the first key that its row has now. InputError where both are given."""
    for (of, old), new in ROWS.items():
        if of == table and node.is_mapping and old in node.value:
            where = node.value[old].where
            _check_row(table, old, new, where, new in node.value)
            node = Node({new if key == old else key: inner for key, inner in node.items()}, node.where)
    return node


def records_of_now(table: str, key: str, records: list[dict[str, Any]], places: list[str]) -> list[dict[str, Any]]:
    """The same of records that were read from a file; `key` is the first key column, `places` where each one stands."""
    for (of, old), new in ROWS.items():
        for at, record in enumerate(records) if of == table else ():
            if record[key] == old:
                _check_row(table, old, new, places[at], any(other[key] == new for other in records))
                records = [*records[:at], {**record, key: new}, *records[at + 1 :]]
    return records


def _check_row(table: str, old: str, new: str, where: str, both: bool) -> None:
    if both:
        message = f"is the old name of '{new}', which stands there too; expected one of the two"
        raise InputError(message, where=where, key=f"{table}/{old}")
    _warn(where, f"{table}/{old}", f"is now called '{new}'")


def _renamed(document: Node, path: tuple[str, ...], new: str) -> Node:
    """The document with the entry at `path` under the last word of `new`."""
    above, name, called = document.find(path[:-1]), path[-1], new.split(".")[-1]
    if not above.is_mapping or name not in above.value or (len(path) > 1 and path[0] not in document.value):
        return document
    node = above.value[name]
    if called in above.value:
        message = f"is the old name of '{new}', which stands in this file too; expected one of the two"
        raise InputError(message, where=node.where, key=".".join(path))
    _warn(node.where, ".".join(path), f"is now called '{new}'")
    entries = {called if key == name else key: inner for key, inner in above.items()}
    return _with(document, path[:-1], Node(entries, above.where))


def _into_rows(document: Node, path: tuple[str, ...], column: str) -> Node:
    """The document with the setting at `path` as a column of every row of the section's table."""
    section = document.find(path[:-1])
    if path[0] not in document.value or not section.is_mapping or path[-1] not in section.value:
        return document
    node, every = section.value[path[-1]], section.value.get(EVERY)
    _warn(node, ".".join(path), f'is now a column of {path[0]}: "{EVERY}": {{{column}: ...}}')
    rows = Node({column: node, **(every.value if every and every.is_mapping else {})}, node.where)
    entries = {key: inner for key, inner in section.items() if key != path[-1]} | {EVERY: rows}
    return _with(document, path[:-1], Node(entries, section.where))


def _with(document: Node, path: tuple[str, ...], node: Node) -> Node:
    """The document with another node at `path`."""
    if not path:
        return node
    return Node({**document.value, path[0]: _with(document.value[path[0]], path[1:], node)}, document.where)


def _warn(where: str, key: str, message: str) -> None:
    warnings.warn(RenamedKey(f"{where}: {key}: {message}"), stacklevel=2)
