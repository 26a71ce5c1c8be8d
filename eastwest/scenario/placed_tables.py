"""The tables of a scenario while it is put together: each row with its place, and which tables have changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping

import pandas as pd

from eastwest.schema.contract import WHERE


class PlacedTables(MutableMapping[str, pd.DataFrame]):
    """Tables with the place of every row, while a scenario is put together.

    Of the tables that are `checked` already only those that are read get the column of places, and only those that
    another frame was put in place of have changed.
    """

    def __init__(self, checked: Mapping[str, pd.DataFrame], given: Mapping[str, pd.DataFrame]) -> None:
        self.checked = checked
        self._frames = dict(given)
        self._read: dict[str, pd.DataFrame] = {}

    def __getitem__(self, table: str) -> pd.DataFrame:
        if table not in self._frames:
            placed = self.checked[table].assign(**{WHERE: f"table {table}"})
            self._frames[table] = self._read[table] = placed
        return self._frames[table]

    def __setitem__(self, table: str, frame: pd.DataFrame) -> None:
        self._frames[table] = frame

    def __delitem__(self, table: str) -> None:
        del self._frames[table]

    def __iter__(self) -> Iterator[str]:
        return iter({**self.checked, **self._frames})

    def __len__(self) -> int:
        return len({**self.checked, **self._frames})

    def changed(self) -> set[str]:
        """Tables that are not as they were checked."""
        return {table for table, frame in self._frames.items() if frame is not self._read.get(table)}
