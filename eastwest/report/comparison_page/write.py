"""Puts the page of a comparison together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eastwest.formatting.language import Language
from eastwest.report.comparison_page import costs, headline, inputs, limits, maps, moves, places, story
from eastwest.report.comparison_page.runs import Runs
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
    return shell(runs.subject, sections(runs, comparison), title=title, name=say("Comparison of runs"))


def runs_of(comparison: Comparison, language: str = "en") -> Runs:
    """The runs of a comparison in a language."""
    return Runs(comparison.results, comparison.names, Language(language))


def sections(runs: Runs, comparison: Comparison) -> list[Section]:
    """Every section in the order in which they stand."""
    value, of_years = costs.present_value(runs), costs.of_years(runs)
    counts, figures, differing = inputs.counted(runs, comparison), headline.dataset(runs), places.datasets(runs)
    moved = {number: moves.datasets(runs, number) for number in runs.others}
    sums = {number: moves.summed(runs, number, found) for number, found in moved.items()}
    bound = {number: limits.datasets(runs, number) for number in runs.others}
    categories = {number: costs.by_category(runs, number) for number in runs.others}
    settings = {number: inputs.settings(runs, comparison, number) for number in runs.others}
    told = story.Told(counts, settings, value, of_years, categories, figures, moved, sums, bound, differing["site"][0])
    found = [
        story.section(runs, told),
        inputs.section(runs, comparison, counts),
        headline.section(runs, figures, value, of_years),
        costs.section(runs, value, of_years, categories),
        maps.section(runs),
        moves.section(runs, moved),
        limits.section(runs, bound),
        places.section(runs, differing),
    ]
    return [section for section in found if section is not None]
