"""What it costs: by category and year, by site, by device. Users' money that changes hands is no cost."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from eastwest.formatting.colours import COSTS
from eastwest.report.plot import order, style
from eastwest.report.plot.chart import Chart, Subject
from eastwest.results.dataset import Column, Dataset, Where, gather
from eastwest.results.headline import PENALTIES, TRANSFERS
from eastwest.schema.units import MONEY

MOST_SITES = 20
VISIBLE = 1e-6
"""Categories below this share of the year's largest are not drawn; the dataset holds them [1]."""


def by_category(subject: Subject) -> Chart:
    """Yearly cost by category: a bar for each, or one stacked bar for each of several planning years [million CNY]."""
    say = subject.say
    data = _paid(subject, "cost_by_category", "Cost by category and year", "item", fill=0.0)
    if data.frame.empty:
        found = style.words(say("The plan costs nothing."))
    elif data.frame["year"].nunique() == 1:
        rows = data.frame[data.frame["cost"] != 0].assign(penalty=data.frame["item"].isin(PENALTIES))
        rows = rows.sort_values(["penalty", "cost"], ascending=[True, False], kind="stable")
        found = _bars(subject, "item", rows, 32, say("Category"))
        found.data[0].marker.pattern.shape = ["/" if penalty else "" for penalty in rows["penalty"]]
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
    return Chart.once(subject, data, found, caption)


def _bars(subject: Subject, label: str, rows: pd.DataFrame, height: int, y: str) -> go.Figure:
    """A bar for each key of a label, in the order of the rows, so many pixels high each."""
    names = order.labels(subject, label, rows[label], 40)
    colours = [subject.colours.of(label, key) for key in rows[label]]
    return style.bars(names, rows["cost"], MONEY, colours, height, x=subject.say("Cost of the year [million CNY]"), y=y)


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
        ends = {along: style.known(values), across: places}
        marker = {"color": subject.colours.of("item", item), "pattern": {"shape": "/" if item in PENALTIES else ""}}
        hover = style.exact([f"{place}: {name}" for place in places], values, MONEY)
        traces.append(go.Bar(ends, orientation=way, name=name, marker=marker, **hover))
    return traces


def _rank(item: str) -> tuple[bool, int, str]:
    known = list(COSTS)
    return item in PENALTIES, known.index(item) if item in known else len(known), item


def by_site(subject: Subject) -> Chart:
    """Yearly cost by site and category: the largest sites, and the rest together."""
    say = subject.say
    data = _paid(subject, "cost_by_site", "Cost by site", "site", "item")
    caption = say(
        "What the year pays at each site, by category [million CNY]: the {most} largest sites, and the rest together. "
        "Penalties and corridors belong to no site: their rows are in the table alone.",
        most=MOST_SITES,
    )
    empty = say("The plan costs nothing at any site.")
    return Chart.yearly(subject, data, _sites, caption, empty, only=lambda rows: rows["site"] != "")


def _sites(subject: Subject, rows: pd.DataFrame) -> go.Figure:
    say = subject.say
    total = rows.groupby("site")["cost"].sum().sort_values(ascending=False, kind="stable")
    largest = list(total.index[:MOST_SITES])
    named = dict(zip(largest, order.labels(subject, "site", largest), strict=True))
    others = say("other sites ({number})", number=len(total) - len(largest))
    places = [*named.values(), *([others] if len(total) > len(largest) else [])]
    traces = _stack(subject, rows.assign(x=rows["site"].map(named).fillna(others)), "h", places)
    titles = {"x": say("Cost of the year [million CNY]"), "y": say("Site")}
    found = style.bar_chart(traces, places, 24, barmode="relative", **titles)
    return found.update_layout(height=found.layout.height + 60)


def by_device(subject: Subject) -> Chart:
    """What the year pays for devices that were bought, by device [million CNY]."""
    say = subject.say
    rows = subject.table[(subject.table["quantity"] == "cost") & (subject.table["device"] != "")]
    where = {"item": tuple(item for item in _items(subject) if item), "device": tuple(sorted(set(rows["device"])))}
    data = _paid(subject, "cost_by_device", "Cost of devices bought", "device", where=where)
    caption = say("What the year pays for devices that the plan buys, up to and in that year, by device [million CNY].")
    empty = say("No devices are bought up to this year.")
    return Chart.yearly(subject, data, _devices, caption, empty, only=lambda rows: rows["cost"] != 0, wide=False)


def _devices(subject: Subject, rows: pd.DataFrame) -> go.Figure:
    rows = rows.sort_values("cost", ascending=False, kind="stable")
    return _bars(subject, "device", rows, 24, subject.say("Device"))


def _paid(
    subject: Subject, name: str, title: str, *labels: str, where: Where | None = None, fill: float | None = None
) -> Dataset:
    """Cost by year and labels."""
    cost = Column("Cost", "cost", MONEY, where or {"item": _items(subject)}, fill=fill)
    return gather(subject.table, name, title, ["year", *labels], {"cost": cost})


def _items(subject: Subject) -> tuple[str, ...]:
    """Items of cost that somebody pays for the plan; transfers between users and others are none."""
    items = set(subject.table.loc[subject.table["quantity"] == "cost", "item"])
    return tuple(sorted(items - set(TRANSFERS)))
