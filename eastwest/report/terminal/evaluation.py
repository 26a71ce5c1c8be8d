"""A plan's full year on a terminal: what the representative days promised beside what every hour did."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.text import Text

from eastwest.formatting.words import figure, percent, plain, spaced
from eastwest.model.clock import HOURS_PER_YEAR
from eastwest.report.terminal.layout import grid, heading, paragraph, print_parts
from eastwest.schema.thresholds import NOTHING

if TYPE_CHECKING:
    from eastwest.analysis.evaluation.evaluate import Evaluation

_MOST_ROWS = 10
_LEAST_SHARE = 1e-3
"""Least that a promise must be of the largest in its unit [1]; a percentage of less says nothing."""


def print_evaluation(console: Console, found: Evaluation, folder: Path | None = None) -> None:
    """Print the comparison, the weeks that were hardest, and what was shed."""
    print_parts(console, list(_parts(found, folder)))


def _parts(found: Evaluation, folder: Path | None) -> Iterator[RenderableType]:
    yield Text(plain(f"{found.name}: {found.year} hour by hour, {found.hours:,} hours"), style="bold")
    yield from _comparison(found)
    yield from _shed(found)
    yield from _hardest(found)
    worst = found.certificates[["primal_violation", "dual_violation", "relative_gap"]].max()
    yield paragraph(
        f"{len(found.certificates):,} certificates (windows x sites); largest primal violation "
        f"{worst['primal_violation']:.0e}, dual violation {worst['dual_violation']:.0e}, "
        f"gap {worst['relative_gap']:.0e}."
    )
    if folder is not None:
        yield Text(f"Written to {folder}")


def _comparison(found: Evaluation) -> Iterator[RenderableType]:
    """What was promised beside what was found; shares differ by percentage points."""
    yield heading("Promised by the representative days, and found")
    if found.hours < HOURS_PER_YEAR:
        yield paragraph(f"Promised: {found.hours:,} / {HOURS_PER_YEAR:,} of the plan's year, whatever the season.")
    table = grid(["", "unit", "promised", "found", "difference"], left=2)
    most_of_unit = found.comparison.groupby("unit")["planned"].transform("max")
    rows = found.comparison.assign(most=most_of_unit)[["quantity", "unit", "planned", "evaluated", "most"]]
    for quantity, unit, planned, value, most in rows.itertuples(index=False, name=None):
        promised = planned if abs(planned) > NOTHING else 0.0
        if unit == "1":
            cells = ["", percent(promised), percent(value), f"{100 * (value - promised):+.1f} pts"]
        else:
            cells = [unit, figure(promised), figure(value), _change(promised, value, most)]
        table.add_row(quantity, *cells)
    yield table


def _change(promised: float, found: float, most: float) -> str:
    """Difference in per cent of what was promised; `-` where that is next to nothing of the largest in its unit."""
    return f"{100 * (found / promised - 1):+.1f} %" if abs(promised) > max(_LEAST_SHARE * most, NOTHING) else "-"


def _shed(found: Evaluation) -> Iterator[RenderableType]:
    rows = found.windows[found.windows["quantity"] == "shed"]
    if rows.empty:
        yield paragraph("Nothing is shed in any hour.")
        return
    yield heading("Shed, by task")
    yield paragraph("Work that no device could do in its hour or window; kinds of compute are never added.")
    table = grid(["task", "kind", "PFLOP/s h"], left=2)
    by_task = rows.groupby("item")["value"].sum().sort_values(ascending=False, kind="stable")
    for task, value in by_task.head(_MOST_ROWS).items():
        table.add_row(spaced(str(task)), found.kinds.get(str(task), ""), figure(value))
    yield table


def _hardest(found: Evaluation) -> Iterator[RenderableType]:
    """Windows with the dearest energy and shed."""
    cost = found.windows[found.windows["quantity"] == "cost"]
    if cost.empty:
        return
    yield heading("The dearest windows")
    table = grid(["window", "first day", "energy, million CNY", "shed, million CNY"], left=2)
    wide = cost.pivot_table(index=["window", "first_day"], columns="item", values="value", aggfunc="sum").fillna(0.0)
    for name in ("energy", "shed"):
        if name not in wide:
            wide[name] = 0.0
    order = (wide["energy"] + wide["shed"]).sort_values(ascending=False, kind="stable").index[:5]
    for window, first in order:
        row = wide.loc[(window, first)]
        table.add_row(str(window), f"day {first}", figure(row["energy"]), figure(row["shed"]))
    yield table
