"""Invitation codes, derived from the invitation's id with a key of this server. They are never stored."""

from __future__ import annotations

import base64
from uuid import UUID

from planner import text
from planner.accounts import server_keys
from seeds.sign_in_words import WORDS


def derive_code(invitation_id: UUID) -> str:
    """Return the code of an invitation: 60 bits that only this server can derive from the id."""
    letters = base64.b32encode(server_keys.hmac_digest("codes", str(invitation_id))).decode()[:12]
    return "-".join((letters[:4], letters[4:8], letters[8:]))


def hash_code(code: str) -> str:
    """Return the stored digest of a code, typed in any form."""
    return server_keys.hmac_digest("code hashes", text.fold_code(code)).hex()


def check_words(first: UUID, second: UUID) -> tuple[str, ...]:
    """Return the three words of two people, in either order and by any invitation between them.

    They compare them aloud, to be sure that each is connected to the right person.
    """
    both = " ".join(sorted((str(first), str(second))))
    digest = server_keys.hmac_digest("check words", both)
    return tuple(WORDS[int.from_bytes(digest[at : at + 4]) % len(WORDS)] for at in (0, 4, 8))
