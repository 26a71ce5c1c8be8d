"""Several planning years: what enters when, how long it stays, what each year pays, and what foresight is worth.

Every case by hand starts from `growing.years`: one place in 2027, 2028 and 2029 where nothing stands.
"""

from __future__ import annotations

from typing import Any

import pytest
from builder import Optimum, all_year, costs, cut, hours, one_place, optimum, tiny
from growing import ENERGY, annuity, by_vintage, discounted, needed, supply, yearly, years

import eastwest as ew
from eastwest.errors import InputError
from eastwest.model.data import value
from eastwest.schema.contract import SEASONS
from eastwest.solving.solve import build


def penalty(found: Optimum) -> float:
    """Cost of a device's 0.5 PFLOP/s that stays unserved all year [million CNY]."""
    return float(value.tranches(found.plan)["value"].iloc[0]) * 0.5 * 8760 / 1e6


# The closed form


def test_three_years_by_hand() -> None:
    """Growth 50 %: 15.0, 22.5 and 33.7 devices; each year buys what is lacking, because waiting saves its annuity.

    Each of n devices costs 0.1 x (0.2638 + 0.05) = 0.03138 in every modelled year from its vintage on, and 0.7008 of
    energy: sum over years of n[year] x (0.03138 + 0.7008) / 1.05^(year - 2027).
    """
    found = optimum(years(0.5))
    n = needed()
    bought = {2027: n[2027], 2028: n[2028] - n[2027], 2029: n[2029] - n[2028]}
    assert by_vintage(found) == pytest.approx(bought, rel=1e-9)
    paid = {2027: 1 + 1 / 1.05 + 1 / 1.05**2, 2028: 1 / 1.05 + 1 / 1.05**2, 2029: 1 / 1.05**2}
    devices = sum(bought[year] * yearly() * paid[year] for year in paid)
    assert found.cost("devices") == pytest.approx(devices, rel=1e-9)
    assert found.cost("energy") == pytest.approx(discounted({year: n[year] * ENERGY for year in n}), rel=1e-9)
    total = discounted({year: n[year] * (yearly() + ENERGY) for year in n})
    assert found.objective == pytest.approx(total, rel=1e-9)


def test_a_rate_of_none_is_that_of_the_system() -> None:
    """discount_rate none: discount_rate_system of the costs, 8 %; at 0 % the years are simply added."""
    system = {"discount_rate_system": {"low": 0.01, "mid": 0.08, "high": 0.1, "unit": "1"}}
    n = needed()
    paid = {year: n[year] * (yearly() + ENERGY) for year in n}
    found = optimum(years(0.5, finance={"discount_rate": None}, costs=system))
    assert found.objective == pytest.approx(discounted(paid, 0.08), rel=1e-9)
    assert optimum(years(0.5, finance={"discount_rate": 0})).objective == pytest.approx(sum(paid.values()), rel=1e-9)


def test_one_year_alone_is_not_discounted() -> None:
    """10 devices, 7.008 + 0.3138 million."""
    found = optimum(years(0, years=[2027], years_represented=[1]))
    assert found.objective == pytest.approx(10 * (ENERGY + yearly()), rel=1e-9)


def test_years_represented_by_default_reach_to_the_next_year() -> None:
    """2027 stands for 2027 to 2029, 2030 for itself: 1 + 1/1.05 + 1/1.1025, and 1 / 1.05^3; 10 devices in both years,
    and those bought in 2027 (life 5) are still there in 2030."""
    found = optimum(years(0, years=[2027, 2030]))
    factor = {2027: 1 + 1 / 1.05 + 1 / 1.05**2, 2030: 1.05**-3}
    assert found.plan.factor.to_dict() == pytest.approx(factor, rel=1e-12)
    assert by_vintage(found) == pytest.approx({2027: 10, 2028: 0, 2029: 0, 2030: 0}, abs=1e-9)
    assert found.objective == pytest.approx(10 * (ENERGY + yearly()) * sum(factor.values()), rel=1e-9)


def test_years_represented_as_given() -> None:
    """2027 for three years, 2030 for one: 2.8594 and 0.8638."""
    found = optimum(years(0, years=[2027, 2030], years_represented=[3, 1]))
    factor = {2027: 1 + 1 / 1.05 + 1 / 1.05**2, 2030: 1.05**-3}
    assert found.plan.factor.to_dict() == pytest.approx(factor, rel=1e-12)
    assert found.objective == pytest.approx(10 * (ENERGY + yearly()) * sum(factor.values()), rel=1e-9)


