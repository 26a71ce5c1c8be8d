"""The section on hardware, quotas and water: absent where nothing is used, else figures of the table."""

from __future__ import annotations

import io

from builder import one_place
from rich.console import Console

import eastwest as ew
from eastwest.report.section import page_of
from eastwest.report.sections import hardware
from eastwest.report.terminal.draw import draw, print_parts
from eastwest.scenario import Scenario

ROW = {"cooling": "evaporative", "wue_l_per_kwh": 1.2, "price_cny_per_m3": 6}


def shown(scenario: Scenario) -> str:
    result = ew.solve(scenario, reliefs=0, growth_table=False)
    file = io.StringIO()
    section = hardware.section(page_of(result))
    print_parts(Console(file=file, width=110), draw(section) if section is not None else [])
    return file.getvalue()


def test_nothing_is_shown_where_nothing_is_asked() -> None:
    assert shown(one_place(water={"metro_coast": ROW})) == ""


def test_water_quota_and_racks_are_shown() -> None:
    """4,380 MWh of 8,760 are allowed: 5,256 m3 at 1.2 l/kWh, 5 racks of 100 kW hold 5 devices of 0.1 MW."""
    text = shown(
        one_place(
            water={"metro_coast": ROW, "charge": True, "cap_m3": {"coast": 9000}},
            power={"metro_quota_mwh": {"coast": 4380}},
            cooling={"dense_design_kw_per_rack": 100},
        )
    )
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "Hardware, quotas and water" in lines
    assert "Dense racks, in place racks 50.0" in lines
    assert "Dense racks, used racks 5.00" in lines
    assert "Water, evaporative m3 5,256" in lines
    assert "Coast metro MWh 4,380" in lines
    assert "Coast m3 5,256" in lines
    assert "at most m3 9,000" in lines


def test_devices_that_wait_for_software_are_shown() -> None:
    text = shown(
        one_place(
            years=[2027, 2028],
            stock={"base": {"metro_coast": {"alpha": None}}},
            supply={"alpha_group": {2027: {"mid": 10}}},
            devices={"alpha": {"months_to_service": 6}, "porting_months": {"Alpha": 6}},
            finance={"discount_rate": 0},
        )
    )
    assert "Devices waiting for software, intelligent" in text
