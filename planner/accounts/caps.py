"""Caps: how many things of each kind one person may have.

They are far more than a person needs. They limit the disk space and the time that one account can take. The operator
can change them (REKINDLE_MAX_...).
"""

from __future__ import annotations

from typing import Literal

from planner.settings import Settings

Kind = Literal[
    "notes",
    "reflections",
    "requests",
    "commitments",
    "ideas",
    "dates",
    "dates_alone",
    "rituals",
    "important_days",
    "blocks",
    "busy_calendars",
    "devices",
    "sign_ins",
    "sign_ins_an_hour",
    "passkeys",
    "talks",
    "photo_megabytes",
]

_settings = Settings()


def use(settings: Settings) -> None:
    """Use the caps of these settings in this process."""
    global _settings
    _settings = settings


def most(kind: Kind) -> int:
    """Return how many things of a kind one person may have."""
    cap: int = getattr(_settings, f"max_{kind}")
    return cap
