"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eastwest.errors import InputError


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


def write_text(path: Path, text: str, *, replace: bool = True) -> None:
    """Write a file whole or not at all."""
    write_bytes(path, text.encode("utf-8"), replace=replace)


def write_bytes(path: Path, content: bytes, *, replace: bool = True) -> None:
    """Write a file whole or not at all."""
    if not replace and path.exists() and not path.is_dir():
        raise InputError("exists already; --force replaces it", where=str(path))
    with replaced_file(path) as aside:
        aside.write_bytes(content)
