"""Identity: the person who makes a request, and the session used."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from planner.errors import ConfirmationNeeded

CONFIRMED_FOR = timedelta(days=1)
"""How long a sign-in, or a confirmation of it, allows what a lent or lost phone must not do."""


class Identity(NamedTuple):
    """The person behind a token, with the account's values when the request came in.

    `confirmed_at` is when the person last gave the password in this session, or a passkey.
    """

    id: UUID
    session: UUID
    display_name: str
    zone: str
    confirmed_at: datetime

    def check_confirmed(self, now: datetime, within: timedelta = CONFIRMED_FOR) -> None:
        """Raise ConfirmationNeeded unless the person signed in or confirmed within a day, or another time."""
        # Hosts differ by seconds, so that this can be a moment in the future. One that a wrong clock set does not last.
        if abs(now - self.confirmed_at) >= within:
            raise ConfirmationNeeded
