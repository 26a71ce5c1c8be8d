"""Names of before and of now: what older scenario files and run folders call otherwise."""

from __future__ import annotations

KEYS = {
    "blocks": "training_units",
    "training_units.whole": "training_units.integer",
    "training_units.least_blocks": "training_units.least_units",
}
"""Section, or section and key, of a scenario file -> its name of now; read from top to bottom."""

DROPPED = {
    "demand.value_of_service": "the table value_tranches says what unserved work is worth",
    "demand.penalty_multiple": "the table value_tranches says what unserved work is worth",
}
"""Key that has no effect any more -> what takes its place."""
COLUMNS = {"energised_share": "devices.energised_share", "months_to_service": "devices.energised_lag_months"}
"""Column of now -> the setting that once stood for it, the same for every row of the section's table."""

VALUES = {("time.method", "clustered"): "representative_days"}
"""Key of now and a word that it once held -> the word of now."""

ROWS = {("costs", "block_tier_share"): "training_unit_tier_share"}
"""Table and first key of a row -> the key of now, in a table of the user's own and in overrides."""

QUANTITIES = {
    "dearer_by": "reduced_cost",
    "declined": "unserved",
    "sector_declined": "sector_unserved",
    "attributed_declined": "attributed_unserved",
    "unserved_penalty": "tranche_value",
    "training_blocks": "training_units",
    "blocks_possible": "training_units_possible",
    "blocks_in_place": "training_units_in_place",
    "devices_in_blocks": "devices_in_training_units",
    "share_in_blocks": "share_in_training_units",
}
"""Quantities of the results table."""

UNITS = {"blocks": "training units"}
"""Units of the results table."""

ITEMS = {
    "block_network": "training_unit_network",
    "cost_per_delivered_with_standing_devices": "cost_per_delivered_with_existing_devices",
    "decided": "bought",
    **{f"decided: {name}": f"bought: {name}" for name in ("domestic", "hub", "west")},
}
"""Items of cost, headline figures, and on which basis new compute is counted."""

KINDS = {"west_share_decided": "west_share_bought"}
"""Kinds of figures of the table of growths."""
