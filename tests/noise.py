"""Noise: what cooling sounds like at each site, and how much of it a permit allows; no module of the package.

level    noise_level[site, year] = sound[site] x mean draw at the meter                     [W of sound], site, year
permit   noise_level[site, year] <= cap, where there is one                                 [W of sound], site, year

Reads `grid_energy`; table noise. Source: invented for tests.
"""

from __future__ import annotations

from typing import ClassVar

import pandas as pd
from pydantic import Field

from eastwest.lp.expression import Expression
from eastwest.lp.solution import Solution
from eastwest.model.clock import HOURS_PER_YEAR
from eastwest.model.plan import Plan, by_year
from eastwest.schema import results_table
from eastwest.schema.contract import ByYear, Context, Contract, Identifier, NonNegative, Row, SiteName, Tables


class _Noise(Row):
    key = ("site",)
    about = "How loud each site is"
    may_be_empty = True
    refers = {"site": "sites"}
    site: Identifier = Field(description="site")
    sound_w_per_mw: NonNegative = Field(description="sound for each MW at the meter [W/MW]")


class Data(Contract):
    """Noise of cooling, and permits for it."""

    tables: ClassVar[dict[str, type[Row]]] = {"noise": _Noise}
    cap_w: dict[SiteName, ByYear] = Field({}, description="most sound, by site, one for all years or by year [W]")

    def check(self, tables: Tables, years: tuple[int, ...], context: Context) -> None:
        """A site with a permit has a row of the table."""
        for site in self.cap_w:
            if site not in set(tables["noise"]["site"]):
                raise context.wrong("cap_w", f"site '{site}' has a permit, but no row in the table noise")


def _draw(plan: Plan) -> Expression:
    """Mean draw of sites that have a row [MW]."""
    loud = plan.table("noise").set_index("site")["sound_w_per_mw"].astype(float)
    drawn: Expression = plan.grid_energy * (plan.clock.weight / HOURS_PER_YEAR)
    return drawn.where(site=loud.index) * loud


def build(plan: Plan) -> None:
    sites = plan.table("noise")[["site"]]
    if sites.empty:
        return
    over = sites.merge(pd.DataFrame({"year": list(plan.years)}), how="cross")
    level = plan.variables("noise_level", over, unit="W")
    plan.constraints("noise_level", over, level - _draw(plan), "==", unit="W")
    parts = {site: by_year(cap, plan.years) for site, cap in plan.settings("noise").cap_w.items()}
    if parts:
        caps = pd.concat(parts, names=["site", "year"])
        where = caps.index.to_frame(index=False)
        plan.constraints("noise_permit", where, level, "<=", caps, unit="W", limit="noise permit")


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    return [results_table.rows("noise_level", "W", solution.variables("noise_level"))]
