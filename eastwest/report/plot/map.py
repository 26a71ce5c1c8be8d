"""The map of a run as a Plotly figure on plain axes: nothing is fetched, so it opens without a network.

Provinces are shaded by demand or by the share of it that is unserved; sites are circles (area: grid connection
taken, colour: how full the fullest of grid and halls is); flows are curves from the region to the site.

Every trace says in `meta` what it is, so that a page can drive the figure through `Plotly.restyle`:

    {"layer": "shade", "measure": "demand" | "unserved", "kind": kind, "label": text}   an area, or the bar of colours
    {"layer": "flows", "task": key, "kind": kind, "label": text}   lines of one width, or the points that show hover
    {"layer": "sites", "sites": "metro" | "cluster"}
    {"layer": "key"}                                               the circles that explain sizes

Of the layers `shade` and `flows` one measure and one task are seen at a time: a trace of theirs is to be `visible`
where its `measure` (or `task`) is the chosen one, else false. The key of a task is its identifier, or
`all: intelligent` for all tasks of a kind; `label` is the text of an <option>, not escaped, in the language of the
figure; options stand in the order of the traces, and the one whose traces are visible is the one shown first. Other
layers stay as they are. The corners of a region's outline are the same lists in every year and measure.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from eastwest.errors import InputError, nearest
from eastwest.formatting.colours import AMOUNTS, NOTHING, SHADES
from eastwest.report.plot import map_words, style
from eastwest.report.plot.chart import Chart, Subject
from eastwest.report.plot.map_key import Key, key_of
from eastwest.report.plot.map_layer import Ring, curve, middle
from eastwest.report.plot.map_picture import OPACITIES, WIDTHS_PX, Circle, Group, Picture, picture
from eastwest.report.plot.map_tables import ALL

Trace = dict[str, Any]
MEASURES = ("demand", "unserved")
HEIGHT_PX = 760
BELOW_PX = 118
"""Colour bars and widths of lines, under the map."""
INK, BORDER = "#1c1c1c", "#a99f8c"
HALO = "1px 0 1px #fff, -1px 0 1px #fff, 0 1px 1px #fff, 0 -1px 1px #fff, 0 0 3px #fff"


def chart(
    subject: Subject,
    kind: str | None = None,
    task: str | None = None,
    shade: str | None = None,
    *,
    years: Sequence[int] | None = None,
    beside: Sequence[Subject] = (),
) -> Chart:
    """One map a planning year.

    `kind` is the kind of compute whose demand shades provinces and whose flows are shown first (the first of the
    run); `task` shows one task's flows first; `shade` is demand or unserved (unserved where anything is in the years
    drawn). `years` are those to draw (all). Scales hold for all years, and for the runs `beside` this one.
    """
    say, shown = subject.say, picture(subject, *beside)
    drawn = years or shown.years
    first = choice(shown, drawn, kind, task, shade)
    figures = {year: _figure(shown, year, *first) for year in drawn}
    more = (shown.tables.provinces, shown.tables.flows, shown.tables.compute)
    title, caption = say("Map"), map_words.caption(shown, first[0])
    return Chart("map", title, caption, shown.tables.sites, figures, wide=True, height=HEIGHT_PX, more=more)


def choice(
    shown: Picture, years: Sequence[int], kind: str | None, task: str | None, shade: str | None
) -> tuple[str, str, str]:
    """Kind, group of flows and measure that are seen first; InputError where the run has no such thing."""
    kinds, keys = shown.tables.kinds(), list(shown.scales.classes)
    if task is not None and task not in keys:
        raise InputError(f"received '{task}', expected a task of the run{nearest(task, keys)}", key="task")
    if kind is None:
        kind = shown.kind_of.get(task or "") or (kinds[0] if kinds else "intelligent")
    elif kind not in kinds:
        raise InputError(f"received '{kind}', expected a kind of compute of the run: {', '.join(kinds)}", key="kind")
    if shade is None:
        lost = (shown.value("unserved", kind, region, year) for region in shown.region_points for year in years)
        shade = "unserved" if any(value > 0 for value in lost) else "demand"
    elif shade not in MEASURES:
        raise InputError(f"received '{shade}', expected {' or '.join(MEASURES)}{nearest(shade, MEASURES)}", key="shade")
    return kind, task or f"{ALL}{kind}", shade


def _scatter(**given: Any) -> Trace:
    """Plotly checks it when the figure is made; a trace object here would be checked and copied a second time."""
    return {"type": "scatter", **given}


def _figure(shown: Picture, year: int, kind: str, task: str, shade: str) -> go.Figure:
    circles = shown.circles(year)
    traces = [*_areas(shown, year, kind, shade)]
    for group in shown.groups(year):
        traces += _flows(shown, group, group.key == task)
    traces += _sites(shown, circles, year)
    box = key_of(shown)
    traces += _key(box)
    hidden: dict[str, Any] = {"visible": False, "fixedrange": False}
    fixed: dict[str, Any] = {"constrain": "domain", "title": None}
    found = style.figure(traces, height=HEIGHT_PX, hovermode="closest", dragmode="pan", hoverdistance=14)
    found.update_xaxes(**hidden, range=[0, shown.frame.width], **fixed)
    found.update_yaxes(**hidden, range=[box.bottom, shown.frame.height], scaleanchor="x", **fixed)
    legend = {"x": 0.5, "xanchor": "center", "yref": "container", "y": 0.02, "yanchor": "bottom"}
    legend |= {"itemclick": False, "itemdoubleclick": False, "bgcolor": SHADES["demand"][0], "font": {"color": INK}}
    hover = {"bgcolor": "#ffffff", "bordercolor": "#888888", "font": {"color": INK}}
    modebar = {"remove": ["select", "lasso", "autoScale"]}
    found.update_layout(
        margin={"l": 4, "r": 4, "t": 4, "b": BELOW_PX}, legend=legend, hoverlabel=hover, modebar=modebar
    )
    if box.sizes:
        words = map_words.sizes(shown).replace("\n", "<br>")
        place = {"x": box.x, "y": box.title_y, "xanchor": "left", "yanchor": "bottom", "align": "left"}
        found.add_annotation(text=words, showarrow=False, font={"size": 12}, **place)
    return found


def _key(box: Key) -> list[Trace]:
    """Circles that explain sizes."""
    if not box.sizes:
        return []
    line = {"color": "#888888", "width": 1.0}
    marker = {"size": [size.diameter for size in box.sizes], "color": "rgba(128,128,128,0.35)", "line": line}
    return [
        _scatter(
            x=[size.x for size in box.sizes], y=[size.y for size in box.sizes], mode="markers+text", marker=marker,
            text=[size.label for size in box.sizes], textposition="middle right", hoverinfo="skip",
            showlegend=False, meta={"layer": "key"},
        )
    ]  # fmt: skip


def _areas(shown: Picture, year: int, kind: str, shade: str) -> list[Trace]:
    """Regions, once for each measure."""
    traces = []
    words = {region: map_words.region(shown, region, year) for region in shown.rings}
    for measure in MEASURES if shown.rings else ():
        meta = {"layer": "shade", "measure": measure, "kind": kind, "label": map_words.measure(shown, measure, kind)}
        seen = {"meta": meta, "visible": measure == shade, "showlegend": False}
        for region, colour in shown.shades(measure, kind, year).items():
            traces.append(_area(shown.rings[region], colour, words[region], seen))
        traces.append(_bar(measure, shown.shade_end(measure, kind), seen))
    return traces


def _area(rings: list[Ring], colour: str, words: str, seen: Trace) -> Trace:
    x, y = joined(rings)
    return _scatter(
        x=x, y=y, fill="toself", fillcolor=colour, mode="lines", line={"color": BORDER, "width": 0.7},
        hoveron="fills", text=words, hoverinfo="text", **seen,
    )  # fmt: skip


def joined(rings: list[Ring]) -> tuple[list[int | None], list[int | None]]:
    """Rings or curves as one line with gaps."""
    x: list[int | None] = []
    y: list[int | None] = []
    for number, (along, up) in enumerate(rings):
        gap = [None] if number else []
        x += [*gap, *along]
        y += [*gap, *up]
    return x, y


def _bar(measure: str, end: float, seen: Trace) -> Trace:
    """Nothing but the bar of colours of a measure."""
    shares = np.linspace(0, 1, len(SHADES[measure])).tolist()
    colours = [[share, colour] for share, colour in zip(shares, SHADES[measure], strict=True)]
    bar = colour_bar(seen["meta"]["label"], 0.02, "left")
    marker = {"color": [0], "cmin": 0, "cmax": end, "colorscale": colours, "showscale": True, "colorbar": bar}
    return _scatter(x=[None], y=[None], mode="markers", marker=marker, hoverinfo="skip", **seen)


def colour_bar(title: str, x: float, anchor: str) -> dict[str, Any]:
    """A bar under the map."""
    return {
        "orientation": "h", "x": x, "xanchor": anchor, "y": -0.005, "yanchor": "top", "len": 0.46, "thickness": 9,
        "title": {"text": html.escape(title, quote=False), "side": "top", "font": {"size": 12}}, "outlinewidth": 0,
        "tickfont": {"size": 11}, "nticks": 6, "ypad": 4,
    }  # fmt: skip


def _flows(shown: Picture, group: Group, visible: bool) -> list[Trace]:
    """Lines of each width, then the points that point the way and show hover."""
    meta = {"layer": "flows", "task": group.key, "kind": group.kind, "label": group.label}
    seen: Trace = {"meta": meta, "visible": visible}
    traces = []
    for number, words in enumerate(map_words.widths(shown, group.bounds)):
        x, y = joined([curve(flow.start, flow.end) for flow in group.flows if flow.width_class == number])
        look = {"line": {"color": group.colour, "width": WIDTHS_PX[number]}, "opacity": OPACITIES[number]}
        named = {"name": words, "showlegend": True, "legendrank": number}
        traces.append(_scatter(x=x or [None], y=y or [None], mode="lines", hoverinfo="skip", **look, **named, **seen))
    return [*traces, _middles(shown, group, seen)] if group.flows else traces


def _middles(shown: Picture, group: Group, seen: Trace) -> Trace:
    x, y, angles = zip(*(middle(flow.start, flow.end) for flow in group.flows), strict=True)
    sizes = [5 + WIDTHS_PX[flow.width_class] for flow in group.flows]
    line = {"width": 0.5, "color": "#ffffff"}
    marker = {"symbol": "triangle-up", "size": sizes, "color": group.colour, "angle": angles, "opacity": 0.85}
    words = [map_words.flow(shown, group, flow) for flow in group.flows]
    hover = {"showlegend": False, "hoverinfo": "text", "hovertext": words}
    return _scatter(x=x, y=y, mode="markers", marker=marker | {"line": line}, **hover, **seen)


def _sites(shown: Picture, circles: list[Circle], year: int) -> list[Trace]:
    """Metros, then clusters with their names."""
    pixels = (1000 - 8) / shown.frame.width, (HEIGHT_PX - BELOW_PX - 4) / shown.frame.height
    sides = shown.sides(circles, min(pixels))
    traces: list[Trace] = []
    for is_cluster in (False, True):
        chosen = [circle for circle in circles if circle.is_cluster == is_cluster]
        if not chosen:
            continue
        names = [style.shown(shown.labels.get(circle.site, "")) if circle.site in sides else "" for circle in chosen]
        used = [circle.utilisation for circle in chosen]
        colours = [100 * share if np.isfinite(share) else NOTHING for share in used]
        bar = colour_bar(shown.subject.say("Fullest of grid and halls, used [%]"), 0.98, "right")
        marker = {
            "size": [circle.diameter for circle in chosen], "color": colours, "colorscale": AMOUNTS, "cmin": 0,
            "cmax": 100, "showscale": not traces, "colorbar": bar, "opacity": 0.95,
            "line": {"color": "#ffffff" if not is_cluster else INK, "width": 1.0},
        }  # fmt: skip
        traces.append(
            _scatter(
                x=[circle.x for circle in chosen], y=[circle.y for circle in chosen], marker=marker, text=names,
                mode="markers+text" if is_cluster else "markers", cliponaxis=False, showlegend=False,
                textposition=[sides.get(circle.site, "middle right") for circle in chosen],
                textfont={"color": INK, "size": 12, "shadow": HALO}, hoverinfo="text",
                hovertext=[map_words.site(shown, circle, year) for circle in chosen],
                meta={"layer": "sites", "sites": "cluster" if is_cluster else "metro"},
            )
        )  # fmt: skip
    return traces
