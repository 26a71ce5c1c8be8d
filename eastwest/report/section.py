"""What a report consists of: a section is described once, and drawn on a terminal and on a page.

Words and figures are in the language of the reader already; a figure knows the dataset that it stands in (see
`eastwest.report.cells.mark`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from markupsafe import Markup

from eastwest.formatting.language import Language
from eastwest.report.plot.chart import Chart, Subject
from eastwest.results.dataset import Dataset
from eastwest.schema.results_table import LABELS

if TYPE_CHECKING:
    from eastwest.results.result import Result

Cell = Markup | str


@dataclass(frozen=True)
class Page:
    """What sections are written of: the result, and how it is said."""

    result: Result
    subject: Subject
    drawn: bool = True
    """whether charts are wanted"""


def page_of(result: Result, language: str = "en", *, drawn: bool = True) -> Page:
    """A result in a language.

    Labels are held by Python while sections are put together: what is chosen and grouped a hundred times is quicker so.
    """
    plain = dict.fromkeys(["quantity", "unit", *(label for label in LABELS if label != "year")], object)
    return Page(
        result, Subject(result.table.astype(plain), result.scenario, Language(language), result.constraints), drawn
    )


@dataclass(frozen=True)
class Heading:
    """Head of a column of an open table."""

    title: str
    unit: str = ""
    number: bool = True
    """whether its cells are figures, flush right"""


def heads(words: Iterable[str], figures: Iterable[str] = ()) -> list[Heading]:
    """Heads of columns of words, then of columns of figures."""
    return [*(Heading(title, number=False) for title in words), *(Heading(title) for title in figures)]


@dataclass(frozen=True)
class Open:
    """What stands open: a sentence, and a table of a few rows; of one planning year or of all (0)."""

    text: Cell = ""
    headings: Sequence[Heading] = ()
    rows: Sequence[Sequence[Cell]] = ()
    year: int = 0
    sums: frozenset[int] = frozenset()
    """positions of rows that others are part of"""
    lead: int = 0
    """columns that are repeated where a terminal is too narrow for all; 0 = it is not cut"""
    closed: bool = False
    """whether a page folds it away, since it is long"""


@dataclass(frozen=True)
class Tile:
    """A headline figure, or one for each kind of compute, side by side and never added."""

    title: str
    figures: Sequence[tuple[Cell, str]]
    """figure, and what it is of"""
    note: str = ""


@dataclass(frozen=True)
class BackgroundTable:
    """A table of what is no result: inputs, their sources, targets, provenance."""

    name: str
    """identifier, unique on a page"""
    title: str
    columns: Mapping[str, str]
    """key -> title"""
    rows: Sequence[Sequence[str | float | int | None]]
    units: Mapping[str, str] = field(default_factory=dict)
    """key -> unit, of columns of figures"""
    listed: bool = False
    """whether a terminal lists it too"""


@dataclass(frozen=True)
class Section:
    """A heading, paragraphs, tiles, open tables, charts, further open tables, closing sentences, closed tables."""

    name: str
    """anchor on a page"""
    title: str
    paragraphs: tuple[Cell, ...] = ()
    charts: tuple[Chart, ...] = ()
    """each with its table and download; a terminal leaves them out"""
    tables: tuple[Dataset, ...] = ()
    """datasets that are shown as closed tables without a chart, or that paragraphs and open tables take figures from"""
    opens: tuple[Open, ...] = ()
    tiles: Mapping[int, Sequence[Tile]] = field(default_factory=dict)
    """by planning year"""
    sheets: tuple[BackgroundTable, ...] = ()
    beside: bool = False
    """whether its charts stand side by side where there is room"""
    after: tuple[Open, ...] = ()
    """what stands open after the charts"""
    closing: tuple[Cell, ...] = ()
    year: int = 0
    """the year that a terminal shows of tables that are of one; 0 = the last"""


Makes = Callable[[Page], Section | Sequence[Section] | None]
"""Makes a section, several, or none where the run has nothing to say in it."""


def made(page: Page, makes: Iterable[Makes]) -> Iterator[Section]:
    """Every section that a run has something to say in, in their order."""
    for make in makes:
        found = make(page)
        yield from (found,) if isinstance(found, Section) else found or ()
