"""The clock: seasons, slices and weights by hand, real days, and windows of work that may wait."""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builder import all_year, costs, cut, hours, one_place, optimum

import eastwest as ew
from eastwest.errors import InputError
from eastwest.model.clock import Clock, Time, days_clock, full_year_clock, season_of, seasons_clock
from eastwest.model.data.fleet import window_length
from eastwest.model.representative_days import representative_clock
from eastwest.schema.contract import SEASONS
from eastwest.solving.build import make_clock

DAYS = {"winter": 90, "spring": 92, "summer": 92, "autumn": 91}


def each_season(**values: float) -> pd.DataFrame:
    """A table of seasons: key k, season, 24 equal hours."""
    records = [{"k": "a", "season": name, **hours(value, value)} for name, value in values.items()]
    return pd.DataFrame(records)


# Seasons and weights


def test_seasons_of_days() -> None:
    """1 March is day 60, 1 June 152, 1 September 244, 1 December 335; each season has the days that it counts for."""
    edges = {1: "winter", 59: "winter", 60: "spring", 151: "spring", 152: "summer", 243: "summer", 244: "autumn"}
    edges |= {334: "autumn", 335: "winter", 365: "winter"}
    assert {day: season_of(day) for day in edges} == edges
    counted = pd.Series([season_of(day) for day in range(1, 366)]).value_counts().to_dict()
    assert counted == DAYS


@pytest.mark.parametrize("slices", [1, 2, 3, 4, 5, 8, 12, 16, 20, 24, 36, 48, 96])
def test_slices_of_seasons_fill_the_year(slices: int) -> None:
    time = cut(slices)
    clock = seasons_clock(time["seasons"], time["blocks"])
    assert len(clock.slices) == slices
    assert clock.weight.sum() == pytest.approx(8760)
    assert sum(clock.months.values()) == pytest.approx(12)
    assert clock.table.groupby("period")["hours"].sum().tolist() == [24] * len(clock.groups)


@pytest.mark.parametrize("slice_hours", [1, 2, 3, 4, 6])
def test_slices_of_the_full_year(slice_hours: int) -> None:
    """365 days x 24 / hours, one period, each slice its own hours; months by days: 90 / 365 x 12 for winter."""
    clock = full_year_clock(slice_hours)
    assert len(clock.slices) == 8760 / slice_hours == len(set(clock.slices))
    assert clock.weight.unique().tolist() == [slice_hours]
    assert clock.period_hours == 8760
    assert dict(clock.months) == pytest.approx({name: 12 * days / 365 for name, days in DAYS.items()})
    assert clock.table["start_hour"].tolist() == list(range(0, 8760, slice_hours))


def test_weights_of_chosen_days() -> None:
    """Two periods of 2 days that stand for 100 and 82.5 pairs of days, 365 in all; 4 h slices weigh 400 and 330."""
    clock = days_clock([10, 200], [100, 82.5], 2, 4)
    assert clock.weight.sum() == pytest.approx(8760)
    assert clock.weight["day010-00"] == pytest.approx(400)
    assert clock.weight["day201-20"] == pytest.approx(330)
    assert clock.table["season"].unique().tolist() == ["winter", "summer"]
    assert dict(clock.months) == pytest.approx({"winter": 12 * 200 / 365, "summer": 12 * 165 / 365})
    assert clock.period_hours == 48


def test_a_period_goes_on_after_new_year() -> None:
    """3 days from 31 December: day 365, 1 and 2."""
    table = days_clock([365], [1], 3, 6).table
    assert table["day"].drop_duplicates().tolist() == [365, 1, 2]
    assert table["start_hour"].tolist() == list(range(0, 72, 6))
    assert table["hour_of_day"].tolist() == [0, 6, 12, 18] * 3


@pytest.mark.parametrize("clock", [seasons_clock(4, 3), days_clock([10, 200], [1, 1], 2, 4), full_year_clock(6)])
def test_the_slice_after_the_last_is_the_first_of_its_period(clock: Clock) -> None:
    following = clock.next_slice
    for _, period in clock.table.groupby("period", sort=False):
        names = period["slice"].tolist()
        assert following[names].tolist() == [*names[1:], names[0]]
    assert sorted(following) == sorted(clock.slices)


def test_blocks_are_those_of_a_day() -> None:
    clock = days_clock([10, 200], [1, 1], 3, 6)
    assert clock.blocks["hour_of_day"].tolist() == [0, 6, 12, 18]
    assert clock.blocks["hours"].tolist() == [6, 6, 6, 6]


