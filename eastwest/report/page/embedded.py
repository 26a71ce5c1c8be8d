"""The data of a page as JSON: datasets with the source of each column, sheets, names; and apart from them the figures.

Long arrays that several figures share are stored once: `{"$": n}` stands for the n-th of `arrays`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from eastwest.report.cells import clip, named
from eastwest.report.plot.chart import Chart, Subject
from eastwest.report.section import BackgroundTable, Section
from eastwest.results.dataset import AnyColumn, Dataset

LEAST_SHARED = 24
"""Length from which an array is stored apart."""
ESCAPED = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


def as_json(content: Any) -> str:
    """JSON that may stand in a script element whatever it holds; what is not a finite number is null."""
    return json.dumps(_finite(content), ensure_ascii=False, separators=(",", ":"), allow_nan=False).translate(ESCAPED)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {str(key): _finite(part) for key, part in value.items()}
    return [_finite(part) for part in value] if isinstance(value, list | tuple) else value


def page_data(subject: Subject, sections: Sequence[Section]) -> dict[str, Any]:
    """What tables and downloads are made of, and what a test reads back."""
    datasets = {data.name: data for section in sections for data in section.tables}
    datasets |= {chart.dataset.name: chart.dataset for section in sections for chart in section.charts}
    sheets = {sheet.name: _sheet(sheet) for section in sections for sheet in section.sheets}
    return {
        "language": subject.say.code,
        "years": subject.years,
        "year": subject.year(None),
        "texts": _texts(subject),
        "names": _names(subject, datasets.values()),
        "datasets": {name: _dataset(subject, data) for name, data in datasets.items()},
        "sheets": sheets,
    }


def figure_data(sections: Sequence[Section]) -> dict[str, Any]:
    """What charts are drawn from."""
    shared = Shared()
    figures = {chart.name: _chart(chart, shared) for section in sections for chart in section.charts}
    return {"figures": figures, "arrays": shared.arrays}


class Shared:
    """Arrays by their content, each stored once."""

    def __init__(self) -> None:
        self.arrays: list[Any] = []
        self.places: dict[str, int] = {}

    def put(self, value: Any) -> Any:
        """The value with every long array in it replaced by where it is stored."""
        if isinstance(value, dict):
            if len(str(value.get("bdata", ""))) > LEAST_SHARED * 8:
                return self._stored(value)
            return {key: self.put(part) for key, part in value.items()}
        if isinstance(value, list):
            return self._stored(value) if len(value) >= LEAST_SHARED else [self.put(part) for part in value]
        return value

    def _stored(self, value: Any) -> dict[str, int]:
        text = json.dumps(value, sort_keys=True)
        if text not in self.places:
            self.places[text] = len(self.arrays)
            self.arrays.append(value)
        return {"$": self.places[text]}


def _chart(chart: Chart, shared: Shared) -> dict[str, Any]:
    figures = {}
    for year, found in chart.figures.items():
        figure = json.loads(found.to_json())
        figure.get("layout", {}).pop("template", None)
        figures[year] = {"data": shared.put(figure["data"]), "layout": shared.put(figure["layout"])}
    return {"title": clip(chart.title, 200), "dataset": chart.dataset.name, "height": chart.height, "years": figures}


def _dataset(subject: Subject, data: Dataset) -> dict[str, Any]:
    columns = [
        {"key": key, "title": subject.say(column.title), "unit": column.unit, "source": source(column)}
        for key, column in data.columns.items()
    ]
    frame = data.frame[[*data.labels, *data.columns]]
    rows = [list(row) for row in zip(*(frame[name].tolist() for name in frame), strict=True)]
    return {"title": subject.say(data.title), "labels": list(data.labels), "columns": columns, "rows": rows}


def source(column: AnyColumn) -> dict[str, Any]:
    """Which rows of the results table a column is made of, and how."""
    told = asdict(column)
    del told["title"]
    return {"from": type(column).__name__.lower(), **told}


def _sheet(sheet: BackgroundTable) -> dict[str, Any]:
    columns = [{"key": key, "title": title, "unit": sheet.units.get(key, "")} for key, title in sheet.columns.items()]
    return {"title": sheet.title, "columns": columns, "rows": [list(row) for row in sheet.rows]}


def _names(subject: Subject, datasets: Iterable[Dataset]) -> dict[str, dict[str, str]]:
    """Names of identifiers, by label; those that read as they are stay out."""
    keys: dict[str, set[str]] = {}
    for data in datasets:
        for label in data.labels:
            if label != "year":
                keys.setdefault(label, set()).update(str(key) for key in data.frame[label])
    found = {label: {key: named(subject, label, key) for key in sorted(known)} for label, known in sorted(keys.items())}
    return {label: {key: name for key, name in known.items() if name != key} for label, known in found.items()}


def _texts(subject: Subject) -> dict[str, str]:
    """Words that the script puts on the page, titles of label columns of any page among them."""
    say = subject.say
    labels = {
        "year": say("Year"), "region": say("Region"), "task": say("Task"), "site": say("Site"), "item": say("What"),
        "device": say("Device"), "corridor": say("Corridor"), "kind": say("Kind"), "slice": say("Part of the year"),
        "quantity": say("Quantity"), "unit": say("Unit"), "from": say("From"), "to": say("To"), "sort": say("Sort"),
        "state": say("State"), "run": say("Run"), "table": say("Table"),
    }  # fmt: skip
    return {
        **{f"label:{label}": title for label, title in labels.items()},
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
