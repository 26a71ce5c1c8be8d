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


def _kinds(page: Page, quantity: str) -> list[str]:
    table = page.subject.table
    return order.kinds(set(table.loc[table["quantity"] == quantity, "kind"]) - {""})


def _section(page: Page, name: str, title: str, *makers: Callable[[Subject], Chart]) -> Section | None:
    charts = drawn_of(page, *makers)
    tables = tuple(data for chart in charts for data in chart.more)
    return Section(name, page.subject.say(title), charts=charts, tables=tables) if charts else None


def where(page: Page) -> Section | None:
    """The map, then who serves whom."""
    by_hub = (partial(flows.by_hub, kind=kind) for kind in _kinds(page, "served"))
    return _section(page, "map", "Where work goes", maps.chart, *by_hub)


def use(page: Page) -> Section | None:
    """Heat maps of sites by device, by hour and by limit."""
    makers = (utilisation.by_limit, utilisation.by_device, utilisation.by_hour)
    return _section(page, "use", "How busy everything is", *makers)


def money(page: Page) -> Section | None:
    """Cost by category and year, by site, by device."""
    return _section(page, "cost", "What it costs", cost.by_category, cost.by_site, cost.by_device)


def delay(page: Page) -> Section | None:
    """Round trips of each workload beside its limit."""
    by_task = (partial(latency.by_task, kind=kind) for kind in _kinds(page, "served_round_trip_ms"))
    return _section(page, "latency", "Latency of each workload against its limit", *by_task)


def devices(page: Page) -> Section | None:
    """What is bought of what could be delivered."""
    return _section(page, "supply", "Supply of devices, and how much of it is used", supply.by_device)
