"""Figures that two ideas need, as pure functions on tables: devices, sites, growth, profiles, outages."""
