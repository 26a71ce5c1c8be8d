"""Rows of the tables on electricity: prices, tariffs, PUE, what stands and is announced, wind, sun and weather."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field, create_model

from eastwest.schema.contract import (
    HOURS,
    HOURS_PER_YEAR,
    SEASONS,
    TOLERANCE,
    Context,
    Finite,
    Identifier,
    NonNegative,
    Positive,
    Row,
    Share,
    Tables,
    wrong_row,
)

Season = Literal["winter", "spring", "summer", "autumn"]
Technology = Literal["wind", "solar"]
Asset = Literal["grid", "hall_standard", "hall_dense", "wind", "solar", "battery_power", "battery_energy"]
Delayed = Literal[Asset, "devices"]
PowerUsage = Annotated[float, Field(ge=1, le=3)]


class AtSite(Row):
    """A row that belongs to a site."""

    refers = {"site": "sites"}
    site: Identifier = Field(description="site")


class OfTechnology(Row):
    """A row on wind or solar plants of a region."""

    refers = {"region": "regions"}
    may_be_empty = True
    region: Identifier = Field(description="region")
    technology: Technology = Field(description="wind or solar")


class HourlyRow(Row):
    """24 values, one per clock hour."""

    def hours(self) -> list[float]:
        return [getattr(self, name) for name in HOURS]


def _with_hours(base: type[Row], what: str) -> type[Row]:
    fields = {name: (NonNegative, Field(description=what)) for name in HOURS}
    made: type[Row] = create_model(base.__name__, __base__=base, **fields)  # type: ignore[call-overload]
    made.__doc__ = base.__doc__
    return made


class SitePower(AtSite):
    key = ("site",)
    about = "Electricity at each site: price, demand charge, tariff and carbon"
    refers = {"site": "sites", "tariff": "tariffs"}
    price_cny_per_kwh: Positive = Field(description="industrial price, demand charge included [CNY/kWh]")
    demand_charge_cny_per_kw_month: NonNegative = Field(description="demand charge [CNY/kW a month]")
    preferential_price_cny_per_kwh: Positive | None = Field(
        None, description="press figure, used only for user cost [CNY/kWh]"
    )
    tariff: Identifier = Field(
        description="time-of-use tariff, a row of tariffs; a site without a published one has 'flat'"
    )
    grid_co2_kg_per_kwh: NonNegative = Field(description="grid carbon, consumption mix 2023 [kg CO2/kWh]")
    residual_co2_kg_per_kwh: NonNegative | None = Field(
        None, description="the same without traded green power, for plans that claim some [kg CO2/kWh]"
    )
    base_electricity_mwh: NonNegative = Field(
        0.0, description="metered before any decision; floors on green power count what is above it [MWh a year]"
    )


class _Tariff(HourlyRow):
    key = ("tariff", "season")
    about = "Time-of-use multipliers on the energy price; the model rescales them to a weighted mean of 1"
    tariff: Identifier = Field(description="tariff")
    season: Season = Field(description="season")

    @classmethod
    def check(cls, table: pd.DataFrame, tables: Tables, context: Context) -> None:
        """Every tariff has all four seasons."""
        given = table.groupby("tariff")["season"].agg(set)
        for tariff, seasons in given.items():
            absent = [season for season in SEASONS if season not in seasons]
            if absent:
                message = f"tariff '{tariff}' has no row for {', '.join(absent)}; expected all four seasons"
                raise wrong_row(table[table["tariff"] == tariff].iloc[0], message, "tariffs")


class _Profile(HourlyRow):
    key = ("profile",)
    about = "Shape of demand over the day, mean 1"
    profile: Identifier = Field(description="profile")

    @classmethod
    def check(cls, table: pd.DataFrame, tables: Tables, context: Context) -> None:
        """The mean of a shape is 1."""
        mean = table[HOURS].mean(axis=1)
        wrong = table[(mean - 1).abs() > TOLERANCE]
        if len(wrong):
            bad = wrong.iloc[0]
            message = f"profile '{bad['profile']}' has mean {mean[wrong.index[0]]:.9g}, expected 1 within {TOLERANCE:g}"
            raise wrong_row(bad, message, "columns h00 to h23")


class _RenewableProfile(HourlyRow, OfTechnology):
    key = ("region", "technology", "season")
    about = "Output of new wind and solar plants by region, season and clock hour"
    season: Season = Field(description="season")


Tariff = _with_hours(_Tariff, "multiplier on the mean energy price [1]")
Profile = _with_hours(_Profile, "demand over its daily mean [1]")
RenewableProfile = _with_hours(_RenewableProfile, "mean output over capacity in that clock hour [1]")


class Pue(AtSite):
    key = ("site", "season")
    about = "Power usage effectiveness by season: facility power over IT power"
    season: Season = Field(description="season")
    pue: PowerUsage = Field(description="facility power / IT power [1]")


class Capacity(AtSite):
    key = ("site", "asset", "in_service")
    about = "Halls, grid connections, own plants and batteries: what stands, and what is announced with its date"
    asset: Asset = Field(description="grid connection (at the meter), hall (IT), own plant, or battery")
    in_service: date = Field(description="date in service, as announced")
    mw: Finite = Field(
        description="added on that date: grid at the meter, halls in IT power, battery_energy in MWh [MW]"
    )
    status: Literal["existing", "announced"] = Field(description="standing on the date, or announced for it")


class Delay(Row):
    key = ("region", "asset")
    about = "How much later than announced things enter service, by region and kind; added to the general delay"
    refers = {"region": "regions"}
    may_be_empty = True
    region: Identifier = Field(description="region of the site")
    asset: Delayed = Field(description="what comes late; devices are those signed for")
    months: NonNegative = Field(description="delay [months]")


class FixedLoad(AtSite):
    key = ("site", "item")
    about = "IT load that no task explains: storage and cold data, and the residual of the 2025 electricity balance"
    may_be_empty = True
    item: Literal["storage", "residual"] = Field(description="storage and cold data, or the named residual")
    it_mw: NonNegative = Field(description="IT load at the reference date [MW]")
    reference_date: date = Field(description="date of the figure")
    growth_per_year: Finite = Field(description="growth a year [1]")


class Renewable(OfTechnology):
    key = ("region", "technology")
    about = "Wind and solar plants that a site of the region may build or contract: cost, life, lead time"
    capex_million_cny_per_mw: NonNegative = Field(description="overnight cost [million CNY/MW]")
    om_million_cny_per_mw_year: NonNegative = Field(description="fixed operation and maintenance [million CNY/(MW a)]")
    life_years: Positive = Field(description="life [years]")
    lead_months: NonNegative = Field(description="from decision to service [months]")
    capex_change_per_year: Finite = Field(0.0, description="real change of the overnight cost a year [1]")

    @classmethod
    def check(cls, table: pd.DataFrame, tables: Tables, context: Context) -> None:
        """Every plant that may be built or stands has its profile in every season."""
        keys = ["region", "technology", "season"]
        given = set(tables["renewable_profiles"][keys].itertuples(index=False, name=None))
        for _, row in table.iterrows():
            absent = [season for season in SEASONS if (row["region"], row["technology"], season) not in given]
            if absent:
                message = f"{row['technology']} in region '{row['region']}' has no row in renewable_profiles for "
                raise wrong_row(row, message + ", ".join(absent), "renewables")


class WeatherDay(OfTechnology):
    key = ("region", "technology", "day")
    about = "Days of a year of weather: each day's output over the mean day of its season"
    day: Annotated[int, Field(ge=1, le=365)] = Field(description="day of a year of 365 days, 1 = 1 January")
    factor: NonNegative = Field(description="output of the day over the seasonal profile; seasonal mean 1 [1]")


class HourlyProfile(AtSite):
    key = ("site", "hour")
    about = "A site's own hourly year, 8,760 rows a site; empty cells keep the default"
    may_be_empty = True
    hour: Annotated[int, Field(ge=0, le=8759)] = Field(description="hour of a year of 365 days, 0 = 1 January, 00:00")
    wind: Share | None = Field(None, description="output of wind over capacity [1]")
    solar: Share | None = Field(None, description="output of solar over capacity [1]")
    pue: PowerUsage | None = Field(None, description="facility power / IT power [1]")
    price_multiplier: NonNegative | None = Field(None, description="on the mean energy price [1]")

    @classmethod
    def check(cls, table: pd.DataFrame, tables: Tables, context: Context) -> None:
        """A site that brings an hourly year brings all of it, column by column."""
        for name in ("wind", "solar", "pue", "price_multiplier"):
            count = table[table[name].notna()].groupby("site")["hour"].size()
            wrong = count[count != HOURS_PER_YEAR]
            if len(wrong):
                bad = table[table["site"] == wrong.index[0]].iloc[0]
                message = f"site '{wrong.index[0]}' has {wrong.iloc[0]} values, expected {HOURS_PER_YEAR} or none"
                raise wrong_row(bad, message, f"hourly, column {name}")
