"""Scenario files that still use a name or a key of before are read, with a warning that says what counts now."""

from __future__ import annotations

import warnings

from eastwest.errors import InputError, RenamedKey
from eastwest.scenario.yaml_source import Node
from eastwest.schema.renames import DROPPED, KEYS, VALUES


def with_new_names(document: Node) -> Node:
    """The same document under the names of now; each old name, or key without effect, is warned of with file and line.

    InputError where a file gives an old name and its new one.
    """
    for old, new in KEYS.items():
        document = _renamed(document, tuple(old.split(".")), new)
    for (key, old), new in VALUES.items():
        node = document.find(path := tuple(key.split(".")))
        if node.value == old:
            _warn(node, key, f"'{old}' is now called '{new}'")
            document = _with(document, path, Node(new, node.where, new))
    for old, instead in DROPPED.items():
        path = tuple(old.split("."))
        above = document.find(path[:-1])
        if above.is_mapping and path[-1] in above.value:
            _warn(above.value[path[-1]], old, f"has no effect any more: {instead}")
            left = {key: inner for key, inner in above.items() if key != path[-1]}
            document = _with(document, path[:-1], Node(left, above.where))
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


def _with(document: Node, path: tuple[str, ...], node: Node) -> Node:
    """The document with another node at `path`."""
    if not path:
        return node
    return Node({**document.value, path[0]: _with(document.value[path[0]], path[1:], node)}, document.where)


def _warn(node: Node, key: str, message: str) -> None:
    warnings.warn(RenamedKey(f"{node.where}: {key}: {message}"), stacklevel=2)