def test_shadow_prices_are_in_money_of_their_year() -> None:
    """A PFLOP/s more of demand costs 2 x (0.7008 + 0.03138) million in any year; the dual of 2029 is that / 1.05^2."""
    scenario = years(0.5)
    dual = optimum(scenario).row("demand", year=2029)["dual"]
    assert dual == pytest.approx(2 * (ENERGY + yearly()) / 1.05**2)
    table = ew.solve(scenario, reliefs=0, growth_table=False).table
    shown = table[(table["quantity"] == "shadow_price") & (table["item"] == "demand") & (table["year"] == 2029)]
    assert shown["value"].tolist() == [pytest.approx(2 * (ENERGY + yearly()))]


def test_the_cost_of_each_year_times_its_factor_is_the_objective() -> None:
    """2027 for two years, 2029 for one; halls, connections, devices, energy, peaks, carbon, network, shortage."""
    scenario = tiny(
        years=[2027, 2029],
        years_represented=[2, 1],
        finance={"discount_rate": 0.05},
        supply=supply(y2027=40, y2029=400),
        capacity={"*": {"hall_dense": {"*": {"mw": {"scale": 0.5}}}, "grid": {"*": {"mw": {"scale": 0.5}}}}},
        tasks={"*": {"growth_mid_per_year": 0.3}},
        site_power={"*": {"demand_charge_cny_per_kw_month": 40}},
        green={"carbon_price_cny_per_t": 100},
    )
    result = ew.solve(scenario, reliefs=0, growth_table=False)
    cost = result.table[result.table["quantity"] == "cost"]
    factor = {2027: 1 + 1 / 1.05, 2029: 1.05**-2}
    assert set(cost.loc[cost["value"] > 0, "item"]) >= {
        "network", "devices", "energy", "demand_charge", "carbon", "halls", "grid", "unserved"
    }  # fmt: skip
    assert (cost["value"] * cost["year"].astype(int).map(factor)).sum() == pytest.approx(result.objective, rel=1e-6)


def test_an_asset_is_paid_by_the_share_of_each_year_that_it_is_in_service() -> None:
    """10 devices with a lag of 3 months are in service 0.75 of 2027, then all year: 0.2353, 0.3138, 0.3138 million."""
    scenario = years(0, devices={"alpha": {"months_to_service": 3}}, supply=supply(y2027=10))
    table = ew.solve(scenario, reliefs=0, growth_table=False).table
    cost = table[(table["quantity"] == "cost") & (table["item"] == "devices")].groupby("year")["value"].sum()
    assert cost.to_dict() == pytest.approx({2027: 7.5 * yearly(), 2028: 10 * yearly(), 2029: 10 * yearly()})


# Lives


def test_a_device_of_two_years_is_gone_in_the_third() -> None:
    """Bought in 2027 only: 5 PFLOP/s served in 2027 and 2028, none in 2029."""
    found = optimum(years(0, devices={"alpha": {"lifetime_years": 2}}, supply=supply(y2027=10)))
    assert [found.value("serve", year=year) for year in (2027, 2028)] == pytest.approx([5, 5])
    assert found.value("unserved", year=2029) == pytest.approx(5)
    assert found.table("serve", year=2029)["value"].sum() == pytest.approx(0)
    assert found.cost("devices") == pytest.approx(10 * yearly(2) * (1 + 1 / 1.05))


def test_half_a_year_of_lag_splits_the_life_into_halves() -> None:
    """Life 2, lag 6 months: mid-2027 to mid-2029, on average 5, 10 and 5 devices: 2 years in all."""
    devices = {"alpha": {"lifetime_years": 2, "months_to_service": 6}}
    found = optimum(years(0, devices=devices, supply=supply(y2027=10)))
    served = [found.value("serve", year=year) for year in (2027, 2028, 2029)]
    assert served == pytest.approx([2.5, 5, 2.5])
    assert found.cost("devices") == pytest.approx(10 * yearly(2) * (0.5 + 1 / 1.05 + 0.5 / 1.05**2))


