"""`eastwest report` and `run --open`: the page again from the stored run, as HTML or PDF, whole or not at all."""

from __future__ import annotations

import json
import os
import webbrowser
from pathlib import Path

import pytest
from places import TINY

import eastwest.results.run_folder
from eastwest.cli import main

Capture = pytest.CaptureFixture[str]
PRINTS = """#!/bin/sh
for argument in "$@"; do case "$argument" in --print-to-pdf=*) target="${argument#--print-to-pdf=}";; esac; done
echo "$@" > "$(dirname "$0")/asked"
printf '%%PDF-1.4 page' > "$target"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the tiny country."""
    made = tmp_path_factory.mktemp("runs") / "tiny"
    assert run(made) == 0
    return made


def run(folder: Path, *more: str) -> int:
    return main(["run", str(TINY), "--quiet", "--reliefs", "0", "--no-growth-table", "-o", str(folder), *more])


def files(folder: Path) -> list[str]:
    found: list[str] = json.loads((folder / "summary.json").read_text())["files"]
    return found


def program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_run_writes_the_page_and_report_writes_it_again(folder: Path, capsys: Capture) -> None:
    (folder / "report.html").unlink()
    assert main(["report", str(folder)]) == 0
    first = (folder / "report.html").read_bytes()
    assert main(["report", str(folder), "--quiet"]) == 0
    assert (folder / "report.html").read_bytes() == first
    assert capsys.readouterr().out == ""


def test_chinese_page_belongs_to_the_run_which_can_be_replaced(folder: Path) -> None:
    assert main(["report", str(folder), "--lang", "zh", "--quiet"]) == 0
    assert 'lang="zh-Hans"' in (folder / "report.zh.html").read_text(encoding="utf-8")
    assert set(files(folder)) == {path.name for path in folder.iterdir()}
    assert run(folder) == 0
    assert not (folder / "report.zh.html").exists()


def test_page_elsewhere_does_not_belong_to_the_run(folder: Path, tmp_path: Path) -> None:
    before = (folder / "summary.json").read_bytes()
    assert main(["report", str(folder), "-o", str(tmp_path / "new" / "page.html"), "--quiet"]) == 0
    assert (tmp_path / "new" / "page.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert (folder / "summary.json").read_bytes() == before


def test_bad_input_says_so_and_leaves_files(folder: Path, tmp_path: Path, capsys: Capture) -> None:
    assert main(["report", str(tmp_path / "nothing")]) == 2
    assert "folder of a run" in capsys.readouterr().err
    assert main(["report", str(folder), "--lang", "fr"]) == 2
    assert main(["report", str(folder), "-o", str(tmp_path)]) == 2
    assert "is a folder" in capsys.readouterr().err


def test_pdf_is_printed_by_a_browser_without_a_network(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROME_PATH", str(program(tmp_path / "chrome", PRINTS)))
    assert main(["report", str(folder), "--pdf", "--quiet"]) == 0
    assert (folder / "report.pdf").read_bytes() == b"%PDF-1.4 page"
    assert "report.pdf" in files(folder)
    asked = (tmp_path / "asked").read_text()
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in asked
    assert ("--no-sandbox" in asked) == (os.geteuid() == 0)
    profile = asked.split("--user-data-dir=")[1].split(" ")[0]
    assert not Path(profile).exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("#!/bin/sh\necho 'no display' >&2\nexit 3\n", "no display"),
        ("#!/bin/sh\nexit 0\n", "no PDF"),
        (None, "CHROME_PATH"),
    ],
)
def test_pdf_that_fails_leaves_what_was_there(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, text: str | None, told: str
) -> None:
    target = tmp_path / "old.pdf"
    target.write_bytes(b"%PDF old")
    path = tmp_path / "chrome" if text is None else program(tmp_path / "chrome", text)
    monkeypatch.setenv("CHROME_PATH", str(path))
    assert main(["report", str(folder), "--pdf", "-o", str(target), "--quiet"]) == 2
    assert told in capsys.readouterr().err
    assert target.read_bytes() == b"%PDF old"


def test_pdf_without_a_browser(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.delenv("CHROME_PATH", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["report", str(folder), "--pdf"]) == 2
    assert "no Chromium, Chrome or Edge" in capsys.readouterr().err


@pytest.mark.parametrize("found", [True, False])
def test_open_shows_the_page_or_says_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, found: bool
) -> None:
    shown: list[str] = []

    def show(address: str) -> bool:
        shown.append(address)
        return found

    monkeypatch.setattr(webbrowser, "open", show)
    folder = tmp_path / "run"
    assert run(folder, "--open") == 0
    assert shown == [(folder / "report.html").resolve().as_uri()]
    assert (shown[0] in capsys.readouterr().err) != found


def test_run_whose_page_fails_is_told_after_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(eastwest.results.run_folder, "_write_page", lambda result, path: KeyError("a chart"))
    folder = tmp_path / "run"
    assert run(folder, "--open") == 2
    said = capsys.readouterr()
    assert "Written to" in said.out
    assert f"eastwest report {folder}" in said.err
    assert (folder / "results.parquet").is_file()
