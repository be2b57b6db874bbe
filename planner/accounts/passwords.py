"""Passwords, hashed with argon2id. Hashing takes tens of milliseconds: never inside a transaction."""

from __future__ import annotations

import secrets
import unicodedata
from typing import NamedTuple

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import hash_secret_raw
from zxcvbn_rs_py import zxcvbn

# 19 MiB, two passes, one lane: OWASP's second recommended profile. The default of argon2-cffi needs several times the
# memory, too much for a small server when sixteen people sign in at once. "high" has the memory and the passes of
# RFC 9106's second recommendation.
_COSTS = {"high": (3, 65536), "standard": (2, 19456), "cheapest": (1, 8)}
# The rate limits let a stranger try a password some 500,000 times in a year.
_FEWEST_TRIES = 10**6
# The work of zxcvbn grows with the square of the length, and no other thread runs: strangers could hold up a worker.
_LOOKED_AT = 40
_KEY_BYTES, _SALT_BYTES = 32, 16
_hasher: PasswordHasher
_dummy_hash: str  # verified in place of the hash of an unknown person


class Cost(NamedTuple):
    """The work of argon2id: passes over so much memory."""

    passes: int
    kibibytes: int


def set_cost(name: str) -> None:
    """Set how much work a hash is: "standard", "high", or "cheapest" for tests."""
    global _hasher, _dummy_hash
    passes, kibibytes = _COSTS[name]
    _hasher = PasswordHasher(time_cost=passes, memory_cost=kibibytes, parallelism=1)
    # Hash it now. Otherwise the first unknown name would take twice as long, which tells it from a known one.
    _dummy_hash = _hasher.hash("no account has this password")


def is_common(password: str) -> bool:
    """Return whether a password is among the first million that a stranger would try: known ones, dates, repeats.

    zxcvbn estimates it with the lists of words that it contains. It asks no server.
    """
    typed = _normalize(password)
    ends = {typed[:_LOOKED_AT], typed[-_LOOKED_AT:]}
    return all(zxcvbn(end).guesses < _FEWEST_TRIES for end in ends)


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, for storage."""
    return _hasher.hash(_normalize(password))


def verify(stored_hash: str | None, password: str, decoy: str | None = None) -> bool:
    """Return whether the password fits the hash. Without a hash (unknown person), do the work of the decoy.

    The work is the one that each hash was made with, also after the operator has changed the cost.
    """
    try:
        return _hasher.verify(stored_hash or decoy or _dummy_hash, _normalize(password)) and bool(stored_hash)
    except (VerificationError, InvalidHashError):
        return False


def is_cheaper(stored_hash: str) -> bool:
    """Return whether a stored hash took less work than a new one would, because the cost was raised since."""
    used = extract_parameters(stored_hash)
    return (used.memory_cost, used.time_cost) < (_hasher.memory_cost, _hasher.time_cost)


def new_salt() -> bytes:
    """Return a random salt for `derive_key`."""
    return secrets.token_bytes(_SALT_BYTES)


def cost() -> Cost:
    """Return the work that hashing a password is now."""
    return Cost(_hasher.time_cost, _hasher.memory_cost)


def derive_key(password: str, salt: bytes, cost: Cost) -> bytes:
    """Return a key of 32 bytes from a password. It takes as long as a hash, which has another salt."""
    return hash_secret_raw(_normalize(password).encode(), salt, cost.passes, cost.kibibytes, 1, _KEY_BYTES, Type.ID)


def _normalize(password: str) -> str:
    # Phones send different code points for the same keys.
    return unicodedata.normalize("NFKC", password)


set_cost("standard")
