"""What binds: limits whose relief is worth most, what less delay is worth, and the prices at which the plan changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import RenderableType

from eastwest.formatting.words import DELAY, Names, figure, is_delay, plain, relief_sentence, spaced
from eastwest.report.terminal.byyear import several
from eastwest.report.terminal.layout import grid, heading, numbered, paragraph

if TYPE_CHECKING:
    from eastwest.results.result import Result

MOST_RELIEFS = 10
MOST_PRICES = 5
SIGN_RULE = (
    "Sign of shadow prices (csv/shadow_prices.csv): the change of yearly cost per unit more of the limit, so negative "
    "means that more of it saves money. The savings above are solves of their own with so much more, not these prices: "
    "where several limits bind at once, one of them alone may save less."
)


RULE_OF_YEARS = (
    "Each saving is of all planning years together, as a value in money of the year that stands first; shadow prices "
    "are in money of their year too."
)


def reliefs(result: Result, names: Names) -> Iterator[RenderableType]:
    """The limits whose relief is worth most, in words, with the distance to which each holds; then delays."""
    found = result.reliefs
    late = found["item"].map(is_delay).astype(bool) if len(found) else pd.Series(dtype=bool)
    frame, delays = (found[~late], found[late]) if len(found) else (found, found)
    by_year = several(result)
    yield heading("Limits whose relief is worth most")
    if frame.empty:
        yield paragraph(
            "None: no limit that can be relieved carries a price, or no relief was asked for (--reliefs N)."
        )
    else:
        lines = numbered()
        for position, row in enumerate(frame.head(MOST_RELIEFS).to_dict(orient="records"), start=1):
            lines.add_row(f"{position}.", relief_sentence(row, names, by_year=by_year))
        yield lines
        yield paragraph(f"{RULE_OF_YEARS} {SIGN_RULE}" if by_year else SIGN_RULE)
    if len(delays):
        yield from _delays(delays, names, by_year=by_year)


def _delays(rows: pd.DataFrame, names: Names, *, by_year: bool) -> Iterator[RenderableType]:
    """What it saves that announced things come a month sooner: the country, then the dearest sites of each kind."""
    yield heading("What a month less of delay is worth")
    yield paragraph(
        f"Saving when what is announced comes a month sooner{', present value of all planning years' * by_year}; each "
        "is a solve of its own. Sites are part of the first line of their kind."
    )
    unit = " and ".join(sorted({str(unit).partition("/")[0] for unit in rows["unit"]}))
    table = grid(["a month sooner", "where", plain(unit)], left=2)
    rows = rows.assign(site=rows["site"].astype(object).fillna("") if "site" in rows else "")
    largest = rows.groupby("item")["saving"].transform("max")
    rows = rows.assign(largest=largest, part=rows["site"] != "")
    rows = rows.sort_values(["largest", "item", "part", "saving"], ascending=[False, True, True, False], kind="stable")
    for row in rows.to_dict(orient="records"):
        year = f", {row['year']}" if by_year and row.get("year") else ""
        where = names.short("site", row["site"]) if row["part"] else "everywhere"
        table.add_row(spaced(row["item"].removeprefix(DELAY)) + year, where, figure(row["saving"]))
    yield table


def prices(result: Result, names: Names) -> Iterator[RenderableType]:
    """Between which prices the largest purchases stay as they are, by ranging at the optimum; of the last year."""
    ranges = result.table[result.table["quantity"] == "price_range"]
    bought = result.table[result.table["quantity"] == "bought"].sort_values("value", ascending=False, kind="stable")
    if ranges.empty or bought.empty:
        return
    words = "CNY per device; the plan stays as it is between them, other things equal. Largest purchases"
    if several(result):
        year = int(bought["year"].max())
        words += f" of {year}" + (", of those that have a range of their own" if (ranges["year"] == 0).any() else "")
        ranges = _of_year(ranges, bought, year)
        keys = ["site", "device"]
        known = pd.MultiIndex.from_frame(bought[keys]).isin(pd.MultiIndex.from_frame(ranges[keys]))
        bought = bought[(bought["year"] == year) & known]
        if bought.empty:
            return
    else:
        year = 0
    yield heading("Prices at which the plan changes" + (f", {year}, the last year with purchases" if year else ""))
    yield paragraph(f"{words}.")
    table = grid(["device, site", "bought", "below", "above"], left=1)
    for row in bought.head(MOST_PRICES).to_dict(orient="records"):
        own = ranges[(ranges["site"] == row["site"]) & (ranges["device"] == row["device"])].set_index("item")["value"]
        device = f"{names.short('device', row['device'])}, {names.short('site', row['site'])}"
        edges = [figure(own.get(f"plan changes {side}")) for side in ("below", "above")]
        table.add_row(device, figure(row["value"]), *edges)
    yield table


def _of_year(ranges: pd.DataFrame, bought: pd.DataFrame, year: int) -> pd.DataFrame:
    """Price ranges of a year; those without a year only where site and device are bought in that year alone."""
    keys = ["site", "device"]
    years = bought.groupby(keys)["year"].agg(["nunique", "max"])
    alone = years.index[(years["nunique"] == 1) & (years["max"] == year)]
    dateless = (ranges["year"] == 0) & pd.MultiIndex.from_frame(ranges[keys]).isin(alone)
    return ranges[(ranges["year"] == year) | dateless]