def test_what_has_retired_is_bought_again() -> None:
    """Life 2: 10 devices in 2027 and 10 in 2029; none in 2028."""
    found = optimum(years(0, devices={"alpha": {"lifetime_years": 2}}))
    assert by_vintage(found) == pytest.approx({2027: 10, 2028: 0, 2029: 10}, abs=1e-9)
    assert found.value("unserved") == pytest.approx(0, abs=1e-9)


def test_stock_leaves_as_it_came_in() -> None:
    """20 devices of 2024, life 5, on average in mid-2024: all in 2027 and 2028, half in 2029."""
    stock = {"base": {"metro_coast": {"alpha": {"2024": {"devices": 20, "live_share": 1}}}}}
    rows = optimum(years(0, stock=stock, supply=supply())).solution.constraints("installed")
    assert rows.set_index("year")["right"].to_dict() == pytest.approx({2027: 20, 2028: 20, 2029: 10})


# Supply


@pytest.mark.parametrize("carry_over", [False, True])
def test_supply_that_is_left_may_be_bought_later_only_with_carry_over(carry_over: bool) -> None:
    """Growth 50 %: 15.0, 22.5, 33.7 devices; 30 can be had in 2027, then 2 a year. Without carry-over all of 2028's
    lacking 5.5 and of 2029's come early, in 2027; with it each waits for its year and saves 0.03138 / 1.05^n."""
    some = supply(y2027=30, y2028=2, y2029=2)
    found = optimum(years(0.5, devices={"carry_over": carry_over}, supply=some))
    n = needed()
    if carry_over:
        bought = {2027: n[2027], 2028: n[2028] - n[2027], 2029: n[2029] - n[2028]}
        assert by_vintage(found) == pytest.approx(bought)
        assert found.row("supply", until=2029)["right"] == pytest.approx(34)
    else:
        assert by_vintage(found) == pytest.approx({2027: n[2029] - 4, 2028: 2, 2029: 2})
    in_service = n if carry_over else {2027: n[2029] - 4, 2028: n[2029] - 2, 2029: n[2029]}
    assert found.cost("devices") == pytest.approx(discounted({y: yearly() * in_service[y] for y in n}))
    assert found.value("unserved") == pytest.approx(0, abs=1e-9)


def test_carry_over_reaches_over_a_year_without_supply() -> None:
    """30 devices in 2027 and none later: 15.0 in 2027, 7.5 of the rest in 2028, the last 7.5 in 2029."""
    found = optimum(years(0.5, devices={"carry_over": True}, supply=supply(y2027=30)))
    n = needed()
    assert by_vintage(found) == pytest.approx({2027: n[2027], 2028: n[2028] - n[2027], 2029: 30 - n[2028]})


@pytest.mark.parametrize("planned", [[2030], [2027, 2030], [2029, 2030], [2027, 2028, 2029, 2030]])
def test_every_year_after_the_anchors_has_its_supply(planned: list[int]) -> None:
    """Whether it is planned or not."""
    scenario = years(0, years=planned, supply=supply(y2027=10, y2028=11, y2029=12, y2030=13))
    rows = optimum(scenario).solution.constraints("supply")
    assert rows.set_index("vintage")["right"].to_dict() == pytest.approx({2027: 10, 2028: 11, 2029: 12, 2030: 13})


# Spending


def capped() -> ew.Scenario:
    """Growth 50 %; what enters in 2028 may cost 0.5 million overnight: 5 devices of the 7.5 that are lacking."""
    return years(0.5, policy={"spending_cap_million_cny": {2028: 0.5}})


def test_a_cap_on_a_year_moves_spending_to_the_year_before() -> None:
    """2.5 devices are bought a year early, for one more annuity: 2.5 x 0.03138 million in money of 2027."""
    found, free = optimum(capped()), optimum(years(0.5))
    n = needed()
    early = n[2028] - n[2027] - 5
    assert by_vintage(found) == pytest.approx({2027: n[2027] + early, 2028: 5, 2029: n[2029] - n[2028]})
    assert found.objective - free.objective == pytest.approx(early * yearly())
    assert found.row("spending", vintage=2028)["dual"] == pytest.approx(-yearly() / 0.1)
    assert list(found.solution.constraints("spending")["vintage"]) == [2028]


