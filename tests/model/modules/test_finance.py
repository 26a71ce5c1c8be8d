"""Money by hand: annuities, annual costs, and that what stands costs nothing."""

from __future__ import annotations

import pytest
from builder import cut, one_place, optimum, tiny

import eastwest as ew
from eastwest.errors import InputError
from eastwest.model.dates import annuity
from eastwest.solving.solve import build


@pytest.mark.parametrize(
    ("rate", "life", "payment"),
    [
        pytest.param(0.1, 1, 1.1, id="one year: the loan and its interest"),
        pytest.param(0.1, 2, 1.21 / 2.1, id="two years: 1.1^2 / (1.1 + 1)"),
        pytest.param(0.0, 5, 0.2, id="no interest: a fifth each year"),
        pytest.param(0.1, 5, 0.263797, id="10 % over 5 years, from a table"),
        pytest.param(0.08, 30, 0.088827, id="8 % over 30 years, from a table"),
    ],
)
def test_annuity(rate: float, life: float, payment: float) -> None:
    assert annuity(rate, life) == pytest.approx(payment, rel=1e-5)


def test_annuity_pays_the_loan_back() -> None:
    """100 at 7 % over 4 years: after four payments nothing is owed."""
    owed = 100.0
    for _ in range(4):
        owed = owed * 1.07 - 100 * annuity(0.07, 4)
    assert owed == pytest.approx(0)


def test_annual_cost_of_each_asset() -> None:
    """device 0.1 x (0.263797 + 0.05); hall 30 x (0.131474 + 0.04); connection 1.5 x 0.106079 [million CNY a year]."""
    money = build(one_place()).finance
    assert money.device_annual["alpha"] == pytest.approx(0.1 * (0.2637975 + 0.05), rel=1e-6)
    assert money.hall_annual["metro_coast"] == pytest.approx(30 * (0.1314738 + 0.04), rel=1e-6)
    assert money.grid_annual["metro_coast"] == pytest.approx(1.5 * 0.1060792, rel=1e-6)


@pytest.mark.parametrize(("basis", "overnight"), [("all_in", 0.01), ("device", 0.013)])
def test_all_in_price_adds_server_and_fabric_once(basis: str, overnight: float) -> None:
    """10,000 CNY x (1 + 0.2 + 0.1)."""
    money = build(tiny(devices={"beta": {"price_cny": 10000, "price_basis": basis}})).finance
    assert money.device_overnight["beta"] == pytest.approx(overnight)


@pytest.mark.parametrize(("column", "rate", "server"), [("low", 0.08, 0.1), ("mid", 0.1, 0.2), ("high", 0.12, 0.3)])
def test_column_of_costs(column: str, rate: float, server: float) -> None:
    plan = build(tiny(devices={"beta": {"price_cny": 10000}}, finance={"costs": column}))
    assert plan.finance.device_overnight["beta"] == pytest.approx(0.01 * (1 + server + 0.1))
    assert plan.finance.grid_annual["mesa"] == pytest.approx(1 * rate / (1 - (1 + rate) ** -30))


def test_what_stands_is_sunk_and_shown_beside_the_objective() -> None:
    """20 devices at 0.0313797 million a year: 0.627595 in the report, nothing in the objective."""
    result = ew.solve(one_place(), reliefs=0, growth_table=False)
    assert result.objective == pytest.approx(7.008)
    shown = result.table[result.table["quantity"] == "replacement_cost"]["value"].sum()
    assert shown == pytest.approx(20 * 0.1 * (0.2637975 + 0.05), rel=1e-6)


def test_a_bought_device_is_charged_whether_used_or_not() -> None:
    """Profile 0.5 / 1.5, nothing stands: 15 bought for the afternoon, each at its whole annual cost."""
    found = optimum(
        one_place(stock={"base": {"*": {"*": {"*": {"devices": 0}}}}}, tasks={"chat": {"profile": "day"}}, time=cut(8))
    )
    assert found.cost("devices") == pytest.approx(15 * 0.1 * (0.2637975 + 0.05), rel=1e-6)


def test_items_of_cost_add_up_in_the_report() -> None:
    """2 served, 3 unserved: items sum to the objective, the headline leaves the penalty out."""
    scenario = one_place(
        stock={"base": {"metro_coast": {"alpha": {"2025": {"devices": 4}}}}}, supply={"*": {"*": {"mid": 0}}}
    )
    result = ew.solve(scenario, reliefs=0, growth_table=False)
    table = result.table
    cost = table[table["quantity"] == "cost"]
    assert cost["value"].sum() == pytest.approx(result.objective)
    headline = table[table["quantity"] == "headline"].set_index(["item", "kind"])["value"]
    assert headline["cost_without_penalties", ""] == pytest.approx(2.8032)
    assert headline["cost_without_penalties", "intelligent"] == pytest.approx(2.8032)


def test_missing_item_of_cost_is_named() -> None:
    with pytest.raises(InputError, match=r"table costs: item: the model needs the item 'grid_life_years'"):
        build(tiny(costs={"grid_life_years": None}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"finance": {"costs": "middle"}}, "finance.costs"),
        ({"finance": {"price_year": 1900}}, "finance.price_year"),
        ({"devices": {"alpha": {"price_cny": -1}}}, "price_cny"),
        ({"devices": {"alpha": {"lifetime_years": 0}}}, "lifetime_years"),
    ],
)
def test_bad_data_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        tiny(**changes)
