"""By hub and site: power and cost; then compute by kind, what is served there and what its region lacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import RenderableType
from rich.table import Table

from eastwest.formatting.words import SHORT_KINDS, Names, figure, plain
from eastwest.report.terminal.byyear import several
from eastwest.report.terminal.layout import grid, heading, paragraph
from eastwest.results import views
from eastwest.results.headline import PENALTIES, TRANSFERS

if TYPE_CHECKING:
    from eastwest.results.result import Result

NO_HUB = "outside hubs"
POWER_NOTE = (
    "MW at the meter: grid connection taken (by rated power, PUE and headroom) and in place. Halls: rated power of "
    "what is energised over the hall. Cost in million CNY a year, penalties excluded. ms: served-weighted mean "
    "round trip. A hub is the sum of its sites."
)
COMPUTE_NOTE = (
    "Devices in thousands, energised. Busy: time mean over energised. Served and unserved in PFLOP/s of the kind; what "
    "a region lacks stands with its metro site."
)


def places(result: Result, names: Names) -> Iterator[RenderableType]:
    """Two tables: power and cost, and compute; of several years the last."""
    figures = _figures(result)
    if len(figures):
        year = int(figures["year"].max())
        of_year = figures[figures["year"] == year]
        suffix = f", {year}" if year else ""
        kinds = _kinds(of_year)
        yield heading("Power and cost by hub and site" + suffix)
        yield paragraph(POWER_NOTE + (" Other years: csv/sites.csv." if several(result) else ""))
        yield _power_table(of_year, kinds, names)
        yield heading("Compute by hub and site" + suffix)
        yield paragraph(COMPUTE_NOTE)
        yield _compute_table(of_year, kinds, names)


def _kinds(figures: pd.DataFrame) -> list[str]:
    found = [name.removeprefix("served_").removesuffix("_pflops") for name in figures if name.startswith("served_")]
    return sorted(found, key=lambda kind: (kind != "intelligent", kind))


def _figures(result: Result) -> pd.DataFrame:
    """Site figures with hub, with what each region lacks, and with cost without penalties."""
    figures = views.site_figures(result.table)
    if "year" not in figures:
        figures = figures.assign(year=0)
    sites = result.scenario.tables["sites"]
    hub = dict(zip(sites["site"], sites["hub"], strict=True)) if "hub" in sites else {}
    figures["hub"] = [hub.get(site) if isinstance(hub.get(site), str) else NO_HUB for site in figures["site"]]
    table = result.table
    apart = table["item"].isin((*PENALTIES, *TRANSFERS))
    cost = table[(table["quantity"] == "cost") & ~apart].groupby(["year", "site"])["value"].sum()
    figures["cost"] = cost.reindex(pd.MultiIndex.from_frame(figures[["year", "site"]])).array
    holder = _holder_of_region(sites)
    left = table[table["quantity"] == "unserved"]
    for kind, rows in left.groupby("kind"):
        sums = rows.assign(site=rows["region"].map(holder)).groupby(["year", "site"])["value"].sum()
        figures[f"unserved_{kind}"] = sums.reindex(pd.MultiIndex.from_frame(figures[["year", "site"]])).array
    return figures


def _holder_of_region(sites: pd.DataFrame) -> dict[str, str]:
    """The site on whose row a region's unserved demand is shown: its metro, else its first site."""
    if "region" not in sites:
        return {}
    ordered = sites.sort_values("kind", key=lambda kind: kind != "metro", kind="stable").drop_duplicates("region")
    return dict(zip(ordered["region"].map(str), ordered["site"], strict=True))


def _with_hubs(figures: pd.DataFrame, kinds: list[str]) -> Iterator[tuple[str, str, pd.Series]]:
    """(hub or site, its key, figures): each hub, with its sites after it; places outside hubs last."""
    sums = [name for name in figures.columns if name not in ("year", "site", "hub")]
    hubs = sorted(set(figures["hub"]), key=lambda hub: (hub == NO_HUB, hub))
    for hub in hubs:
        members = figures[figures["hub"] == hub]
        total = members[sums].sum(min_count=1)
        for kind in kinds:
            served, trip = f"served_{kind}_pflops", f"mean_round_trip_{kind}_ms"
            if trip in members:
                known = members[members[trip].notna() & (members[served] > 0)]
                total[trip] = (known[served] * known[trip]).sum() / known[served].sum() if len(known) else float("nan")
        if hub != NO_HUB or len(hubs) > 1:
            yield "hub", hub, total
        for row in members.sort_values("site").to_dict(orient="records"):
            yield "site", str(row["site"]), pd.Series(row)


def _power_table(figures: pd.DataFrame, kinds: list[str], names: Names) -> Table:
    kinds = [kind for kind in kinds if f"mean_round_trip_{kind}_ms" in figures]
    titles = ["MW\nused", "MW\ngrid", "grid\n%", "dense\nhall %", "std.\nhall %", "cost"]
    table = grid(["hub, site", *titles, *[f"ms\n{SHORT_KINDS.get(kind, kind)}" for kind in kinds]], left=1, gap=2)
    for level, key, row in _with_hubs(figures, kinds):
        cells = [_cell(row, "grid_used_mw"), _cell(row, "grid_capacity_mw")]
        cells += [
            _ratio(row, f"{asset}_used_mw", f"{asset}_capacity_mw") for asset in ("grid", "hall_dense", "hall_standard")
        ]
        cells += [_cell(row, "cost")] + [_cell(row, f"mean_round_trip_{kind}_ms") for kind in kinds]
        _add(table, level, key, cells, names)
    return table


def _compute_table(figures: pd.DataFrame, kinds: list[str], names: Names) -> Table:
    lacking = [kind for kind in kinds if f"unserved_{kind}" in figures and (figures[f"unserved_{kind}"] > 0).any()]
    titles = []
    for kind in kinds:
        short = SHORT_KINDS.get(kind, kind)
        titles += [f"{short}\ndev. k", f"{short}\nbusy %", f"{short}\nserved"]
        titles += [f"{short}\nunserved"] if kind in lacking else []
    table = grid(["hub, site", *titles], left=1, gap=1 if lacking else 2)
    for level, key, row in _with_hubs(figures, kinds):
        cells = []
        for kind in kinds:
            cells += [_cell(row, f"energised_{kind}_devices", 1e-3)]
            cells += [
                _ratio(row, f"busy_{kind}_devices", f"energised_{kind}_devices"),
                _cell(row, f"served_{kind}_pflops"),
            ]
            cells += [_cell(row, f"unserved_{kind}")] if kind in lacking else []
        _add(table, level, key, cells, names)
    return table


def _add(table: Table, level: str, key: str, cells: list[str], names: Names) -> None:
    """A row: hubs in bold, sites set in by two."""
    if level == "hub":
        table.add_row(plain(names.full("hub", key) if key != NO_HUB else NO_HUB), *cells, style="bold")
    else:
        table.add_row("  " + plain(names.full("site", key)), *cells)


def _cell(row: pd.Series, key: str, factor: float = 1.0) -> str:
    """A figure, or nothing where there is no row."""
    value = float(row.get(key, float("nan")))
    return "" if value != value else figure(value * factor)


def _ratio(row: pd.Series, above: str, below: str) -> str:
    """One figure over another in percent, or nothing."""
    value, base = float(row.get(above, float("nan"))), float(row.get(below, float("nan")))
    return figure(100 * value / base) if base > 0 and value == value else ""
