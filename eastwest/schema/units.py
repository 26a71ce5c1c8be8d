"""Units of limits, variables and figures, and what a planner would ask for of each: `1 MW more`, `1,000 devices`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pandas as pd

from eastwest.errors import ModelError, nearest

MILLION = 1e6
"""CNY in a million of them, and all that goes by millions."""
MONEY = "million CNY"
"""The unit of costs, prices and everything else that is money."""
STEPS = {"MW": 1.0, "devices": 1000.0, "Gbit/s": 1000.0, "PFLOP/s": 1000.0, MONEY: 100.0, "t CO2": 10000.0}
STEPS |= {"MWh": 1000.0, "m3": 10000.0, "racks": 100.0, "training units": 1.0}
"""Every unit of the package's variables and constraints, and the step in which a planner would ask for more of it."""
MONTH = "month"
"""The unit of delays: a relief whose unit ends in it is of time instead of a limit."""


def with_own(parts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The units of the package and those that modules bring. ModelError where a unit has two steps."""
    found = dict(STEPS)
    for own in parts:
        for unit, step in own.items():
            if found.setdefault(unit, step) != step:
                raise ModelError(f"unit '{unit}': received the step {step:g}, but it has the step {found[unit]:g}")
    return found


def check(what: str, unit: str | None, known: Mapping[str, float]) -> str:
    """The unit of `what`. ModelError unless it is one of those known."""
    if unit is None or unit not in known:
        received = "received no unit" if unit is None else f"received the unit {unit!r}"
        raise ModelError(
            f"{what}: {received}, expected one of {', '.join(known)}{nearest(unit, known)}; a module brings another "
            f"as `units = {{{unit or 'W'!r}: 1.0}}` of its Data, with the step in which a planner would ask for more"
        )
    return unit


def step_of(units: pd.Series) -> pd.Series:
    """The step of each relief, from its unit `million CNY/<unit of the limit>`."""
    return units.map(lambda unit: STEPS.get(unit.partition("/")[2], 1.0)).astype(float)


class PublishedUnit(NamedTuple):
    """A unit that figures are published in: how many of the model's unit `own` it has, and how it is written."""

    factor: float
    own: str
    written: str


PUBLISHED = {
    "mwh": PublishedUnit(1.0, "MWh", "MWh"),
    "gwh": PublishedUnit(1e3, "MWh", "GWh"),
    "twh": PublishedUnit(1e6, "MWh", "TWh"),
    "mw": PublishedUnit(1.0, "MW", "MW"),
    "gw": PublishedUnit(1e3, "MW", "GW"),
    "pflops": PublishedUnit(1.0, "PFLOP/s", "PFLOP/s"),
    "pflop/s": PublishedUnit(1.0, "PFLOP/s", "PFLOP/s"),
    "eflops": PublishedUnit(1e3, "PFLOP/s", "EFLOP/s"),
    "eflops and thousand racks": PublishedUnit(1e3, "PFLOP/s", "EFLOP/s"),
    "pct": PublishedUnit(0.01, "1", "%"),
    "ratio": PublishedUnit(1.0, "1", ""),
    "1": PublishedUnit(1.0, "1", ""),
    "-": PublishedUnit(1.0, "1", ""),
    "ms": PublishedUnit(1.0, "ms", "ms"),
    "cards": PublishedUnit(1.0, "devices", "cards"),
    "clusters": PublishedUnit(1.0, "training units", "clusters"),
}
"""By the unit in small letters."""


def published(unit: str) -> PublishedUnit:
    """A unit of a published figure; one that is not known is a unit of the model's own."""
    return PUBLISHED.get(unit, PublishedUnit(1.0, unit, unit))
