"""Dated targets beside the run: judged, compared without being judged, what would meet them, and the rest with why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from eastwest.analysis.targets.judging import BINDING, MET, MISSED, NOT_SPOKEN_TO, frame_of, judged
from eastwest.formatting.language import Language
from eastwest.formatting.words import figure
from eastwest.report.cells import amount, clip
from eastwest.report.section import BackgroundTable, Open, Page, Section, heads
from eastwest.schema.units import published

COLUMNS = {
    "target": "Identifier", "what": "What", "place": "Place", "value": "Target", "unit": "Unit", "date": "Date",
    "kind": "Kind", "figure": "Run", "year": "Year of the run", "status": "Status", "missed_by": "Missed by",
    "setting": "Setting that enforces it", "remark": "Remark", "source": "Source",
}  # fmt: skip
PERCENT = "%"


def section(page: Page) -> Section | None:
    """What is judged stands open; every row, with its source, in the closed table. Nothing without targets."""
    known = page.result.scenario.tables.get("policy_targets")
    if known is None or known.empty:
        return None
    return section_of(page.subject.say, frame_of(judged(page.result)))


def section_of(say: Language, frame: pd.DataFrame, *, full: bool = False, everything: bool = False) -> Section:
    """The same of a table of targets that stands already: `full` also lists what is compared and what would meet what.

    `everything` lists what the model does not speak to, one by one.
    """
    if frame.empty:
        return Section("targets", say("Dated targets"), (say("The scenario has no table of targets."),))
    silent = frame[frame["status"] == NOT_SPOKEN_TO]
    spoken = frame[frame["status"].isin([MET, MISSED]) & frame["kind"].isin(BINDING)]
    missed = int((spoken["status"] == MISSED).sum())
    first = say(
        "Of {all} targets and requirements that this run can be held against in their year, {missed} are missed.",
        all=len(spoken), missed=missed,
    ) if len(spoken) else say("No target or requirement falls into a planning year of this run.")  # fmt: skip
    note = say(
        "A target is judged in its own year; a requirement stands from its date on. {silent} rows of the table are of "
        "what the model does not speak to; they stand in the table below with the reason.", silent=len(silent),
    )  # fmt: skip
    opens = [_beside(say, spoken, say("Judged:") if full else "")] if len(spoken) else []
    if full:
        rest = frame.drop(index=[*silent.index, *spoken.index])
        opens += [_beside(say, rest, say("Beside the run, not judged:"))] if len(rest) else []
        opens += [*_what_would_meet(say, frame.drop(index=silent.index)), *_silent(say, silent, everything)]
    titles = {key: say(title) for key, title in COLUMNS.items()}
    cells = [[_cell(row[key]) for key in COLUMNS] for row in frame.to_dict(orient="records")]
    sheet = BackgroundTable("targets", say("Every dated target beside the run"), titles, cells)
    return Section("targets", say("Dated targets"), (first, note), opens=tuple(opens), sheets=(sheet,))


def _cell(value: Any) -> str | float | int | None:
    if isinstance(value, float):
        return value if value == value else None
    return value if isinstance(value, int) else str(value)


def _beside(say: Language, rows: pd.DataFrame, text: str) -> Open:
    """Missed first; one line a target."""
    headings = [
        *heads([say("Identifier"), say("What, place"), say("Date")], [say("Target"), say("Run"), say("Year")]),
        *heads([say("Status")]),
    ]
    order = rows.assign(met=rows["status"] != MISSED).sort_values("met", kind="stable")
    cells = []
    for row in order.to_dict(orient="records"):
        unit = published(row["unit"]).written
        status = say(row["status"])
        if row["status"] == MISSED:
            status = say("missed by {by}", by=amount(row["missed_by"], say("points") if unit == PERCENT else unit))
        cells.append((
            clip(row["target"]), clip(f"{row['what']}, {row['place']}"), clip(row["date"]), amount(row["value"], unit),
            amount(row["figure"], unit), str(row["year"] or "–"), status,
        ))  # fmt: skip
    return Open(text, headings, cells)


def _what_would_meet(say: Language, rows: pd.DataFrame) -> Iterator[Open]:
    """The setting that enforces each target that is missed or was priced, and its cost; remarks beside it."""
    priced = rows["asked"]
    rows = rows[(rows["status"] == MISSED) | priced].drop_duplicates(["target", "setting"])
    if rows.empty:
        return
    cells = [(clip(row["target"]), _sentence(say, row)) for row in rows.to_dict(orient="records")]
    yield Open(say("What would meet them:"), heads([say("Identifier"), say("What would meet it")]), cells)
    if not priced.any():
        yield Open(say("--price solves the plan again with each setting and says what it adds to the cost."))


def _sentence(say: Language, row: dict[Any, Any]) -> str:
    extra, remark = row["extra_cost_million_cny"], f" ({clip(row['remark'], 1000)})" if row["remark"] else ""
    if not row["setting"]:
        return say("no setting enforces it") + remark
    more = ": " + say("{extra} million CNY more, present value", extra=figure(extra)) if extra == extra else ""
    return f"{clip(row['setting'], 300)}{more}{remark}"


def _silent(say: Language, rows: pd.DataFrame, everything: bool) -> Iterator[Open]:
    if rows.empty:
        return
    text = say("What the model does not speak to: {count} rows", count=len(rows))
    if everything:
        keys = ("target", "what", "place", "date", "remark")
        headings = heads(say(COLUMNS[key]) for key in keys)
        yield Open(text, headings, [[clip(row[key]) for key in keys] for row in rows.to_dict(orient="records")])
        return
    reasons = [(clip(why), str(count)) for why, count in rows["remark"].value_counts().items()]
    yield Open(text, heads([say("Reason")], [say("Rows")]), reasons)
    yield Open(say("--all lists them."))
