"""What the plan survives: each outage with what it cuts, where that is served again, how far, and what binds."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from markupsafe import Markup

from eastwest.report.cells import figure_in, mark, named, parts_of
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Cell, Page, Section
from eastwest.report.sections.listed import MOST, listed
from eastwest.results.dataset import Column, Dataset, gather
from eastwest.schema.units import MONEY

MOST_PLACES = 3
LEAST = 1e-3
"""An outage whose shadow price times work is less binds nothing [million CNY]."""
TOLD = ("lost_rate", "lost_without_second_site", "mirrored", "unprotectable", "worth")


def section(page: Page) -> Section | None:
    """Outages by what their promise is worth at the margin, then by what they cut; nothing without a promise."""
    subject, say = page.subject, page.subject.say
    if not subject.table["quantity"].isin(TOLD).any():
        return None
    data = gather(subject.table, "outages", "What the plan survives", ["year", "item", "kind"], {
        "lost": Column("Protected work that is cut", "lost_rate", "PFLOP/s"),
        "before": Column("Round trip before", "round_trip_before_outage", "ms", how="only"),
        "after": Column("Round trip after", "round_trip_after_outage", "ms", how="only"),
        "binds": Column("Binds", "promise", MONEY, by=("year", "item")),
    })  # fmt: skip
    frame = data.frame[data.frame["lost"].notna()]
    frame = frame.assign(size=frame["lost"] / frame.groupby(["year", "kind"])["lost"].transform("max"))
    frame = frame.assign(price=frame["binds"].where(frame["binds"] > LEAST, 0.0).fillna(0.0))
    keys = ["year", "price", "size", "item"]
    data = data.but(frame.sort_values(keys, ascending=[True, False, False, True], kind="stable")[list(data.frame)])
    again = gather(
        subject.table, "standby", "Where work that an outage cuts is served again", ["year", "item", "kind", "site"],
        {"served": Column("Served again", "standby_rate", "PFLOP/s")},
    )  # fmt: skip
    note = say(
        "Protected work that the outage cuts, and one way to serve it again inside its latency limit. Binds: shadow "
        "price of that work times the work, of all kinds together; what it costs as a whole is a solve without its "
        "rows."
    )
    more = {say("Served again most at"): lambda row: _places(subject, again, row)}
    names = {"item": lambda item: outage(subject, item)}
    years = subject.years if len(data.frame) else []
    opens = tuple(listed(subject, data, say("Lost"), year, more=more, names=names) for year in years)
    count = max((len(data.rows(year=year)) for year in years), default=0)
    rest = say("At most {most} lines of {count} stand here; all are in the table.", most=MOST, count=count)
    mirrors, alone, worth = _others(subject)
    return Section(
        "outages", say("What the plan survives"), (note,), opens=opens, tables=(data, again, mirrors, alone, worth),
        closing=(*[rest] * (count > MOST), *_sentences(subject, mirrors, alone, worth)),
    )  # fmt: skip


def _places(subject: Subject, again: Dataset, row: pd.Series) -> Cell:
    rows = again.rows(year=row["year"], item=row["item"], kind=row["kind"]).nlargest(MOST_PLACES, "served")
    return Markup(", ").join(parts_of(subject, again, rows, "site", "served"))


def _others(subject: Subject) -> tuple[Dataset, Dataset, Dataset]:
    """Work mirrored at other sites, work that has no second site, and what promises are worth."""
    table = subject.table
    return (
        gather(table, "mirrored", "Mirrored at other sites", ["year", "kind"],
               {"rate": Column("Mirrored", "mirrored", "PFLOP/s")}),
        gather(table, "unprotectable", "Without a second site", ["task"],
               {"share": Column("Share of demand", "unprotectable", "1", how="max")}),
        gather(table, "worth", "Worth of promises", ["item"],
               {"worth": Column("Worth", "worth", MONEY, how="only")}),
    )  # fmt: skip


def _sentences(subject: Subject, mirrors: Dataset, alone: Dataset, worth: Dataset) -> Iterator[Cell]:
    say, table = subject.say, subject.table
    for row in mirrors.frame.dropna().itertuples():
        own = table[(table["quantity"] == "mirrored") & (table["year"] == row.year) & (table["kind"] == row.kind)]
        yield say.markup(
            "Mirrored at other sites in {year}: {rate} {kind} ({tasks}).", year=row.year, kind=say(str(row.kind)),
            rate=figure_in(mirrors, "rate", year=row.year, kind=row.kind),
            tasks=", ".join(named(subject, "task", task, both=False) for task in sorted(set(own["task"]))),
        )  # fmt: skip
    if len(alone.frame):
        rows = alone.frame.sort_values("share", ascending=False, kind="stable")
        yield say.markup(
            "Without a second site inside SLA and residency, so without a promise (share of demand): {tasks}.",
            tasks=Markup(", ").join(parts_of(subject, alone, rows, "task", "share")),
        )
    for row in worth.frame.itertuples():
        yield say.markup("Worth of {what}: {worth} (a solve of its own).", what=say.item(str(row.item)),
                         worth=mark(worth, row.Index, "worth"))  # fmt: skip


def outage(subject: Subject, label: str) -> str:
    """`hub-gz` as `Guizhou hub`; corridors and other things keep their names."""
    level, _, key = label.partition("-")
    return subject.names.full(level, key) if (level, key) in subject.names.english else named(subject, "item", label)