# Figures by hour, season and day


RAMP = {f"h{hour:02d}": float(hour) for hour in range(24)}


def test_daily_means_by_hand() -> None:
    """Hours 0 to 23 in blocks of 6: 2.5, 8.5, 14.5, 20.5; in 5 blocks edges are 0, 5, 10, 14, 19, 24."""
    values = np.arange(24.0)
    assert days_clock([1], [1], 2, 6).daily(values).tolist() == [2.5, 8.5, 14.5, 20.5] * 2
    assert seasons_clock(1, 5).daily(values).tolist() == pytest.approx([2, 7, 11.5, 16, 21])


def test_hourly_means_by_season_and_group() -> None:
    """Two half-years: winter with spring (90 and 92 days) 1 and 3; summer with autumn (92 and 91 days) 5 and 7."""
    table = each_season(winter=1, spring=3, summer=5, autumn=7)
    found = seasons_clock(2, 1).hourly(table, "k")["a"].to_dict()
    assert found == pytest.approx(
        {"winter-spring-00": (90 + 3 * 92) / 182, "summer-autumn-00": (5 * 92 + 7 * 91) / 183}
    )
    days = days_clock([10, 100], [1, 1], 1, 6).hourly(table, "k")["a"]
    assert [days["day010-06"], days["day100-18"]] == [1, 3]


def test_yearly_means_weigh_days() -> None:
    table = pd.DataFrame({"k": "a", "season": SEASONS, "value": [1.0, 2.0, 3.0, 4.0]})
    mean = (90 + 2 * 92 + 3 * 92 + 4 * 91) / 365
    for clock in (seasons_clock(4, 1), seasons_clock(1, 3), full_year_clock(6)):
        assert clock.yearly(table, "k", "value")["a"] == pytest.approx(mean)


@pytest.mark.parametrize("clock", [seasons_clock(4, 2), seasons_clock(2, 3), seasons_clock(1, 5), full_year_clock(4)])
def test_a_calendar_keeps_its_mean(clock: Clock) -> None:
    """8,760 values -> slices: the weighted mean is the plain one. (Five blocks are of 4 and 5 h.)"""
    values = np.random.default_rng(1).random(8760)
    found = clock.calendar(values)
    assert (found * clock.weight.to_numpy()).sum() / 8760 == pytest.approx(values.mean(), rel=1e-12)


def test_a_calendar_by_plain_means() -> None:
    """Real days take their own hours: day 200, 06:00 to 12:00 are hours 199 x 24 + 6 to + 11. Summer afternoons are the
    mean of 92 days from day 152 on."""
    values = np.random.default_rng(2).random(8760)
    days = days_clock([200], [1], 1, 6)
    assert days.calendar(values)[1] == pytest.approx(values[199 * 24 + 6 : 199 * 24 + 12].mean())
    seasons = seasons_clock(4, 2)
    summer = values.reshape(365, 24)[151:243, 12:].mean()
    assert seasons.calendar(values)[seasons.slices.index("summer-12")] == pytest.approx(summer)


@pytest.mark.parametrize(
    "clock", [seasons_clock(4, 3), seasons_clock(2, 3), full_year_clock(6), days_clock([9], [1], 3, 4)]
)
def test_calendar_and_hourly_agree(clock: Clock) -> None:
    """A year made of a table by season and hour, cut again, gives what the table gives."""
    records = [
        {"k": "a", "season": season, **{f"h{hour:02d}": hour * (number + 1.0) for hour in range(24)}}
        for number, season in enumerate(SEASONS)
    ]
    table = pd.DataFrame(records)
    by_season = table.set_index("season")[[f"h{hour:02d}" for hour in range(24)]]
    values = np.concatenate([by_season.loc[season_of(day)].to_numpy(float) for day in range(1, 366)])
    assert clock.calendar(values) == pytest.approx(clock.hourly(table, "k")["a"].loc[clock.slices].to_numpy())


# Windows


def test_windows_fit_into_periods() -> None:
    """72 h on periods of 3 days, at most 48 h on 2 days, 24 h on single and mean days. 71 h on 3 days are windows of 48
    and of 24 h: the last one may be shorter, never longer than the work may wait."""
    three, two, one = (days_clock([1, 100], [1, 1], n, 4) for n in (3, 2, 1))
    assert [window_length(three, hours) for hours in (72, 71, 24, 12, 3)] == [72, 48, 24, 12, 0]
    assert window_length(two, 72) == 48
    assert window_length(one, 72) == window_length(seasons_clock(4, 6), 72) == 24
    assert window_length(seasons_clock(4, 2), 6) == 0
    assert window_length(seasons_clock(1, 5), 12) == 0, "edges at 0, 5, 10, 14, 19 h: only whole days fit"


