"""Every scenario that ships with the package, coarse: it is valid, solves to its recorded optimum, which is certified,
and tells the story of its header.

Each is solved once: those of one year, and those whose header promises more than a cost, to a whole result; the other
shocks of several years, which report what their base does, to the optimum. Another solver confirms two of them and a
second run writes one byte for byte; at night all do so, with whole results.

Objectives at 4 slices stand in tests/recorded.json. After a change that is meant: EASTWEST_WRITE_RECORDED=1 pytest
tests/scenarios/test_scenarios.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from builder import cut, optimum
from places import ROOT, TESTS

import eastwest as ew
from eastwest.lp.certificate import Certificate, certify
from eastwest.lp.highs import Session
from eastwest.lp.integers import settle
from eastwest.lp.program import LinearProgram
from eastwest.lp.pulp_bridge import solve_with_pulp, solver_named
from eastwest.scenario import Scenario, load_scenario

FOLDER = ROOT / "scenarios"
RECORDED = TESTS / "recorded.json"
WRITE = bool(os.environ.get("EASTWEST_WRITE_RECORDED"))
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
CONFIRMED = ("calibration-2025", "h20-ban")
"""Solved by CBC too."""
TWICE = "h20-ban"
"""Solved twice, with reliefs."""

TOLD = (
    "ai-bust", "ai-surge", "carbon-high", "national-2026-2028", "national-2026-2030", "power-delay-west",
)  # fmt: skip
"""Of several years, with figures that `test_figures_of_the_stories` reads."""


COMPARED = ["calibration-2025", "h20-ban", "national-2026-2028", "national-2026-2030", "training-clusters-whole"]
"""Neighbours unlike in years, devices, shocks and integers, each with a whole result."""


def parametrize(*by_day: str) -> pytest.MarkDecorator:
    """A test of every scenario: of these in every run, of the others in the nightly target."""
    at_night = pytest.mark.nightly
    return pytest.mark.parametrize(
        "name", [name if name in by_day else pytest.param(name, marks=at_night) for name in NAMES]
    )


SLICES = 4
RELIEFS = 3

AGAIN = """
import sys
import eastwest as ew
scenario = ew.load_scenario(sys.argv[1]).with_(time={"seasons": 4, "blocks": int(sys.argv[2]) // 4, "coarse": True})
ew.solve(scenario, reliefs=int(sys.argv[4]), growth_table=False).save(sys.argv[3])
"""

pytestmark = pytest.mark.slow


@cache
def scenario(name: str) -> Scenario:
    return load_scenario(FOLDER / f"{name}.yaml").with_(time=cut(SLICES))


@cache
def result(name: str) -> ew.Result:
    return ew.solve(scenario(name), reliefs=RELIEFS if name == TWICE else 0, growth_table=False)


def whole(name: str) -> bool:
    """Whether the whole result of a scenario is made, and not its optimum alone."""
    return len(scenario(name).years) == 1 or name in TOLD


@cache
def solved(name: str) -> tuple[float, Certificate]:
    """Objective and certificate of a scenario without a result: integers found, then the program as it is left."""
    program = settled(name)
    matrix = program.matrix()
    found = Session(matrix).run()
    assert found.status == "optimal", found.status
    return found.objective, certify(matrix, found.x, found.y)


def settled(name: str) -> LinearProgram:
    """The program of a scenario; integers are found by HiGHS, to their gap, and fixed."""
    program = ew.build(scenario(name)).program
    gap = scenario(name).settings.solve.mip_gap
    settle(program, [], solver="highs", time_limit_s=None, gap=gap, progress=lambda words: None)
    return program


def objective(name: str) -> float:
    return result(name).objective if whole(name) else solved(name)[0]


def tolerance(name: str) -> float:
    """Of an optimum, relative; integers are found to their gap alone."""
    settings = scenario(name).settings
    return settings.solve.mip_gap if settings.training_units.integer else 1e-9


def recorded() -> dict[str, float]:
    objectives: dict[str, float] = json.loads(RECORDED.read_text(encoding="utf-8")) if RECORDED.is_file() else {}
    return objectives


def test_recorded_are_the_scenarios_that_there_are() -> None:
    if WRITE:
        objectives = {name: float(f"{objective(name):.13g}") for name in NAMES}
        RECORDED.write_text(json.dumps(objectives, indent=2) + "\n", encoding="utf-8")
    assert sorted(recorded()) == NAMES


@parametrize(*NAMES)
def test_objective_is_the_recorded_one_and_certified(name: str) -> None:
    assert objective(name) == pytest.approx(recorded()[name], rel=tolerance(name))
    found = result(name).certificate if whole(name) else solved(name)[1].to_dict()
    assert max(found[what] for what in ("primal_violation", "dual_violation", "relative_gap")) <= 1e-6
    assert result(name).certified if whole(name) else solved(name)[1].holds


@parametrize()
def test_whole_result_is_that_optimum_and_certified(name: str) -> None:
    """What ties and the report add moves nothing."""
    assert result(name).status == "optimal"
    assert result(name).objective == pytest.approx(recorded()[name], rel=tolerance(name))
    assert result(name).certified


@parametrize(*CONFIRMED)
def test_cbc_agrees(name: str) -> None:
    """CBC solves what is left with the integers that HiGHS found."""
    program = settled(name)
    other = solve_with_pulp(program, solver_named("cbc", 600))
    assert other.status == "optimal"
    assert other.objective == pytest.approx(objective(name), rel=1e-6)


@parametrize(TWICE)
def test_a_second_run_writes_the_same_bytes(name: str, tmp_path: Path) -> None:
    """In another process, with another order of sets; reliefs are asked for."""
    found = result(name) if name == TWICE else ew.solve(scenario(name), reliefs=RELIEFS, growth_table=False)
    folders = [found.save(tmp_path / "first"), tmp_path / "second"]
    file, count = str(FOLDER / f"{name}.yaml"), str(RELIEFS)
    command = [sys.executable, "-c", AGAIN, file, str(SLICES), str(folders[1]), count]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "12345"})
    files = [
        {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*"))
         if path.suffix in (".csv", ".parquet")}
        for folder in folders
    ]  # fmt: skip
    assert any(name.endswith(".csv") for name in files[0]) and any(name.endswith(".parquet") for name in files[0])
    assert files[0].keys() == files[1].keys()
    assert [name for name in files[0] if files[0][name] != files[1][name]] == []


def figure(name: str, item: str, kind: str = "intelligent", year: int | None = None) -> float:
    """A headline figure of the last year, or of another."""
    rows = result(name).table
    rows = rows[(rows["quantity"] == "headline") & (rows["item"] == item) & (rows["kind"] == kind)]
    return float(rows.loc[rows["year"] == (year or rows["year"].max()), "value"].sum())


def site_figure(name: str, quantity: str, site: str) -> float:
    rows = result(name).table
    return float(rows.loc[(rows["quantity"] == quantity) & (rows["site"] == site), "value"].sum())


def round_trip(name: str, task: str) -> float:
    """Mean round trip of a task [ms]."""
    rows = result(name).table
    rows = rows[(rows["quantity"] == "mean_round_trip_ms") & (rows["item"] == "by task") & (rows["task"] == task)]
    return float(rows["value"].iloc[0])


STORIES: dict[str, tuple[str, str]] = {
    "ai-bust": ("national-2026-2028", "<"),
    "ai-surge": ("national-2026-2028", ">"),
    "carbon-high": ("national-2026-2030", ">"),
    "cold-wave-low-wind": ("national-2026-2028", ">"),
    "domestic-only": ("national-2028-high", ">"),
    "domestic-surge": ("national-2028-high", "<"),
    "drought-southwest": ("national-2027", ">"),
    "efficiency": ("national-2026-2028", "<"),
    "energised-gap": ("national-2028-high", ">"),
    "h20-ban": ("national-2027", ">"),
    "h200-open": ("national-2028-high", "<"),
    "hbm-shortage": ("national-2028-high", ">"),
    "latency-strict": ("national-2027", ">"),
    "liquid-cooling": ("national-2028-high", ">"),
    "link-cut": ("national-2027", "<="),
    "metro-quota": ("national-2027", ">"),
    "porting-lag": ("national-2028-high", ">"),
    "power-delay-jjj-yrd": ("national-2026-2028", "="),
    "power-delay-west": ("national-2026-2028", ">"),
    "smic-yield": ("national-2028-high", ">"),
    "water-cap": ("national-2027", ">"),
}
"""Scenario -> its base, and how its cost stands to the base's. What moves for two days may even save: routing is freer
in an event. A grid that is late in the East costs nothing: connections there are twice what is rated behind them,
without the late part too. Shocks of supply stand beside the year in which cards are bought."""


@pytest.mark.parametrize("name", STORIES)
def test_a_shock_costs_or_saves_as_its_story_says(name: str) -> None:
    base, sense = STORIES[name]
    ratio = objective(name) / objective(base) - 1
    assert {">": ratio > 1e-5, "<": ratio < -1e-5, "=": abs(ratio) < 1e-9, "<=": -1e-3 < ratio <= 1e-9}[sense], ratio


def test_every_shock_of_the_reference_has_its_scenario() -> None:
    table = (FOLDER.parent / "data" / "reference" / "compute_notes.md").read_text(encoding="utf-8")
    rows = table.split("## Named shock scenarios")[1].split("Shock facts")[0]
    named = {line.split("|")[1].strip().replace("_", "-") for line in rows.splitlines() if line.startswith("| ")}
    assert named - {"id", "base"} <= set(NAMES)
    assert len(named) > 15


def test_figures_of_the_stories() -> None:
    """What the headers promise beside cost."""
    base, scarce = "national-2026-2028", "national-2028-high"
    assert figure(scarce, "served_share") < 0.9 and figure(scarce, "bought_peak") > 100_000
    assert figure("smic-yield", "served_share") < 0.97 * figure(scarce, "served_share")
    assert figure("h200-open", "served_share") > 1.03 * figure(scarce, "served_share")
    assert figure("ai-surge", "served_share") < 0.9 < figure(base, "served_share")
    assert figure("ai-bust", "energised_peak") < 0.8 * figure(base, "energised_peak")
    assert figure("carbon-high", "carbon", "", 2030) < 0.99 * figure("national-2026-2030", "carbon", "", 2030)
    assert figure("power-delay-west", "green_share", "") < figure(base, "green_share", "")
    assert figure("h20-ban", "installed_peak") < figure("national-2027", "installed_peak")
    for task in ("interactive_llm_inference", "agent_inference"):
        assert round_trip("latency-strict", task) <= 10 < round_trip("national-2027", task)
    for site in ("tianfu", "chongqing"):
        promised = site_figure("drought-southwest", "event_promised", site)
        assert site_figure("drought-southwest", "event_done", site) < promised


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(COMPARED, id="some"),
        pytest.param(NAMES, marks=pytest.mark.nightly, id="all"),
    ],
)
def test_any_two_scenarios_compare(names: list[str]) -> None:
    """Neighbours by name: inputs differ, every figure is a figure."""
    for first, second in pairwise(names):
        found = ew.compare(result(first), result(second))
        assert len(found.inputs)
        text = found.to_markdown()
        assert " nan " not in text and " inf " not in text
        assert "## Headline figures" in text


@pytest.mark.parametrize("name", ["national-2026-2028", pytest.param("national-2026-2030", marks=pytest.mark.nightly)])
def test_myopic_years_cost_no_less_than_perfect_foresight(name: str) -> None:
    """Both are present values of one program, and what the years decide one by one is a plan of it."""
    myopic = ew.solve(scenario(name).with_(foresight="myopic"), reliefs=0, growth_table=False)
    assert myopic.certified
    assert myopic.objective >= result(name).objective * (1 - 1e-9)


@pytest.mark.nightly
def test_cbc_agrees_on_the_national_scenario_by_the_hour() -> None:
    """At the scenario's own slices, with the primal side of the certificate."""
    found = optimum(load_scenario(FOLDER / "national-2027.yaml"))
    program = found.plan.program
    other = solve_with_pulp(program, solver_named("cbc", 3600))
    assert other.status == "optimal"
    assert other.objective == pytest.approx(found.objective, rel=1e-6)
    assert certify(program.matrix(), other.x, found.outcome.y).primal_violation <= 1e-6


@pytest.mark.nightly
def test_the_five_years_at_their_own_slices_and_a_full_year_of_them() -> None:
    """Certified, and every window of every site of the full year too."""
    found = ew.solve(load_scenario(FOLDER / "national-2026-2030.yaml"), reliefs=1)
    assert found.certified
    year = ew.evaluate(found, 2028)
    assert year.certified
    assert len(year.certificates) > 52
