"""Runs of earlier versions: `format-1` is the small country by eastwest 0.1.0 (47c4938), its page left out."""

from __future__ import annotations

from pathlib import Path

import pytest

import eastwest as ew
from eastwest.results.result import Result

OLD = Path(__file__).parent / "format-1"
VERSION = r"written by eastwest 0\.1\.0 \(format 1 of runs\).*run its scenario again"


@pytest.fixture(scope="module")
def old() -> Result:
    return Result.load(OLD)


def test_its_figures_are_read_under_todays_names(old: Result) -> None:
    assert old.objective == pytest.approx(61.911526564921104)
    assert old.certified
    assert len(old.utilisation) and len(old.cost)
    assert "cost_per_delivered_with_existing_devices" in set(old.headline["item"])


def test_it_can_be_solved_again_to_the_same_optimum(old: Result) -> None:
    assert ew.solve(old.scenario, reliefs=0, growth_table=False).objective == pytest.approx(old.objective, rel=1e-9)


def test_it_can_be_exported_and_drawn(old: Result, tmp_path: Path) -> None:
    assert ew.export(old, tmp_path / "old.xlsx").stat().st_size > 10_000
    assert old.plot.utilisation() is not None


def test_what_needs_kinds_of_limits_says_who_wrote_it(old: Result) -> None:
    with pytest.raises(ew.InputError, match=VERSION):
        ew.explain(old)
    with pytest.raises(ew.InputError, match=VERSION):
        ew.compare(old, old)
