"""Figures that are looked up by a label are made numbers before they are counted with.

Of an empty table pandas 3.1 hands back text where a column of labels is mapped through a dictionary or a series, which
3.0 made numbers; and multiplying text ends the program. Tables are empty where nothing binds, stands or is bought: no
test has them all, so the source is read.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd
import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "eastwest"
ARITHMETIC = (ast.Mult, ast.Div, ast.Sub)


def text_in_arithmetic(source: str) -> list[str]:
    """Look-ups `table["label"].map(figures)` that are an operand as they are, `.fillna(...)` after them or not."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ARITHMETIC):
            operands = [node.left, node.right]
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            operands = [node.left, *node.comparators]
        else:
            continue
        found += [ast.unparse(operand) for operand in operands if _is_look_up(operand)]
    return found


def _is_look_up(node: ast.expr) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    if node.func.attr == "fillna":
        return _is_look_up(node.func.value)
    of_a_function = bool(node.args) and isinstance(node.args[0], ast.Lambda)
    return node.func.attr == "map" and isinstance(node.func.value, ast.Subscript) and not of_a_function


def test_looked_up_figures_are_numbers() -> None:
    found = {path.name: text_in_arithmetic(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "source",
    ['a["x"] * b["y"].map(c)', 'b["y"].map(c).fillna(1.0) / a', 'a[b["y"].map(c) >= 2]'],
)
def test_the_check_sees_them(source: str) -> None:
    assert text_in_arithmetic(source)
    assert not text_in_arithmetic(source.replace(".map(c)", ".map(c).astype(float)"))


@pytest.mark.parametrize("storage", ["python", "pyarrow"])
@pytest.mark.parametrize("figures", [{"a": 2.0}, pd.Series({"a": 2.0})], ids=["dictionary", "series"])
def test_of_an_empty_table_they_are_numbers(storage: str, figures: object) -> None:
    with pd.option_context("mode.string_storage", storage):
        labels = pd.Series([], dtype="str")
        assert (labels.map(figures).astype(float) * 2.0).dtype == float
