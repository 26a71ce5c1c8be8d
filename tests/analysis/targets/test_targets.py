"""Dated targets beside a run: what is judged and how, what would meet it at what cost, and that no row is lost."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from builder import HUB, NEW, tiny
from rich.console import Console

import eastwest as ew
from eastwest.analysis.targets.judging import (
    COMPARED,
    MET,
    MISSED,
    NO_FIGURE,
    NOT_COMPARABLE,
    NOT_SPOKEN_TO,
    OTHER_YEAR,
)
from eastwest.analysis.targets.silent import SILENT
from eastwest.cli import main
from eastwest.report.terminal.write import print_targets
from eastwest.results.figures import sites_of
from eastwest.scenario.catalogue import package_tables
from eastwest.scenario.settings import contracts
from eastwest.schema.metrics import View
from eastwest.schema.units import PUBLISHED

PACKAGE = package_tables()
SPEAKS = {name: metric for name, (_, metric) in contracts().metrics.items()}
Capture = pytest.CaptureFixture[str]
OWN = [
    ("t1", "hub_share_of_new_compute_min", 60, "pct", "2027", "eight hubs", "target", ""),
    ("t2", "ai_compute_target", 0.025, "eflops", "2027", "national", "target", ""),
    ("t3", "ai_compute_target", 9800, "eflops", "2030", "national", "target", ""),
    ("t4", "ai_compute", 0.03, "eflops", "2027-06", "national", "actual", ""),
    ("t5", "ai_compute", 1, "eflops", "2027", "national", "actual", "FP32"),
    ("t6", "pue_max_west", 1.15, "ratio", "approval", "Mesa", "requirement", ""),
    ("t7", "average_pue_max", 1.6, "ratio", "2027-12", "national", "target", ""),
    ("t8", "ten_thousand_card_clusters", 42, "clusters", "2027", "national", "actual", ""),
    ("t9", "total_compute", 1, "eflops", "2027", "national", "actual", "FP32"),
    ("t10", "compute_target", 1, "eflops", "2027", "Coast", "target", ""),
    ("t11", "compute_target", 1, "eflops", "2027", "Atlantis", "target", ""),
    ("t12", "dc_one_way_max", 20, "ms", "2021", "DCs in hub clusters", "requirement", ""),
    ("t13", "city_dc_one_way_max", 10, "ms", "2031", "city DCs", "requirement", ""),
    ("t14", "a_new_thing", None, "none", "2027", "national", "target", ""),
    ("t15", "ai_compute_target", 1, "eflops", "2027", "national", "target", ""),
]  # fmt: skip


PLACES = {
    "eight hubs": "hubs", "Mesa": "mesa", "DCs in hub clusters": "clusters", "city DCs": "metros", "Coast": "coast",
}  # fmt: skip


def own_targets() -> pd.DataFrame:
    columns = ["target", "metric", "value", "unit", "period", "scope", "kind", "basis"]
    table = pd.DataFrame(OWN, columns=columns).assign(topic="test", source="invented for tests", quality="assumption")
    return table.assign(places=table["scope"].map(PLACES).fillna(""))


@pytest.fixture(scope="module")
def outcome() -> ew.Result:
    """20 devices of 1 PFLOP/s are bought, 15 at the coast's metro and 5 at the plateau's; the hub has none."""
    scenario = tiny(**HUB).with_(**NEW).with_(tables={"policy_targets": own_targets()})
    return ew.solve(scenario, reliefs=0, growth_table=False)


@pytest.fixture(scope="module")
def found(outcome: ew.Result) -> pd.DataFrame:
    return ew.targets(outcome).set_index("target")


def test_missed_by_how_much_and_what_enforces_it(found: pd.DataFrame) -> None:
    """No new compute stands in the hub: 60 points below 60 %."""
    row = found.loc["t1"]
    assert (row["figure"], row["year"], row["status"]) == (0, 2027, MISSED)
    assert row["missed_by"] == pytest.approx(60)
    assert row["setting"] == "policy.hub_share_of_new_intelligent: 0.6"


def test_compute_is_counted_in_the_unit_of_the_target(found: pd.DataFrame) -> None:
    """20 PFLOP/s are 0.02 EFLOP/s, 0.005 below the target; the setting is in PFLOP/s."""
    row = found.loc["t2"]
    assert row["figure"] == pytest.approx(0.02) and row["missed_by"] == pytest.approx(0.005)
    assert row["setting"] == "policy.least_installed_pflops: {intelligent: {2027: 25}}"


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("t3", OTHER_YEAR), ("t4", COMPARED), ("t5", NOT_COMPARABLE), ("t6", NO_FIGURE), ("t7", MET), ("t8", NO_FIGURE),
        ("t9", NOT_SPOKEN_TO), ("t10", NOT_COMPARABLE), ("t11", NO_FIGURE), ("t13", OTHER_YEAR), ("t14", NOT_SPOKEN_TO),
    ],
)  # fmt: skip
def test_status(found: pd.DataFrame, target: str, status: str) -> None:
    assert found.loc[target, "status"] == status


def test_a_ceiling_is_judged_the_other_way(found: pd.DataFrame) -> None:
    """Nothing runs at mesa in this plan, so it has no PUE of its own; all metros together have 1.5."""
    assert found.loc["t7", "figure"] == pytest.approx(1.5)
    stands = tiny(**HUB).with_(tables={"policy_targets": own_targets()})
    mesa = ew.targets(ew.solve(stands, reliefs=0, growth_table=False)).set_index("target").loc["t6"]
    assert mesa["place"] == "Mesa cluster" and mesa["setting"] == "approval.pue_ceilings: {h: 1.15}"
    assert mesa["figure"] == pytest.approx(1.2) and mesa["missed_by"] == pytest.approx(0.05)


def test_every_figure_of_a_row_is_in_the_table(found: pd.DataFrame) -> None:
    assert set(found.index) == {row[0] for row in OWN}
    assert found["remark"][found["status"].isin([NOT_SPOKEN_TO, NO_FIGURE, NOT_COMPARABLE])].ne("").all()


def test_price_is_a_second_run_and_says_whether_it_meets_the_target(outcome: ew.Result) -> None:
    table = ew.targets(outcome, price=["t1", "t2"]).set_index("target")
    for target, change in (
        ("t1", {"hub_share_of_new_intelligent": 0.6}),
        ("t2", {"least_installed_pflops": {"intelligent": 25.0}}),
    ):
        again = ew.solve(outcome.scenario.with_(policy=change), reliefs=0, growth_table=False)
        assert table.loc[target, "extra_cost_million_cny"] == pytest.approx(again.objective - outcome.objective)
        assert table.loc[target, "extra_cost_million_cny"] > 0 and "met" in table.loc[target, "remark"]
    assert table["extra_cost_million_cny"].notna().sum() == 2


def test_price_without_a_plan_names_the_limits(outcome: ew.Result) -> None:
    """1,000 PFLOP/s with 40 devices to be had; and 2030 is no planning year."""
    table = ew.targets(outcome, price=["t15", "t3"]).set_index("target")
    assert pd.isna(table.loc["t15", "extra_cost_million_cny"])
    assert "no plan meets it" in table.loc["t15", "remark"] and "accelerator supply" in table.loc["t15", "remark"]
    assert "cannot be asked of this run" in table.loc["t3", "remark"]


def test_report_has_every_part(outcome: ew.Result) -> None:
    file = io.StringIO()
    print_targets(Console(file=file, width=100), "x", ew.targets(outcome))
    for title in (
        "Judged:",
        "Beside the run, not judged:",
        "What would meet them:",
        "What the model does not speak to: 2 rows",
    ):
        assert title in file.getvalue()


# The package's own table


def test_every_row_of_the_package_is_spoken_to_or_said_not_to_be() -> None:
    table = PACKAGE["policy_targets"]
    assert not set(SPEAKS) & set(SILENT)
    assert set(SPEAKS) | set(SILENT) <= set(table["metric"]), "an entry of no row"
    spoken = table[table["metric"].isin(list(SPEAKS))]
    assert set(spoken["unit"]) <= set(PUBLISHED)
    assert len(table) == 103 and len(spoken) == 50


def judged_at(scope: str) -> set[str]:
    """Sites of the places that the package's rows of a scope name."""
    table = PACKAGE["policy_targets"]
    (places,) = set(table.loc[table["scope"] == scope, "places"])
    return {site for place in places.split(";") for site in sites_of(PACKAGE, place)}


