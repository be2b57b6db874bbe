"""Outcomes: how a date was, for one of the two. Sealed: the other never reads it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner import inbox
from planner.dates import agenda, moves
from planner.dates.agenda import Date
from planner.errors import WrongState
from planner.people import couples
from planner.people.accounts import Person
from planner.people.sign_ins import Actor
from planner.storage import db
from planner.storage.fields import UtcField

FEELINGS = ("lighter", "same", "heavier")


class Outcome(db.Model):
    """One person's word on one date."""

    date = peewee.ForeignKeyField(Date, on_delete="CASCADE", index=False)
    person = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    feeling = peewee.TextField()
    rating = peewee.IntegerField(null=True)
    noted_at = UtcField()

    class Meta:
        table_name = "outcomes"
        indexes = ((("date", "person"), True),)


class Word(NamedTuple):
    """How it felt afterwards, and 1 to 5 for the activity, if wished."""

    feeling: str
    rating: int | None


def put(actor: Actor, date_id: UUID, word: Word, now: datetime) -> Word:
    """Keep (or replace) the actor's own outcome; the question leaves the inbox. Raises NotFound, WrongState."""
    with couples.writing(actor.id) as pair:
        living = actor._replace(couple=pair.couple if pair else None, former=None)
        if agenda.find_row(living, date_id) is None and agenda.find_row(actor, date_id):
            raise WrongState("You can look back on this date, but nothing is added to it any more.")
        plan = agenda.find(living, date_id, now)
        over = plan.state == moves.ACCEPTED and plan.slots[0].end <= now
        if plan.state != moves.COMPLETED and not over:
            raise WrongState("This date has not taken place.")
        _keep(actor.id, date_id, word, now)
        inbox.withdraw(date_id, ["date_outcome"], actor.id)
    return word


def _keep(person: UUID, date_id: UUID, word: Word, now: datetime) -> None:
    outcome = Outcome.get_or_none(Outcome.date == date_id, Outcome.person == person)
    if outcome is None:
        Outcome.create(date=date_id, person=person, noted_at=now, **word._asdict())
    elif (outcome.feeling, outcome.rating) != word:
        Outcome.update(noted_at=now, **word._asdict()).where(Outcome.id == outcome.id).execute()


def of(actor: Actor, dates: Collection[UUID]) -> dict[UUID, Word]:
    """The actor's own outcomes of these dates."""
    return {date: Word(feeling, rating) for date, feeling, rating in _words(actor.id, list(dates))}


class Given(NamedTuple):
    """What one person said of a date, for the ranking: the activity, the feeling, the rating."""

    activity: UUID
    feeling: str
    rating: int | None


def given(persons: Collection[UUID], couple: UUID | None, before: datetime) -> dict[UUID, list[Given]]:
    """Return what each person said before that moment: on the couple's dates or, without a couple, on all dates.

    For the ranking only: the partner never reads it. What a person has changed since then does not count. One query.
    """
    feedback: dict[UUID, list[Given]] = {person: [] for person in persons}
    rows = _of_couple(list(persons), before, couple) if couple else _of_all(list(persons), before)
    for person, *given in rows:
        feedback[person].append(Given(*given))
    return feedback


@db.prepared
def _of_couple(persons: Any, before: Any, couple: Any) -> Any:
    return _given(persons, before).where(Date.couple == couple)


@db.prepared
def _of_all(persons: Any, before: Any) -> Any:
    return _given(persons, before)


def _given(persons: Any, before: Any) -> Any:
    query = Outcome.select(Outcome.person, Date.activity, Outcome.feeling, Outcome.rating)
    return query.join(Date).where(Outcome.person.in_(persons), Outcome.noted_at < before)


@db.prepared
def _words(person: Any, dates: Any) -> Any:
    query = Outcome.select(Outcome.date, Outcome.feeling, Outcome.rating)
    return query.where(Outcome.person == person, Outcome.date.in_(dates))


def felt_heavy_since(actor: Actor, since: datetime) -> bool:
    """Whether a date left the actor heavier since then."""
    query = Outcome.select().where(Outcome.person == actor.id, Outcome.feeling == "heavier", Outcome.noted_at >= since)
    return bool(query.exists())
