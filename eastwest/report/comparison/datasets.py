"""Every dataset of a comparison: what the runs have, joined on labels, and what is found by matching them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from eastwest.analysis.compare import LIMIT_LABELS, STATES, column_of, saving_in
from eastwest.report.comparison.moves import ARRIVED, BETWEEN, BOTH, FOUND, LEFT, LOST, RULE, WORK, moved
from eastwest.report.comparison.runs import GONE, NEW, PFLOPS, SUMMARY, UNSERVED, Runs
from eastwest.results.dataset import Column, Computed, Dataset
from eastwest.results.headline import ordered
from eastwest.results.views import COMPARED
from eastwest.schema.units import MONEY

SETTINGS = "settings"
OF_INPUTS = "settings or cells of the table whose text differs from that in the first run; a missing row is one cell"
OF_LIMITS = "limits of that year, state and name, counted once for each place"
OTHERS = ("site", "region", "task", "device", "corridor")
PLACES = {
    "site": ("site", "quantity", "item", "kind", "unit", "year"),
    "device": ("device", "quantity", "unit", "year"),
    "task": ("task", "quantity", "kind", "unit", "year"),
}
"""Labels of the rows that are compared."""


@dataclass(frozen=True)
class Datasets:
    """The datasets of the runs; mappings by number are of a further run beside the first."""

    runs: Runs

    @cached_property
    def inputs(self) -> Dataset:
        """How many settings, and cells of each table, differ from the first run."""
        say, rows = self.runs.say, []
        for number in self.runs.others:
            sizes = self.differing_inputs(number).groupby("table", sort=False).size()
            found = sorted(sizes.items(), key=lambda pair: pair[0] != SETTINGS)
            rows += [(self.runs.name(number), table, float(count)) for table, count in found]
        columns = {"count": Computed(say("Differences"), "-", OF_INPUTS)}
        frame = pd.DataFrame(rows, columns=["run", "table", "count"])
        return Dataset("inputs_counted", say("How many inputs differ"), ("run", "table"), columns, frame)

    def differing_inputs(self, number: int) -> pd.DataFrame:
        """Key and table (`settings` for a setting) of what differs from the first run."""
        comparison, names = self.runs.comparison, self.runs.names
        differs = comparison.cells[names[number - 1]] != comparison.cells[names[0]]
        found = comparison.origins.loc[differs, ["key", "table"]]
        return found.assign(table=found["table"].replace("", SETTINGS))

    @cached_property
    def value(self) -> Dataset:
        """Present value of each run, penalties included [million CNY]."""
        title = self.runs.say("Present value, penalties included")
        return self.runs.joined("present_value", title, (), SUMMARY, MONEY, how="only")

    @cached_property
    def cost(self) -> Dataset:
        """Cost of each shared year [million CNY]."""
        title = self.runs.say("Cost of the year, penalties included")
        return self.runs.joined("cost_of_years", title, ("year",), "cost", MONEY)

    @cached_property
    def costs(self) -> Dataset:
        """Cost of the shared years by category [million CNY]."""
        return self.runs.joined("cost_by_category", self.runs.say("Cost by category"), ("year", "item"), "cost", MONEY)

    @cached_property
    def served(self) -> Dataset:
        """Work served by site that differs [PFLOP/s of the kind]."""
        title, labels = self.runs.say("Work served by site"), ("year", "kind", "site")
        return self.runs.differing(self.runs.joined("served_by_site", title, labels, "served", PFLOPS))

    @cached_property
    def headline(self) -> Dataset:
        """Headline items of the shared years, in the order in which reports print them."""
        runs = self.runs
        alike = all(runs.years_of(number) == runs.years_of(1) for number in runs.others)
        found = runs.joined(
            "headline", runs.say("Headline figures"), ("item", "kind", "unit", "year"), "headline", "", zero=False,
            where={"year": (*[0] * alike, *runs.all_years())},
        )  # fmt: skip
        frame = ordered(found.frame[found.frame["item"] != "scarcity"])
        return found.but(frame.sort_values("year", kind="stable"))

    @cached_property
    def amounts(self) -> dict[str, Dataset]:
        """Amounts by site, device and task that differ."""
        say = self.runs.say
        titles = {
            "site": say("Amounts by site that differ"), "device": say("Devices that differ"),
            "task": say("Amounts by task that differ"),
        }  # fmt: skip
        return {place: self._of(place, f"by_{place}", title, COMPARED[place][0]) for place, title in titles.items()}

    @cached_property
    def means(self) -> dict[str, Dataset]:
        """Shares and means by site and task that differ, where they stand for the whole."""
        say = self.runs.say
        titles = {"site": say("Shares and means by site that differ"), "task": say("Means by task that differ")}
        whole = {place: {label: "" for label in OTHERS if label not in PLACES[place]} for place in titles}
        return {
            place: self._of(place, f"means_by_{place}", title, COMPARED[place][1], whole[place])
            for place, title in titles.items()
        }

    def _of(
        self, place: str, name: str, title: str, quantities: tuple[str, ...], whole: Mapping[str, str] | None = None
    ) -> Dataset:
        """Rows that differ, the largest differences first, relative to the largest of their quantity and unit."""
        runs = self.runs
        data = runs.joined(name, title, PLACES[place], quantities, "", where=whole, zero=whole is None)
        data = runs.differing(data.but(data.frame[data.frame[place] != ""]))
        values = data.frame[[f"run_{number}" for number in (1, *runs.others)]].fillna(0.0)
        apart = values.sub(values["run_1"], axis=0).abs().max(axis=1)
        size = values.abs().max(axis=1).groupby([data.frame["quantity"], data.frame["unit"]]).transform("max")
        ranked = data.frame.assign(rank=-apart / size.where(size > 0, 1.0))
        return data.but(ranked.sort_values(["rank", *data.labels], kind="stable").drop(columns="rank"))

    @cached_property
    def limits(self) -> dict[int, Dataset]:
        """Each limit that binds in the first run or another, with its state, the dearest first."""
        return {number: self._limits(number) for number in self.runs.others}

    def _limits(self, number: int) -> Dataset:
        runs, say, names = self.runs, self.runs.pair(number), self.runs.names
        keys = {column_of("change", names, names[number - 1]): "state"}
        columns: dict[str, Column] = {}
        for n in (1, number):
            keys |= {names[n - 1]: f"run_{n}", saving_in(names[n - 1]): f"relief_{n}"}
            price, saving = (
                say("Shadow price in {run}", run=runs.name(n)),
                say("Saving of one more in {run}", run=runs.name(n)),
            )
            columns[f"run_{n}"] = Column(price, "shadow_price", "", {"run": n})
            columns[f"relief_{n}"] = Column(saving, "relief", "", {"run": n})
        found = runs.comparison.limits.rename(columns=keys)
        found = found[found["state"] != ""]
        found = found.assign(**{f"run_{n}": runs.zeroed(found[f"run_{n}"], n, found) for n in (1, number)})
        labels = ("year", "state", *LIMIT_LABELS[1:])
        frame = found[[*labels, *columns]].sort_values("state", key=lambda each: each.map(STATES.index), kind="stable")
        title = say("Limits that bind in {first} or {run}")
        return Dataset(f"limits_{number}", title, labels, columns, frame.reset_index(drop=True))

    @cached_property
    def limits_counted(self) -> dict[int, Dataset]:
        """How many limits of each name began to bind, ceased to, or bind in both."""
        found, labels = {}, ["year", "state", "item"]
        for number, data in self.limits.items():
            counts = data.frame.groupby(labels, sort=True).size().rename("limits").astype(float).reset_index()
            counts = counts.sort_values(["year", "state", "limits", "item"], ascending=[True, True, False, True])
            say = self.runs.pair(number)
            column = {"limits": Computed(say("Limits"), "-", OF_LIMITS, tuple(data.columns.values()))}  # type: ignore[arg-type]
            title = say("How many limits bind in {first} or {run}")
            found[number] = Dataset(
                f"limits_counted_{number}", title, tuple(labels), column, counts.reset_index(drop=True)
            )
        return found

    @cached_property
    def moves(self) -> dict[int, dict[str, Dataset]]:
        """Moves of each kind by site, largest first, and under "" all by region and task [PFLOP/s of the kind]."""
        runs, every = self.runs, {}
        for number in runs.others:
            rows = runs.table[runs.table["year"].isin(runs.years(number)) & runs.table["quantity"].isin(BOTH)]
            found = moved(rows[rows["run"] == 1], rows[rows["run"] == number])
            say, name = runs.pair(number), f"moves_{number}"
            title = say("Work that moved, by region and task: {first} to {run}")
            every[number] = {"": self._moves(number, name, title, found, [*WORK, "from", "to"])}
            for kind, part in found.groupby("kind", sort=True):
                title = say("{kind} work that moved: {first} to {run}", kind=runs.say(str(kind)).capitalize())
                data = self._moves(number, f"{name}_{kind}", title, part, ["year", "kind", "from", "to"])
                every[number][str(kind)] = data
        return every

    @cached_property
    def moves_summed(self) -> dict[int, Dataset]:
        """Moves by what they are: between sites, new demand that arrived, service lost or found."""
        found = {}
        for number, moves in self.moves.items():
            frame = moves[""].frame
            sides = [frame["from"] == NEW, frame["to"] == GONE, frame["to"] == UNSERVED, frame["from"] == UNSERVED]
            sorts = frame.assign(sort=np.select(sides, [ARRIVED, LEFT, LOST, FOUND], BETWEEN))
            title = self.runs.pair(number)("Work that moved, in all: {first} to {run}")
            found[number] = self._moves(number, f"moves_summed_{number}", title, sorts, ["year", "kind", "sort"])
        return found

    def _moves(self, number: int, name: str, title: str, rows: pd.DataFrame, labels: list[str]) -> Dataset:
        years = {"year": tuple(self.runs.years(number))}
        sources = tuple(Column(self.runs.name(n), BOTH, PFLOPS, {"run": n, **years}) for n in (1, number))
        frame = rows.groupby(labels, sort=True)["moved"].sum().reset_index()
        frame = frame.sort_values(["moved", *labels], ascending=[False] + [True] * len(labels), ignore_index=True)
        return Dataset(
            name, title, tuple(labels), {"moved": Computed(self.runs.say("Moved"), PFLOPS, RULE, sources)}, frame
        )
