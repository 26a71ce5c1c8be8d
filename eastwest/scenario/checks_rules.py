"""Rules of a planner name hubs, sites, tasks, kinds and planning years of the scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from eastwest.errors import InputError, nearest
from eastwest.scenario.settings import Settings


def check_rules(settings: Settings, frames: Mapping[str, pd.DataFrame], origins: Mapping[str, str]) -> None:
    """Every name in a rule is one that the scenario knows."""
    for key, names, known, what in _names(settings, frames):
        for name in names:
            if str(name) not in known:
                few = f"; known: {', '.join(known)}" if 0 < len(known) <= 8 else ""
                message = f"received '{name}', expected {what}{nearest(str(name), known) or few}"
                raise InputError(message, where=_where(origins, key), key=key)


def _where(origins: Mapping[str, str], key: str) -> str | None:
    where = origins.get(key, "default")
    return origins.get("name", where) if where == "default" else where


def _names(
    settings: Settings, frames: Mapping[str, pd.DataFrame]
) -> Iterator[tuple[str, Iterable[object], list[str], str]]:
    """Setting, the names it holds, the names it may hold, and these in words."""
    hubs, sites, tasks = (sorted(frames[table][table[:-1]].map(str)) for table in ("hubs", "sites", "tasks"))
    approval, procurement, policy = settings.approval, settings.procurement, settings.policy
    for key in ("pue_ceilings", "roles", "real_time_for"):
        yield f"approval.{key}", getattr(approval, key) or (), hubs, "a row of hubs"
    yield (
        "approval.real_time_for",
        [hub for few in (approval.real_time_for or {}).values() for hub in few],
        hubs,
        "a row of hubs",
    )
    yield "procurement.foreign_barred_tasks", procurement.foreign_barred_tasks, tasks, "a row of tasks"
    yield "procurement.publicly_funded_sites", procurement.publicly_funded_sites or (), sites, "a row of sites"
    least, key = policy.least_installed_pflops or {}, "policy.least_installed_pflops"
    yield key, least, list(settings.demand.kinds), "a modelled kind (demand.kinds)"
    years = [year for value in least.values() if isinstance(value, dict) for year in value]
    yield key, years, [str(year) for year in settings.years], "one of the planning years"
