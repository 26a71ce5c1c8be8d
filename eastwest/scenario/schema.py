"""JSON Schema of a scenario file, for editors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from eastwest.scenario.columns import columns
from eastwest.scenario.layers import POLYGONS
from eastwest.scenario.outside import checked
from eastwest.scenario.settings import contracts, fields_of
from eastwest.schema.contract import Row

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCALE = {
    "type": "object",
    "properties": {"scale": {"type": "number", "description": "multiplies what stands there"}},
    "required": ["scale"],
    "additionalProperties": False,
}


def json_schema(modules: Iterable[ModuleType] = ()) -> dict[str, Any]:
    """Schema (draft 2020-12) of the YAML: settings by section, tables by file, overrides of table cells.

    `modules` from outside the package bring theirs.
    """
    known = contracts(checked(modules))
    settings = known.settings.model_json_schema()
    definitions: dict[str, Any] = settings.get("$defs", {})
    properties: dict[str, Any] = {**_file_keys(known.tables), **settings["properties"]}
    for table, row in known.tables.items():
        row_schema = row.model_json_schema()
        definitions |= row_schema.pop("$defs", {})
        definitions[f"row_{table}"] = _row(row, row_schema)
        rows = _nested(table, row)
        if table in properties:
            properties[table] = _both(definitions, properties[table], rows)
        else:
            about = f"overrides of the table, by {' then '.join(row.key)}. {row.about}"
            properties[table] = {**rows, "description": about}
    for name in known.settings.model_fields:
        if fields_of(known.settings, (name,)) and "$ref" in properties[name]:
            definitions[_target(properties[name])]["type"] = ["object", "null"]
    return {
        "$schema": DIALECT,
        "title": "eastwest scenario",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "$defs": definitions,
    }


def _target(reference: dict[str, Any]) -> str:
    return str(reference["$ref"]).rsplit("/", 1)[-1]


def _file_keys(tables: Mapping[str, type[Row]]) -> dict[str, Any]:
    files = {name: {"type": "string", "description": row.about} for name, row in tables.items()}
    files[POLYGONS] = {"type": "string", "description": "GeoJSON polygons of the regions, property 'region'"}
    return {
        "name": {"type": "string", "description": "identifier; the file's name when it is not given", "maxLength": 64},
        "extends": {"type": "string", "description": "the file that this one changes, or package:national-2027"},
        "defaults": {"enum": ["china", "none"], "description": "where tables come from that are not given"},
        "tables": {
            "type": ["object", "null"],
            "description": "table: path of its CSV relative to this file, or none",
            "properties": files,
            "additionalProperties": False,
        },
    }


def _row(row: type[Row], schema: dict[str, Any]) -> dict[str, Any]:
    """One row under its key: every other column, or a factor on it."""
    cells = {}
    for name, column in columns(row).items():
        if column.is_key:
            continue
        cell = {key: value for key, value in schema["properties"][name].items() if key not in ("title", "default")}
        cell.pop("description", None)
        choices = [cell, SCALE] if column.kind in ("number", "whole") else [cell]
        cells[name] = {"description": column.description, "anyOf": choices}
    return {"type": ["object", "null"], "description": row.about, "properties": cells, "additionalProperties": False}


def _nested(table: str, row: type[Row]) -> dict[str, Any]:
    """Key columns outside, row inside; null removes rows."""
    schema: dict[str, Any] = {"$ref": f"#/$defs/row_{table}"}
    for name in reversed(row.key):
        about = f'{name}, or "*" for every row'
        schema = {"type": ["object", "null"], "description": about, "additionalProperties": schema}
    return schema


def _both(definitions: dict[str, Any], section: dict[str, Any], rows: dict[str, Any]) -> dict[str, Any]:
    """A name that is a section and a table."""
    settings = definitions.pop(_target(section))
    about = f"{settings.get('description', '')}\nAny other key is a row of the table."
    return {
        "type": ["object", "null"],
        "description": " ".join(about.split()),
        "properties": settings["properties"],
        "additionalProperties": rows["additionalProperties"],
    }