def test_one_cap_holds_in_every_year() -> None:
    """1.2 million a year: 12 devices each year: 12, 24, 36 of 15.0, 22.5, 33.7; 2027 is short of 3."""
    found = optimum(years(0.5, policy={"spending_cap_million_cny": 1.2}))
    n = needed()
    assert found.value("unserved", year=2027) == pytest.approx((n[2027] - 12) / 2)
    assert by_vintage(found) == pytest.approx({2027: 12, 2028: n[2028] - 12, 2029: n[2029] - n[2028]})


def test_a_cap_names_years_in_which_something_may_be_bought() -> None:
    """Of [2029] alone those before it as well."""
    with pytest.raises(InputError, match=r"the year 2035, expected one of the years 2027, 2028, 2029, in which"):
        years(0, years=[2029], policy={"spending_cap_million_cny": {2035: 1}})
    found = optimum(years(0, years=[2029], policy={"spending_cap_million_cny": {2028: 0.1}}))
    assert found.row("spending", vintage=2028)["right"] == pytest.approx(0.1)


# Foresight


def cost(scenario: ew.Scenario, foresight: str) -> float:
    return ew.solve(scenario.with_(foresight=foresight), reliefs=0, growth_table=False).objective


def test_without_foresight_the_capped_year_is_short() -> None:
    """2027 does not know of 2028's cap and buys nothing early: 2.5 devices' work is unserved in 2028, which saves their
    energy and annuity of 2028; foresight pays an annuity of 2027 instead. 2029 catches up."""
    scenario = capped()
    n = needed()
    lacking = n[2028] - n[2027] - 5
    myopic, perfect = cost(scenario, "myopic"), cost(scenario, "perfect")
    free = discounted({year: n[year] * (yearly() + ENERGY) for year in n})
    assert perfect == pytest.approx(free + lacking * yearly(), rel=1e-7)
    lost = penalty(optimum(scenario)) - ENERGY - yearly()
    assert myopic == pytest.approx(free + lacking * lost / 1.05, rel=1e-7)
    assert myopic > perfect + 1


def test_where_nothing_links_the_years_foresight_is_worth_nothing() -> None:
    """Supply without end: each year buys what it lacks in either case."""
    assert cost(years(0.5), "myopic") == pytest.approx(cost(years(0.5), "perfect"), rel=1e-8)


def test_myopic_years_find_what_earlier_years_left() -> None:
    """30 devices with carry-over, nothing wasted by either: equal; without it 2027 leaves 15 that are lost."""
    some = supply(y2027=30, y2028=1, y2029=1)
    kept, lost = (years(0.5, devices={"carry_over": flag}, supply=some) for flag in (True, False))
    assert cost(kept, "myopic") == pytest.approx(cost(kept, "perfect"), rel=1e-8)
    n = needed()
    more = cost(lost, "myopic") - cost(lost, "perfect")
    one = penalty(optimum(lost)) - ENERGY
    served = {2028: n[2027] + 1, 2029: n[2027] + 2}
    shortage = discounted({2028: one * (n[2028] - served[2028]), 2029: one * (min(32, n[2029]) - served[2029])})
    assert more > 1
    perfect = discounted({2027: 30 * yearly(), 2028: 31 * yearly(), 2029: 32 * yearly()})
    myopic = discounted({2027: n[2027] * yearly(), 2028: served[2028] * yearly(), 2029: served[2029] * yearly()})
    assert more == pytest.approx(shortage + myopic - perfect, rel=1e-6)


def test_myopic_never_costs_less() -> None:
    """The tiny country with halls, connections and supply that bind."""
    scenario = tiny(
        years=[2027, 2028],
        supply=supply(y2027=5, y2028=30),
        tasks={"*": {"growth_mid_per_year": 0.3}},
        finance={"discount_rate": 0.05},
    )
    assert cost(scenario, "myopic") >= cost(scenario, "perfect") * (1 - 1e-8)


def test_a_myopic_year_without_a_plan_is_named() -> None:
    """Forbidden shortage and no supply in 2028."""
    scenario = years(0.5, supply=supply(y2027=1000), demand={"shortage": "forbidden"}, foresight="myopic")
    with pytest.raises(ew.NotOptimal) as caught:
        ew.solve(scenario, reliefs=0, growth_table=False)
    assert "2028 is infeasible" in caught.value.lines[0]


