"""Where should a country's compute run? Regions, sites, devices, halls, grid and network in one linear program.

    import eastwest as ew
    result = ew.solve(ew.load_scenario("scenarios/national-2027.yaml"))

Names are imported when they are first used, so that `import eastwest` and `eastwest --help` are quick.
"""

from __future__ import annotations

from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eastwest.analysis.compare import Comparison, compare
    from eastwest.analysis.evaluation.evaluate import Evaluation, evaluate
    from eastwest.analysis.evaluation.tightest_week import evaluate_tightest_week
    from eastwest.analysis.explain import Explanation, explain
    from eastwest.analysis.targets.targets import targets
    from eastwest.errors import EastwestError, InputError, ModelError, ReportError, SolveError
    from eastwest.report.export import export
    from eastwest.results.result import Result
    from eastwest.scenario import Scenario, load_scenario
    from eastwest.solving.solve import NotOptimal, build, solve

__all__ = [
    "Comparison",
    "EastwestError",
    "Evaluation",
    "Explanation",
    "InputError",
    "ModelError",
    "NotOptimal",
    "ReportError",
    "Result",
    "Scenario",
    "SolveError",
    "__version__",
    "build",
    "compare",
    "evaluate",
    "evaluate_tightest_week",
    "explain",
    "export",
    "load_scenario",
    "solve",
    "targets",
]

_HOMES = {
    "Comparison": "analysis.compare",
    "EastwestError": "errors",
    "Evaluation": "analysis.evaluation.evaluate",
    "Explanation": "analysis.explain",
    "InputError": "errors",
    "ModelError": "errors",
    "NotOptimal": "solving.solve",
    "ReportError": "errors",
    "Result": "results.result",
    "Scenario": "scenario",
    "SolveError": "errors",
    "build": "solving.solve",
    "compare": "analysis.compare",
    "evaluate": "analysis.evaluation.evaluate",
    "evaluate_tightest_week": "analysis.evaluation.tightest_week",
    "export": "report.export",
    "explain": "analysis.explain",
    "load_scenario": "scenario",
    "solve": "solving.solve",
    "targets": "analysis.targets.targets",
}

try:
    __version__ = metadata.version("eastwest")
except metadata.PackageNotFoundError:
    __version__ = "0+not.installed"


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'eastwest' has no attribute '{name}'")
    value = getattr(import_module(f"eastwest.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
