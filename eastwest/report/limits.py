"""What binds: reliefs in words, what is left unserved and why, and what stands idle waiting for what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import RenderableType

from eastwest.report.layout import grid, heading, numbered, paragraph, words_column
from eastwest.report.words import Names, figure, limit_words, plain, relief_sentence, spaced

if TYPE_CHECKING:
    from eastwest.result import Result

MOST_RELIEFS = 10
MOST_PLACES = 3
MOST_PRICES = 5
SIGN_RULE = (
    "Sign of shadow prices (csv/shadow_prices.csv): the change of yearly cost per unit more of the limit, so negative "
    "means that more of it saves money. The savings above are solves of their own with so much more, not these prices: "
    "where several limits bind at once, one of them alone may save less."
)


def reliefs(result: Result, names: Names) -> Iterator[RenderableType]:
    """The limits whose relief is worth most, in words, with the distance to which each holds."""
    frame = result.reliefs
    yield heading("Limits whose relief is worth most")
    if frame.empty:
        yield paragraph(
            "None: no limit that can be relieved carries a price, or no relief was asked for (--reliefs N)."
        )
        return
    lines = numbered()
    for position, row in enumerate(frame.head(MOST_RELIEFS).to_dict(orient="records"), start=1):
        lines.add_row(f"{position}.", relief_sentence(row, names))
    yield lines
    yield paragraph(SIGN_RULE)


def prices(result: Result, names: Names) -> Iterator[RenderableType]:
    """Between which prices the largest purchases stay as they are, by ranging at the optimum."""
    ranges = result.table[result.table["quantity"] == "price_range"]
    bought = result.table[result.table["quantity"] == "bought"].sort_values("value", ascending=False, kind="stable")
    if ranges.empty or bought.empty:
        return
    yield heading("Prices at which the plan changes")
    yield paragraph("CNY per device; the plan stays as it is between them, other things equal. Largest purchases.")
    table = grid(["device, site", "bought", "below", "above"], left=1)
    for row in bought.head(MOST_PRICES).to_dict(orient="records"):
        own = ranges[(ranges["site"] == row["site"]) & (ranges["device"] == row["device"])].set_index("item")["value"]
        device = f"{names.short('device', row['device'])}, {names.short('site', row['site'])}"
        edges = [figure(own.get(f"plan changes {side}")) for side in ("below", "above")]
        table.add_row(device, figure(row["value"]), *edges)
    yield table


def unserved(result: Result, names: Names) -> Iterator[RenderableType]:
    """Unserved demand by task, with the limits that are to blame."""
    yield heading("Unserved demand by task")
    frame = result.unserved
    if frame.empty:
        yield paragraph("None: all demand is served.")
        return
    blame = result.rows("unserved_because")
    titles = ["task", "kind", "PFLOP/s", "% of its\ndemand"] + (["limits to blame"] if len(blame) else [])
    table = grid(titles, left=2)
    if len(blame):
        words_column(table, -1)
    demand = result.rows("demand")
    asked = demand.groupby(["task", "kind"])["value"].sum() if len(demand) else {}
    for (task, kind), value in frame.groupby(["task", "kind"])["value"].sum().sort_values(ascending=False).items():
        share = figure(100 * value / asked[task, kind]) if (task, kind) in asked else ""
        cells = [names.full("task", str(task)), spaced(str(kind)), figure(float(value)), share]
        table.add_row(*cells, *([_blamed(blame[blame["task"] == task])] if len(blame) else []))
    yield table
    if blame.empty:
        yield paragraph("The limits listed above are those whose relief would save most, by serving this or otherwise.")


def _blamed(rows: pd.DataFrame) -> str:
    """The three limits that carry most of it, with their shares."""
    most = rows.sort_values("value", ascending=False, kind="stable").head(3).to_dict(orient="records")
    return ", ".join(f"{limit_words(row['item'])} {figure(100 * row['value'])} %" for row in most) or "not traced"


def idle(result: Result, names: Names) -> Iterator[RenderableType]:
    """What stands idle, and which limit it waits for: the largest amounts of each unit."""
    rows = result.rows("idle")
    yield heading("What stands idle, and what it waits for")
    if rows.empty:
        yield paragraph("Nothing: all that is installed is energised.")
        return
    rows = rows.assign(**{label: "" for label in ("site", "device") if label not in rows})
    total = rows.groupby(["item", "unit"])["value"].sum().sort_values(ascending=False)
    table = grid(["idle", "amount", "unit", "most of it"], left=1)
    words_column(table, 2)
    words_column(table, 3)
    for (item, unit), value in total.items():
        chosen = rows[(rows["item"] == item) & (rows["unit"] == unit)].sort_values(
            "value", ascending=False, kind="stable"
        )
        most = []
        for row in chosen.head(MOST_PLACES).to_dict(orient="records"):
            device = names.short("device", row["device"]).split(" (")[0]
            most.append(f"{device} at {names.short('site', row['site'])} {figure(row['value'])}")
        table.add_row(spaced(str(item)), figure(value), plain(unit), ", ".join(most))
    yield table
