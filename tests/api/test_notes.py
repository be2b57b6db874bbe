"""Test notes over HTTP: private at first, shared once, and recalled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask

from tests.conftest import NOON
from tests.dates import agreed, own
from tests.people import Cast, Person, expect, pair
from tests.racing import strangers

WORDS = "You called my mother back, although you were tired."


def write(author: Person, body: str = WORDS, **more: Any) -> Any:
    return author.post("/notes", {"kind": "kindness", "body": body, **more}, 201)


def share(author: Person, note: dict[str, Any], status: int = 200) -> Any:
    return author.post(f"/notes/{note['id']}/share", {"version": note["version"]}, status)


def shared(author: Person, body: str = WORDS, **more: Any) -> Any:
    return share(author, write(author, body, **more))


def seen_by(reader: Person) -> list[str]:
    """Return the ids of the partner's notes that a person reads."""
    return [note["id"] for note in reader.get("/notes?from=partner")["items"]]


def spent(author: Person) -> int:
    left = author.get("/me")["allowance"]["shared"]
    return int(left["limit"] - left["left"])


def test_a_note_is_private_until_it_is_shared(cast: Cast) -> None:
    note = write(cast.alice)
    assert (note["state"], note["actions"]) == ("private", ["edit", "delete", "share"])
    assert cast.alice.get(f"/notes/{note['id']}") == note
    assert cast.alice.get("/notes")["items"] == [note]
    assert (seen_by(cast.bob), cast.bob.inbox(), spent(cast.alice)) == ([], ["couple_begun"], 0)
    nowhere = cast.bob.request("GET", f"/notes/{uuid4()}")
    assert nowhere.status_code == 404
    moves: list[tuple[str, str, Any, dict[str, str]]] = [
        ("GET", "", None, {}),
        ("PATCH", "", {"body": "Mine now."}, {"If_Match": '"1"'}),
        ("DELETE", "", None, {}),
        ("POST", "/share", {"version": 1}, {}),
        ("POST", "/recall", {}, {}),
    ]
    for other in (cast.bob, cast.charlie, cast.dana, cast.sam):
        for method, verb, body, headers in moves:
            answer = other.request(method, f"/notes/{note['id']}{verb}", body, **headers)
            assert (answer.status_code, answer.data) == (404, nowhere.data), (other.name, method, verb)
            assert answer.headers == nowhere.headers
    assert cast.alice.get(f"/notes/{note['id']}") == note


def test_sharing_adds_a_note_to_the_list_and_inbox_of_the_partner_once(cast: Cast) -> None:
    alice, bob = cast.alice, cast.bob
    note = write(alice)
    shared_note = share(alice, note)
    assert (shared_note["state"], shared_note["actions"]) == ("shared", ["delete", "recall"])
    assert share(alice, note) == shared_note
    assert (seen_by(bob), sorted(bob.inbox()), spent(alice)) == ([note["id"]], ["couple_begun", "note_shared"], 1)
    assert bob.get(f"/notes/{note['id']}") == {
        **shared_note, "mine": False, "actions": [], "version": None, "created_at": None,
        "reactions_offered": ["thank_you", "touched", "smiled", "keep_it"],
    }  # fmt: skip
    assert bob.get("/notes")["items"] == []
    assert "note_shared" not in alice.inbox()
    for stranger in (cast.charlie, cast.sam):
        stranger.get(f"/notes/{note['id']}", 404)
        assert seen_by(stranger) == []


def test_the_receiver_can_only_read_a_note(alice: Person, bob: Person) -> None:
    note = shared(alice)
    expect(bob.request("PATCH", f"/notes/{note['id']}", {"body": "No."}, If_Match='"1"'), 404)
    bob.delete(f"/notes/{note['id']}", 404)
    share(bob, note, 404)
    bob.post(f"/notes/{note['id']}/recall", status=404)
    assert bob.get(f"/notes/{note['id']}")["body"] == WORDS


