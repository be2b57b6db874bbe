"""Passkeys: a person signs in, or confirms a sign-in, by unlocking a device.

A passkey is as good as a password: its device checks a finger, a face or a code before it signs. Recovery with the code
deletes all of them, because the person then lost control of the account.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner import inbox
from planner.accounts import accounts, caps, passkey_checks, rate_limits, security_events, sessions
from planner.accounts.accounts import Person
from planner.accounts.identity import CONFIRMED_FOR, Identity
from planner.accounts.passkey_checks import Assertion, Registration, Site
from planner.accounts.rate_limits import RateLimit
from planner.accounts.sessions import NewSession
from planner.errors import BadCredentials, Conflict, IdTaken, NotFound, RateLimited
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

FRESH = timedelta(minutes=10)
"""For a new passkey, the sign-in must be this young: a passkey stays when a lent phone goes back."""
_USE = "use"


class Passkey(db.Model):
    """A passkey of a person. The device has the private key; this is the public one."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    credential_id = peewee.TextField(unique=True)
    public_key = peewee.TextField()
    sign_count = peewee.BigIntegerField()
    name = peewee.TextField()
    created_at = UtcDateTimeField()
    used_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "passkeys"

    if TYPE_CHECKING:
        person_id: UUID


class PasskeyView(NamedTuple):
    """A passkey as its owner sees it."""

    id: UUID
    name: str
    created_at: datetime
    used_at: datetime | None


class NewPasskey(NamedTuple):
    """What a device needs to make a passkey. `known` are the credential ids of the person's other passkeys."""

    challenge: str
    host: str
    user_id: str
    sign_in_name: str
    display_name: str
    known: list[str]


class UsedPasskey(NamedTuple):
    """A passkey that has signed a challenge, which is not spent yet."""

    row: Passkey
    challenge: str
    sign_count: int


def list_passkeys(person: UUID) -> list[PasskeyView]:
    """Return the passkeys of a person, the oldest first."""
    return [PasskeyView(*row) for row in _list(person)]


def prepare(identity: Identity, host: str, now: datetime) -> NewPasskey:
    """Return what the viewer's device needs for a new passkey. Raises Conflict at the cap.

    Raises ConfirmationNeeded unless the person signed in or confirmed within ten minutes.
    """
    identity.check_confirmed(now, FRESH)
    known = [row for (row,) in db.fetch_all(Passkey.select(Passkey.credential_id).where(_of(identity.id)))]
    if len(known) >= caps.most("passkeys"):
        raise Conflict("too_many_passkeys", most=caps.most("passkeys"))
    challenge = passkey_checks.new_challenge(_making(identity), now)
    name = accounts.get(identity.id).sign_in_name
    return NewPasskey(challenge, host, passkey_checks.encode(identity.id.bytes), name, identity.display_name, known)


def add(
    identity: Identity, site: Site, given: Registration, name: str, passkey_id: UUID | None, now: datetime
) -> PasskeyView:
    """Add the passkey that the viewer's device made, after `prepare`. A repeat with the same id changes nothing.

    Raises BadCredentials, IdTaken for an id or a passkey in use, and Conflict at the cap.
    """
    if repeated := _find_repeat(identity.id, given.credential_id, passkey_id):
        return repeated
    challenge = passkey_checks.read_challenge(given.client_data, _making(identity), now)
    made = passkey_checks.check_registration(site, given, challenge)
    _spend(challenge, now)
    view = PasskeyView(passkey_id or uuid4(), name, now, None)
    with db.write((Person, [identity.id])):
        # A recovery at this moment ends the session, and a passkey of that session must not outlive it.
        sessions.check_exists(identity)
        if Passkey.select().where(_of(identity.id)).count() >= caps.most("passkeys"):
            raise Conflict("too_many_passkeys", most=caps.most("passkeys"))
        values = {"person": identity.id, "credential_id": given.credential_id, **made._asdict()}
        if not db.insert_if_absent(Passkey, id=view.id, name=name, created_at=now, **values):
            raise IdTaken
        security_events.record(identity.id, security_events.PASSKEY_ADDED, now, name)
        inbox.add(identity.id, "new_passkey", view.id, now)
        inbox.keep_newest(identity.id, "new_passkey", caps.most("passkeys"))
    return view


