"""Erasing: seven days after a deletion, nothing of a person is left on this server.

What goes and what stays are two lists, ERASED and STAYS; every table stands on one of them, so a room that comes later
has to say which.

The person's own row becomes a stone without a name, since two people's dates refer to both. Deleting the row would take
those dates along, and with them what is the other's: thirty days to look back, and their own word on how a date was.
So the dates stay for as long as the other keeps something of them, without the erased one's words. Once nothing refers
to the stone any more, `clear` takes it away.

The other's own record (words as they were received, for twelve months) is theirs, and is not touched.

The order within one erasure: the person is locked and looked at once more, the erasure is noted in the file beside the
database (see erasure_log.py) and on the disk, then the rows go, in one transaction. A server that is killed before the
note has done nothing; one that is killed after it erases at its next start, and nobody can undo it in between. What was
erased can therefore never come back with a backup, whenever that was made.
"""

from __future__ import annotations

import functools
import json
import logging
import operator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import peewee

from planner.catalogue.activities import Activity
from planner.catalogue.prompts import Prompt
from planner.consent import erasure_log, leaving
from planner.consent.erasure_log import Erasure
from planner.consent.help import HelpRow
from planner.dates.agenda import Date, SlotRow
from planner.dates.attendances import Attendance
from planner.dates.outcomes import Outcome
from planner.errors import WrongState
from planner.inbox import Item
from planner.notes.notes import Note, Share
from planner.notes.prompt_days import PromptDay
from planner.people import accounts, couples
from planner.people.accounts import Person
from planner.people.attempts import Attempt
from planner.people.blocks import Block, ClosedDoor
from planner.people.contacts import Contact
from planner.people.couples import Couple, Member
from planner.people.invitations import Invitation
from planner.people.kept import Kept
from planner.people.records import Record
from planner.people.server_keys import ServerKey
from planner.people.sign_ins import SignIn
from planner.people.spaces import Discard, Space
from planner.people.switches import Switch
from planner.picking.decks import Dealt
from planner.picking.matches import Match
from planner.picking.profiles import ProfileRow
from planner.picking.slates import SlateRow
from planner.picking.tastes import Taste
from planner.reminders.deliveries import Delivery
from planner.storage import db

_log = logging.getLogger("rekindle.erasures")

# Whose row it is. What hangs on a row goes with it.
ERASED: dict[type[db.Model], peewee.Field] = {
    SignIn: SignIn.person,
    Invitation: Invitation.inviter,
    Contact: Contact.person,
    Record: Record.person,
    Space: Space.person,
    Discard: Discard.person,
    Kept: Kept.person,
    Block: Block.person,
    Item: Item.person,
    Outcome: Outcome.person,
    Attendance: Attendance.person,
    Note: Note.author,
    PromptDay: PromptDay.person,
    ProfileRow: ProfileRow.person,
    Taste: Taste.person,
    Dealt: Dealt.person,
    SlateRow: SlateRow.person,
    HelpRow: HelpRow.person,
}

STAYS: dict[type[db.Model], str] = {
    Person: "a stone without a name, until nothing refers to it any more",
    Member: "the name that the other knew, as long as they may look back; then it goes. Every choice goes at once",
    Couple: "the other's couple, until neither is here any more",
    Date: "own ones go at once; those of two without words, as long as the other keeps something of them",
    Activity: "own ideas go at once; one that a date of two is about keeps nothing but its id",
    SlotRow: "goes with its date",
    Share: "goes with its note",
    Match: "went when their couple ended",
    Delivery: "goes with its item",
    ClosedDoor: "a no lasts, also over a restored backup; it is a keyed digest that names nobody",
    Attempt: "counts tries under a keyed digest, for an hour",
    Prompt: "the catalogue's",
    ServerKey: "the server's own",
    Switch: "the server's own",
}

# What an idea that nobody may read any more still has to have, so that the dates about it can be shown.
_BLANK: dict[str, Any] = {
    "title": "An idea that is no longer here", "summary": "", "steps": [], "variations": [], "safety": [], "tags": [],
    "starter": "", "evidence": None,
}  # fmt: skip


def erase_due(now: datetime) -> int:
    """Erase everybody whose seven days are over; the number of them. One fault stops nobody else's erasure."""
    _mend_clocks(now)
    due = Person.select(Person.id).where(Person.deleted_at <= now - accounts.GRACE, Person.erased_at.is_null())
    return sum(_tried(person, now, Person.deleted_at <= now - accounts.GRACE) for (person,) in db.rows(due))


def apply(now: datetime) -> int:
    """Erase again, at once, whoever the file names and a restored backup brought back; the number of them.

    Part of every start, before anybody is served. Raises what stops it: nobody is served a person who is to be gone.
    """
    erased = 0
    for noted in erasure_log.read():
        # Somebody who signed up afterwards, under an id that was free again, is somebody else.
        back = (Person.created_at <= noted.at) & Person.erased_at.is_null()
        if Person.select().where(Person.id == noted.person, back).exists():
            erased += erase(noted.person, now, back)
    return erased


def clear(now: datetime) -> int:
    """Take away what was left for the other's sake once it has no use; the number of stones that went."""
    stones = db.rows(Person.select(Person.id).where(Person.erased_at.is_null(False)))
    return sum(_clear(person, now) for (person,) in stones)


