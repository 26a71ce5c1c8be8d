"""Routes of a task: where it is served, which alternatives were how much dearer and why, which are barred."""

from __future__ import annotations

import pandas as pd

from eastwest.analysis.explain.case import PER_HOUR, Case
from eastwest.model.data import fleet
from eastwest.model.geography import LIMIT_TOLERANCE_MS
from eastwest.schema.thresholds import LEAST_WORK

TOO_FAR = "too far"


def price(case: Case, task: str, region: str) -> float:
    """What one more PFLOP/s of the task in the region costs [CNY/(PFLOP/s h)]."""
    rows = case.prices[case.prices["kind"] == "demand"]
    rows = rows[(rows["task"] == task) & (rows["region"] == region)]
    return float(rows["value"].iloc[0]) * PER_HOUR if len(rows) else 0.0


def served(case: Case, task: str, region: str = "") -> pd.DataFrame:
    """By site: pflops, share of demand [1], round_trip_ms; in one region also the parts of the price, per PFLOP/s h."""
    rows = case.of("served", task=task, region=region)
    rows = rows[rows["value"] > LEAST_WORK]
    trips = case.of("served_round_trip_ms", task=task, region=region).set_index(["region", "site"])["value"]
    keys = pd.MultiIndex.from_frame(rows[["region", "site"]])
    weighted = rows.assign(trip=rows["value"] * keys.map(trips.to_dict()).to_numpy(float))
    found = weighted.groupby("site", as_index=False)[["value", "trip"]].sum().rename(columns={"value": "pflops"})
    asked = float(case.of("demand", task=task, region=region)["value"].sum())
    found["share"] = found["pflops"] / asked if asked else float("nan")
    found["round_trip_ms"] = found.pop("trip") / found["pflops"]
    if region:
        found["reduced_cost"] = 0.0
        found = _with_parts(case, found, task, region)
    return found.sort_values("pflops", ascending=False, kind="stable", ignore_index=True)


def unserved(case: Case, task: str = "", region: str = "") -> float:
    """PFLOP/s that stay unserved."""
    return float(case.of("unserved", task=task, region=region)["value"].sum())


def alternatives(case: Case, task: str, region: str = "", site: str = "") -> pd.DataFrame:
    """Routes that are not used, the least dear first: reduced_cost and its parts [CNY/(PFLOP/s h)], round_trip_ms.

    Without a region the least dear of each site, with the region that it is of. `at_least` marks sites that do none of
    the task: prices of what is not done are not unique, and reduced_cost is the least that it adds.
    """
    rows = case.of("reduced_cost", task=task, region=region, site=site)
    rows = rows.sort_values(["value", "site", "region"], kind="stable")
    rows = rows if region else rows.drop_duplicates("site")
    found = rows[["site", "region"]].assign(reduced_cost=rows["value"] * PER_HOUR).reset_index(drop=True)
    trips = case.of("round_trip_ms").set_index(["region", "site"])["value"].to_dict()
    found["round_trip_ms"] = [trips.get(pair) for pair in zip(found["region"], found["site"], strict=True)]
    found["at_least"] = ~found["site"].isin(case.of("served", task=task)["site"])
    return _with_parts(case, found, task, region) if region else found


def _with_parts(case: Case, found: pd.DataFrame, task: str, region: str) -> pd.DataFrame:
    """price_there: one more PFLOP/s at the site; price_of_way: what is left of the whole, the way there."""
    there = case.by("service_price", "site", task=task) * PER_HOUR
    total = price(case, task, region) + found["reduced_cost"]
    here = found["site"].map(there).astype(float)
    return found.assign(price_there=here, price_of_way=total - here)


def barred(case: Case, task: str, region: str) -> pd.DataFrame:
    """Sites that the task cannot use from the region: reason, round_trip_ms, limit_ms."""
    usable = {
        *case.of("served", task=task, region=region)["site"],
        *case.of("reduced_cost", task=task, region=region)["site"],
    }
    plan = case.plan
    own = fleet.tasks(plan).set_index("task").loc[task]
    limit = float(own["round_trip_limit_ms"]) + plan.settings("latency").extra_sla_ms
    admissible = set(plan.routes.loc[(plan.routes["region"] == region) & (plan.routes["task"] == task), "site"])
    trips = plan.round_trips
    rows = trips[(trips["region"] == region) & ~trips["site"].isin(usable)]
    late = rows["round_trip_ms"] > limit + LIMIT_TOLERANCE_MS
    reason = pd.Series(f"its data must stay: residency {own['residency']}", index=rows.index, dtype=object)
    reason = reason.mask(rows["site"].isin(admissible), "no device that may run it stands or can be bought there")
    reason = reason.mask(late, TOO_FAR)
    found = rows[["site", "round_trip_ms"]].assign(limit_ms=limit, reason=reason)
    return found.sort_values("round_trip_ms", kind="stable", ignore_index=True)
