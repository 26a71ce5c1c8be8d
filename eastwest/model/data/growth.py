"""How demand grows: by the yearly rates of the task table, or along an S-curve through dated adoption targets.

rates      factor = (1 + g)^t, t = years since the anchor date
adoption   factor = p(date) / p(anchor date) x (1 + i)^t for tasks of the kinds of work that adoption drives
           p(t) = 1 / (1 + exp(-k (t - t0))), the logistic curve through the targets (least squares of the log-odds)
           i = growth of use per adopter, a choice of the scenario; the other tasks grow by their rates
both       divided by (1 + e)^t, e = efficiency gained a year: the same work from fewer FLOP

Source: logistic diffusion (Griliches 1957); targets in data/adoption.csv (State Council, AI+ opinions, 2025-08-26).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eastwest.errors import InputError
from eastwest.model.dates import decimal_year, years_between

if TYPE_CHECKING:
    from eastwest.model.modules.demand import Data

_END_OF_YEAR = 1.0


def logistic(targets: pd.DataFrame) -> tuple[float, float]:
    """Steepness k [1/a] and midpoint t0 [decimal year] of the curve through targets dated to the end of a year."""
    if len(targets) < 2:
        raise InputError("an S-curve needs at least two dated targets", where="table adoption")
    time = targets["year"].to_numpy(float) + _END_OF_YEAR
    share = targets["penetration"].to_numpy(float)
    odds = np.log(share / (1 - share))
    steepness = float(((time - time.mean()) * (odds - odds.mean())).sum() / ((time - time.mean()) ** 2).sum())
    if steepness <= 0:
        raise InputError("adoption targets must rise with the years", where="table adoption", key="column penetration")
    return steepness, float(time.mean() - odds.mean() / steepness)


def penetration(targets: pd.DataFrame, day: date) -> float:
    """Share that has adopted by a day [1]."""
    steepness, midpoint = logistic(targets)
    return float(1 / (1 + np.exp(-steepness * (decimal_year(day) - midpoint))))


def demand_growth(tasks: pd.DataFrame, anchor: date, day: date, settings: Data, targets: pd.DataFrame) -> pd.Series:
    """Demand on a day over demand at the anchor date [1], one value per row of `tasks`."""
    elapsed = years_between(anchor, day)
    rates = (1 + tasks[f"growth_{settings.growth}_per_year"].astype(float)) ** elapsed / _gained(
        tasks, settings, elapsed
    )
    if not settings.adoption_driven:
        return rates
    adopted = penetration(targets, day) / penetration(targets, anchor)
    driven = adopted * (1 + settings.growth_per_adopter) ** elapsed / _gained(tasks, settings, elapsed)
    return rates.where(~tasks["work"].isin(settings.adoption_driven), driven)


def _gained(tasks: pd.DataFrame, settings: Data, elapsed: float) -> pd.Series:
    """Work per FLOP over that of the anchor date [1], by task."""
    gain = settings.efficiency_gain_per_year
    by_work = dict(gain) if isinstance(gain, dict) else dict.fromkeys(tasks["work"], gain)
    return (1 + tasks["work"].map(by_work).astype(float).fillna(0.0)) ** elapsed
