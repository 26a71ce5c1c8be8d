"""A plan with its capacity given, dispatched in every hour of a year."""
