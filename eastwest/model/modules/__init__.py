"""The model: one file per physical idea. The order of this list is the order in which they are built."""

from __future__ import annotations

from types import ModuleType

from eastwest.model.modules import (
    approval,
    cooling,
    demand,
    devices,
    events,
    facilities,
    finance,
    green,
    inertia,
    latency,
    network,
    policy,
    power,
    procurement,
    resilience,
    sources,
    storage,
    training_units,
    users,
    water,
)

MODULES: tuple[ModuleType, ...] = (
    finance, latency, demand, events, devices, inertia, facilities, cooling, sources, storage, power, green, network,
    water, policy, approval, procurement, training_units, resilience, users,
)  # fmt: skip
"""To add an idea: write its file and add it here, step by step in docs/adding-an-idea.md."""

SECTIONS = {module.__name__.rsplit(".", 1)[-1]: module.Data for module in MODULES}
"""Section of a scenario file -> contract of its settings."""
