"""What must hold between tables and settings; each finding says where, what was received and what was expected."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import pandas as pd

from eastwest.errors import InputError, nearest
from eastwest.model.clock import HOURS_PER_YEAR
from eastwest.scenario.checks_rules import check_rules
from eastwest.scenario.columns import WHERE, columns, label
from eastwest.scenario.settings import Settings
from eastwest.schema.contract import HOURS, SEASONS, Row

TOLERANCE = 1e-6
Frames = Mapping[str, pd.DataFrame]


def check_tables(
    frames: Frames, rows: Mapping[str, type[Row]], origins: Mapping[str, str], changed: Collection[str]
) -> None:
    """Rows where there must be some, and every reference names a row; only what has to do with tables that changed."""
    for table, row in rows.items():
        if table in changed and frames[table].empty and not row.may_be_empty:
            message = f"the table has no rows; give 'tables: {{{table}: file.csv}}' or its rows ({row.about or table})"
            raise InputError(message, where=origins["name"], key=table)
    for table, row in rows.items():
        for name, other in row.refers.items():
            if not {table, other} & {*changed}:
                continue
            known = frames[other][rows[other].key[0]]
            _known(frames[table], name, known, f"a row of {other}", table, optional=columns(row)[name].optional)


def _known(
    frame: pd.DataFrame, name: str, known: Iterable[object], what: str, table: str, *, optional: bool = False
) -> None:
    names = sorted({label(value) for value in known})
    wrong = ~frame[name].isin(names)
    if optional:
        wrong &= frame[name].notna()
    if not wrong.any():
        return
    bad, count = frame[wrong].iloc[0], int(wrong.sum())
    further = f" (and {count - 1} more rows)" if count > 1 else ""
    few = f"; known: {', '.join(names)}" if len(names) <= 6 else ""
    hint = nearest(bad[name], names) or few
    message = f"received '{bad[name]}', expected {what}{hint}{further}"
    raise InputError(message, where=place(bad), key=f"{table}, column {name}")


def place(row: pd.Series) -> str | None:
    """Where a row was written."""
    return str(row[WHERE]) if WHERE in row.index else None


def check_scenario(settings: Settings, frames: Frames, origins: Mapping[str, str]) -> None:
    """Everything that only shows when settings and tables are seen together."""
    _years(settings, origins)
    _events(settings, frames, origins)
    _anchors(settings, frames, origins)
    _families(settings, frames, origins)
    _vendors(settings, frames, origins)
    _places(settings, frames, origins)
    _kinds(settings, frames, origins)
    _training_units(settings, frames, origins)
    _resilience(settings, frames, origins)
    _sites(frames)
    _profiles(frames)
    _supply(settings, frames)
    _devices(frames)
    _nodes(frames)
    _hourly(frames)
    _renewables(frames)
    _tiers(settings, frames, origins)
    _vouchers(settings, frames, origins)
    check_rules(settings, frames, origins)
    if _from_package(origins, "demand") and _from_package(origins, "tasks"):
        _shares(frames, origins)


def _years(settings: Settings, origins: Mapping[str, str]) -> None:
    """Planning years rise; `years_represented` gives a number for each; rules by year name planning years."""
    years, where, units = settings.years, _setting(origins, "years"), settings.training_units
    if list(years) != sorted(set(years)):
        raise InputError(f"received {_listed(years)}; expected rising years", where=where, key="years")
    given = settings.years_represented
    if given is not None and len(given) != len(years):
        message = f"received {len(given)} figures, expected one for each of the {len(years)} years"
        raise InputError(message, where=_setting(origins, "years_represented"), key="years_represented")
    for key, value in (
        ("green.carbon_cap_t", settings.green.carbon_cap_t),
        ("green.carbon_price_cny_per_t", settings.green.carbon_price_cny_per_t),
        ("policy.spending_cap_million_cny", settings.policy.spending_cap_million_cny),
        ("water.national_cap_m3", settings.water.national_cap_m3),
        *((f"water.cap_m3.{name}", value) for name, value in settings.water.cap_m3.items()),
        *((f"power.metro_quota_mwh.{name}", value) for name, value in settings.power.metro_quota_mwh.items()),
        *((f"training_units.least_units.{size}", least) for size, least in (units.least_units or {}).items()),
    ):
        for year in value if isinstance(value, dict) else ():
            if year not in years:
                message = f"received the year {year}, expected one of the planning years {_listed(years)}"
                raise InputError(message, where=_setting(origins, ".".join(key.split(".")[:2])), key=key)


def _events(settings: Settings, frames: Frames, origins: Mapping[str, str]) -> None:
    """Events name what there is, and stand beside mean days of seasons."""
    where = _setting(origins, "events.periods")
    if settings.events.periods and settings.time.method != "seasons":
        message = f"received {settings.time.method}, expected seasons where there are events"
        raise InputError(message, where=_setting(origins, "time.method"), key="time.method")
    for name, event in settings.events.periods.items():
        for column in ("region", "site", "corridor"):
            known = list(frames[column + "s"][column])
            given = [item for effect in event.effects for item in getattr(effect, column + "s")]
            for wrong in (item for item in given if item not in known):
                message = f"received '{wrong}', expected a row of {column}s{nearest(wrong, known)}"
                raise InputError(message, where=where, key=f"events.periods.{name}")


def _listed(years: Iterable[int]) -> str:
    return ", ".join(str(year) for year in years)


def _setting(origins: Mapping[str, str], key: str) -> str:
    """Where a setting was given; a default stands where the scenario begins."""
    where = origins.get(key, "default")
    return origins.get("name", where) if where == "default" else where


def _anchors(settings: Settings, frames: Frames, origins: Mapping[str, str]) -> None:
    anchor, where = settings.demand.anchor, _setting(origins, "demand.anchor")
    anchors = frames["anchors"]
    if anchor not in set(anchors["anchor"]):
        names = sorted(set(anchors["anchor"]))
        hint = nearest(anchor, names) or f"; known: {', '.join(names[:6])}"
        message = f"received '{anchor}', expected an anchor of the table anchors{hint}"
        raise InputError(message, where=where, key="demand.anchor")
    if len(frames["stock"]) and anchor not in set(frames["stock"]["anchor"]):
        raise InputError(f"the table stock has no row for the anchor '{anchor}'", where=where, key="demand.anchor")
    tasks = frames["tasks"]
    tasks = tasks[tasks["kind"].isin(settings.demand.kinds)]
    for table, name in (("anchors", "kind"), ("reference_use", "work")):
        here = frames[table]
        known = set(here.loc[here["anchor"] == anchor, name])
        lacking = tasks[~tasks[name].isin(known)]
        if len(lacking):
            task = lacking.iloc[0]
            message = f"{name} '{task[name]}' of task '{task['task']}' has no row in {table} for the anchor '{anchor}'"
            raise InputError(message, where=place(task), key=f"column {name}")


def _families(settings: Settings, frames: Frames, origins: Mapping[str, str]) -> None:
    known = list(frames["devices"]["device"])
    where = _setting(origins, "devices.families")
    for name in settings.devices.families or ():
        if name not in known:
            message = f"received '{name}', expected a row of devices{nearest(name, known)}"
            raise InputError(message, where=where, key="devices.families")


def _tiers(settings: Settings, frames: Frames, origins: Mapping[str, str]) -> None:
    """Tiers are set for tasks, for sectors, or for all."""
    tasks = frames["tasks"]
    known = sorted({*tasks["task"], *tasks["sector"], "all"} - {""})
    for name in settings.demand.tiers:
        if name not in known:
            message = f"received '{name}', expected a task, a sector or all{nearest(name, known)}"
            raise InputError(message, where=_setting(origins, "demand.tiers"), key="demand.tiers")


def _vouchers(settings: Settings, frames: Frames, origins: Mapping[str, str]) -> None:
    """Vouchers that are paid have a row, and what that row lists exists."""
    table, chosen = frames["vouchers"], settings.users.vouchers
    known = list(table["voucher"])
    for name in chosen:
        if name != "all" and name not in known:
            message = f"received '{name}', expected all or a row of vouchers{nearest(name, known)}"
            raise InputError(message, where=_setting(origins, "users.vouchers"), key="users.vouchers")
    for _, row in (table if "all" in chosen else table[table["voucher"].isin(chosen)]).iterrows():
        for column, other, words in (("regions", "region", ()), ("tasks", "task", ()), ("sites", "site", ("west",))):
            names = ["all", *words, *frames[column][other]]
            for word in str(row[column]).split():
                if word not in names or (word in names[: 1 + len(words)] and word != row[column]):
                    message = f"received '{word}', expected {' or '.join(names[: 1 + len(words)])} alone, or names"
                    raise InputError(message + nearest(word, names), where=place(row), key=f"vouchers, column {column}")


def _vendors(settings: Settings, frames: Frames, origins: Mapping[str, str]) -> None:
    known = sorted(set(frames["devices"]["vendor"]))
    _named(settings.devices.porting_months, known, "a vendor of devices", "devices.porting_months", origins)


def _places(settings: Settings, frames: Frames, origins: Mapping[str, str]) -> None:
    """Quotas are of regions that have a metro, caps on water of sites or regions that have one."""
    sites = frames["sites"]
    metros = sorted(set(sites.loc[sites["kind"] == "metro", "region"]))
    key = "power.metro_quota_mwh"
    _named(settings.power.metro_quota_mwh, metros, "a region with a metro", key, origins)
    both = sorted({*sites["site"], *sites["region"]})
    _named(settings.water.cap_m3, both, "a site, or a region with a site", "water.cap_m3", origins)


def _named(given: Iterable[str], known: list[str], what: str, key: str, origins: Mapping[str, str]) -> None:
    for name in given:
        if name not in known:
            listed = f"; known: {', '.join(known[:40])}" + (", ..." if len(known) > 40 else "")
            message = f"received '{name}', expected {what}{nearest(name, known)}{listed}"
            raise InputError(message, where=_setting(origins, key), key=key)


def _training_units(settings: Settings, frames: Frames, origins: Mapping[str, str]) -> None:
    """Tasks in training units are tasks and have sizes to choose from; rules about units name sizes."""
    units = settings.training_units
    if units.tasks and not units.sizes:
        message = "received no sizes, expected some such as {10k: 10000} where training_units.tasks names tasks"
        raise InputError(message, where=_setting(origins, "training_units.tasks"), key="training_units.sizes")
    known = {"tasks": list(frames["tasks"]["task"]), "shares": list(units.sizes), "least_units": list(units.sizes)}
    for key, names in known.items():
        for name in getattr(units, key) or ():
            if name not in names:
                what = "a row of tasks" if key == "tasks" else f"a size of training_units.sizes ({', '.join(names)})"
                message = f"received '{name}', expected {what}{nearest(name, names)}"
                raise InputError(message, where=_setting(origins, f"training_units.{key}"), key=f"training_units.{key}")


def _resilience(settings: Settings, frames: Frames, origins: Mapping[str, str]) -> None:
    """What may be lost and what must be saved has a row; stock that stays switched on can be kept from nobody."""
    chosen = settings.resilience
    pooled = chosen.pooling_share
    for key, names, table, column in (
        ("site_outages", chosen.site_outages, "sites", "site"), ("hub_outages", chosen.hub_outages, "sites", "hub"),
        ("corridor_outages", chosen.corridor_outages, "corridors", "corridor"),
        ("protected_tasks", chosen.protected_tasks, "tasks", "task"),
        ("two_site_tasks", chosen.two_site_tasks, "tasks", "task"),
        ("pooling_share", tuple(pooled) if isinstance(pooled, dict) else (), "sites", "site"),
    ):  # fmt: skip
        known = [str(name) for name in frames[table][column].dropna().unique()]
        for name in () if isinstance(names, str) else names or ():
            if name not in known:
                what = "a hub that has a site" if column == "hub" else f"a row of {table}"
                where = _setting(origins, f"resilience.{key}")
                message = f"received '{name}', expected {what}{nearest(name, known)}"
                raise InputError(message, where=where, key=f"resilience.{key}")
    if pooled is not None and settings.devices.energise == "all":
        where = _setting(origins, "resilience.pooling_share")
        message = "received a share where devices.energise is all; expected devices.energise: needed"
        raise InputError(message, where=where, key="resilience.pooling_share")


def _kinds(settings: Settings, frames: Frames, origins: Mapping[str, str]) -> None:
    """Every modelled kind that tasks are of has a device, and some task is of a modelled kind."""
    kinds, where = settings.demand.kinds, _setting(origins, "demand.kinds")
    known, asked = (set(frames[table]["kind"]) for table in ("devices", "tasks"))
    for kind in kinds:
        if kind in asked and kind not in known:
            message = f"tasks are of the kind '{kind}' and no device is; expected one of {', '.join(sorted(known))}"
            raise InputError(message, where=where, key="demand.kinds")
    if not asked & set(kinds):
        message = f"received {', '.join(kinds)}; no task is of these kinds, expected one of {', '.join(sorted(asked))}"
        raise InputError(message, where=where, key="demand.kinds")


def _sites(frames: Frames) -> None:
    """Every site has its power, its tariff and its PUE in every season."""
    sites = frames["sites"]
    lacking = sites[~sites["site"].isin(set(frames["site_power"]["site"]))]
    if len(lacking):
        site = lacking.iloc[0]
        raise InputError(f"site '{site['site']}' has no row in site_power", where=place(site), key="sites")
    _known(frames["site_power"], "tariff", frames["tariffs"]["tariff"], "a row of tariffs", "site_power")
    tariffs = frames["tariffs"]["tariff"].unique()
    for table, name, wanted in (("pue", "site", sites["site"]), ("tariffs", "tariff", tariffs)):
        given = set(frames[table][[name, "season"]].itertuples(index=False, name=None))
        for value in wanted:
            absent = [season for season in SEASONS if (value, season) not in given]
            if absent:
                message = f"{name} '{value}' has no row for {', '.join(absent)}; expected all four seasons"
                raise InputError(message, where=_row_of(frames, table, name, value), key=table)


def _row_of(frames: Frames, table: str, name: str, value: object) -> str | None:
    for other in (table, "sites"):
        found = frames[other][frames[other][name] == value] if name in frames[other] else frames[other][:0]
        if len(found):
            return place(found.iloc[0])
    return None


def _profiles(frames: Frames) -> None:
    profiles = frames["profiles"]
    mean = profiles[HOURS].mean(axis=1)
    wrong = profiles[(mean - 1).abs() > TOLERANCE]
    if len(wrong):
        bad = wrong.iloc[0]
        message = f"profile '{bad['profile']}' has mean {mean[wrong.index[0]]:.9g}, expected 1 within {TOLERANCE:g}"
        raise InputError(message, where=place(bad), key="columns h00 to h23")


def _supply(settings: Settings, frames: Frames) -> None:
    """The mix of devices of a supply group sums to 1 in the planning years."""
    table, supply = frames["supply_map"], frames["supply"]
    for year in settings.years:
        rows = table[(table["first_year"] <= year) & (table["last_year"] >= year)]
        total = rows.groupby("supply_group")["mix"].sum()
        for group in supply.loc[supply["year"] == year, "supply_group"]:
            if group in total.index and abs(total[group] - 1) > TOLERANCE:
                bad = rows[rows["supply_group"] == group].iloc[0]
                message = f"the mix of supply group '{group}' sums to {total[group]:.9g} in {year}, expected 1"
                raise InputError(message, where=place(bad), key="column mix")
    turned = table[table["first_year"] > table["last_year"]]
    if len(turned):
        bad = turned.iloc[0]
        message = f"first_year {bad['first_year']} is after last_year {bad['last_year']}"
        raise InputError(message, where=place(bad), key="column first_year")


def _devices(frames: Frames) -> None:
    devices = frames["devices"]
    for _, row in devices[devices["available_from"].notna() & devices["available_until"].notna()].iterrows():
        if row["available_from"] > row["available_until"]:
            message = f"{row['available_from']} is after available_until {row['available_until']}"
            raise InputError(message, where=place(row), key="column available_from")


def _nodes(frames: Frames) -> None:
    """A corridor joins two different nodes that regions or sites hang on, and is the only one that joins them."""
    corridors = frames["corridors"]
    if corridors.empty:
        return
    loops = corridors[corridors["from_node"] == corridors["to_node"]]
    if len(loops):
        bad = loops.iloc[0]
        message = f"both ends are '{bad['to_node']}', expected two nodes"
        raise InputError(message, where=place(bad), key="column to_node")
    ends = [frozenset(pair) for pair in zip(corridors["from_node"], corridors["to_node"], strict=True)]
    again = pd.Series(ends, index=corridors.index).duplicated()
    if again.any():
        bad = corridors[again].iloc[0]
        message = f"a second corridor joins {bad['from_node']} and {bad['to_node']}, expected one"
        raise InputError(message, where=place(bad), key=f"corridors ({bad['corridor']})")
    nodes = {*frames["sites"]["node"], *frames["regions"]["node"]}
    for name in ("from_node", "to_node"):
        _known(corridors, name, nodes, "a node of regions or sites", "corridors")


def _hourly(frames: Frames) -> None:
    """A site that brings an hourly year brings all of it, column by column."""
    hourly = frames["hourly"]
    for name in ("wind", "solar", "pue", "price_multiplier"):
        count = hourly[hourly[name].notna()].groupby("site")["hour"].size()
        wrong = count[count != HOURS_PER_YEAR]
        if len(wrong):
            bad = hourly[hourly["site"] == wrong.index[0]].iloc[0]
            message = f"site '{wrong.index[0]}' has {wrong.iloc[0]} values, expected {HOURS_PER_YEAR} or none"
            raise InputError(message, where=place(bad), key=f"hourly, column {name}")


def _renewables(frames: Frames) -> None:
    """Every plant that may be built or stands has its profile in every season."""
    keys = ["region", "technology"]
    given = set(frames["renewable_profiles"][[*keys, "season"]].itertuples(index=False, name=None))
    for _, row in frames["renewables"].iterrows():
        absent = [season for season in SEASONS if (row["region"], row["technology"], season) not in given]
        if absent:
            message = f"{row['technology']} in region '{row['region']}' has no row in renewable_profiles for "
            raise InputError(message + ", ".join(absent), where=place(row), key="renewables")


def _from_package(origins: Mapping[str, str], table: str) -> bool:
    """The table is the package's, and no row of it or of what it refers to was touched."""
    touched = (f"{table}/", f"removed/{table}/", "removed/regions/")
    shipped = origins.get(f"tables/{table}", "").startswith("package:")
    return shipped and not any(key.startswith(touched) for key in origins)


def _shares(frames: Frames, origins: Mapping[str, str]) -> None:
    """The package's own shares sum to 1; a scenario that edits them may add or drop demand."""
    for table, by, what in (("demand", "task", "task"), ("tasks", "kind", "kind")):
        total = frames[table].groupby(by)["share"].sum()
        wrong = total[(total - 1).abs() > TOLERANCE]
        if len(wrong):
            message = f"shares of {what} '{wrong.index[0]}' sum to {wrong.iloc[0]:.9g}, expected 1 within {TOLERANCE:g}"
            raise InputError(message, where=f"{origins.get(f'tables/{table}', table)}:1", key="column share")
