"""Puts the sections of a comparison together, and its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eastwest.formatting.language import Language
from eastwest.report.comparison import inputs, limits, module_changes, outcomes, paragraphs
from eastwest.report.comparison.datasets import Datasets
from eastwest.report.comparison.runs import Runs
from eastwest.report.section import Section

if TYPE_CHECKING:
    from eastwest.analysis.compare import Comparison


def page_html(comparison: Comparison, language: str = "en") -> str:
    """The whole page as HTML text."""
    from eastwest.report.page.write import shell

    runs = runs_of(comparison, language)
    say = runs.say
    names = [runs.name(number) for number in runs.others]
    title = say("{first} against {others}", first=runs.name(1), others=say(", ").join(names))
    return shell(runs.subject, sections(runs), title=title, name=say("Comparison of runs"))


def runs_of(comparison: Comparison, language: str = "en") -> Runs:
    """The runs of a comparison in a language."""
    return Runs(comparison, Language(language))


def sections(runs: Runs, *, drawn: bool = True) -> list[Section]:
    """Every section in the order in which they stand; without `drawn` those that words and tables can tell."""
    found = Datasets(runs)
    told: list[Section | None] = [paragraphs.section(found), inputs.section(found), outcomes.headline(found)]
    if drawn:
        from eastwest.report.comparison import maps, pictures

        told += [pictures.cost(found), maps.section(found), pictures.moves(found)]
    told += [limits.section(found), *module_changes.sections(runs), outcomes.places(found)]
    return [section for section in told if section is not None]
