"""What is announced with dates of its own, and where a month sooner would be a difference to the planning years.

Pure functions on tables. A group of constraints whose right-hand side holds any of these says so where it is built.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from eastwest.lp.declaration import Announced
from eastwest.model.data import fleet
from eastwest.model.data.sites import delay_months
from eastwest.model.dates import decimal_year, later, share_in_life, share_of_year
from eastwest.model.plan import Plan

CONNECTIONS = Announced("grid connections", ("grid",), "power")
HALLS = Announced("halls", ("hall_dense", "hall_standard"), "facilities")
PLANTS = Announced("own plants and batteries", ("wind", "solar"), "sources")
BATTERIES = Announced("own plants and batteries", ("battery_power", "battery_energy"), "storage")
DEVICES = Announced("devices signed for", ("devices",))


def moved(plan: Plan, what: Announced, months: float) -> set[tuple[str, int]]:
    """Sites and planning years that would have more (or less) of it if it came `months` sooner."""
    if what == DEVICES:
        return _moved_devices(plan, months)
    capacity = plan.table("capacity")
    capacity = capacity[capacity["asset"].isin(what.assets) & (capacity["status"] == "announced")]
    general = plan.settings(what.section).delay_months if what.section else 0.0
    late = {asset: delay_months(plan, asset, general) for asset in what.assets}
    found = set()
    for row in capacity.itertuples():
        months_late = late[row.asset][row.site]
        day, sooner = (later(row.in_service, months_late - less) for less in (0.0, months))
        found |= {(str(row.site), year) for year in _differing(plan, share_of_year, (day,), (sooner,))}
    return found


def _moved_devices(plan: Plan, months: float) -> set[tuple[str, int]]:
    lives = fleet.families(plan).set_index("device")["lifetime_years"].astype(float)
    late, found = delay_months(plan, "devices", 0.0), set()
    for row in fleet.commitments(plan).itertuples():
        day, sooner = (decimal_year(later(row.in_service, late[row.site] - less)) for less in (0.0, months))
        life = float(lives[row.device])
        found |= {(str(row.site), year) for year in _differing(plan, share_in_life, (day, life), (sooner, life))}
    return found


def _differing(plan: Plan, share: Callable[..., float], one: tuple[Any, ...], other: tuple[Any, ...]) -> list[int]:
    """Planning years whose mean share in service differs between two dates."""
    means = plan.periods.mean
    return [year for year in plan.years if means(year, partial(share, *one)) != means(year, partial(share, *other))]
