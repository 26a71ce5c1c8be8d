"""Users' money: vouchers, preferential tariffs, rents.

`rented` is `one_place` (7.008 million CNY a year, all energy) with a rent of 10 CNY per dense-peak PFLOP/s h: at a
reference use of 0.5 that is 20 CNY per delivered one, so 5 PFLOP/s x 8,760 h x 20 CNY = 0.876 million CNY of rent.

`two_places` adds the cluster mesa in the West, where energy costs 0.9 CNY/kWh: work that goes there costs 0.876 million
CNY a year more (1 MW x 8,760 h x 100 CNY), and networks are free. Its rent is 40, so that 30 % of it is worth 1.0512.
"""

from __future__ import annotations

import io
from typing import Any

import pytest
from builder import TINY, Optimum, one_place, optimum
from rich.console import Console

import eastwest as ew
from eastwest.analysis.evaluation.evaluate import evaluate
from eastwest.errors import InputError
from eastwest.report.terminal.write import print_report
from eastwest.solving.solve import build

YEAR = 7.008
RENT = 0.876
MOVE = 0.876
CLAIM = 1.0512


def row(rate: float = 0.3, **more: Any) -> dict[str, Any]:
    return {"city": {"payer": "City", "rate": rate, "source": "invented for tests", "quality": "assumption"} | more}


def rented(users: dict[str, Any] | None = None, voucher: dict[str, Any] | None = None, **changes: Any) -> ew.Scenario:
    chosen = {"rent_cny_per_peak_pflops_h": 10, **(users or {})}
    if voucher is not None:
        chosen = {"objective": "users", "vouchers": ["city"], **chosen}
        changes["vouchers"] = voucher
    return one_place(users=chosen, **changes)


def two_places(voucher: dict[str, Any] | None = None, users: dict[str, Any] | None = None) -> ew.Scenario:
    chosen = {"rent_cny_per_peak_pflops_h": 40, "objective": "users", "vouchers": ["city"], **(users or {})}
    rows = {"vouchers": voucher} if voucher is not None else {}
    if voucher is None:
        chosen["vouchers"] = []
    return ew.load_scenario(TINY).with_(
        name="two places",
        tasks={"train": None, "chat": {"profile": "flat", "value_cny_per_peak_pflops_h": 1000}},
        devices={
            "beta": None,
            "alpha": {"rated_w": 100_000, "largest_group_devices": 8, "price_cny": None},
            "idle_power": 0.5,
            "busy_power_other": 1.0,
            "energise": "needed",
        },
        sites={"metro_plateau": None},
        commitments={"*": None},
        demand={"coast": {"chat": {"share": 0.5}}, "plateau": {"chat": {"share": 0}}},
        pue={"*": {"*": {"pue": 1}}},
        site_power={"mesa": {"price_cny_per_kwh": 0.9, "preferential_price_cny_per_kwh": None}},
        capacity={site: {"grid": {"*": {"mw": 5}}, "hall_dense": {"*": {"mw": 5}}} for site in ("metro_coast", "mesa")},
        network={"price_factor": 0, "corridor_limits": False},
        finance={"discount_rate": 0.05},
        users=chosen,
        **rows,
    )


def figures(scenario: ew.Scenario) -> ew.Result:
    return ew.solve(scenario, reliefs=0, growth_table=False)


def value(result: ew.Result, quantity: str, **labels: str) -> float:
    rows = result.table[result.table["quantity"] == quantity]
    for column, label in labels.items():
        rows = rows[rows[column] == label]
    return float(rows["value"].sum())


# The claim, the budget, the cap


def test_a_voucher_pays_its_share_of_the_rent() -> None:
    """30 % of 0.876 million; nothing else changes."""
    found = optimum(rented(voucher=row()))
    assert found.value("voucher") == pytest.approx(0.3 * RENT)
    assert found.objective == pytest.approx(YEAR - 0.3 * RENT)
    assert found.cost("energy") == pytest.approx(YEAR)


def test_a_budget_binds_at_its_full_worth() -> None:
    """0.1 of 0.2628 million is there: each CNY more is one less for users, whose plan stays as it is."""
    found = optimum(rented(voucher=row(budget_million_cny=0.1)))
    assert found.objective == pytest.approx(YEAR - 0.1)
    assert found.row("voucher_budget")["dual"] == pytest.approx(-1)