def test_a_recalled_note_vanishes_for_the_partner_and_cannot_be_shared_again(alice: Person, bob: Person) -> None:
    note = shared(alice)
    recalled = alice.post(f"/notes/{note['id']}/recall")
    assert (recalled["state"], recalled["actions"]) == ("recalled", ["delete"])
    assert alice.post(f"/notes/{note['id']}/recall") == recalled
    bob.get(f"/notes/{note['id']}", 404)
    assert (seen_by(bob), bob.inbox(), spent(alice)) == ([], ["couple_begun"], 1)
    assert share(alice, note, 409)["type"] == "/problems/wrong-state"
    assert spent(alice) == 1
    assert seen_by(bob) == []


def test_a_private_note_cannot_be_recalled(alice: Person) -> None:
    assert alice.post(f"/notes/{write(alice)['id']}/recall", status=409)["type"] == "/problems/wrong-state"


def test_a_person_without_a_partner_writes_but_cannot_share(sam: Person) -> None:
    note = write(sam)
    assert share(sam, note, 409)["type"] == "/problems/wrong-state"
    assert seen_by(sam) == []
    assert sam.get(f"/notes/{note['id']}") == note


def test_sharing_an_old_version_is_refused(alice: Person, bob: Person) -> None:
    note = write(alice)
    edited = alice.patch(f"/notes/{note['id']}", {"body": "Better words."}, '"1"')
    assert edited["version"] == 2
    share(alice, note, 412)
    assert (seen_by(bob), spent(alice)) == ([], 0)
    share(alice, edited)
    assert bob.get(f"/notes/{note['id']}")["body"] == "Better words."


@pytest.mark.parametrize("recalled", [False, True])
def test_a_shared_note_cannot_be_edited(alice: Person, bob: Person, recalled: bool) -> None:
    note = shared(alice)
    assert note["actions"] == ["delete", "recall"]
    if recalled:
        note = alice.post(f"/notes/{note['id']}/recall")
    before = bob.get("/notes?from=partner")
    refused = expect(alice.request("PATCH", f"/notes/{note['id']}", {"body": "Better words."}, If_Match='"1"'), 409)
    assert refused["type"] == "/problems/wrong-state"
    assert "You can take it out of view and write a new one" in refused["detail"]
    assert alice.get(f"/notes/{note['id']}") == note
    assert (bob.get("/notes?from=partner"), spent(alice)) == (before, 1)


def test_without_budget_nothing_is_shared_until_the_week_is_over(
    app: Flask, stopped_clock: time_machine.Traveller
) -> None:
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben, "apart")
    first = shared(ann, "One.")
    stopped_clock.move_to(NOON + timedelta(days=1))
    shared(ann, "Two.")
    third = write(ann, "Three.")
    before = [ben.get("/notes?from=partner"), ann.get("/notes"), spent(ann)]
    refused = share(ann, third, 409)
    assert (refused["type"], refused["opens_at"]) == ("/problems/too-soon", "2026-11-30T12:00:00.000Z")
    assert [ben.get("/notes?from=partner"), ann.get("/notes"), spent(ann)] == before
    ann.patch(f"/notes/{third['id']}", {"body": "Private words are free."}, '"1"')
    share(ann, first)  # shared before, so a repeat costs nothing
    stopped_clock.move_to(NOON + timedelta(days=7, microseconds=-1))
    share(ann, {**third, "version": 2}, 409)
    stopped_clock.move_to(NOON + timedelta(days=7))
    share(ann, {**third, "version": 2})


def test_private_and_shared_notes_can_be_deleted(alice: Person, bob: Person) -> None:
    private, open_note = write(alice, "Private."), shared(alice)
    for note in (private, open_note):
        alice.delete(f"/notes/{note['id']}")
        alice.delete(f"/notes/{note['id']}", 404)
        alice.get(f"/notes/{note['id']}", 404)
        bob.get(f"/notes/{note['id']}", 404)
        share(alice, note, 404)
        alice.post(f"/notes/{note['id']}/recall", status=404)
        expect(alice.request("PATCH", f"/notes/{note['id']}", {"body": "Back."}, If_Match='"1"'), 404)
    assert (alice.get("/notes")["items"], seen_by(bob), bob.inbox()) == ([], [], ["couple_begun"])
    assert spent(alice) == 1


