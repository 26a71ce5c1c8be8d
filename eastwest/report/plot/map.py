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
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from eastwest.errors import InputError, nearest
from eastwest.formatting.colours import AMOUNTS, KINDS, NOTHING, SHADES
from eastwest.report.plot import map_words, style
from eastwest.report.plot.chart import Chart, Subject
from eastwest.report.plot.map_layer import Ring, curve, emptiest_corner, middle
from eastwest.report.plot.map_picture import ALL, MEASURES, Picture, picture

Trace = dict[str, Any]
"""Plotly checks it when the figure is made; a trace object here would be checked and copied a second time."""
WIDTHS_PX = (0.7, 1.4, 2.5, 4.2, 6.5)
OPACITIES = (0.3, 0.38, 0.46, 0.56, 0.66)
HEIGHT_PX = 760
BELOW_PX = 118
"""Colour bars and widths of lines, under the map."""
KEY_WIDE, KEY_ROW, KEY_HEAD = 2300, 520, 610
"""Room for the circles that explain sizes: its width, a row of one, the words above [units of the map]."""
CHOICES = {"flows": "task", "shade": "measure"}
"""Layer of which one choice is seen at a time -> the key in `meta` that tells its traces apart."""
INK, BORDER, EDGE, WHITE = "#1c1c1c", "#a99f8c", "#888888", "#ffffff"
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
    drawn = years or subject.years
    first = choice(shown, drawn, kind, task, shade)
    figures = {year: figure_of(shown, year, *first) for year in drawn}
    more = (shown.tables.provinces, shown.tables.flows, shown.tables.compute)
    title, caption = say("Map"), map_words.caption(shown, first[0])
    return Chart("map", title, caption, shown.tables.sites, figures, wide=True, height=HEIGHT_PX, more=more)


def choice(
    shown: Picture, years: Sequence[int], kind: str | None, task: str | None, shade: str | None
) -> tuple[str, str, str]:
    """Kind, group of flows and measure that are seen first; InputError where the run has no such thing."""
    kinds, keys = shown.kinds, list(shown.kind_of)
    if task is not None and task not in keys:
        raise InputError(f"received '{task}', expected a task of the run{nearest(task, keys)}", key="task")
    if kind is None:
        kind = shown.kind_of[task] if task else (kinds[0] if kinds else "intelligent")
    elif kind not in kinds:
        raise InputError(f"received '{kind}', expected a kind of compute of the run: {', '.join(kinds)}", key="kind")
    if shade is None:
        rows = shown.tables.provinces.rows(kind=kind)
        shade = "unserved" if (rows.loc[rows["year"].isin(list(years)), "share"] > 0).any() else "demand"
    elif shade not in MEASURES:
        raise InputError(f"received '{shade}', expected {' or '.join(MEASURES)}{nearest(shade, MEASURES)}", key="shade")
    return kind, task or f"{ALL}{kind}", shade


def figure_of(shown: Picture, year: int, kind: str, task: str, shade: str) -> go.Figure:
    """The map of a year; `kind`, `task` and `shade` as `choice` gives them."""
    flows = (trace for group in shown.kind_of for trace in _flows(shown, group, year, group == task))
    traces = [*_areas(shown, year, kind, shade), *flows, *_sites(shown, year)]
    found = style.figure(traces, height=HEIGHT_PX, hovermode="closest", dragmode="pan", hoverdistance=14)
    bottom = _key(shown, found)
    axis = {"visible": False, "fixedrange": False, "constrain": "domain", "title": None}
    found.update_xaxes(**axis, range=[0, shown.frame.width])
    found.update_yaxes(**axis, range=[bottom, shown.frame.height], scaleanchor="x")
    legend = {"x": 0.5, "xanchor": "center", "yref": "container", "y": 0.02, "yanchor": "bottom"}
    legend |= {"itemclick": False, "itemdoubleclick": False, "bgcolor": SHADES["demand"][0], "font": {"color": INK}}
    return found.update_layout(
        margin={"l": 4, "r": 4, "t": 4, "b": BELOW_PX}, modebar={"remove": ["select", "lasso", "autoScale"]},
        legend=legend, hoverlabel={"bgcolor": WHITE, "bordercolor": EDGE, "font": {"color": INK}},
    )  # fmt: skip


