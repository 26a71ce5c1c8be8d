"""Build and solve a national scenario: seconds, peak memory, and ratios beside the raw solver in the same run."""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import eastwest as ew
from eastwest.lp.certificate import certify
from eastwest.lp.highs import Session

SCENARIOS = Path(__file__).parents[1] / "scenarios"


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(name: str, slices: int, algorithms: list[str], pulp: bool, limit: float) -> None:
    started = time.perf_counter()
    scenario = ew.load_scenario(SCENARIOS / f"{name}.yaml").with_(
        time={"seasons": 4, "blocks": slices // 4, "coarse": True}
    )
    loaded = time.perf_counter()
    plan = ew.build(scenario)
    matrix = plan.program.matrix()
    built = time.perf_counter()
    rows, columns = plan.program.shape
    print(f"{name}, {slices} slices: {rows:,} rows, {columns:,} variables, {len(matrix.value):,} entries")
    print(f"  load {loaded - started:.1f} s, build {built - loaded:.1f} s")
    if pulp:
        at = time.perf_counter()
        plan.to_pulp()
        seconds = time.perf_counter() - at
        print(f"  as a PuLP problem {seconds:.1f} s ({seconds / (built - loaded):.1f} x build)")
    for algorithm in algorithms:
        session = Session(matrix, time_limit_s=limit)
        at = time.perf_counter()
        outcome = session.run(algorithm)
        seconds = time.perf_counter() - at
        share = (built - loaded) / (seconds + built - loaded)
        holds = certify(matrix, outcome.x, outcome.y).holds if outcome.status == "optimal" else "-"
        print(f"  {algorithm}: {outcome.status}, {outcome.objective:,.3f} million CNY, {seconds:.1f} s,", end=" ")
        print(f"build is {share:.1%}, certificate {holds}")
    print(f"  peak memory {peak_mb():,.0f} MB", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("slices", type=int, nargs="*", default=[4, 24])
    parser.add_argument("--scenario", default="national-2027", help="name of a file in scenarios/")
    parser.add_argument("--algorithms", nargs="*", default=["ipx"], help="none to build only")
    parser.add_argument("--pulp", action="store_true")
    parser.add_argument("--limit", type=float, default=1200.0, help="seconds for each solve")
    arguments = parser.parse_args()
    for count in arguments.slices:
        measure(arguments.scenario, count, arguments.algorithms, arguments.pulp, arguments.limit)
