"""datapackage.json (Frictionless), made from the row contracts of eastwest.schema.tables and the files as written."""

from __future__ import annotations

import csv
import json
import re
from datetime import date
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from common import QUALITIES
from pydantic.fields import FieldInfo

from eastwest.scenario.settings import contracts
from eastwest.schema.contract import Quality, Row

TYPES = {str: "string", float: "number", int: "integer", bool: "boolean", date: "date"}
LIMITS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
LIMITS |= {"min_length": "minLength", "max_length": "maxLength", "pattern": "pattern"}
# Tables for a scenario of one's own; the package has no file for them and the reader takes them as empty.
NOT_CARRIED = ("delays", "hourly")
TABLES = contracts().tables
CARRIED: dict[str, type[Row]] = {name: row for name, row in TABLES.items() if name not in NOT_CARRIED}
UNIT = re.compile(r"\[([^\]]+)\]")


def plain_type(annotation: Any) -> tuple[Any, list[Any], bool]:
    """The bare type of an annotation, its metadata, and whether it may be empty."""
    if get_origin(annotation) in (Union, UnionType):
        inner = [one for one in get_args(annotation) if one is not NoneType]
        bare, metadata, _ = plain_type(inner[0])
        return bare, metadata, True
    if get_origin(annotation) is Annotated:
        bare, metadata, empty = plain_type(get_args(annotation)[0])
        return bare, metadata + list(get_args(annotation)[1:]), empty
    return annotation, [], False


def limits(metadata: list[Any]) -> dict[str, Any]:
    """Frictionless constraints of pydantic metadata (annotated types and general metadata objects)."""
    out: dict[str, Any] = {}
    for item in metadata:
        parts = item.metadata if isinstance(item, FieldInfo) else [item]
        for part in parts:
            values = {name: getattr(part, name, None) for name in LIMITS}
            out |= {LIMITS[name]: value for name, value in values.items() if value is not None}
    return out


def field(name: str, info: FieldInfo) -> dict[str, Any]:
    bare, metadata, empty = plain_type(info.annotation)
    constraints = limits(metadata + list(info.metadata))
    if get_origin(bare) is Literal:
        constraints["enum"] = list(get_args(bare))
        bare = str
    if bare is Quality:
        constraints["enum"], bare = list(QUALITIES), str
    if info.is_required() and not empty:
        constraints["required"] = True
    out = {"name": name, "type": TYPES[bare], "description": info.description or name.replace("_", " ")}
    if found := UNIT.search(out["description"]):
        out["unit"] = found[1]
    return out | ({"constraints": constraints} if constraints else {})


def resource(name: str, row: type[Row], folder: Path) -> dict[str, Any]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        qualities = [one["quality"] for one in csv.DictReader(handle)]
    foreign = [
        {"fields": [column], "reference": {"resource": table, "fields": [TABLES[table].key[0]]}}
        for column, table in row.refers.items()
    ]
    schema = {
        "fields": [field(column, row.model_fields[column]) for column in columns_of(row)],
        "primaryKey": list(row.key),
    }
    return {
        "name": name,
        "path": f"{name}.csv",
        "description": row.about,
        "profile": "tabular-data-resource",
        "encoding": "utf-8",
        "rows": len(qualities),
        "rows_by_quality": {quality: qualities.count(quality) for quality in QUALITIES},
        "schema": schema | ({"foreignKeys": foreign} if foreign else {}),
    }


def columns_of(row: type[Row]) -> list[str]:
    """Columns in the order of the contract, source and quality last."""
    tail = ("source", "quality")
    return [name for name in row.model_fields if name not in tail] + list(tail)


def write_package(folder: Path) -> None:
    resources = [resource(name, row, folder) for name, row in CARRIED.items()]
    polygons = {
        "name": "regions_polygons",
        "path": "regions.geojson",
        "format": "geojson",
        "mediatype": "application/geo+json",
        "description": "Polygon of each region; property `region` names the row of regions.csv",
    }
    document = {
        "name": "eastwest-china",
        "title": "East Data, West Computing: regions, sites, devices, power and demand in China, 2025-2030",
        "description": "Made by data/build from data/reference; see data/README.md. Rows carry source and quality.",
        "profile": "data-package",
        "resources": [*resources, polygons],
    }
    text = json.dumps(document, ensure_ascii=False, indent=1)
    (folder / "datapackage.json").write_text(text + "\n", encoding="utf-8")
