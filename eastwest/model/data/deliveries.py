"""What can be delivered in a year, when it arrives, and how much of each year it is in service.

Deliveries of a year arrive evenly over it, from the day on that the device is first sold (or all on the first day of
that time, where the scenario says so); what arrives enters service `months_to_service` later, for the device's life.
"""

from __future__ import annotations

from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from eastwest.model.clock import MONTHS_PER_YEAR
from eastwest.model.dates import decimal_year, share_of_deliveries
from eastwest.model.frames import labelled, tuples
from eastwest.model.plan import Plan


def shares(plan: Plan, devices: pd.DataFrame, idle_years: pd.Series | None = None) -> pd.Series:
    """Share of each planning year that devices of a vintage are in service [1], labelled by device, vintage, year.

    `idle_years` of a device's life pass before it counts, by device.
    """
    passed = {} if idle_years is None else idle_years.to_dict()
    found = {}
    for device, months, life, available in tuples(
        devices, "device", "months_to_service", "lifetime_years", "available_from"
    ):
        idle = passed.get(device, 0.0)
        for vintage in plan.vintages:
            arriving = arrivals(plan, vintage, available)
            for year in plan.years if arriving else ():
                first, last = (time + months / MONTHS_PER_YEAR + idle for time in arriving)
                share = partial(share_of_deliveries, first, last, life - idle)
                found[device, vintage, year] = plan.periods.mean(year, share)
    return labelled(found, ["device", "vintage", "year"]).rename("share")


def arrivals(plan: Plan, year: int, available: date | None) -> tuple[float, ...]:
    """First and last time of a year's deliveries (decimal years); empty where the device is not sold yet."""
    first = float(year) if available is None or pd.isna(available) else max(float(year), decimal_year(available))
    if first >= year + 1:
        return ()
    return first, first if plan.settings("devices").deliveries == "first_day" else year + 1.0


def deliverable(plan: Plan, devices: pd.DataFrame) -> pd.DataFrame:
    """What can be delivered in each calendar year: device, vintage, devices (infinite for servers without supply rows).

    deliverable = units x mix x devices per unit; zero only where supply carries over.
    """
    settings = plan.settings("devices")
    sold = devices[devices["price_cny"].notna()]
    supply = plan.table("supply")
    mapped = supply[supply["buyable"].astype(bool)].merge(plan.table("supply_map"), on="supply_group")
    mapped = mapped[(mapped["year"] >= mapped["first_year"]) & (mapped["year"] <= mapped["last_year"])]
    units = mapped[settings.supply].astype(float) * mapped["mix"] * mapped["devices_per_unit"]
    mapped = mapped.assign(devices=units)
    parts, seen = [], pd.Series(0.0, index=sold["device"])
    for vintage in plan.vintages:
        new = mapped[mapped["year"] == vintage].groupby("device")["devices"].sum()
        this = sold[["device", "kind"]].assign(vintage=vintage, devices=sold["device"].map(new).astype(float))
        unlimited = (this["kind"] == "general") & ~this["device"].isin(mapped["device"])
        this["devices"] = this["devices"].where(~unlimited, np.inf).fillna(0.0)
        of_year = this.set_index("device")["devices"]
        seen = seen + of_year if settings.carry_over else of_year
        parts.append(this[this["device"].map(seen).astype(float) > 0])
    columns = ["device", "vintage", "devices"]
    return pd.concat(parts)[columns].reset_index(drop=True) if parts else pd.DataFrame(columns=columns)
