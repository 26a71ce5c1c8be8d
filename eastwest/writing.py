"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from eastwest.errors import InputError


def write_text(path: Path, text: str, *, replace: bool = True) -> None:
    """Write a file whole or not at all."""
    write_bytes(path, text.encode("utf-8"), replace=replace)


def write_bytes(path: Path, content: bytes, *, replace: bool = True) -> None:
    """Write a file whole or not at all."""
    if path.is_dir():
        raise InputError("is a folder; expected a file to write", where=str(path))
    if not replace and path.exists():
        raise InputError("exists already; --force replaces it", where=str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror or error})", where=str(path)) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(aside, 0o666 & ~mask)
        os.replace(aside, path)
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror or error})", where=str(path)) from error
    finally:
        Path(aside).unlink(missing_ok=True)
