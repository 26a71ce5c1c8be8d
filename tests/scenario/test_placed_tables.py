"""What a change of a scenario checks again: the tables that changed and those that name their rows, no others."""

from __future__ import annotations

import builder
import pytest
from builder import cut

from eastwest.errors import InputError
from eastwest.scenario.columns import WHERE
from eastwest.scenario.placed_tables import PlacedTables


def test_a_changed_setting_leaves_every_table_as_it_is() -> None:
    scenario = builder.tiny()
    changed = scenario.with_(time=cut(8))
    assert all(changed.tables[name] is table for name, table in scenario.tables.items())


def test_a_changed_row_leaves_the_other_tables_as_they_are() -> None:
    scenario = builder.tiny()
    changed = scenario.with_(devices={"alpha": {"price_cny": 7}})
    others = {name for name, table in scenario.tables.items() if changed.tables[name] is not table}
    assert others == {"devices"}


def test_a_table_that_did_not_change_is_checked_against_one_that_did() -> None:
    """Tasks that nobody touched still name the workload that the new table lacks."""
    scenario = builder.tiny()
    tasks = scenario.tables["tasks"]
    workloads = scenario.tables["workloads"]
    fewer = workloads[workloads["workload"] != tasks["workload"].iloc[0]]
    with pytest.raises(InputError, match="expected a row of workloads") as caught:
        scenario.with_(tables={"workloads": fewer})
    assert caught.value.where == "table tasks"


def test_only_what_was_put_in_place_of_a_table_is_a_change() -> None:
    checked = dict(builder.tiny().tables)
    frames = PlacedTables(checked, {"hubs": checked["hubs"]})
    assert frames["sites"][WHERE].eq("table sites").all()
    assert frames.changed() == {"hubs"}
    frames["sites"] = frames["sites"].head(1)
    assert frames.changed() == {"hubs", "sites"}
    assert set(frames) == set(checked)
    assert len(frames) == len(checked)
