"""Sign-ins: one a device, each with an opaque token, listed and revocable by its owner."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner import inbox
from planner.clock import local_day
from planner.errors import NotFound, NotSignedIn
from planner.people import accounts, holds, pacing
from planner.people.accounts import Person
from planner.people.couples import Couple, Member
from planner.people.holds import Held
from planner.people.kept import Kept
from planner.people.spaces import Discard, Space
from planner.storage import db
from planner.storage.fields import UtcField

_MOST = 50


class SignIn(db.Model):
    """A token that a device holds. Only its SHA-256 is kept: 256 random bits need no slow hash."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    token_hash = peewee.TextField(unique=True)
    device = peewee.TextField()
    created_at = UtcField()
    used_on = peewee.DateField()

    class Meta:
        table_name = "sign_ins"


class Actor(NamedTuple):
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
    holding: bool = False  # something that the partner sent in a space may still be held, or was set aside
    sentence: str | None = None  # what this person has said to the other about their space, with a day if wished
    until: date | None = None
    partner_sentence: str | None = None
    partner_until: date | None = None
    partner_said_at: datetime | None = None
    former: UUID | None = None  # the couple that ended last, as long as its dates may be looked back on
    held: Held | None = None  # what is held back from this person; None: nothing can be
    day_zone: str = "UTC"  # the zone in which their days are counted; `zone` is for wall times

    def today(self, now: datetime) -> date:
        """Return the day that it is for this person."""
        return local_day(now, self.day_zone)

    @property
    def own_pace(self) -> int | None:
        """The pace that counts for what this person is shown: the couple's, or the one they chose quietly."""
        return self.pace and pacing.own_pace(self.pace, self.quiet_pace)

    @property
    def own_rhythm(self) -> str | None:
        """The rhythm that counts for what this person sends, likewise."""
        return self.rhythm and pacing.own_rhythm(self.rhythm, self.quiet_rhythm)


class Device(NamedTuple):
    """One sign-in, as its owner sees it; `used_on` is the day of its last use in the owner's zone."""

    id: UUID
    device: str
    created_at: datetime
    used_on: date
    current: bool


def sign_in(person: UUID, device: str, now: datetime) -> tuple[UUID, str]:
    """Make a sign-in for somebody who has just signed up: its id and its token, which is shown this once.

    A sign-up that is repeated signs in to an account that is there already: its person is told, as of any other.
    """
    with db.write((Person, [person])):
        row = Person.get_or_none(Person.id == person, Person.deleted_at.is_null())
        if row is None:
            raise NotFound
        first = row.created_at >= now and not SignIn.select().where(SignIn.person == person).exists()
        return begin(row, device, now, first)


def begin(person: Person, device: str, now: datetime, first: bool = False) -> tuple[UUID, str]:
    """As `sign_in`, inside the caller's transaction, with the person locked. The oldest beyond 50 end.

    The person, and nobody else, finds word of it on every device; it stays when that sign-in has ended.
    """
    _end_oldest(person.id)
    token = secrets.token_urlsafe(32)
    zone = accounts.zone_of_days(now, person.zone, person.day_zone, person.day_zone_until)
    made = SignIn.create(
        person=person.id, token_hash=_hash(token), device=device, created_at=now, used_on=local_day(now, zone)
    )
    if not first:
        inbox.plan(person.id, "new_sign_in", made.id, now)
    return made.id, token


def _end_oldest(person: UUID) -> None:
    # Before the new one is made, which so is never among them, whatever the clock says.
    newest_first = SignIn.select(SignIn.id).where(SignIn.person == person).order_by(SignIn.created_at.desc(), SignIn.id)
    too_many = [found for (found,) in db.rows(newest_first.offset(_MOST - 1))]
    if too_many:
        SignIn.delete().where(SignIn.id.in_(too_many)).execute()


