"""What differs in the inputs: settings and tables, where each value stands, long lists closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from eastwest.analysis.input_changes import factor_in
from eastwest.report.cells import clip
from eastwest.report.comparison.runs import WHOLE, Runs, short
from eastwest.report.section import Cell, Heading, Open, Section, Sheet
from eastwest.results.dataset import Computed, Dataset

if TYPE_CHECKING:
    from eastwest.analysis.compare import Comparison

MOST = 12
"""Lines of a table that stand open; the closed sheet has all."""
MOST_CELLS = 3000
"""Cells that the sheet holds; `eastwest compare --csv` writes more."""
SETTINGS = "settings"
RULE = "settings or cells of the table whose text differs from that in the first run; a missing row is one cell"


def counted(runs: Runs, comparison: Comparison) -> Dataset:
    """How many settings, and cells of each table, differ from the first run."""
    names = list(comparison.names)
    cells, table = comparison.cells, _tables(comparison)
    rows = [
        {"run": runs.name(number), "table": what, "count": float(count)}
        for number in runs.others
        for what, count in _counts(table[cells[names[number - 1]] != cells[names[0]]])
    ]
    columns = {"count": Computed(runs.say("Differences"), "-", RULE)}
    frame = pd.DataFrame(rows, columns=["run", "table", "count"])
    return Dataset("inputs_counted", runs.say("How many inputs differ"), ("run", "table"), columns, frame)


def settings(runs: Runs, comparison: Comparison, number: int) -> list[str]:
    """Keys of the settings of a run that differ from the first."""
    cells, names = comparison.cells, comparison.names
    differs = cells[names[number - 1]] != cells[names[0]]
    return [clip(key) for key in cells.loc[differs & (_tables(comparison) == SETTINGS), "key"]]


def _tables(comparison: Comparison) -> pd.Series:
    """The table of each cell that differs, or that it is a setting."""
    return comparison.origins["table"].where(comparison.origins["table"] != "", SETTINGS)


def _counts(tables: pd.Series) -> list[tuple[str, int]]:
    """Settings first, then tables in their order."""
    sizes = tables.groupby(tables, sort=False).size()
    return sorted(((str(what), int(size)) for what, size in sizes.items()), key=lambda pair: pair[0] != SETTINGS)


def section(runs: Runs, comparison: Comparison, counts: Dataset) -> Section:
    """The runs themselves, then differing inputs by table, with the origin of each value."""
    say = runs.say
    groups = comparison.lines["table"].where(comparison.lines["table"] != "", SETTINGS)
    opens = [_runs(runs)]
    headings = (
        Heading(say("Input"), number=False),
        *(Heading(runs.name(number), number=False) for number in (1, *runs.others)),
        Heading(say("File and line"), number=False),
    )
    for what in sorted(set(groups), key=lambda what: (what != SETTINGS, list(groups).index(what))):
        lines = comparison.lines[groups == what]
        title = say("Settings that differ") if what == SETTINGS else say("Table {table}", table=clip(what))
        if len(lines) > MOST:
            title = say(
                "{what}: {shown} of {total} lines; the list below has all.", what=title, shown=MOST, total=len(lines)
            )
        rows = [
            (*_cells(runs, row), _origin(comparison, row))
            for row in ({str(key): cell for key, cell in line.items()} for line in lines.head(MOST).to_dict("records"))
        ]
        opens.append(Open(title, headings, tuple(rows)))
    words = [] if len(comparison.inputs) else [say("The runs have the same settings and tables.")]
    if len(comparison.cells) > MOST_CELLS:
        words.append(
            say("{n} inputs differ; the list below has the first {most}, and eastwest compare --csv writes all.",
                n=len(comparison.cells), most=MOST_CELLS)
        )  # fmt: skip
    return Section(
        "inputs", say("What differs in the inputs"), tuple(words), (), (counts,), tuple(opens),
        sheets=(_sheet(runs, comparison),) if len(comparison.cells) else (),
    )  # fmt: skip


def _cells(runs: Runs, line: Mapping[str, Any]) -> list[str]:
    """A line as a reader understands it: `stock/*/devices, 61 cells`, as they are, all 0, times 0.6."""
    first, *others = runs.names
    if line["cells"] == 1:
        return [clip(line["key"]), *(_said(runs, str(line[name])) for name in runs.names)]
    say = runs.say
    count = say("{n} cells", n=line["cells"]) if line["column"] else say("{n} rows", n=line["cells"])
    before = _said(runs, str(line[first])) if line[first] else say("as they are")
    return [clip(f"{line['key']}, {count}"), before, *(_changed(runs, line, name) for name in others)]


def _changed(runs: Runs, line: Mapping[str, Any], name: str) -> str:
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
    headings = (
        Heading(say("Run"), number=False),
        Heading(say("Title"), number=False),
        Heading(say("Planning years"), number=False),
        Heading(say("Parts of the year")),
    )
    rows: list[tuple[Cell, ...]] = []
    for number in (1, *runs.others):
        settings = runs.result(number).scenario.settings
        slices = getattr(getattr(settings, "time", None), "slices", None)
        years = ", ".join(map(str, runs.years_of(number)))
        rows.append(
            (
                short(runs.names[number - 1], WHOLE),
                clip(getattr(settings, "title", "")),
                years,
                "–" if slices is None else str(slices),
            )
        )
    return Open(say("Runs that are compared; the first is what others are set against."), headings, tuple(rows))


def _origin(comparison: Comparison, line: Mapping[str, Any]) -> str:
    """File and line of the values behind a line, the further runs' first; at most two of them."""
    places = comparison.origins
    if line["cells"] == 1:
        places = places[places["key"] == line["key"]]
    else:
        places = places[(places["table"] == line["table"]) & (places["column"] == line["column"])]
    found = [place for name in (*comparison.names[1:], comparison.names[0]) for place in places[name]]
    different = [clip(place) for place in dict.fromkeys(found) if place]
    return ", ".join(different[:2]) + (" …" if len(different) > 2 else "")


def _sheet(runs: Runs, comparison: Comparison) -> Sheet:
    say = runs.say
    keys = {f"run_{number}": runs.name(number) for number in (1, *runs.others)}
    origins = {
        f"origin_{number}": say("Where it stands in {run}", run=runs.name(number)) for number in (1, *runs.others)
    }
    cells = comparison.cells.head(MOST_CELLS).to_numpy().tolist()
    places = comparison.origins.head(MOST_CELLS)[list(comparison.names)].to_numpy().tolist()
    rows = [[clip(cell) for cell in (*row, *place)] for row, place in zip(cells, places, strict=True)]
    return Sheet("inputs_differ", say("Every input that differs"), {"key": say("Input"), **keys, **origins}, rows)
