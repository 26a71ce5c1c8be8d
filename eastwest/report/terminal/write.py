"""Runs on a terminal, or in a pipe: the report of one, its targets, several side by side; sections of pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import Console

from eastwest.formatting.language import Language
from eastwest.formatting.words import plain
from eastwest.report.comparison import write as comparing
from eastwest.report.contents import sections_of
from eastwest.report.section import page_of
from eastwest.report.sections import targets
from eastwest.report.terminal.draw import print_sections

if TYPE_CHECKING:
    from eastwest.analysis.compare import Comparison
    from eastwest.results.result import Result


def print_report(console: Console, result: Result, folder: Path | None = None) -> None:
    """Scarcity first, then every section, then the `folder` that the run was written to."""
    page = page_of(result, drawn=False)
    first = result.messages[0] if result.messages else "No scarcity check came with this result."
    title = getattr(getattr(result.scenario, "settings", None), "title", "") or ""
    named = f"{result.scenario.name}: {title}" if title else result.scenario.name
    closing = []
    if result.timings:
        closing.append(f"Solved in {result.timings.get('total_s', sum(result.timings.values())):.1f} s.")
    if folder is not None:
        closing.append(f"\nWritten to {plain(folder)}")
        if (folder / "report.html").is_file():
            closing.append(f"To read and to pass on: {plain(folder / 'report.html')}")
    title = f"{plain(first)}\n{plain(named)}"
    print_sections(console, title, sections_of(page), years=page.subject.years, closing=closing)


def print_targets(console: Console, name: str, table: pd.DataFrame, *, everything: bool = False) -> None:
    """Dated targets judged, beside what is known, what would meet them; `everything`: also each that is not judged."""
    print_sections(console, plain(name), [targets.section_of(Language(), table, full=True, everything=everything)])


def print_comparison(console: Console, comparison: Comparison) -> None:
    """The sections of the comparison's page that words and tables can tell."""
    runs = comparing.runs_of(comparison)
    title = plain(" against ".join(comparison.names))
    closing = ("\n--csv writes every difference, --html a page with maps and charts.",)
    print_sections(console, title, comparing.sections(runs, drawn=False), years=runs.all_years(), closing=closing)
