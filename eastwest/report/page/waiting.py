"""What stands idle, and which limit it waits for."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from eastwest.report.page.figure import figure_in
from eastwest.report.page.section import Cell, Heading, Open, Page, Section
from eastwest.report.page.shown import named, place
from eastwest.report.plot.chart import Subject
from eastwest.results.dataset import Column, Dataset, gather

MOST_PLACES = 3
MONEY = "million CNY"


def section(page: Page) -> Section:
    """By year: how much of what waits for what, what that costs, and where most of it stands."""
    subject, say = page.subject, page.subject.say
    idle = subject.table[subject.table["quantity"] == "idle"]
    title = say("What stands idle, and what it waits for")
    if idle.empty:
        return Section("idle", title, (say("Nothing stands idle: all that is installed is energised."),))
    units = sorted(set(idle["unit"]) - {MONEY})
    total = [_dataset(subject, position, unit, "total") for position, unit in enumerate(units)]
    where = [_dataset(subject, position, unit, "place") for position, unit in enumerate(units)]
    cost = {"cost": Column("Cost of what is idle", "idle", MONEY)}
    money = gather(subject.table, "idle_cost", "Cost of what is idle, a year", ["year", "item", "kind"], cost)
    opens = tuple(_of_year(subject, total, where, money, year) for year in subject.years)
    note = say(
        "Cost is what the idle part costs a year at replacement annuity, whoever pays it. Devices are counted by kind "
        "of compute, halls and grid connections in MW."
    )
    return Section("idle", title, (note,), opens=opens, tables=(*total, money, *where))


def _dataset(subject: Subject, position: int, unit: str, level: str) -> Dataset:
    labels = ["year", "item", "kind"] + (["site", "device"] if level == "place" else [])
    title = f"What stands idle [{unit}]" if level == "total" else f"What stands idle where [{unit}]"
    return gather(subject.table, f"idle_{level}_{position}", title, labels, {"idle": Column("Idle", "idle", unit)})


def _of_year(subject: Subject, total: Sequence[Dataset], where: Sequence[Dataset], money: Dataset, year: int) -> Open:
    say = subject.say
    headings = [
        Heading(say("Idle"), number=False), Heading(say("Amount")), Heading(say("Cost a year")),
        Heading(say("Most of it"), number=False),
    ]  # fmt: skip
    found: list[tuple[float, Sequence[Cell]]] = []
    for data, places in zip(total, where, strict=True):
        rows = data.rows(year=year)
        for row in rows[rows["idle"] > 0].itertuples():
            labels = {"year": year, "item": row.item, "kind": row.kind}
            worth = money.value("cost", **labels)
            most = places.rows(**labels).sort_values("idle", ascending=False, kind="stable").head(MOST_PLACES)
            listed: list[Cell] = []
            for part in most.itertuples():
                figure = figure_in(places, "idle", **labels, site=part.site, device=part.device)
                listed.append(say.markup("{where} {figure}", where=place(subject, part), figure=figure))
            what = waiting(subject, str(row.item), str(row.kind))
            cost: Cell = figure_in(money, "cost", **labels) if worth == worth else "–"
            found.append(
                (
                    worth if worth == worth else 0.0,
                    (what, figure_in(data, "idle", **labels), cost, Markup(", ").join(listed)),
                )
            )
    if not found:
        return Open(say("{year}: nothing stands idle.", year=year), year=year)
    found.sort(key=lambda entry: -entry[0])
    return Open("", headings, [cells for _, cells in found], year)


def waiting(subject: Subject, item: str, kind: str) -> str:
    """`intelligent devices: waits for grid connection`; things that are no devices by their item alone."""
    words = named(subject, "item", item)
    if item.startswith("waits for ") and kind:
        return subject.say("{kind} devices: {words}", kind=named(subject, "kind", kind), words=words)
    return words
