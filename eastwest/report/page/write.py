"""Puts the page together."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Callable, Sequence
from functools import cache
from html import unescape
from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import escape

from eastwest.report.cells import clip
from eastwest.report.page.embedded import as_json, figure_data, page_data, titles
from eastwest.report.plot.chart import Chart, Subject
from eastwest.report.section import Page, Section, page_of
from eastwest.report.sections import (
    anchor,
    background,
    clusters,
    customers,
    events,
    green,
    hardware,
    headline,
    idle,
    investment,
    limits,
    metro_growth,
    outages,
    pictures,
    places,
    published,
    rules,
    sectors,
    shortage,
    story,
    target_path,
    targets,
    users,
)

if TYPE_CHECKING:
    from eastwest.results.result import Result

SECTIONS: tuple[Callable[[Page], Section | None], ...] = (
    story.section, headline.section, anchor.section, target_path.section, pictures.where, pictures.use,
    pictures.money, limits.section, rules.section, investment.section, investment.announced, idle.section,
    shortage.section, customers.section, pictures.delay, pictures.devices, targets.section, events.section,
    green.section, users.section, sectors.section, hardware.section, clusters.section, outages.section, places.section,
    metro_growth.section, metro_growth.movable, published.section, background.data, background.scenario,
    background.provenance,
)  # fmt: skip
"""In the order in which they stand."""
FIGURE = re.compile(r"(<data [^>]*>[^ <]+ (?:<span>)?)([^<]+)")
"""A figure in a sentence: everything up to its unit, and the unit, which is said in the page's language."""


def page_html(result: Result, language: str = "en") -> str:
    """The whole page as HTML text."""
    page = page_of(result, language)
    subject = page.subject
    settings = getattr(result.scenario, "settings", None)
    name = clip(result.scenario.name)
    return shell(
        subject,
        sections_of(page),
        title=clip(getattr(settings, "title", "") or name, 200),
        name=f"{subject.say('Plan of a run')} · {name}",
        question=clip(getattr(settings, "question", ""), 600),
    )


def sections_of(page: Page) -> list[Section]:
    """Every section that the run has something to say in, in the order in which they stand."""
    found = (make(page) for make in SECTIONS)
    return [section for section in found if section is not None]


def shell(subject: Subject, sections: Sequence[Section], *, title: str, name: str, question: str = "") -> str:
    """Any page: sections with their data, the script that draws them, and a policy that lets no request out."""
    library, script = _library(), _asset("page.js")
    data = as_json(page_data(subject, sections, _texts(subject)))
    figures = _packed(as_json(figure_data(sections)))
    hashes = " ".join(f"'sha256-{_digest(text)}'" for text in (library[0], script))
    environment = Environment(
        loader=PackageLoader("eastwest.report.page", "assets"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    html = environment.get_template("page.html.j2").render(
        say=subject.say, lang={"zh": "zh-Hans"}.get(subject.say.code, subject.say.code), sections=sections,
        years=subject.years, year=subject.year(None), title=title, name=name, question=question, hashes=hashes,
        is_wide=_is_wide, style=_asset("page.css"), data=data, figures=figures, library=library[1], script=script,
    )  # fmt: skip
    return FIGURE.sub(lambda found: found[1] + str(escape(subject.say(unescape(found[2])))), html)


def _is_wide(chart: Chart) -> bool:
    """Whether it needs more width than a phone has: by its own word, or because it has panels side by side."""
    return chart.wide or any("xaxis2" in figure.layout for figure in chart.figures.values())


@cache
def _asset(name: str) -> str:
    return resources.files("eastwest.report.page").joinpath("assets", name).read_text(encoding="utf-8")


@cache
def _library() -> tuple[str, str]:
    """plotly.js, and the same packed; the first is what its hash in the policy is of."""
    from plotly.offline import get_plotlyjs

    text: str = get_plotlyjs()
    return text, _packed(text)


def _packed(text: str) -> str:
    """What a browser unpacks; no clock in it, so the same text gives the same bytes."""
    return base64.b64encode(gzip.compress(text.encode("utf-8"), 9, mtime=0)).decode("ascii")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _texts(subject: Subject) -> dict[str, str]:
    """Words that the script puts on the page."""
    say = subject.say
    return {
        **{f"label:{label}": title for label, title in titles(subject).items()},
        "name": say("name"),
        "all_rows": say("Show all {n} rows", n="{n}"),
        "rows": say("{n} rows", n="{n}"),
        "no_charts": say(
            "This browser is too old to unpack the charts (it has no DecompressionStream). Every table still works."
        ),
        "light": say("Light"),
        "dark": say("Dark"),
        "workload": say("Workload"),
        "shading": say("Shading"),
    }
