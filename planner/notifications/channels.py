"""The channels for notifications. A channel sends a fixed sentence to a person, and raises to be tried again later."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID

_log = logging.getLogger("rekindle.deliveries")

Channel = Callable[[UUID, UUID, str], None]
"""A function of the delivery's id, the person's id and the sentence."""


def log(delivery: UUID, person: UUID, text: str) -> None:
    """Write to the debug log that a notification was sent. This replaces push and mail until they are set up.

    It names neither the person nor the kind. The operator may be the partner, who could learn that a proposal rang no
    phone; and a log outlives an erasure.
    """
    _log.debug("delivery %s", delivery)


CHANNELS: dict[str, Channel] = {"log": log}
