"""What a month less of delay is worth: the same as a second solve with the date a month sooner."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from builder import one_place

import eastwest as ew
from eastwest.scenario import Scenario

DAY = date(2027, 7, 1)
MONTH = timedelta(days=30)
NOTHING_BUILT = {"build_limit_share": 0, "metro_dense_growth": None}


def waiting(day: date = DAY, asset: str = "hall_dense", **changes: Any) -> Scenario:
    """10 devices are needed (1 MW); 0.5 MW stand, and 0.4 MW more are announced for a day."""
    rows = {
        asset: {
            "2020-01-01": {"mw": 0.5},
            day.isoformat(): {"mw": 0.4, "status": "announced", "source": "invented", "quality": "assumption"},
        }
    }
    return one_place(
        capacity={"metro_coast": rows}, facilities=NOTHING_BUILT, power={"build_limit_share": 0, **changes}
    )


def worth(scenario: Scenario) -> pd.DataFrame:
    rows = ew.solve(scenario, reliefs=1, growth_table=False).table
    return rows[(rows["quantity"] == "relief") & rows["item"].str.startswith("a month less of delay")]


def objective(scenario: Scenario) -> float:
    return ew.solve(scenario, reliefs=0, growth_table=False).objective


@pytest.mark.parametrize(
    ("asset", "words"),
    [("hall_dense", "a month less of delay: halls"), ("grid", "a month less of delay: grid connections")],
)
def test_it_is_what_a_second_solve_saves(asset: str, words: str) -> None:
    """later(day, -1 month of 30.4375 days) is 30 days before. Nation-wide and for the site, which is the only one."""
    scenario = waiting(asset=asset)
    found = worth(scenario)
    saving = objective(scenario) - objective(waiting(DAY - MONTH, asset))
    assert saving > 1e-3
    assert found[found["item"] == words]["value"].tolist() == pytest.approx([saving, saving], rel=1e-6)
    assert set(found["unit"]) == {"million CNY/month"}


def test_nothing_is_listed_where_nothing_waits() -> None:
    """1 MW of hall stand: what is announced is not needed."""
    assert worth(waiting().with_(capacity={"metro_coast": {"hall_dense": {"2020-01-01": {"mw": 1.2}}}})).empty


def test_delay_by_region_costs_what_the_date_costs() -> None:
    """12 months late is after the year: only what stands is left."""
    late = {"coast": {"hall_dense": {"months": 12, "source": "invented", "quality": "assumption"}}}
    assert objective(waiting().with_(delays=late)) == pytest.approx(objective(waiting(date(2028, 7, 1))), rel=1e-9)
