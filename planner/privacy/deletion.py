"""Deletion of an account by its owner or by the operator, and its undo within seven days.

A deleted account looks as if it did not exist: no sign-in, no code and no notification works. Its couple ends at once,
and an undo does not bring it back; everything of the person alone does come back. After seven days the clock erases the
account (see erasure.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from planner import inbox
from planner.accounts import accounts, credentials, data_keys, security_events, sessions
from planner.accounts.accounts import Person
from planner.accounts.sessions import NewSession
from planner.calendars import feeds
from planner.contact.viewer import Viewer
from planner.couples import couples, invitations
from planner.errors import BadCredentials, Conflict, NotFound
from planner.notifications import deliveries
from planner.privacy import erasure_log
from planner.relationship import leaving
from planner.storage import db


class Restored(NamedTuple):
    """A restored account: a new session, and who had deleted it ("person" or "operator")."""

    sign_in: NewSession
    deleted_by: str


def delete(viewer: Viewer, password: str, now: datetime) -> datetime:
    """Delete the viewer's account and return the moment of its erasure. A repeat changes nothing.

    Raise BadCredentials, or Conflict when the couple changed at this moment.
    """
    row = Person.get_by_id(viewer.id)
    credentials.check_password_of(row, password, now)
    _delete(row, accounts.BY_THEMSELVES, now)
    return _erased_from(viewer.id)


def delete_by_operator(sign_in_name: str, now: datetime) -> datetime:
    """Delete an account for the operator and return the moment of its erasure. A repeat keeps the moment.

    Raise NotFound.
    """
    person = accounts.find_by_sign_in_name(sign_in_name) or accounts.find_deleted_by_sign_in_name(sign_in_name)
    if person is None:
        raise NotFound
    if person.deleted_at is None:
        _delete(person, accounts.BY_OPERATOR, now)
    return _erased_from(person.id)


def undo(sign_in_name: str, password: str, device: str, now: datetime, mark: str | None = None) -> Restored:
    """Restore an account that its owner or the operator deleted.

    Raise the same BadCredentials for a wrong name or password, an account that is not deleted, and after seven days.
    Each takes the same time.
    """
    person = accounts.find_deleted_by_sign_in_name(sign_in_name)
    if not credentials.is_password_of(person, sign_in_name, password) or person is None:
        security_events.record_refusal(person.id if person else None, security_events.SIGN_IN_REFUSED, now)
        raise BadCredentials("sign_in_mismatch")
    key = data_keys.open_with_password(person.id, password)
    with db.write((Person, [person.id])):
        if not _restore(person, now):
            raise BadCredentials("sign_in_mismatch")
        session = sessions.create_session(person, device, now, mark)
        if key:
            data_keys.give(key, session)
    return Restored(session, str(person.deleted_by))


def undo_by_operator(sign_in_name: str, now: datetime) -> None:
    """Restore an account that the operator deleted.

    Raise NotFound when no such account is deleted, Conflict when its owner deleted it or it is too late.
    """
    person = accounts.find_deleted_by_sign_in_name(sign_in_name)
    if person is None:
        raise NotFound
    if person.deleted_by != accounts.BY_OPERATOR:
        raise Conflict("deleted_by_person")
    with db.write((Person, [person.id])):
        if not _restore(person, now):
            raise Conflict("undo_too_late")


def _delete(person: Person, by: str, now: datetime) -> None:
    try:
        _mark(person, by, now)
    except Conflict:
        _mark(person, by, now)  # the couple ended at this moment: try again without it


def _mark(person: Person, by: str, now: datetime) -> None:
    with couples.locked(person.id) as pair:
        # The owner's password must still be the one that was checked.
        checked_hash = person.password_hash if by == accounts.BY_THEMSELVES else None
        if not accounts.mark_deleted(person.id, by, now, checked_hash):
            return
        if pair:
            leaving.end(pair, now)
        invitations.close_all([person.id], now)
        sessions.end_others(person.id, keep=None)
        security_events.record(person.id, security_events.ACCOUNT_DELETED, now)
        feeds.revoke([person.id])
        inbox.mute(person.id, now)
        deliveries.cancel_all(person.id)


def _erased_from(person: UUID) -> datetime:
    deleted_at = Person.get_by_id(person).deleted_at
    if deleted_at is None:
        # The password changed a moment before, so nothing was deleted.
        raise BadCredentials("current_password_wrong")
    moment: datetime = deleted_at + accounts.UNDO_PERIOD
    return moment


def _restore(person: Person, now: datetime) -> bool:
    # The server may have stopped while it erased this person; a clock that was set back must not revive them.
    if erasure_log.names(person.id) or not accounts.unmark_deleted(person, now - accounts.UNDO_PERIOD):
        return False
    inbox.unmute(person.id, now)
    security_events.record(person.id, security_events.ACCOUNT_BROUGHT_BACK, now)
    return True
