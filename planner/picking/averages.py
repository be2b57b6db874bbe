"""The average taste of those here who agreed to count in it: what is taken of somebody of whom nothing is known yet.

Nobody counts without their own yes, and until LEAST have said it there is no average at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from planner.clock import local_day, midnight
from planner.people.accounts import Person
from planner.picking.profiles import ProfileRow
from planner.picking.stock import Floats, Stock
from planner.picking.tastes import Taste
from planner.picking.voices import Answer, Voice, learn_prior
from planner.storage import db

LEAST = 20
"""Of fewer, "what people here like" is what some couple known to the reader likes: with twenty, one person's words are
a twentieth of it, less than what a single day's draw moves."""

_MOST = 500
"""Persons that are read: an average of more is no different, and one request a day waits for it."""

_kept: tuple[object, Floats | None] = (None, None)


def prior(stock: Stock, now: datetime) -> Floats | None:
    """The average as of the beginning of the day (UTC), worked out once a day and process; None without enough."""
    global _kept
    today = local_day(now, "UTC")
    known, found = _kept
    if known != (db.opened(), today, stock):
        voices = list(_voices(midnight(today, "UTC")))
        found = learn_prior(stock, voices) if len(voices) >= LEAST else None
        _kept = ((db.opened(), today, stock), found)
    return found


def _voices(at: datetime) -> Iterator[Voice]:
    said: dict[UUID, list[Answer]] = {}
    for person, activity, vote in _votes(at, _MOST):
        said.setdefault(person, []).append(Answer(activity, vote))
    return (Voice(answers=answers) for answers in said.values())


@db.prepared
def _votes(at: Any, most: Any) -> Any:
    agreed = ProfileRow.select(ProfileRow.person).join(Person)
    agreed = agreed.where(ProfileRow.learns_since <= at, Person.deleted_at.is_null())
    query = Taste.select(Taste.person, Taste.activity, Taste.vote)
    return query.where(
        Taste.person.in_(agreed.order_by(ProfileRow.learns_since).limit(most)),
        Taste.counts_from <= at, Taste.until.is_null() | (Taste.until > at),
    )  # fmt: skip