# An option never costs more


COSTS = costs(
    {
        "discount_rate_power": 0.05,
        "discount_rate_system": 0.05,
        "own_line_million_cny_per_mw": 0.1,
        "battery_power_million_cny_per_mw": 0.1,
        "battery_energy_million_cny_per_mwh": 0.1,
        "battery_life_years": 10,
        "battery_round_trip_efficiency": 0.81,
        "battery_om_share": 0.01,
    }
)
SUN = {
    "renewables": {
        "coast": {
            "solar": {
                "capex_million_cny_per_mw": 1,
                "om_million_cny_per_mw_year": 0,
                "life_years": 20,
                "lead_months": 6,
                "capex_change_per_year": 0,
            }
        }
    },
    "renewable_profiles": {"coast": {"solar": all_year(0, 0.4)}},
}
PLACE = {
    "name_en": "Void", "kind": "cluster", "region": "plateau", "node": "mesa", "latitude_deg": 41,
    "longitude_deg": -4.5, "west": True, "resource_west": True, "large_centres_allowed": True,
    "hall_capex_million_cny_per_mw": 10, "grid_capex_million_cny_per_mw": 0.5,
}  # fmt: skip
EMPTY_SITE: dict[str, Any] = {
    "sites": {"void": PLACE},
    "site_power": {
        "void": {
            "price_cny_per_kwh": 0.3, "demand_charge_cny_per_kw_month": 0, "tariff": "flat", "grid_co2_kg_per_kwh": 0.2
        }
    },
    "pue": {"void": {season: {"pue": 1.1} for season in SEASONS}},
    "capacity": {
        "void": {
            asset: {"2020-01-01": {"mw": 0.02, "status": "existing"}}
            for asset in ("grid", "hall_dense", "hall_standard")
        }
    },
}  # fmt: skip
DEVICE: dict[str, Any] = {
    "devices": {
        "gamma": {
            "name_en": "Gamma", "vendor": "Gamma", "kind": "intelligent", "origin": "domestic", "hall_class": "dense",
            "peak_pflops": 2, "rated_w": 1000, "price_cny": 100000, "price_basis": "all_in", "lifetime_years": 5,
            "training_use": 0.4, "inference_use": 0.5, "largest_group_devices": 64,
        }
    },
    "supply": {
        "gamma_group": {
            str(y): {"origin": "domestic", "low": 9, "mid": 9, "high": 9, "buyable": True} for y in (2027, 2028)
        }
    },
    "supply_map": {
        "gamma_group": {"gamma": {"first_year": 2026, "last_year": 2030, "mix": 1, "devices_per_unit": 1}}
    },
}  # fmt: skip


def scarce(**changes: Any) -> ew.Scenario:
    """The tiny country in two years, short of everything, with time-of-use prices."""
    return tiny(
        years=[2027, 2028],
        time=cut(8),
        tariffs={"flat": {"*": hours(0.5, 1.5)}},
        supply=supply(y2027=20, y2028=20),
        tasks={"*": {"growth_mid_per_year": 0.3}},
        finance={"discount_rate": 0.05},
        costs=COSTS,
    ).with_(**changes)


@pytest.mark.parametrize(
    ("option", "group", "label"),
    [
        (EMPTY_SITE, "bought", {"site": "void"}),
        (DEVICE, "bought", {"device": "gamma"}),
        ({"storage": {"where": "all"}}, "built_battery_energy", {}),
        ({"sources": {"where": "all"}, **SUN}, "built_plant", {"technology": "solar"}),
    ],
    ids=["empty site", "device", "battery", "own plants"],
)
def test_an_option_that_is_worth_it_lowers_the_cost(option: dict[str, Any], group: str, label: dict[str, str]) -> None:
    """All four are cheap and are taken."""
    base, more = optimum(scarce()), optimum(scarce(**option))
    assert more.value(group, **label) > 0
    assert more.objective < base.objective - 1e-6


def test_an_option_that_is_dear_costs_nothing() -> None:
    """Batteries and plants at 100 times the price are not built: the same cost to the last digit but eight."""
    expensive = {name: {"mid": {"scale": 100}} for name in COSTS if "million" in name}
    sun = {"renewables": {"coast": {"solar": {**SUN["renewables"]["coast"]["solar"], "capex_million_cny_per_mw": 100}}}}
    found = optimum(scarce(storage={"where": "all"}, sources={"where": "all"}, **{**SUN, **sun}).with_(costs=expensive))
    assert found.value("built_plant") + found.value("built_battery_power") == pytest.approx(0, abs=1e-9)
    assert found.objective == pytest.approx(optimum(scarce()).objective, rel=1e-8)


