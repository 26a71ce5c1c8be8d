"""Result: views come from the results table; a run folder is whole or absent, and the same bytes for the same input."""

from __future__ import annotations

import json
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import synthetic
from places import TINY

from eastwest.analysis.compare import compare
from eastwest.cli import main
from eastwest.errors import InputError, ReportError, SolveError
from eastwest.results import run_folder
from eastwest.results.earlier_runs import OF_A_LIMIT
from eastwest.results.result import Result
from eastwest.results.views import results_table_of
from eastwest.scenario import load_scenario
from eastwest.schema.results_table import COLUMNS
from eastwest.solving.solve import solve


@pytest.fixture(scope="module")
def tiny() -> Result:
    return solve(load_scenario(TINY), reliefs=3, growth_table=False)


@pytest.fixture(scope="module")
def scarce() -> Result:
    """Twice the demand, and ten devices a year."""
    twice, few = {"base": {"intelligent": {"installed_pflops": 220}}}, {"alpha_group": {"2027": {"mid": 5}}}
    return solve(load_scenario(TINY).with_(anchors=twice, supply=few), reliefs=9, growth_table=False)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# The results table and its views


def test_long_table_has_one_form() -> None:
    rows = pd.DataFrame(
        {"quantity": ["b", "a"], "unit": "MW", "year": 2027, "site": [None, "s"], "value": [-0.0, 1 / 3]}
    )
    table = results_table_of(rows)
    assert list(table.columns) == COLUMNS
    assert table["value"].tolist() == [0.333333333, 0.0]
    assert math.copysign(1, table["value"][1]) == 1
    assert table["site"].tolist() == ["s", ""]
    assert results_table_of(table).equals(table)


def test_long_table_refuses_other_columns() -> None:
    with pytest.raises(ValueError, match="workload"):
        results_table_of(pd.DataFrame({"quantity": ["a"], "workload": ["x"], "value": [1.0]}))


def test_utilisation_puts_mean_p95_and_peak_side_by_side() -> None:
    frame = synthetic.result().utilisation
    assert frame[["site", "device", "mean", "p95", "peak"]].to_numpy().tolist() == [["guian", "card", 0.8, 0.9, 0.95]]


def test_flows_are_lines_with_task_rate_and_round_trip() -> None:
    flows = synthetic.result().flows
    assert {"region", "task", "site", "pflops", "round_trip_ms", "geometry"} <= set(flows)
    assert set(flows.geom_type) == {"LineString"}
    west = flows[(flows["region"] == "r1") & (flows["site"] == "guian")].iloc[0]
    assert (west["pflops"], west["round_trip_ms"]) == (60.0, 40.1234568)
    assert list(west["geometry"].coords) == [(116.4, 39.9), (106.6, 26.4)]


def test_sites_have_names_figures_and_no_added_kinds() -> None:
    sites = synthetic.result().sites.set_index("site")
    assert sites.loc["guian", "name_zh"] == "贵安"
    assert sites.loc["guian", "served_intelligent_pflops"] == 60.0
    assert sites.loc["guian", "served_general_pflops"] == 20.0
    assert sites.loc["guian", "utilisation_intelligent_devices"] == 0.8
    assert not [column for column in sites if column == "served_pflops"]


def test_unserved_leaves_out_zero() -> None:
    assert synthetic.result().unserved["value"].tolist() == [10.0]


def test_reliefs_are_ordered_by_what_a_step_saves() -> None:
    frame = synthetic.result().reliefs
    assert frame["saving"].tolist() == [0.05, 3.1, 0.0]
    assert frame["up_to"].tolist()[:2] == [20000.0, 40.0]


def test_views_of_an_empty_table_are_empty() -> None:
    empty = synthetic.result(table=pd.DataFrame(columns=COLUMNS))
    for name, frame in empty.views().items():
        assert len(frame) == 0 or name in ("sites", "data_quality"), name


@pytest.mark.parametrize(
    ("certificate", "holds"),
    [
        (synthetic.CERTIFICATE, True),
        ({}, False),
        ({**synthetic.CERTIFICATE, "relative_gap": 2e-6}, False),
        ({**synthetic.CERTIFICATE, "dual_violation": float("nan")}, False),
        ({"primal_violation": 0.0, "dual_violation": 0.0, "holds": True}, False),
    ],
)
def test_certified_looks_at_all_three_figures(certificate: dict[str, Any], holds: bool) -> None:
    assert synthetic.result(certificate=certificate).certified is holds


# Writing


