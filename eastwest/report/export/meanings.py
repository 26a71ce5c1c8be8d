"""What every column of every view holds, and its unit: the one place for it. A column without an entry is an error."""

from __future__ import annotations

import re
from typing import NamedTuple

from eastwest.schema.units import MONEY

SHARE, PFLOPS, DEVICES = "1", "PFLOP/s", "devices"
OWN = "see column unit"
"""Unit of a column whose rows each carry their own unit."""

VIEWS = {
    "headline": "The figures that a planner reads first, by year and kind of compute",
    "utilisation": "How busy devices, halls, grid connections and corridors are",
    "cost": "Yearly cost by category, site, region, task and device, in money of that year",
    "unserved": "Demand that is left, by region, task and tranche; no row where all of it is served",
    "shadow_prices": "Change of yearly cost per unit more of each limit: negative means that more of it saves money",
    "reliefs": "What one more unit of a limit saves, by a solve of its own each, and how far that holds",
    "served": "Who is served where, and at what round trip",
    "devices": "Devices at each site",
    "sites": "Every site with all its figures",
    "flows": "Routes that carry work, as served without the zeros; lines from region to site in the map formats",
    "sectors": "Demand and service by sector of the economy",
    "transfers": "Who pays whom: the item pays, users of the region served at the site gain",
    "data_quality": "Rows of each input table and how firm they are; the last row counts all tables together",
}

LAYERS = {
    "sites": VIEWS["sites"],
    "flows": "Served routes as straight lines from the region's demand point to the site",
    "regions": "Demand, served and unserved work of each region, by kind of compute",
    "corridors": "Corridors between nodes of the network and their use",
}


class Meaning(NamedTuple):
    """Unit of a column ("" for text) and what it holds."""

    unit: str
    words: str


PLAIN = {
    "year": Meaning("year", "planning year; 0: of all years together"),
    "region": Meaning("", "region whose demand it is"),
    "task": Meaning("", "task: a kind of work that is asked for"),
    "site": Meaning("", "site"),
    "device": Meaning("", "device"),
    "corridor": Meaning("", "corridor of the network"),
    "kind": Meaning("", "kind of compute; kinds are never added together"),
    "item": Meaning("", "what the row is of"),
    "slice": Meaning("", "part of the year; empty: the whole year"),
    "constraint": Meaning("", "group of constraints of the limit that the row speaks of"),
    "quantity": Meaning("", "what is measured"),
    "unit": Meaning("", "unit of the value"),
    "value": Meaning(OWN, "figure in the unit of its row"),
    "mean": Meaning(SHARE, "mean use over the year, as a share"),
    "p95": Meaning(SHARE, "use that is exceeded in 5 % of hours, as a share"),
    "peak": Meaning(SHARE, "highest use, as a share"),
    "saving": Meaning(OWN, "what one unit more of the limit saves, in the unit of its row"),
    "up_to": Meaning("see column up_to_unit", "how much more of the limit saves so much; empty: not known"),
    "up_to_unit": Meaning("", "unit of up_to"),
    "pflops": Meaning(PFLOPS, "work that is served, of the kind in the row"),
    "round_trip_ms": Meaning("ms", "network round trip between region and site"),
    "installed": Meaning(DEVICES, "devices that stand at the site"),
    "energised": Meaning(DEVICES, "devices that have hall and power"),
    "bought": Meaning(DEVICES, "devices bought in the year"),
    "busy": Meaning(DEVICES, "devices at work, mean of the year"),
    "name_en": Meaning("", "English name"),
    "name_zh": Meaning("", "Chinese name"),
    "hub": Meaning("", "national hub"),
    "west": Meaning("", "whether it belongs to a hub of the West"),
    "latitude_deg": Meaning("degrees north", "latitude"),
    "longitude_deg": Meaning("degrees east", "longitude"),
    "cost_million_cny": Meaning(MONEY, "cost of the year that stands at the site"),
    "electricity_mwh": Meaning("MWh", "electricity of the year"),
    "carbon_t": Meaning("t CO2", "carbon of that electricity"),
    "sector": Meaning("", "sector of the economy"),
    "table": Meaning("", "input table"),
    "rows": Meaning("rows", "rows of the table"),
    "official": Meaning(SHARE, "share of rows that are official figures"),
    "published_estimate": Meaning(SHARE, "share of rows that are published estimates"),
    "derived": Meaning(SHARE, "share of rows that are derived from other figures"),
    "assumption": Meaning(SHARE, "share of rows that are the analyst's assumption"),
    "source": Meaning("", "where the rows come from"),
    "quality": Meaning("", "official, published_estimate, derived or assumption"),
    "geometry": Meaning("degrees", "WGS 84, EPSG:4326"),
    "from_node": Meaning("", "node of the network at one end"),
    "to_node": Meaning("", "node of the network at the other end"),
    "capacity_gbps": Meaning("Gbit/s", "capacity of the corridor"),
    "used_gbps": Meaning("Gbit/s", "capacity of the corridor that the plan uses"),
    "utilisation_peak": Meaning(SHARE, "highest use, as a share"),
}
"""Columns that are called the same wherever they stand."""

