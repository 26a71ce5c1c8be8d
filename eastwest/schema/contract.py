"""What every part of a scenario is made of: strict, frozen pydantic models, labelled table rows, names of other parts.

A setting that names a place, a device, a task, a year, ... says so in its type (`SiteName`, `ByYear`, or any
`Annotated[Identifier, NameOf(...)]`), and a name that the scenario does not know is refused with file and line. What a
part must check besides stands in its own `check`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from eastwest.errors import InputError
from eastwest.schema.metrics import Metric

HOURS_PER_YEAR = 8760
TOLERANCE = 1e-6
"""Most that shares may differ from a sum of 1, and shapes from a mean of 1."""
HOURS = [f"h{hour:02d}" for hour in range(24)]
SEASONS = ("winter", "spring", "summer", "autumn")
WHERE = "_where"
"""Column that says where each row was written; it lives only while a scenario is put together."""

YEAR = "year"
VINTAGE = "vintage"
Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class NameOf:
    """Says of a type what its values name; a value must be one of any of `what`, or one of the words `also`.

    `site`          the key of a row: the table whose only key is the column `site`
    `sites.hub`     what stands in a column of a table
    `demand.kinds`  an entry of another setting, or one of its keys
    `year`          a calendar year that a planning year stands for
    `vintage`       a calendar year in which something may be bought or built
    """

    what: tuple[str, ...]
    also: tuple[str, ...] = ()

    def __init__(self, *what: str, also: tuple[str, ...] = ()) -> None:
        object.__setattr__(self, "what", what)
        object.__setattr__(self, "also", also)


Share = Annotated[float, Field(ge=0, le=1)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Identifier = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$")]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Kind = Literal["intelligent", "general", "super"]
Work = Literal["training", "inference", "general", "super"]

SiteName = Annotated[Identifier, NameOf("site")]
RegionName = Annotated[Identifier, NameOf("region")]
HubName = Annotated[Identifier, NameOf("hub")]
DeviceName = Annotated[Identifier, NameOf("device")]
TaskName = Annotated[Identifier, NameOf("task")]
CorridorName = Annotated[Identifier, NameOf("corridor")]
VendorName = Annotated[Name, NameOf("devices.vendor")]
KindName = Annotated[Identifier, NameOf("demand.kinds")]
PlanningYear = Annotated[int, NameOf(YEAR)]
ByYear = NonNegative | dict[PlanningYear, NonNegative]
"""One figure for every year, or a figure for some years: `{2027: 100, 2030: 50}`."""
ByVintage = NonNegative | dict[Annotated[int, NameOf(VINTAGE)], NonNegative]
"""The same for calendar years in which something may be bought or built, before the first planning year as well."""


class Quality(StrEnum):
    """How firm a figure is, from a government text down to the analyst's judgement."""

    official = "official"
    published_estimate = "published_estimate"
    derived = "derived"
    assumption = "assumption"


@dataclass(frozen=True)
class Context:
    """What a part of a scenario is checked beside, and where the words of an error come from."""

    settings: Any
    """every section of the scenario by attribute: `context.settings.devices.energise`"""
    years: tuple[int, ...]
    """planning years"""
    stood_for: tuple[int, ...]
    """calendar years that planning years stand for"""
    vintages: tuple[int, ...]
    """calendar years after the anchor's, up to the last that a planning year stands for"""
    place: Callable[[tuple[int | str, ...]], str | None]
    """path of keys -> `file:line` where it was given"""
    shipped: Callable[[str], bool]
    """whether a table is the package's, as it came"""
    section: str = ""
    """the section whose `Data` is checked"""

    def wrong(self, key: str, message: str) -> InputError:
        """The error to raise on a setting: `key` of this section, or `section.key` of another."""
        full = key if "." in key or not self.section else f"{self.section}.{key}"
        return InputError(message, where=self.place(tuple(full.split("."))), key=full)


class Contract(BaseModel):
    """A part of the scenario: unknown keys are errors, values are never coerced across types, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, validate_default=True)

    tables: ClassVar[dict[str, type[Row]]] = {}
    """Tables that this part of the scenario brings with it, by name."""
    metrics: ClassVar[dict[str, Metric]] = {}
    """What targets may be named after, by the name that the table `policy_targets` uses."""
    units: ClassVar[Mapping[str, float]] = {}
    """Units that it brings, with the step in which a planner would ask for more of each; see schema/units.py."""

    def check(self, tables: Tables, years: tuple[int, ...], context: Context) -> None:
        """Raise `context.wrong(key, message)` for what shows only beside the tables, the years or other settings.

        Names need no check here: their types say what they name.
        """


class Row(BaseModel):
    """One row of a data table. `key` names the columns that identify it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: ClassVar[tuple[str, ...]] = ()
    about: ClassVar[str] = ""
    may_be_empty: ClassVar[bool] = False
    refers: ClassVar[dict[str, str]] = {}
    """Column -> table whose (first) key it must name."""

    source: Name = Field(description="where the figure comes from")
    quality: Quality = Field(description="official, published_estimate, derived or assumption")

    @classmethod
    def check(cls, table: pd.DataFrame, tables: Tables, context: Context) -> None:
        """Raise `wrong_row(row, message, key)` for rows that no other row of the scenario agrees with."""


def wrong_row(row: pd.Series[Any], message: str, key: str) -> InputError:
    """The error to raise on a row of a table, with the file and line where it was written."""
    return InputError(message, where=str(row[WHERE]) if WHERE in row.index else None, key=key)