def _mend_clocks(now: datetime) -> None:
    """A deletion that lies ahead was made under a wrong clock: its seven days begin now."""
    ahead = (Person.deleted_at > now) & Person.erased_at.is_null()
    if Person.select().where(ahead).exists():
        with db.write():
            Person.update(deleted_at=now).where(ahead).execute()


def _tried(person: UUID, now: datetime, due: Any) -> bool:
    try:
        return erase(person, now, due)
    except Exception:  # whatever it is, it must keep nobody else from being erased
        _log.exception("the erasure of %s has to wait", person)
        return False


def erase(person: UUID, now: datetime, due: Any) -> bool:
    """Erase one person if `due` (a condition on their row) holds inside the transaction, else return False.

    Raises OSError when the file beside the database cannot be written; nothing is erased then.
    """
    try:
        return _erase(person, now, due)
    except WrongState:
        return _erase(person, now, due)  # their couple ended at this moment: once more, on what stands now


def _erase(person: UUID, now: datetime, due: Any) -> bool:
    with couples.writing(person) as pair:
        if not Person.select().where(Person.id == person, Person.erased_at.is_null(), due).exists():
            return False
        if pair:  # alive again in a restored backup
            leaving.end(pair, now)
        erasure_log.append(Erasure(person, now))
        _erase_rows(person)
        _bury(person, now)
    return True


def _erase_rows(person: UUID) -> None:
    for table, owner in ERASED.items():
        table.delete().where(owner == person).execute()
    Invitation.update(accepter=None, accepter_name=None, accepter_rhythm=None).where(
        Invitation.accepter == person
    ).execute()
    Member.update(
        rhythm="apart", ceiling=1, quiet_pace=None, quiet_rhythm=None, quiet_rhythm_since=None, wish=None,
        wished_at=None, pace_since=None,
    ).where(Member.person == person).execute()  # fmt: skip
    _erase_dates(person)
    _erase_ideas(person)


def _erase_dates(person: UUID) -> None:
    Date.delete().where(Date.couple.is_null(), Date.proposer == person).execute()
    Date.update(line=None).where(Date.proposer == person).execute()
    # A digest of a short line can be guessed.
    Date.update(request="-", last_act="-").where((Date.proposer == person) | (Date.sender == person)).execute()


def _erase_ideas(person: UUID) -> None:
    _forget_ideas(person)
    for found in list(Activity.select().where(Activity.owner == person)):
        content = json.dumps({**json.loads(found.content), **_BLANK}, ensure_ascii=False, sort_keys=True)
        Activity.update(content=content, request=None, shown_to=None, retired_at=found.changed_at).where(
            Activity.id == found.id
        ).execute()


def _forget_ideas(person: UUID) -> None:
    used = peewee.fn.EXISTS(Date.select(Date.id).where(Date.activity == Activity.id))
    Activity.delete().where(Activity.owner == person, ~used).execute()


def _bury(person: UUID, now: datetime) -> None:
    """The stone: no name, no zone, no hash that any password fits, and no day but those of its end."""
    Person.update(
        sign_in_name=f"erased {uuid4()}", display_name="", password_hash="-", recovery_hash="-",  # noqa: S106  # no password's hash
        zone="UTC", day_zone=None, day_zone_until=None, created_at=now,
        deleted_at=peewee.fn.COALESCE(Person.deleted_at, Person.deleted_at.to_value(now)),
        deleted_by=None, erased_at=now,
    ).where(Person.id == person).execute()  # fmt: skip


def _clear(person: UUID, now: datetime) -> bool:
    with db.write((Person, [person])):
        if not Person.select().where(Person.id == person, Person.erased_at.is_null(False)).exists():
            return False
        _clear_couples(person, now)
        # Of couples that are long out of view: the other's own word went since, and nobody needs the date.
        seen = peewee.fn.EXISTS(Member.select(Member.id).where(Member.couple == Date.couple, Member.person == person))
        Date.delete().where((Date.proposer == person) | (Date.sender == person), ~seen, ~_told()).execute()
        _forget_ideas(person)
        return bool(Person.delete().where(Person.id == person, ~_referred_to()).execute())


def _clear_couples(person: UUID, now: datetime) -> None:
    """Nobody looks back on these any more: the name goes, and each date of which the other has no own word."""
    looked_back = peewee.fn.EXISTS(Kept.select(Kept.id).where(Kept.couple == Member.couple, Kept.until > now))
    over = [row[0] for row in db.rows(Member.select(Member.couple).where(Member.person == person, ~looked_back))]
    Member.delete().where(Member.person == person, Member.couple.in_(over)).execute()
    Date.delete().where(Date.couple.in_(over), ~_told()).execute()
    empty = ~peewee.fn.EXISTS(Member.select(Member.id).where(Member.couple == Couple.id))
    Couple.delete().where(Couple.id.in_(over), empty).execute()


def _told() -> Any:
    return peewee.fn.EXISTS(Outcome.select(Outcome.id).where(Outcome.date == Date.id))


def _referred_to() -> Any:
    """Whether a row that stays refers to a person: deleting the person would take it along."""
    found = [
        peewee.fn.EXISTS(table.select(table.id).where(field == Person.id))
        for table in STAYS
        for field in table._meta.sorted_fields
        if isinstance(field, peewee.ForeignKeyField) and field.rel_model is Person
    ]
    return functools.reduce(operator.or_, found)
