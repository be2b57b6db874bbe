"""Checks of what a device signs with a passkey, by py_webauthn. The database is not asked here.

A challenge is a random value with a time, under a key of this server. So no row is needed before a person signs in.
passkeys.py sees to it that each is used once.
"""

from __future__ import annotations

import binascii
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import webauthn
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    RegistrationCredential,
)

from planner.accounts import server_keys
from planner.errors import BadCredentials

CHALLENGE_LIFE = timedelta(minutes=5)
"""How long a person has to answer the question of their device."""
_RANDOM, _TIME, _TAG = 16, 8, 16  # bytes of a challenge


class Site(NamedTuple):
    """The address at which people use this server: passkeys belong to the host, and devices sign the origin."""

    host: str
    origin: str


class Registration(NamedTuple):
    """What a device answers when it makes a passkey, each part as base64url."""

    credential_id: str
    client_data: str
    attestation: str


class Assertion(NamedTuple):
    """What a device answers when a person uses a passkey, each part as base64url."""

    credential_id: str
    client_data: str
    authenticator_data: str
    signature: str


class MadePasskey(NamedTuple):
    """A new passkey: its public key as base64url, and how often it has signed."""

    public_key: str
    sign_count: int


def new_challenge(purpose: str, now: datetime) -> str:
    """Return a challenge that is good for one purpose and a few minutes."""
    begin = secrets.token_bytes(_RANDOM) + int(now.timestamp()).to_bytes(_TIME, "big")
    return encode(begin + _tag(purpose, begin))


def read_challenge(client_data: str, purpose: str, now: datetime) -> str:
    """Return the challenge that a device signed. Raises BadCredentials if it is not one of ours, or too old."""
    try:
        signed = _decode(json.loads(_decode(client_data))["challenge"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BadCredentials("passkey_mismatch") from None
    begin, tag = signed[: _RANDOM + _TIME], signed[_RANDOM + _TIME :]
    if not secrets.compare_digest(tag, _tag(purpose, begin)):
        raise BadCredentials("passkey_mismatch")
    made_at = datetime.fromtimestamp(int.from_bytes(begin[_RANDOM:], "big"), UTC)
    if abs(now - made_at) > CHALLENGE_LIFE:
        raise BadCredentials("passkey_too_late")
    return encode(signed)


def check_registration(site: Site, given: Registration, challenge: str) -> MadePasskey:
    """Return the passkey that a device made. Raises BadCredentials if it does not fit the challenge and the site."""
    try:
        raw_id = _decode(given.credential_id)
        answer = AuthenticatorAttestationResponse(
            client_data_json=_decode(given.client_data), attestation_object=_decode(given.attestation)
        )
        made = webauthn.verify_registration_response(
            credential=RegistrationCredential(id=given.credential_id, raw_id=raw_id, response=answer),
            expected_challenge=_decode(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    # The library parses CBOR and certificates of a stranger, which fail in many ways.
    except Exception:
        raise BadCredentials("passkey_mismatch") from None
    if made.credential_id != raw_id:
        raise BadCredentials("passkey_mismatch")
    return MadePasskey(encode(made.credential_public_key), made.sign_count)


def check_assertion(site: Site, given: Assertion, challenge: str, public_key: str, sign_count: int) -> int:
    """Return how often the passkey has signed by now. Raises BadCredentials unless it signed this challenge here."""
    try:
        answer = AuthenticatorAssertionResponse(
            client_data_json=_decode(given.client_data),
            authenticator_data=_decode(given.authenticator_data),
            signature=_decode(given.signature),
        )
        raw_id = _decode(given.credential_id)
        verified = webauthn.verify_authentication_response(
            credential=AuthenticationCredential(id=given.credential_id, raw_id=raw_id, response=answer),
            expected_challenge=_decode(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=_decode(public_key),
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except Exception:  # as above
        raise BadCredentials("passkey_mismatch") from None
    return verified.new_sign_count


def encode(value: bytes) -> str:
    """Return bytes as base64url without padding."""
    return urlsafe_b64encode(value).decode().rstrip("=")


def _decode(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def _tag(purpose: str, begin: bytes) -> bytes:
    return server_keys.hmac_digest("passkey challenges", f"{purpose}\n{begin.hex()}")[:_TAG]
