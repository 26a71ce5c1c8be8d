"""How every figure looks: transparent, so that light and dark pages both can hold it, with units on its axes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from eastwest.formatting.colours import AMOUNTS, TEXT
from eastwest.formatting.words import plain, with_unit
from eastwest.schema.results_table import round_significant

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans SC', 'PingFang SC', sans-serif"
GRID = "rgba(128,128,128,0.25)"
TOOLS = ["zoom", "pan", "select", "lasso", "zoomIn", "zoomOut", "autoScale"]
"""Buttons that a figure goes without; dragging and double clicks do the same."""
ROW = 19
"""Height of a row of a figure with many [px]."""
HEAD = 130
"""Height of what stands above and below the rows [px]."""
ROUND = [float(f"{step}e{power}") for power in range(-6, 13) for step in (1, 2, 5)]
"""Round figures, for scales: 1, 2 and 5 times powers of ten."""


def figure(traces: Sequence[Any], *, x: str = "", y: str = "", height: int = 420, **layout: Any) -> go.Figure:
    """A figure of these traces in the style of the project; `x` and `y` name the axes with their units."""
    found = go.Figure(list(traces), base(height) | {"xaxis": axis(x), "yaxis": axis(y)} | layout)
    if any(trace.name and trace.showlegend is not False for trace in found.data):
        found.layout.margin.t = 64
    return found


def base(height: int) -> dict[str, Any]:
    """Layout of every figure; the legend stands above, where no axis is."""
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 13, "color": TEXT},
        "margin": {"l": 10, "r": 10, "t": 34, "b": 10},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": TEXT, "activecolor": TEXT, "remove": TOOLS},
        "height": height,
        "hoverlabel": {"align": "left"},
        "legend": {
            "orientation": "h",
            "traceorder": "normal",
            "yanchor": "bottom",
            "y": 1.01,
            "xanchor": "left",
            "x": 0,
        },
        "template": "none",
    }


def axis(title: str = "") -> dict[str, Any]:
    """An axis with its title and unit; numbers are written out, thousands apart."""
    return {
        "title": {"text": title, "standoff": 12},
        "automargin": True,
        "gridcolor": GRID,
        "zeroline": False,
        "exponentformat": "none",
        "separatethousands": True,
    }


def heat_map(
    cells: pd.DataFrame, hover: str, bar: Mapping[str, Any], *, said: pd.DataFrame | None = None, height: int = 40,
    titles: Mapping[str, str], **scale: Any,
) -> go.Figure:  # fmt: skip
    """A row for each name of the index, a column for each of the columns; from 0 to 100 % where `scale` says no other.

    What is not a number stays empty. `said` are further figures for `hover`, `bar` is the scale of colours beside the
    upper end, `height` what is needed beside the rows [px], `titles` are those of x and y.
    """
    more = {} if said is None else {"customdata": _rows(said)}
    place = {"thickness": 14, "len": 300, "lenmode": "pixels", "y": 1, "yanchor": "top", "outlinewidth": 0}
    look = {"zmin": 0, "zmax": 1, "colorscale": AMOUNTS, "colorbar": {"tickformat": ".0%", **place, **bar}} | scale
    drawn = go.Heatmap(
        x=list(cells), y=list(cells.index), z=_rows(cells), xgap=1, ygap=1, hoverongaps=False,
        hovertemplate=f"{hover}<extra></extra>", **look, **more,
    )  # fmt: skip
    found = figure([drawn], height=HEAD + height + ROW * len(cells), showlegend=False, **titles)
    found.update_xaxes(side="top", type="category", showgrid=False, tickangle=-40)
    return found.update_yaxes(rows_from_top())


def _rows(cells: pd.DataFrame) -> list[list[float | None]]:
    return [known(row) for row in cells.to_numpy()]


def bars(names: Sequence[str], values: Iterable[float], unit: str, colours: Any, row: int, **titles: str) -> go.Figure:
    """A bar to the right for each name, the first on top, `row` pixels each; `titles` are those of x and y."""
    values = list(values)
    hover = exact(names, values, unit)
    drawn = go.Bar(x=known(values), y=names, orientation="h", marker={"color": colours}, **hover)
    return bar_chart([drawn], names, row, **titles)


def bar_chart(traces: Sequence[Any], names: Sequence[str], row: int, **named: Any) -> go.Figure:
    """Bars by name, the first on top, `row` pixels each."""
    return figure(traces, height=HEAD + row * len(names), **named).update_yaxes(rows_from_top())


def spans(names: Iterable[str], low: Iterable[float], high: Iterable[float], **look: Any) -> go.Scatter:
    """A line from the lower to the higher figure in the row of each name."""
    x = [end for least, most in zip(low, high, strict=True) for end in (float(least), float(most), None)]
    y = [end for name in names for end in (name, name, None)]
    return go.Scatter(x=x, y=y, mode="lines", hoverinfo="skip", **look)


def marks(
    names: Iterable[str], values: Iterable[float], unit: str, what: str, marker: dict[str, Any], *,
    said: Iterable[str] | None = None, legend: bool = True,
) -> go.Scatter:  # fmt: skip
    """A mark in the row of each name, which says `what` it is; `said` are the names with more words."""
    names, values = list(names), list(values)
    hover = exact([f"{name}<br>{what}" for name in said or names], values, unit)
    look = {"mode": "markers", "marker": marker, "name": what, "showlegend": legend}
    return go.Scatter(x=known(values), y=names, **look, **hover)


def ranges(traces: Sequence[Any], names: Sequence[str], row: int, **titles: str) -> go.Figure:
    """Spans and marks by name, the first on top, `row` pixels each."""
    found = figure(traces, height=HEAD + 40 + row * len(names), **titles)
    order = {"categoryorder": "array", "categoryarray": list(names), "showgrid": True}
    return found.update_yaxes(rows_from_top(**order))


def rows_from_top(**more: Any) -> dict[str, Any]:
    """An axis of names, the first on top, each of them shown."""
    return {"autorange": "reversed", "type": "category", "showgrid": False, "dtick": 1} | more


def exact(names: Iterable[str], values: Iterable[float], unit: str) -> dict[str, Any]:
    """What a mark says when it is pointed at: name, figure with unit, and the exact value."""
    figures = round_significant(np.array(list(values), dtype=float)).tolist()
    data = [[name, with_unit(value, unit), value] for name, value in zip(names, figures, strict=True)]
    words = "%{customdata[0]}<br>%{customdata[1]} (%{customdata[2]})<extra></extra>"
    return {"customdata": data, "hovertemplate": words}


def words(text: str, height: int = 120) -> go.Figure:
    """A figure that says in words why there is nothing to draw."""
    found = figure([], height=height)
    found.update_xaxes(visible=False)
    found.update_yaxes(visible=False)
    found.add_annotation(text=shown(text, 300), showarrow=False, xref="paper", yref="paper", x=0, y=0.5, xanchor="left")
    return found


def cut(text: str, most: int) -> str:
    """A text on one line, no longer than so many letters; not escaped."""
    clean = " ".join(plain(text).split())
    return clean if len(clean) <= most else clean[: most - 1] + "…"


def shown(text: str, most: int = 60) -> str:
    """A name as a figure may show it: no markup of Plotly's, and no longer than a label can be."""
    return escape(cut(text, most), quote=False)


def unique(labels: Iterable[str]) -> list[str]:
    """The labels, a number behind those that are there already: an axis would draw equal names in one place."""
    seen: dict[str, int] = {}
    found = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        found.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return found


def known(values: Iterable[float | None]) -> list[float | None]:
    """The values as a figure takes them: nothing where there is no number."""
    return [None if value is None or not math.isfinite(value) else float(value) for value in values]
