"""The tables that a map is drawn of, and the routes among them that leave their region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from eastwest.results.dataset import AnyColumn, Column, Dataset, Ratio, gather

ASSETS = {
    "grid": ("Grid connection taken", "Grid connection", "Grid connection, share taken"),
    "hall_dense": ("Dense hall used", "Dense hall", "Dense hall, used"),
    "hall_standard": ("Standard hall used", "Standard hall", "Standard hall, used"),
}
"""Assets of a site: what is used of each, what there is, and the share, in words."""
ALL = "all: "
"""A group of all tasks of a kind is called `all: intelligent`; no identifier holds a colon."""
SMALL = 0.02
"""Lines that together carry less than this share of what leaves its region are left out of the picture."""


@dataclass(frozen=True)
class Tables:
    """The datasets that a map is drawn of."""

    sites: Dataset
    """by year and site: what is taken, and capacity, of grid and halls [MW]"""
    compute: Dataset
    """by year, site and kind: devices, served"""
    provinces: Dataset
    """by year, region and kind: demand, unserved, its share"""
    flows: Dataset
    """by year, kind, task, region and site: served, round trip; own provinces as well"""

    @classmethod
    def of(cls, table: pd.DataFrame) -> Tables:
        """Gathered from the results table."""
        whole = {"slice": ""}
        power: dict[str, AnyColumn] = {}
        for asset, (used, capacity, share) in ASSETS.items():
            power[f"{asset}_used"] = Column(used, "used", "MW", {"item": asset})
            power[f"{asset}_capacity"] = Column(capacity, "capacity", "MW", {"item": asset})
            power[f"{asset}_share"] = Ratio(share, f"{asset}_used", f"{asset}_capacity")
        compute = {
            "energised": Column("Devices energised", "energised", "devices", fill=0.0),
            "served": Column("Served", "served", "PFLOP/s", fill=0.0),
        }
        provinces: dict[str, AnyColumn] = {
            "demand": Column("Demand", "demand", "PFLOP/s"),
            "unserved": Column("Unserved", "unserved", "PFLOP/s", fill=0.0),
            "share": Ratio("Unserved, share of demand", "unserved", "demand"),
        }
        flows = {
            "served": Column("Served", "served", "PFLOP/s"),
            "round_trip": Column("Round trip", "served_round_trip_ms", "ms", how="max"),
        }
        site, region = ["year", "site"], ["year", "region", "kind"]
        route = ["year", "kind", "task", "region", "site"]
        return cls(
            gather(table, "map_sites", "Sites: power used and capacity", site, power, where=whole),
            gather(table, "map_site_compute", "Sites: compute by kind", [*site, "kind"], compute, where=whole),
            gather(table, "map_regions", "Regions: demand and what is unserved", region, provinces, where=whole),
            gather(table, "map_flows", "Who is served where", route, flows, where=whole),
        )


def routes_of(flows: pd.DataFrame, homes: Mapping[str, str]) -> pd.DataFrame:
    """Routes that leave their region, by year and group (each task, and all tasks of a kind); the largest first.

    `homes` is the region of each site. `share` is of all that the group serves, own regions too. The smallest, which
    together carry less than 2 % of what leaves its region, are left out.
    """
    flows = flows[flows["served"] > 0]
    keys, groups = ["year", "group", "region", "site"], ["year", "group"]
    of_kind = flows.assign(group=ALL + flows["kind"].map(str))
    summed = of_kind.groupby(keys, as_index=False).agg({"served": "sum", "round_trip": "max"})
    routes = pd.concat([summed, flows.assign(group=flows["task"])[summed.columns]], ignore_index=True)
    routes["share"] = routes["served"] / routes.groupby(groups)["served"].transform("sum")
    routes = routes[routes["site"].map(homes) != routes["region"]]
    routes = routes.sort_values(["served", "region", "site"], ascending=[False, True, True], ignore_index=True)
    smaller = routes[::-1].groupby(groups)["served"].cumsum().reindex(routes.index)
    return routes[smaller >= SMALL * routes.groupby(groups)["served"].transform("sum")]
