"""What it costs: by category and year, or by site."""

from __future__ import annotations

import plotly.graph_objects as go

from eastwest.colours import PALETTE
from eastwest.dataset import Column, gather
from eastwest.plot import style
from eastwest.plot.chart import Chart, Subject

MONEY = "million CNY"


def by_category(subject: Subject) -> Chart:
    """Yearly cost by category: one stacked bar a planning year [million CNY]."""
    say = subject.say
    cost = Column("Cost", "cost", MONEY, fill=0.0)
    data = gather(subject.table, "cost_by_category", "Cost by category and year", ["year", "item"], {"cost": cost})
    traces = [
        go.Bar(
            x=[str(year) for year in rows["year"]],
            y=rows["cost"].tolist(),
            name=style.shown(say.item(str(item))),
            marker_color=PALETTE[position % len(PALETTE)],
        )
        for position, (item, rows) in enumerate(data.frame.groupby("item", sort=True))
    ]
    found = style.figure(traces, y=say("Cost of the year [million CNY]"), barmode="stack", xaxis_type="category")
    caption = say("What each planning year pays, undiscounted, by category. Standing devices cost nothing here.")
    return Chart("cost_by_category", say(data.title), caption, data, {0: found})
