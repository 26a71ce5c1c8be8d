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

from eastwest.formatting.colours import KINDS, NO_DATA, NOTHING, SHADES, between
from eastwest.formatting.language import Language
from eastwest.formatting.words import spaced
from eastwest.model import geography
from eastwest.report.plot import map_layer
from eastwest.report.plot.chart import Subject
from eastwest.report.plot.map_layer import Ring
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


@dataclass(frozen=True)
class Group:
    """Flows of a task, or of all tasks of a kind."""

    key: str
    kind: str
    label: str
    colour: str
    bounds: Sequence[float]
    """of the classes of width [PFLOP/s]"""
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
        return [self._group(key, kind, year) for key, kind in self.kind_of.items() if key in self.scales.classes]

    def _group(self, key: str, kind: str, year: int) -> Group:
        flows: list[Flow] = []
        bounds, routes = self.scales.classes[key], self.routes.get((year, key))
        for row in [] if routes is None else routes[routes["drawn"]].to_dict(orient="records"):
            region, site, pflops = str(row["region"]), str(row["site"]), float(row["served"])
            ends = self.region_points.get(region), self.site_points.get(site)
            if ends[0] is not None and ends[1] is not None and ends[0] != ends[1]:
                place = min(int(np.searchsorted(bounds, pflops * (1 - 1e-12))), len(bounds) - 1)
                figures = (pflops, float(row["round_trip"]), float(row["share"]), place)
                flows.append(Flow(region, site, *figures, ends[0], ends[1]))
        return Group(key, kind, self.group_label(key), KINDS.get(kind, NOTHING), bounds, tuple(flows))

    def group_label(self, key: str) -> str:
        """What a group is called."""
        if key.startswith(ALL):
            return all_of_kind(self.subject, key.removeprefix(ALL))
        return f"{self.subject.names.said('task', key)} ({kind_word(self.subject.say, self.kind_of.get(key, ''))})"

    @cached_property
    def kind_of(self) -> dict[str, str]:
        """The kind of compute of each group of flows: all of each kind, then task by task."""
        return {f"{ALL}{kind}": kind for kind in self.tables.kinds()} | self.subject.task_kinds()

    def value(self, measure: str, kind: str, region: str, year: int) -> float:
        """Demand [PFLOP/s] or unserved share [1] of a region; not a number where nothing is asked for."""
        rows = [row for row in self.tables.region_rows.get((year, region), []) if row["kind"] == kind]
        return float(rows[0]["demand" if measure == "demand" else "share"]) if rows else float("nan")

    def shade_most(self, measure: str, kind: str) -> float:
        """What the darkest shade stands for."""
        return (self.scales.demand if measure == "demand" else self.scales.unserved).get(kind, 0.0)

    def shades(self, measure: str, kind: str, year: int) -> dict[str, str]:
        """The colour of each region that has outlines; grey where there is no figure."""
        most, found = self.shade_most(measure, kind), {}
        for region in self.rings:
            value = self.value(measure, kind, region, year)
            shade = between(SHADES[measure], value / most if most > 0 else 0.0) if np.isfinite(value) else NO_DATA
            found[region] = shade
        return found

    def shade_end(self, measure: str, kind: str) -> float:
        """The upper end of the bar of colours [PFLOP/s or %]."""
        return (self.shade_most(measure, kind) or 1.0) * (100 if measure == "unserved" else 1)

    def sides(self, circles: Sequence[Circle], pixels_per_unit: float) -> dict[str, str]:
        """The side of its circle on which each cluster's label stands; none where there is no room."""
        points = np.array([[circle.x, circle.y] for circle in circles]).reshape(-1, 2) * pixels_per_unit
        sizes = np.array([circle.diameter for circle in circles])
        widths = np.array([label_width(self.labels.get(circle.site, "")) for circle in circles])
        sides = map_layer.label_sides(points, sizes, widths, LINE_PX)
        return {circle.site: side for circle, side in zip(circles, sides, strict=True) if side}


def kind_word(say: Language, kind: str) -> str:
    """A kind of compute as an adjective."""
    words = {"intelligent": say("intelligent"), "general": say("general"), "super": say("super")}
    return words.get(kind, spaced(kind))


def all_of_kind(subject: Subject, kind: str) -> str:
    """All workloads of a kind of compute, in words."""
    words = {"intelligent": "All intelligent workloads", "general": "All general workloads"}
    words |= {"super": "All supercomputing workloads"}
    return subject.say(words[kind]) if kind in words else kind


def label_width(label: str) -> float:
    """Width of a label [px], roughly."""
    return sum(WIDE_LETTER_PX if ord(letter) > 0x2E80 else LETTER_PX for letter in label)


def picture(subject: Subject, *beside: Subject) -> Picture:
    """Everything that maps of a run show; scales hold for the runs `beside` it as well."""
    scenario, names = subject.scenario, subject.names
    runs = (subject, *beside)
    tables = [Tables.of(run.table) for run in runs]
    routes = [routes_of(one.flows.frame, run.names.regions) for one, run in zip(tables, runs, strict=True)]
    sites, polygons = scenario.tables["sites"], scenario.polygons
    regions = geography.region_points(scenario.tables["regions"], polygons)
    longitudes = np.append(regions["longitude_deg"], sites["longitude_deg"])
    latitudes = np.append(regions["latitude_deg"], sites["latitude_deg"])
    frame = map_layer.frame(polygons, longitudes, latitudes)
    clusters = sites.loc[sites["kind"] == "cluster", "site"].map(str)
    return Picture(
        subject,
        tables[0],
        Scales.of(tables, routes),
        frame,
        {} if polygons is None or polygons.empty else map_layer.outlines(polygons, frame),
        _points(frame, regions, "region"),
        _points(frame, sites, "site"),
        short_labels({site: names.said("site", site) for site in clusters}),
        routes[0],
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
