"""Dated targets beside the run: met, missed by how much, and what is compared without being judged."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eastwest.analysis.targets.judging import BINDING, MET, MISSED, SILENT_STATUS, frame_of, judged
from eastwest.report.page.section import Heading, Open, Page, Section, Sheet
from eastwest.report.page.shown import amount, clip
from eastwest.report.plot.chart import Subject
from eastwest.report.terminal.targets import UNITS

COLUMNS = {
    "target": "Identifier", "what": "What", "place": "Place", "value": "Target", "unit": "Unit", "date": "Date",
    "kind": "Kind", "figure": "Run", "year": "Year of the run", "status": "Status", "missed_by": "Missed by",
    "setting": "Setting that enforces it", "remark": "Remark", "source": "Source",
}  # fmt: skip


def section(page: Page) -> Section | None:
    """What is judged stands open; every row, with its source, in the closed table. Nothing without targets."""
    say = page.subject.say
    known = page.result.scenario.tables.get("policy_targets")
    if known is None or known.empty:
        return None
    frame = frame_of(judged(page.result))
    spoken = frame[frame["status"].isin([MET, MISSED]) & frame["kind"].isin(BINDING)]
    missed = int((spoken["status"] == MISSED).sum())
    first = (
        say(
            "Of {all} targets and requirements that this run can be held against in their year, {missed} are missed.",
            all=len(spoken),
            missed=missed,
        )
        if len(spoken)
        else say("No target or requirement falls into a planning year of this run.")
    )
    note = say(
        "A target is judged in its own year; a requirement stands from its date on. {silent} rows of the table are of "
        "what the model does not speak to; they stand in the table below with the reason.",
        silent=int((frame["status"] == SILENT_STATUS).sum()),
    )
    opens = (_beside(page.subject, spoken),) if len(spoken) else ()
    titles = {key: say(title) for key, title in COLUMNS.items()}
    cells = [[_cell(row[key]) for key in COLUMNS] for row in frame.to_dict(orient="records")]
    sheet = Sheet("targets", say("Every dated target beside the run"), titles, cells)
    return Section("targets", say("Dated targets"), (first, note), opens=opens, sheets=(sheet,))


def _cell(value: Any) -> str | float | int | None:
    if isinstance(value, float):
        return value if value == value else None
    return value if isinstance(value, int) else str(value)


def _beside(subject: Subject, rows: pd.DataFrame) -> Open:
    """Missed first; one line a target."""
    say = subject.say
    headings = [
        Heading(say("What, place"), number=False), Heading(say("Date"), number=False), Heading(say("Target")),
        Heading(say("Run")), Heading(say("Year")), Heading(say("Status"), number=False),
    ]  # fmt: skip
    cells = []
    order = rows.assign(met=rows["status"] == MET).sort_values("met", kind="stable")
    for row in order.to_dict(orient="records"):
        unit = UNITS.get(row["unit"], row["unit"])
        status = say("met")
        if row["status"] == MISSED:
            by = amount(row["missed_by"], say("points") if unit == "%" else unit)
            status = say("missed by {by}", by=by)
        cells.append((
            clip(f"{row['what']}, {row['place']}"), clip(row["date"]), amount(row["value"], unit),
            amount(row["figure"], unit), str(row["year"] or "–"), status,
        ))  # fmt: skip
    return Open("", headings, cells)
