"""One unit that a planner would ask for, by the unit of a limit: `1 MW more`, `1,000 devices more`."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

STEPS = {"MW": 1.0, "devices": 1000.0, "Gbit/s": 1000.0, "PFLOP/s": 1000.0, "million CNY": 100.0, "t CO2": 10000.0}
STEPS |= {"MWh": 1000.0, "m3": 10000.0, "racks": 100.0}
MONTH = "month"
"""The unit of delays: a relief whose unit ends in it is of time instead of a limit."""


def step_of(units: pd.Series) -> pd.Series:
    """The step of each relief, from its unit `million CNY/<unit of the limit>`."""
    return units.map(lambda unit: STEPS.get(unit.partition("/")[2], 1.0)).astype(float)


class Published(NamedTuple):
    """A unit that figures are published in: how many of the model's unit `own` it has, and how it is written."""

    factor: float
    own: str
    written: str


PUBLISHED = {
    "mwh": Published(1.0, "MWh", "MWh"), "gwh": Published(1e3, "MWh", "GWh"), "twh": Published(1e6, "MWh", "TWh"),
    "mw": Published(1.0, "MW", "MW"), "gw": Published(1e3, "MW", "GW"),
    "pflops": Published(1.0, "PFLOP/s", "PFLOP/s"), "pflop/s": Published(1.0, "PFLOP/s", "PFLOP/s"),
    "eflops": Published(1e3, "PFLOP/s", "EFLOP/s"),
    "eflops and thousand racks": Published(1e3, "PFLOP/s", "EFLOP/s"),
    "pct": Published(0.01, "1", "%"), "ratio": Published(1.0, "1", ""), "1": Published(1.0, "1", ""),
    "-": Published(1.0, "1", ""), "ms": Published(1.0, "ms", "ms"), "cards": Published(1.0, "devices", "cards"),
    "clusters": Published(1.0, "training units", "clusters"),
}  # fmt: skip
"""By the unit in small letters."""


def published(unit: str) -> Published:
    """A unit of a published figure; one that is not known is a unit of the model's own."""
    return PUBLISHED.get(unit, Published(1.0, unit, unit))
