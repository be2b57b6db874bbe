"""An outgoing message, the interface of a channel, and the ways in which a channel fails.

A channel takes fixed sentences that say neither who nor what: they pass hosts of other people, and lock screens.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol
from uuid import UUID

from planner import inbox

DIGEST = "digest"
"""The kind of a message that replaces several late ones."""


class Message(NamedTuple):
    """One message to one target of a person, such as a device. `text` is a fixed sentence.

    `kind` and `subject` are those of the inbox item. A channel may choose a screen by them. To say more, it needs the
    person's consent. After `expires_at` the message is useless.
    """

    delivery: UUID
    person: UUID
    kind: str
    text: str
    subject: UUID
    target: UUID | None
    expires_at: datetime | None

    @property
    def screen(self) -> str:
        """Return the path of the screen in the web client that the message leads to."""
        if self.kind == "prompt_of_day":
            return "/app/"
        kind = inbox.KINDS.get(self.kind)
        group = _SCREENS.get(kind.subject or "") if kind else None
        return f"{group}{self.subject}" if group else "/app/inbox"


_SCREENS = {"date": "/app/dates/", "note": "/app/notes/"}


class Gone(Exception):
    """The target no longer exists, and the channel has forgotten it."""


class TryLater(Exception):
    """The channel cannot take the message now. `after` is how long it asked to wait, if it said so."""

    def __init__(self, after: timedelta | None = None) -> None:
        super().__init__()
        self.after = after


class Channel(Protocol):
    """A way to reach people outside the app. One delivery is made for each target."""

    def targets(self, persons: Collection[UUID]) -> Iterable[tuple[UUID, UUID]]:
        """Return the targets of these persons, as pairs of the person and the target. It is called in a write."""

    def send(self, message: Message, now: datetime) -> None:
        """Send a message within about 10 seconds. Raise Gone or TryLater; any other exception is a failure."""
