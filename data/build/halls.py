"""Published halls and connections by site, interpolated to the dates that the tables need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from common import number, reference

HALF_YEAR_OF_PLAN = 0.5 / 2.5  # mid-2025 to end-2025, of the path from mid-2025 to end-2027


@dataclass(frozen=True)
class SitePath:
    """Total hall [MW IT] and grid connection [MW] of a site over time, with what it ran in 2025."""

    hall_mid_2025: float
    hall_2027: float
    hall_2030: float
    grid_2025: float
    grid_2027: float
    grid_2030: float
    load_2025: float
    pue: float
    source: str
    quality_hall: str
    quality_grid: str
    quality_load: str
    quality_plan: str

    @property
    def hall_end_2025(self) -> float:
        return self.hall_mid_2025 + HALF_YEAR_OF_PLAN * (self.hall_2027 - self.hall_mid_2025)

    def hall_steps(self) -> list[float]:
        """Hall added in mid-2026, mid-2027 and mid-2028 to mid-2030."""
        return _steps(self.hall_end_2025, self.hall_2027, self.hall_2030)

    def grid_steps(self) -> list[float]:
        return _steps(self.grid_2025, self.grid_2027, self.grid_2030)


def _steps(now: float, in_2027: float, in_2030: float) -> list[float]:
    return [(in_2027 - now) / 2] * 2 + [(in_2030 - in_2027) / 3] * 3


def _path(row: dict[str, str], pue: str, source: str, plan: str) -> SitePath:
    def mid(column: str) -> float:
        return number(row[f"{column}_mid"]) or 0.0

    return SitePath(
        hall_mid_2025=mid("hall_it_mw_2025"),
        hall_2027=mid("planned_hall_it_mw_2027"),
        hall_2030=mid("planned_hall_it_mw_2030"),
        grid_2025=mid("grid_connection_mw_2025"),
        grid_2027=mid("planned_grid_mw_2027"),
        grid_2030=mid("planned_grid_mw_2030"),
        load_2025=mid("average_load_mw_2025"),
        pue=float(row[pue]),
        source=source,
        quality_hall=row["quality_hall"],
        quality_grid=row["quality_grid"],
        quality_load=row["quality_load"],
        quality_plan=plan,
    )


@cache
def paths() -> dict[str, SitePath]:
    """Site -> its path."""
    out = {
        row["cluster_id"]: _path(row, "pue_fleet_2025", "cluster_power.csv", row["quality_plan"])
        for row in reference("cluster_power")
    }
    metros = {
        f"metro_{row['adcode']}": _path(row, "pue_2025", "metro_power.csv", "assumption")
        for row in reference("metro_power")
    }
    return out | metros
