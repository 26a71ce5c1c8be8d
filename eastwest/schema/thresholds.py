"""From where on a figure counts, for whatever reads a result: each threshold stands here once."""

from __future__ import annotations

NOTHING = 1e-9
"""What the solver leaves: a price, a worth or a share of the largest figure of its unit that is less is none; so much
may anything pass its bound."""
NEGLIGIBLE = 1e-6
"""Relative difference below which two figures count as equal [1]."""
LEAST_WORK = 1e-6
"""Work, served or shed, that is less is none [PFLOP/s, PFLOP/s h]."""
FULL = 0.995
"""From which share of its capacity a thing is called full [1]."""
LEAST_DEVICES = 1e-6
"""Devices, bought or in use, that are fewer are none."""
ROUNDING = 1e-12
"""What shares that are added up may miss of what they should come to [1]."""
