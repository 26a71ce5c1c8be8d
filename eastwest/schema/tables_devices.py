"""Rows of the tables on devices: what they are, what can be had, what stands at the anchor date, what is signed for."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from eastwest.schema.contract import (
    TOLERANCE,
    Colour,
    Context,
    Identifier,
    Kind,
    Name,
    NonNegative,
    Positive,
    Row,
    Share,
    Tables,
    Work,
    wrong_row,
)

HallClass = Literal["standard", "dense"]
COLOUR = "colour on charts and maps, #rrggbb; empty = one that follows from the identifier"


class Anchor(Row):
    key = ("anchor", "kind")
    about = "Dated national totals that stock and reference demand are tied to"
    anchor: Identifier = Field(description="anchor")
    kind: Kind = Field(description="kind of compute")
    date: date
    installed_pflops: NonNegative = Field(description="installed dense peak [PFLOP/s of the kind]")
    allocation: Share = Field(description="allocated / installed [1]")
    basis: Literal["busiest_hour", "mean"] = Field(
        "mean",
        description="what an allocation covers: each customer's busiest hour and standby, or the mean over the year",
    )


class ReferenceUse(Row):
    key = ("anchor", "work")
    refers = {"anchor": "anchors"}
    about = "Fleet mean of delivered over dense peak at the anchor date, by work"
    anchor: Identifier = Field(description="anchor")
    work: Work = Field(description="work")
    use: Annotated[float, Field(gt=0, le=1)] = Field(description="delivered / dense peak [1]")


class Device(Row):
    key = ("device",)
    about = "Accelerators and servers; power is at server level, per device"
    device: Identifier = Field(description="device")
    name_en: Name = Field(description="vendor and model")
    vendor: Name = Field(description="vendor")
    kind: Kind = Field(description="kind of compute that it serves")
    origin: Literal["domestic", "foreign", "mixed"] = Field(description="origin, for rules on foreign devices")
    hall_class: HallClass = Field(description="class of hall that it stands in")
    peak_pflops: Positive = Field(description="dense peak of its kind per device [PFLOP/s]")
    rated_w: Positive = Field(description="server nameplate per device [W]")
    memory_gb: NonNegative | None = Field(None, description="memory per device [GB]")
    price_cny: NonNegative | None = Field(None, description="price per device; empty = cannot be bought [CNY]")
    price_basis: Literal["device", "all_in"] = Field(
        description="device: server and fabric shares are added; all_in: nothing is"
    )
    lifetime_years: Positive = Field(description="life [years]")
    training_use: Share | None = Field(None, description="delivered / dense peak when training [1]")
    inference_use: Share | None = Field(None, description="delivered / dense peak in inference [1]")
    general_use: Share | None = Field(None, description="delivered / peak in general work [1]")
    super_use: Share | None = Field(None, description="delivered / peak in FP64 work [1]")
    largest_group_devices: Annotated[int, Field(ge=1)] = Field(description="most devices that work as one [devices]")
    rack_kw: Positive | None = Field(
        None, description="power of a rack as the device is deployed; empty = air-cooled, at the hall's design [kW]"
    )
    months_to_service: Annotated[float, Field(ge=0, le=60)] = Field(
        0.0, description="from delivery to service: power, hall and software [months]"
    )
    energised_share: Annotated[float, Field(gt=0, le=1)] = Field(
        1.0, description="share of what is delivered that ever enters service; all of it is paid [1]"
    )
    available_from: date | None = Field(None, description="first sold; nothing is delivered before")
    available_until: date | None = Field(None, description="last sold")
    colour: Colour | None = Field(None, description=COLOUR)

    @classmethod
    def check(cls, table: pd.DataFrame, tables: Tables, context: Context) -> None:
        """Devices are first sold before they are last sold."""
        known = table[table["available_from"].notna() & table["available_until"].notna()]
        for _, row in known.iterrows():
            if row["available_from"] > row["available_until"]:
                message = f"{row['available_from']} is after available_until {row['available_until']}"
                raise wrong_row(row, message, "column available_from")


class Supply(Row):
    key = ("supply_group", "year")
    about = "Devices that can be delivered in a year, by supply group"
    may_be_empty = True
    supply_group: Identifier = Field(description="supply group")
    year: Annotated[int, Field(ge=2000, le=2100)] = Field(description="year")
    origin: Literal["domestic", "foreign"] = Field(description="origin")
    low: NonNegative = Field(description="low case [units a year]")
    mid: NonNegative = Field(description="mid case [units a year]")
    high: NonNegative = Field(description="high case [units a year]")
    buyable: bool = Field(description="false for stock that exists but may never be bought (smuggled)")


class SupplyMap(Row):
    key = ("supply_group", "device")
    about = "Which device of the table stands for the units of a supply group"
    refers = {"device": "devices"}
    may_be_empty = True
    supply_group: Identifier = Field(description="supply group")
    device: Identifier = Field(description="device")
    first_year: int = Field(description="first year that the mapping holds")
    last_year: int = Field(description="last year that the mapping holds")
    mix: Share = Field(description="share of the group's units that is this device; sums to 1 in every year [1]")
    devices_per_unit: Positive = Field(
        description="devices that stand for one unit, so that dense peak is kept [devices/unit]"
    )

    @classmethod
    def check(cls, table: pd.DataFrame, tables: Tables, context: Context) -> None:
        """The mix of devices of a supply group sums to 1 in the years that can be bought in, and years are in order."""
        supply = tables["supply"]
        for year in context.vintages:
            rows = table[(table["first_year"] <= year) & (table["last_year"] >= year)]
            total = rows.groupby("supply_group")["mix"].sum()
            for group in supply.loc[supply["year"] == year, "supply_group"]:
                if group in total.index and abs(total[group] - 1) > TOLERANCE:
                    bad = rows[rows["supply_group"] == group].iloc[0]
                    message = f"the mix of supply group '{group}' sums to {total[group]:.9g} in {year}, expected 1"
                    raise wrong_row(bad, message, "column mix")
        turned = table[table["first_year"] > table["last_year"]]
        if len(turned):
            bad = turned.iloc[0]
            message = f"first_year {bad['first_year']} is after last_year {bad['last_year']}"
            raise wrong_row(bad, message, "column first_year")


class Stock(Row):
    key = ("anchor", "site", "device", "vintage")
    about = "Devices in place at the anchor date, by site and year of delivery"
    refers = {"anchor": "anchors", "site": "sites", "device": "devices"}
    may_be_empty = True
    anchor: Identifier = Field(description="anchor")
    site: Identifier = Field(description="site")
    device: Identifier = Field(description="device")
    vintage: Annotated[int, Field(ge=1990, le=2100)] = Field(description="year of delivery")
    devices: NonNegative = Field(description="devices in use at the anchor date [devices]")
    live_share: Share = Field(description="in use / delivered, of that vintage [1]")


class Commitment(Row):
    key = ("site", "device", "in_service")
    about = "Devices signed for after the anchor date, with the date they enter service"
    refers = {"site": "sites", "device": "devices"}
    may_be_empty = True
    site: Identifier = Field(description="site")
    device: Identifier = Field(description="device")
    in_service: date = Field(description="date in service, as announced")
    devices: NonNegative = Field(description="devices that will be energised [devices]")
