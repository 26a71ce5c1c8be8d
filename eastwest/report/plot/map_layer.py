"""Geometry of maps: degrees to whole units of a page, outlines that are light enough for one, curves, labels.

A `Frame` is fitted to what a map shows: an equal-area projection around its middle, in which the longer side of the map
has 10,000 units. 180 degrees is a place like any other: the frame is centred, so nothing is torn there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from eastwest.report.plot.style import ROUND

DEGREES = CRS.from_epsg(4326)
UNITS = 10_000
"""Units of the map's longer side: a tenth of a pixel at 1,000 pixels."""
MOST_POINTS = 9_000
"""Corners of all outlines together, which is some 100 KB of text."""
MARGIN = 0.03
LEAST_SPAN_M = 200_000.0
"""A map of one point shows so much of its surroundings [m]."""
BEND = 0.18
"""How far a curve leaves the straight line, over the length of the line."""
NEAR, MAY_COVER = 0.02, 0.02
"""Round a point stays free, of the map's width; and the share of a free corner that may be covered [1]."""
CORNER = 6.0
"""So far may the corners of a drawn curve lie beside it: half a pixel [units]."""

Floats = NDArray[np.float64]
Ring = tuple[list[int], list[int]]


@dataclass(frozen=True)
class Frame:
    """From degrees to units of the map: x to the right, y up."""

    crs: CRS
    left_m: float
    bottom_m: float
    metres_per_unit: float
    width: int
    height: int

    def points(self, longitude_deg: ArrayLike, latitude_deg: ArrayLike) -> Floats:
        """Rows of x and y [units]."""
        x, y = _project(self.crs, longitude_deg, latitude_deg)
        return np.column_stack([x - self.left_m, y - self.bottom_m]) / self.metres_per_unit


def frame(polygons: gpd.GeoDataFrame | None, longitude_deg: ArrayLike, latitude_deg: ArrayLike) -> Frame:
    """The frame that holds the polygons and the points."""
    longitudes, latitudes = np.asarray(longitude_deg, dtype=float), np.asarray(latitude_deg, dtype=float)
    if polygons is not None and len(polygons):
        corners = shapely.get_coordinates(shapely.segmentize(polygons.to_crs(DEGREES).geometry.to_numpy(), 2.0))
        longitudes, latitudes = np.append(longitudes, corners[:, 0]), np.append(latitudes, corners[:, 1])
    crs = equal_area(longitudes, latitudes)
    x, y = _project(crs, longitudes, latitudes)
    width, height = max(np.ptp(x), LEAST_SPAN_M), max(np.ptp(y), LEAST_SPAN_M)
    border = MARGIN * max(width, height)
    left, bottom = (x.min() + x.max() - width) / 2 - border, (y.min() + y.max() - height) / 2 - border
    unit = (max(width, height) + 2 * border) / UNITS
    sides = (int(np.ceil((side + 2 * border) / unit)) for side in (width, height))
    return Frame(crs, float(left), float(bottom), float(unit), *sides)


def equal_area(longitude_deg: Floats, latitude_deg: Floats) -> CRS:
    """Equal-area projection for these places: Albers where the land lies north or south of the equator, Lambert's
    azimuthal across the equator and near a pole, Equal Earth for most of the globe."""
    middle, span = _middle(longitude_deg)
    south, north = float(latitude_deg.min()), float(latitude_deg.max())
    if span > 180 or north - south > 120:
        return CRS.from_proj4(f"+proj=eqearth +lon_0={middle:.3f} +datum=WGS84 +units=m")
    one_side, polar = south * north > 0, max(abs(south), abs(north)) > 80
    if one_side and not polar and abs(south + north) / 2 > 15:
        sixth = (north - south) / 6
        parallels = f"+lat_1={south + sixth:.3f} +lat_2={north - sixth:.3f} +lat_0={(south + north) / 2:.3f}"
        return CRS.from_proj4(f"+proj=aea {parallels} +lon_0={middle:.3f} +datum=WGS84 +units=m")
    return CRS.from_proj4(f"+proj=laea +lat_0={(south + north) / 2:.3f} +lon_0={middle:.3f} +datum=WGS84 +units=m")


def _middle(longitude_deg: Floats) -> tuple[float, float]:
    """Middle and width [degrees] of the arc that is left when the widest empty one is taken out."""
    east = np.unique(np.mod(longitude_deg, 360.0))
    gaps = np.diff(np.append(east, east[0] + 360.0))
    widest = int(gaps.argmax())
    span = 360.0 - float(gaps[widest])
    start = float(east[(widest + 1) % len(east)])
    return (start + span / 2 + 180.0) % 360.0 - 180.0, span


def _project(crs: CRS, longitude_deg: ArrayLike, latitude_deg: ArrayLike) -> tuple[Floats, Floats]:
    transformer = Transformer.from_crs(DEGREES, crs, always_xy=True)
    x, y = transformer.transform(np.asarray(longitude_deg, dtype=float), np.asarray(latitude_deg, dtype=float))
    return np.atleast_1d(x), np.atleast_1d(y)


def outlines(polygons: gpd.GeoDataFrame, on: Frame) -> dict[str, list[Ring]]:
    """Rings of each region in whole units: holes run the other way round; large regions first.

    Borders are simplified together, so that neighbours keep one border, until all have at most 9,000 corners.
    """
    shapes = _projected(polygons, on)
    for step in range(1, 24):
        if shapely.get_num_coordinates(shapes).sum() <= MOST_POINTS:
            break
        shapes = shapely.coverage_simplify(shapes, 2.0 * 1.5**step)
    order = np.argsort(-shapely.area(shapes), kind="stable")
    regions = polygons["region"].to_numpy()
    return {str(regions[place]): _rings(shapes[place]) for place in order}


