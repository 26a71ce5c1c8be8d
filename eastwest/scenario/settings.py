"""The settings of a scenario: the keys that stand for themselves, and one section for each model module."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import BaseModel, Field, ValidationError, create_model

from eastwest.errors import InputError
from eastwest.model.clock import FEWEST_BLOCKS, Time
from eastwest.model.modules import SECTIONS
from eastwest.scenario.messages import combined, received, unknown
from eastwest.scenario.outside import Modules, check_refers, section_of
from eastwest.scenario.yaml_source import Node
from eastwest.schema.contract import HOURS, Context, Contract, Identifier, Positive, Row, Share, Tables
from eastwest.schema.metrics import Metric
from eastwest.schema.tables import TABLES

Year = Annotated[int, Field(ge=2000, le=2100)]
FILE_KEYS = ("name", "extends", "defaults", "tables")
"""Keys at the top of a scenario file that are neither section nor table."""
SNAPSHOT = "anchor"
"""The word for years that asks for a snapshot of the anchor."""
NO_PLAN = "No plan: a trial with {blocks} of at least {least} blocks of the day, so daily peaks are missing."
"""First line of what is said of a scenario whose day is cut too coarsely."""
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
    """Everything of a scenario that is not a table; one attribute per section comes from the model modules."""

    title: str = Field("", max_length=200, description="one line that heads the report")
    question: str = Field("", max_length=2000, description="what the scenario asks")
    notes: str = Field("", max_length=20000, description="anything a reader should know")
    years: Annotated[tuple[Year, ...], Field(min_length=1)] | Literal["anchor"] = Field(
        (2027,), description="planning years, rising; or anchor, a snapshot of its date [year]"
    )
    years_represented: tuple[Represented, ...] | None = Field(
        None,
        description="calendar years that each planning year stands for; none = until the next one, the last alone [a]",
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
        if self.years == SNAPSHOT and self.demand.anchor not in set(tables["anchors"]["anchor"]):
            raise context.wrong("years", f"the anchor '{self.demand.anchor}' of demand.anchor has no row in anchors")
        self._refuse_coarse(tables, context)
        given = self.years_represented
        if given is not None and self.years == SNAPSHOT:
            raise context.wrong("years_represented", "a snapshot of the anchor stands for its day alone; leave it out")
        if given is not None and len(given) != len(years):
            message = f"received {len(given)} figures, expected one for each of the {len(years)} years"
            raise context.wrong("years_represented", message)
        stood_for = spans(self, tables)
        for year, after in pairwise(years):
            if stood_for[year][-1] >= after:
                message = (
                    f"{year} would stand for {after} too, which is planned itself; expected {after - year} or less"
                )
                raise context.wrong("years_represented", message)

    def _refuse_coarse(self, tables: Tables, context: Context) -> None:
        """Fewer blocks of the day than a plan needs are asked for by name, or where no work has a daily profile."""
        time: Time = self.time
        if time.coarse or not daily_peaks_missing(self, tables):
            return
        key = "time.blocks" if time.method == "seasons" else "time.slice_hours"
        message = f"received {time.blocks_of_the_day} blocks of the day, expected at least {FEWEST_BLOCKS}: "
        message += "daily peaks are missing below; 'coarse: true' (--coarse) allows it, for a trial that is no plan"
        raise context.wrong(key, message)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


def daily_peaks_missing(settings: Settings, tables: Tables) -> bool:
    """Whether the day is cut more coarsely than a plan needs, and any work that is asked for has a daily profile."""
    if settings.time.blocks_of_the_day >= FEWEST_BLOCKS:
        return False
    profiles = tables["profiles"].set_index("profile")[HOURS].astype(float)
    shaped = set(profiles.index[profiles.max(axis=1) > profiles.min(axis=1)])
    tasks = tables["tasks"]
    return bool(tasks.loc[tasks["kind"].isin(settings.demand.kinds), "profile"].isin(shaped).any())


def planning_years(settings: Settings, tables: Tables) -> tuple[int, ...]:
    """The years that are planned; of a snapshot the year of its anchor."""
    if settings.years != SNAPSHOT:
        return tuple(int(year) for year in settings.years)
    day = anchor_day(settings, tables)
    return () if day is None else (day.year,)


def spans(settings: Settings, tables: Tables) -> dict[int, tuple[int, ...]]:
    """The calendar years that each planning year stands for: itself and those after it, see `years_represented`."""
    years = planning_years(settings, tables)
    if not years:
        return {}
    counts = settings.years_represented or [after - year for year, after in pairwise([*years, years[-1] + 1])]
    return {year: tuple(range(year, year + count)) for year, count in zip(years, counts, strict=False)}


def vintages(settings: Settings, tables: Tables) -> tuple[int, ...]:
    """Calendar years after the anchor's, up to the last that a planning year stands for; none without the anchor."""
    day = anchor_day(settings, tables)
    last = max((year for span in spans(settings, tables).values() for year in span), default=0) if day else 0
    return tuple(range(day.year + 1, last + 1)) if day else ()


