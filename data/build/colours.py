"""Colours of hubs, sites and devices: Paul Tol's "muted" scheme as in eastwest/formatting/colours.py.

A hub has a colour of the scheme, its cluster the same; a hub's second cluster is darker or lighter. Metros are grey
with a tint of their hub: they are many, and are read by their names. A maker of devices has a hue, its devices are told
apart by lightness.
"""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

HUBS = {
    "jjj": "#6a5acd", "yrd": "#88ccee", "gba": "#44aa99", "cy": "#117733",
    "nm": "#ddcc77", "gz": "#999933", "gs": "#882255", "nx": "#cc6677",
}  # fmt: skip
CLUSTERS = {"wuhu": "#3f7fb5", "chongqing": "#68a050"}
GREY = "#a8a8a8"
TINT = 0.3

VENDORS = {
    "Huawei": 350, "Cambricon": 215, "Hygon": 190, "Kunlunxin (Baidu)": 265, "Biren": 28, "Moore Threads": 48,
    "Enflame": 170, "T-Head (Alibaba)": 295, "MetaX": 238, "NVIDIA": 95, "AMD": 140,
}  # fmt: skip
"""Hue of each maker on the colour wheel [degrees]; others are grey."""
DARKEST, LIGHTEST = 0.28, 0.72


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _text(parts: Sequence[float]) -> str:
    return "#" + "".join(f"{round(part):02x}" for part in parts)


def quiet(hub: str) -> str:
    """Grey with a tint of the hub's colour; plain grey outside the hubs."""
    if hub not in HUBS:
        return GREY
    pairs = zip(_parts(HUBS[hub]), _parts(GREY), strict=True)
    return _text([TINT * loud + (1 - TINT) * grey for loud, grey in pairs])


def of_devices(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Device -> colour; `pairs` are device and maker, older devices of a maker first and darker."""
    found = {}
    for vendor in dict.fromkeys(maker for _, maker in pairs):
        own = [device for device, maker in pairs if maker == vendor]
        for place, device in enumerate(own):
            step = place / (len(own) - 1) if len(own) > 1 else 0.4
            light = DARKEST + (LIGHTEST - DARKEST) * step
            hue = VENDORS.get(vendor)
            parts = colorsys.hls_to_rgb((hue or 0) / 360, light, 0.0 if hue is None else 0.55)
            found[device] = _text([255 * part for part in parts])
    return found
