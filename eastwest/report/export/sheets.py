"""What an export holds: every view with names beside identifiers, each column with its unit, and sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from eastwest.formatting.words import Names, plain
from eastwest.report.export import meanings
from eastwest.report.export.meanings import Meaning, meaning
from eastwest.report.sections.modules import dataset
from eastwest.results.result import CERTIFICATE_FIGURES, CERTIFICATE_LIMIT
from eastwest.scenario.catalogue import QUALITIES

if TYPE_CHECKING:
    from eastwest.results.result import Result

SIGN = (
    "Sign of shadow prices: the change of yearly cost per unit more of the limit, so negative means that more of it "
    "saves money. Reliefs are solves of their own with so much more: where several limits bind at once, one of them "
    "alone may save less than its shadow price says."
)
KINDS = (
    "Kinds of compute (intelligent, general, super) are measured in units of their own and are never added together: "
    "PFLOP/s of one kind are not PFLOP/s of another."
)
EMPTY = (
    "An empty cell means that there is no figure; 0 is a figure. Excel shows shares in %. In CSV files text that a "
    "spreadsheet would run as a formula has ' before it."
)
NAMES = "English, with the Chinese name beside it where the scenario has one."


RESULTS = "results_table_of"
"""The sheet of every figure."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """A frame with a title and what it holds; every column has a meaning, `own` those of no other sheet."""

    name: str
    title: str
    words: str
    frame: pd.DataFrame
    own: Mapping[str, Meaning] = field(default_factory=dict)

    @cached_property
    def meanings(self) -> dict[str, Meaning]:
        """Unit and words of each column; KeyError where nobody wrote them down."""
        names = map(str, self.frame.columns)
        return {column: self.own.get(column) or meaning(self.name, column) for column in names}


def described(written: Mapping[str, Sheet], first: str, words: str) -> pd.DataFrame:
    """Unit and words of every column of sheets under the names that they are written by: first, column, unit, words."""
    rows = [(name, column, *found) for name, sheet in written.items() for column, found in sheet.meanings.items()]
    return pd.DataFrame(rows, columns=[first, "column", "unit", words])


def sheets(result: Result) -> Iterator[Sheet]:
    """Every view of a result in its order, without geometry, then the sources of its inputs and the results table."""
    names = Names(result.scenario)
    for name, frame in result.views().items():
        flat = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
        yield Sheet(name, name.replace("_", " ").capitalize(), meanings.VIEWS[name], named(flat, names))
    yield from _of_modules(result, names)
    yield Sheet("sources", "Sources", "Where the rows of each input table come from", sources(result))
    words = "Every figure of the run, one a row, with its unit and what it belongs to"
    yield Sheet(RESULTS, "Results table", words, named(result.table, names))


def _of_modules(result: Result, names: Names) -> Iterator[Sheet]:
    """Tables of the sections that model modules declare."""
    for section in result.sections:
        for table in section.tables:
            data = dataset(result.table, section, table)
            own = {key: Meaning(column.unit, column.title) for key, column in data.columns.items()}
            if len(data.frame):
                yield Sheet(data.name, table.title, f"{section.title}: {table.title}", named(data.frame, names), own)


def named(frame: pd.DataFrame, names: Names) -> pd.DataFrame:
    """`frame` with a column of names (English, with the Chinese one beside it) behind each identifier.

    A frame of sites has its own names of the sites.
    """
    out = frame.copy()
    for column in meanings.NAMED:
        if column not in frame or (column == "site" and "name_en" in frame):
            continue
        known = {key: names.full(column, key) if isinstance(key, str) and key else "" for key in frame[column].unique()}
        out.insert(out.columns.get_loc(column) + 1, f"{column}_name", frame[column].map(known).astype(object))
    return out


def sources(result: Result) -> pd.DataFrame:
    """Sources of the input tables with the number of rows from each: table, source, quality, rows."""
    parts = []
    for table, frame in sorted(result.scenario.tables.items()):
        if len(frame):
            counts = frame.groupby(["source", "quality"], sort=True).size().rename("rows").reset_index()
            parts.append(counts.assign(table=table))
    empty = pd.DataFrame({"table": [], "source": [], "quality": [], "rows": []})
    return pd.concat(parts, ignore_index=True)[list(empty.columns)] if parts else empty


def about(result: Result) -> list[tuple[str, str]]:
    """What the run is and how its figures are read, in lines of a name and a text."""
    scenario, settings = result.scenario, result.scenario.settings
    certificate = "; ".join(
        f"{name.replace('_', ' ')} {result.certificate[name]:.1e}"
        for name in CERTIFICATE_FIGURES
        if isinstance(result.certificate.get(name), int | float)
    )
    verdict = "holds" if result.certified else "DOES NOT HOLD"
    what = "penalties included" if len(scenario.years) == 1 else "present value of all years, penalties included"
    shares = result.data_quality.iloc[-1]
    firm = (f"{100 * shares[name]:.0f} % {name.replace('_', ' ')}" for name in QUALITIES)
    lines = [
        ("Run", scenario.name),
        *((name, getattr(settings, name.lower(), "")) for name in ("Title", "Question", "Notes")),
        ("Planning years", ", ".join(map(str, scenario.years))),
        ("Status", result.status),
        ("Objective", f"{result.objective:,.9g} million CNY ({what})"),
        ("Certificate", f"{verdict}, each at most {CERTIFICATE_LIMIT:.0e}: {certificate or 'none computed'}"),
        ("Solver", ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in result.solver.items())),
        ("Boundaries", boundaries(result)),
        *(("Message", message) for message in result.messages),
        ("Kinds", KINDS),
        ("Shadow prices", SIGN),
        ("Cells", EMPTY),
        ("Names", NAMES),
        ("Data", f"{shares['rows']:,} rows of input: {', '.join(firm)}"),
    ]
    return [(name, plain(text)) for name, text in lines if text]


def boundaries(result: Result) -> str:
    """The layer that regions are drawn from, and where it was read."""
    if result.scenario.polygons is None:
        return "none: the scenario has no polygons, regions are points"
    said = getattr(result.scenario.settings, "geography", None)
    layer = (said and said.layer) or result.scenario.origins.get("tables/polygons", "polygons of the scenario")
    source = (said and said.source) or "source not stated"
    return f"{layer} ({source}); for planning, not for borders"
