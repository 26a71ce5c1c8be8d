"""A solution as tables: groups by themselves or by name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from eastwest.errors import ModelError
from eastwest.lp.program import LinearProgram
from eastwest.lp.solution import Solution


def solution() -> Solution:
    """x = 2 at one place, held by x <= 3 with a dual of -1."""
    program, place = LinearProgram(), pd.DataFrame({"site": ["a"]})
    flow = program.add_variables("flow", place, unit="MW")
    program.add_constraints("ceiling", place, flow.expression(), "<=", 3.0, unit="MW", kind="limit", limit="ceiling")
    return Solution(program, np.array([2.0]), np.array([-1.0]))


def test_a_group_is_found_by_itself_and_by_name() -> None:
    found = solution()
    by_name, by_itself = found.variables("flow"), found.variables(found.program.variables["flow"])
    assert by_name.to_dict("records") == by_itself.to_dict("records") == [{"site": "a", "value": 2.0}]
    (row,) = found.constraints("ceiling").to_dict("records")
    assert row == {"site": "a", "right": 3.0, "activity": 2.0, "slack": 1.0, "dual": -1.0}


def test_a_name_that_no_group_has_is_an_error_with_the_nearest() -> None:
    found = solution()
    for look_up in (found.variables, found.program.variables.__getitem__, lambda name: found.entered(name, (2027,))):
        with pytest.raises(ModelError, match=r"no group is called 'flows' \(did you mean 'flow'\?\)"):
            look_up("flows")
    with pytest.raises(ModelError, match=r"no group is called 'cieling' \(did you mean 'ceiling'\?\)"):
        found.constraints("cieling")


def test_a_group_that_may_not_be_built_is_empty() -> None:
    found = solution()
    assert found.variables("store", if_built=True).empty and found.variables(None).empty
    assert found.entered("store", (2027,), if_built=True).empty
    assert list(found.constraints("floor", if_built=True)) == ["right", "activity", "slack", "dual"]
