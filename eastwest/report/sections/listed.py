"""The first rows of a dataset in a planning year, with their figures: an open table that most sections use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from eastwest.report.cells import marks, named
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Cell, Open, heads
from eastwest.results.dataset import Dataset

MOST = 12


def listed(
    subject: Subject, data: Dataset, first: str, year: int, *, rows: pd.DataFrame | None = None,
    labels: Sequence[str] = (), columns: Sequence[str] = (), words: Mapping[str, str] | None = None,
    more: Mapping[str, Callable[[pd.Series], Cell]] | None = None,
    names: Mapping[str, Callable[[str], str]] | None = None, most: int = MOST, text: Cell = "",
) -> Open:  # fmt: skip
    """Labels in words, then figures of a row, then further cells `more` (title -> what makes it of a row).

    `rows` are those of the dataset that are shown, else those of the year; `labels` and `columns` what is shown of
    them, else all. `first` is the title of the label `item`, `words` those of other labels and of columns; `names` say
    how a label is named.
    """
    say, names, more = subject.say, names or {}, more or {}
    labels = labels or [label for label in data.labels if label != "year"]
    columns = columns or list(data.columns)
    titles = {
        "item": first, "kind": say("Kind"), "site": say("Site"), "device": say("Device"), "region": say("Region"),
        **{key: say(data.columns[key].title) for key in columns}, **(words or {}),
    }  # fmt: skip
    headings = [*heads([titles[label] for label in labels], [titles[key] for key in columns]), *heads(more)]
    cells: list[Sequence[Cell]] = []
    for at, row in (data.rows(year=year) if rows is None else rows).head(most).iterrows():
        own = [
            names[label](str(row[label])) if label in names else named(subject, label, str(row[label]))
            for label in labels
        ]
        cells.append((*own, *marks(data, int(str(at)), columns), *(make(row) for make in more.values())))
    return Open(text, headings, cells, year) if cells else Open(say("{year}: none.", year=year), year=year)
