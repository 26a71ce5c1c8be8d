"""An idea that the package has never heard of, tests/noise.py: given from outside, or as one file and one line.

The place is that of tests/builder.py: 10 devices of 0.1 MW serve metro_coast, 1 MW sounds like 3 W. What a permit of
2.4 W leaves is 0.8 MW: two devices more stand still.
"""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace

import noise
import pandas as pd
import pytest
from builder import one_place, optimum
from places import PACKAGE, ROOT, TESTS

import eastwest as ew
from eastwest.cli import main
from eastwest.model.modules import MODULES, SECTIONS
from eastwest.scenario import json_schema, new_scenario_text
from eastwest.scenario.outside import module_from_file
from eastwest.scenario.settings import ResolvedSettings, contracts
from eastwest.schema.contract import Contract

FILE = TESTS / "noise.py"
LOUD = {"noise": {"metro_coast": {"sound_w_per_mw": 3}}}
CAPPED = {"noise": {"metro_coast": {"sound_w_per_mw": 3}, "cap_w": {"metro_coast": {2027: 2.4}}}}
TEXT = """extends: tiny.yaml
noise:
  metro_coast: {sound_w_per_mw: 3}
  cap_w:
    metro_coast: {2027: 2.4}
"""


def place(**changes: object) -> ew.Scenario:
    return one_place().with_modules([noise]).with_(**changes)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the tiny country, to write scenarios and runs into."""
    shutil.copytree(TESTS / "tiny", tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture(autouse=True)
def nothing_of_the_package_changes() -> Iterator[None]:
    before = MODULES, dict(SECTIONS), list(ResolvedSettings.model_fields), dict(contracts().tables)
    yield
    assert before == (MODULES, dict(SECTIONS), list(ResolvedSettings.model_fields), dict(contracts().tables))


# What the scenario file may say


def test_the_schema_and_the_template_know_it() -> None:
    schema = json_schema([noise])
    assert {"sound_w_per_mw", "source"} <= set(schema["$defs"]["row_noise"]["properties"])
    assert "cap_w" in schema["properties"]["noise"]["properties"]
    assert "noise" in schema["properties"]["tables"]["properties"]
    about = schema["properties"]["noise"]["description"]
    assert about == "Noise of fans, and permits for it. Any other key is a row of the table."
    text = new_scenario_text([noise])
    assert "# noise:\n#   cap_w: {}  # most sound, by site" in text
    assert "# noise by site: sound_w_per_mw [W/MW]" in text
    assert "noise" not in json_schema()["properties"] and "noise:" not in new_scenario_text()


def test_the_verbs_know_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--module", str(FILE)]) == 0
    said = capsys.readouterr()
    assert "cap_w" in json.loads(said.out)["properties"]["noise"]["properties"]
    assert f"running the code of {FILE}" in said.err
    assert main(["new", "mine.yaml", "--module", str(FILE)]) == 0
    assert "#   cap_w: {}" in (folder / "mine.yaml").read_text()
    (folder / "case.yaml").write_text(TEXT)
    assert main(["validate", "case.yaml", "--module", str(FILE)]) == 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "    metro_coast: {2027",
            "    metro_cost: {2027",
            "case.yaml:5: noise.cap_w: received 'metro_cost', expected",
        ),
        ("{2027: 2.4}", "{2031: 2.4}", "case.yaml:5: noise.cap_w.metro_coast: received the year 2031, expected one of"),
        ("2.4", "-1", "case.yaml:5: noise.cap_w.metro_coast"),
        ("cap_w:\n    metro_coast: {2027: 2.4}", "cap_w: 2", "case.yaml:4: noise.cap_w"),
        ("cap_w:", "cap_v:", "case.yaml:4: noise.cap_v: unknown setting 'cap_v' (did you mean 'cap_w'?)"),
        ("noise:", "fans:", "case.yaml:2: fans: unknown key 'fans'; a module's section is called as its file, and the"),
        ("    metro_coast: {2027", "    mesa: {2027", "case.yaml:4: noise.cap_w: site 'mesa' has a permit, but no"),
        ("  metro_coast: {sound", "  metro_cost: {sound", "case.yaml:3: noise, column site: received 'metro_cost'"),
        ("{sound_w_per_mw: 3}", "{sound_w_per_mw: loud}", "case.yaml:3: noise/metro_coast/sound_w_per_mw"),
    ],
)
def test_nonsense_is_refused_with_its_line(
    folder: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, message: str
) -> None:
    assert old in TEXT
    (folder / "case.yaml").write_text(TEXT.replace(old, new))
    assert main(["validate", "case.yaml", "--module", str(FILE)]) == 2
    assert message in capsys.readouterr().err


def test_without_the_module_its_section_is_unknown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "case.yaml").write_text(TEXT)
    assert main(["validate", "case.yaml"]) == 2
    said = capsys.readouterr().err
    assert "case.yaml:2: noise: unknown key 'noise'" in said and "--module FILE.py" in said


def test_its_table_may_be_a_file(folder: Path) -> None:
    (folder / "noise.csv").write_text("site,sound_w_per_mw,source,quality\nmesa,3,invented,assumption\n")
    (folder / "case.yaml").write_text("extends: tiny.yaml\ntables: {noise: noise.csv}\n")
    scenario = ew.load_scenario("case.yaml", modules=[noise])
    assert scenario.tables["noise"]["site"].tolist() == ["mesa"]
    (folder / "noise.csv").write_text("site,sound_w_per_mw,source,quality\nmessa,3,invented,assumption\n")
    with pytest.raises(ew.InputError, match=r"^noise.csv:2: noise, column site: received 'messa'"):
        ew.load_scenario("case.yaml", modules=[noise])


_METRIC = noise.Data.metrics["most_sound"]


def _metrics(declared: object) -> type[Contract]:
    return type("Data", (Contract,), {"metrics": declared, "__module__": __name__})


class _Asks(Contract):
    cap: float


def _module(name: str, **parts: object) -> ModuleType:
    made = ModuleType(name)
    made.__dict__.update({"Data": noise.Data, "build": noise.build, "report": noise.report, **parts})
    return made


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        ([SimpleNamespace(Data=noise.Data, build=1, report=1)], "expected a Python module with Data, build and report"),
        ([ModuleType("empty")], "'empty' has no Data, build, report"),
        ([_module("other", Data=dict)], "no class of settings"),
        ([_module("asks", Data=_Asks)], "asks for cap; expected a default for every setting"),
        ([noise, _module("a.noise")], "two modules are called 'noise'"),
        ([_module("water")], "'water' is a section or table of the package"),
        ([_module("loud", Data=_metrics({"most_sound": 3}))], "metrics of Data of 'loud' is .*expected name: Metric"),
        ([_module("loud", Data=_metrics({"average_pue": _METRIC}))], "'average_pue' is declared by power and by loud"),
        ([_module("extends")], "'extends' is a section or table of the package"),
    ],
)
def test_what_is_no_module_is_refused(modules: list[ModuleType], message: str) -> None:
    with pytest.raises(ew.InputError, match=message):
        one_place().with_modules(modules)


def test_a_file_that_is_no_module_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "case.yaml").write_text(TEXT)
    (folder / "fails.py").write_text("1 / 0\n")
    for name, words in {
        "none.py": "expected the Python file",
        "fails.py": "fails.py:1: code of the module: ZeroDivisionError",
    }.items():
        assert main(["validate", "case.yaml", "--module", name]) == 2
        assert words in capsys.readouterr().err


# What it does to the plan


def test_it_builds_and_has_a_price() -> None:
    """0.2 MW less: 2 PFLOP/s reference x 0.5 = 1 delivered stays unserved; a watt more is worth a third of a MW."""
    free, capped = optimum(place(**LOUD)), optimum(place(**CAPPED))
    assert free.value("noise_level") == pytest.approx(3)
    assert capped.value("noise_level") == pytest.approx(2.4)
    assert capped.value("unserved") == pytest.approx(1.0)
    row = capped.row("noise_permit")
    more = optimum(place(noise={**CAPPED["noise"], "cap_w": {"metro_coast": 2.7}}))
    assert row["dual"] == pytest.approx((more.objective - capped.objective) / 0.3) and row["dual"] < 0
    assert free.objective == pytest.approx(optimum(one_place()).objective)


def test_a_permit_that_nothing_reaches_costs_nothing() -> None:
    found = optimum(place(noise={**CAPPED["noise"], "cap_w": {"metro_coast": 3.1}}))
    assert found.row("noise_permit")["dual"] == pytest.approx(0, abs=1e-9)
    assert found.objective == pytest.approx(7.008)


def test_build_and_solve_take_it_too() -> None:
    assert "noise_level" not in ew.build(one_place(), modules=[noise]).program.variables
    assert "noise_level" in ew.build(place(**LOUD)).program.variables
    result = ew.solve(place(**CAPPED), modules=[noise], reliefs=0, growth_table=False)
    assert result.rows("noise_level")["value"].tolist() == [2.4]
    assert "noise permit" in set(result.shadow_prices["item"])


def test_copies_and_processes_keep_it() -> None:
    scenario = place(**CAPPED)
    assert scenario.with_(title="again").modules == (noise,)
    again = pickle.loads(pickle.dumps(scenario))
    assert again.settings.noise.cap_w == {"metro_coast": {2027: 2.4}}
    assert optimum(again).objective == pytest.approx(optimum(scenario).objective)
    from_file = one_place().with_modules([module_from_file(FILE)]).with_(**CAPPED)
    read = pickle.loads(pickle.dumps(from_file))
    assert read.modules[0] is not noise
    assert optimum(read).objective == pytest.approx(optimum(scenario).objective)


# What a stored run keeps


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was made with the module."""
    target = tmp_path_factory.mktemp("runs") / "noisy"
    return ew.solve(place(**CAPPED, name="noisy"), reliefs=3, growth_table=False).save(target)