def test_windows_of_the_full_year_end_with_it() -> None:
    """A week is 168 h: 52 windows and one of the last day; 200 h are still a week, the longest window there is."""
    clock = full_year_clock(4)
    assert [window_length(clock, hours) for hours in (24, 72, 100, 168, 200)] == [24, 72, 96, 168, 168]


# Clusters of the package's year


@cache
def package() -> ew.Scenario:
    return ew.load_scenario("scenarios/national-2027.yaml")


@cache
def representative(periods: int, days: int) -> Clock:
    time = Time(method="representative_days", periods=periods, period_days=days)
    return representative_clock(time, package().tables)


@pytest.mark.peers("tsam")
@pytest.mark.slow
@pytest.mark.parametrize(("periods", "days"), [(4, 1), (3, 7), (3, 3)])
def test_clusters_fill_the_year(periods: int, days: int) -> None:
    """Weights sum to 8,760 h; each period is a run of real days that begins on a multiple of its length."""
    clock = representative(periods, days)
    assert clock.weight.sum() == pytest.approx(8760)
    assert len(clock.slices) == len(set(clock.slices)) == periods * days * 6
    assert sum(clock.months.values()) == pytest.approx(12)
    for _, period in clock.table.groupby("period"):
        first = period["day"].iloc[0]
        assert (first - 1) % days == 0
        assert period["day"].drop_duplicates().tolist() == list(range(first, first + days))
        assert period["weight"].nunique() == 1
    assert clock.table["day"].between(1, 365).all()


@pytest.mark.peers("tsam")
@pytest.mark.slow
def test_clusters_stand_for_whole_periods() -> None:
    """4 clusters of 365 days: each counts a whole number of days; 52 weeks are stretched to 365 days."""
    count = representative(4, 1).table.groupby("period")["weight"].sum() / 24
    assert count.to_numpy() == pytest.approx(count.round().to_numpy()) and count.min() >= 1
    assert count.sum() == pytest.approx(365)
    weeks = representative(3, 7).table.groupby("period")["weight"].sum() / 8760 * 52
    assert weeks.to_numpy() == pytest.approx(weeks.round().to_numpy())


@pytest.mark.peers("tsam")
@pytest.mark.slow
def test_clusters_are_the_same_every_time() -> None:
    time = Time(method="representative_days", periods=4)
    again = representative_clock(time, package().tables)
    pd.testing.assert_frame_equal(again.table, representative(4, 1).table)


@pytest.mark.slow
def test_more_periods_than_the_year_has_is_an_error() -> None:
    with pytest.raises(InputError, match=r"received 27, expected at most 26 periods of 14 days"):
        representative_clock(Time(method="representative_days", periods=27, period_days=14), package().tables)


def test_the_scenario_may_ask_for_every_hour() -> None:
    scenario = one_place(time={"method": "hours", "slice_hours": 6})
    assert len(make_clock(scenario.settings, scenario.tables).slices) == 1460


def test_without_tsam_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tsam", None)
    scenario = one_place(time={"method": "representative_days"})
    with pytest.raises(InputError, match=re.escape("pip install 'eastwest[cluster]'")):
        make_clock(scenario.settings, scenario.tables)


@pytest.mark.peers("tsam")
def test_the_scenario_may_ask_for_real_days() -> None:
    """Of the tiny country's tables."""
    scenario = one_place(pue={"metro_coast": {"summer": {"pue": 1.2}}})
    few = scenario.with_(time={"method": "representative_days", "periods": 2, "slice_hours": 6})
    clock = make_clock(few.settings, few.tables)
    assert sorted(clock.table.groupby("period")["weight"].sum() / 24) == pytest.approx([92, 273]), (
        "summer, and the rest"
    )


# Work that waits, on real days


