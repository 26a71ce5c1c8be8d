"""The settings of a scenario: the keys that stand for themselves, and one section for each model module."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import BaseModel, Field, ValidationError, create_model

from eastwest.errors import InputError
from eastwest.model.clock import Time
from eastwest.model.modules import SECTIONS
from eastwest.scenario.messages import combined, received, unknown
from eastwest.scenario.yaml_source import Node
from eastwest.schema.contract import Context, Contract, Identifier, Positive, Row, Share, Tables
from eastwest.schema.tables import TABLES

Year = Annotated[int, Field(ge=2000, le=2100)]
Represented = Annotated[int, Field(ge=1, le=50)]


class SolveSettings(Contract):
    """How the program is solved."""

    solver: Identifier = Field("highs", description="highs, or any solver that PuLP knows")
    time_limit_s: Positive = Field(600.0, description="time limit [s]")
    mip_gap: Share = Field(
        1e-4, description="gap at which a search for whole numbers may end, over the cost of the plan [1]"
    )


class Geography(Contract):
    """The layer of outlines that maps show, and that demand points are held against."""

    regions: str | None = Field(
        None,
        max_length=1000,
        description="GeoJSON file of the regions' polygons, property 'region'; none = as tables.polygons says",
    )
    """None once a scenario is read: the file is among its inputs then, like every table"""
    layer: str = Field("", max_length=200, description="what the layer is called; the file's name when not given")
    source: str = Field("", max_length=500, description="where the layer comes from, as maps say it")


class Settings(Contract):
    """Everything of a scenario that is not a table; one attribute per section comes from `eastwest.model.SECTIONS`."""

    title: str = Field("", max_length=200, description="one line that heads the report")
    question: str = Field("", max_length=2000, description="what the scenario asks")
    notes: str = Field("", max_length=20000, description="anything a reader should know")
    years: tuple[Year, ...] = Field((2027,), min_length=1, description="planning years, rising [year]")
    years_represented: tuple[Represented, ...] | None = Field(
        None,
        description="years that each planning year stands for; none = until the next one [a]",
    )
    foresight: Literal["perfect", "myopic"] = Field(
        "perfect", description="decide all years at once, or year by year without knowing the next"
    )
    time: Time = Field(Time(), description="how the year is cut")
    geography: Geography = Field(Geography(), description="the layer of outlines that maps show")
    solve: SolveSettings = Field(SolveSettings(), description="how the program is solved")

    def check(self, tables: Tables, years: tuple[int, ...], context: Context) -> None:
        """Planning years rise, and `years_represented` gives a number for each."""
        if list(years) != sorted(set(years)):
            received = ", ".join(map(str, years))
            raise context.wrong("years", f"received {received}; expected rising years")
        given = self.years_represented
        if given is not None and len(given) != len(years):
            message = f"received {len(given)} figures, expected one for each of the {len(years)} years"
            raise context.wrong("years_represented", message)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


def _section(data: type[BaseModel]) -> Any:
    return (data, Field(data(), description=(data.__doc__ or "").strip()))


ResolvedSettings: type[Settings] = create_model(
    "ResolvedSettings",
    __base__=Settings,
    __module__=__name__,
    **{name: _section(data) for name, data in SECTIONS.items()},
)
ResolvedSettings.__doc__ = Settings.__doc__


@cache
def table_rows() -> dict[str, type[Row]]:
    """Every table by name: the shared ones and those that model modules bring."""
    rows = dict(TABLES)
    for section, data in SECTIONS.items():
        for name, row in data.tables.items():
            if name in rows and rows[name] is not row:
                raise ValueError(f"model module {section} brings a second table '{name}'")
            rows[name] = row
    return rows


def fields_of(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """Names of the settings that may stand at `path`."""
    for step in path:
        field = model.model_fields.get(str(step))
        if field is None or not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            return []
        model = field.annotation
    return list(model.model_fields)


def check_settings(node: Node) -> Settings:
    """Validated settings from the merged tree; every finding names file, line and key."""
    plain = {name: value.plain() for name, value in node.items()}
    plain = {
        name: _without_none(name, value)
        for name, value in plain.items()
        if value is not None or not _section_keys(name)
    }
    try:
        return ResolvedSettings.model_validate_json(json.dumps(plain), strict=True)
    except ValidationError as error:
        found = [_finding(detail, node) for detail in error.errors(include_url=False)]
        raise combined(found) from None


def _section_keys(name: str) -> list[str]:
    return fields_of(ResolvedSettings, (name,))


def _without_none(name: str, value: Any) -> Any:
    """In a setting that may be left open the word none means null."""
    if not _section_keys(name) or not isinstance(value, dict):
        return value
    fields = ResolvedSettings.model_fields[name].annotation.model_fields  # type: ignore[union-attr]
    may_be_open = {key for key, field in fields.items() if type(None) in get_args(field.annotation)}
    return {key: None if inner == "none" and key in may_be_open else inner for key, inner in value.items()}


def _finding(detail: Mapping[str, Any], node: Node) -> InputError:
    path: tuple[int | str, ...] = detail["loc"]
    field = _describe(path)
    if detail["type"] == "extra_forbidden":
        message = unknown(path[-1], fields_of(ResolvedSettings, path[:-1]))
    elif detail["type"] == "missing":
        message = f"is missing; expected {field}"
    else:
        names = fields_of(ResolvedSettings, path)
        about = ", ".join(names) or field
        message = received(detail) + (f" ({about})" if about else "")
    return InputError(message, where=node.find(path).where, key=".".join(str(step) for step in path))


def _describe(path: tuple[int | str, ...]) -> str:
    for length in range(len(path), 0, -1):
        names, last = path[: length - 1], str(path[length - 1])
        if last in fields_of(ResolvedSettings, names):
            model: Any = ResolvedSettings
            for step in names:
                model = model.model_fields[str(step)].annotation
            return model.model_fields[last].description or ""
    return ""


def flat_settings(settings: Settings) -> dict[str, Any]:
    """`devices.surge` -> value in plain terms, for every setting."""
    flat: dict[str, Any] = {}
    for name, value in settings.model_dump(mode="json").items():
        if isinstance(value, dict) and _section_keys(name):
            flat |= {f"{name}.{key}": inner for key, inner in value.items()}
        else:
            flat[name] = value
    return flat
