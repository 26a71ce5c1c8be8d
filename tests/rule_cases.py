"""Small scenarios in which a planner's rule binds, each solved once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from builder import one_place, tiny

from eastwest.lp.highs import Session
from eastwest.model.plan import Plan
from eastwest.scenario import Scenario
from eastwest.solving.solve import build

HUB: dict[str, Any] = {"hubs": {"h": {"name_en": "Hub", "side": "west"}}, "sites": {"mesa": {"hub": "h"}}}
EMPTY: dict[str, Any] = {
    "tasks": {"train": None},
    "stock": {"base": {"*": {"*": {"*": {"devices": 0}}}}},
    "commitments": {"*": {"*": {"*": {"devices": 0}}}},
}
SCARCE: dict[str, Any] = {"supply": {"*": {"*": {"mid": 12}}}}
FOREIGN: dict[str, Any] = {"devices": {"alpha": {"origin": "foreign"}, "beta": {"origin": "domestic"}}}
CHEAP_FOREIGN: dict[str, Any] = {
    "devices": {"beta": {"price_cny": 10_000}},
    "supply": {"beta_group": {"2027": {"mid": 40, "buyable": True}}},
}
CERTIFICATE = {"green_certificate_cny_per_mwh": {"low": 5, "mid": 5, "high": 5, "unit": "1"}}


def new(**changes: Any) -> Callable[[], Scenario]:
    """The tiny country with a hub (mesa) where nothing stands: chat is served by 20 new devices of 40."""
    return lambda: tiny(**HUB).with_(**EMPTY).with_(**changes)


def scarce(**changes: Any) -> Callable[[], Scenario]:
    """The same with 12 devices: 8 are short."""
    return lambda: tiny(**HUB).with_(**EMPTY).with_(**SCARCE).with_(**changes)


def stands(**changes: Any) -> Callable[[], Scenario]:
    """The tiny country as it stands, with the hub."""
    return lambda: tiny(**HUB).with_(**changes)


def full_metros(**changes: Any) -> Callable[[], Scenario]:
    """Nothing stands, and the metros have hall for 1 and 2 devices: the hub must serve chat."""
    halls = {f"metro_{name}": {"hall_dense": {"*": {"mw": mw}}} for name, mw in (("coast", 0.001), ("plateau", 0.002))}
    return lambda: tiny(**HUB).with_(**EMPTY, capacity=halls).with_(**changes)


def few_halls(**changes: Any) -> Callable[[], Scenario]:
    """Little stands in standard halls and much may be built, late in the year."""
    halls = {"metro_coast": {"hall_standard": {"*": {"mw": 0.01}}}}
    return lambda: one_place(
        devices={"alpha": {"hall_class": "standard"}}, capacity=halls, facilities={"build_limit_share": 9.0}
    ).with_(**changes)


CASES: dict[str, Callable[[], Scenario]] = {
    "hubs": new(policy={"hub_share_of_new_intelligent": 0.6}),
    "hubs, scarce": scarce(policy={"hub_share_of_new_intelligent": 0.7}),
    "West": new(policy={"west_share_of_new_intelligent": 0.55}),
    "West, scarce": scarce(policy={"west_share_of_new_intelligent": 0.7}),
    "hubs and West": new(policy={"hub_share_of_new_intelligent": 0.3, "west_share_of_new_intelligent": 0.7}),
    "spending": new(policy={"spending_cap_million_cny": 1.3}),
    "spending, at a kink": scarce(policy={"spending_cap_million_cny": 1.2}),
    "occupancy": few_halls(policy={"new_hall_occupancy": 0.65}),
    "target": new(policy={"least_installed_pflops": {"intelligent": 25.0}}),
    "target, at a kink": new(policy={"least_installed_pflops": {"intelligent": 20.0}}),
    "PUE ceiling": full_metros(approval={"pue_ceilings": {"h": 1.15}, "pue_tolerated_mw": 0.002}),
    "PUE ceiling, scarce": full_metros(**SCARCE, approval={"pue_ceilings": {"h": 1.15}}),
    "role": full_metros(approval={"roles": {"h": "not_real_time"}, "real_time_share": 0.2}),
    "domestic": new(**CHEAP_FOREIGN, procurement={"domestic_share_of_new_intelligent": 0.7}),
    "domestic, scarce": scarce(procurement={"domestic_share_of_new_intelligent": 0.7}, **CHEAP_FOREIGN),
    "public purchases": full_metros(**FOREIGN, procurement={"publicly_funded_sites": {"mesa": 1.0}}),
    "public purchases, in part": full_metros(
        **CHEAP_FOREIGN, procurement={"publicly_funded_sites": {"mesa": 0.6, "metro_plateau": 1.0}}
    ),
    "public stock": stands(
        **FOREIGN, procurement={"publicly_funded_sites": {"mesa": 1.0}, "foreign_in_public_stock": "off"}
    ),
    "green floor": stands(costs=CERTIFICATE, green={"floor_share": 0.5, "floor_sites": "all", "certificates": True}),
    "carbon cap": lambda: one_place(green={"carbon_cap_t": 3000.0}),
}  # fmt: skip
"""Name -> a scenario with at least one rule that binds, small enough to be solved many times."""


@cache
def solved(name: str) -> tuple[Plan, Session, Any]:
    """The case's program and its optimum."""
    plan = build(CASES[name]())
    session = Session(plan.program.matrix())
    outcome = session.run("simplex")
    assert outcome.status == "optimal"
    return plan, session, outcome


def rule_rows(plan: Plan) -> list[int]:
    """Numbers of all rows of the planner's rules."""
    return [row for groups in plan.rules.values() for rows in groups for row in rows.places.tolist()]