def deferrable(**changes: Any) -> ew.Scenario:
    """Chat may wait 72 h on two periods of 3 days; 0.5 of its mean arrives before noon and 1.5 after it.

    40 devices stand that draw nothing when idle; 3 MW of sun shine on the second day of each period only.
    """
    plant = {"capex_million_cny_per_mw": 1, "om_million_cny_per_mw_year": 0, "life_years": 20, "lead_months": 6}
    days = {str(day): {"factor": 1.0 if day % 3 == 2 else 0.0} for day in range(1, 366)}
    figures = {"discount_rate_power": 0.05, "own_line_million_cny_per_mw": 0}
    base = one_place(
        tasks={"chat": {"window_h": 72, "profile": "day"}},
        devices={"idle_power": 0, "surge": 3},
        stock={"base": {"metro_coast": {"alpha": {"2025": {"devices": 40}}}}},
        time={"method": "representative_days", "periods": 2, "period_days": 3, "slice_hours": 6},
        renewables={"coast": {"solar": plant}},
        renewable_profiles={"coast": {"solar": all_year(1, 1)}},
        weather_days={"coast": {"solar": days}},
        capacity={"metro_coast": {"solar": {"2020-01-01": {"mw": 3, "status": "existing"}}}},
        sources={"where": "all", "build_limit_share": 0},
        costs=costs(figures),
    )
    return base.with_(**changes) if changes else base


@pytest.mark.peers("tsam")
def test_work_waits_for_the_day_with_sun() -> None:
    """With surge 3 the work of three days, 3 x 10 devices, runs on the second day alone, on its 3 MW of sun: nothing is
    paid."""
    found = optimum(deferrable())
    assert set(found.plan.windows["window"].str[-3:]) == {"00h"}
    assert found.plan.windows.groupby("window").size().tolist() == [12, 12]
    run = found.table("run")
    day = run["slice"].map(found.plan.clock.table.set_index("slice")["day"])
    sunny = run["value"][(day % 3 == 2).to_numpy()]
    assert sunny.to_numpy() == pytest.approx(np.full(len(sunny), 30))
    assert found.objective == pytest.approx(0, abs=1e-9)


@pytest.mark.peers("tsam")
def test_work_of_a_day_cannot_wait_for_another() -> None:
    """Windows of 24 h: each of the two days without sun pays its own 24 MWh: two thirds of 7.008 million."""
    found = optimum(deferrable(tasks={"chat": {"window_h": 24}}))
    assert found.plan.windows.groupby("window").size().tolist() == [4] * 6
    assert found.objective == pytest.approx(7.008 * 2 / 3)


@pytest.mark.peers("tsam")
@pytest.mark.parametrize("window", [12, 24, 72])
def test_the_volume_of_work_is_kept_window_by_window(window: int) -> None:
    """Of each window sum of hours x rate = 5 PFLOP/s x sum of hours x profile (0.5 before noon, 1.5 after), however the
    work is moved inside it."""
    found = optimum(deferrable(tasks={"chat": {"window_h": window}}))
    windows = found.plan.windows.merge(found.plan.clock.table[["slice", "hour_of_day"]], on="slice")
    run = found.table("run").groupby("slice")["value"].sum()
    windows["done"] = windows["slice"].map(run).fillna(0) * 0.5 * windows["weight"]
    windows["arrived"] = 5 * windows["hour_of_day"].map(lambda hour: 0.5 if hour < 12 else 1.5) * windows["weight"]
    sums = windows.groupby("window")[["done", "arrived"]].sum()
    assert len(sums) == 6 * 24 / window
    assert sums["done"].to_numpy() == pytest.approx(sums["arrived"].to_numpy())
    assert sums["arrived"].sum() == pytest.approx(5 * 8760)


def test_mean_days_let_work_wait_a_day_at_most() -> None:
    """The same on mean days of seasons: windows of 24 h (and there is no weather)."""
    found = optimum(deferrable(time=cut(8)))
    assert found.plan.windows.groupby("window").size().tolist() == [2] * 4


# Bad settings


@pytest.mark.parametrize(
    ("time", "message"),
    [
        ({"method": "weeks"}, "time.method"),
        ({"blocks": 25}, "time.blocks"),
        ({"blocks": 0}, "time.blocks"),
        ({"seasons": 3}, "time.seasons"),
        ({"slices": 25}, r"time.slices: received 25; above 24 it must be even"),
        ({"slices": 0}, r"time.slices: received 0, expected a whole number of 1 to 96"),
        ({"method": "hours", "slice_hours": 5}, "time.slice_hours"),
        ({"method": "representative_days", "period_days": 15}, "time.period_days"),
        ({"method": "representative_days", "periods": 0}, "time.periods"),
    ],
)
def test_bad_data_is_named(time: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        one_place(time=time)
