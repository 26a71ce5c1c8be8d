"""Tables on a terminal: a unit stands once where all cells have it, words stay words, and what is too wide is cut."""

from __future__ import annotations

import io

from rich.cells import cell_len
from rich.console import Console

from eastwest.report.section import Heading, Open
from eastwest.report.terminal.draw import block_lines, print_parts


def shown(headings: list[Heading], rows: list[list[str]], width: int = 80) -> list[str]:
    """The lines of a table."""
    file = io.StringIO()
    block = Open("", headings, [tuple(row) for row in rows])
    print_parts(Console(file=file, width=width, force_terminal=False), block_lines(block))
    return file.getvalue().splitlines()


def test_a_unit_of_all_cells_stands_in_the_head() -> None:
    lines = shown([Heading("Site", number=False), Heading("Taken")], [["a", "1,200 MW"], ["b", "−3.5 MW"], ["c", "-"]])
    assert "[MW]" in "".join(lines[:3])
    assert [line.split() for line in lines[-3:]] == [["a", "1,200"], ["b", "−3.5"], ["c", "-"]]


def test_units_that_differ_and_words_stay_in_the_cells() -> None:
    lines = shown(
        [Heading("Site", number=False), Heading("Taken"), Heading("Change"), Heading("Cost")],
        [["a", "1 MW", "▲ more +6.3 %, worse", "not asked"], ["b", "2 GW", "▲ more +6.3 %, worse", "not asked"]],
    )
    assert "[" not in lines[0]
    assert [" ".join(line.split()) for line in lines[-2:]] == [
        "a 1 MW ▲ more +6.3 %, worse not asked",
        "b 2 GW ▲ more +6.3 %, worse not asked",
    ]


def test_a_table_that_is_too_wide_is_cut_and_loses_nothing() -> None:
    names = [f"figure{number:02}" for number in range(14)]
    rows = [["Gui'an 贵安", *(f"{1000 * number:,}" for number in range(14))]]
    lines = shown([Heading("Site", number=False), *(Heading(name) for name in names)], rows)
    assert max(map(cell_len, lines)) <= 80
    text = " ".join(" ".join(lines).split())
    assert all(text.count(name) == 1 for name in names)
    assert all(f" {cell}" in text for cell in rows[0][1:])
    assert text.count("Gui'an") > 1, "the place stands in every part"
