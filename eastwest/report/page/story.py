"""The answer in three sentences: what is served where and at what cost, what is full and why, what would help most."""

from __future__ import annotations

from eastwest.dataset import Column, gather
from eastwest.report.page.figure import figure_in
from eastwest.report.page.section import Page, Section


def section(page: Page) -> Section:
    """Three sentences with figures."""
    subject, say = page.subject, page.subject.say
    year = subject.year(None)
    data = gather(
        subject.table,
        "story_served",
        "Demand served",
        ["kind"],
        {"share": Column("Delivered, share of demand", "headline", "1", {"item": "served_share"}, how="only")},
        where={"year": year},
    )
    first = say.markup(
        "In {year}, {share} of intelligent demand is served.",
        year=year,
        share=figure_in(data, "share", kind="intelligent"),
    )
    return Section("answer", say("The answer"), (first,), tables=(data,))
