"""Names of before: read with a warning that says where they stand and what they are called now."""

from __future__ import annotations

import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pandas as pd
import pytest
from builder import tiny
from places import ROOT, TESTS

import eastwest as ew
from eastwest.errors import InputError, RenamedKey, ReportError
from eastwest.results import run_folder
from eastwest.scenario.settings import ResolvedSettings, fields_of
from eastwest.schema.renames import KEYS, QUANTITIES, ROWS, VALUES

OLD = """extends: tiny.yaml
time: {method: clustered, periods: 2}
blocks:
  tasks: [train]
  sizes: {four: 4}
  least_blocks: {four: {2027: 1}}
  whole: true
"""
NEW = """extends: tiny.yaml
time: {method: representative_days, periods: 2}
training_units:
  tasks: [train]
  sizes: {four: 4}
  least_units: {four: {2027: 1}}
  integer: true
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "scenarios"
    shutil.copytree(TESTS / "tiny", target)
    (target / "old.yaml").write_text(OLD)
    (target / "new.yaml").write_text(NEW)
    return target


def test_an_old_file_says_the_same_as_a_new_one(folder: Path) -> None:
    with pytest.warns(RenamedKey) as said:
        old = ew.load_scenario(folder / "old.yaml")
    new = ew.load_scenario(folder / "new.yaml")
    assert old.settings == new.settings
    assert {key: where.replace("old", "new") for key, where in old.origins.items()} == dict(new.origins)
    assert [str(each.message) for each in said] == [
        "old.yaml:3: blocks: is now called 'training_units'",
        "old.yaml:7: training_units.whole: is now called 'training_units.integer'",
        "old.yaml:6: training_units.least_blocks: is now called 'training_units.least_units'",
        "old.yaml:2: time.method: 'clustered' is now called 'representative_days'",
    ]


def test_a_copy_takes_old_names_too(folder: Path) -> None:
    with pytest.warns(RenamedKey, match=r"with_\(\): blocks"):
        copy = ew.load_scenario(folder / "new.yaml").with_(blocks={"integer": False})
    assert not copy.settings.training_units.integer


def test_a_row_of_before_is_read_under_the_name_of_now(folder: Path) -> None:
    """In the user's own table of costs, and in an override of it."""
    costs = ew.load_scenario(folder / "tiny.yaml").tables["costs"]
    row = costs.iloc[[0]].assign(item="block_tier_share", mid=0.25)
    pd.concat([costs, row]).to_csv(folder / "costs.csv", index=False)
    own = "extends: tiny.yaml\ntables: {costs: costs.csv}\n"
    (folder / "own.yaml").write_text(own)
    (folder / "changed.yaml").write_text(own + "costs:\n  block_tier_share: {mid: 0.5}\n")
    at = rf"costs.csv:{len(costs) + 2}: costs/block_tier_share: is now called 'training_unit_tier_share'"
    with pytest.warns(RenamedKey, match=at):
        found = ew.load_scenario(folder / "own.yaml")
    assert tier(found) == [0.25]
    with pytest.warns(RenamedKey) as said:
        changed = ew.load_scenario(folder / "changed.yaml")
    assert [str(each.message).partition(" ")[0] for each in said] == [f"costs.csv:{len(costs) + 2}:", "changed.yaml:4:"]
    assert tier(changed) == [0.5]
    assert changed.origins["costs/training_unit_tier_share/mid"] == "changed.yaml:4"
    with pytest.warns(RenamedKey, match=r"with_\(\): costs/block_tier_share"):
        assert tier(found.with_(costs={"block_tier_share": {"mid": 0.75}})) == [0.75]


def tier(scenario: ew.Scenario) -> list[float]:
    costs = scenario.tables["costs"]
    return costs.loc[costs["item"] == "training_unit_tier_share", "mid"].tolist()


def test_both_names_of_a_row_are_refused(folder: Path) -> None:
    costs = ew.load_scenario(folder / "tiny.yaml").tables["costs"]
    rows = [costs.iloc[[0]].assign(item=name) for name in ("training_unit_tier_share", "block_tier_share")]
    pd.concat([costs, *rows]).to_csv(folder / "costs.csv", index=False)
    (folder / "own.yaml").write_text("extends: tiny.yaml\ntables: {costs: costs.csv}\n")
    with pytest.raises(InputError, match=rf"costs.csv:{len(costs) + 3}: costs/block_tier_share: is the old name of"):
        ew.load_scenario(folder / "own.yaml")
    cells = "{low: 0, mid: 0, high: 0, unit: x}"
    (folder / "both.yaml").write_text(
        f"extends: tiny.yaml\ncosts:\n  block_tier_share: {cells}\n  training_unit_tier_share: {cells}\n"
    )
    with pytest.raises(InputError, match=r"both.yaml:3: costs/block_tier_share: is the old name of"):
        ew.load_scenario(folder / "both.yaml")


