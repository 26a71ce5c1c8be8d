"""The first rows of a dataset in a planning year, with all their figures: an open table that most sections use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from eastwest.report.cells import mark, named
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Cell, Heading, Open
from eastwest.results.dataset import Dataset

MOST = 12


def listed(
    subject: Subject,
    data: Dataset,
    first: str,
    year: int,
    *,
    words: Mapping[str, str] | None = None,
    more: Mapping[str, Callable[[pd.Series], Cell]] | None = None,
    names: Mapping[str, Callable[[str], str]] | None = None,
    most: int = MOST,
    text: Cell = "",
) -> Open:
    """Labels in words, then every figure of a row, then further cells `more` (title -> what makes it of a row).

    `first` is the title of the label `item`, `words` those of other labels; `names` say how a label is named.
    """
    say = subject.say
    labels = [label for label in data.labels if label != "year"]
    titles = {
        "item": first, "kind": say("Kind"), "site": say("Site"), "device": say("Device"), "region": say("Region"),
    } | dict(words or {})  # fmt: skip
    headings = [Heading(titles[label], number=False) for label in labels]
    headings += [Heading(say(column.title)) for column in data.columns.values()]
    headings += [Heading(title, number=False) for title in more or {}]
    rows: list[Sequence[Cell]] = []
    for at, row in data.rows(year=year).head(most).iterrows():
        own = [
            names[label](str(row[label])) if names and label in names else named(subject, label, str(row[label]))
            for label in labels
        ]
        rows.append((
            *own, *(mark(data, int(str(at)), column) for column in data.columns),
            *(make(row) for make in (more or {}).values()),
        ))  # fmt: skip
    if not rows:
        return Open(say("{year}: none.", year=year), year=year)
    return Open(text, headings, rows, year)