def anchor_day(settings: Settings, tables: Tables) -> date | None:
    """Date of the anchor that demand and stock are tied to; None where the table anchors lacks it."""
    anchors = tables["anchors"]
    days: list[date] = anchors.loc[anchors["anchor"] == settings.demand.anchor, "date"].tolist()
    return days[0] if days else None


def _section(data: type[BaseModel]) -> Any:
    return (data, Field(data(), description=(data.__doc__ or "").strip()))


ResolvedSettings: type[Settings] = create_model(
    "ResolvedSettings",
    __base__=Settings,
    __module__=__name__,
    **{name: _section(data) for name, data in SECTIONS.items()},
)
ResolvedSettings.__doc__ = Settings.__doc__


@dataclass(frozen=True)
class Contracts:
    """What a scenario may hold: the sections and tables of the package, and those of some modules from outside."""

    modules: Modules
    """from outside only"""
    settings: type[Settings]
    """one attribute for each section"""
    tables: Mapping[str, type[Row]]
    """the contract of the rows of each table"""
    metrics: Mapping[str, tuple[str, Metric]]
    """what targets may be named after: name -> section of the module that declares it, and what it says"""


@lru_cache(maxsize=64)
def contracts(modules: Modules = ()) -> Contracts:
    """Sections and tables of the package with those of `modules`; InputError where a module's names are taken."""
    rows = dict(TABLES)
    for section, data in SECTIONS.items():
        if rows.keys() & data.tables.keys():
            raise ValueError(f"model module {section} brings a second table of one name")
        rows |= data.tables
    metrics: dict[str, tuple[str, Metric]] = {}
    for section, data in (*SECTIONS.items(), *((section_of(module), module.Data) for module in modules)):
        for name, metric in data.metrics.items():
            if name in metrics:
                message = f"the metric '{name}' is declared by {metrics[name][0]} and by {section}; call one otherwise"
                raise InputError(message, key="modules")
            metrics[name] = section, metric
    taken = {*ResolvedSettings.model_fields, *FILE_KEYS, *rows}
    for module in modules:
        section, data = section_of(module), module.Data
        for name in (section, *data.tables):
            if name in taken:
                message = f"'{name}' is a section or table of the package already; call the module's otherwise"
                raise InputError(message, where=getattr(module, "__file__", None), key="modules")
        rows |= data.tables
        taken |= {section, *data.tables}
    for module in modules:
        check_refers(module, rows)
    if not modules:
        return Contracts((), ResolvedSettings, MappingProxyType(rows), MappingProxyType(metrics))
    sections = {section_of(module): _section(module.Data) for module in modules}
    settings = create_model("ResolvedSettings", __base__=ResolvedSettings, __module__=__name__, **sections)
    settings.__doc__ = Settings.__doc__
    return Contracts(modules, settings, MappingProxyType(rows), MappingProxyType(metrics))


