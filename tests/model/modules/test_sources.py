"""Own wind and solar: what they give, what is curtailed, what is built; every case starts from `one_place` (1 MW flat,
800 CNY/MWh).

Solar gives half of its capacity after noon and nothing before: 0.25 on average. A plant costs 2 million CNY/MW, life 20
years at 0 %, and 0.05 million of upkeep: 0.15 million a year.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from builder import all_year, costs, cut, hours, one_place, optimum

import eastwest as ew
from eastwest.errors import InputError
from eastwest.solving.solve import build

DAYS = {"winter": 90, "spring": 92, "summer": 92, "autumn": 91}
COSTS = costs({"discount_rate_power": 0, "own_line_million_cny_per_mw": 0})
PLANT = {
    "capex_million_cny_per_mw": 2,
    "om_million_cny_per_mw_year": 0.05,
    "life_years": 20,
    "lead_months": 6,
    "capex_change_per_year": 0,
}
NONE = {"where": "all", "build_limit_share": 0}


def place(**changes: Any) -> ew.Scenario:
    """A site that may build up to 5 MW of solar and of wind a year; wind gives nothing."""
    base = one_place(
        time=cut(8),
        sources={"where": "all", "build_limit_share": 1},
        costs=COSTS,
        renewables={"coast": {"solar": PLANT, "wind": PLANT}},
        renewable_profiles={
            "coast": {
                "solar": all_year(0, 0.5),
                "wind": all_year(0, 0),
            }
        },
    )
    return base.with_(**changes) if changes else base


def existing(mw: float, technology: str = "solar", day: str = "2020-01-01", status: str = "existing") -> dict[str, Any]:
    return {"metro_coast": {technology: {day: {"mw": mw, "status": status}}}}


def sun(**by_season: dict[str, float]) -> dict[str, Any]:
    return {"coast": {"solar": by_season}}


DEFERRABLE: dict[str, Any] = {"tasks": {"chat": {"window_h": 24}}, "devices": {"idle_power": 0}}
"""Work that may wait a day, on devices that draw nothing when idle (20 stand, 10 are needed)."""


# What a plant gives


def test_the_sun_replaces_the_grid_and_the_rest_is_curtailed() -> None:
    """4 MW give 2 MW after noon: 1 MW is used, 1 MW x 4,380 h curtailed; the morning is the grid's: 3.504 million."""
    found = optimum(place(capacity=existing(4), sources=NONE))
    assert found.value("own_output", slice="summer-12") == pytest.approx(1)
    assert found.value("grid_energy", slice="summer-12") == pytest.approx(0, abs=1e-9)
    assert found.objective == pytest.approx(3.504)
    row = found.row("output", technology="solar", slice="summer-12")
    assert (row["right"], row["slack"]) == (pytest.approx(2), pytest.approx(1))


def test_work_that_can_wait_moves_into_the_sun() -> None:
    """All 10 device-days run in 12 h on 20 devices: 2 MW after noon, all of it from the sun; nothing is paid."""
    found = optimum(place(capacity=existing(4), sources=NONE, **DEFERRABLE))
    assert found.value("run", slice="summer-12") == pytest.approx(20)
    assert found.value("run", slice="summer-00") == pytest.approx(0, abs=1e-9)
    assert found.objective == pytest.approx(0, abs=1e-9)
    assert found.row("output", technology="solar", slice="summer-12")["slack"] == pytest.approx(0, abs=1e-9)


def test_only_as_much_work_moves_as_devices_and_surge_allow() -> None:
    """Surge 1.5: 15 of 20 devices after noon, 5 before: 0.5 MW x 4,380 h x 800 CNY = 1.752 million."""
    found = optimum(place(capacity=existing(4), sources=NONE, **DEFERRABLE).with_(devices={"surge": 1.5}))
    assert found.value("run", slice="summer-00") == pytest.approx(5)
    assert found.objective == pytest.approx(1.752)


