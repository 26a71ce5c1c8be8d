"""The page in a real browser, from a file, with the network off: what it draws, filters, hovers, downloads and says."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import browsing
import pytest
import reading_pages
import synthetic
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from eastwest.formatting.words import figure, percent
from eastwest.report.page import page_html
from eastwest.report.page.pdf import browser as print_program
from eastwest.report.page.pdf import pdf_of
from eastwest.results.result import Result

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def result() -> Result:
    """The tiny country in two years, solved, with demand that it cannot serve."""
    return reading_pages.scarce_years()


@pytest.fixture(scope="module")
def pages(result: Result, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    made = {"tiny": result, "synthetic": synthetic.two_years(), "harm": reading_pages.harmful()}
    for name, one in made.items():
        (folder / f"{name}.html").write_text(page_html(one), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


def traces(driver: webdriver.Chrome, name: str) -> Any:
    """What a chart shows now: of each trace its values, visibility and what it says it is."""
    script = "return document.querySelector(`[data-figure='${arguments[0]}'] .plot`)._fullData.map(" + (
        "t => ({visible: t.visible, meta: t.meta || {}, y: Array.from(t.y || [])}))"
    )
    return driver.execute_script(script, name)


def click(driver: webdriver.Chrome, element: Any) -> None:
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    element.click()


@pytest.mark.parametrize("name", ["tiny", "synthetic", "harm"])
def test_page_opens_without_a_word_or_a_request(driver: webdriver.Chrome, pages: dict[str, Path], name: str) -> None:
    assert browsing.charts_of_silent(driver, pages[name]) > 3
    width = driver.execute_script("return document.documentElement.scrollWidth")
    assert width <= 1400


def test_year_switch_moves_tiles_tables_and_charts(driver: webdriver.Chrome, pages: dict[str, Path]) -> None:
    browsing.opened(driver, pages["tiny"])
    data = reading_pages.read(pages["tiny"]).data
    chart = next(name for name, one in data["figures"].items() if set(one["years"]) == {"2027", "2028"})
    script = "return JSON.stringify(document.querySelector(`[data-figure='${arguments[0]}'] .plot`).data)"
    before = driver.execute_script(script, chart)
    assert [button.text for button in driver.find_elements(By.CSS_SELECTOR, "[aria-pressed=true]")] == ["2028"]
    shown = driver.find_element(By.CSS_SELECTOR, ".tiles:not([hidden])").text
    driver.find_element(By.CSS_SELECTOR, "[data-choose-year='2027']").send_keys(Keys.ENTER)
    assert [button.text for button in driver.find_elements(By.CSS_SELECTOR, "[aria-pressed=true]")] == ["2027"]
    browsing.wait(lambda: driver.execute_script(script, chart) != before, "other year in the chart")
    assert driver.find_element(By.CSS_SELECTOR, ".tiles:not([hidden])").text != shown
    years = {
        element.get_attribute("data-year")
        for element in driver.find_elements(By.CSS_SELECTOR, "[data-year]:not([hidden])")
    }
    assert years == {"2027"}
    assert browsing.complaints(driver) == []


def test_map_shows_the_workload_and_the_shading_that_are_chosen(
    driver: webdriver.Chrome, pages: dict[str, Path]
) -> None:
    browsing.opened(driver, pages["tiny"])
    for part, layer, key in (("flows", "flows", "task"), ("shade", "shade", "measure")):
        element = driver.find_element(By.CSS_SELECTOR, f"[data-figure='map'] select[data-part='{part}']")
        driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        select = Select(element)
        values = [option.get_attribute("value") for option in select.options]
        assert len(values) > 1
        assert all(option.text.strip() for option in select.options)
        seen = []
        for value in values:
            select.select_by_value(value)
            shown = [trace["meta"] for trace in traces(driver, "map") if trace["meta"].get("layer") == layer]
            visible = [t["meta"] for t in traces(driver, "map") if t["visible"] and t["meta"].get("layer") == layer]
            chosen = [meta[key] if part == "flows" else f"{meta['measure']}/{meta['kind']}" for meta in visible]
            assert set(chosen) <= {value}
            assert len(shown) >= len(visible)
            seen.append(len(visible))
        assert any(seen)
    other = [trace for trace in traces(driver, "map") if trace["meta"].get("layer") not in ("flows", "shade")]
    assert any(trace["visible"] for trace in other)
    assert browsing.complaints(driver) == []


def test_hover_shows_a_label(driver: webdriver.Chrome, pages: dict[str, Path]) -> None:
    browsing.opened(driver, pages["tiny"])
    plot = driver.find_element(By.CSS_SELECTOR, "[data-figure='cost_by_category'] .plot")
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", plot)
    bar = max(plot.find_elements(By.CSS_SELECTOR, ".bars .point path"), key=lambda one: one.size["height"])
    ActionChains(driver).move_to_element(bar).perform()
    browsing.wait(lambda: plot.find_elements(By.CSS_SELECTOR, ".hoverlayer .hovertext"), "label under the pointer")
    assert any(character.isdigit() for character in plot.find_element(By.CSS_SELECTOR, ".hovertext").text)


def test_table_of_a_chart_shows_the_figures_of_its_data(driver: webdriver.Chrome, pages: dict[str, Path]) -> None:
    browsing.opened(driver, pages["tiny"])
    data = reading_pages.read(pages["tiny"]).data
    for name, dataset in data["datasets"].items():
        details = driver.find_element(By.CSS_SELECTOR, f"details[data-dataset='{name}']")
        driver.execute_script(
            "for (let e = arguments[0]; e; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true", details
        )
        browsing.wait(lambda one=details: one.find_elements(By.CSS_SELECTOR, "table"), f"table of {name}")
        cells = driver.execute_script(
            "return [...arguments[0].querySelectorAll('tbody tr')].map(r => [...r.cells].map("
            "c => [c.textContent, c.title, c.className]))",
            details,
        )
        assert len(cells) == min(200, len(dataset["rows"]))
        start = len(dataset["labels"])
        for shown, row in zip(cells, dataset["rows"], strict=False):
            for (text, title, name_of_class), value, column in zip(
                shown[start:], row[start:], dataset["columns"], strict=True
            ):
                assert text == (percent(value) if column["unit"] == "1" else figure(value)), (name, row)
                assert name_of_class == "n"
                if value is not None:
                    assert float(title.split()[0]) == value


def test_figures_of_the_script_are_those_of_the_program(driver: webdriver.Chrome, tmp_path: Path) -> None:
    """Three digits, ties to even, on values that tempt a rounding apart."""
    values = [0.0, 100.5, 101.5, 2.125, 2.135, 0.125, 0.0625, 99.95, 999.5, 9.995, 1e-5, -1.25e-7, 1e6, 123456.5, -0.5,
              1.0, 10.0, 0.1, 0.99999, 1234.5678, 0.00045, 5e-324, 1.7e15, -2.5, 0.30000000000000004]  # fmt: skip
    values += [math.sin(n) * 10 ** (n % 13 - 4) for n in range(1, 400)]
    page = tmp_path / "figures.html"
    page.write_text(page_html(synthetic.result()), encoding="utf-8")
    text = page.read_text(encoding="utf-8")
    old = reading_pages.read(text).script("page-data")
    data = json.loads(old)
    name = next(iter(data["datasets"]))
    column = {"key": "v", "title": "v", "unit": "MW", "source": {}}
    share = {"key": "s", "title": "s", "unit": "1", "source": {}}
    data["datasets"][name] |= {"labels": [], "columns": [column, share], "rows": [[v, v] for v in values]}
    page.write_text(text.replace(old, json.dumps(data).replace("<", "\\u003c")), encoding="utf-8")
    browsing.opened(driver, page)
    details = driver.find_element(By.CSS_SELECTOR, f"details[data-dataset='{name}']")
    driver.execute_script(
        "for (let e = arguments[0]; e; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true", details
    )
    browsing.wait(lambda: details.find_elements(By.CSS_SELECTOR, ".rows button"), "button for all rows")
    click(driver, details.find_element(By.CSS_SELECTOR, ".rows button"))
    script = "return [...arguments[0].querySelectorAll('tbody tr')].map(r => [...r.cells].map(c => c.textContent))"
    shown = driver.execute_script(script, details)
    assert shown == [[figure(value), percent(value)] for value in values]


def test_downloads_hold_the_data(driver: webdriver.Chrome, pages: dict[str, Path], tmp_path: Path) -> None:
    page, name = pages["harm"], "cost_by_site"
    browsing.opened(driver, page)
    dataset = reading_pages.read(page).data["datasets"][name]
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    for how in ("csv", "json", "png"):
        click(driver, driver.find_element(By.CSS_SELECTOR, f"[data-figure='{name}'] [data-save='{how}']"))
        browsing.wait(lambda end=how: (tmp_path / f"{name}.{end}").exists(), f"{how} file")
    browsing.wait(lambda: (tmp_path / f"{name}.png").stat().st_size > 5000, "picture")
    assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8")) == dataset
    text = (tmp_path / f"{name}.csv").read_bytes().decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert len(rows) == len(dataset["rows"])
    assert head[-1].endswith(f"[{dataset['columns'][-1]['unit']}]")
    assert "site" in head
    assert "site name" in head
    for row, known in zip(rows, dataset["rows"], strict=True):
        assert row[head.index("site")] == dict(zip(dataset["labels"], known, strict=False))["site"]
        assert float(row[-1]) == known[-1]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@")) or cell[:2] == "-c"]
    assert browsing.complaints(driver) == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1400, 390])
def test_looks_and_accessibility(
    driver: webdriver.Chrome, pages: dict[str, Path], tmp_path: Path, width: int, dark: bool
) -> None:
    kept = browsing.screenshots(tmp_path)
    browsing.as_new(driver, width=width, dark=dark)
    for name in ("tiny", "harm") if (width < 1000) != dark else ("tiny",):
        browsing.opened(driver, pages[name])
        assert driver.execute_script("return document.documentElement.scrollWidth") <= width, name
        browsing.screenshot(driver, kept / f"page-{name}-{width}-{'dark' if dark else 'light'}.png")
        ground = driver.execute_script("return getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(17, 22, 29)" if dark else "rgb(255, 255, 255)")
        assert browsing.complaints(driver) == []
        for details in driver.find_elements(By.CSS_SELECTOR, "details"):
            driver.execute_script("arguments[0].open = true", details)
        assert browsing.accessibility_faults(driver) == [], name
        assert driver.execute_script("return document.documentElement.scrollWidth") <= width, name


def test_light_and_dark_can_be_chosen(driver: webdriver.Chrome, pages: dict[str, Path]) -> None:
    browsing.opened(driver, pages["tiny"])
    script = "return [getComputedStyle(document.body).backgroundColor, getComputedStyle(" + (
        "document.querySelector('[data-figure=cost_by_category] .plot .xtick text')).fill]"
    )
    light = driver.execute_script(script)
    click(driver, driver.find_element(By.ID, "theme"))
    dark = driver.execute_script(script)
    assert all(one != other for one, other in zip(light, dark, strict=True))
    click(driver, driver.find_element(By.ID, "theme"))
    assert driver.execute_script(script) == light


def test_keyboard_reaches_the_answer_and_shows_where_it_is(driver: webdriver.Chrome, pages: dict[str, Path]) -> None:
    browsing.opened(driver, pages["tiny"])
    ActionChains(driver).send_keys(Keys.TAB).perform()
    focused = driver.switch_to.active_element
    assert focused.get_attribute("class") == "skip"
    assert focused.location["x"] >= 0
    focused.send_keys(Keys.ENTER)
    assert driver.switch_to.active_element.get_attribute("id") == "main"
    ActionChains(driver).send_keys(Keys.TAB).perform()
    outline = driver.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_tables_work_where_charts_cannot_be_unpacked(driver: webdriver.Chrome, pages: dict[str, Path]) -> None:
    script = {"source": "delete window.DecompressionStream"}
    added = driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", script)
    driver.get(pages["tiny"].resolve().as_uri())
    browsing.wait(lambda: driver.execute_script("return document.documentElement.dataset.ready") == "tables", "tables")
    driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
    assert driver.find_element(By.ID, "notice").is_displayed()
    details = driver.find_element(By.CSS_SELECTOR, "figure.chart details")
    click(driver, details.find_element(By.CSS_SELECTOR, "summary"))
    browsing.wait(lambda: details.find_elements(By.CSS_SELECTOR, "tbody tr"), "rows")
    assert browsing.complaints(driver) == []


def test_pdf_holds_the_charts(pages: dict[str, Path], tmp_path: Path) -> None:
    """A page whose charts are taken out prints fewer bytes; both are PDF."""
    text = pages["tiny"].read_text(encoding="utf-8")
    program = print_program()
    whole = pdf_of(text, program)
    old = reading_pages.read(text).script("page-library")
    without = pdf_of(text.replace(old, ""), program)
    assert whole.startswith(b"%PDF")
    assert len(whole) > 1.1 * len(without)
