"""Noise: what fans sound like at each site, and how much of it a permit allows; no module of the package.

level    noise_level[site, year] = sound[site] x sum over devices rated power x energised   [W of sound], site, year
permit   noise_level[site, year] <= cap, where there is one                                 [W of sound], site, year

Fans turn wherever a device has power, busy or not. Reads `energised`; tables noise, devices. Source: invented for
tests.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import pandas as pd
from pydantic import Field

from eastwest.lp.expression import Expression
from eastwest.lp.solution import Solution
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.columns import Column
from eastwest.schema.contract import ByYear, Context, Contract, Identifier, NonNegative, Row, SiteName, Tables
from eastwest.schema.metrics import SITE, VALUE, YEAR, Metric
from eastwest.schema.module_section import ModuleSection, ModuleTable

_W_PER_MW = 1e6
_LEVEL = Column("Sound", "noise_level", "W")


_SECTION = ModuleSection(
    "Noise of fans",
    (
        ModuleTable("whole", "Noise of the country", {"loudest": replace(_LEVEL, title="Loudest site", how="max")}),
        ModuleTable(
            "sites", "Noise by site", {"level": _LEVEL, "permit": Column("at most", "noise_permit", "W")}, ("site",),
            "What fans sound like at each site, and what its permit allows:",
        ),
    ),
    ("Fans of the loudest site sound like {loudest}.",),
)  # fmt: skip


class _Noise(Row):
    key = ("site",)
    about = "How loud each site is"
    may_be_empty = True
    refers = {"site": "sites"}
    site: Identifier = Field(description="site")
    sound_w_per_mw: NonNegative = Field(description="sound for each rated MW of devices [W/MW]")


class Data(Contract):
    """Noise of fans, and permits for it."""

    tables: ClassVar[dict[str, type[Row]]] = {"noise": _Noise}
    metrics: ClassVar[dict[str, Metric]] = {
        "most_sound": Metric(
            "sound of a site", "W", _LEVEL, at_most=True, by_site=True, setting={"cap_w": {SITE: {YEAR: VALUE}}}
        )
    }
    units: ClassVar[dict[str, float]] = {"W": 1.0}
    cap_w: dict[SiteName, ByYear] = Field({}, description="most sound, by site, one for all years or by year [W]")

    def check(self, tables: Tables, years: tuple[int, ...], context: Context) -> None:
        """A site with a permit has a row of the table."""
        for site in self.cap_w:
            if site not in set(tables["noise"]["site"]):
                raise context.wrong("cap_w", f"site '{site}' has a permit, but no row in the table noise")


def _sound(plan: Plan) -> Expression:
    """Sound of the sites that have a row [W]."""
    loud = plan.table("noise").set_index("site")["sound_w_per_mw"].astype(float)
    rated = plan.table("devices").set_index("device")["rated_w"].astype(float) / _W_PER_MW
    energised: Expression = plan.energised * rated
    return energised.where(site=loud.index) * loud


def build(plan: Plan) -> None:
    sites = plan.table("noise")[["site"]]
    if sites.empty:
        return
    over = sites.merge(pd.DataFrame({"year": list(plan.years)}), how="cross")
    level = plan.variables("noise_level", over, unit="W")
    plan.constraints("noise_level", over, level - _sound(plan), "==", kind="definition", unit="W")
    parts = {site: plan.periods.by_year(cap) for site, cap in plan.settings("noise").cap_w.items()}
    if parts:
        caps = pd.concat(parts, names=["site", "year"])
        where = caps.index.to_frame(index=False)
        plan.constraints("noise_permit", where, level, "<=", caps, kind="limit", unit="W", limit="noise permit")


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame | ModuleSection]:
    level = solution.variables("noise_level", if_built=True)
    permit = solution.constraints("noise_permit", if_built=True)
    rows = [
        results_table.rows("noise_level", "W", level),
        results_table.rows("noise_permit", "W", permit, "right"),
    ]
    return [*rows, _SECTION] if len(level) else []
