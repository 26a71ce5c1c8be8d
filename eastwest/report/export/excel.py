"""An Excel workbook of a run: a page to read first, one sheet for each view, the sources, and the results table.

The same run gives the same bytes. Text stays text: nothing becomes a formula, a link or a number.
"""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from eastwest.formatting.text import is_formula, plain
from eastwest.report.export import sheets
from eastwest.report.export.meanings import SHARE, Meaning
from eastwest.report.export.sheets import Sheet

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from eastwest.results.result import Result

MOST_ROWS = 1_048_576
"""Rows that a sheet of Excel can have."""

MOST_LETTERS = 32_767
"""Letters that a cell of Excel can hold."""

HEADERS = 2
NUMBER = 12
"""Letters that a figure is as wide as."""
CREATED = datetime.datetime(2000, 1, 1)
"""A date that does not move, so that the same run gives the same bytes."""

OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
CUT = " [cut: {letters:,} letters]"
FIRST = "Read me"


def write_excel(result: Result, path: Path, progress: Callable[[str], None]) -> None:
    """The whole workbook of `result` to the file `path`."""
    from xlsxwriter import Workbook

    book = Workbook(str(path), OPTIONS)
    book.set_properties({"title": _cell(result.scenario.name), "author": "eastwest", "created": CREATED})
    first, writer, written = book.add_worksheet(FIRST), _Writer(book), dict[str, Sheet]()
    for sheet in sheets.sheets(result):
        for part in _parts(sheet):
            progress(f"sheet {part.title}: {len(part.frame):,} rows")
            name = writer.name(part.title)
            writer.sheet(book.add_worksheet(name), part)
            written[name] = part
    _read_me(first, writer, sheets.about(result), written)
    progress("putting the workbook together")
    book.close()


def _parts(sheet: Sheet) -> Iterator[Sheet]:
    """The sheet, in as many parts as the rows of an Excel sheet ask for."""
    most = MOST_ROWS - HEADERS
    starts = range(0, max(len(sheet.frame), 1), most)
    for number, start in enumerate(starts, start=1):
        title = sheet.title if number == 1 else f"{sheet.title} {number}"
        words = sheet.words if len(starts) == 1 else f"{sheet.words}; part {number} of {len(starts)}"
        yield replace(sheet, title=title, words=words, frame=sheet.frame.iloc[start : start + most])