def test_a_budget_that_is_large_enough_is_worth_nothing() -> None:
    found = optimum(rented(voucher=row(budget_million_cny=10)))
    assert found.objective == pytest.approx(YEAR - 0.3 * RENT)
    assert found.row("voucher_budget")["dual"] == pytest.approx(0)
    assert found.row("voucher_budget")["slack"] == pytest.approx(10 - 0.3 * RENT)


def test_a_cap_of_a_region_binds_like_a_budget() -> None:
    found = optimum(rented(voucher=row(budget_million_cny=0.2, cap_million_cny_per_region=0.15)))
    assert found.objective == pytest.approx(YEAR - 0.15)
    assert found.row("voucher_cap", region="coast")["dual"] == pytest.approx(-1)
    assert found.row("voucher_budget")["dual"] == pytest.approx(0)


def test_a_rate_of_zero_changes_nothing() -> None:
    plain, zero = build(rented()), build(rented(voucher=row(rate=0)))
    assert list(plain.program.text()) == list(zero.program.text())


def test_a_budget_of_zero_pays_nothing() -> None:
    assert optimum(rented(voucher=row(budget_million_cny=0))).objective == pytest.approx(YEAR)


def test_a_voucher_for_others_is_a_warning_and_pays_nothing() -> None:
    """A scenario's region and task may be without each other: nobody there can claim."""
    scenario = rented(voucher=row(sites="west"))
    plan = build(scenario)
    assert any("nobody can claim the voucher city" in warning for warning in plan.warnings)
    assert optimum(scenario).objective == pytest.approx(YEAR)


def test_a_larger_voucher_never_raises_users_cost() -> None:
    paid = [optimum(two_places(row(rate=rate, sites="west"))).objective for rate in (0, 0.1, 0.25, 0.3, 0.5, 1)]
    assert paid == sorted(paid, reverse=True)
    assert paid[0] == pytest.approx(YEAR)


def test_general_compute_has_no_rent_unless_one_is_given() -> None:
    scenario = rented({"general_rent_cny_per_peak_pflops_h": 500}, row())
    assert optimum(scenario).objective == pytest.approx(YEAR - 0.3 * RENT)


# Where a voucher moves work


def moved(found: Optimum) -> float:
    return found.value("serve", site="mesa") / 5


def test_a_voucher_of_the_west_moves_work_that_costs_more_there() -> None:
    """1.0512 million is gained for 0.876: all of it goes, users bear 7.008 + 0.876 - 1.0512, the country 7.884."""
    found = optimum(two_places(row(sites="west")))
    assert moved(found) == pytest.approx(1)
    assert found.objective == pytest.approx(YEAR + MOVE - CLAIM)
    assert found.cost("energy") == pytest.approx(YEAR + MOVE)


def test_a_voucher_that_is_too_small_moves_nothing() -> None:
    """At 20 % users would gain 0.7008 for 0.876."""
    found = optimum(two_places(row(rate=0.2, sites="west")))
    assert moved(found) == pytest.approx(0)
    assert found.objective == pytest.approx(YEAR)


def test_the_dual_of_a_budget_is_what_users_keep_of_it() -> None:
    """0.5 million moves 0.5 / 1.0512 of the work; each CNY costs 0.876 / 1.0512 of itself: a sixth is kept.

    The dual lies between the quotients of solves with 0.1 less and 0.1 more, and equals them, as both agree.
    """

    def users(budget: float) -> Optimum:
        return optimum(two_places(row(sites="west", budget_million_cny=budget)))

    found, less, more = users(0.5), users(0.4), users(0.6)
    assert moved(found) == pytest.approx(0.5 / CLAIM)
    left, right = (found.objective - less.objective) / 0.1, (more.objective - found.objective) / 0.1
    assert left == pytest.approx(right, rel=1e-6)
    assert found.row("voucher_budget")["dual"] == pytest.approx(left, rel=1e-4)
    assert found.row("voucher_budget")["dual"] == pytest.approx(-1 / 6, rel=1e-4)


