"""Tables and headings that read the same on a terminal and in a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text


def heading(words: str) -> Text:
    """The title of a section, with an empty line before it."""
    return Text(f"\n{words}", style="bold")


def paragraph(words: str) -> Text:
    """Plain words, wrapped to the width."""
    return Text(words)


def grid(columns: Sequence[str], *, left: int, gap: int = 2) -> Table:
    """A table whose first `left` columns hold text and whose others hold figures, flush right and never broken."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, gap - 1, 0, 0), show_edge=False, header_style="bold")
    for position, column in enumerate(columns):
        if position < left:
            table.add_column(Text(column), justify="left", overflow="fold")
        else:
            table.add_column(Text(column), justify="right", no_wrap=True, overflow="fold")
    return table


def words_column(table: Table, position: int) -> None:
    """Make a column after the first ones hold text that may wrap."""
    column = table.columns[position]
    column.justify, column.no_wrap = "left", False


def numbered() -> Table:
    """Numbered sentences, each wrapped beside its number."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    return table


def print_parts(console: Console, parts: Iterable[RenderableType]) -> None:
    """Print each part; in a pipe, lines end where their text ends."""
    for part in parts:
        if console.is_terminal:
            console.print(part, markup=False, highlight=False)
            continue
        with console.capture() as captured:
            console.print(part, markup=False, highlight=False)
        console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))
