"""A plan's full year on a terminal: what the representative days promised beside what every hour did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from eastwest.formatting.words import figure, percent, plain, spaced
from eastwest.model.clock import HOURS_PER_DAY, HOURS_PER_YEAR
from eastwest.report.section import Open, Section, heads
from eastwest.report.terminal.draw import print_parts, print_sections
from eastwest.schema.thresholds import NOTHING

if TYPE_CHECKING:
    from eastwest.analysis.evaluation.evaluate import Evaluation

SHED = "shed, "
"""What quantities of work that is not done begin with, before the kind of compute."""
_MOST_ROWS = 10
_LEAST_SHARE = 1e-3
"""Least that a promise must be of the largest in its unit [1]; a percentage of less says nothing."""


def print_evaluation(console: Console, found: Evaluation, folder: Path | None = None) -> None:
    """Print the comparison, the weeks that were hardest, and what was shed; then where it was written."""
    worst = found.certificates[["primal_violation", "dual_violation", "relative_gap"]].max()
    closing = [
        f"{len(found.certificates):,} certificates (windows x sites); largest primal violation "
        f"{worst['primal_violation']:.0e}, dual violation {worst['dual_violation']:.0e}, "
        f"gap {worst['relative_gap']:.0e}.",
        *([f"Written to {folder}"] if folder is not None else ()),
    ]
    title = plain(f"{found.name}: {found.year} hour by hour, {found.hours:,} hours")
    print_sections(console, title, [_comparison(found), _shed(found), *_hardest(found)], closing=closing)


def print_week(console: Console, found: Evaluation) -> None:
    """Print what the tightest week of a plan sheds by the hour, in a few lines."""
    first, days = int(found.windows["first_day"].min()), found.hours // HOURS_PER_DAY
    since = date(found.year, 1, 1) + timedelta(days=first - 1)
    head = f"The tightest week of {found.year} by the hour ({since:%-d %B} and {days - 1} days on)"
    print_parts(console, [Text(f"\n{head}: {_of_the_week(found)}.")])


def _of_the_week(found: Evaluation) -> str:
    """What a week sheds, in words."""
    if not found.certified:
        return "the certificate of a window does not hold"
    shed = found.comparison[found.comparison["quantity"].str.startswith(SHED)]
    by_unit = {unit: rows.set_index("quantity")["evaluated"] for unit, rows in shed.groupby("unit")}
    lost = by_unit["PFLOP/s h"][by_unit["PFLOP/s h"] > NOTHING]
    if lost.empty:
        return "all that the plan promised is done, nothing is shed"
    share = {name: percent(by_unit["1"][f"{name}, of what is routed"]) for name in lost.index}
    words = "; ".join(
        f"{name.removeprefix(SHED)} {figure(value)} PFLOP/s h, {share[name]} of it" for name, value in lost.items()
    )
    return f"the plan promised to do all of its work; shed is {words}"


def _comparison(found: Evaluation) -> Section:
    """What was promised beside what was found; shares differ by percentage points."""
    part = f"Promised: {found.hours:,} / {HOURS_PER_YEAR:,} of the plan's year, whatever the season."
    most_of_unit = found.comparison.groupby("unit")["planned"].transform("max")
    table = found.comparison.assign(most=most_of_unit)[["quantity", "unit", "planned", "evaluated", "most"]]
    rows = []
    for quantity, unit, planned, value, most in table.itertuples(index=False, name=None):
        promised = planned if abs(planned) > NOTHING else 0.0
        if unit == "1":
            cells = ["", percent(promised), percent(value), f"{100 * (value - promised):+.1f} pts"]
        else:
            cells = [unit, figure(promised), figure(value), _change(promised, value, most)]
        rows.append([quantity, *cells])
    block = Open("", heads(["", "unit"], ["promised", "found", "difference"]), rows)
    title = "Promised by the representative days, and found"
    return Section("promised", title, (part,) if found.hours < HOURS_PER_YEAR else (), opens=(block,))


def _change(promised: float, found: float, most: float) -> str:
    """Difference in per cent of what was promised; `-` where that is next to nothing of the largest in its unit."""
    return f"{100 * (found / promised - 1):+.1f} %" if abs(promised) > max(_LEAST_SHARE * most, NOTHING) else "-"


def _shed(found: Evaluation) -> Section:
    rows, title = found.windows[found.windows["quantity"] == "shed"], "Shed, by task"
    if rows.empty:
        return Section("shed", title, ("Nothing is shed in any hour.",))
    by_task = rows.groupby("item")["value"].sum().sort_values(ascending=False, kind="stable").head(_MOST_ROWS)
    cells = [(spaced(str(task)), found.kinds.get(str(task), ""), figure(value)) for task, value in by_task.items()]
    note = "Work that no device could do in its hour or window; kinds of compute are never added."
    return Section("shed", title, (note,), opens=(Open("", heads(["task", "kind"], ["PFLOP/s h"]), cells),))


def _hardest(found: Evaluation) -> Iterator[Section]:
    """Windows with the dearest energy and shed."""
    cost = found.windows[found.windows["quantity"] == "cost"]
    if cost.empty:
        return
    wide = cost.pivot_table(index=["window", "first_day"], columns="item", values="value", aggfunc="sum")
    wide = wide.reindex(columns=["energy", "shed"]).fillna(0.0)
    order = wide.sum(axis=1).sort_values(ascending=False, kind="stable").index[:5]
    rows = [(str(at[0]), f"day {at[1]}", *(figure(value) for value in wide.loc[at])) for at in order]
    headings = heads(["window", "first day"], ["energy, million CNY", "shed, million CNY"])
    yield Section("hardest", "The dearest windows", opens=(Open("", headings, rows),))
