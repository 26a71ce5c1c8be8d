"""Scenario files that still use a name of before are read, with a warning that names the new one."""

from __future__ import annotations

import warnings

from eastwest.errors import InputError, RenamedKey
from eastwest.scenario.yaml_source import Node
from eastwest.schema.renames import COLUMNS, KEYS, VALUES

EVERY = "*"
"""Every row of a table, in a path of keys."""


def with_new_names(document: Node) -> Node:
    """The same document under the names of now; each old name is warned of with file and line.

    InputError where a file gives an old name and its new one.
    """
    for old, new in KEYS.items():
        document = _renamed(document, tuple(old.split(".")), new)
    for column, setting in COLUMNS.items():
        document = _into_rows(document, tuple(setting.split(".")), column)
    for (key, old), new in VALUES.items():
        node = document.find(path := tuple(key.split(".")))
        if node.value == old:
            _warn(node, key, f"'{old}' is now called '{new}'")
            document = _with(document, path, Node(new, node.where, new))
    return document


def _renamed(document: Node, path: tuple[str, ...], new: str) -> Node:
    """The document with the entry at `path` under the last word of `new`."""
    above, name, called = document.find(path[:-1]), path[-1], new.split(".")[-1]
    if not above.is_mapping or name not in above.value or (len(path) > 1 and path[0] not in document.value):
        return document
    node = above.value[name]
    if called in above.value:
        message = f"is the old name of '{new}', which stands in this file too; expected one of the two"
        raise InputError(message, where=node.where, key=".".join(path))
    _warn(node, ".".join(path), f"is now called '{new}'")
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


def _warn(node: Node, key: str, message: str) -> None:
    warnings.warn(RenamedKey(f"{node.where}: {key}: {message}"), stacklevel=2)
