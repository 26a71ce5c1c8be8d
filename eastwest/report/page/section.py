"""A part of the page: words with figures in them, charts, tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from markupsafe import Markup

from eastwest.dataset import Dataset
from eastwest.plot.chart import Chart

if TYPE_CHECKING:
    from eastwest.plot.chart import Subject
    from eastwest.result import Result


@dataclass(frozen=True)
class Page:
    """What sections are written of: the result, and how it is said."""

    result: Result
    subject: Subject


@dataclass(frozen=True)
class Section:
    """A heading, paragraphs, then charts (each with its table and download), then tables that stand open."""

    name: str
    """anchor on the page"""
    title: str
    paragraphs: tuple[Markup, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Dataset, ...] = field(default=())
    """datasets that are shown as tables without a chart, or that paragraphs take figures from"""
