"""Headline tiles: what is served, at what cost, how busy, how green; kinds of compute side by side."""

from __future__ import annotations

from eastwest.report.page.figure import figure_in
from eastwest.report.page.section import Cell, Page, Section, Tile
from eastwest.report.page.shown import named
from eastwest.report.plot.chart import Subject
from eastwest.report.terminal.headline import TITLES
from eastwest.results.dataset import AnyColumn, Column, Dataset, gather

BY_KIND = {
    "served_share": "1",
    "delivered": "PFLOP/s",
    "demand": "PFLOP/s",
    "unserved": "PFLOP/s",
    "cost_per_delivered": "CNY/(PFLOP/s h)",
    "cost_per_delivered_with_existing_devices": "CNY/(PFLOP/s h)",
    "mean_round_trip": "ms",
    "device_utilisation": "1",
    "west_share_served": "1",
}
TOGETHER = {
    "green_share": "1",
    "carbon": "Mt CO2",
    "electricity": "TWh",
    "grid_utilisation": "1",
    "hall_dense_utilisation": "1",
    "hall_standard_utilisation": "1",
    "cost_without_penalties": "million CNY",
}
"""Items of the headline, and the unit of each."""


def section(page: Page) -> Section:
    """A tile for each headline figure, by planning year."""
    subject, say = page.subject, page.subject.say
    of_kind = _gathered(subject, "headline_by_kind", "Headline figures by kind of compute", ["year", "kind"], BY_KIND)
    of_all = _gathered(subject, "headline_of_all", "Headline figures of everything together", ["year"], TOGETHER)
    tiles = {year: _tiles(subject, of_kind, of_all, year) for year in subject.years}
    note = say(
        "Costs are of the year: what is decided, and running everything. Devices that stand already cost nothing here. "
        "PFLOP/s are delivered ones of the kind that is named; kinds of compute are never added together."
    )
    return Section("headline", say("Headline figures"), (note,), tiles=tiles, tables=(of_kind, of_all))


def _gathered(subject: Subject, name: str, title: str, labels: list[str], units: dict[str, str]) -> Dataset:
    """A column for each headline item; of what has no kind, rows without one."""
    no_kind = {} if "kind" in labels else {"kind": ""}
    columns: dict[str, AnyColumn] = {
        item: Column(TITLES[item], "headline", unit, {"item": item, **no_kind}, how="only")
        for item, unit in units.items()
    }
    data = gather(subject.table, name, title, labels, columns)
    if "kind" in labels:
        data = data.but(data.frame[data.frame["kind"] != ""])
    order = data.frame.get("kind", data.frame["year"]).map(lambda kind: kind != "intelligent")
    return data.but(data.frame.assign(order=order).sort_values(["year", "order"], kind="stable").drop(columns="order"))


def _tiles(subject: Subject, of_kind: Dataset, of_all: Dataset, year: int) -> list[Tile]:
    say = subject.say
    titles = {
        "served_share": (say("Served"), say("of demand")),
        "unserved": (say("Unserved"), ""),
        "cost_per_delivered": (say("Cost per delivered unit"), say("without standing devices")),
        "cost_per_delivered_with_existing_devices": (say("Cost with standing devices"), say("with their replacement")),
        "mean_round_trip": (say("Mean round trip"), say("of what is served")),
        "device_utilisation": (say("Utilisation"), say("busy over energised devices")),
        "west_share_served": (say("West"), say("share of what is served")),
    }
    tiles = [Tile(title, _by_kind(subject, of_kind, item, year), note) for item, (title, note) in titles.items()]
    whole = {
        "green_share": (say("Green power"), say("share of electricity")),
        "carbon": (say("Carbon"), say("operational, of the year")),
    }
    for item, (title, note) in whole.items():
        if of_all.value(item, year=year) == of_all.value(item, year=year):
            tiles.append(Tile(title, [(figure_in(of_all, item, large=True, year=year), "")], note))
    return [tile for tile in tiles if tile.figures]


def _by_kind(subject: Subject, data: Dataset, item: str, year: int) -> list[tuple[Cell, str]]:
    rows = data.rows(year=year)
    return [
        (figure_in(data, item, large=True, year=year, kind=kind), named(subject, "kind", kind))
        for kind, known in zip(rows["kind"], rows[item].notna(), strict=True)
        if known
    ]
