"""The Plotly figure of a map drawn by matplotlib, an extra (`eastwest[map]`): only `map_static` imports this module.

It knows traces of the kinds that a map has: filled areas, lines, symbols with words beside them, bars of colours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import unescape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from eastwest.report.plot.map import INK

WIDTH_IN, DPI = 10.0, 160
"""1,600 pixels; a pixel of the figure is a hundredth of an inch."""
POINT = 72 / 100
"""Points in such a pixel."""
ABOVE_IN, BELOW_IN, MOST_MAP_IN = 0.6, 1.35, 7.2
ANCHORS = {"left": "right", "right": "left", "center": "center", "top": "bottom", "bottom": "top", "middle": "center"}
"""Where a label stands beside its symbol -> which of its own sides is there."""
SIDES = {"left": -1, "right": 1, "center": 0, "top": 1, "bottom": -1, "middle": 0}
Trace = dict[str, Any]


class Drawing:
    """One map on one matplotlib figure, in letters that any of the fonts has."""

    def __init__(self, figure: go.Figure, fonts: Sequence[str]) -> None:
        content = figure.to_dict()
        self.traces, self.layout = content["data"], content["layout"]
        charmaps = (get_font(findfont(FontProperties(family=name))).get_charmap() for name in fonts)
        self.letters = {code for charmap in charmaps for code in charmap}
        across, up = (self.layout[axis]["range"] for axis in ("xaxis", "yaxis"))
        map_in = min(WIDTH_IN * (up[1] - up[0]) / (across[1] - across[0]), MOST_MAP_IN)
        self.height = ABOVE_IN + map_in + BELOW_IN
        self.drawn = Figure(figsize=(WIDTH_IN, self.height), dpi=DPI, facecolor="#ffffff")
        self.axes = self.drawn.add_axes((0.0, BELOW_IN / self.height, 1.0, map_in / self.height))
        self.axes.set(xlim=across, ylim=up, aspect="equal")
        self.axes.axis("off")

    def draw(self, title: str, subtitle: str, foot: str) -> Figure:
        """What is visible, from the ground up, under two lines of heading."""
        legend = []
        for order, trace in enumerate(each for each in self.traces if each.get("visible", True)):
            if trace.get("fill") == "toself":
                self._area(trace, order)
            elif trace["mode"] == "lines":
                legend.append(self._lines(trace, order))
            else:
                self._symbols(trace, order)
            if trace.get("marker", {}).get("showscale"):
                self._bar(trace["marker"])
        self._legend(legend)
        for note in self.layout.get("annotations", ()):
            look = {"fontsize": note["font"]["size"] * POINT, "va": note["yanchor"], "ha": note["xanchor"]}
            self.axes.text(note["x"], note["y"], self._words(note["text"]), color=INK, parse_math=False, **look)
        self._write(1 - 0.14 / self.height, title, fontsize=13, va="top", weight="bold")
        self._write(1 - 0.4 / self.height, subtitle, fontsize=10, va="top")
        self._write(0.09 / self.height, foot, fontsize=7.5, va="bottom", color="#555555")
        return self.drawn

    def _words(self, text: str) -> str:
        """Plotly's markup undone; letters that no font has would be boxes, and a warning."""
        lines = unescape(text.replace("<br>", "\n"))
        return "".join(letter if letter == "\n" or ord(letter) in self.letters else "?" for letter in lines)

    def _write(self, y: float, text: str, **look: Any) -> None:
        self.drawn.text(0.02, y, self._words(text), parse_math=False, **{"color": INK, **look})

    def _area(self, trace: Trace, order: int) -> None:
        path = Path.make_compound_path(*(Path(ring, closed=True) for ring in _parts(trace)))
        line = trace["line"]
        look = {"edgecolor": line["color"], "linewidth": line["width"] * POINT, "zorder": order}
        self.axes.add_patch(PathPatch(path, facecolor=trace["fillcolor"], **look))

    def _lines(self, trace: Trace, order: int) -> Line2D:
        look = {"color": trace["line"]["color"], "linewidth": trace["line"]["width"] * POINT, "alpha": trace["opacity"]}
        path = [Path(part) for part in _parts(trace)]
        if path:
            joined = Path.make_compound_path(*path)
            self.axes.add_patch(PathPatch(joined, fill=False, zorder=order, **look))
        return Line2D([], [], label=self._words(trace["name"]), **look)

    def _symbols(self, trace: Trace, order: int) -> None:
        """Circles and triangles one by one, each with the words beside it."""
        marker, shown = trace["marker"], range(len(trace["x"])) if trace["x"][0] is not None else range(0)
        texts = trace["text"] if "text" in trace["mode"] else [""] * len(shown)
        for at in shown:
            size, place = marker["size"][at], (trace["x"][at], trace["y"][at])
            turned = Affine2D().rotate_deg(-_each(marker.get("angle", 0), at))
            symbol = MarkerStyle("^" if "angle" in marker else "o", transform=turned)
            edge = {"markeredgecolor": marker["line"]["color"], "markeredgewidth": marker["line"]["width"] * POINT}
            look = {"markerfacecolor": _colour(marker, at), "alpha": marker["opacity"], **edge}
            self.axes.plot(*place, marker=symbol, markersize=size * POINT, zorder=order, **look)
            if texts[at]:
                self._label(place, texts[at], size / 2, _each(trace["textposition"], at))

    def _label(self, place: tuple[float, float], text: str, radius: float, side: str) -> None:
        above, along = side.split(" ")
        reach = (radius + 3) * (0.7 if SIDES[above] and SIDES[along] else 1.0) * POINT
        self.axes.annotate(
            self._words(text), place, (SIDES[along] * reach, SIDES[above] * reach), textcoords="offset points",
            ha=ANCHORS[along], va=ANCHORS[above], fontsize=8.5, color=INK, zorder=len(self.traces), parse_math=False,
            bbox={"facecolor": "#ffffff", "alpha": 0.6, "edgecolor": "none", "boxstyle": "round,pad=0.1"},
        )  # fmt: skip

    def _bar(self, marker: Trace) -> None:
        place = marker["colorbar"]
        left = place["x"] - (place["len"] if place["xanchor"] == "right" else 0)
        axes = self.drawn.add_axes((left, (BELOW_IN - 0.36) / self.height, place["len"], 0.09 / self.height))
        amounts = ScalarMappable(Normalize(marker["cmin"], marker["cmax"]), _scale(marker))
        bar = self.drawn.colorbar(amounts, cax=axes, orientation="horizontal")
        bar.outline.set_visible(False)
        bar.ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
        bar.ax.tick_params(labelsize=8, length=2)
        bar.ax.set_title(self._words(place["title"]["text"]), fontsize=9, color=INK, parse_math=False, pad=3)

    def _legend(self, lines: Sequence[Line2D]) -> None:
        place: Any = {"loc": "lower center", "bbox_to_anchor": (0.5, 0.26 / self.height), "ncols": 5}
        if lines:
            self.drawn.legend(handles=lines, frameon=False, fontsize=8.5, **place)


def _parts(trace: Trace) -> Iterator[np.ndarray]:
    """Corners of each ring or curve of a trace: rows of x and y."""
    corners = np.array([trace["x"], trace["y"]], dtype=float).T
    gaps = np.flatnonzero(np.isnan(corners[:, 0]))
    for part in np.split(corners, gaps):
        known = part[~np.isnan(part[:, 0])]
        if len(known):
            yield known


def _each(given: Any, at: int) -> Any:
    """What holds for one point: the same for all, or one of a list."""
    return given[at] if isinstance(given, list | tuple) else given


def _scale(marker: Trace) -> LinearSegmentedColormap:
    return LinearSegmentedColormap.from_list("", [tuple(step) for step in marker["colorscale"]], N=64)


def _colour(marker: Trace, at: int) -> Any:
    """A colour, or that of an amount."""
    given = _each(marker["color"], at)
    return (
        given
        if isinstance(given, str)
        else _scale(marker)((given - marker["cmin"]) / (marker["cmax"] - marker["cmin"]))
    )
