"""Key wrapping: a random key encrypts what one person writes, and other keys encrypt that key. No database, no clock.

AES-256-GCM encrypts. Its associated data name the purpose and the owner: no ciphertext can take the place of another.
A password is guessable, so its key comes from argon2id (passwords.derive_key). Tokens and recovery codes are random, so
theirs come from HKDF. The server does not have the recovery code when it makes a key. So it seals the key for a public
key (X25519) that was derived from the code before. Only the code opens the seal.
"""

from __future__ import annotations

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_NONCE_BYTES = 12
# A line and a page have the same length in the database.
_STEP = 4096


class WrongKey(Exception):
    """A key, a code or an owner that does not fit a ciphertext, or a ciphertext that was changed."""


def new_key() -> bytes:
    """Return a random key."""
    return secrets.token_bytes(KEY_BYTES)


def encrypt(key: bytes, plain: bytes, purpose: str) -> str:
    """Return a text that `decrypt` opens with the same key and purpose."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _to_text(nonce + AESGCM(key).encrypt(nonce, plain, purpose.encode()))


def decrypt(key: bytes, text: str, purpose: str) -> bytes:
    """Return what was encrypted. Raise WrongKey."""
    data = _from_text(text)
    try:
        return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], purpose.encode())
    except (InvalidTag, ValueError):
        raise WrongKey from None


def pad(plain: bytes) -> bytes:
    """Return bytes filled up to a multiple of 4 KiB."""
    return plain + b"\x80" + bytes(-(len(plain) + 1) % _STEP)


def unpad(padded: bytes) -> bytes:
    """Return the bytes before the padding."""
    return padded[: padded.rindex(b"\x80")]


def key_of_token(token: str) -> bytes:
    """Return the key that the token of a sign-in gives. Its stored digest does not."""
    return _derive(token.encode(), "token")


def public_key_of_code(code: str) -> str:
    """Return the public key that a recovery code gives, for storage."""
    return _to_text(_private_key(code).public_key().public_bytes_raw())


def seal(public_key: str, plain: bytes, purpose: str) -> str:
    """Return a text that only the recovery code of this public key opens."""
    ephemeral = X25519PrivateKey.generate()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(_from_text(public_key)))
    sender = _to_text(ephemeral.public_key().public_bytes_raw())
    return f"{sender}.{encrypt(_sealing_key(shared, sender, public_key), plain, purpose)}"


def unseal(code: str, sealed: str, purpose: str) -> bytes:
    """Return what was sealed for this recovery code. Raise WrongKey."""
    sender, _, text = sealed.partition(".")
    shared = _private_key(code).exchange(X25519PublicKey.from_public_bytes(_from_text(sender)))
    return decrypt(_sealing_key(shared, sender, public_key_of_code(code)), text, purpose)


def _private_key(code: str) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(_derive(code.encode(), "recovery code"))


def _sealing_key(shared: bytes, sender: str, receiver: str) -> bytes:
    return _derive(shared, f"seal {sender} {receiver}")


def _derive(secret: bytes, use: str) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, None, f"rekindle {use}".encode()).derive(secret)


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _from_text(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
