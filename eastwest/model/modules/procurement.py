"""Whose devices may be bought and used: a floor on domestic ones, and tasks and places barred to foreign ones.

domestic  sum new domestic dense peak >= share x sum new dense peak                  [PFLOP/s intelligent], year
public    sum bought foreign peak in service <= (1 - public share) x sum bought peak in service
                                                          [PFLOP/s intelligent], publicly funded site, year
stock     sum energised foreign peak <= (1 - public share) x sum energised peak, where standing foreign devices may not
          be used there either                            [PFLOP/s intelligent], publicly funded site, year

Tasks barred to foreign devices have no row and so no price: the pairs of task and device do not exist (fleet.eligible);
what the ban costs is a second run without it. New = commitments after the anchor date + bought, in service in the year;
commitments at publicly funded sites are signed and stay.
Reads `bought`, `energised`; tables devices, commitments. Source: the project's issue on policy; which sites are
publicly funded, and with what share, is the scenario's to say (the data do not know).
"""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
from pydantic import Field

from eastwest.lp.expression import Expression
from eastwest.lp.solution import Solution
from eastwest.model.data import announced, fleet, new_compute
from eastwest.model.plan import Plan
from eastwest.schema.contract import Contract, Share, SiteName, TaskName


class Data(Contract):
    """Whose devices may be bought and used; everything by default."""

    domestic_share_of_new_intelligent: Share | None = Field(
        None, description="floor on domestic devices in new intelligent peak [1]"
    )
    foreign_barred_tasks: tuple[TaskName, ...] = Field((), description="tasks that may not run on foreign devices")
    publicly_funded_sites: dict[SiteName, Share] | None = Field(
        None, description="by site, the share of what is bought that is public money and buys no foreign devices [1]"
    )
    foreign_in_public_stock: Literal["kept", "off"] = Field(
        "kept", description="whether foreign devices that stand at publicly funded sites may be used"
    )


def build(plan: Plan) -> None:
    settings = plan.settings("procurement")
    if settings.domestic_share_of_new_intelligent is not None:
        new = new_compute.above_share(plan, "device", _domestic(plan), settings.domestic_share_of_new_intelligent)
        if new is not None:
            over, limit = pd.DataFrame({"year": list(plan.years)}), "floor on domestic devices in new compute"
            how: dict[str, Any] = {"kind": "rule", "limit": limit, "rule": limit, "announced": (announced.DEVICES,)}
            how["setting"] = "domestic_share_of_new_intelligent"
            plan.constraints("domestic_share", over, new, ">=", unit="PFLOP/s", scale=1e3, **how)
    public = pd.Series(settings.publicly_funded_sites or {}, dtype=float).rename_axis("site")
    if public.empty:
        return
    how = {"kind": "rule", "rule": "no foreign devices for public money", "unit": "PFLOP/s"}
    how["setting"] = "publicly_funded_sites"
    over, limit = _with_foreign(plan, public, fleet.buyable(plan)), "foreign devices bought for public money"
    if len(over):
        left = _foreign_above(plan, plan.bought * fleet.in_service(plan), public)
        plan.constraints("public_purchases", over, left, "<=", limit=limit, **how)
    over, limit = _with_foreign(plan, public, fleet.present(plan)), "foreign devices used for public money"
    if settings.foreign_in_public_stock == "off" and len(over):
        left = _foreign_above(plan, plan.energised, public)
        plan.constraints("public_stock", over, left, "<=", limit=limit, **how)


def _domestic(plan: Plan) -> pd.Series:
    return fleet.families(plan).set_index("device")["origin"] != "foreign"


def _with_foreign(plan: Plan, public: pd.Series, pairs: pd.DataFrame) -> pd.DataFrame:
    """Publicly funded sites and years where a foreign device may be; `pairs` has site, device, year or vintage."""
    domestic, size = _domestic(plan), new_compute.peak(plan)
    foreign = pairs[pairs["site"].isin(public.index) & pairs["device"].isin(size.index[~domestic[size.index]])]
    if "year" not in foreign:
        share = fleet.in_service(plan)
        alive = share[share > 0].index.to_frame(index=False)
        foreign = foreign.merge(alive, on=["device", "vintage"])
    return foreign[["site", "year"]].drop_duplicates().sort_values(["site", "year"], ignore_index=True)


def _foreign_above(plan: Plan, devices: Expression, public: pd.Series) -> Expression:
    """sum of peak x (foreign - (1 - public share)) by site and year [PFLOP/s]."""
    size = new_compute.peak(plan)
    foreign = (~_domestic(plan)).astype(float)[size.index]
    weight = {
        (site, device): size[device] * (foreign[device] - (1 - share))
        for site, share in public.items()
        for device in size.index
    }
    labelled = pd.Series(weight, dtype=float).rename_axis(["site", "device"])
    above: Expression = devices.where(device=list(size.index), site=list(public.index)) * labelled
    return above


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    bought = new_compute.bought(plan, solution)
    return new_compute.shares(plan, bought, {"domestic": ("device", _domestic(plan))})
