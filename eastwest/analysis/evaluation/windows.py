"""The days of a year that are dispatched together: windows of some days (a week by default), chronological by the hour.

Windows of sites that neither weather nor an hourly year of their own touches repeat with the season and are solved
once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from eastwest.model.clock import Clock, days_clock, season_of
from eastwest.scenario import Scenario


@dataclass(frozen=True)
class Window:
    """Days of the year that are dispatched together, for some sites."""

    number: int
    first_day: int
    days: int
    sites: tuple[str, ...]

    @property
    def seasons(self) -> tuple[str, ...]:
        return tuple(season_of(day) for day in range(self.first_day, self.first_day + self.days))

    def clock(self) -> Clock:
        """Every hour once; a season counts with its three months."""
        clock = days_clock([self.first_day], [1.0], self.days, 1)
        return Clock(clock.table, clock.groups, dict.fromkeys(clock.groups, 3.0))


def windows_of(scenario: Scenario, days: int, window_days: int, first_day: int = 1) -> Iterator[Window]:
    """Windows in order; the last takes the days that are left where they are less than half a window."""
    sites = tuple(scenario.tables["sites"]["site"])
    moved = _weathered(scenario)
    seen: set[tuple[str, ...]] = set()
    end = first_day + days
    starts = list(range(first_day, end, window_days))
    if len(starts) > 1 and end - starts[-1] < window_days / 2:
        starts.pop()
    for number, (first, after) in enumerate(zip(starts, [*starts[1:], end], strict=True), 1):
        window = Window(number, first, after - first, sites)
        if window.seasons in seen:
            window = Window(number, first, after - first, tuple(site for site in sites if site in moved))
        seen.add(window.seasons)
        yield window


def _weathered(scenario: Scenario) -> set[str]:
    """Sites whose days differ within a season: own plants where there is weather, or an hourly year of their own."""
    settings, tables = scenario.settings, scenario.tables
    own = set(tables["hourly"]["site"])
    if settings.sources.where == "none" or not len(tables["weather_days"]):
        return own
    sites = tables["sites"]
    inside = sites["region"].isin(tables["renewables"]["region"])
    if settings.sources.where == "clusters":
        inside &= sites["kind"] == "cluster"
    return own | set(sites.loc[inside, "site"])


def spread(records: pd.DataFrame, windows: Sequence[Window]) -> pd.DataFrame:
    """Rows of every window and site: windows that were not solved for a site repeat the one of the same seasons."""
    parts = []
    solved: dict[tuple[str, ...], Window] = {}
    for window in windows:
        model = solved.setdefault(window.seasons, window)
        own = records[records["window"] == window.number]
        parts.append(own)
        others = set(model.sites) - set(window.sites)
        repeated = records[(records["window"] == model.number) & records["site"].isin(others)]
        parts.append(repeated.assign(window=window.number))
    table = pd.concat(parts, ignore_index=True)
    places = pd.DataFrame([(w.number, w.first_day, w.days) for w in windows], columns=["window", "first_day", "days"])
    return table.merge(places, on="window").sort_values(["window", "site", "quantity", "item"], ignore_index=True)
