"""Stock that belongs to one owner: what of it others may use, and what pooling all stock of the hubs would be worth."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from eastwest.lp.highs import Outcome, Progress, Session
from eastwest.model.data import fleet
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.units import MONEY

ITEM = "full pooling of the hubs"


def usable(plan: Plan) -> pd.DataFrame:
    """Stock in place that its own users and others may use: site, device, year, share [1], devices.

    share = allocation + pooling x (1 - allocation): what is allocated is in use by its owner's customers.
    """
    share = plan.settings("resilience").pooling_share
    anchors = plan.table("anchors")
    anchor = anchors[anchors["anchor"] == plan.settings("demand").anchor].set_index("kind")
    kinds = fleet.families(plan).set_index("device")["kind"]
    found = fleet.in_place(plan)
    pooled = found["site"].map(dict(share)).astype(float).fillna(1.0) if isinstance(share, Mapping) else share
    allocated = found["device"].map(kinds).map(anchor["allocation"]).astype(float)
    found["share"] = allocated + (1.0 if pooled is None else pooled) * (1 - allocated)
    return found.assign(devices=found["devices"] * found["share"])


def pooling_relief(plan: Plan, session: Session, outcome: Outcome, progress: Progress) -> list[pd.DataFrame]:
    """What it saves that all stock in place at the hubs, metros of hub regions too, is open to everyone.

    A re-solve from the optimal basis, present value [million CNY]; nothing where no stock is kept to its owner.
    """
    rows = plan.pooling
    if rows is None:
        return []
    hubs = plan.table("sites").set_index("site")["hub"].notna()
    places = np.flatnonzero(rows.index["site"].map(hubs).to_numpy(bool))
    if not len(places):
        return []
    progress(f"re-solving with {ITEM}")
    keys = ["site", "device", "year"]
    whole = (
        fleet.in_place(plan).set_index(keys)["devices"].reindex(pd.MultiIndex.from_frame(rows.index)).to_numpy(float)
    )
    basis, none = session.basis(), np.full(len(places), -np.inf)
    session.set_row_bounds(rows.offset + places, none, whole[places])
    after = session.run("simplex")
    session.go_back(rows.offset + places, none, rows.right_hand_side[places], basis)
    if after.status != "optimal":
        plan.warnings.append(f"{ITEM} was not solved: {after.status}")
        return []
    saved = max(0.0, outcome.objective - after.objective)
    return [results_table.one("worth", MONEY, saved, item=ITEM, constraint=rows.name)]
