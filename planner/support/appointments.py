"""Appointments with outside help: dates under a title of the person's choice, which say nothing of what they are."""

from __future__ import annotations

from planner.catalogue.one_offs import OneOff

MINUTES = 60
PACE_OF_TWO = 3
"""An hour with a third person, about the two: more than a short meeting in public."""


def one_off(title: str, party: str) -> OneOff:
    """Return the activity of an appointment for one or for two."""
    if party == "one":
        return OneOff(title, "", "solo", "one", 1, MINUTES)
    return OneOff(title, "", "talk", "two", PACE_OF_TWO, MINUTES)
