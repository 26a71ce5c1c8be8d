"""Single figures of a year, read from the results table for the sites of a place: what published ones stand beside."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import pandas as pd

from eastwest.model.clock import HOURS_PER_YEAR

GROUPS: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "national": lambda sites: sites["site"].notna(),
    "hubs": lambda sites: sites["hub"].notna(),
    "clusters": lambda sites: (sites["kind"] == "cluster") & sites["hub"].notna(),
    "metros": lambda sites: sites["kind"] != "cluster",
    "west": lambda sites: sites["west"].astype(bool),
}
"""Groups of sites by their name in tables of published figures and targets."""


def sites_of(tables: Mapping[str, pd.DataFrame], place: str) -> set[str]:
    """Sites of a place: a site, those of a hub or a region, or a group; none where it is unknown.

    Groups are `national` (all), `hubs` (all that belong to one), `clusters` (of hubs), `metros` and `west`.
    """
    sites = tables["sites"]
    if place in GROUPS:
        return set(sites.loc[GROUPS[place](sites), "site"])
    for column in ("site", "hub", "region"):
        if column in sites and (sites[column] == place).any():
            return set(sites.loc[sites[column] == place, "site"])
    return set()


QUANTITIES = ("electricity", "it_electricity", "capacity", "installed_peak")
"""What `figure_of` reads."""


def figure_of(table: pd.DataFrame, metric: str, sites: Collection[str]) -> float:
    """The model's figure of a year in MWh, MW, PFLOP/s or 1; not a number where it has none.

    `table` holds the rows of one year of the results table.
    """
    rows = table[table["site"].isin(sites) & (table["slice"] == "")]
    facility = rows.loc[rows["quantity"] == "electricity", "value"].sum()
    it = rows.loc[rows["quantity"] == "it_electricity", "value"].sum()
    if it <= 0:
        return float("nan")
    capacity = rows[rows["quantity"] == "capacity"].groupby("item")["value"].sum()
    installed = rows[(rows["quantity"] == "installed_peak") & (rows["kind"] == "intelligent")]["value"]
    found = {
        "electricity": facility,
        "mean load": facility / HOURS_PER_YEAR,
        "mean IT load": it / HOURS_PER_YEAR,
        "PUE": facility / it,
        "halls": capacity.get("hall_dense", 0.0) + capacity.get("hall_standard", 0.0),
        "grid connection": capacity.get("grid", float("nan")),
        "installed peak": installed.sum() if len(installed) else float("nan"),
    }
    return float(found[metric])
