"""Small tables put together by position: products, rows as tuples, figures by label and by year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd


def with_year(table: pd.DataFrame) -> pd.DataFrame:
    """Rows labelled by `year`, by `vintage`, or some by one and some by the other: all by `year`."""
    if "vintage" not in table:
        return table
    if "year" not in table:
        return table.rename(columns={"vintage": "year"})
    return table.assign(year=table["year"].fillna(table["vintage"])).drop(columns="vintage")


def by_year(value: float | Mapping[int, float], years: tuple[int, ...]) -> pd.Series:
    """One figure for every planning year, or a figure for some, as a series labelled by year."""
    known = dict(value) if isinstance(value, Mapping) else dict.fromkeys(years, value)
    chosen = {year: float(known[year]) for year in years if year in known}
    return pd.Series(chosen, index=pd.Index(list(chosen), name="year", dtype=int), dtype=float)


def product(*frames: pd.DataFrame) -> pd.DataFrame:
    """All combinations of the rows of tables without common columns, those of the last one running fastest."""
    numbers = np.indices([len(frame) for frame in frames]).reshape(len(frames), -1)
    return pd.DataFrame(
        {
            name: frame[name].array.take(rows)
            for frame, rows in zip(frames, numbers, strict=True)
            for name in frame.columns
        }
    )


def tuples(table: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Rows as plain values, of some columns or of all; `itertuples` takes text out of its array cell by cell."""
    return list(zip(*(table[name].tolist() for name in columns or table.columns), strict=True))


def labelled(values: Mapping[Any, float], names: list[str]) -> pd.Series:
    """Figures by their labels (tuples) as a series with these names of its levels."""
    levels = list(zip(*values, strict=True)) or [()] * len(names)
    return pd.Series(list(values.values()), pd.MultiIndex.from_arrays(levels, names=names), dtype=float)
