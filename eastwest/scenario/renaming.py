"""Scenario files and tables that still use a name of before are read, with a warning that names the new one."""

from __future__ import annotations

import warnings
from typing import Any

from eastwest.errors import InputError, RenamedKey
from eastwest.scenario.yaml_source import Node
from eastwest.schema.renames import KEYS, ROWS, VALUES


def with_new_names(document: Node) -> Node:
    """The same document under the names of now; each old name is warned of with file and line.

    InputError where a file gives an old name and its new one.
    """
    for old, new in KEYS.items():
        document = _renamed(document, tuple(old.split(".")), new)
    for (key, old), new in VALUES.items():
        node = document.find(path := tuple(key.split(".")))
        if node.value == old:
            _warn(node.where, key, f"'{old}' is now called '{new}'")
            document = _with(document, path, Node(new, node.where, new))
    return document


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


def _with(document: Node, path: tuple[str, ...], node: Node) -> Node:
    """The document with another node at `path`."""
    if not path:
        return node
    return Node({**document.value, path[0]: _with(document.value[path[0]], path[1:], node)}, document.where)


def _warn(where: str, key: str, message: str) -> None:
    warnings.warn(RenamedKey(f"{where}: {key}: {message}"), stacklevel=2)
