"""Reports: they read the long table and the scenario's names, and know no model module."""
