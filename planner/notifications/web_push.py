"""Push: fixed sentences to devices, over the push service that each device chose (RFC 8030).

A message is encrypted for its device. It has no name, no activity and no text of a person, so a lock screen may show
it. The payload is in Safari's declarative form, which a service worker can show as well. UnifiedPush services, such as
ntfy, get the same.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from uuid import UUID

from planner import messages, outbound
from planner.accounts import server_keys
from planner.accounts.identity import Identity
from planner.errors import Conflict, FieldError, Invalid
from planner.notifications import devices, push_encryption
from planner.notifications.devices import DeviceView, Subscription
from planner.notifications.outgoing import Gone, Message, TryLater
from planner.outbound import OutboundFault
from planner.settings import Settings

KEY = "push"
"""The purpose of the server key. A browser binds a subscription to its public half."""
URGENT = ("date_tomorrow", "date_soon")
"""The kinds that may wake a phone from its sleep."""
_KNOWN_HOSTS = (
    "fcm.googleapis.com",
    "push.services.mozilla.com",
    "push.apple.com",
    "notify.windows.com",
)
_LONGEST_TTL = timedelta(days=3)
"""How long a push service keeps a message without an expiry. Later, the person has opened the app anyway."""
MOST_SECONDS = outbound.MOST_SECONDS
"""Seconds until a push service must have answered."""
_SIGNED_FOR = timedelta(hours=12)  # at most 24 hours (RFC 8292)
_LONGEST_WAIT = timedelta(hours=6)
_REST = timedelta(minutes=1)
"""How long a host rests that did not answer. Else each of its devices would hold up all others."""
_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_FORM = 8030  # the number that marks a declarative message

_settings = Settings()


def use(settings: Settings) -> None:
    """Use the public address and the hosts of these settings in this process."""
    global _settings
    _settings = settings


def public_key() -> str | None:
    """Return the key that browsers take to subscribe, or None if this server sends no push.

    Push services want to know a real address of the sender, so push needs one with https.
    """
    if not (_settings.public_url or "").startswith("https://"):
        return None
    return push_encryption.public_text(push_encryption.server_key(server_keys.secret(KEY)))


def check_endpoint(endpoint: str) -> str:
    """Return an endpoint in the form in which it can be called. Raises OutboundFault, also for an unknown host."""
    address = outbound.check(endpoint)
    scheme, _, place = outbound.origin_of(address).partition("://")
    is_known = scheme == "https" and any(f".{place}".endswith(f".{host}") for host in _KNOWN_HOSTS)
    if not is_known and place not in _settings.push_hosts:
        raise OutboundFault("push_host_not_allowed")
    return address


def register(identity: Identity, installation: UUID, subscription: Subscription, now: datetime) -> DeviceView:
    """Register a device of a person, or renew it. Raises Invalid, or Conflict if this server sends no push."""
    if public_key() is None:
        raise Conflict("push_off")
    faults = []
    try:
        subscription = subscription._replace(endpoint=check_endpoint(subscription.endpoint))
    except OutboundFault as fault:
        unknown = FieldError("endpoint", "push_host_not_allowed")
        faults.append(FieldError("endpoint", "not_an_endpoint") if fault.reason == "not_an_address" else unknown)
    try:
        push_encryption.read_keys(subscription.p256dh, subscription.auth)
    except ValueError:
        faults.append(FieldError("keys.p256dh", "not_a_push_key"))
    if faults:
        raise Invalid(*faults)
    return devices.register(identity, installation, subscription, now)


class WebPush:
    """The channel to devices."""

    def __init__(self) -> None:
        self._resting: dict[str, datetime] = {}  # hosts that did not answer, and until when they are left alone

    def targets(self, persons: Collection[UUID]) -> Iterable[tuple[UUID, UUID]]:
        """Return the devices of these persons."""
        return devices.targets(persons) if public_key() else ()

    def send(self, message: Message, now: datetime) -> None:
        """Send a message to a device. Raises Gone or TryLater, and OutboundFault for a host that is not allowed."""
        subscription = devices.find_subscription(message.target)
        if subscription is None:
            raise Gone
        address = check_endpoint(subscription.endpoint)
        origin = outbound.origin_of(address)
        if now < self._resting.get(origin, now):
            raise TryLater(self._resting[origin] - now)
        headers = _headers(message, origin, now)
        try:
            answer = outbound.post(address, headers, _body(message, subscription), MOST_SECONDS)
        except OutboundFault:
            self._resting[origin] = now + _REST
            raise TryLater from None
        if answer.status in _GONE:
            devices.forget(message.target, subscription.endpoint)
            raise Gone
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TryLater(_wait(answer.headers.get("retry-after", ""), now))
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            raise OutboundFault(f"status_{answer.status}")


def _headers(message: Message, origin: str, now: datetime) -> dict[str, str]:
    key = push_encryption.server_key(server_keys.secret(KEY))
    ttl = min(_LONGEST_TTL, message.expires_at - now) if message.expires_at else _LONGEST_TTL
    return {
        "Authorization": push_encryption.authorization(
            key, origin, _settings.public_url or "", int((now + _SIGNED_FOR).timestamp())
        ),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(max(0, int(ttl.total_seconds()))),
        "Urgency": "high" if message.kind in URGENT else "normal",
        # A repeat after a crash replaces the first one, if the device has not fetched it yet.
        "Topic": message.delivery.hex,
    }


def _body(message: Message, subscription: Subscription) -> bytes:
    notification = {
        "title": messages.text("push", "title"),
        "body": message.text,
        "navigate": f"{_settings.public_url}{message.screen}",
        "tag": message.delivery.hex,
        "lang": messages.ENGLISH,
        "dir": "ltr",
        "silent": False,
    }
    payload = json.dumps({"web_push": _FORM, "notification": notification}).encode()
    return push_encryption.encrypt(payload, push_encryption.read_keys(subscription.p256dh, subscription.auth))


def _wait(retry_after: str, now: datetime) -> timedelta | None:
    """Return the wait that a push service asks for: in seconds, or until a date."""
    try:
        if retry_after.isascii() and retry_after.isdigit():
            wait = timedelta(seconds=min(int(retry_after), int(_LONGEST_WAIT.total_seconds())))
        else:
            wait = parsedate_to_datetime(retry_after).astimezone(UTC) - now
    except (ValueError, OverflowError):
        return None
    return min(max(wait, timedelta()), _LONGEST_WAIT)
