"""Why no module of the model declares a metric of the package's table `policy_targets`."""

from __future__ import annotations

KINDS, RACKS, INPUT = "it adds kinds of compute on an FP32 basis", "the model counts MW, not racks", "an input here"
OUTSIDE = "outside the model"
SILENT: dict[str, str] = {
    "total_compute": KINDS, "total_compute_ccid": KINDS, "total_compute_target": KINDS, "hub_total_compute": KINDS,
    "ai_share_target": KINDS, "ai_compute_target_implied": KINDS,
    "implied_annual_growth_ai_compute": "it follows from the target of 2030",
    "racks": RACKS, "racks_newly_built": RACKS, "racks_in_use": RACKS, "rack_share_jjj": RACKS, "rack_share_yrd": RACKS,
    "rack_share_other_six": RACKS, "central_west_share_of_facilities": "the model has no count of facilities",
    "min_new_pue": INPUT, "city_circle": INPUT, "ratio_to_theoretical_max": INPUT, "national_ets_average_price": INPUT,
    "national_average_factor": INPUT, "factor_excluding_traded_nonfossil": INPUT, "fossil_power_factor": INPUT,
    "wind_full_load_hours": INPUT, "solar_full_load_hours": INPUT,
    "national_green_dc_pue_max": "the model has no list of single centres",
    "computing_centre_share": "the model has no other consumers of electricity",
    "dc_share_2030_low": "the model has no other consumers of electricity",
    "dc_share_2030_high": "the model has no other consumers of electricity",
}  # fmt: skip
"""Why the model has no figure for a metric; for any other it lies outside."""
