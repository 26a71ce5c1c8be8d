"""What a month less of delay is worth: announced halls, connections, plants or devices come a month sooner, and the
changed right-hand sides are solved again from the optimal basis. Figures are savings of present value [million CNY].

Which right-hand sides hold what is announced is declared where the constraints are built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eastwest.lp.declaration import Announced
from eastwest.lp.expression import Floats, Integers
from eastwest.lp.highs import Outcome, Progress, Session
from eastwest.lp.program import Constraints
from eastwest.model.data.announced import moved
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.thresholds import NOTHING

MONTHS = 1.0
SITES = 3
"""For each kind, so many sites are asked one by one, those where the prices promise most; none on large programs, where
bringing many halls forward takes minutes."""
LEAST = 1e-6
"""Worth of a month below which no site is asked [million CNY]."""
UNIT = "million CNY/month"

Sooner = Callable[[Mapping[str, float]], Plan]
"""Builds the plan with assets sooner by so many months."""


@dataclass(frozen=True, eq=False)
class _Shift:
    """What a month makes of the right-hand sides: rows that change, and both sides of all rows."""

    rows: Integers
    low: Floats
    high: Floats


def delay_reliefs(
    plan: Plan, session: Session, outcome: Outcome, sooner: Sooner, progress: Progress
) -> list[pd.DataFrame]:
    """Rows of quantity `relief`, for all sites together and for the dearest; `sooner` builds with earlier dates.

    Nothing is built where no date moves a figure of a planning year whose row has a price.
    """
    kinds = {words: every for words, every in _kinds(plan).items() if _may_matter(plan, outcome, every)}
    if not kinds:
        return []
    basis, parts, sites = session.basis(), [], _sites(plan)
    old_low, old_high = _sides(plan)
    for kind, shift in _shifts(plan, kinds, sooner, progress).items():
        if shift is None:
            plan.warnings.append(f"a month less of delay of {kind} changes which years they serve: not asked")
            continue
        worth = np.zeros(len(old_high))
        worth[shift.rows] = -outcome.y[shift.rows] * (shift.high[shift.rows] - old_high[shift.rows])
        for site in ["", *_most_expensive(sites, worth)] if session.can_range else [""]:
            rows = shift.rows[(sites[shift.rows] == site) | (site == "")]
            if worth[rows].sum() <= LEAST:
                continue
            progress(f"re-solving with {kind} a month sooner")
            session.set_row_bounds(rows, shift.low[rows], shift.high[rows])
            after = session.run("simplex")
            session.go_back(rows, old_low[rows], old_high[rows], basis)
            if after.status == "optimal":
                saved = max(0.0, outcome.objective - after.objective)
                parts.append(results_table.one("relief", UNIT, saved, site=site, item=f"a month less of delay: {kind}"))
    return parts


def _kinds(plan: Plan) -> dict[str, list[Announced]]:
    """What is brought sooner together, by its words."""
    found: dict[str, list[Announced]] = {}
    for rows in plan.program.constraints.values():
        for one in rows.declared.announced:
            known = found.setdefault(one.words, [])
            known += [] if one in known else [one]
    return found


def _holding(plan: Plan, kind: list[Announced]) -> list[Constraints]:
    """Groups whose right-hand sides hold what is announced of a kind."""
    return [rows for rows in plan.program.constraints.values() if set(kind) & set(rows.declared.announced)]


def _may_matter(plan: Plan, outcome: Outcome, kind: list[Announced]) -> bool:
    """Whether any row with a price holds something that comes sooner, as far as its site and year tell."""
    places = set().union(*(moved(plan, one, MONTHS) for one in kind))
    for rows in _holding(plan, kind) if places else ():
        priced = rows.index[np.abs(outcome.y[rows.here]) > NOTHING]
        keys = [column for column in ("site", "year") if column in priced]
        if not keys and len(priced):
            return True
        wanted = {tuple(place[("site", "year").index(key)] for key in keys) for place in places}
        if wanted & set(priced[keys].itertuples(index=False, name=None)):
            return True
    return False


def _shifts(
    plan: Plan, kinds: Mapping[str, list[Announced]], sooner: Sooner, progress: Progress
) -> dict[str, _Shift | None]:
    """What each kind shifts: all from one rebuild where every changed row is of one kind, else from one each."""
    progress("building the program with what is announced a month sooner")
    assets = {words: [asset for one in kind for asset in one.assets] for words, kind in kinds.items()}
    shift = _shift(plan, sooner({asset: MONTHS for every in assets.values() for asset in every}))
    if len(kinds) == 1:
        return dict.fromkeys(kinds, shift)
    if shift is not None:
        owners = np.zeros(len(shift.high), dtype=int)
        own = {words: np.zeros(len(shift.high), dtype=bool) for words in kinds}
        for words, kind in kinds.items():
            for rows in _holding(plan, kind):
                own[words][rows.here] = True
            owners += own[words]
        if (owners[shift.rows] == 1).all():
            return {words: _Shift(shift.rows[own[words][shift.rows]], shift.low, shift.high) for words in kinds}
    return {words: _shift(plan, sooner(dict.fromkeys(assets[words], MONTHS))) for words in kinds}


def _shift(plan: Plan, earlier: Plan) -> _Shift | None:
    """None where the earlier plan has other rows."""
    (low, high), (_, old) = _sides(earlier), _sides(plan)
    if len(high) != len(old):
        return None
    known = np.isfinite(high) & np.isfinite(old)
    changed = np.zeros(len(high), dtype=bool)
    changed[known] = high[known] != old[known]
    return _Shift(np.flatnonzero(changed), low, high)


def _sides(plan: Plan) -> tuple[Floats, Floats]:
    matrix = plan.program.matrix()
    return matrix.row_lower, matrix.row_upper


def _sites(plan: Plan) -> np.ndarray:
    """Site of every row; empty where the row has none."""
    parts = [
        rows.index["site"].to_numpy(object) if "site" in rows.index else np.full(len(rows), "", dtype=object)
        for rows in plan.program.constraints.values()
    ]
    return np.concatenate(parts).astype(str)


def _most_expensive(sites: np.ndarray, worth: np.ndarray) -> list[str]:
    total = pd.Series(worth).groupby(sites).sum()
    total = total[(total > LEAST) & (total.index != "")].sort_values(ascending=False, kind="stable")
    return [str(site) for site in total.index[:SITES]]
