"""Scenario files: what is refused and how, and what extends, overrides, tables, copies and saved scenarios mean.

tests/tiny is a country of two regions, two metros and a cluster with its own tables. Every file of tests/broken extends
it and is wrong in one way; its first line says where the error must be reported and words that the message must hold.
"""

from __future__ import annotations

import json
import pickle
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from places import TESTS as HERE

from eastwest.errors import InputError
from eastwest.scenario import Scenario, data_catalogue, json_schema, load_scenario, new_scenario_text, quality_shares
from eastwest.scenario import table_fields as fields
from eastwest.scenario.files import package_folder
from eastwest.scenario.overrides import SOURCE_LIMIT
from eastwest.scenario.settings import ResolvedSettings, contracts, fields_of
from eastwest.scenario.tables_source import read_csv
from eastwest.scenario.yaml_source import parse_yaml
from eastwest.schema.tables import TABLES

BROKEN = sorted((HERE / "broken").glob("*.yaml"))
PACKAGE_DATA = (package_folder("data") / "regions.csv").is_file()


@pytest.fixture(scope="module")
def tiny() -> Scenario:
    return load_scenario(HERE / "tiny" / "tiny.yaml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with tiny.yaml and its tables, to write scenarios into."""
    target = tmp_path / "scenarios"
    shutil.copytree(HERE / "tiny", target)
    return target


def load(folder: Path, text: str, name: str = "case.yaml") -> Scenario:
    (folder / name).write_text("extends: tiny.yaml\n" + text, encoding="utf-8")
    return load_scenario(folder / name)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        load(folder, text)
    return str(caught.value)


def cell(scenario: Scenario, table: str, column: str, **key: Any) -> Any:
    frame = scenario.tables[table]
    for name, value in key.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1, (table, key)
    return frame[column].iloc[0]


# What is refused


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each broken file is refused with."""
    folder = tmp_path_factory.mktemp("broken") / "scenarios"
    shutil.copytree(HERE / "tiny", folder)
    shutil.copytree(HERE / "broken", folder, dirs_exist_ok=True)
    found = {}
    for path in BROKEN:
        with pytest.raises(InputError) as caught:
            load_scenario(folder / path.name)
        found[path.name] = str(caught.value)
    return found


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_broken_file_is_refused_with_its_place(path: Path, messages: dict[str, str]) -> None:
    first = path.read_bytes().split(b"\n")[0].decode()
    where, fragment = first.removeprefix("# expects ").split(": ", 1)
    where = path.name + where if where.startswith(":") else where
    message = messages[path.name]
    assert message.startswith(f"{where}: ")
    assert fragment in message
    assert re.search(r":\d+|, feature \d+|\.geojson", where)
    assert len(message.splitlines()) < 20
    assert max(len(line) for line in message.splitlines()) < 300


def test_a_setting_of_several_types_has_one_error_without_their_names(messages: dict[str, str]) -> None:
    for name in ("by_year_negative.yaml", "by_year_of_a_word.yaml", "pooling_share.yaml"):
        assert len(messages[name].splitlines()) == 1
        assert "constrained" not in messages[name] and "dict[" not in messages[name]


def test_messages_differ(messages: dict[str, str]) -> None:
    assert len(set(messages.values())) == len(BROKEN) >= 30


def test_no_such_scenario_names_the_nearest(folder: Path) -> None:
    with pytest.raises(InputError, match=r"no such file \(did you mean 'tiny.yaml'\?\)"):
        load_scenario(folder / "tinny.yaml")


def test_big_scenario_file(folder: Path) -> None:
    assert "at most 1,000,000 are read" in refusal(folder, "notes: " + "x" * 1_000_000)


def test_chain_of_eleven_files(folder: Path) -> None:
    for number in range(11):
        (folder / f"c{number}.yaml").write_text(f"extends: {f'c{number - 1}.yaml' if number else 'tiny.yaml'}\n")
    assert load_scenario(folder / "c8.yaml").name == "c8"
    with pytest.raises(InputError, match="longer than 10 files"):
        load_scenario(folder / "c10.yaml")


def test_symlink_to_the_outside_is_followed_only_when_allowed(folder: Path) -> None:
    outside = folder.parent / "supply.csv"
    shutil.copy(folder / "inputs" / "supply.csv", outside)
    (folder / "link.csv").symlink_to(outside)
    assert "lies outside" in refusal(folder, "tables: {supply: link.csv}")
    assert len(load_scenario(folder / "case.yaml", allow_outside=True).tables["supply"]) == 2


def test_digits_are_no_date(folder: Path) -> None:
    assert "expected a date" in refusal(folder, 'devices: {alpha: {available_from: "86400"}}')
    assert "expected a date" in refusal(folder, "devices: {alpha: {available_from: 86400}}")


# YAML


def test_scalars_follow_yaml_1_2() -> None:
    text = b"a: no\nb: 1e6\nc: 0123\nd: 12:30\ne: 2027-01-01\nf: True\ng: ~\nh: '5'\ni: -.5\n2027: [x, {y: 1}]\n"
    node = parse_yaml(text, "x.yaml")
    plain = {"a": "no", "b": 1e6, "c": 123, "d": "12:30", "e": "2027-01-01", "f": True, "g": None, "h": "5", "i": -0.5}
    assert node.plain() == {**plain, "2027": ["x", {"y": 1}]}
    assert node.find(("2027", 1, "y")).where == "x.yaml:10"


# extends, settings, origins


def test_later_file_wins_and_origins_remember(folder: Path) -> None:
    (folder / "middle.yaml").write_text(
        "extends: tiny.yaml\nname: middle\ndevices: {surge: 3, availability: 0.9}\ntitle: M\n"
    )
    (folder / "top.yaml").write_text("extends: middle.yaml\ndevices:\n  surge: 4\n")
    top = load_scenario(folder / "top.yaml")
    assert top.name == "top"
    assert (top.settings.devices.surge, top.settings.devices.availability, top.settings.title) == (4, 0.9, "M")
    origins = [top.origins[f"devices.{name}"] for name in ("surge", "availability", "deliveries", "idle_power")]
    assert origins == ["top.yaml:3", "middle.yaml:3", "tiny.yaml:33", "default"]
    assert top.origins["tables/supply"] == "inputs/supply.csv"
    assert set(top.inputs) >= {"top.yaml", "middle.yaml", "tiny.yaml", "inputs/supply.csv", "inputs/regions.geojson"}


def test_base_in_another_folder_brings_its_tables(folder: Path) -> None:
    (folder / "below").mkdir()
    (folder / "below" / "case.yaml").write_text("extends: ../tiny.yaml\n")
    with pytest.raises(InputError, match=r"extends: '\.\./tiny\.yaml' lies outside"):
        load_scenario(folder / "below" / "case.yaml")
    loaded = load_scenario(folder / "below" / "case.yaml", allow_outside=True)
    assert loaded.origins["tables/supply"] == "../inputs/supply.csv"


def test_none_leaves_a_setting_open(folder: Path) -> None:
    assert load(folder, "facilities: {metro_dense_growth: none}").settings.facilities.metro_dense_growth is None
    assert load(folder, "facilities:\n  # nothing yet\n").settings.facilities.metro_dense_growth == 0.05


# Overrides


def test_override_marks_its_row(folder: Path) -> None:
    changed = load(folder, "devices:\n  alpha:\n    price_cny: 5.5e4\n  surge: 3\n")
    assert changed.settings.devices.surge == 3
    assert cell(changed, "devices", "price_cny", device="alpha") == 55000
    assert cell(changed, "devices", "quality", device="alpha") == "assumption"
    assert cell(changed, "devices", "source", device="alpha") == "invented for tests; overridden in case.yaml:4"
    assert changed.origins["devices/alpha/price_cny"] == changed.origin("devices/alpha/price_cny") == "case.yaml:4"
    assert changed.origin("devices/alpha/rated_w").startswith("inputs/devices.csv (invented for tests")


def test_scale_and_wildcard(folder: Path, tiny: Scenario) -> None:
    text = 'stock: {base: {"*": {alpha: {2025: {devices: {scale: 0.5}}}}, mesa: {alpha: {2025: {devices: 7}}}}}\n'
    changed = load(folder, text + 'supply: {"*": {2027: {mid: 0}}}\n')
    before, after = tiny.tables["stock"]["devices"].tolist(), changed.tables["stock"]["devices"].tolist()
    assert (before, after) == ([50, 20, 20, 20], [7, 10, 20, 10])
    assert changed.tables["supply"]["mid"].tolist() == [0, 0]


def test_scale_multiplies_what_the_base_file_left(folder: Path) -> None:
    (folder / "middle.yaml").write_text("extends: tiny.yaml\nsupply: {alpha_group: {2027: {mid: 10}}}\n")
    (folder / "top.yaml").write_text("extends: middle.yaml\nsupply: {alpha_group: {2027: {mid: {scale: 3}}}}\n")
    assert cell(load_scenario(folder / "top.yaml"), "supply", "mid", supply_group="alpha_group") == 30


def test_own_table_takes_the_place_of_overrides_before_it(folder: Path) -> None:
    (folder / "middle.yaml").write_text("extends: tiny.yaml\nsupply: {alpha_group: {2027: {mid: 10}}}\n")
    (folder / "top.yaml").write_text("extends: middle.yaml\ntables: {supply: inputs/supply.csv}\n")
    assert cell(load_scenario(folder / "top.yaml"), "supply", "mid", supply_group="alpha_group") == 40


MAY_BE_EMPTY = ("stock", "commitments", "supply", "supply_map", "corridors", "round_trip")


def test_empty_tables_keep_the_types_of_their_columns(folder: Path, tiny: Scenario) -> None:
    """No file, a file without rows, every row removed, an empty frame: numbers stay numbers."""
    names = ", ".join(f"{table}: none" for table in MAY_BE_EMPTY)
    header = (folder / "inputs" / "stock.csv").read_text().splitlines()[0]
    (folder / "inputs" / "bare.csv").write_text(header + "\n")
    gone: dict[str, Any] = {table: {"*": None} for table in MAY_BE_EMPTY}
    cases = {
        "none": load(folder, f"tables: {{{names}}}"),
        "removed": tiny.with_(**gone),
        "frames": tiny.with_(tables={table: tiny.tables[table].iloc[:0] for table in MAY_BE_EMPTY}),
    }
    for how, scenario in cases.items():
        for table in MAY_BE_EMPTY:
            assert scenario.tables[table].empty, (how, table)
            pd.testing.assert_series_equal(scenario.tables[table].dtypes, tiny.tables[table].dtypes)
    bare = load(folder, "tables: {stock: inputs/bare.csv}").tables["stock"]
    pd.testing.assert_series_equal(bare.dtypes, tiny.tables["stock"].dtypes)


def test_empty_cells_and_dates(folder: Path) -> None:
    text = (
        "devices: {alpha: {price_cny: null, available_until: 2030-12-31}, beta: {available_until: null, memory_gb: 1}}"
    )
    devices = load(folder, text).tables["devices"].set_index("device")
    assert pd.isna(devices.at["alpha", "price_cny"])
    assert devices.at["alpha", "available_until"].isoformat() == "2030-12-31"
    assert devices.at["beta", "available_until"] is None
    assert "expected a number" in refusal(folder, "devices: {alpha: {rated_w: null}}")


def test_long_source_stays_inside_its_column(folder: Path) -> None:
    long = "x" * SOURCE_LIMIT
    (folder / "middle.yaml").write_text(f"extends: tiny.yaml\ndevices: {{alpha: {{source: {long}, price_cny: 1}}}}\n")
    (folder / "top.yaml").write_text("extends: middle.yaml\ndevices: {alpha: {price_cny: 2}}\n")
    source = cell(load_scenario(folder / "top.yaml"), "devices", "source", device="alpha")
    assert len(source) == SOURCE_LIMIT
    assert source.endswith("; overridden in top.yaml:2")


def test_removed_site_takes_its_rows_along(folder: Path) -> None:
    changed = load(folder, "sites: {mesa: null}")
    for table in ("sites", "site_power", "pue", "capacity", "stock", "commitments", "round_trip"):
        assert "mesa" not in set(changed.tables[table]["site"]), table
    assert changed.origins["removed/sites/mesa"] == "case.yaml:2"
    assert changed.origins["removed/stock/base/mesa/alpha/2025"] == "with sites/mesa, case.yaml:2"
    assert len(changed.tables["commitments"]) == 0
    assert changed.tables["corridors"]["corridor"].tolist() == ["coast-plateau"]


def test_removed_region_takes_sites_demand_and_polygon(folder: Path) -> None:
    changed = load(folder, "regions: {plateau: null}")
    assert changed.tables["sites"]["site"].tolist() == ["metro_coast"]
    assert changed.tables["stock"]["site"].unique().tolist() == ["metro_coast"]
    assert changed.tables["demand"].groupby("task")["share"].sum().to_dict() == {"chat": 0.75, "train": 0.5}
    assert changed.polygons is not None and changed.polygons["region"].tolist() == ["coast"]


def test_removed_anchor_takes_its_stock_along(folder: Path) -> None:
    """One of its rows less is another thing: the anchor is still there."""
    old = {"kind": "intelligent", "date": "2024-12-31", "installed_pflops": 1, "allocation": 1}
    rows = f"anchors: {{old: {{intelligent: {json.dumps({k: v for k, v in old.items() if k != 'kind'})}}}}}\n"
    stock = "stock: {old: {mesa: {alpha: {2024: {devices: 1, live_share: 1}}}}}\n"
    (folder / "middle.yaml").write_text("extends: tiny.yaml\n" + rows + stock)
    assert "old" in set(load_scenario(folder / "middle.yaml").tables["stock"]["anchor"])
    (folder / "top.yaml").write_text("extends: middle.yaml\nanchors: {old: null}\n")
    assert set(load_scenario(folder / "top.yaml").tables["stock"]["anchor"]) == {"base"}
    assert "expected a row of anchors" in refusal(folder, stock)


def test_removed_rows_below_a_key(folder: Path) -> None:
    changed = load(folder, "capacity: {mesa: {hall_dense: null}}\nround_trip: {coast: {mesa: null}}")
    assert len(changed.tables["capacity"]) == 9
    assert len(changed.tables["round_trip"]) == 5


def test_removed_hub_empties_a_reference_that_may_be_empty(folder: Path) -> None:
    hub = "hubs: {h1: {name_en: One, side: west}}\nsites: {mesa: {hub: h1}}\n"
    (folder / "middle.yaml").write_text("extends: tiny.yaml\n" + hub)
    assert cell(load_scenario(folder / "middle.yaml"), "sites", "hub", site="mesa") == "h1"
    (folder / "top.yaml").write_text("extends: middle.yaml\nhubs: {h1: null}\n")
    assert pd.isna(cell(load_scenario(folder / "top.yaml"), "sites", "hub", site="mesa"))


SITE = """
sites:
  "007":
    {name_en: Seven, kind: cluster, region: coast, node: coast, latitude_deg: 40, longitude_deg: -8, west: no,
     resource_west: false, large_centres_allowed: true, hall_capex_million_cny_per_mw: 20,
     grid_capex_million_cny_per_mw: 1}
site_power: {"007": {price_cny_per_kwh: 0.5, demand_charge_cny_per_kw_month: 0, tariff: flat, grid_co2_kg_per_kwh: 0.1}}
pue: {"007": {winter: {pue: 1.2}, spring: {pue: 1.2}, summer: {pue: 1.3}, autumn: {pue: 1.2}}}
capacity: {"007": {grid: {2026-01-01: {mw: 9, status: existing}}}}
"""


def test_added_site(folder: Path) -> None:
    assert "sites/007/west: received 'no', expected true or false" in refusal(folder, SITE)
    added = load(folder, SITE.replace("west: no,", "west: false,"))
    assert added.tables["sites"]["site"].tolist() == ["007", "mesa", "metro_coast", "metro_plateau"]
    assert cell(added, "sites", "source", site="007") == "scenario case.yaml:4"
    assert cell(added, "capacity", "in_service", site="007").isoformat() == "2026-01-01"
    assert added.origin("sites/007/node") == "case.yaml:4"
    assert "expected a row of sites" in refusal(folder, "pue: {rock: {winter: {pue: 1.2}}}")


# Tables


def test_tables_are_typed_and_sorted(tiny: Scenario) -> None:
    assert set(tiny.tables) == set(contracts().tables) >= set(TABLES)
    assert list(tiny.tables["hubs"].columns) == ["hub", "name_en", "name_zh", "side", "colour", "source", "quality"]
    assert tiny.tables["stock"]["site"].is_monotonic_increasing
    assert {str(kind) for kind in tiny.tables["sites"].dtypes} <= {"str", "float64", "bool", "object"}
    assert tiny.polygons is not None and tiny.polygons.crs == "EPSG:4326"


def test_five_thousand_rows_are_read_at_once() -> None:
    header = "anchor,site,device,vintage,devices,live_share,source,quality\n"
    raw = (header + "".join(f'base,s{n},d,2025,{n}.25,0.5,"a, b",derived\n' for n in range(5000))).encode()
    frame = read_csv(raw, "stock.csv", "stock", TABLES["stock"])
    assert len(frame) == 5000 and frame["devices"].dtype == "float64"


# with_, save


def test_with_changes_and_checks(tiny: Scenario) -> None:
    changed = tiny.with_(
        demand={"growth": "high"}, devices={"alpha": {"price_cny": 1}}, years=[2028], supply={"*": {2027: None}}
    )
    assert (changed.settings.demand.growth, changed.settings.demand.anchor, changed.settings.years) == (
        "high",
        "base",
        (2028,),
    )
    assert cell(changed, "devices", "price_cny", device="alpha") == 1
    assert changed.tables["supply"].empty
    assert (changed.origins["demand.growth"], changed.origins["demand.anchor"]) == ("with_()", "tiny.yaml:30")
    assert (tiny.settings.demand.growth, cell(tiny, "devices", "price_cny", device="alpha")) == ("mid", 100000)
    same = tiny.with_()
    for table, frame in tiny.tables.items():
        pd.testing.assert_frame_equal(frame, same.tables[table])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"demand": {"growth": "hihg"}}, "did you mean 'high'"),
        ({"demnad": {}}, "did you mean 'demand'"),
        ({"devices": {"alpha": {"price_cny": float("nan")}}}, "expected a finite number"),
        ({"devices": {"gamma": {"price_cny": 1}}}, "no row of devices"),
        ({"extends": "x.yaml"}, "belongs in a scenario file"),
        ({"sites": {"mesa": {"region": "sea"}}}, "expected a row of regions"),
    ],
)
def test_with_refuses(tiny: Scenario, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        tiny.with_(**changes)


def test_with_takes_frames(tiny: Scenario) -> None:
    stock = tiny.tables["stock"].assign(devices=[1.0, 2.0, 3.0, 4.0])
    assert tiny.with_(tables={"stock": stock}).tables["stock"]["devices"].tolist() == [1, 2, 3, 4]
    with pytest.raises(InputError, match="received -1"):
        tiny.with_(tables={"stock": stock.assign(devices=-1.0)})


def test_saved_scenario_is_the_same(tiny: Scenario, tmp_path: Path) -> None:
    changed = tiny.with_(
        devices={"surge": 2.5, "alpha": {"rated_w": 0.1 + 0.2}}, sites={"mesa": None}, question="a: 'b'\n#c"
    )
    changed.save(tmp_path / "run")
    again = load_scenario(tmp_path / "run" / "scenario.yaml")
    assert (again.name, again.settings) == ("tiny", changed.settings)
    for table, frame in changed.tables.items():
        pd.testing.assert_frame_equal(frame, again.tables[table])
    assert again.polygons is not None and again.polygons.equals(changed.polygons)
    assert "surge: 2.5  # with_()" in (tmp_path / "run" / "scenario.yaml").read_text()
    assert again.to_dict() == changed.to_dict()


def test_scenario_travels_to_other_processes(tiny: Scenario) -> None:
    again = pickle.loads(pickle.dumps(tiny))
    assert again.settings == tiny.settings
    assert again.origins == tiny.origins


# Schema, template, catalogue


def test_schema_describes_every_key() -> None:
    schema = json_schema()
    assert schema["$schema"].endswith("2020-12/schema")
    assert set(schema["properties"]) >= {"name", "extends", "tables", "years", "solve", *contracts().tables}
    devices = schema["properties"]["devices"]
    assert devices["properties"]["surge"]["minimum"] == 1
    assert devices["additionalProperties"] == {"$ref": "#/$defs/row_devices"}
    price = schema["$defs"]["row_devices"]["properties"]["price_cny"]
    assert "[CNY]" in price["description"]
    targets = re.findall(r'"#/\$defs/([^"]+)"', json.dumps(schema))
    assert set(targets) <= set(schema["$defs"])


def test_template_shows_every_setting() -> None:
    text = new_scenario_text()
    for name in ResolvedSettings.model_fields:
        for key in fields_of(ResolvedSettings, (name,)) or [name]:
            assert re.search(rf"^#? *{key}:", text, re.MULTILINE), (name, key)
    assert parse_yaml(text.encode(), "x").plain() == {"extends": "package:national-2027", "title": "My plan"}


def test_template_without_its_comment_signs_is_valid(folder: Path) -> None:
    """Every default that the template shows is accepted when its comment sign is taken away."""
    lines = new_scenario_text().split("# Tables.")[0].splitlines()
    shown = [re.sub(r"^# (?=[a-z_]+:|  )", "", line) for line in lines if not line.startswith("extends")]
    settings = load(folder, "\n".join(shown).replace('"mid-2026"', '"base"')).settings
    assert settings.devices == ResolvedSettings().devices


@pytest.mark.skipif(not PACKAGE_DATA, reason="the package's tables are not built yet")
def test_template_loads_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "my-plan.yaml").write_text(new_scenario_text())
    assert load_scenario(tmp_path / "my-plan.yaml").settings.title == "My plan"


@pytest.mark.skipif(not PACKAGE_DATA, reason="the package's tables are not built yet")
def test_catalogue_of_the_package() -> None:
    catalogue = data_catalogue()
    columns = ["table", "about", "rows", "columns", "official", "published_estimate", "derived", "assumption", "file"]
    assert catalogue.columns.tolist() == columns
    assert catalogue["table"].tolist() == list(contracts().tables)


def test_quality_shares(tiny: Scenario) -> None:
    shares = quality_shares(tiny.tables).set_index("table")
    assert shares.at["sites", "assumption"] == 1
    assert (shares.at["hubs", "rows"], shares.at["hubs", "official"]) == (0, 0)
    assert shares.at["all", "rows"] == sum(len(frame) for frame in tiny.tables.values())


def test_fields_of_a_table() -> None:
    shown = fields("supply").set_index("column")
    assert shown.at["mid", "unit"] == "units a year"
    assert shown["key"].sum() == 2
    with pytest.raises(InputError, match="did you mean 'supply'"):
        fields("suply")
