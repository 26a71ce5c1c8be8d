"""What each site serves more or less than in the first run, all moves together."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import plotly.graph_objects as go

from eastwest.report.comparison.runs import PFLOPS, Runs, signed
from eastwest.report.plot import style
from eastwest.report.plot.chart import Chart
from eastwest.results.dataset import Dataset

MOST = 15
"""Sites that have a bar; the table has all."""
MORE, LESS = "#44aa99", "#882255"
"""Colours of bars; the sign in every bar's text says the same."""
HEIGHT_PX = 560


def charts(runs: Runs) -> Iterator[Chart]:
    """A chart of bars for each further run and kind of compute."""
    for number in runs.others:
        for kind in runs.kinds:
            data = _dataset(runs, number, kind)
            if len(data.frame):
                yield _chart(runs, number, kind, data)


def _dataset(runs: Runs, number: int, kind: str) -> Dataset:
    """Served by site [PFLOP/s of the kind], the largest differences of each year first."""
    title = runs.say("{kind} work served by site", kind=runs.say(kind).capitalize())
    name = f"served_by_site_{number}_{kind}"
    found = runs.gather(name, title, ("year", "site"), "served", PFLOPS, where={"kind": kind}, pair=number)
    return runs.ranked(runs.changed(found), number)


def _chart(runs: Runs, number: int, kind: str, data: Dataset) -> Chart:
    say = runs.pair(number).filled(kind=runs.say(kind))
    column = f"difference_{number}"
    figures = {}
    for year in runs.years(number):
        rows = data.frame[(data.frame["year"] == year) & data.frame[column].notna()].head(MOST)
        figures[year] = _bars(runs, rows, column)
    title = say("{kind} work by site: {run} less {first}", kind=runs.say(kind).capitalize())
    caption = say(
        "PFLOP/s of {kind} work that a site serves more (+) or less (−) in {run} than in {first}, all moves and new "
        "demand together; the {most} largest. Sites that one of the runs does not have are only in the table.",
        most=MOST,
    )
    return Chart(data.name, title, caption, data, figures, height=HEIGHT_PX)


def _bars(runs: Runs, rows: pd.DataFrame, column: str) -> go.Figure:
    values = rows[column].tolist()
    trace = go.Bar(
        x=values,
        y=[style.shown(runs.subject.names.said("site", site), 21) for site in rows["site"]],
        orientation="h",
        marker_color=[MORE if value > 0 else LESS for value in values],
        text=[signed(value) for value in values],
        textposition="outside",
        constraintext="none",
        cliponaxis=False,
        hovertemplate="%{y}: %{text} " + PFLOPS + "<extra></extra>",
    )
    found = style.figure([trace], x=runs.say("Difference [PFLOP/s]"), height=HEIGHT_PX)
    room = 0.45 * max((abs(value) for value in values), default=1.0)
    found.update_xaxes(range=[min([0.0, *values]) - room, max([0.0, *values]) + room], nticks=4, tickangle=0)
    found.update_yaxes(autorange="reversed", type="category")
    return found
