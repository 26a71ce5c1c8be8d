"""The national target for intelligent compute as a reference line beside what is installed; it binds nothing.

target path[year] = anchor x (target / anchor)^((middle of year - anchor date) / (middle of target year - anchor date)),
in EFLOP/s dense peak; the anchor is the one that demand starts from.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import RenderableType

from eastwest.formatting.words import figure
from eastwest.report.terminal.byyear import Line, by_year, over, sums, years_of
from eastwest.report.terminal.layout import heading, paragraph
from eastwest.results.figures import TO_PFLOPS

if TYPE_CHECKING:
    from eastwest.results.result import Result

KIND, METRIC = "intelligent", "ai_compute_target"


def target(result: Result) -> Iterator[RenderableType]:
    """Path to the target and installed peak by year, where a year lies after the anchor and there is a target."""
    anchor, aim, years = _anchor(result), _aim(result), years_of(result)
    installed = sums(result.table, "installed_peak", kind=KIND)
    if anchor is None or aim is None or not installed:
        return
    (start, stands), (end, wanted) = anchor, aim
    later = [year for year in years if start.year <= year <= end and _middle(year) >= start]
    if not any(_middle(year) > start for year in later) or _middle(end) <= start:
        return
    span = (_middle(end) - start).days
    path = {year: stands * (wanted / stands) ** ((_middle(year) - start).days / span) for year in later}
    distance = {year: installed.get(year, 0.0) - value for year, value in path.items()}
    lines = [
        Line("Target path", "PFLOP/s", path),
        Line("Installed peak, intelligent", "PFLOP/s", installed),
        Line("Installed less target path", "PFLOP/s", distance),
        Line("Installed over target path", "1", over({year: installed.get(year, 0.0) for year in path}, path)),
    ]
    yield heading("Beside the national target: a reference line, no constraint")
    yield paragraph(
        f"Geometric path from {figure(stands / 1e3)} EFLOP/s installed on {start} to {figure(wanted / 1e3)} EFLOP/s in "
        f"the middle of {end}, the day that stands for a year here."
    )
    yield from by_year(lines, years)


def _middle(year: int) -> date:
    return date(year, 7, 1)


def _anchor(result: Result) -> tuple[date, float] | None:
    """Date and installed peak [PFLOP/s] of the anchor that demand starts from."""
    name = getattr(getattr(result.scenario.settings, "demand", None), "anchor", None)
    table = result.scenario.tables.get("anchors")
    if table is None or name is None:
        return None
    rows = table[(table["anchor"] == name) & (table["kind"] == KIND)]
    if rows.empty or not float(rows["installed_pflops"].iloc[0]) > 0:
        return None
    return pd.Timestamp(str(rows["date"].iloc[0])).date(), float(rows["installed_pflops"].iloc[0])


def _aim(result: Result) -> tuple[int, float] | None:
    """Year and size [PFLOP/s] of the last national target of installed intelligent compute."""
    table = result.scenario.tables.get("policy_targets")
    if table is None:
        return None
    chosen = (table["metric"] == METRIC) & (table["scope"] == "national") & table["unit"].isin(list(TO_PFLOPS))
    rows = table[chosen].sort_values("period", key=lambda period: period.map(str), kind="stable")
    if rows.empty:
        return None
    last = rows.iloc[-1]
    return int(str(last["period"])[:4]), float(last["value"]) * TO_PFLOPS[str(last["unit"])]
