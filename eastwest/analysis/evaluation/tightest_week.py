"""The tightest week of a plan's year, dispatched by the hour right after solving: does the cut of the day hold?

The week with the least output of the plan's own wind and sun; where it has none, the week with the highest
PUE x price of what the sites draw.
"""

from __future__ import annotations

import pandas as pd

from eastwest.analysis.evaluation.evaluate import Evaluation, evaluate
from eastwest.lp.highs import Progress
from eastwest.model.clock import DAYS_PER_YEAR, HOURS_PER_DAY
from eastwest.model.representative_days import hourly_series
from eastwest.results.result import Result

DAYS = 7


def evaluate_tightest_week(
    result: Result, year: int | None = None, *, progress: Progress = lambda message: None
) -> Evaluation:
    """Dispatch the tightest week of a planning year (the last, if none is named) by the hour; see `evaluate`."""
    year = result.scenario.years[-1] if year is None else year
    first = tightest_week(result, year)
    return evaluate(result, year, hours=DAYS * HOURS_PER_DAY, first_day=first, progress=progress)


def tightest_week(result: Result, year: int) -> int:
    """First day (1 = 1 January) of the tightest week, which lies within the year."""
    tables = result.scenario.tables
    sites = tables["sites"].set_index("site")
    series = hourly_series(tables).set_axis(range(DAYS_PER_YEAR * HOURS_PER_DAY))
    table = result.table[result.table["year"] == year]
    plants = table[(table["quantity"] == "capacity") & table["item"].isin(["wind", "solar"])]
    if plants["value"].sum() > 0:
        labels = plants[["site", "item", "value"]].itertuples(index=False, name=None)
        tight = -sum(mw * _output(series, item, site, sites.at[site, "region"]) for site, item, mw in labels)
    else:
        power = tables["site_power"].set_index("site")
        drawn = table[table["quantity"] == "electricity"].groupby("site")["value"].sum()
        tight = sum(
            much * float(power.at[site, "price_cny_per_kwh"]) * _price(series, site, power.at[site, "tariff"])
            for site, much in drawn.items()
        )
        tight = tight * series["pue"]
    daily = pd.Series(tight).groupby(series.index // HOURS_PER_DAY).sum()
    weeks = daily.rolling(DAYS).sum().dropna()
    return int(weeks.idxmax()) - DAYS + 2


def _output(series: pd.DataFrame, technology: str, site: str, region: str) -> pd.Series:
    """Capacity factor by the hour [1]: of the site's own year, else of its region."""
    names = (f"{technology} at {site}", f"{technology} {region}")
    found = next((name for name in names if name in series), None)
    return pd.Series(0.0, series.index) if found is None else series[found]


def _price(series: pd.DataFrame, site: str, tariff: str) -> pd.Series:
    """Price over its mean by the hour [1]; 1 where the site has no tariff."""
    names = (f"price_multiplier at {site}", f"tariff {tariff}")
    found = next((name for name in names if name in series), None)
    return pd.Series(1.0, series.index) if found is None else series[found]
