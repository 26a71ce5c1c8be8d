"""Scenarios small enough to solve by hand, and their optimum with everything looked up by label.

`tiny` is the country of `tests/tiny`; `one_place` is what is left of it when only one region, one site, one task and
one device stay, with round numbers: 5 PFLOP/s of chat are served by 10 devices that draw 1 MW, flat, for 7.008 million
CNY a year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eastwest.lp.highs import Outcome, Session
from eastwest.lp.solution import Solution
from eastwest.model.plan import Plan
from eastwest.scenario import Scenario, load_scenario
from eastwest.schema.contract import SEASONS
from eastwest.solving.solve import build

HUB = {"hubs": {"h": {"name_en": "Hub", "side": "west"}}, "sites": {"mesa": {"hub": "h"}}}
"""The cluster mesa belongs to a hub of the West."""

NEW = {
    "tasks": {"train": None},
    "devices": {"beta": None},
    "stock": {"base": {"*": {"*": {"*": {"devices": 0}}}}},
    "commitments": {"*": {"*": {"*": {"devices": 0}}}},
}
"""Chat alone, on alpha alone, and nothing stands: everything is new."""

TINY = Path(__file__).parent / "tiny" / "tiny.yaml"


def cut(slices: int) -> dict[str, Any]:
    """Setting `time` of so many slices: four seasons where they divide by 4, else two or one, coarse or not."""
    seasons = next(count for count in (4, 2, 1) if slices % count == 0)
    return {"method": "seasons", "seasons": seasons, "blocks": slices // seasons, "coarse": True}


@cache
def _tiny() -> Scenario:
    return load_scenario(TINY)


def tiny(**changes: Any) -> Scenario:
    """The tiny scenario, changed as `Scenario.with_` changes it."""
    return _tiny().with_(**changes) if changes else _tiny()


@cache
def _one_place() -> Scenario:
    return _tiny().with_(
        name="one place",
        regions={"plateau": None},
        tasks={"train": None, "chat": {"profile": "flat", "value_cny_per_peak_pflops_h": 450}},
        devices={
            "beta": None,
            "alpha": {"rated_w": 100_000, "largest_group_devices": 8},
            "idle_power": 0.5,
            "busy_power_other": 1.0,
        },
        demand={"coast": {"chat": {"share": 0.5}}},
        pue={"*": {"*": {"pue": 1}}},
        capacity={
            "metro_coast": {
                "grid": {"*": {"mw": 5}},
                "hall_dense": {"*": {"mw": 5}},
                "hall_standard": {"*": {"mw": 10}},
            }
        },
    )


def one_place(**changes: Any) -> Scenario:
    """Region coast, site metro_coast, task chat (flat), 20 devices alpha of 0.1 MW; PUE 1, 0.8 CNY/kWh.

    Dense hall and grid 5 MW; a standard hall of 10 MW stands empty.
    Demand 100 x 0.8 x 0.25 x 0.5 = 10 PFLOP/s reference, x 0.5 = 5 delivered; / 0.5 = 10 devices;
    x 0.1 MW x 1.0 = 1 MW. 8,760 h x 1 MW x 800 CNY = 7.008 million CNY. Unserved: 450 / 0.5 = 900 CNY per PFLOP/s h,
    in one tranche. Nothing else costs: what stands is sunk, and
    the own metro has no network.
    """
    return _one_place().with_(**changes) if changes else _one_place()


def hours(first_half: float, second_half: float) -> dict[str, float]:
    """Columns h00 to h23: one value before noon, one after."""
    return {f"h{hour:02d}": first_half if hour < 12 else second_half for hour in range(24)}


def all_year(first_half: float, second_half: float) -> dict[str, dict[str, float]]:
    """Rows of every season: one value before noon, one after."""
    return {season: hours(first_half, second_half) for season in SEASONS}


def costs(figures: Mapping[str, float], **changed: float) -> dict[str, Any]:
    """Rows of the table costs: each figure is the same in the low, middle and high case."""
    return {
        name: {"low": value, "mid": value, "high": value, "unit": "1"} for name, value in {**figures, **changed}.items()
    }


@dataclass(frozen=True)
class Optimum:
    """A solved scenario: no reliefs, no tie-breaking, no report."""

    plan: Plan
    outcome: Outcome
    solution: Solution

    @property
    def objective(self) -> float:
        return self.outcome.objective

    def table(self, name: str, **labels: object) -> pd.DataFrame:
        """Labels and value of the chosen variables of a block."""
        return _choose(self.solution.variables(name, if_built=True), labels)

    def value(self, name: str, **labels: object) -> float:
        """Sum of the chosen variables of a block."""
        return float(self.table(name, **labels)["value"].sum())

    def row(self, name: str, **labels: object) -> pd.Series:
        """The one row of a block that has these labels: right, activity, slack, dual."""
        chosen = _choose(self.solution.constraints(name), labels)
        assert len(chosen) == 1, f"{len(chosen)} rows of {name} have {labels}"
        return chosen.iloc[0]

    def cost(self, item: str) -> float:
        """One item of the objective [million CNY]."""
        if item not in self.plan.program.items:
            return 0.0
        return float(self.solution.cost(item)["value"].sum())


def _choose(table: pd.DataFrame, labels: dict[str, object]) -> pd.DataFrame:
    chosen = np.ones(len(table), dtype=bool)
    for column, value in labels.items():
        chosen &= (table[column] == value).to_numpy()
    return table[chosen]


def names_of_rules(plan: Plan) -> dict[str, list[str]]:
    """Rules of the planner -> names of the groups of constraints that hold them."""
    return {rule: [rows.name for rows in groups] for rule, groups in plan.rules.items()}


def attempt(scenario: Scenario) -> tuple[Plan, Outcome]:
    """Build and solve; the outcome may be anything."""
    plan = build(scenario)
    return plan, Session(plan.program.matrix()).run()


def optimum(scenario: Scenario) -> Optimum:
    """Build and solve; the outcome must be optimal."""
    plan, outcome = attempt(scenario)
    assert outcome.status == "optimal", outcome.status
    return Optimum(plan, outcome, Solution(plan.program, outcome.x, outcome.y))
