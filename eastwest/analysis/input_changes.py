"""What differs between the inputs of scenarios: settings by key, tables by row and cell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from eastwest.schema.thresholds import NEGLIGIBLE

if TYPE_CHECKING:
    from eastwest.scenario import Scenario
    from eastwest.schema.contract import Row

MANY = 20
"""More cells of one column than this, all changed by one factor, are shown as one line."""

ABSENT = "(none)"
UNCOMPARED = ("source", "quality", "colour")
WITHOUT_EFFECT = ("title", "question", "notes", "name", "geography")
PARTS = ["table", "row", "column"]


def changed_settings(scenarios: Sequence[Scenario], names: Sequence[str]) -> pd.DataFrame:
    """Settings that differ, by dotted key, with the value in each scenario as text."""
    flat = [dict(_flattened(scenario.settings.model_dump(mode="json"))) for scenario in scenarios]
    keys = dict.fromkeys(key for settings in flat for key in settings)
    records = []
    for key in keys:
        values = [settings.get(key, ABSENT) for settings in flat]
        if key.split(".")[0] not in WITHOUT_EFFECT and any(value != values[0] for value in values):
            records.append([key, *[_text(value) for value in values]])
    return pd.DataFrame(records, columns=["key", *names], dtype="str")


def changed_cells(scenarios: Sequence[Scenario], names: Sequence[str]) -> pd.DataFrame:
    """Table cells that differ: table, row, column, key (`table/row/column`) and the value in each scenario as text."""
    records: list[list[str]] = []
    rows = _contracts(scenarios)
    for table in dict.fromkeys(name for scenario in scenarios for name in scenario.tables):
        frames = [scenario.tables.get(table) for scenario in scenarios]
        given = [frame if frame is not None else pd.DataFrame() for frame in frames]
        records += _table_changes(table, rows.get(table), given)
    records += _polygon_changes(scenarios)
    frame = pd.DataFrame(records, columns=[*PARTS, *names], dtype="str")
    key = frame["table"] + "/" + frame["row"] + "/" + frame["column"]
    frame.insert(0, "key", key.str.rstrip("/"))
    return frame


def origins(changes: pd.DataFrame, scenarios: Sequence[Scenario], names: Sequence[str]) -> pd.DataFrame:
    """Where the value of each changed setting or cell stands in each scenario: file and line, or the table's file.

    `changes` has the columns table, row, column and key, empty table for a setting.
    """
    out = changes[["key", "table", "column"]].copy()
    for name, scenario in zip(names, scenarios, strict=True):
        known: dict[str, str] = dict(getattr(scenario, "origins", {}))
        out[name] = [
            _cell(known, table, row, column) if table else _setting(known, key)
            for table, row, column, key in changes[["table", "row", "column", "key"]].itertuples(index=False, name=None)
        ]
    return out.astype("str")


def _cell(known: dict[str, str], table: str, row: str, column: str) -> str:
    """Where a cell stands, or its row that was added or removed; else the file of the table."""
    places = (f"{table}/{row}/{column}", f"{table}/{row}", f"removed/{table}/{row}", f"tables/{table}")
    return next((known[place] for place in places if place in known), "")


def _setting(known: dict[str, str], key: str) -> str:
    """Where a setting stands; an entry of a map (`water.cap_m3.mesa.2027`) stands where the map does."""
    parts = key.split(".")
    return next((known[path] for n in range(len(parts), 0, -1) if (path := ".".join(parts[:n])) in known), "")


def collapsed(cells: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Lines of cells: more than 20 of a column changed by one factor, or so many new rows, are one line.

    table, column, key, `cells` (how many the line is of), the value in each run (empty where the cells of a line have
    different ones), and `factor NAME` of each further run, by which all cells of the line are multiplied; 1 = as there.
    """
    records: list[list[object]] = []
    for (table, column), group in cells.groupby(["table", "column"], sort=False):
        found = [_factor(group[names[0]], group[name]) for name in names[1:]]
        known = [each for each in found if each is not None]
        if len(group) <= MANY or len(known) < len(found):
            nothing = [float("nan")] * len(found)
            records += [
                [table, column, *row, *nothing] for row in group.assign(n=1)[["key", "n", *names]].to_numpy().tolist()
            ]
            continue
        before = group[names[0]]
        first = before.iloc[0] if not column or before.nunique() == 1 else ""
        key = f"{table}/*/{column}" if column else f"{table}/*"
        values, factors = [value for value, _ in known], [factor for _, factor in known]
        records.append([table, column, key, len(group), first, *values, *factors])
    columns = ["table", "column", "key", "cells", *names, *(factor_in(name) for name in names[1:])]
    return pd.DataFrame(records, columns=columns)


