"""Users' money: what users pay in rent, what vouchers and preferential tariffs give them, and plans that count it.

claim    voucher[voucher, region, task, year] <= rate x rent x served at the sites where it may be rented
budget   sum over regions and tasks voucher <= budget                                [million CNY a year], voucher, year
cap      sum over tasks voucher <= cap of a region                           [million CNY a year], voucher, region, year

rent[task] = rent per dense-peak PFLOP/s h / reference use of the work                      [CNY/(delivered PFLOP/s h)]
With `objective: users` the program minimises what users bear: system cost - vouchers - (industrial - preferential)
price x grid energy. Operators are taken to pass on cost, so that the rent itself decides nothing. With `objective:
system` nothing is built: transfers are worked out from the plan's flows (each region's claim, cut to the cap, all cut
to the budget by one factor), which is also the most that the rows above would let users have from these flows.

Reads `served`, `grid_energy` and the saving that `power` works out; tables vouchers, tasks, sites, reference_use,
costs. Source: vouchers and rent in data (costs.csv of the references); preferential prices are press figures.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field

from eastwest.errors import InputError, nearest
from eastwest.lp.solution import Solution
from eastwest.model.clock import HOURS_PER_YEAR
from eastwest.model.data import fleet
from eastwest.model.plan import Plan, once
from eastwest.schema import results_table
from eastwest.schema.contract import (
    Context,
    Contract,
    Identifier,
    NameOf,
    NonNegative,
    Tables,
    wrong_row,
)
from eastwest.schema.thresholds import NOTHING
from eastwest.schema.units import MILLION, MONEY

_KW_PER_MW = 1e3
_KEYS = ["voucher", "region", "task"]


class Data(Contract):
    """Users' money: rents, vouchers, preferential tariffs; none of it counts by default."""

    objective: Literal["system", "users"] = Field(
        "system", description="whose cost the program minimises: the country's, or users' after vouchers and tariffs"
    )
    vouchers: tuple[Annotated[Identifier, NameOf("voucher", also=("all",))], ...] = Field(
        (), description="rows of the table vouchers that are paid; [all] = every row"
    )
    preferential_tariffs: bool = Field(True, description="users have the preferential tariffs of site_power")
    rent_cny_per_peak_pflops_h: NonNegative | None = Field(
        None,
        description="rent of intelligent compute; none = rent_per_bf16_pflops_hour of costs [CNY/(dense PFLOP/s h)]",
    )
    general_rent_cny_per_peak_pflops_h: NonNegative | None = Field(
        None, description="rent of general compute; none = no account of it, and no vouchers [CNY/(FP32 PFLOP/s h)]"
    )
    accounts: bool = Field(False, description="report who pays and who gains also where the system's cost is minimised")

    def check(self, tables: Tables, years: tuple[int, ...], context: Context) -> None:
        """What the rows of vouchers that are paid list exists."""
        table = tables["vouchers"]
        for _, row in (table if "all" in self.vouchers else table[table["voucher"].isin(self.vouchers)]).iterrows():
            for column, other, alone in (
                ("regions", "region", ("all",)),
                ("tasks", "task", ("all",)),
                ("sites", "site", ("all", "west")),
            ):
                names = [*alone, *tables[column][other]]
                for word in str(row[column]).split():
                    if word not in names or (word in alone and word != row[column]):
                        message = f"received '{word}', expected {' or '.join(alone)} alone, or names"
                        raise wrong_row(row, message + nearest(word, names), f"vouchers, column {column}")


