"""Feeds: a secret address for each person, at which calendar programs read the person's dates.

Each person who has the address can read the feed. So its token is random and shown once, titles are hidden unless the
person shows them, and the beginning of a space and the end of a couple revoke it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner import messages
from planner.accounts import security_events
from planner.accounts.accounts import Person
from planner.calendars import day_events, feed_events, ics_export
from planner.contact import hold_sync, pauses
from planner.couples.couples import Member
from planner.errors import Conflict, NotFound
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

_TOKEN_BYTES = 16


class CalendarFeed(db.Model):
    """The feed of a person. Only the SHA-256 of its token is stored: 128 random bits need no slow hash."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", unique=True)
    token_hash = peewee.TextField(unique=True)
    shows_titles = peewee.BooleanField()
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "calendar_feeds"


class FeedView(NamedTuple):
    """The feed as its owner sees it: whether it has titles, and the age of its address."""

    shows_titles: bool
    created_at: datetime


def find(person: UUID) -> FeedView | None:
    """Return the feed of a person, or None."""
    rows = _of_person(person)
    return FeedView(*rows[0]) if rows else None


def renew(person: UUID, shows_titles: bool, now: datetime) -> str:
    """Create the feed of a person, or replace its address. Return the token, which is shown only once.

    Raise Conflict for a person in space.
    """
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with db.write((Person, [person])):
        if pauses.current(person):
            raise Conflict("no_feed_in_space")
        revoke([person])
        security_events.record(person, security_events.CALENDAR_ADDRESS_MADE, now)
        CalendarFeed.create(person=person, token_hash=_hash(token), shows_titles=shows_titles, created_at=now)
    return token


def show_titles(person: UUID, shows_titles: bool) -> FeedView:
    """Show or hide the titles in the feed of a person. Raise NotFound without a feed."""
    with db.write((Person, [person])):
        CalendarFeed.update(shows_titles=shows_titles).where(CalendarFeed.person == person).execute()
        feed = find(person)
    if feed is None:
        raise NotFound
    return feed


def delete(person: UUID) -> None:
    """Delete the feed of a person. A repeat changes nothing."""
    with db.write((Person, [person])):
        revoke([person])


def revoke(people: Collection[UUID]) -> None:
    """Delete the feeds of these people, inside the caller's transaction."""
    CalendarFeed.delete().where(CalendarFeed.person.in_(list(people))).execute()


def read(token: str, now: datetime) -> bytes:
    """Return the calendar at this token. Raise the same NotFound for wrong and for revoked tokens."""
    rows = _by_token(_hash(token))
    if not rows:
        raise NotFound
    person, shows_titles, couple, may_hold = rows[0]
    if may_hold:
        hold_sync.sync(person)
    with db.snapshot():  # else a ritual that ends between two reads has times without dates
        events = feed_events.list_events(person, couple, now)
        days = day_events.list_events(person) if shows_titles else []  # without titles they would say nothing
    if not shows_titles:
        neutral = messages.text("texts", "hidden_title")
        events = [event._replace(title=neutral) for event in events]
    return ics_export.feed([*events, *days], messages.text("texts", "calendar_name"))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@db.cached_query
def _of_person(person: Any) -> Any:
    return CalendarFeed.select(CalendarFeed.shows_titles, CalendarFeed.created_at).where(CalendarFeed.person == person)


@db.cached_query
def _by_token(token_hash: Any) -> Any:
    may_hold = hold_sync.is_needed(Person.id).converter(bool)
    return (
        CalendarFeed.select(CalendarFeed.person, CalendarFeed.shows_titles, Member.couple, may_hold)
        .join(Person, on=((CalendarFeed.person == Person.id) & Person.deleted_at.is_null()))
        .join(Member, peewee.JOIN.LEFT_OUTER, on=((Member.person == Person.id) & Member.left_at.is_null()))
        .where(CalendarFeed.token_hash == token_hash)
    )
