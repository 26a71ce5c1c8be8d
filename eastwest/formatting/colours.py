"""The one place for colours: safe for the colour-blind, and the same for a site, device or kind of cost on every chart.

Palettes: Paul Tol's "muted" and "light" qualitative schemes (SRON/EPS/TN/09-002, issue 3.2, 2021), and cividis
(Nunez, Anderton, Renslow 2018, doi:10.1371/journal.pone.0199239) for amounts. Tol's indigo is lightened to #6a5acd:
his own has a contrast of 1.5 to 1 on a dark page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zlib import crc32

import pandas as pd

MUTED = (
    "#6a5acd", "#88ccee", "#44aa99", "#117733", "#999933", "#ddcc77", "#cc6677", "#882255", "#aa4499",
)  # fmt: skip
LIGHT = ("#77aadd", "#99ddff", "#44bb99", "#bbcc33", "#aaaa00", "#eedd88", "#ee8866", "#ffaabb")
PALETTE = (*MUTED, *LIGHT)
NOTHING = "#bbbbbb"
"""For what has no identity: others, not known."""
AMOUNTS = "Cividis"
"""Plotly's name of the scale for amounts."""
TEXT = "#757575"
"""Letters on charts: 4.6 to 1 on white, 4.1 to 1 on #121212, so that either page can hold them."""
ALARM = "#cc3311"
"""A limit that may not be passed (Tol, "vibrant")."""

KINDS = {"intelligent": "#6a5acd", "general": "#44aa99", "super": "#cc6677"}
"""Kinds of compute."""

COSTS = {
    "energy": "#ddcc77", "demand_charge": "#999933", "devices": "#6a5acd", "halls": "#88ccee", "grid": "#44aa99",
    "network": "#aa4499", "corridors": "#ffaabb", "training_unit_network": "#ee8866", "own_plants": "#117733",
    "battery_power": "#44bb99", "battery_energy": "#bbcc33", "certificates": "#77aadd", "carbon": "#777777",
    "water": "#99ddff", "moved_customers": "#ddaa33", "shed": "#882255", "unserved": "#cc6677",
}  # fmt: skip
"""Kinds of cost, in the order that they are stacked."""

FLOWS = {
    "grid_load": "#88ccee", "wind": "#44aa99", "solar": "#ddcc77", "discharge": "#117733", "charge": "#999933",
    "it_load": "#6a5acd", "energy_price": "#cc6677", "connection": ALARM,
}  # fmt: skip
"""What supplies and draws power at a site."""

MEASURES = {
    "installed": "#88ccee",
    "energised": "#6a5acd",
    "bought": "#ddcc77",
    "in place": "#88ccee",
    "used": "#6a5acd",
}
"""Stages from announced to working."""

SHADES = {
    "demand": ("#f1ebdd", "#e5d1a8", "#cfa667", "#ad7936"),
    "unserved": ("#f1ebdd", "#f0bfa2", "#dc7b5e", "#b63a35"),
}
"""Areas of maps from nothing to most: light enough for circles and lines on top."""
NO_DATA = "#d9d9d9"
"""Areas of which nothing is known: not the colour of zero."""


def between(colours: Sequence[str], share: float) -> str:
    """The colour at a share of the way along a scale: `between(SHADES["demand"], 0.5)`."""
    place = min(max(share, 0.0), 1.0) * (len(colours) - 1)
    first = min(int(place), len(colours) - 2)
    parts = [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in colours[first : first + 2]]
    mixed = [round(one + (other - one) * (place - first)) for one, other in zip(*parts, strict=True)]
    return "#" + "".join(f"{part:02x}" for part in mixed)


class Colours:
    """Colour of what a scenario's tables identify: the table's column `colour`, else one that follows from the name.

    Of those that follow from names no two of a table are alike while the palette lasts; clusters come before metros.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self.given: dict[tuple[str, str], str] = {}
        for table, label in (("sites", "site"), ("devices", "device"), ("tasks", "task"), ("hubs", "hub")):
            if table in tables:
                self._read(tables[table], label)

    def _read(self, frame: pd.DataFrame, label: str) -> None:
        colours = frame["colour"] if "colour" in frame else pd.Series(None, index=frame.index, dtype=object)
        own = {str(key): colour for key, colour in zip(frame[label], colours, strict=True) if isinstance(colour, str)}
        others = frame[~frame[label].isin(list(own))]
        first = [column for column in ("kind", label) if label == "site" or column == label]
        left = [colour for colour in PALETTE if colour not in own.values()]
        for key in others.sort_values(first)[label].map(str):
            own[key] = _turned(key, left) if left else _turned(key, PALETTE)
            left = [colour for colour in left if colour != own[key]]
        self.given.update({(label, key): colour for key, colour in own.items()})

    def of(self, label: str, key: str) -> str:
        """Colour of an identifier of a label column: `of("site", "guian")`, `of("item", "energy")`."""
        fixed = {"kind": KINDS, "item": COSTS}.get(label, {})
        return fixed.get(key) or self.given.get((label, key)) or _turned(key, PALETTE)


def _turned(key: str, palette: Sequence[str]) -> str:
    """The colour of a palette that a name stands for."""
    return palette[crc32(key.encode()) % len(palette)]
