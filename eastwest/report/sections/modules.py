"""Sections that model modules declare: lines by planning year, of the country or of each place, and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import pandas as pd
from markupsafe import Markup

from eastwest.report.cells import DASH, figure_in, named
from eastwest.report.lines import Line, largest_first, lines_open
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Open, Page, Section
from eastwest.results.dataset import Dataset, gather
from eastwest.schema.module_section import ModuleSection, ModuleTable

MOST = 12
"""Places that stand open for each table; the closed tables have all."""


def sections(page: Page) -> tuple[Section, ...]:
    """One for each title, in the order of the modules; nothing of what has no figures."""
    found = (_section(page.subject, title, own) for title, own in by_title(page.result.sections).items())
    return tuple(section for section in found if section is not None)


def by_title(sections: Sequence[ModuleSection]) -> dict[str, list[ModuleSection]]:
    """What modules declare under each title."""
    found: dict[str, list[ModuleSection]] = {}
    for section in sections:
        found.setdefault(section.title, []).append(section)
    return found


def name_of(section: ModuleSection, table: ModuleTable | None = None) -> str:
    """The anchor of a section, or the name of a dataset, on a page that has others."""
    return f"module_{section.module}{f'_{table.name}' if table else ''}"


def dataset(rows: pd.DataFrame, section: ModuleSection, table: ModuleTable) -> Dataset:
    """The figures of a table by year and its labels, from rows of the results table."""
    return gather(rows, name_of(section, table), table.title, ["year", *table.labels], table.columns)


def _section(subject: Subject, title: str, own: list[ModuleSection]) -> Section | None:
    pairs = [(section, table) for section in own for table in section.tables]
    known = [(table, dataset(subject.table, section, table)) for section, table in pairs]
    known = [(table, data) for table, data in known if len(data.frame)]
    if not known:
        return None
    datasets = dict(zip((id(table) for table, _ in known), (data for _, data in known), strict=True))
    words = [_sentence(subject, text, section, datasets) for section in own for text in section.sentences]
    heads = _heads(known)
    opens = [_open(subject, [pair for _, pair in group]) for _, group in groupby(heads, lambda pair: pair[0])]
    return Section(
        name_of(own[0]), subject.say(title), tuple(words), opens=tuple(opens), tables=tuple(data for _, data in known)
    )


Known = tuple[ModuleTable, Dataset]


def _heads(known: list[Known]) -> Iterator[tuple[int, Known]]:
    """Tables that stand together have one number: one with a sentence begins another."""
    number = 0
    for table, data in known:
        number += bool(table.text)
        yield number, (table, data)


def _open(subject: Subject, known: list[Known]) -> Open:
    lines = [line for table, data in known for line in _lines(subject, table, data)]
    return lines_open(subject, lines, text=subject.say(known[0][0].text) if known[0][0].text else "")


def _lines(subject: Subject, table: ModuleTable, data: Dataset) -> Iterator[Line]:
    """A line for each column, and each place; the places that have most first."""
    titles = {key: subject.say(column.title) for key, column in data.columns.items()}
    if not table.labels:
        yield from (Line(title, data, key) for key, title in titles.items())
        return
    for place in largest_first(data, next(iter(titles)), table.labels)[:MOST]:
        words = where(subject, place)
        for number, (key, title) in enumerate(titles.items()):
            first = words if table.text else f"{title}, {words}"
            yield Line(first if number == 0 else f"  {title}", data, key, place)


def where(subject: Subject, labels: Mapping[str, object]) -> str:
    """Labels of a line in words; the country where all are empty."""
    parts = [named(subject, label, str(key), both=False) for label, key in labels.items() if key]
    return ", ".join(parts) or subject.say("The country")


def _sentence(subject: Subject, text: str, section: ModuleSection, datasets: Mapping[int, Dataset]) -> Markup:
    """A sentence with its figures of the last planning year."""
    year = subject.year(None)
    known = {key: datasets[id(table)] for key, table in section.figures.items() if id(table) in datasets}
    figures = {key: figure_in(known[key], key, year=year) if key in known else DASH for key in section.figures}
    return subject.say.markup(text, **figures)
