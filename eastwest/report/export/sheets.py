"""What an export holds: every view with names beside identifiers, each column with its unit, and sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from eastwest.formatting.words import Names, plain
from eastwest.report.export import columns
from eastwest.report.export.columns import Meaning, meaning

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
EMPTY = "An empty cell means that there is no figure; 0 is a figure."


@dataclass(frozen=True, eq=False)
class Sheet:
    """A frame with a title and what it holds; every column has a meaning."""

    name: str
    title: str
    words: str
    frame: pd.DataFrame

    def meanings(self) -> dict[str, Meaning]:
        """Unit and words of each column."""
        return {str(column): meaning(self.name, str(column)) for column in self.frame.columns}


def sheets(result: Result) -> Iterator[Sheet]:
    """Every view of a result in its order, without geometry, then the sources of its inputs and the results table."""
    names = Names(result.scenario)
    for name, frame in result.views().items():
        flat = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
        yield Sheet(name, name.replace("_", " ").capitalize(), columns.VIEWS[name], named(flat, names))
    yield Sheet("sources", "Sources", "Where the rows of each input table come from", sources(result))
    words = "Every figure of the run, one a row, with its unit and what it belongs to"
    yield Sheet("results_table_of", "Results table", words, named(result.table, names))


def named(frame: pd.DataFrame, names: Names) -> pd.DataFrame:
    """`frame` with a column of names (English, with the Chinese one beside it) behind each identifier.

    A frame of sites has its own names of the sites.
    """
    out = frame.copy()
    for column in columns.NAMED:
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
    """What the run is, in lines of a name and a text."""
    scenario, settings = result.scenario, result.scenario.settings
    certificate = "; ".join(
        f"{name.replace('_', ' ')} {result.certificate[name]:.1e}"
        for name in ("primal_violation", "dual_violation", "relative_gap")
        if isinstance(result.certificate.get(name), int | float)
    )
    verdict = "holds" if result.certified else "DOES NOT HOLD"
    years = ", ".join(str(year) for year in scenario.years)
    what = "penalties included" if len(scenario.years) == 1 else "present value of all years, penalties included"
    lines = [
        ("Run", scenario.name),
        ("Title", getattr(settings, "title", "")),
        ("Question", getattr(settings, "question", "")),
        ("Notes", getattr(settings, "notes", "")),
        ("Planning years", years),
        ("Status", result.status),
        ("Objective", f"{result.objective:,.9g} million CNY ({what})"),
        ("Certificate", f"{verdict}, each at most 1e-6: {certificate or 'none computed'}"),
        ("Solver", ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in result.solver.items())),
        ("Boundaries", boundaries(result)),
        *(("Message", message) for message in result.messages),
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


def data_quality(result: Result) -> str:
    """How firm all input rows together are, in a sentence."""
    row = result.data_quality.iloc[-1]
    shares = (f"{100 * row[name]:.0f} % {name.replace('_', ' ')}" for name in result.data_quality.columns[2:])
    return f"{row['rows']:,} rows of input: {', '.join(shares)}"
