"""Outcomes: how a date was, for one of the two. Sealed: the other never reads it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner import inbox
from planner.accounts.accounts import Person
from planner.catalogue import activities
from planner.catalogue.activities import Activity
from planner.contact.viewer import Viewer
from planner.couples import couples
from planner.dates import state_machine, views
from planner.dates.views import Date
from planner.errors import Conflict
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

FEELINGS = ("lighter", "same", "heavier")


class FeedbackRow(db.Model):
    """One person's word on one date."""

    date = peewee.ForeignKeyField(Date, on_delete="CASCADE", index=False)
    person = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    feeling = peewee.TextField()
    rating = peewee.IntegerField(null=True)
    noted_at = UtcDateTimeField()

    class Meta:
        table_name = "feedback"
        indexes = ((("date", "person"), True),)


class Feedback(NamedTuple):
    """How it felt afterwards, and 1 to 5 for the activity, if wished."""

    feeling: str
    rating: int | None


def put(viewer: Viewer, date_id: UUID, word: Feedback, now: datetime) -> Feedback:
    """Keep (or replace) the viewer's own outcome; the question leaves the inbox. Raises NotFound, WrongState."""
    with couples.locked(viewer.id) as pair:
        current = views.find_row(viewer.id, pair and pair.couple, date_id)
        if current is None and views.find_row(viewer.id, viewer.couple, date_id, viewer.former):
            raise Conflict("You can look back on this date, but nothing is added to it any more.")
        plan = views.find(viewer.as_of(pair), date_id, now)
        over = plan.state == state_machine.ACCEPTED and plan.slots[0].end <= now
        if plan.state != state_machine.COMPLETED and not over:
            raise Conflict("This date has not taken place.")
        _keep(viewer.id, date_id, word, now)
        inbox.withdraw(date_id, ["date_feedback"], viewer.id)
    return word


def _keep(person: UUID, date_id: UUID, word: Feedback, now: datetime) -> None:
    outcome = FeedbackRow.get_or_none(FeedbackRow.date == date_id, FeedbackRow.person == person)
    if outcome is None:
        FeedbackRow.create(date=date_id, person=person, noted_at=now, **word._asdict())
    elif (outcome.feeling, outcome.rating) != word:
        FeedbackRow.update(noted_at=now, **word._asdict()).where(FeedbackRow.id == outcome.id).execute()


def get_own(viewer: Viewer, dates: Collection[UUID]) -> dict[UUID, Feedback]:
    """The viewer's own outcomes of these dates."""
    return {date: Feedback(feeling, rating) for date, feeling, rating in _words(viewer.id, list(dates))}


class PastFeedback(NamedTuple):
    """What one person said of a date, for the ranking: the activity, the feeling, the rating."""

    activity: UUID
    feeling: str
    rating: int | None


def list_for_ranking(
    viewer: UUID, persons: Collection[UUID], couple: UUID | None, before: datetime
) -> dict[UUID, list[PastFeedback]]:
    """Return what each person said before that moment: on the couple's dates or, without a couple, on all dates.

    For the viewer's ranking only, with ids as in the viewer's lists. What a person has changed since then does not
    count. One query.
    """
    feedback: dict[UUID, list[PastFeedback]] = {person: [] for person in persons}
    rows = _of_couple(viewer, list(persons), before, couple) if couple else _of_all(viewer, list(persons), before)
    for person, *given in rows:
        feedback[person].append(PastFeedback(*given))
    return feedback


@db.cached_query
def _of_couple(viewer: Any, persons: Any, before: Any, couple: Any) -> Any:
    return _given(viewer, persons, before).where(Date.couple == couple)


@db.cached_query
def _of_all(viewer: Any, persons: Any, before: Any) -> Any:
    return _given(viewer, persons, before)


def _given(viewer: Any, persons: Any, before: Any) -> Any:
    activity = activities.as_known(viewer)
    query = FeedbackRow.select(FeedbackRow.person, activity, FeedbackRow.feeling, FeedbackRow.rating)
    return query.join(Date).join(Activity).where(FeedbackRow.person.in_(persons), FeedbackRow.noted_at < before)


@db.cached_query
def _words(person: Any, dates: Any) -> Any:
    query = FeedbackRow.select(FeedbackRow.date, FeedbackRow.feeling, FeedbackRow.rating)
    return query.where(FeedbackRow.person == person, FeedbackRow.date.in_(dates))


def felt_heavy_since(viewer: Viewer, since: datetime) -> bool:
    """Whether a date left the viewer heavier since then."""
    query = FeedbackRow.select().where(
        FeedbackRow.person == viewer.id, FeedbackRow.feeling == "heavier", FeedbackRow.noted_at >= since
    )
    return bool(query.exists())
