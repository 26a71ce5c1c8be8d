"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eastwest.errors import InputError

FILES_OF_A_RUN = ("summary.json", "scenario.yaml", "results.parquet", "sites.geojson", "flows.geojson")
"""What a run is read from: nothing else is written over them."""


def _checked(path: Path) -> Path:
    """The file to write, behind links; InputError where something stands there that must not be replaced."""
    if path.is_dir():
        raise InputError("is a folder; expected a file to write", where=str(path))
    if path.exists() and not path.is_file():
        raise InputError("is a device or a pipe; expected a file to write", where=str(path))
    path = path.resolve()
    if path.name in FILES_OF_A_RUN and (path.parent / "summary.json").is_file():
        raise InputError("is a file of a run; choose another name", where=str(path))
    return path


@contextmanager
def replaced_file(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; at the end it takes its place, on any error it vanishes."""
    path = _checked(path)
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


def write_text(path: Path, text: str, *, replace: bool = True) -> None:
    """Write a file whole or not at all."""
    write_bytes(path, text.encode("utf-8"), replace=replace)


def write_bytes(path: Path, content: bytes, *, replace: bool = True) -> None:
    """Write a file whole or not at all."""
    if not replace and path.exists() and not path.is_dir():
        raise InputError("exists already; --force replaces it", where=str(path))
    with replaced_file(path) as aside:
        aside.write_bytes(content)
