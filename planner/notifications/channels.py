"""The channels for notifications. A channel sends a fixed sentence to a person, and raises to be tried again later."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID

_log = logging.getLogger("rekindle.deliveries")

Channel = Callable[[UUID, UUID, str], None]
"""A function of the delivery's id, the person's id and the sentence."""


def log(delivery: UUID, person: UUID, text: str) -> None:
    """Write a notification to the server's log. This replaces push and mail until they are set up."""
    _log.info("to person %s: %s (delivery %s)", person, text, delivery)


CHANNELS: dict[str, Channel] = {"log": log}
