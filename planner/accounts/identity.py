"""Identity: who makes a request, and from which session."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID


class Identity(NamedTuple):
    """The person behind a token, as their account was when the request came in."""

    id: UUID
    session: UUID
    display_name: str
    zone: str