def _scatter(places: tuple[Sequence[Any], Sequence[Any]], meta: Trace, **given: Any) -> Trace:
    return {"type": "scatter", "x": places[0], "y": places[1], "meta": meta, "showlegend": False, **given}


def _areas(shown: Picture, year: int, kind: str, shade: str) -> Iterator[Trace]:
    """Regions, once for each measure, and its bar of colours."""
    words = {region: map_words.region(shown, region, year) for region in shown.rings}
    border = {"color": BORDER, "width": 0.7}
    for measure in MEASURES if shown.rings else ():
        label = map_words.measure(shown, measure, kind)
        meta: Trace = {"layer": "shade", "measure": measure, "kind": kind, "label": label}
        seen: Trace = {"visible": measure == shade}
        for region, colour in shown.shades(measure, kind, year).items():
            look: Trace = {"mode": "lines", "line": border, "fill": "toself", "fillcolor": colour, "hoveron": "fills"}
            yield _scatter(joined(shown.rings[region]), meta, text=words[region], hoverinfo="text", **look, **seen)
        shares = np.linspace(0, 1, len(SHADES[measure])).tolist()
        colours = [[share, colour] for share, colour in zip(shares, SHADES[measure], strict=True)]
        marker = {"color": [0], **colour_bar(shown.shade_end(measure, kind), colours, label, 0.02, "left")}
        yield _scatter(([None], [None]), meta, mode="markers", marker=marker, hoverinfo="skip", **seen)


def joined(rings: Iterable[Ring]) -> tuple[list[int | None], list[int | None]]:
    """Rings or curves as one line with gaps."""
    x: list[int | None] = []
    y: list[int | None] = []
    for along, up in rings:
        gap = [None] if x else []
        x += [*gap, *along]
        y += [*gap, *up]
    return x, y


def colour_bar(most: float, colours: Any, title: str, x: float, anchor: str) -> Trace:
    """What a marker needs for colours from 0 to `most`, with a bar of them under the map."""
    bar = {
        "orientation": "h", "x": x, "xanchor": anchor, "y": -0.005, "yanchor": "top", "len": 0.46, "thickness": 9,
        "title": {"text": html.escape(title, quote=False), "side": "top", "font": {"size": 12}}, "outlinewidth": 0,
        "tickfont": {"size": 11}, "nticks": 6, "ypad": 4,
    }  # fmt: skip
    return {"cmin": 0, "cmax": most, "colorscale": colours, "showscale": True, "colorbar": bar}


def _flows(shown: Picture, group: str, year: int, visible: bool) -> Iterator[Trace]:
    """Lines of each width, then the points that point the way and show hover."""
    kind, rows = shown.kind_of[group], shown.flows(year, group)
    meta: Trace = {"layer": "flows", "task": group, "kind": kind, "label": shown.group_label(group)}
    colour, ends = KINDS.get(kind, NOTHING), rows[["x", "y", "x_to", "y_to"]].to_numpy(dtype=float)
    for number, words in enumerate(map_words.widths(shown, shown.classes[group])):
        x, y = joined(curve(end[:2], end[2:]) for end in ends[rows["width"].to_numpy() == number])
        look: Trace = {"line": {"color": colour, "width": WIDTHS_PX[number]}, "opacity": OPACITIES[number]}
        look |= {"name": words, "showlegend": True, "legendrank": number, "hoverinfo": "skip"}
        yield _scatter((x or [None], y or [None]), meta, mode="lines", visible=visible, **look)
    if len(rows):
        across, up, angles = zip(*(middle(end[:2], end[2:]) for end in ends), strict=True)
        sizes = [5 + WIDTHS_PX[width] for width in rows["width"]]
        marker = {"symbol": "triangle-up", "size": sizes, "color": colour, "angle": angles, "opacity": 0.85}
        marker["line"] = {"width": 0.5, "color": WHITE}
        look = {"hoverinfo": "text", "hovertext": [map_words.flow(shown, route) for route in rows.itertuples()]}
        yield _scatter((across, up), meta, mode="markers", marker=marker, visible=visible, **look)


