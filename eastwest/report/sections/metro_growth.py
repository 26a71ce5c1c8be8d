"""What moves the answer most: the growth allowed at metros, and what of the demand may move at all."""

from __future__ import annotations

import pandas as pd

from eastwest.formatting.words import figure, natural
from eastwest.report.cells import mark, named
from eastwest.report.lines import Line, lines_open
from eastwest.report.plot import order
from eastwest.report.section import Heading, Open, Page, Section
from eastwest.results.dataset import Column, Computed, Dataset, gather

TITLES = {
    "west_share_served": "West of served",
    "west_share_new": "West of new peak",
    "west_share_bought": "West of decided",
    "unserved_share_intelligent": "Unserved, intelligent",
    "unserved_share_general": "Unserved, general",
    "cost": "cost",
}


def section(page: Page) -> Section | None:
    """Western share against the growth allowed at metros, of the last year that has it."""
    subject, say = page.subject, page.subject.say
    rows = subject.table[subject.table["quantity"] == "growth_table"]
    if rows.empty:
        return None
    data = gather(subject.table, "growth_table", "Western share against metro growth", ["year", "item", "kind", "unit"],
                  {"value": Column("Figure", "growth_table", "", how="only")})  # fmt: skip
    year, several = int(rows["year"].max()), len(subject.years) > 1
    own = data.rows(year=year)
    units = dict(sorted(zip(own["kind"], own["unit"], strict=True), key=lambda pair: (pair[0] == "cost", pair[0])))
    titles = {kind: say(TITLES[kind]) if kind in TITLES else named(subject, "kind", kind) for kind in units}
    headings = [Heading(say("Metro growth"), number=False)]
    headings += [Heading(titles[kind], "" if unit == "1" else say(unit)) for kind, unit in units.items()]
    shown = {
        (row.item, row.kind): mark(data, row.Index, "value", None if row.unit == "1" else figure(row.value))
        for row in own.itertuples()
    }
    cells = [
        [named(subject, "item", item), *(shown.get((item, kind), "") for kind in units)]
        for item in natural(set(own["item"]))
    ]
    note = say(
        "Yearly growth allowed to dense halls at metro sites; each row is a solve of its own. Shares are of "
        "intelligent compute; cost includes penalties."
    )
    alone = say("Each is a plan of {year} alone, decided as if no year came before or after it.", year=year)
    return Section("metro_growth", say("Western share against metro growth"), (note, *([alone] if several else [])),
                   opens=(Open("", headings, cells),), tables=(data,))  # fmt: skip


def movable(page: Page) -> Section | None:
    """What "East Data, West Computing" can and cannot move: shares of demand by how far it may travel."""
    subject, say, table = page.subject, page.subject.say, page.subject.table
    rows = table[table["quantity"] == "movable"]
    if rows.empty:
        return None
    labels = ["year", "item", "kind"]
    frame = rows.groupby([*labels, "unit"], as_index=False)["value"].sum()
    whole = frame.groupby(["year", "kind", "unit"])["value"].transform("sum").where(frame["unit"] != "1", 1.0)
    frame = frame.assign(share=frame["value"] / whole)[[*labels, "share"]]
    data = _dataset(frame)
    year = int(rows["year"].max())
    kinds = order.kinds(set(frame["kind"]))
    lines = [Line(named(subject, "item", item), data, "share", {"year": year, "item": item})
             for item in sorted(set(frame["item"]))]  # fmt: skip
    note = say("Share of reference demand by how far latency and residency let it travel at best.")
    block = lines_open(subject, lines, "kind", kinds, titles=[say(kind) for kind in kinds], first=say("May go"))
    title = say('What "East Data, West Computing" can and cannot move')
    return Section("movable", title, (note,), opens=(block,), tables=(data,))


def _dataset(frame: pd.DataFrame) -> Dataset:
    rule = "rows of the quantity movable over their sum for the kind and year; rows that are shares as they are"
    column = Computed("Share of demand", "1", rule)
    return Dataset("movable", "What may move", ("year", "item", "kind"), {"share": column}, frame)
