"""Names in settings, in every section alike: the schema is walked, and each name that it holds is given wrong."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import noise
import pytest
from annotated_types import Ge, Gt, Le
from places import TESTS
from pydantic import BaseModel

import eastwest as ew
from eastwest.cli import main
from eastwest.formatting.text import visible_json
from eastwest.scenario.names import annotation_of
from eastwest.scenario.settings import contracts
from eastwest.schema.contract import VINTAGE, YEAR, NameOf

SETTINGS = contracts((noise,)).settings
DEFINE = {"training_units.sizes", "events.periods"}
"""Settings whose keys are names that they give themselves."""

BESIDE = {
    "training_units.shares": {"sizes": {"few": 4}}, "training_units.least_units": {"sizes": {"few": 4}},
    "training_units.tasks": {"sizes": {"few": 4}}, "noise.cap_w": {"mesa": {"sound_w_per_mw": 3}},
    "water.cap_m3": {"mesa": {"cooling": "closed_loop", "wue_l_per_kwh": 1, "price_cny_per_m3": 6}},
}  # fmt: skip
"""What a section needs besides so that nothing else is wrong with it."""

RIGHT = {
    "site": "mesa", "region": "coast", "hub": "h", "device": "alpha", "task": "chat", "corridor": "coast-mesa",
    "voucher": "city", "year": 2027, "vintage": 2027, "devices.vendor": "Alpha", "demand.kinds": "intelligent",
    "sites.hub": "h",
    "training_units.sizes": "few", "anchors.anchor": "base", "sites.region": "coast", "tasks.sector": "finance",
}  # fmt: skip
"""A name of the tiny country for each thing that settings name."""


class Place(NamedTuple):
    """Where a name may stand: the section and setting, what it names, and a value that holds the name."""

    setting: str
    of: NameOf
    value: Any
    """with WRONG in the place of the name"""


WRONG = "WRONG"


def places(model: type[BaseModel]) -> Iterator[Place]:
    """Every place in the settings where a name may stand."""
    for section, field in model.model_fields.items():
        inner = field.annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            continue
        for key, below in inner.model_fields.items():
            for of, value in inside(annotation_of(below)):
                yield Place(f"{section}.{key}", of, value)


def inside(annotation: Any) -> Iterator[tuple[NameOf, Any]]:
    """What a type names, each with a value in which that name is wrong and every other one right."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from ((each, WRONG) for each in parts[1:] if isinstance(each, NameOf))
        yield from inside(parts[0])
    elif origin in (Union, UnionType):
        for part in parts:
            yield from inside(part)
    elif origin is dict:
        yield from ((of, {value: sample(parts[1])}) for of, value in inside(parts[0]))
        yield from ((of, {sample(parts[0]): value}) for of, value in inside(parts[1]))
    elif origin is tuple:
        yield from ((of, [value]) for of, value in inside(parts[0]))
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        needed = {k: sample(annotation_of(f)) for k, f in annotation.model_fields.items() if f.is_required()}
        for key, field in annotation.model_fields.items():
            yield from ((of, {**needed, key: value}) for of, value in inside(annotation_of(field)))


def sample(annotation: Any) -> Any:
    """A value that the type accepts, with right names."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        named = [each for each in parts[1:] if isinstance(each, NameOf)]
        limits = [each for part in parts[1:] for each in (part, *getattr(part, "metadata", ()))]
        if named:
            return RIGHT[named[0].what[0]]
        if parts[0] in (int, float) and any(isinstance(each, Ge | Gt | Le) for each in limits):
            return 1
        return sample(parts[0])
    if origin in (Union, UnionType):
        return sample(parts[0])
    if origin is Literal:
        return parts[0]
    if origin is dict:
        return {sample(parts[0]): sample(parts[1])}
    if origin is tuple:
        return [sample(parts[0])]
    return {str: "x", int: 1, float: 1.0, bool: True}[annotation]


def keys(annotation: Any) -> Iterator[Any]:
    """The types of the keys of every mapping in a type, and of what free lists of words hold."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (dict, tuple):
        yield parts[0]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        parts = tuple(annotation_of(field) for field in annotation.model_fields.values())
    for part in parts if origin is not Literal else ():
        yield from keys(part)


