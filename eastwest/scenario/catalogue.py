"""What the package's tables hold: rows, columns, units, and how firm the figures are."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from eastwest.errors import InputError
from eastwest.scenario.columns import columns, empty_frame
from eastwest.scenario.files import Reader, package_folder
from eastwest.scenario.messages import unknown
from eastwest.scenario.settings import contracts
from eastwest.scenario.tables_source import read_csv
from eastwest.schema.contract import Quality

QUALITIES = [quality.value for quality in Quality]
KINDS = {"text": "text", "number": "number", "whole": "whole number", "truth": "true or false", "date": "date"}


def package_tables() -> dict[str, pd.DataFrame]:
    """Every table of the package, checked row by row; one that the package does not carry is empty."""
    folder = package_folder("data")
    reader = Reader(folder)
    tables = {}
    for name, row in contracts().tables.items():
        path = folder / f"{name}.csv"
        if row.may_be_empty and not path.is_file():
            tables[name] = empty_frame(row)
        else:
            tables[name] = read_csv(reader.read(path, key=f"tables.{name}"), reader.label(path), name, row)
    return tables


def data_catalogue(tables: Mapping[str, pd.DataFrame] | None = None) -> pd.DataFrame:
    """One row per table: what it holds, rows, columns, the share of its rows by quality [1], and the package's file."""
    tables = package_tables() if tables is None else tables
    rows = contracts().tables
    shares = quality_shares(tables).set_index("table")
    records = []
    for name, row in rows.items():
        path = package_folder("data") / f"{name}.csv"
        record = {"table": name, "about": row.about, "rows": len(tables[name]), "columns": len(columns(row))}
        shown = path.name if path.is_file() else ""
        part = {quality: float(shares.at[name, quality]) for quality in QUALITIES}
        records.append({**record, **part, "file": shown})
    return pd.DataFrame(records)


def quality_shares(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Share of each table's rows by quality (official to assumption) [1], and of all rows together as 'all'."""
    counts = {name: _counts(frame) for name, frame in tables.items()}
    together = pd.DataFrame(counts).T.reindex(columns=QUALITIES).astype(float)
    together.loc["all"] = together.sum()
    rows = together.sum(axis=1)
    shares = together.div(rows.where(rows > 0), axis=0).fillna(0.0)
    shares.insert(0, "rows", rows.astype(int))
    return shares.rename_axis("table").reset_index()


def _counts(frame: pd.DataFrame) -> dict[str, int]:
    found = frame["quality"].value_counts()
    return {name: int(found.get(name, 0)) for name in QUALITIES}


def table_fields(name: str) -> pd.DataFrame:
    """Columns of a table: column, type, unit, description, key, may_be_empty, refers_to."""
    rows = contracts().tables
    if name not in rows:
        raise InputError(unknown(name, rows, "table"), key=name)
    row = rows[name]
    records = [
        {
            "column": column.name,
            "type": KINDS[column.kind],
            "unit": column.unit,
            "description": column.description,
            "key": column.is_key,
            "may_be_empty": column.optional or column.default == "",
            "refers_to": row.refers.get(column.name, ""),
        }
        for column in columns(row).values()
    ]
    return pd.DataFrame(records)
