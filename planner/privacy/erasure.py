"""Erasure: seven days after a deletion, nothing of a person is left on this server.

data_inventory.py says what happens to each table.

The person row becomes an anonymous tombstone, because shared dates reference it. Deleting the row would delete those
dates, and with them what belongs to the partner: thirty days to look back, and their feedback. So the dates stay while
the partner keeps something of them, without the words of the erased person. `clear` removes a tombstone that nothing
references any more. What the partner received stays theirs for twelve months.

One erasure is one transaction: lock the person, check again, write the log (see erasure_log.py), then delete the rows.
A server that is killed before the log entry has done nothing. One that is killed after it erases at its next start, and
no undo works in between. So no backup, however old, can bring an erased person back.
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

from planner.accounts import accounts
from planner.accounts.accounts import Person
from planner.catalogue.activities import Activity
from planner.couples import couples
from planner.couples.couples import Couple, Member
from planner.couples.former_couples import FormerCoupleAccess
from planner.couples.invitations import Invitation
from planner.dates.dates import Date
from planner.dates.feedback import FeedbackRow
from planner.errors import Conflict, Unavailable
from planner.privacy import erasure_log
from planner.privacy.data_inventory import INVENTORY
from planner.privacy.erasure_log import Erasure, LogUnavailable
from planner.relationship import leaving
from planner.storage import db, faults

_log = logging.getLogger("rekindle.erasures")

# An erased idea still needs these texts: dates about it are shown to the partner.
_BLANK: dict[str, Any] = {
    "title": "An idea that is no longer here",
    "summary": "",
    "steps": [],
    "variations": [],
    "safety": [],
    "tags": [],
    "starter": "",
    "evidence": None,
}


def erase_due(now: datetime) -> int:
    """Erase each person whose seven days are over; return their number. An error delays only one erasure."""
    _mend_clocks(now)
    due = Person.select(Person.id).where(Person.deleted_at <= now - accounts.UNDO_PERIOD, Person.erased_at.is_null())
    return sum(_tried(person, now, Person.deleted_at <= now - accounts.UNDO_PERIOD) for (person,) in db.fetch_all(due))


def apply(now: datetime) -> int:
    """Erase again the people in the log whom a restored backup brought back; return their number.

    Each start does this before it serves anyone. Raise any error: the server must not serve an erased person.
    """
    erased = 0
    for entry in erasure_log.read():
        # A person who signed up later, under an id that was free again, is another person.
        is_back = (Person.created_at <= entry.at) & Person.erased_at.is_null()
        if Person.select().where(Person.id == entry.person, is_back).exists():
            erased += erase(entry.person, now, is_back)
    return erased


def remove_tombstones(now: datetime) -> int:
    """Remove what was left for the partner once it has no use; return the number of removed tombstones."""
    tombstones = db.fetch_all(Person.select(Person.id).where(Person.erased_at.is_null(False)))
    return sum(_clear(person, now) for (person,) in tombstones)


def _mend_clocks(now: datetime) -> None:
    """Move deletions in the future, made under a wrong clock, to now: their seven days begin now."""
    ahead = (Person.deleted_at > now) & Person.erased_at.is_null()
    if Person.select().where(ahead).exists():
        with db.write():
            Person.update(deleted_at=now).where(ahead).execute()


def _tried(person: UUID, now: datetime, due: Any) -> bool:
    try:
        return erase(person, now, due)
    except (LogUnavailable, Unavailable) as error:
        faults.warn(f"an erasure has to wait: {error}")
        return False
    except Exception:  # no error may delay the erasure of other people
        _log.exception("an erasure has to wait")
        return False


def erase(person: UUID, now: datetime, due: Any) -> bool:
    """Erase a person if `due` (a condition on their row) holds inside the transaction, else return False.

    Raise LogUnavailable when the erasure cannot be logged; nothing is erased then.
    """
    try:
        return _erase(person, now, due)
    except Conflict:
        return _erase(person, now, due)  # their couple ended at this moment: try again without it


def _erase(person: UUID, now: datetime, due: Any) -> bool:
    with couples.locked(person) as pair:
        if not Person.select().where(Person.id == person, Person.erased_at.is_null(), due).exists():
            return False
        if pair:  # a restored backup brought the couple back
            leaving.end(pair, now)
        erasure_log.append(Erasure(person, now))
        _erase_rows(person)
        _write_tombstone(person, now)
    return True


def _erase_rows(person: UUID) -> None:
    for row in INVENTORY:
        if row.on_erase[0] == "deleted":
            row.table.delete().where(row.owner == person).execute()
    Invitation.update(invitee=None, invitee_name=None, invitee_rhythm=None).where(
        Invitation.invitee == person
    ).execute()
    Member.update(
        name_changed_at=None,
        rhythm="apart",
        max_pace=1,
        quiet_pace=None,
        quiet_rhythm=None,
        quiet_rhythm_since=None,
        requested_pace=None,
        pace_since=None,
    ).where(Member.person == person).execute()
    _erase_dates(person)
    _erase_ideas(person)


def _erase_dates(person: UUID) -> None:
    Date.delete().where(Date.couple.is_null(), Date.proposer == person).execute()
    Date.update(message=None, place=None).where(Date.proposer == person).execute()
    # Those of the couples: by sender alone, the database would read the dates of all people.
    couples_of_person = Member.select(Member.couple).where(Member.person == person)
    sent = (Date.sender == person) & Date.couple.in_(couples_of_person)
    # The digest of a short line can be guessed.
    Date.update(request="-", last_request_digest="-").where((Date.proposer == person) | sent).execute()


def _erase_ideas(person: UUID) -> None:
    _forget_ideas(person)
    for idea in list(Activity.select().where(Activity.owner == person)):
        content = json.dumps({**json.loads(idea.content), **_BLANK}, ensure_ascii=False, sort_keys=True)
        Activity.update(content=content, request=None, shown_to=None, retired_at=idea.changed_at).where(
            Activity.id == idea.id
        ).execute()


def _forget_ideas(person: UUID) -> None:
    used = peewee.fn.EXISTS(Date.select(Date.id).where(Date.activity == Activity.id))
    Activity.delete().where(Activity.owner == person, ~used).execute()


def _write_tombstone(person: UUID, now: datetime) -> None:
    """Make the person row a tombstone: without name and zone, with hashes that no password matches."""
    Person.update(
        sign_in_name=f"erased {uuid4()}",
        display_name="",
        password_hash="-",  # noqa: S106  # no password has this hash
        recovery_hash="-",  # no password's hash
        recovery_key=None,
        zone="UTC",
        day_zone=None,
        day_zone_until=None,
        created_at=now,
        deleted_at=peewee.fn.COALESCE(Person.deleted_at, Person.deleted_at.to_value(now)),
        deleted_by=None,
        erased_at=now,
    ).where(Person.id == person).execute()


def _clear(person: UUID, now: datetime) -> bool:
    with db.write((Person, [person])):
        if not Person.select().where(Person.id == person, Person.erased_at.is_null(False)).exists():
            return False
        _clear_couples(person, now)
        # Dates of couples out of view, whose feedback by the partner has gone since.
        in_view = Member.select(Member.id).where(Member.couple == Date.couple, Member.person == person)
        Date.delete().where(
            (Date.proposer == person) | (Date.sender == person), ~peewee.fn.EXISTS(in_view), ~_told()
        ).execute()
        _forget_ideas(person)
        return bool(Person.delete().where(Person.id == person, ~_referred_to()).execute())


def _clear_couples(person: UUID, now: datetime) -> None:
    """Remove the name from couples that the partner cannot look back on, and dates without the partner's feedback."""
    looked_back = peewee.fn.EXISTS(
        FormerCoupleAccess.select(FormerCoupleAccess.id).where(
            FormerCoupleAccess.couple == Member.couple, FormerCoupleAccess.until > now
        )
    )
    over = [row[0] for row in db.fetch_all(Member.select(Member.couple).where(Member.person == person, ~looked_back))]
    Member.delete().where(Member.person == person, Member.couple.in_(over)).execute()
    Date.delete().where(Date.couple.in_(over), ~_told()).execute()
    empty = ~peewee.fn.EXISTS(Member.select(Member.id).where(Member.couple == Couple.id))
    Couple.delete().where(Couple.id.in_(over), empty).execute()


def _told() -> Any:
    return peewee.fn.EXISTS(FeedbackRow.select(FeedbackRow.id).where(FeedbackRow.date == Date.id))


def _referred_to() -> Any:
    """Return the condition that a remaining row references the person: deleting them would delete it too."""
    references = [
        peewee.fn.EXISTS(row.table.select(row.table.id).where(field == Person.id))
        for row in INVENTORY
        if row.on_erase[0] != "deleted"
        for field in row.table._meta.sorted_fields
        if isinstance(field, peewee.ForeignKeyField) and field.rel_model is Person
    ]
    return functools.reduce(operator.or_, references)
