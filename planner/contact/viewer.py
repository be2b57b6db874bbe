"""The viewer: the person who makes a request, with the current couple."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts import accounts, sessions
from planner.accounts.accounts import Person
from planner.accounts.identity import Identity
from planner.accounts.sessions import Session
from planner.clock import local_day
from planner.contact import hold_sync
from planner.contact.pauses import Pause
from planner.couples import invitations
from planner.couples.couples import Couple, Member, Pair
from planner.couples.former_couples import FormerCoupleAccess
from planner.errors import Unauthenticated
from planner.storage import db


class Viewer(NamedTuple):
    """An identity and its couple, as read when the request came in.

    It is current enough for reads. A write reads the couple again inside its transaction (`couples.locked`), and
    continues with `as_of` that couple.
    """

    identity: Identity
    pair: Pair | None = None
    partner_name: str | None = None
    space_since: datetime | None = None  # start of the viewer's current pause
    sentence: str | None = None  # shown to the partner about this pause; `until` is optional
    until: date | None = None
    partner_sentence: str | None = None
    partner_until: date | None = None
    partner_said_at: datetime | None = None
    former: UUID | None = None  # the couple that ended last, while the viewer may look back on it
    day_zone: str = "UTC"  # the zone in which the viewer's days are counted; `zone` is for wall times

    def today(self, now: datetime) -> date:
        """Return the current day for the viewer."""
        return local_day(now, self.day_zone)

    @property
    def id(self) -> UUID:
        """Return the id of the person."""
        return self.identity.id

    @property
    def display_name(self) -> str:
        """Return the display name."""
        return self.identity.display_name

    @property
    def zone(self) -> str:
        """Return the name of the time zone."""
        return self.identity.zone

    @property
    def couple(self) -> UUID | None:
        """Return the id of the current couple."""
        return self.pair and self.pair.couple

    @property
    def partner(self) -> UUID | None:
        """Return the id of the partner."""
        return self.pair and self.pair.partner

    @property
    def own_pace(self) -> int | None:
        """Return the pace in force for the viewer: the couple's, or a lower one chosen quietly."""
        return self.pair and self.pair.own_pace

    @property
    def own_rhythm(self) -> str | None:
        """Return the rhythm in force for what the viewer sends."""
        return self.pair and self.pair.own_rhythm

    def as_of(self, pair: Pair | None) -> Viewer:
        """Return the viewer with the couple that a write transaction read."""
        return self._replace(pair=pair)


def authenticate(token: str, now: datetime) -> Viewer:
    """Return the viewer with this token, after a sync of the viewer's holds. Raises Unauthenticated.

    One query; three more if something may be held. At most one write for a session and day.
    """
    return _viewer(_find_by_token(sessions.hash_token(token), now, sessions.oldest_use(now)), now)


def reread(viewer: Viewer, now: datetime) -> Viewer:
    """Return the viewer again, after a write that began or ended a couple. Raises Unauthenticated."""
    return _viewer(_find_by_session(viewer.identity.session, now), now)


def _viewer(rows: list[tuple[Any, ...]], now: datetime) -> Viewer:
    if not rows:
        raise Unauthenticated("token_not_valid")
    person, session, name, zone, used_on, day_zone, day_zone_until = rows[0][:7]
    confirmed_at, couple, *choices, partner_name, may_hold = rows[0][7:16]
    pair = Pair(couple, person, *choices) if couple else None
    viewer = Viewer(Identity(person, session, name, zone, confirmed_at), pair, partner_name, *rows[0][16:])
    viewer = viewer._replace(
        former=viewer.former and UUID(str(viewer.former)),  # SQLite gives the value of a subquery as text
        day_zone=accounts.zone_of_days(now, zone, day_zone, day_zone_until),
    )
    if may_hold:
        hold_sync.sync(viewer.id)
    today = viewer.today(now)
    if used_on != today:
        sessions.touch(session, today)
    return viewer


@db.cached_query
def _find_by_token(token_hash: Any, now: Any, oldest_use: Any) -> Any:
    return _sessions(now).where(Session.token_hash == token_hash, Session.used_on >= oldest_use)


@db.cached_query
def _find_by_session(session: Any, now: Any) -> Any:
    return _sessions(now).where(Session.id == session)


def _sessions(now: Any) -> Any:
    mine, theirs = Member.alias(), Member.alias()
    left = peewee.JOIN.LEFT_OUTER
    partner_pause = Pause.alias()
    may_hold = hold_sync.is_needed(Person.id).converter(bool)
    former = FormerCoupleAccess.select(FormerCoupleAccess.couple).where(
        FormerCoupleAccess.person == Person.id, FormerCoupleAccess.until > now
    )
    account = (Person.id, Session.id, Person.display_name, Person.zone)
    days = (Session.used_on, Person.day_zone, Person.day_zone_until)
    confirmed_at = peewee.fn.COALESCE(Session.confirmed_at, Session.created_at)
    confirmed_at = confirmed_at.converter(Session.created_at.python_value)
    # In the viewer's space, a new name of the partner waits.
    partner_name = peewee.fn.COALESCE(Pause.partner_name, theirs.name)
    pair = (Couple.id, theirs.person, Couple.rhythm, Couple.pace, mine.quiet_rhythm, mine.quiet_pace, partner_name)
    own_space = (Pause.started_at, Pause.sentence, Pause.until)
    partner_space = (partner_pause.sentence, partner_pause.until, partner_pause.said_at)
    last_couple = former.order_by(FormerCoupleAccess.until.desc()).limit(1)
    return (
        Session.select(*account, *days, confirmed_at, *pair, may_hold, *own_space, *partner_space, last_couple)
        .join(Person, on=((Session.person == Person.id) & Person.deleted_at.is_null()))
        .join(mine, left, on=((mine.person == Person.id) & mine.left_at.is_null()))
        .join(Couple, left, on=(Couple.id == mine.couple))
        .join(theirs, left, on=((theirs.couple == Couple.id) & (theirs.person != Person.id)))
        .join(Pause, left, on=((Pause.person == Person.id) & Pause.ended_at.is_null()))
        # Only the sentence that the partner chose to show, and nothing else of the pause.
        .join(
            partner_pause,
            left,
            on=(
                (partner_pause.person == theirs.person)
                & partner_pause.ended_at.is_null()
                & (partner_pause.kind == "said")
            ),
        )
    )


def pairing_of(viewer: Viewer, now: datetime) -> str:
    """Return "alone", "inviting", "awaiting_confirm" or "paired"; or "left", for a while after a couple ended."""
    if viewer.couple:
        return "paired"
    return invitations.find_state(viewer.identity, now) or ("left" if viewer.former else "alone")
