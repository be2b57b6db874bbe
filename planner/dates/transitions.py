"""Transitions: one move of a date, as a write transaction with a conditional UPDATE."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Container, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from planner.contact.viewer import Viewer
from planner.couples import couples
from planner.couples.couples import Pair
from planner.dates import state_machine
from planner.dates.dates import Date, DateRow, find_row, role, state_of
from planner.errors import Conflict, NotFound, VersionConflict
from planner.storage import db


class Transition(NamedTuple):
    """A move in progress, with the date and the couple as read inside the transaction."""

    mover: UUID
    row: DateRow
    pair: Pair | None
    request_digest: str
    repeated: bool  # the viewer has made the same move from the same version before, so nothing is left to do

    @property
    def both(self) -> Pair:
        """Return the couple of a date with the partner. Only such a date has offers."""
        assert self.pair is not None
        return self.pair

    @property
    def people(self) -> list[UUID]:
        """Return the participants of the date."""
        return [self.both.me, self.both.partner] if self.row.couple_id else [self.row.proposer_id]


@contextmanager
def begin(
    viewer: Viewer,
    date_id: UUID,
    move: str,
    versions: Container[int],
    argument: object,
    now: datetime,
    needs: str | None = None,
) -> Iterator[Transition]:
    """Open a write transaction for one move from one of these versions.

    `needs` is the move that the state machine must allow, if it has another name. Raise NotFound, or Conflict when the
    viewer may not make the move in any version. Raise VersionConflict.
    """
    with couples.locked(viewer.id) as pair:
        couple = pair and pair.couple
        row = find_row(viewer.id, couple, date_id, viewer.former)
        if row is None:
            raise NotFound
        request_digest = digest(move, str(viewer.id), argument)
        repeated = row.last_request_digest == request_digest and row.version - 1 in versions
        if not repeated and (needs or move) not in open_moves(row, viewer.id, couple, now):
            raise Conflict("date_moved_on")
        if not repeated and row.version not in versions:
            raise VersionConflict
        yield Transition(viewer.id, row, pair, request_digest, repeated)


def apply(transition: Transition, now: datetime, **values: Any) -> None:
    """Run the conditional UPDATE of a move. Its WHERE clause names every condition of the move.

    Raise Conflict when another request was faster.
    """
    row = transition.row
    update = _update_of(tuple(values))
    if not update(row.id, row.state, row.version, row.sender_id, now, transition.request_digest, *values.values()):
        raise Conflict("date_changed")


@cache
def _update_of(columns: tuple[str, ...]) -> Callable[..., int]:
    """Return the conditional UPDATE that sets these columns."""
    fields = [getattr(Date, column) for column in columns]

    @db.cached_update
    def move(
        date_id: Any, state: Any, version: Any, sender: Any, now: Any, request_digest: Any, *new_values: Any
    ) -> Any:
        values = {field: place.typed_as(field) for field, place in zip(fields, new_values, strict=True)}
        return Date.update(
            {
                **values,
                Date.version: Date.version + 1,
                Date.last_request_digest: request_digest,
                Date.moved_at: now.typed_as(Date.moved_at),
            }
        ).where(
            Date.id == date_id,
            Date.state == state,
            Date.version == version,
            Date.sender == sender,
            (Date.state != state_machine.PROPOSED) | (Date.expires_at > now),
        )

    return move


def open_moves(row: DateRow, person: UUID, couple: UUID | None, now: datetime) -> Collection[str]:
    """Return the moves that a person of the date may make now."""
    return state_machine.allowed(state_of(row), role(row, person, couple), now)


def digest(*arguments: object) -> str:
    """Return a digest of a request. It tells a repeated request from a different one."""
    return hashlib.sha256(json.dumps(arguments).encode()).hexdigest()
