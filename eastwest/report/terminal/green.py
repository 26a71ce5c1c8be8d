"""Green power and carbon by year: share, own output, what is curtailed, contracts, certificates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType

from eastwest.formatting.words import Names, spaced
from eastwest.report.terminal.byyear import Line, by_year, filled, over, per_year, sums, years_of
from eastwest.report.terminal.layout import heading, paragraph

if TYPE_CHECKING:
    from eastwest.results.result import Result

MOST_SITES = 10
CLAIMS = ("own_electricity", "contracted", "certificates")


def green(result: Result, names: Names) -> Iterator[RenderableType]:
    """The country by year, then the sites that claim most green power over all years; nothing where nobody does."""
    table, years = result.table, years_of(result)
    if not (table["quantity"].isin([*CLAIMS, "curtailed"]) & (table["value"] > 0)).any():
        return
    own, lost = sums(table, "own_electricity"), sums(table, "curtailed")
    lines = [Line("Green power, share of what is metered", "1", sums(table, "green_share", item="national"))]
    for item in sorted(set(table.loc[table["quantity"] == "own_electricity", "item"]), reverse=True):
        lines.append(Line(f"Own {spaced(item)}, used", "MWh", filled(sums(table, "own_electricity", item=item), years)))
    made = {year: value + lost.get(year, 0.0) for year, value in own.items()}
    lines += [
        Line("Own output, curtailed", "MWh", lost),
        Line("  share of own output", "1", over(lost, made)),
        Line("Contracted through the grid", "MWh", filled(sums(table, "contracted"), years)),
        Line("Certificates", "MWh", filled(sums(table, "certificates"), years)),
        Line("Drawn from the grid", "MWh", sums(table, "grid_electricity")),
        Line("Carbon, operational", "t CO2", sums(table, "carbon")),
    ]
    yield heading("Green power and carbon" + (" by year" if len(years) > 1 else f", {years[0]}"))
    yield paragraph(
        "Metered: drawn from the grid and own output used. Green: own output, contracts, certificates and what counts "
        "of the grid's mix. Certificates change no carbon."
    )
    yield from by_year([line for line in lines if line.values], years)
    claims = table[table["quantity"].isin(CLAIMS)].groupby("site")["value"].sum().sort_values(ascending=False)
    shares = table[(table["quantity"] == "green_share") & (table["item"] != "national")]
    most = [str(site) for site in claims[claims > 0].index[:MOST_SITES]]
    by_site = [Line(names.short("site", site), "1", per_year(shares[shares["site"] == site])) for site in most]
    if by_site:
        yield paragraph("\nGreen share of the sites that claim most green power, all years taken together:")
        yield from by_year(by_site, years)
