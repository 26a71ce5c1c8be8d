"""What it costs: by category and year, by site, by device. Users' money that changes hands is no cost."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from eastwest.formatting.colours import COSTS
from eastwest.report.plot import order, style
from eastwest.report.plot.chart import Chart, Subject
from eastwest.results.dataset import Column, gather
from eastwest.results.headline import PENALTIES, TRANSFERS

MONEY = "million CNY"
MOST_SITES = 20
VISIBLE = 1e-6
"""Categories below this share of the year's largest are not drawn; the dataset holds them [1]."""


def by_category(subject: Subject) -> Chart:
    """Yearly cost by category: a bar for each, or one stacked bar for each of several planning years [million CNY]."""
    say = subject.say
    cost = Column("Cost", "cost", MONEY, {"item": _items(subject)}, fill=0.0)
    data = gather(subject.table, "cost_by_category", "Cost by category and year", ["year", "item"], {"cost": cost})
    if data.frame.empty:
        found = style.words(say("The plan costs nothing."))
    elif data.frame["year"].nunique() == 1:
        found = _bars(subject, data.frame)
    else:
        frame = data.frame.assign(x=data.frame["year"].map(str))
        traces = _stack(subject, frame, "v", [str(year) for year in subject.years])
        y = say("Cost of the year [million CNY]")
        found = style.figure(traces, y=y, x=say("Planning year"), barmode="stack", height=480)
        found.update_xaxes(type="category")
    caption = say(
        "What each planning year pays, undiscounted, by category [million CNY]. What stands already costs nothing "
        "here. Hatched: penalties for work that is not served, which nobody pays."
    )
    return Chart("cost_by_category", say(data.title), caption, data, {0: found}, height=found.layout.height)


def _bars(subject: Subject, frame: pd.DataFrame) -> go.Figure:
    """One year: a bar for each category, the largest on top, penalties last."""
    penalty = frame["item"].isin(PENALTIES)
    frame = frame.assign(penalty=penalty).sort_values(["penalty", "cost"], ascending=[True, False], kind="stable")
    frame = frame[frame["cost"] != 0]
    names = style.unique(style.shown(subject.say.item(item)) for item in frame["item"])
    marks: dict[str, Any] = {
        "color": [subject.colours.of("item", item) for item in frame["item"]],
        "pattern": {"shape": ["/" if penalty else "" for penalty in frame["penalty"]]},
    }
    hover = style.exact(names, frame["cost"], MONEY)
    bars = go.Bar(x=frame["cost"].tolist(), y=names, orientation="h", marker=marks, **hover)
    x = subject.say("Cost of the year [million CNY]")
    found = style.figure([bars], x=x, y=subject.say("Category"), height=style.HEAD + 32 * len(names))
    return found.update_yaxes(style.rows_from_top())


def _stack(subject: Subject, frame: pd.DataFrame, way: str, places: list[str]) -> list[go.Bar]:
    """Bars by category over `x`, in one order on all charts, penalties outermost and hatched."""
    traces = []
    most = frame["cost"].abs().max()
    for item in sorted(set(frame["item"]), key=_rank):
        values = frame[frame["item"] == item].groupby("x")["cost"].sum().reindex(places)
        if not values.abs().max() > VISIBLE * most:
            continue
        name = style.shown(subject.say.item(item))
        along, across = ("y", "x") if way == "v" else ("x", "y")
        traces.append(
            go.Bar(
                {along: style.known(values), across: places},
                orientation=way,
                name=name,
                marker={
                    "color": subject.colours.of("item", item),
                    "pattern": {"shape": "/" if item in PENALTIES else ""},
                },
                **style.exact([f"{place}: {name}" for place in places], values, MONEY),
            )
        )
    return traces


def _rank(item: str) -> tuple[bool, int, str]:
    known = list(COSTS)
    return item in PENALTIES, known.index(item) if item in known else len(known), item


def by_site(subject: Subject) -> Chart:
    """Yearly cost by site and category: the largest sites, and the rest together."""
    say = subject.say
    cost = Column("Cost", "cost", MONEY, {"item": _items(subject)})
    data = gather(subject.table, "cost_by_site", "Cost by site", ["year", "site", "item"], {"cost": cost})
    figures = {year: _sites(subject, order.of_year(data.frame, year)) for year in subject.years}
    caption = say(
        "What the year pays at each site, by category [million CNY]: the {most} largest sites, and the rest together. "
        "Penalties and corridors belong to no site: their rows are in the table alone.",
        most=MOST_SITES,
    )
    height = max(figure.layout.height for figure in figures.values())
    return Chart("cost_by_site", say(data.title), caption, data, figures, True, height)


def _sites(subject: Subject, rows: pd.DataFrame) -> go.Figure:
    say = subject.say
    rows = rows[rows["site"] != ""]
    if rows.empty:
        return style.words(say("The plan costs nothing at any site."))
    total = rows.groupby("site")["cost"].sum().sort_values(ascending=False, kind="stable")
    largest = list(total.index[:MOST_SITES])
    named = dict(zip(largest, order.labels(subject.names, "site", largest), strict=True))
    others = say("other sites ({number})", number=len(total) - len(largest))
    x = [named.get(site, others) for site in rows["site"]]
    places = [*named.values(), *([others] if len(total) > len(largest) else [])]
    traces = _stack(subject, rows.assign(x=x), "h", places)
    found = style.figure(
        traces,
        x=say("Cost of the year [million CNY]"),
        y=say("Site"),
        height=style.HEAD + 60 + 24 * len(places),
        barmode="relative",
    )
    return found.update_yaxes(style.rows_from_top())


def by_device(subject: Subject) -> Chart:
    """What the year pays for devices that were bought, by device [million CNY]."""
    say = subject.say
    items = tuple(sorted(set(_items(subject)) - {""}))
    rows = subject.table[(subject.table["quantity"] == "cost") & (subject.table["device"] != "")]
    devices = tuple(sorted(set(rows["device"])))
    cost = Column("Cost", "cost", MONEY, {"item": items, "device": devices})
    data = gather(subject.table, "cost_by_device", "Cost of devices bought", ["year", "device"], {"cost": cost})
    figures = {year: _devices(subject, order.of_year(data.frame, year)) for year in subject.years}
    caption = say("What the year pays for devices that the plan buys, up to and in that year, by device [million CNY].")
    height = max(figure.layout.height for figure in figures.values())
    return Chart("cost_by_device", say(data.title), caption, data, figures, height=height)


def _devices(subject: Subject, rows: pd.DataFrame) -> go.Figure:
    say = subject.say
    rows = rows[rows["cost"] != 0].sort_values("cost", ascending=False, kind="stable")
    if rows.empty:
        return style.words(say("No devices are bought up to this year."))
    names = order.labels(subject.names, "device", rows["device"], 40)
    colours = [subject.colours.of("device", device) for device in rows["device"]]
    hover = style.exact(names, rows["cost"], MONEY)
    bars = go.Bar(x=rows["cost"].tolist(), y=names, orientation="h", marker_color=colours, **hover)
    x = say("Cost of the year [million CNY]")
    found = style.figure([bars], x=x, y=say("Device"), height=style.HEAD + 24 * len(names))
    return found.update_yaxes(style.rows_from_top())


def _items(subject: Subject) -> tuple[str, ...]:
    """Items of cost that somebody pays for the plan; transfers between users and others are none."""
    items = set(subject.table.loc[subject.table["quantity"] == "cost", "item"])
    return tuple(sorted(items - set(TRANSFERS)))
