"""Transitions: one move of a date, as a write transaction and a conditional UPDATE."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from planner.contact.viewer import Viewer
from planner.couples import couples
from planner.couples.couples import Pair
from planner.dates import state_machine, views
from planner.dates.views import Date, DateRow
from planner.errors import Conflict, NotFound
from planner.storage import db


class Transition(NamedTuple):
    """One move in the making: who moves, and the date and the couple as the transaction read them."""

    mover: UUID
    row: DateRow
    pair: Pair | None
    act: str
    repeated: bool  # the viewer has made just this move from just this version: nothing is left to do

    @property
    def both(self) -> Pair:
        """The couple of a date of two, which is what the moves of an offer are about."""
        assert self.pair is not None
        return self.pair

    @property
    def people(self) -> list[UUID]:
        """Everybody whose date it is."""
        return [self.both.me, self.both.partner] if self.row.couple_id else [self.row.proposer_id]


@contextmanager
def begin(viewer: Viewer, date_id: UUID, move: str, version: int, asked: object, now: datetime) -> Iterator[Transition]:
    """A write transaction around one move. Raises NotFound, or WrongState when the move is not open to the viewer."""
    with couples.locked(viewer.id) as pair:
        couple = pair and pair.couple
        row = views.find_row(viewer.id, couple, date_id, viewer.former)
        if row is None:
            raise NotFound
        act = digest(move, str(viewer.id), asked)
        repeated = (row.last_request_digest, row.version) == (act, version + 1)
        if not repeated and (row.version != version or move not in open_moves(row, viewer.id, couple, now)):
            raise Conflict("This date has moved on, or it is not your turn. Look at it again.")
        yield Transition(viewer.id, row, pair, act, repeated)


def apply(turn: Transition, now: datetime, **values: Any) -> None:
    """The conditional UPDATE: it names everything that makes the move legal."""
    row = turn.row
    moved = _moving_to(tuple(values))
    if not moved(row.id, row.state, row.version, row.sender_id, now, turn.act, *values.values()):
        raise Conflict("Somebody was faster. Look at it again.")


@cache
def _moving_to(columns: tuple[str, ...]) -> Callable[..., int]:
    """The UPDATE that sets these columns."""
    fields = [getattr(Date, column) for column in columns]

    @db.cached_update
    def move(date_id: Any, state: Any, version: Any, sender: Any, now: Any, act: Any, *places: Any) -> Any:
        values = {field: place.typed_as(field) for field, place in zip(fields, places, strict=True)}
        return Date.update(
            {
                **values,
                Date.version: Date.version + 1,
                Date.last_request_digest: act,
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
    return state_machine.allowed(views.state_of(row), views.role(row, person, couple), now)


def digest(*asked: object) -> str:
    """A short mark of what was asked for, by which a repeat is told from something else."""
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()
