"""How every figure looks: transparent, so that light and dark pages both can hold it, with units on its axes."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans SC', 'PingFang SC', sans-serif"


def figure(traces: list[Any], *, x: str = "", y: str = "", height: int = 420, **layout: Any) -> go.Figure:
    """A figure of these traces in the style of the project; `x` and `y` name the axes with their units."""
    base: dict[str, Any] = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 13},
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "height": height,
        "hoverlabel": {"align": "left"},
        "legend": {"orientation": "h", "yanchor": "top", "y": -0.15, "x": 0},
        "xaxis": {"title": {"text": x}, "automargin": True, "gridcolor": "rgba(128,128,128,0.25)", "zeroline": False},
        "yaxis": {"title": {"text": y}, "automargin": True, "gridcolor": "rgba(128,128,128,0.25)", "zeroline": False},
        "template": "none",
    }
    found = go.Figure(data=traces)
    found.update_layout(base)
    found.update_layout(layout)
    return found


def shown(text: str, most: int = 60) -> str:
    """A name as a figure may show it: no markup of Plotly's, and no longer than a label can be."""
    clean = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return clean if len(clean) <= most else clean[: most - 1] + "…"
