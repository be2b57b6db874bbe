"""Deleting an account over HTTP, taking that back within seven days, and what others find meanwhile."""

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
from tests.conftest import NOON
from tests.dates import START, agreed, offer, own
from tests.people import PASSWORD, Person, expect, pair
from tests.racing import statuses, together

HOUR = timedelta(hours=1)


def delete(person: Person, password: str = PASSWORD) -> TestResponse:
    return person.request("DELETE", "/me", {"password": password})


def undo(person: Person, password: str = PASSWORD, name: str | None = None) -> TestResponse:
    body = {"sign_in_name": name or person.sign_in_name, "password": password, "device": "new phone"}
    return person.app.test_client().post("/v1/me/undo-deletion", json=body)


def sign_in(person: Person, password: str = PASSWORD) -> TestResponse:
    body = {"sign_in_name": person.sign_in_name, "password": password}
    return person.app.test_client().post("/v1/sign-ins", json=body)


def back(person: Person) -> Person:
    """The same person, with the sign-in that undoing gave."""
    made = expect(undo(person), 201)
    assert made["person"] == person.id
    return Person(person.app, person.name, person.id, person.sign_in_name, made["token"], person.recovery_code)


def test_deleting_ends_everything_at_once_and_says_until_when_it_can_be_undone(alice, bob):
    answer = delete(alice)
    assert expect(answer, 200) == {"undo_until": "2026-11-30T12:00:00.000Z"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Clear-Site-Data"] == '"*"'
    assert problem(alice.request("GET", "/me"), 401)
    assert bob.get("/me")["couple"] is None
    assert bob.get("/me")["pairing"] == "left"
    assert "couple_ended" in bob.inbox()


def test_a_wrong_password_deletes_nothing_and_runs_out(alice, bob):
    before = contents()
    for _ in range(10):
        assert problem(delete(alice, "not the password"), 403)["type"] == "/problems/wrong-secret"
    assert problem(delete(alice), 429), "the right one has to wait as well"
    assert contents() == before
    assert bob.get("/me")["couple"]


def test_nobody_deletes_without_a_token(app):
    assert problem(app.test_client().delete("/v1/me", json={"password": PASSWORD}), 401)


def known_nothing(person: Person) -> list[dict[str, Any]]:
    """What doors answer that ask for a name and a secret; none may tell that there is such a name."""
    client = person.app.test_client()
    recovery = {"recovery_code": person.recovery_code, "new_password": "another long one"}
    answers = [sign_in(person), client.post("/v1/recovery", json={"sign_in_name": person.sign_in_name, **recovery})]
    return [problem(answer, 403) for answer in answers]


def test_a_deleted_account_is_to_every_door_as_if_there_were_none(app, alice, sam):
    nobody = Person(app, "Nobody", sam.id, "no-such-name", "x", sam.recovery_code)
    unknown = known_nothing(nobody)
    expect(delete(alice), 200)
    assert known_nothing(alice) == unknown
    again = {"id": alice.id, "display_name": "Alice", "password": PASSWORD, "zone": "Europe/Lisbon"}
    assert problem(app.test_client().post("/v1/people", json=again), 422)["type"] == "/problems/id-taken"


def test_undoing_answers_alike_for_every_reason(app, cast, stopped_clock):
    alice, sam = cast.alice, cast.sam
    expect(delete(alice), 200)
    found = [
        undo(alice, "not the password"),
        undo(alice, name="no-such-name"),
        undo(sam),  # not deleted
        undo(sam, "not the password"),
    ]
    stopped_clock.move_to(NOON + UNDO_PERIOD)
    found.append(undo(alice))  # too late, and not erased yet
    scheduler.tick(NOON + UNDO_PERIOD)
    found.append(undo(alice))  # too late, and erased
    bodies = [(problem(answer, 403), sorted(answer.headers)) for answer in found]
    assert all(one == bodies[0] for one in bodies)
    # The same words as at signing in.
    assert bodies[0][0] == problem(sign_in(alice), 403)


def test_guesses_at_undoing_and_at_signing_in_are_counted_together(alice):
    expect(delete(alice), 200)
    for number in range(10):
        assert problem((undo if number % 2 else sign_in)(alice, "not the password"), 403)
    assert problem(undo(alice), 429)
    assert problem(sign_in(alice), 429)


def test_undoing_brings_back_what_is_ones_own_and_not_the_couple(cast, stopped_clock):
    alice = cast.alice
    note = alice.post("/notes", {"kind": "effort", "body": "Only mine."}, 201)["id"]
    shared = alice.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
    alice.post(f"/notes/{shared}/share", {"version": 1})
    idea = alice.post("/activities", {"title": "Feed the ducks", "category": "outdoors"}, 201)["id"]
    date = own(alice)["id"]
    alice.put("/me/profile", {"interests": ["nature"], "causes": []})
    expect(delete(alice), 200)
    stopped_clock.move_to(NOON + UNDO_PERIOD - timedelta(milliseconds=1))
    alice = back(alice)
    me = alice.get("/me")
    assert (me["couple"], me["pairing"], me["display_name"]) == (None, "left", "Alice")
    assert alice.get(f"/notes/{note}")["body"] == "Only mine."
    assert alice.get(f"/notes/{shared}")["state"] == "recalled"
    assert alice.get(f"/activities/{idea}")["title"] == "Feed the ducks"
    assert alice.get(f"/dates/{date}")["state"] == "accepted"
    assert alice.get("/me/profile")["interests"] == ["nature"]
    assert [one["device"] for one in alice.get("/sign-ins")["items"]] == ["new phone"]
    assert cast.bob.get("/me")["couple"] is None
    scheduler.tick(NOON + UNDO_PERIOD + HOUR)
    alice.get("/me")


def test_undoing_says_who_deleted_it_and_works_once(alice):
    expect(delete(alice), 200)
    assert expect(undo(alice), 201)["deleted_by"] == "person"
    # A repeat: it is not deleted any more, and one signs in as always.
    assert problem(undo(alice), 403)
    assert sign_in(alice).status_code == 201


def test_a_second_deletion_has_seven_days_of_its_own(alice, stopped_clock):
    expect(delete(alice), 200)
    stopped_clock.move_to(NOON + timedelta(days=6))
    alice = back(alice)
    stopped_clock.move_to(NOON + timedelta(days=6, hours=1))
    assert expect(delete(alice), 200)["undo_until"] == "2026-12-06T13:00:00.000Z"
    scheduler.tick(NOON + UNDO_PERIOD + HOUR)
    back(alice)


def test_invitations_end_in_silence(app, cast, sam):
    other = cast.dana
    made = sam.post("/invitations", {}, 201)
    other.post("/invitations/look-up", {"code": made["code"]})
    expect(delete(sam), 200)
    wrong = other.post("/invitations/look-up", {"code": "AAAA-AAAA-AAAA"}, 404)
    assert other.post("/invitations/look-up", {"code": made["code"]}, 404) == wrong


def test_a_yes_of_somebody_who_deletes_reads_as_if_nobody_had_come(cast, sam):
    expect(delete(cast.charlie), 200)
    made = sam.post("/invitations", {}, 201)
    before = sam.get("/invitations/current")
    cast.dana.post("/invitations/accept", {"code": made["code"], "rhythm": "gentle"})
    expect(delete(cast.dana), 200)
    assert sam.get("/invitations/current") == before
    assert sam.inbox() == []
    assert sam.get("/me")["pairing"] == "inviting"


def test_nothing_goes_out_to_somebody_who_is_gone_and_what_lies_ahead_does_after_undoing(
    alice, bob, stopped_clock, carried
):
    scheduler.tick(NOON)
    carried.clear()
    own(alice)  # reminders the day before and two hours before
    offer(bob)  # waits to go out
    expect(delete(alice), 200)
    scheduler.tick(START - timedelta(hours=20))
    assert [person for person, _ in carried] == []
    stopped_clock.move_to(START - timedelta(hours=20))
    alice = back(alice)
    scheduler.tick(START - timedelta(hours=20))  # word of what came meanwhile, such as "tomorrow", would come late
    scheduler.tick(START - timedelta(minutes=90))
    # Coming back is a new sign-in, of which its owner is told like of any other.
    found = sorted(text for person, text in carried if person == alice.id)
    assert found == [messages.text("inbox", "new_sign_in"), "Your date starts soon."]


def test_what_failed_to_go_out_before_is_not_tried_again(alice, monkeypatch):
    tried: list[str] = []

    def fail(_: Any, person: Any, text: str) -> None:
        tried.append(str(person))
        raise OSError

    for name in list(CHANNELS):
        monkeypatch.delitem(CHANNELS, name)
    monkeypatch.setitem(CHANNELS, "test", fail)
    own(alice)
    soon = START - timedelta(minutes=90)
    scheduler.tick(soon)
    assert alice.id in tried
    tried.clear()
    expect(delete(alice), 200)
    scheduler.tick(soon + HOUR)
    assert alice.id not in tried


@pytest.mark.parametrize("act", ["create", "accept"])
def test_a_request_on_its_way_pairs_nobody_with_somebody_gone(cast, sam, act):
    """The token was read before the deletion, the rest comes after it."""
    expect(delete(cast.charlie), 200)
    made = sam.post("/invitations", {}, 201)
    now = clock.utcnow()
    with db.connection():
        dana = authenticate(cast.dana.token, now).identity
    expect(delete(cast.dana), 200)
    acts = {
        "create": lambda: invitations.create(dana, None, now),
        "accept": lambda: invitations.accept(dana, made["code"], "gentle", now),
    }
    with db.connection(), pytest.raises(Unauthenticated):
        acts[act]()
    assert sam.get("/me")["pairing"] == "inviting"


def test_dates_ahead_are_off_for_the_other(alice, bob):
    date = agreed(alice, bob)
    expect(delete(alice), 200)
    assert bob.get(f"/dates/{date['id']}")["state"] == "cancelled"
    assert "date_off" in bob.inbox()


def test_two_deletions_at_once_are_one(app, alice, bob):
    body = {"password": PASSWORD}
    found = together(*([lambda: alice.request("DELETE", "/me", body)] * 4))
    assert {answer.status_code for answer in found} <= {200, 401}, "401: its token had ended before it was read"
    good = [answer.get_json() for answer in found if answer.status_code == 200]
    assert good
    assert all(one == {"undo_until": "2026-11-30T12:00:00.000Z"} for one in good)
    assert bob.inbox().count("couple_ended") == 1


def test_both_of_a_couple_delete_at_once(alice, bob):
    assert statuses(*((one, "DELETE", "/me", {"password": PASSWORD}) for one in (alice, bob))) == [200, 200]
    back(alice)
    assert back(bob).get("/me")["couple"] is None


def test_deleting_and_sharing_at_once_leaves_nothing_in_the_others_view(alice, bob):
    for _ in range(2):  # three invitations in thirty days, and one was the first
        note = alice.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
        deleted, shared = statuses(
            (alice, "DELETE", "/me", {"password": PASSWORD}), (alice, "POST", f"/notes/{note}/share", {"version": 1})
        )
        assert (deleted, shared) in [(200, 200), (200, 409), (200, 401)]
        assert bob.get("/notes?from=partner")["items"] == []
        assert "note_shared" not in bob.inbox()
        alice = back(alice)
        pair(alice, bob)


def test_deleting_and_saying_yes_at_once_leaves_nobody_paired_with_somebody_gone(app, cast, sam):
    expect(delete(cast.charlie), 200)
    dana = cast.dana
    made = sam.post("/invitations", {}, 201)
    yes = {"code": made["code"], "rhythm": "gentle"}
    deleted, _ = statuses((dana, "DELETE", "/me", {"password": PASSWORD}), (dana, "POST", "/invitations/accept", yes))
    assert deleted == 200
    assert sam.get("/me")["pairing"] == "inviting"


def test_deleting_and_being_confirmed_at_once(cast, sam):
    expect(delete(cast.charlie), 200)
    dana = cast.dana
    made = sam.post("/invitations", {}, 201)
    dana.post("/invitations/accept", {"code": made["code"], "rhythm": "gentle"})
    deleted, confirmed = statuses(
        (dana, "DELETE", "/me", {"password": PASSWORD}),
        (sam, "POST", "/invitations/confirm", {"invitation": made["id"], "rhythm": "gentle"}),
    )
    assert (deleted, confirmed) in [(200, 204), (200, 409)]
    assert sam.get("/me")["couple"] is None


def test_undoing_twice_at_once_happens_once(alice):
    expect(delete(alice), 200)
    found = [answer.status_code for answer in together(*([lambda: undo(alice)] * 3))]
    assert sorted(found) == [201, 403, 403]


def test_deleting_and_changing_the_password_at_once(alice):
    change = {"current_password": PASSWORD, "new_password": "another long one"}
    deleted, changed = statuses(
        (alice, "DELETE", "/me", {"password": PASSWORD}), (alice, "PUT", "/me/password", change)
    )
    if deleted == 200:
        kept = "another long one" if changed == 204 else PASSWORD
        assert undo(alice, kept).status_code == 201
    else:
        # The other password came first: the one that was checked is not the account's any more.
        assert (deleted, changed) in [(403, 204), (401, 204)]
        alice.get("/me")


@pytest.mark.parametrize("at", [UNDO_PERIOD, UNDO_PERIOD + timedelta(days=400)])
def test_a_clock_that_jumps_ahead_erases_once_and_back_revives_nobody(app: Flask, alice, at, stopped_clock):
    expect(delete(alice), 200)
    scheduler.tick(NOON + at)
    stopped_clock.move_to(NOON + HOUR)
    assert problem(undo(alice), 403)
    before = contents()
    scheduler.tick(NOON + HOUR)
    assert contents() == before


def test_a_deletion_under_a_clock_that_was_ahead_is_not_forgotten(alice, stopped_clock):
    stopped_clock.move_to(datetime.fromisoformat("2031-01-01T00:00:00+00:00"))
    expect(delete(alice), 200)
    stopped_clock.move_to(NOON)
    scheduler.tick(NOON)
    stopped_clock.move_to(NOON + UNDO_PERIOD)
    scheduler.tick(NOON + UNDO_PERIOD)
    assert problem(undo(alice), 403)
    with db.connection():
        assert alice.id not in str(contents()["sessions"])