def authenticate(token: str, now: datetime) -> Actor:
    """Who holds this token. One query, two more where something may be held back from them; at most one write a
    sign-in and day. Raises NotSignedIn.
    """
    rows = _holder(_hash(token), now)
    if not rows:
        raise NotSignedIn("This token is not valid (any more). Sign in again.")
    *fields, used_on, day_zone, day_zone_until = rows[0]
    actor = Actor(*fields)
    actor = actor._replace(day_zone=accounts.zone_of_days(now, actor.zone, day_zone, day_zone_until))
    if actor.holding or actor.quiet_pace or actor.quiet_rhythm:
        actor = actor._replace(held=holds.of(actor.id, actor.partner, actor.couple))
    today = actor.today(now)
    if used_on != today:
        with db.write():
            SignIn.update(used_on=today).where(SignIn.id == actor.sign_in).execute()
    return actor


@db.prepared
def _holder(token_hash: Any, now: Any) -> Any:
    mine, theirs = Member.alias(), Member.alias()
    left = peewee.JOIN.LEFT_OUTER
    unsettled, said = Space.alias(), Space.alias()
    waiting = unsettled.select(unsettled.id).where(unsettled.person == Person.id, unsettled.settled_at.is_null())
    set_aside = Discard.select(Discard.id).where(Discard.person == Person.id)
    held = (peewee.fn.EXISTS(waiting) | peewee.fn.EXISTS(set_aside)).converter(bool)
    former = Kept.select(Kept.couple).where(Kept.person == Person.id, Kept.until > now)
    return (
        SignIn.select(
            Person.id, SignIn.id, Person.display_name, Person.zone, Couple.id, Couple.rhythm, Couple.pace,
            theirs.person, theirs.name, mine.quiet_pace, mine.quiet_rhythm, Space.started_at, held, Space.sentence,
            Space.until, said.sentence, said.until, said.said_at, former.order_by(Kept.until.desc()).limit(1),
            SignIn.used_on, Person.day_zone, Person.day_zone_until,
        )
        .join(Person, on=((SignIn.person == Person.id) & Person.deleted_at.is_null()))
        .join(mine, left, on=((mine.person == Person.id) & mine.left_at.is_null()))
        .join(Couple, left, on=(Couple.id == mine.couple))
        .join(theirs, left, on=((theirs.couple == Couple.id) & (theirs.person != Person.id)))
        .join(Space, left, on=((Space.person == Person.id) & Space.ended_at.is_null()))
        # What the other chose to say, and nothing else of their pauses.
        .join(said, left, on=((said.person == theirs.person) & said.ended_at.is_null() & (said.kind == "said")))
        .where(SignIn.token_hash == token_hash)
    )  # fmt: skip


def devices(actor: Actor) -> list[Device]:
    """The actor's own sign-ins, newest first."""
    rows = db.rows(
        SignIn.select(SignIn.id, SignIn.device, SignIn.created_at, SignIn.used_on)
        .where(SignIn.person == actor.id)
        .order_by(SignIn.created_at.desc(), SignIn.id)
    )
    return [Device(id_, name, made, used_on, id_ == actor.sign_in) for id_, name, made, used_on in rows]


def revoke(actor: Actor, sign_in_id: UUID) -> None:
    """End one of the actor's own sign-ins at once. Raises NotFound."""
    with db.write((Person, [actor.id])):
        if not SignIn.delete().where(SignIn.id == sign_in_id, SignIn.person == actor.id).execute():
            raise NotFound


def end_all(person: UUID) -> int:
    """End all of a person's sign-ins, at the operator's word; how many there were."""
    with db.write((Person, [person])):
        return int(SignIn.delete().where(SignIn.person == person).execute())


def end_others(person: UUID, keep: UUID | None) -> None:
    """End all of a person's sign-ins but one, inside the caller's transaction, with the person locked."""
    SignIn.delete().where(SignIn.person == person, SignIn.id != keep).execute()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