def _projected(polygons: gpd.GeoDataFrame, on: Frame) -> NDArray[np.object_]:
    """Valid shapes in units; parts that meet at 180 degrees become one."""

    def moved(corners: Floats) -> Floats:
        return on.points(corners[:, 0], corners[:, 1])

    degrees = shapely.make_valid(polygons.to_crs(DEGREES).geometry.to_numpy())
    snapped = shapely.set_precision(shapely.transform(degrees, moved), 0.5)
    return np.array([shapely.unary_union(shape) for shape in snapped], dtype=object)


def _rings(shape: BaseGeometry) -> list[Ring]:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    largest = max((part.area for part in parts), default=0.0)
    seen = [part for part in parts if part.area >= 4 or part.area == largest]
    found: list[Ring] = []
    for part in seen:
        turned = shapely.geometry.polygon.orient(part)
        for line in (turned.exterior, *turned.interiors):
            corners = np.rint(shapely.get_coordinates(line)).astype(int)
            moves = np.append(True, (np.diff(corners, axis=0) != 0).any(axis=1))
            corners = corners[moves]
            if len(corners) >= 4:
                found.append((corners[:, 0].tolist(), corners[:, 1].tolist()))
    return found


def curve(start: Sequence[float], end: Sequence[float]) -> Ring:
    """Quadratic Bezier from one point to the other, bent to the left of the way: two directions stay apart."""
    first, last = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    control = control_point(first, last)
    pieces = max(3, int(np.ceil(np.sqrt(BEND * np.hypot(*(last - first)) / CORNER))))
    t = np.linspace(0.0, 1.0, pieces + 1)[:, None]
    points = np.rint((1 - t) ** 2 * first + 2 * t * (1 - t) * control + t**2 * last).astype(int)
    return points[:, 0].tolist(), points[:, 1].tolist()


def control_point(start: Floats, end: Floats) -> Floats:
    """The point that a curve bends towards."""
    way = end - start
    return np.asarray((start + end) / 2 + 2 * BEND * np.array([-way[1], way[0]]))


def middle(start: Sequence[float], end: Sequence[float]) -> tuple[int, int, float]:
    """The point half-way along a curve, and the way it points there [degrees clockwise from up]."""
    first, last = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    point = np.rint((first + 2 * control_point(first, last) + last) / 4).astype(int)
    way = last - first
    return int(point[0]), int(point[1]), round(float(np.degrees(np.arctan2(way[0], way[1]))), 1)


def emptiest_corner(
    on: Frame, outlines: Iterable[Ring], points: Floats, wide: int, high: int
) -> tuple[int, int] | None:
    """Left and bottom of a room in the corner of the map that is freest of outlines and points, the lower left first.

    None where every corner is covered by more than 2 %.
    """
    land = [shapely.Polygon(list(zip(*ring, strict=True))) for ring in outlines]
    near = shapely.buffer(shapely.points(points), NEAR * on.width)
    taken = shapely.union_all([*shapely.buffer(land, 0), *near])
    covered = {}
    for left, bottom in itertools.product((0, on.width - wide), (0, on.height - high)):
        room = shapely.box(left, bottom, left + wide, bottom + high)
        covered[left, bottom] = round(room.intersection(taken).area / room.area, 9)
    best = min(covered, key=lambda corner: (covered[corner], corner[1], corner[0]))
    return best if covered[best] <= MAY_COVER else None


SIDES = (
    ("middle right", 1, 0), ("middle left", -1, 0), ("top center", 0, 1), ("bottom center", 0, -1),
    ("top right", 1, 1), ("bottom right", 1, -1), ("top left", -1, 1), ("bottom left", -1, -1),
)  # fmt: skip
"""Where a label may stand, the best first: Plotly's word, and the direction."""


def label_sides(points: Floats, diameters: Floats, widths: Floats, height: float) -> list[str]:
    """For each circle the side on which its label covers least, or "" where it would cover another label.

    All in pixels: circles, and the widths and height of their labels; a width of 0 is a circle without one. The
    largest circle chooses first.
    """
    half = diameters[:, None] / 2
    circles = np.hstack([points - half, points + half])
    placed: list[Floats] = []
    found = [""] * len(points)
    for place in np.argsort(-diameters, kind="stable"):
        choices = []
        for rank, (side, right, up) in enumerate(SIDES if widths[place] > 0 else ()):
            box = _label_box(points[place], diameters[place] / 2, widths[place], height, right, up)
            if not any(_overlap(box, other) > 0 for other in placed):
                covered = sum(_overlap(box, circle) for number, circle in enumerate(circles) if number != place)
                choices.append((covered, rank, side, box))
        if choices:
            *_, found[place], box = min(choices, key=lambda choice: choice[:2])
            placed.append(box)
    return found


def _label_box(point: Floats, reach: float, width: float, height: float, right: int, up: int) -> Floats:
    """Left, bottom, right, top of a label beside a circle; 2 pixels stay free."""
    x = point[0] + right * (reach + 2 + width / 2) if not up else point[0] + right * (0.7 * reach + width / 2)
    y = point[1] + up * (reach + 2 + height / 2) if not right else point[1] + up * (0.7 * reach + height / 2)
    return np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])


def _overlap(one: Floats, other: Floats) -> float:
    sides = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    return float(max(sides[0], 0.0) * max(sides[1], 0.0))


def classes(values: Sequence[float], most: int = 5) -> list[float]:
    """Upper bounds of classes that halve from a round figure down; the last holds the largest value."""
    largest = max(values, default=0.0)
    if largest <= 0:
        return []
    last = next(number for number, step in enumerate(ROUND) if step >= largest * (1 - 1e-12))
    return ROUND[max(0, last - most + 1) : last + 1]
