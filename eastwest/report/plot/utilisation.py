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
    return Chart.yearly(subject, data, _devices, caption)


def _devices(subject: Subject, rows: pd.DataFrame) -> go.Figure:
    say = subject.say
    if rows.empty:
        return style.words(say("No device is installed."))
    devices = order.devices(subject, rows["device"])
    sites = order.sites(subject, rows["site"])
    x, y = order.labels(subject.names, "device", devices, 26), order.labels(subject.names, "site", sites)
    busy, peaks = (_grid(rows, "device", column, sites, devices) for column in ("busy", "peak"))
    hover = f"%{{y}}<br>%{{x}}<br>{say('mean')} %{{z:.1%}} (%{{z:.9~g}})<br>{say('peak')} %{{customdata:.1%}}"
    cells = style.heat(x, y, busy, title=say("Busy of energised [%]"), hover=hover, customdata=peaks)
    idle = rows[rows["busy"].isna() & (rows["installed"] > 0)]
    crosses = go.Scatter(
        x=[x[devices.index(device)] for device in idle["device"]],
        y=[y[sites.index(site)] for site in idle["site"]],
        mode="markers",
        marker={"symbol": "x-thin", "size": 7, "line": {"width": 1.5, "color": NOTHING}},
        name=say("installed, not energised"),
        hovertemplate="%{y}<br>%{x}<br>%{customdata} " + say("devices installed, none energised") + "<extra></extra>",
        customdata=idle["installed"].tolist(),
    )
    return _map_of_sites(subject, [cells, crosses], sites, say("Device"))


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
    return Chart.yearly(subject, data, partial(_hours, slices), caption)


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
    if rows.empty:
        return style.words(say("The run holds no grid load by hour."))
    sites = order.sites(subject, rows["site"])
    shares, loads = (_grid(rows, "slice", column, sites, slices) for column in ("share", "load"))
    x = style.unique(f"{style.shown(say.item(order.day_of(name)))} {order.hour_of(name)}" for name in slices)
    y, title = order.labels(subject.names, "site", sites), say("Grid load of connection [%]")
    hover = "%{y}<br>%{x}<br>%{z:.1%} (%{z:.9~g})<br>%{customdata} MW"
    cells = style.heat(x, y, shares, title=title, hover=hover, customdata=loads)
    found = _map_of_sites(subject, [cells], sites, say("Time slice (day and hour)"))
    return found.update_xaxes(tickangle=-90)


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
    return Chart.yearly(subject, data, _limits, caption)


def _limits(subject: Subject, rows: pd.DataFrame) -> go.Figure:
    say = subject.say
    if rows.empty:
        return style.words(say("The run holds no grid connection and no hall."))
    sites = order.sites(subject, rows["site"])
    x, z = [], []
    for item in LIMITS:
        of_item = rows[rows["item"] == item].set_index("site").reindex(sites)
        drawn = of_item["peak"].notna().any()
        shown = {"share": say("taken"), **({"mean": say("drawn, mean"), "peak": say("drawn, peak")} if drawn else {})}
        for column, what in shown.items():
            if of_item[column].notna().any():
                x.append(f"{say.item(item)}<br>{what}" if drawn else say.item(item))
                z.append(of_item[column].to_numpy())
    y, title = order.labels(subject.names, "site", sites), say("Used [%]")
    turned = pd.DataFrame(z).T.to_numpy().tolist()
    cells = style.heat(x, y, turned, title=title, hover="%{y}<br>%{x}<br>%{z:.1%} (%{z:.9~g})")
    return _map_of_sites(subject, [cells], sites, say("Limit")).update_xaxes(tickangle=0)


def _map_of_sites(subject: Subject, traces: list[object], sites: list[str], x: str) -> go.Figure:
    """A heat map whose rows are sites, a line between clusters and metros."""
    height = style.HEAD + 40 + style.ROW * len(sites)
    found = style.figure(traces, x=x, y=subject.say("Site"), height=height, showlegend=False)
    found.update_xaxes(style.columns_on_top())
    found.update_yaxes(style.rows_from_top())
    first = order.clusters(subject, sites)
    if 0 < first < len(sites):
        found.add_hline(y=first - 0.5, line={"color": NOTHING, "width": 1, "dash": "dot"})
    return found


def _grid(rows: pd.DataFrame, label: str, column: str, sites: list[str], keys: list[str]) -> list[list[float | None]]:
    """Figures of a column, a row for each site, a column for each of the keys."""
    wide = rows.pivot(index="site", columns=label, values=column).reindex(index=sites, columns=keys)
    return [style.known(row) for row in wide.to_numpy()]
