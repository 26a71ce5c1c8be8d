"""What a whole rule costs: the optimum with it less the optimum without, and what stands beside it in the report."""

from __future__ import annotations

from io import StringIO

import numpy as np
import pytest
from builder import optimum
from rich.console import Console
from rule_cases import CASES, rule_rows, solved

import eastwest as ew
from eastwest.lp.highs import MOST_ROWS_FOR_RANGING, Session
from eastwest.report.terminal.write import print_report

HUBS = "floor on hubs in new compute"


def figures(result: ew.Result, quantity: str) -> dict[str, float]:
    rows = result.table[result.table["quantity"] == quantity]
    return dict(zip(rows["item"], rows["value"], strict=True))


@pytest.fixture(scope="module")
def with_hubs() -> ew.Result:
    return ew.solve(CASES["hubs"](), growth_table=False)


def test_cost_of_a_rule_is_the_difference_of_two_runs(with_hubs: ew.Result) -> None:
    free = optimum(CASES["hubs"]().with_(policy={"hub_share_of_new_intelligent": None}))
    assert figures(with_hubs, "rule_cost") == {HUBS: pytest.approx(with_hubs.objective - free.objective)}
    assert figures(with_hubs, "rule_cost")[HUBS] > 0


def test_dearest_row_has_its_price_and_year(with_hubs: ew.Result) -> None:
    row = with_hubs.table[with_hubs.table["quantity"] == "rule_price"].iloc[0]
    prices = with_hubs.shadow_prices
    assert row["unit"] == "million CNY/PFLOP/s" and row["year"] == 2027
    assert row["value"] == pytest.approx(prices.loc[prices["item"] == HUBS, "value"].iloc[0])


def test_two_rules_are_freed_one_by_one() -> None:
    result = ew.solve(CASES["hubs and West"](), growth_table=False)
    cost = figures(result, "rule_cost")
    for rule, key in ((HUBS, "hub"), ("floor on the West in new compute", "west")):
        without = optimum(CASES["hubs and West"]().with_(policy={f"{key}_share_of_new_intelligent": None}))
        assert cost[rule] == pytest.approx(result.objective - without.objective, abs=1e-9)


def test_nothing_is_asked_without_reliefs_unless_it_is_asked_for() -> None:
    scenario = CASES["hubs"]()
    assert not figures(ew.solve(scenario, reliefs=0, growth_table=False), "rule_cost")
    assert figures(ew.solve(scenario, reliefs=0, growth_table=False, rule_costs=True), "rule_cost")
    assert not figures(ew.solve(scenario, reliefs=3, growth_table=False, rule_costs=False), "rule_cost")


def test_large_programs_are_asked_only_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_ROWS_FOR_RANGING == 60_000
    monkeypatch.setattr(Session, "can_range", False)
    result = ew.solve(CASES["hubs"](), growth_table=False)
    assert not figures(result, "rule_cost")
    assert any("what rules cost is left out" in message for message in result.messages)
    assert figures(ew.solve(CASES["hubs"](), growth_table=False, rule_costs=True), "rule_cost")


@pytest.mark.parametrize("name", CASES)
def test_a_rule_never_saves(name: str) -> None:
    plan, _, outcome = solved(name)
    session = Session(plan.program.matrix())
    rows = np.array(rule_rows(plan))
    free = np.full(len(rows), np.inf)
    session.set_row_bounds(rows, -free, free)
    assert session.run("simplex").objective <= outcome.objective + 1e-9 * (1 + abs(outcome.objective))


def test_report_shows_rule_limit_place_price_and_cost(with_hubs: ew.Result) -> None:
    stream = StringIO()
    print_report(Console(file=stream, width=140, force_terminal=False), with_hubs)
    text = stream.getvalue()
    assert "Rules and what they cost" in text
    part = text.split("Rules and what they cost")[1].split("\n\n")[0]
    words = " ".join(part.split())
    assert "floor on hubs in" in words and "60.0 %" in words and "CNY/PFLOP/s" in words


def test_report_says_nothing_where_there_is_no_rule() -> None:
    stream = StringIO()
    result = ew.solve(CASES["hubs"]().with_(policy={"hub_share_of_new_intelligent": None}), growth_table=False)
    print_report(Console(file=stream, width=80, force_terminal=False), result)
    assert "Rules and what they cost" not in stream.getvalue()
