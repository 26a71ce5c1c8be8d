"""Where the circles that explain sizes stand: in the emptiest corner of the map, or under it."""

from __future__ import annotations

from dataclasses import dataclass

import shapely

from eastwest.report.plot.map_picture import Picture
from eastwest.report.plot.style import ROUND

WIDE, HIGH, ROW, TITLE = 2300, 1750, 520, 420
"""Room for the circles, a row of one, and the words above [units of the map]."""
MAY_COVER = 0.02
"""Share of the room that outlines may reach into."""


@dataclass(frozen=True)
class Key:
    """Circles from the largest down, where they stand, and the lower edge of the map that holds them."""

    powers_mw: list[float]
    """a round figure near the largest, and two smaller ones"""
    left: float
    rows: list[float]
    """the middle of each"""
    title: float
    bottom: float


def key_of(shown: Picture) -> Key:
    """The key of circle sizes; without circles where no site takes power."""
    left, bottom = _corner(shown)
    powers = [step for step in ROUND if step <= 1.1 * shown.most_mw][:-6:-2]
    rows = [bottom + ROW * (place + 0.5) for place in reversed(range(len(powers)))]
    return Key(powers, left, rows, bottom + ROW * len(powers), min(0.0, bottom - ROW / 4))


def _corner(shown: Picture) -> tuple[float, float]:
    """Left and bottom of the room: the lower left corner where two are equally free."""
    width, height = shown.frame.width, shown.frame.height
    land = [shapely.Polygon(list(zip(*ring, strict=True))) for rings in shown.rings.values() for ring in rings]
    places = shapely.points(shown.sites[["x", "y"]].to_numpy(dtype=float))
    taken = shapely.union_all([*shapely.buffer(land, 0), *shapely.buffer(places, 0.02 * width)])
    corners = {}
    for left, bottom in ((0, 0), (width - WIDE, 0), (0, height - HIGH), (width - WIDE, height - HIGH)):
        room = shapely.box(left, bottom, left + WIDE, bottom + HIGH + TITLE)
        corners[left, bottom] = round(room.intersection(taken).area / room.area, 9)
    left, bottom = min(corners, key=corners.__getitem__)
    if corners[left, bottom] > MAY_COVER:
        return 0.0, float(-HIGH - TITLE)
    return left + ROW / 4, bottom + ROW / 4
