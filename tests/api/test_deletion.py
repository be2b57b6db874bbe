"""Test deleting an account over HTTP, undoing that within seven days, and what other people find."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from planner import clock, messages, scheduler
from planner.accounts.accounts import UNDO_PERIOD
from planner.contact.viewer import authenticate
from planner.couples import invitations
from planner.errors import Unauthenticated
from planner.notifications.channels import CHANNELS
from planner.storage import db
from tests.api.answers import contents, problem
from tests.channels import Calling
from tests.conftest import NOON
from tests.dates import START, agreed, offer, own
from tests.people import PASSWORD, Person, expect, pair
from tests.racing import statuses, together

pytestmark = pytest.mark.both_databases

HOUR = timedelta(hours=1)


def delete(person: Person, password: str = PASSWORD) -> TestResponse:
    return person.request("DELETE", "/me", {"password": password})


def undo(person: Person, password: str = PASSWORD, name: str | None = None) -> TestResponse:
    body = {"sign_in_name": name or person.sign_in_name, "password": password, "device": "new phone"}
    return person.app.test_client().post("/v1/me/undo-deletion", json=body)


def sign_in(person: Person, password: str = PASSWORD) -> TestResponse:
    body = {"sign_in_name": person.sign_in_name, "password": password}
    return person.app.test_client().post("/v1/sign-ins", json=body)


def undo_and_sign_in(person: Person) -> Person:
    """Undo the deletion, and return the person with the new sign-in."""
    undone = expect(undo(person), 201)
    assert undone["session"]["person_id"] == person.id
    return Person(
        person.app, person.name, person.id, person.sign_in_name, undone["session"]["token"], person.recovery_code
    )


def test_deleting_ends_everything_at_once_and_says_until_when_undoing_works(alice, bob):
    answer = delete(alice)
    assert expect(answer, 200) == {"undo_until": "2026-11-30T12:00:00.000Z"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Clear-Site-Data"] == '"storage"'
    assert problem(alice.request("GET", "/me"), 401)
    assert bob.get("/me")["couple"] is None
    assert bob.get("/me")["pairing"] == "left"
    assert "couple_ended" in bob.inbox()


def test_wrong_passwords_delete_nothing_and_are_limited(alice, bob):
    before = contents()
    for _ in range(10):
        assert problem(delete(alice, "not the password"), 403)["type"] == "/problems/wrong-secret"
    assert problem(delete(alice), 429), "the right password has to wait too"
    after = contents()
    assert before.pop("security_events") != after.pop("security_events"), "the refusals are noted"
    assert after == before
    assert bob.get("/me")["couple"]


def test_deleting_needs_a_token(app):
    assert problem(app.test_client().delete("/v1/me", json={"password": PASSWORD}), 401)


def refusals(person: Person) -> list[dict[str, Any]]:
    """Return the refusals of the routes that ask for a name and a secret. None may tell that the name exists."""
    client = person.app.test_client()
    recovery = {"recovery_code": person.recovery_code, "new_password": "another long one"}
    answers = [sign_in(person), client.post("/v1/recovery", json={"sign_in_name": person.sign_in_name, **recovery})]
    return [problem(answer, 403) for answer in answers]


def test_a_deleted_account_gets_the_same_refusals_as_an_unknown_name(app, alice, sam):
    stranger = Person(app, "Nobody", sam.id, "no-such-name", "x", sam.recovery_code)
    unknown = refusals(stranger)
    expect(delete(alice), 200)
    assert refusals(alice) == unknown
    again = {"id": alice.id, "display_name": "Alice", "password": PASSWORD, "zone": "Europe/Lisbon"}
    assert problem(app.test_client().post("/v1/people", json=again), 422)["type"] == "/problems/id-taken"


def test_undoing_is_refused_alike_for_every_reason(app, cast, stopped_clock):
    alice, sam = cast.alice, cast.sam
    expect(delete(alice), 200)
    answers = [
        undo(alice, "not the password"),
        undo(alice, name="no-such-name"),
        undo(sam),  # the account is not deleted
        undo(sam, "not the password"),
    ]
    stopped_clock.move_to(NOON + UNDO_PERIOD)
    answers.append(undo(alice))  # too late, although the account is not erased yet
    scheduler.tick(NOON + UNDO_PERIOD)
    answers.append(undo(alice))  # too late, and the account is erased
    bodies = [(problem(answer, 403), sorted(answer.headers)) for answer in answers]
    assert all(bodie == bodies[0] for bodie in bodies)
    # Signing in is refused with the same words.
    assert bodies[0][0] == problem(sign_in(alice), 403)


def test_wrong_passwords_at_undoing_and_signing_in_share_one_limit(alice):
    expect(delete(alice), 200)
    for number in range(10):
        assert problem((undo if number % 2 else sign_in)(alice, "not the password"), 403)
    assert problem(undo(alice), 429)
    assert problem(sign_in(alice), 429)


def test_undoing_restores_private_things_and_not_the_couple(cast, stopped_clock):
    alice = cast.alice
    note = alice.post("/notes", {"kind": "effort", "body": "Only mine."}, 201)["id"]
    shared = alice.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
    alice.post(f"/notes/{shared}/share", {"version": 1})
    idea = alice.post("/activities", {"title": "Feed the ducks", "category": "outdoors"}, 201)["id"]
    date = own(alice)["id"]
    alice.put("/me/profile", {"interests": ["nature"], "causes": []})
    expect(delete(alice), 200)
    stopped_clock.move_to(NOON + UNDO_PERIOD - timedelta(milliseconds=1))
    alice = undo_and_sign_in(alice)
    me = alice.get("/me")
    assert (me["couple"], me["pairing"], me["display_name"]) == (None, "left", "Alice")
    assert alice.get(f"/notes/{note}")["body"] == "Only mine."
    assert alice.get(f"/notes/{shared}")["state"] == "recalled"
    assert alice.get(f"/activities/{idea}")["title"] == "Feed the ducks"
    assert alice.get(f"/dates/{date}")["state"] == "accepted"
    assert alice.get("/me/profile")["interests"] == ["nature"]
    assert [item["device"] for item in alice.get("/sign-ins")["items"]] == ["new phone"]
    assert cast.bob.get("/me")["couple"] is None
    scheduler.tick(NOON + UNDO_PERIOD + HOUR)
    alice.get("/me")


def test_undoing_says_who_deleted_the_account_and_works_once(alice):
    expect(delete(alice), 200)
    assert expect(undo(alice), 201)["deleted_by"] == "person"
    # The account is not deleted any more, so a repeat is refused and Alice signs in as usual.
    assert problem(undo(alice), 403)
    assert sign_in(alice).status_code == 201


def test_a_second_deletion_can_be_undone_for_seven_days_again(alice, stopped_clock):
    expect(delete(alice), 200)
    stopped_clock.move_to(NOON + timedelta(days=6))
    alice = undo_and_sign_in(alice)
    stopped_clock.move_to(NOON + timedelta(days=6, hours=1))
    assert expect(delete(alice), 200)["undo_until"] == "2026-12-06T13:00:00.000Z"
    scheduler.tick(NOON + UNDO_PERIOD + HOUR)
    undo_and_sign_in(alice)


def test_the_invitation_of_a_deleted_account_looks_like_a_wrong_code(app, cast, sam):
    other = cast.dana
    invitation = sam.post("/invitations", {}, 201)
    other.post("/invitations/look-up", {"code": invitation["code"]})
    expect(delete(sam), 200)
    wrong = other.post("/invitations/look-up", {"code": "AAAA-AAAA-AAAA"}, 404)
    assert other.post("/invitations/look-up", {"code": invitation["code"]}, 404) == wrong


def test_the_inviter_cannot_see_that_an_invitee_deleted_the_account(cast, sam):
    expect(delete(cast.charlie), 200)
    invitation = sam.post("/invitations", {}, 201)
    before = sam.get("/invitations/current")
    cast.dana.post("/invitations/accept", {"code": invitation["code"], "rhythm": "gentle"})
    expect(delete(cast.dana), 200)
    assert sam.get("/invitations/current") == before
    assert sam.inbox() == []
    assert sam.get("/me")["pairing"] == "inviting"


def test_a_deleted_person_is_not_notified_and_gets_later_reminders_after_undoing(alice, bob, stopped_clock, carried):
    scheduler.tick(NOON)
    carried.clear()
    own(alice)  # reminders the day before and two hours before
    offer(bob)  # waits to go out
    expect(delete(alice), 200)
    scheduler.tick(START - timedelta(hours=20))
    assert [person for person, _ in carried] == []
    stopped_clock.move_to(START - timedelta(hours=20))
    alice = undo_and_sign_in(alice)
    scheduler.tick(START - timedelta(hours=20))  # the reminder of the day before would be late now
    scheduler.tick(START - timedelta(minutes=90))
    # Undoing creates a sign-in, and Alice is notified of it as of every new sign-in.
    texts = sorted(text for person, text in carried if person == alice.id)
    assert texts == [messages.text("inbox", "new_sign_in"), "Your date starts soon."]


def test_a_failed_delivery_is_not_tried_again_after_deleting(alice, monkeypatch):
    tried: list[str] = []

    def fail(_: Any, person: Any, text: str) -> None:
        tried.append(str(person))
        raise OSError

    for name in list(CHANNELS):
        monkeypatch.delitem(CHANNELS, name)
    monkeypatch.setitem(CHANNELS, "test", Calling(fail))
    own(alice)
    soon = START - timedelta(minutes=90)
    scheduler.tick(soon)
    assert alice.id in tried
    tried.clear()
    expect(delete(alice), 200)
    scheduler.tick(soon + HOUR)
    assert alice.id not in tried


@pytest.mark.parametrize("act", ["create", "accept"])
def test_a_request_that_runs_after_the_deletion_is_refused(cast, sam, act):
    """Read the token before the deletion, and run the request after it."""
    expect(delete(cast.charlie), 200)
    invitation = sam.post("/invitations", {}, 201)
    now = clock.utcnow()
    with db.connection():
        dana = authenticate(cast.dana.token, now).identity
    expect(delete(cast.dana), 200)
    acts = {
        "create": lambda: invitations.create(dana, None, now),
        "accept": lambda: invitations.accept(dana, invitation["code"], "gentle", now),
    }
    with db.connection(), pytest.raises(Unauthenticated):
        acts[act]()
    assert sam.get("/me")["pairing"] == "inviting"


def test_upcoming_dates_are_cancelled_for_the_partner(alice, bob):
    date = agreed(alice, bob)
    expect(delete(alice), 200)
    assert bob.get(f"/dates/{date['id']}")["state"] == "cancelled"
    assert "date_off" in bob.inbox()


def test_simultaneous_deletions_happen_once(app, alice, bob):
    body = {"password": PASSWORD}
    answers = together(*([lambda: alice.request("DELETE", "/me", body)] * 4))
    assert {answer.status_code for answer in answers} <= {200, 401}, "401: the token ended before the request read it"
    bodies = [answer.get_json() for answer in answers if answer.status_code == 200]
    assert bodies
    assert all(body == {"undo_until": "2026-11-30T12:00:00.000Z"} for body in bodies)
    assert bob.inbox().count("couple_ended") == 1


def test_both_partners_can_delete_at_once(alice, bob):
    assert statuses(*((person, "DELETE", "/me", {"password": PASSWORD}) for person in (alice, bob))) == [200, 200]
    undo_and_sign_in(alice)
    assert undo_and_sign_in(bob).get("/me")["couple"] is None


def test_deleting_while_sharing_leaves_nothing_for_the_partner_to_see(alice, bob):
    for _ in range(2):  # a person may invite three times in thirty days, and Alice did once
        note = alice.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
        deleted, shared = statuses(
            (alice, "DELETE", "/me", {"password": PASSWORD}), (alice, "POST", f"/notes/{note}/share", {"version": 1})
        )
        assert (deleted, shared) in [(200, 200), (200, 409), (200, 401)]
        assert bob.get("/notes?from=partner")["items"] == []
        assert "note_shared" not in bob.inbox()
        alice = undo_and_sign_in(alice)
        pair(alice, bob)


def test_deleting_while_accepting_pairs_no_one(app, cast, sam):
    expect(delete(cast.charlie), 200)
    dana = cast.dana
    invitation = sam.post("/invitations", {}, 201)
    yes = {"code": invitation["code"], "rhythm": "gentle"}
    deleted, _ = statuses((dana, "DELETE", "/me", {"password": PASSWORD}), (dana, "POST", "/invitations/accept", yes))
    assert deleted == 200
    assert sam.get("/me")["pairing"] == "inviting"


def test_deleting_while_being_confirmed_leaves_no_couple(cast, sam):
    expect(delete(cast.charlie), 200)
    dana = cast.dana
    invitation = sam.post("/invitations", {}, 201)
    dana.post("/invitations/accept", {"code": invitation["code"], "rhythm": "gentle"})
    deleted, confirmed = statuses(
        (dana, "DELETE", "/me", {"password": PASSWORD}),
        (sam, "POST", "/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": "gentle"}),
    )
    assert (deleted, confirmed) in [(200, 200), (200, 409)]
    assert sam.get("/me")["couple"] is None


def test_simultaneous_undoing_happens_once(alice):
    expect(delete(alice), 200)
    results = [answer.status_code for answer in together(*([lambda: undo(alice)] * 3))]
    assert sorted(results) == [201, 403, 403]


def test_deleting_while_changing_the_password_has_one_legal_end(alice):
    change = {"current_password": PASSWORD, "new_password": "another long one"}
    deleted, changed = statuses(
        (alice, "DELETE", "/me", {"password": PASSWORD}), (alice, "PUT", "/me/password", change)
    )
    if deleted == 200:
        password = "another long one" if changed == 204 else PASSWORD
        assert undo(alice, password).status_code == 201
    else:
        # The change came first, so the checked password is old.
        assert (deleted, changed) in [(403, 204), (401, 204)]
        alice.get("/me")


@pytest.mark.parametrize("at", [UNDO_PERIOD, UNDO_PERIOD + timedelta(days=400)])
def test_an_account_erased_by_a_fast_clock_stays_erased(app: Flask, alice, at, stopped_clock):
    expect(delete(alice), 200)
    scheduler.tick(NOON + at)
    stopped_clock.move_to(NOON + HOUR)
    assert problem(undo(alice), 403)
    before = contents()
    scheduler.tick(NOON + HOUR)
    assert contents() == before


def test_a_deletion_under_a_fast_clock_is_still_carried_out(alice, stopped_clock):
    stopped_clock.move_to(datetime.fromisoformat("2031-01-01T00:00:00+00:00"))
    alice.sign_in_again()
    expect(delete(alice), 200)
    stopped_clock.move_to(NOON)
    scheduler.tick(NOON)
    stopped_clock.move_to(NOON + UNDO_PERIOD)
    scheduler.tick(NOON + UNDO_PERIOD)
    assert problem(undo(alice), 403)
    with db.connection():
        assert alice.id not in str(contents()["sessions"])
