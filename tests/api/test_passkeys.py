"""Test passkeys over HTTP, with a device in software: making, signing in, confirming, removing, and what is refused."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import cbor2
import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from time_machine import Traveller
from werkzeug.test import TestResponse

from planner.accounts import passkeys
from planner.accounts.passkey_checks import Registration, Site
from planner.accounts.passkeys import Passkey
from planner.contact.viewer import authenticate
from planner.errors import Unauthenticated
from planner.settings import Settings
from planner.storage import db
from tests.authenticator import PRESENT, Authenticator, encoded
from tests.conftest import SETTINGS
from tests.people import PASSWORD, Cast, Person, expect
from tests.racing import strangers, together

TEN_MINUTES = timedelta(minutes=10)


def challenge(app: Flask) -> str:
    text: str = expect(app.test_client().post("/v1/passkey-challenges", json={}), 200)["challenge"]
    return text


def make(person: Person, device: Authenticator, status: int = 201, **more: Any) -> Any:
    """Make a passkey on a device, and add it to the person's account."""
    prepared = person.post("/me/passkey-challenges")
    return person.post("/me/passkeys", {"name": "phone", **device.make(prepared["challenge"]), **more}, status)


def sign_in(app: Flask, answer: dict[str, str], **more: Any) -> TestResponse:
    return app.test_client().post("/v1/sign-ins/by-passkey", json={"passkey": answer, **more})


@pytest.fixture
def phone(sam: Person) -> Authenticator:
    """Return a device with a passkey of Sam."""
    device = Authenticator()
    make(sam, device)
    return device


def test_a_passkey_signs_in_without_a_name_and_tells_the_inbox(sam: Person, phone: Authenticator) -> None:
    session = expect(sign_in(sam.app, phone.use(challenge(sam.app)), device="tablet"), 201)["session"]
    assert session["person_id"] == sam.id
    assert replace(sam, token=session["token"]).get("/me")["sign_in_name"] == sam.sign_in_name
    assert sorted(sam.inbox()) == ["new_passkey", "new_sign_in"]
    (listed,) = sam.get("/me/passkeys")["items"]
    assert (listed["name"], listed["used_at"]) == ("phone", "2026-11-23T12:00:00.000Z")
    assert [item["device"] for item in sam.get("/sign-ins")["items"] if not item["current"]] == ["tablet"]


def test_what_a_device_signed_is_good_once(sam: Person, phone: Authenticator) -> None:
    answer = phone.use(challenge(sam.app))
    results = together(*[partial(sign_in, sam.app, answer)] * 5)
    assert sorted(result.status_code for result in results) == [201, 403, 403, 403, 403]
    assert expect(sign_in(sam.app, answer), 403)["type"] == "/problems/wrong-secret"


def test_a_challenge_ends_after_five_minutes(sam: Person, phone: Authenticator, stopped_clock: Traveller) -> None:
    late, in_time = challenge(sam.app), challenge(sam.app)
    stopped_clock.shift(timedelta(minutes=5))
    expect(sign_in(sam.app, phone.use(in_time)), 201)
    stopped_clock.shift(timedelta(seconds=1))
    assert expect(sign_in(sam.app, phone.use(late)), 403)["reason"] == "passkey_too_late"


def altered(answer: dict[str, str], **parts: bytes) -> dict[str, str]:
    return answer | {name: encoded(value) for name, value in parts.items()}


def test_what_another_device_site_or_purpose_signed_is_refused(app: Flask, sam: Person, phone: Authenticator) -> None:
    (kim,) = strangers(app, "Kim")
    prepared = kim.post("/me/passkey-challenges")["challenge"]
    good = phone.use(challenge(app))
    client_data = json.loads(urlsafe_b64decode(good["client_data"] + "=="))
    wrong = {
        "another site": replace(phone, origin="https://evil.example.org").use(challenge(app)),
        "another host": replace(phone, host="evil.example.org").use(challenge(app)),
        "an unlocked device": replace(phone, flags=PRESENT).use(challenge(app)),
        "a challenge for making": phone.use(prepared),
        "a challenge of no one": phone.use(encoded(bytes(40))),
        "no challenge": phone.use(""),
        "another key": replace(Authenticator(), credential=phone.credential).use(challenge(app)),
        "an unknown passkey": Authenticator().use(challenge(app)),
        "an older count": replace(phone, count=-1).use(challenge(app)),
        "another purpose": altered(good, client_data=json.dumps(client_data | {"type": "webauthn.create"}).encode()),
        "no JSON": altered(good, client_data=b"\xff{"),
        "a list": altered(good, client_data=b"[]"),
        "deep JSON": altered(good, client_data=b"[" * 4000),
        "no data": altered(good, authenticator_data=b"x"),
        "no signature": altered(good, signature=b"x"),
    }
    phone.count += 5
    for case, answer in wrong.items():
        if case == "an older count":
            expect(sign_in(app, phone.use(challenge(app))), 201)
        assert sign_in(app, answer).status_code == 403, case
    expect(sign_in(app, phone.use(challenge(app))), 201)


