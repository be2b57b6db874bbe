"""The channels for notifications: the debug log, and push to devices. scheduler.py adds mail."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from planner.notifications.outgoing import Channel, Message
from planner.notifications.web_push import WebPush

_log = logging.getLogger("rekindle.deliveries")


class Log:
    """The debug log. It shows on a new server that notifications go out, before any device takes them.

    It names neither the person nor the kind. The operator may be the partner, who could learn that a proposal rang no
    phone; and a log outlives an erasure.
    """

    def targets(self, persons: Collection[UUID]) -> Iterable[tuple[UUID, UUID]]:
        """Return each person as the only target."""
        return [(person, person) for person in persons]

    def send(self, message: Message, now: datetime) -> None:
        """Write that a notification was sent."""
        _log.debug("delivery %s", message.delivery)


CHANNELS: dict[str, Channel] = {"log": Log(), "push": WebPush()}
