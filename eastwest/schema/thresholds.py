"""From where on a figure counts, for whatever reads a result: each threshold stands here once."""

from __future__ import annotations

NOTHING = 1e-9
"""What the solver leaves: a price, a worth or a share of the largest figure of its unit that is less is none."""
NEGLIGIBLE = 1e-6
"""Relative difference below which two figures count as equal [1]."""
LEAST_WORK = 1e-6
"""Work, served or shed, that is less is none [PFLOP/s, PFLOP/s h]."""
FULL = 0.995
"""From which share of its capacity a thing is called full [1]."""
CERTIFICATE_LIMIT = 1e-6
"""Most that any figure of a certificate may be [1]."""
