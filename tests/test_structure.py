"""The shape of the code, read from its source: which way imports point, what a model module shows, sizes.

What counts as a room, an arrow and a floor is said in docs/rooms.py. Sizes leave out docstrings and blank lines;
complexity is ruff's (C901 in pyproject.toml).
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from types import ModuleType

import pytest
from places import PACKAGE, ROOT, TESTS

MODEL_NAMES = {"Data", "build", "report"}
MODULE_LINES, FUNCTION_LINES = 350, 50
ROOMS, FLOORS, ARROWS, ACCESSORS = 12, 9, 36, 3
FLAT = {"", "__main__", "errors"}
MAY_PRINT = ("cli", "report")
CROSS_CUTTING = {
    "model/modules/test_hardware": "software ported late, work per FLOP and energy quotas: demand, devices and policy",
    "model/modules/test_unknown_idea": "an idea that the package has never heard of: scenario, plan, stored runs",
    "model/modules/test_unknown_idea_in_reports": "the same in every output",
    "model/test_against_pypsa": "one program beside PyPSA's",
    "model/test_golden": "the text of every constraint group",
    "model/test_independent": "the whole program beside a second one",
    "model/test_laws": "what holds in every solution",
    "model/test_years": "several planning years, across modules",
    "report/comparison/test_comparison_in_browser": "the page as a browser shows it",
    "report/page/test_page_in_browser": "the page as a browser shows it",
    "report/test_hostile": "texts that try to do harm, in every output",
    "solving/test_quotients": "every shadow price beside re-solves",
    "solving/test_rules": "what a whole rule costs: solving and report",
}
"""Tests of a room that are of no one module, and why."""


def _rooms() -> ModuleType:
    spec = importlib.util.spec_from_file_location("rooms", ROOT / "docs" / "rooms.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["rooms"] = module
    spec.loader.exec_module(module)
    return module


rooms = _rooms()
SOURCES: dict[str, str] = rooms.sources()


def model_modules(sources: dict[str, str]) -> list[str]:
    return [name for name in sources if name.startswith("model.modules.")]


def sideways(name: str, sources: dict[str, str]) -> list[str]:
    """Imports of one model module by another, of type hints too."""
    return [
        f"eastwest.{name}:{one.line} is a model module and imports eastwest.{one.target}"
        for one in rooms.imports(name, sources)
        if one.target.startswith("model.modules")
    ]


def cycles(sources: dict[str, str]) -> list[str]:
    """Modules that import each other at run time, as chains."""
    graph = {
        name: {one.target for one in rooms.imports(name, sources) if one.at_run_time and one.target in sources}
        - {target for source, target in rooms.ACCESSORS if source == name}
        for name in sources
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


def test_rooms_floors_and_arrows_are_few_and_none_points_up() -> None:
    arrows = rooms.arrows(SOURCES)
    names = {rooms.room(name) for name in SOURCES} - {""}
    floors = rooms.floors(set(arrows), names)
    assert len(names) <= ROOMS
    assert max(floors.values()) <= FLOORS
    assert len(arrows) <= ARROWS
    assert len(rooms.ACCESSORS) <= ACCESSORS
    assert rooms.PICTURE.read_text(encoding="utf-8") == rooms.svg(floors, arrows), "draw it: python docs/rooms.py"


def test_every_accessor_is_used_inside_a_function() -> None:
    for source, target in rooms.ACCESSORS:
        lines = [one.line for one in rooms.imports(source, SOURCES) if one.target == target and one.at_run_time]
        assert lines, f"eastwest.{source} does not import eastwest.{target}: take it off the list"
        top = {node.lineno for node in ast.parse(SOURCES[source]).body}
        assert not top & set(lines)


def test_only_three_modules_lie_flat() -> None:
    assert {name for name in SOURCES if not rooms.room(name)} == FLAT


def test_no_module_imports_itself_in_a_circle() -> None:
    assert not cycles(SOURCES)


def test_model_modules_show_three_names_say_what_they_do_and_know_no_other() -> None:
    found = model_modules(SOURCES)
    assert len(found) > 15
    for name in found:
        assert public_names(SOURCES[name]) == MODEL_NAMES, name
        assert ast.get_docstring(ast.parse(SOURCES[name])), name
        assert not sideways(name, SOURCES)


def test_sizes_printing_and_swallowed_errors() -> None:
    assert [line for name in SOURCES for line in (*too_long(name, SOURCES[name]), *careless(name, SOURCES[name]))] == []


def classes_of_one_name(sources: dict[str, str]) -> list[str]:
    """Classes that share their name with another; each model module has its `Data`."""
    found: dict[str, list[str]] = {}
    for name, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef) and node.name != "Data":
                found.setdefault(node.name, []).append(f"eastwest.{name}")
    return [f"{name}: {', '.join(where)}" for name, where in found.items() if len(where) > 1]


def test_no_two_classes_have_one_name() -> None:
    assert classes_of_one_name({"a": "class X: ...", "b": "def f():\n    class X: ..."}) == [
        "X: eastwest.a, eastwest.b"
    ]
    assert classes_of_one_name(SOURCES) == []


def test_tests_stand_where_the_code_stands() -> None:
    """A folder of tests is a package of eastwest, or a folder of the repository whose files it tests."""
    packages = {path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("__init__.py")}
    folders = {path.parent.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py")}
    assert folders <= packages | {"data", "documents", "scenarios"}
    of_no_module = set(nameless(packages))
    assert of_no_module - set(CROSS_CUTTING) == set(), "name the test after its module, or say why in CROSS_CUTTING"
    assert set(CROSS_CUTTING) - of_no_module == set(), "take it off the list"


def nameless(packages: set[str]) -> list[str]:
    """Test files in a folder of a package that bear neither the name of a module there nor that of the package."""
    found = []
    for path in sorted(TESTS.rglob("test_*.py")):
        folder = path.parent.relative_to(TESTS).as_posix()
        name = path.stem.removeprefix("test_")
        if folder in packages - {"."} and name != path.parent.name:
            beside = PACKAGE / folder / name
            if not (beside.with_suffix(".py").exists() or beside.is_dir()):
                found.append(f"{folder}/{path.stem}")
    return found


# The checks themselves: each must find what it looks for


@pytest.mark.parametrize(
    "source",
    [
        "from eastwest.model.modules import water",
        "from eastwest.model.modules.water import build",
        "from .water import build",
        "if TYPE_CHECKING:\n    from eastwest.model.modules import water",
    ],
)
def test_an_import_of_another_model_module_is_found(source: str) -> None:
    base = {"": "", "model": "", "model.modules": "", "model.modules.water": ""}
    assert sideways("model.modules.power", {**base, "model.modules.power": source})
    assert not sideways("model.modules.power", {**base, "model.modules.power": "from eastwest.model import plan"})


@pytest.mark.parametrize(
    "source",
    [
        "import eastwest.cli",
        "from eastwest import cli",
        "from eastwest.cli import main",
        "from .. import cli",
        "def later():\n    from eastwest.cli import main",
    ],
)
def test_an_arrow_is_found_wherever_it_stands(source: str) -> None:
    every = {"": "", "lp": "", "lp.highs": source, "cli": "from eastwest.lp import highs", "cli.parser": ""}
    assert set(rooms.arrows(every)) == {("lp", "cli"), ("cli", "lp")}
    with pytest.raises(ValueError, match="cli -> lp -> cli"):
        rooms.floors(set(rooms.arrows(every)), {"lp", "cli"})
    hidden = {**every, "lp.highs": "if TYPE_CHECKING:\n    from eastwest.cli import main"}
    assert set(rooms.arrows(hidden)) == {("cli", "lp")}


def test_cycle_is_found() -> None:
    assert cycles({"a": "import eastwest.b", "b": "from eastwest import c", "c": "from eastwest.a import x"})
    assert not cycles({"a": "import eastwest.b", "b": "", "c": "from eastwest.a import x"})


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
    assert careless("model.plan", "print(1)")
    assert not careless("report.terminal", "print(1)")
    assert careless("model.plan", "try:\n    a\nexcept:\n    b")
    assert careless("model.plan", "try:\n    a\nexcept ValueError:\n    pass")
    assert not careless("model.plan", "try:\n    a\nexcept ValueError:\n    b = 1")


# What a limit is stands where it is built

GROUPS = {"variables", "constraints", "entered", "reduced_costs"}


def look_ups(source: str) -> list[tuple[int, str]]:
    """Line and name of every group of variables or constraints that is looked up by its name."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            of, name = node.func, node.args[0]
            asked = of.attr in GROUPS and ast.unparse(of.value) == "solution"
            if of.attr == "get" and isinstance(of.value, ast.Attribute):
                asked = of.value.attr in GROUPS
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute):
            asked, name = node.value.attr in GROUPS and ast.unparse(node.value).count(".") > 1, node.slice
        else:
            continue
        if asked and isinstance(name, ast.Constant) and isinstance(name.value, str):
            found.append((node.lineno, name.value))
    return found


