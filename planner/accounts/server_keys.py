"""The secrets of this server, one a purpose, made on first use and kept in the database.

They make a code or an address in the tables useless without the tables' own key row, and differ between servers.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

import peewee

from planner.storage import db


class ServerKey(db.Model):
    """One secret: 32 random bytes, as hex."""

    purpose = peewee.TextField(unique=True)
    secret = peewee.TextField()

    class Meta:
        table_name = "server_keys"


# One entry a database and purpose: tests, and a restore, open another database in the same process.
_cache: dict[tuple[int, str], bytes] = {}


def hmac_digest(purpose: str, text: str) -> bytes:
    """HMAC-SHA256 of `text` under this server's key for `purpose`: 32 bytes."""
    return hmac.new(_key(purpose), text.encode(), hashlib.sha256).digest()


def ensure(*purposes: str) -> None:
    """Make the keys that are missing; part of setting up a database, so that no request has to write one."""
    for purpose in purposes:
        db.insert_if_absent(ServerKey, purpose=purpose, secret=secrets.token_hex(32))


def _key(purpose: str) -> bytes:
    known = (db.generation(), purpose)
    if known not in _cache:
        _cache[known] = bytes.fromhex(ServerKey.get(ServerKey.purpose == purpose).secret)
    return _cache[known]
