"""What every build script needs: where the files are, how they are read, rounded and written."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent
REFERENCE = DATA / "reference"
if str(DATA.parent) not in sys.path:
    sys.path.append(str(DATA.parent))

Record = dict[str, Any]
Tables = dict[str, list[Record]]
QUALITIES = ("official", "published_estimate", "derived", "assumption")
SEASON_MONTHS = {"winter": (12, 1, 2), "spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11)}
SEASON_DAYS = {"winter": 90, "spring": 92, "summer": 92, "autumn": 91}


def reference(name: str) -> list[dict[str, str]]:
    """Rows of a raw reference file, as text; some notes in network.csv hold unquoted commas, which only trail."""
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, restkey="_rest"))


def number(text: str | None) -> float | None:
    """The number in a cell, or None when the cell is empty or holds words."""
    try:
        return float(text) if text not in (None, "") else None
    except ValueError:
        return None


def weakest(*qualities: str) -> str:
    """The least firm of several qualities."""
    return max(qualities, key=QUALITIES.index)


def computed(*qualities: str) -> str:
    """Quality of a figure computed from others: derived, or assumption when one of them is."""
    return weakest("derived", *qualities)


def short(text: str, length: int = 158) -> str:
    """Source text cut to one short line."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 3].rstrip() + "..."


def slug(text: str) -> str:
    """An identifier in lower_snake made from free text."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def significant(value: float, digits: int = 9) -> float:
    return float(f"{value:.{digits}g}")


def exact_shares(values: Mapping[str, float], decimals: int = 6) -> dict[str, float]:
    """Shares that sum to 1 exactly at so many decimals; the largest takes the rounding."""
    total = sum(values.values())
    rounded = {key: round(value / total, decimals) for key, value in values.items()}
    largest = max(rounded, key=lambda key: rounded[key])
    rounded[largest] = round(rounded[largest] + 1 - sum(rounded.values()), decimals)
    return rounded


def cell(value: Any) -> str:
    """One value as it stands in a CSV file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        text = f"{value:.9g}"
        return str(int(value)) if float(text).is_integer() and abs(value) < 1e15 else text
    return str(value)


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            if extra := set(row) - set(columns):
                raise ValueError(f"{path.name}: columns {sorted(extra)} are not in the contract")
            writer.writerow([cell(row.get(column)) for column in columns])
