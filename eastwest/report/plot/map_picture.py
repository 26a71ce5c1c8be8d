"""What a map shows, worked out once for all years: its tables; where everything is, in which colours and sizes.

Scales hold for all planning years, and for all runs that are drawn side by side, so that pictures can be laid beside
each other. Sizes are in pixels of a map 1,000 pixels wide, places in units of `map_layer.Frame`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from eastwest.formatting.colours import NO_DATA, SHADES, between
from eastwest.model import geography
from eastwest.report.plot import map_layer, order
from eastwest.report.plot.chart import Subject
from eastwest.report.plot.map_layer import Ring
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
MEASURES = {"demand": "demand", "unserved": "share"}
"""What regions are shaded by -> its column in the table of regions."""
LARGEST_PX, LEAST_PX = 38.0, 4.0
LABEL_MOST = 16
LETTER_PX, LINE_PX, WIDE_LETTER_PX = 6.6, 15.0, 12.5


def power_columns() -> dict[str, AnyColumn]:
    """What is taken of grid and halls, what there is [MW], and the share [1]: `grid_used`, `grid_capacity`, ..."""
    columns: dict[str, AnyColumn] = {}
    for asset, (used, capacity, share) in ASSETS.items():
        columns[f"{asset}_used"] = Column(used, "used", "MW", {"item": asset})
        columns[f"{asset}_capacity"] = Column(capacity, "capacity", "MW", {"item": asset})
        columns[f"{asset}_share"] = Ratio(share, f"{asset}_used", f"{asset}_capacity")
    return columns


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
            gather(table, "map_sites", "Sites: power used and capacity", site, power_columns(), where=whole),
            gather(table, "map_site_compute", "Sites: compute by kind", [*site, "kind"], compute, where=whole),
            gather(table, "map_regions", "Regions: demand and what is unserved", region, provinces, where=whole),
            gather(table, "map_flows", "Who is served where", route, flows, where=whole),
        )


@dataclass(frozen=True)
class Picture:
    """A run on a map."""

    subject: Subject
    tables: Tables
    frame: map_layer.Frame
    rings: Mapping[str, list[Ring]]
    """outlines of each region; none where the scenario has no polygons"""
    sites: pd.DataFrame
    """x and y by site"""
    labels: Mapping[str, str]
    """short names of clusters"""
    routes: pd.DataFrame
    """see `routes_of`; with x and y of the region, and x_to and y_to of the site"""
    most_mw: float
    """what the largest circle stands for; not a number where no site takes power"""
    most: Mapping[str, Mapping[str, float]]
    """measure -> kind -> what the darkest shade stands for"""
    classes: Mapping[str, Sequence[float]]
    """group of flows -> upper bounds of its classes of width [PFLOP/s]"""

    @cached_property
    def kinds(self) -> list[str]:
        """Kinds of compute that are asked for, intelligent first."""
        return order.kinds(self.tables.provinces.frame["kind"])

    @cached_property
    def kind_of(self) -> dict[str, str]:
        """The kind of compute of each group of flows: all of each kind, then task by task."""
        known = {f"{ALL}{kind}": kind for kind in self.kinds} | self.subject.task_kinds()
        return {key: kind for key, kind in known.items() if key in self.classes}

    def group_label(self, key: str) -> str:
        """What a group of flows is called."""
        say = self.subject.say
        if key.startswith(ALL):
            return say(f"All {key.removeprefix(ALL)} workloads")
        return f"{self.subject.names.said('task', key)} ({say.item(self.kind_of[key])})"

    def diameter(self, power_mw: Any) -> Any:
        """Of circles [px]: their area is proportional to the power; the least that is drawn is 4 pixels."""
        return np.round(np.fmax(LEAST_PX, LARGEST_PX * np.sqrt(power_mw / (self.most_mw or np.nan))), 1)

    def circles(self, year: int) -> pd.DataFrame:
        """Sites of a year: x, y, diameter [px], fullest [1], is_cluster; metros first, each from the largest down.

        `fullest` is how full the fullest of grid and halls is; not a number where no share is known.
        """
        rows = self.tables.sites.rows(year=year).set_index("site").reindex(self.sites.index)
        shares = rows[[f"{asset}_share" for asset in ASSETS]]
        found = self.sites.assign(
            diameter=self.diameter(rows["grid_used"]), fullest=shares.max(axis=1),
            is_cluster=self.sites.index.isin(list(self.labels)),
        )  # fmt: skip
        return found.sort_values(["is_cluster", "diameter", "site"], ascending=[True, False, True])

    def flows(self, year: int, group: str) -> pd.DataFrame:
        """Routes of a group in a year, the largest first; `width` is the class of each."""
        rows = self.routes[(self.routes["year"] == year) & (self.routes["group"] == group)]
        bounds = np.asarray(self.classes[group])
        widths = np.searchsorted(bounds, rows["served"].to_numpy() * (1 - 1e-12))
        return rows.assign(width=np.minimum(widths, len(bounds) - 1))

    def shades(self, measure: str, kind: str, year: int) -> dict[str, str]:
        """The colour of each region that has outlines; grey where there is no figure."""
        most = self.most[measure].get(kind) or np.inf
        rows = self.tables.provinces.rows(year=year, kind=kind).set_index("region")[MEASURES[measure]].dropna()
        known = {region: between(SHADES[measure], value / most) for region, value in rows.items()}
        return {region: known.get(region, NO_DATA) for region in self.rings}

    def shade_end(self, measure: str, kind: str) -> float:
        """The upper end of the bar of colours [PFLOP/s or %]."""
        return (self.most[measure].get(kind) or 1.0) * (100 if measure == "unserved" else 1)

    def sides(self, circles: pd.DataFrame, pixels_per_unit: float) -> dict[str, str]:
        """The side of its circle on which each cluster's label stands; none where there is no room."""
        points = circles[["x", "y"]].to_numpy(dtype=float) * pixels_per_unit
        widths = np.array([label_width(self.labels.get(site, "")) for site in circles.index])
        sides = map_layer.label_sides(points, circles["diameter"].to_numpy(), widths, LINE_PX)
        return {site: side for site, side in zip(circles.index, sides, strict=True) if side}


