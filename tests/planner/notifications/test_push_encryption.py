"""The encryption of push: against the vector of RFC 8291, and against a device that decrypts."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from planner.notifications import push_encryption
from planner.notifications.push_encryption import decode, encode, read_keys
from tests.push_services import Device, PushService

# Appendix A of RFC 8291.
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
TEXT = b"When I grow up, I want to be a watermelon"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_vector_of_the_rfc() -> None:
    sender = ec.derive_private_key(int.from_bytes(decode(SENDER), "big"), ec.SECP256R1())
    keys = read_keys(P256DH, AUTH)
    assert encode(push_encryption.encrypt(TEXT, keys, len(TEXT), sender, decode(SALT))) == BODY


def test_a_device_reads_a_message_and_all_messages_have_one_length() -> None:
    device = Device(PushService())
    keys = read_keys(device.keys["p256dh"], device.keys["auth"])
    bodies = [push_encryption.encrypt(text, keys) for text in (b"", b"short", b"x" * push_encryption.LENGTH)]
    assert [device.decrypt(body) for body in bodies] == [b"", b"short", b"x" * push_encryption.LENGTH]
    assert len({len(body) for body in bodies}) == 1
    assert len(bodies[0]) < 4096
    assert push_encryption.encrypt(b"short", keys) != bodies[1], "each message has its own key and salt"


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        (P256DH[:-1] + "5", AUTH), ("A" * 87, AUTH), ("", AUTH), (P256DH, ""), (P256DH, AUTH[:-2]), (P256DH, "?" * 22),
    ],
)  # fmt: skip
def test_wrong_keys_are_refused(p256dh: str, auth: str) -> None:
    with pytest.raises(ValueError, match=r"key|secret|base64|empty|point"):
        read_keys(p256dh, auth)


def test_a_server_signs_with_the_key_that_belongs_to_its_secret() -> None:
    key, again = (push_encryption.server_key(bytes(31) + b"\x01") for _ in range(2))
    places = "https://push.example.org", "https://rekindle.example.org"
    header = push_encryption.authorization(key, *places, 1_800_000_000)
    token, public = header.removeprefix("vapid t=").split(", k=")
    assert public == push_encryption.public_text(key) == push_encryption.public_text(again)
    head, claims, signature = token.split(".")
    assert json.loads(decode(head)) == {"typ": "JWT", "alg": "ES256"}
    assert json.loads(decode(claims)) == {
        "aud": "https://push.example.org", "exp": 1_800_000_000, "sub": "https://rekindle.example.org"
    }  # fmt: skip
    pair = decode(signature)
    r, s = (int.from_bytes(half, "big") for half in (pair[:32], pair[32:]))
    known = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(public))
    known.verify(utils.encode_dss_signature(r, s), f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("secret", [bytes(32), b"\xff" * 32])
def test_every_secret_gives_a_key(secret: bytes) -> None:
    assert len(decode(push_encryption.public_text(push_encryption.server_key(secret)))) == 65