def test_the_dual_at_a_kink_lies_between_its_quotients() -> None:
    """A budget of exactly 1.0512 is spent in full; more is worth nothing, less costs a sixth."""

    def users(budget: float) -> Optimum:
        return optimum(two_places(row(sites="west", budget_million_cny=budget)))

    found = users(CLAIM)
    left = (found.objective - users(CLAIM - 0.1).objective) / 0.1
    right = (users(CLAIM + 0.1).objective - found.objective) / 0.1
    assert left == pytest.approx(-1 / 6, rel=1e-4)
    assert right == pytest.approx(0, abs=1e-6)
    assert left - 1e-6 <= found.row("voucher_budget")["dual"] <= right + 1e-6


def test_the_dual_of_a_cap_equals_its_quotients() -> None:
    def users(cap: float) -> Optimum:
        return optimum(two_places(row(sites="west", cap_million_cny_per_region=cap)))

    found = users(0.5)
    left, right = (found.objective - users(0.4).objective) / 0.1, (users(0.6).objective - found.objective) / 0.1
    assert left == pytest.approx(right, rel=1e-6)
    assert found.row("voucher_cap")["dual"] == pytest.approx(left, rel=1e-4)


def test_each_side_is_best_served_by_its_own_plan() -> None:
    """The country's plan costs users 7.008 and the country 7.008; the users' plan 6.8328 and 7.884."""
    both = {
        side: figures(two_places(row(sites="west"), {"objective": side})).headline.set_index(["item", "kind"])["value"]
        for side in ("system", "users")
    }
    system, users = ("system_cost_with_penalties", ""), ("user_cost_with_penalties", "")
    assert both["system"][system] == pytest.approx(YEAR)
    assert both["system"][users] == pytest.approx(YEAR)
    assert both["users"][users] == pytest.approx(YEAR + MOVE - CLAIM)
    assert both["users"][system] == pytest.approx(YEAR + MOVE)


# Preferential tariffs

CHEAP = {"metro_coast": {"preferential_price_cny_per_kwh": 0.5}}


def test_a_preferential_tariff_counts_for_users_alone() -> None:
    """0.3 CNY/kWh off 8,760 MWh: 2.628 million."""
    system = figures(rented({"accounts": True}, site_power=CHEAP))
    assert system.objective == pytest.approx(YEAR)
    assert value(system, "preferential_saving") == pytest.approx(2.628)
    assert value(system, "user_cost") == pytest.approx(YEAR - 2.628)
    users = figures(rented({"objective": "users"}, site_power=CHEAP))
    assert users.objective == pytest.approx(YEAR - 2.628)
    assert value(users, "system_cost") == pytest.approx(YEAR)
    assert value(users, "cost", item="energy") == pytest.approx(YEAR)


def test_a_preferential_tariff_is_not_counted_twice() -> None:
    """With `power.prices: preferential` the cost of energy is cheap already; the country's cost is not."""
    for objective in ("system", "users"):
        found = figures(
            rented({"objective": objective, "accounts": True}, site_power=CHEAP, power={"prices": "preferential"})
        )
        assert found.objective == pytest.approx(YEAR - 2.628)
        assert value(found, "system_cost") == pytest.approx(YEAR)
        assert value(found, "user_cost") == pytest.approx(YEAR - 2.628)


def test_a_preferential_tariff_can_be_left_out() -> None:
    users = {"objective": "users", "preferential_tariffs": False}
    assert optimum(rented(users, site_power=CHEAP)).objective == pytest.approx(YEAR)


# Accounts


def test_nothing_is_reported_unless_asked() -> None:
    quantities = set(figures(one_place()).table["quantity"])
    assert not quantities & {"rent_paid", "voucher_paid", "system_cost", "user_cost", "transfer", "operator_margin"}


def test_rent_voucher_and_margin_are_reported() -> None:
    """Rent 0.876, of which the city pays 0.1; the operator is left with 0.876 - 7.008."""
    found = figures(rented(voucher=row(budget_million_cny=0.1)))
    assert value(found, "rent_paid", region="coast", site="metro_coast") == pytest.approx(RENT)
    assert value(found, "transfer", item="city", region="coast") == pytest.approx(0.1)
    assert value(found, "operator_margin", item="over cost of the year") == pytest.approx(RENT - YEAR)
    assert value(found, "headline", item="rent_after_vouchers") == pytest.approx(RENT - 0.1)
    per = value(found, "headline", item="user_cost_per_delivered")
    assert per == pytest.approx((YEAR - 0.1) * 1e6 / (5 * 8760))
    assert value(found, "headline", item="cost_without_penalties", kind="intelligent") == pytest.approx(YEAR)
    assert not found.transfers.empty


