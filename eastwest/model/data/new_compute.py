"""New intelligent compute in dense peak: what is signed for after the anchor date, and what the program buys.

Pure functions on tables and expressions; the model modules that hold shares of it read them.
"""

from __future__ import annotations

import pandas as pd

from eastwest.lp.expression import Expression
from eastwest.lp.solution import Solution
from eastwest.model.data import fleet
from eastwest.model.dates import share_in_life
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.columns import Column
from eastwest.schema.thresholds import LEAST_WORK

KIND = "intelligent"
INSTALLED = Column("Installed peak, intelligent", "installed_peak", "PFLOP/s", {"kind": KIND})


def peak(plan: Plan, kind: str = KIND) -> pd.Series:
    """Dense peak per device of a kind [PFLOP/s], labelled by device."""
    devices = fleet.families(plan)
    return devices[devices["kind"] == kind].set_index("device")["peak_pflops"].astype(float)


def committed(plan: Plan) -> pd.DataFrame:
    """Devices signed for after the anchor date: site, device, year, value = yearly mean in service [devices]."""
    signed = fleet.committed(plan)
    life = fleet.families(plan).set_index("device")["lifetime_years"].astype(float)
    lives = signed["device"].map(life).astype(float)
    pairs = list(zip(signed["start"], lives, strict=True))

    def entered(year: int) -> pd.Series:
        return signed["devices"].astype(float) * [share_in_life(start, life, year) for start, life in pairs]

    parts = [signed.assign(year=year, value=plan.periods.mean(year, entered)) for year in plan.years]
    return pd.concat(parts)[["site", "device", "year", "value"]]


def above_share(plan: Plan, label: str, counts: pd.Series, share: float) -> Expression | None:
    """sum of new peak x (counts - share) by year [PFLOP/s], commitments as constants; `counts` [1] by `label`.

    Nothing where no intelligent device can be bought: commitments alone cannot meet or miss a rule.
    """
    size = peak(plan)
    if not fleet.buyable(plan)["device"].isin(size.index).any():
        return None
    weight = (counts.astype(float) - share).rename_axis(label)
    placed = committed(plan)
    placed = placed[placed["device"].isin(size.index)]
    given = placed["value"] * placed["device"].map(size).astype(float) * placed[label].map(weight).astype(float)
    years = pd.Index(list(plan.years), name="year")
    constant = given.astype(float).groupby(placed["year"]).sum().reindex(years, fill_value=0.0)
    bought = plan.bought.where(device=list(size.index)) * fleet.in_service(plan)
    above: Expression = (bought * size * weight).plus(constant)
    return above


def shares(plan: Plan, bought_devices: pd.DataFrame, groups: dict[str, tuple[str, pd.Series]]) -> list[pd.DataFrame]:
    """Rows `share_of_new_peak` [1] of each group, for what is bought and for all that is `new`.

    `decided_devices` holds site, device, year, value [devices]; a group is a label and what counts of it. No row
    of a year in which nothing is new.
    """
    parts = []
    for year in plan.years:
        for basis, new in by_basis(plan, bought_devices, year):
            for name, (label, counts) in groups.items():
                share = share_of(plan, new, label, counts)
                row = pd.DataFrame({"value": [share], "year": year})
                if share is not None:
                    parts.append(results_table.rows("share_of_new_peak", "1", row, item=f"{basis}: {name}", kind=KIND))
    return parts


def bought(plan: Plan, solution: Solution) -> pd.DataFrame:
    """What is bought and in service: site, device, year, value [devices]."""
    bought = plan.bought * fleet.in_service(plan)
    return solution.value(bought, fleet.present(plan)) if plan.bought.terms else committed(plan).iloc[:0]


def by_basis(plan: Plan, bought_devices: pd.DataFrame, year: int) -> list[tuple[str, pd.DataFrame]]:
    """Devices that are new in a year: what is bought, and with what is signed for."""
    signed, of_year = committed(plan), bought_devices[bought_devices["year"] == year]
    return [("bought", of_year), ("new", pd.concat([signed[signed["year"] == year], of_year]))]


def share_of(plan: Plan, new: pd.DataFrame, label: str, counts: pd.Series) -> float | None:
    """Dense peak of what counts over all of it [1]; None where there is none."""
    size = peak(plan)
    new = new[new["device"].isin(size.index)]
    each = new["value"].astype(float) * new["device"].map(size).astype(float)
    total = float(each.sum())
    return float(each[new[label].map(counts).astype(bool)].sum()) / total if total > LEAST_WORK else None


def totals(plan: Plan, bought_devices: pd.DataFrame) -> list[pd.DataFrame]:
    """Rows `new_peak` [PFLOP/s]: what is bought, and with what is signed for, in each year."""
    size, parts = peak(plan), []
    for year in plan.years:
        for basis, new in by_basis(plan, bought_devices, year):
            total = float((new["value"].astype(float) * new["device"].map(size).astype(float)).sum())
            row = pd.DataFrame({"value": [total], "year": year})
            parts.append(results_table.rows("new_peak", "PFLOP/s", row, item=basis, kind=KIND))
    return parts