def test_folder_holds_what_it_must(tmp_path: Path) -> None:
    folder = synthetic.result().save(tmp_path / "run")
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["status"] == "optimal"
    assert summary["objective_million_cny"] == 23.0
    assert summary["certificate"]["relative_gap"] == 3e-9
    assert summary["inputs_sha256"] == {"synthetic.yaml": "0" * 64}
    assert summary["data_quality"]["all"]["rows"] == 39
    assert {"python", "highspy", "pulp", "pandas", "numpy"} <= set(summary["versions"])
    assert set(summary["files"]) == {path.name for path in folder.iterdir()}
    assert (folder.stat().st_mode & 0o777) == 0o777 & ~current_mask()
    for name in ("sites.geojson", "flows.geojson"):
        assert json.loads((folder / name).read_text())["type"] == "FeatureCollection"


def current_mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_same_result_gives_same_bytes(tmp_path: Path) -> None:
    table = synthetic.result().table
    shuffled = synthetic.result(table=table.sample(frac=1, random_state=1))
    first, second = (files(r.save(tmp_path / n)) for r, n in ((synthetic.result(), "a"), (shuffled, "b")))
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name] and name != "summary.json"] == []


def test_only_an_optimal_certified_result_is_saved(tmp_path: Path) -> None:
    for wrong in (synthetic.result(status="time limit"), synthetic.result(certificate={})):
        with pytest.raises(SolveError):
            wrong.save(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_run_is_replaced_whole(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    synthetic.result().save(folder)
    synthetic.result(objective=7.0).save(folder)
    assert json.loads((folder / "summary.json").read_text())["objective_million_cny"] == 7.0
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_failure_in_the_middle_leaves_the_old_run_and_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "run"
    before = files(synthetic.result().save(folder))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run_folder, "write_geojson", full)
    with pytest.raises(InputError, match="No space left"):
        synthetic.result(objective=7.0).save(folder)
    with pytest.raises(InputError, match="No space left"):
        synthetic.result().save(tmp_path / "new")
    assert files(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_interruption_in_the_middle_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run_folder, "write_table", stop)
    with pytest.raises(KeyboardInterrupt):
        synthetic.result().save(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_failed_rename_puts_the_old_run_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "run"
    before = files(synthetic.result().save(folder))
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name.endswith(".partial"):
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(InputError):
        synthetic.result().save(folder)
    assert files(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_folder_that_is_no_run_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "summary.json").write_text('{"of": "something else"}')
    with pytest.raises(InputError, match="not the folder of a run"):
        synthetic.result().save(folder)
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is a file"):
        synthetic.result().save(tmp_path / "file")


def test_notes_in_a_run_folder_are_not_deleted(tmp_path: Path) -> None:
    folder = synthetic.result().save(tmp_path / "run")
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"notes\.txt"):
        synthetic.result().save(folder)
    assert (folder / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=x"])
def test_csv_text_is_never_a_formula(cell: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"name": [cell, "fine"], "value": [-1.5, 2.0]})
    run_folder.write_csv(frame, tmp_path / "x.csv")
    back = pd.read_csv(tmp_path / "x.csv")
    assert back["name"].tolist() == [f"'{cell}".replace("\t", " "), "fine"]
    assert back["value"].tolist() == [-1.5, 2.0]


# Reading


@pytest.mark.parametrize("missing", ["summary.json", "scenario.yaml", "results.parquet"])
def test_load_says_what_is_missing(missing: str, tmp_path: Path) -> None:
    folder = synthetic.result().save(tmp_path / "run")
    (folder / missing).unlink()
    with pytest.raises(InputError, match=missing):
        Result.load(folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "eastwest run", "format_version": 99}', "\x00"])
def test_load_refuses_a_strange_summary(text: str, tmp_path: Path) -> None:
    folder = synthetic.result().save(tmp_path / "run")
    (folder / "summary.json").write_text(text)
    with pytest.raises(InputError, match=r"summary\.json"):
        Result.load(folder)


def test_load_refuses_a_broken_table(tmp_path: Path) -> None:
    folder = synthetic.result().save(tmp_path / "run")
    (folder / "results.parquet").write_bytes(b"no parquet")
    with pytest.raises(InputError, match="Parquet"):
        run_folder.read_table(folder)
    with pytest.raises(InputError, match="not a folder"):
        Result.load(tmp_path / "nowhere")


# With a real solve


def test_saved_run_loads_as_it_was_and_reruns_to_the_same(tiny: Result, tmp_path: Path) -> None:
    folder = tiny.save(tmp_path / "run")
    loaded = Result.load(folder)
    pd.testing.assert_frame_equal(loaded.table, tiny.table)
    assert (loaded.status, loaded.objective, loaded.messages) == (tiny.status, tiny.objective, tiny.messages)
    assert loaded.certified
    again = files(replace(loaded, scenario=tiny.scenario).save(tmp_path / "again"))
    first = files(folder)
    assert [name for name in first if first[name] != again[name] and name != "summary.json"] == []
    solved = solve(loaded.scenario, reliefs=0, growth_table=False)
    assert solved.objective == pytest.approx(tiny.objective, rel=1e-9)


def test_what_limits_are_travels_with_the_run(tiny: Result, tmp_path: Path) -> None:
    again = Result.load(tiny.save(tmp_path / "run"))
    pd.testing.assert_frame_equal(again.constraints, tiny.constraints)
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["format_version"] == 3
    prices = again.table.loc[again.table["quantity"] == "shadow_price", "constraint"]
    pd.testing.assert_frame_equal(again.meaning(prices), tiny.meaning(prices))
    assert "definition" not in set(again.meaning(prices)["kind"])


def test_where_values_stood_travels_with_the_run(tiny: Result, tmp_path: Path) -> None:
    """Settings and cells of a stored run name the scenario's own file, and the same run gives the same bytes."""
    changed = tiny.scenario.with_(devices={"alpha": {"price_cny": 7.0}}, title="dearer")
    folder = replace(tiny, scenario=changed).save(tmp_path / "run")
    again = Result.load(folder)
    assert dict(again.scenario.origins) == dict(changed.origins)
    assert again.scenario.origins["devices/alpha/price_cny"] == again.scenario.origins["title"] == "with_()"
    other = Result.load(tiny.save(tmp_path / "other"))
    places = compare(other, again, names=["a", "b"]).origins.set_index("key")
    assert places.loc["devices/alpha/price_cny", "b"] == "with_()"
    assert places.loc["devices/alpha/price_cny", "a"] == tiny.scenario.origins["tables/devices"]
    assert (again.save(tmp_path / "copy") / "origins.json").read_bytes() == (folder / "origins.json").read_bytes()
    (folder / "origins.json").unlink()
    assert Result.load(folder).scenario.origins["tables/devices"].endswith("inputs/devices.csv")
    (folder / "origins.json").write_text("[1]")
    with pytest.raises(InputError, match="expected a place"):
        Result.load(folder)


def test_rows_of_a_run_that_named_limits_in_words_alone_find_their_limit(scarce: Result, tmp_path: Path) -> None:
    """Format 2 had no column `constraint`: the longest name that an item begins with counts."""
    folder = scarce.save(tmp_path / "run")
    table = pd.read_parquet(folder / "results.parquet")
    table.drop(columns="constraint").to_parquet(folder / "results.parquet")
    with pytest.raises(InputError, match=r"results\.parquet: has no column constraint"):
        Result.load(folder)
    summary = json.loads((folder / "summary.json").read_text())
    (folder / "summary.json").write_text(json.dumps({**summary, "format_version": 2}))
    old = Result.load(folder).table
    named = old["quantity"].isin(OF_A_LIMIT)
    assert set(old.loc[named, "constraint"]) >= {"demand", "hall", "supply", "installed"}
    pd.testing.assert_frame_equal(old[named], scarce.table[named])


def test_a_run_of_before_is_read_and_says_what_it_lacks(
    tiny: Result, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Written before limits declared themselves: no constraints.parquet, version 1 of the folder."""
    folder = tiny.save(tmp_path / "run")
    (folder / "constraints.parquet").unlink()
    summary = json.loads((folder / "summary.json").read_text())
    written = {**summary, "format_version": 1, "versions": {"eastwest": "0.0.9"}}
    (folder / "summary.json").write_text(json.dumps(written))
    old = Result.load(folder)
    pd.testing.assert_frame_equal(old.table, tiny.table)
    with pytest.raises(
        InputError, match=r"was written by eastwest 0\.0\.9 \(format 1 of runs\).*run its scenario again"
    ):
        old.meaning(old.table["constraint"])
    assert main(["explain", str(folder)]) == 2
    assert "was written by eastwest 0.0.9" in capsys.readouterr().err
    with pytest.raises(ReportError, match=r"its page is not .* was written by eastwest 0\.0\.9"):
        old.save(tmp_path / "copy")
    assert Result.load(tmp_path / "copy").constraints.empty


def test_costs_of_the_table_add_up_to_the_objective(tiny: Result) -> None:
    assert tiny.cost["value"].sum() == pytest.approx(tiny.objective, rel=1e-6)


def test_site_figures_add_up(tiny: Result) -> None:
    served = tiny.rows("served")
    for kind, value in served.groupby("kind")["value"].sum().items():
        assert tiny.sites[f"served_{kind}_pflops"].sum() == pytest.approx(value)
    assert tiny.flows["pflops"].sum() == pytest.approx(served["value"].sum())
