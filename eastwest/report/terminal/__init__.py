"""The reports on a terminal, or in a pipe."""
