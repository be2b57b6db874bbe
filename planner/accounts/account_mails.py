"""Account mails: codes and notices to the address of a person. The clock sends them, so that no request waits for it.

A code is in no row: the server derives it from the id of its mail and from the present hash of the password. So a code
works for the address to which it was sent, and no longer after the password has changed.
"""

from __future__ import annotations

import base64
import hmac
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner import mail, messages, text
from planner.accounts import server_keys
from planner.accounts.accounts import Person
from planner.mail import AddressRefused, Mail, MailFault
from planner.outbound import RETRY_WAITS
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

_log = logging.getLogger("rekindle.mail")

CONFIRM, RESET = CODES = ("confirm_address", "reset_password")
ADDRESS_GONE, PASSWORD_SET = NOTICES = ("address_gone", "password_set")
LIFETIME = timedelta(hours=24)
"""How long a code works."""
_NOTICE_LIFETIME = timedelta(days=3)
_LEASE = timedelta(minutes=5)
"""Longer than a mail can take. It counts by the clock of the database, which all hosts share."""


class AccountMail(db.Model):
    """A mail about an account. `next_at` is when it is sent, or None once it was sent or given up.

    A request for an unknown sign-in name makes one without person and address. So the server does the same work for it.
    """

    person = peewee.ForeignKeyField(Person, null=True, on_delete="CASCADE")
    kind = peewee.TextField()
    address = peewee.TextField(null=True)
    created_at = UtcDateTimeField()
    expires_at = UtcDateTimeField(index=True)
    tries = peewee.IntegerField(default=0)
    next_at = UtcDateTimeField(null=True)
    used_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "account_mails"


AccountMail.add_index(
    AccountMail.index(AccountMail.next_at, where=AccountMail.next_at.is_null(False), name="account_mails_due")
)


class _Claimed(NamedTuple):
    """A mail that this process sends now."""

    id: UUID
    person: UUID
    kind: str
    address: str
    tries: int
    password_hash: str


def queue(person: UUID | None, kind: str, address: str | None, now: datetime, is_sent: bool = True) -> None:
    """Let the clock send a mail after the commit, unless there is no address. Call inside a transaction."""
    lifetime = LIFETIME if kind in CODES else _NOTICE_LIFETIME
    next_at = now if address and is_sent else None
    AccountMail.create(
        person=person, kind=kind, address=address, created_at=now, expires_at=now + lifetime, next_at=next_at
    )


def cancel_codes(person: UUID, address: str) -> None:
    """Cancel the codes that wait to go to an address. Call inside a transaction.

    Notices still go there: a person who took over the account must not stop them.
    """
    ours = AccountMail.person == person, AccountMail.address == address, AccountMail.kind.in_(CODES)
    AccountMail.update(next_at=None).where(*ours, AccountMail.next_at.is_null(False)).execute()


def use_code(person: UUID, kind: str, address: str, typed: str, now: datetime) -> bool:
    """Use up the code that was sent to this address, and return whether it is right.

    Call inside a transaction, with the person locked. The other codes of that kind end with it.
    """
    ours = AccountMail.person == person, AccountMail.kind == kind, AccountMail.used_at.is_null()
    query = AccountMail.select(AccountMail.id, Person.password_hash).join(Person)
    codes = [
        text.fold_code(derive_code(*row))
        for row in db.fetch_all(query.where(*ours, AccountMail.address == address, AccountMail.expires_at > now))
    ]
    folded = text.fold_code(typed).encode()
    if not sum(hmac.compare_digest(code.encode(), folded) for code in codes):
        return False
    return bool(AccountMail.update(used_at=now, next_at=None).where(*ours).execute())


def derive_code(mail_id: UUID, password_hash: str) -> str:
    """Return the code of a mail: 50 bits, in two groups that a person types from another device."""
    digest = server_keys.hmac_digest("mail codes", f"{mail_id} {password_hash}")
    letters = base64.b32encode(digest).decode()[:10]
    return f"{letters[:5]}-{letters[5:]}"


def send_due(present: Callable[[], datetime], refused: Callable[[UUID, str, datetime], None]) -> int:
    """Send the mails that are due, and return the number of those that the mail server took.

    `refused` gets the person and the address whose mailbox does not exist.
    """
    sent = 0
    while claimed := _claim(present()):
        sent += _send(claimed, present(), refused)
    return sent


def _claim(now: datetime) -> _Claimed | None:
    """Return a due mail that no other process sends now, or None."""
    columns = (AccountMail.id, AccountMail.person, AccountMail.kind, AccountMail.address, AccountMail.tries)
    due = (
        AccountMail.select(*columns, Person.password_hash)
        .join(Person)
        .where(AccountMail.next_at <= now, AccountMail.expires_at > now, Person.deleted_at.is_null())
        .order_by(AccountMail.next_at)
    )
    with db.connection():
        while row := db.fetch_one(due):
            claimed = _Claimed(*row)._replace(tries=row[4] + 1)
            with db.write():
                values = {AccountMail.next_at: now + _LEASE, AccountMail.tries: claimed.tries}
                unclaimed = AccountMail.id == claimed.id, AccountMail.next_at <= now
                if AccountMail.update(values).where(*unclaimed).execute():
                    return claimed
    return None


def _send(claimed: _Claimed, now: datetime, refused: Callable[[UUID, str, datetime], None]) -> bool:
    next_at = None
    try:
        mail.send(_mail(claimed), now)
    except AddressRefused:
        with db.connection():
            refused(claimed.person, claimed.address, now)
        is_sent = False
    except MailFault as fault:
        _log.warning("a mail about an account was not sent at try %s: %s", claimed.tries, fault.reason)
        next_at = now + RETRY_WAITS[claimed.tries - 1] if claimed.tries <= len(RETRY_WAITS) else None
        is_sent = False
    else:
        is_sent = True
    # Another number of tries: a process that was frozen finds that its lease has ended.
    with db.connection(), db.write():
        ours = AccountMail.id == claimed.id, AccountMail.tries == claimed.tries, AccountMail.next_at.is_null(False)
        AccountMail.update(next_at=next_at).where(*ours).execute()
    return is_sent


def _mail(claimed: _Claimed) -> Mail:
    params: dict[str, Any] = {"link": mail.link("/app/")}
    if claimed.kind in CODES:
        params["code"] = derive_code(claimed.id, claimed.password_hash)
    subject = messages.text("mail_subjects", claimed.kind)
    return Mail(claimed.id, claimed.address, subject, messages.text("mails", claimed.kind, **params))


def purge_expired(now: datetime) -> None:
    """Delete the mails whose time has passed."""
    with db.write():
        AccountMail.delete().where(AccountMail.expires_at <= now).execute()
