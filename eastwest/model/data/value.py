"""What served work is worth: a task's demand falls into tranches by what its users would pay.

value[task, tranche] = market value of the task x multiple / reference use of its work     [CNY/(delivered PFLOP/s h)]

The table value_tranches says how much of a task's demand is worth how much; where it says nothing of a task, all of it
is worth the market value. No route, device or price of power enters.
"""

from __future__ import annotations

from typing import Literal

import pandas as pd
from pydantic import Field

from eastwest.errors import nearest
from eastwest.model.data import fleet
from eastwest.model.data.delivered_demand import delivered_demand
from eastwest.model.data.sites import mean_pue
from eastwest.model.data.tiers import EVERY, closest
from eastwest.model.plan import Plan, once
from eastwest.schema.contract import TOLERANCE, Context, Identifier, Positive, Row, Share, Tables, wrong_row

Case = Literal["low", "mid", "high"]
WHOLE = "all"
"""The one tranche of a task that has no row."""


class ValueTranche(Row):
    """A part of the demand of a task, of a sector's tasks, or of all that have no rows of their own."""

    key = ("tasks", "tranche")
    about = "What users would pay: shares of a task's demand by their value, as multiples of the task's market value"
    may_be_empty = True
    tasks: Identifier = Field(description="task, sector, or all; of those that name a task the closest counts")
    tranche: Identifier = Field(description="tranche")
    share: Share = Field(description="share of the task's demand; sums to 1 by task, sector or all [1]")
    multiple_low: Positive = Field(description="its value over the task's market value, low case [1]")
    multiple_mid: Positive = Field(description="its value over the task's market value, mid case [1]")
    multiple_high: Positive = Field(description="its value over the task's market value, high case [1]")

    @classmethod
    def check(cls, table: pd.DataFrame, tables: Tables, context: Context) -> None:
        """Names exist, shares sum to 1, and no two tranches of a task are worth the same."""
        names = [EVERY, *tables["tasks"]["task"], *sorted(set(tables["tasks"]["sector"]) - {""})]
        for name, rows in table.groupby("tasks", sort=False):
            first, total = rows.iloc[0], rows["share"].sum()
            if name not in names:
                message = f"received '{name}', expected a task, a sector or all{nearest(str(name), names)}"
                raise wrong_row(first, message, "value_tranches, column tasks")
            if abs(total - 1) > TOLERANCE:
                message = f"shares of '{name}' sum to {total:.9g}, expected 1 within {TOLERANCE:g}"
                raise wrong_row(first, message, "value_tranches, column share")
            for column in ("multiple_low", "multiple_mid", "multiple_high"):
                same = rows[rows[column].duplicated()]
                if len(same):
                    message = f"two tranches of '{name}' are worth {same[column].iloc[0]:g}, expected one tranche"
                    raise wrong_row(same.iloc[0], message, f"value_tranches, column {column}")


@once
def tranches(plan: Plan) -> pd.DataFrame:
    """Task, tranche, share [1] and value [CNY/(delivered PFLOP/s h)], of each task the least valued first."""
    tasks, table = fleet.tasks(plan), plan.table("value_tranches")
    uses = plan.table("reference_use")
    use = uses[uses["anchor"] == plan.settings("demand").anchor].set_index("work")["use"].astype(float)
    market = tasks["value_cny_per_peak_pflops_h"].astype(float) / tasks["work"].map(use).astype(float)
    told = closest({name: name for name in table["tasks"]}, tasks).astype(object)
    own = tasks[["task"]].assign(tasks=told.where(told.notna(), ""), market=market)
    multiple = table[f"multiple_{plan.settings('demand').tranche_values}"].astype(float)
    rows = table[["tasks", "tranche", "share"]].assign(multiple=multiple)
    rows = pd.concat([rows, pd.DataFrame([{"tasks": "", "tranche": WHOLE, "share": 1.0, "multiple": 1.0}])])
    found = own.merge(rows[rows["share"].astype(float) > 0], on="tasks")
    found = found.assign(share=found["share"].astype(float), value=found["market"] * found["multiple"])
    return found[["task", "tranche", "share", "value"]].sort_values(["task", "value"], ignore_index=True)


@once
def demanded(plan: Plan) -> pd.DataFrame:
    """Region, task, tranche, year and size [PFLOP/s delivered], with `inner`: whether a dearer tranche follows."""
    own = tranches(plan)
    own = own.assign(inner=own["task"].duplicated(keep="last"))
    found = delivered_demand(plan).merge(own, on="task")
    found = found.assign(size=found["delivered"] * found["share"])
    return found[["region", "task", "tranche", "year", "size", "inner"]]


@once
def cheapest_energy(plan: Plan) -> pd.Series:
    """Energy of a busy device at the cheapest admissible place [CNY/(delivered PFLOP/s h)], labelled by task.

    What serving costs once everything stands; tasks that no device serves anywhere are left out.
    """
    return energy_of_serving(plan).groupby("task")["cost"].min()


def energy_of_serving(plan: Plan) -> pd.DataFrame:
    """Task, site, device and cost [CNY/(delivered PFLOP/s h)] of every admissible way of serving."""
    tasks, settings = fleet.tasks(plan), plan.settings("devices")
    works = tasks.set_index("task")["work"]
    ways = plan.routes[["task", "site"]].drop_duplicates().merge(fleet.eligible(plan, tasks), on="task")
    work = ways["task"].map(works)
    draw = work.map(lambda name: settings.busy_power_training if name == "training" else settings.busy_power_other)
    rate = pd.MultiIndex.from_arrays([ways["device"], work]).map(fleet.throughput(plan).to_dict())
    prices = plan.table("site_power").set_index("site")["price_cny_per_kwh"].astype(float) * 1e3
    power = ways["device"].map(fleet.rated_mw(plan)).astype(float) * draw.astype(float)
    each = power * ways["site"].map(mean_pue(plan)).astype(float) * ways["site"].map(prices).astype(float)
    return ways.assign(cost=each / pd.Series(rate, index=ways.index, dtype=float)).dropna(subset="cost")
