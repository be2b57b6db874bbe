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
from planner.dates.feedback import FeedbackRow
from planner.dates.views import Date
from planner.storage import db
from planner.storage.columns import UtcDateTimeField
from planner.support import safety_page, support_contacts
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
    """One card. `because` lists the reasons; `links` names other pages."""

    card: str
    title: str
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
    because = ["You said that you feel stuck."] if stuck_since else []
    if viewer.couple:
        because += _reasons_of_two(viewer, now)
    if not because:
        return None
    kinds = (support_contacts.FOR_TWO, support_contacts.FOR_ONE) if viewer.couple else (support_contacts.FOR_ONE,)
    return HelpCard(
        COUNSELLING,
        "Someone from outside may help",
        tuple(because),
        (
            safety_page.NOT_FOR_THE_AFRAID,
            "This is only an offer. If you put this card away, it stays away for 90 days.",
        ),
        (),
        tuple(support_contacts.resource(slug) for slug in kinds),
        ("safety",),
    )


def _reasons_of_two(viewer: Viewer, now: datetime) -> Iterator[str]:
    feelings = [feeling for (feeling,) in _last_feelings(viewer.id, viewer.couple, _LAST)]
    if feelings.count("heavier") >= _HEAVY:
        yield "Three of your last four dates left you heavier."
    ((requested_pace, since, began_at),) = _own_pace(viewer.id, viewer.couple)
    if requested_pace and requested_pace > (viewer.own_pace or 0) and (since or began_at) <= now - _AT_ONE_PACE:
        yield "The pace has stayed the same for 90 days, and you asked for a higher one."


def _review(viewer: Viewer, now: datetime) -> HelpCard | None:
    """Return questions for a viewer who took space twice within six months."""
    if not viewer.couple or len(_spaces(viewer.id, viewer.couple, now - _SIX_MONTHS)) < _TIMES_IN_SPACE:
        return None
    return HelpCard(
        REVIEW,
        "A few questions, for you alone",
        ("You took space twice within six months. This card knows nothing else, and draws no conclusion.",),
        ("No one reads your answers: there is nowhere to write them. Take your time, or put the card away.",),
        (
            "What did space give you that you would like to keep?",
            "What was different in the days before you took it again?",
            "Which pace would feel easy to you, if you chose it for yourself alone?",
            "What would you want from the next month if nothing had to be decided in it?",
            "Is there something here that you are afraid to say?",
        ),
        (),
        ("space", "pace", "closing", "safety"),
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
