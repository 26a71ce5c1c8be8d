"""The map as one HTML file that opens without a network: plotly.js, figures and choices are inside."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from jinja2 import Environment
from plotly.offline import get_plotlyjs

from eastwest.report.plot import map_words, style
from eastwest.report.plot.chart import Subject
from eastwest.report.plot.map import chart
from eastwest.report.plot.map_menus import options

LEAST_PX = 760
"""A narrower window scrolls the map sideways."""


def page(
    subject: Subject,
    year: int | None = None,
    kind: str | None = None,
    task: str | None = None,
    shade: str | None = None,
) -> str:
    """HTML text with the map of a year, or of all years with a choice between them."""
    say = subject.say
    years = subject.years if year is None else [subject.year(year)]
    found = chart(subject, kind, task, shade, years=years)
    figures = {str(each): json.loads(figure.to_json()) for each, figure in found.figures.items()}
    outlines = _shared(figures)
    first = found.figure()
    selects = []
    if len(years) > 1:
        choices = [(str(each), str(each), each == years[-1]) for each in years]
        selects.append(("year", say("Year"), choices))
    for layer, words in (("flows", say("Flows")), ("shade", say("Shade"))):
        offered = options(first, layer)
        if len(offered) > 1:
            selects.append((layer, words, [(key, label, seen) for key, (label, seen) in offered.items()]))
    title = map_words.title(subject.scenario)
    scripts = {"plotly": get_plotlyjs(), "script": _part("map.js")}
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(_part("map.html.j2"))
    return template.render(
        language=say.code,
        title=title if len(years) > 1 else f"{title}, {years[0]}",
        caption=found.caption,
        selects=selects,
        data=_inside({"figures": figures, "outlines": outlines}),
        font=style.FONT,
        least=LEAST_PX,
        height=found.height,
        sources=" ".join(_hash(text) for text in scripts.values()),
        **scripts,
    )


def _shared(figures: Mapping[str, Any]) -> list[list[list[float | None]]]:
    """Corners of outlines, each once: traces name them by number, in `outline`."""
    found: dict[str, int] = {}
    outlines: list[list[list[float | None]]] = []
    for figure in figures.values():
        for trace in figure["data"]:
            if trace["meta"]["layer"] == "shade":
                corners = [trace.pop("x"), trace.pop("y")]
                mark = json.dumps(corners)
                if mark not in found:
                    found[mark] = len(outlines)
                    outlines.append(corners)
                trace["outline"] = found[mark]
    return outlines


def _part(name: str) -> str:
    return resources.files("eastwest.report.plot").joinpath(name).read_text(encoding="utf-8")


def _inside(value: object) -> str:
    """JSON that cannot end the element that it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _hash(script: str) -> str:
    """The script by its contents, as a Content-Security-Policy names it: nothing else may run."""
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"
