"""Event periods: how much work is shed in each, of which kind, and which sites do more or less than by contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import RenderableType

from eastwest.formatting.words import Names, figure, percent, plain, spaced
from eastwest.report.terminal.layout import grid, heading, paragraph

if TYPE_CHECKING:
    from eastwest.results.result import Result

MOST_SITES = 3
LEAST_SHARE = 1e-4
"""Moves below this share of the event's work are left out."""


def events(result: Result, names: Names) -> Iterator[RenderableType]:
    """One line for each event, year and kind of compute; nothing where the scenario has no event."""
    rows = result.table[result.table["quantity"].isin(["event_shed", "event_done", "event_promised"])]
    if rows.empty:
        return
    hours = result.table[result.table["quantity"] == "event_hours"].set_index("item")["value"]
    years = rows["year"].nunique() > 1
    yield heading("Event periods")
    yield paragraph(
        "Work is routed by the hour here. Promised: what the yearly contracts ask for in the event's hours. Shed: what "
        "is not done. Below: which sites do less and which do more than by contract, in % of all of the kind's work."
    )
    table = grid(["event", *(["year"] if years else []), "kind", "hours", "promised,\nPFLOP/s h", "shed"], left=1)
    sentences = []
    for (item, year, kind), part in rows.groupby(["item", "year", "kind"]):
        total = part.groupby("quantity")["value"].sum()
        promised, shed = float(total.get("event_promised", 0.0)), float(total.get("event_shed", 0.0))
        when, what = [str(year)] if years else [], spaced(str(kind))
        share = percent(shed / promised) if promised > 0 else "-"
        table.add_row(plain(item), *when, what, figure(float(hours[item])), figure(promised), share)
        less, more = _moved(part, promised, names)
        if less or more:
            place = " ".join([plain(item), *when])
            sentences.append(f"{place}, {what}: less at {less or 'no site'}; more at {more or 'no site'}.")
    yield table
    for sentence in sentences:
        yield paragraph(sentence)


def _moved(part: pd.DataFrame, promised: float, names: Names) -> tuple[str, str]:
    """Sites that do less and sites that do more than by contract, the largest first, in per cent of the whole."""
    by_site = part[part["site"] != ""].groupby(["quantity", "site"])["value"].sum()
    done, contract = (
        by_site.xs(name) if name in by_site.index.get_level_values(0) else pd.Series(dtype=float)
        for name in ("event_done", "event_promised")
    )
    change = done.sub(contract, fill_value=0.0)
    least = LEAST_SHARE * promised
    sides = (change[change < -least].sort_values(), change[change > least].sort_values(ascending=False))
    words = []
    for side in sides:
        named = [
            f"{names.short('site', str(site))} {percent(abs(v) / promised)}" for site, v in side[:MOST_SITES].items()
        ]
        words.append(", ".join([*named, *(["others"] if len(side) > MOST_SITES else [])]))
    return words[0], words[1]