def test_a_plant_smaller_than_the_load_is_used_up() -> None:
    """1 MW gives 0.5: 0.5 x 4,380 MWh x 800 CNY are saved, and its dual says so."""
    found = optimum(place(capacity=existing(1), sources=NONE))
    assert found.objective == pytest.approx(7.008 - 1.752)
    rows = found.solution.constraints("output")
    here = rows[(rows["technology"] == "solar") & (rows["slice"] == "summer-12")].iloc[0]
    assert (here["slack"], here["dual"]) == (pytest.approx(0), pytest.approx(-92 * 12 * 800 / 1e6))


def test_capacity_factor_by_season_and_hour() -> None:
    """1 MW, summer 1.0 after noon instead of 0.5: 92 x 12 h x 0.5 MW more; slices of 6 h average their hours."""
    bright = place(capacity=existing(1), sources=NONE, renewable_profiles=sun(summer=hours(0, 1)))
    assert optimum(bright).objective == pytest.approx(7.008 - 1.752 - 92 * 12 * 0.5 * 800 / 1e6)
    ramp = {f"h{hour:02d}": hour / 24 for hour in range(24)}
    found = optimum(bright.with_(renewable_profiles=sun(summer=ramp), time=cut(16)))
    rows = found.solution.constraints("output").query("technology == 'solar'").set_index("slice")["right"]
    means = [rows[f"summer-{hour:02d}"] for hour in (0, 6, 12, 18)]
    assert means == pytest.approx([2.5 / 24, 8.5 / 24, 14.5 / 24, 20.5 / 24])


def test_seasons_cut_together_have_their_weighted_mean() -> None:
    """Two slices of half-years: summer (92 days) 0.5 on average, autumn (91 days) 0.25."""
    found = optimum(
        place(capacity=existing(1), sources=NONE, renewable_profiles=sun(summer=hours(0.5, 0.5)), time=cut(2))
    )
    rows = found.solution.constraints("output").query("technology == 'solar'")["right"].tolist()
    assert rows == pytest.approx([0.25, (0.5 * 92 + 0.25 * 91) / 183])


def test_own_power_does_not_count_towards_the_firm_connection() -> None:
    """0.4 MW of grid hold 0.4 / (0.1 x 1.1 x 0.75) = 4.85 devices whatever the sun gives; 4 draw all of it at night."""
    dark = place(capacity={"metro_coast": {"grid": {"*": {"mw": 0.4}}}}, power={"build_limit_share": 0}, sources=NONE)
    lit = dark.with_(capacity=existing(4))
    for scenario in (dark, lit):
        assert optimum(scenario).value("held") == pytest.approx(4)
    assert optimum(lit.with_(**DEFERRABLE)).value("energised") == pytest.approx(0.4 / (0.1 * 1.1 * 0.75))


# Building


def test_a_plant_is_built_as_long_as_it_is_used() -> None:
    """1 MW saves 0.5 x 4,380 x 800 = 1.752 million a year and costs 0.15; 2 MW meet the load after noon, and of more
    nothing is used: 7.008 - 3.504 + 0.3."""
    found = optimum(place())
    assert found.table("built_plant").set_index("technology")["value"].to_dict() == pytest.approx(
        {"solar": 2, "wind": 0}, abs=1e-9
    )
    assert found.cost("own_plants") == pytest.approx(0.3)
    assert found.objective == pytest.approx(3.804)


def test_work_that_can_wait_makes_room_for_more() -> None:
    """4 MW are built for 2 MW of work after noon: 0.6 million in all, instead of 3.804."""
    found = optimum(place(**DEFERRABLE))
    assert found.value("built_plant", technology="solar") == pytest.approx(4)
    assert found.objective == pytest.approx(0.6)


def test_the_yearly_limit_binds() -> None:
    """0.1 of the 5 MW connection: 0.5 MW."""
    found = optimum(place(sources={"build_limit_share": 0.1}))
    assert found.value("built_plant") == pytest.approx(0.5)
    assert found.objective == pytest.approx(7.008 - 0.5 * (1.752 - 0.15))