def test_a_device_that_was_not_unlocked_makes_no_passkey(sam: Person) -> None:
    for device in (
        Authenticator(flags=PRESENT),
        Authenticator(origin="http://evil.example.org"),
        Authenticator(host="x"),
    ):
        assert make(sam, device, 403)["reason"] == "passkey_mismatch"
    assert sam.get("/me/passkeys")["items"] == []


def test_a_challenge_makes_one_passkey_in_its_own_sign_in(app: Flask, sam: Person) -> None:
    (kim,) = strangers(app, "Kim")
    prepared = sam.post("/me/passkey-challenges")
    assert (prepared["host"], prepared["sign_in_name"], prepared["known"]) == ("localhost", sam.sign_in_name, [])
    kim.post("/me/passkeys", {"name": "x", **Authenticator().make(prepared["challenge"])}, 403)
    sam.post("/me/passkeys", {"name": "x", **Authenticator().make(challenge(app))}, 403)
    sam.post("/me/passkeys", {"name": "x", **Authenticator().make(prepared["challenge"])}, 201)
    sam.post("/me/passkeys", {"name": "y", **Authenticator().make(prepared["challenge"])}, 403)
    assert len(sam.post("/me/passkey-challenges")["known"]) == 1


def test_a_repeated_create_changes_nothing_and_no_passkey_has_two_owners(app: Flask, sam: Person) -> None:
    (kim,) = strangers(app, "Kim")
    device, passkey_id = Authenticator(), str(uuid4())
    body = {"id": passkey_id, "name": "phone", **device.make(sam.post("/me/passkey-challenges")["challenge"])}
    assert sam.post("/me/passkeys", body, 201) == sam.post("/me/passkeys", body, 201)
    assert make(kim, device, 422)["reason"] == "id_taken"
    assert make(kim, Authenticator(), 422, id=passkey_id)["reason"] == "id_taken"
    assert make(sam, Authenticator(), 422, id=passkey_id)["reason"] == "id_taken"
    assert kim.get("/me/passkeys")["items"] == []


def test_a_new_passkey_needs_a_sign_in_confirmed_within_ten_minutes(sam: Person, stopped_clock: Traveller) -> None:
    stopped_clock.shift(TEN_MINUTES)
    lent = replace(sam, confirms=False)
    assert lent.post("/me/passkey-challenges", {}, 403)["reason"] == "confirm_first"
    sam.post("/sign-ins/current/confirm", {"password": PASSWORD})
    make(lent, Authenticator())


def test_a_passkey_confirms_a_sign_in_of_its_owner_only(cast: Cast, stopped_clock: Traveller) -> None:
    device = Authenticator()
    make(cast.alice, device)
    stopped_clock.shift(timedelta(days=2))
    alice, charlie = (replace(person, confirms=False) for person in (cast.alice, cast.charlie))
    alice.delete("/couple", 403)
    charlie.post("/sign-ins/current/confirm", {"passkey": device.use(challenge(alice.app))}, 403)
    charlie.delete("/couple", 403)
    alice.post("/sign-ins/current/confirm", {"passkey": device.use(challenge(alice.app))})
    alice.delete("/couple")
    for body in ({}, {"password": PASSWORD, "passkey": device.use(challenge(alice.app))}):
        (fault,) = alice.post("/sign-ins/current/confirm", body, 422)["errors"]
        assert fault["code"] == "only_one"


def test_a_removed_passkey_signs_no_one_in(sam: Person, phone: Authenticator) -> None:
    (listed,) = sam.get("/me/passkeys")["items"]
    sam.delete(f"/me/passkeys/{listed['id']}")
    sam.delete(f"/me/passkeys/{listed['id']}", 404)
    expect(sign_in(sam.app, phone.use(challenge(sam.app))), 403)
    sam.get("/me")


