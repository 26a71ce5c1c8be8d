"""`export`: which format a path asks for, and writing it whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from eastwest.errors import InputError, SolveError, nearest

if TYPE_CHECKING:
    from eastwest.result import Result

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
        from eastwest.export.folder import write_folder

        write_folder(result, path, say)
    else:
        with replaced_file(path) as aside:
            if ending == ".xlsx":
                from eastwest.export.excel import write_excel

                write_excel(result, aside, say)
            else:
                from eastwest.export.layers import write_geopackage

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


@contextmanager
def replaced_file(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; at the end it takes its place, on any error it vanishes."""
    if path.is_dir():
        raise InputError("is a folder; expected a file to write", where=str(path))
    folder: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent))
        aside = folder / f"out{path.suffix}"
        yield aside
        os.replace(aside, path)
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror or error})", where=str(path)) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
