"""Test the answers to a date: accept, decline, counter, withdraw, cancel, complete, and the lapse."""

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


def test_accepting_a_slot_leaves_that_slot_for_both(cast):
    date = offer(cast.alice)
    second = date["slots"][1]
    accepted = move(cast.bob, "accept", date, slot_id=second["id"])
    seen = cast.alice.get(f"/dates/{date['id']}")
    assert (accepted["state"], accepted["version"], accepted["actions"]) == ("accepted", 2, ["cancel", "move", "edit"])
    assert [slot["id"] for slot in accepted["slots"]] == [slot["id"] for slot in seen["slots"]] == [second["id"]]
    assert ledger(date) == ["accepted"]
    assert items(date, cast.alice, cast.bob) == {
        "Alice": sorted(["date_accepted", *ALL_REMINDERS]),
        "Bob": ALL_REMINDERS,
    }


def test_a_repeated_accept_returns_the_same_date_and_another_slot_is_refused(cast):
    date = offer(cast.alice)
    first = move(cast.bob, "accept", date)
    assert move(cast.bob, "accept", date) == first
    move(cast.bob, "accept", date, 409, slot_id=date["slots"][1]["id"])
    move(cast.bob, "accept", date, 409, version=2)
    assert cast.bob.get(f"/dates/{date['id']}") == first
    assert items(date, cast.bob) == {"Bob": ALL_REMINDERS}


def test_accepting_a_slot_that_was_not_offered_is_refused(cast):
    other, date = offer(cast.alice), offer(cast.alice)
    for slot_id in (other["slots"][0]["id"], str(uuid4())):
        problem = move(cast.bob, "accept", date, 422, slot_id=slot_id)
        assert [fault["field"] for fault in problem["errors"]] == ["slot_id"]
    move(cast.bob, "accept", date, 422, slot_id="first")
    assert cast.bob.get(f"/dates/{date['id']}")["state"] == "proposed"


def test_accepting_a_past_slot_is_refused_and_a_later_slot_is_open(cast, stopped_clock):
    date = offer(cast.alice)
    stopped_clock.move_to(START)
    move(cast.bob, "accept", date, 409)
    assert move(cast.bob, "accept", date, slot_id=date["slots"][1]["id"])["state"] == "accepted"


@pytest.mark.parametrize("name", ["accept", "decline", "counter"])
def test_an_answer_to_another_version_is_refused(cast, name):
    date = offer(cast.alice)
    for version in (2, 7, 2**31 - 1):
        assert move(cast.bob, name, date, 412, version=version)["type"] == "/problems/version-conflict"
    countered = move(cast.bob, "counter", date)
    seen = cast.alice.get(f"/dates/{date['id']}")
    move(cast.alice, name, seen, 412, version=1)
    assert cast.bob.get(f"/dates/{date['id']}") == countered


def test_a_proposal_above_a_lowered_pace_cannot_be_accepted(cast):
    activity = activity_id(party="two", pace=5)
    proposal, accepted = offer(cast.alice, activity), agreed(cast.alice, cast.bob, activity=activity)
    couple = UUID(cast.alice.get("/couple")["id"])
    with db.connection(), db.write():
        Couple.update(pace=4).where(Couple.id == couple).execute()
    assert move(cast.bob, "accept", proposal, 409)["type"] == "/problems/above-pace"
    assert cast.bob.get(f"/dates/{proposal['id']}")["state"] == "proposed"
    # An accepted date stays, and declining is always possible.
    assert cast.bob.get(f"/dates/{accepted['id']}")["state"] == "accepted"
    assert move(cast.bob, "decline", proposal)["state"] == "declined"


@pytest.mark.parametrize("answer", ["no", "another_time", "another_idea"])
def test_declining_needs_no_reason_and_reaches_the_sender(cast, answer):
    date = offer(cast.alice)
    declined = move(cast.bob, "decline", date, answer=answer)
    seen = cast.alice.get(f"/dates/{date['id']}")
    assert (declined["answer"], seen["answer"], seen["state"], seen["actions"]) == (answer, answer, "declined", [])
    assert ledger(date) == [answer]
    kind = {"no": "date_declined"}.get(answer, f"date_{answer}")  # only a plain no reads as declined
    assert items(date, cast.alice, cast.bob) == {"Alice": [kind], "Bob": []}
    assert move(cast.bob, "decline", date, answer=answer) == declined
    move(cast.bob, "decline", date, 409, answer={"no": "another_time"}.get(answer, "no"))


