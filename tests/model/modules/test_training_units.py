"""Work that runs only inside blocks, in parts and in whole numbers.

`country`: one task, train, asked for by the coast alone: 100 x 0.8 x 0.25 = 20 PFLOP/s reference, x 0.4 = 8
delivered, on 20 devices alpha at 0.4. 12 stand at the cheap cluster mesa, 20 at the metro of the coast; none can be
bought. A device draws 0.8 kW; the coast pays 0.8 CNY/kWh x PUE 1.5, mesa 0.4 x 1.2. A block has 10 devices unless said
otherwise.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builder import Optimum, attempt, cut, one_place, optimum, tiny
from pyproj import Geod
from rich.console import Console

import eastwest as ew
from eastwest.analysis.evaluation.evaluate import evaluate
from eastwest.errors import InputError, ModelError
from eastwest.lp import highs
from eastwest.lp.certificate import certify
from eastwest.lp.highs import Outcome, Session
from eastwest.lp.integers import Search, settle, warnings
from eastwest.lp.program import LinearProgram
from eastwest.lp.pulp_bridge import solve_with_pulp, solver_named
from eastwest.lp.solution import Solution
from eastwest.model.modules import training_units
from eastwest.report.terminal.write import print_report
from eastwest.solving.solve import NotOptimal, build

TEN = {"tasks": ["train"], "sizes": {"ten": 10}}
TWO = {"tasks": ["train"], "sizes": {"four": 4, "ten": 10}}
NOTHING_SOLD = {"supply": {"*": {"*": {"mid": 0}}}, "commitments": {"*": {"*": {"*": {"devices": 0}}}}}
TIER = {"training_unit_tier_share": {"low": 0.1, "mid": 0.1, "high": 0.1, "unit": "1"}}


def country(**changes: object) -> ew.Scenario:
    stands = {"mesa": {"alpha": {2025: {"devices": 12}}}, "metro_plateau": {"alpha": {2025: {"devices": 0}}}}
    return tiny(
        tasks={"chat": None, "train": {"share": 0.25}},
        demand={"coast": {"train": {"share": 1}}, "plateau": {"train": {"share": 0}}},
        devices={"beta": None},
        stock={"base": stands},
        time=cut(3),
        **NOTHING_SOLD,
    ).with_(**changes)


def whole(scenario: ew.Scenario, gap: float = 1e-9) -> tuple[Optimum, Search]:
    """The optimum in whole numbers, and how the search ended."""
    plan = build(scenario.with_(training_units={"integer": True}))
    search = settle(
        plan.program, list(plan.rules), solver="highs", time_limit_s=None, gap=gap, progress=lambda words: None
    )
    assert search is not None
    outcome = Session(plan.program.matrix()).run()
    assert outcome.status == "optimal"
    return Optimum(plan, outcome, Solution(plan.program, outcome.x, outcome.y)), search


def at_work(found: Optimum, site: str) -> float:
    """Devices of training at work at a site, mean of the day."""
    return found.value("run", site=site) / 3


def km(from_longitude: float) -> float:
    return Geod(ellps="WGS84").inv(from_longitude, 40.0, -4.5, 41.0)[2] / 1000


MWH = 0.0008 * 8760
"""A training device in a year [MWh of IT]."""
TRAFFIC = 0.4 * 0.01 / 0.4
"""Gbit/s of one device at work: 0.4 PFLOP/s delivered, 0.01 per PFLOP/s of peak."""
MORE_EXPENSIVE = MWH * (1200 - 480) / 1e6 - TRAFFIC * (km(-8.5) / 1000 * 0.1 + 0.04)
"""What a device at the coast costs more a year than one at mesa [million CNY]: energy, less the corridor."""


# By hand


def test_off_by_default() -> None:
    found = optimum(country())
    assert "training_unit" not in found.plan.program.variables
    assert not [name for name in found.plan.program.constraints if "training_unit" in name]


def test_parts_of_blocks() -> None:
    """12 devices at mesa are 1.2 blocks, the other 8 at the coast 0.8; it costs what it costs without blocks."""
    found = optimum(country(training_units=TEN))
    assert found.value("training_unit", site="mesa") == pytest.approx(1.2)
    assert found.value("training_unit", site="metro_coast") >= 0.8 - 1e-9
    assert found.objective == pytest.approx(optimum(country()).objective)


def test_whole_blocks_move_work_to_another_site() -> None:
    """One block of 10 at mesa, one at the coast: two devices work at the coast instead of at mesa."""
    found, search = whole(country(training_units=TEN))
    assert found.value("training_unit", site="mesa") == found.value("training_unit", site="metro_coast") == 1
    assert at_work(found, "mesa") == pytest.approx(10)
    assert found.value("unserved") == pytest.approx(0, abs=1e-9)
    assert found.objective - optimum(country(training_units=TEN)).objective == pytest.approx(2 * MORE_EXPENSIVE)
    assert optimum(country(training_units=TEN)).objective <= search.relaxation * (1 + 1e-9)
    assert search.relaxation <= search.bound * (1 + 1e-9) and search.bound <= found.objective * (1 + 1e-9)


def test_what_no_block_takes_is_unserved() -> None:
    """12 devices, nothing else: parts serve 12 x 0.4 = 4.8 PFLOP/s of 8, whole blocks 10 x 0.4 = 4."""
    alone = country(training_units=TEN, stock={"base": {"metro_coast": {"alpha": {2025: {"devices": 0}}}}})
    assert optimum(alone).value("unserved") == pytest.approx(8 - 4.8)
    found, _ = whole(alone)
    assert found.value("training_unit") == 1
    assert found.value("unserved") == pytest.approx(8 - 4)


def test_no_block_where_too_few_can_stand() -> None:
    """A block of 15: none at mesa, whose 12 do no training; 20 at the coast are 4/3 blocks, or one of 15 devices."""
    units = {"tasks": ["train"], "sizes": {"fifteen": 15}}
    found = optimum(country(training_units=units))
    assert at_work(found, "mesa") == pytest.approx(0, abs=1e-9)
    assert found.value("training_unit", site="metro_coast") == pytest.approx(20 / 15)
    assert whole(country(training_units=units))[0].value("unserved") == pytest.approx(8 - 15 * 0.4)


def test_what_can_be_bought_makes_a_block_possible() -> None:
    """40 can be bought at mesa: 12 + 40 devices may be a block of 15."""
    sold = country(training_units={"tasks": ["train"], "sizes": {"fifteen": 15}}, supply={"*": {"*": {"mid": 40}}})
    found = optimum(sold)
    upper = dict(
        zip(found.table("training_unit")["site"], found.plan.program.variables["training_unit"].upper, strict=True)
    )
    assert upper["mesa"] == np.inf
    assert build(sold.with_(training_units={"integer": True})).program.variables[
        "training_unit"
    ].upper.max() == np.floor(60 / 15)


def test_no_block_of_a_device_that_does_not_scale_so_far() -> None:
    few = country(training_units=TEN, devices={"alpha": {"largest_group_devices": 8}})
    assert optimum(few).value("unserved") == pytest.approx(8)


def test_other_work_may_use_what_stands_outside_blocks() -> None:
    """Chat is not in blocks: its devices and those of training are groups of their own, as they are without blocks."""
    scenario = tiny(training_units=TEN, time=cut(3))
    groups = build(scenario).program.variables["run"].index["group"].unique()
    assert list(groups) == ["within-24h/training"]


def test_work_in_blocks_is_not_grouped_with_other_work() -> None:
    """A second task of the same window and devices is a group of its own as soon as one of them runs in blocks."""
    again = {
        "workload": "train", "name_en": "Again", "kind": "intelligent", "work": "training", "share": 0.1,
        "growth_low_per_year": 0, "growth_mid_per_year": 0, "growth_high_per_year": 0, "round_trip_limit_ms": 100,
        "residency": "national", "window_h": 24, "profile": "flat", "gbps_per_peak_pflops": 0.01,
        "value_cny_per_peak_pflops_h": 20, "criticality": 3, "foreign_devices_allowed": True,
        "least_scale_up_devices": 4,
    }  # fmt: skip
    both = country(tasks={"again": again}, demand={"coast": {"again": {"share": 1}}})
    assert optimum(both).table("run")["group"].nunique() == 1
    assert optimum(both.with_(training_units=TEN)).table("run")["group"].nunique() == 2


def test_interactive_work_in_blocks() -> None:
    """Chat needs 10 devices all day; blocks of 8: 1.25, or 2 whole ones of 16 devices that are energised for it."""
    units = {"tasks": ["chat"], "sizes": {"eight": 8}}
    scenario = one_place(training_units={**units, "tiers_in_devices": 0}, costs=TIER)
    assert optimum(scenario).value("training_unit") == pytest.approx(1.25)
    found, _ = whole(scenario)
    assert found.value("training_unit") == 2
    assert found.value("energised") == pytest.approx(16)


def test_network_of_a_block() -> None:
    """Ten devices of 0.1 million CNY, one tier of 10 %: 0.1 million, at 10 % over 5 years and 5 % O&M, a block."""
    annuity = 0.1 / (1 - 1.1**-5)
    found, _ = whole(country(training_units={**TEN, "tiers_in_devices": 0}, costs=TIER))
    assert found.cost("training_unit_network") == pytest.approx(2 * 10 * 0.1 * 0.1 * (annuity + 0.05))


@pytest.mark.parametrize(
    ("devices", "ports", "tiers"),
    [(64, 64, 1), (65, 64, 2), (2048, 64, 2), (2049, 64, 3), (10_000, 64, 3), (65_536, 64, 3), (100_000, 64, 4)],
)
def test_tiers_of_switches(devices: int, ports: int, tiers: int) -> None:
    """A folded Clos network of t tiers of p ports joins 2 x (p / 2)^t ends."""
    assert training_units._tiers(devices, ports) == tiers


# Rules


def test_share_in_large_blocks() -> None:
    """Blocks of 4 and 10: 12 devices at mesa and 8 at the coast; all in tens: the same parts, and two whole tens."""
    scenario = country(training_units={**TWO, "shares": {"ten": 1.0}})
    found = optimum(scenario)
    assert found.objective == pytest.approx(optimum(country()).objective)
    assert found.value("in_training_unit", size="four") == pytest.approx(0, abs=1e-9)
    large, _ = whole(scenario)
    assert large.value("training_unit", size="ten") == 2
    assert at_work(large, "mesa") == pytest.approx(10)


def test_without_a_share_small_blocks_do() -> None:
    """Three fours at mesa hold all 12; two at the coast the other 8."""
    found, _ = whole(country(training_units=TWO))
    assert at_work(found, "mesa") == pytest.approx(12)
    assert found.objective == pytest.approx(optimum(country()).objective)


def test_a_share_of_half_in_tens() -> None:
    """Half of 20 devices: one ten at the coast, or at mesa; the fours take the rest and mesa keeps its 12 (4+4+4)."""
    found, _ = whole(country(training_units={**TWO, "shares": {"ten": 0.4}}))
    assert at_work(found, "mesa") == pytest.approx(12)
    assert found.value("training_unit", size="ten", site="metro_coast") == 1
    row = found.row("training_unit_share_ten")
    assert row["activity"] >= -1e-9


def test_larger_blocks_count_for_smaller_sizes() -> None:
    """At least 3 blocks of four or more: a ten counts."""
    found, _ = whole(country(training_units={**TWO, "shares": {"ten": 1.0}, "least_units": {"four": 3}}))
    assert found.value("training_unit") >= 3


def test_a_least_number_of_blocks_costs_what_standing_idle_costs() -> None:
    """3 tens: 10 at mesa's 12, 20 at the coast, where the others stand idle at 0.28 kW; in parts mesa keeps 1.2."""
    base, scenario = (
        optimum(country(training_units=TEN)),
        country(training_units={**TEN, "least_units": {"ten": {2027: 3}}}),
    )
    found = optimum(scenario)
    assert found.value("training_unit") == pytest.approx(3)
    assert found.value("energised") == pytest.approx(30)
    assert found.objective - base.objective == pytest.approx(10 * 0.00028 * 8760 * 1200 / 1e6)
    large, _ = whole(scenario)
    assert large.value("training_unit", site="metro_coast") == 2
    assert large.objective >= found.objective


