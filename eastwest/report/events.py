"""Event periods: how much work is shed in each, of which kind, and which sites do more or less than by contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import RenderableType

from eastwest.report.layout import grid, heading, paragraph, words_column
from eastwest.report.words import Names, figure, percent, plain, spaced

if TYPE_CHECKING:
    from eastwest.result import Result

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
        "is not done. Moved: what sites do more or less than by contract."
    )
    table = grid(
        [
            "event",
            *(["year"] if years else []),
            "hours",
            "kind",
            "promised,\nPFLOP/s h",
            "shed",
            "does less",
            "does more",
        ],
        left=1,
    )
    for position in (-1, -2):
        words_column(table, len(table.columns) + position)
    for (item, year, kind), part in rows.groupby(["item", "year", "kind"]):
        total = part.groupby("quantity")["value"].sum()
        promised, shed = float(total.get("event_promised", 0.0)), float(total.get("event_shed", 0.0))
        less, more = _moved(part, promised, names)
        share = percent(shed / promised) if promised > 0 else "-"
        when = [str(year)] if years else []
        cells = [figure(float(hours[item])), spaced(str(kind)), figure(promised), share, less, more]
        table.add_row(plain(item), *when, *cells)
    yield table


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
        words.append(", ".join([*named, *(["..."] if len(side) > MOST_SITES else [])]) or "-")
    return words[0], words[1]
