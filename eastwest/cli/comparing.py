"""`eastwest compare`."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from eastwest.cli.session import Session
from eastwest.errors import InputError


def compare_runs(arguments: argparse.Namespace, session: Session) -> int:
    """Load two or more runs and show what differs."""
    if len(arguments.runs) < 2:
        raise InputError(f"received one run ({arguments.runs[0]}); a comparison needs at least two")
    from eastwest.run_folder import read_summary

    for folder in arguments.runs:
        read_summary(folder)
    from eastwest.compare import compare
    from eastwest.report.comparison import print_comparison
    from eastwest.result import Result

    results = []
    for folder in arguments.runs:
        session.progress(f"reading {folder}")
        results.append(Result.load(folder))
    comparison = compare(*results, names=_names(arguments.runs))
    print_comparison(session.console(), comparison)
    if arguments.markdown is not None:
        write_text(arguments.markdown, comparison.to_markdown())
        session.progress(f"written: {arguments.markdown}")
    if arguments.csv is not None:
        comparison.to_csv(arguments.csv)
        session.progress(f"written: {arguments.csv}")
    return 0


def _names(folders: list[Path]) -> list[str]:
    """The last part of each path, or the whole path where that is not enough to tell them apart."""
    short = [folder.resolve().name for folder in folders]
    return short if len(set(short)) == len(short) else [str(folder) for folder in folders]


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
