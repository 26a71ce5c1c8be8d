"""Inertia: customers stay where they are, and fewer of them each year; one that moves before its time costs.

work    anchor work[site, kind] = stock at the anchor x allocation x mean over tasks of reference use x level [PFLOP/s]
stay    sum over tasks of the kind received[task, site, year] + moved[site, kind, year]
        >= (1 - mobility[kind])^t x anchor work x min(1, demand of the kind / its demand at the anchor)       [PFLOP/s]
cost    moved x switching cost[kind] x 8,760 h                                                      [million CNY a year]

t = years since the anchor's date; years after the anchor's alone have rows, so a snapshot has none. `mobility` is the
share of customers that would move anyway in a year. The switching cost is paid for every hour that a customer who is
moved would have stayed: a cost of moving that is paid once, over the years that customers stay on average. Anchor work
is data: no solve says where work was. A site may always let its customers go, so the rows never make a plan impossible.
Reads `received`; tables stock, anchors, tasks, demand, costs. Writes nothing.
Source: the project's model contract, amendment 5; mobility and switching costs in data/costs.csv (assumption).
"""

from __future__ import annotations

import pandas as pd
from pydantic import Field

from eastwest.errors import InputError
from eastwest.lp.expression import Expression, Told
from eastwest.lp.solution import Solution
from eastwest.model.clock import HOURS_PER_YEAR
from eastwest.model.data import fleet
from eastwest.model.data.delivered_demand import delivered_at_anchor, delivered_demand, mean_per_allocated
from eastwest.model.dates import years_between
from eastwest.model.plan import Plan, once
from eastwest.schema import results_table
from eastwest.schema.contract import Contract, KindName, NonNegative, Share
from eastwest.schema.units import MILLION

_LEAST = 1e-9
_MOBILITY, _PRICE = "mobility_{kind}_per_year", "switching_cost_{kind}_cny_per_pflops_h"


class Data(Contract):
    """Customers stay where they are, for a time."""

    customers_stay: bool | None = Field(
        None, description="whether they do; none = the kinds of compute of which mobility and switching cost are known"
    )
    mobility_per_year: dict[KindName, Share] = Field(
        default_factory=dict, description="share of customers that move anyway, by kind, in place of costs [1/a]"
    )
    switching_cost_cny_per_pflops_h: dict[KindName, NonNegative] = Field(
        default_factory=dict, description="cost of moving a customer, by kind, in place of costs [CNY/(PFLOP/s h)]"
    )


def build(plan: Plan) -> None:
    least = _staying(plan)
    if least.empty:
        return
    over, kinds = least.index.to_frame(index=False), fleet.tasks(plan).set_index("task")["kind"]
    moved = plan.variables("moved_customers", over, unit="PFLOP/s", scale=1e3, told=Told("moved_customers"))
    price = pd.Series({kind: _known(plan)[kind][1] for kind in over["kind"].unique()}).rename_axis("kind")
    plan.charge("moved_customers", moved * (price * HOURS_PER_YEAR / MILLION))
    here = Expression() if plan.received is None else plan.received.expression().label(kind=kinds)
    words = "customers who stay"
    plan.constraints("inertia", over, here + moved, ">=", least, kind="promise", limit=words, unit="PFLOP/s", scale=1e3)


def _known(plan: Plan) -> dict[str, tuple[float, float]]:
    """Mobility [1/a] and switching cost [CNY/(PFLOP/s h)] of the kinds whose customers stay."""
    settings, costs = plan.settings("inertia"), set(plan.table("costs")["item"])
    if settings.customers_stay is False:
        return {}
    found = {}
    for kind in fleet.tasks(plan)["kind"].unique():
        figures = []
        for given, name in (
            (settings.mobility_per_year, _MOBILITY), (settings.switching_cost_cny_per_pflops_h, _PRICE),
        ):  # fmt: skip
            item = name.format(kind=kind)
            if kind in given:
                figures.append(float(given[kind]))
            elif item in costs or settings.customers_stay:
                figures.append(plan.cost(item))
        if len(figures) == 2:
            found[str(kind)] = (figures[0], figures[1])
    return found


def _refuse_wrong(kind: str, mobility: float, price: float) -> None:
    for name, value, most in ((_MOBILITY, mobility, 1.0), (_PRICE, price, float("inf"))):
        if not 0 <= value <= most:
            message = f"received {value:g}, expected 0 or more" + (" and at most 1" if most == 1 else "")
            raise InputError(message, where="table costs", key=name.format(kind=kind))


@once
def _anchor_work(plan: Plan) -> pd.Series:
    """What each site did at the anchor [PFLOP/s], labelled by site and kind: its stock, used as the whole stock was."""
    devices = fleet.families(plan).set_index("device")
    anchors = plan.table("anchors")
    anchor = plan.settings("demand").anchor
    allocation = anchors[anchors["anchor"] == anchor].set_index("kind")["allocation"].astype(float)
    stock = plan.table("stock")
    stock = stock[(stock["anchor"] == anchor) & stock["device"].isin(devices.index)]
    kind = stock["device"].map(devices["kind"])
    peak = stock["devices"].astype(float) * stock["device"].map(devices["peak_pflops"]).astype(float)
    work = peak * kind.map(allocation * mean_per_allocated(plan)).astype(float)
    return work.groupby([stock["site"], kind.rename("kind")]).sum()


@once
def _staying(plan: Plan) -> pd.Series:
    """Work of customers who would stay [PFLOP/s], labelled by site, kind and year; only where there is any."""
    known, since = _known(plan), plan.anchor_date
    for kind, figures in known.items():
        _refuse_wrong(kind, *figures)
    work, demand, before = _anchor_work(plan), delivered_demand(plan), delivered_at_anchor(plan)
    kinds = fleet.tasks(plan).set_index("task")["kind"]
    now = demand.groupby([demand["task"].map(kinds), demand["year"]])["delivered"].sum()

    def left(kind: str, year: int) -> float:
        """Share of customers who are still there in a planning year."""
        staying = 1 - known[kind][0]
        share: float = plan.periods.mean(year, lambda at: float(staying ** years_between(since, plan.day(at))))
        return share

    records = [
        (site, kind, year, value * left(kind, year) * min(1.0, now.get((kind, year), 0.0) / before[kind]))
        for year in plan.years if year > since.year
        for (site, kind), value in work.items() if kind in known
    ]  # fmt: skip
    table = pd.DataFrame(records, columns=["site", "kind", "year", "value"]).astype({"year": int, "value": float})
    return table[table["value"] > _LEAST].set_index(["site", "kind", "year"])["value"]


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    rows = solution.constraints("inertia", if_built=True)
    if rows.empty:
        return []
    moved = solution.variables("moved_customers")
    return [
        results_table.rows("staying_customers", "PFLOP/s", rows, "right"),
        results_table.rows("moved_customers", "PFLOP/s", moved[moved["value"] > 0]),
    ]
