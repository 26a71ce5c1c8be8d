"""Power at the meter and what it costs; every case starts from `one_place` (1 MW flat, PUE 1, 0.8 CNY/kWh, 7.008
million).
"""

from __future__ import annotations

import pytest
from builder import attempt, cut, hours, one_place, optimum

import eastwest as ew
from eastwest.errors import InputError
from eastwest.solving.solve import build

NO_BUILDING = {"build_limit_share": 0}


def price(**columns: float) -> dict[str, object]:
    return {"metro_coast": columns}


def grid(mw: float) -> dict[str, object]:
    return {"metro_coast": {"grid": {"*": {"mw": mw}}}}


def storage(mw: float, item: str = "storage") -> dict[str, object]:
    return {"metro_coast": {item: {"it_mw": mw, "reference_date": "2026-07-01", "growth_per_year": 0}}}


# The balance


def test_energy_of_one_megawatt() -> None:
    """8,760 h x 1 MW x 800 CNY/MWh = 7.008 million CNY."""
    found = optimum(one_place())
    assert found.table("grid_energy")["value"].tolist() == pytest.approx([1, 1, 1, 1])
    assert found.cost("energy") == pytest.approx(7.008)


def test_idle_and_busy_draw() -> None:
    """Profile 0.5 / 1.5: 15 energised at idle 0.5 x 0.1 = 0.75 MW, busy 5 or 15 add 0.05 each: 1.0 and 1.5 MW; mean
    1.25.
    """
    found = optimum(one_place(tasks={"chat": {"profile": "day"}}, time=cut(8)))
    assert found.value("grid_energy", slice="summer-00") == pytest.approx(1.0)
    assert found.value("grid_energy", slice="summer-12") == pytest.approx(1.5)
    assert found.objective == pytest.approx(7.008 * 1.25)


def test_training_draws_its_own_share() -> None:
    """The same as training, 10 devices x 0.1 MW x 0.8 = 0.8 MW."""
    assert optimum(one_place(tasks={"chat": {"work": "training"}})).objective == pytest.approx(7.008 * 0.8)


def test_pue_multiplies_by_season() -> None:
    """1.5 in summer (92 days), 1 else: 8.76 x 0.8 x (1 + 0.5 x 92 / 365)."""
    found = optimum(one_place(pue={"metro_coast": {"summer": {"pue": 1.5}}}))
    assert found.value("grid_energy", slice="summer-00") == pytest.approx(1.5)
    assert found.objective == pytest.approx(7.008 * (1 + 0.5 * 92 / 365))


def test_seasons_that_are_cut_together_have_their_weighted_mean() -> None:
    """2 slices: winter with spring, summer (92 days) with autumn (91): PUE 1 + 0.5 x 92 / 183; the year's cost is the
    same.
    """
    found = optimum(one_place(pue={"metro_coast": {"summer": {"pue": 1.5}}}, time=cut(2)))
    assert sorted(found.table("grid_energy")["value"]) == pytest.approx([1, 1 + 0.5 * 92 / 183])
    assert found.objective == pytest.approx(7.008 * (1 + 0.5 * 92 / 365))


def test_fixed_load_draws_every_hour_and_the_residual_only_on_request() -> None:
    """1 MW of storage at PUE 1 costs another 7.008 million; 2 MW of residual another 14.016, where asked for."""
    both = one_place(fixed_load={"metro_coast": storage(1)["metro_coast"] | storage(2, "residual")["metro_coast"]})  # type: ignore[operator]
    assert optimum(both).objective == pytest.approx(2 * 7.008)
    assert optimum(both.with_(power={"residual_load": True})).objective == pytest.approx(4 * 7.008)


def test_fixed_load_is_multiplied_by_pue() -> None:
    found = optimum(one_place(fixed_load=storage(1), pue={"metro_coast": {"*": {"pue": 1.25}}}))
    assert found.value("grid_energy", slice="winter-00") == pytest.approx(2.5)


# Prices


def test_demand_charge_comes_out_of_the_energy_price() -> None:
    """Charge 40 CNY/kW a month: energy 0.8 - 40 / (0.85 x 730) = 0.735536 CNY/kWh, 6.443294 million; 1,000 kW x 40 x
    12 = 0.48.
    """
    found = optimum(one_place(site_power=price(demand_charge_cny_per_kw_month=40)))
    assert found.cost("energy") == pytest.approx(8760 * (0.8 - 40 / (0.85 * 730)) / 1e3)
    assert found.cost("demand_charge") == pytest.approx(0.48)
    assert found.objective == pytest.approx(6.923294, rel=1e-6)


def test_published_price_is_met_at_its_load_factor() -> None:
    """At load factor 1 instead of 0.85: energy 0.8 - 40 / 730 and charge 0.48 million give 0.8 CNY/kWh x (8,760 h of
    12 x 730).
    """
    found = optimum(
        one_place(site_power=price(demand_charge_cny_per_kw_month=40), power={"demand_charge_load_factor": 1})
    )
    assert found.objective == pytest.approx(7.008)