def test_more_blocks_than_devices_is_explained() -> None:
    """32 devices stand: four tens are impossible in any numbers."""
    with pytest.raises(NotOptimal) as error:
        ew.solve(country(training_units={**TEN, "least_units": {"ten": 4}}))
    assert error.value.status == "infeasible"
    assert any("least number of training units of ten or more" in line for line in error.value.lines)


def test_whole_blocks_that_parts_would_allow_are_explained() -> None:
    """15 devices at each of two sites, two tens and three of six or more: a ten and 5/6 of a six at each in parts."""
    stands = {"mesa": {"alpha": {2025: {"devices": 15}}}, "metro_coast": {"alpha": {2025: {"devices": 15}}}}
    units = {"tasks": ["train"], "sizes": {"six": 6, "ten": 10}, "least_units": {"six": 3, "ten": 2}}
    scenario = country(training_units=units, stock={"base": stands})
    assert optimum(scenario).value("training_unit") >= 3 - 1e-9
    with pytest.raises(NotOptimal) as error:
        ew.solve(scenario.with_(training_units={"integer": True}))
    assert error.value.status == "infeasible"
    text = "\n".join(error.value.lines)
    assert (
        "With parts of training units there is a plan" in text
        and "least number of training units of six or more" in text
    )


def moved(scenario: ew.Scenario, name: str, delta: float) -> float:
    """The optimum with the right-hand side of a row moved."""
    plan = build(scenario)
    session, rows = Session(plan.program.matrix()), plan.program.constraints[name]
    side = rows.right_hand_side + delta
    session.set_row_bounds(np.arange(rows.offset, rows.offset + len(rows)), side, np.full(len(rows), np.inf))
    outcome = session.run()
    assert outcome.status == "optimal"
    return outcome.objective