@pytest.mark.parametrize(
    ("scope", "sites"),
    [
        ("Gui'an; Horinger; Zhongwei", {"guian", "helingeer", "zhongwei"}),
        ("Zhangjiakou; YRD demo; Wuhu; Shaoguan", {"zhangjiakou", "yrd_demo", "wuhu", "shaoguan"}),
        ("Tianfu; Chongqing", {"tianfu", "chongqing"}),
        ("Horinger cluster", {"helingeer"}),
        ("Shanxi", {"metro_140000"}),
        ("Guizhou", {"guian", "metro_520000"}),
        ("Suzhou", set()),
        ("Ulanqab", set()),
    ],
)
def test_places_of_a_scope(scope: str, sites: set[str]) -> None:
    assert judged_at(scope) == sites


@pytest.mark.parametrize(
    ("scope", "count"),
    [
        ("national", 41),
        ("ten clusters", 10),
        ("hub clusters", 10),
        ("start zones of ten clusters", 10),
        ("city DCs", 31),
    ],
)
def test_a_scope_that_is_a_group(scope: str, count: int) -> None:
    assert len(judged_at(scope)) == count


def test_hub_scopes_hold_metros_of_hub_regions() -> None:
    hubs = set(PACKAGE["sites"].loc[PACKAGE["sites"]["hub"].notna(), "site"])
    for scope in ("eight hubs", "hubs", "new DCs in hubs", "hub nodes", "between national hubs"):
        assert judged_at(scope) == hubs


