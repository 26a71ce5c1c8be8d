"""What stands behind a report: how firm the data are, the scenario as it differs from defaults, and the solve."""

from __future__ import annotations

import json
import platform
from typing import Any

import pandas as pd

from eastwest.formatting.language import Language
from eastwest.formatting.words import percent, spaced
from eastwest.report.cells import clip, prose
from eastwest.report.export.sheets import sources
from eastwest.report.section import BackgroundTable, Cell, Open, Page, Section, heads
from eastwest.results.result import CERTIFICATE_FIGURES, CERTIFICATE_LIMIT, Result
from eastwest.results.versions import versions
from eastwest.scenario.catalogue import QUALITIES
from eastwest.scenario.settings import flat_settings

WEAK = 0.5
"""Share of assumptions from which the data of a table are called weak [1]."""
MOST_OF_MESSAGE = 1000
"""[letters]"""
LEFT_OUT = ("title", "question", "notes")


def data(page: Page) -> Section:
    """Quality of every table, the weak ones named, and every source with its number of rows."""
    say, shares = page.subject.say, page.result.data_quality
    counted = sources(page.result).sort_values(["table", "rows"], ascending=[True, False], kind="stable")
    titles = {"table": say("Table"), "source": say("Source"), "quality": say("Quality"), "rows": say("Rows")}
    cells = [[row[key] for key in titles] for row in counted.to_dict(orient="records")]
    source_sheet = BackgroundTable("sources", say("Sources, with the rows that each gives"), titles, cells)
    together = shares[shares["table"] == "all"].iloc[0]
    weak = shares[(shares["table"] != "all") & (shares["rows"] > 0) & (shares["assumption"] > WEAK)]
    firm = say(
        "{official} of all input rows are official figures, {published} published estimates, {derived} derived, and "
        "{assumption} assumptions.", published=percent(together["published_estimate"]),
        **{name: percent(together[name]) for name in ("official", "derived", "assumption")},
    )  # fmt: skip
    listed = ", ".join(clip(spaced(name)) for name in weak["table"])
    weakness = say("Weak: more than half of the rows are assumptions in {tables}.", tables=listed) if listed else ""
    paragraphs = (firm, weakness) if weakness else (firm,)
    sheets = (quality_of(say, shares), source_sheet)
    return Section("data", say("Data quality and sources"), paragraphs, sheets=sheets)


def quality_of(say: Language, shares: pd.DataFrame) -> BackgroundTable:
    """Tables with their rows and the share of each quality [1]; the last line is all tables together."""
    columns = {"table": say("Table"), "rows": say("Rows"), **{name: say(spaced(name)) for name in QUALITIES}}
    known = [[row[key] for key in columns] for row in shares[shares["rows"] > 0].to_dict(orient="records")]
    title = say("Quality of the data by table, share of rows")
    return BackgroundTable("data_quality", title, columns, known, dict.fromkeys(QUALITIES, "1"), listed=True)


def notes(page: Page) -> Section | None:
    """Warnings and notes that the run left, after the scarcity check."""
    opens = tuple(Open(f"- {clip(message, MOST_OF_MESSAGE)}") for message in page.result.messages[1:])
    return Section("notes", page.subject.say("Notes"), opens=opens) if opens else None


def scenario(page: Page) -> Section:
    """The question, notes, and settings that differ from the defaults with their origin."""
    say, own = page.subject.say, page.result.scenario
    settings = own.settings
    paragraphs: list[Cell] = []
    question = getattr(settings, "question", "")
    if question:
        paragraphs.append(say("Question: {question}", question=" ".join(prose(question))))
    paragraphs += prose(getattr(settings, "notes", ""))
    defaults = flat_settings(type(settings)())
    changed = {key: value for key, value in flat_settings(settings).items() if value != defaults.get(key)}
    headings = heads([say("Setting"), say("Value"), say("Default"), say("Given in")])
    rows = [
        (clip(key), _value(value), _value(defaults.get(key)), clip(own.origins.get(key, "")))
        for key, value in sorted(changed.items())
        if key not in LEFT_OUT
    ]
    text = say("Settings that differ from the defaults of the program:") if rows else say("All settings are defaults.")
    messages = tuple(Open(clip(message, MOST_OF_MESSAGE)) for message in page.result.messages)
    opens = (*messages, Open(text, headings if rows else (), rows))
    return Section("scenario", say("The scenario"), tuple(paragraphs), opens=opens)


def _value(value: Any) -> str:
    return clip(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def provenance(page: Page) -> Section:
    """Status, objective, certificate, solver, versions and hashes of inputs; no clock, so the same bytes twice."""
    say, result = page.subject.say, page.result
    figures = {name: result.certificate.get(name) for name in CERTIFICATE_FIGURES}
    facts = {
        say("Status"): result.status,
        say("Objective, penalties included"): f"{result.objective:,.9g} million CNY",
        say("Certificate"): say("holds") if result.certified else say("does not hold"),
        **{say.item(name): f"{value:.1e}" for name, value in figures.items() if isinstance(value, int | float)},
        **{f"{say('Solver')}: {spaced(key)}": value for key, value in sorted(result.solver.items())},
        "python": platform.python_version(),
        **versions(),
    }
    rows = [(clip(name), clip(value)) for name, value in facts.items()]
    titles = {"file": say("Input"), "sha256": "SHA-256"}
    cells = [[name, digest] for name, digest in sorted(result.scenario.inputs.items())]
    sheet = BackgroundTable("inputs", say("Every input with its hash"), titles, cells)
    note = say(
        "The certificate is computed apart from the solver: violations and gap are at most {limit}. Versions are those "
        "that wrote this report.", limit=f"{CERTIFICATE_LIMIT:.0e}",
    )  # fmt: skip
    return Section("provenance", say("Provenance"), (note, *_search(result, say)),
                   opens=(Open("", heads([say("What"), say("Value")]), rows),), sheets=(sheet,))  # fmt: skip


def _search(result: Result, say: Language) -> tuple[Cell, ...]:
    """How far the search for integer numbers came: the certificate says nothing of it."""
    if "mip_gap" not in result.certificate:
        return ()
    gap, bound = float(result.certificate["mip_gap"]), float(result.certificate["mip_bound"])
    text = (
        "The certificate is of the plan with its whole training units as they are; the search for integer numbers "
        "ended within a gap of {gap}: no plan costs less than {bound} million CNY."
    )
    return (say(text, gap=f"{gap:.1e}", bound=f"{bound:,.6g}"),)
