"""Who moved where between two runs: work that left one place, matched with work that arrived at another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from eastwest.formatting.colours import NOTHING
from eastwest.formatting.words import figure
from eastwest.report.comparison.runs import GONE, NEW, OTHERS, PFLOPS, UNSERVED, Runs
from eastwest.report.lines import most
from eastwest.report.plot import style
from eastwest.report.plot.chart import Chart
from eastwest.report.section import Section
from eastwest.results.dataset import Column, Computed, Dataset
from eastwest.schema.thresholds import NEGLIGIBLE

BOTH = ("served", "unserved")
BETWEEN, ARRIVED, LEFT, LOST, FOUND = (
    "between sites", "new demand", "demand gone", "no longer served", "served at last",
)  # fmt: skip
WORK = ["year", "kind", "region", "task"]
HEIGHT_PX = 520
MOST = 12
"""Places that the diagram names on each side; the table has all."""
RULE = (
    "For each region, task and year: what sites and the unserved lost from the first run to the other is matched with "
    "what sites and the unserved gained, each loss shared out over the gains in their proportion. Demand that only the "
    "other run has is a loss of '(new demand)'; demand that only the first has is a gain of '(demand gone)'."
)
"""For the sources of the dataset; the page says the same."""


def moved(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Work that left `from` and arrived at `to`, by year, kind, region and task [PFLOP/s of the kind].

    Both are rows of `served` and `unserved` of the results table. Where demand is equal, all moves of a region, task
    and year add up to half of the sum of absolute differences.
    """
    sides = [
        frame.assign(node=frame["site"].where(frame["quantity"] == "served", UNSERVED)).groupby([*WORK, "node"])
        for frame in (before, after)
    ]
    change = pd.concat([side["value"].sum() for side in sides], axis=1, keys=["before", "after"]).fillna(0.0)
    change["gain"] = change["after"] - change["before"]
    work = change.groupby(WORK)[["before", "after"]].sum()
    gain = change["gain"].reset_index()
    grown = (work["after"] - work["before"]).rename("gain").reset_index()
    grown["node"] = np.where(grown["gain"] > 0, NEW, GONE)
    every = pd.concat([gain, grown.assign(gain=-grown["gain"])], ignore_index=True)
    floor = every.merge(work.max(axis=1).rename("size").reset_index(), on=WORK)
    every = floor[floor["gain"].abs() > NEGLIGIBLE * floor["size"]]
    losses = every[every["gain"] < 0].rename(columns={"node": "from", "gain": "lost"})
    gains = every[every["gain"] > 0].rename(columns={"node": "to"})
    total = gains.groupby(WORK)["gain"].sum().rename("total").reset_index()
    pairs = losses.merge(gains, on=WORK).merge(total, on=WORK)
    pairs["moved"] = -pairs["lost"] * pairs["gain"] / pairs["total"]
    found = pairs[[*WORK, "from", "to", "moved"]].sort_values([*WORK, "from", "to"], ignore_index=True)
    return found[found["moved"] > 0].reset_index(drop=True)


def datasets(runs: Runs, number: int) -> dict[str, Dataset]:
    """Moves of each kind by site, largest first, and under "" all by region and task."""
    rows = runs.table[runs.table["year"].isin(runs.years(number))]
    rows = rows[rows["quantity"].isin(BOTH)]
    found = moved(rows[rows["run"] == 1], rows[rows["run"] == number])
    say = runs.pair(number)
    years = {"year": tuple(runs.years(number))}
    sources = tuple(Column(runs.name(run), BOTH, PFLOPS, {"run": run, **years}) for run in (1, number))
    column = Computed(say("Moved"), PFLOPS, RULE, sources)

    def dataset(name: str, title: str, rows: pd.DataFrame, labels: list[str]) -> Dataset:
        frame = rows.groupby(labels, sort=True)["moved"].sum().reset_index()
        frame = frame.sort_values(["moved", *labels], ascending=[False] + [True] * len(labels), ignore_index=True)
        return Dataset(name, title, tuple(labels), {"moved": column}, frame)

    title = say("Work that moved, by region and task: {first} to {run}")
    every = {"": dataset(f"moves_{number}", title, found, [*WORK, "from", "to"])}
    for kind, rows in found.groupby("kind", sort=True):
        title = say("{kind} work that moved: {first} to {run}", kind=runs.say(str(kind)).capitalize())
        every[str(kind)] = dataset(f"moves_{number}_{kind}", title, rows, ["year", "kind", "from", "to"])
    return every


