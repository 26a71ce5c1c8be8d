"""The map as SVG or PNG through matplotlib: the same shapes, curves, circles and colours as the Plotly figure.

Text stays text in SVG, and equal runs give equal bytes. matplotlib is an extra: `pip install 'eastwest[map]'`.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from eastwest.errors import InputError
from eastwest.formatting.colours import NOTHING, SHADES
from eastwest.formatting.language import Language
from eastwest.report.plot import map_words
from eastwest.report.plot.chart import Subject
from eastwest.report.plot.map import BORDER, INK, choice
from eastwest.report.plot.map_key import Key, key_of
from eastwest.report.plot.map_layer import control_point, middle
from eastwest.report.plot.map_picture import OPACITIES, WIDTHS_PX, Circle, Flow, Group, Picture, picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMS = ("svg", "png")
WIDTH_IN, DPI = 10.0, 160
"""1,600 pixels; a pixel of `map_picture` is a hundredth of an inch."""
POINT = 72 / 100
"""Points in such a pixel."""
ABOVE_IN, BELOW_IN, MOST_MAP_IN = 0.6, 1.35, 7.2
CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "PingFang SC", "Microsoft YaHei", "SimHei", "Heiti SC", "Droid Sans Fallback",
    "Arial Unicode MS",
)  # fmt: skip
"""Fonts with Chinese letters, the best first."""
LATIN = "DejaVu Sans"
"""Comes with matplotlib."""
ANCHORS = {"left": "right", "right": "left", "center": "center"}
HEIGHTS = {"top": "bottom", "bottom": "top", "middle": "center"}


def static(
    subject: Subject,
    form: str,
    year: int | None = None,
    kind: str | None = None,
    task: str | None = None,
    shade: str | None = None,
) -> bytes:
    """The map of a year (the last one) as `svg` or `png`; in English where no font has Chinese letters."""
    if form not in FORMS:
        raise InputError(f"received '{form}', expected {' or '.join(FORMS)}")
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        message = "a map as SVG or PNG is drawn by matplotlib, which is not installed: pip install 'eastwest[map]'"
        raise InputError(message) from None
    fonts = [name for name in CHINESE if name in _known_fonts()][:1]
    if subject.say.code != "en" and not fonts:
        subject = Subject(subject.table, subject.scenario, Language())
    chosen, shown = subject.year(year), picture(subject)
    first = choice(shown, (chosen,), kind, task, shade)
    settings: Any = {"font.family": [*fonts, LATIN], "svg.fonttype": "none", "svg.hashsalt": "eastwest", "font.size": 9}
    with mpl.rc_context(settings):
        box = key_of(shown)
        map_in = min(WIDTH_IN * (shown.frame.height - box.bottom) / shown.frame.width, MOST_MAP_IN)
        drawn = Figure(figsize=(WIDTH_IN, ABOVE_IN + map_in + BELOW_IN), dpi=DPI, facecolor="#ffffff")
        _Drawing(shown, drawn, box, map_in, [*fonts, LATIN]).draw(chosen, *first)
        file = io.BytesIO()
        metadata: dict[str, Any] = {"Date": None} if form == "svg" else {"Software": "eastwest"}
        drawn.savefig(file, format=form, metadata=metadata)
    return file.getvalue()


def _known_fonts() -> set[str]:
    from matplotlib.font_manager import fontManager

    return {font.name for font in fontManager.ttflist}


def _letters(fonts: Sequence[str]) -> set[int]:
    """Code points that any of the fonts can draw."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return {code for name in fonts for code in get_font(findfont(FontProperties(family=name))).get_charmap()}


