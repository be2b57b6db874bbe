"""Notes over HTTP: private first, shared once, recalled out of view."""

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
    """The ids of the notes that the partner's list holds."""
    return [note["id"] for note in reader.get("/notes?from=partner")["items"]]


def spent(author: Person) -> int:
    left = author.get("/me")["contact"]["shared"]
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


def test_sharing_puts_a_note_into_the_partners_list_and_inbox_once(cast: Cast) -> None:
    alice, bob = cast.alice, cast.bob
    note = write(alice)
    once = share(alice, note)
    assert (once["state"], once["actions"]) == ("shared", ["delete", "recall"])
    assert share(alice, note) == once
    assert (seen_by(bob), sorted(bob.inbox()), spent(alice)) == ([note["id"]], ["couple_begun", "note_shared"], 1)
    assert bob.get(f"/notes/{note['id']}") == {
        **once, "mine": False, "actions": [], "version": None, "created_at": None,
    }  # fmt: skip
    assert bob.get("/notes")["items"] == []
    assert "note_shared" not in alice.inbox()
    for stranger in (cast.charlie, cast.sam):
        stranger.get(f"/notes/{note['id']}", 404)
        assert seen_by(stranger) == []


def test_a_reader_can_only_read(alice: Person, bob: Person) -> None:
    note = shared(alice)
    expect(bob.request("PATCH", f"/notes/{note['id']}", {"body": "No."}, If_Match='"1"'), 404)
    bob.delete(f"/notes/{note['id']}", 404)
    share(bob, note, 404)
    bob.post(f"/notes/{note['id']}/recall", status=404)
    assert bob.get(f"/notes/{note['id']}")["body"] == WORDS


def test_a_recalled_note_leaves_view_and_inbox_and_is_not_shared_again(alice: Person, bob: Person) -> None:
    note = shared(alice)
    recalled = alice.post(f"/notes/{note['id']}/recall")
    assert (recalled["state"], recalled["actions"]) == ("recalled", ["delete"])
    assert alice.post(f"/notes/{note['id']}/recall") == recalled
    bob.get(f"/notes/{note['id']}", 404)
    assert (seen_by(bob), bob.inbox(), spent(alice)) == ([], ["couple_begun"], 1)
    assert share(alice, note, 409)["type"] == "/problems/wrong-state"
    assert spent(alice) == 1
    assert seen_by(bob) == []


def test_what_was_never_shared_cannot_be_recalled(alice: Person) -> None:
    assert alice.post(f"/notes/{write(alice)['id']}/recall", status=409)["type"] == "/problems/wrong-state"


def test_a_person_alone_writes_but_finds_nobody_to_share_with(sam: Person) -> None:
    note = write(sam)
    assert share(sam, note, 409)["type"] == "/problems/wrong-state"
    assert seen_by(sam) == []
    assert sam.get(f"/notes/{note['id']}") == note


def test_sharing_another_version_than_the_one_on_the_screen_is_refused(alice: Person, bob: Person) -> None:
    note = write(alice)
    edited = alice.patch(f"/notes/{note['id']}", {"body": "Better words."}, '"1"')
    assert edited["version"] == 2
    share(alice, note, 409)
    assert (seen_by(bob), spent(alice)) == ([], 0)
    share(alice, edited)
    assert bob.get(f"/notes/{note['id']}")["body"] == "Better words."


@pytest.mark.parametrize("recalled", [False, True])
def test_a_note_that_was_shared_is_never_edited_again(alice: Person, bob: Person, recalled: bool) -> None:
    note = shared(alice)
    assert note["actions"] == ["delete", "recall"]
    if recalled:
        note = alice.post(f"/notes/{note['id']}/recall")
    before = bob.get("/notes?from=partner")
    refused = expect(alice.request("PATCH", f"/notes/{note['id']}", {"body": "Better words."}, If_Match='"1"'), 409)
    assert refused["type"] == "/problems/wrong-state"
    assert "Recall it and write a new one" in refused["detail"]
    assert alice.get(f"/notes/{note['id']}") == note
    assert (bob.get("/notes?from=partner"), spent(alice)) == (before, 1)


