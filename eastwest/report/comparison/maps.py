"""The runs on maps side by side, with the same colours, sizes and widths, and what each site serves more or less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go

from eastwest.report.comparison import pictures
from eastwest.report.comparison.datasets import Datasets
from eastwest.report.plot import map as maps
from eastwest.report.plot.chart import Chart, Subject
from eastwest.report.plot.map_picture import ALL
from eastwest.report.section import Section
from eastwest.results.dataset import Column, Dataset, Quantile, chosen
from eastwest.schema.thresholds import LEAST_WORK

HEIGHT_PX = 620
BELOW_PX = 185
"""Colour bars under a map, and the widths of lines under these."""
SMALLER = 0.62
"""Circles and lines of a map that is half as wide as one that stands alone."""


def section(found: Datasets) -> Section | None:
    """One map a run, of the years that the runs share."""
    runs, say, years = found.runs, found.runs.say, found.runs.all_years()
    if not years:
        return None
    kind = runs.kinds[0] if runs.kinds else ""
    unserved = chosen(runs.table, "unserved", {"kind": kind})["value"]
    shade = "unserved" if (unserved > LEAST_WORK).any() else "demand"
    subjects = [
        Subject(result.table[result.table["year"].isin([0, *years])], result.scenario, say) for result in runs.results
    ]
    drawn = []
    for number, subject in enumerate(subjects, start=1):
        beside = tuple(other for other in subjects if other is not subject)
        own = kind if kind and len(chosen(subject.table, "demand", {"kind": kind})) else None
        shared = [year for year in years if year in runs.years_of(number)]
        chart = maps.chart(subject, kind=own, shade=shade, years=shared, beside=beside)
        drawn.append(_of_run(chart, number, runs.name(number)))
    bars = [pictures.bars(found, number, kind) for number in runs.others for kind in runs.kinds]
    charts = [*(replace(chart, more=()) for chart in drawn), *(chart for chart in bars if chart is not None)]
    words = say(
        "Colours, sizes and widths are on the same scale in all maps. Regions and sites that a run does not have are "
        "missing from its map."
    )
    tables = tuple(data for chart in drawn for data in chart.more)
    return Section("map", say("The runs on the map"), (words,), tuple(charts), tables, beside=True)


def _of_run(chart: Chart, number: int, name: str) -> Chart:
    """The map of a run under its own name, smaller, its tables saying of which run they are."""

    def renamed(data: Dataset) -> Dataset:
        columns = {
            key: replace(each, where={**each.where, "run": number}) if isinstance(each, Column | Quantile) else each
            for key, each in data.columns.items()
        }
        return replace(data, name=f"{data.name}_{number}", columns=columns)

    return replace(
        chart, name=f"map_{number}", title=name, height=HEIGHT_PX, dataset=renamed(chart.dataset),
        figures={year: _lighter(figure) for year, figure in chart.figures.items()},
        more=tuple(renamed(data) for data in chart.more),
    )  # fmt: skip


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
        trace = {**trace, "marker": {**marker, "size": np.multiply(marker["size"], SMALLER).tolist()}}
    if isinstance(line, dict) and "width" in line:
        trace = {**trace, "line": {**line, "width": SMALLER * float(line["width"])}}
    return trace
