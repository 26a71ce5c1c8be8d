"""How busy everything is: site x device, site x hour, and site x limit, as shares of what is there."""

from __future__ import annotations

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from eastwest.formatting.colours import NOTHING
from eastwest.report.plot import order, style
from eastwest.report.plot.chart import Chart, Subject
from eastwest.results.dataset import AnyColumn, Column, Ratio, gather

MOST_SLICES = 192
"""Columns of a heat map that can still be told apart; of a finer year the busiest days are shown."""
LIMITS = ("grid", "hall_dense", "hall_standard")
HOVER = "%{y}<br>%{x}<br>%{z:.1%} (%{z:.9~g})"


def by_device(subject: Subject) -> Chart:
    """Mean share of energised devices that are busy, by site and device [1]."""
    say, device = subject.say, {"item": "device"}
    columns: dict[str, AnyColumn] = {
        "busy": Column("Busy, mean of the year", "utilisation", "1", device, how="only"),
        "peak": Column("Busy, peak", "utilisation_peak", "1", device, how="only"),
        "installed": Column("Installed", "installed", "devices"),
    }
    title = "Utilisation by site and device"
    data = gather(subject.table, "utilisation_by_device", title, ["year", "site", "device"], columns)
    caption = say(
        "Mean share of energised devices that are busy, over all hours of the year [%]. "
        "Empty: no such device stands there. Cross: installed, but nothing of it is energised."
    )
    return Chart.yearly(subject, data, _devices, caption, say("No device is installed."))


def _devices(subject: Subject, rows: pd.DataFrame) -> go.Figure:
    say, devices = subject.say, order.devices(subject, rows["device"])
    rows = _named(subject, rows, "device", devices, order.labels(subject, "device", devices, 26))
    hover = f"%{{y}}<br>%{{x}}<br>{say('mean')} %{{z:.1%}} (%{{z:.9~g}})<br>{say('peak')} %{{customdata:.1%}}"
    found = _sites(subject, rows, hover, say("Device"), say("Busy of energised [%]"), "busy", "peak")
    idle = rows[rows["busy"].isna() & (rows["installed"] > 0)]
    return found.add_scatter(
        x=idle["name"].tolist(), y=idle["place"].tolist(), mode="markers", showlegend=False,
        marker={"symbol": "x-thin", "size": 7, "line": {"width": 1.5, "color": NOTHING}},
        hovertemplate="%{y}<br>%{x}<br>%{customdata} " + say("devices installed, none energised") + "<extra></extra>",
        name=say("installed, not energised"), customdata=idle["installed"].tolist(),
    )  # fmt: skip


def by_hour(subject: Subject) -> Chart:
    """Grid load over grid connection, by site and time slice [1]; every slice is drawn equally wide."""
    say = subject.say
    loads = subject.table[subject.table["quantity"] == "grid_load"]
    slices = _busiest(loads)
    columns: dict[str, AnyColumn] = {
        "load": Column("Grid load", "grid_load", "MW", {"slice": tuple(slices)}, how="only"),
        "connection": Column("Grid connection", "capacity", "MW", {"item": "grid"}, by=("year", "site")),
        "share": Ratio("Grid load, share of the connection", "load", "connection"),
    }
    title = "Grid load by site and hour"
    data = gather(subject.table, "utilisation_by_hour", title, ["year", "site", "slice"], columns)
    caption = say(
        "Grid load as a share of the grid connection, by the hour at which each time slice begins [%]. "
        "All slices are drawn equally wide, whatever their share of the year."
    )
    if len(slices) < loads["slice"].nunique():
        caption += " " + say("Of all days those with the highest load of the country are shown.")
    return Chart.yearly(subject, data, partial(_hours, slices), caption, say("The run holds no grid load by hour."))


