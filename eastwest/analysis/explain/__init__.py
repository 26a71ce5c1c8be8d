"""Why the plan allocates as it does: where the next unit would go, what stops it, what the alternatives would cost.

    eastwest explain RUN --workload interactive_llm_inference --region 440000
    ew.explain(result, site="guian").tables["limits"]

Everything is read from the run's results table (see `eastwest.solving.reduced_costs`); with `solve_again` the program
is solved once more with one unit more, which says where it goes exactly.
"""

from __future__ import annotations

from collections.abc import Collection
from types import ModuleType

import pandas as pd

from eastwest.analysis.explain.case import Case, case_of
from eastwest.analysis.explain.next_unit import next_unit
from eastwest.analysis.explain.overview import of_all, of_region, of_site, of_task
from eastwest.analysis.explain.parts import Explanation
from eastwest.analysis.explain.way import of_route
from eastwest.errors import InputError
from eastwest.lp.highs import Progress
from eastwest.results.result import Result

__all__ = ["Explanation", "explain"]


def explain(
    result: Result,
    *,
    site: str | None = None,
    workload: str | None = None,
    region: str | None = None,
    year: int | None = None,
    solve_again: bool = False,
    modules: Collection[ModuleType] = (),
    progress: Progress = lambda message: None,
) -> Explanation:
    """Explain a year of a result (the last one by default), for a site, a task, a region, or pairs of them.

    Names are identifiers or English or Chinese names; prices are in CNY/(PFLOP/s h), savings in million CNY a year.
    `modules` are those from outside the package that the run was made with; `solve_again` needs them.
    InputError for names that the run does not have, and where `solve_again` has no task to add to.
    """
    case = case_of(result.with_modules(modules), year, site, workload, region)
    if not len(case.of("reduced_cost")) and not len(case.of("service_price")):
        raise InputError("has no prices of alternatives: it was written by an earlier version; run the scenario again")
    if case.site and bool(case.task) != bool(case.region):
        raise InputError("received a site with a workload or a region; expected both, or the site alone", key="--site")
    if case.task and case.region:
        found = of_route(case)
    elif case.site:
        found = of_site(case)
    elif case.task:
        found = of_task(case)
    elif case.region:
        found = of_region(case)
    else:
        found = of_all(case)
    return _with_next_unit(found, case, progress) if solve_again else found


def _with_next_unit(found: Explanation, case: Case, progress: Progress) -> Explanation:
    if not case.task:
        raise InputError("received no workload; expected one, to which a unit is added", key="--workload")
    changes, cost = next_unit(case, progress)
    sentence = f"Solved again with 1 PFLOP/s more: it costs {cost:,.4g} CNY/(PFLOP/s h); {_most(case, changes)}."
    return found.and_also([sentence], {"next unit": changes})


def _most(case: Case, changes: pd.DataFrame) -> str:
    """The largest changes of the task itself in words."""
    own = changes[(changes["key"] == case.task) & (changes["what"] != "bought")]
    words = [
        f"{row['change']:+.3g} {'at ' + case.name('site', row['site']) if row['site'] else 'unserved'}"
        for row in own.head(4).to_dict(orient="records")
    ]
    others = len(changes) - len(own)
    more = f", and {others} other changes" if others else ""
    return (f"of it {', '.join(words)}" if words else "no change of its own") + more
