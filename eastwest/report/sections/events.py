"""Event periods: how much work is shed in each, of which kind, and which sites do more or less than by contract."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from eastwest.report.cells import parts_of
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Cell, Page, Section
from eastwest.report.sections.listed import listed
from eastwest.results.dataset import AnyColumn, Column, Dataset, Difference, Ratio, gather

MOST_SITES = 3
LEAST_SHARE = 1e-4
"""Moves below this share of the event's work are left out."""


def section(page: Page) -> Section | None:
    """One line for each event and kind of compute; nothing where the scenario has no event."""
    subject, say = page.subject, page.subject.say
    if not (subject.table["quantity"] == "event_promised").any():
        return None
    data = gather(subject.table, "events", "Work in event periods", ["year", "item", "kind"], {
        "hours": Column("Hours of the event", "event_hours", "h", by=("item",)),
        "promised": Column("Promised", "event_promised", "PFLOP/s h"),
        "shed": Column("Shed", "event_shed", "PFLOP/s h", fill=0.0),
        "share": Ratio("Shed, share of what is promised", "shed", "promised"),
    })  # fmt: skip
    by_site: dict[str, AnyColumn] = {
        "promised": Column("Promised", "event_promised", "PFLOP/s h", fill=0.0),
        "done": Column("Done", "event_done", "PFLOP/s h", fill=0.0),
        "more": Difference("Done less promised", "done", "promised", "PFLOP/s h"),
    }
    sites = gather(subject.table, "events_by_site", "Work in event periods by site",
                   ["year", "item", "kind", "site"], by_site)  # fmt: skip
    note = say(
        "Work is routed by the hour in these periods. Promised: what the yearly contracts ask for in the event's "
        "hours. Shed: what is not done."
    )
    sides = {
        title: lambda row, sign=sign: _moved(subject, sites, row, sign)
        for title, sign in ((say("Sites that do less"), -1), (say("Sites that do more"), 1))
    }
    opens = tuple(listed(subject, data, say("Event"), year, more=sides) for year in subject.years)
    return Section("events", say("Event periods"), (note,), opens=opens, tables=(data, sites))


def _moved(subject: Subject, sites: Dataset, event: pd.Series, sign: int) -> Cell:
    """Sites that do more (1) or less (-1) than by contract, the largest first."""
    rows = sites.rows(year=event["year"], item=event["item"], kind=event["kind"])
    rows = rows[(rows["site"] != "") & (sign * rows["more"] > LEAST_SHARE * event["promised"])]
    rows = rows.sort_values("more", ascending=sign < 0, kind="stable")
    parts = parts_of(subject, sites, rows.head(MOST_SITES), "site", "more")
    return Markup(", ").join([*parts, *([subject.say("others")] if len(rows) > MOST_SITES else [])]) or "–"
