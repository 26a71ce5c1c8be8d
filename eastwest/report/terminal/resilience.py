"""What the plan survives: each outage with what it cuts, where that is re-served, how far, and what binds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import RenderableType

from eastwest.formatting.words import SHORT_KINDS, Names, figure, percent, with_unit
from eastwest.report.terminal.byyear import several
from eastwest.report.terminal.layout import grid, heading, paragraph, words_column

if TYPE_CHECKING:
    from eastwest.results.result import Result

MOST_OUTAGES = 12
MOST_PLACES = 3
LEAST = 1e-3
"""An outage whose shadow price times work is less binds nothing [million CNY]."""


def resilience(result: Result, names: Names) -> Iterator[RenderableType]:
    """Outages by what their promise is worth at the margin, then by what they cut; nothing without a promise."""
    table = result.table
    lost = table[table["quantity"] == "lost_rate"]
    told = ("lost_rate", "lost_without_second_site", "mirrored", "unprotectable", "worth")
    if not table["quantity"].isin(told).any():
        return
    yield heading("What the plan survives")
    if len(lost):
        years = sorted(set(lost["year"]))
        year = int(years[-1])
        yield from _outages(table[table["year"] == year], lost[lost["year"] == year], names)
        if several(result):
            yield paragraph(f"Of {year}, the last year with protected work; the other years stand in results.parquet.")
    mirrored = table[table["quantity"] == "mirrored"]
    for (year, kind), rows in mirrored.groupby(["year", "kind"]):
        tasks = ", ".join(names.short("task", task) for task in sorted(set(rows["task"])))
        total = with_unit(float(rows["value"].sum()), "PFLOP/s")
        yield paragraph(f"Mirrored at other sites in {year}: {total} {kind} ({tasks}).")
    alone = table[table["quantity"] == "unprotectable"]
    if len(alone):
        worst = alone.groupby("task")["value"].max().sort_values(ascending=False, kind="stable")
        listed = ", ".join(f"{names.short('task', str(task))} {percent(float(share))}" for task, share in worst.items())
        yield paragraph(
            f"Without a second site inside SLA and residency, so without a promise (share of demand): {listed}."
        )
    for row in table[table["quantity"] == "worth"].to_dict(orient="records"):
        yield paragraph(f"Worth of {row['item']}: {with_unit(row['value'], row['unit'])} (a solve of its own).")


def _outages(table: pd.DataFrame, lost: pd.DataFrame, names: Names) -> Iterator[RenderableType]:
    """One line for each outage and kind of compute."""
    promise = table[table["quantity"] == "promise"].set_index("item")["value"]
    order = lost.assign(
        price=lost["item"].map(promise).astype(float).fillna(0.0),
        size=lost.groupby("kind")["value"].transform(lambda v: v / v.max()),
    )
    order = order.sort_values(["price", "size", "item"], ascending=[False, False, True], kind="stable")
    trips = {
        words: table[table["quantity"] == f"round_trip_{words}_outage"].set_index(["item", "kind"])["value"]
        for words in ("before", "after")
    }
    again = table[table["quantity"] == "standby_rate"]
    columns = ["lost", "kind", "PFLOP/s", "ms\nbefore", "ms\nafter", "binds,\nmillion CNY", "re-served most at"]
    shown = grid(columns, left=2)
    words_column(shown, -1)
    for row in order.head(MOST_OUTAGES).to_dict(orient="records"):
        places = again[(again["item"] == row["item"]) & (again["kind"] == row["kind"])].nlargest(MOST_PLACES, "value")
        listed = ", ".join(f"{names.short('site', r.site)} {figure(r.value)}" for r in places.itertuples())
        key = (row["item"], row["kind"])
        price = figure(row["price"]) if row["price"] > LEAST else "no"
        before, after = (figure(trips[words].get(key)) for words in ("before", "after"))
        kind = SHORT_KINDS.get(row["kind"], row["kind"])
        shown.add_row(outage_words(row["item"], names), kind, figure(row["value"]), before, after, price, listed)
    yield shown
    if len(order) > MOST_OUTAGES:
        yield paragraph(f"{len(order) - MOST_OUTAGES} more lines in results.parquet (lost_rate, standby_rate).")
    yield paragraph(
        "Protected work that the outage cuts, and one way to serve it again inside its SLA. Binds: shadow price of "
        "that work times the work, of all kinds together; what it costs as a whole is a solve without its rows."
    )


def outage_words(label: str, names: Names) -> str:
    """`hub-gz` as `hub Guizhou hub`; corridors keep their names."""
    kind, _, name = label.partition("-")
    return f"{kind} {name}" if kind == "corridor" else names.short(kind, name)
