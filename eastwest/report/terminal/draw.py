"""Draws sections on a terminal, or in a pipe: words, open tables and listed sheets; charts and downloads stay away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from textwrap import wrap

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.table import Table
from rich.text import Text

from eastwest.formatting.words import figure, percent, plain
from eastwest.report.cells import text_of
from eastwest.report.section import BackgroundTable, Heading, Open, Section

WIDTH = 80
"""Letters of the narrowest terminal."""
FIGURE = re.compile(r"[-−+]?[\d,.]+(e-\d+)?")
MANY = 6
"""Above so many columns of figures a wide table is set closer."""
NARROW = 7
"""Least width of the head of a column of figures [letters]."""
WORD = 13
"""A column of text is as wide as its longest word, up to so many letters."""


def print_sections(
    console: Console, title: str, sections: Iterable[Section], *, years: Sequence[int] = (), closing: Iterable[str] = ()
) -> None:
    """A title, sections, closing lines; of tables by planning year those of the last of `years`."""
    print_parts(console, [Text(title, style="bold")])
    for section in sections:
        print_parts(console, draw(section, max(years, default=0), several=len(years) > 1))
    print_parts(console, map(Text, closing))


def print_parts(console: Console, parts: Iterable[RenderableType]) -> None:
    """Print each part; in a pipe, lines end where their text ends."""
    for part in parts:
        if console.is_terminal:
            console.print(part, markup=False, highlight=False)
            continue
        with console.capture() as captured:
            console.print(part, markup=False, highlight=False)
        console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def draw(section: Section, year: int = 0, *, several: bool = False) -> Iterator[RenderableType]:
    """A section; of tables by planning year those of its own year, else of `year`."""
    chosen = section.year or year
    if section.title:
        yield Text(f"\n{plain(section.title)}", style="bold")
    yield from (Text(text_of(words)) for words in section.paragraphs)
    for sheet in section.sheets:
        if sheet.listed:
            yield from sheet_lines(sheet)
    for block in (*section.opens, *section.after):
        if block.year in (0, chosen):
            if several and block.year and not block.text:
                yield Text(f"\n{block.year}{', the year with most of it' * bool(section.year)}:")
            yield from block_lines(block)
    yield from (Text(text_of(words)) for words in section.closing)


def block_lines(block: Open) -> Iterator[RenderableType]:
    """The sentence of an open table, and the table, in parts where it is too wide."""
    if block.text:
        yield Text(f"\n{text_of(block.text)}")
    if not block.headings or not block.rows:
        return
    rows = [[_shown(cell) for cell in row] for row in block.rows]
    headings = [_with_unit_of(each, rows, n) for n, each in enumerate(block.headings)]
    texts = next((n for n, each in enumerate(headings) if each.number), len(headings))
    titles = [_head(each, [row[n] for row in rows]) for n, each in enumerate(headings)]
    widths = [_least_width(each, titles[n], [row[n] for row in rows]) for n, each in enumerate(headings)]
    whole = [max(widths[n], *(cell_len(row[n]) for row in rows)) for n in range(len(widths))]
    gap = 1 if len(widths) - texts > MANY and sum(whole) + 2 * len(widths) > WIDTH else 2
    for columns in _parts(widths, block.lead or texts, gap):
        table = Table(
            box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, gap - 1, 0, 0), show_edge=False, header_style="bold"
        )
        for n in columns:
            figures = headings[n].number
            table.add_column(Text(titles[n]), justify="right" if figures else "left", no_wrap=figures, overflow="fold")
        for number, row in enumerate(rows):
            table.add_row(*[row[n] for n in columns], style="bold" if number in block.sums else "")
        yield _Fitted(table, [widths[n] for n in columns], [whole[n] for n in columns], gap)


@dataclass(frozen=True)
class _Fitted:
    """A table whose columns of text share what room the figures leave, none below its longest word."""

    table: Table
    least: Sequence[int]
    most: Sequence[int]
    gap: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        spare = options.max_width - sum(self.least) - self.gap * (len(self.least) - 1)
        if spare >= 0:
            room = list(self.least)
            while spare and any(have < most for have, most in zip(room, self.most, strict=True)):
                narrowest = min((have, at) for at, have in enumerate(room) if have < self.most[at])[1]
                room[narrowest], spare = room[narrowest] + 1, spare - 1
            for column, width in zip(self.table.columns, room, strict=True):
                column.width = width
        yield self.table


def _parts(widths: Sequence[int], lead: int, gap: int) -> Iterator[list[int]]:
    """Columns that stand side by side in a terminal of 80 letters; the first `lead` ones stand in every part."""
    start = lead
    while start < len(widths) or start == lead == len(widths):
        stop, room = start, WIDTH - sum(widths[:lead]) - gap * lead
        while stop < len(widths) and (stop == start or room >= widths[stop]):
            room -= widths[stop] + gap
            stop += 1
        yield [*range(lead), *range(start, stop)]
        start = max(stop, start + 1)


def _least_width(head: Heading, title: str, cells: Sequence[str]) -> int:
    """Letters below which a column cannot be read: of its figures, or of the longest word."""
    if head.number:
        return max(map(cell_len, [*title.split("\n"), *cells]))
    return min(WORD, max(map(cell_len, " ".join([title, *cells]).split(" ")), default=1))


def _with_unit_of(head: Heading, rows: list[list[str]], column: int) -> Heading:
    """The heading of a column of figures with the unit that all its cells have, which is taken from them."""
    parts = [row[column].partition(" ") for row in rows]
    units = {unit for _, _, unit in parts if unit}
    figures = all(FIGURE.fullmatch(number) for number, _, unit in parts if unit)
    if not head.number or head.unit or len(units) != 1 or units == {"%"} or not figures:
        return head
    for row, (number, _, _) in zip(rows, parts, strict=True):
        row[column] = number
    return replace(head, unit=units.pop())


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


def sheet_lines(sheet: BackgroundTable) -> Iterator[RenderableType]:
    """Every row of a sheet."""
    keys = list(sheet.columns)
    rows = [
        tuple(_cell(value, sheet.units.get(key, "")) for key, value in zip_longest(keys, row)) for row in sheet.rows
    ]
    numbers = [any(isinstance(row[n], int | float) for row in sheet.rows) for n in range(len(keys))]
    headings = [Heading(title, number=number) for title, number in zip(sheet.columns.values(), numbers, strict=True)]
    yield from block_lines(Open("", headings, rows))


def _cell(value: str | float | int | None, unit: str) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return percent(value) if unit == "1" else f"{value:,}" if isinstance(value, int) else figure(value)
