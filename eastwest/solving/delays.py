"""What a month less of delay is worth: announced halls, connections, plants or devices come a month sooner, and the
changed right-hand sides are solved again from the optimal basis. Figures are savings of present value [million CNY].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from eastwest.lp.highs import Outcome, Progress, Session
from eastwest.model.plan import Plan
from eastwest.schema import results_table

KINDS: dict[str, tuple[str, ...]] = {
    "grid connections": ("grid",),
    "halls": ("hall_dense", "hall_standard"),
    "own plants and batteries": ("wind", "solar", "battery_power", "battery_energy"),
    "devices signed for": ("devices",),
}
ROWS = ("hall", "connection", "draw", "output", "charging", "discharging", "stored", "installed")
"""Blocks of rows whose right-hand sides hold dates."""
SITES = 3
"""For each kind, so many sites are asked one by one, those where the prices promise most; none on large programs, where
bringing many halls forward takes minutes."""
LEAST = 1e-6
UNIT = "million CNY/month"


def delay_reliefs(
    plan: Plan, session: Session, outcome: Outcome, sooner: Callable[[Mapping[str, float]], Plan], progress: Progress
) -> list[pd.DataFrame]:
    """Rows of quantity `relief`, for all sites together and for the dearest; `sooner` builds with earlier dates."""
    basis, parts = session.basis(), []
    sites = _sites(plan)
    for kind, assets in KINDS.items():
        if not _announced(plan, assets) or not _priced(plan, outcome):
            continue
        progress(f"re-solving with {kind} a month sooner")
        low, high = _sides(sooner(dict.fromkeys(assets, 1.0)))
        old_low, old_high = _sides(plan)
        if len(low) != len(old_low):
            plan.warnings.append(f"a month less of delay of {kind} changes which years they serve: not asked")
            continue
        known = np.isfinite(high) & np.isfinite(old_high)
        shift = np.zeros(len(high))
        shift[known] = high[known] - old_high[known]
        worth = -outcome.y * shift
        places = ["", *_dearest(sites, worth)] if session.can_range else [""]
        for site in places:
            rows = np.flatnonzero((shift != 0) & ((sites == site) if site else True))
            if worth[rows].sum() <= LEAST:
                continue
            session.set_row_bounds(rows, low[rows], high[rows])
            after = session.run("simplex")
            session.go_back(rows, old_low[rows], old_high[rows], basis)
            if after.status == "optimal":
                saved = max(0.0, outcome.objective - after.objective)
                parts.append(results_table.one("relief", UNIT, saved, site=site, item=f"a month less of delay: {kind}"))
    return parts


def _sides(plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    matrix = plan.program.matrix()
    return matrix.row_lower, matrix.row_upper


def _sites(plan: Plan) -> np.ndarray:
    """Site of every row; empty where the row has none."""
    parts = [
        rows.index["site"].to_numpy(object) if "site" in rows.index else np.full(len(rows), "", dtype=object)
        for rows in plan.program.constraints.values()
    ]
    return np.concatenate(parts).astype(str)


def _announced(plan: Plan, assets: tuple[str, ...]) -> bool:
    if assets == ("devices",):
        return len(plan.table("commitments")) > 0
    capacity = plan.table("capacity")
    return bool((capacity["asset"].isin(assets) & (capacity["status"] == "announced")).any())


def _priced(plan: Plan, outcome: Outcome) -> bool:
    """Whether any row that holds dates has a price."""
    blocks = [rows for name, rows in plan.program.constraints.items() if name in ROWS]
    return any(np.abs(outcome.y[rows.offset : rows.offset + len(rows)]).max(initial=0.0) > LEAST for rows in blocks)


def _dearest(sites: np.ndarray, worth: np.ndarray) -> list[str]:
    total = pd.Series(worth).groupby(sites).sum()
    total = total[(total > LEAST) & (total.index != "")].sort_values(ascending=False, kind="stable")
    return [str(site) for site in total.index[:SITES]]
