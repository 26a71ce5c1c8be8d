"""Liquid cooling, racks, software that comes late, energy quotas of metros, water: what is used of each limit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import RenderableType

from eastwest.formatting.words import Names, spaced
from eastwest.report.terminal.byyear import Line, by_year, per_year, sums, years_of
from eastwest.report.terminal.layout import heading, paragraph

if TYPE_CHECKING:
    from eastwest.results.result import Result

MOST_SITES = 8
ITEMS = {"liquid_cooling": "Liquid-cooled hall", "racks_dense": "Dense racks", "racks_standard": "Standard racks"}
LIMITED = (
    ("metro_quota", "grid_electricity", "Energy quotas of metros: what is drawn from the grid, and the quota"),
    ("water_cap", "water", "Caps on water: what is taken, and the cap"),
)


def hardware(result: Result, names: Names) -> Iterator[RenderableType]:
    """The country by year, then what is capped by site; nothing where none of these limits is used."""
    table, years = result.table, years_of(result)
    charged = bool(((table["quantity"] == "cost") & (table["item"] == "water")).any())
    asked = table["item"].isin(ITEMS) | table["quantity"].isin(["porting", *(name for name, *_ in LIMITED)])
    if not (charged or asked.any()):
        return
    lines = []
    for item, words in ITEMS.items():
        unit = "MW" if item == "liquid_cooling" else "racks"
        for quantity, what in (("capacity", "in place"), ("used", "used"), ("built", "converted")):
            lines.append(Line(f"{words}, {what}", unit, sums(table, quantity, item=item)))
    for kind in sorted(set(table.loc[table["quantity"] == "porting", "kind"])):
        title = f"Devices waiting for software, {spaced(kind)}"
        lines.append(Line(title, "devices", sums(table, "porting", kind=kind)))
    for item in sorted(set(table.loc[table["quantity"] == "water", "item"])):
        lines.append(Line(f"Water, {spaced(item)}", "m3", sums(table, "water", item=item)))
    lines.append(Line("Cost of water", "million CNY", sums(table, "cost", item="water")))
    yield heading("Hardware, quotas and water" + (" by year" if len(years) > 1 else f", {years[0]}"))
    yield from by_year([line for line in lines if line.values], years)
    for cap, used, words in LIMITED:
        capped = table[table["quantity"] == cap]
        if len(capped):
            yield paragraph(f"\n{words}:")
            yield from by_year(list(_capped(table, capped, used, names)), years)


def _capped(table: pd.DataFrame, capped: pd.DataFrame, used: str, names: Names) -> Iterator[Line]:
    """Two lines for each site, region or the country that has a cap; those that use most of it first."""
    found = []
    for (site, region), rows in capped.groupby(["site", "region"]):
        taken = _taken(table[table["quantity"] == used], str(site), str(region), names)
        cap = per_year(rows)
        share = max((taken.get(year, 0.0) / value for year, value in cap.items() if value > 0), default=0.0)
        place = names.short("site", site) if site else names.short("region", region) if region else "The country"
        unit = str(rows["unit"].iloc[0])
        taken = {year: value for year, value in taken.items() if year in cap}
        found.append((-share, place, [Line(place, unit, taken), Line("  at most", unit, cap)]))
    for *_, pair in sorted(found, key=lambda entry: entry[:2])[:MOST_SITES]:
        yield from pair


def _taken(rows: pd.DataFrame, site: str, region: str, names: Names) -> dict[int, float]:
    if site:
        rows = rows[rows["site"] == site]
    elif region:
        rows = rows[rows["site"].map(names.regions) == region]
    return per_year(rows)
