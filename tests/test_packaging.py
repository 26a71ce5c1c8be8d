"""The wheel holds the package, its tables and its scenarios, nothing else, and works far from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
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
