"""Answering: accept, decline, counter, withdraw, cancel, complete, and the time that runs out."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from planner import inbox, scheduler
from planner.couples.couples import Couple
from planner.dates import lifecycle
from planner.notifications.deliveries import Delivery
from planner.storage import db
from tests.conftest import NOON
from tests.dates import (
    ALL_REMINDERS,
    START,
    agreed,
    clear_ledger,
    instant,
    items,
    ledger,
    light,
    move,
    offer,
    own,
    slot,
)  # fmt: skip
from tests.people import activity_id


def test_a_yes_to_one_slot_keeps_that_one_for_both(cast):
    made = offer(cast.alice)
    second = made["slots"][1]
    accepted = move(cast.bob, "accept", made, slot=second["id"])
    seen = cast.alice.get(f"/dates/{made['id']}")
    assert (accepted["state"], accepted["version"], accepted["actions"]) == ("accepted", 2, ["cancel"])
    assert [one["id"] for one in accepted["slots"]] == [one["id"] for one in seen["slots"]] == [second["id"]]
    assert ledger(made) == ["accepted"]
    assert items(made, cast.alice, cast.bob) == {
        "Alice": sorted(["date_accepted", *ALL_REMINDERS]),
        "Bob": ALL_REMINDERS,
    }


def test_a_repeated_yes_is_the_same_and_another_slot_is_too_late(cast):
    made = offer(cast.alice)
    first = move(cast.bob, "accept", made)
    assert move(cast.bob, "accept", made) == first
    move(cast.bob, "accept", made, 409, slot=made["slots"][1]["id"])
    move(cast.bob, "accept", made, 409, version=2)
    assert cast.bob.get(f"/dates/{made['id']}") == first
    assert items(made, cast.bob) == {"Bob": ALL_REMINDERS}


def test_a_yes_to_a_slot_that_was_not_offered_is_refused(cast):
    other, made = offer(cast.alice), offer(cast.alice)
    for slot_id in (other["slots"][0]["id"], str(uuid4())):
        problem = move(cast.bob, "accept", made, 422, slot=slot_id)
        assert [fault["field"] for fault in problem["errors"]] == ["slot"]
    move(cast.bob, "accept", made, 422, slot="first")
    assert cast.bob.get(f"/dates/{made['id']}")["state"] == "proposed"


def test_a_yes_to_a_slot_that_has_passed_is_refused_and_a_later_one_is_open(cast, stopped_clock):
    made = offer(cast.alice)
    stopped_clock.move_to(START)
    move(cast.bob, "accept", made, 409)
    assert move(cast.bob, "accept", made, slot=made["slots"][1]["id"])["state"] == "accepted"


@pytest.mark.parametrize("name", ["accept", "decline", "counter"])
def test_an_answer_to_another_version_is_refused(cast, name):
    made = offer(cast.alice)
    for version in (2, 7, 2**31 - 1):
        assert move(cast.bob, name, made, 412, version=version)["type"] == "/problems/version-conflict"
    countered = move(cast.bob, "counter", made)
    seen = cast.alice.get(f"/dates/{made['id']}")
    move(cast.alice, name, seen, 412, version=1)
    assert cast.bob.get(f"/dates/{made['id']}") == countered


def test_what_the_pace_no_longer_holds_cannot_be_accepted(cast):
    close = activity_id(party="two", pace=5)
    held, kept = offer(cast.alice, close), agreed(cast.alice, cast.bob, activity=close)
    couple = UUID(cast.alice.get("/couple")["id"])
    with db.connection(), db.write():
        Couple.update(pace=4).where(Couple.id == couple).execute()
    assert move(cast.bob, "accept", held, 409)["type"] == "/problems/above-pace"
    assert cast.bob.get(f"/dates/{held['id']}")["state"] == "proposed"
    # What was agreed before stays, and a no is always open.
    assert cast.bob.get(f"/dates/{kept['id']}")["state"] == "accepted"
    assert move(cast.bob, "decline", held)["state"] == "declined"


@pytest.mark.parametrize("answer", ["no", "another_time", "another_idea"])
def test_a_no_needs_no_reason_and_reaches_the_sender(cast, answer):
    made = offer(cast.alice)
    declined = move(cast.bob, "decline", made, answer=answer)
    seen = cast.alice.get(f"/dates/{made['id']}")
    assert (declined["answer"], seen["answer"], seen["state"], seen["actions"]) == (answer, answer, "declined", [])
    assert ledger(made) == [answer]
    told = {"no": "date_declined"}.get(answer, f"date_{answer}")  # only a no reads like one
    assert items(made, cast.alice, cast.bob) == {"Alice": [told], "Bob": []}
    assert move(cast.bob, "decline", made, answer=answer) == declined
    move(cast.bob, "decline", made, 409, answer={"no": "another_time"}.get(answer, "no"))


def test_a_no_without_a_word_is_a_plain_no_and_other_words_are_refused(cast):
    made = offer(cast.alice)
    move(cast.bob, "decline", made, 422, answer="never")
    move(cast.bob, "decline", made, 422, reason="tired")
    assert move(cast.bob, "decline", made)["answer"] == "no"


def test_a_counter_swaps_the_turn_and_counts_for_its_sender(cast):
    made = offer(cast.charlie)
    wishes = [slot(START + timedelta(days=2)), slot(START + timedelta(days=3))]
    countered = move(cast.dana, "counter", made, slots=wishes)
    seen = cast.charlie.get(f"/dates/{made['id']}")
    assert (countered["sender"], countered["version"], seen["sender"]) == ("me", 2, "partner")
    assert [one["start"] for one in seen["slots"]] == ["2026-11-27T19:00:00.000Z", "2026-11-28T19:00:00.000Z"]
    assert countered["expires_at"] == seen["expires_at"] == "2026-11-28T16:00:00.000Z"
    assert ledger(made) == [None, "countered"]
    assert items(made, cast.charlie, cast.dana) == {"Charlie": ["date_countered"], "Dana": []}
    # Gentle: one open, three a week. Charlie's place is free again, Dana's is taken.
    assert cast.charlie.get("/me")["contact"]["open_proposals"]["left"] == 1
    left = cast.dana.get("/me")["contact"]
    assert (left["open_proposals"]["left"], left["proposals"]["left"]) == (0, 2)
    assert move(cast.dana, "counter", made, slots=wishes) == countered


def test_a_counter_without_budget_leaves_the_offer_as_it_stands(cast):
    theirs = offer(cast.dana)
    made = offer(cast.charlie)
    assert move(cast.dana, "counter", made, 409)["opens_at"] == theirs["expires_at"]
    assert cast.charlie.get(f"/dates/{made['id']}") == made
    assert ledger(made) == [None]
    assert items(made, cast.charlie, cast.dana) == {"Charlie": [], "Dana": ["date_proposed"]}
    assert move(cast.dana, "accept", made)["state"] == "accepted"


def test_a_counter_with_unsound_slots_changes_nothing(cast):
    made = offer(cast.alice)
    same = slot(START)
    for slots in ([], [same] * 4, [same, same], [slot(NOON + timedelta(hours=3))], [slot(START + timedelta(days=400))]):
        assert move(cast.bob, "counter", made, 422, slots=slots)["type"] == "/problems/invalid"
    assert cast.alice.get(f"/dates/{made['id']}") == made
    assert ledger(made) == [None]


def test_an_offer_may_go_back_and_forth(cast):
    made = seen = offer(cast.alice)
    for turn in range(6):
        person = (cast.bob, cast.alice)[turn % 2]
        later = START + timedelta(days=turn)
        assert move(person, "counter", seen, slots=[slot(later)])["sender"] == "me"
        other = (cast.alice, cast.bob)[turn % 2]
        seen = other.get(f"/dates/{made['id']}")
        assert (seen["version"], len(seen["slots"])) == (turn + 2, 1)
        assert items(made, person, other) == {person.name: [], other.name: ["date_countered"]}
    assert ledger(made) == [None, *["countered"] * 6]
    move(cast.alice, "accept", seen, 409)
    move(cast.bob, "withdraw", seen, 409)
    assert move(cast.bob, "accept", seen)["slots"] == seen["slots"]


def test_a_withdrawn_offer_leaves_no_trace_in_the_inbox_and_still_counts(cast):
    made = offer(cast.charlie)
    withdrawn = move(cast.charlie, "withdraw", made)
    assert (withdrawn["state"], cast.dana.get(f"/dates/{made['id']}")["state"]) == ("withdrawn", "withdrawn")
    assert move(cast.charlie, "withdraw", made) == withdrawn
    assert items(made, cast.charlie, cast.dana) == {"Charlie": [], "Dana": []}
    left = cast.charlie.get("/me")["contact"]
    assert (left["open_proposals"]["left"], left["proposals"]["left"]) == (1, 2)


@pytest.mark.parametrize("canceller", ["Alice", "Bob"])
def test_calling_off_tells_the_other_and_takes_the_reminders_away(cast, canceller):
    made = agreed(cast.alice, cast.bob)
    who, other = (cast.alice, cast.bob) if canceller == "Alice" else (cast.bob, cast.alice)
    off = move(who, "cancel", made)
    assert move(who, "cancel", made) == off
    assert items(made, who, other) == {who.name: [], other.name: ["date_off"]}
    assert "date_off" in other.inbox()
    assert other.get(f"/dates/{made['id']}")["state"] == "cancelled"
    move(other, "cancel", made, 409)


def test_calling_off_an_own_date_tells_nobody(cast):
    made = own(cast.alice)
    move(cast.alice, "cancel", made)
    assert items(made, cast.alice, cast.bob) == {"Alice": [], "Bob": []}


def test_a_date_is_complete_from_its_start_on_and_both_are_asked(cast, stopped_clock):
    made = agreed(cast.alice, cast.bob)
    stopped_clock.move_to(START - timedelta(seconds=1))
    move(cast.bob, "complete", made, 409)
    stopped_clock.move_to(START)
    done = move(cast.bob, "complete", made)
    assert move(cast.bob, "complete", made) == done
    move(cast.alice, "complete", made, 409)
    assert items(made, cast.alice, cast.bob) == {"Alice": ["date_feedback"], "Bob": ["date_feedback"]}
    assert cast.alice.inbox()[0] == cast.bob.inbox()[0] == "date_feedback"


def test_an_offer_lapses_exactly_at_its_time_when_it_is_read(cast, stopped_clock):
    made = offer(cast.alice, slots=[slot(NOON + timedelta(hours=5))])
    assert made["expires_at"] == "2026-11-23T14:00:00.000Z"
    stopped_clock.move_to(instant(made["expires_at"]) - timedelta(microseconds=1))
    assert cast.bob.get(f"/dates/{made['id']}")["state"] == "proposed"
    assert "date_proposed" in cast.bob.inbox()
    stopped_clock.move_to(instant(made["expires_at"]))
    for person in (cast.alice, cast.bob):
        seen = person.get(f"/dates/{made['id']}")
        assert (seen["state"], seen["actions"]) == ("lapsed", [])
        assert person.get("/dates?show=upcoming")["items"] == []
    assert cast.bob.inbox() == ["couple_begun"]
    for name, person in {"accept": cast.bob, "decline": cast.bob, "counter": cast.bob, "withdraw": cast.alice}.items():
        move(person, name, made, 409)


def test_the_clock_notes_what_lapsed_and_tells_nobody(cast, stopped_clock):
    made = offer(cast.alice, slots=[slot(NOON + timedelta(hours=5))])
    other, at = offer(cast.alice), instant(made["expires_at"])
    with db.connection():
        assert lifecycle.next_lapse() == at
        assert lifecycle.lapse(at - timedelta(microseconds=1)) == 0
        assert lifecycle.lapse(at) == 1
        assert lifecycle.lapse(at) == 0
        assert lifecycle.next_lapse() == instant(other["expires_at"])
    stopped_clock.move_to(at)
    scheduler.tick(at)
    assert cast.alice.get(f"/dates/{made['id']}")["state"] == "lapsed"
    assert ledger(made) == ["lapsed"]
    assert cast.alice.get(f"/dates/{other['id']}") == other
    assert items(made, cast.alice, cast.bob) == {"Alice": [], "Bob": []}
    assert made["id"] not in [one["subject"] for one in cast.bob.get("/inbox")["items"]]


def test_what_lapses_before_the_clock_ticks_is_never_pushed(cast, stopped_clock):
    made = offer(cast.alice, slots=[slot(NOON + timedelta(hours=5))])
    stopped_clock.move_to(instant(made["expires_at"]))
    scheduler.tick(instant(made["expires_at"]))
    with db.connection():
        carried = {kind for (kind,) in db.fetch_all(Delivery.select(inbox.Item.kind).join(inbox.Item))}
    assert carried == {"couple_begun"}


def test_a_lapsed_offer_frees_its_place(cast, stopped_clock):
    activity = light()
    made = offer(cast.charlie, activity, slots=[slot(NOON + timedelta(hours=5))])
    stopped_clock.move_to(instant(made["expires_at"]) - timedelta(seconds=1))
    offer(cast.charlie, activity, 409)
    stopped_clock.move_to(instant(made["expires_at"]))
    assert offer(cast.charlie, activity)["state"] == "proposed"
    clear_ledger()