def test_demand_charge_is_paid_on_the_peak_of_each_season() -> None:
    """PUE 1.5 in summer: 3 months of 1,500 kW and 9 of 1,000 at 40 CNY = 0.54 million; cut in one season, 12 months of
    the mean day.
    """
    scenario = one_place(
        site_power=price(demand_charge_cny_per_kw_month=40), pue={"metro_coast": {"summer": {"pue": 1.5}}}
    )
    assert optimum(scenario).cost("demand_charge") == pytest.approx(0.54)
    whole = optimum(scenario.with_(time=cut(1)))
    assert whole.cost("demand_charge") == pytest.approx(0.48 * (1 + 0.5 * 92 / 365))


def test_demand_charge_is_paid_on_the_busiest_slice() -> None:
    """Draw 1.0 and 1.5 MW (profile 0.5 / 1.5): 1,500 kW x 40 x 12 = 0.72 million."""
    scenario = one_place(
        tasks={"chat": {"profile": "day"}}, time=cut(8), site_power=price(demand_charge_cny_per_kw_month=40)
    )
    assert optimum(scenario).cost("demand_charge") == pytest.approx(0.72)


@pytest.mark.parametrize(("first", "second"), [(0.5, 1.5), (1, 3), (10, 30)])
def test_time_of_use_keeps_the_mean(first: float, second: float) -> None:
    """Multipliers 1 : 3 are rescaled to 0.5 : 1.5; flat work costs what it did."""
    found = optimum(one_place(tariffs={"flat": {"*": hours(first, second)}}, time=cut(8)))
    assert found.objective == pytest.approx(7.008)
    row = found.plan.program.item_cost("energy")[found.plan.program.variables["grid_energy"].offset :][:2]
    assert row[1] / row[0] == pytest.approx(3)


def test_time_of_use_prices_the_hour_and_may_be_switched_off() -> None:
    """1.0 MW at 0.5 and 1.5 MW at 1.5 times the price: (0.25 + 1.125) x 7.008; flat: 1.25 x 7.008."""
    scenario = one_place(tasks={"chat": {"profile": "day"}}, tariffs={"flat": {"*": hours(1, 3)}}, time=cut(8))
    assert optimum(scenario).objective == pytest.approx(1.375 * 7.008)
    assert optimum(scenario.with_(power={"time_of_use": False})).objective == pytest.approx(1.25 * 7.008)


def test_time_of_use_multiplies_only_the_energy_part() -> None:
    scenario = one_place(
        tariffs={"flat": {"*": hours(1, 3)}}, time=cut(8), site_power=price(demand_charge_cny_per_kw_month=40)
    )
    assert optimum(scenario).objective == pytest.approx(6.923294, rel=1e-6)


def test_seasonal_tariff_keeps_its_mean_over_the_year() -> None:
    """Summer twice as dear as the rest: mean 1 + 92 / 365; flat work still costs 7.008 a year."""
    found = optimum(one_place(tariffs={"flat": {"summer": hours(2, 2)}}))
    assert found.objective == pytest.approx(7.008)


def test_preferential_price_only_where_asked_for_and_known() -> None:
    """0.4 CNY/kWh from the press: 3.504 million; without a figure the industrial price stays."""
    scenario = one_place(site_power=price(preferential_price_cny_per_kwh=0.4))
    assert optimum(scenario).objective == pytest.approx(7.008)
    assert optimum(scenario.with_(power={"prices": "preferential"})).objective == pytest.approx(3.504)
    assert optimum(one_place(power={"prices": "preferential"})).objective == pytest.approx(7.008)


# The connection


def test_slack_connection_by_hand() -> None:
    """10 devices x 0.1 MW x 1.1 x PUE 1.25 x 0.75 = 1.03125 MW of 5."""
    row = optimum(one_place(pue={"metro_coast": {"*": {"pue": 1.25}}})).row("connection")
    assert row["activity"] == pytest.approx(1.03125)
    assert row["dual"] == pytest.approx(0)


def test_binding_connection_limits_what_is_energised() -> None:
    """Draw 0.7 of rated keeps the hour slack: 0.4125 MW / (0.1 x 1.1 x 0.75) = 5 devices, 2.5 served."""
    found = optimum(one_place(capacity=grid(0.4125), power=NO_BUILDING, devices={"busy_power_other": 0.7}))
    assert found.value("energised") == pytest.approx(5)
    assert found.value("unserved") == pytest.approx(2.5)
    assert found.row("connection")["dual"] < 0
    assert found.row("draw", slice="summer-00")["slack"] == pytest.approx(0.4125 - 0.35)


