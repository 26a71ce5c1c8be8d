"""Who pays, who gains: transfers by payer, by region and by site; rent, cost and margin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eastwest.report.cells import clip, named
from eastwest.report.lines import Line, country, largest_first, lines_open, most
from eastwest.report.plot import order
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Open, Page, Section
from eastwest.report.sections.listed import listed
from eastwest.results.accounts import MARGINS
from eastwest.results.dataset import AnyColumn, Column, Dataset, gather
from eastwest.schema.units import MONEY

MOST = 10
MOST_PAYERS = 4


def section(page: Page) -> Section | None:
    """The accounts by year; then who gains and where the money goes, and sites with the most rent."""
    subject, say, table = page.subject, page.subject.say, page.subject.table
    if not table["quantity"].isin(["user_cost", "transfer"]).any():
        return None
    whole, (system, user) = country(subject, "accounts", "Accounts of the country and of users", {
        "system": Column("Cost of the country, without penalties", "system_cost", MONEY),
        "user": Column("Cost to users", "user_cost", MONEY),
    })  # fmt: skip
    paid: dict[str, AnyColumn] = {"paid": Column("Paid", "transfer", MONEY)}
    payers = gather(table, "transfers", "Transfers by who pays", ["year", "item"], paid)
    rents = gather(table, "rent", "Rent", ["year", "kind"], {
        "rent": Column("Rent", "rent_paid", MONEY),
        "after": Column("Rent after vouchers", "headline", MONEY, {"item": "rent_after_vouchers"}),
    })  # fmt: skip
    lines = [
        system,
        *(Line("  " + say("paid by {payer}", payer=_payer(page, str(own["item"]))), payers, "paid", own)
          for own in largest_first(payers, "paid", ["item"])),
        user,
        *(Line(f"{say(column.title)}, {say(kind)}", rents, key, {"kind": kind})
          for kind in order.kinds(set(rents.frame.dropna(subset="rent")["kind"]))
          for key, column in rents.columns.items()),
    ]  # fmt: skip
    note = say(
        "Users bear the country's cost less what cities pay by voucher and what grid and province give up by "
        "preferential tariffs: transfers, which cost the country nothing. Standing devices are sunk and count nothing "
        "on either side: a difference between two plans says more than the level. Rent is what the same work pays at "
        "one market price."
    )
    gains = [
        gather(table, "transfers_by_region", "Transfers by region that gains", ["year", "region", "item"], paid),
        gather(table, "transfers_by_site", "Transfers by site", ["year", "site", "item"], paid),
    ]
    margins = _margins(subject)
    opens = [lines_open(subject, lines)]
    for year in subject.years:
        opens += [*_gainers(page, gains, year), *_rents(subject, margins, year)]
    return Section("payers", say("Who pays, who gains"), (note,), opens=tuple(opens),
                   tables=(whole, payers, rents, *gains, margins))  # fmt: skip


def _payer(page: Page, item: str) -> str:
    """A voucher by who pays it; the grid and the province for a tariff."""
    say, vouchers = page.subject.say, page.result.scenario.tables.get("vouchers")
    if vouchers is not None and item in set(vouchers["voucher"]):
        return say("{payer} (voucher)", payer=clip(vouchers.set_index("voucher").at[item, "payer"]))
    return say("grid and province (preferential tariff)")


def _gainers(page: Page, gains: list[Dataset], year: int) -> Iterator[Open]:
    """Payers of what users of a region gain, and of what goes to a site."""
    subject, say = page.subject, page.subject.say
    for data, label, title, words in zip(
        gains, ("region", "site"), (say("Region"), say("Site")),
        (say("Whose users gain most, by who pays:"), say("Where the money goes, by who pays:")), strict=True,
    ):  # fmt: skip
        rows = data.rows(year=year)
        rows = rows[rows[label] != ""]
        payers = list(most(rows, "item", "paid").index[:MOST_PAYERS])
        lines = [
            Line(named(subject, label, str(key)), data, "paid", {"year": year, label: key})
            for key in most(rows, label, "paid").index[:MOST]
        ]
        if lines and payers:
            titles = [_payer(page, str(item)) for item in payers]
            yield replace(lines_open(subject, lines, "item", payers, titles=titles, first=title, text=words), year=year)


def _margins(subject: Subject) -> Dataset:
    cost, replaced = MARGINS
    data = gather(subject.table, "margins", "Rent and margin of sites", ["year", "site", "kind"], {
        "rent": Column("Rent", "rent_paid", MONEY),
        "margin": Column("Margin", "operator_margin", MONEY, {"item": cost}),
        "replaced": Column("Margin, devices replaced", "operator_margin", MONEY, {"item": replaced}),
    })  # fmt: skip
    return data.but(data.frame.sort_values(["year", "kind", "rent"], ascending=[True, True, False], kind="stable"))


def _rents(subject: Subject, data: Dataset, year: int) -> Iterator[Open]:
    """Sites with the most rent, kinds apart."""
    say = subject.say
    rows = data.rows(year=year).dropna(subset="rent")
    for kind in order.kinds(set(rows["kind"])):
        text = say(
            "Rent and margin of sites, {kind}. Margin: rent of what is served at a site, less its cost of the year; "
            "the last column also less the yearly replacement of the devices that stand there.", kind=say(kind),
        )  # fmt: skip
        own = rows[rows["kind"] == kind]
        yield listed(subject, data, "", year, rows=own, labels=("site",), most=MOST, text=text)
