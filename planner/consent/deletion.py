"""Deleting an account, by its owner or by the operator, and taking that back within seven days.

From the moment of a deletion it is as if the account were not there: nobody signs in, no code fits, nothing goes out.
The couple is left at once, and does not come back by undoing: nothing comes back by itself. All that was the person's
own does. When the seven days are over, the clock erases (see erasure.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from planner import inbox
from planner.consent import erasure_log, leaving
from planner.errors import NotFound, WrongSecret, WrongState
from planner.people import accounts, couples, credentials, invitations, passwords, sign_ins
from planner.people.accounts import Person
from planner.people.credentials import FreshSignIn
from planner.people.sign_ins import Actor
from planner.reminders import deliveries
from planner.storage import db


class Restored(NamedTuple):
    """An account that is back: a fresh sign-in, and who had deleted it ("person" or "operator")."""

    sign_in: FreshSignIn
    deleted_by: str


def delete(actor: Actor, password: str, now: datetime) -> datetime:
    """Delete the actor's own account; the moment from which on it is erased. Two at once are one.

    Raises WrongSecret, or WrongState when the couple changed at this very moment.
    """
    row = Person.get_by_id(actor.id)
    if not passwords.matches(row.password_hash, password):
        raise WrongSecret(credentials.NOT_CURRENT)
    _delete(row, accounts.BY_THEMSELVES, now)
    return _erased_from(actor.id)


def delete_by_operator(sign_in_name: str, now: datetime) -> datetime:
    """As `delete`, at the operator's word; of one that is deleted already, the moment stays. Raises NotFound."""
    found = accounts.by_sign_in_name(sign_in_name) or accounts.deleted_by_sign_in_name(sign_in_name)
    if found is None:
        raise NotFound
    if found.deleted_at is None:
        _delete(found, accounts.BY_OPERATOR, now)
    return _erased_from(found.id)


def undo(sign_in_name: str, password: str, device: str, now: datetime) -> Restored:
    """Take a deletion back, whoever made it. Raises WrongSecret alike, after the same work, for a wrong name or
    password, for an account that is not deleted, and when it is too late.
    """
    found = accounts.deleted_by_sign_in_name(sign_in_name)
    if not passwords.matches(found.password_hash if found else None, password) or found is None:
        raise WrongSecret(credentials.NO_MATCH)
    with db.write((Person, [found.id])):
        if not _restore(found, now):
            raise WrongSecret(credentials.NO_MATCH)
        fresh = FreshSignIn(found.id, *sign_ins.begin(found, device, now))
    return Restored(fresh, str(found.deleted_by))


def undo_by_operator(sign_in_name: str, now: datetime) -> None:
    """Take back what the operator deleted. What somebody deleted themselves, only they take back.

    Raises NotFound when no such account is deleted, WrongState when it was its owner's decision or it is too late.
    """
    found = accounts.deleted_by_sign_in_name(sign_in_name)
    if found is None:
        raise NotFound
    if found.deleted_by != accounts.BY_OPERATOR:
        raise WrongState("They deleted it themselves. Only they can take that back, with their password.")
    with db.write((Person, [found.id])):
        if not _restore(found, now):
            raise WrongState("It is too late, or it was taken back already.")


def _delete(found: Person, by: str, now: datetime) -> None:
    try:
        _mark(found, by, now)
    except WrongState:
        _mark(found, by, now)  # the couple ended at this moment: once more, on what stands now


def _mark(found: Person, by: str, now: datetime) -> None:
    with couples.writing(found.id) as pair:
        # The very password that was checked, or none if it is not the owner who asks.
        asked = found.password_hash if by == accounts.BY_THEMSELVES else None
        if not accounts.mark_deleted(found.id, by, now, asked):
            return
        if pair:
            leaving.end(pair, now)
        invitations.close_all_of([found.id], now)
        sign_ins.end_others(found.id, keep=None)
        inbox.mute(found.id, now)
        deliveries.stop(found.id)


def _erased_from(person: UUID) -> datetime:
    deleted_at = Person.get_by_id(person).deleted_at
    if deleted_at is None:
        # Another password came first, and nothing was deleted.
        raise WrongSecret(credentials.NOT_CURRENT)
    moment: datetime = deleted_at + accounts.GRACE
    return moment


def _restore(found: Person, now: datetime) -> bool:
    # A clock that was set back does not revive whom the server was erasing when it stopped.
    if erasure_log.names(found.id) or not accounts.unmark_deleted(found, now - accounts.GRACE):
        return False
    inbox.unmute(found.id, now)
    return True
