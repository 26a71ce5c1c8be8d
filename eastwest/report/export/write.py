"""`export`: which format a path asks for, and writing it whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from eastwest.errors import InputError, SolveError, nearest
from eastwest.formatting.atomic_write import replaced_file

if TYPE_CHECKING:
    from eastwest.results.result import Result

ENDINGS = {".xlsx": "an Excel workbook", ".gpkg": "a GeoPackage", "": "a folder of CSV, Parquet and GeoJSON"}
"""What is written, by the ending of the path."""


def export(result: Result, path: str | Path, progress: Callable[[str], None] | None = None) -> Path:
    """Write a run for other programs; return the path.

    `out.xlsx` is an Excel workbook, `out.gpkg` a GeoPackage, and a path without an ending, or with / behind it, a
    folder of CSV, Parquet and GeoJSON. What stood there before stays if anything fails. `progress` is told each step.
    Raises SolveError unless the result is optimal with a certificate that holds, InputError for a path that cannot be.
    """
    if result.status != "optimal" or not result.certified:
        why = "its certificate does not hold" if result.status == "optimal" else f"it is '{result.status}'"
        raise SolveError(f"a result is exported only as a certified plan; {why}")
    ending, path = ending_of(path), Path(path)
    say = progress or (lambda message: None)
    if ending == "":
        from eastwest.report.export.folder import write_folder

        write_folder(result, path, say)
    else:
        with replaced_file(path) as aside:
            if ending == ".xlsx":
                from eastwest.report.export.excel import write_excel

                write_excel(result, aside, say)
            else:
                from eastwest.report.export.geopackage import write_geopackage

                write_geopackage(result, aside, say)
    return path


def ending_of(path: str | Path) -> str:
    """The ending that says the format; empty for a folder. InputError for one that nothing writes."""
    text, path = str(path), Path(path)
    if text.endswith(("/", os.sep)) or (path.is_dir() and path.suffix.lower() not in ENDINGS):
        return ""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        listed = ", ".join(f"{known or 'no ending'} ({words})" for known, words in ENDINGS.items())
        raise InputError(
            f"received the ending '{path.suffix}', expected {listed}{nearest(ending, ENDINGS)}", where=text
        )
    return ending
