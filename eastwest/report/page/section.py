"""A part of the page: words with figures in them, open tables, charts, and the datasets behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from markupsafe import Markup

from eastwest.report.plot.chart import Chart
from eastwest.results.dataset import Dataset

if TYPE_CHECKING:
    from eastwest.report.plot.chart import Subject
    from eastwest.results.result import Result

Cell = Markup | str


@dataclass(frozen=True)
class Page:
    """What sections are written of: the result, and how it is said."""

    result: Result
    subject: Subject


@dataclass(frozen=True)
class Heading:
    """Head of a column of an open table."""

    title: str
    unit: str = ""
    number: bool = True
    """whether its cells are figures, flush right"""


@dataclass(frozen=True)
class Open:
    """What stands open on the page: a sentence, and a table of a few rows; of one planning year or of all (0)."""

    text: Cell = ""
    headings: Sequence[Heading] = ()
    rows: Sequence[Sequence[Cell]] = ()
    year: int = 0


@dataclass(frozen=True)
class Tile:
    """A headline figure, or one for each kind of compute, side by side and never added."""

    title: str
    figures: Sequence[tuple[Cell, str]]
    """figure, and what it is of"""
    note: str = ""


@dataclass(frozen=True)
class Sheet:
    """A table of what is no result: inputs, their sources, targets, provenance."""

    name: str
    """identifier, unique on a page"""
    title: str
    columns: Mapping[str, str]
    """key -> title"""
    rows: Sequence[Sequence[str | float | int | None]]
    units: Mapping[str, str] = field(default_factory=dict)
    """key -> unit, of columns of figures"""


@dataclass(frozen=True)
class Section:
    """A heading, paragraphs, open tables, then charts (each with its table and download), then closed tables."""

    name: str
    """anchor on the page"""
    title: str
    paragraphs: tuple[Cell, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Dataset, ...] = field(default=())
    """datasets that are shown as closed tables without a chart, or that paragraphs and open tables take figures from"""
    opens: tuple[Open, ...] = ()
    tiles: Mapping[int, Sequence[Tile]] = field(default_factory=dict)
    """by planning year"""
    sheets: tuple[Sheet, ...] = ()
    beside: bool = False
    """whether its charts stand side by side where there is room"""
    after: tuple[Open, ...] = ()
    """what stands open after the charts"""
