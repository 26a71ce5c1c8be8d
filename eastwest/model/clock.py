"""The clock: how a year is cut into time slices, and how figures by season, hour or day become figures by slice.

A slice belongs to a *period* (a representative day, a run of days, or the whole year). Slices are chronological inside
their period, weights sum to 8,760 h, hours are local clock hours. Three ways to cut a year of 365 days:

seasons              one mean day for each season (or half-year, or year), cut into equal blocks
representative_days  real days, or runs of days, of the hourly year (`eastwest.model.representative_days`)
hours                every hour of the year, one period
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from eastwest.errors import InputError
from eastwest.lp.expression import Floats
from eastwest.schema import contract
from eastwest.schema.contract import HOURS, SEASONS, Contract

DAYS = {"winter": 90, "spring": 92, "summer": 92, "autumn": 91}
"""Days of each season: December to February, March to May, June to August, September to November; 365 in all."""

DAYS_PER_YEAR = 365
HOURS_PER_YEAR = contract.HOURS_PER_YEAR
HOURS_PER_DAY = 24
MONTHS_PER_YEAR = 12
_SPRING, _SUMMER, _AUTUMN, _DECEMBER = 60, 152, 244, 335


class Time(Contract):
    """How the year is cut."""

    method: Literal["seasons", "representative_days", "hours"] = Field(
        "seasons", description="mean days of seasons, representative real days, or all 8,760 hours"
    )
    seasons: Literal[1, 2, 4] = Field(4, description="mean days with seasons: 4 seasons, 2 half-years, 1 year")
    blocks: int = Field(6, ge=1, le=24, description="blocks of each mean day, in the plan and in events")
    coarse: bool = Field(False, description="allow fewer than 6 blocks of the day, for a trial that is no plan")
    periods: int = Field(6, ge=1, le=60, description="periods of representative_days")
    period_days: int = Field(1, ge=1, le=14, description="length of a period of representative_days [days]")
    slice_hours: Literal[1, 2, 3, 4, 6] = Field(4, description="slice of representative_days or hours [h]")

    @property
    def blocks_of_the_day(self) -> int:
        """Blocks into which each day is cut, by whichever method."""
        return self.blocks if self.method == "seasons" else HOURS_PER_DAY // self.slice_hours


FEWEST_BLOCKS = 6
"""Blocks of the day from which daily peaks are seen well enough for a plan (measured: docs/results.md)."""


def season_of(day: int) -> str:
    """Season of a day of the year, 1 = 1 January."""
    if _SPRING <= day < _SUMMER:
        return "spring"
    if _SUMMER <= day < _AUTUMN:
        return "summer"
    return "autumn" if _AUTUMN <= day < _DECEMBER else "winter"


@dataclass(frozen=True, eq=False)
class Clock:
    """Time slices: slice, period, season, event, day, block, start_hour, hour_of_day, hours and weight [h a year].

    `season` is a season or a group of seasons, `day` the day of the year (0 where the slice stands for a mean day),
    `block` the number of the slice within its day, `start_hour` counts from the start of the period; `event` names the
    event that the period is, empty for all others.
    """

    table: pd.DataFrame
    groups: Mapping[str, tuple[str, ...]]
    months: Mapping[str, float]
    """Months a year that each season stands for."""

    @property
    def slices(self) -> list[str]:
        return list(self.table["slice"])

    @cached_property
    def weight(self) -> pd.Series:
        """Hours a year of each slice, labelled by slice."""
        return self.table.set_index("slice")["weight"].astype(float)

    @property
    def blocks(self) -> pd.DataFrame:
        """Blocks of the day: block, hour_of_day, hours; the same in every period."""
        return self.table.drop_duplicates("block")[["block", "hour_of_day", "hours"]].reset_index(drop=True)

    @property
    def period_hours(self) -> int:
        """Length of a period [h]."""
        return int((self.table["start_hour"] + self.table["hours"]).max())

    @property
    def next_slice(self) -> pd.Series:
        """The slice that follows in the same period, the first after the last, labelled by slice."""
        following = self.table.groupby("period", sort=False)["slice"].shift(-1)
        first = self.table.groupby("period", sort=False)["slice"].transform("first")
        return following.fillna(first).set_axis(pd.Index(self.table["slice"], name="slice"))

    def daily(self, hourly: Floats) -> Floats:
        """24 hourly values -> mean in each slice, shape (slices,)."""
        means: Floats = self._means(np.asarray(hourly, dtype=float)[None, :])[0]
        return means

    def _means(self, hourly: Floats) -> Floats:
        """Hourly values of a day, shape (n, 24) -> means in each slice, shape (n, slices)."""
        total = np.concatenate([np.zeros((len(hourly), 1)), np.cumsum(hourly, axis=1)], axis=1)
        start, hours = self.table["hour_of_day"].to_numpy(), self.table["hours"].to_numpy()
        means: Floats = (total[:, start + hours] - total[:, start]) / hours
        return means

    def seasonal(self, table: pd.DataFrame, key: str | list[str], columns: list[str]) -> pd.DataFrame:
        """Rows by (key, season) -> rows by (key, season group), days as weights; columns keep their names."""
        keys = [key] if isinstance(key, str) else key
        group_of = {season: group for group, members in self.groups.items() for season in members}
        days = table["season"].map(DAYS).to_numpy(float)
        weighted = table[columns].astype(float).mul(days, axis=0).assign(_days=days)
        total = weighted.groupby([table["season"].map(group_of), *(table[name] for name in keys)]).sum()
        return total[columns].div(total["_days"], axis=0).reset_index()

    def yearly(self, table: pd.DataFrame, key: str, column: str) -> pd.Series:
        """Rows by (key, season) -> day-weighted mean over the year, labelled by key."""
        days = table["season"].map(DAYS).astype(float)
        return (table[column].astype(float) * days).groupby(table[key]).sum() / days.groupby(table[key]).sum()

    def hourly(self, table: pd.DataFrame, key: str | list[str]) -> pd.Series:
        """Rows by (key, season) with h00..h23 -> means labelled by (key, slice)."""
        keys = [key] if isinstance(key, str) else key
        by_group = self.seasonal(table, keys, HOURS)
        means = self._means(by_group[HOURS].to_numpy(float))
        season = self.table["season"].to_numpy(dtype=object)
        row, number = np.nonzero(by_group["season"].to_numpy(dtype=object)[:, None] == season[None, :])
        labels = [*(by_group[name].array.take(row) for name in keys), self.table["slice"].array.take(number)]
        return pd.Series(means[row, number], pd.MultiIndex.from_arrays(labels, names=[*keys, "slice"]), name="value")

    def calendar(self, values: Floats) -> Floats:
        """8,760 hourly values -> mean in each slice: of the slice's own hours, or of the hours that it stands for."""
        by_day = np.asarray(values, dtype=float).reshape(DAYS_PER_YEAR, HOURS_PER_DAY)
        seasons = np.array([season_of(day) for day in range(1, DAYS_PER_YEAR + 1)])
        means = {
            group: by_day[np.isin(seasons, members)].mean(axis=0) if np.isin(seasons, members).any() else by_day[0]
            for group, members in self.groups.items()
        }
        rows = [
            by_day[day - 1] if day else means[group]
            for day, group in zip(self.table["day"], self.table["season"], strict=True)
        ]
        start, hours = self.table["hour_of_day"], self.table["hours"]
        return np.array([row[s : s + h].mean() for row, s, h in zip(rows, start, hours, strict=True)])


