"""The report of one run on a terminal, or in a pipe: sections of the page in the order of a terminal, in English."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import Console, RenderableType
from rich.text import Text

from eastwest.formatting.language import Language
from eastwest.formatting.words import plain
from eastwest.report.section import Page, Section, page_of
from eastwest.report.sections import (
    anchor,
    background,
    clusters,
    customers,
    events,
    green,
    hardware,
    headline,
    idle,
    investment,
    limits,
    metro_growth,
    outages,
    places,
    published,
    rules,
    sectors,
    shortage,
    target_path,
    targets,
    users,
)
from eastwest.report.terminal.draw import draw
from eastwest.report.terminal.layout import paragraph, print_parts

if TYPE_CHECKING:
    from eastwest.results.result import Result

SECTIONS: tuple[Callable[[Page], Section | None], ...] = (
    headline.section, anchor.section, target_path.section, investment.section, investment.announced, idle.section,
    shortage.section, customers.section, limits.section, rules.section, events.section, green.section, users.section,
    sectors.section, hardware.section, clusters.section, outages.section, places.section, metro_growth.section,
    metro_growth.movable, published.section, background.data, background.notes, background.provenance,
)  # fmt: skip


def render(result: Result, folder: Path | None = None) -> Iterator[RenderableType]:
    """Scarcity first, then every section; of tables by planning year the last one's."""
    page = page_of(result, drawn=False)
    years = page.subject.years
    first = result.messages[0] if result.messages else "No scarcity check came with this result."
    yield Text(plain(first), style="bold")
    title = getattr(getattr(result.scenario, "settings", None), "title", "") or ""
    yield Text(plain(f"{result.scenario.name}: {title}" if title else result.scenario.name))
    for section in SECTIONS:
        found = section(page)
        if found is not None:
            yield from draw(found, years[-1] if years else 0, several=len(years) > 1)
    if result.timings:
        yield paragraph(f"Solved in {result.timings.get('total_s', sum(result.timings.values())):.1f} s.")
    if folder is not None:
        yield Text(f"\nWritten to {plain(folder)}", overflow="fold")
        if (folder / "report.html").is_file():
            yield Text(f"To read and to pass on: {plain(folder / 'report.html')}", overflow="fold")


def render_targets(name: str, table: pd.DataFrame, *, everything: bool = False) -> Iterator[RenderableType]:
    """Dated targets judged, beside what is known, what would meet them; `everything`: also each that is not judged."""
    yield Text(plain(name), style="bold")
    yield from draw(targets.section_of(Language(), table, full=True, everything=everything))


def print_targets(console: Console, name: str, table: pd.DataFrame, *, everything: bool = False) -> None:
    """Print a table of targets to a console."""
    print_parts(console, render_targets(name, table, everything=everything))


def print_report(console: Console, result: Result, folder: Path | None = None) -> None:
    """Print the report to a console."""
    print_parts(console, render(result, folder))
