"""Limits that began or ceased to bind between two runs, with what one more unit is worth in each."""

from __future__ import annotations

import pandas as pd

from eastwest.analysis.compare import BEGAN, CEASED
from eastwest.report.cells import place
from eastwest.report.comparison.datasets import Datasets
from eastwest.report.comparison.runs import Runs
from eastwest.report.section import Open, Section
from eastwest.report.sections.listed import listed

MOST = 10
"""Limits of each sort that stand open; the closed table has all."""


def section(found: Datasets) -> Section:
    """For each further run the dearest limits that began to bind, and those that ceased to."""
    say = found.runs.say
    opens = tuple(_open(found, number, state) for number in found.limits for state in (BEGAN, CEASED))
    words = say(
        "A limit binds where one more unit of it would change the cost. Shadow price: change of yearly cost for one "
        "unit more, so negative means that more of it saves money; limits of several hours are added over the hours. "
        "Saving of one more: a solve of its own, which a run has for its dearest limits only; a dash means that none "
        "was made. Demand, definitions and limits of single hours, which nobody can relieve, are left out."
    )
    tables = (*found.limits.values(), *found.limits_counted.values())
    return Section("limits", say("Limits that began or ceased to bind"), (words,), tables=tables, opens=opens)


def _open(found: Datasets, number: int, state: str) -> Open:
    runs, data, side = found.runs, found.limits[number], number if state == BEGAN else 1
    say = runs.pair(number)
    text = say(
        "Began to bind in {run}, not in {first}" if state == BEGAN else "Ceased to bind: in {first}, not in {run}"
    )
    every = data.rows(state=state)
    if every.empty:
        return Open(say("{what}: none.", what=text))
    if len(every) > MOST:
        text = say("{what}: the dearest {shown} of {total}.", what=text, shown=MOST, total=len(every))
    columns, words = (f"run_{side}", f"relief_{side}"), {"year": say("Year")}
    of_what = {say("Where, of what"): lambda row: where(runs, row)}
    return listed(
        runs.subject, data, say("Limit"), 0, rows=every, labels=("item", "year"), columns=columns, words=words,
        more=of_what, most=MOST, text=text,
    )  # fmt: skip


def where(runs: Runs, row: pd.Series) -> str:
    """Place and thing of a row in words; the country where it names none."""
    return place(runs.subject, row) or runs.say("everywhere")