def test_binding_draw_of_the_hour() -> None:
    """Busy draw 1.0 of rated is above 0.825: 0.4 MW hold 4 devices in the hour, and the diversified row has room."""
    found = optimum(one_place(capacity=grid(0.4), power=NO_BUILDING))
    assert found.value("held") == pytest.approx(4)
    assert found.row("draw", slice="summer-00")["slack"] == pytest.approx(0)
    assert found.row("connection")["slack"] == pytest.approx(0.4 - 0.33)


def test_headroom_and_diversity_are_settings() -> None:
    found = optimum(one_place(power={"headroom": 2, "diversity": 0.5}))
    assert found.row("connection")["activity"] == pytest.approx(1.0)


def test_connection_may_be_built_within_its_limit_for_its_part_of_the_year() -> None:
    """0.1 x 0.4 MW, in service 184 of 365 days: 0.04 x 1.5 x annuity(10 %, 30 years) x 184 / 365 = 0.003209 million;
    0.2016 devices more.
    """
    found = optimum(one_place(capacity=grid(0.4)))
    assert found.value("built_grid") == pytest.approx(0.04)
    assert found.cost("grid") == pytest.approx(0.04 * 1.5 * 0.1 / (1 - 1.1**-30) * 184 / 365)
    assert found.value("held") == pytest.approx((0.4 + 0.04 * 184 / 365) / 0.1)


def test_fixed_load_needs_a_connection_too() -> None:
    """(1 + 1) MW x 1.1 x 0.75 = 1.65 MW; the hour takes 2 MW."""
    found = optimum(one_place(fixed_load=storage(1)))
    rows = found.row("connection")
    assert rows["right"] - rows["activity"] == pytest.approx(5 - 1.65)
    assert found.row("draw", slice="winter-00")["activity"] == pytest.approx(2)


def test_announced_connection_is_delayed() -> None:
    """2 MW announced for 1 July 2027, three months late: 93 of 365 days."""
    capacity = {"metro_coast": {"grid": {"2027-07-01": {"mw": 2, "status": "announced"}}}}
    found = optimum(one_place(capacity=capacity, power={"delay_months": 3}))
    assert found.row("connection")["right"] == pytest.approx(5 + 2 * 93 / 365)


def test_impossible_fixed_load_over_the_connection() -> None:
    assert attempt(one_place(fixed_load=storage(6), power=NO_BUILDING))[1].status == "infeasible"


# Carbon


def test_carbon_price_by_hand() -> None:
    """8,760 MWh x 0.5 t x 100 CNY = 0.438 million."""
    found = optimum(one_place(green={"carbon_price_cny_per_t": 100}))
    assert found.cost("carbon") == pytest.approx(0.438)
    assert found.objective == pytest.approx(7.446)


@pytest.mark.parametrize(("cap", "served"), [(10000, 5), (2190, 2.5), (0, 0)])
def test_carbon_cap_binds(cap: float, served: float) -> None:
    """5 PFLOP/s emit 4,380 t; a cap of 2,190 t leaves half."""
    found = optimum(one_place(green={"carbon_cap_t": cap}))
    assert found.value("serve") == pytest.approx(served)
    assert (found.row("carbon")["dual"] < -1e-9) == (served < 5)


def test_carbon_cap_is_impossible_under_a_forbidden_shortage() -> None:
    assert attempt(one_place(green={"carbon_cap_t": 4000}, demand={"shortage": "forbidden"}))[1].status == "infeasible"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"power": {"headroom": 0.9}}, "power.headroom"),
        ({"power": {"demand_charge_load_factor": 0}}, "power.demand_charge_load_factor"),
        ({"power": {"prices": "cheap"}}, "power.prices"),
        ({"site_power": price(price_cny_per_kwh=-1)}, "price_cny_per_kwh"),
        ({"pue": {"metro_coast": {"summer": {"pue": 0.9}}}}, "pue"),
        ({"site_power": {"metro_coast": {"tariff": "flta"}}}, "did you mean 'flat'"),
    ],
)
def test_bad_data_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        one_place(**changes)


def test_report_of_power_by_hand() -> None:
    """PUE 1.25: 8,760 MWh IT, 10,950 at the meter, 5,475 t; grid 5 MW, 1.25 / 5 busy, 1.03125 needed."""
    table = ew.solve(one_place(pue={"metro_coast": {"*": {"pue": 1.25}}}), reliefs=0, growth_table=False).table
    by = table.drop_duplicates("quantity").set_index("quantity")["value"]
    assert (by["electricity"], by["it_electricity"], by["carbon"]) == pytest.approx((10950, 8760, 5475))
    grid_rows = table[table["item"] == "grid"].set_index("quantity")["value"]
    assert grid_rows.to_dict() == pytest.approx(
        {"capacity": 5, "used": 1.03125, "utilisation": 0.25, "utilisation_p95": 0.25, "utilisation_peak": 0.25}
    )
    assert build(one_place()).program.constraints["power"].unit == "MW"
