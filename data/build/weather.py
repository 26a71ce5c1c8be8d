"""A year of weather, day by day: how much of its season's mean a wind or solar plant makes on each day.

No daily series is in the references, so the year is synthesised, and it is the same on every run:

1. numpy's Generator(PCG64(2026)) draws, for wind and then for solar, one national series of 365 normal deviates
   and one for each region in the order of the table. Each series becomes red noise, AR(1), from a stationary start.
2. A region's series is the national one by the root of NATIONAL_PART plus its own by the root of the rest. Regions
   thus move together with a correlation of 0.3 to 0.4, the same for near and far ones; wind and sun are independent.
3. The normal quantile of each day becomes output. Wind: a Weibull distribution, skewed towards a few strong days.
   Solar: a Kumaraswamy distribution, skewed the other way, towards a few dark days; darker under the clouds of the
   south-east and the Sichuan basin than in the dry north and west. SHAPES holds the parameters.
4. In every season the days are scaled by one number and held between FLOOR and 1 / the highest hour of the seasonal
   profile, so that no hour exceeds capacity, with the season's mean at 1. The day nearest to 1 takes the rounding.

Weak: one year, no heat or cold waves shared with demand, no fronts that travel, and no link between wind and sun.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from common import SEASON_MONTHS, Record, Tables
from renewables import TECHNOLOGIES, plants, profiles

SEED = 2026
DAYS = 365
FLOOR = 0.02
NATIONAL_PART = 0.33
LAG_ONE = {"wind": 0.6, "solar": 0.42}  # of the normal series; the output's own is a little lower
CLOUDY = ("310000", "320000", "330000", "340000", "440000", "500000", "510000", "520000")
# Wind: Weibull shape. Solar: the two shapes of a Kumaraswamy distribution.
SHAPES: dict[str, tuple[float, ...]] = {"wind": (2.1,), "clear": (3.6, 1.8), "cloudy": (1.8, 1.2)}
FIRST_DAY = {"spring": 60, "summer": 152, "autumn": 244, "winter": 335}
SOURCE = "Synthesised: AR(1), seed 2026, see data/build/weather.py"


def season_of(day: int) -> str:
    """Season of a day of a 365-day year, 1 = 1 January: winter is December to February."""
    begun = [season for season, first in FIRST_DAY.items() if day >= first]
    return begun[-1] if begun else "winter"


def red_noise(deviates: np.ndarray, lag_one: float) -> np.ndarray:
    """AR(1) of unit variance along the last axis, started from its stationary distribution."""
    out = deviates.copy()
    for day in range(1, out.shape[-1]):
        out[..., day] = lag_one * out[..., day - 1] + math.sqrt(1 - lag_one**2) * deviates[..., day]
    return out


def output(normal: float, technology: str, region: str) -> float:
    """Output of a day, up to a scale, at the quantile of a normal deviate."""
    below = 0.5 * math.erfc(-normal / math.sqrt(2))
    if technology == "wind":
        return (-math.log1p(-below)) ** (1 / SHAPES["wind"][0])
    first, second = SHAPES["cloudy" if region in CLOUDY else "clear"]
    return (1 - (1 - below) ** (1 / second)) ** (1 / first)


def season_factors(days: list[float], highest: float) -> list[float]:
    """Days scaled by one number and held between the floor and the highest factor, with a mean of exactly 1."""
    values = np.array(days)
    ceiling = (math.floor(1e6 / highest) - 1) / 1e6
    low, high = 0.0, 100.0 / values.mean()
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if np.clip(values * middle, FLOOR, ceiling).mean() < 1 else (low, middle)
    factors = [round(float(value), 6) for value in np.clip(values * low, FLOOR, ceiling)]
    nearest = min(range(len(factors)), key=lambda day: abs(factors[day] - 1))
    factors[nearest] = round(factors[nearest] + len(factors) - sum(factors), 6)
    return factors


@cache
def factors() -> dict[tuple[str, str], list[float]]:
    """(region, technology) -> factor of each day of the year."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    regions = list(dict.fromkeys(row["adcode"] for row in plants()))
    season = [season_of(day) for day in range(1, DAYS + 1)]
    out: dict[tuple[str, str], list[float]] = {}
    for technology in TECHNOLOGIES:
        noise = red_noise(generator.standard_normal((1 + len(regions), DAYS)), LAG_ONE[technology])
        for number, region in enumerate(regions, start=1):
            mixed = math.sqrt(NATIONAL_PART) * noise[0] + math.sqrt(1 - NATIONAL_PART) * noise[number]
            days = [output(float(value), technology, region) for value in mixed]
            year = [0.0] * DAYS
            for name in SEASON_MONTHS:
                here = [day for day in range(DAYS) if season[day] == name]
                made = season_factors([days[day] for day in here], max(profiles()[region, technology][name]))
                for day, factor in zip(here, made, strict=True):
                    year[day] = factor
            out[region, technology] = year
    return out


def weather_days() -> list[Record]:
    return [
        {
            "region": row["adcode"],
            "technology": row["tech"],
            "day": day,
            "factor": factor,
            "source": SOURCE,
            "quality": "assumption",
        }
        for row in plants()
        for day, factor in enumerate(factors()[row["adcode"], row["tech"]], start=1)
    ]


def tables() -> Tables:
    return {"weather_days": weather_days()}
