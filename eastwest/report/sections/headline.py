"""Headline figures: what is served, at what cost, how busy, how green; kinds of compute side by side."""

from __future__ import annotations

from eastwest.formatting.words import figure, percent, spaced
from eastwest.report.cells import clip, figure_at, named
from eastwest.report.lines import Line, country, lines_open
from eastwest.report.plot import order
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Cell, Open, Page, Section, Tile
from eastwest.results.dataset import AnyColumn, Column, Dataset, gather
from eastwest.results.headline import NOT_MODELLED, RATIOS, TITLES, green_is_modelled, ordered
from eastwest.results.result import Result
from eastwest.schema.units import MONEY


def section(page: Page) -> Section:
    """A tile for each headline figure, by planning year; then every figure, side by side."""
    subject, say = page.subject, page.subject.say
    every = _every(subject)
    tiles = {year: _tiles(subject, every, year) for year in subject.years}
    note = say(
        "Costs are of the year: what is decided, and running everything. Devices that stand already cost nothing here. "
        "PFLOP/s are delivered ones of the kind that is named; kinds of compute are never added together."
    )
    several, title = len(subject.years) > 1, TITLES["objective"]
    paid, total = country(subject, "cost_of_years", title, {"cost": Column(title, "cost", MONEY)})
    block = _by_year(subject, every, total) if several else _by_kind_of(subject, every)
    closing: tuple[Cell, ...] = (_present_value(page),) if several else ()
    if not green_is_modelled(subject.table):
        closing += (say("Green power is not modelled in this run: nothing green can be chosen."),)
    return Section(
        "headline", say("Headline figures"), (note,), tiles=tiles, tables=(every, paid),
        opens=(block,) if block.rows else (), closing=closing,
    )  # fmt: skip


def _every(subject: Subject) -> Dataset:
    """Every headline figure, the share of new peak among them, in the order in which they are printed."""
    labels = ["year", "item", "kind", "unit"]
    of_new = subject.table["quantity"] != "share_of_new_peak"
    table = subject.table[of_new | subject.table["item"].isin(TITLES)]
    columns: dict[str, AnyColumn] = {"value": Column("Figure", ("headline", "share_of_new_peak"), "")}
    data = gather(table, "headline", "Headline figures", labels, columns)
    frame = data.frame[data.frame["item"] != "scarcity"]
    return data.but(ordered(frame))


def words_of(subject: Subject, item: str) -> str:
    """A headline item in words."""
    return subject.say(TITLES[item]) if item in TITLES else clip(spaced(item))


def _lines(subject: Subject, data: Dataset, labels: list[str]) -> list[Line]:
    """A line for every combination of labels, in the order in which the dataset has it."""
    lines = []
    for row in data.frame[labels].drop_duplicates().to_dict(orient="records"):
        own = {str(label): key for label, key in row.items()}
        of_kind = f", {subject.say(own['kind'])}" if own.get("kind") else ""
        title = words_of(subject, own["item"]) + of_kind
        lines.append(Line(title, data, "value", own, is_ratio=own["item"] in RATIOS))
    return lines


def _by_year(subject: Subject, data: Dataset, total: list[Line]) -> Open:
    """A line for each item and kind, and the cost of the year, with a column for each year."""
    lines = _lines(subject, data, ["item", "unit", "kind"])
    at = next((n for n, line in enumerate(lines) if line.where["unit"] == MONEY), len(lines))
    return lines_open(subject, [*lines[:at], *total, *lines[at:]], closed=True)


def _by_kind_of(subject: Subject, data: Dataset) -> Open:
    """A line for each item, all together and the kinds of compute side by side."""
    kinds = ["", *order.kinds(set(data.frame["kind"]) - {""})]
    titles = [subject.say(kind or "all") for kind in kinds]
    lines = _lines(subject, data, ["item", "unit"])
    return lines_open(subject, lines, "kind", kinds, titles=titles, closed=True)


def _present_value(page: Page) -> str:
    say, years = page.subject.say, page.subject.years
    rate = _discount_rate(page.result)
    found = say(
        "Present value of all planning years, penalties included: {value} million CNY in money of {year}",
        value=figure(page.result.objective), year=years[0],
    )  # fmt: skip
    discounted = say(", discounted at {rate} a year", rate=percent(rate)) if rate is not None else ""
    note = say(
        "Costs of a year are what that year pays, undiscounted: running everything, and the annuities of what was "
        "decided up to then and is in service. Costs of several years are added only in the present value. Shares of "
        "new peak count what entered service up to the year."
    )
    return f"{found}{discounted}{say('.')} {note}"


def _discount_rate(result: Result) -> float | None:
    """What turns years into present value [1/a], from the settings or the table of costs."""
    finance = getattr(result.scenario.settings, "finance", None)
    costs = result.scenario.tables.get("costs")
    own = getattr(finance, "discount_rate", None)
    if own is not None or finance is None or costs is None:
        return own
    known = costs.loc[costs["item"] == "discount_rate_system", finance.costs]
    return float(known.iloc[0]) if len(known) else None


def _tiles(subject: Subject, data: Dataset, year: int) -> list[Tile]:
    """The figures that stand out, those of kinds of compute side by side."""
    say, rows = subject.say, data.rows(year=year)
    titles = {
        "served_share": (say("Served"), say("of demand")),
        "unserved": (say("Unserved"), ""),
        "cost_per_delivered": (say("Cost per delivered unit"), say("without standing devices")),
        "cost_per_delivered_with_existing_devices": (say("Cost with standing devices"), say("with their replacement")),
        "mean_round_trip": (say("Mean round trip"), say("of what is served")),
        "device_utilisation": (say("Utilisation"), say("busy over energised devices")),
        "west_share_served": (say("West"), say("share of what is served")),
        "green_share": (say("Green power"), say("share of electricity")),
        "carbon": (say("Carbon"), say("operational, of the year")),
    }
    tiles = []
    for item, (title, note) in titles.items():
        figures: list[tuple[Cell, str]] = [
            (figure_at(data, row.Index, "value"), named(subject, "kind", str(row.kind)) if row.kind else "")
            for row in rows[rows["item"] == item].itertuples()
        ]
        if item == "green_share" and not green_is_modelled(subject.table):
            figures, note = [(say(NOT_MODELLED), "")], ""
        tiles += [Tile(title, figures, note)] if figures else []
    return tiles
