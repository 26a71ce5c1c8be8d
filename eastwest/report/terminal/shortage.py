"""What is left unserved and which limits are to blame: by task, and by year where there are several."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import RenderableType

from eastwest.formatting.words import Names, figure, limit_words, spaced
from eastwest.report.terminal.byyear import Line, by_year, filled, over, per_year, several, years_of
from eastwest.report.terminal.layout import grid, heading, paragraph, words_column

if TYPE_CHECKING:
    from eastwest.results.result import Result


def unserved(result: Result, names: Names) -> Iterator[RenderableType]:
    """Unserved demand by task, with the limits that are to blame; of several years the worst in detail."""
    rows = result.table[(result.table["quantity"] == "unserved") & (result.table["value"] > 0)]
    yield heading("Unserved demand by task" + (", by year" if several(result) else ""))
    if rows.empty:
        yield paragraph("None: all demand is served.")
        return
    demand = result.table[result.table["quantity"] == "demand"]
    blame = result.table[result.table["quantity"] == "unserved_because"]
    if several(result):
        yield from by_year(_lines(rows, demand, years_of(result), names), years_of(result), "task, kind")
        yield from _blame_by_year(rows, blame, years_of(result))
        year = _worst_year(rows, demand)
        yield paragraph(f"\nBy task in {year}, the year in which the largest share of a kind's demand is left:")
        rows, demand, blame = (frame[frame["year"] == year] for frame in (rows, demand, blame))
    yield from _of_year(rows, demand, blame, names)


def _worst_year(rows: pd.DataFrame, demand: pd.DataFrame) -> int:
    """The year with the largest share of a kind's demand unserved: kinds are not added to find it."""
    keys = ["kind", "year"]
    share = rows.groupby(keys)["value"].sum() / demand.groupby(keys)["value"].sum()
    if share.notna().any():
        return int(share.idxmax()[1])
    return int(rows["year"].max())


def _of_year(rows: pd.DataFrame, demand: pd.DataFrame, blame: pd.DataFrame, names: Names) -> Iterator[RenderableType]:
    """The tasks of one year, the largest first."""
    titles = ["task", "kind", "PFLOP/s", "% of its\ndemand"] + (["limits to blame"] if len(blame) else [])
    table = grid(titles, left=2)
    if len(blame):
        words_column(table, -1)
    asked = demand.groupby(["task", "kind"])["value"].sum()
    for (task, kind), value in rows.groupby(["task", "kind"])["value"].sum().sort_values(ascending=False).items():
        share = figure(100 * value / asked[task, kind]) if (task, kind) in asked else ""
        cells = [names.full("task", str(task)), spaced(str(kind)), figure(float(value)), share]
        table.add_row(*cells, *([_blamed(blame[blame["task"] == task])] if len(blame) else []))
    yield table
    if blame.empty:
        yield paragraph("The limits whose relief would save most are listed below, by serving this or otherwise.")


def _blamed(rows: pd.DataFrame) -> str:
    """The three limits that carry most of it, with their shares."""
    most = rows.sort_values("value", ascending=False, kind="stable").head(3).to_dict(orient="records")
    return ", ".join(f"{limit_words(row['item'])} {figure(100 * row['value'])} %" for row in most) or "not traced"


def _lines(rows: pd.DataFrame, demand: pd.DataFrame, years: list[int], names: Names) -> list[Line]:
    """Two lines a task: what is unserved, and its share of the task's demand."""
    lines = []
    largest = rows.groupby(["task", "kind", "year"])["value"].sum().groupby(level=["task", "kind"]).max()
    for task, kind in largest.sort_values(ascending=False, kind="stable").index:
        lost, asked = (per_year(frame[(frame["task"] == task) & (frame["kind"] == kind)]) for frame in (rows, demand))
        lost = filled(lost, years)
        title = f"{names.full('task', task)}, {spaced(kind)}"
        lines += [Line(title, "PFLOP/s", lost), Line("  share of its demand", "1", over(lost, asked))]
    return lines


def _blame_by_year(rows: pd.DataFrame, blame: pd.DataFrame, years: list[int]) -> Iterator[RenderableType]:
    """Share of each limit in what a kind leaves unserved in a year: shares of tasks, weighted by what they lack."""
    if blame.empty:
        return
    lacking = rows.groupby(["year", "task", "kind"], as_index=False)["value"].sum()
    each = lacking.merge(
        blame[["year", "task", "item", "value"]], on=["year", "task"], how="left", suffixes=("", "_of")
    )
    each["item"], each["value_of"] = each["item"].fillna("not traced"), each["value_of"].fillna(1.0)
    part = each.assign(value=each["value"] * each["value_of"])
    whole = lacking.groupby(["kind", "year"])["value"].sum()
    lines = []
    found = [(kind, item, per_year(group)) for (kind, item), group in part.groupby(["kind", "item"])]
    for kind, item, values in sorted(
        found, key=lambda entry: (entry[0] != "intelligent", entry[0], -max(entry[2].values()))
    ):
        shares = over(values, {year: whole.get((kind, year), 0.0) for year in years})
        lines.append(Line(f"{limit_words(item)}, {spaced(kind)}", "1", shares))
    yield paragraph("\nLimits to blame, share of what the kind leaves unserved in the year:")
    yield from by_year(lines, years, "limit, kind")
