"""The couple: the same answer for both."""

from __future__ import annotations

from typing import Any

from api.edge import PERSON, Call, Routes
from api.me import CoupleOut, couple_of
from planner.errors import NotFound

routes = Routes("couple")


@routes.get("/couple", access=PERSON, answer=CoupleOut(), problems=[NotFound])
def read(call: Call) -> dict[str, Any]:
    """Read your couple: your partner's display name, the rhythm and the pace that count."""
    found = couple_of(call.actor)
    if found is None:
        raise NotFound
    return found
