"""Batteries: when they charge, how large they are, what they cost; every case starts from `one_place` (1 MW flat).

Round trip 0.81, so 0.9 each way. A battery costs 1 million CNY/MW and 0.5 million CNY/MWh, life 10 years at 0 %, no
upkeep: a tenth of that a year.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from builder import Optimum, attempt, costs, cut, hours, one_place, optimum

import eastwest as ew
from eastwest.errors import InputError
from eastwest.solving.solve import build

FIGURES = {
    "discount_rate_power": 0,
    "battery_power_million_cny_per_mw": 1,
    "battery_energy_million_cny_per_mwh": 0.5,
    "battery_life_years": 10,
    "battery_round_trip_efficiency": 0.81,
    "battery_om_share": 0,
}


def thirds(*values: float) -> dict[str, float]:
    """Columns h00 to h23: a value for each third of the day."""
    return {f"h{hour:02d}": values[hour // 8] for hour in range(24)}


def place(tariff: dict[str, float] | None = None, slices: int = 8, **changes: Any) -> ew.Scenario:
    """A site that may build batteries of up to 5 MW and 40 MWh; power at 400 CNY/MWh before noon and 1,200 after."""
    base = one_place(
        time=cut(slices),
        tariffs={"flat": {"*": tariff or hours(0.5, 1.5)}},
        storage={"where": "all", "build_limit_share": 1},
        costs=costs(FIGURES),
    )
    return base.with_(**changes) if changes else base


def battery(power: float, energy: float, day: str = "2020-01-01", status: str = "existing") -> dict[str, Any]:
    return {
        "metro_coast": {
            "battery_power": {day: {"mw": power, "status": status}},
            "battery_energy": {day: {"mw": energy, "status": status}},
        }
    }


def built(found: Optimum) -> tuple[float, float]:
    return found.value("built_battery_power"), found.value("built_battery_energy")


# Arbitrage


def test_arbitrage_by_hand() -> None:
    """A battery that charges c MW for 12 h gives back 0.81 c for 12 h and holds 12 x 0.9 x c = 10.8 c MWh.

    A year saves 365 x 12 x (0.81 x 1,200 - 400) = 2.50536 million CNY per MW of c and costs 0.1 + 10.8 x 0.05 = 0.64:
    worth it, until the site's own 1 MW after noon is all the battery's: c = 1 / 0.81 = 1.2346.
    """
    found = optimum(place())
    charge = 1 / 0.81
    assert built(found) == (pytest.approx(charge), pytest.approx(10.8 * charge))
    assert found.value("charge", slice="summer-00") == pytest.approx(charge)
    assert found.value("discharge", slice="summer-12") == pytest.approx(1)
    assert found.value("charge", slice="summer-12") == pytest.approx(0, abs=1e-9)
    assert found.table("grid_energy")["value"].to_numpy() == pytest.approx([1 + charge, 0] * 4, abs=1e-9)
    assert found.cost("battery_power") == pytest.approx(0.1 * charge)
    assert found.cost("battery_energy") == pytest.approx(0.05 * 10.8 * charge)
    assert found.objective == pytest.approx(7.008 - charge * (4380 * (0.81 * 1200 - 400) / 1e6 - 0.64))


def test_power_and_energy_are_sized_apart() -> None:
    """Two cheap thirds of the day and a dear one (533.3, 533.3, 1,333.3 CNY/MWh): the 8 MWh of the dear third are
    charged in 16 h at 0.5 / 0.81 = 0.617 MW, so 1 MW (of discharge) and 8 / 0.9 = 8.889 MWh are built.

    365 x 8 x (1,333.3 - 533.3 / 0.81) = 1.970817 million saved for 0.1 + 0.4444.
    """
    found = optimum(place(thirds(1, 1, 2.5), slices=3))
    assert built(found) == (pytest.approx(1), pytest.approx(8 / 0.9))
    assert found.value("charge") == pytest.approx(1 / 0.81)
    assert found.objective == pytest.approx(7.008 - 365 * 8 * (4000 - 1600 / 0.81) / 3 / 1e6 + 0.1 + 0.05 * 8 / 0.9)


def test_charging_fast_is_paid_for_in_power() -> None:
    """One cheap third and two dear ones: 16 MWh / 0.81 are charged in 8 h: 2.469 MW, and 16 / 0.9 = 17.78 MWh."""
    found = optimum(place(thirds(0.25, 1, 1), slices=3))
    assert built(found) == (pytest.approx(2 / 0.81), pytest.approx(16 / 0.9))
    assert found.row("charging", slice="year-00")["slack"] == pytest.approx(0, abs=1e-9)
    assert found.row("discharging", slice="year-08")["slack"] == pytest.approx(2 / 0.81 - 1)


def test_the_level_is_a_cycle() -> None:
    """Level after = level before + 12 x (0.9 x charge - discharge / 0.9): 0 at the end of the dear half, 13.33 between;
    what goes in times 0.81 comes out, in each season by itself."""
    found = optimum(place())
    level = found.table("level").set_index("slice")["value"]
    assert level["winter-00"] - level["winter-12"] == pytest.approx(12 / 0.9)
    for season in ("winter", "spring", "summer", "autumn"):
        slices = [f"{season}-00", f"{season}-12"]
        into = sum(found.value("charge", slice=name) for name in slices)
        out = sum(found.value("discharge", slice=name) for name in slices)
        assert out == pytest.approx(0.81 * into) and out > 0


def test_a_season_cannot_lend_to_another() -> None:
    """Summer is dear all day and the rest of the year cheap all day: nothing to move within a day, nothing is built."""
    found = optimum(place(tariffs={"flat": {"*": hours(1, 1), "summer": hours(3, 3)}}))
    assert built(found) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9))


# Not worth it, limited, binding


def test_none_where_it_is_not_worth_it() -> None:
    """At 2.50536 - 0.54 = 1.96536 million a year per MW the power alone eats what is saved: 19.6536 million CNY/MW."""
    expensive = optimum(place(costs=costs(FIGURES, battery_power_million_cny_per_mw=19.66)))
    assert built(expensive) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9))
    assert expensive.objective == pytest.approx(7.008)
    assert (
        optimum(place(costs=costs(FIGURES, battery_power_million_cny_per_mw=19.64))).value("built_battery_power") > 1.2
    )


def test_flat_prices_leave_it_idle() -> None:
    """A battery that stands is not used: it would lose 19 %."""
    found = optimum(place(hours(1, 1), capacity=battery(1, 10)))
    assert found.value("charge") == pytest.approx(0, abs=1e-9)
    assert found.objective == pytest.approx(7.008)


def test_the_limit_on_power_binds() -> None:
    """0.1 of the 5 MW connection: 0.5 MW charge, 0.405 come back; saved 0.5 x (2.50536 - 0.64) = 0.93268 million."""
    found = optimum(place(storage={"build_limit_share": 0.1, "most_hours": 12}))
    assert built(found) == (pytest.approx(0.5), pytest.approx(5.4))
    assert found.objective == pytest.approx(7.008 - 0.5 * (2.50536 - 0.64))


def test_the_limit_on_energy_binds() -> None:
    """8 h of 0.5 MW: 4 MWh take 4 / 10.8 = 0.37037 MW of charge."""
    found = optimum(place(storage={"build_limit_share": 0.1, "most_hours": 8}))
    assert built(found) == (pytest.approx(4 / 10.8), pytest.approx(4))
    assert found.row("stored", slice="winter-00")["slack"] == pytest.approx(0, abs=1e-9)


def test_what_stands_costs_nothing_and_is_used_first() -> None:
    """0.5 MW and 5.4 MWh stand, no more may be built: 0.5 x 2.50536 million saved; a MWh more would save 2.50536 / 10.8
    / 365 a day, were there power for it; there is not."""
    found = optimum(place(capacity=battery(0.5, 5.4), storage={"build_limit_share": 0}))
    assert "built_battery_power" not in found.plan.program.variables
    assert found.objective == pytest.approx(7.008 - 0.5 * 2.50536)
    slack = optimum(place(capacity=battery(0.5, 20), storage={"build_limit_share": 0}))
    assert slack.objective == pytest.approx(found.objective)
    assert slack.solution.constraints("stored")["dual"].to_numpy() == pytest.approx(np.zeros(8), abs=1e-9)
    assert slack.solution.constraints("charging")["dual"].sum() == pytest.approx(-2.50536)


def test_a_demand_charge_makes_peaks_dear() -> None:
    """A MW more before noon is paid at 300 CNY/kW a month = 3.6 million a year, more than the 1.86536 that it saves; at
    100 CNY, 1.2 million, it is worth it (the published price is raised so that the energy price stays at 0.8)."""

    def power(charge: float) -> dict[str, Any]:
        price = 0.8 + charge / (0.85 * 730)
        return {"metro_coast": {"demand_charge_cny_per_kw_month": charge, "price_cny_per_kwh": price}}

    assert built(optimum(place(site_power=power(300)))) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9))
    found = optimum(place(site_power=power(100)))
    assert found.value("built_battery_power") == pytest.approx(1 / 0.81)
    assert found.objective == pytest.approx(7.008 + 1.2 - (2.50536 - 0.64 - 1.2) / 0.81)


def test_the_connection_limits_charging() -> None:
    """A grid of 1.5 MW: 0.5 MW are left for charging."""
    grid = {"metro_coast": {"grid": {"*": {"mw": 1.5}}}}
    found = optimum(place(capacity=grid, storage={"build_limit_share": 5}, power={"build_limit_share": 0}))
    assert found.value("charge", slice="summer-00") == pytest.approx(0.5)
    assert found.row("draw", slice="summer-00")["slack"] == pytest.approx(0, abs=1e-9)


def test_a_battery_carries_the_peak_of_an_hour_over_the_connection() -> None:
    """Chat draws 1.0 and 1.5 MW (profile 0.5 / 1.5, 15 energised, idle 0.5); of 1.3 MW of grid 0.3 are free before noon
    for the 0.2 that are lacking after it: 0.2 / 0.81 = 0.2469 MW of charge."""
    scenario = place(
        hours(1, 1),
        tasks={"chat": {"profile": "day"}},
        capacity={"metro_coast": {"grid": {"*": {"mw": 1.3}}}},
        power={"build_limit_share": 0, "headroom": 1, "diversity": 0.5},
        storage={"build_limit_share": 5},
    )
    found = optimum(scenario)
    assert found.value("unserved") == pytest.approx(0, abs=1e-9)
    assert found.value("discharge", slice="winter-12") == pytest.approx(0.2)
    assert found.value("charge", slice="winter-00") == pytest.approx(0.2 / 0.81)
    assert optimum(scenario.with_(storage={"where": "none"})).value("unserved") > 0.1


def test_impossible_over_the_whole_day() -> None:
    """2 MW of fixed load all day on a grid of 1.5 MW: a battery moves energy and makes none."""
    load = {"metro_coast": {"storage": {"it_mw": 2, "reference_date": "2026-07-01", "growth_per_year": 0}}}
    scenario = place(
        fixed_load=load, capacity={"metro_coast": {"grid": {"*": {"mw": 1.5}}}}, power={"build_limit_share": 0}
    )
    assert attempt(scenario)[1].status == "infeasible"


# Where, when and how long


def test_no_batteries_unless_asked_for() -> None:
    """By default nowhere, even where one stands; `clusters` leaves out metros; no cost of batteries is read."""
    plain = one_place(time=cut(8), capacity=battery(1, 10))
    assert not {"charge", "level"} & set(build(plain).program.variables)
    assert "charge" not in build(place(storage={"where": "clusters"})).program.variables
    assert "charge" in build(
        place(storage={"where": "clusters"}, sites={"metro_coast": {"kind": "cluster"}})
    ).program.variables  # fmt: skip


@pytest.mark.parametrize(("own", "general", "days"), [(0, 0, 184), (3, 0, 93), (3, 3, 1)])
def test_announced_batteries_are_delayed(own: float, general: float, days: int) -> None:
    """0.5 MW and 5.4 MWh on 1 July 2027, months later: on average that share of the year."""
    late = {"coast": {asset: {"months": own} for asset in ("battery_power", "battery_energy")}}
    scenario = place(
        capacity=battery(0.5, 5.4, "2027-07-01", "announced"),
        storage={"build_limit_share": 0, "delay_months": general},
        delays=late,
    )
    found = optimum(scenario)
    assert found.solution.constraints("charging")["right"].to_numpy() == pytest.approx(np.full(8, 0.5 * days / 365))
    assert found.solution.constraints("stored")["right"].to_numpy() == pytest.approx(np.full(8, 5.4 * days / 365))


def test_lead_time_and_life() -> None:
    """12 months from 1 July 2026: 184 of 365 days of 2027, paid for that share; life 1: 181 / 365 of 2028."""
    scenario = place(
        years=[2027, 2028, 2029],
        finance={"discount_rate": 0},
        storage={"lead_months": 12},
        costs=costs(
            FIGURES, battery_life_years=1, battery_power_million_cny_per_mw=0.1, battery_energy_million_cny_per_mwh=0
        ),
    )
    plan = build(scenario)
    rows = plan.program.constraints["charging"]
    dense = {}
    matrix = plan.program.matrix()
    names = plan.program.variable_names()
    for number, year in enumerate(rows.index["year"]):
        part = slice(matrix.start[rows.offset + number], matrix.start[rows.offset + number + 1])
        row = {names[i]: v for i, v in zip(matrix.index[part], matrix.value[part], strict=True)}
        dense[int(year)] = {name: -value for name, value in row.items() if name.startswith("built")}
    half = 184 / 365
    name = "built_battery_power[metro_coast,{}]".format
    assert dense[2027] == pytest.approx({name(2027): half})
    assert dense[2028] == pytest.approx({name(2027): 1 - half, name(2028): 1})
    assert dense[2029] == pytest.approx({name(2029): 1})


def test_upkeep_and_annuity() -> None:
    """5 % over 10 years and 2 % upkeep: 1.2346 x (0.129505 + 0.02) million for power."""
    found = optimum(place(costs=costs(FIGURES, discount_rate_power=0.05, battery_om_share=0.02)))
    factor = 0.05 / (1 - 1.05**-10) + 0.02
    assert found.cost("battery_power") == pytest.approx(factor / 0.81)


def test_both_parts_count_as_spending() -> None:
    """1.2346 MW x 1 + 13.333 MWh x 0.5 = 7.9012 million overnight; a cap of half of it builds half."""
    found = optimum(place(policy={"spending_cap_million_cny": 7.901234567901234 / 2}))
    assert built(found) == (pytest.approx(0.5 / 0.81), pytest.approx(0.5 * 12 / 0.9))


# Chronology of real days


def test_a_battery_works_through_real_hours() -> None:
    """6 h slices of the whole year: two cheap, two dear; 12 h of charge at 1.2346 MW each day as on the mean day."""
    found = optimum(place(time={"method": "hours", "slice_hours": 6}))
    charge = 1 / 0.81
    assert built(found) == (pytest.approx(charge), pytest.approx(10.8 * charge))
    assert found.objective == pytest.approx(7.008 - charge * (2.50536 - 0.64), rel=1e-7)


# The report and bad data


def test_report_by_hand() -> None:
    table = ew.solve(place(), reliefs=0, growth_table=False).table
    kept = table[table["item"].isin(["battery_power", "battery_energy"])].set_index(["quantity", "item"])["value"]
    power, energy = 1 / 0.81, 12 / 0.9
    assert kept["capacity"].to_dict() == pytest.approx({"battery_power": power, "battery_energy": energy}, rel=1e-6)
    assert kept["built"].to_dict() == pytest.approx({"battery_power": power, "battery_energy": energy}, rel=1e-6)
    assert kept["cost"].to_dict() == pytest.approx({"battery_power": 0.1 * power, "battery_energy": 0.05 * energy})
    level = table[table["quantity"] == "level"]["value"]
    assert level.max() == pytest.approx(energy, rel=1e-6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"storage": {"where": "everywhere"}}, "storage.where"),
        ({"storage": {"most_hours": 0}}, "storage.most_hours"),
        ({"storage": {"build_limit_share": -1}}, "storage.build_limit_share"),
        ({"storage": {"hours": 4}}, "most_hours"),
        ({"costs": {"battery_life_years": None}}, "battery_life_years"),
        ({"costs": {"battery_life_years": {"mid": 0}}}, "expected a life above 0"),
    ],
)
def test_bad_data_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        build(place(**changes))


@pytest.mark.parametrize("efficiency", [0, 1.2])
def test_an_efficiency_out_of_range_is_named(efficiency: float) -> None:
    with pytest.raises(InputError, match="battery_round_trip_efficiency"):
        build(place(costs=costs(FIGURES, battery_round_trip_efficiency=efficiency)))
