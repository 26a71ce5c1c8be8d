"""The model: one file per physical idea. The order of this list is the order in which they are built."""

from __future__ import annotations

from types import ModuleType

from eastwest.model import (
    demand,
    devices,
    events,
    facilities,
    finance,
    green,
    latency,
    network,
    policy,
    power,
    resilience,
    sources,
    storage,
    users,
)  # fmt: skip

MODULES: tuple[ModuleType, ...] = (
    finance, latency, demand, events, devices, facilities, sources, storage, power, green, network, policy,
    resilience, users,
)  # fmt: skip
"""To add an idea (water, say): write eastwest/model/water.py and add it here."""

SECTIONS = {module.__name__.rsplit(".", 1)[-1]: module.Data for module in MODULES}
"""Section of a scenario file -> contract of its settings."""