def test_both_names_are_refused(folder: Path) -> None:
    (folder / "both.yaml").write_text("extends: tiny.yaml\ntraining_units:\n  integer: true\n  whole: true\n")
    with pytest.raises(InputError, match=r"both.yaml:4: training_units.whole: is the old name of"):
        ew.load_scenario(folder / "both.yaml")


def test_the_command_line_warns_in_a_line_each(folder: Path) -> None:
    command = [sys.executable, "-m", "eastwest", "validate", "old.yaml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "old.yaml: valid" in done.stdout
    lines = done.stderr.splitlines()
    assert len(lines) == 4 and all(line.startswith("eastwest: warning: old.yaml:") for line in lines)


def test_every_new_name_exists_and_no_old_one_does() -> None:
    for old, new in KEYS.items():
        for name, is_there in ((old, False), (new, True)):
            *above, last = name.split(".")
            assert (last in fields_of(ResolvedSettings, tuple(above))) == is_there, name
    for (table, old), new in ROWS.items():
        names = set(pd.read_csv(ROOT / "data" / f"{table}.csv").iloc[:, 0])
        assert old not in names and new in names
    for (key, _), word in VALUES.items():
        section, name = key.split(".")
        assert getattr(ResolvedSettings.model_validate({section: {name: word}}), section)


def test_a_run_of_before_is_read_under_the_names_of_now(folder: Path) -> None:
    with pytest.warns(RenamedKey):
        scenario = ew.load_scenario(folder / "old.yaml")
    result = ew.Result(scenario, "optimal", 1.0, {"primal_violation": 0, "dual_violation": 0, "relative_gap": 0})
    run = folder / "run"
    with pytest.raises(ReportError, match="page"):
        result.save(run)
    text = (run / "scenario.yaml").read_text()
    (run / "scenario.yaml").write_text(text.replace("training_units:", "blocks:").replace("  integer:", "  whole:"))
    labels = dict.fromkeys(result.table.columns, "") | {"year": 2027, "value": 1.0}
    rows = [labels | {"quantity": name, "unit": "blocks", "item": "block_network"} for name in QUANTITIES]
    run_folder.write_table(pd.DataFrame(rows), run / "results.parquet")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = ew.Result.load(run)
    assert set(again.table["quantity"]) == set(QUANTITIES.values())
    assert set(again.table["unit"]) == {"training units"}
    assert set(again.table["item"]) == {"training_unit_network"}
    assert again.scenario.settings.training_units.integer


def test_slices_are_seasons_and_blocks() -> None:
    """12 slices were 4 seasons of 3 blocks; so few are still read, and said to be coarse."""
    with pytest.warns(RenamedKey, match=r"with_\(\): time.slices: is now called 'time: \{seasons: 4, blocks: 6\}'"):
        fine = tiny(time={"slices": 24})
    assert (fine.settings.time.seasons, fine.settings.time.blocks) == (4, 6)
    with pytest.warns(RenamedKey, match=r"\{seasons: 4, blocks: 3, coarse: true\}"):
        coarse = tiny(time={"slices": 12})
    assert (coarse.settings.time.blocks, coarse.settings.time.coarse) == (3, True)
    with pytest.warns(RenamedKey, match="seasons: 2, blocks: 15"):
        assert tiny(time={"slices": 30}).settings.time.blocks == 15


def test_few_blocks_are_refused_where_work_has_a_daily_profile() -> None:
    shaped = {"tasks": {"chat": {"profile": "day"}}}
    with pytest.raises(InputError, match=r"time.blocks: received 3 blocks of the day, expected at least 6.*coarse"):
        tiny(**shaped, time={"blocks": 3, "coarse": False})
    with pytest.raises(InputError, match=r"time.slice_hours: received 4 blocks of the day"):
        tiny(**shaped, time={"method": "hours", "slice_hours": 6, "coarse": False})
    assert tiny(**shaped, time={"blocks": 3, "coarse": True}).no_plan.startswith("No plan: a trial with 3 of")
    assert tiny(**shaped, time={"blocks": 6}).no_plan == ""
    assert tiny(tasks={"*": {"profile": "flat"}}, time={"blocks": 1, "coarse": False}).no_plan == ""


def test_slices_beside_the_new_form_are_refused_and_make_no_hours_coarse() -> None:
    with pytest.raises(InputError, match=r"time.slices: is the old form of seasons and blocks, and blocks stands"):
        tiny(time={"slices": 4, "blocks": 12})
    with pytest.warns(RenamedKey):
        hours = tiny(time={"method": "hours", "slice_hours": 4, "slices": 4})
    assert hours.settings.time.method == "hours"


def test_a_snapshot_stands_for_its_day_alone() -> None:
    with pytest.raises(InputError, match=r"years_represented: a snapshot of the anchor stands for its day alone"):
        tiny(years="anchor", years_represented=[3])