def test_an_edit_needs_the_current_version(alice: Person) -> None:
    note = write(alice)
    path = f"/notes/{note['id']}"
    assert expect(alice.request("PATCH", path, {"body": "x"}), 428)["type"] == "/problems/version-missing"
    for wrong in ('"2"', '"0"', '"one"', "one", '"99999999999999999999"', '"-1"'):
        assert alice.patch(path, {"body": "x"}, wrong, 412)["type"] == "/problems/version-conflict", wrong
    assert alice.get(path) == note
    tag = alice.request("GET", path).headers["ETag"]
    assert alice.patch(path, {"body": "By its ETag."}, tag)["version"] == 2
    assert alice.patch(path, {"body": "By a weak one."}, f"W/{alice.request('GET', path).headers['ETag']}")
    assert alice.patch(path, {"body": "Late."}, tag, 412)
    assert alice.get(path)["body"] == "By a weak one."
    assert alice.patch(path, {"body": "One of several."}, f'{tag}, "3", W/"9"')["version"] == 4
    assert alice.patch(path, {"body": "Any version."}, "*")["version"] == 5


def test_a_share_names_the_version_that_its_author_saw(alice: Person, bob: Person) -> None:
    note = write(alice)
    path = f"/notes/{note['id']}/share"
    assert expect(alice.request("POST", path), 428)["type"] == "/problems/version-missing"
    alice.patch(f"/notes/{note['id']}", {"body": "Else."}, '"1"')
    assert expect(alice.request("POST", path, If_Match='"1"'), 412)["type"] == "/problems/version-conflict"
    assert seen_by(bob) == []
    assert expect(alice.request("POST", path, If_Match='"2"'), 200)["state"] == "shared"
    assert expect(alice.request("POST", path, If_Match='"2"'), 200)["state"] == "shared"
    alice.post(f"/notes/{note['id']}/recall")
    assert expect(alice.request("POST", path, If_Match="*"), 409)


def test_a_repeated_create_returns_the_note_in_its_current_state(alice: Person, bob: Person) -> None:
    body = {"id": str(uuid4()), "kind": "memory", "body": "The rain in May."}
    note = alice.post("/notes", body, 201)
    assert note["id"] == body["id"]
    assert alice.post("/notes", body, 201) == note
    edited = alice.patch(f"/notes/{note['id']}", {"body": "The rain in June."}, '"1"')
    assert alice.post("/notes", body, 201) == edited
    for other in ({"kind": "effort"}, {"body": "Sun."}):
        assert alice.post("/notes", {**body, **other}, 422)["type"] == "/problems/id-taken"
    assert bob.post("/notes", body, 422)["type"] == "/problems/id-taken"
    assert alice.get("/notes")["items"] == [edited]


def test_a_repeated_create_does_not_restore_a_deleted_shared_note(alice: Person, bob: Person) -> None:
    body = {"id": str(uuid4()), "kind": "memory", "body": "The rain in May."}
    share(alice, alice.post("/notes", body, 201))
    alice.delete(f"/notes/{body['id']}")
    assert alice.post("/notes", body, 422)["type"] == "/problems/id-taken"
    assert (alice.get("/notes")["items"], seen_by(bob)) == ([], [])


HARD_WORDS = (
    "界" * 4000,
    "👩‍👩‍👧‍👦" * 500 + " ❤️‍🔥",
    "שלום, תודה על הערב\u200f. شكرًا",
    "One.\n\nTwo,\tindented.\n- three",
    "\u00e9 is composed, \ufeff a mark, \U0010ffff the last",
    '"quotes", back\\slashes, <b>tags</b>, %s {} \' ; --',
)


def test_long_texts_emoji_right_to_left_and_lines_stay_unchanged(alice: Person, bob: Person) -> None:
    for words in HARD_WORDS:
        note = shared(alice, words)
        assert note["body"] == words
        assert bob.get(f"/notes/{note['id']}")["body"] == words
        private, other = write(alice), words[:3990] + "!"
        assert alice.patch(f"/notes/{private['id']}", {"body": other}, '"1"')["body"] == other


def test_line_ends_and_outer_blanks_are_normalized(sam: Person) -> None:
    note = write(sam, "  \n One.\r\nTwo.\x0bThree.\rE\u0301t\u00e9, \u202eback.\u200b \n")
    assert note["body"] == "One.\nTwo.\nThree.\nÉté, \u202eback.\u202c"


