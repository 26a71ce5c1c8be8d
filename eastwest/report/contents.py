"""The sections of a run's report in the order in which they stand, on a page and on a terminal."""

from __future__ import annotations

from eastwest.report.section import Makes, Page, Section, made
from eastwest.report.sections import (
    anchor,
    background,
    clusters,
    customers,
    events,
    green,
    hardware,
    headline,
    idle,
    investment,
    limits,
    metro_growth,
    modules,
    outages,
    pictures,
    places,
    published,
    rules,
    sectors,
    shortage,
    story,
    target_path,
    targets,
    users,
)

SECTIONS: tuple[Makes, ...] = (
    story.section, headline.section, anchor.section, target_path.section, pictures.where, pictures.use,
    pictures.money, limits.section, rules.section, investment.section, investment.announced, idle.section,
    shortage.section, customers.section, pictures.delay, pictures.devices, targets.section, events.section,
    green.section, users.section, sectors.section, hardware.section, modules.sections, clusters.section,
    outages.section, places.section, metro_growth.section, metro_growth.movable, published.section, background.data,
    background.notes, background.scenario, background.provenance,
)  # fmt: skip
ON_PAGES = (story.section, targets.section, background.scenario)
"""What only pages have: a terminal has a command of its own for targets."""
ON_TERMINALS = (background.notes,)
"""What pages tell elsewhere."""


def sections_of(page: Page) -> list[Section]:
    """Every section that the run has something to say in."""
    left_out = ON_TERMINALS if page.drawn else ON_PAGES
    return list(made(page, (make for make in SECTIONS if make not in left_out)))
