"""The page as PDF, printed by a Chromium that is installed; nothing of its own is needed or fetched."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from eastwest.errors import InputError

BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge",
)  # fmt: skip
TIMEOUT_S = 180
DRAWING_MS = 60_000
"""How long the page may draw its charts, by its own clock."""


def browser() -> str:
    """Path of a Chromium, Chrome or Edge: CHROME_PATH, else the first on PATH."""
    given = os.environ.get("CHROME_PATH")
    if given:
        if not shutil.which(given):
            raise InputError(
                f"received '{given}', which is no program; expected the path of Chromium", where="CHROME_PATH"
            )
        return given
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None:
        raise InputError(
            "no Chromium, Chrome or Edge was found to print with; install one, or name it in CHROME_PATH", where="--pdf"
        )
    return found


def pdf_of(html: str, program: str) -> bytes:
    """The page printed on A4, charts drawn; InputError says why not."""
    with tempfile.TemporaryDirectory(prefix="eastwest-") as name:
        folder = Path(name)
        (folder / "report.html").write_text(html, encoding="utf-8")
        target = folder / "report.pdf"
        command = [
            program, "--headless", "--disable-gpu", "--disable-background-networking", "--disable-sync",
            "--no-first-run", "--disable-extensions",
            "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'browser'}",
            f"--virtual-time-budget={DRAWING_MS}", "--no-pdf-header-footer", f"--print-to-pdf={target}",
            *(["--no-sandbox"] if _is_root() else []), (folder / "report.html").as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=TIMEOUT_S
            )
        except subprocess.TimeoutExpired as error:
            raise InputError(f"did not print the page within {TIMEOUT_S} s", where=program) from error
        except OSError as error:
            raise InputError(f"cannot be run ({error.strerror or error})", where=program) from error
        content = target.read_bytes() if target.is_file() else b""
    if done.returncode != 0 or not content.startswith(b"%PDF"):
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise InputError(f"printed no PDF (exit code {done.returncode}: {last[:300]})", where=program)
    return content


def _is_root() -> bool:
    """Chromium's sandbox does not work for root."""
    return hasattr(os, "geteuid") and os.geteuid() == 0
