"""Feedback: how a date was for one person. The partner never reads it."""

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
from planner.dates.dates import Date, find_row
from planner.errors import Conflict
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

FEELINGS = ("lighter", "same", "heavier")
AGAIN = ("yes", "maybe", "no")


class FeedbackRow(db.Model):
    """The feedback of one person on one date."""

    date = peewee.ForeignKeyField(Date, on_delete="CASCADE", index=False)
    person = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    feeling = peewee.TextField(null=True)
    rating = peewee.IntegerField(null=True)
    again = peewee.TextField(null=True)
    noted_at = UtcDateTimeField()

    class Meta:
        table_name = "feedback"
        indexes = ((("date", "person"), True),)


class Feedback(NamedTuple):
    """How a person felt after a date, and what they think of its activity.

    `rating` is from 1 to 5, and `again` whether to do it again. Each is optional: a person may skip each question.
    """

    feeling: str | None
    rating: int | None = None
    again: str | None = None


def put(viewer: Viewer, date_id: UUID, new_feedback: Feedback, now: datetime) -> Feedback:
    """Store or replace the viewer's feedback, and remove the request for it from the inbox.

    Raise NotFound, or Conflict when the date has not taken place or belongs to a former couple.
    """
    with couples.locked(viewer.id) as pair:
        row = find_row(viewer.id, pair and pair.couple, date_id)
        if row is None and find_row(viewer.id, viewer.couple, date_id, viewer.former):
            raise Conflict("feedback_closed")
        date = views.find(viewer.as_of(pair), date_id, now)
        over = date.state == state_machine.ACCEPTED and date.slots[0].end <= now
        if date.state != state_machine.COMPLETED and not over:
            raise Conflict("date_not_over")
        _upsert(viewer.id, date_id, new_feedback, now)
        inbox.withdraw(date_id, ["date_feedback"], viewer.id)
    return new_feedback


def _upsert(person: UUID, date_id: UUID, new_feedback: Feedback, now: datetime) -> None:
    row = FeedbackRow.get_or_none(FeedbackRow.date == date_id, FeedbackRow.person == person)
    if row is None:
        FeedbackRow.create(date=date_id, person=person, noted_at=now, **new_feedback._asdict())
    elif (row.feeling, row.rating, row.again) != new_feedback:
        FeedbackRow.update(noted_at=now, **new_feedback._asdict()).where(FeedbackRow.id == row.id).execute()


def get_own(viewer: Viewer, dates: Collection[UUID]) -> dict[UUID, Feedback]:
    """Return the viewer's own feedback on these dates, by date id."""
    return {date: Feedback(*answers) for date, *answers in _feedback_on(viewer.id, list(dates))}


class PastFeedback(NamedTuple):
    """The feedback of one person on a past date, for the ranking."""

    activity: UUID
    feeling: str | None
    rating: int | None
    again: str | None
    noted_at: datetime

    @property
    def score(self) -> int | None:
        """Return the rating, or without one what the wish to do it again is worth."""
        return self.rating or _SCORES.get(self.again or "")


_SCORES = {"yes": 5, "maybe": 3, "no": 1}


def list_for_ranking(viewer: UUID, couple: UUID | None, before: datetime) -> list[PastFeedback]:
    """Return a viewer's feedback from before an instant, on the couple's dates, or on all dates without a couple.

    Use it for the viewer's own lists only. Feedback that changed since then does not count. It is in the
    order of its time. One query.
    """
    rows = _of_couple(viewer, before, couple) if couple else _of_all(viewer, before)
    return [PastFeedback(*row) for row in rows]


@db.cached_query
def _of_couple(viewer: Any, before: Any, couple: Any) -> Any:
    return _feedback_query(viewer, before).where(Date.couple == couple)


@db.cached_query
def _of_all(viewer: Any, before: Any) -> Any:
    return _feedback_query(viewer, before)


def _feedback_query(viewer: Any, before: Any) -> Any:
    activity = activities.as_known(viewer)
    answers = (FeedbackRow.feeling, FeedbackRow.rating, FeedbackRow.again)
    query = FeedbackRow.select(activity, *answers, FeedbackRow.noted_at)
    query = query.join(Date).join(Activity).where(FeedbackRow.person == viewer, FeedbackRow.noted_at < before)
    return query.order_by(FeedbackRow.noted_at, FeedbackRow.id)


@db.cached_query
def _feedback_on(person: Any, dates: Any) -> Any:
    query = FeedbackRow.select(FeedbackRow.date, FeedbackRow.feeling, FeedbackRow.rating, FeedbackRow.again)
    return query.where(FeedbackRow.person == person, FeedbackRow.date.in_(dates))


def felt_heavy_since(viewer: Viewer, since: datetime) -> bool:
    """Return whether a date left the viewer heavier since an instant."""
    query = FeedbackRow.select().where(
        FeedbackRow.person == viewer.id, FeedbackRow.feeling == "heavier", FeedbackRow.noted_at >= since
    )
    return bool(query.exists())
