"""What a group of constraints must say of itself, and what it may not say."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from eastwest.errors import ModelError
from eastwest.lp.program import LinearProgram

HERE = pd.DataFrame({"site": ["mesa"]})


def declared(**how: Any) -> LinearProgram:
    program = LinearProgram()
    x = program.add_variables("x", HERE, unit="MW")
    program.add_constraints("rows", HERE, x.expression(), "<=", 1.0, unit="MW", **how)
    return program


def test_kind_is_required() -> None:
    with pytest.raises(TypeError, match="kind"):
        declared(limit="hall")


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"kind": "bound"}, "received kind 'bound' and span 'year', expected one of limit, rule, demand"),
        ({"kind": "limit", "limit": "hall", "span": "day"}, "span 'day'"),
        ({"kind": "limit"}, "a limit needs its name in words"),
        ({"kind": "promise"}, "a promise needs its name in words"),
        ({"kind": "rule", "limit": "hall"}, "which of the planner's rules"),
    ],
)
def test_what_contradicts_itself_is_refused(how: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=f"constraints rows: .*{message}"):
        declared(**how)


def test_a_definition_needs_no_words() -> None:
    assert declared(kind="definition").constraints["rows"].limit is None


def test_groups_of_the_same_words_are_of_one_kind_and_span() -> None:
    program = declared(kind="limit", limit="hall")
    x = program.variables["x"].expression()
    program.add_constraints("more", HERE, x, "<=", 2.0, unit="MW", kind="limit", limit="hall")
    for how in ({"kind": "demand"}, {"kind": "limit", "span": "hour"}):
        with pytest.raises(ModelError, match="constraints other and rows are both 'hall'"):
            program.add_constraints("other", HERE, x, "<=", 2.0, unit="MW", limit="hall", **how)
