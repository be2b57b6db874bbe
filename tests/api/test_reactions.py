"""Test reactions over HTTP: the receiver answers a note with a fixed sentence, quietly, and can change it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from planner.notes.reactions import OPENINGS, THANKS
from tests.exports import export
from tests.people import Cast, Person, expect, pair
from tests.racing import strangers
from tests.spaces import DAY, MINUTE, end, held, quieten, received, share, take, unannounced


def react(reader: Person, note: str, reaction: str = "thank_you", status: int = 200) -> Any:
    return reader.put(f"/notes/{note}/reaction", {"reaction": reaction}, status)


def take_back(reader: Person, note: str, status: int = 200) -> Any:
    return expect(reader.request("DELETE", f"/notes/{note}/reaction"), status)


def reaction_to(person: Person, note: str) -> str | None:
    """Return the reaction to a note, which the note and the lists must show alike."""
    lists = [person.get(f"/notes?from={side}&limit=100")["items"] for side in ("me", "partner")]
    read = {each["reaction"] for notes in lists for each in notes if each["id"] == note}
    read.add(person.get(f"/notes/{note}")["reaction"])
    (reaction,) = read
    return reaction


def couple(app: Flask, rhythm: str) -> tuple[Person, Person]:
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben, rhythm)
    return ann, ben


def test_a_reaction_shows_for_both_changes_and_costs_nothing(alice: Person, bob: Person) -> None:
    note = share(alice)
    before = bob.get("/me")["allowance"]
    assert bob.get(f"/notes/{note}")["reactions_offered"] == list(THANKS)
    assert alice.get(f"/notes/{note}")["reactions_offered"] == []
    given = react(bob, note)
    assert (given["reaction"], given["mine"], given["reactions_offered"]) == ("thank_you", False, list(THANKS))
    assert react(bob, note) == given
    assert (reaction_to(alice, note), reaction_to(bob, note)) == ("thank_you", "thank_you")
    assert react(bob, note, "touched")["reaction"] == "touched"
    assert reaction_to(alice, note) == "touched"
    assert take_back(bob, note)["reaction"] is None
    assert take_back(bob, note)["reaction"] is None
    assert (reaction_to(alice, note), reaction_to(bob, note)) == (None, None)
    assert bob.get("/me")["allowance"] == before


def test_the_author_finds_one_item_and_no_phone_rings(alice: Person, bob: Person) -> None:
    note = share(alice)
    react(bob, note)
    assert alice.inbox().count("note_reacted") == 1
    assert "note_reacted" not in unannounced(alice)
    (item,) = [each for each in alice.get("/inbox")["items"] if each["kind"] == "note_reacted"]
    assert (item["subject"]["type"], item["subject"]["id"]) == ("note", note)
    alice.post(f"/inbox/{item['id']}/seen")
    react(bob, note, "smiled")
    assert alice.get("/today")["unseen"] == 0, "a change calls for no attention"
    take_back(bob, note)
    assert "note_reacted" not in alice.inbox()
    react(bob, note)
    assert "note_reacted" not in alice.inbox()
    assert reaction_to(alice, note) == "thank_you"


def test_good_news_is_answered_with_openings(alice: Person, bob: Person) -> None:
    note = alice.post("/notes", {"kind": "good_news", "body": "I got the job."}, 201)["id"]
    alice.post(f"/notes/{note}/share", {"version": 1})
    assert bob.get(f"/notes/{note}")["reactions_offered"] == list(OPENINGS)
    (fault,) = react(bob, note, "thank_you", 422)["errors"]
    assert (fault["field"], fault["code"]) == ("reaction", "not_a_choice")
    assert react(bob, note, "tell_me_more")["reaction"] == "tell_me_more"
    react(bob, share(alice), "tell_me_more", 422)
    react(bob, note, "meh", 422)


def test_all_but_the_receiver_get_the_answer_for_a_missing_note(cast: Cast) -> None:
    private = cast.alice.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
    shared = share(cast.alice)
    nowhere = cast.bob.request("PUT", f"/notes/{uuid4()}/reaction", {"reaction": "touched"})
    tries = [
        (cast.bob, private),
        (cast.alice, private),
        (cast.alice, shared),
        (cast.charlie, shared),
        (cast.sam, shared),
    ]
    for person, note in tries:
        answer = person.request("PUT", f"/notes/{note}/reaction", {"reaction": "touched"})
        assert (answer.status_code, answer.data) == (404, nowhere.data), person.name
        take_back(person, note, 404)
    assert reaction_to(cast.alice, shared) is None


def test_a_recalled_note_takes_its_reaction_out_of_view(alice: Person, bob: Person) -> None:
    notes = share(alice), share(alice)
    for note in notes:
        react(bob, note)
    alice.post(f"/notes/{notes[0]}/recall")
    alice.delete(f"/notes/{notes[1]}")
    assert alice.get(f"/notes/{notes[0]}")["reaction"] is None
    assert "note_reacted" not in alice.inbox()
    for note in notes:
        react(bob, note, "touched", 404)
        take_back(bob, note, 404)


def test_apart_a_reaction_can_be_taken_back_but_not_given(app: Flask) -> None:
    ann, ben = couple(app, "apart")
    note = share(ann)
    assert ben.get(f"/notes/{note}")["reactions_offered"] == []
    assert react(ben, note, status=409)["reason"] == "reactions_off"
    assert ann.inbox().count("note_reacted") == 0


@pytest.mark.parametrize("quietly", [True, False])
def test_a_calmer_rhythm_leaves_the_reactions_that_are_there(alice: Person, bob: Person, quietly: bool) -> None:
    note = share(alice)
    react(bob, note)
    bob.put("/me/rhythm", {"rhythm": "apart", "quietly": quietly})
    assert bob.get(f"/notes/{note}")["reactions_offered"] == []
    assert react(bob, note)["reaction"] == "thank_you", "a repeat"
    assert react(bob, note, "touched", 409)["reason"] == "reactions_off"
    assert reaction_to(alice, note) == "thank_you"
    assert take_back(bob, note)["reaction"] is None


def test_a_reaction_waits_for_the_end_of_the_authors_space(alice: Person, bob: Person, stopped_clock: Any) -> None:
    early, late = share(alice), share(alice)
    react(bob, early)
    stopped_clock.shift(MINUTE)
    take(alice)
    stopped_clock.shift(MINUTE)
    assert react(bob, late)["reaction"] == "thank_you"
    assert (reaction_to(alice, early), reaction_to(alice, late)) == ("thank_you", None)
    assert alice.inbox().count("note_reacted") == 1
    assert react(bob, early, "touched")["reaction"] == "touched"
    assert reaction_to(alice, early) is None, "the earlier one is taken back, and the new one waits"
    end(alice)
    assert (reaction_to(alice, early), reaction_to(alice, late)) == ("touched", "thank_you")


def test_in_space_one_answers_only_what_is_held(alice: Person, bob: Person, stopped_clock: Any) -> None:
    before = share(alice)
    stopped_clock.shift(MINUTE)
    take(bob)
    stopped_clock.shift(MINUTE)
    note, other = share(alice), share(alice)
    assert bob.get(f"/notes/{before}")["reactions_offered"] == []
    assert react(bob, before, status=409)["reason"] == "in_space"
    assert [thing["note"]["reactions_offered"] for thing in bob.get("/me/held")["items"]] == [list(THANKS)] * 2
    assert react(bob, note)["reaction"] == "thank_you"
    assert react(bob, note, "touched")["reaction"] == "touched"
    assert [subject for _, subject, _ in held(bob)] == [other]
    assert note in [shown for shown, _ in received(bob)]
    assert reaction_to(alice, note) == "touched"
    take_back(bob, note)
    assert [subject for _, subject, _ in held(bob)] == [other], "an answered note is not held again"


def test_a_quiet_apart_holds_new_reactions_back(alice: Person, bob: Person, stopped_clock: Any) -> None:
    early, late = share(alice), share(alice)
    react(bob, early)
    stopped_clock.shift(MINUTE)
    quieten(alice, rhythm="apart")
    stopped_clock.shift(MINUTE)
    assert react(bob, late)["reaction"] == "thank_you"
    assert (reaction_to(alice, early), reaction_to(alice, late)) == ("thank_you", None)
    assert alice.inbox().count("note_reacted") == 1
    alice.put("/me/rhythm", {"rhythm": "together"})
    assert reaction_to(alice, late) == "thank_you"
    assert alice.inbox().count("note_reacted") == 2


def test_a_note_held_by_a_quiet_rhythm_is_released_by_its_answer(
    alice: Person, bob: Person, stopped_clock: Any
) -> None:
    quieten(bob, rhythm="gentle")
    notes = []
    for number in range(8):
        stopped_clock.shift(MINUTE)
        notes.append(share(alice, f"Thank you, {number}."))
    assert held(bob) == [("note", notes[-1], "rhythm")]
    react(bob, notes[-1])
    stopped_clock.shift(MINUTE)
    assert held(bob) == []
    assert notes[-1] in [note for note, _ in received(bob)]


def test_nothing_of_it_remains_after_leaving(alice: Person, bob: Person) -> None:
    note = share(alice)
    react(bob, note)
    bob.delete("/couple")
    assert alice.get(f"/notes/{note}")["reaction"] is None
    assert "note_reacted" not in alice.inbox()
    react(bob, note, "touched", 404)


def test_the_export_has_the_reactions_that_a_person_gave(alice: Person, bob: Person) -> None:
    note = share(alice)
    react(bob, note)
    assert [(each["note"], each["reaction"]) for each in export(bob, "private")["reactions"]] == [(note, "thank_you")]
    assert export(alice, "private")["reactions"] == []
    assert [each["reaction"] for each in export(alice, "ordinary")["shared_notes"]] == ["thank_you"]


@pytest.mark.parametrize(("pace", "status"), [(2, 409), (3, 200)])
def test_far_apart_a_shared_note_is_short(alice: Person, bob: Person, pace: int, status: int) -> None:
    alice.put("/me/pace", {"pace": pace})
    long, short = (alice.post("/notes", {"kind": "effort", "body": "é" * most}, 201)["id"] for most in (401, 400))
    answer = alice.post(f"/notes/{long}/share", {"version": 1}, status)
    if status == 409:
        assert (answer["reason"], answer["params"]) == ("note_long_for_pace", {"most": 400})
    assert alice.get(f"/notes/{long}")["state"] == ("private" if status == 409 else "shared")
    assert alice.post(f"/notes/{short}/share", {"version": 1})["state"] == "shared"


def test_a_long_note_is_held_at_a_lower_quiet_pace(alice: Person, bob: Person, stopped_clock: Any) -> None:
    before = share(alice, "x" * 401)
    stopped_clock.shift(MINUTE)
    quieten(bob, pace=2)
    stopped_clock.shift(MINUTE)
    long, short = share(alice, "x" * 401), share(alice, "x" * 400)
    assert held(bob) == [("note", long, "pace")]
    assert sorted(note for note, _ in received(bob)) == sorted([before, short])
    assert bob.inbox().count("note_shared") == 2
    bob.put("/me/pace", {"pace": 5})
    stopped_clock.shift(DAY)
    assert held(bob) == []
