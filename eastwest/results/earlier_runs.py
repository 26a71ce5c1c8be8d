"""Tables of runs that earlier versions wrote, as this version has them: today's names, and the limit of each row."""

from __future__ import annotations

import pandas as pd

from eastwest.schema.renames import ITEMS, KINDS, QUANTITIES, UNITS

OF_A_LIMIT = ("shadow_price", "relief", "relief_range", "device_worth")
"""Quantities whose item began with the name of the limit, when rows did not name its group."""


def of_now(table: pd.DataFrame, constraints: pd.DataFrame) -> pd.DataFrame:
    """The results table of any earlier run with the names of now and with `constraint`.

    A run of format 2 named limits in words alone: the group is the first of the longest name that the item begins with.
    Of format 1 it stays empty, since what its limits are is not known.
    """
    named = {"quantity": QUANTITIES, "unit": UNITS, "item": ITEMS, "kind": KINDS}
    table = table.assign(**{column: table[column].replace(names) for column, names in named.items()})
    return table if "constraint" in table else table.assign(constraint=_named(table, constraints))


def _named(table: pd.DataFrame, constraints: pd.DataFrame) -> pd.Series:
    known = constraints[constraints["limit"] != ""].drop_duplicates("limit")
    groups = dict(zip(known["limit"], known["constraint"], strict=True))
    longest_first = sorted(groups, key=len, reverse=True)
    items = table["item"].where(table["quantity"].isin(OF_A_LIMIT), "").astype(object)
    found = {
        item: next((groups[name] for name in longest_first if item == name or item.startswith(f"{name}: ")), "")
        for item in items.unique()
    }
    return items.map(found)
