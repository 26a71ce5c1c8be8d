"""Sections that are charts: where work goes, how busy things are, cost, latency, supply."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from eastwest.report.plot import cost, flows, latency, order, supply, utilisation
from eastwest.report.plot import map as maps
from eastwest.report.plot.chart import Chart, Subject
from eastwest.report.section import Page, Section


def drawn_of(page: Page, *makers: Callable[[Subject], Chart]) -> tuple[Chart, ...]:
    """Charts that have something to show, where charts are wanted."""
    charts = (make(page.subject) for make in makers) if page.drawn else ()
    return tuple(chart for chart in charts if len(chart.dataset.frame))


def _by_kind(
    subject: Subject, make: Callable[[Subject, str], Chart], quantity: str
) -> list[Callable[[Subject], Chart]]:
    known = set(subject.table.loc[subject.table["quantity"] == quantity, "kind"]) - {""}
    return [partial(_of_kind, make, kind) for kind in order.kinds(known)]


def _of_kind(make: Callable[[Subject, str], Chart], kind: str, subject: Subject) -> Chart:
    return make(subject, kind)


def where(page: Page) -> Section | None:
    """The map, then who serves whom."""
    subject, say = page.subject, page.subject.say
    charts = drawn_of(page, maps.chart, *_by_kind(subject, flows.by_hub, "served"))
    tables = tuple(data for chart in charts for data in chart.more)
    return Section("map", say("Where work goes"), charts=charts, tables=tables) if charts else None


def use(page: Page) -> Section | None:
    """Heat maps of sites by device, by hour and by limit."""
    charts = drawn_of(page, utilisation.by_limit, utilisation.by_device, utilisation.by_hour)
    return Section("use", page.subject.say("How busy everything is"), charts=charts) if charts else None


def money(page: Page) -> Section | None:
    """Cost by category and year, by site, by device."""
    charts = drawn_of(page, cost.by_category, cost.by_site, cost.by_device)
    return Section("cost", page.subject.say("What it costs"), charts=charts) if charts else None


def delay(page: Page) -> Section | None:
    """Round trips of each workload beside its limit."""
    subject = page.subject
    charts = drawn_of(page, *_by_kind(subject, latency.by_task, "served_round_trip_ms"))
    return (
        Section("latency", subject.say("Latency of each workload against its limit"), charts=charts) if charts else None
    )


def devices(page: Page) -> Section | None:
    """What is bought of what could be delivered."""
    charts = drawn_of(page, supply.by_device)
    return (
        Section("supply", page.subject.say("Supply of devices, and how much of it is used"), charts=charts)
        if charts
        else None
    )