# Delays by region


def announced(asset: str, mw: float) -> dict[str, Any]:
    return {"metro_coast": {asset: {"2027-07-01": {"mw": mw, "status": "announced"}}}}


@pytest.mark.parametrize(("asset", "group"), [("hall_dense", "hall"), ("grid", "connection")])
@pytest.mark.parametrize(("own", "general", "days"), [(0, 0, 184), (3, 0, 93), (0, 3, 93), (3, 3, 1), (2, 10, 0)])
def test_delays_of_a_region_add_to_the_general_one(
    asset: str, group: str, own: float, general: float, days: int
) -> None:
    """5 MW announced for 1 July 2027: 184 days of 2027; months of 30.4375 days later fewer; all of 2028, but 12 months
    later only from 30 June (185 of 366 days)."""
    section = "facilities" if asset == "hall_dense" else "power"
    scenario = years(0, capacity=announced(asset, 5), delays={"coast": {asset: {"months": own}}})
    found = optimum(scenario.with_(**{section: {"delay_months": general}}))
    assert found.row(group, year=2027)["right"] == pytest.approx(5 + 5 * days / 365)
    later = 185 / 366 if own + general == 12 else 1
    assert found.row(group, year=2028)["right"] == pytest.approx(5 + 5 * later)
    assert found.row(group, year=2029)["right"] == pytest.approx(10)


def test_delays_move_devices_that_are_signed_for() -> None:
    """10 devices of 1 July 2027, three months late: in service 93 of 365 days, life 5 from then."""
    signed = {"metro_coast": {"alpha": {"2027-07-01": {"devices": 10}}}}
    found = optimum(years(0, commitments=signed, delays={"coast": {"devices": {"months": 3}}}))
    rows = found.solution.constraints("installed").set_index("year")["right"]
    assert rows.to_dict() == pytest.approx({2027: 10 * 93 / 365, 2028: 10, 2029: 10})


def test_delays_of_another_region_or_asset_move_nothing() -> None:
    """Mesa lies on the plateau: 0.04 MW of hall announced for 1 July 2027 beside 0.08."""
    late = {"hall_dense": {"months": 3}}
    there = optimum(tiny(delays={"plateau": late})).row("hall", site="mesa", asset="hall_dense")["right"]
    assert there == pytest.approx(0.08 + 0.04 * 93 / 365)
    on_time = pytest.approx(0.08 + 0.04 * 184 / 365)
    assert optimum(tiny(delays={"coast": late})).row("hall", site="mesa", asset="hall_dense")["right"] == on_time
    other = {"hall_standard": {"months": 3}}
    assert optimum(tiny(delays={"plateau": other})).row("hall", site="mesa", asset="hall_dense")["right"] == on_time


def test_delays_of_an_unknown_region_or_asset_are_errors() -> None:
    with pytest.raises(InputError, match=r"delays.*moon|moon"):
        years(0, delays={"moon": {"grid": {"months": 3}}})
    with pytest.raises(InputError, match="asset"):
        years(0, delays={"coast": {"halls": {"months": 3}}})
    with pytest.raises(InputError, match="months"):
        years(0, delays={"coast": {"grid": {"months": -3}}})


# Halls by vintage


def short_of_halls(**changes: Any) -> ew.Scenario:
    """0.5 MW of dense hall hold 5 of the 10 devices that are needed; 0.1 MW may be built a year."""
    capacity = {"metro_coast": {"hall_dense": {"*": {"mw": 0.5}}}}
    return years(0, capacity=capacity, facilities={"build_limit_share": 0.2, "metro_dense_growth": None}).with_(
        **changes
    )


