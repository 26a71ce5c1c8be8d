"""Reading scenarios: strict YAML, data tables, overrides, and where every value comes from."""

from eastwest.scenario.catalogue import data_catalogue, quality_shares, table_fields
from eastwest.scenario.loading import load_scenario
from eastwest.scenario.scenario import Scenario
from eastwest.scenario.schema import json_schema
from eastwest.scenario.settings import Settings, SolveSettings
from eastwest.scenario.template import new_scenario_text

__all__ = [
    "Scenario",
    "Settings",
    "SolveSettings",
    "data_catalogue",
    "json_schema",
    "load_scenario",
    "new_scenario_text",
    "quality_shares",
    "table_fields",
]