def _busiest(loads: pd.DataFrame) -> list[str]:
    """All slices in their order; of a year with too many, those of the days with the highest load of the country."""
    slices = order.slices(loads["slice"])
    if len(slices) <= MOST_SLICES:
        return slices
    total = loads.groupby(["year", "slice"])["value"].sum().groupby("slice").max()
    days = total.groupby(order.day_of).max().sort_values(ascending=False, kind="stable")
    most = max(1, MOST_SLICES * len(days) // len(slices))
    chosen = set(days.index[:most])
    return [name for name in slices if order.day_of(name) in chosen]


def _hours(slices: list[str], subject: Subject, rows: pd.DataFrame) -> go.Figure:
    say = subject.say
    names = style.unique(f"{style.shown(say.item(order.day_of(name)))} {order.hour_of(name)}" for name in slices)
    rows, hover = _named(subject, rows, "slice", slices, names), HOVER + "<br>%{customdata} MW"
    x, bar = say("Time slice (day and hour)"), say("Grid load of connection [%]")
    return _sites(subject, rows, hover, x, bar, "share", "load").update_xaxes(tickangle=-90)


def by_limit(subject: Subject) -> Chart:
    """Share of grid connection, dense and standard hall that is taken, mean and peak of what is drawn, by site [1]."""
    say, where = subject.say, {"item": LIMITS}
    columns: dict[str, AnyColumn] = {
        "taken": Column("Taken by what is energised", "used", "MW", where),
        "capacity": Column("Capacity", "capacity", "MW", where),
        "share": Ratio("Taken, share of capacity", "taken", "capacity"),
        "mean": Column("Used, mean of the year", "utilisation", "1", where, how="only"),
        "peak": Column("Used, peak", "utilisation_peak", "1", where, how="only"),
    }
    title = "Utilisation by site and limit"
    data = gather(subject.table, "utilisation_by_limit", title, ["year", "site", "item"], columns)
    caption = say(
        "What energised devices take of the connection and of the halls by their rated power, and what is drawn from "
        "the grid as a share of the connection, mean and peak of the year [%]; batteries that charge may draw more "
        "than what is taken. Empty: there is none."
    )
    return Chart.yearly(subject, data, _limits, caption, say("The run holds no grid connection and no hall."))


def _limits(subject: Subject, rows: pd.DataFrame) -> go.Figure:
    """A column for what is taken of each limit; where its peak is known, for what is drawn as well."""
    say = subject.say
    words = {"share": say("taken"), "mean": say("drawn, mean"), "peak": say("drawn, peak")}
    long = rows.melt(["site", "item"], list(words), "figure").dropna(subset="value")
    drawn = set(long.loc[long["figure"] == "peak", "item"])
    names = {
        f"{item} {figure}": f"{say.item(item)}<br>{word}" if item in drawn else say.item(item)
        for item in LIMITS
        for figure, word in words.items()
        if item in drawn or figure == "share"
    }
    long = long.assign(column=long["item"] + " " + long["figure"])
    keys = [key for key in names if key in set(long["column"])]
    long = _named(subject, long[long["column"].isin(keys)], "column", keys, [names[key] for key in keys])
    return _sites(subject, long, HOVER, say("Limit"), say("Used [%]"), "value").update_xaxes(tickangle=0)


def _named(subject: Subject, rows: pd.DataFrame, label: str, keys: list[str], names: list[str]) -> pd.DataFrame:
    """The rows with what they are called on the axes, `name` and `place`, in the order of each."""
    sites = order.sites(subject, rows["site"])
    places = pd.CategoricalDtype(order.labels(subject, "site", sites), ordered=True)
    return rows.assign(
        name=pd.Categorical(rows[label].map(dict(zip(keys, names, strict=True))), names),
        place=rows["site"].map(dict(zip(sites, places.categories, strict=True))).astype(places),
    )


def _sites(subject: Subject, rows: pd.DataFrame, hover: str, x: str, bar: str, *columns: str) -> go.Figure:
    """A row for each site, a line between clusters and metros.

    Colours are the first of `columns` (shares); what a second one holds is said in `hover`.
    """
    cells, *said = (rows.pivot(index="place", columns="name", values=column) for column in columns)
    title = {"title": {"text": bar, "side": "right"}}
    titles = {"x": x, "y": subject.say("Site")}
    found = style.heat_map(cells, hover, title, said=said[0] if said else None, titles=titles)
    first = order.clusters(subject, rows["site"])
    if 0 < first < len(cells):
        found.add_hline(y=first - 0.5, line={"color": NOTHING, "width": 1, "dash": "dot"})
    return found
