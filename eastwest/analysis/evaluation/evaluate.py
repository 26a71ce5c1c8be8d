"""What a plan is worth in a full year: its capacity and routing are fixed, every hour is dispatched, shed is allowed.

What the representative days promised stands beside what every hour did. Floors on green power and carbon caps span the
year: each window pays the plan's shadow price for them, and the sums are compared at the end.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pandas as pd

from eastwest.analysis.evaluation.dispatch import dispatch_all
from eastwest.analysis.evaluation.fixed_plan import fixed_plan_of
from eastwest.analysis.evaluation.windows import spread, windows_of
from eastwest.errors import InputError
from eastwest.lp.certificate import CERTIFICATE_LIMIT
from eastwest.lp.highs import Progress
from eastwest.model.clock import DAYS_PER_YEAR, HOURS_PER_DAY, season_of
from eastwest.results.headline import green_is_modelled
from eastwest.results.result import Result
from eastwest.results.run_folder import EVALUATION, replaced_whole, write_csv
from eastwest.results.versions import versions
from eastwest.schema.thresholds import NOTHING
from eastwest.schema.units import MONEY


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A plan's capacity dispatched by the hour."""

    name: str
    year: int
    hours: int
    windows: pd.DataFrame
    """window, first_day, days, site, quantity, item, unit, value: what each window did at each site"""
    certificates: pd.DataFrame
    """window, site and the figures of each certificate [1]"""
    comparison: pd.DataFrame
    """quantity, unit, planned, evaluated: the representative days' promise beside the full year"""
    kinds: Mapping[str, str]
    """kind of compute of each task"""

    @property
    def certified(self) -> bool:
        figures = self.certificates[["primal_violation", "dual_violation", "relative_gap"]]
        return bool((figures.to_numpy(float) <= CERTIFICATE_LIMIT).all())

    def save(self, folder: str | Path) -> Path:
        """Write summary.json, windows.csv, certificates.csv and comparison.csv; the folder is whole or absent."""
        folder = Path(folder)
        frames = {"windows": self.windows, "certificates": self.certificates, "comparison": self.comparison}
        summary = {
            "format": EVALUATION, "format_version": 1, "name": self.name, "year": self.year, "hours": self.hours,
            "certified": self.certified, "versions": versions(),
            "files": sorted(["summary.json", *(f"{name}.csv" for name in frames)]),
        }  # fmt: skip
        with replaced_whole(folder, EVALUATION) as aside:
            for name, frame in frames.items():
                write_csv(frame, aside / f"{name}.csv")
            (aside / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
        return folder


def evaluate(
    result: Result, year: int, *, hours: int = 8760, window_days: int = 7, first_day: int = 1, processes: int = 1,
    modules: Collection[ModuleType] = (),
    progress: Progress = lambda message: None,
) -> Evaluation:  # fmt: skip
    """Dispatch a plan's capacity in `hours` of `year` from `first_day` (1 = 1 January) on, hour by hour.

    With more than one of `processes` a script needs `if __name__ == "__main__":` around the call, as Python asks.
    `modules` are those from outside the package that the run was made with.
    Raises InputError for a year that was not planned, or hours that are no whole days of one year.
    """
    result = result.with_modules(modules)
    scenario = result.scenario
    if year not in scenario.years:
        listed = ", ".join(str(each) for each in scenario.years)
        raise InputError(f"received {year}, expected a planning year of the run: {listed}", key="year")
    if hours % HOURS_PER_DAY or not 0 < hours <= DAYS_PER_YEAR * HOURS_PER_DAY:
        raise InputError(f"received {hours}, expected a multiple of 24 up to 8,760", key="hours")
    if not 0 < first_day <= DAYS_PER_YEAR + 1 - hours // HOURS_PER_DAY:
        raise InputError(f"received {first_day}, expected a day from which the hours fit the year", key="first_day")
    if not 0 < window_days <= DAYS_PER_YEAR:
        raise InputError(f"received {window_days}, expected 1 to {DAYS_PER_YEAR} days", key="window_days")
    fixed = fixed_plan_of(result, year)
    chosen = list(windows_of(fixed.scenario, hours // HOURS_PER_DAY, window_days, first_day))
    records, certificates = dispatch_all(fixed, chosen, processes, progress)
    windows = spread(pd.DataFrame(records), chosen)
    kinds = scenario.tables["tasks"].set_index("task")["kind"].to_dict()
    comparison = _compare(result, year, hours, windows)
    return Evaluation(scenario.name, year, hours, windows, pd.DataFrame(certificates), comparison, kinds)


def _compare(result: Result, year: int, hours: int, windows: pd.DataFrame) -> pd.DataFrame:
    """What the representative days promised, for so many hours, beside what every hour did."""
    table = result.table[(result.table["year"] == year) & (result.table["slice"] == "")]
    share = hours / (DAYS_PER_YEAR * HOURS_PER_DAY)

    def planned(quantity: str, item: str | None = None) -> float:
        return _total(table, quantity, item) * share

    def found(quantity: str, item: str | None = None) -> float:
        return _total(windows, quantity, item)

    records = [
        (quantity.replace("_", " "), "GWh", planned(quantity) / 1e3, found(quantity) / 1e3)
        for quantity in ("grid_electricity", "own_electricity", "curtailed")
    ]
    claimed = planned("contracted") + planned("certificates")
    greens = [
        (of("own_electricity") + claimed) / max(of("own_electricity") + of("grid_electricity"), NOTHING)
        for of in (planned, found)
    ]
    records += [("green share", "1", greens[0], greens[1])] if green_is_modelled(table) else []
    records += [
        ("carbon", "kt CO2", planned("carbon") / 1e3, found("carbon") / 1e3),
        ("cost of energy", MONEY, planned("cost", "energy"), found("cost", "energy")),
        ("demand charge above the plan's peaks", MONEY, 0.0, _highest_charge(windows)),
    ]
    kinds = result.scenario.tables["tasks"].set_index("task")["kind"]
    shed = windows[windows["quantity"] == "shed"]
    work = (table[table["quantity"] == "served"].groupby("kind")["value"].sum() * hours).items()
    for kind, volume in work:
        lost = float(shed.loc[shed["item"].map(kinds) == kind, "value"].sum())
        records.append((f"shed, {kind}", "PFLOP/s h", 0.0, lost))
        records.append((f"shed, {kind}, of what is routed", "1", 0.0, lost / volume if volume > 0 else 0.0))
    records.append(("penalty of shed", MONEY, 0.0, found("cost", "shed")))
    return pd.DataFrame(records, columns=["quantity", "unit", "planned", "evaluated"])


def _total(rows: pd.DataFrame, quantity: str, item: str | None) -> float:
    rows = rows[rows["quantity"] == quantity]
    return float(rows["value"].sum() if item is None else rows.loc[rows["item"] == item, "value"].sum())


def _highest_charge(windows: pd.DataFrame) -> float:
    """A peak is paid once a season: of the windows of a season the highest counts."""
    rows = windows[(windows["quantity"] == "cost") & (windows["item"] == "demand_charge")]
    if rows.empty:
        return 0.0
    season = rows["first_day"].map(season_of)
    return float(rows.groupby([rows["site"], season])["value"].max().sum())