@pytest.mark.parametrize(
    ("name", "rules", "delta"),
    [
        ("least_training_units_ten", {**TEN, "least_units": {"ten": 2.7}}, 1e-2),
        ("least_training_units_ten", {**TEN, "least_units": {"ten": 2}}, 1e-2),
        ("training_unit_share_ten", {**TWO, "shares": {"ten": 0.5}, "tiers_in_devices": 1, "switch_ports": 8}, 1e-2),
    ],
)
def test_duals_of_rules_lie_between_difference_quotients(name: str, rules: dict[str, object], delta: float) -> None:
    scenario = country(training_units=rules, costs=TIER)
    found = optimum(scenario)
    below = (found.objective - moved(scenario, name, -delta)) / delta
    above = (moved(scenario, name, delta) - found.objective) / delta
    dual = float(found.row(name)["dual"])
    assert below - 1e-6 <= dual <= above + 1e-6
    if above - below < 1e-6:
        assert dual == pytest.approx(above, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("rule", [{"shares": {"ten": 0.5}}, {"least_units": {"ten": 2}}, {"shares": {"four": 1.0}}])
def test_a_rule_costs_at_least_nothing(rule: dict[str, object]) -> None:
    base = country(training_units={**TWO, "tiers_in_devices": 0}, costs=TIER)
    assert optimum(base.with_(training_units=rule)).objective >= optimum(base).objective - 1e-9
    assert optimum(base).objective >= optimum(country()).objective - 1e-9
    assert whole(base.with_(training_units=rule))[0].objective >= whole(base)[0].objective - 1e-9


# Whole numbers


def uneven(size: int, **changes: object) -> ew.Scenario:
    """Both regions of the tiny country, chat and all devices; training in blocks of an awkward size, with a network."""
    units = {"tasks": ["train"], "sizes": {"some": size}, "tiers_in_devices": 0}
    return tiny(training_units=units, costs=TIER).with_(**changes)


@pytest.mark.parametrize("size", [3, 7, 11, 13, 17])
def test_parts_and_whole_blocks_bracket(size: int) -> None:
    """Relaxed <= whole <= the relaxation's blocks rounded down, which is a plan; the bound lies between."""
    relaxed = optimum(uneven(size))
    found, search = whole(uneven(size))
    below = build(uneven(size))
    group = below.program.variables["training_unit"]
    places = np.arange(group.offset, group.offset + len(group))
    rounded = np.floor(relaxed.outcome.x[places] + 1e-7)
    session = Session(below.program.matrix())
    session.set_column_bounds(places, rounded, rounded)
    upper = session.run()
    assert upper.status == "optimal"
    assert relaxed.objective <= found.objective * (1 + 1e-9)
    assert found.objective <= upper.objective * (1 + 1e-9)
    assert relaxed.objective <= search.bound * (1 + 1e-9) and search.bound <= found.objective * (1 + 1e-9)


@pytest.mark.parametrize("size", [7, 13])
def test_cbc_agrees(size: int) -> None:
    program = build(uneven(size, training_units={"integer": True})).program
    other = solve_with_pulp(program, solver_named("cbc", None, 1e-9))
    assert other.status == "optimal"
    assert other.x[program.matrix().integer] == pytest.approx(np.round(other.x[program.matrix().integer]), abs=1e-6)
    assert other.objective == pytest.approx(whole(uneven(size))[0].objective, rel=1e-6)


def test_glpk_is_told_the_gap() -> None:
    assert solver_named("glpk", 10, 0.5).options[:2] == ["--mipgap", "0.5"]
    assert solver_named("cbc", 10, 0.5).optionsDict["gapRel"] == 0.5


def test_the_certificate_is_of_the_plan_with_its_blocks_as_they_are() -> None:
    plan = build(uneven(7, training_units={"integer": True}))
    assert len(plan.program.matrix().integer) == len(plan.program.variables["training_unit"])
    settle(plan.program, [], solver="highs", time_limit_s=None, gap=1e-9, progress=lambda words: None)
    matrix = plan.program.matrix()
    assert not len(matrix.integer)
    outcome = Session(matrix).run()
    assert certify(matrix, outcome.x, outcome.y).holds
    group = plan.program.variables["training_unit"]
    values = outcome.x[group.offset : group.offset + len(group)]
    assert values == pytest.approx(np.round(values), abs=0) and values.max() > 0


def test_a_linear_program_has_nothing_to_settle() -> None:
    plan = build(uneven(7))
    assert settle(plan.program, [], solver="highs", time_limit_s=None, gap=0.1, progress=lambda words: None) is None


def test_a_search_that_ends_early_says_so() -> None:
    """A plan of 102 and a bound of 100: 2 parts in 102."""
    search = Search("time limit", 100.0, 99.0)
    assert search.to_dict(102.0)["mip_gap"] == pytest.approx(2 / 102)
    lines = warnings(build(uneven(7, training_units={"integer": True})).program, search, 1e-4)
    assert "its whole training units as they are" in lines[0] and "ended by time limit" in lines[1]


@pytest.mark.parametrize(("status", "words"), [("time limit", "allow more"), ("infeasible or unbounded", "whole ones")])
def test_no_plan_in_whole_numbers(monkeypatch: pytest.MonkeyPatch, status: str, words: str) -> None:
    nothing = Outcome(status, float("nan"), np.zeros(0), np.zeros(0))
    monkeypatch.setattr(Session, "search", lambda *_: (nothing, float("nan")))
    with pytest.raises(NotOptimal) as error:
        ew.solve(uneven(7, training_units={"integer": True}), reliefs=0)
    assert words in error.value.lines[0]
    monkeypatch.undo()


def test_the_search_reports_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highs, "SECONDS_BETWEEN_REPORTS", -1.0)
    said: list[str] = []
    program = build(uneven(7, training_units={"integer": True})).program
    settle(program, [], solver="highs", time_limit_s=None, gap=0.0, progress=said.append)
    assert any("searching whole numbers for 0 s" in line and "bound" in line for line in said)