def _sites(shown: Picture, year: int) -> Iterator[Trace]:
    """Metros, then clusters with their names."""
    circles = shown.circles(year)
    pixels = (1000 - 8) / shown.frame.width, (HEIGHT_PX - BELOW_PX - 4) / shown.frame.height
    sides = shown.sides(circles, min(pixels))
    bar = colour_bar(100, AMOUNTS, shown.subject.say("Fullest of grid and halls, used [%]"), 0.98, "right")
    for which, rows in circles.groupby("is_cluster"):
        names = [style.shown(shown.labels[site]) if site in sides else "" for site in rows.index]
        colours = [100 * share if np.isfinite(share) else NOTHING for share in rows["fullest"]]
        marker = {"size": rows["diameter"].tolist(), "color": colours, "opacity": 0.95, **bar}
        marker |= {"line": {"color": INK if which else WHITE, "width": 1.0}}
        yield _scatter(
            (rows["x"].tolist(), rows["y"].tolist()), {"layer": "sites", "sites": "cluster" if which else "metro"},
            mode="markers+text" if which else "markers", marker=marker, text=names, cliponaxis=False, hoverinfo="text",
            textposition=[sides.get(site, "middle right") for site in rows.index],
            textfont={"color": INK, "size": 12, "shadow": HALO},
            hovertext=[map_words.site(shown, str(site), year) for site in rows.index],
        )  # fmt: skip
        bar["showscale"] = False


def _key(shown: Picture, figure: go.Figure) -> float:
    """Circles that explain sizes, in the emptiest corner or under the map; the lower edge of what is shown then.

    They stand for a round figure near the largest, and two smaller ones; without power there are none.
    """
    powers = [step for step in style.ROUND if step <= 1.1 * shown.most_mw][:-6:-2]
    if not powers:
        return 0.0
    rings = (ring for rings in shown.rings.values() for ring in rings)
    places, high = shown.sites[["x", "y"]].to_numpy(dtype=float), 3 * KEY_ROW + KEY_HEAD
    corner = emptiest_corner(shown.frame, rings, places, KEY_WIDE, high)
    left, bottom = (0.0, float(-high)) if corner is None else (corner[0] + KEY_ROW / 4, corner[1] + KEY_ROW / 4)
    rows = [bottom + KEY_ROW * (place + 0.5) for place in reversed(range(len(powers)))]
    marker = {"size": shown.diameter(np.array(powers)).tolist(), "color": EDGE, "opacity": 0.4}
    words: Trace = {"text": [f"{power:,.6g} MW" for power in powers], "textposition": "middle right"}
    look: Trace = {"mode": "markers+text", "marker": marker | {"line": {"color": EDGE, "width": 1.0}}}
    middles = [left + KEY_ROW / 2] * len(rows)
    figure.add_trace(_scatter((middles, rows), {"layer": "key"}, hoverinfo="skip", **look, **words))
    title = shown.subject.say("Grid connection\ntaken").replace("\n", "<br>")
    place = {"x": left, "y": bottom + KEY_ROW * len(powers), "xanchor": "left", "yanchor": "bottom", "align": "left"}
    figure.add_annotation(text=title, showarrow=False, font={"size": 12}, **place)
    return min(0.0, bottom - KEY_ROW / 4)


def with_menus(figure: go.Figure) -> go.Figure:
    """A copy for notebooks, with a menu of Plotly's for each layer that offers a choice."""
    menus = []
    for position, (layer, key) in enumerate(CHOICES.items()):
        traces = {place: trace for place, trace in enumerate(figure.data) if trace.meta["layer"] == layer}
        labels = {trace.meta[key]: trace.meta["label"] for trace in traces.values()}
        first = next((trace.meta[key] for trace in traces.values() if trace.visible), None)
        buttons = [
            {"label": style.shown(label), "method": "restyle",
             "args": [{"visible": [trace.meta[key] == choice for trace in traces.values()]}, list(traces)]}
            for choice, label in labels.items()
        ]  # fmt: skip
        look = {"type": "dropdown", "bgcolor": WHITE, "font": {"color": INK}, "showactive": True, "buttons": buttons}
        look |= {"x": 0.5 * position, "xanchor": "left", "y": 1.0, "yanchor": "bottom"}
        if len(buttons) > 1:
            menus.append({**look, "active": list(labels).index(first) if first in labels else 0})
    return go.Figure(figure).update_layout(updatemenus=menus, margin={"t": 50}, height=figure.layout.height + 46)
