"""What a group of constraints says of itself: reports, reliefs, idle tables and infeasibility read it and know no name.

kind    limit       somebody can be given more of it
        rule        a planner's rule, which somebody can loosen
        demand      what is asked of the plan: it has a price, but nobody is sold less of it
        promise     outages, standby, customers who stay: more for one case alone is nothing that anyone can buy
        definition  balances and bookkeeping, never relieved and never told
span    year        the right-hand side is one figure of the year, though each part of the day may have a row
        hour        each row has a figure of its own hour, as the output of a plant: nobody is given more of one hour
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import pandas as pd

from eastwest.errors import ModelError, nearest
from eastwest.lp.expression import Floats, Variables

Kind = Literal["limit", "rule", "demand", "promise", "definition"]
Span = Literal["year", "hour"]
KINDS: tuple[str, ...] = get_args(Kind)
SPANS: tuple[str, ...] = get_args(Span)


@dataclass(frozen=True)
class Announced:
    """Assets with dates of their own that a right-hand side holds; what has the same words is brought sooner together.

    `section` of the scenario delays them all by its `delay_months`; empty where only the table `delays` does.
    """

    words: str
    assets: tuple[str, ...]
    section: str = ""


@dataclass(frozen=True, eq=False)
class Idle:
    """What a slack row leaves unused: the table `idle` tells how much, what it waits for and what it costs."""

    annual: pd.Series
    """cost of one unit at replacement annuity [million CNY a year], labelled by one label of the rows"""
    words: str | Mapping[str, str] = ""
    """what stands idle, for all rows or by asset; empty where the row's device says it"""
    cause: str = ""
    """how others that wait for it call it; empty: by the name of the limit"""
    blame: str = ""
    """how demand that stays unserved calls it; empty: by the name of the limit"""
    asset_of_device: Mapping[str, str] = field(default_factory=dict)
    """the row's asset for each device, where rows are by asset"""
    nothing: str = "nothing: it is not needed"
    """what it waits for where no limit keeps it from work"""


@dataclass(frozen=True, eq=False)
class Tried:
    """Other right-hand sides that a table tries in turn: by name, one figure for each row of the group."""

    words: str
    sides: Mapping[str, Callable[[], Floats]]


@dataclass(frozen=True, eq=False)
class Declaration:
    """`limit` is the name in words, `step` what a planner would ask for in the unit of the right-hand side.

    `rule` is the planner's rule that the group is of, `setting` the key of its section that says what the rule asks,
    `module` the idea that built it, `assets` what its right-hand
    side is the capacity of, `defines` what a definition defines where several groups of variables have its labels,
    `scarce` whether it counts in the first line of reports. `announced`, `idle` and `tried`: see there.
    """

    kind: Kind
    limit: str | None = None
    span: Span = "year"
    step: float = 1.0
    rule: str | None = None
    setting: str = ""
    module: str = ""
    assets: tuple[str, ...] = ()
    announced: tuple[Announced, ...] = ()
    idle: Idle | None = None
    scarce: bool = False
    tried: Tried | None = None
    defines: Variables | None = None

    @property
    def meaning(self) -> tuple[str, str, float, str]:
        """Kind, span, step and module: what groups that share their words must share too."""
        return self.kind, self.span, self.step, self.module

    def check(self, name: str) -> None:
        """ModelError where the declaration contradicts itself."""
        if self.kind not in KINDS or self.span not in SPANS:
            raise ModelError(
                f"constraints {name}: received kind {self.kind!r} and span {self.span!r}, expected one of "
                f"{', '.join(KINDS)}{nearest(self.kind, KINDS)} and one of {', '.join(SPANS)}"
            )
        if self.kind != "definition" and not self.limit:
            raise ModelError(f"constraints {name}: a {self.kind} needs its name in words (limit=...)")
        if self.kind == "rule" and not self.rule:
            raise ModelError(f"constraints {name}: which of the planner's rules is it of (rule=...)?")
