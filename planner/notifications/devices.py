"""Devices: the installations of the client that take notifications, each bound to the sign-in that registered it.

When a sign-in ends, its devices go with it. An endpoint is a secret: who knows it can send to the device.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import peewee

from planner import outbound
from planner.accounts import caps, sessions
from planner.accounts.accounts import Person
from planner.accounts.identity import Identity
from planner.accounts.sessions import Session
from planner.errors import NotFound
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

KINDS = ("web_push", "unified_push")
"""web_push: a browser's own push service. unified_push: one that the person chose, such as ntfy."""
_CONFIRMED_FOR = timedelta(days=1)


class Device(db.Model):
    """A device of a person. `p256dh` and `auth` encrypt for it, in base64url. Clients confirm it when they start."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    session = peewee.ForeignKeyField(Session, on_delete="CASCADE")
    installation = peewee.UUIDField()
    kind = peewee.TextField()
    endpoint = peewee.TextField(unique=True)
    p256dh = peewee.TextField()
    auth = peewee.TextField()
    created_at = UtcDateTimeField()
    confirmed_at = UtcDateTimeField()

    class Meta:
        table_name = "devices"
        indexes = ((("person", "installation"), True),)

    if TYPE_CHECKING:
        person_id: UUID
        session_id: UUID


class Subscription(NamedTuple):
    """Where and how to reach a device."""

    kind: str
    endpoint: str
    p256dh: str
    auth: str


class DeviceView(NamedTuple):
    """A device as its owner sees it: the host of its endpoint, and not the rest."""

    id: UUID
    kind: str
    host: str
    sign_in: UUID
    created_at: datetime
    current: bool


def list_devices(identity: Identity) -> list[DeviceView]:
    """Return the devices of a person, newest first."""
    query = Device.select().where(Device.person == identity.id)
    return [_view(row, identity) for row in query.order_by(Device.created_at.desc(), Device.id)]


def register(identity: Identity, installation: UUID, subscription: Subscription, now: datetime) -> DeviceView:
    """Register a device under this sign-in, or renew it. A repeat changes nothing.

    An endpoint belongs to one device: a person who signs in after another on a shared phone takes it over. Beyond the
    cap, the device that was not confirmed for longest goes. Raises Unauthenticated if the sign-in has just ended.
    """
    own = (Device.person == identity.id) & (Device.installation == installation)
    row = Device.get_or_none(own)
    if row is not None and _is_same(row, identity, subscription, now):
        return _view(row, identity)
    with db.write((Person, [identity.id])):
        sessions.check_exists(identity)
        db.lock_table(Device)  # two people may send the same endpoint at the same moment
        values = {**subscription._asdict(), "session": identity.session, "confirmed_at": now}
        Device.delete().where(Device.endpoint == subscription.endpoint, ~own).execute()
        if not Device.update(values).where(own).execute():
            _make_room(identity.id)
            Device.create(person=identity.id, installation=installation, created_at=now, **values)
        return _view(Device.get(own), identity)


def _is_same(row: Device, identity: Identity, subscription: Subscription, now: datetime) -> bool:
    stored = Subscription(row.kind, row.endpoint, row.p256dh, row.auth)
    return stored == subscription and row.session_id == identity.session and now < row.confirmed_at + _CONFIRMED_FOR


def _make_room(person: UUID) -> None:
    last_confirmed_first = Device.select(Device.id).where(Device.person == person)
    order = Device.confirmed_at.desc(), Device.id
    too_many = [row[0] for row in db.fetch_all(last_confirmed_first.order_by(*order).offset(caps.most("devices") - 1))]
    if too_many:
        Device.delete().where(Device.id.in_(too_many)).execute()


def remove(identity: Identity, installation: UUID) -> None:
    """Remove a device of the viewer. Raises NotFound."""
    with db.write((Person, [identity.id])):
        if not Device.delete().where(Device.person == identity.id, Device.installation == installation).execute():
            raise NotFound


def targets(persons: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """Return the devices of these persons, as pairs of the person and the device."""
    return [(person, device) for person, device in _targets(list(persons))]


@db.cached_query
def _targets(persons: Any) -> Any:
    return Device.select(Device.person, Device.id).where(Device.person.in_(persons)).order_by(Device.id)


def find_subscription(device: UUID | None) -> Subscription | None:
    """Return where to reach a device, or None if it is gone."""
    fields = Device.kind, Device.endpoint, Device.p256dh, Device.auth
    row = db.fetch_one(Device.select(*fields).where(Device.id == device))
    return Subscription(*row) if row else None


def forget(device: UUID | None, endpoint: str) -> None:
    """Delete a device whose push service no longer knows it, unless it has another endpoint by now."""
    with db.write():
        Device.delete().where(Device.id == device, Device.endpoint == endpoint).execute()


def _view(row: Device, identity: Identity) -> DeviceView:
    is_current = row.session_id == identity.session
    return DeviceView(
        row.installation, row.kind, outbound.host_of(row.endpoint), row.session_id, row.created_at, is_current
    )
