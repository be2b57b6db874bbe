"""Space at the same moment as another act, in real threads: each race has an allowed end."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import pytest

from planner import scheduler
from planner.contact.pauses import Pause
from planner.dates import rsvps
from planner.storage import db
from tests.conftest import NOON
from tests.dates import START, agreed, body_of, clear_ledger, move, offer
from tests.racing import statuses, together
from tests.spaces import HOUR, MINUTE, dates, end, going, held, off, received, share, take

ROUNDS = 3
QUIET = {"kind": "quiet", "dates": []}


def spaces_of(person):
    with db.connection():
        return Pause.select().where(Pause.person == UUID(person.id)).count()


def over(person):
    """End the space, and release what it held."""
    end(person)
    person.post("/me/held/release", status=200)


def test_two_starts_at_once_begin_one_space(cast, stopped_clock):
    for number in range(1, ROUNDS):
        assert statuses(*[(cast.bob, "PUT", "/me/space", QUIET)] * 3) == [200] * 3
        assert spaces_of(cast.bob) == number
        stopped_clock.shift(MINUTE)
        assert statuses(*[(cast.bob, "DELETE", "/me/space", None)] * 2) == [200, 200]
    starts = [(cast.bob, "PUT", "/me/space", {"kind": "said", "sentence": sentence}) for sentence in ("time", "slow")]
    assert sorted(statuses(*starts)) == [200, 409], "something is said once a week"
    assert len(cast.alice.get("/couple")["sentences"]) == 1
    assert cast.alice.inbox().count("space_said") == 1


def test_a_start_and_an_acceptance_at_once_leave_no_person_waiting(cast, stopped_clock):
    ends = set()
    for number in range(ROUNDS):
        stopped_clock.move_to(NOON)
        date = offer(cast.bob)
        started, accepted = statuses(
            (cast.bob, "PUT", "/me/space", QUIET),
            (cast.alice, "POST", f"/dates/{date['id']}/accept", body_of("accept", date)),
        )
        # If Alice accepts first, Bob's answer about the date is missing. If Bob is first, the clock calls the date off.
        assert (started, accepted) in ((200, 200), (422, 200))
        ends.add(started)
        take(cast.bob, *([off(date)] if started == 422 else []))
        late = START - HOUR + number * 2 * MINUTE  # after the gap that follows the date of the last round
        stopped_clock.move_to(late)
        scheduler.tick(late)
        assert cast.alice.get(f"/dates/{date['id']}")["state"] == "cancelled"
        over(cast.bob)
        clear_ledger()
    assert ends


def test_a_note_shared_as_a_space_begins_is_held(cast, stopped_clock):
    for _ in range(ROUNDS):
        note = cast.alice.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
        stopped_clock.shift(MINUTE)
        answers = together(
            partial(cast.bob.request, "PUT", "/me/space", QUIET),
            partial(cast.alice.request, "POST", f"/notes/{note}/share", {"version": 1}),
        )
        assert [answer.status_code for answer in answers] == [200, 200]
        assert note not in [note_id for note_id, _ in received(cast.bob)]
        assert ("note", note, "space") in held(cast.bob)
        over(cast.bob)
        assert note in [note_id for note_id, _ in received(cast.bob)]
        clear_ledger()


def test_the_clock_calling_off_and_an_rsvp_at_once_have_one_result(cast, stopped_clock):
    """Let the clock call a date off in two processes while Bob answers that he will go."""
    for _ in range(ROUNDS):
        stopped_clock.move_to(NOON)
        date = agreed(cast.alice, cast.bob)
        take(cast.bob, off(date))
        stopped_clock.move_to(START - 2 * HOUR)
        tick = partial(scheduler.tick, START - 2 * HOUR)
        together(tick, tick, partial(take, cast.bob, going(date)))
        state = cast.alice.get(f"/dates/{date['id']}")["state"]
        scheduler.tick(START - HOUR)
        assert cast.alice.get(f"/dates/{date['id']}")["state"] == state
        assert state in ("accepted", "cancelled")
        stopped_clock.move_to(START - HOUR)
        assert [each["id"] for each in cast.alice.get("/dates?show=upcoming")["items"]] == (
            [date["id"]] if state == "accepted" else []
        )
        if state == "accepted":
            move(cast.alice, "cancel", cast.alice.get(f"/dates/{date['id']}"))
        over(cast.bob)
        clear_ledger()


def test_calling_off_from_both_sides_at_once_cancels_once(cast, stopped_clock):
    """Let Bob in space call an agreed date off while Alice cancels it."""
    for _ in range(ROUNDS):
        date = agreed(cast.alice, cast.bob)
        take(cast.bob, going(date))
        answered = statuses(
            (cast.bob, "PUT", "/me/space", {**QUIET, "dates": [off(date, "now")]}),
            (cast.alice, "POST", f"/dates/{date['id']}/cancel", {"version": 2}),
        )
        assert answered in ([200, 200], [200, 409])
        read = cast.alice.get(f"/dates/{date['id']}")
        assert (read["state"], read["version"]) == ("cancelled", 3)
        over(cast.bob)
        clear_ledger()


@pytest.mark.parametrize("words", [("release", "release"), ("release", "dismiss"), ("dismiss", "dismiss")])
def test_of_two_decisions_on_held_things_the_first_counts(cast, stopped_clock, words):
    for _ in range(ROUNDS):
        take(cast.bob)
        stopped_clock.shift(MINUTE)
        note = share(cast.alice)
        date = offer(cast.alice)["id"]
        stopped_clock.shift(MINUTE)
        end(cast.bob)
        stopped_clock.shift(MINUTE)
        assert statuses(*[(cast.bob, "POST", f"/me/held/{word}", {}) for word in words]) == [200, 200]
        assert held(cast.bob) == []
        there = note in [note_id for note_id, _ in received(cast.bob)]
        assert (date in dates(cast.bob)) is there, "all of it, or nothing"
        if len(set(words)) == 1:
            assert there is (words[0] == "release")
        clear_ledger()


def test_ending_a_space_and_releasing_at_once_release_all_or_nothing(cast, stopped_clock):
    for _ in range(ROUNDS):
        take(cast.bob)
        stopped_clock.shift(MINUTE)
        note = share(cast.alice)
        stopped_clock.shift(MINUTE)
        assert statuses((cast.bob, "DELETE", "/me/space", None), (cast.bob, "POST", "/me/held/release", {})) == [
            200,
            200,
        ]
        # The note is released after the end, or not yet; never half.
        there = note in [note_id for note_id, _ in received(cast.bob)]
        assert held(cast.bob) == ([] if there else [("note", note, "space")])
        assert ("note_shared" in cast.bob.inbox()) is there or note not in [
            note_id for note_id, _ in received(cast.bob)
        ]
        over(cast.bob)
        stopped_clock.shift(MINUTE)
        clear_ledger()


def test_a_start_that_fails_halfway_changes_nothing(cast, monkeypatch):
    first = agreed(cast.alice, cast.bob)

    def broken(*_):
        raise RuntimeError("killed")

    monkeypatch.setattr(rsvps, "set_rsvp", broken)
    monkeypatch.setitem(cast.bob.app.config, "PROPAGATE_EXCEPTIONS", False)
    assert cast.bob.request("PUT", "/me/space", {**QUIET, "dates": [going(first)]}).status_code == 500
    monkeypatch.undo()
    assert (spaces_of(cast.bob), cast.bob.get("/me/space")["kind"]) == (0, None)
