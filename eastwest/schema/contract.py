"""What every part of a scenario is made of: strict, frozen pydantic models and labelled table rows."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

HOURS = [f"h{hour:02d}" for hour in range(24)]
SEASONS = ("winter", "spring", "summer", "autumn")

Share = Annotated[float, Field(ge=0, le=1)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
ByYear = NonNegative | dict[int, NonNegative]
"""One figure for every year, or a figure for some years: `{2027: 100, 2030: 50}`."""
Name = Annotated[str, Field(min_length=1, max_length=200)]
Identifier = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$")]


class Quality(StrEnum):
    """How firm a figure is, from a government text down to the analyst's judgement."""

    official = "official"
    published_estimate = "published_estimate"
    derived = "derived"
    assumption = "assumption"


class Contract(BaseModel):
    """A part of the scenario: unknown keys are errors, values are never coerced across types, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, validate_default=True)

    tables: ClassVar[dict[str, type[Row]]] = {}
    """Tables that this part of the scenario brings with it, by name."""


class Row(BaseModel):
    """One row of a data table. `key` names the columns that identify it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: ClassVar[tuple[str, ...]] = ()
    about: ClassVar[str] = ""
    may_be_empty: ClassVar[bool] = False
    refers: ClassVar[dict[str, str]] = {}
    """Column -> table whose (single) key it must name."""

    source: Name = Field(description="where the figure comes from")
    quality: Quality = Field(description="official, published_estimate, derived or assumption")