ELSEWHERE = {
    ("sites", "kind"): Meaning("", "cluster, or metro: the rest of a region"),
    ("sites", "region"): Meaning("", "region that the site lies in"),
    ("sectors", "year"): Meaning("year", "planning year"),
    ("transfers", "value"): Meaning(MONEY, "money of the year"),
    ("cost", "value"): Meaning(MONEY, "cost of the year, in money of that year"),
    ("unserved", "value"): Meaning(PFLOPS, "demand that is left, of the kind in the row"),
    ("unserved", "tranche"): Meaning("", "part of the demand by what its users would pay, see value_tranches"),
}
"""Columns that mean something else, or something narrower, in one view."""

PARTS = {
    "kind": {kind: kind for kind in ("intelligent", "general", "super")},
    "asset": {"grid": "grid connection", "hall_dense": "dense hall", "hall_standard": "standard hall"},
    "state": {
        "installed": "that stand at the site", "energised": "that have hall and power",
        "bought": "bought in the year", "busy": "at work, mean of the year",
    },
    "work": {
        "allocated": "that is allocated to the site", "delivered": "that the site delivers",
        "served": "that is served", "demand": "that is asked for", "unserved": "that stays unserved",
    },
    "of": {
        "sector": "of the tasks of the sector",
        "attributed": "of the sector, general-purpose tasks shared out by the table sector_shares",
    },
}  # fmt: skip
"""Parts of names of columns, and what they say in words."""

PATTERNS = {
    "<asset>_capacity_mw": ("MW", "{asset}: what there is"),
    "<asset>_used_mw": ("MW", "{asset}: highest use"),
    "utilisation_<asset>": (SHARE, "{asset}: mean use, as a share"),
    "<state>_<kind>_devices": (DEVICES, "devices of {kind} compute {state}"),
    "utilisation_<kind>_devices": (SHARE, "devices of {kind} compute: busy over energised, as a share"),
    "<state>_peak_<kind>_pflops": (PFLOPS, "peak rate of {kind} devices {state}"),
    "<work>_<kind>_pflops": (PFLOPS, "{kind} work {work}"),
    "mean_round_trip_<kind>_ms": ("ms", "mean network round trip of {kind} work served at the site"),
    "<of>_<work>_pflops": (PFLOPS, "work {work}, {of}"),
    "<of>_mean_round_trip_ms": ("ms", "mean network round trip, {of}"),
    "<of>_share_in_own_region": (SHARE, "share of served work that is served in its own region, {of}"),
    "<of>_share_in_west": (SHARE, "share of served work that is served in the West, {of}"),
}
"""Columns whose names are put together of such parts."""

NAMED = {"site": "site", "region": "region", "task": "task", "device": "device", "hub": "hub"}
"""Identifiers that have names."""


def meaning(view: str, column: str) -> Meaning:
    """Unit and words of a column of a view or map layer; KeyError where nobody wrote them down."""
    found = ELSEWHERE.get((view, column)) or PLAIN.get(column)
    if found:
        return found
    if column.endswith("_name") and column.removesuffix("_name") in NAMED:
        return Meaning("", f"name of the {column.removesuffix('_name')}")
    for pattern, (unit, words) in PATTERNS.items():
        match = re.fullmatch(
            re.sub("<(.*?)>", lambda part: f"(?P<{part[1]}>{'|'.join(PARTS[part[1]])})", pattern), column
        )
        if match:
            return Meaning(
                unit, words.format(**{part: PARTS[part][found] for part, found in match.groupdict().items()})
            )
    raise KeyError(f"column '{column}' of '{view}' has no entry in eastwest/report/export/meanings.py")
