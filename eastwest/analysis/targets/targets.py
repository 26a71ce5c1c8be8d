"""Dated targets beside a run's figures, and what the setting that would enforce one costs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from eastwest.analysis.targets.judging import MISSED, frame_of, judged, lines_of
from eastwest.errors import InputError
from eastwest.lp.highs import Progress
from eastwest.scenario.outside import refuse_absent
from eastwest.schema.thresholds import NOTHING
from eastwest.schema.units import published
from eastwest.solving.solve import NotOptimal, solve

if TYPE_CHECKING:
    import pandas as pd

    from eastwest.results.result import Result


def targets(
    result: Result,
    *,
    price: bool | Collection[str] = False,
    modules: Collection[ModuleType] = (),
    progress: Progress = lambda message: None,
) -> pd.DataFrame:
    """Every row of `policy_targets` beside the run's figure; those that the model does not speak to say why.

    `price` solves the scenario again with the setting that enforces a target: all that are missed, or those named; it
    needs the `modules` from outside the package that the run was made with.
    """
    result = result.with_modules(modules)
    lines = judged(result)
    if price:
        refuse_absent(result.scenario.modules)
        chosen = set() if price is True else set(price)
        _add_prices(
            result, [x for x in lines if (x["target"] in chosen if chosen else x["status"] == MISSED)], progress
        )
    return frame_of(lines)


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
    extra = 0.0 if abs(extra) < NOTHING * (1 + abs(result.objective)) else extra
    return Price(extra, result=found)


def _add_prices(result: Result, lines: list[dict[str, Any]], progress: Progress) -> None:
    found: dict[str, Price] = {}
    for line in lines:
        change = line["change"]
        if not change:
            continue
        if line["setting"] not in found:
            progress(f"pricing {line['target']}: {line['setting']}")
            found[line["setting"]] = price_of(result, change, progress)
        one = found[line["setting"]]
        line["asked"], line["extra_cost_million_cny"] = True, one.extra
        line["remark"] = "; ".join(text for text in (line["remark"], one.remark, _then(one, line)) if text)


def _then(price: Price, line: dict[str, Any]) -> str:
    """Whether the plan with the setting meets the target indeed."""
    if price.result is None:
        return ""
    table = price.result.scenario.tables["policy_targets"]
    row = {str(key): value for key, value in table[table["target"] == line["target"]].iloc[0].to_dict().items()}
    now = next(other for other in lines_of(price.result, row) if other["place"] == line["place"])
    unit = published(now["unit"]).written
    return f"then {now['figure']:.4g}{f' {unit}' * bool(unit)} in {now['year']}, {now['status']}"