def test_text_and_pulp_show_whole_numbers(tmp_path: Path) -> None:
    plan = build(country(training_units={**TEN, "integer": True}))
    assert "  0 <= training_unit[ten,mesa,alpha,2027] <= 1, a whole number" in list(plan.program.text())
    plan.to_pulp().writeLP(str(tmp_path / "whole.lp"))
    assert "Generals\ntraining_unit_ten_metro_coast_alpha_2027\n" in (tmp_path / "whole.lp").read_text()


def test_whole_numbers_are_not_scaled() -> None:
    with pytest.raises(ModelError, match="cannot be scaled"):
        LinearProgram().add_variables("n", pd.DataFrame({"a": [1]}), unit="1", integer=True, scale=10)


# From end to end


def test_a_whole_run_keeps_its_gap(tmp_path: Path) -> None:
    """Solved, saved, read back: gap and bound beside the certificate; a warning says what it is of."""
    result = ew.solve(uneven(7, training_units={"integer": True}, solve={"mip_gap": 0.01}), reliefs=3)
    assert result.certified
    assert 0 <= result.certificate["mip_gap"] <= 0.01 + 1e-9
    assert result.certificate["mip_relaxation"] <= result.certificate["mip_bound"] * (1 + 1e-9)
    assert any("whole training units as they are" in message for message in result.messages)
    again = ew.Result.load(result.save(tmp_path / "run"))
    assert again.certificate["mip_gap"] == result.certificate["mip_gap"]
    assert again.certificate["mip_bound"] == result.certificate["mip_bound"]
    text = io.StringIO()
    print_report(Console(file=text, width=200), again)
    assert "the search for integer numbers ended within a gap of" in text.getvalue()
    assert "Training clusters" in text.getvalue()


