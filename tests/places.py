"""Where things stand: the checkout and what tests keep beside themselves."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
PACKAGE = ROOT / "eastwest"
TINY = TESTS / "tiny" / "tiny.yaml"
