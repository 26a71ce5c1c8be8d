"""Scenario files that still use a name of before are read, with a warning that names the new one."""

from __future__ import annotations

import warnings

from eastwest.errors import InputError, RenamedKey
from eastwest.model.clock import FEWEST_BLOCKS, HOURS_PER_DAY
from eastwest.scenario.yaml_source import Node
from eastwest.schema.renames import KEYS, VALUES

_MOST_SLICES = 96


def with_new_names(document: Node) -> Node:
    """The same document under the names of now; each old name is warned of with file and line.

    InputError where a file gives an old name and its new one.
    """
    for old, new in KEYS.items():
        document = _renamed(document, tuple(old.split(".")), new)
    for (key, old), new in VALUES.items():
        node = document.find(path := tuple(key.split(".")))
        if node.value == old:
            _warn(node, key, f"'{old}' is now called '{new}'")
            document = _with(document, path, Node(new, node.where, new))
    return _cut_of_the_day(document)


def _cut_of_the_day(document: Node) -> Node:
    """The document with `time.slices` told as seasons and blocks of the day; few of these are still allowed so."""
    time = document.find(("time",)) if document.is_mapping and "time" in document.value else document
    if time is document or not time.is_mapping or "slices" not in time.value:
        return document
    node = time.value["slices"]
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
    if blocks < FEWEST_BLOCKS:
        new["coarse"] = True
    shown = ", ".join(f"{key}: {str(value).lower()}" for key, value in new.items())
    _warn(node, "time.slices", f"is now called 'time: {{{shown}}}'")
    kept = {key: inner for key, inner in time.items() if key not in {"slices", *new}}
    return _with(
        document, ("time",), Node({**kept, **{k: Node(v, node.where, str(v)) for k, v in new.items()}}, time.where)
    )


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
