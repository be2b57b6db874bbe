"""Sign-ins: one a device, each with an opaque token, listed and revocable by its owner."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner import inbox
from planner.accounts import accounts
from planner.accounts.accounts import Person
from planner.clock import local_day
from planner.contact.pauses import Pause
from planner.couples import contact_rules
from planner.couples.couples import Couple, Member
from planner.couples.former_couples import FormerCoupleAccess
from planner.errors import NotFound, Unauthenticated
from planner.people import hold_sync
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

_MAX_SESSIONS = 50


class Session(db.Model):
    """A token that a device holds. Only its SHA-256 is kept: 256 random bits need no slow hash."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    token_hash = peewee.TextField(unique=True)
    device = peewee.TextField()
    created_at = UtcDateTimeField()
    used_on = peewee.DateField()

    class Meta:
        table_name = "sessions"


class Viewer(NamedTuple):
    """Who makes a request, and whom they are a couple with, as it stood when the request came in.

    Good enough to read by. A write reads the couple again inside its transaction (`couples.writing`).
    """

    id: UUID
    sign_in: UUID
    display_name: str
    zone: str
    couple: UUID | None = None
    rhythm: str | None = None
    pace: int | None = None
    partner: UUID | None = None
    partner_name: str | None = None
    quiet_pace: int | None = None
    quiet_rhythm: str | None = None
    space_since: datetime | None = None  # in space since then
    sentence: str | None = None  # what this person has said to the other about their space, with a day if wished
    until: date | None = None
    partner_sentence: str | None = None
    partner_until: date | None = None
    partner_said_at: datetime | None = None
    former: UUID | None = None  # the couple that ended last, as long as its dates may be looked back on
    day_zone: str = "UTC"  # the zone in which their days are counted; `zone` is for wall times

    def today(self, now: datetime) -> date:
        """Return the day that it is for this person."""
        return local_day(now, self.day_zone)

    @property
    def own_pace(self) -> int | None:
        """The pace that counts for what this person is shown: the couple's, or the one they chose quietly."""
        return self.pace and contact_rules.own_pace(self.pace, self.quiet_pace)

    @property
    def own_rhythm(self) -> str | None:
        """The rhythm that counts for what this person sends, likewise."""
        return self.rhythm and contact_rules.own_rhythm(self.rhythm, self.quiet_rhythm)


class SessionView(NamedTuple):
    """One sign-in, as its owner sees it; `used_on` is the day of its last use in the owner's zone."""

    id: UUID
    device: str
    created_at: datetime
    used_on: date
    current: bool


def sign_in_after_sign_up(person: UUID, device: str, now: datetime) -> tuple[UUID, str]:
    """Make a sign-in for somebody who has just signed up: its id and its token, which is shown this once.

    A sign-up that is repeated signs in to an account that is there already: its person is told, as of any other.
    """
    with db.write((Person, [person])):
        row = Person.get_or_none(Person.id == person, Person.deleted_at.is_null())
        if row is None:
            raise NotFound
        first = row.created_at >= now and not Session.select().where(Session.person == person).exists()
        return create_session(row, device, now, first)


def create_session(person: Person, device: str, now: datetime, first: bool = False) -> tuple[UUID, str]:
    """As `sign_in`, inside the caller's transaction, with the person locked. The oldest beyond 50 end.

    The person, and nobody else, finds word of it on every device; it stays when that sign-in has ended.
    """
    _end_oldest_sessions(person.id)
    token = secrets.token_urlsafe(32)
    zone = accounts.zone_of_days(now, person.zone, person.day_zone, person.day_zone_until)
    made = Session.create(
        person=person.id, token_hash=hash_token(token), device=device, created_at=now, used_on=local_day(now, zone)
    )
    if not first:
        inbox.add(person.id, "new_sign_in", made.id, now)
    return made.id, token


