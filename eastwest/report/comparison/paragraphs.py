"""The comparison in words: one paragraph for each further run, every figure of it in a dataset of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial

import pandas as pd
from markupsafe import Markup

from eastwest.analysis.compare import BEGAN, CEASED
from eastwest.formatting.language import Language
from eastwest.formatting.words import with_unit
from eastwest.model.clock import FEWEST_BLOCKS
from eastwest.report.cells import clip, mark, named, parts_of
from eastwest.report.comparison import limits
from eastwest.report.comparison.datasets import SETTINGS, Datasets
from eastwest.report.comparison.moves import ARRIVED, BETWEEN
from eastwest.report.comparison.outcomes import SAME, direction
from eastwest.report.comparison.runs import GONE, NEW, UNSERVED, Runs, largest
from eastwest.report.section import Cell, Section
from eastwest.results.dataset import Dataset
from eastwest.scenario.settings import NO_PLAN
from eastwest.schema.units import MONEY

MOST = 3
"""Tables, categories, moves and limits that a sentence names."""
FEW = 2
"""Places that a sentence on moves names."""
LITTLE = 0.05
"""Share of demand below which moved or new work is not told in detail [1]."""


def section(found: Datasets) -> Section:
    """Three paragraphs for each further run: what differs and costs, what is served where, what binds."""
    runs = found.runs
    paragraphs: list[Cell] = [*_warned(runs)]
    for number in runs.others:
        run = _Run(found, number)
        parts = [[run.inputs(), *run.cost()]]
        if runs.years(number):
            parts += [[*run.served(), *run.moved()], [*run.limits()]]
        else:
            parts[0].append(runs.say.markup("They have no planning year in common, so nothing else can be compared."))
        paragraphs += [Markup(" ").join(sentences) for sentences in parts if sentences]
    tables = (found.inputs, *found.moves_summed.values())
    return Section("answer", runs.say("In words"), tuple(paragraphs), tables=tables)


def _warned(runs: Runs) -> list[Cell]:
    """What stands above every figure: runs of other versions of the model, and runs that are no plan."""
    say, texts = runs.say, []
    first = runs.results[0].model_version
    for number, result in enumerate(runs.results, start=1):
        if result.model_version != first:
            texts.append(
                runs.pair(number)(
                    "{run} was made by version {own} of the model and {first} by version {other}: what differs is of "
                    "the model too. Solve both again.", own=result.model_version, other=first,
                )
            )  # fmt: skip
        if getattr(result.scenario, "no_plan", ""):
            few = say(NO_PLAN, blocks=result.scenario.settings.time.blocks_of_the_day, least=FEWEST_BLOCKS)
            texts.append(f"{runs.name(number)}: {few}")
    return [*texts]


@dataclass(frozen=True)
class _Run:
    """A further run that is told of: sentences on it, those of a year on the last that it shares with the first."""

    found: Datasets
    number: int

    @property
    def runs(self) -> Runs:
        return self.found.runs

    @property
    def year(self) -> int:
        return max(self.runs.years(self.number), default=0)

    @cached_property
    def say(self) -> Language:
        return self.runs.pair(self.number).filled(year=self.year)

    def parts(self, rows: pd.DataFrame, part: Callable[[int, pd.Series], Markup]) -> Markup:
        """What is said of each row and its position in its dataset, in a list."""
        return Markup(self.runs.say(", ")).join(part(int(str(at)), row) for at, row in rows.iterrows())

    def amounts(self, rows: pd.DataFrame, data: Dataset, label: str, column: str) -> Markup:
        """What a label names, with its figure, in a list."""
        return Markup(self.runs.say(", ")).join(parts_of(self.runs.subject, data, rows, label, column))

    def figures(self, data: Dataset, position: int) -> dict[str, Markup]:
        """A row of figures of the runs as values of texts: before, after and percent."""
        return {
            "before": mark(data, position, "run_1"),
            "after": mark(data, position, f"run_{self.number}"),
            "percent": mark(data, position, f"percent_{self.number}"),
        }

    def inputs(self) -> Markup:
        """In how many settings and cells of which tables it differs."""
        name = Markup("<strong>{}</strong>").format(self.runs.name(self.number))
        rows = self.found.inputs.rows(run=self.runs.name(self.number))
        if rows.empty:
            return self.say.markup("{run} has the same inputs as {first}.", run=name)
        more = self.say.markup(", and further tables") if len(rows) > MOST else ""
        parts = self.parts(rows.head(MOST), self._counted)
        return self.say.markup("{run} differs from {first} in {parts}{more}.", run=name, parts=parts, more=more)

    def _counted(self, position: int, row: pd.Series) -> Markup:
        """`2 settings (demand.growth, years)` or `8 cells of the table supply`."""
        say = self.say.filled(n=mark(self.found.inputs, position, "count"), table=clip(row["table"]))
        one = row["count"] == 1
        if row["table"] != SETTINGS:
            return say.markup("{n} cell of the table {table}" if one else "{n} cells of the table {table}")
        words = say.markup("{n} setting" if one else "{n} settings")
        every = self.found.differing_inputs(self.number)
        keys = [clip(key) for key in every.loc[every["table"] == SETTINGS, "key"]]
        return Markup("{} ({})").format(words, self.runs.say(", ").join(keys)) if len(keys) <= MOST else words

    def cost(self) -> Iterator[Markup]:
        """The present value, then the largest differences by category."""
        runs, value, of_run = self.runs, self.found.value, f"run_{self.number}"
        change = f"difference_{self.number}"
        difference = mark(value, 0, change, with_unit(abs(value.figure(change, 0)), MONEY))
        say = self.say.filled(**self.figures(value, 0), difference=difference)
        way = direction(value.figure("run_1", 0), value.figure(of_run, 0))
        if runs.years_of(1) != runs.years_of(self.number):
            yield say.markup(
                "Its present value, penalties included, is {after} and that of {first} {before}, but of other years: "
                "only costs of the same year can be compared."
            )
        else:
            yield say.markup(
                "As present value with penalties it costs {difference} more ({percent}): {after} instead of {before}."
                if way > 0
                else "As present value with penalties it costs {difference} less ({percent}): {after} instead of "
                "{before}."
                if way < 0
                else "As present value with penalties it costs the same but for {difference}: {after} against {before}."
            )
        data = self.found.costs
        rows = largest(data, self.number, year=self.year).head(MOST)
        rows = rows[rows[change].abs() > SAME * abs(self.found.cost.value("run_1", year=self.year))]
        if len(rows):
            parts = self.amounts(rows, data, "item", change)
            yield say.markup("The largest parts in {year}: {parts}.", parts=parts)

    def served(self) -> Iterator[Markup]:
        """What changes in demand and unserved, a sentence for each kind."""
        data, after = self.found.headline, f"run_{self.number}"
        for kind in self.runs.kinds:
            rows = [data.rows(item=item, kind=kind, year=self.year) for item in ("demand", "unserved", "served_share")]
            if any(len(frame) != 1 or frame[["run_1", after]].isna().to_numpy().any() for frame in rows):
                continue
            demand, unserved, share = (int(frame.index[0]) for frame in rows)
            most_demand, most_unserved = (frame[["run_1", after]].to_numpy().max() for frame in rows[:2])
            say = self.say.filled(kind=self.runs.say(kind))
            if direction(data.figure("run_1", demand), data.figure(after, demand)) != 0:
                yield say.markup(
                    "In {year}, {kind} demand is {after} instead of {before} ({percent}).",
                    **self.figures(data, demand),
                )
            way = direction(data.figure("run_1", unserved), data.figure(after, unserved))
            shares = {"share": mark(data, share, after), "old": mark(data, share, "run_1")}
            yield say.markup(
                "All {kind} demand is served in {year}, as before."
                if way == 0 and most_unserved <= SAME * most_demand
                else "Unserved {kind} demand in {year} stays at {after}."
                if way == 0
                else "Unserved {kind} demand in {year} grows from {before} to {after}: {share} is served instead of "
                "{old}."
                if way > 0
                else "Unserved {kind} demand in {year} falls from {before} to {after}: {share} is served instead of "
                "{old}.",
                **self.figures(data, unserved),
                **shares,
            )

    def moved(self) -> Iterator[Markup]:
        """Which sites serve more and less, and the largest moves between them, by kind."""
        sums = self.found.moves_summed[self.number]
        for kind in self.runs.kinds:
            say = self.say.filled(kind=self.runs.say(kind))
            moved = sums.rows(year=self.year, kind=kind, sort=BETWEEN)
            if moved.empty:
                yield say.markup("No {kind} work moves from site to site.")
                continue
            at = int(moved.index[0])
            say = say.filled(moved=mark(sums, at, "moved"))
            if sums.figure("moved", at) < LITTLE * self._demand(kind):
                yield say.markup("Of {kind} work only {moved} moves from site to site.")
                continue
            data = self.found.moves[self.number][kind]
            rows = data.rows(year=self.year)
            rows = rows[~rows["from"].isin([NEW, UNSERVED]) & ~rows["to"].isin([GONE, UNSERVED])].head(FEW)
            parts = self.parts(rows, partial(self._move, data))
            yield say.markup("{moved} of {kind} work moves from site to site in {year}, most {parts}.", parts=parts)
            yield from self._arrivals(kind, say)
            yield from self._sites(kind, say)

    def _demand(self, kind: str) -> float:
        return self.found.headline.value(f"run_{self.number}", item="demand", kind=kind, year=self.year)

    def _move(self, data: Dataset, position: int, row: pd.Series) -> Markup:
        ends = {side: named(self.runs.subject, side, str(row[side]), both=False) for side in ("from", "to")}
        figure = mark(data, position, "moved")
        return self.say.markup(
            "from {source} to {target} {figure}", source=ends["from"], target=ends["to"], figure=figure
        )

    def _arrivals(self, kind: str, say: Language) -> Iterator[Markup]:
        """Where new demand goes, the largest places first."""
        sums, data = self.found.moves_summed[self.number], self.found.moves[self.number][kind]
        new = sums.rows(year=self.year, kind=kind, sort=ARRIVED)
        if len(new) and new["moved"].iloc[0] > LITTLE * self._demand(kind):
            rows = data.rows(**{"year": self.year, "from": NEW}).head(FEW)
            parts = self.amounts(rows, data, "to", "moved")
            yield say.markup(
                "New {kind} demand of {new} goes first of all to: {parts}.",
                new=mark(sums, int(new.index[0]), "moved"),
                parts=parts,
            )

    def _sites(self, kind: str, say: Language) -> Iterator[Markup]:
        """What the sites with the largest changes serve more or less, all moves together."""
        data, column = self.found.served, f"difference_{self.number}"
        rows = largest(data, self.number, kind=kind, year=self.year).head(FEW)
        if len(rows):
            parts = self.amounts(rows, data, "site", column)
            yield say.markup("All moves of {kind} work together, sites change most by: {parts}.", parts=parts)

    def limits(self) -> Iterator[Markup]:
        """How many limits began and ceased to bind, and the dearest that began to."""
        say, item, price = self.say, self.runs.say.item, f"run_{self.number}"
        every, counted = self.found.limits[self.number], self.found.limits_counted[self.number]
        began, ceased = (
            self.amounts(counted.rows(year=self.year, state=state).head(MOST), counted, "item", "limits")
            for state in (BEGAN, CEASED)
        )
        if began:
            yield say.markup("Limits that began to bind in {year}, and how many of each: {parts}.", parts=began)
        else:
            yield say.markup("No limit began to bind in {year}.")
        rows = every.rows(year=self.year, state=BEGAN)
        for at, row in rows[rows[price] != 0].head(1).iterrows():
            yield say.markup(
                "The dearest of them is {limit} ({where}), with a shadow price of {price}.",
                limit=item(str(row["item"])),
                where=limits.where(self.runs, row),
                price=mark(every, int(str(at)), price),
            )
        if ceased:
            yield say.markup("Limits that ceased to bind, and how many of each: {parts}.", parts=ceased)