def test_recovery_removes_all_passkeys_and_a_password_change_none(sam: Person, phone: Authenticator) -> None:
    change = {"current_password": PASSWORD, "new_password": "another horse entirely"}
    sam.put("/me/password", change, 204)
    expect(sign_in(sam.app, phone.use(challenge(sam.app))), 201)
    body = {"sign_in_name": sam.sign_in_name, "recovery_code": sam.recovery_code, "new_password": PASSWORD}
    expect(sam.app.test_client().post("/v1/recovery", json=body), 200)
    expect(sign_in(sam.app, phone.use(challenge(sam.app))), 403)


def test_a_passkey_of_a_sign_in_that_ends_at_this_moment_is_not_added(sam: Person, now: datetime) -> None:
    answer = Authenticator().make(sam.post("/me/passkey-challenges")["challenge"])
    with db.connection():
        identity = authenticate(sam.token, now).identity  # the request has begun
    sam.delete("/sign-ins/current")
    with db.connection(), pytest.raises(Unauthenticated):
        passkeys.add(identity, Site("localhost", "http://localhost"), Registration(**answer), "phone", None, now)
    with db.connection():
        assert Passkey.select().count() == 0


def test_a_deleted_account_has_no_way_in_by_passkey(sam: Person, phone: Authenticator) -> None:
    sam.request("DELETE", "/me", {"password": PASSWORD})
    expect(sign_in(sam.app, phone.use(challenge(sam.app))), 403)


def test_the_safety_check_and_the_export_tell_of_passkeys(sam: Person, phone: Authenticator) -> None:
    (line,) = [line for line in sam.get("/me/safety")["items"] if line["kind"] == "passkey"]
    assert line["text"].startswith(
        "Anyone who can unlock the device with the passkey “phone”, added on 23 November 2026"
    )
    assert sam.request(line["end"]["method"], line["end"]["path"].removeprefix("/v1")).status_code == 204
    assert sam.get("/me/passkeys")["items"] == []


def test_sign_ins_with_a_passkey_are_limited(sam: Person, phone: Authenticator) -> None:
    results = [sign_in(sam.app, phone.use(challenge(sam.app))).status_code for _ in range(22)]
    assert results == [201] * 20 + [429] * 2


@pytest.mark.parametrize("settings", [replace(SETTINGS, public_url="https://rekindle.example.org", max_passkeys=2)])
def test_the_public_address_is_the_one_for_which_devices_sign(app: Flask, sam: Person, settings: Settings) -> None:
    assert make(sam, Authenticator(), 403)["reason"] == "passkey_mismatch"
    device = Authenticator("rekindle.example.org", "https://rekindle.example.org")
    make(sam, device)
    expect(sign_in(app, device.use(challenge(app))), 201)
    make(sam, replace(device, credential=b"another one"))
    assert sam.post("/me/passkey-challenges", {}, 409)["reason"] == "too_many_passkeys"


@pytest.mark.parametrize("host", ["[::1", "x" * 300, "a b", ""])
def test_a_host_that_is_no_address_gets_a_clear_answer(app: Flask, host: str) -> None:
    answer = app.test_client().post("/v1/passkey-challenges", json={}, headers={"Host": host})
    assert answer.status_code in (200, 400)


PARTS = st.sampled_from(["fmt", "attStmt", "authData", "x5c"])
VALUES = st.recursive(
    st.none() | st.integers() | st.text() | st.binary(), lambda inner: st.dictionaries(PARTS, inner) | st.lists(inner)
)


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(min_size=1, max_size=200) | VALUES.map(cbor2.dumps))
def test_no_attestation_breaks_the_server(sam: Person, content: bytes) -> None:
    answer = Authenticator().make(sam.post("/me/passkey-challenges")["challenge"])
    assert sam.post("/me/passkeys", {"name": "x", **answer, "attestation": encoded(content)}, 403)


def test_parts_that_are_not_base64url_are_refused(app: Flask, sam: Person, phone: Authenticator) -> None:
    for value in ("", "a=", "a+b", "é", "a\0", 7, None, "A" * 6001):
        answer = sign_in(app, phone.use(challenge(app)) | {"signature": value})
        (fault,) = expect(answer, 422)["errors"]
        assert fault["field"] == "passkey.signature"
    with db.connection():
        assert Passkey.select().count() == 1
