"""What stands idle, and which limit it waits for: by year, then where most of it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from eastwest.report.cells import DASH, mark, named, place
from eastwest.report.lines import Line, country, largest_first, lines_open
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Cell, Open, Page, Section, heads
from eastwest.results.dataset import AnyColumn, Column, Dataset, gather
from eastwest.schema.units import MONEY

MOST_PLACES = 3
DEVICES = "devices"


def section(page: Page) -> Section:
    """How much of what waits for what, what that costs, and where most of it stands."""
    subject, say = page.subject, page.subject.say
    idle = subject.table[subject.table["quantity"] == "idle"]
    title = say("What stands idle, and what it waits for")
    if idle.empty:
        return Section("idle", title, (say("Nothing stands idle: all that is installed is energised."),))
    figures: dict[str, AnyColumn] = {"idle": Column("Idle", "idle", "")}
    labels = ["year", "item", "kind", "unit"]
    total = gather(subject.table, "idle_total", "What stands idle", labels, figures)
    where = gather(subject.table, "idle_place", "What stands idle where", [*labels, "site", "device"], figures)
    every, sums = country(subject, "idle_cost_of_all", "Cost of all that is idle, a year",
                          {"idle": Column("all that stands idle", "idle", MONEY)})  # fmt: skip
    opens = [_of_year(subject, total, where, year) for year in subject.years]
    if len(subject.years) > 1:
        found = sorted(largest_first(total, "idle", labels[1:]), key=lambda own: (own["unit"] == MONEY, own["unit"]))
        lines = [Line(_words(subject, own), total, "idle", own) for own in found]
        opens.insert(0, lines_open(subject, [*lines, *(line._replace(is_sum=True) for line in sums)]))
    note = say(
        "Cost is what the idle part costs a year at replacement annuity, whoever pays it. Devices are counted by kind "
        "of compute, halls and grid connections in MW."
    )
    unit = min(set(idle["unit"]), key=lambda unit: (unit != MONEY, unit))
    most = idle[idle["unit"] == unit].groupby("year")["value"].sum()
    year = int(max(most.index, key=lambda year: (most[year], year)))
    return Section("idle", title, (note,), opens=tuple(opens), tables=(total, every, where), year=year)


def _of_year(subject: Subject, total: Dataset, where: Dataset, year: int) -> Open:
    """One row for each thing and cause: amount, money, and where most of it stands; the dearest first."""
    say, rows = subject.say, total.rows(year=year)
    headings = heads([say("Idle")], [say("Amount"), say("Cost a year")]) + heads([say("Most of it")])
    found: list[tuple[float, Sequence[Cell]]] = []
    for row in rows[(rows["idle"] > 0) & (rows["unit"] != MONEY)].sort_values("unit", kind="stable").itertuples():
        labels = {"item": row.item, "kind": row.kind}
        paid = total.rows(year=year, unit=MONEY, **labels)
        parts = where.rows(year=year, unit=row.unit, **labels).sort_values("idle", ascending=False, kind="stable")
        listed = [
            say.markup("{where} {figure}", where=place(subject, part), figure=mark(where, part.Index, "idle"))
            for part in parts.head(MOST_PLACES).itertuples()
        ]
        cost = mark(total, int(paid.index[0]), "idle") if len(paid) else DASH
        words = _words(subject, {**labels, "unit": row.unit})
        found.append((paid["idle"].sum(), (words, mark(total, row.Index, "idle"), cost, Markup("; ").join(listed))))
    if not found:
        return Open(say("{year}: nothing stands idle.", year=year), year=year)
    found.sort(key=lambda entry: -entry[0])
    return Open("", headings, [cells for _, cells in found], year)


def _words(subject: Subject, labels: Mapping[str, object]) -> str:
    """`intelligent devices: waits for grid connection`, since kinds are never added; other things by their item."""
    words, kind = named(subject, "item", str(labels["item"])), str(labels["kind"])
    if kind and labels["unit"] in (DEVICES, MONEY):
        return subject.say("{kind} devices: {words}", kind=named(subject, "kind", kind), words=words)
    return words
