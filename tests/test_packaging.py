"""The wheel holds the package, its tables and its scenarios, nothing else, and works far from the checkout.

What tests install beside it holds nothing back that a user gets.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this checkout, built as pip builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("eastwest-*.whl"))


def expected() -> set[str]:
    """Names of the files that belong into the wheel."""
    every = (ROOT / "eastwest").rglob("*")
    package = {path for path in every if path.is_file() and "__pycache__" not in path.parts}
    assert {path.suffix for path in package} >= {".py", ".typed", ".j2", ".css", ".js", ".json"}
    tables = {path for suffix in ("csv", "geojson", "json") for path in (ROOT / "data").glob(f"*.{suffix}")}
    scenarios = {path for suffix in ("yaml", "csv", "geojson") for path in (ROOT / "scenarios").rglob(f"*.{suffix}")}
    assert tables
    assert scenarios
    return (
        {path.relative_to(ROOT).as_posix() for path in package}
        | {f"eastwest/_data/{path.name}" for path in tables}
        | {f"eastwest/_scenarios/{path.relative_to(ROOT / 'scenarios').as_posix()}" for path in scenarios}
    )


@pytest.mark.slow
def test_wheel_holds_what_it_should(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert expected() - names == set()
    documents = {
        name for name in names if name.startswith(("eastwest/_data/", "eastwest/_scenarios/")) and name.endswith(".md")
    }
    assert names - expected() - documents == set()


@pytest.mark.slow
def test_wheel_works_in_another_folder(wheel: Path, tmp_path: Path) -> None:
    """The scenario and every table it names come from the wheel: nothing of the checkout is within reach."""
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        "import pathlib, eastwest\n"
        "here = pathlib.Path(eastwest.__file__).parent\n"
        f"assert here == pathlib.Path({str(tmp_path / 'site' / 'eastwest')!r}), here\n"
        "scenario = eastwest.load_scenario(here / '_scenarios' / 'national-2027.yaml')\n"
        "assert len(scenario.tables['regions'])\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def extras() -> dict[str, list[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {"": project["dependencies"], **project["optional-dependencies"]}


def reached(extra: str) -> set[str]:
    """Extras that an extra brings with it, itself among them."""
    within = re.findall(r"eastwest\[([\w,-]+)\]", " ".join(extras()[extra]))
    return {extra}.union(*(reached(name) for names in within for name in names.split(",")))


def requirements(extra: str) -> list[str]:
    return [line for name in sorted(reached(extra)) for line in extras()[name] if not line.startswith("eastwest[")]


def test_the_extra_for_tests_holds_nothing_back() -> None:
    """Tests run on what a user gets: the extra sets no upper bound and brings no package that is known to set one.

    `.ci/run` compares the versions themselves, before and after the extra is installed.
    """
    assert reached("test") == {"test", "docs", "map", "runner"}
    assert [line for line in requirements("test") if re.search(r"<|==|~=|!=", line)] == []


@pytest.mark.parametrize("package", ["pypsa", "tsam"])
def test_what_holds_others_back_has_an_environment_of_its_own(package: str) -> None:
    """tsam 4.1 allows pandas up to 3.0.5, numpy up to 2.4.6 and highspy up to 1.15.1."""
    assert any(line.startswith(f"{package}>=") for line in requirements("peers"))
    assert not any(line.startswith(package) for line in requirements("test"))


@pytest.mark.parametrize("extra", ["", "test", "peers"])
def test_every_requirement_has_a_lower_bound(extra: str) -> None:
    """`.ci/run` installs the oldest versions that are allowed: a package without a bound would be one of long ago."""
    assert [line for line in requirements(extra) if not re.match(r"[\w-]+>=\d", line)] == []