def _end_oldest_sessions(person: UUID) -> None:
    # Before the new one is made, which so is never among them, whatever the clock says.
    newest_first = (
        Session.select(Session.id).where(Session.person == person).order_by(Session.created_at.desc(), Session.id)
    )
    too_many = [found for (found,) in db.fetch_all(newest_first.offset(_MAX_SESSIONS - 1))]
    if too_many:
        Session.delete().where(Session.id.in_(too_many)).execute()


def authenticate(token: str, now: datetime) -> Viewer:
    """Return who holds this token, after a sync of what is held back from them. Raises NotSignedIn.

    One query, three more where something may be held back; at most one write a sign-in and day.
    """
    rows = _holder(hash_token(token), now)
    if not rows:
        raise Unauthenticated("This token is not valid (any more). Sign in again.")
    *fields, may_hold, used_on, day_zone, day_zone_until = rows[0]
    viewer = Viewer(*fields)
    viewer = viewer._replace(day_zone=accounts.zone_of_days(now, viewer.zone, day_zone, day_zone_until))
    if may_hold:
        hold_sync.sync(viewer.id)
    today = viewer.today(now)
    if used_on != today:
        with db.write():
            Session.update(used_on=today).where(Session.id == viewer.sign_in).execute()
    return viewer


@db.cached_query
def _holder(token_hash: Any, now: Any) -> Any:
    mine, theirs = Member.alias(), Member.alias()
    left = peewee.JOIN.LEFT_OUTER
    said = Pause.alias()
    former = FormerCoupleAccess.select(FormerCoupleAccess.couple).where(
        FormerCoupleAccess.person == Person.id, FormerCoupleAccess.until > now
    )
    return (
        Session.select(
            Person.id,
            Session.id,
            Person.display_name,
            Person.zone,
            Couple.id,
            Couple.rhythm,
            Couple.pace,
            theirs.person,
            theirs.name,
            mine.quiet_pace,
            mine.quiet_rhythm,
            Pause.started_at,
            Pause.sentence,
            Pause.until,
            said.sentence,
            said.until,
            said.said_at,
            former.order_by(FormerCoupleAccess.until.desc()).limit(1),
            hold_sync.is_needed(Person.id).converter(bool),
            Session.used_on,
            Person.day_zone,
            Person.day_zone_until,
        )
        .join(Person, on=((Session.person == Person.id) & Person.deleted_at.is_null()))
        .join(mine, left, on=((mine.person == Person.id) & mine.left_at.is_null()))
        .join(Couple, left, on=(Couple.id == mine.couple))
        .join(theirs, left, on=((theirs.couple == Couple.id) & (theirs.person != Person.id)))
        .join(Pause, left, on=((Pause.person == Person.id) & Pause.ended_at.is_null()))
        # What the other chose to say, and nothing else of their pauses.
        .join(said, left, on=((said.person == theirs.person) & said.ended_at.is_null() & (said.kind == "said")))
        .where(Session.token_hash == token_hash)
    )


def list_sessions(viewer: Viewer) -> list[SessionView]:
    """The viewer's own sign-ins, newest first."""
    rows = db.fetch_all(
        Session.select(Session.id, Session.device, Session.created_at, Session.used_on)
        .where(Session.person == viewer.id)
        .order_by(Session.created_at.desc(), Session.id)
    )
    return [SessionView(id_, name, made, used_on, id_ == viewer.sign_in) for id_, name, made, used_on in rows]


def revoke(viewer: Viewer, sign_in_id: UUID) -> None:
    """End one of the viewer's own sign-ins at once. Raises NotFound."""
    with db.write((Person, [viewer.id])):
        if not Session.delete().where(Session.id == sign_in_id, Session.person == viewer.id).execute():
            raise NotFound


def end_all(person: UUID) -> int:
    """End all of a person's sign-ins, at the operator's word; how many there were."""
    with db.write((Person, [person])):
        return int(Session.delete().where(Session.person == person).execute())


def end_others(person: UUID, keep: UUID | None) -> None:
    """End all of a person's sign-ins but one, inside the caller's transaction, with the person locked."""
    Session.delete().where(Session.person == person, Session.id != keep).execute()


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
