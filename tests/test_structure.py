"""The shape of the code, read from its source: which way imports point, the three names of a model module, sizes.

An import under `if TYPE_CHECKING:` does not exist at run time: it may point anywhere, except from one model module to
another. Sizes leave out docstrings and blank lines.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "eastwest"

LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors", "text", "versions"),
    ("cards", "contract"),
    ("tables_energy",),
    ("tables",),
    ("geography", "longtable", "tiers"),
    ("expression",),
    ("program",),
    ("certificate", "highs", "pieces", "solution"),
    ("bridge", "relief"),
    ("whole",),
    ("diagnose",),
    ("clock",),
    ("plan",),
    ("adoption", "sitework"),
    ("fleet",),
    ("event_factors", "newpeak", "outages", "pooling", "service", "shedding"),
    ("figures", "headlines", "waiting"),
    ("accounts", "alternatives", "sectors"),
    ("model",),
    ("scenario",),
    ("views",),
    ("judging", "language", "words", "writing"),
    ("colours", "dataset"),
    ("plot",),
    ("report",),
    ("run_folder",),
    ("result",),
    ("export",),
    ("clustering",),
    ("building",),
    ("delays", "myopic", "sensitivity"),
    ("solve",),
    ("decided", "windows"),
    ("dispatch",),
    ("evaluate", "pricing"),
    ("targets",),
    ("changes", "compare", "explain"),
    ("cli",),
    ("__main__",),
    ("",),
)
"""Modules and sub-packages of eastwest; none imports from a later line. "" is eastwest/__init__.py."""

MODEL_NAMES = {"Data", "build", "report"}
MODULE_LINES = 350
FUNCTION_LINES = 50
MAY_PRINT = ("cli", "report")


class Import(NamedTuple):
    """One import of something in this package: the module's name below eastwest, the line, and whether it is real."""

    target: str
    line: int
    at_run_time: bool


def read(folder: Path) -> dict[str, str]:
    """Source of every module, by its name below eastwest ("model.power"); a package has the name of its folder."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        if not parts[0].startswith(("_data", "_scenarios")):
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text(encoding="utf-8")
    return found


SOURCES = read(PACKAGE)
EVERY = pytest.mark.parametrize("name", SOURCES, ids=lambda name: name or "__init__")


# Imports


def type_only_lines(tree: ast.Module) -> set[int]:
    """Lines under `if TYPE_CHECKING:`."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for child in node.body:
                lines.update(range(child.lineno, (child.end_lineno or child.lineno) + 1))
    return lines


def imports(name: str, sources: dict[str, str]) -> Iterator[Import]:
    """Every import of module `name` that stays in the package, wherever it stands in the file."""
    tree = ast.parse(sources[name])
    type_only = type_only_lines(tree)
    is_package = name == "" or any(other.startswith(f"{name}.") for other in sources)
    for node in ast.walk(tree):
        targets: list[str] = []
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = ["eastwest", *name.split(".")] if name else ["eastwest"]
                up = node.level - 1 if is_package else node.level
                base = ".".join([*here[: len(here) - up], *([node.module] if node.module else [])])
            below = base.removeprefix("eastwest").lstrip(".")
            for alias in node.names:
                inner = f"{below}.{alias.name}".lstrip(".")
                targets.append(f"{base}.{alias.name}" if inner in sources else base)
        for target in targets:
            if target == "eastwest" or target.startswith("eastwest."):
                yield Import(target.removeprefix("eastwest").lstrip("."), node.lineno, node.lineno not in type_only)


def layer(name: str) -> int:
    """Place of a module in LAYERS."""
    top = name.split(".")[0]
    for number, names in enumerate(LAYERS):
        if top in names:
            return number
    raise AssertionError(f"eastwest.{name} has no place in LAYERS of {Path(__file__).name}: give it one")


def wrong_imports(name: str, sources: dict[str, str]) -> list[str]:
    """Imports that point to the right, or from one model module to another."""
    wrong = []
    for target, line, at_run_time in imports(name, sources):
        if at_run_time and layer(target) > layer(name):
            wrong.append(f"eastwest.{name}:{line} imports eastwest.{target}, which lies after it in LAYERS")
        if name.startswith("model.") and target.split(".")[0] == "model":
            wrong.append(f"eastwest.{name}:{line} is a model module and imports eastwest.{target}")
    return wrong


def cycles(sources: dict[str, str]) -> list[str]:
    """Modules that import each other, as chains."""
    graph = {
        name: {i.target for i in imports(name, sources) if i.at_run_time and i.target in sources} for name in sources
    }
    found: list[str] = []
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> None:
        if name in path:
            found.append(" -> ".join([*path[path.index(name) :], name]))
        elif name not in done:
            for target in sorted(graph[name]):
                visit(target, [*path, name])
            done.add(name)

    for name in graph:
        visit(name, [])
    return found


# What stands in a module


def public_names(source: str) -> set[str]:
    """`__all__` if the module has one, else its top-level definitions without an underscore; imports do not count."""
    names: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for item in (item for target in targets for item in ast.walk(target)):
                if isinstance(item, ast.Name) and item.id == "__all__" and node.value is not None:
                    return set(ast.literal_eval(node.value))
                if isinstance(item, ast.Name):
                    names.add(item.id)
    return {name for name in names if not name.startswith("_")}


