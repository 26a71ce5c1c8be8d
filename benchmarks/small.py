"""CPU seconds to read, change and build small programs, as multiples of handing the same program over to HiGHS."""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import eastwest as ew
from eastwest.lp.highs import Session

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
import builder  # noqa: E402 (the tests' countries)

SMALL = ROOT / "docs" / "notebooks" / "small-country" / "country.yaml"
NATIONAL = ROOT / "scenarios" / "national-2027.yaml"
CHANGED = {"time": {"seasons": 4, "blocks": 1, "coarse": True}}
PLACES: dict[str, tuple[Path, Callable[[], ew.Scenario]]] = {
    "one place": (builder.TINY, builder.one_place),
    "tiny": (builder.TINY, builder.tiny),
    "small country": (SMALL, lambda: ew.load_scenario(SMALL)),
    "national-2027, 4 slices": (NATIONAL, lambda: ew.load_scenario(NATIONAL).with_(**CHANGED)),
}
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import eastwest": ["-c", "import eastwest"],
    "eastwest --help": ["-m", "eastwest", "--help"],
    "eastwest validate (small country)": ["-m", "eastwest", "validate", str(SMALL)],
}


def cpu_seconds(what: Callable[[], object], times: int) -> float:
    """Median over `times` calls [CPU s]."""
    found = []
    for _ in range(times):
        started = time.process_time()
        what()
        found.append(time.process_time() - started)
    return statistics.median(found)


def command_seconds(arguments: list[str], times: int) -> float:
    """Median of a command of its own [CPU s, user and system]."""
    found = []
    for _ in range(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return statistics.median(found)


def measure(name: str, times: int) -> None:
    path, make = PLACES[name]
    scenario = make()
    matrix = ew.build(scenario).program.matrix()
    hand_over = cpu_seconds(lambda: Session(matrix), times)
    figures = {
        "load": cpu_seconds(lambda: ew.load_scenario(path), times),
        "with_": cpu_seconds(lambda: scenario.with_(**CHANGED), times),
        "build": cpu_seconds(lambda: ew.build(scenario), times),
    }
    told = " | ".join(f"{seconds:.3f} ({seconds / hand_over:,.0f})" for seconds in figures.values())
    print(f"| {name} | {len(matrix.row_lower):,} | {told} | {hand_over:.4f} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(PLACES), help=f"some of: {', '.join(PLACES)}")
    parser.add_argument("--times", type=int, default=7, help="calls of which the median counts")
    parser.add_argument("--commands", action="store_true", help="commands of their own as well")
    chosen = parser.parse_args()
    print("| program | rows | load [CPU s] (x hand-over) | with_ | build | hand-over [CPU s] |")
    print("|---|---|---|---|---|---|")
    for place in chosen.names:
        measure(place, chosen.times)
    for words, command in COMMANDS.items() if chosen.commands else ():
        print(f"{words}: {command_seconds(command, chosen.times):.2f} CPU s")
