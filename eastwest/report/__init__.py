"""Reports: they read the results table and the scenario's names, and know no model module."""
