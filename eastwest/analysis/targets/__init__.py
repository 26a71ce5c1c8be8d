"""Dated targets beside a run: met or missed, what would meet them and at what cost."""