def test_without_places_the_scope_names_one_or_nobody(outcome: ew.Result) -> None:
    """Tables of before had no places: what is national, or names a site, hub or region, is judged; words are not."""
    own = own_targets().drop(columns=["places", "basis"])
    scenario = replace(outcome.scenario, tables={**outcome.scenario.tables, "policy_targets": own})
    found = ew.targets(replace(outcome, scenario=scenario)).set_index("target")
    assert found.loc["t2", "status"] == MISSED
    assert found.loc["t1", "status"] == found.loc["t10", "status"] == NO_FIGURE


# The command


@pytest.fixture(scope="module")
def folder(outcome: ew.Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return outcome.save(tmp_path_factory.mktemp("targets") / "run")


def run(capsys: Capture, folder: Path, *more: str) -> tuple[int, str, str]:
    code = main(["targets", str(folder), *more])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_command_prints_and_requires(folder: Path, capsys: Capture) -> None:
    code, out, _ = run(capsys, folder)
    assert code == 0 and "missed by" in out and "60.0" in out and "points" in out and "--all lists them" in out
    assert "a new thing" not in out and "a new thing" in run(capsys, folder, "--all")[1]
    code, _, said = run(capsys, folder, "--require")
    assert code == 1 and "t1" in said


def test_command_prints_json(folder: Path, capsys: Capture) -> None:
    rows = json.loads(run(capsys, folder, "--json")[1])
    of = {row["target"]: row for row in rows}
    assert set(of) == {row[0] for row in OWN}
    assert of["t1"]["missed_by"] == pytest.approx(60) and of["t4"]["missed_by"] is None


def test_command_prices_what_is_named(folder: Path, capsys: Capture) -> None:
    code, out, _ = run(capsys, folder, "--quiet", "--price", "t1")
    assert code == 0 and "million CNY more" in " ".join(out.split())


def test_unknown_target_is_refused(folder: Path, capsys: Capture) -> None:
    code, _, said = run(capsys, folder, "--price", "t99")
    assert code == 2 and "t99" in said


def test_training_units_count_by_the_size_that_their_name_stands_for() -> None:
    """Names are the scenario's: 10k is 10,000 devices because the scenario says so; 12.5 + 1 of 10,000 or more."""
    rows = pd.DataFrame({"quantity": "training_units", "item": ["10k", "100k", "rack"], "value": [12.5, 1.0, 40.0]})
    sizes = SimpleNamespace(sizes={"10k": 10_000, "100k": 100_000, "rack": 64})
    view = View({"training_units": rows}, {}, set(), 2027, sizes)
    assert SPEAKS["ten_thousand_card_clusters"].of(view) == 13.5
