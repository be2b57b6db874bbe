"""The lock of reflections: whether a session can read them, how to unlock them, and how to begin afresh."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from planner.accounts import credentials, data_keys, security_events
from planner.accounts.accounts import Person
from planner.accounts.data_keys import OpenKey, PasswordWrapping
from planner.accounts.identity import Identity
from planner.errors import BadCredentials, Conflict
from planner.reflections.reflections import Reflection
from planner.storage import db

STATES = ("new", "open", "locked")
SECRETS = ("password", "recovery_code")


def find_state(identity: Identity, token: str) -> tuple[str, tuple[str, ...]]:
    """Return one of STATES, and those of SECRETS that are needed to unlock."""
    row = data_keys.find(identity.id)
    if row is None:
        return "new", ("password",)
    state = "open" if data_keys.open_with_token(identity.id, identity.session, token) else "locked"
    return state, SECRETS if row.wrapped_by_password is None else ("password",)


def unlock(identity: Identity, token: str, password: str | None, code: str | None, now: datetime) -> None:
    """Let this session open the viewer's data key, by the password, the recovery code, or both.

    The first time makes the key, with the password. After a reset by mail it takes both; then the password alone opens
    the key again. Raise BadCredentials for a wrong secret, and Conflict if another secret is needed.
    """
    row = data_keys.find(identity.id)
    if row is None:
        _make(identity, token, password, now)
        return
    if row.wrapped_by_password is None and not (password and code):
        raise Conflict("reflections_need_both")
    person = credentials.check_password(identity, password, now) if password else None
    key = _open(identity.id, password, code, now)
    is_rewrapped = password and row.wrapped_by_password is None
    wrapping = data_keys.wrap_with_password(key, password) if is_rewrapped and password else None
    with db.write((Person, [identity.id])):
        if person:
            credentials.check_unchanged(person)
        if wrapping:
            data_keys.rewrap(key, wrapping)
        data_keys.unlock(key, identity.session, token)


def lock(identity: Identity) -> None:
    """Let this session no longer open the viewer's data key. A repeat changes nothing."""
    with db.write((Person, [identity.id])):
        data_keys.lock(identity.session)


def begin_afresh(identity: Identity, reflections: int) -> None:
    """Delete the viewer's data key and all reflections, which no one could read any more.

    Raise Conflict unless the viewer knows how many reflections that are.
    """
    with db.write((Person, [identity.id])):
        if Reflection.select().where(Reflection.person == identity.id).count() != reflections:
            raise Conflict("changed_meanwhile")
        data_keys.destroy(identity.id)
        Reflection.delete().where(Reflection.person == identity.id).execute()


def _open(person: UUID, password: str | None, code: str | None, now: datetime) -> OpenKey:
    if code:
        if key := data_keys.open_with_code(person, code):
            return key
        security_events.record_refusal(person, security_events.RECOVERY_REFUSED, now)
        raise BadCredentials("code_does_not_open")
    key = data_keys.open_with_password(person, password or "")
    if key is None:  # the password was replaced at this moment
        raise BadCredentials("current_password_wrong")
    return key


def _make(identity: Identity, token: str, password: str | None, now: datetime) -> None:
    if not password:
        raise Conflict("reflections_need_password")
    person = credentials.check_password(identity, password, now)
    if person.recovery_key is None:
        raise Conflict("reflections_need_new_code")
    key = data_keys.new_key(identity.id)
    wrapping = data_keys.wrap_with_password(key, password)
    with db.write((Person, [identity.id])):
        credentials.check_unchanged(person)
        _insert(identity, token, key, wrapping, now)


def _insert(identity: Identity, token: str, key: OpenKey, wrapping: PasswordWrapping, now: datetime) -> None:
    if not data_keys.insert(key, wrapping, now):
        raise Conflict("changed_meanwhile")  # another device made a key at this moment
    data_keys.unlock(key, identity.session, token)