class _Writer:
    """Sheets of one workbook, with the formats that they share."""

    def __init__(self, book: Workbook) -> None:
        self.names: set[str] = {FIRST.lower()}
        self.cut: set[str] = set()
        """names of sheets with text that was cut"""
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.bold = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
        self.unit = book.add_format({"italic": True, "font_color": "#555555", "bottom": 1})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        self.text = book.add_format({"valign": "top", "quote_prefix": True})
        self.share = book.add_format({"num_format": "0.0 %"})
        self.whole = book.add_format({"num_format": "0"})
        self.degrees = book.add_format({"num_format": "0.000"})
        self.numbers = [book.add_format({"num_format": code}) for code in ("#,##0", "#,##0.00", "0.0000", "0.00E+00")]

    def name(self, title: str) -> str:
        """A sheet name that Excel takes and that no other sheet has: 31 letters, none of []:*?/\\, no ' at an end."""
        clean = re.sub(r"[\[\]:*?/\\]", " ", plain(title)).strip(" '") or "Sheet"
        name, number = clean[:31].rstrip(" '"), 2
        while name.lower() in self.names or name.lower() == "history":
            tail = f" {number}"
            name, number = clean[: 31 - len(tail)] + tail, number + 1
        self.names.add(name.lower())
        return name

    def sheet(self, page: Worksheet, sheet: Sheet) -> None:
        """Names and units above, a row of figures each; frozen, with a filter and widths."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        for position, (column, meaning) in enumerate(sheet.meanings.items()):
            unit = "share (1)" if meaning.unit == SHARE else meaning.unit
            page.write_string(0, position, column, self.bold)
            page.write_string(1, position, unit, self.unit)
            values = sheet.frame.iloc[:, position].tolist()
            self._column(page, position, values, meaning)
            page.set_column(position, position, _width(values, (column, unit)))
        page.freeze_panes(HEADERS, 0)
        if sheet.meanings:
            last = (len(sheet.frame) + 1, len(sheet.meanings) - 1)
            page.autofilter(1, 0, *last)
            page.ignore_errors({"number_stored_as_text": f"A1:{xl_rowcol_to_cell(*last)}"})

    def _column(self, page: Worksheet, position: int, values: Sequence[object], meaning: Meaning) -> None:
        for row, value in enumerate(values, start=HEADERS):
            if isinstance(value, bool):
                page.write_boolean(row, position, value)
            elif isinstance(value, int | float):
                if math.isfinite(value):
                    page.write_number(row, position, value, self._format(value, meaning))
                elif math.isinf(value):
                    page.write_string(row, position, "infinite" if value > 0 else "-infinite")
            elif isinstance(value, str) and value:
                self.write(page, row, position, value)

    def write(self, page: Worksheet, row: int, position: int, value: str, style: Format | None = None) -> None:
        """Text, cut to what a cell holds; marked as text where it looks like a formula."""
        text = _cell(value)
        if len(text) < len(value):
            self.cut.add(page.get_name())
        page.write_string(row, position, text, style or (self.text if is_formula(text) else None))

    def _format(self, value: float, meaning: Meaning) -> Format:
        """How a number looks: shares in percent, years without commas, figures with about three digits."""
        if meaning.unit == SHARE:
            return self.share
        if meaning.unit == "year":
            return self.whole
        if meaning.unit.startswith("degrees"):
            return self.degrees
        size = abs(value)
        if value == int(value) or size >= 100:
            return self.numbers[0] if size < 1e15 else self.numbers[3]
        return self.numbers[1 if size >= 1 else 2 if size >= 1e-3 else 3]


def _cell(value: str) -> str:
    """Text that a cell may hold: one line, no control characters, at most 32,767 letters with a note where cut."""
    text = plain(value)
    if len(text.encode("utf-16-le")) // 2 <= MOST_LETTERS:
        return text
    note = CUT.format(letters=len(text))
    room = text.encode("utf-16-le")[: 2 * (MOST_LETTERS - len(note))]
    return room.decode("utf-16-le", errors="ignore") + note


def _width(values: Sequence[object], headers: Sequence[str]) -> float:
    """Width of a column from its headers, which a button stands in, and its first rows."""
    seen = [_letters(value[:60]) if isinstance(value, str) else NUMBER for value in values[:300]]
    return min(max(NUMBER, *(_letters(text) + 3 for text in headers), *(size + 1 for size in seen)), 48)


def _letters(text: str) -> int:
    """Letters that a text is as wide as: Chinese ones count twice."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _read_me(page: Worksheet, writer: _Writer, about: Sequence[tuple[str, str]], written: Mapping[str, Sheet]) -> None:
    """What the workbook is, the run, how to read it, and every sheet with the unit of each column."""
    page.set_column(0, 1, 26)
    page.set_column(2, 2, 24)
    page.set_column(3, 3, 100)
    page.hide_gridlines(2)
    page.write_string(0, 0, "A run of eastwest: where a country's compute runs", writer.title)
    cut = f"text longer than {MOST_LETTERS:,} letters is cut, with a note behind it: {', '.join(sorted(writer.cut))}"
    row = 2
    for name, text in [*about, *[("Cut", cut)] * bool(writer.cut)]:
        page.write_string(row, 0, name, writer.text)
        page.merge_range(row, 1, row, 3, "", writer.wrapped)
        writer.write(page, row, 1, text, writer.wrapped)
        page.set_row(row, 15 * min(1 + _letters(_cell(text)) // 145, 20))
        row += 1
    page.write_row(row + 1, 0, ("sheet", "column", "unit", "what it holds"), writer.bold)
    columns = sheets.described(written, "sheet", "words").replace({"unit": {"": "text"}})
    for name, sheet in written.items():
        held = [(name, "", f"{len(sheet.frame):,} rows", sheet.words)]
        held += columns[columns["sheet"] == name].itertuples(index=False, name=None)
        for line in held:
            row += 1
            page.write_row(row + 1, 0, line, writer.text)
