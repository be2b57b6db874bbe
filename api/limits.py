"""How often a stranger may try: by address, by name, by person. The rows stand in planner/people/attempts.py."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from flask import request

from planner.people import attempts
from planner.people.attempts import Limit

_HOUR = timedelta(hours=1)


def sign_up() -> list[Limit]:
    """New accounts an hour from one address: a family behind one router fits, a script does not."""
    return [Limit("sign-up", address(), 20, _HOUR)]


def sign_in(name: str) -> list[Limit]:
    """Wrong passwords: few for a name from one address, more for a name from everywhere, so that nobody can be
    locked out by somebody else's guesses alone, and guesses from many places still end.
    """
    key = name.strip().lower()
    return [
        Limit("sign-in at", f"{key} {address()}", 10, timedelta(minutes=15)),
        Limit("sign-in name", key, 60, _HOUR),
        Limit("sign-in address", address(), 60, _HOUR),
    ]


def password(person: str) -> list[Limit]:
    """Wrong current passwords of somebody who holds a token."""
    return [Limit("password", person, 10, timedelta(minutes=15))]


def code(person: str) -> list[Limit]:
    """Ten wrong invitation codes an hour, for an account and for an address."""
    return [Limit("code", person, 10, _HOUR), Limit("code address", address(), 10, _HOUR)]


@contextmanager
def trying(limits: list[Limit], now: datetime) -> Iterator[None]:
    """Count a try before it is made; a rightful one is handed back. Raises TooMany."""
    attempts.spend(limits, now)
    yield
    attempts.refund(limits, now)


def address() -> str:
    """Where the request comes from; of IPv6 the network, since one household holds a whole one."""
    found = ipaddress.ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104  # a stand-in, nothing is bound
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network(f"{found}/64", strict=False))
    return str(found)
