"""From a scenario to its program: years and clock chosen, every model module built in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

import pandas as pd

from eastwest.model import geography
from eastwest.model.clock import Clock, full_year_clock, seasons_clock, with_events
from eastwest.model.data.tiers import with_tiers
from eastwest.model.modules import MODULES
from eastwest.model.plan import Plan
from eastwest.model.representative_days import representative_clock
from eastwest.scenario import Scenario
from eastwest.scenario.faults import faults_of
from eastwest.scenario.outside import section_of
from eastwest.scenario.settings import Settings


def build(
    scenario: Scenario,
    *,
    modules: Iterable[ModuleType] = (),
    given: Mapping[str, pd.DataFrame] | None = None,
    sooner_months: Mapping[str, float] | None = None,
) -> Plan:
    """The program of a scenario: every module of the package in the order of `MODULES`, then those from outside.

    Those are the scenario's own and `modules`, which it may not know yet.

    `given` fixes groups of variables at values: name of the group -> table of its labels and `value`; `sooner_months`
    brings what is announced forward, by kind of asset.
    """
    scenario = scenario.with_modules(modules)
    return add_modules(new_plan(scenario, scenario.years, given=given, sooner_months=sooner_months))


def last_year(scenario: Scenario) -> Plan:
    """The program of the last planning year by itself: what is bought and built up to it counts in that year alone."""
    return add_modules(new_plan(scenario, scenario.years[-1:], of_one_year=True))


def new_plan(scenario: Scenario, years: tuple[int, ...], *, clock: Clock | None = None, **how: Any) -> Plan:
    """An empty plan for some planning years of a scenario, with their calendar years; `how` as `Plan` takes it."""
    settings = scenario.settings
    modules = (*MODULES, *scenario.modules)
    sections = {section_of(module): getattr(settings, section_of(module)) for module in modules}
    tables = dict(scenario.tables)
    points = geography.region_points(tables["regions"], scenario.polygons)
    tables["regions"] = pd.DataFrame(points.drop(columns=[points.geometry.name]))
    tables["tasks"] = with_tiers(tables["tasks"], settings.demand.tiers)
    clock = make_clock(settings, tables) if clock is None else clock
    spans = {year: scenario.spans[year] for year in years}
    plan = Plan(sections, tables, years, clock, scenario.polygons, spans=spans, snapshot=scenario.snapshot, **how)
    plan.modules = modules
    return plan


def add_modules(plan: Plan) -> Plan:
    """Let every model module build into the plan."""
    for module in plan.modules:
        plan.module = section_of(module)
        with faults_of([module]):
            module.build(plan)
    if plan.given:
        plan.program.loosen_fixed_rows()
    return plan


def make_clock(settings: Settings, tables: Mapping[str, pd.DataFrame]) -> Clock:
    """The clock that the scenario asks for."""
    time = settings.time
    if time.method == "hours":
        return full_year_clock(time.slice_hours)
    if time.method == "representative_days":
        return representative_clock(time, tables)
    events = {name: (event.season, event.days) for name, event in settings.events.periods.items()}
    return with_events(seasons_clock(time.seasons, time.blocks), events)
