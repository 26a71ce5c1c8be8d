"""The planner's rules: what each asks, its price where it is dearest, and what the whole rule costs."""

from __future__ import annotations

from typing import Any

from eastwest.formatting.words import figure, percent, spaced
from eastwest.report.cells import clip, figure_in, mark, named, place
from eastwest.report.section import Open, Page, Section, heads
from eastwest.results.dataset import Column, gather
from eastwest.results.result import Result
from eastwest.schema.units import MONEY

PLACES = ("year", "region", "task", "site", "device", "kind", "corridor")


def section(page: Page) -> Section | None:
    """One line a rule; nothing where there is none."""
    subject, say, table = page.subject, page.subject.say, page.subject.table
    prices = table[table["quantity"] == "rule_price"]
    if prices.empty:
        return None
    costs = gather(table, "rule_cost", "Cost of whole rules", ["item"],
                   {"cost": Column("Cost of the rule", "rule_cost", MONEY, how="only")})  # fmt: skip
    headings = heads([say("Rule"), say("Asks"), say("Where it is dearest")],
                     [say("Limit there"), say("Price of one unit"), say("Cost of the whole rule")])  # fmt: skip
    labels = ["item", *PLACES]
    rates = gather(table, "rule_prices", "Prices of rules", [*labels, "unit"],
                   {"price": Column("Price of one unit", "rule_price", "", how="only")})  # fmt: skip
    limits = gather(table, "rule_limits", "Limits of rules", [*labels, "unit"],
                    {"limit": Column("Limit", "rule_limit", "", how="only")})  # fmt: skip
    rows = []
    for row in rates.frame.sort_values("unit", kind="stable").itertuples():
        known = costs.value("cost", item=row.item)
        cost = figure_in(costs, "cost", item=row.item) if known == known else say("not asked")
        limit = figure_in(limits, "limit", **{label: getattr(row, label) for label in labels})
        where = " ".join(part for part in (str(row.year or ""), place(subject, row)) if part)
        rows.append((
            named(subject, "item", str(row.item)), _asked(page.result, str(row.item)) or "–",
            where if row.price and where else "–", limit, mark(rates, row.Index, "price"), cost,
        ))  # fmt: skip
    note = say(
        "The cost of a rule is the plan with it less the plan without it, each a solve of its own; costs of rules that "
        "bind together do not add up. A limit with a minus sign is a floor."
    )
    barred = getattr(getattr(page.result.scenario.settings, "procurement", None), "foreign_barred_tasks", ())
    tasks = ", ".join(named(subject, "task", task) for task in barred)
    closing = say("Barred to foreign devices, without a row and so without a price: {tasks}.", tasks=tasks)
    return Section(
        "rules", say("Rules and what they cost"), (note,), opens=(Open("", headings, rows),),
        tables=(rates, limits, costs), closing=(closing,) if tasks else (),
    )  # fmt: skip


def _asked(result: Result, rule: str) -> str:
    """What a setting asks, in words; nothing where the rule has no setting that is one figure or a few."""
    value: Any = result.scenario.settings
    declared = result.constraints
    keys = [key for key in declared.loc[declared["rule"] == rule, "setting"] if key]
    for part in keys[0].split(".") if keys else [""]:
        value = getattr(value, part, None)
    return clip(_words(value))


def _words(value: Any) -> str:
    if isinstance(value, dict):
        alike = {_words(inner) for inner in value.values()}
        if len(alike) == 1 and len(value) > 1:
            return alike.pop()
        return ", ".join(f"{spaced(str(key))} {_words(inner)}" for key, inner in value.items())
    if isinstance(value, int | float):
        return percent(value) if 0 <= value <= 1 else figure(value)
    return ""
