"""A plan dispatched by the hour: figures by hand, agreement with a plan that saw every hour, windows, and bad input."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from typing import Any

import noise
import pandas as pd
import pytest
from builder import cut, hours, one_place, tiny
from rich.console import Console

import eastwest as ew
from eastwest.analysis.evaluation.dispatch import dispatch
from eastwest.analysis.evaluation.evaluate import Evaluation, evaluate
from eastwest.analysis.evaluation.fixed_plan import fixed_plan_of
from eastwest.analysis.evaluation.windows import Window
from eastwest.errors import InputError
from eastwest.lp.decomposition import pieces
from eastwest.report.terminal.evaluation import print_evaluation
from eastwest.solving.solve import build

YEAR = 2027
WET = {
    site: {"cooling": "evaporative", "wue_l_per_kwh": 1.2, "price_cny_per_m3": 6}
    for site in tiny().tables["sites"]["site"]
} | {"national_cap_m3": 1e6}


def solved(scenario: Any) -> ew.Result:
    return ew.solve(scenario, reliefs=0, growth_table=False)


def total(found: Evaluation, quantity: str, item: str | None = None) -> float:
    rows = found.windows[found.windows["quantity"] == quantity]
    return float(rows["value"].sum() if item is None else rows.loc[rows["item"] == item, "value"].sum())


def compared(found: Evaluation, quantity: str) -> pd.Series:
    rows = found.comparison[found.comparison["quantity"] == quantity]
    assert len(rows) == 1
    return rows.iloc[0]


def test_flat_work_by_hand() -> None:
    """1 MW in 8,760 h at 0.8 CNY/kWh: 8.76 GWh, 7.008 million CNY; nothing is shed."""
    found = evaluate(solved(one_place()), YEAR, processes=1)
    assert total(found, "grid_electricity") == pytest.approx(8760)
    assert total(found, "cost", "energy") == pytest.approx(7.008)
    assert total(found, "shed") == 0
    assert found.certified
    assert compared(found, "grid electricity")[["planned", "evaluated"]].tolist() == pytest.approx([8.76, 8.76])


def test_part_of_the_year() -> None:
    found = evaluate(solved(one_place()), YEAR, hours=240, processes=1)
    assert total(found, "grid_electricity") == pytest.approx(240)
    assert compared(found, "cost of energy")["planned"] == pytest.approx(7.008 * 240 / 8760)


def test_hours_above_the_mean_of_a_slice_are_shed_by_hand() -> None:
    """Planned on one mean day 10 devices are enough; halves of the day at 1.5 and 0.5 need 15 and 5. With 10 energised
    5 devices of 0.5 PFLOP/s are short for 12 h a day: 5 x 0.5 x 12 x 365 = 10,950 PFLOP/s h. Energy: idle 0.5 x 1 MW,
    and busy (10 and 5 devices) 0.5 x 0.1 MW each: 1.0 and 0.75 MW, mean 0.875 MW.
    """
    scenario = one_place(
        profiles={"flat": hours(1.5, 0.5)},
        time=cut(1),
        stock={"base": {"metro_coast": {"alpha": {"*": {"devices": 10}}}}},
    )
    found = evaluate(solved(scenario), YEAR, processes=1)
    assert total(found, "shed") == pytest.approx(10950, rel=1e-6)
    assert total(found, "grid_electricity") == pytest.approx(0.875 * 8760, rel=1e-6)
    assert total(found, "cost", "shed") == pytest.approx(10950 * 900 / 1e6, rel=1e-6)


def test_the_least_valued_is_shed_first_by_hand() -> None:
    """As above 2.5 of 7.5 PFLOP/s are short before noon: of tranches of 30, 50 and 20 % the first asks for 2.25 and
    goes as a whole at 450 CNY, 0.25 of the second at 900.
    """
    said = {"source": "invented for tests", "quality": "assumption"}
    rows = {
        name: {"share": share, **dict.fromkeys(("multiple_low", "multiple_mid", "multiple_high"), multiple), **said}
        for name, share, multiple in (("low", 0.3, 0.5), ("middle", 0.5, 1), ("top", 0.2, 2))
    }
    scenario = one_place(
        profiles={"flat": hours(1.5, 0.5)}, time=cut(1), value_tranches={"all": rows},
        stock={"base": {"metro_coast": {"alpha": {"*": {"devices": 10}}}}},
    )  # fmt: skip
    found = evaluate(solved(scenario), YEAR, processes=1)
    assert total(found, "shed") == pytest.approx(10950, rel=1e-6)
    assert total(found, "cost", "shed") == pytest.approx((2.25 * 450 + 0.25 * 900) * 12 * 365 / 1e6, rel=1e-6)


@cache
def by_the_hour() -> ew.Result:
    """A plan that saw 24 hours of every season."""
    return solved(tiny(time=cut(96)))


def test_a_plan_that_saw_every_hour_is_found_as_promised() -> None:
    found = evaluate(by_the_hour(), YEAR, processes=1)
    for quantity in ("grid electricity", "cost of energy", "carbon"):
        row = compared(found, quantity)
        assert row["evaluated"] == pytest.approx(row["planned"], rel=1e-6)
    assert compared(found, "penalty of shed")["evaluated"] == pytest.approx(0, abs=1e-6)
    assert found.certified


def test_what_holds_only_what_was_decided_is_left_out_and_a_window_of_some_sites_agrees() -> None:
    """No rule is known by its name: of the groups that the plan has, those that hold nothing free are left out.

    A window of one site does what the site does in a window of all: tables, also those of modules from outside, have
    no more than its sites.
    """
    loud = {site: {"sound_w_per_mw": 3} for site in tiny().tables["sites"]["site"]}
    scenario = tiny().with_modules([noise])
    scenario = scenario.with_(noise=loud, policy={"least_installed_pflops": {"intelligent": 1}}, water=WET)
    decided = fixed_plan_of(solved(scenario), YEAR)
    assert {"hall", "connection", "supply", "least_installed"} <= decided.held
    assert set(decided.prices) == {"water_nation"}
    (every, _), (some, _) = (
        dispatch(decided, Window(1, 1, 1, sites)) for sites in (tuple(loud), ("metro_coast",))
    )  # fmt: skip
    assert some and some == [row for row in every if row["site"] == "metro_coast"]


@pytest.mark.parametrize("window_days", [1, 3, 10])
def test_windows_of_any_length_agree(window_days: int) -> None:
    """Work waits a day at most and there is no battery, so nothing links the days."""
    whole = evaluate(by_the_hour(), YEAR, hours=30 * 24, window_days=30, processes=1)
    found = evaluate(by_the_hour(), YEAR, hours=30 * 24, window_days=window_days, processes=1)
    assert total(found, "cost") == pytest.approx(total(whole, "cost"), rel=1e-9)
    assert total(found, "grid_electricity") == pytest.approx(total(whole, "grid_electricity"), rel=1e-9)


def test_two_processes_find_what_one_finds() -> None:
    one = evaluate(by_the_hour(), YEAR, hours=21 * 24, processes=1)
    two = evaluate(by_the_hour(), YEAR, hours=21 * 24, processes=2)
    pd.testing.assert_frame_equal(one.windows, two.windows)


def shown(found: Evaluation) -> dict[str, str]:
    """Lines of the printed comparison, by quantity."""
    stream = io.StringIO()
    print_evaluation(Console(file=stream, width=80, force_terminal=False), found)
    lines = [line for line in stream.getvalue().splitlines() if line]
    return {quantity: line for quantity in found.comparison["quantity"] for line in lines if line.startswith(quantity)}


def test_a_percentage_is_shown_only_of_what_is_not_next_to_nothing() -> None:
    """20 MWh promised beside 100 GWh of the grid is noise: its figures are shown, and no +2,400 %."""
    rows = [
        ("grid electricity", "GWh", 100.0, 99.0), ("curtailed", "GWh", 0.02, 0.5), ("own electricity", "GWh", 0.0, 0.0),
        ("green share", "1", 0.2, 0.215),
    ]  # fmt: skip
    comparison = pd.DataFrame(rows, columns=["quantity", "unit", "planned", "evaluated"])
    found = evaluate(solved(one_place()), YEAR, hours=48, processes=1)
    lines = shown(replace(found, comparison=comparison))
    assert lines["grid electricity"].split()[-4:] == ["100", "99.0", "-1.0", "%"]
    assert lines["curtailed"].split()[-3:] == ["0.02", "0.5", "-"]
    assert lines["own electricity"].split()[-3:] == ["0", "0", "-"]
    assert lines["green share"].split()[-6:] == ["20.0", "%", "21.5", "%", "+1.5", "pts"]


def test_the_program_of_a_plan_does_not_fall_apart_by_site() -> None:
    with pytest.raises(ew.ModelError, match="two parts"):
        list(pieces(build(tiny()).program))


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"year": 2031}, "expected a planning year of the run: 2027"),
        ({"hours": 25}, "expected a multiple of 24"),
        ({"hours": 8784}, "expected a multiple of 24"),
        ({"window_days": 0}, "expected 1 to 365 days"),
    ],
)
def test_bad_input_says_what_is_expected(how: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        evaluate(by_the_hour(), **{"year": YEAR, **how})


def test_it_is_written_whole_and_replaces_only_its_own(tmp_path: Any) -> None:
    found = evaluate(solved(one_place()), YEAR, hours=48, processes=1)
    folder = found.save(tmp_path / "evaluated")
    assert {path.name for path in folder.iterdir()} == {
        "summary.json", "windows.csv", "certificates.csv", "comparison.csv",
    }  # fmt: skip
    found.save(folder)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="not the folder of an evaluation"):
        found.save(tmp_path / "other")
