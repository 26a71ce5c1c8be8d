"""A resolved scenario: settings, tables, polygons, and where every value comes from."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import geopandas as gpd
import pandas as pd

from eastwest.errors import InputError
from eastwest.formatting.cards import card
from eastwest.formatting.text import guarded, visible_json
from eastwest.model.clock import FEWEST_BLOCKS
from eastwest.scenario.catalogue import QUALITIES, quality_shares
from eastwest.scenario.checks import check_scenario
from eastwest.scenario.columns import build_frame, check_unique, empty_frame, label, plain, sort_by_key
from eastwest.scenario.faults import faults_of
from eastwest.scenario.layers import POLYGONS, Layer, default_origins, split
from eastwest.scenario.outside import (
    Modules,
    checked,
    describe,
    is_absent,
    packed,
    section_of,
    unpacked,
    warn_if_changed,
)
from eastwest.scenario.overrides import Edit, cascade, row_keys
from eastwest.scenario.placed_tables import PlacedTables
from eastwest.scenario.settings import (
    NO_PLAN,
    SNAPSHOT,
    Contracts,
    Settings,
    anchor_day,
    check_settings,
    contracts,
    daily_peaks_missing,
    flat_settings,
    planning_years,
    spans,
)
from eastwest.scenario.yaml_source import Node, from_python, merge
from eastwest.schema.contract import Row

HERE = "with_()"


@dataclass
class Draft:
    """A scenario while it is put together."""

    frames: PlacedTables
    polygons: gpd.GeoDataFrame | None
    known: Contracts
    origins: dict[str, str] = field(default_factory=dict)

    def apply(self, rows: Mapping[str, Any]) -> None:
        """The row overrides of one file, and what falls with the rows that it removes."""
        if not rows:
            return
        known, removed, before = self.known.tables, {}, self._nodes()
        for table, node in rows.items():
            edit = Edit(table, known[table], self.frames[table])
            edit.apply(node)
            self.frames[table] = edit.frame.reset_index(drop=True)
            self.origins |= edit.origins
            removed[table] = edit.removed
        self.origins |= cascade(self.frames, known, removed)
        self._drop_corridors(before - self._nodes())

    def _nodes(self) -> set[str]:
        """Ends of corridors that sites and regions hang on."""
        return {*self.frames["sites"]["node"], *self.frames["regions"]["node"]}

    def _drop_corridors(self, lost: set[str]) -> None:
        """Corridors to a node that nothing hangs on any more go with it."""
        if not lost:
            return
        corridors = self.frames["corridors"]
        hit = corridors["from_node"].isin(lost) | corridors["to_node"].isin(lost)
        for key in row_keys(corridors[hit], self.known.tables["corridors"]):
            self.origins[f"removed/corridors/{key}"] = "with the last site or region at its end"
        self.frames["corridors"] = corridors[~hit].reset_index(drop=True)

    def finish(self, settings: Settings, node: Node | None = None) -> dict[str, pd.DataFrame]:
        """Checked, sorted tables without the column of places; those that did not change are the same objects.

        `node` is the tree that the settings came from.
        """
        rows, changed = self.known.tables, self.frames.changed()
        for table in (table for table in rows if table in changed):
            check_unique(self.frames[table], rows[table], table)
        check_scenario(settings, self.frames, rows, self.origins, changed, node)
        self._polygons()
        return {
            table: plain(sort_by_key(self.frames[table], row), row) if table in changed else self.frames.checked[table]
            for table, row in rows.items()
        }

    def _polygons(self) -> None:
        if self.polygons is None:
            return
        known = self.polygons["region"].isin(set(self.frames["regions"]["region"]))
        removed = self.polygons["region"].map(lambda name: f"removed/regions/{name}" in self.origins)
        strange = self.polygons.loc[~known & ~removed, "region"]
        if len(strange):
            message = f"the polygon '{strange.iloc[0]}' names no row of regions"
            raise InputError(message, where=self.origins.get(f"tables/{POLYGONS}"), key="property region")
        self.polygons = self.polygons[known].reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class Scenario:
    """Everything that a run needs, validated; nothing is read from disk after this."""

    name: str
    settings: Settings
    tables: Mapping[str, pd.DataFrame]
    polygons: gpd.GeoDataFrame | None
    origins: Mapping[str, str]
    inputs: Mapping[str, str]
    modules: Modules = ()
    """model modules from outside the package that belong to it"""

    @property
    def years(self) -> tuple[int, ...]:
        """Planning years; of a snapshot the year of its anchor."""
        return planning_years(self.settings, self.tables)

    @property
    def spans(self) -> dict[int, tuple[int, ...]]:
        """The calendar years that each planning year stands for."""
        return spans(self.settings, self.tables)

    @property
    def no_plan(self) -> str:
        """Why it is a trial and no plan, as the first line of every report says; empty where it is one."""
        if not daily_peaks_missing(self.settings, self.tables):
            return ""
        return NO_PLAN.format(blocks=self.settings.time.blocks_of_the_day, least=FEWEST_BLOCKS)

    @property
    def snapshot(self) -> date | None:
        """The day that a snapshot shows; None of a scenario that plans years."""
        return anchor_day(self.settings, self.tables) if self.settings.years == SNAPSHOT else None

    @property
    def contracts(self) -> Contracts:
        """The sections and tables that the scenario may have."""
        return contracts(self.modules)

    def _repr_html_(self) -> str:
        """What Jupyter shows: title, question, years, how many rows each table has and how firm they are."""
        settings = self.settings
        facts = [
            ("title", settings.title),
            ("question", settings.question),
            ("years", ", ".join(map(str, self.years))),
        ]
        shares = quality_shares(self.tables)
        rows = [
            [str(row["table"]), f"{row['rows']:,}", *(f"{100 * row[name]:.0f} %" for name in QUALITIES)]
            for row in shares[shares["rows"] > 0].to_dict("records")
        ]
        columns = ["table", "rows", *(name.replace("_", " ") for name in QUALITIES)]
        return card(f"Scenario {self.name}", facts, columns, rows)

    def with_(self, **changes: Any) -> Scenario:
        """A changed copy: `with_(demand={"growth": "high"}, devices={"ascend_910c": {"price_cny": 1}}, years=[2028])`.

        Takes what a scenario file takes; `tables` takes frames. The copy is validated again.
        """
        name = changes.pop("name", self.name)
        given = changes.pop("tables", {})
        for key in ("extends", "defaults"):
            if key in changes:
                raise InputError("belongs in a scenario file", where=HERE, key=key)
        layer = split(from_python(changes, HERE), self.contracts)
        if POLYGONS in layer.tables:
            raise InputError("names a file, which belongs in a scenario file", where=HERE, key=layer.outlines_key)
        with faults_of(self.modules):
            settings, origins, node = self._settings(layer)
            draft = Draft(self._placed(given), self.polygons, self.contracts, origins)
            draft.origins |= {f"tables/{table}": HERE for table in given}
            draft.apply(layer.rows)
            tables = draft.finish(settings, node)
        changed: dict[str, Any] = {"settings": settings, "tables": tables, "polygons": draft.polygons}
        return replace(self, name=str(name), origins=draft.origins, **changed)

    def with_modules(self, modules: Iterable[ModuleType]) -> Scenario:
        """The scenario with model modules from outside the package beside those that it has, checked again.

        A module takes the place of one of its name; a section that is new has its defaults, a table no rows.
        """
        added = {section_of(module): module for module in checked(modules)}
        kept = {section_of(module): module for module in self.modules}
        if all(kept.get(name) is module for name, module in added.items()):
            return self
        for name in added.keys() & kept.keys():
            if is_absent(kept[name]):
                warn_if_changed(describe(kept[name]), added[name])
        with faults_of(added.values()):
            return self._having(contracts(tuple({**kept, **added}.values())))

    def _having(self, known: Contracts) -> Scenario:
        """The scenario with the sections and tables of `known`, checked again."""
        plain = from_python(self.settings.model_dump(mode="json"), self._place)
        settings = check_settings(plain, known.settings)
        origins = {**default_origins(settings, Node({}, "")), **self.origins}
        before = self.contracts.tables
        same = {name: self.tables[name] for name, row in known.tables.items() if before.get(name) is row}
        new = {
            name: _rebuilt(self.tables[name], row, f"table {name}") if name in self.tables else empty_frame(row)
            for name, row in known.tables.items()
            if name not in same
        }
        draft = Draft(PlacedTables(same, new), self.polygons, known, origins)
        tables = draft.finish(settings, plain)
        return replace(self, settings=settings, tables=tables, origins=origins, modules=known.modules)

    def _place(self, path: tuple[str, ...]) -> str:
        return self.origins.get(".".join(path[:2]), "default")

    def __getstate__(self) -> dict[str, Any]:
        """Modules travel by name and file, and what their `Data` made as plain values."""
        state = dict(self.__dict__)
        if self.modules:
            state["modules"] = tuple(packed(module) for module in self.modules)
            state["settings"] = self.settings.model_dump_json()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        if state["modules"]:
            modules = tuple(unpacked(text) for text in state["modules"])
            settings = contracts(modules).settings.model_validate_json(state["settings"], strict=True)
            state = {**state, "modules": modules, "settings": settings}
        self.__dict__.update(state)

    def _settings(self, layer: Layer) -> tuple[Settings, dict[str, str], Node | None]:
        if not layer.settings.value:
            return self.settings, dict(self.origins), None
        plain = self.settings.model_dump(mode="json")
        base = from_python(plain, self._place)
        node = merge(base, layer.settings)
        settings = check_settings(node, self.contracts.settings)
        before, after = flat_settings(self.settings), flat_settings(settings)
        given = {f"{name}.{key}" for name, node in layer.settings.items() for key, _ in node.items()}
        given |= set(layer.settings.value)
        changed = {key: HERE for key in after if key in given or before.get(key) != after[key]}
        return settings, {**self.origins, **changed}, node

    def _placed(self, given: Mapping[str, pd.DataFrame]) -> PlacedTables:
        rows = self.contracts.tables
        for table in given:
            if table not in rows:
                raise InputError("unknown table", where=HERE, key=f"tables.{table}")
        frames = {table: _rebuilt(given[table], rows[table], HERE) for table in rows if table in given}
        return PlacedTables(self.tables, frames)

    def origin(self, key: str) -> str:
        """Where a value comes from: `devices.surge`, or `devices/alpha/price_cny` (then with the row's source)."""
        if key in self.origins:
            return self.origins[key]
        table, *path = key.split("/")
        row = self.contracts.tables.get(table)
        if row is None or not path:
            raise KeyError(key)
        above = "/".join([table, *path[: len(row.key)]])
        if above in self.origins:
            return self.origins[above]
        frame = self.tables[table]
        places = row_keys(frame, row)
        wanted = "/".join(path[: len(row.key)])
        return f"{self.origins.get(f'tables/{table}', table)} ({frame['source'].iloc[places.index(wanted)]})"

    def to_dict(self) -> dict[str, Any]:
        """What `save` writes as scenario.yaml: every setting, and the tables as files beside it."""
        files = {table: f"inputs/{table}.csv" for table in self.tables}
        settings = self.settings.model_dump(mode="json")
        if self.polygons is not None:
            settings["geography"]["regions"] = "inputs/regions.geojson"
        return {"name": self.name, "defaults": "none", **settings, "tables": files}

    def to_yaml(self) -> str:
        """The same as YAML, each value with its origin."""
        lines = []
        for key, value in self.to_dict().items():
            if isinstance(value, dict) and value:
                lines.append(f"{key}:")
                lines += [f"  {_line(name, inner, self._said(key, name))}" for name, inner in value.items()]
            else:
                lines.append(_line(key, value, self.origins.get(key, "")))
        return "\n".join(lines) + "\n"

    def _said(self, key: str, name: str) -> str:
        if (key, name) == ("geography", "regions"):
            return self.origins.get(f"tables/{POLYGONS}", "")
        return self.origins.get(f"{key}/{name}" if key == "tables" else f"{key}.{name}", "")

    def save(self, folder: Path | str) -> None:
        """Write scenario.yaml, inputs/<table>.csv and inputs/regions.geojson: a scenario that runs as it is."""
        folder = Path(folder)
        inputs = folder / "inputs"
        inputs.mkdir(parents=True, exist_ok=True)
        for table, frame in self.tables.items():
            _write_csv(frame, inputs / f"{table}.csv")
        if self.polygons is not None:
            (inputs / "regions.geojson").write_text(self.polygons.to_json(ensure_ascii=False), encoding="utf-8")
        (folder / "scenario.yaml").write_text(self.to_yaml(), encoding="utf-8")


def _rebuilt(frame: pd.DataFrame, row: type[Row], where: str) -> pd.DataFrame:
    """A table checked row by row against a contract."""
    plain = frame.astype(object).where(frame.notna(), None)
    records = json.loads(json.dumps(plain.to_dict("records"), default=label))
    return build_frame(row, records, [f"{where}, row {number}" for number in range(1, len(frame) + 1)])


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    """A table that reads back as it is: text that a spreadsheet would run is guarded, a lone carriage return quoted."""
    quoting, out = csv.QUOTE_MINIMAL, frame.copy()
    for column in out.select_dtypes(include=["object", "string"]).columns:
        known = {cell: guarded(cell) if isinstance(cell, str) else cell for cell in out[column].unique()}
        out[column] = out[column].map(known)
        if any("\r" in cell for cell in known if isinstance(cell, str)):
            quoting = csv.QUOTE_ALL
    out.to_csv(path, index=False, lineterminator="\n", quoting=quoting)


def _line(key: str, value: Any, origin: str) -> str:
    comment = f"  # {origin}" if origin and origin.isprintable() else ""
    return f"{key}: {visible_json(value)}{comment}"
