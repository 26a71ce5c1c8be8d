"""Tables behind charts and sentences, each column of which says which rows of the results table it is made of.

A page embeds its datasets with these sources, so that every figure on it can be looked up in `results.parquet`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from eastwest.schema.columns import (
    HOWS,
    AnyColumn,
    Column,
    Computed,
    Difference,
    Given,
    Quantile,
    Ratio,
    Where,
)
from eastwest.schema.thresholds import ROUNDING

__all__ = [
    "AnyColumn", "Column", "Computed", "Dataset", "Difference", "Given", "Quantile", "Ratio", "Where", "chosen",
    "derived", "gather",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Dataset:
    """`frame` has a column for each label (identifiers of the scenario) and for each of `columns` (figures)."""

    name: str
    """identifier, unique on a page"""
    title: str
    labels: tuple[str, ...]
    columns: Mapping[str, AnyColumn]
    frame: pd.DataFrame

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """The columns of the frame, looked up a thousand times while a page is written."""
        return {str(name): self.frame[name].to_numpy() for name in self.frame}

    def figure(self, column: str, position: int) -> float:
        """The figure in the row at this position."""
        return float(self.arrays[column][position])

    def value(self, column: str, **labels: object) -> float:
        """The figure of the row with these labels; not a number where there is none."""
        rows = self.rows(**labels)
        return float(rows[column].iloc[0]) if len(rows) else float("nan")

    def unit(self, column: str, position: int) -> str:
        """The unit of a figure in the row at this position."""
        unit = self.columns[column].unit
        return str(self.arrays["unit"][position]) if not unit and "unit" in self.labels else unit

    def rows(self, **labels: object) -> pd.DataFrame:
        """Rows with these labels."""
        chosen = np.ones(len(self.frame), dtype=bool)
        for label, value in labels.items():
            chosen &= self.arrays[label] == value
        return self.frame[chosen]

    def but(self, frame: pd.DataFrame) -> Dataset:
        """The same with some of its rows, or in another order."""
        return replace(self, frame=frame.reset_index(drop=True))


def gather(
    table: pd.DataFrame,
    name: str,
    title: str,
    labels: Sequence[str],
    columns: Mapping[str, AnyColumn],
    *,
    where: Where | None = None,
    given: Mapping[str, pd.DataFrame] | None = None,
) -> Dataset:
    """Dataset of the results table: one row for each combination of labels that any column has.

    `where` holds for every column; `given` are the scenario's tables, for columns of inputs.
    """
    columns = {key: _within(column, where or {}) for key, column in columns.items()}
    table = table[table["quantity"].isin(_quantities(columns.values()))]
    own = {key: column for key, column in columns.items() if isinstance(column, Column)}
    parts = {key: _gathered(table, column, labels).rename(key) for key, column in own.items()}
    for key, column in columns.items():
        if isinstance(column, Quantile):
            parts[key] = _quantiles(table, column, labels).rename(key)
    frame = _joined(parts, labels)
    for key, column in columns.items():
        if isinstance(column, Column) and column.fill is not None:
            frame[key] = frame[key].fillna(column.fill)
        elif isinstance(column, Given):
            known = (given or {})[column.table].set_index(column.label)[column.column]
            frame[key] = frame[column.label].map(known).astype(float)
        elif isinstance(column, Ratio | Difference):
            frame[key] = derived(frame, column)
    return Dataset(name, title, tuple(labels), dict(columns), frame[[*labels, *columns]])


def _quantities(columns: Iterable[AnyColumn]) -> set[str]:
    """Quantities that any column is made of."""
    found: set[str] = set()
    for column in columns:
        if isinstance(column, Column):
            found |= {column.quantity} if isinstance(column.quantity, str) else set(column.quantity)
        elif isinstance(column, Quantile):
            found |= {column.quantity, column.weight}
    return found


def derived(frame: pd.DataFrame, column: Ratio | Difference) -> pd.Series:
    """The figures of a column that is made of two others."""
    if isinstance(column, Ratio):
        below = frame[column.below]
        return frame[column.above] / below.where(below != 0)
    less = frame[column.less]
    difference: pd.Series = frame[column.of] - less
    return difference / less.abs().where(less != 0) if column.relative else difference


def chosen(table: pd.DataFrame, quantity: str | tuple[str, ...], where: Where) -> pd.DataFrame:
    """Rows of a quantity whose labels have the values of `where`."""
    rows = table[table["quantity"].isin([quantity] if isinstance(quantity, str) else quantity)]
    for label, value in where.items():
        rows = rows[rows[label].isin(value) if isinstance(value, tuple) else rows[label] == value]
    return rows


def _within(column: AnyColumn, where: Where) -> AnyColumn:
    """The column with what holds for every column of the dataset, so that it says by itself what it is made of."""
    return replace(column, where={**where, **column.where}) if isinstance(column, Column | Quantile) else column


def _gathered(table: pd.DataFrame, column: Column, labels: Sequence[str]) -> pd.Series:
    if column.how not in HOWS:
        raise ValueError(f"received '{column.how}', expected one of {', '.join(HOWS)}")
    by, how = list(labels if column.by is None else column.by), "sum" if column.how == "only" else column.how
    unit = {} if not column.unit and "unit" in labels else {"unit": column.rows_unit or column.unit}
    rows = chosen(table, column.quantity, {**unit, **column.where})
    rows = rows.assign(value=rows["value"] * column.factor)
    if not by:
        value = getattr(rows["value"], how)() if len(rows) else np.nan
        return pd.Series([value], index=pd.Index([0]), dtype=float)
    grouped = rows.groupby(by, sort=True)["value"]
    if column.how == "only" and len(rows) and (grouped.size() > 1).any():
        raise ValueError(f"several rows of {column.quantity} for one row by {', '.join(by)}")
    found: pd.Series = getattr(grouped, how)()
    return found


def _quantiles(table: pd.DataFrame, column: Quantile, labels: Sequence[str]) -> pd.Series:
    keys = ["region", "task", "site", "year"]
    values = chosen(table, column.quantity, column.where)
    weights = chosen(table, column.weight, column.where).groupby(keys)["value"].sum().rename("weight").reset_index()
    rows = values[list(dict.fromkeys([*keys, *labels, "value"]))].merge(weights, on=keys).sort_values("value")
    by = list(labels) or (lambda index: 0)
    total = rows.groupby(by)["weight"].transform("sum")
    reached = rows.groupby(by)["weight"].cumsum() >= column.share * total * (1 - ROUNDING)
    found: pd.Series = rows[reached & (rows["weight"] > 0)].groupby(by)["value"].min()
    return found


def _joined(parts: Mapping[str, pd.Series], labels: Sequence[str]) -> pd.DataFrame:
    """All parts side by side; those by fewer labels are repeated over the others."""
    if not labels:
        return pd.DataFrame({key: part.reindex([0]) for key, part in parts.items()})
    full = [part for part in parts.values() if set(part.index.names) == set(labels)]
    index = full[0].index
    for part in full[1:]:
        index = index.union(part.index)
    frame = index.to_frame(index=False)[list(labels)]
    for key, part in parts.items():
        if list(part.index.names) == list(index.names):
            frame[key] = part.reindex(index).to_numpy()
        else:
            frame = frame.merge(part.reset_index(), on=list(part.index.names), how="left")
    return frame