def docstring_lines(tree: ast.AST) -> set[int]:
    """Lines of every string that stands alone as a statement: docstrings of modules, classes, functions, attributes."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def too_long(name: str, source: str) -> list[str]:
    """A module or functions over the limit."""
    tree = ast.parse(source)
    blank = {number for number, line in enumerate(source.splitlines(), 1) if not line.strip()}
    left_out = docstring_lines(tree) | blank
    lines = len(source.splitlines()) - len(left_out)
    found = [f"eastwest.{name} has {lines} lines, at most {MODULE_LINES}"] if lines > MODULE_LINES else []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = len(set(range(node.lineno, (node.end_lineno or node.lineno) + 1)) - left_out)
            if body > FUNCTION_LINES:
                found.append(f"eastwest.{name}:{node.lineno} {node.name} has {body} lines, at most {FUNCTION_LINES}")
    return found


def careless(name: str, source: str) -> list[str]:
    """Printing in the wrong place, and errors that vanish."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            if name.split(".")[0] not in MAY_PRINT:
                found.append(f"eastwest.{name}:{node.lineno} prints")
        elif isinstance(node, ast.ExceptHandler):
            if node.type is None:
                found.append(f"eastwest.{name}:{node.lineno} catches everything (bare except)")
            if all(isinstance(item, ast.Pass) or ast.unparse(item) == "..." for item in node.body):
                found.append(f"eastwest.{name}:{node.lineno} swallows an error (except ...: pass)")
    return found


# The code as it is


@EVERY
def test_imports_point_one_way(name: str) -> None:
    layer(name)
    assert not wrong_imports(name, SOURCES)


def test_no_module_imports_itself_in_a_circle() -> None:
    assert not cycles(SOURCES)


@pytest.mark.parametrize("name", [name for name in SOURCES if name.startswith("model.")])
def test_model_module_has_three_names(name: str) -> None:
    assert public_names(SOURCES[name]) == MODEL_NAMES


@pytest.mark.parametrize("name", [name for name in SOURCES if name.startswith("model.")])
def test_model_module_says_what_it_does(name: str) -> None:
    assert ast.get_docstring(ast.parse(SOURCES[name]))


@EVERY
def test_sizes(name: str) -> None:
    assert not too_long(name, SOURCES[name])


@EVERY
def test_no_stray_print_and_no_swallowed_error(name: str) -> None:
    assert not careless(name, SOURCES[name])


# The checks themselves: each must find what it looks for

BASE = {"": "", "errors": "", "plan": "", "model": "", "model.power": "", "model.water": "", "result": "", "cli": ""}


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("errors", "import eastwest.plan"),
        ("errors", "from eastwest import plan"),
        ("errors", "from eastwest.plan import Plan"),
        ("errors", "from .plan import Plan"),
        ("errors", "from . import plan"),
        ("errors", "def later():\n    from eastwest.cli import main"),
        ("cli", "from eastwest import solve"),
        ("model.power", "from eastwest.model import water"),
        ("model.power", "from eastwest.model.water import build"),
        ("model.power", "from .water import build"),
        ("model.power", "from eastwest.model import MODULES"),
        ("model.power", "if TYPE_CHECKING:\n    from eastwest.model import water"),
        ("model.power", "from ..result import Result"),
    ],
)
def test_wrong_import_is_found(name: str, source: str) -> None:
    assert wrong_imports(name, {**BASE, name: source})


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("plan", "import pandas\nfrom eastwest.errors import InputError"),
        ("plan", "if TYPE_CHECKING:\n    from eastwest.result import Result"),
        ("model", "from eastwest.model import power, water"),
        ("model.power", "from ..plan import Plan"),
        ("", "from eastwest.cli import main\nfrom . import result"),
    ],
)
def test_right_import_is_not(name: str, source: str) -> None:
    assert not wrong_imports(name, {**BASE, name: source})


def test_cycle_is_found() -> None:
    assert cycles({"a": "import eastwest.b", "b": "from eastwest import c", "c": "from eastwest.a import x"})
    assert not cycles({"a": "import eastwest.b", "b": "", "c": "from eastwest.a import x"})


def test_module_without_a_place_is_found() -> None:
    with pytest.raises(AssertionError, match="has no place in LAYERS"):
        layer("utilities")


def test_public_names_are_found() -> None:
    three = "import os\nfrom a import B\n_x = 1\nclass Data: ...\ndef build(): ...\ndef report(): ...\n"
    assert public_names(three) == MODEL_NAMES
    assert public_names(three + "LIMIT = 1") == public_names(three + "LIMIT: int = 1") == {*MODEL_NAMES, "LIMIT"}
    assert public_names(three + "LIMIT = 1\n__all__ = ['Data', 'build', 'report']") == MODEL_NAMES


def test_size_and_carelessness_are_found() -> None:
    assert too_long("x", "a = 1\n" * 351)
    assert not too_long("x", '"""Doc."""\n\n' + "a = 1\n" * 350)
    assert too_long("x", "def f():\n" + "    a = 1\n" * 50)
    assert not too_long("x", 'def f():\n    """Doc.\n    More.\n    """\n' + "    a = 1\n" * 49)
    assert careless("plan", "print(1)")
    assert not careless("report.terminal", "print(1)")
    assert careless("plan", "try:\n    a\nexcept:\n    b")
    assert careless("plan", "try:\n    a\nexcept ValueError:\n    pass")
    assert not careless("plan", "try:\n    a\nexcept ValueError:\n    b = 1")
