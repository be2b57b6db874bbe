"""The e-mail address of a person: optional, used only once it is confirmed, and never to look a person up.

Two people may give the same address. A person who can read the mailbox could set a new password, so that is a choice of
its own, and it needs the sign-in name too, which is in no mail.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import peewee

from planner import mail
from planner.accounts import account_mails, accounts, credentials, rate_limits, security_events, server_keys
from planner.accounts.accounts import Person
from planner.accounts.identity import Identity
from planner.accounts.rate_limits import RateLimit
from planner.errors import BadCredentials, Conflict, NotFound, RateLimited
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

STATES = NONE, UNCONFIRMED, CONFIRMED, REFUSED = ("none", "unconfirmed", "confirmed", "refused")
_MOST_MAILS, _DAY = 10, timedelta(days=1)
_DIGEST_BYTES = 16


class EmailAddress(db.Model):
    """The address of a person.

    `notifies`: mails tell that something waits. `shows_details`: they also tell what. `refused_at` is when the mail
    server said that there is no such mailbox; no mail goes there until it is confirmed again.
    """

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", unique=True)
    address = peewee.TextField()
    set_at = UtcDateTimeField()
    confirmed_at = UtcDateTimeField(null=True)
    refused_at = UtcDateTimeField(null=True)
    resets_password = peewee.BooleanField()
    notifies = peewee.BooleanField(default=False)
    shows_details = peewee.BooleanField(default=False)

    class Meta:
        table_name = "email_addresses"

    if TYPE_CHECKING:
        person_id: UUID


class EmailAddressView(NamedTuple):
    """The address as its owner sees it."""

    state: str
    address: str | None = None
    resets_password: bool = False
    notifies: bool = False
    shows_details: bool = False


class Mailbox(NamedTuple):
    """A confirmed address that takes mails about what waits, and the token that ends them."""

    person: UUID
    zone: str
    address: str
    shows_details: bool
    unsubscribe: str


def get_own(person: UUID) -> EmailAddressView:
    """Return the address of a person."""
    rows = _own(person)
    if not rows:
        return EmailAddressView(NONE)
    confirmed_at, refused_at, *values = rows[0]
    return EmailAddressView(REFUSED if refused_at else CONFIRMED if confirmed_at else UNCONFIRMED, *values)


@db.cached_query
def _own(person: Any) -> Any:
    values = (EmailAddress.address, EmailAddress.resets_password, EmailAddress.notifies, EmailAddress.shows_details)
    return EmailAddress.select(EmailAddress.confirmed_at, EmailAddress.refused_at, *values).where(
        EmailAddress.person == person
    )


def put(identity: Identity, password: str, address: str, resets_password: bool, now: datetime) -> EmailAddressView:
    """Set the address. A mail with a code goes there, unless it is confirmed already. An earlier one gets a notice.

    Raises BadCredentials for a wrong password, and Conflict on a server without mail.
    """
    if not mail.is_set_up():
        raise Conflict("mail_not_set_up")
    checked = credentials.check_password(identity, password, now)
    is_sent = _may_mail(address, now)
    with db.write((Person, [identity.id])):
        credentials.check_unchanged(checked)
        before = EmailAddress.get_or_none(EmailAddress.person == identity.id)
        if before and before.address == address:
            EmailAddress.update(resets_password=resets_password).where(EmailAddress.person == identity.id).execute()
            is_done = before.confirmed_at is not None and before.refused_at is None
            if is_done and resets_password and not before.resets_password:
                security_events.record(identity.id, security_events.MAIL_RESET_ALLOWED, now)
        else:
            _replace(identity.id, before, address, resets_password, now)
            is_done = False
        if not is_done:
            unconfirmed = {"set_at": now, "confirmed_at": None, "refused_at": None}
            EmailAddress.update(unconfirmed).where(EmailAddress.person == identity.id).execute()
            account_mails.queue(identity.id, account_mails.CONFIRM, address, now, is_sent)
        return get_own(identity.id)


def _may_mail(address: str, now: datetime) -> bool:
    """Return whether an address may get another code today. Many accounts must not flood the mailbox of a stranger.

    A refusal would tell that other people use this address, so no one learns of it.
    """
    try:
        rate_limits.hit([RateLimit("mails to", address.lower(), _MOST_MAILS, _DAY)], now)
    except RateLimited:
        return False
    return True


def _replace(person: UUID, before: EmailAddress | None, address: str, resets_password: bool, now: datetime) -> None:
    if before:
        _remove(before, now)
    EmailAddress.create(person=person, address=address, set_at=now, resets_password=resets_password)


def _remove(row: EmailAddress, now: datetime) -> None:
    """Delete an address. If it was in use, it gets a notice: perhaps it was not its owner who changed it."""
    EmailAddress.delete().where(EmailAddress.id == row.id).execute()
    account_mails.cancel_codes(row.person_id, row.address)
    if row.confirmed_at:
        security_events.record(row.person_id, security_events.EMAIL_ADDRESS_REMOVED, now)
    if row.confirmed_at and not row.refused_at:
        account_mails.queue(row.person_id, account_mails.ADDRESS_GONE, row.address, now)


def confirm(identity: Identity, code: str, now: datetime) -> EmailAddressView:
    """Confirm the address with the code that was mailed to it. A repeat changes nothing.

    Raises BadCredentials for a wrong code, and Conflict without an address that waits for one.
    """
    try:
        return _confirm(identity, code, now)
    except BadCredentials:
        security_events.record_refusal(identity.id, security_events.MAIL_CODE_REFUSED, now)
        raise


def _confirm(identity: Identity, code: str, now: datetime) -> EmailAddressView:
    with db.write((Person, [identity.id])):
        accounts.check_exists(identity.id)
        row = EmailAddress.get_or_none(EmailAddress.person == identity.id)
        if row is None or row.refused_at:
            raise Conflict("no_email_address")
        if row.confirmed_at is None:
            if not account_mails.use_code(identity.id, account_mails.CONFIRM, row.address, code, now):
                raise BadCredentials("mail_code_mismatch")
            EmailAddress.update(confirmed_at=now).where(EmailAddress.id == row.id).execute()
            security_events.record(identity.id, security_events.EMAIL_ADDRESS_CONFIRMED, now)
            if row.resets_password:
                security_events.record(identity.id, security_events.MAIL_RESET_ALLOWED, now)
        return get_own(identity.id)


def edit(identity: Identity, changes: dict[str, bool]) -> EmailAddressView:
    """Change what mails tell. Raises Conflict without a confirmed address."""
    with db.write((Person, [identity.id])):
        accounts.check_exists(identity.id)
        in_use = EmailAddress.person == identity.id, EmailAddress.confirmed_at.is_null(False)
        if not EmailAddress.update(changes).where(*in_use).execute():
            raise Conflict("no_email_address")
        return get_own(identity.id)


def delete(identity: Identity, now: datetime) -> None:
    """Delete the address. A repeat changes nothing."""
    with db.write((Person, [identity.id])):
        row = EmailAddress.get_or_none(EmailAddress.person == identity.id)
        if row:
            _remove(row, now)


def set_aside(person: UUID, address: str, now: datetime) -> None:
    """Remember that the mail server knows no such mailbox, unless the person has another address by now."""
    with db.write((Person, [person])):
        EmailAddress.update(refused_at=now).where(
            EmailAddress.person == person, EmailAddress.address == address, EmailAddress.refused_at.is_null()
        ).execute()


def list_notified(persons: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """Return the persons who get mails about what waits, each with the id of the address."""
    return [(person, address) for person, address in _notified(list(persons))]


@db.cached_query
def _notified(persons: Any) -> Any:
    return EmailAddress.select(EmailAddress.person, EmailAddress.id).where(
        EmailAddress.person.in_(persons), _takes_news()
    )


def _takes_news() -> Any:
    return EmailAddress.notifies & EmailAddress.confirmed_at.is_null(False) & EmailAddress.refused_at.is_null()


def find_mailbox(id_: UUID) -> Mailbox | None:
    """Return where such mails go, or None if their receiver no longer wants them there."""
    for person, zone, address, shows_details in _mailbox(id_):
        return Mailbox(person, zone, address, shows_details, _token(id_, address))
    return None


@db.cached_query
def _mailbox(id_: Any) -> Any:
    columns = EmailAddress.person, Person.zone, EmailAddress.address, EmailAddress.shows_details
    return EmailAddress.select(*columns).join(Person).where(EmailAddress.id == id_, _takes_news())


def _token(id_: UUID, address: str) -> str:
    """Return the token that ends the mails to an address. It ends when the address changes."""
    digest = server_keys.hmac_digest("unsubscribe", f"{id_} {address}")[:_DIGEST_BYTES]
    return base64.urlsafe_b64encode(id_.bytes + digest).decode().rstrip("=")


def check_token(token: str) -> UUID:
    """Return the id of the address whose mails a token ends. Raises NotFound, also for a deleted account."""
    try:
        content = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        id_ = UUID(bytes=content[:-_DIGEST_BYTES])
    except (binascii.Error, ValueError):
        raise NotFound from None
    query = EmailAddress.select().join(Person).where(EmailAddress.id == id_, Person.deleted_at.is_null())
    row = query.first()
    if row is None or not hmac.compare_digest(_token(row.id, row.address).encode(), token.encode()):
        raise NotFound
    return id_


def unsubscribe(token: str) -> None:
    """End the mails that tell of what waits. A repeat changes nothing. Raises NotFound."""
    id_ = check_token(token)
    with db.write():
        EmailAddress.update(notifies=False).where(EmailAddress.id == id_).execute()
