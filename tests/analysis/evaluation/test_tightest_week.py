"""The tightest week: least own output, else dearest power; and what `run` says of it."""

from __future__ import annotations

import pandas as pd
import pytest
from builder import hours, tiny

import eastwest as ew
from eastwest.analysis.evaluation.tightest_week import evaluate_tightest_week, tightest_week
from eastwest.model.clock import DAYS
from eastwest.results.result import Result

SUMMER = 152
"""First day of June, 1 = 1 January."""


def solved(**changes: object) -> Result:
    return ew.solve(tiny(**changes), reliefs=0, growth_table=False)


def test_without_plants_the_dearest_week_counts() -> None:
    """Power costs twice as much in summer: the week lies in it, and the whole of its work is done."""
    names = [row["tariff"] for row in tiny().tables["tariffs"].to_dict(orient="records")]
    dear = {name: {season: hours(*(2 * [2.0 if season == "summer" else 0.66])) for season in DAYS} for name in names}
    result = solved(tariffs=dear, time={"blocks": 6})
    first = tightest_week(result, 2027)
    assert first >= SUMMER and first + 6 < SUMMER + DAYS["summer"]
    found = evaluate_tightest_week(result)
    assert found.certified and found.hours == 168
    assert found.windows["first_day"].unique().tolist() == [first]
    shed = found.windows.loc[found.windows["quantity"] == "shed", "value"].sum()
    assert shed == pytest.approx(0.0, abs=1e-6)


def test_with_plants_the_week_of_least_output_counts() -> None:
    """Capacity factor 0.5 but on days 100 to 106: the table of a result is told that 1 MW of wind stands at mesa."""
    result = solved(time={"blocks": 6})
    tables = dict(result.scenario.tables)
    region = tables["sites"].set_index("site").at["mesa", "region"]
    profile = {"region": region, "technology": "wind", **hours(0.5, 0.5)}
    tables["renewable_profiles"] = pd.DataFrame([{**profile, "season": season} for season in DAYS])
    factor = [0.1 if 100 <= day <= 106 else 1.0 for day in range(1, 366)]
    weather = {"region": region, "technology": "wind", "day": range(1, 366), "factor": factor}
    tables["weather_days"] = pd.DataFrame(weather)
    plant = result.table.iloc[:1].assign(quantity="capacity", item="wind", site="mesa", year=2027, value=1.0, unit="MW")
    object.__setattr__(result.scenario, "tables", tables)
    object.__setattr__(result, "table", pd.concat([result.table.astype(object), plant.astype(object)]))
    assert tightest_week(result, 2027) == 100
