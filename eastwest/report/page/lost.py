"""What is left unserved: by task with the limits to blame, and by region."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from eastwest.report.page.figure import figure_in
from eastwest.report.page.section import Cell, Heading, Open, Page, Section
from eastwest.report.page.shown import named
from eastwest.report.plot.chart import Subject
from eastwest.results.dataset import AnyColumn, Column, Dataset, Ratio, gather

MOST_REGIONS = 8
MOST_LIMITS = 3


def section(page: Page) -> Section:
    """Two tables a year; one sentence where all demand is served."""
    subject, say = page.subject, page.subject.say
    task = _dataset(subject, "task", "Unserved demand by task")
    region = _dataset(subject, "region", "Unserved demand by region")
    share = {"share": Column("Share of what the task lacks", "unserved_because", "1")}
    labels = ["year", "task", "kind", "item"]
    blame = gather(subject.table, "unserved_because", "Limits to blame for what is unserved", labels, share)
    opens: list[Open] = []
    for year in subject.years:
        tasks, regions = _rows(task, year), _rows(region, year)
        if not len(tasks):
            opens.append(Open(say("{year}: all demand is served.", year=year), year=year))
            continue
        opens.append(_by_task(subject, task, blame, year))
        opens.append(_by_region(subject, region, year, len(regions)))
    return Section("unserved", say("What is left unserved, and why"), opens=tuple(opens), tables=(task, region, blame))


def _dataset(subject: Subject, label: str, title: str) -> Dataset:
    columns: dict[str, AnyColumn] = {
        "unserved": Column("Unserved", "unserved", "PFLOP/s"),
        "demand": Column("Demand", "demand", "PFLOP/s"),
        "share": Ratio("Unserved, share of its demand", "unserved", "demand"),
    }
    return gather(subject.table, f"unserved_by_{label}", title, ["year", label, "kind"], columns)


def _rows(data: Dataset, year: int) -> pd.DataFrame:
    rows = data.rows(year=year)
    return rows[rows["unserved"] > 0].sort_values("unserved", ascending=False, kind="stable")


def _by_task(subject: Subject, data: Dataset, blame: Dataset, year: int) -> Open:
    say = subject.say
    headings = [
        Heading(say("Task"), number=False), Heading(say("Kind"), number=False), Heading(say("Unserved")),
        Heading(say("Share of its demand")), Heading(say("Limits to blame"), number=False),
    ]  # fmt: skip
    rows = []
    for row in _rows(data, year).itertuples():
        labels = {"year": year, "task": row.task, "kind": row.kind}
        rows.append((
            named(subject, "task", str(row.task)), named(subject, "kind", str(row.kind)),
            figure_in(data, "unserved", **labels), figure_in(data, "share", **labels), _blamed(subject, blame, labels),
        ))  # fmt: skip
    return Open("", headings, rows, year)


def _blamed(subject: Subject, blame: Dataset, labels: dict[str, Any]) -> Cell:
    """The limits that carry most of it, with their shares."""
    most = blame.rows(**labels).sort_values("share", ascending=False, kind="stable").head(MOST_LIMITS)
    if most.empty:
        return subject.say("not traced")
    parts = [
        subject.say.markup("{limit} {share}", limit=named(subject, "item", str(row.item)),
                           share=figure_in(blame, "share", **labels, item=row.item))
        for row in most.itertuples()
    ]  # fmt: skip
    return Markup(", ").join(parts)


def _by_region(subject: Subject, data: Dataset, year: int, count: int) -> Open:
    say = subject.say
    headings = [
        Heading(say("Region"), number=False), Heading(say("Kind"), number=False), Heading(say("Unserved")),
        Heading(say("Share of its demand")),
    ]  # fmt: skip
    rows = []
    for row in _rows(data, year).head(MOST_REGIONS).itertuples():
        labels = {"year": year, "region": row.region, "kind": row.kind}
        rows.append((
            named(subject, "region", str(row.region)), named(subject, "kind", str(row.kind)),
            figure_in(data, "unserved", **labels), figure_in(data, "share", **labels),
        ))  # fmt: skip
    text = say("By region, the largest of {count}:", count=count) if count > MOST_REGIONS else say("By region:")
    return Open(text, headings, rows, year)