def test_declining_without_an_answer_is_a_plain_no_and_unknown_answers_are_refused(cast):
    date = offer(cast.alice)
    move(cast.bob, "decline", date, 422, answer="never")
    move(cast.bob, "decline", date, 422, reason="tired")
    assert move(cast.bob, "decline", date)["answer"] == "no"


def test_a_counter_makes_the_partner_answer_and_uses_the_quota_of_its_sender(cast):
    date = offer(cast.charlie)
    slots = [slot(START + timedelta(days=2)), slot(START + timedelta(days=3))]
    countered = move(cast.dana, "counter", date, slots=slots)
    seen = cast.charlie.get(f"/dates/{date['id']}")
    assert (countered["sender"], countered["version"], seen["sender"]) == ("me", 2, "partner")
    assert [slot["start"] for slot in seen["slots"]] == ["2026-11-27T19:00:00.000Z", "2026-11-28T19:00:00.000Z"]
    assert countered["expires_at"] == seen["expires_at"] == "2026-11-28T16:00:00.000Z"
    assert ledger(date) == [None, "countered"]
    assert items(date, cast.charlie, cast.dana) == {"Charlie": ["date_countered"], "Dana": []}
    # Gentle: one open proposal, three a week. Charlie's place is free again, and Dana's place is used.
    assert cast.charlie.get("/me")["allowance"]["open_proposals"]["left"] == 1
    left = cast.dana.get("/me")["allowance"]
    assert (left["open_proposals"]["left"], left["proposals"]["left"]) == (0, 2)
    assert move(cast.dana, "counter", date, slots=slots) == countered


def test_a_counter_without_budget_leaves_the_offer_unchanged(cast):
    theirs = offer(cast.dana)
    date = offer(cast.charlie)
    assert move(cast.dana, "counter", date, 409)["opens_at"] == theirs["expires_at"]
    assert cast.charlie.get(f"/dates/{date['id']}") == date
    assert ledger(date) == [None]
    assert items(date, cast.charlie, cast.dana) == {"Charlie": [], "Dana": ["date_proposed"]}
    assert move(cast.dana, "accept", date)["state"] == "accepted"


def test_a_counter_with_invalid_slots_changes_nothing(cast):
    date = offer(cast.alice)
    same = slot(START)
    for slots in ([], [same] * 4, [same, same], [slot(NOON + timedelta(hours=1))], [slot(START + timedelta(days=400))]):
        assert move(cast.bob, "counter", date, 422, slots=slots)["type"] == "/problems/invalid"
    assert cast.alice.get(f"/dates/{date['id']}") == date
    assert ledger(date) == [None]


def test_partners_may_counter_in_turn(cast):
    date = seen = offer(cast.alice)
    for round_number in range(6):
        person = (cast.bob, cast.alice)[round_number % 2]
        later = START + timedelta(days=round_number)
        assert move(person, "counter", seen, slots=[slot(later)])["sender"] == "me"
        other = (cast.alice, cast.bob)[round_number % 2]
        seen = other.get(f"/dates/{date['id']}")
        assert (seen["version"], len(seen["slots"])) == (round_number + 2, 1)
        assert items(date, person, other) == {person.name: [], other.name: ["date_countered"]}
    assert ledger(date) == [None, *["countered"] * 6]
    move(cast.alice, "accept", seen, 409)
    move(cast.bob, "withdraw", seen, 409)
    assert move(cast.bob, "accept", seen)["slots"] == seen["slots"]


def test_a_withdrawn_offer_leaves_the_inbox_and_still_uses_the_quota(cast):
    date = offer(cast.charlie)
    withdrawn = move(cast.charlie, "withdraw", date)
    assert (withdrawn["state"], cast.dana.get(f"/dates/{date['id']}")["state"]) == ("withdrawn", "withdrawn")
    assert move(cast.charlie, "withdraw", date) == withdrawn
    assert items(date, cast.charlie, cast.dana) == {"Charlie": [], "Dana": []}
    left = cast.charlie.get("/me")["allowance"]
    assert (left["open_proposals"]["left"], left["proposals"]["left"]) == (1, 2)


