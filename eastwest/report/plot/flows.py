"""Who serves whom: regions of demand and the places that serve them, one kind of compute at a time."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from eastwest.errors import InputError, nearest
from eastwest.formatting.colours import NOTHING, TEXT
from eastwest.report.plot import order, style
from eastwest.report.plot.chart import Chart, Subject
from eastwest.results.dataset import Column, Dataset, gather

OUTSIDE = ""


def kind_of(subject: Subject, kind: str) -> str:
    """A kind of compute that the run serves."""
    known = sorted(set(subject.table.loc[subject.table["quantity"] == "demand", "kind"]))
    if kind not in known:
        message = f"received kind '{kind}', expected one of the run: {', '.join(known)}{nearest(kind, known)}"
        raise InputError(message, key="kind")
    return kind


def _served(subject: Subject, kind: str, name: str) -> Dataset:
    columns = {"served": Column("Served", "served", "PFLOP/s", {"kind": kind_of(subject, kind)})}
    data = gather(subject.table, f"{name}_{kind}", "Who serves whom", ["year", "region", "site"], columns)
    return data.but(data.frame[data.frame["served"] > 0])


def _lookup(subject: Subject, table: str, label: str) -> dict[str, str]:
    """The hub of each site or region."""
    frame = subject.scenario.tables[table]
    found = frame["hub"].where(frame["hub"].notna(), OUTSIDE) if "hub" in frame else pd.Series(OUTSIDE, frame.index)
    return dict(zip(frame[label].map(str), found.map(str), strict=True))


def by_region(subject: Subject, kind: str = "intelligent") -> Chart:
    """Heat map of demand regions and who serves them: the own province, each hub, sites outside hubs [PFLOP/s]."""
    say = subject.say
    data = _served(subject, kind, "flows_by_region")
    caption = say(
        "Served work of one kind of compute ({kind}) by region of demand and place [PFLOP/s], on a logarithmic scale "
        "of colours. A site in the region itself counts as own province, not for its hub. Empty: nothing is served.",
        kind=say.item(kind),
    )
    title = say("Who serves whom: {kind}", kind=say.item(kind))
    return Chart.yearly(subject, data, _map, caption, say("Nothing is served."), title=title)


def _map(subject: Subject, rows: pd.DataFrame) -> go.Figure:
    say = subject.say
    hub_of, homes = _lookup(subject, "sites", "site"), subject.names.regions
    hubs, regions = order.hubs(subject, set(hub_of.values()) - {OUTSIDE}), order.regions(subject, rows["region"])
    names = dict(zip(hubs, order.labels(subject, "hub", hubs), strict=True)) | {OUTSIDE: say("outside hubs")}
    own = rows["site"].map(homes) == rows["region"]
    place = rows["site"].map(hub_of).fillna(OUTSIDE).map(names).where(~own, say("own province"))
    wide = rows.assign(place=place).pivot_table(index="region", columns="place", values="served", aggfunc="sum")
    cells = wide.reindex(index=regions, columns=[say("own province"), *names.values()])
    cells.index = pd.Index(order.labels(subject, "region", regions))
    powers = np.log10(cells.where(cells > 0))
    ticks = range(math.floor(powers.min(axis=None)), math.ceil(powers.max(axis=None)) + 1)
    bar = {
        "title": {"text": say("Served [PFLOP/s]"), "side": "right"}, "tickvals": list(ticks),
        "ticktext": [f"{10.0**tick:,.15g}" for tick in ticks], "tickformat": "",
    }  # fmt: skip
    hover, titles = "%{y} → %{x}<br>%{customdata:,.9~g} PFLOP/s", {"x": say("Served by"), "y": say("Region of demand")}
    scale = {"zmin": ticks[0], "zmax": ticks[-1], "height": 60}
    return style.heat_map(powers, hover, bar, said=cells, titles=titles, **scale)


def by_hub(subject: Subject, kind: str = "intelligent") -> Chart:
    """Sankey of hubs that demand comes from and hubs that serve it [PFLOP/s]."""
    say = subject.say
    data = _served(subject, kind, "flows_by_hub")
    caption = say(
        "Served work of one kind of compute ({kind}) from the hubs of its regions, left, to the hubs of the sites that "
        "serve it, right [PFLOP/s]; hubs count with their clusters and metros.",
        kind=say.item(kind),
    )
    title = say("From hub to hub: {kind}", kind=say.item(kind))
    return Chart.yearly(subject, data, _sankey, caption, say("Nothing is served."), title=title)


def _sankey(subject: Subject, rows: pd.DataFrame) -> go.Figure:
    say = subject.say
    start = rows["region"].map(_lookup(subject, "regions", "region")).astype(object).fillna(OUTSIDE)
    end = rows["site"].map(_lookup(subject, "sites", "site")).astype(object).fillna(OUTSIDE)
    links = rows.assign(start=start, end=end).groupby(["start", "end"], as_index=False)["served"].sum()
    left, right = (_ordered(subject, links[side]) for side in ("start", "end"))
    names = [style.shown(subject.names.said("hub", hub), 40) if hub else say("outside hubs") for hub in left + right]
    colours = [subject.colours.of("hub", hub) if hub else NOTHING for hub in left + right]
    sources = [left.index(hub) for hub in links["start"]]
    targets = [len(left) + right.index(hub) for hub in links["end"]]
    said = [f"{names[source]} → {names[target]}" for source, target in zip(sources, targets, strict=True)]
    faint = [_faint(colours[source]) for source in sources]
    link = {"source": sources, "target": targets, "value": links["served"].tolist(), "color": faint}
    drawn = go.Sankey(
        textfont={"color": TEXT, "shadow": "none"}, arrangement="snap", valuesuffix=" PFLOP/s", valueformat=",.0f",
        node={"label": names, "color": colours, "pad": 14, "thickness": 18, "line": {"width": 0}},
        link=link | style.exact(said, links["served"], "PFLOP/s"),
    )  # fmt: skip
    found = style.figure([drawn], height=520)
    found.update_layout(margin={"b": 30})
    for x, side, text in ((0, "left", say("Demand [PFLOP/s]")), (1, "right", say("Served at [PFLOP/s]"))):
        found.add_annotation(text=text, x=x, xanchor=side, y=0, yanchor="top", yshift=-8, showarrow=False)
    return found


def _ordered(subject: Subject, present: pd.Series) -> list[str]:
    found = order.hubs(subject, set(present) - {OUTSIDE})
    return [*found, OUTSIDE] if (present == OUTSIDE).any() else found


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.45)"