def test_halls_enter_by_vintage_after_their_lead_time() -> None:
    """Decided 1 July 2026, 12 months: 184 of 365 days of 2027. 0.1 MW of each vintage: 0.5504, 0.7, 0.8 MW. They cost
    0.1 x 30 x (annuity of 15 years + 4 %) a year of service each."""
    found = optimum(short_of_halls())
    built = found.table("built_hall", asset="hall_dense").set_index("vintage")["value"]
    assert built.to_dict() == pytest.approx({2027: 0.1, 2028: 0.1, 2029: 0.1})
    half = 184 / 365
    served = {2027: 5 + half, 2028: 7, 2029: 8}
    for year, devices in served.items():
        assert found.value("energised", year=year) == pytest.approx(devices)
    paid = discounted({2027: half, 2028: 2, 2029: 3})
    assert found.cost("halls") == pytest.approx(0.1 * 30 * (annuity(15) + 0.04) * paid)


def test_halls_leave_after_their_life() -> None:
    """Life 2: what entered on 1 July 2027 is gone after 181 / 365 of 2029; that of 2028 lasts to the end of 2029."""
    found = optimum(short_of_halls(costs={"hall_life_years": {"mid": 2}}))
    gone = {2027: 5 + 184 / 365, 2028: 7, 2029: 7 + 181 / 365}
    assert {year: found.value("energised", year=year) for year in gone} == pytest.approx(gone)


@pytest.mark.parametrize(
    ("lead", "built"),
    [(17, [2027, 2028, 2029, 2030]), (18.1, [2028, 2029, 2030]), (31, [2029, 2030]), (43, [2030]), (60, [])],
)
@pytest.mark.parametrize("planned", [[2030], [2027, 2030]])
def test_the_yearly_limit_holds_in_every_calendar_year(lead: float, built: list[int], planned: list[int]) -> None:
    """0.1 MW enters in every year from the lead time on, whether it is planned or not."""
    found = optimum(short_of_halls(years=planned, facilities={"lead_months": lead}))
    table = found.solution.variables("built_hall", if_built=True)
    table = table[table["asset"] == "hall_dense"]
    assert {int(row.vintage): row.value for row in table.itertuples()} == pytest.approx(dict.fromkeys(built, 0.1))


def test_connections_enter_by_vintage_too() -> None:
    """0.4 MW hold 4 devices at their full draw; 0.04 MW may be added a year: 0.42016, 0.48 and 0.52 MW."""
    capacity = {"metro_coast": {"grid": {"*": {"mw": 0.4}}}}
    found = optimum(years(0, capacity=capacity, power={"build_limit_share": 0.1}))
    held = {2027: 4 + 0.4 * 184 / 365, 2028: 4.8, 2029: 5.2}
    assert {year: found.value("held", year=year) for year in held} == pytest.approx(held)


# Bad data


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"years": [2028, 2027]}, "expected rising years"),
        ({"years": [2027, 2027]}, "expected rising years"),
        ({"years_represented": [1, 1]}, "received 2 figures, expected one for each of the 3 years"),
        ({"years_represented": [1, 0, 1]}, "years_represented"),
        (
            {"years_represented": [1, 2, 1]},
            "2028 would stand for 2029 too, which is planned itself; expected 1 or less",
        ),
        ({"foresight": "some"}, "foresight"),
        ({"finance": {"discount_rate": -0.1}}, "finance.discount_rate"),
        ({"finance": {"discount_rate": None}}, "discount_rate_system"),
    ],
)
def test_bad_data_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        build(years(0, **changes))


def test_an_hour_of_flexibility_never_costs_more() -> None:
    """Windows that hold each other: 8 and 12 h lie in 24 h. Work that may wait all day finds the cheap hours."""
    cost = {
        hours_of_window: optimum(
            one_place(
                tasks={"chat": {"window_h": hours_of_window}},
                profiles={"flat": hours(1.5, 0.5)},
                tariffs={"*": {"*": hours(1.5, 0.5)}},
                time=cut(24),
            )
        ).objective
        for hours_of_window in (8, 12, 24)
    }
    assert cost[24] <= cost[8] + 1e-9
    assert cost[24] < cost[12] - 1e-6


def test_what_would_serve_after_the_last_year_alone_cannot_be_bought_and_has_no_supply_row() -> None:
    """With twelve months of lag what is delivered in the last year serves after it."""
    found = optimum(years(devices={"alpha": {"months_to_service": 12}}))
    supply = found.solution.constraints("supply")
    assert set(supply["vintage"]) == set(found.table("bought")["vintage"]) == {2027, 2028}