def remove(identity: Identity, passkey_id: UUID, now: datetime) -> None:
    """Remove a passkey of the viewer. Raises NotFound."""
    with db.write((Person, [identity.id])):
        is_own = Passkey.id == passkey_id, _of(identity.id)
        row = db.fetch_one(Passkey.select(Passkey.name).where(*is_own))
        if row is None or not Passkey.delete().where(*is_own).execute():
            raise NotFound
        security_events.record(identity.id, security_events.PASSKEY_REMOVED, now, row[0])


def ask(now: datetime) -> str:
    """Return a challenge for a sign-in or a confirmation. The device finds the passkey, so no name is needed."""
    return passkey_checks.new_challenge(_USE, now)


def verify(site: Site, given: Assertion, now: datetime) -> UsedPasskey:
    """Return the passkey that signed a challenge of this server. Raises the same BadCredentials for unknown ones."""
    row = Passkey.get_or_none(Passkey.credential_id == given.credential_id)
    if row is None:
        raise BadCredentials("passkey_mismatch")
    challenge = passkey_checks.read_challenge(given.client_data, _USE, now)
    try:
        count = passkey_checks.check_assertion(site, given, challenge, row.public_key, row.sign_count)
    except BadCredentials:  # perhaps a copy of the passkey
        security_events.record_refusal(row.person_id, security_events.PASSKEY_REFUSED, now)
        raise
    return UsedPasskey(row, challenge, count)


def sign_in(used: UsedPasskey, device: str, now: datetime, mark: str | None = None) -> NewSession:
    """Create a session with a verified passkey. Raises BadCredentials if the passkey or the account ended."""
    _spend(used.challenge, now)
    with db.write((Person, [used.row.person_id])):
        _record_use(used, now)
        person = Person.get_or_none(Person.id == used.row.person_id, Person.deleted_at.is_null())
        if person is None:
            raise BadCredentials("passkey_mismatch")
        return sessions.create_session(person, device, now, mark)


def confirm(identity: Identity, used: UsedPasskey, now: datetime) -> datetime:
    """Confirm the current session with a verified passkey, and return until when. Raises BadCredentials."""
    if used.row.person_id != identity.id:
        raise BadCredentials("passkey_mismatch")
    _spend(used.challenge, now)
    with db.write((Person, [identity.id])):
        _record_use(used, now)
        sessions.mark_confirmed(identity, now)
    return now + CONFIRMED_FOR


def _record_use(used: UsedPasskey, now: datetime) -> None:
    # The count that was checked must still be the stored one: it shows a copied passkey.
    unchanged = Passkey.id == used.row.id, Passkey.sign_count == used.row.sign_count
    if not Passkey.update(sign_count=used.sign_count, used_at=now).where(*unchanged).execute():
        raise BadCredentials("passkey_mismatch")


def _find_repeat(person: UUID, credential_id: str, passkey_id: UUID | None) -> PasskeyView | None:
    row = Passkey.get_or_none(Passkey.id == passkey_id) if passkey_id else None
    if row is None:
        return None
    if (row.person_id, row.credential_id) != (person, credential_id):
        raise IdTaken
    return PasskeyView(row.id, row.name, row.created_at, row.used_at)


def _spend(challenge: str, now: datetime) -> None:
    """Use a challenge up. Raises BadCredentials if it was used before: what a device signed is good once."""
    # Longer than its life, because hosts differ by seconds.
    limit = RateLimit("passkey challenge", challenge, 1, 3 * passkey_checks.CHALLENGE_LIFE)
    try:
        rate_limits.hit([limit], now)
    except RateLimited:
        raise BadCredentials("passkey_too_late") from None


@db.cached_query
def _list(person: Any) -> Any:
    query = Passkey.select(Passkey.id, Passkey.name, Passkey.created_at, Passkey.used_at)
    return query.where(_of(person)).order_by(Passkey.created_at, Passkey.id)


def _making(identity: Identity) -> str:
    return f"make {identity.session}"


def _of(person: Any) -> Any:
    return Passkey.person == person