@pytest.mark.parametrize("canceller", ["Alice", "Bob"])
def test_cancelling_notifies_the_partner_and_removes_the_reminders(cast, canceller):
    date = agreed(cast.alice, cast.bob)
    person, partner = (cast.alice, cast.bob) if canceller == "Alice" else (cast.bob, cast.alice)
    date_off = move(person, "cancel", date)
    assert move(person, "cancel", date) == date_off
    assert items(date, person, partner) == {person.name: [], partner.name: ["date_off"]}
    assert "date_off" in partner.inbox()
    assert partner.get(f"/dates/{date['id']}")["state"] == "cancelled"
    move(partner, "cancel", date, 409)


def test_cancelling_a_solo_date_notifies_no_one(cast):
    date = own(cast.alice)
    move(cast.alice, "cancel", date)
    assert items(date, cast.alice, cast.bob) == {"Alice": [], "Bob": []}


def test_a_date_can_be_completed_from_its_start_and_both_are_asked_how_it_was(cast, stopped_clock):
    date = agreed(cast.alice, cast.bob)
    stopped_clock.move_to(START - timedelta(seconds=1))
    move(cast.bob, "complete", date, 409)
    stopped_clock.move_to(START)
    done = move(cast.bob, "complete", date)
    assert move(cast.bob, "complete", date) == done
    move(cast.alice, "complete", date, 409)
    assert items(date, cast.alice, cast.bob) == {"Alice": ["date_feedback"], "Bob": ["date_feedback"]}
    assert cast.alice.inbox()[0] == cast.bob.inbox()[0] == "date_feedback"


def test_an_offer_reads_as_lapsed_exactly_from_its_expiry(cast, stopped_clock):
    date = offer(cast.alice, slots=[slot(NOON + timedelta(hours=2, minutes=15))])
    assert date["expires_at"] == "2026-11-23T14:00:00.000Z"
    stopped_clock.move_to(instant(date["expires_at"]) - timedelta(microseconds=1))
    assert cast.bob.get(f"/dates/{date['id']}")["state"] == "proposed"
    assert "date_proposed" in cast.bob.inbox()
    stopped_clock.move_to(instant(date["expires_at"]))
    for person in (cast.alice, cast.bob):
        seen = person.get(f"/dates/{date['id']}")
        assert (seen["state"], seen["actions"]) == ("lapsed", [])
        assert person.get("/dates?show=upcoming")["items"] == []
    assert cast.bob.inbox() == ["couple_begun"]
    for name, person in {"accept": cast.bob, "decline": cast.bob, "counter": cast.bob, "withdraw": cast.alice}.items():
        move(person, name, date, 409)


def test_the_clock_notes_a_lapse_and_notifies_no_one(cast, stopped_clock):
    date = offer(cast.alice, slots=[slot(NOON + timedelta(hours=5))])
    other, at = offer(cast.alice), instant(date["expires_at"])
    with db.connection():
        assert lifecycle.next_lapse() == at
        assert lifecycle.lapse(at - timedelta(microseconds=1)) == 0
        assert lifecycle.lapse(at) == 1
        assert lifecycle.lapse(at) == 0
        assert lifecycle.next_lapse() == instant(other["expires_at"])
    stopped_clock.move_to(at)
    scheduler.tick(at)
    assert cast.alice.get(f"/dates/{date['id']}")["state"] == "lapsed"
    assert ledger(date) == ["excused"]  # it was open for hours only
    assert cast.alice.get(f"/dates/{other['id']}") == other
    assert items(date, cast.alice, cast.bob) == {"Alice": [], "Bob": []}
    assert date["id"] not in [(item["subject"] or {}).get("id") for item in cast.bob.get("/inbox")["items"]]


def test_an_offer_that_lapses_before_a_tick_is_never_pushed(cast, stopped_clock):
    date = offer(cast.alice, slots=[slot(NOON + timedelta(hours=5))])
    stopped_clock.move_to(instant(date["expires_at"]))
    scheduler.tick(instant(date["expires_at"]))
    with db.connection():
        kinds = {kind for (kind,) in db.fetch_all(Delivery.select(inbox.Item.kind).join(inbox.Item))}
    assert kinds == {"couple_begun"}


def test_a_lapsed_offer_frees_its_place(cast, stopped_clock):
    activity = light()
    date = offer(cast.charlie, activity, slots=[slot(NOON + timedelta(hours=5))])
    stopped_clock.move_to(instant(date["expires_at"]) - timedelta(seconds=1))
    offer(cast.charlie, activity, 409)
    stopped_clock.move_to(instant(date["expires_at"]))
    assert offer(cast.charlie, activity)["state"] == "proposed"
    clear_ledger()
