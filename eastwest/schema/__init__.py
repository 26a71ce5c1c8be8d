"""Contracts of tables and settings, kinds of limit, units, and the results table."""
