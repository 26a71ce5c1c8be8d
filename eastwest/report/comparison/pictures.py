"""Pictures of differences: the waterfall of cost, what each site serves more or less, who moved where."""

from __future__ import annotations

import re

import pandas as pd
import plotly.graph_objects as go

from eastwest.formatting.colours import NOTHING
from eastwest.formatting.words import figure
from eastwest.report.comparison.datasets import Datasets
from eastwest.report.comparison.runs import OTHERS, PFLOPS, Runs, largest
from eastwest.report.lines import most
from eastwest.report.plot import style
from eastwest.report.plot.chart import Chart
from eastwest.report.section import Section
from eastwest.schema.units import MONEY

MOST_NARROW = 5
"""Categories that a phone is wide enough for."""
MOST_BARS = 15
"""Sites that have a bar; the table has all."""
MOST_NAMED = 12
"""Places that a diagram of moves names on each side; the table has all."""
PURPLE, GREEN, BLUE = "#882255", "#44aa99", "#77aadd"
"""Colours of what is dearer or served less, of the opposite, and of sums; the sign in every bar's text says it too."""
HEIGHT_PX = 520


def cost(found: Datasets) -> Section:
    """A waterfall of each further run that shares years with the first, and which years they plan where they differ."""
    runs, words = found.runs, []
    for number in runs.others:
        if runs.years_of(number) != runs.years_of(1):
            years = [", ".join(map(str, runs.years_of(each))) for each in (1, number)]
            text = runs.pair(number)(
                "{first} plans {before} and {run} plans {after}: their present values are not of the same years. "
                "Yearly costs are compared in the years that both plan.",
                before=years[0],
                after=years[1],
            )
            words.append(text)
    charts = tuple(_waterfall(found, number) for number in runs.others if runs.years(number))
    return Section("cost", runs.say("What the difference in cost is made of"), tuple(words), charts)


def _waterfall(found: Datasets, number: int) -> Chart:
    """One bar a category, the largest difference first; the last bar is their sum [million CNY]."""
    say, change, figures, count = found.runs.pair(number), f"difference_{number}", {}, 0
    for year in found.runs.years(number):
        rows = largest(found.costs, number, year=year)
        names = [*(style.shown(say.item(str(item))) for item in rows["item"]), say("Difference")]
        steps = [float(f"{value:.9g}") for value in rows[change]]
        trace = go.Waterfall(
            x=names,
            y=[*steps, 0.0],
            measure=[*["relative"] * len(steps), "total"],
            increasing={"marker": {"color": PURPLE}},
            decreasing={"marker": {"color": GREEN}},
            totals={"marker": {"color": BLUE}},
            connector={"line": {"color": "rgba(128,128,128,0.6)"}},
            hovertemplate="%{x}: %{text} " + MONEY + "<extra></extra>",
            **_texts([*steps, found.cost.value(change, year=year)]),
        )
        figures[year] = style.figure(
            [trace], y=say("Difference in cost of the year [million CNY]"), xaxis_type="category", showlegend=False,
            margin={"l": 10, "r": 10, "t": 30, "b": 10},
        )  # fmt: skip
        count = max(count, len(steps))
    caption = say(
        "What {run} pays in the year more (+) or less (-) than {first}, undiscounted, by category; the last bar is the "
        "difference of all costs. A category that a run has no cost of counts as zero there."
    )
    title = say("Cost, {run} less {first}, by category")
    return Chart(f"cost_by_category_{number}", title, caption, found.costs, figures, wide=count > MOST_NARROW)


def bars(found: Datasets, number: int, kind: str) -> Chart | None:
    """What sites serve more or less [PFLOP/s of the kind], the largest differences of each year first."""
    runs, column, figures = found.runs, f"difference_{number}", {}
    say = runs.pair(number).filled(kind=runs.say(kind))
    for year in runs.years(number):
        rows = largest(found.served, number, year=year, kind=kind).head(MOST_BARS)
        values = rows[column].tolist()
        trace = go.Bar(
            x=values,
            y=[style.shown(runs.subject.names.said("site", site), 21) for site in rows["site"]],
            orientation="h",
            marker_color=[GREEN if value > 0 else PURPLE for value in values],
            hovertemplate="%{y}: %{text} " + PFLOPS + "<extra></extra>",
            **_texts(values),
        )
        figures[year] = style.figure([trace], x=say("Difference [PFLOP/s]"), height=HEIGHT_PX)
        room = 0.45 * max((abs(value) for value in values), default=1.0)
        figures[year].update_xaxes(
            range=[min([0.0, *values]) - room, max([0.0, *values]) + room], nticks=4, tickangle=0
        )
        figures[year].update_yaxes(autorange="reversed", type="category")
    if largest(found.served, number, kind=kind).empty:
        return None
    caption = say(
        "PFLOP/s of {kind} work that a site serves more (+) or less (−) in {run} than in {first}, all moves and new "
        "demand together; the {most} largest. Sites that one of the runs does not have are only in the table.",
        most=MOST_BARS,
    )
    title = say("{kind} work by site: {run} less {first}", kind=runs.say(kind).capitalize())
    return Chart(f"served_by_site_{number}_{kind}", title, caption, found.served, figures, height=HEIGHT_PX)