def factor_in(name: str) -> str:
    """The column of what multiplies all cells of a line in a further run."""
    return f"factor {name}"


def in_words(lines: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The lines as `key` and a text for each run: `stock/*/devices`, `61 cells`, `x0.6`."""
    records = []
    for row in lines.to_dict(orient="records"):
        if row["cells"] == 1:
            records.append([row["key"], *(row[name] for name in names)])
            continue
        what = f"{row['cells']} cells" if row["column"] else f"{row['cells']} rows: {row[names[0]]}"
        factors = [row[factor_in(name)] for name in names[1:]]
        same = f"{'all ' * (not row[names[0]])}"
        texts = [f"{same}{row[name]}" if factor != factor else f"x{factor:.6g}"
                 for name, factor in zip(names[1:], factors, strict=True)]  # fmt: skip
        records.append([row["key"], what, *texts])
    return pd.DataFrame(records, columns=["key", *names], dtype="str")


def _table_changes(table: str, contract: type[Row] | None, frames: list[pd.DataFrame]) -> list[list[str]]:
    """One record per cell that differs, and one per row that some scenario lacks."""
    keys = _keys(contract, frames)
    texts = [_as_text(frame, keys) for frame in frames]
    rows = dict.fromkeys(row for text in texts for row in text.index)
    index = pd.Index(list(rows), dtype="str")
    records: list[list[str]] = []
    present = pd.DataFrame([index.isin(text.index) for text in texts], columns=index).T
    for row in index[~present.all(axis=1).to_numpy()]:
        records.append([table, row, "", *["row" if there else ABSENT for there in present.loc[row]]])
    common = index[present.all(axis=1).to_numpy()]
    for column in dict.fromkeys(column for text in texts for column in text.columns):
        values = [text[column].reindex(common) if column in text else pd.Series(ABSENT, index=common) for text in texts]
        differs = pd.concat([value != values[0] for value in values[1:]], axis=1).any(axis=1)
        for row in common[differs.to_numpy()]:
            records.append([table, row, column, *[value[row] for value in values]])
    return records


def _contracts(scenarios: Sequence[Scenario]) -> dict[str, type[Row]]:
    """The contract of every table that a scenario may have, modules from outside included."""
    from eastwest.scenario.settings import contracts

    return {table: row for scenario in scenarios for table, row in contracts(scenario.modules).tables.items()}


def _keys(contract: type[Row] | None, frames: list[pd.DataFrame]) -> list[str]:
    """The columns that name a row: the contract's, else every column that holds no floating-point numbers."""
    columns = [column for frame in frames for column in frame.columns]
    known = [key for key in contract.key if key in columns] if contract else []
    if known:
        return known
    longest = max(frames, key=len)
    return [c for c in longest.columns if not pd.api.types.is_float_dtype(longest[c]) and c not in UNCOMPARED][:1]


def _as_text(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Cells as text, labelled by row key; a second row with one key gets a number."""
    if frame.empty:
        return pd.DataFrame(index=pd.Index([], dtype="str"))
    label = frame[keys].map(_text).agg("/".join, axis=1)
    again = label.groupby(label).cumcount()
    label = label.where(again == 0, label + "#" + (again + 1).map(str))
    others = [column for column in frame.columns if column not in (*keys, *UNCOMPARED)]
    return frame[others].map(_text).set_axis(pd.Index(label, dtype="str"))


def _polygon_changes(scenarios: Sequence[Scenario]) -> list[list[str]]:
    shapes = [getattr(scenario, "polygons", None) for scenario in scenarios]
    marks = [ABSENT if frame is None else f"{len(frame)} polygons" for frame in shapes]
    data = [
        None if frame is None else (list(frame["region"]), [shape.wkb for shape in frame.geometry]) for frame in shapes
    ]
    if all(item == data[0] for item in data):
        return []
    same = ["as the first" if item == data[0] else "other shapes" for item in data]
    return [["regions.geojson", "", "", *[f"{mark}, {word}" for mark, word in zip(marks, same, strict=True)]]]


def _factor(before: pd.Series, after: pd.Series) -> tuple[str, float] | None:
    """The one value (and no factor), or the one factor, that takes every cell from one column to the other."""
    if after.nunique() == 1:
        return str(after.iloc[0]), float("nan")
    first, second = pd.to_numeric(before, errors="coerce"), pd.to_numeric(after, errors="coerce")
    if first.isna().any() or second.isna().any() or (first == 0).any():
        return None
    ratio = second / first
    return ("", float(ratio.iloc[0])) if (ratio / ratio.iloc[0] - 1).abs().max() < NEGLIGIBLE else None


def _flattened(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _flattened(part, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def _text(value: Any) -> str:
    """A cell as text: numbers by nine digits, nothing for what is missing."""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.9g}"
    return str(value)
