"""From a scenario file to a `Scenario`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import pandas as pd

from eastwest.errors import InputError, nearest
from eastwest.scenario.columns import empty_frame
from eastwest.scenario.faults import faults_of
from eastwest.scenario.files import Reader, package_folder
from eastwest.scenario.layers import POLYGONS, Layer, default_origins, last, merged_settings, read_chain
from eastwest.scenario.messages import shown
from eastwest.scenario.outside import checked
from eastwest.scenario.placed_tables import PlacedTables
from eastwest.scenario.scenario import Draft, Scenario
from eastwest.scenario.settings import Contracts, Settings, check_settings, contracts
from eastwest.scenario.tables_source import read_csv, read_polygons
from eastwest.scenario.yaml_source import Node
from eastwest.schema.contract import Row

DEFAULTS = ("china", "none")
SHIPPED = "package:data/regions.geojson"
SHIPPED_SOURCE = "Natural Earth, simplified, public domain"
"""Of the outlines that come with the package."""
IDENTIFIER_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}")


def load_scenario(path: str | Path, *, modules: Iterable[ModuleType] = (), allow_outside: bool = False) -> Scenario:
    """Read a scenario file with everything that it names; raises `InputError` on the first thing that is wrong.

    `modules` are model modules from outside the package, each with `Data`, `build` and `report`: their sections and
    tables are the scenario's too. Files outside the scenario's folder (and the package's data) are read only with
    `allow_outside`.
    """
    path = Path(path)
    if not path.is_file():
        folder = path.parent
        names = sorted(item.name for item in folder.glob("*.yaml")) if folder.is_dir() else []
        what = "is a folder, expected a YAML file" if path.is_dir() else "no such file"
        raise InputError(f"{what}{nearest(path.name, names)}", where=str(path))
    reader = Reader(path.resolve().parent, allow_outside)
    known = contracts(checked(modules))
    with faults_of(known.modules):
        return _scenario(path, reader, known)


def _scenario(path: Path, reader: Reader, known: Contracts) -> Scenario:
    layers = read_chain(path, reader, known)
    node = merged_settings(layers)
    settings = check_settings(node, known.settings)
    origins = default_origins(settings, node)
    name, origins["name"] = _name(layers, path)
    draft = _draft(layers, reader, origins, known)
    tables = draft.finish(settings, node)
    settings = _described(settings, draft)
    hashes = dict(sorted(reader.hashes.items()))
    return Scenario(name, settings, tables, draft.polygons, draft.origins, hashes, known.modules)


def _name(layers: list[Layer], path: Path) -> tuple[str, str]:
    """The name that the file itself gives, else the file's; a base does not name what extends it."""
    node = layers[-1].file.get("name")
    if node is None or node.value is None:
        return path.stem, f"{path.name}:1"
    value = node.text if isinstance(node.value, (int, float)) else node.value
    if not isinstance(value, str) or not IDENTIFIER_PATTERN.fullmatch(value):
        message = f"received {shown(node.plain())}, expected letters, digits, '_', '.' and '-', at most 64"
        raise InputError(message, where=node.where, key="name")
    return value, node.where


def _draft(layers: list[Layer], reader: Reader, origins: dict[str, str], known: Contracts) -> Draft:
    """Tables from files or the package, then the overrides of each layer in turn."""
    rows, china = known.tables, _from_package(layers)
    starts = {table: _start(layers, table) for table in [*rows, POLYGONS]}
    frames = {table: _table(table, row, layers, starts[table], china, reader, origins) for table, row in rows.items()}
    polygons = _polygons(layers, starts, china, reader, origins)
    draft = Draft(PlacedTables({}, frames), polygons, known, origins)
    for number, layer in enumerate(layers):
        draft.apply({table: node for table, node in layer.rows.items() if number >= starts[table]})
    return draft


def _from_package(layers: list[Layer]) -> bool:
    node = last(layers, "defaults")
    if node is not None and node.value not in DEFAULTS:
        message = f"received {shown(node.plain())}, expected china or none (where tables come from that are not given)"
        raise InputError(message, where=node.where, key="defaults")
    return node is None or node.value == "china"


def _start(layers: list[Layer], table: str) -> int:
    """The last layer that brings its own file for a table: overrides of earlier layers meant another table."""
    given = [number for number, layer in enumerate(layers) if table in layer.tables]
    return given[-1] if given else 0


def _table(
    table: str, row: type[Row], layers: list[Layer], start: int, china: bool, reader: Reader, origins: dict[str, str]
) -> pd.DataFrame:
    node = layers[start].tables.get(table)
    if node is not None:
        if node.value == "none":
            origins[f"tables/{table}"] = node.where
            return empty_frame(row)
        path = layers[start].folder / node.value
        raw = reader.read(path, node.where, f"tables.{table}")
    elif china:
        path = package_folder("data") / f"{table}.csv"
        if row.may_be_empty and not path.is_file():
            origins[f"tables/{table}"] = "default"
            return empty_frame(row)
        raw = reader.read(path, None, f"tables.{table}")
    else:
        origins[f"tables/{table}"] = "default"
        return empty_frame(row)
    origins[f"tables/{table}"] = reader.label(path)
    return read_csv(raw, reader.label(path), table, row)


def _polygons(
    layers: list[Layer], starts: Mapping[str, int], china: bool, reader: Reader, origins: dict[str, str]
) -> gpd.GeoDataFrame | None:
    """The scenario's own polygons; the package's only where the regions are the package's too."""
    node: Node | None = layers[starts[POLYGONS]].tables.get(POLYGONS)
    if node is not None and node.value != "none":
        path = layers[starts[POLYGONS]].folder / node.value
        raw = reader.read(path, node.where, layers[starts[POLYGONS]].outlines_key)
    elif node is None and china and not any("regions" in layer.tables for layer in layers):
        path = package_folder("data") / "regions.geojson"
        raw = reader.read(path, None, f"tables.{POLYGONS}")
    else:
        return None
    origins[f"tables/{POLYGONS}"] = reader.label(path)
    return read_polygons(raw, reader.label(path))


def _described(settings: Settings, draft: Draft) -> Settings:
    """Settings that say which layer of outlines the scenario has, and where it comes from."""
    label = draft.origins.get(f"tables/{POLYGONS}", "")
    said, shipped = settings.geography, label == SHIPPED
    if draft.polygons is None:
        return settings
    layer = said.layer or label.rpartition("/")[2]
    source = said.source or (SHIPPED_SOURCE if shipped else "")
    geography = said.model_copy(update={"layer": layer[:200], "source": source})
    return settings.model_copy(update={"geography": geography})
