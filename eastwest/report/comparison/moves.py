"""Who moved where between two runs: work that left one place, matched with work that arrived at another."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eastwest.report.comparison.runs import GONE, NEW, UNSERVED
from eastwest.schema.thresholds import NEGLIGIBLE

BOTH = ("served", "unserved")
BETWEEN, ARRIVED, LEFT, LOST, FOUND = (
    "between sites", "new demand", "demand gone", "no longer served", "served at last",
)  # fmt: skip
WORK = ["year", "kind", "region", "task"]
RULE = (
    "For each region, task and year: what sites and the unserved lost from the first run to the other is matched with "
    "what sites and the unserved gained, each loss shared out over the gains in their proportion. Demand that only the "
    "other run has is a loss of '(new demand)'; demand that only the first has is a gain of '(demand gone)'."
)
"""For the sources of the dataset; the page says the same."""


def moved(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Work that left `from` and arrived at `to`, by year, kind, region and task [PFLOP/s of the kind].

    Both are rows of `served` and `unserved` of the results table. Where demand is equal, all moves of a region, task
    and year add up to half of the sum of absolute differences.
    """
    sides = [
        frame.assign(node=frame["site"].where(frame["quantity"] == "served", UNSERVED)).groupby([*WORK, "node"])
        for frame in (before, after)
    ]
    change = pd.concat([side["value"].sum() for side in sides], axis=1, keys=["before", "after"]).fillna(0.0)
    change["gain"] = change["after"] - change["before"]
    work = change.groupby(WORK)[["before", "after"]].sum()
    gain = change["gain"].reset_index()
    grown = (work["after"] - work["before"]).rename("gain").reset_index()
    grown["node"] = np.where(grown["gain"] > 0, NEW, GONE)
    every = pd.concat([gain, grown.assign(gain=-grown["gain"])], ignore_index=True)
    floor = every.merge(work.max(axis=1).rename("size").reset_index(), on=WORK)
    every = floor[floor["gain"].abs() > NEGLIGIBLE * floor["size"]]
    losses = every[every["gain"] < 0].rename(columns={"node": "from", "gain": "lost"})
    gains = every[every["gain"] > 0].rename(columns={"node": "to"})
    total = gains.groupby(WORK)["gain"].sum().rename("total").reset_index()
    pairs = losses.merge(gains, on=WORK).merge(total, on=WORK)
    pairs["moved"] = -pairs["lost"] * pairs["gain"] / pairs["total"]
    found = pairs[[*WORK, "from", "to", "moved"]].sort_values([*WORK, "from", "to"], ignore_index=True)
    return found[found["moved"] > 0].reset_index(drop=True)
