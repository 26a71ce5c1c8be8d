"""The tables that a map is drawn of, the routes among them that leave their region, and the scales of the map.

Scales hold for all planning years (and for all runs that are drawn side by side), so that pictures can be laid beside
each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from eastwest.report.plot.map_layer import classes
from eastwest.results.dataset import AnyColumn, Column, Dataset, Ratio, gather

POWER = (
    ("grid", "Grid connection taken", "Grid connection", "Grid connection, share taken"),
    ("hall_dense", "Dense hall used", "Dense hall", "Dense hall, used"),
    ("hall_standard", "Standard hall used", "Standard hall", "Standard hall, used"),
)
"""Assets of a site: what is used of it, what there is, and the share, in words."""
ASSETS = tuple(asset for asset, *_ in POWER)
ALL = "all: "
"""A group of all tasks of a kind is called `all: intelligent`; no identifier holds a colon."""
SMALL = 0.02
"""Lines that together carry less than this share of what leaves its region are left out of the picture."""
LARGEST_PX, LEAST_PX = 38.0, 4.0

Rows = Mapping[tuple[Any, ...], list[dict[str, Any]]]
"""Rows of a dataset by some of their labels."""
Routes = Mapping[tuple[int, str], pd.DataFrame]
"""Routes that leave their region, by year and group."""


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
        for asset, used, capacity, share in POWER:
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

    @cached_property
    def site_rows(self) -> Rows:
        """Rows of `sites` by year and site."""
        return _by(self.sites, "year", "site")

    @cached_property
    def compute_rows(self) -> Rows:
        """Rows of `compute` by year and site, intelligent first."""
        return _by(self.compute, "year", "site")

    @cached_property
    def region_rows(self) -> Rows:
        """Rows of `provinces` by year and region, intelligent first."""
        return _by(self.provinces, "year", "region")

    @cached_property
    def served_rows(self) -> Rows:
        """Rows of `flows` by year, region, site and kind."""
        return _by(self.flows, "year", "region", "site", "kind")

    def kinds(self) -> list[str]:
        """Kinds of compute that are asked for, intelligent first."""
        return sorted(set(self.provinces.frame["kind"]), key=lambda kind: (kind != "intelligent", kind))


def _by(dataset: Dataset, *labels: str) -> Rows:
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in sorted(dataset.frame.to_dict(orient="records"), key=lambda row: row.get("kind") != "intelligent"):
        found.setdefault(tuple(row[label] for label in labels), []).append(row)
    return found


@dataclass(frozen=True)
class Scales:
    """What the largest circle, the darkest shade and the widest line stand for; by kind, or by group of flows."""

    power_mw: float
    demand: Mapping[str, float]
    unserved: Mapping[str, float]
    classes: Mapping[str, Sequence[float]]
    """group of flows -> upper bounds of its classes of width [PFLOP/s]"""

    @classmethod
    def of(cls, tables: Sequence[Tables], routes: Sequence[Routes]) -> Scales:
        """Scales that hold for all years of these; `routes` are those of each."""
        provinces = pd.concat([one.provinces.frame for one in tables])
        most = provinces.groupby("kind")[["demand", "share"]].max().fillna(0.0)
        largest: dict[str, float] = {}
        for (_, group), rows in (pair for each in routes for pair in each.items()):
            largest[group] = max(largest.get(group, 0.0), float(rows["served"].max()))
        return cls(
            float(pd.concat([one.sites.frame["grid_used"] for one in tables]).max()),
            most["demand"].to_dict(),
            most["share"].to_dict(),
            {group: classes([value]) for group, value in largest.items()},
        )

    def diameter(self, power_mw: float) -> float:
        """Of the circle [px]: its area is proportional to the power; the least that is drawn is 4 pixels."""
        if not power_mw > 0 or not self.power_mw > 0:
            return LEAST_PX
        return round(max(LEAST_PX, LARGEST_PX * float(np.sqrt(power_mw / self.power_mw))), 1)


def routes_of(flows: pd.DataFrame, homes: Mapping[str, str]) -> Routes:
    """Routes that leave their region, by year and group: each task, and all tasks of a kind; the largest first.

    `homes` is the region of each site. `share` is of all that the group serves, own regions too; the smallest, which
    together carry less than 2 % of what leaves its region, lack `drawn`.
    """
    flows = flows[flows["served"] > 0]
    keys = ["year", "group", "region", "site"]
    of_kind = flows.assign(group=ALL + flows["kind"].map(str))
    summed = of_kind.groupby(keys, as_index=False).agg({"served": "sum", "round_trip": "max"})
    routes = pd.concat([summed, flows.assign(group=flows["task"])[summed.columns]], ignore_index=True)
    groups = ["year", "group"]
    routes["share"] = routes["served"] / routes.groupby(groups)["served"].transform("sum")
    routes = routes[routes["site"].map(homes) != routes["region"]]
    routes = routes.sort_values(["served", "region", "site"], ascending=[False, True, True], ignore_index=True)
    smaller = routes[::-1].groupby(groups)["served"].cumsum().reindex(routes.index)
    routes["drawn"] = smaller >= SMALL * routes.groupby(groups)["served"].transform("sum")
    return {(int(year), str(group)): rows for (year, group), rows in routes.groupby(groups)}