def test_a_run_names_its_modules(run: Path) -> None:
    kept = json.loads((run / "summary.json").read_text())["modules"]
    assert [(each["section"], each["file"]) for each in kept] == [("noise", str(FILE))]
    assert len(kept[0]["sha256"]) == 64


def test_it_is_read_without_them(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine, other = ew.Result.load(run, modules=[noise]), ew.Result.load(run)
    pd.testing.assert_frame_equal(mine.scenario.tables["noise"], other.scenario.tables["noise"])
    assert mine.scenario.settings.noise.cap_w == {"metro_coast": {2027: 2.4}}
    assert other.scenario.settings.noise.cap_w == {"metro_coast": {"2027": 2.4}}
    assert not ew.compare(mine, other).inputs.shape[0]
    again = other.scenario.with_(title="another")
    assert again.modules == other.scenario.modules
    pd.testing.assert_frame_equal(ew.Result.load(other.save(tmp_path / "copy"), modules=[noise]).table, mine.table)
    copy, book, drawn = (str(tmp_path / name) for name in ("copy", "book.xlsx", "map.svg"))
    for verb, more in {
        "report": [], "compare": [copy], "explain": [], "targets": [], "export": [book], "map": ["-o", drawn],
    }.items():  # fmt: skip
        assert main([verb, str(run), *more]) == 0, verb
    capsys.readouterr()


def test_what_builds_again_says_which_is_missing(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (
        ["explain", str(run), "--workload", "chat", "--solve"],
        ["evaluate", str(run), "--year", "2027", "--hours", "24", "-o", str(tmp_path / "evaluated")],
        ["targets", str(run), "--price"],
    ):
        assert main(command) == 2, command
        said = capsys.readouterr().err
        assert f"the run was made with the module 'noise' ({FILE}), which is not given" in said
        assert "--module noise.py" in said
        assert main([*command, "--module", str(FILE)]) == 0, command
        capsys.readouterr()


def test_another_code_than_that_of_the_run_is_told(run: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A warning by every verb and function that builds again; none where the code is the same."""
    (folder / "noise.py").write_text(FILE.read_text() + "# changed\n")
    command = ["explain", str(run), "--workload", "chat", "--solve", "--module"]
    assert main([*command, "noise.py"]) == 0
    assert "noise.py: differs from the code that the run was made with (sha256 " in capsys.readouterr().err
    assert main([*command, str(FILE)]) == 0
    assert "differs" not in capsys.readouterr().err
    changed = module_from_file(folder / "noise.py")
    with pytest.warns(ew.errors.ChangedModule, match="differs from the code"):
        ew.Result.load(run, modules=[changed])
    with pytest.warns(ew.errors.ChangedModule, match="differs from the code"):
        ew.evaluate(ew.Result.load(run), 2027, hours=24, modules=[changed])


def test_functions_take_the_module_for_a_run(run: Path) -> None:
    result = ew.Result.load(run)
    calls: dict[str, Callable[..., object]] = {
        "explain": partial(ew.explain, result, workload="chat", solve_again=True),
        "evaluate": partial(ew.evaluate, result, 2027, hours=24),
        "targets": partial(ew.targets, result, price=True),
        "solve": partial(ew.solve, result.scenario, reliefs=0, growth_table=False),
        "build": partial(ew.build, result.scenario),
    }
    for name, call in calls.items():
        with pytest.raises(ew.InputError, match="the module 'noise'"):
            call()
        assert call(modules=[noise]) is not None, name


def test_other_processes_evaluate_with_it(run: Path) -> None:
    result = ew.Result.load(run, modules=[module_from_file(FILE)])
    assert ew.evaluate(result, 2027, hours=48, window_days=1, processes=2).certified


def test_a_module_that_the_run_was_not_made_with(run: Path) -> None:
    with pytest.raises(ew.InputError, match="received the module 'other'; the run was made with noise"):
        ew.Result.load(run, modules=[_module("other")])


# One file and one line


def test_one_file_and_one_line(tmp_path: Path) -> None:
    """The same file in a copy of the package, one word in the list of modules: no other change."""
    copy = tmp_path / "eastwest"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("data", "scenarios"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(TESTS / "tiny", tmp_path / "work")
    shutil.copy(FILE, copy / "model" / "modules" / "noise.py")
    listed = copy / "model" / "modules" / "__init__.py"
    text = listed.read_text().replace("    network,\n", "    network,\n    noise,\n")
    listed.write_text(text.replace("resilience, users,\n)", "resilience, users, noise,\n)"))
    assert listed.read_text().count("noise") == 2
    work = tmp_path / "work"
    (work / "case.yaml").write_text(TEXT)
    (work / "wrong.yaml").write_text(TEXT.replace("2027", "2031"))

    def eastwest(*words: str) -> subprocess.CompletedProcess[str]:
        code = "import sys; sys.path.insert(0, '..'); from eastwest.cli import main; sys.exit(main(sys.argv[1:]))"
        command = [sys.executable, "-c", code, *words]
        return subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)

    assert eastwest("validate", "case.yaml").returncode == 0
    wrong = eastwest("validate", "wrong.yaml")
    assert wrong.returncode == 2 and "wrong.yaml:5: noise.cap_w.metro_coast: received the year 2031" in wrong.stderr
    done = eastwest("run", "case.yaml", "-o", "run", "--reliefs", "2", "--no-growth-table")
    assert done.returncode == 0, done.stderr
    table = pd.read_parquet(work / "run" / "results.parquet")
    assert table.loc[table["quantity"] == "noise_level", "value"].max() > 0
    assert json.loads((work / "run" / "summary.json").read_text())["modules"] == []
