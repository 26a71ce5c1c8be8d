"""Training clusters: work that runs only inside units of N devices of one type at one site, and their network.

stand      sum over sizes N[size] x training_unit[size, site, device, year] <= energised[site, device, year]  [devices]
inside     sum over groups working[group, site, device, work, year, slice] = sum over sizes in_training_unit  [devices]
work       sum over works in_training_unit[size, site, device, work, year, slice] <= N[size] x training_unit  [devices]
share      sum of sizes >= s of throughput x mean of in_training_unit >= share x the same of all sizes  [PFLOP/s], year
least      sum of sizes >= s, sites, devices training_unit >= least number                       [training units], year
cost       training_unit x N x price x share a tier x further tiers x (annuity + O&M)              [million CNY a year]

Index sets: the sizes of the settings, sites and devices that may do the work, planning years, time slices.
`training_unit` is the number of units that stand in a year: 1.2 units where 12,000 devices stand and parts count (the
relaxation), 1 with `integer` (a mixed-integer program). A unit is there only where N devices stand or can be bought and
the device scales up so far (else its bound is 0). Without `share` rules nobody need know which size does the work: the
constraints `work` are then summed over sizes, and `in_training_unit` and `inside` are not built. Devices of a unit that
its work leaves idle may do other work; units of one year do not bind those of the next. A unit adds no traffic to
corridors: the data that its work moves is in `network` already.
Further tiers of 64-port switches: two join 2,048 devices and are in the price of devices (`fabric_share`), three join
65,536, four 2 million. Reads `energised`, `working`, `finance`; tables devices, tasks, costs.
Source: work of "ten thousand cards and more" in workloads.csv; tiers and shares are assumptions, see data/costs.csv.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from eastwest.lp.expression import Expression, Told, Variables
from eastwest.lp.solution import Solution
from eastwest.model.clock import HOURS_PER_YEAR
from eastwest.model.data import fleet
from eastwest.model.frames import product
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.contract import (
    ByYear,
    Context,
    Contract,
    Identifier,
    NameOf,
    Share,
    Tables,
    TaskName,
)
from eastwest.schema.metrics import NAN, Metric, View
from eastwest.schema.units import MILLION

_TEN_THOUSAND = 10_000
_NEARLY = 1e-6
_DEFINED: dict[str, Any] = {"kind": "definition", "unit": "devices", "scale": 1e3}

_SizeName = Annotated[Identifier, NameOf("training_units.sizes")]
_Size = Annotated[int, Field(ge=1, le=10_000_000)]


def _of_ten_thousand(view: View) -> float:
    """Training units of at least 10,000 devices, where the run decides training units."""
    units = view.all("training_units")
    large = units["item"].map(view.settings.sizes).astype(float) >= _TEN_THOUSAND
    return float(units.loc[large, "value"].sum()) if len(units) else NAN


class Data(Contract):
    """Training clusters: work that needs one site with many devices of one type."""

    metrics: ClassVar[dict[str, Metric]] = {
        "ten_thousand_card_clusters": Metric(
            "training units of 10,000 devices", "training units", _of_ten_thousand,
            lacks="the run decides no training units",
        )
    }  # fmt: skip
    tasks: tuple[TaskName, ...] = Field((), description="tasks that run only inside training units; none = no units")
    sizes: dict[Identifier, _Size] = Field(
        {}, description="name of a size -> least devices of one type at one site: {10k: 10000} [devices]"
    )
    shares: dict[_SizeName, Share] | None = Field(
        None, description="size -> least share of the tasks' work done in units of that size or larger [1]"
    )
    least_units: dict[_SizeName, ByYear] | None = Field(
        None,
        description="size -> least number of units of that size or larger, for all years or by year [training units]",
    )
    integer: bool = Field(False, description="integer numbers of training units: a mixed-integer program")
    switch_ports: int = Field(64, ge=4, le=1024, description="ports of a switch of a unit's network [1]")
    tiers_in_devices: int = Field(
        2, ge=0, le=8, description="tiers of switches that the price of devices holds already (fabric_share) [1]"
    )

    def check(self, tables: Tables, years: tuple[int, ...], context: Context) -> None:
        """Tasks in training units have sizes to choose from."""
        if self.tasks and not self.sizes:
            message = "received no sizes, expected some such as {10k: 10000} where training_units.tasks names tasks"
            raise context.wrong("sizes", message)


def build(plan: Plan) -> None:
    settings = plan.settings("training_units")
    able = _able(plan)
    if able.empty:
        return
    here = able[["site", "device", "year"]].drop_duplicates(ignore_index=True)
    sizes = _sizes(plan)
    index = product(sizes.index.to_frame(index=False), here)
    most = _most(plan, index, integer=settings.integer)
    how: dict[str, Any] = {"upper": most, "integer": settings.integer, "told": Told("training_units", label="size")}
    existing = plan.variables("training_unit", index, unit="training units", **how)
    plan.charge("training_unit_network", existing * _network(plan))
    plan.constraints("training_unit_devices", here, existing * sizes, "<=", plan.energised, **_DEFINED)
    work, over = plan.working.where(group=_groups(plan)), here
    if settings.shares:
        work, over = _by_size(plan, work, able, sizes), index
        _floors(plan, work, settings.shares)
    over = product(over, plan.slices()[["slice"]])
    plan.constraints("training_unit_work", over, work, "<=", existing * sizes, **_DEFINED)
    for size, least in (settings.least_units or {}).items():
        numbers = plan.periods.by_year(least)
        if len(numbers):
            words = f"least number of training units of {size} or more"
            left, years = existing.expression().where(size=_at_least(plan, size)), numbers.index.to_frame(index=False)
            how = {"kind": "rule", "limit": words, "rule": words}
            plan.constraints(f"least_training_units_{size}", years, left, ">=", numbers, unit="training units", **how)


def _sizes(plan: Plan) -> pd.Series:
    """Devices by size."""
    return pd.Series(plan.settings("training_units").sizes, dtype=float).rename_axis("size")


def _at_least(plan: Plan, size: str) -> list[str]:
    """Names of the sizes as large as `size` or larger."""
    sizes = _sizes(plan)
    return list(sizes.index[sizes >= sizes[size]])


def _tasks(plan: Plan) -> pd.DataFrame:
    tasks = fleet.tasks(plan)
    return tasks[tasks["task"].isin(plan.settings("training_units").tasks)]


def _groups(plan: Plan) -> list[str]:
    return list(_tasks(plan)["group"].unique())


def _able(plan: Plan) -> pd.DataFrame:
    """Where work of training units may be done: site, device, work, year."""
    tasks = _tasks(plan)
    pairs = fleet.eligible(plan, tasks).merge(tasks[["task", "work"]], on="task")[["device", "work"]].drop_duplicates()
    return fleet.present(plan).merge(pairs, on="device").sort_values(["site", "device", "work", "year"])


def _most(plan: Plan, index: pd.DataFrame, *, integer: bool) -> pd.Series:
    """Most units of each row of `index`: none where fewer than N devices can stand, or the device scales less far."""
    stands = fleet.in_place(plan).set_index(["site", "device", "year"])["devices"]
    most = pd.Series(pd.MultiIndex.from_frame(index[["site", "device", "year"]]).map(stands.to_dict()), dtype=float)
    arrives = fleet.buyable(plan).merge(fleet.deliverable(plan), on=["device", "vintage"])
    arrives = arrives.merge(fleet.in_service(plan).rename("share").reset_index(), on=["device", "vintage"])
    arrives = arrives[arrives["share"] > 0].assign(devices=lambda t: t["devices"].astype(float) * t["share"])
    bought = arrives.groupby(["site", "device", "year"])["devices"].sum()
    if plan.settings("devices").carry_over:
        bought = pd.Series(np.inf, index=bought.index)
    new = pd.Series(pd.MultiIndex.from_frame(index[["site", "device", "year"]]).map(bought.to_dict()), dtype=float)
    number = (most.fillna(0.0) + new.fillna(0.0)).to_numpy() / index["size"].map(_sizes(plan)).to_numpy(float)
    furthest = fleet.families(plan).set_index("device")["largest_group_devices"].astype(float)
    far, size = index["device"].map(furthest).astype(float), index["size"].map(_sizes(plan)).astype(float)
    number = np.where(far >= size, number + _NEARLY, 0.0)
    bound = np.floor(number) if integer else np.where(number >= 1, np.inf, 0.0)
    return pd.Series(bound, index=pd.MultiIndex.from_frame(index))


def _tiers(devices: float, ports: int) -> int:
    """Tiers of switches of a folded Clos network that joins so many devices: 2 x (ports / 2)^tiers ends."""
    tiers = 1
    while 2 * (ports / 2) ** tiers < devices:
        tiers += 1
    return tiers


def _network(plan: Plan) -> pd.Series:
    """What the network of a unit costs a year beyond that of its devices, by size and device [million CNY/unit]."""
    settings, money = plan.settings("training_units"), plan.finance
    devices = fleet.families(plan).set_index("device")
    price = devices["price_cny"].astype(float)
    price = price.fillna(price.groupby(devices["kind"]).transform("mean")).fillna(0.0)
    factor = (money.device_annual / money.device_overnight).fillna(0.0)
    factor = factor.where(factor > 0, factor[factor > 0].mean() if (factor > 0).any() else 0.0)
    parts = {}
    for size, count in settings.sizes.items():
        tiers = max(0, _tiers(count, settings.switch_ports) - settings.tiers_in_devices)
        share = tiers * plan.cost("training_unit_tier_share") if tiers else 0.0
        parts[size] = price * factor * (count * share / MILLION)
    return pd.concat(parts, names=["size", "device"])


def _by_size(plan: Plan, work: Expression, able: pd.DataFrame, sizes: pd.Series) -> Expression:
    """Work by size of unit as variables: needed where rules tell sizes apart."""
    every = able.merge(plan.slices()[["slice"]], how="cross")[["site", "device", "work", "year", "slice"]]
    index = product(sizes.index.to_frame(index=False), every)
    inside: Variables = plan.variables("in_training_unit", index, unit="devices", scale=1e3)
    plan.constraints("training_unit_inside", every, inside - work, "==", **_DEFINED)
    return inside.expression()


def _floors(plan: Plan, inside: Expression, shares: dict[str, float]) -> None:
    """Work in large units less the share of all work in units: (1 - share) or -share of each size's."""
    years, sizes = pd.DataFrame({"year": list(plan.years)}), _sizes(plan).index
    rate = inside * fleet.throughput(plan) * (plan.clock.weight / HOURS_PER_YEAR)
    for size, share in shares.items():
        large = pd.Series(sizes.isin(_at_least(plan, size)), index=sizes, dtype=float)
        left, words = rate * (large - share), f"share of work in training units of {size} or more"
        how: dict[str, Any] = {"kind": "rule", "limit": words, "rule": words}
        plan.constraints(f"training_unit_share_{size}", years, left, ">=", unit="PFLOP/s", scale=1e3, **how)


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    """Units that stand, units that what is energised (or stands) could form, devices at work in them, and shares."""
    able = _able(plan)
    if able.empty:
        return []
    existing = solution.variables("training_unit").rename(columns={"size": "item"})
    parts = [results_table.rows("training_units", "training units", existing[existing["value"] > _NEARLY])]
    energised, stands = solution.variables(plan.energised), fleet.in_place(plan).rename(columns={"devices": "value"})
    for name, table in (("training_units_possible", energised), ("training_units_in_place", stands)):
        parts += [
            results_table.rows(name, "training units", frame, item=size) for size, frame in _possible(plan, table)
        ]
    every = able.merge(plan.slices()[["slice"]], how="cross")
    here = ["site", "device", "year"]
    weight = plan.clock.weight / HOURS_PER_YEAR
    if "in_training_unit" in plan.program.variables:
        busy = solution.variables("in_training_unit").rename(columns={"size": "item"})
    else:
        busy = solution.value(plan.working.where(group=_groups(plan)), every).assign(item="all sizes")
    busy = busy.assign(value=busy["value"] * busy["slice"].map(weight).astype(float))
    mean = busy.groupby([*here, "item"], as_index=False)["value"].sum()
    parts.append(results_table.rows("devices_in_training_units", "devices", mean[mean["value"] > _NEARLY]))
    rate = pd.MultiIndex.from_frame(busy[["device", "work"]]).map(fleet.throughput(plan).to_dict())
    work = busy.assign(value=busy["value"] * np.asarray(rate, dtype=float))
    total = work.groupby("year")["value"].sum()
    for size in plan.settings("training_units").shares or {}:
        large = work[work["item"].isin(_at_least(plan, size))].groupby("year")["value"].sum()
        share = (large / total[total > _NEARLY]).dropna().rename("value").reset_index()
        parts.append(results_table.rows("share_in_training_units", "1", share, item=f"{size} or more"))
    return parts


def _possible(plan: Plan, table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Integer numbers of units of each size that devices at a site could form, of devices that scale up so far."""
    devices = fleet.families(plan).set_index("device")
    furthest = devices["largest_group_devices"].astype(float).where(devices["kind"] == "intelligent", 0.0)
    found = []
    for size, count in plan.settings("training_units").sizes.items():
        known = table[(table["device"].map(furthest).astype(float) >= count).astype(bool)]
        whole = known.assign(value=np.floor(known["value"] / count + _NEARLY))
        found.append((size, whole[whole["value"] > 0]))
    return found
