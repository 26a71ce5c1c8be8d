"""The command line: exit codes, one line for each error, nothing written unless there is a plan, readable in a pipe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from places import TINY
from rich.cells import cell_len

import eastwest
import eastwest.cli.comparing
from eastwest.cli import main
from eastwest.cli.solving import split_change
from eastwest.errors import InputError

VERBS = (
    "run", "report", "evaluate", "compare", "explain", "map", "targets", "export", "validate", "schema", "new", "data",
    "version",
)  # fmt: skip
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*more: str) -> int:
    return main(["run", str(TINY), "--quiet", "--reliefs", "0", "--no-growth-table", *more])


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Folder of a run that tests read and leave as it is."""
    folder = tmp_path_factory.mktemp("runs") / "plan"
    assert run("-o", str(folder)) == 0
    return str(folder)


def solver_raises(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(*_: object, **__: object) -> Any:
        raise error

    monkeypatch.setattr(sys.modules["eastwest.solving.solve"], "solve", fail)


# Help and names


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(verb: str, capsys: Capture) -> None:
    assert main([verb, "--help"]) == 0
    out = capsys.readouterr().out
    assert f"example:\n  eastwest {verb}" in out


def test_wrong_use_exits_2(capsys: Capture) -> None:
    assert main([]) == 2
    assert main(["rnu"]) == 2
    assert main(["run"]) == 2
    assert main(["run", "x.yaml", "--slices", "0"]) == 2
    assert main(["run", "x.yaml", "--time-limit", "nan"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_help_loads_nothing_heavy() -> None:
    subprocess.run([sys.executable, "-m", "eastwest", "--help"], check=True, capture_output=True)
    heavy = (
        "import sys, eastwest.cli; print([m for m in ('pandas', 'rich', 'highspy', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", heavy], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_public_names_are_true_and_sorted() -> None:
    assert eastwest.__all__ == sorted(eastwest.__all__)
    assert all(getattr(eastwest, name) is not None for name in eastwest.__all__)
    assert dir(eastwest) == eastwest.__all__
    with pytest.raises(AttributeError):
        eastwest.nothing  # noqa: B018


def test_functions_stay_functions_when_modules_of_their_name_are_imported() -> None:
    modules = "eastwest.analysis.compare, eastwest.solving.solve"
    code = f"import eastwest as ew, {modules}; print(callable(ew.solve), callable(ew.compare))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["True", "True"]


# run


def test_run_writes_reports_and_exits_0(here: Path, capsys: Capture) -> None:
    assert run() == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "Written to runs/tiny" in out
    assert all(letter.isprintable() for letter in out.replace("\n", ""))
    assert all(cell_len(line) <= 80 for line in out.splitlines())
    assert json.loads((here / "runs/tiny/summary.json").read_text())["status"] == "optimal"


def test_progress_goes_to_stderr(here: Path, capsys: Capture) -> None:
    assert main(["run", str(TINY), "--reliefs", "0", "--no-growth-table", "-o", "x"]) == 0
    assert "solving" in capsys.readouterr().err


def test_saved_scenario_says_what_was_run(here: Path, capsys: Capture) -> None:
    assert (
        run(
            "-o", "out", "--blocks", "2", "--coarse", "--set", "devices.beta.rated_w=600", "--set", "power.headroom=1.2"
        )
        == 0
    )
    assert main(["validate", "out/scenario.yaml"]) == 0
    scenario = eastwest.load_scenario("out/scenario.yaml")
    assert (scenario.settings.time.seasons, scenario.settings.time.blocks) == (4, 2)
    assert scenario.settings.power.headroom == 1.2
    assert scenario.tables["devices"].set_index("device").loc["beta", "rated_w"] == 600


def test_evaluate_reports_and_writes(plan: str, here: Path, capsys: Capture) -> None:
    words = ["evaluate", plan, "--year", "2027", "--hours", "48", "--processes", "1"]
    assert main(words) == 0
    out = capsys.readouterr()
    assert "promised" in out.out and "found" in out.out and "dispatched window 1 of 1" in out.err
    folder = here / "runs" / "plan-2027-evaluated"
    assert json.loads((folder / "summary.json").read_text())["certified"] is True
    assert main(words) == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--year", "2031"], "expected a planning year of the run: 2027"),
        (["--year", "2027", "--hours", "25"], "expected a multiple of 24"),
    ],
)
def test_evaluate_refuses_what_was_not_planned(
    words: list[str], expected: str, plan: str, here: Path, capsys: Capture
) -> None:
    assert main(["evaluate", plan, *words]) == 2
    assert expected in capsys.readouterr().err
    assert not (here / "runs").exists()


def test_evaluate_needs_a_run(here: Path, capsys: Capture) -> None:
    assert main(["evaluate", "nowhere", "--year", "2027"]) == 2
    assert "expected the folder of a run" in capsys.readouterr().err


def test_foresight_is_a_choice_and_is_saved(here: Path, capsys: Capture) -> None:
    assert (
        run("-o", "out", "--foresight", "myopic", "--set", "years=[2027, 2028]", "--set", "finance.discount_rate=0")
        == 0
    )
    assert eastwest.load_scenario("out/scenario.yaml").settings.foresight == "myopic"
    assert run("--foresight", "blind") == 2


def test_printed_scenario_has_origins_and_loads(here: Path, capsys: Capture) -> None:
    assert run("--print-scenario", "--set", "power.headroom=1.2") == 0
    text = capsys.readouterr().out
    assert "headroom: 1.2  # with_()" in text
    assert "# default" in text and "# tiny.yaml:" in text
    Path("printed.yaml").write_text(text)
    first, again = eastwest.load_scenario(TINY).with_(power={"headroom": 1.2}), eastwest.load_scenario("printed.yaml")
    assert again.settings == first.settings
    for name, frame in first.tables.items():
        assert again.tables[name].equals(frame), name
    assert not (here / "runs").exists()


@pytest.mark.parametrize("text", ["nothing", "=1", "a..b=1", "a=[", "demand.growth=enormous", "demnad.growth=low"])
def test_wrong_set_exits_2_and_names_the_option(text: str, here: Path, capsys: Capture) -> None:
    assert run("--set", text) == 2
    err = capsys.readouterr().err
    assert "--set" in err and "Traceback" not in err
    assert not (here / "runs").exists()


def test_split_change() -> None:
    assert split_change("supply.a.2027.mid=0") == (["supply", "a", "2027", "mid"], 0)
    assert split_change("devices.families=[x, y]") == (["devices", "families"], ["x", "y"])
    with pytest.raises(InputError):
        split_change("x")


def test_no_optimum_exits_1_with_reasons(here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    solver_raises(monkeypatch, eastwest.NotOptimal("infeasible", ["These conflict:", "  - grid connection at Mesa"]))
    assert run() == 1
    err = capsys.readouterr().err
    assert "infeasible" in err and "grid connection at Mesa" in err and "nothing was written" in err
    assert not (here / "runs").exists()


@pytest.mark.parametrize("status", ["unbounded", "time limit", "interrupted", "unknown"])
def test_every_status_is_told_in_words(
    status: str, here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    solver_raises(monkeypatch, eastwest.NotOptimal(status, []))
    assert run() == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_failed_certificate_exits_1_and_writes_nothing(
    here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eastwest.Result, "certified", False)
    assert run() == 1
    assert "certificate" in capsys.readouterr().err
    assert not (here / "runs").exists()


def test_interrupted_exits_130_and_writes_nothing(here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    solver_raises(monkeypatch, KeyboardInterrupt())
    assert run() == 130
    assert capsys.readouterr().err == "eastwest: interrupted; nothing was written\n"
    assert not (here / "runs").exists()


def test_fault_is_one_line_and_debug_shows_where(here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    solver_raises(monkeypatch, ZeroDivisionError("by\nzero"))
    assert run() == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1 and "--debug" in err
    assert run("--debug") == 2
    assert "Traceback" in capsys.readouterr().err


def test_place_that_cannot_be_written_is_said_before_solving(
    here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    solver_raises(monkeypatch, AssertionError("must not be reached"))
    (here / "mine").mkdir()
    (here / "mine" / "thesis.txt").write_text("x")
    assert run("-o", "mine") == 2
    (here / "file").write_text("x")
    assert run("-o", "file") == 2
    assert run("-o", "file/below") == 2
    assert "must not be reached" not in capsys.readouterr().err
    assert (here / "mine" / "thesis.txt").read_text() == "x"


def test_disk_full_exits_2_in_one_line(here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("eastwest.results.run_folder.write_table", full)
    assert run() == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1 and "No space left" in err
    assert list((here / "runs").iterdir()) == []


def test_closed_pipe_is_no_error(here: Path) -> None:
    command = f"{sys.executable} -m eastwest schema | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(TINY.parents[2])}
    )
    assert (done.returncode, done.stderr) == (0, "")


# The others


def test_compare(plan: str, here: Path, capsys: Capture) -> None:
    assert run("-o", "b", "--set", "devices.idle_power=0.1") == 0
    capsys.readouterr()
    assert main(["compare", plan, "b", "--quiet", "--markdown", "d.md", "--csv", "d"]) == 0
    out = capsys.readouterr().out
    assert "devices.idle_power" in out and "0.28" in out and "0.1" in out
    assert all(cell_len(line) <= 80 for line in out.splitlines())
    assert "devices.idle_power" in Path("d.md").read_text() and Path("d/cells.csv").exists()


def test_compare_with_a_folder_that_is_no_run_exits_2(here: Path, capsys: Capture) -> None:
    (here / "empty").mkdir()
    assert main(["compare", "empty", "nowhere"]) == 2
    assert "summary.json" in capsys.readouterr().err
    assert main(["compare", "nowhere"]) == 2


def test_validate(here: Path, capsys: Capture) -> None:
    assert main(["validate", str(TINY)]) == 0
    assert "valid" in capsys.readouterr().out
    (here / "bad.yaml").write_text("demnad: 1\n")
    assert main(["validate", str(TINY), "bad.yaml", "none.yaml"]) == 2
    err = capsys.readouterr().err
    assert "bad.yaml:1" in err and "2 of 3 files" in err


def test_schema_is_json(capsys: Capture) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["type"] == "object"


def test_new_never_overwrites_unasked(here: Path, capsys: Capture) -> None:
    assert main(["new", "plan.yaml"]) == 0
    Path("plan.yaml").write_text("mine")
    assert main(["new", "plan.yaml"]) == 2
    assert Path("plan.yaml").read_text() == "mine"
    assert main(["new", "plan.yaml", "--force"]) == 0
    assert "extends" in Path("plan.yaml").read_text()
    assert main(["new", "plan.txt"]) == 2


def test_version(capsys: Capture) -> None:
    assert main(["version"]) == 0
    assert capsys.readouterr().out.startswith("eastwest ")


@pytest.mark.skipif(
    not (TINY.parents[2] / "data" / "regions.csv").exists(), reason="the package's tables are not there"
)
def test_data(capsys: Capture) -> None:
    assert main(["data", "--quiet"]) == 0
    assert "regions" in capsys.readouterr().out
    assert main(["data", "supply"]) == 0
    assert "units a year" in capsys.readouterr().out
    assert main(["data", "supply", "--csv"]) == 0
    assert capsys.readouterr().out.startswith("supply_group,")
    assert main(["data", "suply"]) == 2
    assert "supply" in capsys.readouterr().err
