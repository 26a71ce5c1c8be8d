"""What differs between runs in the sections that model modules declare."""

from __future__ import annotations

from eastwest.report.cells import mark
from eastwest.report.comparison.runs import Runs
from eastwest.report.section import Cell, Open, Section, heads
from eastwest.report.sections.modules import by_title, name_of, where
from eastwest.results.dataset import Dataset
from eastwest.schema.columns import Column
from eastwest.schema.module_section import ModuleSection

MOST = 12
"""Rows of a section that stand open; the closed tables have all."""


def sections(runs: Runs) -> list[Section]:
    """One for each title that any run has; columns that are made of others follow from those that are shown."""
    own = {(section.module, section.title): section for result in runs.results for section in result.sections}
    return [_section(runs, title, parts) for title, parts in by_title(list(own.values())).items()]


def _section(runs: Runs, title: str, own: list[ModuleSection]) -> Section:
    say, rows, datasets = runs.say, [], []
    for section in own:
        for table in section.tables:
            for key, column in table.columns.items():
                if isinstance(column, Column):
                    name = f"{name_of(section, table)}_{key}"
                    data = runs.differing(_beside(runs, name, say(column.title), table.labels, column))
                    datasets.append(data)
                    rows += [_row(runs, data, position) for position in data.frame.index]
    text = "" if rows else say("{what}: none.", what=say("What differs"))
    names = runs.beside(lambda number: (runs.name(number), say("Difference")))
    headings = heads((say("Place"), say("What")), names)
    opens = (Open(text, headings if rows else (), rows[:MOST]),)
    return Section(name_of(own[0]), say(title), opens=opens, tables=tuple(data for data in datasets if len(data.frame)))


def _beside(runs: Runs, name: str, title: str, labels: tuple[str, ...], column: Column) -> Dataset:
    """The column of every run, the largest of its rows first."""
    quantity = str(column.quantity)
    data = runs.joined(name, title, ("year", *labels), quantity, column.unit, where=column.where, how=column.how)
    size = data.frame[[f"run_{number}" for number in (1, *runs.others)]].abs().max(axis=1)
    return data.but(data.frame.assign(size=-size).sort_values(["size", *data.labels]).drop(columns="size"))


def _row(runs: Runs, data: Dataset, position: int) -> list[Cell]:
    row = data.frame.loc[position]
    year = f", {row['year']}" if len(runs.all_years()) > 1 else ""
    place = where(runs.subject, {label: row[label] for label in data.labels if label != "year"})
    cells: list[Cell] = [place, f"{data.title}{year}", mark(data, position, "run_1")]
    for number in runs.others:
        cells += [
            mark(data, position, f"run_{number}"),
            mark(data, position, f"difference_{number}"),
        ]
    return cells
