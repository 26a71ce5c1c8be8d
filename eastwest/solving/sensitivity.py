"""What follows the first optimum: ties, price ranges, reliefs, and the western share against metro growth.

All of it starts from the optimal basis; every figure is a re-solve or HiGHS' own ranging, none is read off a raw dual.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from eastwest.lp.certificate import Certificate, certify
from eastwest.lp.declaration import Tried
from eastwest.lp.decomposition import pieces
from eastwest.lp.expression import Variables
from eastwest.lp.highs import Outcome, Progress, Session
from eastwest.lp.program import Constraints, Matrix
from eastwest.lp.solution import Solution
from eastwest.model.data import fleet, new_compute
from eastwest.model.data.delivered_demand import delivered_demand
from eastwest.model.frames import with_year
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.thresholds import LEAST_DEVICES, NOTHING
from eastwest.schema.units import MONEY
from eastwest.solving.relief import relief_table, reliefs


class Sensitivity:
    """A solved program, and what is asked of it next."""

    def __init__(
        self,
        plan: Plan,
        session: Session,
        outcome: Outcome,
        certificate: Certificate,
        progress: Progress,
        last_year: Callable[[], Plan],
    ) -> None:
        self.last_year = last_year
        self.plan, self.session, self.outcome, self.progress = plan, session, outcome, progress
        self.certificate = certificate
        self.matrix = plan.program.matrix()
        self.basis = session.basis()

    def break_ties(self) -> Outcome:
        """Among plans of equal cost the one with the least served-weighted round trip, found on the optimal face.

        Variables with a reduced cost stay at their bound and rows with a dual stay tight, so that cost cannot change.
        """
        self.progress("choosing the plan with the least round trip among those of equal cost")
        m, y = self.matrix, self.outcome.y
        reduced = m.cost - m.transposed_times(y)
        size = NOTHING * (1 + np.abs(m.cost))
        fixed = np.flatnonzero((np.abs(reduced) > size) & (m.lower < m.upper))
        at = np.where(reduced[fixed] > 0, m.lower[fixed], m.upper[fixed])
        tight = np.flatnonzero(np.abs(y) > NOTHING / m.row_scale)
        side = np.where(y[tight] > 0, m.row_lower[tight], m.row_upper[tight])
        lower, upper = m.lower.copy(), m.upper.copy()
        lower[fixed] = upper[fixed] = at
        row_lower, row_upper = m.row_lower.copy(), m.row_upper.copy()
        row_lower[tight] = row_upper[tight] = side
        face = replace(m, lower=lower, upper=upper, row_lower=row_lower, row_upper=row_upper, cost=self._round_trips())
        final = self._on(face)
        if final.status != "optimal":
            self.plan.warnings.append(f"ties were left as the solver found them (second step: {final.status})")
            return self.outcome
        better = certify(m, final.x, y)
        if not better.holds:
            self.plan.warnings.append("ties were left as the solver found them (second step lost accuracy)")
            return self.outcome
        self.certificate = better
        return final

    def _on(self, face: Matrix) -> Outcome:
        """The optimum of another objective on a face. Years meet in what is built alone: with that as it is they are
        programs of their own, as large as one year each. Simplex, because a face has no inside: it takes a second a
        year where interior point took minutes.
        """
        if len(self.plan.years) == 1:
            return Session(face).run("simplex")
        lower, upper, x = face.lower.copy(), face.upper.copy(), self.outcome.x.copy()
        for group in self.plan.program.variables.values():
            if "vintage" in group.index:
                lower[group.here] = upper[group.here] = x[group.here]
        face = replace(face, lower=lower, upper=upper)
        x = np.where(lower == upper, lower, x)
        for _, part, columns in pieces(self.plan.program, "year", face):
            outcome = Session(part).run("simplex")
            if outcome.status != "optimal":
                return outcome
            x[columns] = outcome.x
        return Outcome("optimal", self.outcome.objective, x, self.outcome.y)

    def _round_trips(self) -> np.ndarray:
        """Round trip per served unit; each kind is weighted by its own total, so that kinds are never added."""
        serve: Variables = self.plan.served
        trips = self.plan.round_trips.set_index(["region", "site"])["round_trip_ms"]
        kinds = fleet.tasks(self.plan).set_index("task")["kind"]
        demand = delivered_demand(self.plan)
        total = demand["delivered"].groupby(demand["task"].map(kinds)).sum()
        weight = serve.index["task"].map(kinds).map(total).to_numpy(float)
        cost = np.zeros(len(self.matrix.lower))
        here = pd.MultiIndex.from_frame(serve.index[["region", "site"]]).map(trips.to_dict()).to_numpy(float)
        cost[serve.here] = here / weight * 1e3
        return cost

    def relieve(self, count: int) -> list[pd.DataFrame]:
        """Rows `relief` and `relief_range` of the results table."""
        found = reliefs(self.session, self.plan.program, self.outcome, count, self.progress) if count else []
        parts = []
        worth, reach = relief_table(found)
        reach = with_year(reach)
        for quantity, frame in (("relief", self.plan.in_money_of_year(worth, "value")), ("relief_range", reach)):
            for unit, rows in frame.groupby("_unit") if len(frame) else []:
                name = f"million CNY/{unit}" if quantity == "relief" else str(unit)
                parts.append(results_table.rows(quantity, name, rows))
        return parts

    def price_rules(self, asked: bool | None) -> list[pd.DataFrame]:
        """Rows `rule_price`, the dearest shadow price of each of the planner's rules, and `rule_cost` of all of it.

        The cost is the optimum with the rule less the optimum without its rows, as present value [million CNY]: a
        re-solve from the optimal basis, and zero without one where no row of it has a price. Large programs are asked
        only where `asked` is true; false asks none.
        """
        plan, parts = self.plan, self._most_expensive_rows()
        if not plan.rules or asked is False:
            return parts
        places_of = {rule: np.concatenate([rows.places for rows in groups]) for rule, groups in plan.rules.items()}
        binding = {rule: places for rule, places in places_of.items() if np.any(self.outcome.y[places])}
        slack = [rule for rule in places_of if rule not in binding]
        parts += [results_table.one("rule_cost", MONEY, 0.0, item=rule) for rule in slack]
        if not binding:
            return parts
        if plan.given:
            plan.warnings.append("what rules cost is left out: what is built was decided year by year")
            return parts
        if asked is None and not self.session.can_range:
            plan.warnings.append("what rules cost is left out: the program is large; --rule-costs solves it for each")
            return parts
        for number, (rule, places) in enumerate(binding.items(), 1):
            self.progress(f"re-solving without a rule, {number} of {len(binding)}: {rule}")
            free = np.full(len(places), np.inf)
            self.session.set_row_bounds(places, -free, free)
            without = self.session.run("simplex")
            if without.status == "optimal":
                cost = self.outcome.objective - without.objective
                cost = max(0.0, cost) if abs(cost) > NOTHING * (1 + abs(self.outcome.objective)) else 0.0
                parts.append(results_table.one("rule_cost", MONEY, cost, item=rule))
            else:
                plan.warnings.append(f"what the rule '{rule}' costs is not known: without it, {without.status}")
            sides = self.matrix.row_lower[places], self.matrix.row_upper[places]
            self.session.go_back(places, *sides, self.basis)
        return parts

    def _most_expensive_rows(self) -> list[pd.DataFrame]:
        """The row of each rule that has the largest shadow price, in money of its year; zero where none has one."""
        parts, solution = [], Solution(self.plan.program, self.outcome.x, self.outcome.y)
        for rule, groups in self.plan.rules.items():
            tables = [
                self.plan.in_money_of_year(solution.constraints(rows), "dual").assign(
                    unit=rows.unit, step=rows.declared.step, constraint=rows.name
                )
                for rows in groups
            ]
            rows = pd.concat(tables, ignore_index=True)
            if rows.empty:
                continue
            size = rows["dual"].abs() * rows["step"].astype(float)
            most_expensive = rows.loc[[size.idxmax()]].assign(
                item=rule, dual=lambda row: row["dual"].where(row["dual"].abs() > NOTHING, 0.0)
            )
            unit = str(most_expensive["unit"].iloc[0])
            most_expensive = (
                most_expensive if size.max() > NOTHING else most_expensive[["item", "dual", "right", "constraint"]]
            )
            parts.append(results_table.rows("rule_price", f"million CNY/{unit}", most_expensive, "dual"))
            parts.append(results_table.rows("rule_limit", unit, most_expensive, "right"))
        return parts

    def price_ranges(self) -> list[pd.DataFrame]:
        """For every device bought: below and above which price [CNY per device] the plan would change (ranging)."""
        if not self.plan.bought.terms:
            return []
        group: Variables = self.plan.bought.terms[0].group
        if not self.session.can_range:
            self.plan.warnings.append("prices at which the plan changes are left out: the program is too large for it")
            return []
        places = np.arange(group.offset, group.offset + len(group))
        bought = group.index.assign(bought=self.outcome.x[places], cost=self.matrix.cost[places])
        low, high = self.session.cost_ranges(places)
        prices = fleet.families(self.plan).set_index("device")["price_cny"].astype(float)
        per_cost = bought["device"].map(prices).astype(float) / bought["cost"]
        bought = bought.assign(low=np.maximum(low * per_cost, 0.0), high=high * per_cost)
        bought = bought[bought["bought"] > LEAST_DEVICES].rename(columns={"vintage": "year"})
        return [
            results_table.rows("price_range", "CNY", bought, "low", item="plan changes below"),
            results_table.rows(
                "price_range", "CNY", bought[np.isfinite(bought["high"])], "high", item="plan changes above"
            ),
        ]

    def growth(self) -> list[pd.DataFrame]:
        """Western share, unserved and cost at several growth rates of dense halls at metros.

        A plan of several years is asked for its last year alone, decided as if nothing came before or after it: the
        whole path four times over would take as long as four plans.
        """
        if not _tried(self.plan):
            return []
        if len(self.plan.years) == 1:
            plan, session = self.plan, self.session
        else:
            plan = self.last_year()
            session = Session(plan.program.matrix())
            if len(plan.program.matrix().integer):
                words = "the table of metro growths counts parts of training units instead of whole ones"
                self.plan.warnings.append(words)
        return [part for rows, tried in _tried(plan) for part in self._try(plan, session, rows, tried)]

    def _try(self, plan: Plan, session: Session, rows: Constraints, tried: Tried) -> list[pd.DataFrame]:
        """Each of the right-hand sides that the group names, and what then becomes of the plan."""
        parts, free = [], np.full(len(rows), -np.inf)
        for label, side in tried.sides.items():
            self.progress(f"solving {plan.years[0]} with {tried.words} {label}")
            session.set_row_bounds(rows.places, free, side())
            outcome = session.run("simplex" if session is self.session else None)
            if outcome.status == "optimal":
                solution = Solution(plan.program, outcome.x, outcome.y)
                parts.append(_growth_rows(plan, solution, label, outcome.objective))
        if session is self.session:
            session.set_row_bounds(rows.places, free, rows.right_hand_side)
            session.set_basis(self.basis)
        return parts


def _tried(plan: Plan) -> list[tuple[Constraints, Tried]]:
    """Groups that name other right-hand sides to be tried, and these."""
    every = plan.program.constraints.values()
    return [(rows, rows.declared.tried) for rows in every if rows.declared.tried is not None and len(rows)]


def _growth_rows(plan: Plan, solution: Solution, label: str, objective: float) -> pd.DataFrame:
    """Share of the West in what is delivered and in what is new, unserved share by kind, and cost."""
    west = plan.table("sites").set_index("site")["west"].astype(bool)
    kinds = fleet.tasks(plan).set_index("task")["kind"]
    served = solution.variables(plan.served).assign(
        kind=lambda t: t["task"].map(kinds), west=lambda t: t["site"].map(west)
    )
    delivered = delivered_demand(plan)
    demand = delivered["delivered"].groupby(delivered["task"].map(kinds)).sum()
    parts = [("cost", MONEY, objective)]
    for kind, rows in served.groupby("kind"):
        total = rows["value"].sum()
        parts.append((f"unserved_share_{kind}", "1", max(0.0, 1 - total / demand[kind])))
        if kind == "intelligent" and total > 0:
            parts.append(("west_share_served", "1", rows.loc[rows["west"].astype(bool), "value"].sum() / total))
    bought = new_compute.bought(plan, solution)
    for basis, new in new_compute.by_basis(plan, bought, plan.years[0]):
        share = new_compute.share_of(plan, new, "site", west)
        parts += [] if share is None else [(f"west_share_{basis}", "1", share)]
    frame = pd.DataFrame(parts, columns=["kind", "unit", "value"]).assign(year=plan.years[0])
    return pd.concat(
        [results_table.rows("growth_table", unit, rows, item=label) for unit, rows in frame.groupby("unit")]
    )
