"""The one results table: every figure with its quantity, its unit and the labels it belongs to.

Rows that speak of a limit name its group of constraints in `constraint`, where they are made; by it readers find what
the limit declares. Where several groups share one limit and are told together, it is the first of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

LABELS = ["year", "region", "task", "site", "device", "corridor", "kind", "item", "slice", "constraint"]
COLUMNS = ["quantity", "unit", *LABELS, "value"]
DIGITS = 9
TOLD = (*LABELS, "vintage", "until")
"""Labels of a limit that are columns here, or years under another name; others stand beside it."""


def rows(quantity: str, unit: str, frame: pd.DataFrame, value: str = "value", **labels: str) -> pd.DataFrame:
    """Long rows from a table with a value column and any of the label columns; `labels` are the same for all rows."""
    out = pd.DataFrame(index=frame.index)
    out["quantity"], out["unit"] = quantity, unit
    for column in LABELS:
        if column in labels:
            out[column] = labels[column]
        elif column in frame:
            out[column] = frame[column]
        else:
            out[column] = 0 if column == "year" else ""
    out["value"] = frame[value].astype(float)
    return out


def one(quantity: str, unit: str, value: float, **labels: str) -> pd.DataFrame:
    """A single figure."""
    return rows(quantity, unit, pd.DataFrame({"value": [value]}), **labels)


def item(limit: str, labels: Mapping[str, object]) -> str:
    """Under which `item` a row of a limit is told: `output of own plants: wind`, its name with what has no column."""
    extra = [str(value) for label, value in labels.items() if label not in TOLD]
    return f"{limit}: {', '.join(extra)}" if extra else limit


def items(limit: str, table: pd.DataFrame, labels: Iterable[str]) -> pd.Series:
    """The same for every row of a table that has these labels."""
    extra = [label for label in labels if label not in TOLD]
    told = [item(limit, dict(zip(extra, row, strict=True))) for row in table[extra].itertuples(index=False, name=None)]
    return pd.Series(told or limit, index=table.index, dtype=object)


def assemble(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """One sorted table, values rounded to 9 significant digits so that equal runs give equal bytes."""
    table = pd.concat([part[COLUMNS] for part in parts if len(part)], ignore_index=True)
    for column in COLUMNS[:-1]:
        table[column] = (
            table[column].fillna(0).astype(int)
            if column == "year"
            else table[column].astype(object).fillna("").astype(str)
        )
    table["value"] = round_significant(table["value"].to_numpy(float))
    return table.sort_values(COLUMNS[:-1], kind="stable", ignore_index=True)


def round_significant(values: np.ndarray, digits: int = DIGITS) -> np.ndarray:
    """Round to significant digits; zero (never minus zero), infinities and gaps stay."""
    out = np.array(values, dtype=float)
    known = np.isfinite(out) & (out != 0)
    out[known] = [float(f"{value:.{digits - 1}e}") for value in out[known]]
    return out + 0.0
