"""The one place for colours: safe for the colour-blind, and the same for a site, device or kind of cost on every chart.

Palettes: Paul Tol's "muted" and "light" qualitative schemes (SRON/EPS/TN/09-002, issue 3.2, 2021), and cividis
(Nunez, Anderton, Renslow 2018, doi:10.1371/journal.pone.0199239) for amounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from zlib import crc32

import pandas as pd

MUTED = (
    "#332288", "#88ccee", "#44aa99", "#117733", "#999933", "#ddcc77", "#cc6677", "#882255", "#aa4499",
)  # fmt: skip
LIGHT = ("#77aadd", "#99ddff", "#44bb99", "#bbcc33", "#aaaa00", "#eedd88", "#ee8866", "#ffaabb")
PALETTE = (*MUTED, *LIGHT)
NOTHING = "#bbbbbb"
"""For what has no identity: others, not known."""
AMOUNTS = "Cividis"
"""Plotly's name of the scale for amounts."""

KINDS = {"intelligent": "#332288", "general": "#44aa99", "super": "#cc6677"}
"""Kinds of compute."""


class Colours:
    """Colour of what a scenario's tables identify: the table's column `colour`, else one that follows from the name."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self.given: dict[tuple[str, str], str] = {}
        for table, label in (("sites", "site"), ("devices", "device"), ("tasks", "task"), ("hubs", "hub")):
            frame = tables.get(table)
            if frame is not None and "colour" in frame:
                pairs = zip(frame[label].map(str), frame["colour"], strict=True)
                self.given.update({(label, key): colour for key, colour in pairs if isinstance(colour, str)})

    def of(self, label: str, key: str) -> str:
        """Colour of an identifier of a label column: `of("site", "guian")`."""
        if label == "kind" and key in KINDS:
            return KINDS[key]
        return self.given.get((label, key)) or PALETTE[crc32(key.encode()) % len(PALETTE)]
