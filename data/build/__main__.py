"""Makes every table of data/ from data/reference: `python data/build [--out FOLDER]`."""

from __future__ import annotations

import argparse
from pathlib import Path

import commitments
import costs
import demand
import devices
import facilities
import facts
import network
import power
import regions
import renewables
import sites
import stock
import supply
import tasks
import value
import vouchers
import water
import weather
from common import DATA, Tables, write_csv
from package import CARRIED, columns_of, write_package

MODULES = (
    regions,
    sites,
    power,
    renewables,
    weather,
    tasks,
    value,
    demand,
    devices,
    supply,
    stock,
    facilities,
    commitments,
    network,
    costs,
    vouchers,
    water,
    facts,
)


def build(folder: Path) -> None:
    """Write all tables, the polygons and the data package into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    made: Tables = {}
    for module in MODULES:
        made |= module.tables()
    if set(made) != set(CARRIED):
        raise ValueError(f"tables made and expected differ: {sorted(set(made) ^ set(CARRIED))}")
    for name, row in CARRIED.items():
        write_csv(folder / f"{name}.csv", columns_of(row), made[name])
    regions.write_polygons(folder)
    write_package(folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=DATA, help="folder to write to (default: data/)")
    build(parser.parse_args().out)