def _texts(values: list[float]) -> dict[str, object]:
    """Differences with their sign beside their bars."""
    texts = [f"+{figure(value)}" if value > 0 else figure(value).replace("-", "−") for value in values]
    return {"text": texts, "textposition": "outside", "constraintext": "none", "cliponaxis": False}


def moves(found: Datasets) -> Section:
    """A Sankey of each further run and kind, and all moves as tables."""
    runs, say, charts = found.runs, found.runs.say, []
    words = [
        say(
            "For each region, task and year: what sites and the unserved lost from the first run to the other is "
            "matched with what sites and the unserved gained, each loss shared out over the gains in their proportion. "
            "Demand that only the other run has is a loss of 'new demand'; demand that only the first has is a gain of "
            "'demand gone'. Moves between places that cost the same are moves too."
        )
    ]
    for number, every in found.moves.items():
        charts += [_sankey(found, number, kind) for kind in runs.kinds if kind in every]
        still = [runs.say(kind) for kind in runs.kinds if kind not in every]
        say = runs.pair(number)
        words += [say("No {kind} work moved between {first} and {run}.", kind=kind) for kind in still]
    tables = tuple(every[""] for every in found.moves.values())
    return Section("moves", runs.say("Who moved where"), tuple(words), tuple(charts), tables)


def _sankey(found: Datasets, number: int, kind: str) -> Chart:
    """Who moved where: from places of the first run to those of a further one [PFLOP/s of the kind]."""
    runs, data = found.runs, found.moves[number][kind]
    figures = {year: _moves(runs, data.rows(year=year)) for year in runs.years(number)}
    caption = runs.pair(number)(
        "PFLOP/s of {kind} work, as delivered. Left: where it is in {first}; right: where it is in {run}. The width of "
        "a band is how much moved; the {most} largest places on each side have names, the table has all.",
        kind=runs.say(kind),
        most=MOST_NAMED,
    )
    return Chart(data.name, data.title, caption, data, figures, wide=True, height=HEIGHT_PX)


def _moves(runs: Runs, rows: pd.DataFrame) -> go.Figure:
    if rows.empty:
        bare = {"visible": False}
        nothing = {"text": runs.say("Nothing moved in this year."), "showarrow": False, "x": 0.5, "y": 0.5}
        nothing |= {"xref": "paper", "yref": "paper"}
        return style.figure([], height=HEIGHT_PX, xaxis=bare, yaxis=bare, annotations=[nothing])
    sides = {side: rows[side].where(_is_named(rows, side), OTHERS) for side in ("from", "to")}
    links = rows.assign(**sides).groupby(["from", "to"], sort=True)["moved"].sum().reset_index()
    sums = {side: most(links, side, "moved") for side in sides}
    ends = [(side, node) for side, every in sums.items() for node in every.index]
    place = {end: at for at, end in enumerate(ends)}
    words = [style.shown(runs.subject.names.said("from", node), 32) for _, node in place]
    labels = [f"{word} {figure(sums[side][node])}" for word, (side, node) in zip(words, place, strict=True)]
    colours = [NOTHING if node.startswith("(") else runs.subject.colours.of("site", node) for _, node in place]
    trace = go.Sankey(
        arrangement="snap",
        valueformat=",.3~s",
        valuesuffix=f" {PFLOPS}",
        node={"label": labels, "color": colours, "pad": 10, "thickness": 14},
        link={
            "source": [place["from", node] for node in links["from"]],
            "target": [place["to", node] for node in links["to"]],
            "value": [float(f"{value:.6g}") for value in links["moved"]],
            "color": [_pale(colours[place["from", node]]) for node in links["from"]],
        },
    )
    return style.figure([trace], height=HEIGHT_PX)


def _is_named(rows: pd.DataFrame, side: str) -> pd.Series:
    """Whether a node is one of the largest places, or no site at all."""
    sites = rows[~rows[side].str.startswith("(")]
    return rows[side].str.startswith("(") | rows[side].isin(most(sites, side, "moved").index[:MOST_NAMED])


def _pale(colour: str) -> str:
    """A colour that bands can lie over; grey for one that is not written as `#rrggbb`."""
    colour = colour if re.fullmatch("#[0-9a-fA-F]{6}", colour) else NOTHING
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.45)"