def built_in(source: str) -> set[str]:
    """Text that stands anywhere but in a look-up of a group: names that the file gives are among it."""
    asked = look_ups(source)
    words = [(node.lineno, node.value) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    return {word for line, word in words if isinstance(word, str) and (line, word) not in asked}


def test_a_look_up_is_seen() -> None:
    source = (
        "a = plan.program.variables['serve']\nb = solution.constraints('hall')\nc = plan.program.constraints.get('x')"
    )
    assert [name for _, name in look_ups(source)] == ["serve", "hall", "x"]
    assert built_in("plan.variables('serve', index)\nsolution.variables('other')") == {"serve"}


def test_groups_are_looked_up_by_name_only_where_they_are_built() -> None:
    found = [
        f"eastwest.{name}:{line} looks up '{group}', which it does not build"
        for name, source in SOURCES.items()
        for line, group in look_ups(source)
        if not name.startswith("model.") or group not in built_in(source)
    ]
    assert not found


def test_no_limit_is_known_by_its_words() -> None:
    """In the rooms that decide what a limit is worth; a metric of published figures has the same words as a limit."""
    words = set()
    for name in model_modules(SOURCES):
        for node in ast.walk(ast.parse(SOURCES[name])):
            if isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                words |= {v.value for k, v in pairs if isinstance(k, ast.Constant) and k.value == "limit"
                          and isinstance(v, ast.Constant)}  # fmt: skip
            elif isinstance(node, ast.keyword) and node.arg == "limit" and isinstance(node.value, ast.Constant):
                words.add(node.value.value)
    words = {word for word in words if isinstance(word, str) and " " in word}
    assert {"grid connection", "accelerator supply", "devices installed", "water cap"} <= words
    found = [
        f"eastwest.{name}:{node.lineno} knows '{node.value}'"
        for name, source in SOURCES.items()
        if name.split(".")[0] in ("lp", "solving", "results", "analysis") and name != "results.figures"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and node.value in words
    ]
    assert not found
