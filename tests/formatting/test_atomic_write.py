"""A file is written whole or not at all, and never over what is no plain file or belongs to a run."""

from __future__ import annotations

import os
from pathlib import Path

import builder
import pytest

import eastwest as ew
from eastwest.cli import main
from eastwest.errors import InputError
from eastwest.formatting.atomic_write import replaced_file, write_text


def test_what_stood_there_stays_when_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(ValueError, match="fault"), replaced_file(path) as aside:
        aside.write_text("half")
        raise ValueError("fault")
    assert path.read_text() == "old" and [each.name for each in tmp_path.iterdir()] == ["a.txt"]


def test_pipes_and_folders_are_refused_and_links_are_followed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="is a device or a pipe"):
        write_text(tmp_path / "pipe", "x")
    with pytest.raises(InputError, match="is a folder"):
        write_text(tmp_path, "x")
    (tmp_path / "link").symlink_to(tmp_path / "real.txt")
    write_text(tmp_path / "link", "x")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real.txt").read_text() == "x"


def test_files_of_a_run_are_not_written_over_and_new_ones_belong_to_it(tmp_path: Path) -> None:
    run = ew.solve(builder.tiny(), reliefs=0, growth_table=False).save(tmp_path / "run")
    before = (run / "scenario.yaml").read_bytes()
    assert main(["report", str(run), "-o", str(run / "scenario.yaml"), "--quiet"]) == 2
    assert (run / "scenario.yaml").read_bytes() == before
    assert main(["export", str(run), str(run / "out.xlsx"), "--quiet"]) == 0
    assert main(["map", str(run), "-o", str(run / "map.html"), "--quiet"]) == 0
    ew.Result.load(run).save(run)  # nothing in the folder is foreign to the run
    assert not (run / "out.xlsx").exists()