class _Drawing:
    """One map on one matplotlib figure."""

    def __init__(self, shown: Picture, drawn: Figure, box: Key, map_in: float, fonts: Sequence[str]) -> None:
        self.shown, self.drawn, self.box, self.letters = shown, drawn, box, _letters(fonts)
        height = drawn.get_figheight()
        self.axes: Axes = drawn.add_axes((0.0, BELOW_IN / height, 1.0, map_in / height))
        self.axes.set_xlim(0, shown.frame.width)
        self.axes.set_ylim(box.bottom, shown.frame.height)
        self.axes.set_aspect("equal")
        self.axes.axis("off")
        wide, high = WIDTH_IN / shown.frame.width, map_in / (shown.frame.height - box.bottom)
        self.pixels_per_unit = 100 * min(wide, high)

    def draw(self, year: int, kind: str, task: str, shade: str) -> None:
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

    def _drawable(self, text: str) -> str:
        """Letters that no font has would be boxes, and a warning."""
        return "".join(letter if ord(letter) in self.letters else "?" for letter in text)

    def _write(self, x: float, y: float, text: str, *, size: float, va: str, colour: str = INK, **look: Any) -> None:
        text = self._drawable(text)
        self.drawn.text(x, y, text, fontsize=size, va=va, color=colour, parse_math=False, **look)

    def _areas(self, year: int, kind: str, shade: str) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        for region, colour in self.shown.shades(shade, kind, year).items():
            rings = [Path(np.column_stack(ring), closed=True) for ring in self.shown.rings[region]]
            path = Path.make_compound_path(*rings)
            self.axes.add_patch(PathPatch(path, facecolor=colour, edgecolor=BORDER, linewidth=0.7 * POINT))

    def _flows(self, group: Group) -> None:
        from matplotlib.patches import PathPatch, Polygon
        from matplotlib.path import Path

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
        from matplotlib import colormaps

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
            along = ((size.diameter / 2 + 4) * POINT, 0)
            where = (size.x, size.y)
            self.axes.annotate(size.label, where, along, textcoords="offset points", va="center", fontsize=8.5)
        if self.box.sizes:
            words = self._drawable_lines(map_words.sizes(self.shown))
            self.axes.text(self.box.x, self.box.title_y, words, fontsize=8.5, va="bottom", color=INK, parse_math=False)

    def _drawable_lines(self, text: str) -> str:
        return "\n".join(self._drawable(line) for line in text.splitlines())

    def _bars(self, kind: str, shade: str) -> None:
        from matplotlib import colormaps
        from matplotlib.colors import LinearSegmentedColormap

        say = self.shown.subject.say
        shades = LinearSegmentedColormap.from_list(shade, list(SHADES[shade]), N=64)
        if self.shown.rings:
            self._bar(0.04, shades, self.shown.shade_end(shade, kind), map_words.measure(self.shown, shade, kind))
        used = say("Fullest of grid and halls, used [%]")
        self._bar(0.53, colormaps["cividis"].resampled(64), 100.0, used)

    def _bar(self, left: float, scale: Any, most: float, words: str) -> None:
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import Normalize

        height = self.drawn.get_figheight()
        axes = self.drawn.add_axes((left, (BELOW_IN - 0.36) / height, 0.43, 0.09 / height))
        bar = self.drawn.colorbar(ScalarMappable(Normalize(0, most), scale), cax=axes, orientation="horizontal")
        bar.outline.set_visible(False)
        bar.ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
        bar.ax.tick_params(labelsize=8, length=2)
        bar.ax.set_title(self._drawable(words), fontsize=9, color=INK, parse_math=False, pad=3)

    def _widths(self, group: Group) -> None:
        from matplotlib.lines import Line2D

        words = [self._drawable(text) for text in map_words.widths(self.shown, group.bounds)]
        looks = zip(WIDTHS_PX, OPACITIES, words, strict=False)
        lines = [Line2D([], [], color=group.colour, linewidth=px * POINT, alpha=alpha) for px, alpha, _ in looks]
        place = (0.5, 0.26 / self.drawn.get_figheight())
        self.drawn.legend(lines, words, loc="lower center", bbox_to_anchor=place, ncols=5, frameon=False, fontsize=8.5)