def seasons_clock(count: int, blocks: int) -> Clock:
    """Cut the year into the mean days of 4 seasons, 2 half-years or 1 year, and each into equal blocks."""
    width = 4 // count
    groups = {
        "-".join(SEASONS[n : n + width]) if count < 4 else SEASONS[n]: SEASONS[n : n + width]
        for n in range(0, 4, width)
    }
    if count == 1:
        groups = {"year": SEASONS}
    edges = [round(24 * block / blocks) for block in range(blocks + 1)]
    records = [
        (f"{group}-{edges[block]:02d}", group, group, 0, block, edges[block], edges[block], edges[block + 1])
        for group in groups
        for block in range(blocks)
    ]
    names = ["slice", "period", "season", "day", "block", "start_hour", "hour_of_day", "hours"]
    table = pd.DataFrame(records, columns=names)
    table["hours"] -= table["start_hour"]
    days = {group: sum(DAYS[season] for season in members) for group, members in groups.items()}
    table["weight"] = (table["season"].map(days).astype(float) * table["hours"]).astype(float)
    table["event"] = ""
    return Clock(table, groups, dict.fromkeys(groups, MONTHS_PER_YEAR / count))


def days_clock(first_days: Sequence[int], weights: Sequence[float], period_days: int, slice_hours: int) -> Clock:
    """Periods of `period_days` calendar days that begin on `first_days` (1 = 1 January) and count `weights` times.

    Weights are given as they are: for a plan they sum to 365 / period_days, for a week that is evaluated each is 1.
    """
    records = []
    for first in first_days:
        for number in range(period_days):
            day = (first - 1 + number) % DAYS_PER_YEAR + 1
            for block, hour in enumerate(range(0, HOURS_PER_DAY, slice_hours)):
                label, start = f"day{day:03d}-{hour:02d}", number * HOURS_PER_DAY + hour
                records.append((label, f"from-day{first:03d}", season_of(day), day, block, start, hour, slice_hours))
    names = ["slice", "period", "season", "day", "block", "start_hour", "hour_of_day", "hours"]
    table = pd.DataFrame(records, columns=names)
    table["weight"] = np.repeat(np.asarray(weights, dtype=float), len(table) // len(weights)) * slice_hours
    table["event"] = ""
    months = table.groupby("season")["weight"].sum() / HOURS_PER_YEAR * MONTHS_PER_YEAR
    return Clock(table, {season: (season,) for season in SEASONS}, months.to_dict())


def with_events(clock: Clock, events: Mapping[str, tuple[str, float]]) -> Clock:
    """A clock of seasons with a period for each event: name -> season and days a year; its season counts less.

    A season that is left without a day is an error.
    """
    parts, left = [], clock.table.copy()
    for name, (season, days) in events.items():
        if name in clock.groups:
            message = f"received the name of a season, expected another name than {', '.join(clock.groups)}"
            raise InputError(message, key=f"events.periods.{name}")
        group = next(group for group, members in clock.groups.items() if season in members)
        here = clock.table[clock.table["season"] == group]
        labels = name + "-" + here["start_hour"].astype(str).str.zfill(2)
        parts.append(here.assign(slice=labels, period=name, event=name, weight=days * here["hours"].astype(float)))
        left.loc[here.index, "weight"] -= days * here["hours"].astype(float)
        if (left.loc[here.index, "weight"] <= 0).any():
            message = f"the events of {group} take all of its days, expected fewer"
            raise InputError(message, key=f"events.periods.{name}.days")
    return Clock(pd.concat([left, *parts], ignore_index=True), clock.groups, clock.months)


def full_year_clock(slice_hours: int) -> Clock:
    """The whole year as one chronological period."""
    return days_clock([1], [1.0], DAYS_PER_YEAR, slice_hours)
