"""What stands idle, and which limit it waits for: by year, then where most of it stands."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from eastwest.report.cells import DASH, mark, named, place
from eastwest.report.lines import Line, country, largest_first, lines_open
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Cell, Open, Page, Section, heads
from eastwest.results.dataset import Column, Dataset, gather
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
    units = sorted(set(idle["unit"]) - {MONEY})
    total = [_dataset(subject, position, unit, "total") for position, unit in enumerate(units)]
    where = [_dataset(subject, position, unit, "place") for position, unit in enumerate(units)]
    of = {"idle": Column("Cost of what is idle", "idle", MONEY)}
    money = gather(subject.table, "idle_cost", "Cost of what is idle, a year", ["year", "item", "kind"], of)
    every, sums = country(subject, "idle_cost_of_all", "Cost of all that is idle, a year",
                          {"idle": Column("all that stands idle", "idle", MONEY)})  # fmt: skip
    opens = [_of_year(subject, total, where, money, year) for year in subject.years]
    if len(subject.years) > 1:
        lines = [
            Line(_words(subject, data, labels), data, "idle", labels)
            for data in (*total, money)
            for labels in largest_first(data, "idle", ["item", "kind"])
        ]
        opens.insert(0, lines_open(subject, [*lines, *(line._replace(is_sum=True) for line in sums)]))
    note = say(
        "Cost is what the idle part costs a year at replacement annuity, whoever pays it. Devices are counted by kind "
        "of compute, halls and grid connections in MW."
    )
    most = idle[idle["unit"] == (MONEY if MONEY in set(idle["unit"]) else units[0])].groupby("year")["value"].sum()
    year = int(max(most.index, key=lambda year: (most[year], year)))
    return Section("idle", title, (note,), opens=tuple(opens), tables=(*total, money, every, *where), year=year)


def _dataset(subject: Subject, position: int, unit: str, level: str) -> Dataset:
    labels = ["year", "item", "kind"] + (["site", "device"] if level == "place" else [])
    title = f"What stands idle [{unit}]" if level == "total" else f"What stands idle where [{unit}]"
    return gather(subject.table, f"idle_{level}_{position}", title, labels, {"idle": Column("Idle", "idle", unit)})


def _of_year(subject: Subject, total: Sequence[Dataset], where: Sequence[Dataset], money: Dataset, year: int) -> Open:
    """One row for each thing and cause: amount, money, and where most of it stands; the dearest first."""
    say = subject.say
    headings = heads([say("Idle")], [say("Amount"), say("Cost a year")]) + heads([say("Most of it")])
    found: list[tuple[float, Sequence[Cell]]] = []
    for data, places in zip(total, where, strict=True):
        rows = data.rows(year=year)
        for row in rows[rows["idle"] > 0].itertuples():
            labels = {"item": row.item, "kind": row.kind}
            paid = money.rows(year=year, **labels)
            parts = places.rows(year=year, **labels).sort_values("idle", ascending=False, kind="stable")
            listed = [
                say.markup("{where} {figure}", where=place(subject, part), figure=mark(places, part.Index, "idle"))
                for part in parts.head(MOST_PLACES).itertuples()
            ]
            cost = mark(money, int(paid.index[0]), "idle") if len(paid) else DASH
            cells = (_words(subject, data, labels), mark(data, row.Index, "idle"), cost, Markup("; ").join(listed))
            found.append((float(paid["idle"].iloc[0]) if len(paid) else 0.0, cells))
    if not found:
        return Open(say("{year}: nothing stands idle.", year=year), year=year)
    found.sort(key=lambda entry: -entry[0])
    return Open("", headings, [cells for _, cells in found], year)


def _words(subject: Subject, data: Dataset, labels: dict[str, object]) -> str:
    """`intelligent devices: waits for grid connection`, since kinds are never added; other things by their item."""
    words, kind = named(subject, "item", str(labels["item"])), str(labels["kind"])
    if kind and data.columns["idle"].unit in (DEVICES, MONEY):
        return subject.say("{kind} devices: {words}", kind=named(subject, "kind", kind), words=words)
    return words
