"""The report: scarcity first, 80 columns, no control characters, and every figure a row of the long table."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import synthetic
from rich.cells import cell_len
from rich.console import Console

from eastwest.report.terminal import print_report
from eastwest.report.words import figure, limit_words, natural, percent, plain
from eastwest.result import Result


def printed(result: Result, width: int = 80, folder: Path | None = None) -> str:
    stream = io.StringIO()
    print_report(Console(file=stream, width=width, force_terminal=False), result, folder)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (3.14159, "3.14"), (31.4159, "31.4"), (314.159, "314"), (31415.9, "31,416"), (-3.14159, "-3.14"),
        (0.0123456, "0.0123"), (0.5, "0.5"), (1e-7, "1.0e-07"), (float("nan"), "-"), (None, "-"), (999.6, "1,000"),
    ],
)  # fmt: skip
def test_figure(value: float | None, text: str) -> None:
    assert figure(value) == text


def test_words() -> None:
    assert percent(0.123) == "12.3 %"
    assert plain("a\x1b[31mb\nc\u202e") == "a [31mb c "
    assert natural(["uncapped", "10 %", "0 %", "5 %"]) == ["0 %", "5 %", "10 %", "uncapped"]
    assert limit_words("hall: hall_dense") == "dense hall"
    assert limit_words("accelerator supply") == "accelerator supply"


def test_scarcity_is_the_first_line() -> None:
    assert printed(synthetic.result()).splitlines()[0] == "Scarcity: the grid connection at Gui'an binds."


@pytest.mark.parametrize("width", [80, 120])
def test_lines_fit_and_hold_no_control_characters(width: int) -> None:
    text = printed(synthetic.result(), width)
    assert all(cell_len(line) <= width and line == line.rstrip() for line in text.splitlines())
    assert all(letter.isprintable() for letter in text.replace("\n", ""))


def test_names_from_files_cannot_write_control_characters() -> None:
    base = synthetic.result()
    tables = {name: frame.copy() for name, frame in base.scenario.tables.items()}
    tables["sites"].loc[0, "name_en"] = "\x1b]0;owned\x07Gui[bold]an[/bold]"
    text = printed(replace(base, scenario=replace(base.scenario, tables=tables), messages=("\x1b[31mred",)))
    assert "\x1b" not in text and "\x07" not in text
    assert "[bold]" in text


def test_reliefs_in_words() -> None:
    text = " ".join(printed(synthetic.result()).split())
    assert "1 more MW of grid connection at Gui'an saves 3.10 million CNY a year, up to 40.0 MW" in text
    assert "1,000 more Card 9 devices delivered in the year save 50.0 million CNY a year, up to" in text
    assert "1 more MW of dense hall at Beijing metro saves nothing on its own" in text
    assert "negative means that more of it saves money" in text


def test_sections_say_what_they_must() -> None:
    text = printed(synthetic.result(), folder=Path("runs/x"))
    assert "Chat 对话" in text and "grid connection 100 %" in text
    assert "Guizhou hub 贵州枢纽" in text and "outside hubs" in text
    assert "waits for grid connection" in text
    assert text.rstrip().endswith("Written to runs/x")
    order = [line.split()[0] for line in text.splitlines() if line.startswith(("0 %", "5 %", "10 %", "uncapped"))]
    assert order == ["0", "5", "10", "uncapped"]
    assert "all together" in text
    assert "Certificate holds" in text


def test_what_is_absent_is_said_not_left_out() -> None:
    base = synthetic.result()
    table = base.table[~base.table["quantity"].isin(["unserved", "relief", "relief_range", "idle", "growth_table"])]
    text = printed(replace(base, table=table, certificate={}))
    assert "None: all demand is served." in text
    assert "no relief was asked for" in text
    assert "Nothing: all that is installed is energised." in text
    assert "Certificate DOES NOT HOLD" in text


def test_empty_table_still_prints() -> None:
    assert "Solve" in printed(replace(synthetic.result(), table=synthetic.result().table.iloc[:0], messages=()))


def test_kinds_are_side_by_side_and_never_added() -> None:
    line = next(line for line in printed(synthetic.result()).splitlines() if line.startswith("Delivered, share"))
    assert line.split()[-4:] == ["90.0", "%", "100.0", "%"]


def test_ratios_of_a_site_come_from_their_rows() -> None:
    line = next(line for line in printed(synthetic.result()).splitlines() if line.startswith("  Beijing metro"))
    assert line.split()[3:6] == ["12.0", "30.0", "40.0"]


def test_published_figures_stand_beside_modelled_ones() -> None:
    """100 + 50 MWh at the meter, 80 + 40 at the IT load: PUE 1.25; metrics that nobody models are left out."""
    rows = [
        {"quantity": q, "unit": "MWh", "year": 2027, "site": site, "value": value}
        for q, site, value in [
            ("electricity", "guian", 100.0), ("electricity", "metro_r1", 50.0),
            ("it_electricity", "guian", 80.0), ("it_electricity", "metro_r1", 40.0),
        ]
    ]  # fmt: skip
    columns = ["metric", "place", "period", "value", "unit"]
    known = pd.DataFrame(
        [
            ("electricity", "national", "2025", 0.1, "GWh"),
            ("dc_pue", "national", "2025", 1.2, "1"),
            ("pue", "national", "2024", 9.9, "1"),
            ("electricity", "national", "2030", 9.9, "GWh"),
            ("racks", "national", "2025", 5.0, "racks"),
        ],
        columns=columns,
    )
    base = synthetic.result()
    table = pd.concat([base.table, pd.DataFrame(rows)], ignore_index=True)
    tables = {**base.scenario.tables, "published": known.assign(source="a", quality="official")}
    text = printed(replace(base, table=table, scenario=replace(base.scenario, tables=tables)))
    part = text[text.index("Modelled beside published") :]
    assert [line.split()[-3:] for line in part.splitlines()[4:6]] == [["0.15", "0.1", "1.50"], ["1.25", "1.20", "1.04"]]
    assert "racks" not in part
