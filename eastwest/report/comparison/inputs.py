"""What differs in the inputs: settings and tables, where each value stands, long lists closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from eastwest.analysis.input_changes import factor_in
from eastwest.report.cells import clip
from eastwest.report.comparison.datasets import SETTINGS, Datasets
from eastwest.report.comparison.runs import WHOLE, Runs
from eastwest.report.section import BackgroundTable, Open, Section, heads

MOST = 12
"""Lines of a table that stand open; the closed sheet has all."""
MOST_CELLS = 3000
"""Cells that the sheet holds; `eastwest compare --csv` writes more."""


def section(found: Datasets) -> Section:
    """The runs themselves, then differing inputs by table, with the origin of each value."""
    runs, say, comparison = found.runs, found.runs.say, found.runs.comparison
    groups = comparison.lines["table"].replace("", SETTINGS)
    opens = [_runs(runs)]
    names = [runs.name(number) for number in (1, *runs.others)]
    headings = heads([say("Input"), *names, say("File and line")])
    for what in sorted(groups.unique(), key=lambda what: what != SETTINGS):
        lines = comparison.lines[groups == what]
        title = say("Settings that differ") if what == SETTINGS else say("Table {table}", table=clip(what))
        if len(lines) > MOST:
            title = say(
                "{what}: {shown} of {total} lines; the list below has all.", what=title, shown=MOST, total=len(lines)
            )
        rows = [[*_cells(runs, line), _origin(runs, line)] for line in lines.head(MOST).to_dict("records")]
        opens.append(Open(title, headings, rows))
    words = [] if len(comparison.inputs) else [say("The runs have the same settings and tables.")]
    if len(comparison.cells) > MOST_CELLS:
        words.append(
            say("{n} inputs differ; the list below has the first {most}, and eastwest compare --csv writes all.",
                n=len(comparison.cells), most=MOST_CELLS)
        )  # fmt: skip
    return Section(
        "inputs", say("What differs in the inputs"), tuple(words), tables=(found.inputs,), opens=tuple(opens),
        sheets=(_sheet(runs),) if len(comparison.cells) else (),
    )  # fmt: skip


def _cells(runs: Runs, line: Mapping[Any, Any]) -> list[str]:
    """A line as a reader understands it: `stock/*/devices, 61 cells`, as they are, all 0, times 0.6."""
    first, *others = runs.names
    if line["cells"] == 1:
        return [clip(line["key"]), *(_said(runs, str(line[name])) for name in runs.names)]
    say = runs.say
    count = say("{n} cells", n=line["cells"]) if line["column"] else say("{n} rows", n=line["cells"])
    before = _said(runs, str(line[first])) if line[first] else say("as they are")
    return [clip(f"{line['key']}, {count}"), before, *(_changed(runs, line, name) for name in others)]


def _changed(runs: Runs, line: Mapping[Any, Any], name: str) -> str:
    """What all cells of a line are in a further run."""
    factor = line[factor_in(name)]
    if factor == 1:
        return runs.say("as there")
    if factor == factor:
        return f"× {factor:.6g}"
    value = _said(runs, str(line[name]))
    return value if line[runs.names[0]] else runs.say("all {value}", value=value)


def _said(runs: Runs, cell: str) -> str:
    words = {"(none)": runs.say("not there"), "row": runs.say("there"), "": runs.say("empty")}
    return words.get(cell) or clip(cell)


def _runs(runs: Runs) -> Open:
    """Every run with its whole name, title and years."""
    say = runs.say
    headings = heads([say("Run"), say("Title"), say("Planning years")], [say("Parts of the year")])
    rows = []
    for number, (name, result) in enumerate(zip(runs.names, runs.results, strict=True), start=1):
        settings = result.scenario.settings
        time = getattr(settings, "time", None)
        years = ", ".join(map(str, runs.years_of(number)))
        title, parts = clip(getattr(settings, "title", "")), "–" if time is None else str(time.seasons * time.blocks)
        rows.append([clip(name, WHOLE), title, years, parts])
    return Open(say("Runs that are compared; the first is what others are set against."), headings, rows)


def _origin(runs: Runs, line: Mapping[Any, Any]) -> str:
    """File and line of the values behind a line, the further runs' first; at most two of them."""
    places = runs.comparison.origins
    for label in ("key",) if line["cells"] == 1 else ("table", "column"):
        places = places[places[label] == line[label]]
    first, *others = runs.names
    found = dict.fromkeys(place for name in (*others, first) for place in places[name] if place)
    return ", ".join(map(clip, [*found][:2])) + (" …" if len(found) > 2 else "")


def _sheet(runs: Runs) -> BackgroundTable:
    say = runs.say
    numbers, comparison = (1, *runs.others), runs.comparison
    columns = {"key": say("Input"), **{f"run_{number}": runs.name(number) for number in numbers}}
    columns |= {f"origin_{number}": say("Where it stands in {run}", run=runs.name(number)) for number in numbers}
    every = pd.concat([comparison.cells, comparison.origins[list(runs.names)]], axis=1).head(MOST_CELLS)
    rows = [[clip(cell) for cell in row] for row in every.to_numpy().tolist()]
    return BackgroundTable("inputs_differ", say("Every input that differs"), columns, rows)
