"""Limits that began or ceased to bind between two runs, with what one more unit is worth in each."""

from __future__ import annotations

import pandas as pd

from eastwest.analysis.compare import BEGAN, CEASED, LIMIT_LABELS, STATES, column_of, saving_in
from eastwest.report.cells import marked, place
from eastwest.report.comparison.runs import Runs, texts
from eastwest.report.section import Heading, Open, Section
from eastwest.results.dataset import Column, Computed, Dataset

MOST = 10
"""Limits of each sort that stand open; the closed table has all."""
RULE = "limits of that year, state and name, counted once for each place"


def datasets(runs: Runs, number: int) -> tuple[Dataset, Dataset]:
    """Each limit that binds in either run, dearest first, and how many of each name began or ceased to."""
    say, names, numbers = runs.pair(number), runs.names, (1, number)
    keys = {column_of("change", names, names[number - 1]): "state"}
    columns: dict[str, Column] = {}
    for n in numbers:
        keys |= {names[n - 1]: f"run_{n}", saving_in(names[n - 1]): f"relief_{n}"}
        for key, title, quantity in (
            ("run", say("Shadow price in {run}", run=runs.name(n)), "shadow_price"),
            ("relief", say("Saving of one more in {run}", run=runs.name(n)), "relief"),
        ):
            columns[f"{key}_{n}"] = Column(title, quantity, "", {"run": n})
    found = runs.comparison.limits.rename(columns=keys)
    found = found[found["state"] != ""]
    for n in numbers:
        found[f"run_{n}"] = runs.zeroed(found[f"run_{n}"], n, found)
    labels = ("year", "state", *LIMIT_LABELS[1:])
    frame = found[[*labels, *columns]].sort_values("state", key=lambda states: states.map(STATES.index), kind="stable")
    title = say("Limits that bind in {first} or {run}")
    every = Dataset(f"limits_{number}", title, labels, columns, frame.reset_index(drop=True))
    counted = frame.groupby(["year", "state", "item"], sort=True).size().rename("limits").astype(float).reset_index()
    counted = counted.sort_values(
        ["year", "state", "limits", "item"], ascending=[True, True, False, True], ignore_index=True
    )
    rule = Computed(say("Limits"), "-", RULE, tuple(columns.values()))
    title = say("How many limits bind in {first} or {run}")
    return every, Dataset(f"limits_counted_{number}", title, ("year", "state", "item"), {"limits": rule}, counted)


def section(runs: Runs, found: dict[int, tuple[Dataset, Dataset]]) -> Section:
    """For each further run the dearest limits that began to bind, and those that ceased to."""
    say = runs.say
    opens = [_open(runs, number, data, state) for number, (data, _) in found.items() for state in (BEGAN, CEASED)]
    words = say(
        "A limit binds where one more unit of it would change the cost. Shadow price: change of yearly cost for one "
        "unit more, so negative means that more of it saves money; limits of several hours are added over the hours. "
        "Saving of one more: a solve of its own, which a run has for its dearest limits only; a dash means that none "
        "was made. Demand, definitions and limits of single hours, which nobody can relieve, are left out."
    )
    tables = tuple(dataset for pair in found.values() for dataset in pair)
    return Section("limits", say("Limits that began or ceased to bind"), (words,), (), tables, tuple(opens))


def _open(runs: Runs, number: int, data: Dataset, state: str) -> Open:
    say = runs.pair(number)
    began = state == BEGAN
    text = say("Began to bind in {run}, not in {first}" if began else "Ceased to bind: in {first}, not in {run}")
    every = data.frame[data.frame["state"] == state]
    if every.empty:
        return Open(say("{what}: none.", what=text))
    if len(every) > MOST:
        text = say("{what}: the dearest {shown} of {total}.", what=text, shown=MOST, total=len(every))
    side = number if began else 1
    say = say.filled(run=runs.name(side))
    figures = (say("Year"), say("Shadow price in {run}"), say("Saving of one more in {run}"))
    headings = [*texts(say("Limit"), say("Where, of what")), *map(Heading, figures)]
    rows = [
        (
            runs.say.item(str(row["item"])),
            where(runs, row),
            str(row["year"]),
            marked(data, int(str(at)), f"run_{side}"),
            marked(data, int(str(at)), f"relief_{side}"),
        )
        for at, row in every.head(MOST).iterrows()
    ]
    return Open(text, headings, rows)


def where(runs: Runs, row: pd.Series) -> str:
    """Place and thing of a row in words; the country where it names none."""
    return place(runs.subject, row) or runs.say("everywhere")