@pytest.mark.parametrize("more", [{}, {"budget_million_cny": 0.1}, {"cap_million_cny_per_region": 0.05}])
def test_what_is_worked_out_afterwards_is_what_the_rows_allow(more: dict[str, float]) -> None:
    scenario = rented(voucher=row(**more))
    after = figures(scenario.with_(users={"objective": "system"}))
    assert value(after, "voucher_paid") == pytest.approx(optimum(scenario).value("voucher"))


def test_a_budget_cuts_every_region_by_one_factor() -> None:
    """chat is asked for by coast and plateau 3 to 1; claims shrink alike."""
    scenario = ew.load_scenario(TINY).with_(
        vouchers=row(budget_million_cny=0.01, tasks="chat"),
        users={"vouchers": ["city"], "rent_cny_per_peak_pflops_h": 10},
        devices={"availability": 1},
    )
    paid = figures(scenario).table.query("quantity == 'voucher_paid'").groupby("region")["value"].sum()
    served = figures(scenario).table.query("quantity == 'served' and task == 'chat'").groupby("region")["value"].sum()
    assert paid.sum() == pytest.approx(0.01)
    assert (paid / paid.sum()).to_dict() == pytest.approx((served / served.sum()).to_dict())


def test_years_have_a_budget_each() -> None:
    """Two years, each with 0.1 million: the second is worth 1/1.05 of the first in present value."""
    scenario = rented(
        voucher=row(budget_million_cny=0.1),
        years=[2027, 2028],
        finance={"discount_rate": 0.05},
        stock={"base": {"metro_coast": {"alpha": {2025: {"live_share": 1}}}}},
    )
    found = optimum(scenario)
    assert found.value("voucher") == pytest.approx(0.2)
    assert found.row("voucher_budget", year=2028)["dual"] == pytest.approx(-1 / 1.05)


@pytest.mark.parametrize("years", [[2027], [2027, 2028]])
def test_the_report_says_who_pays_and_who_gains(years: list[int]) -> None:
    stream = io.StringIO()
    found = figures(two_places(row(sites="west", budget_million_cny=0.5)).with_(years=years))
    print_report(Console(file=stream, width=80, force_terminal=False), found)
    text = stream.getvalue()
    part = text[text.index("Who pays, who gains") :].splitlines()
    assert ["Unit", *map(str, years)] in [line.split() for line in part]
    assert "paid by City (voucher)" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_a_plan_of_users_is_dispatched_hour_by_hour() -> None:
    """All is at mesa, as planned, and nothing is shed; vouchers are of the year and have no part in it."""
    found = evaluate(figures(two_places(row(sites="west"))), 2027, hours=168)
    rows = found.comparison.set_index("quantity")
    assert rows.loc[rows.index.str.startswith("shed"), "evaluated"].abs().max() == pytest.approx(0)


# Bad data


def test_vouchers_together_pay_at_most_the_rent() -> None:
    both = {**row(rate=0.6), "state": row(rate=0.6)["city"]}
    with pytest.raises(InputError, match=r"together pay 1\.2 of the rent"):
        build(rented({"vouchers": ["all"], "objective": "users"}, both))


def test_a_cost_table_without_a_rent_is_refused_before_solving() -> None:
    with pytest.raises(InputError, match="rent_per_bf16_pflops_hour"):
        build(one_place(users={"accounts": True}))


@pytest.mark.parametrize("column", ["regions", "tasks", "sites"])
def test_an_unknown_name_in_a_voucher_is_refused(column: str) -> None:
    with pytest.raises(InputError, match="received 'nowhere'"):
        rented(voucher=row(**{column: "nowhere"}))


def test_all_stands_alone() -> None:
    with pytest.raises(InputError, match="received 'all'"):
        rented(voucher=row(regions="all coast"))


def test_a_voucher_without_a_row_is_refused() -> None:
    with pytest.raises(InputError, match=r"users\.vouchers"):
        rented({"vouchers": ["town"]})