@pytest.mark.parametrize(("capex", "built"), [(33.9, 2), (34.1, 0)])
def test_none_where_it_is_not_worth_it(capex: float, built: float) -> None:
    """1.752 - 0.05 = 1.702 million a year over 20 years at 0 %: 34.04 million CNY/MW."""
    found = optimum(place(renewables={"coast": {"solar": {"capex_million_cny_per_mw": capex}}}))
    assert found.value("built_plant") == pytest.approx(built, abs=1e-9)


def test_the_cost_of_a_plant() -> None:
    """2 million in prices of 2025, -10 % a year to 2027, and a line of 0.5: 2.12; at 5 % over 20 years + 0.05."""
    found = optimum(
        place(
            renewables={"coast": {"solar": {"capex_change_per_year": -0.1}}},
            costs={"discount_rate_power": {"mid": 0.05}, "own_line_million_cny_per_mw": {"mid": 0.5}},
        )
    )
    factor = 0.05 / (1 - 1.05**-20)
    assert found.cost("own_plants") == pytest.approx(2 * ((2 * 0.81 + 0.5) * factor + 0.05))


def test_lead_time_and_life() -> None:
    """18 months (548 days) from 1 July 2026 end on 31 December 2027: the vintage of 2027 gives one day of 365, and with
    a life of 1 year the other 364 of 2028; those of 2028 and 2029 give their own year."""
    scenario = place(
        years=[2027, 2028, 2029],
        costs={"discount_rate_system": {"low": 0, "mid": 0, "high": 0, "unit": "1"}},
        renewables={"coast": {"wind": None, "solar": {"lead_months": 18, "life_years": 1}}},
        stock={"base": {"metro_coast": {"alpha": {"2025": {"devices": 0}, "2027": {"devices": 20, "live_share": 1}}}}},
    )
    program = build(scenario).program
    rows, matrix, names = program.constraints["output"], program.matrix(), program.variable_names()
    share: dict[tuple[int, int], float] = {}
    for number, row in enumerate(rows.index.itertuples()):
        part = slice(matrix.start[rows.offset + number], matrix.start[rows.offset + number + 1])
        if row.slice == "summer-12":
            entries = zip(matrix.index[part], matrix.value[part], strict=True)
            share |= {(int(names[i][-5:-1]), row.year): -v for i, v in entries if names[i].startswith("built_plant")}
    short = 1 / 365
    assert share == pytest.approx(
        {(2027, 2027): 0.5 * short, (2027, 2028): 0.5 * (1 - short), (2028, 2028): 0.5, (2029, 2029): 0.5}
    )


def test_plants_count_as_spending() -> None:
    """2 million CNY/MW overnight: a cap of 1 million builds half a MW."""
    found = optimum(place(policy={"spending_cap_million_cny": 1}))
    assert found.value("built_plant") == pytest.approx(0.5)


# Announced plants, places, technologies


@pytest.mark.parametrize(("own", "general", "days"), [(0, 0, 184), (3, 0, 93), (0, 3, 93), (3, 3, 1), (0, 7, 0)])
def test_announced_plants_are_delayed(own: float, general: float, days: int) -> None:
    """1 MW on 1 July 2027: on average 184 of 365 days of it; 3 months later 93."""
    scenario = place(
        capacity=existing(1, day="2027-07-01", status="announced"),
        sources={**NONE, "delay_months": general},
        delays={"coast": {"solar": {"months": own}}},
    )
    found = optimum(scenario)
    assert found.objective == pytest.approx(7.008 - 1.752 * days / 365)
    assert optimum(scenario.with_(capacity=existing(1), years=[2027])).objective == pytest.approx(
        7.008 - 1.752 * (1 + days / 365)
    )


