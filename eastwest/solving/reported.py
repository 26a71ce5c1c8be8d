"""What model modules report of a solution: rows of the results table, and sections of the report that are their own."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import pandas as pd

from eastwest.errors import ModelError
from eastwest.lp.solution import Solution
from eastwest.model.modules import MODULES
from eastwest.model.plan import Plan
from eastwest.scenario.faults import fault_in, faults_of
from eastwest.scenario.outside import section_of
from eastwest.schema.module_section import ModuleSection, fallback
from eastwest.schema.results_table import COLUMNS

EXPECTED = "expected a list of frames that results_table.rows made, and at most one ModuleSection"


def reported(plan: Plan, solution: Solution) -> tuple[list[pd.DataFrame], tuple[ModuleSection, ...]]:
    """Rows of every module in their order, and the sections; a module from outside that declares none gets one.

    Rows by slice, and quantities that the package reports too, are not in that one. InputError for a module from
    outside that returns anything else.
    """
    rows: list[pd.DataFrame] = []
    sections = []
    known: set[str] = set()
    for module in plan.modules:
        with faults_of([module]):
            found = module.report(plan, solution)
        own, section = _sorted(module, found)
        rows += own
        if section is None and module not in MODULES:
            name = section_of(module)
            title, new = name.replace("_", " ").capitalize(), [part[~part["quantity"].isin(known)] for part in own]
            section = fallback(title, name, new)
        if section is not None:
            sections.append(replace(section, module=section_of(module)))
        known |= {str(quantity) for part in own for quantity in part["quantity"].unique()}
    return rows, tuple(sections)


def _sorted(module: ModuleType, found: Any) -> tuple[list[pd.DataFrame], ModuleSection | None]:
    """What a module returned: its rows, and its section."""
    if not isinstance(found, list):
        raise fault_in(module, "report", f"returned {type(found).__name__}, {EXPECTED}")
    rows = [part for part in found if isinstance(part, pd.DataFrame)]
    sections = [part for part in found if isinstance(part, ModuleSection)]
    other = [part for part in found if not isinstance(part, pd.DataFrame | ModuleSection)]
    if other or len(sections) > 1:
        what = type(other[0]).__name__ if other else f"{len(sections)} sections"
        raise fault_in(module, "report", f"returned a list with {what}, {EXPECTED}")
    for part in rows:
        lacking = [column for column in COLUMNS if column not in part]
        if lacking:
            raise fault_in(module, "report", f"returned a frame without {', '.join(lacking)}, {EXPECTED}")
    try:
        for section in sections:
            section.check()
    except ModelError as error:
        raise fault_in(module, "report", f"returned a section that cannot be drawn: {error}") from error
    return rows, next(iter(sections), None)
