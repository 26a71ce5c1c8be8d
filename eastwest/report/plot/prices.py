"""What binds: what one more step of each limit saves, and what one more unit of demand would cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from eastwest.formatting.colours import MUTED
from eastwest.formatting.words import limit_words
from eastwest.report.plot import order, style
from eastwest.report.plot.chart import Chart, Subject
from eastwest.results.dataset import Column, gather
from eastwest.schema.units import MONEY, MONTH

MOST = 15
SAVING = "million CNY/"
UNIT = "million CNY/PFLOP/s"
PLACES = ("site", "region", "corridor", "device", "task")


def by_limit(subject: Subject) -> Chart:
    """The largest reliefs: what one more step of a limit saves, by solving again with so much more [million CNY]."""
    say, table = subject.say, subject.table
    rows = table[table["quantity"] == "relief"]
    units = sorted(set(rows["unit"]))
    columns: dict[str, Column] = {
        f"saving per {unit.removeprefix(SAVING)}": Column("Saving per unit", "relief", unit, how="only")
        for unit in units
    }
    for unit in units:
        per = unit.removeprefix(SAVING)
        columns[f"holds for {per}"] = Column("Holds for so many units", "relief_range", per, how="only")
    labels = ["year", *PLACES, "kind", "item"]
    data = gather(table, "prices_by_limit", "What would help most", labels, columns or NONE)
    figure = _reliefs(subject, data.frame, units)
    several = len(subject.years) > 1
    caption = say(
        "What one more step of each limit saves, found by solving again with so much more of it [million CNY]; a step "
        "is what a planner would ask for, such as 1 MW or 1,000 devices."
    )
    caption += " " + (say("Savings are of all years together.") if several else say("Savings are of one year."))
    return Chart.once(subject, data, figure, caption, wide=True)


NONE: Mapping[str, Column] = {"saving": Column("Saving per unit", "relief", MONEY)}
"""Columns of a run without reliefs: gathers no row."""


def _reliefs(subject: Subject, frame: pd.DataFrame, units: list[str]) -> go.Figure:
    """Bars of the largest savings; a row has a figure in the column of its unit."""
    say, records = subject.say, []
    for unit in units:
        per = unit.removeprefix(SAVING)
        found = frame[frame[f"saving per {per}"] > 0]
        for row in found.to_dict("records"):
            step = subject.step(row["item"], per)
            more = "" if per == MONTH else f" (+{step:,.6g} {say(per)})"
            records.append((float(row[f"saving per {per}"]) * step, _limit(subject, row) + more))
    if not records:
        return style.words(say("Nothing is scarce: no limit, relieved by a step, saves anything."))
    savings, names = zip(*sorted(records, key=lambda record: (-record[0], record[1]))[:MOST], strict=True)
    titles = {"x": say("Saving of one more step [million CNY]"), "y": say("Limit (and step)")}
    return style.bars(style.unique(names), savings, MONEY, MUTED[0], 26, **titles)


def _limit(subject: Subject, row: Mapping[str, Any]) -> str:
    """A limit with its place and, where the run has several years, its year."""
    item = str(row["item"])
    parts = [subject.say.item(item) if limit_words(item) else item]
    parts += [subject.names.said(column, str(row[column])) for column in PLACES if row[column]]
    if len(subject.years) > 1 and row["year"]:
        parts.append(str(row["year"]))
    return style.shown(", ".join(parts), 70)


def by_task(subject: Subject) -> Chart:
    """What one more unit of demand would cost, by task: least and most of all regions [million CNY/PFLOP/s]."""
    say, where = subject.say, {"item": subject.demand}
    columns = {
        "least": Column("Cheapest region", "shadow_price", UNIT, where, how="min"),
        "most": Column("Dearest region", "shadow_price", UNIT, where, how="max"),
    }
    data = gather(subject.table, "prices_by_task", "What more demand would cost", ["year", "task"], columns)
    caption = say(
        "What one more PFLOP/s of demand would add to the cost of the year, by task, from the cheapest to the dearest "
        "region [million CNY/PFLOP/s delivered]. Where demand stays unserved it is what its users would pay. Kinds of "
        "compute are told apart by colour and not comparable."
    )
    return Chart.yearly(subject, data, _tasks, caption, say("The run holds no price of demand."))


def _tasks(subject: Subject, rows: pd.DataFrame) -> go.Figure:
    say = subject.say
    rows = rows.assign(kind=rows["task"].map(subject.task_kinds()).astype(object).fillna(""))
    rows = rows.sort_values(["kind", "most"], ascending=[False, False], kind="stable")
    rows = rows.assign(name=order.labels(subject, "task", rows["task"], 40))
    traces = []
    for kind, part in rows.groupby("kind", sort=False):
        colour = subject.colours.of("kind", str(kind))
        line, said = {"color": colour, "width": 6}, style.shown(say.item(str(kind)))
        traces.append(style.spans(part["name"], part["least"], part["most"], line=line, name=said))
        for column, what, symbol in (
            ("least", say("cheapest region"), "line-ns-open"), ("most", say("dearest region"), "circle"),
        ):  # fmt: skip
            marker = {"color": colour, "size": 9, "symbol": symbol}
            traces.append(style.marks(part["name"], part[column], UNIT, what, marker, legend=False))
    x = say("Price of demand [million CNY/PFLOP/s]")
    return style.ranges(traces, list(rows["name"]), 22, x=x, y=say("Task")).update_xaxes(rangemode="tozero")