def test_no_plants_unless_asked_for() -> None:
    """By default nowhere; `clusters` leaves out metros; a technology that is not named is not there."""
    both = existing(1)
    assert "own_output" not in build(place(capacity=both, sources={"where": "none"})).program.variables
    assert "own_output" not in build(place(capacity=both, sources={"where": "clusters"})).program.variables
    cluster = place(sources={"where": "clusters"}, sites={"metro_coast": {"kind": "cluster"}})
    assert "own_output" in build(cluster).program.variables
    windy = build(place(sources={"technologies": ["wind"]})).program
    assert set(windy.variables["own_output"].index["technology"]) == {"wind"}


def test_a_region_without_a_row_of_renewables_has_none() -> None:
    program = build(place(renewables={"coast": {"solar": None}})).program
    assert set(program.variables["own_output"].index["technology"]) == {"wind"}


# Weather and hourly years


def test_a_factor_for_each_real_day() -> None:
    """1 MW, slices of 6 h over the whole year: day 1 at half of the profile, day 2 at twice, day 3 at none.

    After noon: 0.25, 1.0, 0 MW, from day 4 on 0.5; the site's 1 MW takes all of it.
    """
    factor = {"1": {"factor": 0.5}, "2": {"factor": 2}, "3": {"factor": 0}}
    scenario = place(
        capacity=existing(1), sources=NONE, weather_days={"coast": {"solar": factor}},
        time={"method": "hours", "slice_hours": 6}, renewables={"coast": {"wind": None}},
    )  # fmt: skip
    found = optimum(scenario)
    right = found.solution.constraints("output").set_index("slice")["right"]
    assert [right[f"day{day:03d}-12"] for day in (1, 2, 3, 4)] == pytest.approx([0.25, 1, 0, 0.5])
    assert right["day002-06"] == pytest.approx(0)
    used = 12 * (0.25 + 1 + 0 + 362 * 0.5)
    assert found.objective == pytest.approx(7.008 - used * 800 / 1e6)


@pytest.mark.peers("tsam")
def test_chosen_days_give_the_energy_of_the_year() -> None:
    """Sun shines at 0.6 of the profile on odd days and at 1.4 on even ones; whatever days are chosen, the year's output
    is the mean of all 365: (183 x 0.6 + 182 x 1.4) / 365 of the profile's 0.25 mean.
    """
    factor = {str(day): {"factor": 0.6 if day % 2 else 1.4} for day in range(1, 366)}
    scenario = place(
        capacity=existing(1), sources=NONE, weather_days={"coast": {"solar": factor}},
        time={"method": "representative_days", "periods": 3, "slice_hours": 6}, renewables={"coast": {"wind": None}},
    )  # fmt: skip
    found = optimum(scenario)
    rows = found.solution.constraints("output")
    energy = (rows["right"] * rows["slice"].map(found.plan.clock.weight)).sum()
    assert energy == pytest.approx(8760 * 0.25 * (183 * 0.6 + 182 * 1.4) / 365)


def test_mean_days_have_no_weather() -> None:
    """The same factors at mean days of seasons: nothing changes."""
    factor = {"1": {"factor": 0.5}, "2": {"factor": 0}}
    base = place(capacity=existing(1), sources=NONE)
    assert optimum(base.with_(weather_days={"coast": {"solar": factor}})).objective == pytest.approx(7.008 - 1.752)


def own_year(**columns: Any) -> pd.DataFrame:
    """The table hourly of metro_coast: a value, or 24 values of a day, for each column."""
    frame = pd.DataFrame({"site": "metro_coast", "hour": np.arange(8760)})
    for name in ("wind", "solar", "pue", "price_multiplier"):
        value = columns.get(name)
        frame[name] = None if value is None else np.resize(np.asarray(value, dtype=float), 8760)
    return frame.assign(source="invented for tests", quality="assumption")


