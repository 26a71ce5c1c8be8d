"""The report: scarcity first, 80 columns, no control characters, and every figure a row of the results table."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

import builder
import pandas as pd
import pytest
import synthetic
from rich.cells import cell_len
from rich.console import Console

from eastwest.formatting.words import figure, limit_words, natural, percent, plain
from eastwest.report.terminal.write import print_report
from eastwest.results.result import Result
from eastwest.solving.idle import idle


def printed(result: Result, width: int = 80, folder: Path | None = None) -> str:
    stream = io.StringIO()
    print_report(Console(file=stream, width=width, force_terminal=False), result, folder)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (3.14159, "3.14"), (31.4159, "31.4"), (314.159, "314"), (31415.9, "31,416"), (-3.14159, "-3.14"),
        (0.0123456, "0.0123"), (0.5, "0.5"), (1e-7, "1.0e-07"), (float("nan"), "-"), (None, "-"), (999.6, "1,000"),
    ],
)  # fmt: skip
def test_figure(value: float | None, text: str) -> None:
    assert figure(value) == text


def test_words() -> None:
    assert percent(0.123) == "12.3 %"
    assert plain("a\x1b[31mb\nc\u202e") == "a [31mb c "
    assert natural(["uncapped", "10 %", "0 %", "5 %"]) == ["0 %", "5 %", "10 %", "uncapped"]
    assert limit_words("hall: hall_dense") == "dense hall"
    assert limit_words("accelerator supply") == "accelerator supply"


def cells(text: str, head: str, after: str = "") -> list[list[str]]:
    """Cells of the first table whose head begins so, after a title; of lines that are not broken."""
    lines = iter(text[text.index(after) :].splitlines())
    next(line for line in lines if line.startswith(head))
    next(line for line in lines if line.startswith("──"))
    return [re.split(" {2,}", line.strip()) for line in takewhile(str.strip, lines)]


def test_scarcity_is_the_first_line() -> None:
    assert printed(synthetic.result()).splitlines()[0] == "Scarcity: the grid connection at Gui'an binds."


@pytest.mark.parametrize("width", [80, 120])
def test_lines_fit_and_hold_no_control_characters(width: int) -> None:
    text = printed(synthetic.result(), width)
    assert all(cell_len(line) <= width and line == line.rstrip() for line in text.splitlines())
    assert all(letter.isprintable() for letter in text.replace("\n", ""))


def test_names_from_files_cannot_write_control_characters() -> None:
    base = synthetic.result()
    tables = {name: frame.copy() for name, frame in base.scenario.tables.items()}
    tables["sites"].loc[0, "name_en"] = "\x1b]0;owned\x07Gui[bold]an[/bold]"
    text = printed(replace(base, scenario=replace(base.scenario, tables=tables), messages=("\x1b[31mred",)))
    assert "\x1b" not in text and "\x07" not in text
    assert "[bold]" in text


def test_reliefs_in_words() -> None:
    text = " ".join(printed(synthetic.result()).split())
    first = ["1,000 devices more of accelerator supply (Card 9): 50.0 million CNY", "50,000 CNY/devices"]
    rows = cells(printed(synthetic.result(), 200), "What would help most")
    assert rows[0] == [*first, "20,000 devices"]
    assert rows[1] == ["1 MW more of grid connection (Gui'an): 3.10 million CNY", "3.10 million CNY/MW", "40.0 MW"]
    assert rows[2] == ["1 MW more of dense hall (Beijing metro): 0 million CNY", "0 million CNY/MW", "-"]
    assert "negative means that more of it saves money" in text


def test_sections_say_what_they_must() -> None:
    text = printed(synthetic.result(), folder=Path("runs/x"))
    assert "Chat 对话" in text and "grid connection 100.0 %" in text
    assert "Guizhou hub 贵州枢纽" in text and "outside hubs" in text
    assert "waits for grid connection" in text
    assert text.rstrip().endswith("Written to runs/x")
    order = [line.split()[0] for line in text.splitlines() if line.startswith(("0 %", "5 %", "10 %", "uncapped"))]
    assert order == ["0", "5", "10", "uncapped"]
    assert cells(text, "Table ", "Data quality")[-1] == ["all", "39", "48.7 %", "0.0 %", "0.0 %", "51.3 %"]
    assert ["Certificate", "holds"] in cells(text, "What ", "Provenance")


def test_what_is_absent_is_said_not_left_out() -> None:
    base = synthetic.result()
    table = base.table[~base.table["quantity"].isin(["unserved", "relief", "relief_range", "idle", "growth_table"])]
    text = printed(replace(base, table=table, certificate={}))
    assert "2027: all demand is served." in text
    assert "no relief was asked for" in " ".join(text.split())
    assert "Nothing stands idle: all that is installed is energised." in text
    assert ["Certificate", "does not hold"] in cells(text, "What ", "Provenance")


def test_empty_table_still_prints() -> None:
    assert "Provenance" in printed(replace(synthetic.result(), table=synthetic.result().table.iloc[:0], messages=()))


def test_kinds_are_side_by_side_and_never_added() -> None:
    line = next(line for line in printed(synthetic.result()).splitlines() if line.startswith("Delivered, share"))
    assert line.split()[-4:] == ["90.0", "%", "100.0", "%"]


def test_ratios_of_a_site_come_from_their_rows() -> None:
    line = next(line for line in printed(synthetic.result()).splitlines() if line.startswith("  Beijing metro"))
    assert line.split()[3:6] == ["12.0", "30.0", "40.0"]


def test_published_figures_stand_beside_modelled_ones() -> None:
    """100 + 50 MWh at the meter, 80 + 40 at the IT load: PUE 1.25; metrics that nobody models are left out."""
    rows = [
        {"quantity": q, "unit": "MWh", "year": 2027, "site": site, "value": value}
        for q, site, value in [
            ("electricity", "guian", 100.0), ("electricity", "metro_r1", 50.0),
            ("it_electricity", "guian", 80.0), ("it_electricity", "metro_r1", 40.0),
        ]
    ]  # fmt: skip
    columns = ["metric", "place", "period", "value", "unit"]
    known = pd.DataFrame(
        [
            ("electricity", "national", "2025", 0.1, "GWh"),
            ("dc_pue", "national", "2025", 1.2, "1"),
            ("pue", "national", "2024", 9.9, "1"),
            ("electricity", "national", "2030", 9.9, "GWh"),
            ("racks", "national", "2025", 5.0, "racks"),
        ],
        columns=columns,
    )
    base = synthetic.result()
    table = pd.concat([base.table, pd.DataFrame(rows)], ignore_index=True)
    tables = {**base.scenario.tables, "published": known.assign(source="a", quality="official")}
    text = printed(replace(base, table=table, scenario=replace(base.scenario, tables=tables)))
    part = cells(text, "Figure ", "Modelled beside published")
    assert [line[-3:] for line in part] == [["0.15", "0.1", "1.50"], ["1.25", "1.20", "1.04"]]
    assert "racks" not in part


# Several planning years


def section(text: str, title: str, blocks: int = 1) -> list[str]:
    """The lines from a title to the next empty line, or of several such blocks."""
    part = text[text.index(f"\n{title}") + 1 :]
    return "\n".join(part.split("\n\n")[:blocks]).splitlines()


def figures(lines: list[str], title: str, nth: int = 0) -> list[str]:
    """What stands after the title in the nth line that begins with it, without per cent signs."""
    found = [line for line in (" ".join(line.split()) for line in lines) if line.startswith(title)]
    assert len(found) > nth, f"no line {title!r}"
    return found[nth].removeprefix(title).replace("%", "").split()


def total(result: Result, quantity: str, year: int, **labels: str) -> float:
    """Sum of rows of the results table."""
    chosen = (result.table["quantity"] == quantity) & (result.table["year"] == year)
    for column, value in labels.items():
        chosen &= result.table[column] == value
    return float(result.table.loc[chosen, "value"].sum())


@pytest.fixture(scope="module")
def years() -> Result:
    return synthetic.two_years()


@pytest.fixture(scope="module")
def report(years: Result) -> str:
    return printed(years, 110)


@pytest.mark.parametrize("width", [80, 110])
def test_report_of_years_fits(years: Result, width: int) -> None:
    text = printed(years, width)
    assert all(cell_len(line) <= width and line == line.rstrip() for line in text.splitlines())


def test_headline_is_one_table_with_a_column_per_year(years: Result, report: str) -> None:
    assert report.count("Headline figures") == 1
    lines = section(report, "Headline figures", 2)
    assert ["Unit", "2027", "2028"] in [line.split() for line in lines]
    assert figures(lines, "Delivered, share of demand, intelligent") == ["90.0", "90.0"]
    assert figures(lines, "Delivered, share of demand, general") == ["100.0", "100.0"]
    paid = [figure(total(years, "cost", year)) for year in (2027, 2028)]
    assert figures(lines, "Cost, penalties included") == ["million", "CNY", *paid] and paid == ["23.0", "69.0"]
    assert "Present value of all planning years, penalties included: 45,678 million CNY in money of 2027." in report
    assert "undiscounted" in " ".join(lines)


def test_discount_rate_is_named_where_it_is_known(years: Result) -> None:
    class Finance(synthetic.Demand):
        costs: str = "mid"
        discount_rate: float | None = None

    class Settings(synthetic.Settings):
        finance: Finance = Finance()

    costs = pd.DataFrame(
        [("discount_rate_system", 0.055, "a", "official")], columns=["item", "mid", "source", "quality"]
    )
    scenario = replace(
        years.scenario, settings=Settings(years=(2027, 2028)), tables={**years.scenario.tables, "costs": costs}
    )
    assert "in money of 2027, discounted at 5.5 % a year." in " ".join(
        printed(replace(years, scenario=scenario)).split()
    )


def test_what_enters_service_is_the_rows_of_its_year(years: Result, report: str) -> None:
    lines = section(report, "What enters service when", 2)
    assert figures(lines, "Devices bought, intelligent, peak") == ["EFLOP/s", "500", "1,600"]
    assert figures(lines, "Gui'an") == ["EFLOP/s", "500", "1,250"]
    wind = [figure(total(years, "built", year, item="wind")) for year in (2027, 2028)]
    assert figures(lines, "Wind plants") == ["MW", *wind] and wind == ["120", "271"]
    assert figures(lines, "Corridors") == ["Gbit/s", "17.0", "19.0"]
    nothing = next(line for line in lines if line.startswith("Nothing is decided of"))
    assert "grid connection" in nothing and "wind" not in nothing
    assert figures(section(report, "In place, decided"), "Grid connection") == ["MW", "80.0", "240"]


def test_energised_beside_installed(report: str) -> None:
    lines = section(report, "From announced to energised", 2)
    assert figures(lines, "Installed peak, intelligent") == ["EFLOP/s", "3,100", "4,200"]
    assert figures(lines, "Energised peak, intelligent") == ["EFLOP/s", "2,480", "2,100"]
    assert figures(lines, "energised over installed") == ["80.0", "50.0"]
    assert figures(lines, "Devices installed, standard, rated") == ["MW", "900", "1,300"]
    assert figures(lines, "Devices energised, standard, rated") == ["MW", "699", "798"]


def test_idle_by_year_in_devices_power_and_money(report: str) -> None:
    lines = section(report, "What stands idle", 3)
    assert figures(lines, "waits for grid connection") == ["devices", "1,000", "3,000"]
    assert figures(lines, "dense hall waits for devices") == ["MW", "7.00", "8.00"]
    assert figures(lines, "waits for grid connection", 1) == ["million", "CNY", "61.0", "43.0"]
    assert figures(lines, "all that stands idle") == ["million", "CNY", "63.5", "46.5"]
    assert "2027, the year with most of it:" in lines
    assert figures(lines, "waits for grid connection", 2)[:3] == ["1,000", "devices", "61.0"]


def test_unserved_by_year_and_the_worst_year_in_detail(report: str) -> None:
    lines = section(report, "What is left unserved", 3)
    assert figures(lines, "Chat 对话, intelligent") == ["PFLOP/s", "10.0", "60.0"]
    assert figures(lines, "share of its demand") == ["10.0", "20.0"]
    assert figures(lines, "grid connection, intelligent") == ["100.0", "100.0"]
    assert "2028, the year with most of it:" in lines
    assert figures(lines, "Chat 对话 ")[:4] == ["intelligent", "60.0", "20.0", "grid"]


def test_blame_of_a_kind_weighs_tasks_by_what_they_lack(years: Result) -> None:
    """60 PFLOP/s of chat wait for the grid, 20 of a second task for halls in 2028: 75 and 25 %."""
    more = pd.DataFrame(
        [
            {"quantity": "unserved", "unit": "PFLOP/s", "item": "", "value": 20.0},
            {"quantity": "unserved_because", "unit": "1", "item": "hall", "value": 1.0},
        ]
    ).assign(year=2028, task="draw", kind="intelligent")
    text = printed(replace(years, table=pd.concat([years.table, more], ignore_index=True)), 110)
    lines = section(text, "Limits to blame")
    assert figures(lines, "grid connection, intelligent") == ["100.0", "75.0"]
    assert figures(lines, "hall, intelligent") == ["25.0"]


def test_reliefs_name_their_year_and_delays_stand_apart(report: str) -> None:
    text = " ".join(report.split())
    first = cells(report, "What would help most")[0]
    assert first == ["2028: 1 MW more of grid connection (Gui'an): 3.10 million CNY", "3.10", "40.0"]
    assert "CNY/MW]" in report, "the unit of all cells stands in the head"
    late = [row[0] for row in cells(report, "What a month less of delay saves")]
    assert late == [
        "a month less of delay (halls), everywhere: 88.0 million CNY",
        "a month less of delay (halls), Gui'an: 55.0 million CNY",
    ]
    assert "a month less" not in text[: text.index("What a month less")]


def test_prices_are_of_one_year(years: Result, report: str) -> None:
    assert ["Card 9, Gui'an", "900", "222", "444"] in cells(report, "Device, site")
    assert "Prices at which the plan changes, 2028" in report
    table = years.table.copy()
    table.loc[table["quantity"] == "price_range", "year"] = 0
    assert "Prices at which" not in printed(replace(years, table=table)), "ranges without a year belong to no purchase"


def test_last_year_alone_where_one_table_must_do(years: Result, report: str) -> None:
    assert report.count("Power and cost by hub and site, 2028") == 1
    assert figures(section(report, "Power and cost by hub and site, 2028"), "Beijing metro 北京")[:3] == [
        "36.0",
        "90.0",
        "40.0",
    ]
    assert figures(section(report, 'What "East Data'), "beyond its province") == ["25.0"]
    assert "Each is a plan of 2028 alone" in report


def test_target_is_a_reference_line(years: Result, report: str) -> None:
    """From 2,000 EFLOP/s in mid-2026 to 9,800 four years later: x 4.9^(1/4) a year, days counted."""
    lines = section(report, "Beside the national target")
    path = [2000 * 4.9 ** (days / 1461) for days in (365, 731)]
    assert figures(lines, "Target path") == ["EFLOP/s", *[figure(value) for value in path]]
    distance = [figure(have - want) for have, want in zip((3100, 4200), path, strict=True)]
    assert figures(lines, "Installed less target path") == ["EFLOP/s", *distance]
    tables = {name: frame for name, frame in years.scenario.tables.items() if name != "policy_targets"}
    assert "national target" not in printed(replace(years, scenario=replace(years.scenario, tables=tables)))
    late = years.scenario.tables["anchors"].assign(date="2028-12-31")
    tables = {**years.scenario.tables, "anchors": late}
    assert "national target" not in printed(replace(years, scenario=replace(years.scenario, tables=tables)))


def test_published_figures_meet_the_model_in_their_year(report: str) -> None:
    """100 MWh in 2027 beside 2025's figure, 400 MWh in 2028 beside the forecast for 2028; nothing beside 2030."""
    lines = section(report, "Modelled beside published")
    assert figures(lines, "electricity national") == ["2025", "2027", "GWh", "0.1", "0.05", "2.00"]
    assert figures(lines, "electricity (forecast) national") == ["2028", "2028", "GWh", "0.4", "0.5", "0.8"]
    assert "77.0" not in report and "99.0" not in report


