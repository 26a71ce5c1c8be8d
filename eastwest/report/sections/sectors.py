"""By sector: what it asks for, what it gets, how far it is served from, and what general-purpose work is its own."""

from __future__ import annotations

from eastwest.report.plot import order
from eastwest.report.section import Page, Section
from eastwest.report.sections.listed import listed
from eastwest.results.dataset import Column, gather


def section(page: Page) -> Section | None:
    """A table by sector for each year, kinds apart; nothing where no task has a sector."""
    subject, say, table = page.subject, page.subject.say, page.subject.table
    if not (table["quantity"] == "sector_demand").any():
        return None
    data = gather(table, "sectors", "Demand and service by sector", ["year", "kind", "item"], {
        "demand": Column("Demand", "sector_demand", "PFLOP/s"),
        "unserved": Column("Unserved", "sector_unserved", "PFLOP/s", fill=0.0),
        "trip": Column("Mean round trip", "sector_mean_round_trip_ms", "ms"),
        "west": Column("West", "sector_share_in_west", "1"),
        "own": Column("Own province", "sector_share_in_own_region", "1"),
        "attributed": Column("Attributed demand", "attributed_demand", "PFLOP/s"),
        "attributed_west": Column("West of attributed", "attributed_share_in_west", "1"),
    })  # fmt: skip
    frame = data.frame.dropna(subset="demand")
    rank = frame["kind"].map({kind: number for number, kind in enumerate(order.kinds(set(frame["kind"])))})
    by = ["year", "rank", "demand"]
    frame = frame.assign(rank=rank).sort_values(by, ascending=[True, True, False], kind="stable")
    data = data.but(frame.drop(columns="rank"))
    note = say(
        "Own work of each sector in PFLOP/s of the kind, kinds apart. West and own province: shares of what is served. "
        "Attributed: general-purpose work (chat, agents, batch, tuning) shared out by the table sector_shares, assumed."
    )
    opens = tuple(listed(subject, data, say("Sector"), year, most=40) for year in subject.years)
    return Section("sectors", say("By sector"), (note,), opens=opens, tables=(data,))
