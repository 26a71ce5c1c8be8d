"""Round trips of served work by task, against what each task allows."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from eastwest.formatting.colours import ALARM
from eastwest.report.plot import order, style
from eastwest.report.plot.chart import Chart, Subject
from eastwest.report.plot.flows import kind_of
from eastwest.results.dataset import AnyColumn, Column, Given, Quantile, gather

TRIP, SERVED = "served_round_trip_ms", "served"
ROW = 38


def by_task(subject: Subject, kind: str = "intelligent") -> Chart:
    """Round trip of served work by task: 5th, 50th, 95th percentile by served PFLOP/s, mean, most, and limit [ms]."""
    say, where = subject.say, {"kind": kind_of(subject, kind)}
    columns: dict[str, AnyColumn] = {
        "p5": Quantile("5th percentile", TRIP, SERVED, 0.05, "ms", where),
        "median": Quantile("Median", TRIP, SERVED, 0.5, "ms", where),
        "p95": Quantile("95th percentile", TRIP, SERVED, 0.95, "ms", where),
        "most": Column("Longest", TRIP, "ms", where, how="max"),
        "mean": Column("Mean", "mean_round_trip_ms", "ms", {**where, "item": "by task"}, how="only"),
        "served": Column("Served", SERVED, "PFLOP/s", where),
    }
    tables = dict(subject.scenario.tables)
    if "round_trip_limit_ms" in tables["tasks"]:
        columns["limit"] = Given("Limit (SLA)", "tasks", "round_trip_limit_ms", "task", "ms")
    data = gather(subject.table, f"latency_{kind}", "Latency by task", ["year", "task"], columns, given=tables)
    data = data.but(data.frame[data.frame["served"] > 0])
    extra = _extra(subject)
    caption = say(
        "Round trip of served work by task, weighted by served PFLOP/s, on a logarithmic axis [ms]: the bar holds 90 % "
        "of it (5th to 95th percentile). Network part only, last mile excluded."
    )
    if extra:
        caption += " " + say("The run allows {extra} ms more than the limit of each task.", extra=f"{extra:g}")
    title = say("Latency by task: {kind}", kind=say.item(kind))
    return Chart.yearly(subject, data, _figure, caption, say("Nothing is served."), title=title)


def _extra(subject: Subject) -> float:
    """What the scenario adds to every limit [ms]."""
    section = getattr(subject.scenario.settings, "latency", None)
    return float(getattr(section, "extra_sla_ms", 0.0))


def _figure(subject: Subject, rows: pd.DataFrame) -> go.Figure:
    say = subject.say
    rows = rows.sort_values([*(["limit"] if "limit" in rows else []), "median", "task"], kind="stable")
    names = _names(subject, list(rows["task"]))
    said = order.labels(subject, "task", rows["task"], 80)
    colour = subject.colours.of("kind", subject.task_kinds().get(rows["task"].iloc[0], ""))
    line, title = {"color": colour, "width": 8}, say("5th to 95th percentile")
    traces = [style.spans(names, rows["p5"], rows["p95"], line=line, opacity=0.45, name=title)]
    end = {"symbol": "line-ns", "size": 9, "line": {"width": 1, "color": colour}}
    for column, what, marker in (
        ("p5", say("5th percentile"), end),
        ("p95", say("95th percentile"), end),
        ("median", say("median"), {"symbol": "circle", "size": 10, "color": colour}),
        ("mean", say("mean"), {"symbol": "diamond-open", "size": 11, "color": colour, "line": {"width": 2}}),
        ("most", say("longest"), {"symbol": "x-thin", "size": 7, "line": {"width": 2, "color": colour}}),
        ("limit", say("limit (SLA)"), {"symbol": "line-ns", "size": 18, "line": {"width": 3, "color": ALARM}}),
    ):
        if column in rows:
            values = rows[column] + (_extra(subject) if column == "limit" else 0.0)
            traces.append(style.marks(names, values, "ms", what, marker, said=said, legend=marker is not end))
    found = style.ranges(traces, names, ROW, x=say("Round trip [ms]"), y=say("Task"))
    return found.update_xaxes(type="log", tickvals=style.ROUND)


def _names(subject: Subject, tasks: list[str]) -> list[str]:
    """Names, the Chinese one below the English one."""
    names = subject.names
    chinese = [names.chinese.get(("task", task), "") if names.language != "zh" else "" for task in tasks]
    pairs = zip(order.labels(subject, "task", tasks, 42), chinese, strict=True)
    return [f"{name}<br>{style.shown(below, 42)}" if below else name for name, below in pairs]
