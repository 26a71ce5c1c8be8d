"""Demand and service by sector: manufacturing, healthcare, transport, finance, energy, government.

A sector's own tasks carry its name (`tasks.sector`). General-purpose work (chat, agents, batch, tuning) is *attributed*
by the table sector_shares: the same plan, shared out for reading; no figure of the plan depends on it. Kinds of compute
are never added.
"""

from __future__ import annotations

import pandas as pd

from eastwest.model.plan import Plan
from eastwest.schema import results_table

_KEYS = ["year", "kind", "sector"]
_RATE = "PFLOP/s"


def by_sector(table: pd.DataFrame, plan: Plan) -> list[pd.DataFrame]:
    """Rows sector_* and attributed_* of the results table, `item` the sector; nothing where no task has a sector."""
    tasks = plan.table("tasks")[["task", "sector", "tier"]]
    own = tasks[tasks["sector"] != ""].assign(share=1.0)
    if own.empty:
        return []
    shared = plan.table("sector_shares")[["task", "sector", "share"]]
    return [
        *_figures("sector", table, own, plan.table("sites")),
        *_figures("attributed", table, shared, plan.table("sites")),
        *_by_tier(table, tasks),
    ]


def _figures(name: str, table: pd.DataFrame, shares: pd.DataFrame, sites: pd.DataFrame) -> list[pd.DataFrame]:
    """Demand, served, unserved; of what is served: mean round trip, share in the West, share in the own region."""
    parts = []
    for quantity in ("demand", "served", "unserved"):
        rows = _shared(table[table["quantity"] == quantity], shares)
        if len(rows):
            total = rows.groupby(_KEYS, as_index=False)["value"].sum().rename(columns={"sector": "item"})
            parts.append(results_table.rows(f"{name}_{quantity}", _RATE, total))
    flows = _flows(table, sites)
    flows = _shared(flows, shares)
    if flows.empty:
        return parts
    total = flows.groupby(_KEYS)["value"].sum()
    for quantity, unit, column in (
        ("mean_round_trip_ms", "ms", "trip"),
        ("share_in_west", "1", "west"),
        ("share_in_own_region", "1", "home"),
    ):
        weighted = (flows["value"] * flows[column].astype(float)).groupby([flows[key] for key in _KEYS]).sum()
        mean = (weighted / total).rename("value").reset_index().rename(columns={"sector": "item"})
        parts.append(results_table.rows(f"{name}_{quantity}", unit, mean))
    return parts


def _shared(rows: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    rows = rows.merge(shares, on="task")
    return rows.assign(value=rows["value"] * rows["share"].astype(float))


def _flows(table: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Rows `served` with the round trip of the route, and whether it ends in the West and in the own region."""
    keys = ["year", "region", "task", "site", "kind"]
    trips = table[table["quantity"] == "served_round_trip_ms"][[*keys, "value"]].rename(columns={"value": "trip"})
    flows = table[table["quantity"] == "served"][[*keys, "value"]].merge(trips, on=keys)
    known = sites.set_index("site")
    return flows.assign(
        west=flows["site"].map(known["west"]).astype(bool), home=flows["site"].map(known["region"]) == flows["region"]
    )


def _by_tier(table: pd.DataFrame, tasks: pd.DataFrame) -> list[pd.DataFrame]:
    """Demand by security tier, of every task; `item` the tier."""
    rows = table[table["quantity"] == "demand"].merge(tasks[["task", "tier"]], on="task")
    total = rows.groupby(["year", "kind", "tier"], as_index=False)["value"].sum().rename(columns={"tier": "item"})
    return [results_table.rows("tier_demand", _RATE, total)]