def build(plan: Plan) -> None:
    settings = plan.settings("users")
    if _asked(settings):
        _rent(plan)  # a cost table without a rent is refused before anything is solved
    if settings.objective == "system" or plan.shed_value is not None:
        return  # an evaluated plan has its flows, and so its vouchers
    if settings.preferential_tariffs and plan.settings("power").prices == "industrial":
        saving = plan.preferential_saving * (-_KW_PER_MW / MILLION)
        plan.charge("preferential_tariffs", plan.grid_energy * saving * plan.clock.weight)
    claims = _claims(plan)
    if claims.empty:
        return
    years = pd.DataFrame({"year": list(plan.years)})
    index = claims[_KEYS].drop_duplicates().merge(years, how="cross")
    paid = plan.variables("voucher", index, unit=MONEY, scale=1e2)
    plan.charge("vouchers", paid * -1.0)
    price = claims.set_index([*_KEYS, "site"])["price"]
    served = plan.served * _everywhere(plan, price)
    plan.constraints("voucher_claim", index, paid - served, "<=", kind="definition", unit=MONEY, scale=1e2)
    table = plan.table("vouchers").set_index("voucher")
    for name, column, keys, limit in (
        ("voucher_budget", "budget_million_cny", ["voucher", "year"], "voucher budget"),
        ("voucher_cap", "cap_million_cny_per_region", ["voucher", "region", "year"], "voucher cap of a region"),
    ):
        most = table[column].astype(float).dropna().rename_axis("voucher")
        over = index.loc[index["voucher"].isin(most.index), keys].drop_duplicates()
        if len(over):
            how: dict[str, Any] = {"kind": "limit", "limit": limit, "unit": MONEY, "scale": 1e2}
            plan.constraints(name, over, paid, "<=", most, **how)


def _asked(settings: Data) -> bool:
    """Whether the scenario keeps an account of users."""
    return settings.objective == "users" or bool(settings.vouchers) or settings.accounts


def _everywhere(plan: Plan, price: pd.Series) -> pd.Series:
    """The price of a claim for every voucher, region, task and site; 0 where nothing may be claimed."""
    routes = plan.served.index[["region", "task", "site"]].drop_duplicates()
    names = pd.DataFrame({"voucher": price.index.get_level_values("voucher").unique()})
    keys = pd.MultiIndex.from_frame(names.merge(routes, how="cross")[[*_KEYS, "site"]])
    return price.reindex(keys, fill_value=0.0)


@once
def _rent(plan: Plan) -> pd.Series:
    """Rent [CNY/(delivered PFLOP/s h)] of the tasks whose kind has one, labelled by task."""
    settings, table = plan.settings("users"), fleet.tasks(plan).set_index("task")
    rent = settings.rent_cny_per_peak_pflops_h
    rents = {
        "intelligent": plan.cost("rent_per_bf16_pflops_hour") if rent is None else rent,
        "general": settings.general_rent_cny_per_peak_pflops_h,
    }
    uses = plan.table("reference_use")
    use = uses[uses["anchor"] == plan.settings("demand").anchor].set_index("work")["use"].astype(float)
    return (table["kind"].map(rents).astype(float) / table["work"].map(use).astype(float)).dropna().rename("rent")


def _named(words: str, known: pd.Series) -> pd.Series:
    """The labels that a cell of the table vouchers names: all of them, or those it lists."""
    return known if words == "all" else known[known.isin(words.split())]


@once
def _claims(plan: Plan) -> pd.DataFrame:
    """Who may claim what where: voucher, region, task, site, price [million CNY a year per delivered PFLOP/s]."""
    chosen, table, sites = plan.settings("users").vouchers, plan.table("vouchers"), plan.table("sites")
    if not chosen:
        return pd.DataFrame(columns=[*_KEYS, "site", "price"])
    table = table if "all" in chosen else table[table["voucher"].isin(chosen)]
    routes = plan.served.index[["region", "task", "site"]].drop_duplicates()
    routes = routes.merge(_rent(plan).reset_index(), on="task")
    west, parts = sites.loc[sites["west"].astype(bool), "site"], []
    for row in table.itertuples():
        where = west if row.sites == "west" else _named(str(row.sites), sites["site"])
        here = routes[routes["site"].isin(where)]
        here = here[here["region"].isin(_named(str(row.regions), plan.table("regions")["region"]))]
        here = here[here["task"].isin(_named(str(row.tasks), plan.table("tasks")["task"]))]
        price = here["rent"] * float(str(row.rate)) * HOURS_PER_YEAR / MILLION
        parts.append(here.assign(voucher=row.voucher, price=price, rate=row.rate))
        if here.empty:
            plan.warnings.append(f"nobody can claim the voucher {row.voucher}: nothing of it can be served there")
    claims = pd.concat(parts)
    _refuse_more_than_the_rent(claims)
    return claims.loc[claims["price"] > 0, [*_KEYS, "site", "price"]].reset_index(drop=True)


