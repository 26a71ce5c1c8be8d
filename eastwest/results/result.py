"""The outcome of a run: one results table with a unit in every row, and the labelled frames that people ask for.

`save` writes a run folder that is whole or absent; `Result.load` reads it back.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pandas as pd

from eastwest.errors import InputError, RenamedKey, SolveError
from eastwest.formatting.cards import card
from eastwest.formatting.words import figure, plain
from eastwest.lp.certificate import CERTIFICATE_LIMIT
from eastwest.results import run_folder, views
from eastwest.results.headline import headline_rows
from eastwest.schema import constraints_table
from eastwest.schema.module_section import ModuleSection
from eastwest.schema.results_table import COLUMNS
from eastwest.schema.units import step_of

if TYPE_CHECKING:
    import geopandas

    from eastwest.report.plot import Plots
    from eastwest.scenario import Scenario

__all__ = ["CERTIFICATE_FIGURES", "CERTIFICATE_LIMIT", "Result"]

VIEWS = (
    "headline",
    "utilisation",
    "cost",
    "unserved",
    "shadow_prices",
    "reliefs",
    "served",
    "devices",
    "sites",
    "flows",
    "sectors",
    "transfers",
    "data_quality",
)

CERTIFICATE_FIGURES = ("primal_violation", "dual_violation", "relative_gap")


@dataclass(frozen=True, eq=False)
class Result:
    """What a solve found. Money is in million CNY; every row of `table` carries its unit."""

    scenario: Scenario
    status: str
    """`optimal`, or in one or two words why not"""
    objective: float
    """present value, penalties included [million CNY]"""
    certificate: Mapping[str, Any] = field(default_factory=dict)
    """violations and gap, computed apart from the solver [1]"""
    timings: Mapping[str, float] = field(default_factory=dict)
    """seconds by step [s]"""
    solver: Mapping[str, str] = field(default_factory=dict)
    """name, version, algorithm"""
    messages: tuple[str, ...] = ()
    """sentences for the reader; the first is the scarcity check"""
    table: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=COLUMNS))
    """the results table"""
    constraints: pd.DataFrame = field(default_factory=lambda: constraints_table.table([]))
    """what each group of constraints says of itself: kind, span, unit, step, limit in words, rule, module, assets"""
    sections: tuple[ModuleSection, ...] = ()
    """of the report, that model modules declare"""
    written_by: str = ""
    """version of eastwest and format of the folder that it was read from; empty for a result of this process"""

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", views.results_table_of(self.table))

    def __repr__(self) -> str:
        return (
            f"Result({self.scenario.name!r}, {self.status}, {self.objective:.6g} million CNY, {len(self.table)} rows)"
        )

    def _repr_html_(self) -> str:
        """What Jupyter shows: status, objective, the first message, and the headline figures by year."""
        years, rows = headline_rows(self.table)
        facts = [
            ("status", plain(self.status)),
            ("objective", f"{figure(self.objective)} million CNY (present value, penalties included)"),
            ("in short", plain(self.messages[0]) if self.messages else ""),
        ]
        return card(f"Result of {plain(self.scenario.name)}", facts, ["", "unit", *map(str, years)], rows)

    @property
    def model_version(self) -> int:
        """The version of the model that made it; 1 where the run names none."""
        return int(self.solver.get("model_version", 1))

    @property
    def certified(self) -> bool:
        """Whether both violations and the gap are within 1e-6; false where one is not known."""
        figures = [self.certificate.get(name) for name in CERTIFICATE_FIGURES]
        return all(isinstance(figure, int | float) and 0 <= figure <= CERTIFICATE_LIMIT for figure in figures)

    def with_modules(self, modules: Collection[ModuleType]) -> Result:
        """The same outcome with model modules from outside that the run was made with, see `load`."""
        return replace(self, scenario=self.scenario.with_modules(modules)) if modules else self

    def meaning(self, names: pd.Series) -> pd.DataFrame:
        """What the limits of rows of the results table (`constraint`) declare: kind, span, step, for_sale, assets, ...

        InputError for a run of before limits declared themselves.
        """
        if self.constraints.empty:
            writer = self.written_by or "an earlier version of eastwest"
            raise InputError(
                f"was written by {writer}, which did not keep what its limits are; run its scenario again",
                where=f"run '{self.scenario.name}'",
            )
        return constraints_table.meaning(names, self.constraints)

    def steps(self, rows: pd.DataFrame) -> pd.Series:
        """The step in which relief of the limit of each row (`constraint`, `unit`) is sold, in the unit of the limit.

        Of a run of before limits declared themselves, the step of its unit.
        """
        return step_of(rows["unit"]) if self.constraints.empty else self.meaning(rows["constraint"])["step"]

    def rows(self, *quantities: str) -> pd.DataFrame:
        """Rows of the results table by quantity, without the label columns that are empty."""
        return views.select(self.table, *quantities)

    @property
    def headline(self) -> pd.DataFrame:
        """The figures that a planner reads first, each with its unit."""
        return self.rows("headline")

    @property
    def cost(self) -> pd.DataFrame:
        """Yearly cost by category, site, region and task [million CNY]."""
        return self.rows("cost")

    @property
    def unserved(self) -> pd.DataFrame:
        """Demand that is left, by region, task, tranche and kind [PFLOP/s of the kind]."""
        frame = self.rows("unserved").rename(columns={"item": "tranche"})
        return frame[frame["value"] > 0].reset_index(drop=True)

    @property
    def shadow_prices(self) -> pd.DataFrame:
        """Change of yearly cost per unit more of each limit, in the unit of the row: negative means a saving."""
        return self.rows("shadow_price")

    @property
    def reliefs(self) -> pd.DataFrame:
        """What one more unit of a limit saves a year (`saving`), by a re-solve each, and how far that holds."""
        labels = [column for column in views.LABELS if column not in ("quantity", "unit")]
        worth = self.table[self.table["quantity"] == "relief"]
        reach = self.table[self.table["quantity"] == "relief_range"]
        reach = reach.rename(columns={"value": "up_to", "unit": "up_to_unit"}).drop(columns="quantity")
        frame = worth.merge(reach, on=labels, how="left").drop(columns="quantity").rename(columns={"value": "saving"})
        frame = frame.sort_values("saving", key=lambda saving: -saving * self.steps(frame), kind="stable")
        return views.without_empty_labels(frame, keep=("unit", "item"))

    @cached_property
    def utilisation(self) -> pd.DataFrame:
        """How busy devices, halls, grid connections and corridors are: mean, 95th percentile, peak [1]."""
        return views.utilisation(self.table)

    @cached_property
    def served(self) -> pd.DataFrame:
        """Who is served where [PFLOP/s of the kind] and at what round trip [ms]."""
        return views.served(self.table)

    @cached_property
    def devices(self) -> pd.DataFrame:
        """Devices installed, energised, bought and busy, by site [devices]."""
        return views.devices(self.table)

    @cached_property
    def sites(self) -> geopandas.GeoDataFrame:
        """Every site as a point with its names and figures; columns end in their unit."""
        return views.sites_frame(self)

    @cached_property
    def flows(self) -> geopandas.GeoDataFrame:
        """Every served route as a line from region to site: task, PFLOP/s of the kind, round trip [ms]."""
        return views.flows_frame(self)

    @property
    def sectors(self) -> pd.DataFrame:
        """By sector and kind: demand, served and unserved [PFLOP/s of the kind], round trip [ms], shares [1].

        Columns `attributed_*` share out general-purpose work by the table sector_shares.
        """
        return views.sectors(self.table)

    @property
    def transfers(self) -> pd.DataFrame:
        """Who pays whom [million CNY]: `item` pays, users of `region` served at `site` gain."""
        return self.rows("transfer")

    @property
    def data_quality(self) -> pd.DataFrame:
        """Rows of each input table and their share by quality [1]; the last row, `all`, counts all tables together."""
        from eastwest.scenario import quality_shares

        return quality_shares(self.scenario.tables)

    @property
    def plot(self) -> Plots:
        """Plotly figures: `result.plot.map()`, `.utilisation()`, `.cost()`, ..., with units on their axes."""
        from eastwest.report.plot import Plots

        return Plots(self)

    def views(self) -> dict[str, pd.DataFrame]:
        """Every labelled frame by name, as they are written to `csv/`."""
        return {name: getattr(self, name) for name in VIEWS}

    def save(self, folder: str | Path) -> Path:
        """Write a run folder, whole or not at all, over an earlier run if there is one; return its path.

        Raises SolveError unless the result is optimal with a certificate that holds: nothing else may look like a plan.
        """
        if self.status != "optimal":
            raise SolveError(f"a result that is '{self.status}' is not a plan and is not written")
        if not self.certified:
            raise SolveError("the certificate of this result does not hold; it is not a plan and is not written")
        return run_folder.write(self, Path(folder))

    @classmethod
    def load(cls, folder: str | Path, *, modules: Collection[ModuleType] = ()) -> Result:
        """Read a run folder; InputError says what is missing when it is none.

        `modules` are the model modules from outside the package that the run was made with: without them everything
        can be read, and what builds the program again says which is missing.
        """
        from eastwest.scenario import load_scenario
        from eastwest.scenario.outside import of_run

        folder = Path(folder)
        summary = run_folder.read_summary(folder)
        known = of_run(summary.get("modules", []), modules, str(folder))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RenamedKey)  # the file is a run's own, of an earlier version
            scenario = load_scenario(folder / "scenario.yaml", modules=known)
        scenario = replace(scenario, origins={**scenario.origins, **run_folder.read_origins(folder)})
        return cls(
            scenario=scenario,
            status=summary["status"],
            objective=summary["objective_million_cny"],
            certificate=summary["certificate"],
            timings=summary["timings_s"],
            solver=summary["solver"],
            messages=tuple(summary["messages"]),
            table=run_folder.read_table(folder),
            constraints=run_folder.read_constraints(folder),
            sections=run_folder.read_sections(folder),
            written_by=run_folder.written_by(summary),
        )
