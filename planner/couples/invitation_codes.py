"""The codes of invitations: made from an invitation's id by this server alone, shown again, and kept nowhere."""

from __future__ import annotations

import base64
from uuid import UUID

from planner.accounts import server_keys
from seeds.wordlist import WORDS


def derive_code(invitation_id: UUID) -> str:
    """Sixty bits that only this server can work out from the id: shown again to its inviter, never stored."""
    text = base64.b32encode(server_keys.hmac_digest("codes", str(invitation_id))).decode()[:12]
    return "-".join((text[:4], text[4:8], text[8:]))


def hash_code(code: str) -> str:
    """What is kept of a code, however it was typed."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum()).replace("0", "O").replace("1", "I")
    return server_keys.hmac_digest("code hashes", letters).hex()


def check_words(invitation_id: UUID, accepter: UUID | None) -> tuple[str, ...]:
    """Three words that both see, so that they can tell each other aloud that nobody stands between them."""
    found = server_keys.hmac_digest("check words", f"{invitation_id} {accepter}")
    return tuple(WORDS[int.from_bytes(found[at : at + 4]) % len(WORDS)] for at in (0, 4, 8))
