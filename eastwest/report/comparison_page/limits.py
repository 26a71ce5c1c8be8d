"""Limits that began or ceased to bind between two runs, with what one more unit is worth in each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eastwest.report.cells import marked, place
from eastwest.report.comparison_page.runs import Runs
from eastwest.report.section import Cell, Heading, Open, Section
from eastwest.results.dataset import AnyColumn, Column, Computed, Dataset
from eastwest.schema.units import step_of

BINDS = 1e-9
"""Price above which a limit counts as binding [unit of the row]."""
BEGAN, CEASED, BOTH = "began to bind", "ceased to bind", "binds in both"
KEYS = ("year", "item", "kind", "region", "task", "site", "device", "corridor", "unit")
MOST = 10
"""Limits of each sort that stand open; the closed table has all."""
RULE = "limits of that year, state and name, counted once for each place"


def datasets(runs: Runs, number: int) -> tuple[Dataset, Dataset]:
    """Each limit that binds in either run, dearest first, and how many of each name began or ceased to."""
    say, where = runs.say, {"year": tuple(runs.years(number))}
    title = say("Limits that bind in {first} or {run}", first=runs.name(1), run=runs.name(number))
    numbers = (1, number)
    name = f"limits_{number}"
    prices = runs.gather(name, title, KEYS, "shadow_price", where=where, numbers=numbers).frame
    reliefs = runs.gather(name, title, KEYS, "relief", where=where, numbers=numbers, zero=False).frame
    own = [f"run_{n}" for n in numbers]
    frame = prices[[*KEYS, *own]].merge(
        reliefs[[*KEYS, *own]].rename(columns={f"run_{n}": f"relief_{n}" for n in numbers}), on=list(KEYS), how="outer"
    )
    names = frame["item"].astype(str)
    asked = pd.concat([runs.result(n).meaning(names)["kind"] == "demand" for n in numbers], axis=1).any(axis=1)
    frame = frame[~asked & ~frame["unit"].str.endswith("/month").astype(bool)]
    for n in numbers:
        frame[f"run_{n}"] = frame[f"run_{n}"].mask(frame[f"run_{n}"].isna() & runs.has(n, frame), 0.0)
    worth = {n: frame[[f"run_{n}", f"relief_{n}"]].abs().max(axis=1).fillna(0.0) for n in numbers}
    before, after = (worth[n] > BINDS for n in numbers)
    frame.insert(1, "state", np.select([~before & after, before & ~after], [BEGAN, CEASED], BOTH))
    frame = frame[before | after]
    rank = np.maximum(worth[1], worth[number])[frame.index] * step_of(frame["unit"])
    order = frame["state"].map({BEGAN: 0, CEASED: 1, BOTH: 2}).astype(float)
    frame = frame.assign(order=order, rank=-rank).sort_values(["order", "rank", *KEYS], ignore_index=True)
    columns: dict[str, AnyColumn] = {}
    for n in numbers:
        run = {"run": n, **where}
        columns[f"run_{n}"] = Column(say("Shadow price in {run}", run=runs.name(n)), "shadow_price", "", run)
        columns[f"relief_{n}"] = Column(say("Saving of one more in {run}", run=runs.name(n)), "relief", "", run)
    labels = ("year", "state", *KEYS[1:])
    every = Dataset(name, title, labels, columns, frame[[*labels, *columns]])
    counted = every.frame.groupby(["year", "state", "item"], sort=True).size().rename("limits").reset_index()
    counted = counted.assign(limits=counted["limits"].astype(float)).sort_values(
        ["year", "state", "limits", "item"], ascending=[True, True, False, True], ignore_index=True
    )
    rule = Computed(say("Limits"), "-", RULE, tuple(c for c in columns.values() if isinstance(c, Column)))
    title = say("How many limits bind in {first} or {run}", first=runs.name(1), run=runs.name(number))
    return every, Dataset(f"limits_counted_{number}", title, ("year", "state", "item"), {"limits": rule}, counted)


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
