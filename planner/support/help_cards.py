"""Help cards: two cards that the app may show, made from the viewer's own rows only.

Nothing is sent or scored, and no one else learns of a card. The partner's choices never count, so two partners may see
different cards on the same day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import peewee

from planner.accounts.accounts import Person
from planner.contact.pauses import Pause
from planner.contact.viewer import Viewer
from planner.couples.couples import Couple, Member
from planner.dates.dates import Date
from planner.dates.feedback import FeedbackRow
from planner.storage import db
from planner.storage.columns import UtcDateTimeField
from planner.support import support_contacts
from seeds.guidance import SupportResource

COUNSELLING, REVIEW = "counselling", "review"
CARDS = (COUNSELLING, REVIEW)

REST = timedelta(days=90)
"""How long a card stays hidden after the viewer dismissed it."""
_LAST, _HEAVY = 4, 3  # three of the last four dates with the partner left the viewer heavier
_AT_ONE_PACE = timedelta(days=90)
_SIX_MONTHS = timedelta(days=183)
_TIMES_IN_SPACE = 2


class HelpRow(db.Model):
    """Whether a person feels stuck, and when they dismissed each card. Only that person reads it."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", unique=True)
    stuck_since = UtcDateTimeField(null=True)
    counselling_away_at = UtcDateTimeField(null=True)
    review_away_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "help_cards"


class HelpCard(NamedTuple):
    """One card. `because`, `lines` and `questions` are keys of the catalogue of messages; `links` names other pages."""

    card: str
    because: tuple[str, ...]
    lines: tuple[str, ...]
    questions: tuple[str, ...]
    kinds: tuple[SupportResource, ...]
    links: tuple[str, ...]


class Help(NamedTuple):
    """Whether the viewer feels stuck, and the cards that fit."""

    stuck: bool
    cards: list[HelpCard]


def read(viewer: Viewer, now: datetime) -> Help:
    """Return the viewer's cards. This writes nothing."""
    stuck_since, *away = _stored(viewer)
    away_at = dict(zip(CARDS, away, strict=True))
    candidates = [_counselling(viewer, stuck_since, now), _review(viewer, now)]
    cards = [card for card in candidates if card and not _rests(away_at[card.card], now)]
    return Help(stuck_since is not None, cards)


def set_stuck(viewer: Viewer, stuck: bool, now: datetime) -> None:
    """Store whether the viewer feels stuck. A change to stuck brings back a dismissed counselling card."""
    with db.write((Person, [viewer.id])):
        stuck_since = _stored(viewer)[0]
        if stuck and stuck_since is None:
            _upsert(viewer, stuck_since=now, counselling_away_at=None)
        elif not stuck and stuck_since is not None:
            _upsert(viewer, stuck_since=None)


def dismiss_card(viewer: Viewer, card: str, now: datetime) -> None:
    """Dismiss a card for 90 days. A repeat changes nothing, because a hidden card stays as it is."""
    with db.write((Person, [viewer.id])):
        if card in [shown.card for shown in read(viewer, now).cards]:
            _upsert(viewer, **{f"{card}_away_at": now})


def _counselling(viewer: Viewer, stuck_since: datetime | None, now: datetime) -> HelpCard | None:
    because = ["stuck"] if stuck_since else []
    if viewer.couple:
        because += _reasons_of_two(viewer, now)
    if not because:
        return None
    kinds = (support_contacts.FOR_TWO, support_contacts.FOR_ONE) if viewer.couple else (support_contacts.FOR_ONE,)
    return HelpCard(
        COUNSELLING,
        tuple(because),
        ("not_for_the_afraid", "only_an_offer"),
        (),
        tuple(support_contacts.resource(slug) for slug in kinds),
        ("safety",),
    )


def _reasons_of_two(viewer: Viewer, now: datetime) -> Iterator[str]:
    feelings = [feeling for (feeling,) in _last_feelings(viewer.id, viewer.couple, _LAST)]
    if feelings.count("heavier") >= _HEAVY:
        yield "heavier_dates"
    ((requested_pace, since, began_at),) = _own_pace(viewer.id, viewer.couple)
    if requested_pace and requested_pace > (viewer.own_pace or 0) and (since or began_at) <= now - _AT_ONE_PACE:
        yield "higher_pace_asked"


def _review(viewer: Viewer, now: datetime) -> HelpCard | None:
    """Return questions for a viewer who took space twice within six months."""
    if not viewer.couple or len(_spaces(viewer.id, viewer.couple, now - _SIX_MONTHS)) < _TIMES_IN_SPACE:
        return None
    return HelpCard(
        REVIEW,
        ("space_twice",),
        ("no_one_reads",),
        ("what_space_gave", "what_was_different", "which_pace", "next_month", "afraid_to_say"),
        (),
        ("space", "pace", "leaving", "safety"),
    )


def _rests(away_at: datetime | None, now: datetime) -> bool:
    return away_at is not None and now < away_at + REST


def _stored(viewer: Viewer) -> tuple[datetime | None, ...]:
    rows = _row(viewer.id)
    return rows[0] if rows else (None, None, None)


def _upsert(viewer: Viewer, **values: datetime | None) -> None:
    HelpRow.insert(person=viewer.id, **values).on_conflict(conflict_target=[HelpRow.person], update=values).execute()


@db.cached_query
def _row(person: Any) -> Any:
    return HelpRow.select(HelpRow.stuck_since, HelpRow.counselling_away_at, HelpRow.review_away_at).where(
        HelpRow.person == person
    )


@db.cached_query
def _last_feelings(person: Any, couple: Any, limit: Any) -> Any:
    feedback = FeedbackRow.select(FeedbackRow.feeling).join(Date, on=(FeedbackRow.date == Date.id))
    mine = (FeedbackRow.person == person) & (Date.couple == couple)
    return feedback.where(mine).order_by(Date.start.desc(), Date.id).limit(limit)


@db.cached_query
def _own_pace(person: Any, couple: Any) -> Any:
    mine = (Member.person == person) & (Member.couple == couple)
    return Member.select(Member.requested_pace, Member.pace_since, Couple.began_at).join(Couple).where(mine)


@db.cached_query
def _spaces(person: Any, couple: Any, since: Any) -> Any:
    return Pause.select(Pause.id).where(Pause.person == person, Pause.couple == couple, Pause.started_at > since)
