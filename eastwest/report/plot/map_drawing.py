"""A map on a matplotlib figure: needs the extra `eastwest[map]`, so that nothing but `map_static` imports it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path

from eastwest.formatting.colours import NOTHING, SHADES
from eastwest.report.plot import map_words
from eastwest.report.plot.map import BORDER, INK
from eastwest.report.plot.map_key import key_of
from eastwest.report.plot.map_layer import control_point, middle
from eastwest.report.plot.map_picture import OPACITIES, WIDTHS_PX, Circle, Flow, Group, Picture

WIDTH_IN, DPI = 10.0, 160
"""1,600 pixels; a pixel of `map_picture` is a hundredth of an inch."""
POINT = 72 / 100
"""Points in such a pixel."""
ABOVE_IN, BELOW_IN, MOST_MAP_IN = 0.6, 1.35, 7.2
ANCHORS = {"left": "right", "right": "left", "center": "center"}
HEIGHTS = {"top": "bottom", "bottom": "top", "middle": "center"}


def _letters(fonts: Sequence[str]) -> set[int]:
    """Code points that any of the fonts can draw."""
    return {code for name in fonts for code in get_font(findfont(FontProperties(family=name))).get_charmap()}


class Drawing:
    """One map on one matplotlib figure."""

    def __init__(self, shown: Picture, fonts: Sequence[str]) -> None:
        self.shown, self.box, self.letters = shown, key_of(shown), _letters(fonts)
        wide, high = shown.frame.width, shown.frame.height - self.box.bottom
        map_in = min(WIDTH_IN * high / wide, MOST_MAP_IN)
        height = ABOVE_IN + map_in + BELOW_IN
        self.drawn = Figure(figsize=(WIDTH_IN, height), dpi=DPI, facecolor="#ffffff")
        self.axes = self.drawn.add_axes((0.0, BELOW_IN / height, 1.0, map_in / height))
        self.axes.set(xlim=(0, wide), ylim=(self.box.bottom, shown.frame.height), aspect="equal")
        self.axes.axis("off")
        self.pixels_per_unit = 100 * min(WIDTH_IN / wide, map_in / high)

    def draw(self, year: int, kind: str, task: str, shade: str) -> Figure:
        """Everything, from the ground up."""
        shown, circles = self.shown, self.shown.circles(year)
        self._areas(year, kind, shade)
        groups = [group for group in shown.groups(year) if group.key == task]
        for group in groups:
            self._flows(group)
        self._sites(circles)
        self._key()
        self._labels(circles)
        self._bars(kind, shade)
        for group in groups:
            self._widths(group)
        height = self.drawn.get_figheight()
        self._write(0.02, 1 - 0.14 / height, map_words.title(shown.subject.scenario), size=13, va="top", weight="bold")
        self._write(0.02, 1 - 0.4 / height, map_words.subtitle(shown, task, year), size=10, va="top")
        self._write(0.02, 0.09 / height, map_words.layer(shown), size=7.5, va="bottom", colour="#555555")
        return self.drawn

    def _drawable(self, text: str) -> str:
        """Letters that no font has would be boxes, and a warning."""
        return "".join(letter if ord(letter) in self.letters else "?" for letter in text)

    def _write(self, x: float, y: float, text: str, *, size: float, va: str, colour: str = INK, **look: Any) -> None:
        text = self._drawable(text)
        self.drawn.text(x, y, text, fontsize=size, va=va, color=colour, parse_math=False, **look)

    def _areas(self, year: int, kind: str, shade: str) -> None:
        for region, colour in self.shown.shades(shade, kind, year).items():
            rings = [Path(np.column_stack(ring), closed=True) for ring in self.shown.rings[region]]
            path = Path.make_compound_path(*rings)
            self.axes.add_patch(PathPatch(path, facecolor=colour, edgecolor=BORDER, linewidth=0.7 * POINT))

    def _flows(self, group: Group) -> None:
        for flow in sorted(group.flows, key=lambda each: each.pflops):
            start, end = np.asarray(flow.start), np.asarray(flow.end)
            path = Path(np.array([start, control_point(start, end), end]), [Path.MOVETO, Path.CURVE3, Path.CURVE3])
            width, opacity = WIDTHS_PX[flow.width_class] * POINT, OPACITIES[flow.width_class]
            self.axes.add_patch(PathPatch(path, fill=False, edgecolor=group.colour, linewidth=width, alpha=opacity))
            arrow, edge = self._arrow(flow), "#ffffff"
            self.axes.add_patch(Polygon(arrow, facecolor=group.colour, edgecolor=edge, linewidth=0.3, alpha=0.85))

    def _arrow(self, flow: Flow) -> np.ndarray:
        """A triangle half-way along a curve."""
        x, y, angle = middle(flow.start, flow.end)
        size = (5 + WIDTHS_PX[flow.width_class]) / 2 / self.pixels_per_unit
        way = np.array([np.sin(np.radians(angle)), np.cos(np.radians(angle))])
        across = np.array([way[1], -way[0]])
        centre = np.array([x, y])
        return np.array([centre + size * way, centre - size * (way - across), centre - size * (way + across)])

    def _sites(self, circles: Sequence[Circle]) -> None:
        scale = colormaps["cividis"]
        colours = [scale(circle.utilisation) if np.isfinite(circle.utilisation) else NOTHING for circle in circles]
        self.axes.scatter(
            [circle.x for circle in circles], [circle.y for circle in circles],
            s=[(circle.diameter * POINT) ** 2 for circle in circles], c=colours, linewidths=POINT,
            edgecolors=[INK if circle.is_cluster else "#ffffff" for circle in circles], zorder=3,
        )  # fmt: skip

    def _labels(self, circles: Sequence[Circle]) -> None:
        sides = self.shown.sides(circles, self.pixels_per_unit)
        for circle in circles:
            if circle.site not in sides:
                continue
            up, right = sides[circle.site].split(" ")
            reach = (circle.diameter / 2 + 3) * (1.0 if "center" in (up, right) or up == "middle" else 0.7)
            along = {"left": -reach, "right": reach, "center": 0.0}[right] * POINT
            above = {"top": reach, "bottom": -reach, "middle": 0.0}[up] * POINT
            text = self._drawable(self.shown.labels[circle.site])
            self.axes.annotate(
                text, (circle.x, circle.y), (along, above), textcoords="offset points", ha=ANCHORS[right],
                va=HEIGHTS[up], fontsize=8.5, color=INK, zorder=5, parse_math=False,
                bbox={"facecolor": "#ffffff", "alpha": 0.6, "edgecolor": "none", "boxstyle": "round,pad=0.1"},
            )  # fmt: skip

    def _key(self) -> None:
        for size in self.box.sizes:
            area = (size.diameter * POINT) ** 2
            self.axes.scatter([size.x], [size.y], s=area, c="#dddddd", edgecolors="#888888", linewidths=POINT)
            along, where = ((size.diameter / 2 + 4) * POINT, 0), (size.x, size.y)
            self.axes.annotate(size.label, where, along, textcoords="offset points", va="center", fontsize=8.5)
        if self.box.sizes:
            words = "\n".join(self._drawable(line) for line in map_words.sizes(self.shown).splitlines())
            self.axes.text(self.box.x, self.box.title_y, words, fontsize=8.5, va="bottom", color=INK, parse_math=False)

    def _bars(self, kind: str, shade: str) -> None:
        say = self.shown.subject.say
        shades = LinearSegmentedColormap.from_list(shade, list(SHADES[shade]), N=64)
        if self.shown.rings:
            self._bar(0.04, shades, self.shown.shade_end(shade, kind), map_words.measure(self.shown, shade, kind))
        used = say("Fullest of grid and halls, used [%]")
        self._bar(0.53, colormaps["cividis"].resampled(64), 100.0, used)

    def _bar(self, left: float, scale: Any, most: float, words: str) -> None:
        height = self.drawn.get_figheight()
        axes = self.drawn.add_axes((left, (BELOW_IN - 0.36) / height, 0.43, 0.09 / height))
        bar = self.drawn.colorbar(ScalarMappable(Normalize(0, most), scale), cax=axes, orientation="horizontal")
        bar.outline.set_visible(False)
        bar.ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
        bar.ax.tick_params(labelsize=8, length=2)
        bar.ax.set_title(self._drawable(words), fontsize=9, color=INK, parse_math=False, pad=3)

    def _widths(self, group: Group) -> None:
        words = [self._drawable(text) for text in map_words.widths(self.shown, group.bounds)]
        looks = zip(WIDTHS_PX, OPACITIES, words, strict=False)
        lines = [Line2D([], [], color=group.colour, linewidth=px * POINT, alpha=alpha) for px, alpha, _ in looks]
        place = (0.5, 0.26 / self.drawn.get_figheight())
        self.drawn.legend(lines, words, loc="lower center", bbox_to_anchor=place, ncols=5, frameon=False, fontsize=8.5)
