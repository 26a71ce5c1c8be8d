"""The page of a comparison in a real browser, from a file, with the network off."""

from __future__ import annotations

from pathlib import Path

import browsing
import builder
import pytest
import reading_pages
import synthetic
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from eastwest.analysis.compare import compare
from eastwest.results.result import Result
from eastwest.solving.solve import solve

pytestmark = pytest.mark.slow


def solved(growth: str) -> Result:
    scenario = builder.tiny(years=[2027, 2028], finance={"discount_rate": 0.08}, demand={"growth": growth})
    return solve(scenario, reliefs=3, growth_table=False)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two years against three demands, and texts and names that try to do harm."""
    folder = tmp_path_factory.mktemp("pages")
    harm = reading_pages.harmful()
    made = {
        "tiny": compare(solved("mid"), solved("high"), solved("low"), names=["plain", "high demand", "low demand"]),
        "harm": compare(
            synthetic.two_years(), harm, harm, names=[reading_pages.HARM[0], reading_pages.LONG, reading_pages.HARM[4]]
        ),
    }
    return {name: comparison.save_html(folder / f"{name}.html") for name, comparison in made.items()}


@pytest.mark.parametrize("name", ["tiny", "harm"])
def test_page_opens_without_a_word_or_a_request(driver: webdriver.Chrome, pages: dict[str, Path], name: str) -> None:
    assert browsing.charts_of_silent(driver, pages[name]) > 1


def test_bands_are_drawn_and_hover_says_how_much(driver: webdriver.Chrome, pages: dict[str, Path]) -> None:
    browsing.opened(driver, pages["tiny"])
    plot = driver.find_element(By.CSS_SELECTOR, "[data-figure^='moves_2_'] .plot")
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", plot)
    bands = plot.find_elements(By.CSS_SELECTOR, ".sankey-link")
    assert bands
    ActionChains(driver).move_to_element(max(bands, key=lambda band: band.size["height"])).perform()
    browsing.wait(lambda: plot.find_elements(By.CSS_SELECTOR, ".hoverlayer .hovertext"), "label under the pointer")
    assert "PFLOP/s" in plot.find_element(By.CSS_SELECTOR, ".hovertext").text


def test_year_switch_moves_tables_and_charts(driver: webdriver.Chrome, pages: dict[str, Path]) -> None:
    browsing.opened(driver, pages["tiny"])
    data = reading_pages.read(pages["tiny"]).data
    assert all(set(chart["years"]) == {"2027", "2028"} for chart in data["figures"].values())
    script = "return document.querySelector(`[data-figure='cost_by_category_2'] .plot`).data[0].text"
    before = driver.execute_script(script)
    driver.find_element(By.CSS_SELECTOR, "[data-choose-year='2027']").send_keys(Keys.ENTER)
    browsing.wait(lambda: driver.execute_script(script) != before, "other year in the chart")
    shown = driver.find_element(By.CSS_SELECTOR, "#headline [data-year]:not([hidden])").text
    assert "2027" in shown.splitlines()[0]


@pytest.mark.parametrize(("width", "dark"), [(1400, False), (390, False), (390, True)])
def test_looks_and_accessibility(
    driver: webdriver.Chrome, pages: dict[str, Path], tmp_path: Path, width: int, dark: bool
) -> None:
    kept = browsing.screenshots(tmp_path)
    browsing.as_new(driver, width=width, dark=dark)
    for name in ("tiny", "harm"):
        browsing.opened(driver, pages[name])
        assert driver.execute_script("return document.documentElement.scrollWidth") <= width, name
        browsing.screenshot(driver, kept / f"comparison-{name}-{width}-{'dark' if dark else 'light'}.png")
        for details in driver.find_elements(By.CSS_SELECTOR, "details"):
            driver.execute_script("arguments[0].open = true", details)
        assert browsing.accessibility_faults(driver) == [], name
        assert browsing.complaints(driver) == []