def test_cbc_from_end_to_end() -> None:
    own = ew.solve(uneven(7, training_units={"integer": True}), reliefs=0, growth_table=False)
    other = ew.solve(uneven(7, training_units={"integer": True}), solver="cbc", reliefs=0, growth_table=False)
    assert other.objective == pytest.approx(own.objective, rel=2e-4)
    assert other.certified and other.certificate["mip_gap"] >= 0


def test_report_by_hand() -> None:
    """12 at mesa, 20 energised at the coast where all is switched on: 1 and 2 tens possible, 1 and 1 used."""
    table = ew.solve(country(training_units={**TEN, "integer": True}, devices={"energise": "all"}), reliefs=0).table
    used = table[table["quantity"] == "training_units"].set_index("site")["value"]
    assert used["mesa"] == 1 and used["metro_coast"] in (1, 2)
    for quantity in ("training_units_possible", "training_units_in_place"):
        rows = table[table["quantity"] == quantity]
        assert rows.set_index("site")["value"].to_dict() == {"mesa": 1, "metro_coast": 2}
        assert set(rows["item"]) == {"ten"} and set(rows["unit"]) == {"training units"}
    busy = table[table["quantity"] == "devices_in_training_units"].set_index("site")["value"]
    assert busy.to_dict() == pytest.approx({"mesa": 10, "metro_coast": 10})


