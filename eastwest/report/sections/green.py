"""Green power and carbon by year: share, own output, what is curtailed, contracts, certificates."""

from __future__ import annotations

from eastwest.report.cells import named
from eastwest.report.lines import country, lines_by, lines_open, most
from eastwest.report.section import Page, Section
from eastwest.results.dataset import Column, Ratio, gather
from eastwest.results.headline import green_is_modelled

MOST_SITES = 10
CLAIMS = ("own_electricity", "contracted", "certificates")


def section(page: Page) -> Section | None:
    """The country by year, then the sites that claim most green power over all years; nothing where nobody does."""
    subject, say, table = page.subject, page.subject.say, page.subject.table
    if not green_is_modelled(table):
        text = say(
            "Green power is not modelled in this run: nothing green can be chosen. Own plants (sources), contracts and "
            "certificates (green) let the plan choose some."
        )
        return Section("green", say("Green power and carbon"), (text,))
    claims = table[table["quantity"].isin(CLAIMS)]
    if not ((claims["value"] > 0).any() or (table.loc[table["quantity"] == "curtailed", "value"] > 0).any()):
        return None
    data, lines = country(subject, "green", "Green power and carbon", {
        "share": Column("Green power, share of what is metered", "green_share", "1", {"item": "national"}, how="only"),
        "own": Column("Own output, used", "own_electricity", "MWh"),
        "curtailed": Column("Own output, curtailed", "curtailed", "MWh"),
        "made": Column("Own output, used and curtailed", ("own_electricity", "curtailed"), "MWh"),
        "lost": Ratio("share of own output", "curtailed", "made"),
        "contracted": Column("Contracted through the grid", "contracted", "MWh", fill=0.0),
        "certificates": Column("Certificates", "certificates", "MWh", fill=0.0),
        "new": Column("Energy of new compute, which the floor is of", "electricity_of_new_compute", "MWh"),
        "drawn": Column("Drawn from the grid", "grid_electricity", "MWh"),
        "carbon": Column("Carbon, operational", "carbon", "t CO2"),
    })  # fmt: skip
    own = gather(table, "own_electricity", "Own output by technology", ["year", "item"],
                 {"own": Column("Own output, used", "own_electricity", "MWh")})  # fmt: skip
    items = sorted(set(own.frame["item"]), reverse=True)
    titles = {item: say("Own {technology}, used", technology=say.item(item)) for item in items}
    technologies = lines_by(own, "item", titles)
    shown = [line for line in lines if line.column not in ("own", "made")]
    sites = gather(table, "green_by_site", "Green share by site", ["year", "site"],
                   {"share": Column("Green share", "green_share", "1")})  # fmt: skip
    largest = [str(site) for site in most(claims, "site").index[:MOST_SITES] if site]
    by_site = lines_by(sites, "site", {site: named(subject, "site", site, both=False) for site in largest})
    opens = [lines_open(subject, [*shown[:1], *technologies, *shown[1:]])]
    if by_site:
        text = say("Green share of the sites that claim most green power, all years taken together:")
        opens.append(lines_open(subject, by_site, text=text))
    note = say(
        "Metered: drawn from the grid and own output used. Green: own output, contracts, certificates and what counts "
        "of the grid's mix. Certificates change no carbon."
    )
    return Section("green", say("Green power and carbon"), (note,), opens=tuple(opens), tables=(data, own, sites))
