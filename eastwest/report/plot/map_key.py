"""Where the circles that explain sizes stand: in the emptiest corner of the map, or under it."""

from __future__ import annotations

from dataclasses import dataclass

import shapely

from eastwest.report.plot.map_picture import Picture

WIDE, HIGH, ROW, TITLE = 2300, 1750, 520, 420
"""Room for the circles, a row of one, and the words above [units of the map]."""
MAY_COVER = 0.02
"""Share of the room that outlines may reach into."""


@dataclass(frozen=True)
class Size:
    """A circle of the key."""

    x: float
    y: float
    diameter: float
    label: str


@dataclass(frozen=True)
class Key:
    """Circles from the largest down, and the lower edge of the map that holds them."""

    sizes: tuple[Size, ...]
    x: float
    title_y: float
    bottom: float


def key_of(shown: Picture) -> Key:
    """The key of circle sizes: a round figure near the largest, and two smaller ones."""
    left, bottom = _corner(shown)
    powers = _round_powers(shown.scales.power_mw)
    rows = range(len(powers) - 1, -1, -1)
    sizes = [
        Size(left + ROW / 2, bottom + ROW * (row + 0.5), shown.scales.diameter(power), f"{power:,.6g} MW")
        for row, power in zip(rows, powers, strict=True)
    ]
    return Key(tuple(sizes), left, bottom + ROW * len(powers), min(0.0, bottom - ROW / 4))


def _round_powers(most_mw: float) -> list[float]:
    """1, 2 or 5 times a power of ten below the largest, and two further down."""
    if not most_mw > 0:
        return []
    steps = [float(f"{step}e{power}") for power in range(-3, 8) for step in (1, 2, 5)]
    below = [step for step in steps if step <= 1.1 * most_mw]
    return [below[-1], below[-3], below[-5]] if len(below) > 4 else below[-1:]


def _corner(shown: Picture) -> tuple[float, float]:
    """Left and bottom of the room: the lower left corner where two are equally free."""
    width, height = shown.frame.width, shown.frame.height
    land = [shapely.Polygon(list(zip(*ring, strict=True))) for rings in shown.rings.values() for ring in rings]
    points = [shapely.Point(place) for place in [*shown.site_points.values(), *shown.region_points.values()]]
    taken = shapely.STRtree([shape.buffer(0) for shape in land] + [point.buffer(0.02 * width) for point in points])
    corners = {}
    for left, bottom in ((0, 0), (width - WIDE, 0), (0, height - HIGH), (width - WIDE, height - HIGH)):
        room = shapely.box(left, bottom, left + WIDE, bottom + HIGH + TITLE)
        covered = sum(room.intersection(taken.geometries[place]).area for place in taken.query(room)) / room.area
        corners[left, bottom] = round(covered, 9)
    left, bottom = min(corners, key=corners.__getitem__)
    if corners[left, bottom] > MAY_COVER:
        return 0.0, float(-HIGH - TITLE)
    return left + ROW / 4, bottom + ROW / 4
