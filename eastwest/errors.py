"""Errors that a user can act on. Every one of them ends a command with exit code 2, without a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class EastwestError(Exception):
    """Base of every error that this package raises on purpose."""


class InputError(EastwestError):
    """Bad input: says where it stands, what was received and what was expected.

    `where` is `file:line` or `file, row N`; `key` is the path of keys or the column.
    """

    def __init__(self, message: str, *, where: str | None = None, key: str | None = None) -> None:
        self.message, self.where, self.key = message, where, key
        place = ": ".join(part for part in (where, key) if part)
        super().__init__(f"{place}: {message}" if place else message)


class ModelError(EastwestError):
    """The program was put together wrongly: a missing label, an empty block, a quantity read before it exists."""


class SolveError(EastwestError):
    """The solver could not be run, or broke a promise that the program relies on."""


class ReportError(EastwestError):
    """A page could not be written, though the run itself stands."""


class RenamedKey(FutureWarning):
    """A scenario file uses a name of before: says where, and the name of now."""


class ChangedModule(UserWarning):
    """The code of a module from outside is not the code that a run was made with."""


def nearest(name: object, known: Iterable[object]) -> str:
    """` (did you mean 'x'?)` for the closest of `known`, or an empty string."""
    close = difflib.get_close_matches(str(name), [str(item) for item in known], n=1, cutoff=0.6)
    return f" (did you mean '{close[0]}'?)" if close else ""
