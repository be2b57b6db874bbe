"""Readings of calendars: a file is given to a child process, and its busy times come back."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from planner.child_readers import ChildReader, ReadingFault

MOST_BYTES = 2_000_000
_MOST_WAITING = 2
"""Files at once, with the one that is being read."""

_reader = ChildReader("planner.calendars.calendar_reader", _MOST_WAITING)


class Reading(NamedTuple):
    """The busy times of a calendar by kind (see calendar_reader.py), and how many events could not be read."""

    times: Mapping[str, Sequence[tuple[datetime, datetime]]]
    skipped: int


def read(
    data: bytes, begins: datetime, ends: datetime, owner: Collection[str] = (), is_patient: bool = False
) -> Reading:
    """Return the busy times of a calendar file. `owner` are mail addresses whose refusals count.

    A request must not wait long, so it gets Unavailable when too many files wait; the clock is patient. Raises
    ReadingFault, too.
    """
    if len(data) > MOST_BYTES:
        raise ReadingFault("too_large")
    asked = {"begins": begins.timestamp(), "ends": ends.timestamp(), "owner": list(owner)}
    try:
        answer: dict[str, Any] = json.loads(_reader.answer(json.dumps(asked).encode() + b"\n" + data, is_patient))
    except ValueError:
        raise ReadingFault("too_hard") from None
    if "fault" in answer:
        raise ReadingFault(answer["fault"])
    times = {
        kind: [(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)) for start, end in spans]
        for kind, spans in answer["busy"].items()
    }
    return Reading(times, answer["skipped"])
