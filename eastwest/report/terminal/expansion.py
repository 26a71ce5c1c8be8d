"""What enters service when, what of it is energised, and what stands idle waiting for what: by year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import RenderableType

from eastwest.formatting.words import Names, figure, plain, spaced
from eastwest.report.terminal.byyear import (
    Line,
    by_year,
    filled,
    over,
    per_year,
    several,
    sums,
    year_of_most,
    years_of,
)
from eastwest.report.terminal.layout import grid, heading, paragraph, words_column

if TYPE_CHECKING:
    from eastwest.results.result import Result

MONEY = "million CNY"
MOST_SITES = 4
MOST_PLACES = 3
ASSETS = {
    "hall_dense": "Dense halls",
    "hall_standard": "Standard halls",
    "grid": "Grid connection",
    "wind": "Wind plants",
    "solar": "Solar plants",
    "battery_power": "Battery power",
    "battery_energy": "Battery energy",
    "corridor": "Corridors",
}
"""Items of rows `built` and `capacity` in words, in the order in which they are printed; others follow."""


def entering(result: Result, names: Names) -> Iterator[RenderableType]:
    """What the plan decides, by the year in which it enters service, for the country and for the largest sites."""
    if not several(result):
        return
    table, years = result.table, years_of(result)
    lines: list[Line] = []
    nothing = []
    groups = [
        (f"Devices bought, {spaced(kind)}, peak", "bought_peak", {"kind": kind}, "PFLOP/s") for kind in _kinds(table)
    ]
    groups += [(title, "built", {"item": item}, "") for item, title in _assets(table, "built").items()]
    for title, quantity, labels, unit in groups:
        rows = _chosen(table, quantity, labels)
        if rows["value"].sum() > 0:
            lines += _with_places(title, unit or str(rows["unit"].iloc[0]), rows, years, names)
        else:
            nothing.append(title.replace(", peak", "").lower())
    yield heading("What enters service when")
    yield paragraph(
        "What the plan itself decides, by the year in which it enters service, each year for itself; under each line "
        f"the {MOST_SITES} places with most of it, all years taken together. A purchase counts whole here; in what is "
        "installed and in place it counts by the share of the year that it is in service."
    )
    if lines:
        yield from by_year(lines, years)
    if nothing:
        yield paragraph(f"Nothing is decided of: {', '.join(nothing)}.")
    yield paragraph("\nIn place, decided or announced before, by the share of the year in service:")
    assets = _assets(table, "capacity")
    chosen = {title: _chosen(table, "capacity", {"item": item}) for item, title in assets.items()}
    yield from by_year(
        [Line(title, str(rows["unit"].iloc[0]), per_year(rows)) for title, rows in chosen.items() if len(rows)], years
    )


def _kinds(table: pd.DataFrame) -> list[str]:
    rows = table[table["quantity"].isin(["demand", "installed_peak", "bought_peak"])]
    return sorted(set(rows["kind"]) - {""}, key=lambda kind: (kind != "intelligent", kind))


def _assets(table: pd.DataFrame, quantity: str) -> dict[str, str]:
    """Known assets, then others that rows of the quantity have, each with its words."""
    others = sorted(set(table.loc[table["quantity"] == quantity, "item"]) - set(ASSETS))
    return ASSETS | {item: spaced(item) for item in others}


def _chosen(table: pd.DataFrame, quantity: str, labels: Mapping[str, str]) -> pd.DataFrame:
    chosen = (table["quantity"] == quantity) & (table["slice"] == "")
    for column, value in labels.items():
        chosen &= table[column] == value
    return table[chosen]


def _with_places(title: str, unit: str, rows: pd.DataFrame, years: list[int], names: Names) -> Iterator[Line]:
    """The country, the places with most over all years, and all other places together."""
    yield Line(title, unit, filled(per_year(rows), years), style="bold")
    place = rows["site"].where(rows["site"] != "", rows["corridor"])
    total = rows["value"].groupby(place.to_numpy()).sum().sort_values(ascending=False, kind="stable")
    total = total[total > 0]
    most = list(total.index[:MOST_SITES])
    for key in most:
        of_place = rows[place == key]
        level = "site" if of_place["site"].iloc[0] else "corridor"
        yield Line("  " + names.short(level, str(key)), unit, filled(per_year(of_place), years))
    if len(total) > len(most):
        others = f"  {len(total) - len(most)} others"
        yield Line(others, unit, filled(per_year(rows[~place.isin(most)]), years))


def announced(result: Result) -> Iterator[RenderableType]:
    """Installed beside energised by year: compute by kind, rated power by class of hall, halls and connections."""
    if not several(result):
        return
    table, lines = result.table, []
    for kind in _kinds(table):
        stock, on = (sums(table, name, kind=kind) for name in ("installed_peak", "energised_peak"))
        lines += [
            Line(f"Installed peak, {spaced(kind)}", "PFLOP/s", stock),
            Line(f"Energised peak, {spaced(kind)}", "PFLOP/s", on),
            Line("  energised over installed", "1", over(on, stock)),
        ]
    fixed = sums(table, "fixed_load")
    for item, words in (("hall_dense", "dense"), ("hall_standard", "standard")):
        rated, used = sums(table, "installed_rated", item=item), sums(table, "used", item=item)
        load = fixed if item == "hall_standard" else {}
        lines += [
            Line(f"Devices installed, {words}, rated", "MW", rated),
            Line(f"Devices energised, {words}, rated", "MW", {y: v - load.get(y, 0.0) for y, v in used.items()}),
            Line(f"{ASSETS[item]} in place", "MW", sums(table, "capacity", item=item)),
        ]
    lines += [
        Line("Grid connection in place", "MW", sums(table, "capacity", item="grid")),
        Line("Grid connection taken", "MW", sums(table, "used", item="grid")),
    ]
    yield heading("Announced and energised")
    yield paragraph(
        "Installed: stands, announced or bought, by the share of the year in service. Energised: has power, a hall and "
        "software. Rated power is at the IT load, connections at the meter; standard halls hold storage too."
    )
    yield from by_year([line for line in lines if line.values], years_of(result))


def idle(result: Result, names: Names) -> Iterator[RenderableType]:
    """What stands idle, and which limit it waits for: by year, then the places that hold most of it."""
    rows = result.table[result.table["quantity"] == "idle"]
    yield heading("What stands idle, and what it waits for")
    if rows.empty:
        yield paragraph("Nothing: all that is installed is energised.")
        return
    if any(rows["unit"] == MONEY):
        yield paragraph("Money: what the idle part costs a year at replacement annuity, whoever pays it.")
    if several(result):
        yield from by_year(_idle_lines(rows, years_of(result)), years_of(result))
        money = rows[rows["unit"] == MONEY]
        year = year_of_most(money if len(money) else rows[rows["unit"] == rows["unit"].iloc[0]])
        yield paragraph(f"\nMost of it in {year}, the year with the most idle{f' [{MONEY}]' if len(money) else ''}:")
        rows = rows[rows["year"] == year]
    yield _idle_table(rows, names)


def _idle_lines(rows: pd.DataFrame, years: list[int]) -> list[Line]:
    """Devices by kind, halls and connections, then money with its sum; the largest of each first."""
    lines = []
    for unit in ("devices", "MW", MONEY):
        of_unit = rows[rows["unit"] == unit]
        found = [(item, kind, per_year(group)) for (item, kind), group in of_unit.groupby(["item", "kind"])]
        for item, kind, values in sorted(found, key=lambda entry: -max(entry[2].values())):
            lines.append(Line(_waiting(item, kind), unit, filled(values, years)))
        if unit == MONEY and len(of_unit):
            lines.append(Line("all that stands idle", unit, filled(per_year(of_unit), years), style="bold"))
    return lines


def _waiting(item: str, kind: str) -> str:
    """Idle things as words: devices by kind, since kinds are never added."""
    words = spaced(item)
    if words.startswith("waits for ") and kind:
        return f"{spaced(kind)} devices wait for {words.removeprefix('waits for ')}"
    return words


def _idle_table(rows: pd.DataFrame, names: Names) -> RenderableType:
    """One row per item and kind: amount, money, and the largest amounts."""
    money = rows[rows["unit"] == MONEY].groupby(["item", "kind"])["value"].sum()
    amounts = rows[rows["unit"] != MONEY]
    total = amounts.groupby(["item", "kind", "unit"])["value"].sum().sort_values(ascending=False)
    with_money = ["million\nCNY"] if len(money) else []
    table = grid(["idle", "amount", "unit", *with_money, "most of it"], left=1)
    words_column(table, 2)
    words_column(table, -1)
    for (item, kind, unit), value in total.items():
        chosen = amounts[(amounts["item"] == item) & (amounts["kind"] == kind) & (amounts["unit"] == unit)]
        most = []
        chosen = chosen.sort_values("value", ascending=False, kind="stable")
        for row in chosen.head(MOST_PLACES).to_dict(orient="records"):
            device = names.short("device", row["device"]).split(" (")[0]
            place = names.short("site", row["site"])
            most.append(f"{device} at {place} {figure(row['value'])}" if device else f"{place} {figure(row['value'])}")
        cost = [figure(float(money[item, kind])) if (item, kind) in money else ""] if with_money else []
        table.add_row(_waiting(str(item), str(kind)), figure(float(value)), plain(unit), *cost, "\n".join(most))
    return table
