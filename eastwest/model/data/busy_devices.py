"""How busy devices are: over what is energised, and what the busiest slice of each site takes of the installed."""

from __future__ import annotations

import pandas as pd

from eastwest.lp.solution import Solution
from eastwest.model.data import fleet
from eastwest.model.frames import product
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.thresholds import LEAST_DEVICES, ROUNDING


def utilisation(
    energised: pd.DataFrame, busy: pd.DataFrame, mean: pd.DataFrame, kinds: pd.Series, weights: pd.Series
) -> list[pd.DataFrame]:
    """Busy over energised by site and device: weighted mean, weighted 95th percentile and peak [1]."""
    keys = ["site", "device", "year"]
    stock = energised.set_index(keys)["value"]
    stock = stock[stock > LEAST_DEVICES]
    joined = busy.join(stock.rename("stock"), on=keys, how="inner")
    joined = joined.assign(use=joined["value"] / joined["stock"], weight=joined["slice"].map(weights).astype(float))
    joined = joined.sort_values([*keys, "use"])
    share = joined.groupby(keys)["weight"].cumsum() / joined.groupby(keys)["weight"].transform("sum")
    p95 = joined[share >= 0.95 - ROUNDING].groupby(keys, as_index=False)["use"].first()
    peak = joined.groupby(keys, as_index=False)["use"].max()
    use = mean.join(stock.rename("stock"), on=keys, how="inner")
    use = use.assign(use=use["value"] / use["stock"])
    return [
        results_table.rows(name, "1", table.assign(kind=table["device"].map(kinds)), "use", item="device")
        for name, table in (("utilisation", use), ("utilisation_p95", p95), ("utilisation_peak", peak))
    ]


def busiest_hour(plan: Plan, solution: Solution, installed: pd.DataFrame) -> list[pd.DataFrame]:
    """Dense peak that each site's busiest slice takes, standby included, and what of the installed it leaves."""
    devices, sites = fleet.families(plan).set_index("device"), plan.table("sites").set_index("site")
    reserved = solution.value(plan.reserved, product(fleet.present(plan), plan.slices()[["slice"]]))
    keys = ["year", "site", "kind"]
    taken, there = (
        table.assign(
            kind=table["device"].map(devices["kind"]),
            value=table["value"] * table["device"].map(devices["peak_pflops"]).astype(float),
        )
        for table in (reserved, installed)
    )
    most = taken.groupby([*keys, "slice"])["value"].sum().groupby(keys).max()
    spare = there.groupby(keys)["value"].sum().sub(most, fill_value=0.0)
    parts = []
    for name, values in (("busiest_hour_peak", most), ("spare_peak", spare)):
        rows = values.rename("value").reset_index()
        parts.append(results_table.rows(name, "PFLOP/s", rows.assign(region=rows["site"].map(sites["region"]))))
    return parts
