"""The first line: which limits have a price, and what is left unserved."""

from __future__ import annotations

from builder import one_place

import eastwest as ew

HALF = {"stock": {"base": {"*": {"*": {"*": {"devices": 5}}}}}, "supply": {"*": {"*": {"mid": 0}}}}


def line(**changes: object) -> str:
    return ew.solve(one_place(**changes), reliefs=0, growth_table=False).messages[0]


def test_nothing_is_scarce_where_all_is_served_and_no_limit_has_a_price() -> None:
    assert line() == "Nothing is scarce: no limit has a price, and all demand is served."


def test_what_is_left_stands_in_the_line() -> None:
    """5 of 10 devices stand and none can be bought: half of the demand is left, whatever limit has a price."""
    found = line(**HALF)
    assert "50 % of intelligent demand is unserved." in found
    assert not found.startswith("Nothing is scarce")


def test_a_rule_that_has_a_price_is_no_nothing() -> None:
    """All 10 devices are energised by rule of the planner's least served share; the rule has a price."""
    found = line(demand={"least_served_share": 1.0}, tasks={"chat": {"value_cny_per_peak_pflops_h": 1}})
    assert "least served share (1 limit binds)" in found
    assert found.startswith("No supply, hall or grid is scarce; these have a price")
