"""What the section on unserved demand shows of tranches, by hand: devices for 2 of 5 PFLOP/s."""

from __future__ import annotations

from functools import cache

import pytest
from builder import one_place

import eastwest as ew
from eastwest.report.cells import text_of
from eastwest.report.section import page_of
from eastwest.report.sections import shortage

SAID = {"source": "invented for tests", "quality": "assumption"}


@cache
def result(devices: float = 4) -> ew.Result:
    """Tranches of 1.5, 2.5 and 1 PFLOP/s at 450, 900 and 1,800 CNY; the dearest first in the table."""
    rows = {
        name: {"share": share, **dict.fromkeys(("multiple_low", "multiple_mid", "multiple_high"), multiple), **SAID}
        for name, share, multiple in (("most_valued", 0.2, 2), ("core", 0.5, 1), ("least_valued", 0.3, 0.5))
    }
    stock = {"base": {"metro_coast": {"alpha": {"*": {"devices": devices}}}}}
    scenario = one_place(stock=stock, supply={"*": {"*": {"mid": 0}}}, value_tranches={"all": rows})
    return ew.solve(scenario, reliefs=0, growth_table=False)


def test_tranches_that_are_left_are_listed_the_least_valued_first() -> None:
    section = shortage.section(page_of(result()))
    (shown,) = [each for each in section.opens if "users would pay" in text_of(each.text)]
    cells = [[text_of(cell) for cell in row] for row in shown.rows]
    assert [row[2:] for row in cells] == [
        ["least valued", "1.50 PFLOP/s", "100.0 %", "450 CNY/(PFLOP/s h)"],
        ["core", "1.50 PFLOP/s", "60.0 %", "900 CNY/(PFLOP/s h)"],
    ]
    said = [text_of(cell) for row in shortage.section(page_of(result(), "zh")).opens[1].rows for cell in row]
    assert "低价值" in said and "core" in said, "shipped tranches are translated, a user's own are as they are"


def test_sizes_and_values_stand_beside_in_the_dataset() -> None:
    data = shortage.unserved_by_tranche(page_of(result()).subject)
    assert data.frame.set_index("item")["demand"].to_dict() == pytest.approx(
        {"least_valued": 1.5, "core": 2.5, "most_valued": 1.0}
    )
    assert data.value("share", item="core") == pytest.approx(0.6)


def test_where_all_is_served_nothing_is_listed() -> None:
    section = shortage.section(page_of(result(10)))
    assert [text_of(each.text) for each in section.opens] == ["2027: all demand is served."]
