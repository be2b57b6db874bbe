"""How often a stranger may try: by address, by name, by person. The rows stand in planner/accounts/rate_limits.py."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from flask import request

from planner.accounts import accounts, rate_limits
from planner.accounts.rate_limits import RateLimit
from planner.errors import Conflict

_HOUR = timedelta(hours=1)


def sign_up() -> list[RateLimit]:
    """New accounts an hour from one address: a family behind one router fits, a script does not."""
    return [RateLimit("sign-up", address(), 20, _HOUR)]


def sign_in(name: str) -> list[RateLimit]:
    """Wrong passwords: few for a name from one address, more for a name from everywhere.

    Guesses from one address lock nobody out elsewhere. Guesses at one name from many addresses end, and then its owner
    waits, too, for an hour at most; the recovery code still opens the account (see `recovery`).
    """
    key = accounts.normalize_sign_in_name(name)  # or each way of typing one name would have tries of its own
    return [
        RateLimit("sign-in at", f"{key} {address()}", 10, timedelta(minutes=15)),
        RateLimit("sign-in name", key, 60, _HOUR),
        RateLimit("sign-in address", address(), 60, _HOUR),
    ]


def recovery() -> list[RateLimit]:
    """Wrong recovery codes from one address, to spare the server the hashing.

    None by name: 125 random bits need none, and somebody else's guesses would keep the owner out.
    """
    return [RateLimit("recovery address", address(), 20, _HOUR)]


def password(person: str) -> list[RateLimit]:
    """Wrong current passwords of somebody who holds a token."""
    return [RateLimit("password", person, 10, timedelta(minutes=15))]


def code(person: str) -> list[RateLimit]:
    """Ten wrong invitation codes an hour, for an account and for an address."""
    return [RateLimit("code", person, 10, _HOUR), RateLimit("code address", address(), 10, _HOUR)]


@contextmanager
def rate_limited(limits: list[RateLimit], now: datetime) -> Iterator[None]:
    """Count a try before it is made; a rightful one is handed back. Raises TooMany."""
    rate_limits.hit(limits, now)
    try:
        yield
    except Conflict:
        # The secret was right, only the moment was not.
        rate_limits.refund(limits, now)
        raise
    rate_limits.refund(limits, now)


def address() -> str:
    """Where the request comes from; of IPv6 the network, since one household holds a whole one."""
    try:
        found = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"  # a local socket, or a proxy that hands on no address: all of these share their tries
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    # A server that listens on both kinds sees ::ffff:192.0.2.1; as networks, these would be one for all of IPv4.
    return str(found.ipv4_mapped or ipaddress.ip_network(f"{found}/64", strict=False))
