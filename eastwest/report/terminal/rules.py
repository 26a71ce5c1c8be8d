"""The planner's rules: what each asks, where it is dearest, its price there, and what the whole rule costs."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType

from eastwest.formatting.words import Names, figure, percent, plain, spaced
from eastwest.report.terminal.byyear import several
from eastwest.report.terminal.layout import grid, heading, paragraph, words_column

if TYPE_CHECKING:
    from eastwest.results.result import Result

ASKED = {
    "floor on hubs in new compute": "policy.hub_share_of_new_intelligent",
    "floor on the West in new compute": "policy.west_share_of_new_intelligent",
    "use of new standard halls": "policy.new_hall_occupancy",
    "floor on domestic devices in new compute": "procurement.domestic_share_of_new_intelligent",
    "no foreign devices for public money": "procurement.publicly_funded_sites",
    "floor on green power": "green.floor_share",
    "PUE ceiling for new compute": "approval.pue_ceilings",
    "roles of hubs": "approval.real_time_share",
    "least installed compute": "policy.least_installed_pflops",
}
"""Rule -> the setting that says what it asks; other rules show the right-hand side of their dearest row."""

NOTE = (
    "Price: change of cost per unit more of the limit, in money of its year, where it is dearest; the limit is in the "
    "price's unit. Cost: the plan with the rule less the plan without it, each a solve of its own; the costs of rules "
    "that bind together do not add up."
)


def rules(result: Result, names: Names) -> Iterator[RenderableType]:
    """One line a rule; nothing where there is none."""
    table = result.table
    prices = table[table["quantity"] == "rule_price"]
    if prices.empty:
        return
    limits, costs = (
        table[table["quantity"] == quantity].set_index("item")["value"] for quantity in ("rule_limit", "rule_cost")
    )
    yield heading("Rules and what they cost")
    view = grid(["rule", "asks", "dearest", "price,\nmillion CNY", "cost,\nmillion CNY"], left=3)
    words_column(view, 3)
    for row in prices.to_dict(orient="records"):
        unit = str(row["unit"]).removeprefix("million CNY/")
        asks = _asked(result, row["item"]) or f"{figure(limits[row['item']])} {plain(unit)}"
        cost = figure(costs[row["item"]]) if row["item"] in costs.index else "not asked"
        if row["value"]:
            price = f"{figure(row['value'])} a {plain(unit)}"
            view.add_row(plain(row["item"]), asks, _place(row, names, several(result)), price, cost)
        else:
            view.add_row(plain(row["item"]), asks, "nowhere", "0", cost)
    yield view
    yield paragraph(NOTE)
    barred = getattr(getattr(result.scenario.settings, "procurement", None), "foreign_barred_tasks", ())
    if barred:
        tasks = ", ".join(names.short("task", task) for task in barred)
        yield paragraph(f"Barred to foreign devices, without a row and so without a price: {tasks}.")


def _place(row: Mapping[Hashable, Any], names: Names, by_year: bool) -> str:
    """Where the row stands, and its year where the report is of several; `-` for the only row of the country."""
    labels = {str(key): value for key, value in row.items()}
    where = names.place(labels).strip().removeprefix("at ")
    where = where[1:-1] if where.startswith("(") else where
    year = str(row["year"]) if by_year and row["year"] else ""
    return " ".join(part for part in (year, where) if part) or "-"


def _asked(result: Result, rule: str) -> str:
    """What a setting asks, in words; nothing where the rule has no setting that is one figure or a few."""
    value: Any = result.scenario.settings
    for part in ASKED.get(rule, "").split("."):
        value = getattr(value, part, None)
    return _words(value)


def _words(value: Any) -> str:
    if isinstance(value, dict):
        alike = {_words(inner) for inner in value.values()}
        if len(alike) == 1 and len(value) > 1:
            return alike.pop()
        return ", ".join(f"{spaced(str(key))} {_words(inner)}" for key, inner in value.items())
    if isinstance(value, int | float):
        return percent(value) if 0 <= value <= 1 else figure(value)
    return ""
