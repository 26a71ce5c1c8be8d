"""The command line: parse, call one public function, print.

Exit codes: 0 done, 1 solved but no acceptable plan, 2 bad input, 130 interrupted.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from eastwest.cli.parser import make_parser
from eastwest.cli.streams import Streams
from eastwest.errors import ChangedModule, EastwestError, RenamedKey

DONE, NOT_ACCEPTABLE, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
MEANT = (RenamedKey, ChangedModule)
"""Warnings that are meant for the user."""
PLACE_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO}

__all__ = ["main"]

logger = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every error becomes a line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    streams = Streams()
    try:
        arguments = make_parser().parse_args(argv)
        streams.configure(quiet=arguments.quiet, debug=arguments.debug)
        if arguments.verb is None:
            make_parser().print_help(sys.stderr)
            return BAD_INPUT
        with warnings.catch_warnings():
            _show_warnings(streams)
            code: int = arguments.act(arguments, streams)
        sys.stdout.flush()
    except SystemExit as stop:  # argparse: --help ends with 0, a wrong option with 2
        return stop.code if isinstance(stop.code, int) else BAD_INPUT
    except BaseException as error:
        return _explain(error, streams)
    return code


def _show_warnings(streams: Streams) -> None:
    """Every warning that is meant for the user as a line on stderr; other ones as Python shows them."""
    show = warnings.showwarning

    def say(message: Warning | str, category: type[Warning], *where: Any, **how: Any) -> None:
        if issubclass(category, MEANT):
            streams.say(f"warning: {message}")
        else:
            show(message, category, *where, **how)

    for category in MEANT:
        warnings.simplefilter("always", category)
    warnings.showwarning = say


def _explain(error: BaseException, streams: Streams) -> int:
    """What went wrong, in the words that fit; the exit code."""
    if isinstance(error, BrokenPipeError):
        return _reader_left()
    if streams.debug:
        logger.debug("where it happened", exc_info=error)
    if isinstance(error, KeyboardInterrupt):
        streams.say(f"interrupted; {f'{streams.written} is' if streams.written else 'nothing was'} written")
        return INTERRUPTED
    not_optimal = getattr(sys.modules.get("eastwest.solving.solve"), "NotOptimal", None)
    if not_optimal is not None and isinstance(error, not_optimal):
        streams.say("\n".join([f"no plan: {_status(error)}; nothing was written", *getattr(error, "lines", [])]))
        return NOT_ACCEPTABLE
    if isinstance(error, EastwestError):
        streams.say(str(error))
        return BAD_INPUT
    if isinstance(error, MemoryError):
        streams.say("ran out of memory; fewer --blocks of the day need less")
        return BAD_INPUT
    if isinstance(error, OSError) and error.errno in PLACE_ERRORS:
        streams.say(f"{error.filename or 'a file'}: {error.strerror}")
        return BAD_INPUT
    if isinstance(error, Exception):
        first = (str(error).strip().splitlines() or ["no message"])[0]
        hint = "" if streams.debug else "; --debug shows where"
        hint += f"; {streams.written} is written" if streams.written else ""
        streams.say(f"a fault in eastwest itself ({type(error).__name__}: {first[:300]}){hint}")
        return BAD_INPUT
    raise error


def _status(error: BaseException) -> str:
    words = {
        "infeasible": "the limits of this scenario cannot all be met at once (infeasible)",
        "unbounded": "cost can fall without end, so some cost or limit is missing (unbounded)",
        "time limit": "the time limit was reached before an optimum was proven (--time-limit allows more)",
        "interrupted": "the solver was interrupted",
    }
    status = str(getattr(error, "status", "")).replace("_", " ").lower()
    return words.get(status, f"the solver ended with '{status}', which is no proven optimum" if status else str(error))


def _reader_left() -> int:
    """The other end of the pipe was closed (`| head`): no message, and none from Python at exit either."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        logger.debug("standard output has no file descriptor")
    return DONE
