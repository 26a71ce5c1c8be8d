"""Representative periods chosen by clustering a year of real days, with tsam.

Features: output of wind and sun by region, tariffs and PUE, each an hourly year made of the scenario's tables. The
period that lies nearest to the centre of its cluster (medoid) stands for the cluster, so that hours stay real hours.
Source: tsam (Hoffmann et al. 2020, Energies 13(3) 641), hierarchical clustering with medoids.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from eastwest.errors import InputError
from eastwest.model.clock import (
    DAYS_PER_YEAR,
    HOURS_PER_DAY,
    HOURS_PER_YEAR,
    Clock,
    Time,
    days_clock,
    full_year_clock,
)


def representative_clock(time: Time, tables: Mapping[str, pd.DataFrame]) -> Clock:
    """A clock of `time.periods` periods of `time.period_days` days each; weights sum to 8,760 h."""
    whole = DAYS_PER_YEAR // time.period_days
    if time.periods > whole:
        message = f"received {time.periods}, expected at most {whole} periods of {time.period_days} days"
        raise InputError(message, key="time.periods")
    first, count = _medoids(hourly_series(tables), time.periods, time.period_days)
    weight = count * HOURS_PER_YEAR / (count.sum() * time.period_days * HOURS_PER_DAY)
    return days_clock([int(day) for day in first], [float(each) for each in weight], time.period_days, time.slice_hours)


def hourly_series(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Hourly series, 8,760 rows: one column by region and technology, by tariff, by site for PUE and own hours."""
    year = full_year_clock(1)
    series: dict[str, np.ndarray] = {}
    profiles, weather = tables["renewable_profiles"], tables["weather_days"]
    day = year.table["day"].to_numpy() - 1
    if len(profiles):
        hourly = year.hourly(profiles, ["region", "technology"])
        for (region, technology), values in hourly.groupby(level=["region", "technology"]):
            own = weather[(weather["region"] == region) & (weather["technology"] == technology)]
            factor = own.sort_values("day")["factor"].to_numpy(float)[day] if len(own) == DAYS_PER_YEAR else 1.0
            at = values.droplevel(["region", "technology"]).reindex(year.slices)
            series[f"{technology} {region}"] = at.to_numpy(float) * factor
    tariffs = year.hourly(tables["tariffs"], "tariff")
    for tariff, values in tariffs.groupby(level="tariff"):
        series[f"tariff {tariff}"] = values.droplevel("tariff").reindex(year.slices).to_numpy(float)
    pue = tables["pue"].groupby("season")["pue"].mean()
    series["pue"] = year.table["season"].map(pue).to_numpy(float)
    for site, rows in tables["hourly"].groupby("site"):
        for name in ("wind", "solar", "pue", "price_multiplier"):
            if rows[name].notna().all():
                series[f"{name} at {site}"] = rows.sort_values("hour")[name].to_numpy(float)
    index = pd.date_range("2025-01-01", periods=HOURS_PER_YEAR, freq="h")
    return pd.DataFrame(series, index=index)


def _medoids(features: pd.DataFrame, periods: int, period_days: int) -> tuple[np.ndarray, np.ndarray]:
    """First day (1 = 1 January) of each chosen period and the number of periods that it stands for, in time order."""
    try:
        import tsam
    except ImportError:
        message = "needs the package tsam: pip install 'eastwest[cluster]'"
        raise InputError(message, key="time.method: representative_days") from None
    whole = DAYS_PER_YEAR // period_days * period_days * HOURS_PER_DAY
    varying = features.loc[:, features.nunique() > 1].iloc[:whole]
    method = tsam.ClusterConfig(method="hierarchical", representation="medoid")
    length = period_days * HOURS_PER_DAY
    found = tsam.aggregate(varying, periods, period_duration=length, cluster=method, preserve_column_means=False)
    centres = np.asarray(found.clustering.cluster_centers)
    count = np.bincount(np.asarray(found.cluster_assignments), minlength=periods).astype(float)
    order = np.argsort(centres)
    return centres[order] * period_days + 1, count[order]


__all__ = ["representative_clock"]
