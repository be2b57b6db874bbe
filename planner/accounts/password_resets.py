"""Password resets: a new password with a code from a mail to a confirmed address.

The recovery code stays as it is: with it, the owner gets back in if another person can read the mailbox. It is also the
only secret that still opens the person's data key: a mailbox must not.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import peewee

from planner import mail, text
from planner.accounts import account_mails, accounts, data_keys, passwords, security_events, sessions
from planner.accounts.accounts import Person
from planner.accounts.email_addresses import EmailAddress
from planner.accounts.sessions import NewSession
from planner.errors import BadCredentials, Conflict
from planner.storage import db


def request(sign_in_name: str, now: datetime) -> None:
    """Mail a code to the confirmed address of an account. It does the same work if there is none.

    Raises Conflict on a server without mail.
    """
    if not mail.is_set_up():
        raise Conflict("mail_not_set_up")
    rows = _addresses(text.fold_typed(sign_in_name))
    person, address = rows[0] if rows else (None, None)
    with db.write():
        account_mails.queue(person if address else None, account_mails.RESET, address, now)


@db.cached_query
def _addresses(sign_in_name: Any) -> Any:
    return (
        Person.select(Person.id, EmailAddress.address)
        .join(EmailAddress, peewee.JOIN.LEFT_OUTER, on=((EmailAddress.person == Person.id) & _may_reset()))
        .where(Person.sign_in_name == sign_in_name, Person.deleted_at.is_null())
    )


def _may_reset() -> Any:
    return EmailAddress.confirmed_at.is_null(False) & EmailAddress.refused_at.is_null() & EmailAddress.resets_password


def reset(
    sign_in_name: str, code: str, new_password: str, device: str, now: datetime, mark: str | None = None
) -> NewSession:
    """Set a new password with the code from a mail. All sessions end, a new one begins, and the address gets a notice.

    Passkeys stay, because they are stronger than a mailbox. Raises BadCredentials when the name or the code is wrong,
    after the same work.
    """
    person = accounts.find_by_sign_in_name(sign_in_name)
    password_hash = passwords.hash_password(new_password)
    try:
        return _reset(person, code, password_hash, device, now, mark)
    except BadCredentials:
        security_events.record_refusal(person.id if person else None, security_events.MAIL_CODE_REFUSED, now)
        raise


def _reset(
    person: Person | None, code: str, password_hash: str, device: str, now: datetime, mark: str | None
) -> NewSession:
    with db.write((Person, [person.id] if person else [])):
        address = _used(person.id, code, now) if person else None
        if person is None or address is None:
            raise BadCredentials("mail_code_mismatch")
        query = Person.update(password_hash=password_hash)
        if not query.where(Person.id == person.id, Person.deleted_at.is_null()).execute():
            raise BadCredentials("mail_code_mismatch")
        data_keys.replace_wrapping(person.id, None, None)
        sessions.end_others(person.id, keep=None)
        security_events.record(person.id, security_events.PASSWORD_SET_BY_MAIL, now)
        account_mails.queue(person.id, account_mails.PASSWORD_SET, address, now)
        return sessions.create_session(person, device, now, mark)


def _used(person: UUID, code: str, now: datetime) -> str | None:
    """Use up a right code, and return the address to which it was sent; else None."""
    row = EmailAddress.get_or_none(EmailAddress.person == person, _may_reset())
    if row is None or not account_mails.use_code(person, account_mails.RESET, row.address, code, now):
        return None
    return str(row.address)
