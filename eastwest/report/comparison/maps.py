"""The runs on maps side by side, with the same colours, sizes and widths, and what each site serves more or less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import plotly.graph_objects as go

from eastwest.report.comparison import shifts
from eastwest.report.comparison.runs import Runs
from eastwest.report.plot import map as maps
from eastwest.report.plot.chart import Chart, Subject
from eastwest.report.plot.map_tables import ALL
from eastwest.report.section import Section
from eastwest.results.dataset import AnyColumn, Column, Dataset, Quantile
from eastwest.schema.thresholds import LEAST_WORK

HEIGHT_PX = 620
BELOW_PX = 185
"""Colour bars under a map, and the widths of lines under these."""
SMALLER = 0.62
"""Circles and lines of a map that is half as wide as one that stands alone."""


def section(runs: Runs) -> Section | None:
    """One map a run, of the years that the runs share."""
    say, years = runs.say, runs.all_years()
    subjects = {number: _subject(runs, number) for number in (1, *runs.others)}
    if not years:
        return None
    shade = "unserved" if _any_unserved(runs) else "demand"
    charts = []
    for number, subject in subjects.items():
        beside = tuple(other for key, other in subjects.items() if key != number)
        kind = runs.kinds[0] if runs.kinds and runs.kinds[0] in _kinds(subject) else None
        own = [year for year in years if year in runs.years_of(number)]
        chart = maps.chart(subject, kind=kind, shade=shade, years=own, beside=beside)
        charts.append(_renamed(runs, number, chart))
    words = say(
        "Colours, sizes and widths are on the same scale in all maps. Regions and sites that a run does not have are "
        "missing from its map."
    )
    tables = tuple(data for chart in charts for data in chart.more)
    charts = [*(replace(chart, more=()) for chart in charts), *shifts.charts(runs)]
    return Section("map", say("The runs on the map"), (words,), tuple(charts), tables, beside=True)


def _subject(runs: Runs, number: int) -> Subject:
    result = runs.result(number)
    years = [0, *runs.all_years()]
    return Subject(result.table[result.table["year"].isin(years)], result.scenario, runs.say)


def _kinds(subject: Subject) -> set[str]:
    return set(subject.table.loc[subject.table["quantity"] == "demand", "kind"])


def _any_unserved(runs: Runs) -> bool:
    rows = runs.table[(runs.table["quantity"] == "unserved") & (runs.table["kind"] == (runs.kinds or [""])[0])]
    return bool((rows["value"] > LEAST_WORK).any())


def _renamed(runs: Runs, number: int, chart: Chart) -> Chart:
    """The map of a run under its own name, its tables saying of which run they are, without single tasks."""
    figures = {year: _lighter(figure) for year, figure in chart.figures.items()}
    return replace(
        chart,
        name=f"map_{number}",
        title=runs.name(number),
        figures=figures,
        height=HEIGHT_PX,
        dataset=_of_run(chart.dataset, number),
        more=tuple(_of_run(data, number) for data in chart.more),
    )


def _of_run(data: Dataset, number: int) -> Dataset:
    columns: dict[str, AnyColumn] = {
        key: replace(column, where={**column.where, "run": number}) if isinstance(column, Column | Quantile) else column
        for key, column in data.columns.items()
    }
    return Dataset(f"{data.name}_{number}", data.title, data.labels, columns, data.frame)


def _lighter(figure: go.Figure) -> go.Figure:
    """Without the flows of single tasks, which make a page of several maps too large, and drawn for half the width."""
    content = figure.to_dict()
    content["data"] = [_small(trace) for trace in content["data"] if _is_kept(trace)]
    content["layout"]["height"] = HEIGHT_PX
    content["layout"]["margin"]["b"] = BELOW_PX
    return go.Figure(content)


def _is_kept(trace: Mapping[str, object]) -> bool:
    meta = trace.get("meta")
    if not isinstance(meta, Mapping) or meta.get("layer") != "flows":
        return True
    return str(meta.get("task", "")).startswith(ALL)


def _small(trace: dict[str, object]) -> dict[str, object]:
    marker, line = trace.get("marker"), trace.get("line")
    if isinstance(marker, dict) and "size" in marker:
        size = marker["size"]
        smaller = [SMALLER * float(one) for one in size] if hasattr(size, "__iter__") else SMALLER * float(size)
        trace = {**trace, "marker": {**marker, "size": smaller}}
    if isinstance(line, dict) and "width" in line:
        trace = {**trace, "line": {**line, "width": SMALLER * float(line["width"])}}
    return trace
