"""Table rows and frames: what each column holds, text to typed values, and records to validated frames."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import numpy as np
import pandas as pd
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from eastwest.errors import InputError
from eastwest.formatting.text import unguarded
from eastwest.scenario.messages import received, unknown
from eastwest.scenario.yaml_source import INTEGER, NUMBER
from eastwest.schema.contract import WHERE, Row

Kind = Literal["text", "number", "whole", "truth", "date"]
TEXT = pd.StringDtype(na_value=np.nan)
UNIT = re.compile(r"\[([^\]]*)\]\s*$")


@dataclass(frozen=True)
class TableColumn:
    """One column of a table."""

    name: str
    kind: Kind
    optional: bool
    """may be empty"""
    required: bool
    """must be given"""
    default: Any
    description: str
    is_key: bool

    @property
    def unit(self) -> str:
        found = UNIT.search(self.description)
        return found.group(1) if found else ""


@cache
def columns(row: type[Row]) -> dict[str, TableColumn]:
    """The columns of a table in the order of its contract, source and quality last."""
    fields = row.model_fields
    names = [name for name in fields if name not in ("source", "quality")] + ["source", "quality"]
    return {name: _column(name, fields[name], name in row.key) for name in names}


def _column(name: str, field: FieldInfo, is_key: bool) -> TableColumn:
    kind, optional = _kind(field.annotation)
    required = field.is_required()
    return TableColumn(
        name, kind, optional, required, None if required else field.default, field.description or "", is_key
    )


def _kind(annotation: Any) -> tuple[Kind, bool]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kind(get_args(annotation)[0])
    if origin in (Union, UnionType):
        inside = [part for part in get_args(annotation) if part is not type(None)]
        return _kind(inside[0])[0], len(inside) < len(get_args(annotation))
    kinds: dict[Any, Kind] = {float: "number", int: "whole", bool: "truth", date: "date"}
    return kinds.get(annotation, "text"), False


def parse(text: str, column: TableColumn) -> Any:
    """The value that a cell's text stands for; text that does not fit is handed on, for the contract to refuse."""
    text = text.strip()
    if text == "":
        return "" if column.kind == "text" and column.default == "" else None
    if column.kind == "number" and NUMBER.fullmatch(text):
        return float(text)
    if column.kind == "whole" and INTEGER.fullmatch(text):
        return int(text)
    if column.kind == "truth":
        return {"true": True, "false": False}.get(text.lower(), text)
    return dated(text) if column.kind == "date" else unguarded(text)


def dated(value: Any) -> Any:
    """Keep pydantic from reading '86400' as seconds since 1970."""
    return int(value) if isinstance(value, str) and value.isdigit() and len(value) < 300 else value


@cache
def _adapter(row: type[Row]) -> TypeAdapter[list[Row]]:
    return TypeAdapter(list[row])  # type: ignore[valid-type]


@cache
def _cell_adapter(row: type[Row], name: str) -> TypeAdapter[Any]:
    field = row.model_fields[name]
    inside = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    return TypeAdapter(list[inside])  # type: ignore[valid-type]


def build_frame(row: type[Row], records: list[dict[str, Any]], places: Sequence[str]) -> pd.DataFrame:
    """Validated, typed rows in the order given, and the place of each; an error names place, column, value and rule."""
    try:
        rows = _adapter(row).validate_json(json.dumps(records), strict=True)
    except ValidationError as error:
        raise _first(error, row, lambda index: places[index]) from None
    data = {name: _array([getattr(item, name) for item in rows], column) for name, column in columns(row).items()}
    return pd.DataFrame({**data, WHERE: _text(list(places))})


def check_cells(row: type[Row], name: str, values: list[Any], where: str, path: str) -> list[Any]:
    """`values` of one column, checked against the contract of its cells."""
    try:
        checked: list[Any] = _cell_adapter(row, name).validate_json(json.dumps(values), strict=True)
        return checked
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        message = received(detail, columns(row)[name].unit)
        raise InputError(message, where=where, key=path) from None


def typed(values: Sequence[Any], column: TableColumn) -> pd.Series[Any]:
    """A series of the column's type; a missing number is NaN, a missing text NaN, a missing date None."""
    return pd.Series(_array(values, column))


def _array(values: Sequence[Any], column: TableColumn) -> Any:
    """The same as an array, of which a frame is put together without aligning any index."""
    if column.kind == "text":
        return _text([value.value if isinstance(value, Enum) else value for value in values])
    if column.optional and column.kind in ("whole", "truth"):
        return pd.array(values, dtype={"whole": "Int64", "truth": "boolean"}[column.kind])
    types: dict[Kind, str] = {"number": "float64", "whole": "int64", "truth": "bool", "date": "object"}
    return np.array(values, dtype=types[column.kind])


def _text(values: list[str | None]) -> Any:
    return pd.array(np.array(values, dtype=object), dtype=TEXT)


def _first(error: ValidationError, row: type[Row], place: Callable[[int], str]) -> InputError:
    details = error.errors(include_url=False)
    detail = details[0]
    index, *rest = detail["loc"]
    name = str(rest[0]) if rest else ""
    further = f" (and {len(details) - 1} more errors in this table)" if len(details) > 1 else ""
    known = columns(row)
    if detail["type"] == "extra_forbidden":
        message = unknown(name, known, "column")
    elif detail["type"] == "missing":
        message = f"is missing; expected {known[name].description}"
    elif name in known:
        message = received(detail, known[name].unit)
    else:
        message = received(detail)
    return InputError(message + further, where=place(int(index)), key=f"column {name}" if name else None)


def label(value: Any) -> str:
    """How a key's value is written in a scenario file."""
    return value.isoformat() if isinstance(value, date) else str(value)


def empty_frame(row: type[Row]) -> pd.DataFrame:
    return build_frame(row, [], [])


def keys(frame: pd.DataFrame, row: type[Row]) -> list[tuple[Any, ...]]:
    """The key of every row, as plain values."""
    return list(zip(*(frame[name].tolist() for name in row.key), strict=True))


def sort_by_key(frame: pd.DataFrame, row: type[Row]) -> pd.DataFrame:
    """Rows in the order of their keys, numbered anew; most files have that order already."""
    found = keys(frame, row)
    order = sorted(range(len(found)), key=found.__getitem__)
    rising = not row.key or order == list(range(len(frame)))
    return (frame if rising else frame.iloc[order]).reset_index(drop=True)


def plain(frame: pd.DataFrame, row: type[Row]) -> pd.DataFrame:
    """The table without the column of places."""
    return frame.iloc[:, : len(columns(row))]


def check_unique(frame: pd.DataFrame, row: type[Row], table: str) -> None:
    """No two rows with one key."""
    found = keys(frame, row)
    if len(set(found)) == len(found):
        return
    again = frame.duplicated(list(row.key))
    second = frame[again].iloc[0]
    values = [second[name] for name in row.key]
    same = frame[(frame[list(row.key)] == pd.Series(values, index=list(row.key))).all(axis=1)]
    key = "/".join(label(value) for value in values)
    message = f"the row {key} stands twice, first at {same.iloc[0][WHERE]}"
    raise InputError(message, where=str(second[WHERE]), key=f"{table} ({', '.join(row.key)})")
