"""A solution as labelled tables: values of variables, activity and duals of rows, all in natural units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eastwest.lp.expression import Expression, Floats, Group, Groups, Variables
from eastwest.lp.program import Constraints, LinearProgram


@dataclass(frozen=True, eq=False)
class Solution:
    """`x` has one value per variable, `y` one dual per row [million CNY per unit of the row's right-hand side]."""

    program: LinearProgram
    x: Floats
    y: Floats

    def variables(self, group: Variables | str | None, *, if_built: bool = False) -> pd.DataFrame:
        """Labels and `value` of a group, or of that of a name; an empty table for None.

        ModelError where no group has the name; `if_built` where it may not be built: then the table is empty.
        """
        known = _found(self.program.variables, group, if_built)
        if known is None:
            return pd.DataFrame(
                {column: pd.Series(dtype=object) for column in ("site", "device", "asset", "year")} | {"value": []}
            )
        return known.index.assign(value=self.x[known.here])

    def entered(
        self, group: Variables | str | None, counts_for: Mapping[int, int], *, if_built: bool = False
    ) -> pd.DataFrame:
        """A group of assets by vintage, added up by the `year` that each vintage counts for."""
        found = self.variables(group, if_built=if_built)
        if "vintage" not in found:
            return found
        found = found.assign(year=found["vintage"].map(counts_for)).drop(columns="vintage")[found["value"] > 0]
        labels = [name for name in found if name != "value"]
        return found.groupby(labels, as_index=False, sort=False)["value"].sum()

    def reduced_costs(self, group: Variables) -> pd.DataFrame:
        """Labels, `value` and `reduced_cost` of a group [million CNY per unit of the variable]."""
        matrix = self.program.matrix()
        reduced = (matrix.cost - matrix.transposed_times(self.y))[group.here]
        return self.variables(group).assign(reduced_cost=reduced)

    def constraints(self, group: Constraints | str | None, *, if_built: bool = False) -> pd.DataFrame:
        """Labels, `right`, `activity`, `slack` and `dual` of a group, or of that of a name; see `variables`."""
        rows = _found(self.program.constraints, group, if_built)
        if rows is None:
            return pd.DataFrame({"right": [], "activity": [], "slack": [], "dual": []})
        activity = self.program.matrix().times(self.x)[rows.here]
        slack = np.abs(rows.right_hand_side - activity)
        return rows.index.assign(right=rows.right_hand_side, activity=activity, slack=slack, dual=self.y[rows.here])

    def value(self, expression: Expression | Variables, over: pd.DataFrame) -> pd.DataFrame:
        """`over` with the expression's `value` at each of its rows."""
        expression = expression.expression() if isinstance(expression, Variables) else expression
        return over.assign(value=self.program.value(expression, over, self.x).to_numpy())

    def cost(self, item: str) -> pd.DataFrame:
        """What an item of the objective costs, by group of variables and its labels [million CNY a year]."""
        each = self.program.item_cost(item) * self.x
        parts = []
        for name, group in self.program.variables.items():
            value = each[group.offset : group.offset + len(group)]
            if np.any(value):
                parts.append(group.index.assign(variable_group=name, value=value)[value != 0])
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"variable_group": [], "value": []})


def _found(groups: Groups[Group], group: Group | str | None, if_built: bool) -> Group | None:
    if not isinstance(group, str):
        return group
    return groups.get(group) if if_built else groups[group]