def test_report_of_shares() -> None:
    table = ew.solve(country(training_units={**TWO, "shares": {"ten": 0.5}}), reliefs=0).table
    share = table[table["quantity"] == "share_in_training_units"]
    assert share["item"].tolist() == ["ten or more"] and share["value"].iloc[0] >= 0.5 - 1e-9


def two_years(**changes: object) -> ew.Scenario:
    return country(years=[2027, 2028], finance={"discount_rate": 0}, devices={"alpha": {"lifetime_years": 9}}).with_(
        **changes
    )


@pytest.mark.parametrize("foresight", ["perfect", "myopic"])
def test_several_years_in_whole_blocks(foresight: str) -> None:
    """Each year has its own blocks; 10 and 10 devices in both."""
    scenario = two_years(training_units={**TEN, "integer": True}, foresight=foresight)
    table = ew.solve(scenario, reliefs=2).table
    used = table[table["quantity"] == "training_units"]
    for year in (2027, 2028):
        at = used[used["year"] == year].set_index("site")["value"]
        assert at["mesa"] == 1 and at["metro_coast"] in (1, 2)


def test_a_plan_in_whole_blocks_is_evaluated_by_the_hour() -> None:
    """The blocks of the plan stand; a flat load sheds nothing."""
    result = ew.solve(country(training_units={**TEN, "integer": True, "least_units": {"ten": 2}}), reliefs=0)
    found = evaluate(result, 2027, hours=48, processes=1)
    assert found.certified
    comparison = found.comparison.set_index("quantity")
    shed = [name for name in comparison.index if "shed" in name]
    assert shed and comparison.loc[shed, "evaluated"].abs().max() == pytest.approx(0, abs=1e-6)


# Bad input


@pytest.mark.parametrize(
    ("units", "message"),
    [
        ({"tasks": ["trian"], "sizes": {"ten": 10}}, "training_units.tasks: received 'trian', expected a row of tasks"),
        ({"tasks": ["train"]}, "training_units.sizes: received no sizes"),
        (
            {**TEN, "shares": {"tne": 0.5}},
            "training_units.shares: received 'tne', expected one of training_units.sizes",
        ),
        ({**TEN, "least_units": {"five": 1}}, "training_units.least_units: received 'five'"),
        ({**TEN, "least_units": {"ten": {2031: 1}}}, "received the year 2031"),
        ({**TEN, "shares": {"ten": 1.5}}, "training_units.shares"),
        ({"tasks": ["train"], "sizes": {"ten": 0}}, "training_units.sizes"),
        ({**TEN, "switch_ports": 2}, "training_units.switch_ports"),
    ],
)
def test_bad_settings_are_named(units: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        country(training_units=units)


def test_a_network_needs_its_price() -> None:
    with pytest.raises(InputError, match="training_unit_tier_share"):
        attempt(country(training_units={**TEN, "tiers_in_devices": 0}))
