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


def bounds(bound: float | pd.Series, index: pd.DataFrame) -> pd.Series:
    """A number, or a labelled series, as a series labelled by all columns of `index`; unknown labels are gaps."""
    keys = pd.MultiIndex.from_frame(index) if index.shape[1] > 1 else pd.Index(index.iloc[:, 0])
    if not isinstance(bound, pd.Series):
        return pd.Series(float(bound), index=keys)
    own = pd.MultiIndex.from_frame(index[list(bound.index.names)])
    plain = own if own.nlevels > 1 else own.get_level_values(0)
    return pd.Series(pd.Series(plain.map(bound.to_dict()), dtype=float).to_numpy(), index=keys)
