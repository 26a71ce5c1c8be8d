"""Customers who would stay where they are, and those who are moved: by year and kind, then the sites that lose most."""

from __future__ import annotations

from eastwest.report.lines import Line, lines_open
from eastwest.report.plot import order
from eastwest.report.section import Open, Page, Section
from eastwest.report.sections.listed import listed
from eastwest.results.dataset import AnyColumn, Column, Ratio, gather

MOST_SITES = 10


def section(page: Page) -> Section | None:
    """Nothing where customers move freely."""
    subject, say, table = page.subject, page.subject.say, page.subject.table
    if not (table["quantity"] == "staying_customers").any():
        return None
    columns: dict[str, AnyColumn] = {
        "staying": Column("Would stay", "staying_customers", "PFLOP/s"),
        "moved": Column("Moved", "moved_customers", "PFLOP/s", fill=0.0),
        "share": Ratio("Moved, share of who would stay", "moved", "staying"),
        "cost": Column("Cost of moving them", "cost", "million CNY", {"item": "moved_customers"}, fill=0.0),
    }
    nation = gather(table, "customers", "Customers who stay and who are moved", ["year", "kind"], columns)
    sites = gather(table, "customers_by_site", "Customers by site", ["year", "site", "kind"], columns)
    note = say(
        "Work that was done at a site at the anchor stays there, less of it each year; what does not is moved at a "
        "cost. Delivered compute, kinds apart."
    )
    lines = []
    for kind in order.kinds(set(nation.frame["kind"])):
        own = {"kind": kind}
        lines.append(Line(say("Would stay, {kind}", kind=say(kind)), nation, "staying", own))
        lines += [Line("  " + say(nation.columns[key].title), nation, key, own) for key in ("moved", "share", "cost")]
    opens = [lines_open(subject, lines)]
    for year in subject.years:
        rows = sites.rows(year=year)
        rows = rows[rows["moved"] > 0].sort_values("cost", ascending=False, kind="stable")
        if rows.empty:
            opens.append(Open(say("{year}: no customer is moved before its time.", year=year), year=year))
            continue
        text = say("{year}: sites whose customers are moved, the costliest of {count}:", year=year, count=len(rows))
        opens.append(listed(subject, sites, "", year, rows=rows, most=MOST_SITES, text=text))
    return Section("customers", say("Customers who stay"), (note,), opens=tuple(opens), tables=(nation, sites))
