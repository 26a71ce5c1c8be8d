"""What an event does to sites and corridors, as factors by slice: 1 outside events and where an event does not reach.

Pure functions on settings and the clock, used by the model modules on power, plants, carbon and the network.
"""

from __future__ import annotations

from math import prod
from typing import Literal

import numpy as np
import pandas as pd

from eastwest.model.frames import tuples
from eastwest.model.plan import Plan

AtSites = Literal[
    "connection_factor", "energy_price_factor", "grid_carbon_factor", "wind_factor", "solar_factor"
]  # fmt: skip


def at_sites(plan: Plan, factor: AtSites) -> pd.Series:
    """A factor of all events, labelled by site and slice [1]."""
    sites, slices = plan.table("sites"), _slices(plan)
    values = np.ones((len(sites), len(slices)))
    for number, (_, event) in enumerate(slices):
        for effect in plan.settings("events").periods[event].effects if event else ():
            touched = sites["site"].isin(effect.sites) | sites["region"].isin(effect.regions)
            values[touched.to_numpy(), number] *= getattr(effect, factor)
    index = pd.MultiIndex.from_product([sites["site"], [name for name, _ in slices]], names=["site", "slice"])
    return pd.Series(values.ravel(), index)


def at_corridors(plan: Plan) -> pd.Series:
    """What is left of each corridor's capacity, labelled by corridor and slice [1]."""
    names = plan.table("corridors")["corridor"]
    parts = {}
    for slice_, event in _slices(plan):
        effects = plan.settings("events").periods[event].effects if event else ()
        for name in names:
            parts[(name, slice_)] = prod(effect.corridor_factor for effect in effects if name in effect.corridors)
    return pd.Series(parts, dtype=float).rename_axis(["corridor", "slice"])


def _slices(plan: Plan) -> list[tuple[str, str]]:
    return tuples(plan.clock.table, "slice", "event")
