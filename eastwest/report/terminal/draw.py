"""Draws sections on a terminal, or in a pipe: words, open tables and listed sheets; charts and downloads stay away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from textwrap import wrap

from rich.cells import cell_len
from rich.console import RenderableType
from rich.text import Text

from eastwest.formatting.words import figure, percent, plain
from eastwest.report.cells import text_of
from eastwest.report.section import Heading, Open, Section, Sheet
from eastwest.report.terminal.layout import grid, heading, paragraph, words_column

MOST_COLUMNS = 6
"""Columns of figures that stand side by side where a table may be cut."""
NARROW = 7
"""Least width of the head of a column of figures [letters]."""


def draw(section: Section, year: int = 0, *, several: bool = False) -> Iterator[RenderableType]:
    """A section; of tables by planning year those of its own year, else of `year`."""
    chosen = section.year or year
    yield heading(plain(section.title))
    for words in section.paragraphs:
        yield paragraph(text_of(words))
    for sheet in section.sheets:
        if sheet.listed:
            yield sheet_table(sheet)
    for block in (*section.opens, *section.after):
        if block.year in (0, chosen):
            if several and block.year and not block.text:
                yield paragraph(f"\n{block.year}{', the year with most of it' * bool(section.year)}:")
            yield from block_lines(block)
    for words in section.closing:
        yield paragraph(text_of(words))


def block_lines(block: Open) -> Iterator[RenderableType]:
    """The sentence of an open table, and the table, in parts where it has too many columns."""
    if block.text:
        yield Text("")
        yield paragraph(text_of(block.text))
    if not block.headings or not block.rows:
        return
    lead, count = block.lead, len(block.headings)
    starts = range(lead, count, MOST_COLUMNS) if lead else [0]
    for start in starts:
        columns = [*range(lead), *range(start, min(start + MOST_COLUMNS, count))] if lead else range(count)
        yield _table(block, list(columns))


def _table(block: Open, columns: Sequence[int]) -> RenderableType:
    rows = [[_shown(row[at]) for at in columns] for row in block.rows]
    headings = [block.headings[at] for at in columns]
    left = next((n for n, each in enumerate(headings) if each.number), len(headings))
    titles = [_head(each, [row[n] for row in rows]) for n, each in enumerate(headings)]
    table = grid(titles, left=left, gap=1 if len(columns) > MOST_COLUMNS + 2 else 2)
    for n, each in enumerate(headings):
        if n >= left and not each.number:
            words_column(table, n)
    for number, row in enumerate(rows):
        table.add_row(*row, style="bold" if number in block.sums else "")
    return table


def _shown(cell: object) -> str:
    text = text_of(cell)  # type: ignore[arg-type]
    return "-" if text == "–" else text


def _head(head: Heading, cells: Sequence[str]) -> str:
    """The title of a column, broken so that it is no wider than what stands below it."""
    title = plain(head.title) + (f" [{head.unit}]" if head.unit else "")
    if not head.number:
        return title
    widest = max([NARROW, *map(cell_len, cells)])
    return "\n".join(wrap(title, widest, break_long_words=False, break_on_hyphens=False))


def sheet_table(sheet: Sheet) -> RenderableType:
    """Every row of a sheet."""
    keys = list(sheet.columns)
    rows = [
        tuple(_cell(value, sheet.units.get(key, "")) for key, value in zip_longest(keys, row)) for row in sheet.rows
    ]
    numbers = [any(isinstance(row[n], int | float) for row in sheet.rows) for n in range(len(keys))]
    headings = [Heading(title, number=number) for title, number in zip(sheet.columns.values(), numbers, strict=True)]
    return _table(Open("", headings, rows), range(len(keys)))


def _cell(value: str | float | int | None, unit: str) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return percent(value) if unit == "1" else f"{value:,}" if isinstance(value, int) else figure(value)
