"""A commented starting scenario, written from the contracts."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from pydantic import BaseModel

from eastwest.scenario.columns import columns
from eastwest.scenario.outside import checked
from eastwest.scenario.settings import Settings, contracts, fields_of
from eastwest.schema.contract import Row

HEAD = """\
# A scenario for eastwest. Every line that begins with '# ' shows a default: take the '# ' away and change the value.
# Check it with 'eastwest validate <this file>', run it with 'eastwest run <this file>'.

extends: package:national-2027

title: My plan
# question: What do I want to know?
# notes: Anything a reader should know.
"""
TAIL = """\

# Tables. A table can be replaced by one's own file (CSV, relative to this file; all columns, with source and quality):
# tables:
#   supply: my_supply.csv

# Or cell by cell: rows by their key, then 'column: value' or 'column: {scale: factor}'. "*" is every row; a row that is
# null is removed together with what belongs to it; a new row needs every column. Each table with its key and columns:
"""


def new_scenario_text(modules: Iterable[ModuleType] = ()) -> str:
    """YAML that loads as it is, with every setting as a comment: default, meaning, unit; `modules` from outside too."""
    known = contracts(checked(modules))
    parts = [HEAD]
    for name in known.settings.model_fields:
        if name in ("title", "question", "notes"):
            continue
        parts.append(_section(name, known.settings))
    parts.append(TAIL)
    parts += [_table(name, row) for name, row in known.tables.items()]
    return "\n".join(part.rstrip("\n") for part in parts) + "\n"


def _section(name: str, settings: type[Settings]) -> str:
    field = settings.model_fields[name]
    default = _json(settings().model_dump(mode="json")[name])
    if not fields_of(settings, (name,)):
        return f"\n# {name}: {default}  # {field.description}"
    model: Any = field.annotation
    heading = (model.__doc__ or field.description or "").strip().splitlines()[0]
    return "\n".join([f"\n# {heading}", f"# {name}:", *_settings(model)])


def _settings(model: type[BaseModel]) -> list[str]:
    values = model().model_dump(mode="json")
    fields = model.model_fields.items()
    lines = [(f"#   {name}: {_json(values[name])}", field.description or "") for name, field in fields]
    width = max(len(line) for line, _ in lines)
    return [f"{line:<{width}}  # {description}" for line, description in lines]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _table(name: str, row: type[Row]) -> str:
    """Key, columns with units, wrapped as comments."""
    key = "/".join(row.key)
    cells = []
    for column in columns(row).values():
        if not column.is_key and column.name not in ("source", "quality"):
            cells.append(f"{column.name} [{column.unit}]" if column.unit else column.name)
    if len(cells) > 20:
        cells = [*cells[:2], "...", cells[-1]]
    text = f"{name} by {key}: {', '.join(cells)}"
    return "\n".join(textwrap.wrap(text, 118, initial_indent="# ", subsequent_indent="#     ", break_long_words=False))
