"""Names in settings: whatever a type says that it names (`NameOf`) must be there, in every section alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import pandas as pd
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from eastwest.errors import InputError, nearest
from eastwest.scenario.columns import label
from eastwest.scenario.messages import combined
from eastwest.schema.contract import VINTAGE, YEAR, Context, NameOf, Row, Tables

LISTS = (tuple, list, set, frozenset)
FEW = 8
"""Known names that a message lists."""

Path = tuple[int | str, ...]


class Named(NamedTuple):
    """A name that a setting holds: what it is of, the name, where it stands, and the setting that holds it."""

    of: NameOf
    name: Any
    path: Path
    setting: Path


def check_names(settings: BaseModel, tables: Tables, rows: Mapping[str, type[Row]], context: Context) -> None:
    """InputError with the first few names that the scenario does not know, each with file and line."""
    known = {row.key[0]: table for table, row in rows.items() if len(row.key) == 1 and row.key[0] not in row.refers}
    found = []
    for each in names_in(settings):
        names = list(each.of.also)
        for what in each.of.what:
            names += _known(what, tables, known, context)
        if label(each.name) not in names:
            found.append(_unknown(each, names, tables, known, context))
    if found:
        raise combined(found)


def names_in(part: BaseModel, path: Path = ()) -> Iterator[Named]:
    """Every name in a part of the settings whose type says what it is of."""
    for key, field in type(part).model_fields.items():
        yield from _names(annotation_of(field), getattr(part, key), (*path, key), (*path, key))


def annotation_of(field: FieldInfo) -> Any:
    """The type of a field with everything that was said of it."""
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def _names(annotation: Any, value: Any, path: Path, setting: Path) -> Iterator[Named]:
    origin, inside = get_origin(annotation), get_args(annotation)
    if isinstance(value, BaseModel):
        yield from names_in(value, path)
    elif origin is Annotated:
        yield from (Named(each, value, path, setting) for each in inside[1:] if isinstance(each, NameOf))
        yield from _names(inside[0], value, path, setting)
    elif origin in (Union, UnionType):
        fitting = [arm for arm in inside if _fits(arm, value)]
        yield from _names(fitting[0], value, path, setting) if fitting else ()
    elif origin is dict:
        for key, item in value.items():
            yield from _names(inside[0], key, (*path, label(key)), path)
            yield from _names(inside[1], item, (*path, label(key)), (*path, label(key)))
    elif origin in LISTS:
        for number, item in enumerate(value):
            kind = inside[number] if origin is tuple and Ellipsis not in inside else inside[0]
            yield from _names(kind, item, (*path, number), path)


def _fits(arm: Any, value: Any) -> bool:
    """Whether a value is of this arm of a union: arms differ in their shape, and words come before names."""
    if get_origin(arm) is Annotated:
        return _fits(get_args(arm)[0], value)
    if get_origin(arm) is Literal:
        return value in get_args(arm)
    if arm is type(None) or value is None:
        return arm is type(None) and value is None
    plain = not isinstance(value, (dict, *LISTS))
    return get_origin(arm) is None if plain else get_origin(arm) is type(value)


def _known(what: str, tables: Tables, known: Mapping[str, str], context: Context) -> list[str]:
    """Every name that there is of what a type says that it names."""
    if what == YEAR:
        return [label(year) for year in context.stood_for]
    if what == VINTAGE:
        return [label(year) for year in context.vintages]
    if what in known:
        values: Any = tables[known[what]][what]
    else:
        first, _, second = what.partition(".")
        is_column = first in tables and second in tables[first]
        values = tables[first][second] if is_column else getattr(getattr(context.settings, first), second)
    return sorted({label(value) for value in values if not pd.isna(value) and value != ""})


def _unknown(each: Named, names: list[str], tables: Tables, known: Mapping[str, str], context: Context) -> InputError:
    expected = " or ".join([*each.of.also, *(_words(what, names, tables, known) for what in each.of.what)])
    of_time = each.of.what in ((YEAR,), (VINTAGE,))
    received = f"the year {each.name}" if of_time else f"'{each.name}'"
    few = f"; known: {', '.join(names)}" if 0 < len(names) <= FEW and not of_time else ""
    message = f"received {received}, expected {expected}{nearest(each.name, names) or few}"
    key = ".".join(str(step) for step in each.setting)
    return InputError(message, where=context.place(each.path), key=key)


def _words(what: str, names: list[str], tables: Tables, known: Mapping[str, str]) -> str:
    if what == YEAR:
        return f"one of the planning years {', '.join(names)}"
    if what == VINTAGE:
        return f"one of the years {', '.join(names)}, in which something may be bought"
    if what in known:
        return f"a row of {known[what]}"
    first, _, second = what.partition(".")
    if first in tables and second in tables[first]:
        return f"{'an' if second[0] in 'aeiou' else 'a'} {second} of {first}"
    return f"one of {what}"
