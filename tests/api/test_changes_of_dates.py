"""Test changes of agreed dates: moves, edits, dates agreed already, and past dates that complete themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from planner import clock, scheduler
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
from tests.people import Cast, Person, activity_id
from tests.spaces import end, held, take

LATER = START + timedelta(days=3)
DAY = timedelta(days=1)
NEW_TIMES = [slot(LATER), slot(LATER + DAY)]


def offer_move(person: Person, date: dict[str, Any], status: int = 200, slots: Any = None) -> Any:
    return act(person, "move", date, status, slots=slots or NEW_TIMES)


def act(person: Person, name: str, date: dict[str, Any], status: int = 200, **body: Any) -> Any:
    return person.post(f"/dates/{date['id']}/{name}", {"version": date["version"], **body}, status)


def edit(person: Person, date: dict[str, Any], status: int = 200, **texts: Any) -> Any:
    return person.patch(f"/dates/{date['id']}", texts, f'"{date["version"]}"', status)


def read(person: Person, date: dict[str, Any]) -> Any:
    return person.get(f"/dates/{date['id']}")


def times(offer: Any) -> list[datetime]:
    return [instant(each["start"]) for each in offer["slots"]]


def record(sender: Person, status: int = 201, **more: Any) -> Any:
    return sender.post("/dates", {"activity_id": light(), "slots": [slot(START)], "agreed": True, **more}, status)


def test_a_date_keeps_its_time_until_the_partner_accepts_the_move(cast: Cast) -> None:
    date = agreed(cast.alice, cast.bob)
    moved = offer_move(cast.bob, date)
    assert (moved["state"], times(moved), moved["move"]["actions"]) == ("accepted", [START], ["withdraw"])
    seen = read(cast.alice, date)
    assert (times(seen), seen["move"]["sender"]) == ([START], "partner")
    assert seen["move"]["actions"] == ["accept", "decline"]
    assert times(seen["move"]) == [LATER, LATER + DAY]
    assert "date_move_offered" in cast.alice.inbox()
    assert [each["id"] for each in cast.alice.get("/dates?show=upcoming")["items"] if each["move"]] == [date["id"]]
    assert [each["id"] for each in cast.alice.get("/today")["waiting"]] == [date["id"]]
    assert cast.bob.get("/today")["waiting"] == []
    chosen = seen["move"]["slots"][1]
    accepted = act(cast.alice, "move/accept", seen, slot_id=chosen["id"])
    assert accepted == act(cast.alice, "move/accept", seen, slot_id=chosen["id"])
    assert (accepted["move"], [each["id"] for each in accepted["slots"]]) == (None, [chosen["id"]])
    assert read(cast.bob, date)["slots"][0]["start"] == chosen["start"]
    assert "date_move_offered" not in cast.alice.inbox()
    assert "date_moved" in cast.bob.inbox()
    assert items(date, cast.alice, cast.bob) == {
        "Alice": ["date_accepted", *ALL_REMINDERS],
        "Bob": sorted(["date_moved", *ALL_REMINDERS]),
    }


def test_reminders_follow_a_moved_date(cast: Cast, stopped_clock: Any) -> None:
    date = agreed(cast.alice, cast.bob)
    seen = offer_move(cast.alice, date)
    act(cast.bob, "move/accept", seen, slot_id=seen["move"]["slots"][0]["id"])
    stopped_clock.move_to(START)
    assert not {"date_tomorrow", "date_soon"} & set(cast.bob.inbox())
    stopped_clock.move_to(LATER - DAY)
    assert "date_tomorrow" in cast.bob.inbox()


@pytest.mark.parametrize("answer", ["decline", "withdraw", "expire", "cancel"])
def test_a_move_that_is_not_accepted_leaves_the_date_as_it_was(cast: Cast, stopped_clock: Any, answer: str) -> None:
    date = agreed(cast.alice, cast.bob)
    offered = offer_move(cast.alice, date)
    if answer == "decline":
        assert act(cast.bob, "move/decline", offered) == act(cast.bob, "move/decline", offered)
        assert "date_stays" in cast.alice.inbox()
    elif answer == "withdraw":
        act(cast.alice, "move/withdraw", offered)
    elif answer == "cancel":
        act(cast.bob, "cancel", offered)
    else:
        stopped_clock.move_to(instant(offered["move"]["expires_at"]) - timedelta(seconds=1))
        assert read(cast.bob, date)["move"]
        stopped_clock.move_to(instant(offered["move"]["expires_at"]))
    assert read(cast.bob, date)["move"] is None
    scheduler.tick(clock.utcnow())
    after = read(cast.bob, date)
    assert (after["move"], times(after)) == (None, [START])
    assert after["state"] == ("cancelled" if answer == "cancel" else "accepted")
    assert "date_move_offered" not in cast.bob.inbox()
    act(cast.bob, "move/accept", after, 409, slot_id=offered["move"]["slots"][0]["id"])


def test_a_move_must_be_answered_before_the_date_begins(cast: Cast, stopped_clock: Any) -> None:
    date = agreed(cast.alice, cast.bob)
    assert instant(offer_move(cast.alice, date)["move"]["expires_at"]) == START
    stopped_clock.move_to(START - timedelta(minutes=59))
    refusal = offer_move(cast.bob, read(cast.bob, date), 409, [slot(LATER)])
    assert "less than an hour" in refusal["detail"]
    stopped_clock.move_to(START)
    assert "move" not in read(cast.bob, date)["actions"]


def test_the_partner_may_offer_other_times_instead(cast: Cast) -> None:
    date = agreed(cast.alice, cast.bob)
    first = offer_move(cast.alice, date)
    second = offer_move(cast.bob, first, slots=[slot(LATER + 2 * DAY)])
    assert (second["move"]["sender"], len(second["move"]["slots"])) == ("me", 1)
    act(cast.bob, "move/accept", second, 409, slot_id=second["move"]["slots"][0]["id"])
    act(cast.alice, "move/accept", second, 422, slot_id=first["move"]["slots"][0]["id"])
    assert act(cast.alice, "move/accept", second, slot_id=second["move"]["slots"][0]["id"])["move"] is None


def test_a_move_counts_as_a_proposal_and_changes_nothing_when_it_is_refused(cast: Cast) -> None:
    date = agreed(cast.alice, cast.bob)
    left = cast.alice.get("/me")["allowance"]["proposals"]["left"]
    offer_move(cast.alice, date)
    assert cast.alice.get("/me")["allowance"]["proposals"]["left"] == left - 1
    before = read(cast.bob, date)
    assert offer_move(cast.bob, before, 422, [slot(START)])["errors"][0]["code"] == "slots_unchanged"
    offer_move(cast.bob, before, 422, [slot(NOON - DAY)])
    offer_move(cast.bob, date, 412)
    for outsider in (cast.charlie, cast.sam):
        offer_move(outsider, before, 404)
        act(outsider, "move/accept", before, 404, slot_id=before["move"]["slots"][0]["id"])
    assert read(cast.bob, date) == before


def test_a_date_alone_moves_at_once(cast: Cast) -> None:
    date = own(cast.sam)
    offer_move(cast.sam, date, 422)
    moved = offer_move(cast.sam, date, slots=[slot(LATER)])
    assert (moved["move"], [each["local_time"] for each in moved["slots"]]) == (None, [f"{LATER:%Y-%m-%dT%H:%M}"])
    assert offer_move(cast.sam, date, slots=[slot(LATER)]) == moved
    assert items(date, cast.sam) == {"Sam": ALL_REMINDERS}


def test_a_move_during_space_is_held_and_may_be_answered_in_it(cast: Cast, stopped_clock: Any) -> None:
    date = agreed(cast.alice, cast.bob)
    stopped_clock.shift(timedelta(minutes=1))
    take(cast.bob, {"date_id": date["id"], "going": True})
    stopped_clock.shift(timedelta(minutes=1))
    offered = offer_move(cast.alice, date)
    assert [each["move"] for each in cast.bob.get("/dates?show=upcoming")["items"]] == [None]
    assert "date_move_offered" not in cast.bob.inbox()
    assert held(cast.bob) == [("date", date["id"], "space")]
    (thing,) = cast.bob.get("/me/held")["items"]
    assert thing["date"]["move"]["id"] == offered["move"]["id"]
    act(cast.bob, "move/accept", read(cast.bob, date), slot_id=offered["move"]["slots"][0]["id"])
    assert held(cast.bob) == []
    stopped_clock.move_to(LATER - timedelta(hours=2))
    scheduler.tick(clock.utcnow())
    assert read(cast.alice, date)["state"] == "accepted", "Bob said that he goes"


def test_a_dismissed_move_stays_out_of_view(cast: Cast, stopped_clock: Any) -> None:
    date = agreed(cast.alice, cast.bob)
    stopped_clock.shift(timedelta(minutes=1))
    take(cast.bob, {"date_id": date["id"], "going": True})
    stopped_clock.shift(timedelta(minutes=1))
    offer_move(cast.alice, date)
    end(cast.bob)
    cast.bob.post("/me/held/dismiss")
    assert read(cast.bob, date)["move"] is None
    assert read(cast.alice, date)["move"]


def test_either_partner_edits_the_texts_and_the_other_reads_who_wrote_them(cast: Cast, stopped_clock: Any) -> None:
    date = agreed(cast.alice, cast.bob, message="By the river?", place="The mill")
    assert (date["message_from"], date["place"]) == ("me", "The mill")
    left = cast.bob.get("/me")["allowance"]["shared"]["left"]
    edited = edit(cast.bob, read(cast.bob, date), place="The bridge")
    assert (edited["place"], edited["message"], edited["message_from"]) == ("The bridge", "By the river?", "partner")
    assert cast.bob.get("/me")["allowance"]["shared"]["left"] == left - 1
    stopped_clock.shift(DAY / 24)
    edited = edit(cast.bob, edited, message="Bring a blanket.", place="The bridge")
    seen = read(cast.alice, date)
    assert (seen["message"], seen["message_from"], seen["place"]) == ("Bring a blanket.", "partner", "The bridge")
    (listed,) = cast.alice.get("/dates")["items"]
    assert listed == seen
    assert cast.alice.inbox().count("date_edited") == 2
    stopped_clock.shift(DAY / 24)
    assert edit(cast.alice, seen, message=None)["message"] is None
    assert cast.bob.inbox().count("date_edited") == 0, "removing words adds none"


def test_an_edit_during_space_is_held(cast: Cast, stopped_clock: Any) -> None:
    date = agreed(cast.alice, cast.bob, message="By the river?")
    stopped_clock.shift(timedelta(minutes=1))
    take(cast.bob, {"date_id": date["id"], "going": True})
    stopped_clock.shift(timedelta(minutes=1))
    edit(cast.alice, date, message="Why do you not answer?")
    assert [each["message"] for each in cast.bob.get("/dates")["items"]] == ["By the river?"]
    assert held(cast.bob) == [("date", date["id"], "space")]
    assert "date_edited" not in cast.bob.inbox()
    end(cast.bob)
    cast.bob.post("/me/held/dismiss")
    assert read(cast.bob, date)["message"] == "By the river?"


def test_texts_need_their_pace_and_an_agreed_date(cast: Cast, stopped_clock: Any) -> None:
    date = agreed(cast.alice, cast.bob)
    for name in ("alice", "bob"):
        getattr(cast, name).put("/me/pace", {"pace": 2})
    seen = read(cast.alice, date)
    assert "edit" not in seen["actions"]
    assert [error["code"] for error in edit(cast.alice, seen, 422, place="Here")["errors"]] == ["place_above_pace"]
    assert offer(cast.alice, status=422, place="Here")["errors"][0]["code"] == "place_above_pace"
    proposed = offer(cast.alice)
    edit(cast.alice, proposed, 409, place="Here")
    edit(cast.alice, seen, 422)
    edit(cast.charlie, seen, 404, place="Here")
    solo = own(cast.sam)
    assert edit(cast.sam, solo, place="The library")["place"] == "The library"


def test_an_agreed_date_is_written_down_in_one_step(cast: Cast) -> None:
    date = record(cast.alice, place="The mill")
    assert (date["state"], date["recorded"], date["actions"]) == ("accepted", True, ["cancel", "move", "edit"])
    seen = read(cast.bob, date)
    assert {"confirm", "deny"} <= set(seen["actions"])
    assert "date_recorded" in cast.bob.inbox()
    assert [[each["id"] for each in person.get("/today")["waiting"]] for person in cast[:2]] == [[], [date["id"]]]
    assert items(date, cast.alice) == {"Alice": ALL_REMINDERS}
    confirmed = act(cast.bob, "confirm", seen)
    assert (confirmed["recorded"], confirmed["state"], "deny" in confirmed["actions"]) == (False, "accepted", False)
    assert act(cast.bob, "confirm", seen) == confirmed
    assert "accepted" in ledger(date)
    assert "date_recorded" not in cast.bob.inbox()


def test_the_partner_can_say_that_this_is_not_so(cast: Cast) -> None:
    date = record(cast.alice)
    act(cast.alice, "deny", date, 409)
    denied = act(cast.bob, "deny", read(cast.bob, date))
    assert (denied["state"], denied["answer"], denied["actions"]) == ("declined", "not_so", [])
    assert "date_not_so" in cast.alice.inbox()
    assert items(date, cast.alice, cast.bob) == {"Alice": ["date_not_so"], "Bob": []}
    clear_ledger()
    record(cast.alice)


def test_only_a_couple_that_is_together_has_agreed_already(cast: Cast) -> None:
    assert record(cast.alice, 422, slots=[slot(START), slot(LATER)])["errors"][0]["code"] == "one_slot_agreed"
    record(cast.sam, 409)
    cast.bob.put("/me/rhythm", {"rhythm": "gentle"})
    assert "proposal" in record(cast.alice, 409)["detail"]
    assert cast.alice.get("/dates")["items"] == []


def test_an_agreed_date_that_is_held_from_the_partner_is_off_in_time(cast: Cast, stopped_clock: Any) -> None:
    cast.bob.put("/me/pace", {"pace": 1, "quietly": True})
    stopped_clock.shift(timedelta(minutes=1))
    date = record(cast.alice)
    assert held(cast.bob) == [("date", date["id"], "pace")]
    assert cast.bob.get("/dates?show=upcoming")["items"] == []
    stopped_clock.move_to(START - DAY)
    assert "date_tomorrow" not in cast.bob.inbox()
    stopped_clock.move_to(START - timedelta(hours=2))
    scheduler.tick(clock.utcnow())
    assert read(cast.alice, date)["state"] == "cancelled"
    assert "date_off" in cast.alice.inbox()


def test_a_recorded_date_to_which_the_partner_goes_takes_place(cast: Cast, stopped_clock: Any) -> None:
    cast.bob.put("/me/pace", {"pace": 1, "quietly": True})
    stopped_clock.shift(timedelta(minutes=1))
    date = record(cast.alice)
    assert held(cast.bob) == [("date", date["id"], "pace")]
    take(cast.bob, {"date_id": date["id"], "going": True})
    stopped_clock.move_to(START - timedelta(hours=1))
    scheduler.tick(clock.utcnow())
    assert read(cast.alice, date)["state"] == "accepted"


@pytest.mark.parametrize("mover", ["alice", "bob"])
def test_who_answers_or_offers_a_move_confirms_a_recorded_date(cast: Cast, mover: str) -> None:
    date = record(cast.alice)
    partner = {"alice": cast.bob, "bob": cast.alice}[mover]
    offered = offer_move(getattr(cast, mover), date)
    moved = act(partner, "move/accept", offered, slot_id=offered["move"]["slots"][0]["id"])
    assert (moved["recorded"], "deny" in read(cast.bob, date)["actions"]) == (False, False)
    assert ledger(date) == ["accepted"]
    assert "date_recorded" not in cast.bob.inbox()


def test_a_held_move_may_be_answered_with_other_times_in_space(cast: Cast, stopped_clock: Any) -> None:
    date = agreed(cast.alice, cast.bob)
    stopped_clock.shift(timedelta(minutes=1))
    take(cast.bob, {"date_id": date["id"], "going": True})
    stopped_clock.shift(timedelta(minutes=1))
    offer_move(cast.alice, date)
    assert held(cast.bob)
    other = offer_move(cast.bob, read(cast.bob, date), slots=[slot(LATER + 2 * DAY)])
    assert (other["move"]["sender"], held(cast.bob)) == ("me", [])
    act(cast.bob, "move/withdraw", other)
    offer_move(cast.bob, read(cast.bob, date), 409)


def test_a_date_that_is_off_leaves_no_item_about_its_texts(cast: Cast) -> None:
    date = edit(cast.alice, agreed(cast.alice, cast.bob), place="The mill")
    assert "date_edited" in cast.bob.inbox()
    act(cast.alice, "cancel", date)
    assert "date_edited" not in cast.bob.inbox()


def test_a_past_date_completes_itself_in_the_next_morning(cast: Cast, stopped_clock: Any) -> None:
    date, missed = agreed(cast.alice, cast.bob), own(cast.sam)
    stopped_clock.move_to(START + DAY - timedelta(hours=11, minutes=1))
    scheduler.tick(clock.utcnow())
    assert read(cast.alice, date)["state"] == "accepted"
    stopped_clock.move_to(START + DAY - timedelta(hours=11))
    scheduler.tick(clock.utcnow())
    for person, each in ((cast.alice, date), (cast.bob, date), (cast.sam, missed)):
        seen = read(person, each)
        assert (seen["state"], seen["actions"]) == ("completed", ["did_not_happen"])
        assert person.inbox().count("date_feedback") == 1


def waiting(person: Person) -> set[str]:
    return set(person.inbox()) - {"couple_begun"}


def test_the_answerer_is_reminded_once_and_quietly(cast: Cast, stopped_clock: Any) -> None:
    date = offer(cast.alice, slots=[slot(NOON + timedelta(days=20))])
    stopped_clock.move_to(instant(date["expires_at"]) - DAY - timedelta(seconds=1))
    assert waiting(cast.bob) == {"date_proposed"}
    stopped_clock.move_to(instant(date["expires_at"]) - DAY)
    assert waiting(cast.bob) == {"date_proposed", "date_waits"}
    move(cast.bob, "decline", date)
    assert waiting(cast.bob) == set()
    brief = activity_id(party="two", pace=3)
    soon = offer(cast.alice, activity=brief, slots=[slot(clock.utcnow() + timedelta(hours=30))])
    stopped_clock.move_to(instant(soon["expires_at"]) - timedelta(hours=1))
    assert waiting(cast.bob) == {"date_proposed"}, "an offer of a day needs no reminder"
