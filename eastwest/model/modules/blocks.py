"""Training clusters: work that runs only inside blocks of N devices of one type at one site, and their network.

stand      sum over sizes N[size] x block[size, site, device, year] <= energised[site, device, year]          [devices]
inside     sum over groups working[group, site, device, work, year, slice] = sum over sizes in_block          [devices]
work       sum over works in_block[size, site, device, work, year, slice] <= N[size] x block                  [devices]
share      sum of sizes >= s of throughput x mean of in_block >= share x the same of all sizes          [PFLOP/s], year
least      sum of sizes >= s, sites, devices block >= least number                                       [blocks], year
cost       block x N x price x share a tier x further tiers x (annuity + O&M)                      [million CNY a year]

Index sets: the sizes of the settings, sites and devices that may do the work, planning years, time slices. `block` is
the number of blocks that stand in a year: 1.2 blocks where 12,000 devices stand and parts count (the relaxation), 1
with `whole` (a mixed-integer program). A block is there only where N devices stand or can be bought and the device
scales up so far (else its bound is 0). Without `share` rules nobody need know which size does the work: the rows `work`
are then summed over sizes, and `in_block` and `inside` are not built. Devices of a block that its work leaves idle may
do other work; blocks of one year do not bind those of the next. A block adds no traffic to corridors: the data that
its work moves is in `network` already.
Further tiers of 64-port switches: two join 2,048 devices and are in the price of devices (`fabric_share`), three join
65,536, four 2 million. Reads `energised`, `working`, `finance`; tables devices, tasks, costs.
Source: work of "ten thousand cards and more" in workloads.csv; tiers and shares are assumptions, see data/costs.csv.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from eastwest.lp.expression import Expression, Variables
from eastwest.lp.solution import Solution
from eastwest.model.clock import HOURS_PER_YEAR
from eastwest.model.data import fleet
from eastwest.model.plan import Plan, by_year, product
from eastwest.schema import results_table
from eastwest.schema.contract import ByYear, Contract, Identifier, Share

_MILLION = 1e6
_NEARLY = 1e-6

_Size = Annotated[int, Field(ge=1, le=10_000_000)]


class Data(Contract):
    """Training clusters: work that needs one site with many devices of one type."""

    tasks: tuple[Identifier, ...] = Field((), description="tasks that run only inside blocks; none = no blocks")
    sizes: dict[Identifier, _Size] = Field(
        {}, description="name of a size -> least devices of one type at one site: {10k: 10000} [devices]"
    )
    shares: dict[Identifier, Share] | None = Field(
        None, description="size -> least share of the tasks' work done in blocks of that size or larger [1]"
    )
    least_blocks: dict[Identifier, ByYear] | None = Field(
        None, description="size -> least number of blocks of that size or larger, for all years or by year [blocks]"
    )
    whole: bool = Field(False, description="whole numbers of blocks: a mixed-integer program")
    switch_ports: int = Field(64, ge=4, le=1024, description="ports of a switch of the block's network [1]")
    tiers_in_devices: int = Field(
        2, ge=0, le=8, description="tiers of switches that the price of devices holds already (fabric_share) [1]"
    )


def build(plan: Plan) -> None:
    settings = plan.settings("blocks")
    able = _able(plan)
    if able.empty:
        return
    here = able[["site", "device", "year"]].drop_duplicates(ignore_index=True)
    sizes = _sizes(plan)
    index = product(sizes.index.to_frame(index=False), here)
    most = _most(plan, index, whole=settings.whole)
    block = plan.variables("block", index, unit="blocks", upper=most, integer=settings.whole)
    plan.charge("block_network", block * _network(plan))
    plan.constraints("block_devices", here, block * sizes, "<=", plan.energised, unit="devices", scale=1e3)
    work, over = plan.working.where(group=_groups(plan)), here
    if settings.shares:
        work, over = _by_size(plan, work, able, sizes), index
        _floors(plan, work, settings.shares)
    over = product(over, plan.slices()[["slice"]])
    plan.constraints("block_work", over, work, "<=", block * sizes, unit="devices", scale=1e3)
    for size, least in (settings.least_blocks or {}).items():
        numbers = by_year(least, plan.years)
        if len(numbers):
            words = f"least number of blocks of {size} or more"
            left, years = block.expression().where(size=_at_least(plan, size)), numbers.index.to_frame(index=False)
            plan.constraints(f"least_blocks_{size}", years, left, ">=", numbers, unit="blocks", limit=words, rule=words)


def _sizes(plan: Plan) -> pd.Series:
    """Devices by size."""
    return pd.Series(plan.settings("blocks").sizes, dtype=float).rename_axis("size")


def _at_least(plan: Plan, size: str) -> list[str]:
    """Names of the sizes as large as `size` or larger."""
    sizes = _sizes(plan)
    return list(sizes.index[sizes >= sizes[size]])


def _tasks(plan: Plan) -> pd.DataFrame:
    tasks = fleet.tasks(plan)
    return tasks[tasks["task"].isin(plan.settings("blocks").tasks)]


def _groups(plan: Plan) -> list[str]:
    return list(_tasks(plan)["group"].unique())


def _able(plan: Plan) -> pd.DataFrame:
    """Where work of blocks may be done: site, device, work, year."""
    tasks = _tasks(plan)
    pairs = fleet.eligible(plan, tasks).merge(tasks[["task", "work"]], on="task")[["device", "work"]].drop_duplicates()
    return fleet.present(plan).merge(pairs, on="device").sort_values(["site", "device", "work", "year"])


def _most(plan: Plan, index: pd.DataFrame, *, whole: bool) -> pd.Series:
    """Most blocks of each row of `index`: none where fewer than N devices can stand, or the device scales less far."""
    stands = fleet.in_place(plan).set_index(["site", "device", "year"])["devices"]
    most = pd.Series(pd.MultiIndex.from_frame(index[["site", "device", "year"]]).map(stands.to_dict()), dtype=float)
    arrives = fleet.buyable(plan).merge(fleet.deliverable(plan), on=["device", "vintage"])
    arrives = arrives.merge(fleet.in_life(plan).rename("share").reset_index(), on=["device", "vintage"])
    arrives = arrives[arrives["share"] > 0].assign(devices=lambda t: t["devices"].astype(float) * t["share"])
    bought = arrives.groupby(["site", "device", "year"])["devices"].sum()
    if plan.settings("devices").carry_over:
        bought = pd.Series(np.inf, index=bought.index)
    new = pd.Series(pd.MultiIndex.from_frame(index[["site", "device", "year"]]).map(bought.to_dict()), dtype=float)
    number = (most.fillna(0.0) + new.fillna(0.0)).to_numpy() / index["size"].map(_sizes(plan)).to_numpy(float)
    furthest = fleet.families(plan).set_index("device")["largest_group_devices"].astype(float)
    number = np.where(index["device"].map(furthest) >= index["size"].map(_sizes(plan)), number + _NEARLY, 0.0)
    bound = np.floor(number) if whole else np.where(number >= 1, np.inf, 0.0)
    return pd.Series(bound, index=pd.MultiIndex.from_frame(index))


def _tiers(devices: float, ports: int) -> int:
    """Tiers of switches of a folded Clos network that joins so many devices: 2 x (ports / 2)^tiers ends."""
    tiers = 1
    while 2 * (ports / 2) ** tiers < devices:
        tiers += 1
    return tiers


def _network(plan: Plan) -> pd.Series:
    """What the network of a block costs a year beyond that of its devices, by size and device [million CNY/block]."""
    settings, money = plan.settings("blocks"), plan.finance
    devices = fleet.families(plan).set_index("device")
    price = devices["price_cny"].astype(float)
    price = price.fillna(price.groupby(devices["kind"]).transform("mean")).fillna(0.0)
    factor = (money.device_annual / money.device_overnight).fillna(0.0)
    factor = factor.where(factor > 0, factor[factor > 0].mean() if (factor > 0).any() else 0.0)
    parts = {}
    for size, count in settings.sizes.items():
        tiers = max(0, _tiers(count, settings.switch_ports) - settings.tiers_in_devices)
        share = tiers * plan.cost("block_tier_share") if tiers else 0.0
        parts[size] = price * factor * (count * share / _MILLION)
    return pd.concat(parts, names=["size", "device"])


def _by_size(plan: Plan, work: Expression, able: pd.DataFrame, sizes: pd.Series) -> Expression:
    """Work by size of block as variables: needed where rules tell sizes apart."""
    every = able.merge(plan.slices()[["slice"]], how="cross")[["site", "device", "work", "year", "slice"]]
    index = product(sizes.index.to_frame(index=False), every)
    inside: Variables = plan.variables("in_block", index, unit="devices", scale=1e3)
    plan.constraints("block_inside", every, inside - work, "==", unit="devices", scale=1e3)
    return inside.expression()


def _floors(plan: Plan, inside: Expression, shares: dict[str, float]) -> None:
    """Work in large blocks less the share of all work in blocks: (1 - share) or -share of each size's."""
    years, sizes = pd.DataFrame({"year": list(plan.years)}), _sizes(plan).index
    rate = inside * fleet.throughput(plan) * (plan.clock.weight / HOURS_PER_YEAR)
    for size, share in shares.items():
        large = pd.Series(sizes.isin(_at_least(plan, size)), index=sizes, dtype=float)
        left, words = rate * (large - share), f"share of work in blocks of {size} or more"
        plan.constraints(f"block_share_{size}", years, left, ">=", unit="PFLOP/s", scale=1e3, limit=words, rule=words)


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    """Blocks that stand, blocks that what is energised (or stands) could form, devices at work in them, and shares."""
    able = _able(plan)
    if able.empty:
        return []
    blocks = solution.variables("block").rename(columns={"size": "item"})
    parts = [results_table.rows("training_blocks", "blocks", blocks[blocks["value"] > _NEARLY])]
    energised, stands = solution.variables("energised"), fleet.in_place(plan).rename(columns={"devices": "value"})
    for name, table in (("blocks_possible", energised), ("blocks_in_place", stands)):
        parts += [results_table.rows(name, "blocks", frame, item=size) for size, frame in _whole_blocks(plan, table)]
    every = able.merge(plan.slices()[["slice"]], how="cross")
    here = ["site", "device", "year"]
    weight = plan.clock.weight / HOURS_PER_YEAR
    if "in_block" in plan.program.variables:
        busy = solution.variables("in_block").rename(columns={"size": "item"})
    else:
        busy = solution.value(plan.working.where(group=_groups(plan)), every).assign(item="all sizes")
    busy = busy.assign(value=busy["value"] * busy["slice"].map(weight).astype(float))
    mean = busy.groupby([*here, "item"], as_index=False)["value"].sum()
    parts.append(results_table.rows("devices_in_blocks", "devices", mean[mean["value"] > _NEARLY]))
    rate = pd.MultiIndex.from_frame(busy[["device", "work"]]).map(fleet.throughput(plan).to_dict())
    work = busy.assign(value=busy["value"] * np.asarray(rate, dtype=float))
    total = work.groupby("year")["value"].sum()
    for size in plan.settings("blocks").shares or {}:
        large = work[work["item"].isin(_at_least(plan, size))].groupby("year")["value"].sum()
        share = (large / total[total > _NEARLY]).dropna().rename("value").reset_index()
        parts.append(results_table.rows("share_in_blocks", "1", share, item=f"{size} or more"))
    return parts


def _whole_blocks(plan: Plan, table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Whole blocks of each size that devices at a site could form, of devices that scale up so far."""
    devices = fleet.families(plan).set_index("device")
    furthest = devices["largest_group_devices"].astype(float).where(devices["kind"] == "intelligent", 0.0)
    found = []
    for size, count in plan.settings("blocks").sizes.items():
        known = table[(table["device"].map(furthest) >= count).astype(bool)]
        whole = known.assign(value=np.floor(known["value"] / count + _NEARLY))
        found.append((size, whole[whole["value"] > 0]))
    return found
