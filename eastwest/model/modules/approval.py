"""What the approval letters of hubs say about their clusters: a ceiling on PUE, and which work a hub is for.

ceiling   sum rated power of bought devices in service <= tolerated MW, at clusters whose mean PUE is above the ceiling
          of their hub's letter                                                                   [MW IT], site, year
role      sum received real-time work - of regions the hub may serve in real time <= share x sum received work,
          at clusters of hubs whose role is `not_real_time`                            [PFLOP/s], site, kind, year

Real-time work: tasks that may not wait, window under 2 h (by the table, so that a coarse cut of the year changes
nothing). Kinds are never added. A rule binds clusters only: metros of the hub's regions serve their own city under no
letter. `real_time` hubs (Beijing-Tianjin-Hebei, Yangtze Delta, Greater Bay Area, Chengdu-Chongqing) are to take
real-time demand and bar nothing, so that role has no row; Guizhou, Inner Mongolia, Gansu and Ningxia are for work that
is not real-time, and Inner Mongolia also for the real-time work of Beijing-Tianjin-Hebei (`real_time_for`). PUE is that
of the whole site (sitework.mean_pue): the rule keeps new devices away, it changes no PUE.
Reads `served`, `bought`, `received`; tables sites, regions, tasks, devices, pue. Source: NDRC letters
2021-12 and 2022-02 (policy_targets.csv pt050, pt051, pt102, pt103; reference/clusters.csv, column approval_role).
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import pandas as pd
from pydantic import Field

from eastwest.lp.expression import Expression
from eastwest.lp.solution import Solution
from eastwest.model.data import fleet
from eastwest.model.data.sites import mean_pue
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.columns import Column
from eastwest.schema.contract import Contract, Finite, HubName, NonNegative, Share
from eastwest.schema.metrics import HUB, NAN, VALUE, Metric, View
from eastwest.schema.thresholds import LEAST_WORK, NOTHING

_REAL_TIME_HOURS = 2


_POWER = {name: Column(name, name, "MWh") for name in ("electricity", "it_electricity")}


def _pue_of_new(view: View) -> float:
    """The highest PUE of a site where something is bought that enters service in the year."""
    bought = view.pick("bought_peak")
    places = [view._replace(sites={site}) for site in sorted(set(bought.loc[bought["value"] > 0, "site"]))]
    power = [[place.figure(column) for column in _POWER.values()] for place in places]
    return max((whole / load for whole, load in power if load > 0), default=NAN)


_RULE: dict[str, Any] = {
    "at_most": True, "setting": {"pue_ceilings": {HUB: VALUE}},
    "remark": "PUE is the site's own, of old and new halls: the rule keeps new compute away and lowers no PUE",
}  # fmt: skip
_LETTER = Metric(
    "PUE ceiling of the letter", "1", _POWER["electricity"], over=_POWER["it_electricity"], by_site=True, **_RULE
)
_NEW = Metric("highest PUE where something is bought", "1", _pue_of_new, lacks="nothing is bought", **_RULE)


class Data(Contract):
    """Approval letters of hubs, as far as they bind clusters; nothing by default."""

    metrics: ClassVar[dict[str, Metric]] = {
        "pue_max_east_and_chengyu": _LETTER, "pue_max_west": _LETTER, "new_large_dc_pue_max": _NEW,
        "new_hub_dc_pue_max": _NEW,
    }  # fmt: skip
    pue_ceilings: dict[HubName, Finite] | None = Field(
        None, description="by hub: clusters of a higher mean PUE get no new compute, as {gz: 1.2} [1]"
    )
    pue_tolerated_mw: NonNegative = Field(0.0, description="rated power that such a cluster may add all the same [MW]")
    roles: dict[HubName, Literal["real_time", "not_real_time"]] | None = Field(
        None, description="by hub: what its clusters are for; real_time bars nothing"
    )
    real_time_share: Share = Field(
        0.0, description="real-time work that clusters of a not_real_time hub may receive, over all they receive [1]"
    )
    real_time_for: dict[HubName, tuple[HubName, ...]] | None = Field(
        None, description="by hub: hubs whose regions it serves in real time all the same, as {nm: [jjj]}"
    )


def build(plan: Plan) -> None:
    settings = plan.settings("approval")
    if settings.pue_ceilings:
        _no_new_above(plan, pd.Series(settings.pue_ceilings, dtype=float), settings.pue_tolerated_mw)
    barred = [hub for hub, role in (settings.roles or {}).items() if role == "not_real_time"]
    if barred:
        _keep_to_role(plan, barred, settings)


def _clusters(plan: Plan) -> pd.DataFrame:
    sites = plan.table("sites")
    return sites[sites["kind"] == "cluster"]


def _no_new_above(plan: Plan, ceilings: pd.Series, tolerated_mw: float) -> None:
    clusters = _clusters(plan).set_index("site")
    ceiling = clusters["hub"].map(ceilings).astype(float)
    above = mean_pue(plan).reindex(clusters.index) > ceiling + NOTHING
    buys = fleet.buyable(plan)
    buys = buys[buys["site"].isin(above.index[above])]
    alive = fleet.in_service(plan)
    alive = alive[alive > 0].index.to_frame(index=False)
    over = buys.merge(alive, on=["device", "vintage"])[["site", "year"]].drop_duplicates()
    if over.empty:
        return
    over = over.sort_values(["site", "year"], ignore_index=True)
    rated, limit = plan.bought * fleet.in_service(plan) * fleet.rated_mw(plan), "PUE ceiling for new compute"
    how: dict[str, Any] = {"kind": "rule", "limit": limit, "rule": limit, "setting": "pue_ceilings"}
    plan.constraints("pue_ceiling", over, rated, "<=", tolerated_mw, unit="MW", **how)


def _real_time(plan: Plan) -> pd.DataFrame:
    """Tasks that may not wait."""
    tasks = fleet.tasks(plan)
    return tasks[tasks["window_h"].astype(float) < _REAL_TIME_HOURS]


def _keep_to_role(plan: Plan, barred: list[str], settings: Data) -> None:
    sites, urgent = _clusters(plan), list(_real_time(plan)["task"])
    kinds = fleet.tasks(plan).set_index("task")["kind"]
    region_hub = plan.table("regions").set_index("region")["hub"]
    received, index = plan.received, plan.served.index
    parts, rows = Expression(), []
    for hub in barred:
        own = list(sites.loc[sites["hub"] == hub, "site"])
        exempt = region_hub.isin((settings.real_time_for or {}).get(hub, ()))
        regions = list(region_hub.index[~exempt])
        held = index[index["site"].isin(own) & index["task"].isin(urgent) & index["region"].isin(regions)]
        rows.append(held.assign(kind=held["task"].map(kinds))[["site", "kind", "year"]].drop_duplicates())
        parts = parts + plan.served.where(task=urgent, site=own, region=regions)
    over = pd.concat(rows).sort_values(["site", "kind", "year"], ignore_index=True)
    if over.empty:
        return
    left, limit = (parts - received * settings.real_time_share).label(kind=kinds), "role of a hub: real-time work"
    how: dict[str, Any] = {"kind": "rule", "limit": limit, "rule": "roles of hubs", "setting": "real_time_share"}
    plan.constraints("role", over, left, "<=", unit="PFLOP/s", scale=1e3, **how)


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    """Share of real-time work in what the clusters of each hub receive, by kind; the hub stands under `item`."""
    kinds, hubs = fleet.tasks(plan).set_index("task")["kind"], _clusters(plan).set_index("site")["hub"]
    received = solution.variables(plan.received)
    received = received[received["site"].isin(hubs.dropna().index)]
    if received.empty:
        return []
    received = received.assign(kind=received["task"].map(kinds), item=received["site"].map(hubs))
    keys = ["item", "kind", "year"]
    total = received.groupby(keys)["value"].sum()
    urgent = received[received["task"].isin(_real_time(plan)["task"])].groupby(keys)["value"].sum()
    share = (urgent.reindex(total.index, fill_value=0.0) / total)[total > LEAST_WORK]
    return [results_table.rows("real_time_share", "1", share.rename("value").reset_index())]
