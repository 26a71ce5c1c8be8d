"""Where a command talks: figures to stdout, progress and errors to stderr."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from eastwest.formatting.text import plain

if TYPE_CHECKING:
    from rich.console import Console


class Streams:
    """One command's streams and what it has written so far."""

    def __init__(self) -> None:
        self.quiet, self.debug = False, False
        self.written: Path | None = None
        self._start = time.monotonic()

    def configure(self, *, quiet: bool, debug: bool) -> None:
        """Set how much is said; with `debug`, diagnostics and tracebacks go to stderr."""
        self.quiet, self.debug = quiet, debug
        root = logging.getLogger("eastwest")
        root.setLevel(logging.DEBUG if debug else logging.ERROR)
        if debug:
            handler = logging.StreamHandler(sys.stderr)
            handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
            root.handlers = [handler]
        else:
            root.handlers = [logging.NullHandler()]

    def say(self, message: str) -> None:
        """An error or a warning, always; without control characters that came in from a file."""
        lines = ["".join(c if c.isprintable() else " " for c in line) for line in message.splitlines()]
        sys.stderr.write("eastwest: " + "\n  ".join(lines or [""]) + "\n")
        sys.stderr.flush()

    def progress(self, message: str) -> None:
        """What is being done now, unless --quiet."""
        if not self.quiet:
            sys.stderr.write(f"[{time.monotonic() - self._start:6.1f} s] {plain(message)}\n")
            sys.stderr.flush()

    def modules(self, files: Iterable[Path]) -> list[ModuleType]:
        """The model modules of these files, whose code is run; it is said of each."""
        from eastwest.scenario.outside import module_from_file

        found = []
        for file in files:
            self.progress(f"running the code of {file}")
            found.append(module_from_file(file))
        return found

    def console(self) -> Console:
        """Standard output for people: styled on a terminal, plain text of 80 columns in a pipe."""
        from rich.console import Console

        class _Console(Console):
            def on_broken_pipe(self) -> None:
                raise BrokenPipeError

        terminal = sys.stdout.isatty()
        return _Console(
            file=sys.stdout, force_terminal=terminal, width=None if terminal else 80, highlight=False, emoji=False
        )
