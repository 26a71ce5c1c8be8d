"""By hub and site: power and cost; then compute by kind, what is served there and what its region lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from eastwest.formatting.words import figure
from eastwest.report.cells import mark, named
from eastwest.report.plot import order
from eastwest.report.plot.chart import Subject
from eastwest.report.plot.map_picture import power_columns
from eastwest.report.section import Cell, Open, Page, Section, heads
from eastwest.report.sections.limits import hubs_of
from eastwest.report.sections.shortage import unserved_by
from eastwest.results.dataset import Column, Dataset, Ratio, gather
from eastwest.results.headline import PENALTIES, TRANSFERS
from eastwest.schema.units import MONEY

NO_HUB = ""
OF_KIND = ("round trip", "devices energised", "devices busy", "busy over energised", "served")
SHORT = {"intelligent": "int.", "general": "gen.", "super": "sup."}


def section(page: Page) -> Section | None:
    """Two tables a year; hubs are the sums of their sites."""
    subject, say = page.subject, page.subject.say
    kinds = order.kinds(set(subject.table.loc[subject.table["quantity"].isin(["served", "energised"]), "kind"]) - {""})
    data = _sites(subject, kinds)
    if data.frame.empty:
        return None
    region = unserved_by(subject, "region")
    opens = [
        block
        for year in subject.years
        if len(data.rows(year=year))
        for block in (_power(subject, data, kinds, year), _compute(subject, data, region, kinds, year))
    ]
    return Section("places", say("By hub and site"), opens=tuple(opens), tables=(data,))


def _sites(subject: Subject, kinds: Sequence[str]) -> Dataset:
    """Figures of each site and year."""
    items = set(subject.table.loc[subject.table["quantity"] == "cost", "item"])
    costs = tuple(sorted(items - {*PENALTIES, *TRANSFERS})) or ("",)
    columns = power_columns() | {"cost": Column("Cost without penalties", "cost", MONEY, {"item": costs})}
    for kind in kinds:
        by_site, of_year = {"kind": kind, "item": "by site"}, {"kind": kind, "slice": ""}
        trip, devices, busy, share, served = (f"{what}, {kind}" for what in OF_KIND)
        columns |= {
            f"ms_{kind}": Column(trip, "mean_round_trip_ms", "ms", by_site, how="only"),
            f"devices_{kind}": Column(devices, "energised", "devices", of_year),
            f"busy_{kind}": Column(busy, "busy", "devices", of_year),
            f"busy_share_{kind}": Ratio(share, f"busy_{kind}", f"devices_{kind}"),
            f"served_{kind}": Column(served, "served", "PFLOP/s", {"kind": kind}),
        }
    data = gather(subject.table, "sites", "Figures of sites", ["year", "site"], columns)
    return data.but(data.frame[data.frame["site"] != ""])


class _Column(NamedTuple):
    """A column of an open table: its title, the figure of a site, and what a mean over sites is weighted by."""

    title: str
    key: str
    factor: float = 1.0
    weight: str = ""

    def of_site(self, data: Dataset, at: int) -> Cell:
        value = data.figure(self.key, at)
        return mark(data, at, self.key, figure(value * self.factor)) if value == value else ""

    def of_hub(self, data: Dataset, members: pd.DataFrame) -> str:
        """Sums of its sites; of shares and means what their sums give."""
        column = data.columns[self.key]
        if isinstance(column, Ratio):
            known = members.dropna(subset=[column.above, column.below])
            above, below = known[column.above].sum(), known[column.below].sum()
        elif self.weight:
            known = members.dropna(subset=[self.key, self.weight])
            above, below = (known[self.key] * known[self.weight]).sum(), known[self.weight].sum()
        else:
            above, below = members[self.key].sum(min_count=1), 1.0
        total = float(above) / float(below) if below > 0 else float("nan")
        return figure(total * self.factor) if total == total else ""


def _rows(
    subject: Subject, data: Dataset, columns: Sequence[_Column], year: int, more: Mapping[str, Mapping[str, Cell]]
) -> Iterator[tuple[bool, list[Cell]]]:
    """(is a hub, cells): each hub, with its sites after it; places outside hubs last. `more`: site -> key -> cell."""
    rows, hubs = data.rows(year=year), hubs_of(subject)
    hub = rows["site"].map(lambda site: hubs.get(site, NO_HUB))
    for key in sorted(set(hub), key=lambda key: (key == NO_HUB, key)):
        members = rows[hub == key]
        if key != NO_HUB or hub.nunique() > 1:
            words = named(subject, "hub", key) if key else subject.say("outside hubs")
            yield True, [words, *(column.of_hub(data, members) for column in columns), *("" for _ in more)]
        for row in members.sort_values("site").itertuples():
            cells: list[Cell] = [column.of_site(data, row.Index) for column in columns]
            extra = [cells_of.get(row.site, "") for cells_of in more.values()]
            yield False, ["  " + named(subject, "site", row.site), *cells, *extra]


def _table(
    subject: Subject, data: Dataset, columns: Sequence[_Column], year: int, text: str,
    more: Mapping[str, Mapping[str, Cell]] | None = None,
) -> Open:  # fmt: skip
    found = list(_rows(subject, data, columns, year, more or {}))
    headings = heads([subject.say("Hub, site")], [*(column.title for column in columns), *(more or {})])
    sums = frozenset(number for number, (is_hub, _) in enumerate(found) if is_hub)
    return Open(text, headings, [cells for _, cells in found], year, sums=sums, closed=True)


def _power(subject: Subject, data: Dataset, kinds: Sequence[str], year: int) -> Open:
    say = subject.say
    columns = [
        _Column(say("MW used"), "grid_used"),
        _Column(say("MW grid"), "grid_capacity"),
        _Column(say("grid %"), "grid_share", 100),
        _Column(say("dense hall %"), "hall_dense_share", 100),
        _Column(say("standard hall %"), "hall_standard_share", 100),
        _Column(say("cost"), "cost"),
        *(_Column(say("ms {kind}", kind=say(SHORT.get(kind, kind))), f"ms_{kind}", weight=f"served_{kind}")
          for kind in kinds if data.frame[f"ms_{kind}"].notna().any()),
    ]  # fmt: skip
    text = say(
        "Power and cost by hub and site, {year}. MW at the meter: grid connection taken (by rated power, PUE and "
        "headroom) and in place. Halls: rated power of what is energised over the hall. Cost in million CNY a year, "
        "penalties excluded. ms: served-weighted mean round trip. A hub is the sum of its sites.", year=year,
    )  # fmt: skip
    return _table(subject, data, columns, year, text)


def _compute(subject: Subject, data: Dataset, region: Dataset, kinds: Sequence[str], year: int) -> Open:
    say = subject.say
    columns, more = [], {}
    for kind in kinds:
        short = say(SHORT.get(kind, kind))
        columns += [
            _Column(say("{kind} devices, thousand", kind=short), f"devices_{kind}", 1e-3),
            _Column(say("{kind} busy %", kind=short), f"busy_share_{kind}", 100),
            _Column(say("{kind} served", kind=short), f"served_{kind}"),
        ]
        lacking = _lacking(subject, region, kind, year)
        if lacking:
            more[say("{kind} unserved", kind=short)] = lacking
    text = say(
        "Compute by hub and site, {year}. Devices in thousands, energised. Busy: time mean over energised. Served and "
        "unserved in PFLOP/s of the kind; what a region lacks stands with its metro site.", year=year,
    )  # fmt: skip
    return _table(subject, data, columns, year, text, more)


def _lacking(subject: Subject, region: Dataset, kind: str, year: int) -> dict[str, Cell]:
    """What the region of a site lacks, at the site that it is shown with: its metro, else its first site."""
    sites = subject.scenario.tables["sites"]
    if "region" not in sites:
        return {}
    first = sites.sort_values("kind", key=lambda kinds: kinds != "metro", kind="stable").drop_duplicates("region")
    holder = dict(zip(first["region"].map(str), first["site"], strict=True))
    rows = region.rows(year=year, kind=kind)
    return {
        holder[row.region]: mark(region, row.Index, "unserved", figure(row.unserved))
        for row in rows[rows["unserved"] > 0].itertuples()
        if row.region in holder
    }
