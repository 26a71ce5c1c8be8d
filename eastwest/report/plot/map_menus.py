"""What can be chosen on a map, read from the traces: as lists for a page, as menus of Plotly's for a notebook."""

from __future__ import annotations

import plotly.graph_objects as go

from eastwest.report.plot import style

CHOICES = {"flows": "task", "shade": "measure"}
"""Layer of which one choice is seen at a time -> the key in `meta` that tells its traces apart."""


def options(figure: go.Figure, layer: str) -> dict[str, tuple[str, bool]]:
    """Choice -> its label, and whether it is seen first; in the order of the traces."""
    key = CHOICES[layer]
    found: dict[str, tuple[str, bool]] = {}
    for trace in figure.data:
        if trace.meta["layer"] == layer:
            found.setdefault(str(trace.meta[key]), (str(trace.meta["label"]), bool(trace.visible)))
    return found


def with_menus(figure: go.Figure) -> go.Figure:
    """The figure with a menu for each layer that offers a choice."""
    menus = []
    for position, (layer, key) in enumerate(CHOICES.items()):
        places = [number for number, trace in enumerate(figure.data) if trace.meta["layer"] == layer]
        found = options(figure, layer)
        buttons = []
        for choice, (label, _) in found.items():
            seen = {"visible": [figure.data[place].meta[key] == choice for place in places]}
            buttons.append({"label": style.shown(label), "method": "restyle", "args": [seen, places]})
        active = next((number for number, (_, first) in enumerate(found.values()) if first), 0)
        place = {"x": 0.5 * position, "xanchor": "left", "y": 1.0, "yanchor": "bottom"}
        look = {"type": "dropdown", "bgcolor": "#ffffff", "font": {"color": "#1c1c1c"}, "showactive": True}
        if len(buttons) > 1:
            menus.append({**look, **place, "buttons": buttons, "active": active})
    copied = go.Figure(figure)
    return copied.update_layout(updatemenus=menus, margin={"t": 50}, height=(figure.layout.height or 0) + 46)