def label_width(label: str) -> float:
    """Width of a label [px], roughly."""
    return sum(WIDE_LETTER_PX if ord(letter) > 0x2E80 else LETTER_PX for letter in label)


def picture(subject: Subject, *beside: Subject) -> Picture:
    """Everything that maps of a run show; scales hold for the runs `beside` it as well."""
    scenario, runs = subject.scenario, (subject, *beside)
    tables = [Tables.of(run.table) for run in runs]
    routes = [routes_of(one.flows.frame, run.names.regions) for one, run in zip(tables, runs, strict=True)]
    most = pd.concat([one.provinces.frame for one in tables]).groupby("kind")[[*MEASURES.values()]].max().fillna(0.0)
    widest = pd.concat(routes).groupby("group")["served"].max()
    sites, polygons = scenario.tables["sites"], scenario.polygons
    regions = geography.region_points(scenario.tables["regions"], polygons)
    longitudes = np.append(regions["longitude_deg"], sites["longitude_deg"])
    latitudes = np.append(regions["latitude_deg"], sites["latitude_deg"])
    frame = map_layer.frame(polygons, longitudes, latitudes)
    places = _points(frame, sites, "site")
    known = routes[0].join(_points(frame, regions, "region"), on="region").join(places.add_suffix("_to"), on="site")
    known = known.dropna(subset=["x", "x_to"])
    clusters = sites.loc[sites["kind"] == "cluster", "site"].map(str)
    return Picture(
        subject,
        tables[0],
        frame,
        {} if polygons is None or polygons.empty else map_layer.outlines(polygons, frame),
        places,
        short_labels({site: subject.names.said("site", site) for site in clusters}),
        known[(known["x"] != known["x_to"]) | (known["y"] != known["y_to"])],
        float(pd.concat([one.sites.frame["grid_used"] for one in tables]).max()),
        {measure: most[column].to_dict() for measure, column in MEASURES.items()},
        {str(group): map_layer.classes([value]) for group, value in widest.items()},
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


def _points(frame: map_layer.Frame, table: pd.DataFrame, label: str) -> pd.DataFrame:
    """x and y by the label [units]."""
    places = frame.points(table["longitude_deg"], table["latitude_deg"]).round(1)
    return pd.DataFrame(places, pd.Index(table[label].map(str), name=label), ["x", "y"])


def short_labels(names: Mapping[str, str]) -> dict[str, str]:
    """Names as short as a map needs them: without the words that all of them end in, and without brackets."""
    bare = {key: re.sub(r"\s*\([^)]*\)", "", name).strip() or name for key, name in names.items()}
    gap = " " if any(" " in name for name in bare.values()) else ""
    parts = {key: name.split(" ") if gap else list(name) for key, name in bare.items()}
    shared = _shared_tail(list(parts.values()))
    short = {key: _cut(list(words[: len(words) - shared]), gap) for key, words in parts.items()}
    twice = pd.Series(short).duplicated(keep=False)
    return {key: _cut([name], gap, 2 * LABEL_MOST) if twice[key] else short[key] for key, name in bare.items()}


def _shared_tail(names: Sequence[Sequence[str]]) -> int:
    """How many last parts all names share; each keeps its first part."""
    count = 0
    if len(names) > 1:
        while all(len(name) > count + 1 for name in names) and len({name[-count - 1] for name in names}) == 1:
            count += 1
    return count


def _cut(parts: Sequence[str], gap: str, most: int = LABEL_MOST) -> str:
    if gap:
        while len(parts) > 1 and len(gap.join(parts)) > most:
            parts = parts[:-1]
    text = gap.join(parts)
    most = most if gap else most // 2
    return text if len(text) <= most else text[: most - 1] + "…"
