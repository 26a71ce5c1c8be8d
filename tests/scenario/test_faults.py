"""A fault in a module from outside is told with its file and line, in words, with the nearest right name."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from builder import one_place
from places import TESTS

import eastwest as ew
from eastwest.cli import main
from eastwest.errors import ModelError
from eastwest.scenario.faults import faults_of
from eastwest.scenario.outside import module_from_file

SOURCE = (TESTS / "noise.py").read_text(encoding="utf-8")
CASE = "extends: tiny.yaml\nnoise:\n  metro_coast: {sound_w_per_mw: 3}\n  cap_w: {metro_coast: 2.4}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(TESTS / "tiny", tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    (tmp_path / "work" / "case.yaml").write_text(CASE)
    return tmp_path / "work"


FAULTS = {
    "shared quantity": ("plan.energised", "plan.energized", r"AttributeError: .*\(did you mean 'energised'\?\)"),
    "table": ('plan.table("devices")', 'plan.table("device")', r"no table 'device' \(did you mean 'devices'\?\)"),
    "section": ('plan.settings("noise")', 'plan.settings("nois")', r"no section 'nois' \(did you mean 'noise'\?\)"),
    "column": ('["rated_w"]', '["rated"]', r"no key or column 'rated' \(did you mean 'rated_w'\?\)"),
    "no kind": ('kind="definition", ', "", r"constraints noise_level: say their kind, one of limit, rule, "),
    "another kind": ('kind="definition"', 'kind="defintion"', r"'defintion'.*\(did you mean 'definition'\?\)"),
    "no unit": ('over, unit="W")', "over)", r"variables noise_level: received no unit, expected one of MW, "),
    "unknown unit": ('over, unit="W")', 'over, unit="MWW")', r"noise_level: received the unit 'MWW', .* mean 'MW'"),
    "written twice": ("    level =", "    plan.energised = 1\n    level =", "'energised' is written twice"),
    "build": ("    level =", "    1 / 0\n    level =", "ZeroDivisionError: division by zero"),
    "report": ("    rows = [\n", "    rows = [\n        1 / 0,\n", "ZeroDivisionError"),
    "no list": ("return [*rows, _SECTION]", "return (*rows,)", "report returned tuple, expected a list of frames"),
    "no rows": ("return [*rows, _SECTION]", "return ['x']", "report returned a list with str, expected a list"),
    "no frame of rows": ("return [*rows, _SECTION]", "return [level]", "report returned a frame without quantity"),
    "sentence": ("{loudest}", "{loudst}", r"a sentence names 'loudst', .*\(did you mean 'loudest'\?\)"),
    "place": (
        '("site",),\n            "What',
        '("sit",),\n            "What',
        "received the label 'sit', expected one of",
    ),
    "first column": (
        '"Noise of the country", {"loudest"',
        '"Noise", {"x": 1, "loudest"',
        "first column must be",
    ),
    "group": ('"noise_level", if_built=True', '"noise_levels"', r"'noise_levels' \(did you mean 'noise_level'\?\)"),
}
RETURNED = ("no list", "no rows", "no frame of rows", "sentence", "place", "first column")
"""Faults that show only in what `report` returns: they are told at its first line."""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_plan(folder: Path, capsys: pytest.CaptureFixture[str], fault: str) -> None:
    old, new, words = FAULTS[fault]
    _wrong(folder, old, new)
    assert main(["run", "case.yaml", "--module", "noise.py", "--reliefs", "0", "--no-growth-table"]) == 2
    _told(folder, capsys.readouterr().err, "def report(" if fault in RETURNED else new, words)


READING = {
    "import": ("import Plan\n", "import Plans\n", r"ImportError: .*\(did you mean 'Plan'\?\)"),
    "syntax": ("-> Expression:", "-> Expression", "SyntaxError: expected ':'"),
    "check": ("for site in self.cap_w:", "for site in self.caps_w:", r"AttributeError: .*\(did you mean 'cap_w'\?\)"),
}


@pytest.mark.parametrize(("old", "new", "words"), READING.values(), ids=list(READING))
def test_a_fault_while_it_is_read(
    folder: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, words: str
) -> None:
    _wrong(folder, old, new)
    assert main(["validate", "case.yaml", "--module", "noise.py"]) == 2
    _told(folder, capsys.readouterr().err, new, words)


def _wrong(folder: Path, old: str, new: str) -> None:
    assert old in SOURCE
    (folder / "noise.py").write_text(SOURCE.replace(old, new, 1), encoding="utf-8")


def _told(folder: Path, said: str, new: str, words: str) -> None:
    """One line names the file, the line that was spoilt, and the fault; no traceback."""
    found = re.search(rf"{re.escape(str(folder / 'noise.py'))}:(\d+): code of the module: (.*)", said)
    assert found, said
    source = (folder / "noise.py").read_text(encoding="utf-8")
    first = source[: source.index(new or "plan.constraints(")].count("\n") + 1
    assert first <= int(found[1]) <= first + new.count("\n")
    assert re.search(words, found[2])
    assert "Traceback" not in said and "a fault in eastwest itself" not in said


def test_functions_say_it_too(folder: Path) -> None:
    _wrong(folder, "plan.energised", "plan.energized")
    own = {"metro_coast": {"sound_w_per_mw": 3}}
    scenario = one_place().with_modules([module_from_file(folder / "noise.py")]).with_(noise=own)
    with pytest.raises(ew.InputError, match=r"noise.py:\d+: code of the module: AttributeError") as error:
        ew.build(scenario)
    assert isinstance(error.value.__cause__, AttributeError)


def test_what_is_no_fault_of_the_module_stays_what_it_is(folder: Path) -> None:
    _wrong(folder, "_W_PER_MW", "_W_PER_MW")
    noise = module_from_file(folder / "noise.py")
    for error in (ModelError("of the package"), ZeroDivisionError("of the package")):
        with pytest.raises(type(error), match=r"^of the package$"), faults_of([noise]):
            raise error


CONTRACTS = {
    "no key": ('    key = ("site",)\n', "", r"table noise: received key = \(\), expected a tuple.*key = \('site',\)"),
    "text": ('key = ("site",)', 'key = "site"', "received key = 'site', expected a tuple of columns"),
    "no column": ('key = ("site",)', 'key = ("sit",)', r"key names the column 'sit'.*\(did you mean 'site'\?\)"),
    "refers": ('{"site": "sites"}', '{"sit": "sites"}', r"refers names the column 'sit'.*\(did you mean 'site'\?\)"),
    "no table": ('{"site": "sites"}', '{"site": "sits"}', r"refers to the table 'sits'.*\(did you mean 'sites'\?\)"),
    "no row": ('{"noise": _Noise}', '{"noise": int}', "tables of Data .* expected name: class"),
}


@pytest.mark.parametrize(("old", "new", "words"), CONTRACTS.values(), ids=list(CONTRACTS))
def test_the_contract_of_a_table_is_checked(
    folder: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, words: str
) -> None:
    _wrong(folder, old, new)
    assert main(["validate", "case.yaml", "--module", "noise.py"]) == 2
    said = capsys.readouterr().err
    assert re.search(rf"noise.py: modules: .*{words}", said), said


@pytest.mark.parametrize("name", ["2 noise", "my-noise", "class"])
def test_a_name_is_an_identifier(folder: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (folder / f"{name}.py").write_text(SOURCE, encoding="utf-8")
    assert main(["validate", "tiny.yaml", "--module", f"{name}.py"]) == 2
    assert f"received the name '{name}', expected a Python identifier" in capsys.readouterr().err
