"""Security tiers of tasks: where data of a tier may go, on whose devices it may run, and what stands by for it.

public                    any site
province                  sites in the region
city                      the region's own metro site
government_cloud          sites in the region (the own metro where the task was bound to it); no foreign devices
two_sites_three_centres   the same sites; at least 2 devices energised for each one that is needed

Two sites and three centres 两地三中心: two centres that both run, and a remote one that keeps the data. The standby of
the second centre is a factor on devices here (2N); no outage is tried. The third centre holds data, so no device is
energised there. General servers keep their factor: their mean use already counts the standby. Work that may wait has no
standby at all. A tier that is shipped changes nothing: the table's own columns already say what it means.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

RESIDENCY = {
    "public": "national", "province": "province", "city": "metro", "government_cloud": "province",
    "two_sites_three_centres": "province",
}  # fmt: skip
KEEPS_METRO = ("government_cloud", "two_sites_three_centres")
"""Tiers that add to where data may go: work that was bound to its metro stays there."""
TWO_SITES = 2.0
"""Devices energised per device needed in two centres that both run (2N) [1]."""
EVERY = "all"


def closest(given: Mapping[str, object], tasks: pd.DataFrame) -> pd.Series:
    """What is given by task, by sector or for `all`, for each row of tasks: the closest counts; None where nothing."""
    named = zip(tasks["task"].tolist(), tasks["sector"].tolist(), strict=True)
    found = [given.get(task, given.get(sector or EVERY, given.get(EVERY))) for task, sector in named]
    return pd.Series(found, index=tasks.index, dtype=object)


def with_tiers(tasks: pd.DataFrame, tiers: Mapping[str, str]) -> pd.DataFrame:
    """The table tasks under other tiers, by task, by sector or for `all`: the closest counts; the rest stays.

    `redundancy_at_anchor` keeps the standby of the table: what was allocated at the anchor was so under its practice.
    """
    tasks = tasks.assign(redundancy_at_anchor=tasks["redundancy"].astype(float))
    if not tiers:
        return tasks
    new = closest(tiers, tasks)
    changed = new.notna()
    keeps = new.isin(KEEPS_METRO) & (tasks["residency"] == "metro")
    tasks.loc[changed, "tier"] = new[changed]
    tasks.loc[changed & ~keeps, "residency"] = new[changed & ~keeps].map(RESIDENCY)
    tasks.loc[new == "government_cloud", "foreign_devices_allowed"] = False
    doubled = (new == "two_sites_three_centres") & (tasks["kind"] != "general")
    tasks.loc[doubled, "redundancy"] = tasks.loc[doubled, "redundancy"].astype(float).clip(lower=TWO_SITES)
    return tasks
