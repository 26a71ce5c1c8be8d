"""What README.md says works as written: its links, its commands, its Python.

The first two `sh` blocks install; `.ci/run` runs those. It also runs the others, at full size and with what a user has
and no more, and lists in the file EASTWEST_README_RAN what it ran; without that file they run here, beside a copy of
the scenarios that is cut to two slices of the year and to three years. Uncut copies are in the nightly target.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
SHELL = [text for language, text in BLOCKS if language == "sh"]
PYTHON = [text for language, text in BLOCKS if language == "python"]
SECONDS = 900
RAN = os.environ.get("EASTWEST_README_RAN", "")
"""File in which `.ci/run` lists the commands that it ran, in order; a command that fails ends it."""


@pytest.fixture(params=["cut", pytest.param("as they ship", marks=pytest.mark.nightly)])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An empty folder with the scenarios in it, under the names that a user has them by."""
    copies = tmp_path / "scenarios"
    shutil.copytree(ROOT / "scenarios", copies)
    if request.param == "cut":
        for path in copies.glob("*.yaml"):
            change(path, r"^  seasons: \d+$", "  seasons: 2")
            change(path, r"^  blocks: \d+$", "  blocks: 1\n  coarse: true")
            change(path, r"(?<=coarse: true\n)  coarse: true\n", "")
        change(copies / "national-2026-2030.yaml", r"^years: .*$", "years: [2026, 2027, 2028]")
        change(copies / "carbon-high.yaml", r"^name: .*$", r"\g<0>\nyears: [2026, 2027, 2028, 2029, 2030]")
    return tmp_path


def change(path: Path, pattern: str, by: str) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(pattern, by, text, flags=re.MULTILINE), encoding="utf-8")


def failure(command: list[str], folder: Path) -> str:
    """Run a command with this Python's scripts first on the path; all that it said where it failed, else nothing."""
    scripts = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")])}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS
    )
    said = f"{command[-1]}\nexit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return said if done.returncode else ""


def test_first_two_blocks_are_the_two_commands() -> None:
    """`.ci/run` takes them by their place."""
    assert "pip install . " in SHELL[0]
    assert "eastwest run scenarios/national-2027.yaml" in SHELL[0]
    assert "pip install -e '.[test]'" in SHELL[1]
    assert SHELL[1].strip().endswith("pytest")


def test_links_lead_somewhere() -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", README)
    named = re.findall(r"^- `([\w./-]+)`", README, flags=re.MULTILINE)
    missing = [target for target in (*linked, *named) if "://" not in target and not (ROOT / target).exists()]
    assert not missing


def test_every_verb_of_the_table_is_run() -> None:
    verbs = re.findall(r"^\| `eastwest (\w+)", README, flags=re.MULTILINE)
    assert verbs
    assert set(verbs) == set(re.findall(r"^eastwest (\w+)", "".join(SHELL[2:]), flags=re.MULTILINE))


@pytest.mark.slow
def test_commands_run_as_written(folder: Path) -> None:
    commands = "".join(SHELL[2:]).splitlines()
    if RAN:
        assert Path(RAN).read_text(encoding="utf-8").splitlines() == commands
        return
    assert (Path(sys.executable).parent / "eastwest").exists(), "install first: pip install -e '.[test]'"
    for line in commands:
        assert not failure(["bash", "-euo", "pipefail", "-c", line], folder)
    assert (folder / "runs" / "national-2027" / "summary.json").exists()
    assert (folder / "my-plan.yaml").exists()


@pytest.mark.slow
@pytest.mark.parametrize("code", PYTHON, ids=[f"block {number}" for number in range(1, len(PYTHON) + 1)])
def test_python_runs_as_written(code: str, folder: Path) -> None:
    assert not failure([sys.executable, "-W", "error", "-c", code], folder)
