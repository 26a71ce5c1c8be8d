"""Tables from CSV files and polygons from GeoJSON, checked row by row on reading."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.errors import ShapelyError
from shapely.geometry import shape

from eastwest.errors import InputError
from eastwest.scenario.columns import TableColumn, build_frame, check_unique, columns, parse, sort_by_key
from eastwest.scenario.messages import short, unknown
from eastwest.scenario.renaming import records_of_now
from eastwest.schema.contract import Row

CRS = "EPSG:4326"
MOST_LETTERS = 200
"""Letters that a name of a region may have."""


def read_csv(raw: bytes, label: str, table: str, row: type[Row]) -> pd.DataFrame:
    """The rows of one table, typed, sorted by key, with the place of each row."""
    header, body, lines = _cells(raw, label)
    known = _match_columns(header, row, label, table)
    records = _records(body, lines, known, len(header), label)
    places = [f"{label}:{line}" for line in lines]
    frame = build_frame(row, records_of_now(table, row.key[0], records, places), places)
    check_unique(frame, row, table)
    return sort_by_key(frame, row)


def _cells(raw: bytes, label: str) -> tuple[list[str], list[list[str]], list[int]]:
    """Header, rows of text, and the line that each row ends on."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(f"byte 0x{raw[error.start]:02x} is not UTF-8 text", where=f"{label}:{line}") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    body, lines = [], []
    try:
        header = [name.strip() for name in next(reader, [])]
        for cells in reader:
            if cells:
                body.append(cells)
                lines.append(reader.line_num)
    except csv.Error as error:
        raise InputError(f"not a CSV table: {error}", where=f"{label}:{reader.line_num}") from None
    return header, body, lines


def _match_columns(header: Sequence[str], row: type[Row], label: str, table: str) -> list[TableColumn]:
    known, where = columns(row), f"{label}:1"
    if not any(header):
        raise InputError(f"the file is empty; expected a header with the columns of {table}", where=where)
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        raise InputError("columns are separated by ';' or tabs; expected commas", where=where)
    for index, name in enumerate(header):
        if name in header[:index]:
            raise InputError("the column stands twice in the header", where=where, key=f"column {name}")
    absent = [name for name, column in known.items() if column.required and name not in header]
    for name in header:
        if name not in known:
            lacking = f"; missing: {', '.join(absent[:6])}" if absent else ""
            message = f"table {table}: {unknown(name, known, 'column')}{lacking}"
            raise InputError(message, where=where, key=f"column {short(name)}")
    if absent:
        listed = ", ".join(f"{name} ({known[name].description})" for name in absent[:3])
        more = f" and {len(absent) - 3} more" if len(absent) > 3 else ""
        raise InputError(f"table {table} lacks the column {listed}{more}", where=where)
    return [known[name] for name in header]


def _records(
    body: list[list[str]], lines: list[int], known: list[TableColumn], width: int, label: str
) -> list[dict[str, Any]]:
    for cells, line in zip(body, lines, strict=True):
        if len(cells) != width:
            message = (
                f"the row has {len(cells)} cells; expected {width} as in the header (quote text that holds commas)"
            )
            raise InputError(message, where=f"{label}:{line}")
    by_column = [[parse(cells[index], column) for cells in body] for index, column in enumerate(known)]
    names = [column.name for column in known]
    return [dict(zip(names, values, strict=True)) for values in zip(*by_column, strict=True)]


def read_polygons(raw: bytes, label: str) -> gpd.GeoDataFrame:
    """Polygons of regions from GeoJSON: one feature per region with the property `region`."""
    try:
        document = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InputError("not UTF-8 text", where=f"{label}:1") from None
    except json.JSONDecodeError as error:
        raise InputError(f"not valid JSON: {error.msg}", where=f"{label}:{error.lineno}") from None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not features:
        raise InputError("expected a GeoJSON FeatureCollection with at least one feature", where=f"{label}:1")
    records = [_feature(item, f"{label}, feature {number}") for number, item in enumerate(features, 1)]
    frame = gpd.GeoDataFrame(records, geometry="geometry", crs=CRS)
    twice = frame["region"].duplicated()
    if twice.any():
        name, number = frame.loc[twice, "region"].iloc[0], int(twice.to_numpy().argmax()) + 1
        raise InputError(f"region '{name}' stands twice", where=f"{label}, feature {number}")
    return frame.sort_values("region", ignore_index=True)


def _feature(item: Any, where: str) -> dict[str, Any]:
    properties = item.get("properties") if isinstance(item, dict) else None
    if not isinstance(properties, dict) or not str(properties.get("region") or "").strip():
        raise InputError("the property 'region' is missing; expected a region's identifier", where=where)
    try:
        geometry = shape(item["geometry"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ShapelyError):
        raise InputError("the geometry cannot be read; expected a Polygon or MultiPolygon", where=where) from None
    if geometry.geom_type not in ("Polygon", "MultiPolygon") or geometry.is_empty:
        raise InputError(f"received a {geometry.geom_type}, expected a Polygon or MultiPolygon", where=where)
    west, south, east, north = geometry.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        message = f"coordinates reach from {west:g}, {south:g} to {east:g}, {north:g}; expected degrees (EPSG:4326)"
        raise InputError(message, where=where)
    names = {name: str(properties.get(name) or "") for name in ("name_en", "name_zh")}
    for name, text in names.items():
        if len(text) > MOST_LETTERS or (not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)):
            message = f"received {short(text)!r}, expected text of at most {MOST_LETTERS} characters"
            raise InputError(message, where=where, key=f"property {name}")
    return {"region": str(properties["region"]).strip(), **names, "geometry": geometry}
