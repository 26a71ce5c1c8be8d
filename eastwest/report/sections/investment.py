"""What enters service when, and what of it is energised: by year, for the country and for the largest sites."""

from __future__ import annotations

from collections.abc import Mapping

from eastwest.report.cells import named
from eastwest.report.lines import Line, country, lines_by, lines_open, most
from eastwest.report.plot import capacity, order
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Page, Section
from eastwest.report.sections.pictures import drawn_of
from eastwest.results.dataset import AnyColumn, Column, Dataset, Difference, gather

MOST_SITES = 4
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


def section(page: Page) -> Section | None:
    """What the plan decides by the year in which it enters service, and what is in place; of several years only."""
    subject, say = page.subject, page.subject.say
    if len(subject.years) < 2:
        return None
    bought = capacity.compute_data(subject)
    at = gather(subject.table, "bought_peak_by_site", "Devices bought by site", ["year", "kind", "site"],
                {"bought": Column("Devices bought, peak", "bought_peak", "PFLOP/s", fill=0.0)})  # fmt: skip
    labels = ["year", "item", "unit"]
    built = gather(subject.table, "built", "What is built", labels, {"built": Column("Built", "built", "", fill=0.0)})
    where = gather(subject.table, "built_where", "What is built where", [*labels, "site", "corridor"],
                   {"built": Column("Built", "built", "")})  # fmt: skip
    place = gather(subject.table, "in_place", "What is in place", labels,
                   {"capacity": Column("In place", "capacity", "", {"slice": ""})})  # fmt: skip
    new: list[tuple[str, list[Line]]] = []
    for kind in order.kinds(set(bought.frame["kind"])):
        title = say("Devices bought, {kind}, peak", kind=say(kind))
        new.append((title, _with_places(subject, title, bought, at, "bought", {"kind": kind})))
    for item in dict.fromkeys([*ASSETS, *_assets(built)]):
        title = _asset(subject, item)
        new.append((title, _with_places(subject, title, built, where, "built", {"item": item})))
    nothing = ", ".join(title.lower() for title, lines in new if not lines)
    existing = lines_by(place, "item", {item: _asset(subject, item) for item in _assets(place)})
    note = say(
        "What the plan itself decides, by the year in which it enters service, each year for itself; under each line "
        "the {n} places with most of it, all years taken together. A purchase counts whole here; in what is installed "
        "and in place it counts by the share of the year that it is in service.", n=MOST_SITES,
    )  # fmt: skip
    none = say("Nothing is decided of: {things}.", things=nothing)
    text = say("In place, decided or announced before, by the share of the year in service:")
    opens = (
        lines_open(subject, [line for _, lines in new for line in lines]),
        lines_open(subject, existing, text=text),
    )
    return Section("investment", say("What enters service when"), (note,), opens=opens,
                   tables=(bought, at, built, where, place), closing=(none,) if nothing else ())  # fmt: skip


def _assets(data: Dataset) -> list[str]:
    """Known assets, then others that the dataset has."""
    present = set(data.frame["item"])
    return [item for item in ASSETS if item in present] + sorted(present - set(ASSETS))


def _asset(subject: Subject, item: str) -> str:
    return subject.say(ASSETS[item]) if item in ASSETS else named(subject, "item", item)


def _with_places(
    subject: Subject, title: str, data: Dataset, where: Dataset, column: str, labels: Mapping[str, object]
) -> list[Line]:
    """The country, and the places with most over all years; nothing where there is none in any year."""
    if not data.rows(**labels)[column].sum() > 0:
        return []
    rows = where.rows(**labels)
    place = "site" if (rows["site"] != "").any() else "corridor"
    found = most(rows, place, column).index[:MOST_SITES]
    return [
        Line(title, data, column, labels, is_sum=True),
        *(Line("  " + named(subject, place, str(key), both=False), where, column, {**labels, place: key})
          for key in found if key),
    ]  # fmt: skip


def announced(page: Page) -> Section | None:
    """Installed beside energised by year: compute by kind, rated power by class of hall, halls and connections."""
    subject, say = page.subject, page.subject.say
    title, charts = say("From announced to energised"), drawn_of(page, capacity.compute, capacity.power)
    if len(subject.years) < 2:
        return Section("growth", title, charts=charts) if charts else None
    compute = capacity.compute_data(subject)
    power, lines = country(subject, "announced_power", "Installed and energised power", _power())
    titled = [
        Line(title if key == "share" else f"{title}, {say(kind)}", compute, key, {"kind": kind})
        for kind in order.kinds(set(compute.frame["kind"]))
        for key, title in (
            ("installed", say("Installed peak")), ("energised", say("Energised peak")),
            ("share", "  " + say("energised over installed")),
        )
    ]  # fmt: skip
    note = say(
        "Installed: stands, announced or bought, by the share of the year in service. Energised: has power, a hall and "
        "software. Rated power is at the IT load, connections at the meter; standard halls hold storage too."
    )
    lines = [line for line in lines if line.column not in ("fixed", "used_standard")]
    after = (lines_open(subject, [*titled, *lines]),)
    return Section("growth", title, (note,), charts, (compute, power), after=after)


def _power() -> dict[str, AnyColumn]:
    """Rated power of what is installed and energised, halls and connections in place [MW]."""
    dense, standard, grid = {"item": "hall_dense"}, {"item": "hall_standard"}, {"item": "grid"}
    return {
        "rated_dense": Column("Devices installed, dense, rated", "installed_rated", "MW", dense),
        "energised_dense": Column("Devices energised, dense, rated", "used", "MW", dense),
        "dense": Column("Dense halls in place", "capacity", "MW", dense),
        "rated_standard": Column("Devices installed, standard, rated", "installed_rated", "MW", standard),
        "used_standard": Column("Used of standard halls", "used", "MW", standard),
        "fixed": Column("Fixed load", "fixed_load", "MW", fill=0.0),
        "energised_standard": Difference("Devices energised, standard, rated", "used_standard", "fixed", "MW"),
        "standard": Column("Standard halls in place", "capacity", "MW", standard),
        "grid": Column("Grid connection in place", "capacity", "MW", grid),
        "grid_used": Column("Grid connection taken", "used", "MW", grid),
    }
