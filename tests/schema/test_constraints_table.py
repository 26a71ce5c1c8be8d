"""Items of the results table find what their limit declared."""

from __future__ import annotations

import pandas as pd

from eastwest.schema.constraints_table import COLUMNS, meaning, table

KNOWN = table(
    [
        {"constraint": "hall", "limit": "hall", "kind": "limit", "span": "year", "unit": "MW", "step": 1.0},
        {
            "constraint": "role",
            "limit": "role of a hub: real-time work",
            "kind": "rule",
            "span": "year",
            "step": 9.0,
        },
        {"constraint": "role2", "limit": "role of a hub", "kind": "promise", "span": "year", "step": 1.0},
        {"constraint": "balance", "limit": None, "kind": "definition", "span": "hour", "step": 1.0, "rule": None},
    ]
)


def test_text_is_never_missing() -> None:
    assert list(KNOWN.columns) == COLUMNS
    assert KNOWN.loc[3, ["limit", "rule", "setting", "module", "assets"]].tolist() == [""] * 5


def test_the_longest_name_counts_and_what_follows_it_is_detail() -> None:
    items = pd.Series(["hall: hall_dense", "role of a hub: real-time work", "hall", "halls", ""], index=[7, 3, 5, 1, 2])
    found = meaning(items, KNOWN)
    assert found.index.tolist() == [7, 3, 5, 1, 2]
    assert found["kind"].tolist() == ["limit", "rule", "limit", "", ""]
    assert found["detail"].tolist() == ["hall_dense", "", "", "", ""]
    assert found["step"].tolist() == [1.0, 9.0, 1.0, 1.0, 1.0]
    assert found["limit"].tolist() == ["hall", "role of a hub: real-time work", "hall", "", ""]


def test_nothing_is_asked_of_nothing() -> None:
    assert meaning(pd.Series([], dtype=object), KNOWN).empty
