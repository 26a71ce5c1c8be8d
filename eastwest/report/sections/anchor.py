"""A snapshot of the anchor: by kind and region what was installed, allocated, taken in the busiest hour, and spare."""

from __future__ import annotations

from eastwest.report.lines import Line, lines_open
from eastwest.report.plot import order
from eastwest.report.section import Page, Section
from eastwest.report.sections.listed import listed
from eastwest.results.dataset import AnyColumn, Column, Ratio, gather


def section(page: Page) -> Section | None:
    """The country by kind, then every region with its customers' demand; nothing of a run that plans years."""
    subject, say = page.subject, page.subject.say
    day = getattr(page.result.scenario, "snapshot", None)
    if day is None:
        return None
    columns: dict[str, AnyColumn] = {
        "installed": Column("Installed", ("busiest_hour_peak", "spare_peak"), "PFLOP/s"),
        "allocated": Column("Allocated", "allocated_peak", "PFLOP/s", fill=0.0),
        "busiest": Column("Taken in the busiest hour", "busiest_hour_peak", "PFLOP/s", fill=0.0),
        "spare": Column("Spare", "spare_peak", "PFLOP/s", fill=0.0),
        "asked": Column("Allocated to customers there", "reference_demand", "PFLOP/s", fill=0.0),
        "unserved": Column("Unserved", "unserved", "PFLOP/s", fill=0.0),
        "share": Ratio("Allocated over installed", "allocated", "installed"),
    }
    nation = gather(subject.table, "anchor", "The anchor", ["year", "kind"], columns)
    regions = gather(subject.table, "anchor_by_region", "The anchor by region", ["year", "region", "kind"], columns)
    kinds = order.kinds(set(nation.frame["kind"]))
    lines = [Line(say(column.title), nation, key) for key, column in nation.columns.items()]
    note = say(
        "What stood on {day} beside what was asked of it: stock, halls, grid and demand of that day; nothing is "
        "bought, built or grown. Dense peak, kinds apart. Busiest hour: of each site by itself, standby included, in "
        "the cheapest plan; spare is what of the installed it leaves.", day=day.isoformat(),
    )  # fmt: skip
    opens = [lines_open(subject, lines, "kind", kinds, titles=[say(kind) for kind in kinds])]
    (year,) = subject.years
    for kind in kinds:
        rows = regions.rows(kind=kind).sort_values("installed", ascending=False, kind="stable")
        text = say("By region: {kind}", kind=say(kind))
        opens.append(listed(subject, regions, say("Region"), year, rows=rows, labels=["region"], most=99, text=text))
    return Section("anchor", say("The anchor"), (note,), opens=tuple(opens), tables=(nation, regions))
