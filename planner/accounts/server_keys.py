"""Secret keys of this server, one for each purpose, created at setup and stored in the database.

Without the key, a stored digest of a code or an address is useless. Each server has different keys.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

import peewee

from planner.storage import db


class ServerKey(db.Model):
    """One secret: 32 random bytes, as hex."""

    purpose = peewee.TextField(unique=True)
    secret = peewee.TextField()

    class Meta:
        table_name = "server_keys"


# Keyed by database and purpose, because tests and a restore open another database in the same process.
_cache: dict[tuple[int, str], bytes] = {}


def hmac_digest(purpose: str, text: str) -> bytes:
    """Return the HMAC-SHA256 of `text` with this server's key for `purpose`: 32 bytes."""
    return hmac.new(_key(purpose), text.encode(), hashlib.sha256).digest()


def secret(purpose: str) -> bytes:
    """Return this server's secret for `purpose`: 32 random bytes."""
    return _key(purpose)


def ensure(*purposes: str) -> None:
    """Create the missing keys. Database setup calls it, so that no request has to write one."""
    for purpose in purposes:
        db.insert_if_absent(ServerKey, purpose=purpose, secret=secrets.token_hex(32))


def _key(purpose: str) -> bytes:
    cache_key = (db.generation(), purpose)
    if cache_key not in _cache:
        ((text,),) = _secret(purpose)
        _cache[cache_key] = bytes.fromhex(text)
    return _cache[cache_key]


@db.cached_query
def _secret(purpose: Any) -> Any:
    return ServerKey.select(ServerKey.secret).where(ServerKey.purpose == purpose)
