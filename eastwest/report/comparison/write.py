"""Puts the sections of a comparison together, and its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eastwest.formatting.language import Language
from eastwest.report.comparison import (
    cost_changes,
    headline_changes,
    inputs,
    limit_changes,
    module_changes,
    moves,
    paragraphs,
    place_changes,
)  # fmt: skip
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
    value, of_years = cost_changes.present_value(runs), cost_changes.of_years(runs)
    counts, figures = inputs.counted(runs), headline_changes.dataset(runs)
    differing = place_changes.datasets(runs)
    moved = {number: moves.datasets(runs, number) for number in runs.others}
    sums = {number: moves.summed(runs, number, found) for number, found in moved.items()}
    bound = {number: limit_changes.datasets(runs, number) for number in runs.others}
    costs = {number: cost_changes.by_category(runs, number) for number in runs.others}
    told = paragraphs.Told(counts, value, of_years, costs, figures, moved, sums, bound, differing["site"][0])
    found: list[Section | None] = [
        paragraphs.section(runs, told),
        inputs.section(runs, counts),
        headline_changes.section(runs, figures, value, of_years),
    ]
    if drawn:
        from eastwest.report.comparison import maps

        found += [cost_changes.section(runs, value, of_years, costs), maps.section(runs), moves.section(runs, moved)]
    found += [limit_changes.section(runs, bound), *module_changes.sections(runs)]
    found += [place_changes.section(runs, differing)]
    return [section for section in found if section is not None]
