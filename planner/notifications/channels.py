"""The ways out of this server. A channel takes a fixed sentence to a person; what it raises means "try again later"."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID

_log = logging.getLogger("rekindle.deliveries")

Channel = Callable[[UUID, UUID, str], None]
"""Called with the delivery's id, the person's id and the sentence."""


def log(delivery: UUID, person: UUID, text: str) -> None:
    """Write it to the server's log: what stands in for a phone until push and mail are set up."""
    _log.info("to person %s: %s (delivery %s)", person, text, delivery)


CHANNELS: dict[str, Channel] = {"log": log}
