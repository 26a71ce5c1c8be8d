"""The map of a run as a page of its own: one HTML file that opens without a network, with the tables behind it."""

from __future__ import annotations

from dataclasses import replace

from eastwest.report.cells import clip
from eastwest.report.page.write import shell
from eastwest.report.plot import map as maps
from eastwest.report.plot import map_words
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Section


def page(
    subject: Subject,
    year: int | None = None,
    kind: str | None = None,
    task: str | None = None,
    shade: str | None = None,
) -> str:
    """HTML text with the map of a year, or of all years with a choice between them."""
    say, title = subject.say, map_words.title(subject.scenario)
    years = subject.years if year is None else [subject.year(year)]
    chart = maps.chart(subject, kind, task, shade, years=years)
    drawn = replace(subject, table=subject.table[subject.table["year"].isin([0, *years])])
    section = Section("map", say("Where work goes"), charts=(chart,), tables=chart.more)
    name = f"{say('Plan of a run')} · {clip(subject.scenario.name)}"
    return shell(drawn, [section], title=title if len(years) > 1 else f"{title}, {years[0]}", name=name)
