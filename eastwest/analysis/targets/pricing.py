"""What it would cost to enforce something: the stored scenario with a changed setting, solved again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eastwest.errors import InputError
from eastwest.lp.highs import Progress
from eastwest.solving.solve import NotOptimal, solve

if TYPE_CHECKING:
    from eastwest.results.result import Result


@dataclass(frozen=True)
class Price:
    """`extra` cost as present value [million CNY], not a number where there is no plan; then `remark` says why."""

    extra: float
    remark: str = ""
    result: Result | None = None


def price_of(result: Result, change: dict[str, Any], progress: Progress) -> Price:
    """Solve the result's scenario with `change` (as `Scenario.with_` takes it) and compare the optimum."""
    try:
        found = solve(result.scenario.with_(**change), reliefs=0, growth_table=False, progress=progress)
    except NotOptimal as error:
        return Price(float("nan"), " ".join(line.strip() for line in ("no plan meets it.", *error.lines)))
    except InputError as error:
        return Price(float("nan"), f"cannot be asked of this run: {error.message}")
    extra = found.objective - result.objective
    extra = 0.0 if abs(extra) < 1e-9 * (1 + abs(result.objective)) else extra
    return Price(extra, result=found)
