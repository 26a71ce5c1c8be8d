"""Puts the page together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eastwest.language import Language
from eastwest.plot.chart import Subject
from eastwest.report.page import story
from eastwest.report.page.section import Page

if TYPE_CHECKING:
    from eastwest.result import Result


def page_html(result: Result, language: str = "en") -> str:
    """The whole page as HTML text."""
    page = Page(result, Subject(result.table, result.scenario, Language(language)))
    sections = [story.section(page)]
    return "".join(str(paragraph) for section in sections for paragraph in section.paragraphs)
