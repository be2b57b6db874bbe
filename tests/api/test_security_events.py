"""GET /v1/me/security-events: what happened to an account, for its person and the operator, and no one else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from planner import scheduler
from planner.accounts import security_events
from planner.accounts.security_events import SecurityEvent
from planner.storage import db
from tests import commands
from tests.api.test_imports import take_over
from tests.api.test_passkeys import challenge, make
from tests.api.test_passkeys import sign_in as sign_in_with
from tests.api.test_sign_ins import NEW, change_password, elsewhere, recover, sign_in
from tests.authenticator import Authenticator
from tests.conftest import NOON
from tests.email_addresses import ADDRESS, ask, confirmed, give, reset
from tests.email_addresses import PATH as ADDRESS_PATH
from tests.mailboxes import Mailboxes
from tests.people import PASSWORD, Cast, Person, expect

PATH = "/me/security-events"
HOUR = timedelta(hours=1)


def events(person: Person) -> list[tuple[str, int]]:
    """Return kinds and counts, oldest first."""
    return [(event["kind"], event["count"]) for event in person.get(f"{PATH}?limit=100")["items"]][::-1]


def test_the_life_of_an_account_is_told(sam: Person, stopped_clock: Any) -> None:
    def later() -> None:
        stopped_clock.shift(timedelta(minutes=1))

    tablet = elsewhere(sam)
    later()
    for _ in range(3):
        expect(sign_in(sam, password="wrong horse"), 403)
    later()
    session = next(one for one in sam.get("/sign-ins")["items"] if not one["current"])
    expect(sam.request("DELETE", f"/sign-ins/{session['id']}"), 204)
    assert tablet.request("GET", "/me").status_code == 401
    later()
    expect(change_password(sam, current="not my password"), 403)
    later()
    expect(change_password(sam), 204)
    later()
    code = sam.post("/me/recovery-code", {"password": NEW})["recovery_code"]
    later()
    expect(recover(sam, "wrong-code"), 403)
    later()
    again = expect(recover(sam, code), 200)["session"]["token"]
    told = events(Person(**{**vars(sam), "token": again}))
    assert told == [
        ("signed_in", 1), ("signed_in", 1), ("sign_in_refused", 3), ("sign_in_ended", 1), ("password_refused", 1),
        ("password_changed", 1), ("recovery_code_renewed", 1), ("recovery_refused", 1), *told[-2:],
    ]  # fmt: skip
    assert sorted(told[-2:]) == [("recovered", 1), ("signed_in", 1)]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/me/exports", {"part": "ordinary"}),
        ("POST", "/me/received", {}),
        ("PUT", ADDRESS_PATH, {"address": ADDRESS, "resets_password": True}),
        ("DELETE", "/me", {}),
    ],
)
def test_a_wrong_password_of_a_signed_in_device_is_told(
    sam: Person,
    boxes: Mailboxes,  # the fixture
    method: str,
    path: str,
    body: dict[str, Any],
) -> None:
    expect(sam.request(method, path, {**body, "password": "wrong horse"}), 403)
    assert ("password_refused", 1) in events(sam)


def test_an_event_has_a_text_and_a_device_and_no_address(sam: Person) -> None:
    answer = sam.request("GET", PATH)
    (event,) = answer.get_json()["items"]
    assert event.keys() == {"id", "kind", "text", "at", "count", "device"}
    assert (event["text"], event["device"]) == ("There was a new sign-in.", sam.get("/sign-ins")["items"][0]["device"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert "127.0.0.1" not in answer.get_data(as_text=True)


def test_refusals_of_an_hour_are_one_event_and_a_lock_out_is_another(sam: Person, stopped_clock: Any) -> None:
    for number in range(14):
        stopped_clock.move_to(NOON + timedelta(seconds=number + 1))
        sign_in(sam, password="wrong horse")
    assert events(sam)[1:] == [("sign_in_refused", 10), ("locked_out", 1)]
    stopped_clock.shift(HOUR)
    sign_in(sam, password="wrong horse")
    assert events(sam)[-1] == ("sign_in_refused", 1)


def test_refusals_of_unknown_names_cost_the_same_and_reach_no_one(sam: Person, cast: Cast) -> None:
    body = {"sign_in_name": "no-such-name", "password": "wrong horse"}
    for _ in range(12):
        sam.app.test_client().post("/v1/sign-ins", json=body)
    with db.connection():
        rows = db.fetch_all(
            SecurityEvent.select(SecurityEvent.kind, SecurityEvent.count).where(SecurityEvent.person.is_null())
        )
    assert sorted(rows) == [("locked_out", 1), ("sign_in_refused", 10)]
    for person in (sam, cast.alice):
        assert {kind for kind, _ in events(person)} == {"signed_in"}


def test_the_partner_learns_nothing(cast: Cast) -> None:
    before = cast.bob.request("GET", PATH).data
    expect(sign_in(cast.alice, password="wrong horse"), 403)
    assert cast.bob.request("GET", PATH).data == before
    assert ("sign_in_refused", 1) in events(cast.alice)


def test_the_list_has_pages_a_cap_and_an_end(sam: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security_events, "MOST", 5)
    for number in range(7):
        with db.connection(), db.write():
            security_events.record(sam.id, "passkey_added", NOON + number * HOUR, f"key {number}")
    seen, path = [], f"{PATH}?limit=2"
    while path:
        answer = sam.get(path)
        seen += [event["device"] for event in answer["items"]]
        path = f"{PATH}?limit=2&after={answer['next']}" if answer["next"] else ""
    assert seen == [f"key {number}" for number in (6, 5, 4, 3, 2)]
    assert sam.get(f"{PATH}?after=nonsense", 422)["errors"][0]["code"] == "not_a_cursor"
    scheduler.run_housekeeping(NOON + 4 * HOUR + security_events.RETENTION)
    assert [event["device"] for event in sam.get(PATH)["items"]] == ["key 6", "key 5", "key 4"]


def test_a_stranger_who_guesses_does_not_push_out_what_a_person_did(
    sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security_events, "MOST", 3)
    with db.connection():
        for number in range(5):
            security_events.record_refusal(sam.id, "sign_in_refused", NOON + number * 2 * HOUR)
        with db.write():
            security_events.record(sam.id, "passkey_added", NOON + 11 * HOUR, "key")
    kinds = [event["kind"] for event in sam.get(PATH)["items"]]
    assert (kinds.count("sign_in_refused"), kinds.count("signed_in"), kinds.count("passkey_added")) == (3, 1, 1)


def test_what_mails_change_is_told(sam: Person, boxes: Mailboxes, app: Flask) -> None:
    confirmed(sam, boxes, resets_password=True)
    ask(app, sam.sign_in_name)
    scheduler.send_account_mails()
    expect(reset(app, sam.sign_in_name, "ABCD-EFGH-JKLM"), 403)
    expect(reset(app, "no-such-name", "ABCD-EFGH-JKLM"), 403)
    token = expect(reset(app, sam.sign_in_name, boxes.code(ADDRESS)), 200)["session"]["token"]
    again = Person(**{**vars(sam), "token": token})
    again.delete(ADDRESS_PATH)
    assert sorted(kind for kind, _ in events(again) if kind != "signed_in") == [
        "email_address_confirmed", "email_address_removed", "mail_code_refused", "mail_reset_allowed",
        "password_set_by_mail",
    ]  # fmt: skip


def new_kinds(person: Person, act: Callable[[], object]) -> list[str]:
    """Return the kinds of the events that an act makes."""
    before = Counter(kind for kind, _ in events(person))
    act()
    return list((Counter(kind for kind, _ in events(person)) - before).elements())


def test_a_mail_may_set_a_password_from_when_its_person_wants_that(sam: Person, boxes: Mailboxes) -> None:
    assert new_kinds(sam, lambda: give(sam, resets_password=False)) == []
    assert new_kinds(sam, lambda: confirmed(sam, boxes, resets_password=False)) == ["email_address_confirmed"]
    assert new_kinds(sam, lambda: give(sam, resets_password=True)) == ["mail_reset_allowed"]
    assert new_kinds(sam, lambda: give(sam, resets_password=True)) == []
    assert new_kinds(sam, lambda: give(sam, resets_password=False)) == []


def test_a_wrong_code_for_an_address_is_told(sam: Person, boxes: Mailboxes) -> None:
    give(sam)
    wrong = {"code": "ABCD-EFGH-JKLM"}
    assert new_kinds(sam, lambda: sam.post(f"{ADDRESS_PATH}/confirm", wrong, 403)) == ["mail_code_refused"]


def test_what_leaves_the_account_and_what_comes_into_it_is_told(sam: Person) -> None:
    body = {"part": "ordinary", "password": PASSWORD}
    assert new_kinds(sam, lambda: expect(sam.request("POST", "/me/exports", body), 200)) == ["data_exported"]
    assert new_kinds(sam, lambda: take_over(sam, {"format": "rekindle-export", "version": 1})) == ["data_imported"]
    for _ in range(2):
        assert new_kinds(sam, lambda: sam.post("/calendar-feed", {})) == ["calendar_address_made"]
    assert new_kinds(sam, lambda: sam.delete("/calendar-feed")) == []


def test_a_copied_passkey_is_told_and_an_unknown_one_is_not(sam: Person, app: Flask) -> None:
    phone = Authenticator()
    make(sam, phone)
    copy = replace(phone, count=-1)
    expect(sign_in_with(app, phone.use(challenge(app))), 201)
    assert new_kinds(sam, lambda: expect(sign_in_with(app, copy.use(challenge(app))), 403)) == ["passkey_refused"]
    assert new_kinds(sam, lambda: expect(sign_in_with(app, Authenticator().use(challenge(app))), 403)) == []


def test_a_deletion_and_its_end_are_told(sam: Person) -> None:
    body = {"sign_in_name": sam.sign_in_name, "password": PASSWORD}
    expect(sam.request("DELETE", "/me", {"password": PASSWORD}), 200)
    expect(sam.app.test_client().post("/v1/me/undo-deletion", json={**body, "password": "wrong horse"}), 403)
    undone = expect(sam.app.test_client().post("/v1/me/undo-deletion", json=body), 201)
    told = events(Person(**{**vars(sam), "token": undone["session"]["token"]}))
    assert sorted(kind for kind, _ in told) == [
        "account_brought_back", "account_deleted", "sign_in_refused", "signed_in", "signed_in",
    ]  # fmt: skip


@pytest.mark.both_databases
def test_the_operator_reads_the_same_without_devices(app: Flask, sam: Person, database: str) -> None:
    expect(sign_in(sam, password="wrong horse"), 403)
    done = commands.run(database, "people", "events", sam.sign_in_name)
    lines = {"2026-11-23 12:00 UTC  sign_in_refused x1", "2026-11-23 12:00 UTC  signed_in x1"}
    assert set(done.stdout.splitlines()) == lines
    assert commands.run(database, "people", "events", "no-such-name").returncode == 1
    assert commands.run(database, "people", "revoke", sam.sign_in_name).returncode == 0
    db.open_database(database)
    token = expect(sign_in(sam, password=PASSWORD), 201)["session"]["token"]
    assert ("operator_ended_sign_ins", 1) in events(Person(**{**vars(sam), "token": token}))
