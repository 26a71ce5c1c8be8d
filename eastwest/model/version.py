"""The version of the model: it rises where the same scenario may have another answer."""

MODEL_VERSION = 2
"""2: levels of the anchor, calendar years, dates and lags by device, tranches of value, customers who stay, green power
of new compute (2026-11-28). Runs that name none were made by 1."""
