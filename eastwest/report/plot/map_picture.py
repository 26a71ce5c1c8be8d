"""What a map shows, worked out once for every way to draw it: shades, circles, curves, their scales and their words.

Sizes are in pixels of a map 1,000 pixels wide, places in units of `map_layer.Frame`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from eastwest.formatting.language import Language
from eastwest.formatting.words import spaced
from eastwest.model import geography
from eastwest.report.plot import map_layer
from eastwest.report.plot.chart import Subject
from eastwest.report.plot.map_layer import Floats, Ring
from eastwest.report.plot.map_tables import ALL, ASSETS, Routes, Scales, Tables, routes_of

WIDTHS_PX = (0.7, 1.4, 2.5, 4.2, 6.5)
OPACITIES = (0.3, 0.38, 0.46, 0.56, 0.66)
LABEL_MOST = 16
LETTER_PX, LINE_PX, WIDE_LETTER_PX = 6.6, 15.0, 12.5


@dataclass(frozen=True)
class Circle:
    """A site."""

    site: str
    x: float
    y: float
    power_mw: float
    """grid connection taken; not a number where the run has no figure"""
    diameter: float
    utilisation: float
    """of the fullest of grid and halls [1]; not a number where none is known"""
    is_cluster: bool


@dataclass(frozen=True)
class Flow:
    """A route that leaves its province."""

    region: str
    site: str
    pflops: float
    round_trip_ms: float
    share: float
    width_class: int
    start: tuple[float, float]
    end: tuple[float, float]

    @property
    def curve(self) -> Ring:
        """Corners of the curve from the region to the site."""
        return map_layer.curve(self.start, self.end)

    @property
    def middle(self) -> tuple[int, int, float]:
        """The point half-way along it, and where it points there [degrees clockwise from up]."""
        return map_layer.middle(self.start, self.end)


@dataclass(frozen=True)
class Group:
    """Flows of a task, or of all tasks of a kind."""

    key: str
    kind: str
    label: str
    flows: tuple[Flow, ...]


@dataclass(frozen=True)
class Picture:
    """A run on a map: where everything is, in which scales."""

    subject: Subject
    tables: Tables
    scales: Scales
    frame: map_layer.Frame
    rings: Mapping[str, list[Ring]]
    """outlines of each region; none where the scenario has no polygons"""
    region_points: Mapping[str, tuple[float, float]]
    site_points: Mapping[str, tuple[float, float]]
    labels: Mapping[str, str]
    """short names of clusters"""
    routes: Routes

    @property
    def years(self) -> list[int]:
        """Planning years."""
        return self.subject.years

    def circles(self, year: int) -> list[Circle]:
        """Sites of a year: metros first, then clusters, each from the largest to the smallest."""
        found = []
        for site, (x, y) in self.site_points.items():
            row = self.tables.site_rows.get((year, site), [{}])[0]
            power = float(row.get("grid_used", np.nan))
            shares = [float(row.get(f"{asset}_share", np.nan)) for asset in ASSETS]
            fullest = max((share for share in shares if np.isfinite(share)), default=float("nan"))
            found.append(Circle(site, x, y, power, self.scales.diameter(power), fullest, site in self.labels))
        return sorted(found, key=lambda circle: (circle.is_cluster, -circle.diameter, circle.site))

    def groups(self, year: int) -> list[Group]:
        """Flows of a year: all of each kind first, then task by task as the table of tasks lists them."""
        kinds = self._kinds_of_tasks
        keys = [f"{ALL}{kind}" for kind in self.tables.kinds()] + list(kinds)
        drawn = [key for key in keys if key in self.scales.classes]
        return [self._group(key, kinds.get(key, key.removeprefix(ALL)), self.routes.get((year, key))) for key in drawn]

    def _group(self, key: str, kind: str, routes: pd.DataFrame | None) -> Group:
        flows: list[Flow] = []
        bounds = np.array(self.scales.classes[key])
        for row in [] if routes is None else routes[routes["drawn"]].to_dict(orient="records"):
            region, site, pflops = str(row["region"]), str(row["site"]), float(row["served"])
            ends = self.region_points.get(region), self.site_points.get(site)
            if ends[0] is not None and ends[1] is not None and ends[0] != ends[1]:
                place = min(int(np.searchsorted(bounds, pflops * (1 - 1e-12))), len(bounds) - 1)
                figures = (pflops, float(row["round_trip"]), float(row["share"]), place)
                flows.append(Flow(region, site, *figures, ends[0], ends[1]))
        return Group(key, kind, self.group_label(key), tuple(flows))

    def group_label(self, key: str) -> str:
        """What a group is called."""
        if key.startswith(ALL):
            return all_of_kind(self.subject, key.removeprefix(ALL))
        name, kind = self.subject.names.said("task", key), self._kinds_of_tasks.get(key, "")
        return f"{name} ({kind_word(self.subject.say, kind)})"

    @cached_property
    def _kinds_of_tasks(self) -> dict[str, str]:
        tasks = self.subject.scenario.tables["tasks"]
        return dict(zip(tasks["task"].map(str), tasks["kind"].map(str), strict=True))

    def value(self, measure: str, kind: str, region: str, year: int) -> float:
        """Demand [PFLOP/s] or unserved share [1] of a region; not a number where nothing is asked for."""
        rows = [row for row in self.tables.region_rows.get((year, region), []) if row["kind"] == kind]
        return float(rows[0]["demand" if measure == "demand" else "share"]) if rows else float("nan")

    def shade_most(self, measure: str, kind: str) -> float:
        """What the darkest shade stands for."""
        return (self.scales.demand if measure == "demand" else self.scales.unserved).get(kind, 0.0)

    def sides(self, circles: Sequence[Circle], pixels_per_unit: float) -> dict[str, str]:
        """The side of its circle on which each cluster's label stands; none where there is no room."""
        named = [circle for circle in circles if circle.is_cluster]
        others = [circle for circle in circles if not circle.is_cluster]
        if not named:
            return {}
        widths = np.array([label_width(self.labels[circle.site]) for circle in named])
        sides = map_layer.label_sides(
            _spots(named) * pixels_per_unit,
            _sizes(named),
            widths,
            LINE_PX,
            _spots(others) * pixels_per_unit,
            _sizes(others),
        )
        return {circle.site: side for circle, side in zip(named, sides, strict=True) if side}


