"""The certificate accepts an optimum and refuses what is none, whatever is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from builder import optimum, tiny

from eastwest.lp.certificate import certify
from eastwest.lp.expression import Floats
from eastwest.lp.program import Matrix

Point = tuple[Floats, Floats]


@cache
def solved() -> tuple[Matrix, Floats, Floats]:
    """The tiny country at twice its demand: work is left, devices are bought, and limits have prices."""
    found = optimum(tiny(anchors={"base": {"intelligent": {"installed_pflops": 220}}}))
    return found.plan.program.matrix(), found.outcome.x, found.outcome.y


def changed(values: Floats, at: int, by: Callable[[float], float]) -> Floats:
    new = values.copy()
    new[at] = by(values[at])
    return new


def largest(values: Floats) -> int:
    return int(np.abs(values).argmax())


WRONG: dict[str, Callable[[Floats, Floats], Point]] = {
    "point scaled up": lambda x, y: (x * 1.01, y),
    "point scaled down": lambda x, y: (x * 0.99, y),
    "point shifted": lambda x, y: (x + 1e-3, y),
    "nothing done": lambda x, y: (x * 0, y),
    "below zero": lambda x, y: (changed(x, largest(x), lambda v: -v), y),
    "one variable off by 0.1 %": lambda x, y: (changed(x, largest(x), lambda v: 1.001 * v), y),
    "one variable forgotten": lambda x, y: (changed(x, largest(x), lambda v: 0.0), y),
    "two variables exchanged": lambda x, y: (np.roll(x, 1), y),
    "no number in the point": lambda x, y: (changed(x, 0, lambda v: np.nan), y),
    "endless point": lambda x, y: (changed(x, 0, lambda v: np.inf), y),
    "no number in the duals": lambda x, y: (x, changed(y, 0, lambda v: np.nan)),
    "endless dual": lambda x, y: (x, changed(y, 0, lambda v: -np.inf)),
    "duals of the other sign": lambda x, y: (x, -y),
    "no duals": lambda x, y: (x, y * 0),
    "duals scaled up": lambda x, y: (x, y * 1.01),
    "duals scaled down": lambda x, y: (x, y * 0.99),
    "one dual off by 1 %": lambda x, y: (x, changed(y, largest(y), lambda v: 1.01 * v)),
    "one dual of the other sign": lambda x, y: (x, changed(y, largest(y), lambda v: -v)),
    "one dual forgotten": lambda x, y: (x, changed(y, largest(y), lambda v: 0.0)),
    "duals exchanged": lambda x, y: (x, np.roll(y, 1)),
}


def test_the_optimum_is_accepted() -> None:
    assert certify(*solved()).holds


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_optimum_is_refused(wrong: str) -> None:
    matrix, x, y = solved()
    assert not certify(matrix, *WRONG[wrong](x, y)).holds