def test_without_a_shared_thing_left_nothing_is_shared_until_the_week_is_over(
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
    share(ann, first)  # said before: a repeat costs nothing
    stopped_clock.move_to(NOON + timedelta(days=7, microseconds=-1))
    share(ann, {**third, "version": 2}, 409)
    stopped_clock.move_to(NOON + timedelta(days=7))
    share(ann, {**third, "version": 2})


def test_deleting_takes_a_private_and_a_shared_note_away(alice: Person, bob: Person) -> None:
    private, open_ = write(alice, "Private."), shared(alice)
    for note in (private, open_):
        alice.delete(f"/notes/{note['id']}")
        alice.delete(f"/notes/{note['id']}", 404)
        alice.get(f"/notes/{note['id']}", 404)
        bob.get(f"/notes/{note['id']}", 404)
        share(alice, note, 404)
        alice.post(f"/notes/{note['id']}/recall", status=404)
        expect(alice.request("PATCH", f"/notes/{note['id']}", {"body": "Back."}, If_Match='"1"'), 404)
    assert (alice.get("/notes")["items"], seen_by(bob), bob.inbox()) == ([], [], ["couple_begun"])
    assert spent(alice) == 1


def test_an_edit_names_the_version_that_it_was_made_from(alice: Person) -> None:
    note = write(alice)
    path = f"/notes/{note['id']}"
    assert expect(alice.request("PATCH", path, {"body": "x"}), 428)["type"] == "/problems/version-missing"
    for wrong in ('"2"', '"0"', "*", '"one"', '"99999999999999999999"', '"-1"'):
        assert alice.patch(path, {"body": "x"}, wrong, 412)["type"] == "/problems/version-conflict", wrong
    assert alice.get(path) == note
    tag = alice.request("GET", path).headers["ETag"]
    assert alice.patch(path, {"body": "By its ETag."}, tag)["version"] == 2
    assert alice.patch(path, {"body": "By a weak one."}, f"W/{alice.request('GET', path).headers['ETag']}")
    assert alice.patch(path, {"body": "Late."}, tag, 412)
    assert alice.get(path)["body"] == "By a weak one."


def test_a_create_repeated_answers_the_note_as_it_stands(alice: Person, bob: Person) -> None:
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


def test_a_create_repeated_after_a_shared_note_was_deleted_does_not_bring_it_back(alice: Person, bob: Person) -> None:
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
    "e\u0301 stays decomposed, \u2028 a line, \ufeff a mark, \U0010ffff the last",
    '"quotes", back\\slashes, <b>tags</b>, %s {} \' ; --',
)


def test_long_emoji_right_to_left_and_several_lines_survive_unchanged(alice: Person, bob: Person) -> None:
    for words in HARD_WORDS:
        note = shared(alice, words)
        assert note["body"] == words
        assert bob.get(f"/notes/{note['id']}")["body"] == words
        private, other = write(alice), words[:3990] + "!"
        assert alice.patch(f"/notes/{private['id']}", {"body": other}, '"1"')["body"] == other


def test_line_ends_of_any_system_and_blanks_around_are_tidied(sam: Person) -> None:
    assert write(sam, "  \n One.\r\nTwo. \n")["body"] == "One.\nTwo."


NO_NOTES: tuple[dict[str, Any], ...] = (
    {"body": ""}, {"body": " \n\t "}, {"body": "x" * 4001}, {"body": "a\x00b"}, {"body": "\ud800"}, {"body": None},
    {"body": 7}, {"body": ["x"]}, {"kind": "reflection"}, {"kind": "Kindness"}, {"kind": ""}, {"kind": None},
    {"id": "1"}, {"id": 1}, {"prompt": str(uuid4())}, {"date": str(uuid4())}, {"prompt": 1}, {"shared": True},
)  # fmt: skip


def test_what_is_no_note_is_refused_and_the_fault_is_named(sam: Person) -> None:
    for wrong in NO_NOTES:
        refused = sam.post("/notes", {"kind": "kindness", "body": "Words.", **wrong}, 422)
        assert [fault["field"] for fault in refused["errors"]] == list(wrong), wrong
    assert sam.get("/notes")["items"] == []


def test_an_edit_changes_something_it_may_change(sam: Person) -> None:
    note = write(sam)
    for wrong in ({}, {"body": ""}, {"kind": "reflection"}, {"shared_at": None}, {"id": str(uuid4())}, {"version": 3}):
        sam.patch(f"/notes/{note['id']}", wrong, '"1"', 422)
    assert sam.get(f"/notes/{note['id']}") == note


def test_a_note_names_the_prompt_it_answers_and_the_date_it_belongs_to(alice: Person, bob: Person) -> None:
    prompt, date = alice.get("/prompts/today")["id"], agreed(alice, bob)["id"]
    note = shared(alice, prompt=prompt, date=date)
    for reader in (alice, bob):
        found = reader.get(f"/notes/{note['id']}")
        assert (found["prompt"], found["date"]) == (prompt, date)


def test_a_date_of_ones_own_does_not_travel_with_a_shared_note(alice: Person, bob: Person) -> None:
    note = shared(alice, date=own(alice)["id"])
    assert note["date"] is not None
    assert bob.get(f"/notes/{note['id']}")["date"] is None
    assert bob.get("/notes?from=partner")["items"][0]["date"] is None


def test_somebody_elses_date_cannot_be_named(cast: Cast) -> None:
    for date in (own(cast.bob)["id"], agreed(cast.charlie, cast.dana)["id"]):
        refused = cast.alice.post("/notes", {"kind": "memory", "body": "x", "date": date}, 422)
        assert [(error["field"], error["code"]) for error in refused["errors"]] == [("date", "unknown_date")]


def test_received_notes_come_by_the_moment_of_sharing_and_page_on(
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


def test_own_notes_of_one_instant_page_without_loss_or_repeat(alice: Person) -> None:
    written = {write(alice, f"Note {number}.")["id"] for number in range(5)}
    first = alice.get("/notes?limit=3")
    second = alice.get(f"/notes?limit=3&after={first['next']}")
    assert second["next"] is None
    assert {note["id"] for note in first["items"] + second["items"]} == written
    assert len(first["items"] + second["items"]) == 5
