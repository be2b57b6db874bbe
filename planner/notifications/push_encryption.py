"""The encryption of Web Push: messages by RFC 8291 (aes128gcm), and the signature of the server by RFC 8292 (VAPID).

Only the device can read a message. All messages have one length, so a push service cannot tell them apart by it.
"""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LENGTH = 1024
"""The length in bytes to which messages are padded. Push services take at least 4096 bytes (RFC 8030)."""
_RECORD_SIZE = 4096
_CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of the curve P-256 (FIPS 186-4)."""
_SALT_LENGTH = _SECRET_LENGTH = 16
_END = b"\x02"


class DeviceKeys(NamedTuple):
    """The keys of a subscription: the public key of the device, and the secret that it shares with the server."""

    p256dh: bytes
    auth: bytes


def read_keys(p256dh: str, auth: str) -> DeviceKeys:
    """Return the keys from their base64url form. Raises ValueError if they are no point of the curve or no secret."""
    keys = DeviceKeys(decode(p256dh), decode(auth))
    ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, keys.p256dh)
    if len(keys.auth) != _SECRET_LENGTH:
        raise ValueError("the secret has another length")
    return keys


def encrypt(
    text: bytes,
    keys: DeviceKeys,
    length: int = LENGTH,
    sender: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Return a text of at most `length` bytes, padded to it and encrypted for a device (RFC 8291)."""
    sender, salt = sender or ec.generate_private_key(_CURVE), salt or os.urandom(_SALT_LENGTH)
    device, own = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, keys.p256dh), encoded(sender.public_key())
    shared = sender.exchange(ec.ECDH(), device)
    material = _derived(keys.auth, shared, b"WebPush: info\0" + keys.p256dh + own, 32)
    key = _derived(salt, material, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(salt, material, b"Content-Encoding: nonce\0", 12)
    padded = text + _END + bytes(length - len(text))
    head = salt + _RECORD_SIZE.to_bytes(4, "big") + bytes([len(own)]) + own
    return head + AESGCM(key).encrypt(nonce, padded, None)


def server_key(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """Return the private key of the server that belongs to 32 secret bytes."""
    return ec.derive_private_key(1 + int.from_bytes(secret, "big") % (_ORDER - 1), _CURVE)


def public_text(key: ec.EllipticCurvePrivateKey) -> str:
    """Return the public key in base64url, as browsers take it to subscribe."""
    return encode(encoded(key.public_key()))


def authorization(key: ec.EllipticCurvePrivateKey, audience: str, subject: str, expires: int) -> str:
    """Return the Authorization header for a push service (RFC 8292). `expires` counts seconds since 1970."""
    claims = {"aud": audience, "exp": expires, "sub": subject}
    signed = f"{_json({'typ': 'JWT', 'alg': 'ES256'})}.{_json(claims)}"
    r, s = utils.decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"vapid t={signed}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}, k={public_text(key)}"


def encode(data: bytes) -> str:
    """Return bytes as base64url without padding."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def decode(text: str) -> bytes:
    """Return the bytes of a base64url text, with or without padding. Raises ValueError."""
    stripped = text.rstrip("=")
    data = urlsafe_b64decode(stripped + "=" * (-len(stripped) % 4))
    if encode(data) != stripped:  # Python skips characters that do not belong there
        raise ValueError("not base64url")
    return data


def encoded(key: ec.EllipticCurvePublicKey) -> bytes:
    """Return a public key as an uncompressed point: 65 bytes."""
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _derived(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(material)


def _json(value: object) -> str:
    return encode(json.dumps(value, separators=(",", ":")).encode())
