"""One unit that a planner would ask for, by the unit of a limit: `1 MW more`, `1,000 devices more`."""

from __future__ import annotations

import pandas as pd

STEPS = {"MW": 1.0, "devices": 1000.0, "Gbit/s": 1000.0, "PFLOP/s": 1000.0, "million CNY": 100.0, "t CO2": 10000.0}
STEPS |= {"MWh": 1000.0, "m3": 10000.0, "racks": 100.0}


def step_of(units: pd.Series) -> pd.Series:
    """The step of each relief, from its unit `million CNY/<unit of the limit>`."""
    return units.map(lambda unit: STEPS.get(unit.partition("/")[2], 1.0)).astype(float)
