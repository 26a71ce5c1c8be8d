"""A comparison on a terminal, or in a pipe: the sections of its page that words and tables can tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.text import Text

from eastwest.formatting.words import plain
from eastwest.report.comparison.write import runs_of, sections
from eastwest.report.terminal.draw import draw
from eastwest.report.terminal.layout import paragraph, print_parts

if TYPE_CHECKING:
    from eastwest.analysis.compare import Comparison


def render(comparison: Comparison) -> Iterator[RenderableType]:
    """Every section; figures of a year are those of the last that the runs share."""
    runs = runs_of(comparison)
    years = runs.all_years()
    yield Text(plain(" against ".join(comparison.names)), style="bold")
    for section in sections(runs, drawn=False):
        yield from draw(section, years[-1] if years else 0, several=len(years) > 1)
    yield paragraph("\n--csv writes every difference, --html a page with maps and charts.")


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print the comparison to a console."""
    print_parts(console, render(comparison))