PLACES = list(places(SETTINGS))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(TESTS / "tiny", tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def text(place: Place, name: str | int) -> str:
    """A scenario file with the setting in the last line."""
    section, key = place.setting.split(".")
    given = {**BESIDE.get(place.setting, {}), key: put(place.value, name)}
    lines = [f"  {setting}: {visible_json(value)}" for setting, value in given.items()]
    head = "extends: tiny.yaml\nhubs: {h: {name_en: Hub, side: west}}\nsites: {mesa: {hub: h}}\n"
    return head + "\n".join([f"{section}:", *lines, ""])


def put(value: Any, name: str | int) -> Any:
    if isinstance(value, dict):
        return {name if key == WRONG else key: put(inner, name) for key, inner in value.items()}
    return [put(inner, name) for inner in value] if isinstance(value, list) else name if value == WRONG else value


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.setting}-{'-'.join(place.of.what)}")
def test_a_wrong_name_is_refused_with_its_line(place: Place, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name: str | int = 2031 if place.of.what in ((YEAR,), (VINTAGE,)) else "nowhere"
    content = text(place, name)
    (folder / "case.yaml").write_text(content)
    assert main(["validate", "case.yaml", "--quiet", "--module", noise.__file__]) == 2
    said = capsys.readouterr().err
    where = f"case.yaml:{len(content.splitlines())}: {place.setting}"
    assert where in said
    words = f"received the year {name}, expected one of the" if name == 2031 else f"received '{name}'"
    assert words in said
    for what in place.of.what if name != 2031 else ():
        assert what.split(".")[0].rstrip("s") in said


def test_every_section_is_walked() -> None:
    """Those with names today; a section that gets its first one is added here, and tested above by itself."""
    assert {place.setting.split(".")[0] for place in PLACES} == {
        "approval", "demand", "devices", "events", "green", "inertia", "noise", "policy", "power", "procurement",
        "resilience", "training_units", "users", "water",
    }  # fmt: skip
    assert len(PLACES) >= 30


def test_nothing_that_is_keyed_goes_without_saying_by_what() -> None:
    """A mapping, or a list of words, says what its keys name; or its words are a choice of a few."""
    for section, field in SETTINGS.model_fields.items():
        inner = field.annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            continue
        for key, below in inner.model_fields.items():
            for each in keys(annotation_of(below)):
                says = any(isinstance(part, NameOf) for part in get_args(each)) or get_origin(each) is Literal
                is_part = isinstance(each, type) and issubclass(each, BaseModel)
                assert says or is_part or f"{section}.{key}" in DEFINE, (section, key, each)


def test_right_names_are_taken(folder: Path) -> None:
    """The same files with right names load: what is refused above is the name and nothing else."""
    for place in PLACES:
        if place.of.what[0] == "voucher":  # the tiny country has none
            continue
        (folder / "case.yaml").write_text(text(place, RIGHT[place.of.what[0]]))
        assert ew.load_scenario("case.yaml", modules=[noise]), place


def test_several_wrong_names_are_told_together(folder: Path) -> None:
    (folder / "case.yaml").write_text(
        "extends: tiny.yaml\nwater:\n  cap_m3:\n    mesa: 5\n    sea: 5\ngreen: {carbon_cap_t: {2026: 1}}\n"
    )
    with pytest.raises(ew.InputError) as error:
        ew.load_scenario("case.yaml")
    lines = str(error.value).splitlines()
    assert lines[0].startswith("case.yaml:5: water.cap_m3: received 'sea', expected a row of sites or a region of")
    assert lines[1].startswith("case.yaml:6: green.carbon_cap_t: received the year 2026, expected one of the planning")
