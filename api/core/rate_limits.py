"""Rate limits of the API: by address, sign-in name and person. planner/accounts/rate_limits.py stores the counts.

Answers tell of them in the headers of the IETF's draft "RateLimit header fields for HTTP".
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from flask import Response, after_this_request, request

from api.core import proxies
from planner import text
from planner.accounts import caps, rate_limits
from planner.accounts.rate_limits import RateLimit, RateLimitState
from planner.errors import Conflict, Problem, RateLimited

_HOUR = timedelta(hours=1)


def sign_up() -> list[RateLimit]:
    """Return the limit of new accounts per hour from one address. A family behind one router stays below it."""
    return [RateLimit("sign-up", address(), 20, _HOUR)]


def repeated_sign_up(person: str) -> list[RateLimit]:
    """Return the limit of sign-ups with one id. For an hour, such a try tells whether its password is right."""
    return [RateLimit("sign-up id", person, 10, _HOUR)]


def sign_in(name: str, device: str | None) -> list[RateLimit]:
    """Return the limits of wrong passwords: low for a name from one address, higher for a name from all addresses.

    Guesses from one address do not lock the owner out at another address. Guesses at one name from many addresses
    reach the limit of the name. Then the owner also waits on a new device, for at most an hour. A `device` on which
    the owner has signed in has tries of its own, and the recovery code still works (see `recovery`).
    """
    if device:
        return [RateLimit("sign-in device", device, 10, timedelta(minutes=15))]
    key = text.fold_typed(name)  # otherwise each spelling of a name would have its own tries
    return [
        RateLimit("sign-in at", f"{key} {address()}", 10, timedelta(minutes=15)),
        RateLimit("sign-in name", key, 60, _HOUR),
        RateLimit("sign-in address", address(), 60, _HOUR),
    ]


def rightful_sign_in(name: str, device: str | None) -> list[RateLimit]:
    """Return the limit of sign-ins with the right password. Each costs a hash, a row and an inbox item."""
    return [RateLimit("sign-ins", device or text.fold_typed(name), caps.most("sign_ins_an_hour"), _HOUR)]


def passkey_sign_in(person: UUID) -> list[RateLimit]:
    """Return the limit of sign-ins with a right passkey. Each costs a row and an inbox item."""
    return [RateLimit("passkey sign-ins", str(person), caps.most("sign_ins_an_hour"), _HOUR)]


def recovery(device: str | None) -> list[RateLimit]:
    """Return the limit of wrong recovery codes from one address, or a known device. It spares the server the hashing.

    There is no limit by name. A code has 125 random bits, and a stranger's guesses would lock the owner out.
    """
    if device:
        return [RateLimit("recovery device", device, 20, _HOUR)]
    return [RateLimit("recovery address", address(), 20, _HOUR)]


def reset_mail(name: str) -> list[RateLimit]:
    """Return the limits of reset mails: for a name, so that no one floods a mailbox, and for an address.

    The codes work for a day. So a stranger who uses up the limit of a name locks no one out.
    """
    return [
        RateLimit("reset mails", text.fold_typed(name), 5, timedelta(days=1)),
        RateLimit("reset mails address", address(), 20, _HOUR),
    ]


def mail_code(person: str) -> list[RateLimit]:
    """Return the limit of wrong codes from a mail within an hour."""
    return [RateLimit("mail code", person, 10, _HOUR, private=True)]


def address_mails(person: str) -> list[RateLimit]:
    """Return the limit of mails with which one person confirms addresses within a day."""
    return [RateLimit("address mails", person, 10, timedelta(days=1), private=True)]


def unsubscribing() -> list[RateLimit]:
    """Return the limit of wrong tokens that end mails, from one address. It spares the server."""
    return [RateLimit("unsubscribe address", address(), 120, _HOUR)]


def password(session: UUID) -> list[RateLimit]:
    """Return the limit of wrong current passwords in one session. A lost phone cannot lock the other devices out."""
    return [RateLimit("password", str(session), 10, timedelta(minutes=15), private=True)]


def code(person: str) -> list[RateLimit]:
    """Return the limits of wrong invitation codes per hour, for an account and for an address."""
    return [RateLimit("code", person, 10, _HOUR, private=True), RateLimit("code address", address(), 10, _HOUR)]


def feed() -> list[RateLimit]:
    """Return the limit of wrong tokens of feeds from one address. It spares the server; no one can guess a token."""
    return [RateLimit("feed address", address(), 120, _HOUR)]


def busy_calendars(person: str) -> list[RateLimit]:
    """Return the limit of calendars that one person lets the server read within an hour."""
    return [RateLimit("busy calendars", person, 60, _HOUR, private=True)]


def imports(person: str) -> list[RateLimit]:
    """Return the limit of imports. Each takes seconds."""
    return [RateLimit("imports", person, 20, _HOUR)]


def exports(person: str) -> list[RateLimit]:
    """Return the limit of exports. Each takes seconds, and reads all photos."""
    return [RateLimit("exports", person, 20, _HOUR)]


def photos(person: str) -> list[RateLimit]:
    """Return the limit of photos that one person lets the server read within an hour."""
    return [RateLimit("photos", person, 120, _HOUR, private=True)]


@contextmanager
def rate_limited_if_right(limits: list[RateLimit], now: datetime) -> Iterator[None]:
    """Count a try before it is made, and refund it unless it succeeds. Raises RateLimited."""
    states = count(limits, now)
    try:
        yield
    except Problem:
        _refund(states, now)
        raise


@contextmanager
def rate_limited(limits: list[RateLimit], now: datetime) -> Iterator[None]:
    """Count a try before it is made, and refund it if the secret is right. Raises RateLimited."""
    states = count(limits, now)
    try:
        yield
    except Conflict:
        # The secret was right, so this is not a guess.
        _refund(states, now)
        raise
    _refund(states, now)


def count(limits: list[RateLimit], now: datetime) -> list[RateLimitState]:
    """Count a try, and return the states of its limits. The answer tells of the limits. Raises RateLimited."""
    policies = ", ".join(f"{_name(one.kind)};q={one.most};w={int(one.window.total_seconds())}" for one in limits)
    _add_headers({"RateLimit-Policy": policies})
    try:
        states = rate_limits.hit(limits, now)
    except RateLimited as error:
        # A limit that others share would tell of their tries: `Retry-After` is enough.
        if any(limit.kind == error.limit and limit.private for limit in limits):
            _add_headers({"RateLimit": f"{_name(error.limit)};r=0;t={error.retry_after}"})
        raise
    _tell(states)
    return states


def _refund(states: list[RateLimitState], now: datetime) -> None:
    rate_limits.refund([state.limit for state in states], now)
    _tell([state._replace(left=state.left + 1) for state in states])


def _tell(states: list[RateLimitState]) -> None:
    """Add what is left of the private limits to the answer.

    A number for an address or a sign-in name would tell a person of the tries of others in their home: that their
    partner signed up, or mistyped a password.
    """
    left = [f"{_name(state.limit.kind)};r={state.left};t={state.resets_in}" for state in states if state.limit.private]
    if left:
        _add_headers({"RateLimit": ", ".join(left)})


def _name(kind: str) -> str:
    return f'"{kind.replace(" ", "-")}"'


def _add_headers(headers: dict[str, str]) -> None:
    @after_this_request
    def add(answer: Response) -> Response:
        answer.headers.update(headers)
        return answer


def address() -> str:
    """Return the address of the client; for IPv6 its /64 network, because a household has all of it."""
    proxies.warn_of_unknown_proxy()
    try:
        client = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"  # a local socket, or a proxy that sends no address: these share one limit
    if isinstance(client, ipaddress.IPv4Address):
        return str(client)
    # A dual-stack server sees ::ffff:192.0.2.1. As a /64 network, all of IPv4 would share one limit.
    return str(client.ipv4_mapped or ipaddress.ip_network(f"{client}/64", strict=False))
