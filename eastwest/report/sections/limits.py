"""What is full, what binds, and what one more unit of each limit is worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from eastwest.formatting.words import percent
from eastwest.report.cells import clip, mark, marks, named, place
from eastwest.report.plot import prices as charts_of_prices
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Cell, Open, Page, Section, heads
from eastwest.report.sections.pictures import drawn_of
from eastwest.results.dataset import AnyColumn, Column, Dataset, Ratio, gather
from eastwest.schema.thresholds import FULL
from eastwest.schema.units import MONEY, MONTH

MOST_FULL = 12
MOST_PRICES = 8
PLACES = ("site", "region", "corridor", "device", "task", "kind")
MOST_RELIEFS = 10
MOST_RANGES = 5


def section(page: Page) -> Section:
    """Reliefs first, since they are what could be done; then what is full, and the prices of what binds."""
    subject, say = page.subject, page.subject.say
    reliefs = relief_datasets(page)
    prices = list(_by_unit(page, "shadow_price", "price", "Shadow prices of limits", _price_columns))
    full, ranges = _fullness(subject), _ranges(subject)
    several = len(subject.years) > 1
    note = say(
        "A saving is of a plan solved again with so much more of the limit, penalties of unserved work included; of "
        "all planning years together, in money of the year named, else of the first."
        if several
        else "A saving is of a plan solved again with so much more of the limit, penalties of unserved work included, "
        "a year."
    )
    free = say(
        "More devices are bought at their price, which is taken off; a MW of hall or grid, or a month, comes without "
        "its cost. The limits with most at stake are solved again (--reliefs N)."
    )
    opens = (_reliefs(subject, reliefs, delays=False), _reliefs(subject, reliefs, delays=True))
    closing = say(
        "Sign of shadow prices: the change of yearly cost per unit more of the limit, so negative means that more of "
        "it saves money. Savings are solves of their own, not these prices: where several limits bind at once, one of "
        "them alone may save less."
    )
    after = [part for year in subject.years for part in (_full(subject, full, year), _prices(page, prices, year))]
    between = {int(year) for data in prices for year in data.frame["year"]} - {0, *subject.years}
    after += [_prices(page, prices, year) for year in sorted(between)]
    return Section(
        "limits", say("What binds, and what relief is worth"), (note, free),
        opens=tuple(block for block in opens if block is not None), charts=drawn_of(page, charts_of_prices.by_limit),
        after=(*after, *_price_ranges(subject, ranges)), closing=(closing,),
        tables=(*reliefs, full, *prices, *([ranges] if len(ranges.frame) else [])),
    )  # fmt: skip


def relief_datasets(page: Page) -> list[Dataset]:
    """Reliefs with their places, one dataset for each unit; `step` is the saving by what a planner would ask for."""
    return list(_by_unit(page, "relief", "relief", "Worth of one more unit of a limit", _relief_columns))


def unit_of_limit(data: Dataset) -> str:
    """The unit of the limits of a dataset of reliefs: MW, devices, month."""
    return data.columns["saving"].unit.partition("/")[2]


def _relief_columns(unit: str, step: float) -> dict[str, Any]:
    per = unit.partition("/")[2]
    return {
        "saving": Column("Saving by one unit more", "relief", unit, how="only"),
        "step": Column("Saving by one step more", "relief", MONEY, how="only", factor=step, rows_unit=unit),
        "up_to": Column("Holds up to", "relief_range", per, how="only"),
    }


def _price_columns(unit: str, step: float) -> dict[str, Any]:
    return {"price": Column("Change of cost by one unit more, hours of the year added", "shadow_price", unit)}


def _by_unit(page: Page, quantity: str, name: str, title: str, columns: Any) -> Iterator[Dataset]:
    """A dataset for each unit and step, since amounts of different ones stand in different columns.

    Of limits that reports list, and of months less of delay.
    """
    subject = page.subject
    rows = subject.table[subject.table["quantity"] == quantity]
    meaning = page.result.meaning(rows["constraint"])
    rows = rows.assign(step=meaning["step"])[meaning["told"] | rows["unit"].str.endswith(f"/{MONTH}")]
    for position, ((unit, step), of_unit) in enumerate(rows.groupby(["unit", "step"], sort=True)):
        places = [label for label in PLACES if (of_unit[label] != "").any()]
        items = tuple(sorted(set(of_unit["item"])))
        yield gather(
            subject.table, f"{name}_{position}", f"{title} [{unit}]", ["year", "item", *places],
            columns(str(unit), step), where={"item": items},
        )  # fmt: skip


def is_delay(data: Dataset) -> bool:
    """Whether reliefs are of time instead of a limit, which their unit says."""
    return unit_of_limit(data) == MONTH


def _reliefs(subject: Subject, datasets: Sequence[Dataset], *, delays: bool) -> Open | None:
    """The limits whose relief saves most first, each by the step that a planner would ask for."""
    say = subject.say
    found = [
        (row.step, data, row)
        for data in datasets
        if is_delay(data) == delays
        for row in data.frame.dropna(subset="saving").itertuples()
    ]
    found.sort(key=lambda entry: -entry[0])
    if not found:
        return None if delays else Open(
            say("No limit that can be relieved carries a price, or no relief was asked for (--reliefs N).")
        )  # fmt: skip
    first = say("What would help most, and what it saves") if not delays else say("What a month less of delay saves")
    headings = heads([first], [say("Saving by one unit more"), say("Holds up to")])
    rows = [
        (_sentence(subject, row, unit_of_limit(data), mark(data, row.Index, "step")),
         *marks(data, row.Index, ("saving", "up_to")))
        for _, data, row in found[:MOST_RELIEFS]
    ]  # fmt: skip
    text = say("Each is a solve of its own; sites are part of the first line of their kind.") if delays else ""
    return Open(text, headings, rows)


def _sentence(subject: Subject, row: Any, per: str, saved: Markup) -> Markup:
    """`2028: 1,000 devices more of accelerator supply (Ascend 960): 773 million CNY`."""
    say, where = subject.say, place(subject, row)
    when = f"{row.year}: " if row.year and subject.years != [row.year] else ""
    what = named(subject, "item", row.item)
    if per == MONTH:
        where = where or say("everywhere")
        return say.markup("{when}{what}, {where}: {saved}", when=when, what=what, where=where, saved=saved)
    text = "{when}{step} more of {limit}{where}: {saved}"
    step, where = f"{subject.step(row.item, per):,.6g} {clip(per)}", f" ({where})" if where else ""
    return say.markup(text, when=when, step=step, limit=what, where=where, saved=saved)


def _ranges(subject: Subject) -> Dataset:
    """Devices bought at each site, and between which prices that stays as it is.

    A range without a year is of all years together: it counts where site and device are bought in one year alone.
    """
    rows = subject.table[subject.table["quantity"] == "price_range"]
    dated = not (rows["year"] == 0).any()
    by = None if dated else ("site", "device")
    columns: dict[str, AnyColumn] = {
        "bought": Column("Bought", "bought", "devices"),
        "below": Column("Plan changes below", "price_range", "CNY", {"item": "plan changes below"}, how="max", by=by),
        "above": Column("Plan changes above", "price_range", "CNY", {"item": "plan changes above"}, how="min", by=by),
    }
    data = gather(
        subject.table, "price_ranges", "Prices at which the plan changes", ["year", "site", "device"], columns
    )
    frame = data.frame[data.frame["bought"].notna() & data.frame[["below", "above"]].notna().any(axis=1)]
    if not dated:
        frame = frame[frame.groupby(["site", "device"])["year"].transform("nunique") == 1]
    return data.but(frame.sort_values(["year", "bought"], ascending=[True, False], kind="stable"))


def _price_ranges(subject: Subject, data: Dataset) -> Iterator[Open]:
    """The largest purchases of the last year that has any."""
    say = subject.say
    if data.frame.empty:
        return
    year = int(data.frame["year"].max())
    text = say(
        "Prices at which the plan changes, {year}: between them it stays as it is, other things equal. Largest "
        "purchases:", year=year,
    )  # fmt: skip
    headings = heads([say("Device, site")], [say(column.title) for column in data.columns.values()])
    rows = [
        (place(subject, row, ("device", "site")), *marks(data, row.Index))
        for row in data.rows(year=year).head(MOST_RANGES).itertuples()
    ]
    yield Open(text, headings, rows)


def _fullness(subject: Subject) -> Dataset:
    """What of every hall and grid connection is taken by the rated power of what is energised."""
    assets = {"item": ("grid", "hall_dense", "hall_standard")}
    return gather(subject.table, "fullness", "Use of halls and grid connections", ["year", "site", "item"], {
        "used": Column("Taken", "used", "MW", assets),
        "capacity": Column("Capacity", "capacity", "MW", assets),
        "share": Ratio("Taken, share of capacity", "used", "capacity"),
    })  # fmt: skip


def _full(subject: Subject, data: Dataset, year: int) -> Open:
    """The fullest places, by hub: those that are full first, the largest of them on top."""
    say, rows = subject.say, data.rows(year=year)
    full = rows[rows["share"] >= FULL]
    shown = pd.concat([full.sort_values("capacity", ascending=False, kind="stable"),
                       rows.drop(full.index).sort_values("share", ascending=False, kind="stable")])  # fmt: skip
    text = say(
        "{year}: {full} of {all} halls and grid connections are full (at least {share} taken by what is energised).",
        year=year, full=len(full), all=int(rows["share"].notna().sum()), share=percent(FULL),
    )  # fmt: skip
    headings = heads([say("Fullest places"), say("Hub"), say("What")], [say("Taken"), say("Capacity"), say("Share")])
    hubs = hubs_of(subject)
    cells: list[Sequence[Cell]] = []
    for row in shown.head(max(MOST_FULL if len(full) < MOST_FULL else 0, min(len(full), 20))).itertuples():
        hub = hubs.get(str(row.site), "")
        cells.append((
            named(subject, "site", str(row.site)), named(subject, "hub", hub) if hub else "–",
            named(subject, "item", str(row.item)), *marks(data, row.Index),
        ))  # fmt: skip
    return Open(text, headings, cells, year)


def hubs_of(subject: Subject) -> dict[str, str]:
    """Hub of each site that has one."""
    sites = subject.scenario.tables.get("sites")
    if sites is None or "hub" not in sites:
        return {}
    return {str(site): hub for site, hub in zip(sites["site"], sites["hub"], strict=True) if isinstance(hub, str)}


def _prices(page: Page, datasets: Sequence[Dataset], year: int) -> Open:
    """The limits with the highest prices, each by the step that a planner would ask for."""
    subject, say, found = page.subject, page.subject.say, []
    for data in datasets:
        per = data.columns["price"].unit.partition("/")[2]
        rows = data.rows(year=year)
        rows = rows[rows["price"] < 0]
        found += [(abs(row.price) * subject.step(row.item, per), data, row) for row in rows.itertuples()]
    found.sort(key=lambda entry: -entry[0])
    if not found:
        return Open(say("{year}: no limit would save money if there were more of it.", year=year), year=year)
    change = say("Change of cost by one unit more, money of the year")
    headings = heads([say("Dearest limits"), say("Where, of what")], [change])
    rows = [
        (named(subject, "item", row.item), place(subject, row) or "–", mark(data, row.Index, "price"))
        for _, data, row in found[:MOST_PRICES]
    ]
    text = say(
        "{year}: {count} limits bind. Prices hold for the last unit alone; where several limits bind together, one of "
        "them may be worth less by itself than its price says.", year=year, count=len(found),
    )  # fmt: skip
    return Open(text, headings, rows, year)
