"""Identity: the person who makes a request, and the session used."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID


class Identity(NamedTuple):
    """The person behind a token, with the account's values when the request came in."""

    id: UUID
    session: UUID
    display_name: str
    zone: str
