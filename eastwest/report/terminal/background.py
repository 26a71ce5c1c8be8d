"""What stands behind a report: the quality of the data, notes, how the solve went, where it was written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from eastwest.formatting.words import plain, spaced
from eastwest.report.terminal.byyear import several
from eastwest.report.terminal.layout import grid, heading, numbered, paragraph

if TYPE_CHECKING:
    from eastwest.results.result import Result


def data_quality(result: Result) -> Iterator[RenderableType]:
    """How firm the input is: share of rows that are official, estimated, derived or assumed."""
    yield heading("Data quality, % of rows")
    yield quality_table(result.data_quality)


def quality_table(shares: pd.DataFrame) -> Table:
    """Tables with their rows and the share of each quality [%]."""
    table = grid(["table", "rows", "official", "published\nestimate", "derived", "assumption"], left=1)
    for row in shares.to_dict(orient="records"):
        cells = [f"{100 * row[name]:.0f}" for name in ("official", "published_estimate", "derived", "assumption")]
        together = row["table"] == "all"
        name = "all together" if together else plain(row["table"])
        table.add_row(name, f"{row['rows']:,}", *(cells if row["rows"] else [""] * 4), style="bold" if together else "")
    return table


def messages(result: Result) -> Iterator[RenderableType]:
    """Warnings and notes that the run left, after the scarcity check."""
    if len(result.messages) > 1:
        yield heading("Notes")
        lines = numbered()
        for message in result.messages[1:]:
            lines.add_row("-", plain(message))
        yield lines


def solved(result: Result) -> Iterator[RenderableType]:
    """Status, objective, certificate, time."""
    solver = ", ".join(f"{spaced(key)} {plain(value)}" for key, value in result.solver.items())
    total = result.timings.get("total_s", sum(result.timings.values()))
    yield heading("Solve")
    objective = f"{result.objective:,.6g}" if abs(result.objective) < 1e6 else f"{result.objective:,.0f}"
    what = "(present value, penalties included)" if several(result) else "(penalties included)"
    yield paragraph(f"{result.status}, objective {objective} million CNY {what}, in {total:.1f} s; {solver}.")
    parts = [
        f"{spaced(key)} {result.certificate[key]:.1e}"
        for key in ("primal_violation", "dual_violation", "relative_gap")
        if isinstance(result.certificate.get(key), int | float)
    ]
    verdict = "holds" if result.certified else "DOES NOT HOLD"
    yield paragraph(f"Certificate {verdict} (each at most 1e-6): {', '.join(parts) or 'none computed'}.")
    if "mip_gap" in result.certificate:
        yield paragraph(_search(result))


def _search(result: Result) -> str:
    """How far the search for integer numbers came: the certificate says nothing of it."""
    gap, bound = float(result.certificate["mip_gap"]), float(result.certificate["mip_bound"])
    return (
        f"It {'holds' if result.certified else 'would hold'} for the plan with its whole training units as they are; "
        f"the search for integer numbers ended within a gap of {gap:.1e}: no plan costs less than "
        f"{bound:,.6g} million CNY."
    )


def written(folder: Path | None) -> Iterator[RenderableType]:
    """Where the run is."""
    if folder is None:
        return
    yield Text(f"\nWritten to {plain(folder)}", overflow="fold")
    if (folder / "report.html").is_file():
        yield Text(f"To read and to pass on: {plain(folder / 'report.html')}", overflow="fold")
