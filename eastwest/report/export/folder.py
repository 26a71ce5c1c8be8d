"""A folder of a run for other programs: Parquet, CSV, GeoJSON, and a data package that says what each column holds.

The same run gives the same bytes in every file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from eastwest.report.export import geopackage, sheets
from eastwest.report.export.sheets import Sheet
from eastwest.results.run_folder import EXPORT, FORMAT_VERSION, replaced_whole, write_csv, write_geojson, write_table

if TYPE_CHECKING:
    from eastwest.results.result import Result

COLUMNS = "columns.csv"
RESULTS = "results.parquet"


def write_folder(result: Result, folder: Path, progress: Callable[[str], None]) -> None:
    """Every file of the export, whole or not at all, over an earlier export if there is one."""
    with replaced_whole(folder, EXPORT) as aside:
        written: dict[str, Sheet] = {}
        for sheet in sheets.sheets(result):
            progress(f"table {sheet.name}: {len(sheet.frame):,} rows")
            name = RESULTS if sheet.name == sheets.RESULTS else f"{sheet.name}.csv"
            write = write_table if name == RESULTS else write_csv
            write(sheet.frame, aside / name)
            written[name] = sheet
        for layer in geopackage.layers(result):
            progress(f"map layer {layer.name}: {len(layer.frame):,} rows")
            write_geojson(layer.frame[layer.frame.geometry.notna()], aside / f"{layer.name}.geojson")
            written[f"{layer.name}.geojson"] = layer
        write_csv(sheets.described(written, "file", "description"), aside / COLUMNS)
        _write_json(aside / "datapackage.json", _package(result, aside, written))
        _write_json(
            aside / "summary.json", _summary(result, [*(path.name for path in aside.iterdir()), "summary.json"])
        )


def _package(result: Result, folder: Path, written: Mapping[str, Sheet]) -> dict[str, Any]:
    """The data package of the folder (Frictionless Data Package, version 1)."""
    sources = {f"table {row.table}": row.source for row in sheets.sources(result).itertuples() if row.source}
    return {
        "profile": "data-package",
        "name": _identifier(result.scenario.name),
        "title": result.scenario.name,
        "description": "\n".join(f"{name}: {text}" for name, text in sheets.about(result)),
        "sources": [{"title": f"{title}: {source}"} for title, source in sources.items()],
        "resources": [_resource(folder / name, sheet) for name, sheet in written.items()],
    }


def _resource(path: Path, sheet: Sheet) -> dict[str, Any]:
    """What a file is and holds; of a table also each of its columns."""
    raw = path.read_bytes()
    found = {
        "name": _identifier(sheet.title if path.suffix == ".geojson" else path.stem),
        "path": path.name,
        "description": sheet.words,
        "format": path.suffix.removeprefix("."),
        "encoding": "utf-8",
        "bytes": len(raw),
        "hash": f"sha256:{hashlib.sha256(raw).hexdigest()}",
    }
    if "geometry" in sheet.frame:
        return found
    fields = [
        {"name": column, "type": _type(sheet.frame[column]), "description": words, **({"unit": unit} if unit else {})}
        for column, (unit, words) in sheet.meanings.items()
    ]
    return {**found, "profile": "tabular-data-resource", "rows": len(sheet.frame), "schema": {"fields": fields}}


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
        "files": sorted(files),
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
