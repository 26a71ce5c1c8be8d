"""One site by the hour: what supplies it, what it draws for IT, and what power costs."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from eastwest.errors import InputError, nearest
from eastwest.formatting.colours import FLOWS, PALETTE
from eastwest.report.plot import order, style
from eastwest.report.plot.chart import Chart, Subject
from eastwest.results.dataset import Column, Dataset, gather

FEW_SLICES = 192
"""So many slices are named one by one below the axis."""


def of_site(subject: Subject, site: str, day: str | None = None) -> Chart:
    """Supply and load of a site by time slice [MW] and the price of energy [CNY/MWh], of a year or of one day of it.

    `day` is what comes before the hour in the name of a slice: a season, an event, or a day such as `day045`.
    """
    say = subject.say
    loads = subject.table[subject.table["quantity"] == "grid_load"]
    _known("site", site, sorted(set(loads["site"])))
    slices = order.slices(loads.loc[loads["site"] == site, "slice"])
    if day is not None:
        _known("day", day, list(dict.fromkeys(map(order.day_of, slices))))
        slices = [name for name in slices if order.day_of(name) == day]
    data = _dataset(subject, site, slices)
    caption = say(
        "Power at the site by time slice [MW]: bars are what supplies it (below zero: what charges the battery), the "
        "solid line is the IT load, the dashed line the grid connection; the dotted line is the price of energy, right."
    )
    empty = say("The run holds no grid load by hour.")
    title = say("{site} by the hour", site=subject.names.full("site", site))
    return Chart.yearly(subject, data, partial(_figure, data, slices), caption, empty, title=title)


def _known(key: str, value: str, known: list[str]) -> None:
    if value not in known:
        listed = ", ".join(known[:60]) + (", ..." if len(known) > 60 else "")
        expected = f"expected one of: {listed}" if known else "but the run holds no grid load by hour"
        raise InputError(f"received {key} '{value}', {expected}{nearest(value, known)}", key=key)


def _dataset(subject: Subject, site: str, slices: list[str]) -> Dataset:
    """Every figure of the site by year and slice; own plants by technology."""
    chosen, table = {"slice": tuple(slices)}, subject.table
    own = table.loc[(table["quantity"] == "own_output") & (table["site"] == site), "item"]
    columns = {
        "grid_load": Column("Grid load", "grid_load", "MW", chosen, how="only"),
        **{f"own_{item}": Column("Own output", "own_output", "MW", {**chosen, "item": item}, how="only")
           for item in sorted(set(own))},
        "discharge": Column("Battery discharge", "discharge", "MW", chosen, how="only"),
        "charge": Column("Battery charge", "charge", "MW", chosen, how="only"),
        "it_load": Column("IT load", "it_load", "MW", chosen, how="only"),
        "connection": Column("Grid connection", "capacity", "MW", {"item": "grid"}, by=("year", "site")),
        "energy_price": Column("Price of energy", "energy_price", "CNY/MWh", chosen, how="only"),
    }  # fmt: skip
    where = {"site": site}
    return gather(table, f"dispatch_{site}", "Dispatch", ["year", "site", "slice"], columns, where=where)


def _figure(data: Dataset, slices: list[str], subject: Subject, rows: pd.DataFrame) -> go.Figure:
    say, rows = subject.say, rows.set_index("slice").reindex(slices)
    days = [style.shown(say.item(order.day_of(name))) for name in slices]
    hours = [order.hour_of(name) for name in slices]
    joined = [f"{day} {hour}" for day, hour in zip(days, hours, strict=True)]
    one_day, few = len(set(days)) == 1, len(slices) <= FEW_SLICES
    x: Any = hours if one_day else [days, hours] if few else style.unique(joined)
    traces: list[Any] = []
    for key, column in data.columns.items():
        if rows[key].isna().all() or (key in ("discharge", "charge") and not rows[key].any()):
            continue
        own, plant = key.startswith("own_"), key.removeprefix("own_")
        name = style.shown(say("own {plant}", plant=say.item(plant)) if own else say(column.title))
        hover = style.exact([f"{when}: {name}" for when in joined], rows[key].astype(float), column.unit)
        y = style.known(-rows[key] if key == "charge" else rows[key])
        colour = FLOWS.get(plant, PALETTE[-1])
        line = _lines(colour, few).get(key)
        drawn = go.Bar(marker_color=colour) if line is None else go.Scatter(line)
        traces.append(drawn.update(x=x, y=y, name=f"{name} [CNY/MWh]" if key == "energy_price" else name, **hover))
    titles = {"x": say("Time slice (day and hour)"), "y": say("Power [MW]")}
    right = style.axis(say("Price of energy [CNY/MWh]"))
    found = style.figure(traces, height=460, barmode="relative", bargap=0.05, yaxis2=right, **titles)
    found.update_layout(yaxis2={"overlaying": "y", "side": "right", "showgrid": False, "tickmode": "auto"})
    found.update_yaxes(rangemode="tozero")
    return found.update_xaxes(type="category" if one_day or not few else "multicategory", showgrid=False)


def _lines(colour: str, few: bool) -> dict[str, dict[str, Any]]:
    """What is drawn as a line, and how; everything else is a bar."""
    price = {"color": colour, "dash": "dot" if few else "solid", "width": 2 if few else 1}
    return {
        "it_load": {"mode": "lines", "line": {"color": colour, "width": 2, "dash": "solid"}},
        "connection": {"mode": "lines", "line": {"color": colour, "width": 2, "dash": "dash"}},
        "energy_price": {"mode": "lines+markers" if few else "lines", "line": price, "yaxis": "y2"},
    }
