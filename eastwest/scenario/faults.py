"""A fault in the code of a model module from outside is bad input: told with the file and line of the module."""

from __future__ import annotations

import ast
import linecache
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from sys import modules as imported
from types import FrameType, ModuleType

from eastwest.errors import EastwestError, InputError, ModelError, nearest
from eastwest.model.modules import MODULES
from eastwest.scenario.messages import short


@contextmanager
def faults_of(modules: Iterable[ModuleType]) -> Iterator[None]:
    """Around every call into modules: what fails in the code of one from outside becomes an InputError.

    A fault that no frame of such a module has to do with goes on as it is, and so does what was raised for the user.
    """
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        if isinstance(error, EastwestError) and not isinstance(error, ModelError):
            raise
        outside = (module for module in modules if module not in MODULES)
        files = {str(Path(file).resolve()) for module in outside if (file := getattr(module, "__file__", None))}
        where = _place(error, files)
        if where is None:
            raise
        raise InputError(_words(error), where=where, key="code of the module") from error


def fault_in(module: ModuleType, function: str, message: str) -> EastwestError:
    """The error to raise on what a function of a module returned: of one from outside, with its file and line."""
    if module in MODULES:
        return ModelError(f"{module.__name__}.{function} {message}")
    code = getattr(getattr(module, function), "__code__", None)
    where = f"{code.co_filename}:{code.co_firstlineno}" if code else getattr(module, "__file__", None)
    return InputError(f"{function} {message}", where=where, key="code of the module")


def _place(error: Exception, files: set[str]) -> str | None:
    """`file:line` of the last frame in one of the files; None where there is none."""
    if isinstance(error, SyntaxError) and error.filename in files:
        return f"{error.filename}:{error.lineno}"
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    found = [(file, line) for file, line in frames if str(Path(file).resolve()) in files]
    return f"{found[-1][0]}:{found[-1][1]}" if found else None


def _words(error: Exception) -> str:
    if isinstance(error, ModelError):
        return str(error)
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    if isinstance(error, KeyError):
        said = f"there is no key or column {said}"
    return f"{type(error).__name__}: {short(said, 300) or 'no message'}{_nearest(error)}"


def _nearest(error: Exception) -> str:
    """The nearest right name for an attribute, a name of a package, or a key or column that is not there."""
    if isinstance(error, AttributeError) and error.name is not None:
        return nearest(error.name, _public(error.obj))
    if isinstance(error, ImportError) and error.name in imported:
        names, known = _asked_of(error), _public(imported[error.name])
        return next((nearest(name, known) for name in names if not hasattr(imported[error.name], name)), "")
    if isinstance(error, KeyError) and error.args:
        holders = (_holder(frame) for frame, _ in traceback.walk_tb(error.__traceback__))
        hints = (nearest(error.args[0], holder) for holder in holders)
        return next((hint for hint in hints if hint), "")
    return ""


def _asked_of(error: ImportError) -> list[str]:
    """What the source asks of the package that lacks something; Python itself says it from 3.12 on."""
    frames = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    source = "".join(linecache.getlines(frames[-1])) if frames else ""
    asking = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    return [alias.name for node in asking if node.module == error.name for alias in node.names]


def _public(holder: object) -> list[str]:
    return [name for name in dir(holder) if not name.startswith("_")]


def _holder(frame: FrameType) -> list[object]:
    """The keys or columns of what a frame is a method of, such as a frame of pandas."""
    keys = getattr(frame.f_locals.get("self"), "keys", None)
    return list(keys()) if callable(keys) else []