NO_NOTES: tuple[dict[str, Any], ...] = (
    {"body": ""}, {"body": " \n\t "}, {"body": "x" * 4001}, {"body": "a\x00b"}, {"body": "\ud800"}, {"body": None},
    {"body": "\u200b\u2060\ufeff"}, {"body": "a\x80"}, {"body": "R" + "\u0301" * 39},
    {"body": 7}, {"body": ["x"]}, {"kind": "reflection"}, {"kind": "Kindness"}, {"kind": ""}, {"kind": None},
    {"id": "1"}, {"id": 1}, {"prompt_id": str(uuid4())}, {"date_id": str(uuid4())}, {"prompt_id": 1}, {"shared": True},
)  # fmt: skip


def test_an_invalid_note_is_refused_and_its_field_is_named(sam: Person) -> None:
    for wrong in NO_NOTES:
        refused = sam.post("/notes", {"kind": "kindness", "body": "Words.", **wrong}, 422)
        assert [fault["field"] for fault in refused["errors"]] == list(wrong), wrong
    assert sam.get("/notes")["items"] == []


def test_an_edit_must_change_an_editable_field(sam: Person) -> None:
    note = write(sam)
    for wrong in ({}, {"body": ""}, {"kind": "reflection"}, {"shared_at": None}, {"id": str(uuid4())}, {"version": 3}):
        sam.patch(f"/notes/{note['id']}", wrong, '"1"', 422)
    assert sam.get(f"/notes/{note['id']}") == note


def test_a_note_names_the_prompt_it_answers_and_the_date_it_belongs_to(alice: Person, bob: Person) -> None:
    prompt, date = alice.get("/prompts/today")["id"], agreed(alice, bob)["id"]
    note = shared(alice, prompt_id=prompt, date_id=date)
    for reader in (alice, bob):
        notes = reader.get(f"/notes/{note['id']}")
        assert (notes["prompt_id"], notes["date_id"]) == (prompt, date)


def test_the_partner_does_not_see_the_solo_date_of_a_shared_note(alice: Person, bob: Person) -> None:
    note = shared(alice, date_id=own(alice)["id"])
    assert note["date_id"] is not None
    assert bob.get(f"/notes/{note['id']}")["date_id"] is None
    assert bob.get("/notes?from=partner")["items"][0]["date_id"] is None


def test_a_note_cannot_name_a_date_of_another_person(cast: Cast) -> None:
    for date in (own(cast.bob)["id"], agreed(cast.charlie, cast.dana)["id"]):
        refused = cast.alice.post("/notes", {"kind": "memory", "body": "x", "date_id": date}, 422)
        assert [(error["field"], error["code"]) for error in refused["errors"]] == [("date_id", "unknown_date")]


def test_received_notes_are_listed_by_the_time_of_sharing(
    alice: Person, bob: Person, stopped_clock: time_machine.Traveller
) -> None:
    notes = [write(alice, f"Note {number}.") for number in range(5)]
    order = [3, 0, 4, 1, 2]
    for minutes, number in enumerate(order):
        stopped_clock.move_to(NOON + timedelta(minutes=minutes))
        share(alice, notes[number])
    newest_first = [notes[number]["id"] for number in reversed(order)]
    assert seen_by(bob) == newest_first
    paged: list[str] = []
    cursor = ""
    while cursor is not None:
        page = bob.get(f"/notes?from=partner&limit=2{cursor and '&after=' + cursor}")
        paged += [note["id"] for note in page["items"]]
        cursor = page["next"]
        assert len(paged) <= 6
    assert paged == newest_first


def test_pages_of_notes_of_one_instant_lose_and_repeat_nothing(alice: Person) -> None:
    written = {write(alice, f"Note {number}.")["id"] for number in range(5)}
    first = alice.get("/notes?limit=3")
    second = alice.get(f"/notes?limit=3&after={first['next']}")
    assert second["next"] is None
    assert {note["id"] for note in first["items"] + second["items"]} == written
    assert len(first["items"] + second["items"]) == 5
