"""The national target for intelligent compute as a reference line beside what is installed; it binds nothing.

target path[year] = anchor x (target / anchor)^((middle of year - anchor date) / (middle of target year - anchor date)),
in EFLOP/s dense peak; the anchor is the one that demand starts from.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from eastwest.formatting.words import figure
from eastwest.report.lines import Line, lines_open
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Page, Section
from eastwest.results.dataset import AnyColumn, Column, Computed, Dataset, Difference, Ratio, derived, gather
from eastwest.schema.units import PUBLISHED

KIND, METRIC = "intelligent", "ai_compute_target"
RULE = "anchor x (target / anchor)^(days from the anchor to the middle of the year / days to the middle of its year)"


def section(page: Page) -> Section | None:
    """Path to the target and installed peak by year, where a year lies after the anchor and there is a target."""
    subject, say = page.subject, page.subject.say
    anchor, aim = _anchor(subject), _aim(subject)
    if anchor is None or aim is None or not (subject.table["quantity"] == "installed_peak").any():
        return None
    (start, stands), (end, wanted) = anchor, aim
    later = [year for year in subject.years if start.year <= year <= end and _middle(year) >= start]
    if not any(_middle(year) > start for year in later) or _middle(end) <= start:
        return None
    span = (_middle(end) - start).days
    path = {year: stands * (wanted / stands) ** ((_middle(year) - start).days / span) for year in later}
    data = _beside(subject, path)
    lines = [Line(say(column.title), data, key) for key, column in data.columns.items()]
    note = say(
        "Geometric path from {stands} EFLOP/s installed on {start} to {wanted} EFLOP/s in the middle of {end}, the day "
        "that stands for a year here.",
        stands=figure(stands / 1e3), start=start, wanted=figure(wanted / 1e3), end=end,
    )  # fmt: skip
    return Section("target_path", say("Beside the national target: a reference line, no constraint"), (note,),
                   opens=(lines_open(subject, lines),), tables=(data,))  # fmt: skip


def _beside(subject: Subject, path: dict[int, float]) -> Dataset:
    """The path and what is installed by year [PFLOP/s]."""
    installed = Column("Installed peak, intelligent", "installed_peak", "PFLOP/s", {"kind": KIND})
    known = gather(subject.table, "installed", "", ["year"], {"installed": installed}).frame
    columns: dict[str, AnyColumn] = {
        "path": Computed("Target path", "PFLOP/s", RULE),
        "installed": installed,
        "distance": Difference("Installed less target path", "installed", "path", "PFLOP/s"),
        "share": Ratio("Installed over target path", "installed", "path"),
    }
    frame = pd.DataFrame({"year": list(path), "path": list(path.values())}).merge(known, on="year", how="left")
    for key, column in columns.items():
        if isinstance(column, Ratio | Difference):
            frame[key] = derived(frame, column)
    return Dataset("target_path", "Installed beside the national target", ("year",), columns, frame)


def _middle(year: int) -> date:
    return date(year, 7, 1)


def _anchor(subject: Subject) -> tuple[date, float] | None:
    """Date and installed peak [PFLOP/s] of the anchor that demand starts from."""
    name = getattr(getattr(subject.scenario.settings, "demand", None), "anchor", None)
    table = subject.scenario.tables.get("anchors")
    if table is None or name is None:
        return None
    rows = table[(table["anchor"] == name) & (table["kind"] == KIND)]
    if rows.empty or not float(rows["installed_pflops"].iloc[0]) > 0:
        return None
    return pd.Timestamp(str(rows["date"].iloc[0])).date(), float(rows["installed_pflops"].iloc[0])


def _aim(subject: Subject) -> tuple[int, float] | None:
    """Year and size [PFLOP/s] of the last national target of installed intelligent compute."""
    table = subject.scenario.tables.get("policy_targets")
    if table is None:
        return None
    national = (table["metric"] == METRIC) & (table["scope"] == "national")
    rows = table[national & table["unit"].isin(["pflops", "eflops"])]
    if rows.empty:
        return None
    last = rows.sort_values("period", key=lambda period: period.map(str), kind="stable").iloc[-1]
    return int(str(last["period"])[:4]), float(last["value"]) * PUBLISHED[str(last["unit"])].factor