def kind_word(say: Language, kind: str) -> str:
    """A kind of compute as an adjective."""
    words = {"intelligent": say("intelligent"), "general": say("general"), "super": say("super")}
    return words.get(kind, spaced(kind))


def all_of_kind(subject: Subject, kind: str) -> str:
    """All workloads of a kind of compute, in words."""
    words = {"intelligent": "All intelligent workloads", "general": "All general workloads"}
    words |= {"super": "All supercomputing workloads"}
    return subject.say(words[kind]) if kind in words else kind


def _spots(circles: Sequence[Circle]) -> Floats:
    return np.array([[circle.x, circle.y] for circle in circles], dtype=float).reshape(-1, 2)


def _sizes(circles: Sequence[Circle]) -> Floats:
    return np.array([circle.diameter for circle in circles], dtype=float)


def label_width(label: str) -> float:
    """Width of a label [px], roughly."""
    return sum(WIDE_LETTER_PX if ord(letter) > 0x2E80 else LETTER_PX for letter in label)


def picture(subject: Subject, *beside: Subject) -> Picture:
    """Everything that maps of a run show; scales hold for the runs `beside` it as well."""
    scenario, names = subject.scenario, subject.names
    tables = Tables.of(subject.table)
    routes = routes_of(tables.flows.frame, names.regions)
    others = [Tables.of(other.table) for other in beside]
    homes = [other.names.regions for other in beside]
    far = [routes_of(one.flows.frame, home) for one, home in zip(others, homes, strict=True)]
    sites, polygons = scenario.tables["sites"], scenario.polygons
    regions = geography.region_points(scenario.tables["regions"], polygons)
    longitudes = np.append(regions["longitude_deg"], sites["longitude_deg"])
    latitudes = np.append(regions["latitude_deg"], sites["latitude_deg"])
    frame = map_layer.frame(polygons, longitudes, latitudes)
    clusters = sites.loc[sites["kind"] == "cluster", "site"].map(str)
    return Picture(
        subject,
        tables,
        Scales.of([tables, *others], [routes, *far]),
        frame,
        {} if polygons is None or polygons.empty else map_layer.outlines(polygons, frame),
        _points(frame, regions, "region"),
        _points(frame, sites, "site"),
        short_labels({site: names.said("site", site) for site in clusters}),
        routes,
    )


def _points(frame: map_layer.Frame, table: pd.DataFrame, label: str) -> dict[str, tuple[float, float]]:
    places = frame.points(table["longitude_deg"], table["latitude_deg"]).round(1).tolist()
    return {str(key): (x, y) for key, (x, y) in zip(table[label], places, strict=True)}


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
