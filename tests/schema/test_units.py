"""Units: what the package knows, what a module brings, what is refused."""

from __future__ import annotations

import pytest

from eastwest.errors import ModelError
from eastwest.schema import units


def test_a_module_brings_a_unit_with_its_step() -> None:
    known = units.with_own([{"W": 100.0}, {}, {"MW": 1.0}])
    assert known == {**units.STEPS, "W": 100.0}
    assert units.check("constraints noise", "W", known) == "W"


def test_a_unit_has_one_step() -> None:
    with pytest.raises(ModelError, match="unit 'MW': received the step 5, but it has the step 1"):
        units.with_own([{"MW": 5.0}])


@pytest.mark.parametrize(
    ("unit", "words"),
    [("mw", r"received the unit 'mw', expected one of MW, .*"), (None, "received no unit, expected one of MW, .*")],
)
def test_any_other_unit_is_refused(unit: str | None, words: str) -> None:
    with pytest.raises(ModelError, match=f"constraints hall: {words}; a module brings another as `units = "):
        units.check("constraints hall", unit, units.STEPS)
