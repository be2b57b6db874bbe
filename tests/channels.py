"""Channels of the tests: they call a function instead of a phone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from planner import messages
from planner.notifications.outgoing import DIGEST, Channel, Message


class Calling:
    """A channel that reaches each person once. It calls a function with the delivery, the person and a sentence.

    The sentence is that of the inbox, not the neutral one of a lock screen: so a test sees what the message is about.
    """

    def __init__(self, function: Callable[[UUID, UUID, str], Any]) -> None:
        self.function = function

    def targets(self, persons: Collection[UUID]) -> Iterable[tuple[UUID, UUID]]:
        """Return each person as the only target."""
        return [(person, person) for person in persons]

    def send(self, message: Message, now: datetime) -> None:
        """Call the function."""
        text = message.text if message.kind == DIGEST else messages.text("inbox", message.kind)
        self.function(message.delivery, message.person, text)


def calling(**functions: Callable[[UUID, UUID, str], Any]) -> dict[str, Channel]:
    """Return a channel for each function, by its name."""
    return {name: Calling(function) for name, function in functions.items()}