def test_a_sites_own_hourly_year_replaces_profile_and_weather() -> None:
    """Sun before noon instead of after it, 0.8 MW: 0.8 x 4,380 h x 800 CNY; factors of days no longer matter. Mean days
    of seasons take the mean of the season's hours, real days their own."""
    day = [0.8] * 12 + [0.0] * 12
    base = place(capacity=existing(1), sources=NONE, weather_days={"coast": {"solar": {"1": {"factor": 0}}}})
    own = base.with_(tables={"hourly": own_year(solar=day)})
    for scenario in (own, own.with_(time={"method": "hours", "slice_hours": 6})):
        assert optimum(scenario).objective == pytest.approx(7.008 - 0.8 * 4380 * 800 / 1e6)


def test_a_sites_own_pue_and_price() -> None:
    """PUE 1.5 before noon and 1 after, price 0.5 and 1.5 times the mean: 12 h x 365 x (1.5 x 400 + 1 x 1,200)."""
    half = [1.0] * 12
    hourly = own_year(pue=[1.5] * 12 + half, price_multiplier=[0.5] * 12 + [1.5] * 12)
    found = optimum(place(sources={"where": "none"}, tables={"hourly": hourly}))
    assert found.value("grid_energy", slice="summer-00") == pytest.approx(1.5)
    assert found.objective == pytest.approx(4380 * (1.5 * 400 + 1200) / 1e6)


def test_a_sites_own_pue_counts_for_the_connection() -> None:
    """10 devices x 0.1 MW x 1.1 x PUE 1.2 x 0.75 = 0.99 MW."""
    found = optimum(place(sources={"where": "none"}, tables={"hourly": own_year(pue=1.2)}))
    assert found.row("connection")["activity"] == pytest.approx(0.99)


def test_a_column_that_is_empty_keeps_the_default() -> None:
    """Own PUE of 1.2 all year; the sun stays after noon."""
    found = optimum(place(capacity=existing(1), sources=NONE, tables={"hourly": own_year(pue=1.2)}))
    assert found.value("own_output", slice="summer-12") == pytest.approx(0.5)
    assert found.objective == pytest.approx(1.2 * 7.008 - 1.752)


def test_part_of_an_hourly_year_is_an_error() -> None:
    with pytest.raises(InputError, match="has 8000 values, expected 8760 or none"):
        place(tables={"hourly": own_year(solar=0.5).iloc[:8000]})


# Report and bad data


def test_report_by_hand() -> None:
    """4 MW stand: 4,380 MWh are used and 4,380 curtailed."""
    table = ew.solve(place(capacity=existing(4), sources=NONE), reliefs=0, growth_table=False).table
    here = table[(table["item"] == "solar") & (table["quantity"] != "own_output")].set_index("quantity")["value"]
    assert here.to_dict() == pytest.approx({"capacity": 4, "own_electricity": 4380, "curtailed": 4380})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sources": {"where": "some"}}, "sources.where"),
        ({"sources": {"technologies": ["coal"]}}, "sources.technologies"),
        ({"sources": {"delay_months": -1}}, "sources.delay_months"),
        ({"renewables": {"coast": {"solar": {"life_years": 0}}}}, "life_years"),
        ({"renewables": {"moon": {"solar": PLANT}}}, "moon"),
        ({"renewable_profiles": sun(summer={"h12": -0.1})}, "h12"),
        ({"weather_days": {"coast": {"solar": {"366": {"factor": 1}}}}}, "day"),
        ({"costs": {"own_line_million_cny_per_mw": None}}, "own_line_million_cny_per_mw"),
    ],
)
def test_bad_data_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        build(place(**changes))


@pytest.mark.parametrize("profiles", [{"coast": {"solar": None}}, {"coast": {"solar": {"summer": None}}}])
@pytest.mark.parametrize("how", [{}, {"capacity": existing(1), "sources": NONE}], ids=["may be built", "stands"])
def test_a_plant_without_a_profile_is_named(profiles: dict[str, Any], how: dict[str, Any]) -> None:
    """A row of renewables whose region and technology have no profile, or not in every season, is an error of data."""
    with pytest.raises(InputError, match="renewable_profiles"):
        build(place(renewable_profiles=profiles, **how))
