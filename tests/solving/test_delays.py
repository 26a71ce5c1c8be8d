"""What a month less of delay is worth: the same as a second solve with the date a month sooner."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builder import one_place

import eastwest as ew
from eastwest.lp.highs import Session
from eastwest.model.plan import Plan
from eastwest.scenario import Scenario
from eastwest.solving import solve as solving
from eastwest.solving.delays import delay_reliefs

DAY = date(2027, 7, 1)
MONTH = timedelta(days=30)
NOTHING_BUILT = {"build_limit_share": 0, "metro_dense_growth": None}


def delayed(day: date = DAY, asset: str = "hall_dense", **changes: Any) -> Scenario:
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
    scenario = delayed(asset=asset)
    found = worth(scenario)
    saving = objective(scenario) - objective(delayed(DAY - MONTH, asset))
    assert saving > 1e-3
    assert found[found["item"] == words]["value"].tolist() == pytest.approx([saving, saving], rel=1e-6)
    assert set(found["unit"]) == {"million CNY/month"}


def test_nothing_is_listed_where_nothing_waits() -> None:
    """1 MW of hall stand: what is announced is not needed."""
    assert worth(delayed().with_(capacity={"metro_coast": {"hall_dense": {"2020-01-01": {"mw": 1.2}}}})).empty


def test_delay_by_region_costs_what_the_date_costs() -> None:
    """12 months late is after the year: only what stands is left."""
    late = {"coast": {"hall_dense": {"months": 12, "source": "invented", "quality": "assumption"}}}
    assert objective(delayed().with_(delays=late)) == pytest.approx(objective(delayed(date(2028, 7, 1))), rel=1e-9)


def builds(monkeypatch: pytest.MonkeyPatch, scenario: Scenario) -> list[dict[str, float]]:
    """What is brought sooner in each program that is built for delays."""
    asked: list[dict[str, float]] = []

    def counted(scenario: Scenario, given: Any, months: Any) -> Plan:
        asked.append(dict(months))
        return solving.build(scenario, given=given, sooner_months=months)

    monkeypatch.setattr(solving, "_sooner", counted)
    worth(scenario)
    return asked


def test_nothing_is_built_where_nothing_can_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing announced; announced but not needed; needed, but in service before the planning year or after it."""
    nothing = delayed().with_(capacity={"metro_coast": {"hall_dense": {DAY.isoformat(): {"status": "existing"}}}})
    assert builds(monkeypatch, nothing) == []
    plenty = delayed().with_(capacity={"metro_coast": {"hall_dense": {"2020-01-01": {"mw": 1.2}}}})
    assert builds(monkeypatch, plenty) == []
    assert builds(monkeypatch, delayed(date(2026, 5, 1))) == []
    assert builds(monkeypatch, delayed(date(2028, 7, 1))) == []


def test_one_program_is_built_for_all_kinds_that_matter() -> None:
    """Hall and connection have a price each, as if both were short; each shifts its own rows alone."""
    announced = {"mw": 0.4, "status": "announced", "source": "invented", "quality": "assumption"}
    scarce = {"2020-01-01": {"mw": 0.3}, DAY.isoformat(): announced}
    scenario = delayed().with_(capacity={"metro_coast": {"grid": scarce}})
    plan = solving.build(scenario)
    session = Session(plan.program.matrix())
    outcome = session.run("simplex")
    priced = replace(outcome, y=np.full_like(outcome.y, -1.0))
    asked: list[dict[str, float]] = []

    def sooner(months: Any) -> Plan:
        asked.append(dict(months))
        return solving.build(scenario, sooner_months=months)

    parts = delay_reliefs(plan, session, priced, sooner, lambda message: None)
    assert asked == [{"hall_dense": 1.0, "hall_standard": 1.0, "grid": 1.0}]
    saved = pd.concat(parts).query("site == ''").set_index("item")["value"]
    assert saved["a month less of delay: grid connections"] > 1e-3
    assert saved["a month less of delay: halls"] == pytest.approx(0, abs=1e-9)
