"""A folder of a run for other programs: Parquet, CSV, GeoJSON, and a data package that says what each column holds.

The same run gives the same bytes in every file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from eastwest.report.export import sheets
from eastwest.report.export.columns import LAYERS, Meaning, meaning
from eastwest.report.export.layers import layers
from eastwest.results.run_folder import EXPORT, FORMAT_VERSION, replaced_whole, write_csv, write_geojson, write_table

if TYPE_CHECKING:
    from eastwest.results.result import Result

COLUMNS = "columns.csv"


def write_folder(result: Result, folder: Path, progress: Callable[[str], None]) -> None:
    """Every file of the export, whole or not at all, over an earlier export if there is one."""
    with replaced_whole(folder, EXPORT) as aside:
        resources, rows = [], []
        for sheet in sheets.sheets(result):
            progress(f"table {sheet.name}: {len(sheet.frame):,} rows")
            if sheet.name == "results_table_of":
                name = "results.parquet"
                frame = result.table
                write_table(frame, aside / name)
            else:
                name, frame = f"{sheet.name}.csv", sheet.frame
                write_csv(frame, aside / name)
            fields = replace(sheet, frame=frame).meanings()
            resources.append(_table(aside / name, sheet.words, frame, fields))
            rows += [(name, column, *fields[column]) for column in fields]
        for name, layer in layers(result).items():
            progress(f"map layer {name}: {len(layer):,} rows")
            shown = layer[layer.geometry.notna()]
            write_geojson(shown, aside / f"{name}.geojson")
            resources.append(_resource(aside / f"{name}.geojson", f"map layer {name}", LAYERS[name], "geojson"))
            rows += [(f"{name}.geojson", column, *meaning(name, column)) for column in shown.columns]
        described = pd.DataFrame(rows, columns=["file", "column", "unit", "description"])
        write_csv(described, aside / COLUMNS)
        _write_json(aside / "datapackage.json", _package(result, resources))
        names = [path.name for path in aside.iterdir()]
        _write_json(aside / "summary.json", _summary(result, sorted([*names, "summary.json"])))


def _package(result: Result, resources: list[dict[str, Any]]) -> dict[str, Any]:
    """The data package of the folder (Frictionless Data Package, version 1)."""
    lines = [f"{name}: {text}" for name, text in sheets.about(result)]
    guard = "In CSV files text that a spreadsheet would run as a formula has ' before it."
    notes = [sheets.KINDS, sheets.SIGN, sheets.EMPTY, guard, sheets.data_quality(result)]
    sources = {f"table {row.table}": row.source for row in sheets.sources(result).itertuples() if row.source}
    return {
        "profile": "data-package",
        "name": _identifier(result.scenario.name),
        "title": result.scenario.name,
        "description": "\n".join([*lines, *notes]),
        "sources": [{"title": f"{title}: {source}"} for title, source in sources.items()],
        "resources": resources,
    }


def _table(path: Path, words: str, frame: pd.DataFrame, fields: dict[str, Meaning]) -> dict[str, Any]:
    about = [
        {"name": column, "type": _type(frame[column]), "description": words, **({"unit": unit} if unit else {})}
        for column, (unit, words) in fields.items()
    ]
    name = path.name.removesuffix(".csv").removesuffix(".parquet")
    resource = _resource(path, name, words, path.suffix.removeprefix("."))
    return {**resource, "profile": "tabular-data-resource", "rows": len(frame), "schema": {"fields": about}}


def _resource(path: Path, name: str, words: str, form: str) -> dict[str, Any]:
    raw = path.read_bytes()
    return {
        "name": _identifier(name),
        "path": path.name,
        "description": words,
        "format": form,
        "encoding": "utf-8",
        "bytes": len(raw),
        "hash": f"sha256:{hashlib.sha256(raw).hexdigest()}",
    }


def _type(values: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(values):
        return "boolean"
    if pd.api.types.is_integer_dtype(values):
        return "integer"
    return "number" if pd.api.types.is_numeric_dtype(values) else "string"


def _identifier(name: str) -> str:
    """A name as data packages ask for it: small letters, digits, `.`, `_` and `-`."""
    kept = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "-" for letter in name)
    return kept.lower().strip("-") or "run"


def _summary(result: Result, files: list[str]) -> dict[str, Any]:
    """What marks the folder as an export, so that another export may take its place."""
    return {
        "format": EXPORT,
        "format_version": FORMAT_VERSION,
        "name": result.scenario.name,
        "status": result.status,
        "objective_million_cny": float(result.objective),
        "certificate": dict(result.certificate),
        "files": files,
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
