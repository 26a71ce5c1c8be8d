"""Targets on a terminal: what is judged, what would meet what is missed, what is only compared, and the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from rich.console import Console, RenderableType
from rich.text import Text

from eastwest.analysis.targets.judging import MET, MISSED, SILENT_STATUS
from eastwest.formatting.words import figure, plain
from eastwest.report.terminal.layout import grid, heading, numbered, paragraph, print_parts, words_column

UNITS = {
    "pct": "%", "eflops": "EFLOP/s", "pflops": "PFLOP/s", "gw": "GW", "twh": "TWh", "ratio": "",
    "eflops and thousand racks": "EFLOP/s",
}  # fmt: skip
NOTE = (
    "A target is judged in its own year; a requirement stands from its date on. 'other year': the date is no planning "
    "year of this run, and the figure of the nearest one stands beside it, unjudged."
)


def print_targets(console: Console, name: str, table: pd.DataFrame, *, everything: bool = False) -> None:
    """Print every part; `everything` lists what the model does not speak to."""
    print_parts(console, render(name, table, everything=everything))


def render(name: str, table: pd.DataFrame, *, everything: bool = False) -> Iterator[RenderableType]:
    """Judged, what would meet what is missed, beside what is known, and what the model does not speak to."""
    yield Text(plain(f"{name}: dated targets beside the run"), style="bold")
    if table.empty:
        yield paragraph("The scenario has no table of targets.")
        return
    spoken = table[table["status"] != SILENT_STATUS]
    judged = spoken["status"].isin([MET, MISSED])
    for title, rows in (("Judged", spoken[judged]), ("Beside the run, not judged", spoken[~judged])):
        if len(rows):
            yield heading(title)
            yield _beside(rows)
    yield paragraph(NOTE)
    yield from _what_would_meet(spoken)
    yield from _silent(table[table["status"] == SILENT_STATUS], everything)


def _beside(rows: pd.DataFrame) -> RenderableType:
    view = grid(["id", "what, place", "date", "target", "run", "year", "status"], left=3)
    words_column(view, 6)
    for row in rows.to_dict(orient="records"):
        unit = UNITS.get(row["unit"], row["unit"])
        missed = _amount(row["missed_by"], "points" if unit == "%" else unit)
        status = row["status"] + (f" by {missed}" if row["status"] == MISSED else "")
        view.add_row(
            plain(row["target"]), plain(f"{row['what']}, {row['place']}"), plain(row["date"]),
            _amount(row["value"], unit), figure(row["figure"]), str(row["year"] or "-"), status,
        )  # fmt: skip
    return view


def _amount(value: float, unit: str) -> str:
    return f"{figure(value)} {plain(unit)}".strip()


def _what_would_meet(rows: pd.DataFrame) -> Iterator[RenderableType]:
    """The setting that enforces each target that is missed or was priced, and its cost; remarks under it."""
    priced = rows["extra_cost_million_cny"].notna() | rows["remark"].str.contains(
        "no plan meets it|cannot be asked of this run"
    )
    rows = rows[(rows["status"] == MISSED) | priced].drop_duplicates(["target", "setting"])
    if rows.empty:
        return
    yield heading("What would meet them")
    lines = numbered()
    for row in rows.to_dict(orient="records"):
        lines.add_row(plain(row["target"]), _sentence(row))
    yield lines
    if not priced.any():
        yield paragraph("--price solves the plan again with each setting and says what it adds to the cost.")


def _sentence(row: dict[Any, Any]) -> str:
    if not row["setting"]:
        return "no setting enforces it" + (f" ({plain(row['remark'])})" if row["remark"] else "")
    extra = row["extra_cost_million_cny"]
    cost = f": {figure(extra)} million CNY more, present value" if extra == extra else ""
    return plain(f"{row['setting']}{cost}" + (f" ({row['remark']})" if row["remark"] else ""))


def _silent(rows: pd.DataFrame, everything: bool) -> Iterator[RenderableType]:
    if rows.empty:
        return
    yield heading(f"What the model does not speak to: {len(rows)} rows")
    if everything:
        view = grid(["id", "what", "place", "date", "why"], left=5)
        for row in rows.to_dict(orient="records"):
            view.add_row(*(plain(row[key]) for key in ("target", "what", "place", "date", "remark")))
        yield view
        return
    for why, count in rows["remark"].value_counts().items():
        yield paragraph(f"{count:3d}  {plain(why)}")
    yield paragraph("--all lists them.")
