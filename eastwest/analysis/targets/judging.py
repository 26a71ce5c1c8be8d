"""Dated targets beside a run's figures: met, missed by how much, and the setting that would enforce them.

A target is judged in its own year; a requirement (approval letters, rules for new centres) stands from its date on and
is judged in the last planning year. Actuals and forecasts are compared and not judged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from eastwest.analysis.targets.silent import OUTSIDE, SILENT
from eastwest.results.figures import sites_of
from eastwest.scenario.outside import missing
from eastwest.scenario.settings import contracts
from eastwest.schema.metrics import NAN, Metric, View
from eastwest.schema.units import published

if TYPE_CHECKING:
    from eastwest.results.result import Result

COLUMNS = [
    "target", "what", "place", "value", "unit", "date", "kind", "figure", "year", "status", "missed_by", "setting",
    "asked", "extra_cost_million_cny", "remark", "source",
]  # fmt: skip
"""Of a table of targets; `asked`: whether the setting was priced, with an answer or without."""
MET, MISSED, COMPARED, OTHER_YEAR = "met", "missed", "comparison", "other year"
NOT_COMPARABLE, NO_FIGURE, NOT_SPOKEN_TO = "not comparable", "not modelled in this run", "not spoken to"
BINDING = ("target", "requirement")
SAME = 1e-3
"""Published figures have two or three digits: within so much of the value, a target is met [1]."""

ByYear = Mapping[int, Mapping[str, pd.DataFrame]]
"""Planning year -> quantity -> its rows of the results table that are of no single slice."""


def judged(result: Result) -> list[dict[str, Any]]:
    """Every row of `policy_targets` beside the run's figure, one line each or one for each of its sites."""
    table = result.scenario.tables.get("policy_targets")
    known = [] if table is None else [{str(k): v for k, v in row.items()} for row in table.to_dict(orient="records")]
    by_year = _by_year(result)
    return [line for row in known for line in lines_of(result, row, by_year)]


def _by_year(result: Result) -> ByYear:
    """Rows that are of no single slice, by planning year and quantity."""
    plain = dict.fromkeys(["quantity", "unit", "region", "task", "site", "kind", "item"], object)
    planned = result.table["year"].isin(result.scenario.years)
    rows = result.table[(result.table["slice"] == "") & planned].astype(plain)
    found: dict[int, dict[str, pd.DataFrame]] = {}
    for (year, quantity), part in rows.groupby(["year", "quantity"]):
        found.setdefault(int(str(year)), {})[str(quantity)] = part
    return found


def frame_of(lines: list[dict[str, Any]]) -> pd.DataFrame:
    """The lines as a table with COLUMNS."""
    return pd.DataFrame(lines, columns=[*COLUMNS, "change"])[COLUMNS]


def missed(table: pd.DataFrame) -> pd.DataFrame:
    """Targets and requirements that are missed."""
    return table[(table["status"] == MISSED) & table["kind"].isin(BINDING)]


def lines_of(result: Result, row: dict[str, Any], by_year: ByYear | None = None) -> list[dict[str, Any]]:
    """One line a target, or one for each of its sites; `by_year` are the result's rows by planning year."""
    by_year = _by_year(result) if by_year is None else by_year
    section, metric = contracts(result.scenario.modules).metrics.get(row["metric"], ("", None))
    base = {
        "target": row["target"], "what": row["metric"].replace("_", " "), "place": row["scope"],
        "value": float(row["value"]) if pd.notna(row["value"]) else NAN, "unit": row["unit"], "date": row["period"],
        "kind": row["kind"], "figure": NAN, "year": 0, "status": NOT_SPOKEN_TO, "missed_by": NAN, "setting": "",
        "asked": False,
        "extra_cost_million_cny": NAN, "remark": SILENT.get(row["metric"], OUTSIDE), "source": row["source"],
        "change": {},
    }  # fmt: skip
    if metric is None:
        return [base]
    tables = result.scenario.tables
    sites, base["what"], base["remark"] = _sites(tables, row), metric.words, metric.remark
    if not sites:
        return [base | {"status": NO_FIGURE, "remark": "the run has no such place"}]
    names = tables["sites"].set_index("site")["name_en"]
    parts = [(names[site], {site}) for site in sorted(sites)] if metric.by_site else [(row["scope"], sites)]
    return [
        base | {"place": place} | _judged(result, by_year, section, metric, row, some, sites) for place, some in parts
    ]


def _sites(tables: Mapping[str, pd.DataFrame], row: Mapping[str, Any]) -> set[str]:
    """Sites of the row's places, or of its scope where that is such a place."""
    places = str(row.get("places") or row["scope"])
    return {site for place in places.split(";") for site in sites_of(tables, place.strip())}


def _judged(
    result: Result,
    by_year: ByYear,
    section: str,
    metric: Metric,
    row: dict[str, Any],
    sites: set[str],
    every: set[str],
) -> dict[str, Any]:
    """Figure of `sites`, year, status and what would enforce the target at `every` site of it, in its own unit."""
    years = sorted(by_year)
    dated = re.match(r"\d{4}", str(row["period"]))
    date = int(dated.group()) if dated else years[0]
    in_force = row["kind"] == "requirement" and date <= years[-1]
    year = years[-1] if in_force else min(years, key=lambda known: (abs(known - date), known))
    scenario, unit = result.scenario, published(row["unit"])
    if unit.own != metric.unit:
        why = f"the target is in {row['unit']}, the run's figure in {metric.unit}"
        return {"year": year, "status": NOT_COMPARABLE, "remark": why}
    view = View(by_year[year], scenario.tables, sites, year, getattr(scenario.settings, section, None))
    value, found = float(row["value"]), metric.of(view) / unit.factor
    line: dict[str, Any] = {"figure": found, "year": year}
    if found != found:
        why = missing(scenario.modules, section) if metric.figure is None else metric.lacks
        return {"year": year, "status": NO_FIGURE, "remark": why}
    basis = str(row.get("basis") or "")
    if basis or metric.not_comparable:
        why = f"counted in {basis}; the run's figure is dense FP16" if basis else metric.not_comparable
        return line | {"status": NOT_COMPARABLE, "remark": why}
    if not in_force and date != year:
        line["status"] = OTHER_YEAR
    elif row["kind"] not in BINDING:
        line["status"] = COMPARED
    else:
        gap = (found - value if metric.at_most else value - found) if abs(found - value) > SAME * abs(value) else 0.0
        line |= {"status": MISSED if gap > 0 else MET, "missed_by": gap if gap > 0 else NAN}
    if metric.setting and row["kind"] in BINDING:
        hubs = scenario.tables["sites"].set_index("site")["hub"].reindex(sorted(every)).dropna()
        when, where = date if row["kind"] == "target" else year, sorted(sites if metric.by_site else every)
        asked = metric.enforcing(round(value * unit.factor, 9), when, list(dict.fromkeys(hubs)), where)
        change = {section: asked}
        line |= {"setting": in_words(change), "change": change}
    return line


def in_words(change: dict[str, Any]) -> str:
    """A change as it is written in a scenario file: `policy.hub_share_of_new_intelligent: 0.6`."""
    return ", ".join(
        f"{section}.{key}: {_plain(value)}" for section, keys in change.items() for key, value in keys.items()
    )


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_plain(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, int | float) else str(value)