def test_green_power_by_year(report: str) -> None:
    lines = section(report, "Green power and carbon", 2)
    assert figures(lines, "Green power, share of what is metered") == ["12.3", "45.6"]
    assert figures(lines, "Own wind, used") == ["TWh", "3.00", "7.00"]
    assert figures(lines, "share of own output") == ["25.0", "6.7"]
    assert figures(lines, "Contracted through the grid") == ["TWh", "0", "2.00"]
    assert figures(lines, "Carbon, operational") == ["Mt", "CO2", "5.50", "6.50"]
    assert figures(lines, "Gui'an") == ["11.1", "77.7"]


def test_one_year_has_no_tables_by_year() -> None:
    text = printed(synthetic.result())
    assert "Present value" not in text and "What enters service" not in text
    assert "Green power is not modelled" in text and "Green power, share" not in text


def test_what_stands_idle_costs_its_replacement() -> None:
    """one_place: 20 devices of 0.1 MW, 10 at work; 4 MW of dense hall and of connection, and what that costs a year."""
    found = builder.optimum(builder.one_place())
    table = pd.concat(idle(found.plan, found.solution), ignore_index=True)
    amounts = {unit: rows.set_index("item")["value"] for unit, rows in table.groupby("unit")}
    finance = found.plan.finance
    each = {
        "waits for": finance.device_annual["alpha"],
        "dense hall": finance.hall_annual["metro_coast"],
        "grid connection": finance.grid_annual["metro_coast"],
    }
    assert sum(amounts["devices"]) == pytest.approx(10)
    for words, annual in each.items():
        of = {unit: rows[rows.index.str.startswith(words)].sum() for unit, rows in amounts.items()}
        assert of["million CNY"] == pytest.approx((of["devices"] + of["MW"]) * annual) and annual > 0
