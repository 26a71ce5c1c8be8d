"""Limits that began or ceased to bind between two runs, with what one more unit is worth in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from eastwest.analysis.compare import BEGAN, BOTH, CEASED, LIMIT_LABELS, column_of, saving_in
from eastwest.report.cells import marked, place
from eastwest.report.comparison.runs import Runs
from eastwest.report.section import Cell, Heading, Open, Section
from eastwest.results.dataset import AnyColumn, Column, Computed, Dataset

if TYPE_CHECKING:
    from eastwest.analysis.compare import Comparison

MOST = 10
"""Limits of each sort that stand open; the closed table has all."""
RULE = "limits of that year, state and name, counted once for each place"


def datasets(runs: Runs, comparison: Comparison, number: int) -> tuple[Dataset, Dataset]:
    """Each limit that binds in either run, dearest first, and how many of each name began or ceased to."""
    say, names = runs.say, comparison.names
    numbers = (1, number)
    found = comparison.limits.rename(columns={column_of("change", names, names[number - 1]): "state"})
    found = found.rename(columns={names[n - 1]: f"run_{n}" for n in numbers})
    found = found.rename(columns={saving_in(names[n - 1]): f"relief_{n}" for n in numbers})
    found = found[found["state"] != ""]
    for n in numbers:
        found[f"run_{n}"] = found[f"run_{n}"].mask(found[f"run_{n}"].isna() & runs.has(n, found), 0.0)
    columns: dict[str, AnyColumn] = {}
    for n in numbers:
        run = {"run": n}
        columns[f"run_{n}"] = Column(say("Shadow price in {run}", run=runs.name(n)), "shadow_price", "", run)
        columns[f"relief_{n}"] = Column(say("Saving of one more in {run}", run=runs.name(n)), "relief", "", run)
    title = say("Limits that bind in {first} or {run}", first=runs.name(1), run=runs.name(number))
    labels = ("year", "state", *LIMIT_LABELS[1:])
    frame = found[[*labels, *columns]].sort_values("state", key=lambda states: states.map(STATES), kind="stable")
    every = Dataset(f"limits_{number}", title, labels, columns, frame.reset_index(drop=True))
    counted = every.frame.groupby(["year", "state", "item"], sort=True).size().rename("limits").reset_index()
    counted = counted.assign(limits=counted["limits"].astype(float)).sort_values(
        ["year", "state", "limits", "item"], ascending=[True, True, False, True], ignore_index=True
    )
    rule = Computed(say("Limits"), "-", RULE, tuple(c for c in columns.values() if isinstance(c, Column)))
    title = say("How many limits bind in {first} or {run}", first=runs.name(1), run=runs.name(number))
    return every, Dataset(f"limits_counted_{number}", title, ("year", "state", "item"), {"limits": rule}, counted)


STATES = {BEGAN: 0, CEASED: 1, BOTH: 2}


def section(runs: Runs, found: dict[int, tuple[Dataset, Dataset]]) -> Section:
    """For each further run the dearest limits that began to bind, and those that ceased to."""
    say = runs.say
    opens = []
    for number, (data, _) in found.items():
        for state in (BEGAN, CEASED):
            rows = data.frame.index[data.frame["state"] == state][:MOST]
            opens.append(_open(runs, number, data, state, list(rows)))
    words = say(
        "A limit binds where one more unit of it would change the cost. Shadow price: change of yearly cost for one "
        "unit more, so negative means that more of it saves money; limits of several hours are added over the hours. "
        "Saving of one more: a solve of its own, which a run has for its dearest limits only; a dash means that none "
        "was made. Demand and definitions, which nobody can relieve, are left out."
    )
    tables = tuple(dataset for pair in found.values() for dataset in pair)
    return Section("limits", say("Limits that began or ceased to bind"), (words,), (), tables, tuple(opens))


def _open(runs: Runs, number: int, data: Dataset, state: str, rows: list[int]) -> Open:
    say = runs.say
    total = int((data.frame["state"] == state).sum())
    text = {
        BEGAN: say("Began to bind in {run}, not in {first}", run=runs.name(number), first=runs.name(1)),
        CEASED: say("Ceased to bind: in {first}, not in {run}", run=runs.name(number), first=runs.name(1)),
    }[state]
    if not rows:
        return Open(say("{what}: none.", what=text))
    if total > len(rows):
        text = say("{what}: the dearest {shown} of {total}.", what=text, shown=len(rows), total=total)
    side = number if state == BEGAN else 1
    headings = (
        Heading(say("Limit"), number=False),
        Heading(say("Where, of what"), number=False),
        Heading(say("Year")),
        Heading(say("Shadow price in {run}", run=runs.name(side))),
        Heading(say("Saving of one more in {run}", run=runs.name(side))),
    )
    return Open(text, headings, tuple(_row(runs, data, position, side) for position in rows))


def _row(runs: Runs, data: Dataset, position: int, side: int) -> tuple[Cell, ...]:
    row = data.frame.loc[position]
    return (
        runs.say.item(str(row["item"])),
        where(runs, row),
        str(row["year"]),
        marked(data, position, f"run_{side}"),
        marked(data, position, f"relief_{side}"),
    )


def where(runs: Runs, row: pd.Series) -> str:
    """Place and thing of a row in words; the country where it names none."""
    return place(runs.subject, row) or runs.say("everywhere")
