"""What travels with a run of its groups of constraints: one row each, with what the group says of itself.

`limit` is the name in words that rows of the results table carry in `item`; `step` is what a planner would ask for, in
the unit of the right-hand side; `setting` is the key of the scenario that says what a rule asks; `assets`, with spaces
between them, are what the right-hand side is the capacity of.
"""

from __future__ import annotations

import pandas as pd

from eastwest.schema.results_table import item

COLUMNS = ["constraint", "limit", "kind", "span", "unit", "step", "rule", "setting", "module", "assets"]


def told(kind: str, span: str) -> bool:
    """Whether reports list it, with its price, as a limit that binds: all but demand, definitions and single hours."""
    return kind in ("limit", "rule", "promise") and span == "year"


def for_sale(kind: str, span: str) -> bool:
    """Whether somebody can be given more of it, so that it is relieved: not of a promise, which is for one case."""
    return told(kind, span) and kind != "promise"


def table(records: list[dict[str, object]]) -> pd.DataFrame:
    """A frame with these columns; text is never missing, `step` is a number."""
    frame = pd.DataFrame(records, columns=COLUMNS)
    text = [column for column in COLUMNS if column != "step"]
    return frame.assign(**{column: frame[column].astype(object).fillna("").astype(str) for column in text}).astype(
        {"step": float}
    )


def meaning(names: pd.Series, constraints: pd.DataFrame) -> pd.DataFrame:
    """What the group of each row of the results table (`constraint`) declares, indexed like `names`.

    Columns as above, `told` and `for_sale`; of a row that names no group empty text, step 1, neither told nor for sale.
    """
    nothing = {**dict.fromkeys(COLUMNS, ""), "step": 1.0, "told": False, "for_sale": False}
    known = {
        row["constraint"]: {
            **row,
            "told": told(row["kind"], row["span"]),
            "for_sale": for_sale(row["kind"], row["span"]),
        }
        for row in constraints.to_dict(orient="records")
    }
    found = [known.get(name, nothing) for name in names.unique()]
    frame = pd.DataFrame(found, columns=[*nothing], index=names.unique())
    return frame.loc[names].set_axis(names.index)


def of_asset(rows: pd.DataFrame, asset: str, constraints: pd.DataFrame) -> pd.Series:
    """Which rows (`constraint`, `item`) are of a limit that holds this asset: as a group holds it alone or by row."""
    found = meaning(rows["constraint"], constraints)
    held = [assets.split() for assets in found["assets"]]
    own = [item(limit, {"asset": asset}) for limit in found["limit"]]
    chosen = [
        asset in assets and (len(assets) == 1 or words == name)
        for assets, words, name in zip(held, rows["item"], own, strict=True)
    ]
    return pd.Series(chosen, index=rows.index, dtype=bool)
