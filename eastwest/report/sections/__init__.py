"""Sections of the report of a run, one file each: what is said and from which figures, whoever draws it."""