def _refuse_more_than_the_rent(claims: pd.DataFrame) -> None:
    together = claims.groupby(["region", "task", "site"]).agg(rate=("rate", "sum"), names=("voucher", " and ".join))
    if len(together) and together["rate"].max() > 1 + NOTHING:
        worst = together.loc[together["rate"].idxmax()]
        message = f"{worst['names']} together pay {worst['rate']:g} of the rent for the same work, expected at most 1"
        raise InputError(message, where="table vouchers", key="column rate")


def _paid(plan: Plan, flows: pd.DataFrame) -> pd.DataFrame:
    """Vouchers for the plan's flows: voucher, region, task, site, year, value [million CNY]; cut to caps and budgets.

    A cap and a budget cut everything under them by one factor.
    """
    due = flows.merge(_claims(plan), on=["region", "task", "site"])
    due = due.assign(value=due["value"] * due["price"]).drop(columns="price")
    table = plan.table("vouchers").set_index("voucher")
    for column, keys in (
        ("cap_million_cny_per_region", ["voucher", "region", "year"]),
        ("budget_million_cny", ["voucher", "year"]),
    ):
        most = due["voucher"].map(table[column].astype(float)).fillna(float("inf")).astype(float)
        total = due.groupby(keys)["value"].transform("sum")
        due["value"] *= (most / total.where(total > most)).fillna(1.0)
    return due


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    settings = plan.settings("users")
    if not _asked(settings):
        return []
    kinds = fleet.tasks(plan).set_index("task")["kind"]
    flows = solution.variables(plan.served)
    flows = flows[flows["value"] > 0]
    rent = flows.merge(_rent(plan).reset_index(), on="task")
    rent = rent.assign(value=rent["value"] * rent["rent"] * HOURS_PER_YEAR / MILLION)
    paid = _paid(plan, flows).rename(columns={"voucher": "item"})
    keys = ["region", "site", "kind", "year"]
    by_place = rent.assign(kind=rent["task"].map(kinds)).groupby(keys, as_index=False)["value"].sum()
    vouchers = paid.assign(kind=paid["task"].map(kinds)).groupby([*keys, "item"], as_index=False)["value"].sum()
    parts = [results_table.rows("rent_paid", MONEY, by_place)]
    if len(vouchers):
        parts.append(results_table.rows("voucher_paid", MONEY, vouchers))
    if settings.preferential_tariffs:
        parts.append(_saved(plan, solution))
    if "voucher_budget" in plan.program.constraints:
        left = solution.constraints("voucher_budget").rename(columns={"voucher": "item"})
        parts.append(results_table.rows("voucher_budget_left", MONEY, left, "slack"))
    return parts


def _saved(plan: Plan, solution: Solution) -> pd.DataFrame:
    """What a preferential tariff saves at a site, paid by the grid and the province that grant it [million CNY]."""
    grid = solution.variables(plan.grid_energy)
    price = pd.MultiIndex.from_frame(grid[["site", "slice"]]).map(plan.preferential_saving.to_dict())
    hours = grid["slice"].map(plan.clock.weight).astype(float)
    saved = grid.assign(value=grid["value"] * price.to_numpy(float) * hours * _KW_PER_MW / MILLION)
    saved = saved.groupby(["site", "year"], as_index=False)["value"].sum()
    return results_table.rows("preferential_saving", MONEY, saved[saved["value"] != 0], item="preferential tariff")
