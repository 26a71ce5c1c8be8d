"""What only some runs have: events with hours of their own, outages, training clusters, who pays."""

from __future__ import annotations

from collections.abc import Sequence

from eastwest.report.page.figure import figure_in
from eastwest.report.page.section import Heading, Open, Page, Section
from eastwest.report.page.shown import named
from eastwest.report.plot.chart import Subject
from eastwest.results.dataset import AnyColumn, Column, Dataset, Ratio, gather

MOST = 12


def sections(page: Page) -> list[Section]:
    """Each part that the run has rows of."""
    found = (_events(page.subject), _outages(page.subject), _training_units(page.subject), _payers(page.subject))
    return [section for section in found if section is not None]


def _has(subject: Subject, quantity: str) -> bool:
    return bool((subject.table["quantity"] == quantity).any())


def _events(subject: Subject) -> Section | None:
    """Work promised and shed in the hours of each event."""
    if not _has(subject, "event_promised"):
        return None
    say = subject.say
    columns: dict[str, AnyColumn] = {
        "hours": Column("Hours of the event", "event_hours", "h", by=("item",)),
        "promised": Column("Promised", "event_promised", "PFLOP/s h"),
        "shed": Column("Shed", "event_shed", "PFLOP/s h", fill=0.0),
        "share": Ratio("Shed, share of what is promised", "shed", "promised"),
    }
    data = gather(subject.table, "events", "Work in event periods", ["year", "item", "kind"], columns)
    by_site: dict[str, AnyColumn] = {
        "promised": Column("Promised", "event_promised", "PFLOP/s h", fill=0.0),
        "done": Column("Done", "event_done", "PFLOP/s h", fill=0.0),
    }
    sites = gather(subject.table, "events_by_site", "Work in event periods by site",
                   ["year", "item", "kind", "site"], by_site)  # fmt: skip
    note = say(
        "Work is routed by the hour in these periods. Promised: what the yearly contracts ask for in the event's "
        "hours. Shed: what is not done."
    )
    opens = tuple(_listed(subject, data, say("Event"), year) for year in subject.years)
    return Section("events", say("Event periods"), (note,), opens=opens, tables=(data, sites))


def _outages(subject: Subject) -> Section | None:
    """What each outage cuts, and the round trip before and after."""
    if not _has(subject, "lost_rate"):
        return None
    say = subject.say
    columns: dict[str, AnyColumn] = {
        "lost": Column("Protected work that is cut", "lost_rate", "PFLOP/s"),
        "before": Column("Round trip before", "round_trip_before_outage", "ms", how="only"),
        "after": Column("Round trip after", "round_trip_after_outage", "ms", how="only"),
    }
    data = gather(subject.table, "outages", "What the plan survives", ["year", "item", "kind"], columns)
    order = data.frame.sort_values(["year", "kind", "lost"], ascending=[True, False, False], kind="stable")
    data = data.but(order)
    again = gather(
        subject.table, "standby", "Where work that an outage cuts is served again", ["year", "item", "kind", "site"],
        {"served": Column("Served again", "standby_rate", "PFLOP/s")},
    )  # fmt: skip
    note = say("Protected work that the outage cuts, and one way to serve it again inside its latency limit.")
    opens = tuple(_listed(subject, data, say("Lost"), year) for year in subject.years)
    return Section("outages", say("What the plan survives"), (note,), opens=opens, tables=(data, again))


def _training_units(subject: Subject) -> Section | None:
    """Training units by size and site."""
    if not _has(subject, "training_units"):
        return None
    say = subject.say
    units: dict[str, AnyColumn] = {"units": Column("Training units", "training_units", "training units")}
    data = gather(subject.table, "training_units", "Training units by size", ["year", "item"], units)
    where = gather(
        subject.table, "training_units_by_site", "Training units by site", ["year", "item", "site", "device"], units
    )
    note = say(
        "Units of devices that train as one, by their size; parts of units unless integer numbers were asked for."
    )
    opens = tuple(_listed(subject, data, say("Size"), year) for year in subject.years)
    return Section("training_units", say("Training clusters"), (note,), opens=opens, tables=(data, where))


def _payers(subject: Subject) -> Section | None:
    """What vouchers and tariffs move between payers and users."""
    if not _has(subject, "transfer"):
        return None
    say = subject.say
    paid: dict[str, AnyColumn] = {"paid": Column("Paid", "transfer", "million CNY")}
    data = gather(subject.table, "transfers", "Transfers by who pays", ["year", "item"], paid)
    region = gather(subject.table, "transfers_by_region", "Transfers by region that gains", ["year", "region"], paid)
    note = say(
        "Users bear the country's cost less what cities pay by voucher and what grid and province give up by "
        "preferential tariffs: transfers, which cost the country nothing."
    )
    opens = tuple(_listed(subject, data, say("Paid by"), year) for year in subject.years)
    return Section("payers", say("Who pays, who gains"), (note,), opens=opens, tables=(data, region))


def _listed(subject: Subject, data: Dataset, first: str, year: int) -> Open:
    """The first rows of a year with all their figures."""
    say = subject.say
    labels = [label for label in data.labels if label != "year"]
    words = {"item": first, "kind": say("Kind")}
    headings = [Heading(words[label], number=False) for label in labels]
    headings += [Heading(say(column.title)) for column in data.columns.values()]
    rows: list[Sequence[str]] = []
    for row in data.rows(year=year).head(MOST).to_dict(orient="records"):
        own = {label: row[label] for label in labels}
        rows.append((
            *(named(subject, label, str(own[label])) for label in labels),
            *(figure_in(data, column, year=year, **own) for column in data.columns),
        ))  # fmt: skip
    if not rows:
        return Open(say("{year}: none.", year=year), year=year)
    return Open("", headings, rows, year)
