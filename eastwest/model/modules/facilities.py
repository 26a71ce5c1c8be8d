"""Halls: what stands, what is announced with its date, what may still be built; only energised devices fill them.

hall    sum over devices of the class rated x energised + fixed load <= hall in service      [MW IT], site, class, year
metro   sum over dense devices rated x energised <= dense hall at decision x (1 + growth)^n   [MW IT], metro site, year
built   built_hall[vintage] <= limit share x what stands at the decision date, a year; in service after the lead time

Hall classes: `standard` (up to 8 kW a rack) and `dense` (accelerators). Announced halls are data with dates and a
delay; the share of the year that a hall is in service counts. Growth is 0 where the province bars large centres.
Reads `energised`, `finance`; tables capacity, fixed_load, devices, sites. Writes `hall_capacity`, `built_halls`.
Source: the project's model contract; capacities in data/capacity.csv.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from eastwest.errors import InputError
from eastwest.lp.declaration import Idle, Tried
from eastwest.lp.expression import Expression, Floats, Told
from eastwest.lp.solution import Solution
from eastwest.model.data import announced, fleet
from eastwest.model.data.sites import (
    HALLS,
    build_within,
    fixed_by_site,
    fixed_load,
    in_life,
    in_service,
    may_build,
    metro_caps,
    vintages,
)
from eastwest.model.frames import tuples
from eastwest.model.plan import Plan
from eastwest.schema import results_table
from eastwest.schema.columns import Column
from eastwest.schema.contract import Contract, NonNegative
from eastwest.schema.metrics import Metric
from eastwest.schema.thresholds import NOTHING

_GROWTHS = {"0 %": 0.0, "5 %": 0.05, "10 %": 0.1, "uncapped": None}


class Data(Contract):
    """Halls: what stands, what is announced, what may be built."""

    metrics: ClassVar[dict[str, Metric]] = {
        "nameplate_it_power": Metric(
            "halls", "MW", Column("halls", "capacity", "MW", {"item": ("hall_dense", "hall_standard")})
        )
    }
    delay_months: NonNegative = Field(0.0, description="announced halls come so much later [months]")
    decision_date: date = Field(date(2026, 7, 1), description="building that the program decides starts then")
    lead_months: NonNegative = Field(12.0, description="from decision to service of a new hall [months]")
    build_limit_share: NonNegative = Field(
        0.2, description="new halls of a class per year at a site, over what stands there [1]"
    )
    metro_dense_growth: NonNegative | None = Field(
        0.05, description="yearly growth of dense halls at metros; none = uncapped [1]"
    )


def build(plan: Plan) -> None:
    settings = plan.settings("facilities")
    capacity = in_service(plan, tuple(HALLS.values()), settings.delay_months)
    over = _needed(plan)
    existing = capacity.set_index(["site", "asset", "year"])["mw"].reindex(
        pd.MultiIndex.from_frame(over), fill_value=0.0
    )
    halls = Expression(constants=(existing,))
    options = may_build(plan, tuple(HALLS.values()), settings.lead_months, settings.build_limit_share)
    if len(options):
        keys = ["site", "asset", "vintage"]
        limit, told = options.set_index(keys)["limit"], Told("built", label="asset")
        built = build_within(plan, "built_hall", limit, unit="MW", limit="new halls a year", told=told)
        plan.built_halls = built
        alive = in_life(plan, vintages(plan, settings.lead_months), plan.cost("hall_life_years"))
        annual, overnight = plan.finance.hall_annual, plan.finance.hall_overnight
        plan.charge_assets("halls", built, annual.rename_axis("site"), overnight.rename_axis("site"), alive)
        halls = halls + built * alive
    else:
        plan.built_halls = None
    plan.hall_capacity = halls
    used, variable = _rated(plan).plus(_fixed(plan, over)), _variable(plan, over, options, existing)
    how: dict[str, Any] = {"assets": tuple(HALLS.values()), "announced": (announced.HALLS,), "idle": _idle(plan)}
    plan.constraints("hall", variable, used, "<=", halls, kind="limit", limit="hall", unit="MW", scarce=True, **how)
    _cap_metros(plan, settings)


def _idle(plan: Plan) -> Idle:
    """Halls without energised devices, by class."""
    words = {asset: f"{name} hall" for name, asset in HALLS.items()}
    hall = fleet.families(plan).set_index("device")["hall_class"].map(HALLS)
    return Idle(plan.finance.hall_annual.rename_axis("site"), words, asset_of_device=hall.to_dict())


def _needed(plan: Plan) -> pd.DataFrame:
    """Site, asset, year of every hall that devices or fixed load need."""
    hall = fleet.families(plan).set_index("device")["hall_class"].map(HALLS)
    here = fleet.present(plan)
    load = fixed_load(plan)
    loaded = load[load["it_mw"] > 0].assign(asset=HALLS["standard"])
    over = pd.concat([here.assign(asset=here["device"].map(hall)), loaded])[["site", "asset", "year"]]
    return over.drop_duplicates().sort_values(["site", "asset", "year"], ignore_index=True)


def _variable(plan: Plan, over: pd.DataFrame, options: pd.DataFrame, existing: pd.Series) -> pd.DataFrame:
    """Halls whose use or size the program decides; where fixed load alone stands, the hall must hold it as it is."""
    hall = fleet.families(plan).set_index("device")["hall_class"].map(HALLS)
    here = fleet.present(plan)
    variable = set(zip(here["site"].tolist(), here["device"].map(hall).tolist(), here["year"].tolist(), strict=True))
    alive = in_life(plan, vintages(plan, plan.settings("facilities").lead_months), plan.cost("hall_life_years"))
    years = [labels for labels, share in alive.items() if share > 0]
    variable |= {
        (site, asset, year)
        for site, asset, built in tuples(options, "site", "asset", "vintage")
        for vintage, year in years
        if vintage == built
    }
    known = np.array([row in variable for row in tuples(over, "site", "asset", "year")], dtype=bool)
    lacking = (_fixed(plan, over) - existing)[~known]
    if (lacking > NOTHING).any():
        site, asset, year = lacking.idxmax()
        message = f"fixed load at '{site}' exceeds its {asset} by {lacking.max():.6g} MW in {year}; none may be built"
        raise InputError(message, where="table fixed_load")
    return over[known]


def _rated(plan: Plan) -> Expression:
    """Rated power of energised devices by the hall they stand in."""
    hall = fleet.families(plan).set_index("device")["hall_class"].map(HALLS)
    rated: Expression = plan.energised * fleet.rated_mw(plan)
    return rated.label(asset=hall)


def _fixed(plan: Plan, over: pd.DataFrame) -> pd.Series:
    """Storage and other fixed load stands in standard halls."""
    load, standard = fixed_by_site(plan).to_dict(), HALLS["standard"]
    rows = tuples(over, "site", "asset", "year")
    value = [load.get((site, year), 0.0) if asset == standard else 0.0 for site, asset, year in rows]
    return pd.Series(value, pd.MultiIndex.from_frame(over), dtype=float)


def _cap_metros(plan: Plan, settings: Data) -> None:
    """A row for every metro even when growth is uncapped (then without a limit), so that the cap can be varied."""
    right = metro_caps(plan, settings.metro_dense_growth)
    over = right.index.to_frame(index=False)
    hall = fleet.families(plan).set_index("device")["hall_class"]
    dense = hall[hall == "dense"].index
    here = fleet.present(plan)
    over = over.merge(here.loc[here["device"].isin(dense), ["site", "year"]].drop_duplicates(), on=["site", "year"])
    rated = (plan.energised * fleet.rated_mw(plan)).where(device=dense)
    how: dict[str, Any] = {"kind": "limit", "limit": "growth of dense halls at metros", "scarce": True}
    how["tried"] = _other_growths(plan, over)
    plan.constraints("metro_growth", over, rated, "<=", right, unit="MW", may_be_empty=True, **how)


def _other_growths(plan: Plan, over: pd.DataFrame) -> Tried:
    """The cap at other growths, for the table of what metros may grow."""

    def side(growth: float | None) -> Floats:
        caps: Floats = metro_caps(plan, growth).reindex(pd.MultiIndex.from_frame(over)).to_numpy(float)
        return caps

    return Tried("metro growth", {words: partial(side, growth) for words, growth in _GROWTHS.items()})


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    over = _needed(plan)
    capacity = solution.value(plan.hall_capacity, over)
    used = solution.value(_rated(plan).plus(_fixed(plan, over)), over)
    use = used.assign(
        value=np.where(capacity["value"] > 0, used["value"] / capacity["value"].where(capacity["value"] > 0, 1), 0.0)
    )
    installed = _installed_rated(plan, solution)
    parts = [
        results_table.rows(name, unit, table.assign(item=table["asset"]))
        for name, unit, table in (
            ("capacity", "MW", capacity), ("used", "MW", used), ("utilisation", "1", use),
            ("installed_rated", "MW", installed),
        )
    ]  # fmt: skip
    if plan.built_halls is not None:
        built = solution.entered(plan.built_halls, plan.periods.counts_for)
        parts.append(results_table.rows("built", "MW", built.assign(item=built["asset"])))
    metros = solution.constraints("metro_growth", if_built=True)
    known = metros[np.isfinite(metros["right"])]
    parts.append(results_table.rows("metro_cap", "MW", known, "right", item="hall_dense"))
    return parts


def _installed_rated(plan: Plan, solution: Solution) -> pd.DataFrame:
    """Rated power of everything installed, energised or not, by hall class [MW IT]."""
    hall = fleet.families(plan).set_index("device")["hall_class"].map(HALLS)
    placed = fleet.in_place(plan).rename(columns={"devices": "value"})
    here = fleet.present(plan)
    both = pd.concat(
        [placed, solution.value(plan.bought * fleet.in_use(plan), here)] if plan.bought.terms else [placed]
    )
    rated = both["device"].map(fleet.rated_mw(plan)).astype(float)
    both = both.assign(asset=both["device"].map(hall), value=both["value"] * rated)
    return both.groupby(["site", "asset", "year"], as_index=False)["value"].sum()
