"""Rows of the results table find what their limit declared by its group of constraints."""

from __future__ import annotations

import pandas as pd
import pytest

from eastwest.schema.constraints_table import COLUMNS, for_sale, meaning, of_asset, table, told

KNOWN = table(
    [
        {"constraint": "hall", "limit": "hall", "kind": "limit", "span": "year", "unit": "MW", "step": 1.0,
         "assets": "hall_dense hall_standard"},
        {"constraint": "role", "limit": "role of a hub", "kind": "rule", "span": "year", "step": 9.0},
        {"constraint": "output", "limit": "output", "kind": "limit", "span": "hour", "step": 1.0, "assets": "wind"},
        {"constraint": "balance", "limit": None, "kind": "definition", "span": "hour", "step": 1.0, "rule": None},
    ]
)  # fmt: skip


def test_text_is_never_missing() -> None:
    assert list(KNOWN.columns) == COLUMNS
    assert KNOWN.loc[3, ["limit", "rule", "setting", "module", "assets"]].tolist() == [""] * 5


def test_each_row_finds_its_group_and_a_row_of_none_says_nothing() -> None:
    found = meaning(pd.Series(["role", "hall", "role", "", "roles"], index=[7, 3, 5, 1, 2]), KNOWN)
    assert found.index.tolist() == [7, 3, 5, 1, 2]
    assert found["kind"].tolist() == ["rule", "limit", "rule", "", ""]
    assert found["step"].tolist() == [9.0, 1.0, 9.0, 1.0, 1.0]
    assert found["limit"].tolist() == ["role of a hub", "hall", "role of a hub", "", ""]
    assert found["for_sale"].tolist() == [True, True, True, False, False]


def test_nothing_is_asked_of_nothing() -> None:
    assert meaning(pd.Series([], dtype=object), KNOWN).empty
    assert not meaning(pd.Series(["hall"]), table([]))["for_sale"].item()


@pytest.mark.parametrize(
    ("kind", "span", "listed", "sold"),
    [
        ("limit", "year", True, True), ("rule", "year", True, True), ("promise", "year", True, False),
        ("limit", "hour", False, False), ("rule", "hour", False, False), ("demand", "year", False, False),
        ("definition", "year", False, False), ("", "", False, False),
    ],
)  # fmt: skip
def test_limits_of_the_year_are_told_and_all_but_promises_for_sale(
    kind: str, span: str, listed: bool, sold: bool
) -> None:
    assert (told(kind, span), for_sale(kind, span)) == (listed, sold)


def test_an_asset_is_held_by_a_whole_group_or_by_rows_of_it() -> None:
    rows = pd.DataFrame(
        [
            ("hall", "hall: hall_dense"),
            ("hall", "hall: hall_standard"),
            ("output", "output: wind"),
            ("role", "hall_dense"),
        ],
        columns=["constraint", "item"],
    )
    assert of_asset(rows, "hall_dense", KNOWN).tolist() == [True, False, False, False]
    assert of_asset(rows, "wind", KNOWN).tolist() == [False, False, True, False]
