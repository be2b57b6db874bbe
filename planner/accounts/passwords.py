"""Passwords, hashed with argon2id. Hashing takes tens of milliseconds: never inside a transaction."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# 19 MiB, two passes, one lane: OWASP's second recommended profile. argon2-cffi's own default needs several times the
# memory, which sixteen people signing in at once would take from a small server.
_COSTS = {"standard": (2, 19456), "cheapest": (1, 8)}
_hasher: PasswordHasher
_nobody: str  # the hash that stands in where there is no such person


def set_cost(name: str) -> None:
    """Choose how much work a hash is: "standard", or "cheapest" for tests."""
    global _hasher, _nobody
    passes, kibibytes = _COSTS[name]
    _hasher = PasswordHasher(time_cost=passes, memory_cost=kibibytes, parallelism=1)
    # Made now: the first unknown name would otherwise take twice as long, and so be told from a known one.
    _nobody = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The hash to keep."""
    return _hasher.hash(_normal(password))


def verify(kept: str | None, password: str) -> bool:
    """Whether the password fits the hash. With no hash (no such person) the same work is done for nothing."""
    try:
        return _hasher.verify(kept or _nobody, _normal(password)) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    # The same key presses give different code points on different phones.
    return unicodedata.normalize("NFKC", password)


set_cost("standard")