def fields_of(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """Names of the settings that may stand at `path`."""
    for step in path:
        field = model.model_fields.get(str(step))
        if field is None or not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            return []
        model = field.annotation
    return list(model.model_fields)


def check_settings(node: Node, model: type[Settings]) -> Settings:
    """Validated settings of the class `model` from the merged tree; every finding names file, line and key."""
    plain = {name: value.plain() for name, value in node.items()}
    plain = {
        name: _without_none(name, value, model)
        for name, value in plain.items()
        if value is not None or not fields_of(model, (name,))
    }
    try:
        return model.model_validate_json(json.dumps(plain), strict=True)
    except ValidationError as error:
        raise combined([_finding(detail, node, model) for detail in _by_key(error, node)]) from None


def _by_key(error: ValidationError, node: Node) -> list[dict[str, Any]]:
    """What pydantic found, each with the path of keys in `loc`: without the names of types that it tried in turn.

    Of the types that a value may have the one that says most of it counts: the one that looked inside the value. Where
    none did, the findings on one value are one, which expects any of them.
    """
    details: list[dict[str, Any]] = [dict(detail) for detail in error.errors(include_url=False)]
    tried: dict[tuple[int | str, ...], list[dict[str, Any]]] = {}
    for detail in details:
        whole = detail["loc"]
        path = tuple(step for length, step in enumerate(whole) if _is_key(node, whole, length, detail["type"]))
        differs = next((n for n, step in enumerate(path) if step != whole[n]), len(path))
        detail["loc"] = path
        if len(path) < len(whole) and whole[-1] != "[key]":
            tried.setdefault(path[:differs], []).append(detail)
    dropped: list[dict[str, Any]] = []
    for value, found in tried.items():
        inside = [detail for detail in found if len(detail["loc"]) > len(value)]
        if inside:
            dropped += [detail for detail in found if detail["loc"] == value]
        else:
            found[0]["any_of"] = found
            dropped += found[1:]
    return [detail for detail in details if not any(detail is other for other in dropped)]


def _is_key(node: Node, whole: tuple[int | str, ...], length: int, kind: str) -> bool:
    """Whether the step of a path of pydantic's at `length` is a key of the file, and no type that it tried."""
    node = node.find(tuple(step for n, step in enumerate(whole[:length]) if _is_key(node, whole, n, "")))
    return node.find((whole[length],)) is not node or (kind == "missing" and length == len(whole) - 1)


def _without_none(name: str, value: Any, model: type[Settings]) -> Any:
    """In a setting that may be left open the word none means null."""
    if not fields_of(model, (name,)) or not isinstance(value, dict):
        return value
    fields = model.model_fields[name].annotation.model_fields  # type: ignore[union-attr]
    may_be_open = {key for key, field in fields.items() if type(None) in get_args(field.annotation)}
    return {key: None if inner == "none" and key in may_be_open else inner for key, inner in value.items()}


def _finding(detail: Mapping[str, Any], node: Node, model: type[Settings]) -> InputError:
    path: tuple[int | str, ...] = detail["loc"]
    field = _describe(path, model)
    if detail["type"] == "extra_forbidden":
        message = unknown(path[-1], fields_of(model, path[:-1]))
    elif detail["type"] == "missing":
        message = f"is missing; expected {field}"
    else:
        names = fields_of(model, path)
        about = ", ".join(names) or field
        message = received(detail) + (f" ({about})" if about else "")
    return InputError(message, where=node.find(path).where, key=".".join(str(step) for step in path))


def _describe(path: tuple[int | str, ...], settings: type[Settings]) -> str:
    for length in range(len(path), 0, -1):
        names, last = path[: length - 1], str(path[length - 1])
        if last in fields_of(settings, names):
            model: Any = settings
            for step in names:
                model = model.model_fields[str(step)].annotation
            return model.model_fields[last].description or ""
    return ""


def flat_settings(settings: Settings) -> dict[str, Any]:
    """`devices.surge` -> value in plain terms, for every setting."""
    flat: dict[str, Any] = {}
    for name, value in settings.model_dump(mode="json").items():
        if isinstance(value, dict) and fields_of(type(settings), (name,)):
            flat |= {f"{name}.{key}": inner for key, inner in value.items()}
        else:
            flat[name] = value
    return flat
