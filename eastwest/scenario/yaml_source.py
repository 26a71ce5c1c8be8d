"""Strict YAML in which every value remembers the file and line that it came from.

Scalars follow the core schema of YAML 1.2: only true/false are truth values (`no` is a word), `1e6` is a number, dates
stay text. Anchors, aliases, tags, repeated keys and several documents in one file are refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from eastwest.errors import InputError

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_KEY = 100
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
INTEGER = re.compile(r"[-+]?[0-9]{1,300}")
NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(frozen=True)
class Node:
    """A value and where it stands. In a mapping a value stands on the line of its key."""

    value: Any
    where: str
    text: str = ""

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.value, dict)

    def items(self) -> list[tuple[str, Node]]:
        """Entries of a mapping; none for null, so that a key whose lines are all commented out is allowed."""
        return list(self.value.items()) if isinstance(self.value, dict) else []

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def find(self, path: tuple[int | str, ...]) -> Node:
        """The deepest node on the way along `path`."""
        node = self
        for step in path:
            inside = node.value
            if isinstance(inside, dict) and str(step) in inside:
                node = inside[str(step)]
            elif isinstance(inside, list) and isinstance(step, int) and step < len(inside):
                node = inside[step]
            else:
                break
        return node


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Composes nodes and refuses what may not stand in a scenario."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise _Refused(f"anchors and aliases are refused (received '{event.anchor}'); write the value out", event)
        if event.tag:
            raise _Refused(f"tags are refused (received '{event.tag}'); write a plain value", event)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _Refused(f"nested more than {MAX_DEPTH} levels deep", event)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _Refused(Exception):
    def __init__(self, message: str, event: Any) -> None:
        super().__init__(message)
        self.line = event.start_mark.line + 1


def parse_yaml(raw: bytes, label: str) -> Node:
    """The mapping that the file holds; `label` is the file's name in messages and origins."""
    text = _decode(raw, label)
    try:
        root = _Loader(text).get_single_node()
    except _Refused as error:
        raise InputError(str(error), where=f"{label}:{error.line}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise InputError(f"control character #x{error.character:04x} is not allowed", where=f"{label}:{line}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InputError(_syntax(error), where=f"{label}:{mark.line + 1 if mark else 1}") from None
    if root is None:
        raise InputError("the file is empty; expected keys such as 'title:'", where=f"{label}:1")
    if not isinstance(root, yaml.MappingNode):
        raise InputError("expected keys and values ('key: value') at the top level", where=f"{label}:{_line(root)}")
    return _convert(root, label, _line(root))


def _decode(raw: bytes, label: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(f"byte 0x{raw[error.start]:02x} is not UTF-8 text", where=f"{label}:{line}") from None


def _syntax(error: yaml.MarkedYAMLError) -> str:
    problem, context = error.problem or "", error.context or ""
    if "\\t" in problem:
        return "a tab stands where YAML wants spaces"
    if "alias" in context:
        return 'anchors and aliases are refused; to name every row write "*" in quotes'
    if "single document" in context:
        return "a second document begins ('---'); expected one scenario in a file"
    return "not valid YAML: " + " ".join(part for part in (context, problem) if part)


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def _convert(node: Any, label: str, line: int) -> Node:
    where = f"{label}:{line}"
    if isinstance(node, yaml.MappingNode):
        return Node(_mapping(node, label), where)
    if isinstance(node, yaml.SequenceNode):
        return Node([_convert(item, label, _line(item)) for item in node.value], where)
    return Node(_scalar(node.value, node.style, where), where, node.value)


def _mapping(node: Any, label: str) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for key, value in node.value:
        line = _line(key)
        if not isinstance(key, yaml.ScalarNode) or not key.value.isprintable() or not 0 < len(key.value) <= MAX_KEY:
            message = f"a key must be one word, number or date of 1 to {MAX_KEY} characters"
            raise InputError(message, where=f"{label}:{line}")
        if key.value in found:
            first = found[key.value].where
            raise InputError(f"the key stands twice, first at {first}", where=f"{label}:{line}", key=key.value)
        found[key.value] = _convert(value, label, line)
    return found


def _scalar(text: str, style: str | None, where: str) -> Any:
    if style is not None:
        return text
    if text in NULLS:
        return None
    if text in TRUTHS:
        return TRUTHS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    if NOT_FINITE.fullmatch(text) or (NUMBER.fullmatch(text) and not math.isfinite(float(text))):
        raise InputError(f"received {text[:40]}, expected a finite number", where=where)
    return float(text) if NUMBER.fullmatch(text) else text


def from_python(value: Any, where: str | Callable[[tuple[str, ...]], str], path: tuple[str, ...] = ()) -> Node:
    """The same tree from plain Python values: mappings, sequences, numbers, text, dates, None."""
    place = where if isinstance(where, str) else where(path)
    if isinstance(value, Mapping):
        return Node({str(key): from_python(item, where, (*path, str(key))) for key, item in value.items()}, place)
    if isinstance(value, (list, tuple)):
        return Node([from_python(item, where, path) for item in value], place)
    if isinstance(value, date):
        value = value.isoformat()
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    key = ".".join(path) or None
    if value is not None and not isinstance(value, (str, int, float, bool)):
        message = f"received a {type(value).__name__}, expected a number, text or mapping"
        raise InputError(message, where=place, key=key)
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"received {value}, expected a finite number", where=place, key=key)
    return Node(value, place, "" if value is None else str(value))


def merge(base: Node, later: Node) -> Node:
    """Both trees, key by key; where both give a value the later one stands."""
    if not (base.is_mapping and later.is_mapping):
        return later
    merged = dict(base.value)
    for key, node in later.value.items():
        merged[key] = merge(merged[key], node) if key in merged else node
    return Node(merged, later.where)
