"""Where should a country's compute run? Regions, sites, devices, halls, grid and network in one linear program.

    import eastwest as ew
    result = ew.solve(ew.load_scenario("scenarios/national-2027.yaml"))

Names are imported when they are first used, so that `import eastwest` and `eastwest --help` are quick.
"""

from __future__ import annotations

import sys
from importlib import import_module, metadata
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eastwest.compare import Comparison, compare
    from eastwest.errors import EastwestError, InputError, ModelError, ReportError, SolveError
    from eastwest.evaluate import Evaluation, evaluate
    from eastwest.explain import Explanation, explain
    from eastwest.export import export
    from eastwest.result import Result
    from eastwest.scenario import Scenario, load_scenario
    from eastwest.solve import NotOptimal, build, solve
    from eastwest.targets import targets

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
    "explain",
    "export",
    "load_scenario",
    "solve",
    "targets",
]

_HOMES = {
    "Comparison": "compare",
    "EastwestError": "errors",
    "Evaluation": "evaluate",
    "Explanation": "explain",
    "InputError": "errors",
    "ModelError": "errors",
    "NotOptimal": "solve",
    "ReportError": "errors",
    "Result": "result",
    "Scenario": "scenario",
    "SolveError": "errors",
    "build": "solve",
    "compare": "compare",
    "evaluate": "evaluate",
    "export": "export",
    "explain": "explain",
    "load_scenario": "scenario",
    "solve": "solve",
    "targets": "targets",
}

try:
    __version__ = metadata.version("eastwest")
except metadata.PackageNotFoundError:
    __version__ = "0+not.installed"


class _Package(ModuleType):
    """`ew.solve` and `ew.compare` stay functions when the modules of the same name are imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if _HOMES.get(name) == name and isinstance(value, ModuleType):
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'eastwest' has no attribute '{name}'")
    value = getattr(import_module(f"eastwest.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
