"""What travels with a run of its groups of constraints: one row each, with what the group says of itself.

`limit` is the name in words that rows of the results table carry in `item`; `step` is what a planner would ask for, in
the unit of the right-hand side; `setting` is the key of the scenario that says what a rule asks; `assets`, with spaces
between them, are what the right-hand side is the capacity of.
"""

from __future__ import annotations

import pandas as pd

COLUMNS = ["constraint", "limit", "kind", "span", "unit", "step", "rule", "setting", "module", "assets"]


def table(records: list[dict[str, object]]) -> pd.DataFrame:
    """A frame with these columns; text is never missing, `step` is a number."""
    frame = pd.DataFrame(records, columns=COLUMNS)
    text = [column for column in COLUMNS if column != "step"]
    return frame.assign(**{column: frame[column].astype(object).fillna("").astype(str) for column in text}).astype(
        {"step": float}
    )


def meaning(items: pd.Series, constraints: pd.DataFrame) -> pd.DataFrame:
    """For each item of the results table what its limit declares, indexed like `items`; empty where it names none.

    Columns as above and `detail`: what stands behind the name of the limit, as `hall_dense` in `hall: hall_dense`.
    """
    known = constraints[constraints["limit"] != ""].drop_duplicates("limit").set_index("limit")
    longest_first = sorted(known.index, key=len, reverse=True)
    records = []
    for item in items.astype(str).unique():
        limit = next((name for name in longest_first if item == name or item.startswith(f"{name}: ")), "")
        own = known.loc[limit].to_dict() if limit else {**dict.fromkeys(COLUMNS, ""), "step": 1.0}
        records.append({**own, "limit": limit, "detail": item[len(limit) + 2 :] if limit else "", "item": item})
    frame = pd.DataFrame(records, columns=["item", *COLUMNS, "detail"]).set_index("item")
    return frame.loc[items.astype(str)].set_axis(items.index)
