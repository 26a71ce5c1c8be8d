"""The report of one run on a terminal, or in a pipe."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.text import Text

from eastwest.formatting.words import Names, plain
from eastwest.report.terminal import (
    background,
    clusters,
    events,
    expansion,
    green,
    hardware,
    headline,
    limits,
    places,
    published,
    resilience,
    rules,
    shortage,
    target,
)
from eastwest.report.terminal.byyear import several
from eastwest.report.terminal.layout import print_parts
from eastwest.report.terminal.sectors import sectors
from eastwest.report.terminal.users import users

if TYPE_CHECKING:
    from eastwest.results.result import Result


def render(result: Result, folder: Path | None = None) -> list[RenderableType]:
    """Every section of the report in order; each figure is a row of the results table, a ratio or sum of such."""
    names, years = Names(result.scenario), several(result)
    return list(
        chain(
            headline.scarcity(result),
            [_title(result)],
            headline.headline(result),
            target.target(result),
            expansion.entering(result, names),
            expansion.announced(result),
            *([expansion.idle(result, names)] if years else []),
            *([shortage.unserved(result, names)] if years else []),
            limits.reliefs(result, names),
            rules.rules(result, names),
            limits.prices(result, names),
            *([] if years else [shortage.unserved(result, names)]),
            events.events(result, names),
            green.green(result, names),
            users(result, names),
            sectors(result),
            hardware.hardware(result, names),
            clusters.clusters(result, names),
            resilience.resilience(result, names),
            places.places(result, names),
            *([] if years else [expansion.idle(result, names)]),
            headline.growth(result),
            headline.movable(result),
            published.published(result, names),
            background.data_quality(result),
            background.messages(result),
            background.solved(result),
            background.written(folder),
        )
    )


def print_report(console: Console, result: Result, folder: Path | None = None) -> None:
    """Print the report to a console."""
    print_parts(console, render(result, folder))


def _title(result: Result) -> Text:
    settings = getattr(result.scenario, "settings", None)
    title = getattr(settings, "title", "") or ""
    return Text(plain(f"{result.scenario.name}: {title}" if title else result.scenario.name))