def summed(runs: Runs, number: int, moves: Mapping[str, Dataset]) -> Dataset:
    """Moves by what they are: between sites, new demand that arrived, service lost or found."""
    frame = moves[""].frame
    sort = np.select(
        [frame["from"] == NEW, frame["to"] == GONE, frame["to"] == UNSERVED, frame["from"] == UNSERVED],
        [ARRIVED, LEFT, LOST, FOUND],
        BETWEEN,
    )
    labels = ["year", "kind", "sort"]
    sums = frame.assign(sort=sort).groupby(labels, sort=True)["moved"].sum().reset_index()
    say = runs.pair(number)
    title = say("Work that moved, in all: {first} to {run}")
    return Dataset(f"moves_summed_{number}", title, tuple(labels), dict(moves[""].columns), sums)


def section(runs: Runs, found: Mapping[int, Mapping[str, Dataset]]) -> Section:
    """A Sankey of each further run and kind, and all moves as tables."""
    say = runs.say
    words = [
        say(
            "For each region, task and year: what sites and the unserved lost from the first run to the other is "
            "matched with what sites and the unserved gained, each loss shared out over the gains in their proportion. "
            "Demand that only the other run has is a loss of 'new demand'; demand that only the first has is a gain of "
            "'demand gone'. Moves between places that cost the same are moves too."
        )
    ]
    charts = []
    for number in runs.others:
        say = runs.pair(number)
        for kind in runs.kinds:
            if kind in found[number]:
                charts.append(_chart(runs, number, kind, found[number][kind]))
            else:
                words.append(say("No {kind} work moved between {first} and {run}.", kind=runs.say(kind)))
    details = tuple(moves[""] for moves in found.values())
    return Section("moves", say("Who moved where"), tuple(words), tuple(charts), details)


def _chart(runs: Runs, number: int, kind: str, data: Dataset) -> Chart:
    figures = {year: _sankey(runs, data.frame[data.frame["year"] == year]) for year in runs.years(number)}
    say = runs.pair(number)
    caption = say(
        "PFLOP/s of {kind} work, as delivered. Left: where it is in {first}; right: where it is in {run}. The width of "
        "a band is how much moved; the {most} largest places on each side have names, the table has all.",
        kind=runs.say(kind),
        most=MOST,
    )
    return Chart(data.name, data.title, caption, data, figures, wide=True, height=HEIGHT_PX)


def _sankey(runs: Runs, rows: pd.DataFrame) -> go.Figure:
    if rows.empty:
        bare = {"visible": False}
        nothing = {"text": runs.say("Nothing moved in this year."), "showarrow": False, "x": 0.5, "y": 0.5}
        nothing |= {"xref": "paper", "yref": "paper"}
        return style.figure([], height=HEIGHT_PX, xaxis=bare, yaxis=bare, annotations=[nothing])
    ends = {side: rows[side].where(rows[side].isin(_largest(rows, side)), OTHERS) for side in ("from", "to")}
    links = rows.assign(**ends)
    links = links.groupby(["from", "to"], sort=True)["moved"].sum().reset_index()
    sums = [most(links, side, "moved") for side in ("from", "to")]
    place = {(side, node): n for n, (side, node) in enumerate((s, node) for s in (0, 1) for node in sums[s].index)}
    words = [style.shown(runs.subject.names.said("from", node), 32) for _, node in place]
    labels = [f"{word} {figure(sums[side][node])}" for word, (side, node) in zip(words, place, strict=True)]
    colours = [NOTHING if node.startswith("(") else runs.subject.colours.of("site", node) for _, node in place]
    trace = go.Sankey(
        arrangement="snap",
        valueformat=",.3~s",
        valuesuffix=f" {PFLOPS}",
        node={"label": labels, "color": colours, "pad": 10, "thickness": 14},
        link={
            "source": [place[0, node] for node in links["from"]],
            "target": [place[1, node] for node in links["to"]],
            "value": [float(f"{value:.6g}") for value in links["moved"]],
            "color": [_pale(colours[place[0, node]]) for node in links["from"]],
        },
    )
    return style.figure([trace], height=HEIGHT_PX)


def _largest(rows: pd.DataFrame, side: str) -> Sequence[str]:
    """The nodes to name: the largest places, and all that are no sites."""
    nodes = most(rows, side, "moved").index
    sites = [node for node in nodes if not node.startswith("(")]
    return [*sites[:MOST], *[node for node in nodes if node.startswith("(")]]


def _pale(colour: str) -> str:
    """A colour that bands can lie over; grey for one that is not written as `#rrggbb`."""
    colour = colour if re.fullmatch("#[0-9a-fA-F]{6}", colour) else NOTHING
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.45)"
