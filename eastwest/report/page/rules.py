"""The planner's rules: what each costs, and its price where it is dearest."""

from __future__ import annotations

from eastwest.report.page.figure import figure_in
from eastwest.report.page.section import Heading, Open, Page, Section
from eastwest.report.page.shown import named, place
from eastwest.results.dataset import Column, gather

PLACES = ("year", "region", "task", "site", "device", "kind", "corridor")


def section(page: Page) -> Section | None:
    """One line a rule; nothing where there is none."""
    subject, say, table = page.subject, page.subject.say, page.subject.table
    prices = table[table["quantity"] == "rule_price"]
    if prices.empty:
        return None
    costs = gather(table, "rule_cost", "Cost of whole rules", ["item"],
                   {"cost": Column("Cost of the rule", "rule_cost", "million CNY", how="only")})  # fmt: skip
    headings = [
        Heading(say("Rule"), number=False), Heading(say("Where it is dearest"), number=False),
        Heading(say("Limit there")), Heading(say("Price of one unit")), Heading(say("Cost of the whole rule")),
    ]  # fmt: skip
    rows, datasets = [], []
    for position, (unit, of_unit) in enumerate(prices.groupby("unit", sort=True)):
        labels = ["item", *[label for label in PLACES if not of_unit[label].isin([0, ""]).all()]]
        columns = {
            "price": Column("Price of one unit", "rule_price", str(unit), how="only"),
            "limit": Column("Limit", "rule_limit", str(unit).partition("/")[2], how="only"),
        }
        data = gather(table, f"rule_{position}", f"Rules [{unit}]", labels, columns,
                      where={"item": tuple(sorted(set(of_unit["item"])))})  # fmt: skip
        datasets.append(data)
        for row in data.frame.dropna(subset="price").itertuples():
            own = {label: getattr(row, label) for label in labels}
            known = costs.value("cost", item=row.item)
            cost = figure_in(costs, "cost", item=row.item) if known == known else say("not asked")
            where = " ".join(part for part in (str(own.get("year") or ""), place(subject, row)) if part)
            rows.append((
                named(subject, "item", str(row.item)), where if row.price and where else "–",
                figure_in(data, "limit", **own), figure_in(data, "price", **own), cost,
            ))  # fmt: skip
    note = say(
        "The cost of a rule is the plan with it less the plan without it, each a solve of its own; costs of rules that "
        "bind together do not add up. A limit with a minus sign is a floor."
    )
    opens = (Open("", headings, rows),)
    return Section("rules", say("Rules and what they cost"), (note,), opens=opens, tables=(*datasets, costs))
