"""Test space. A person takes it alone and at once. It covers dates, messages, and what the person may do."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from planner import scheduler
from planner.relationship import space
from tests.api.answers import contents, problem
from tests.conftest import NOON
from tests.dates import START, agreed, instant, items, move, offer, own, slot
from tests.spaces import DAY, HOUR, MINUTE, end, going, held, off, received, share, state, take

# Before the space starts


def test_the_preview_shows_what_to_decide_and_changes_nothing(cast):
    date, open_offer = agreed(cast.alice, cast.bob), offer(cast.bob)
    offer(cast.alice, slots=[slot(START + 3 * DAY)])
    before = contents()
    preview = cast.bob.get("/me/space")
    assert contents() == before
    assert (preview["kind"], preview["since"], preview["sentence"], preview["until"]) == (None, None, None, None)
    (decision,) = preview["dates"]
    assert (decision["date"]["id"], decision["going"], decision["off_at"]) == (date["id"], None, None)
    assert instant(decision["latest_off_at"]) == START - 2 * HOUR
    assert [proposal["id"] for proposal in preview["open_offers"]] == [open_offer["id"]]
    assert len(preview["sentences"]) == 4
    assert preview["kinds"] == ["quiet", "said"]
    assert "might not read what you send" in " ".join(term["text"] for term in preview["terms"])
    assert "Your partner may notice" in " ".join(term["text"] for term in preview["terms"])
    assert "you see how it is now" in " ".join(term["text"] for term in preview["terms"])
    assert preview["operator"]["name"] == "The test club"


def test_a_person_alone_has_nothing_to_decide_and_cannot_take_space(sam):
    preview = sam.get("/me/space")
    assert (preview["kind"], preview["dates"], preview["open_offers"]) == (None, [], [])
    problem(sam.request("PUT", "/me/space", {"kind": "quiet"}), 409)
    sam.delete("/me/space")
    assert held(sam) == []
    sam.post("/me/held/release", status=200)
    sam.post("/me/held/dismiss", status=200)


def test_every_accepted_date_ahead_needs_a_decision(cast):
    first, second = agreed(cast.alice, cast.bob), agreed(cast.bob, cast.alice, slots=[slot(START + 5 * DAY)])
    own(cast.bob)
    faults = take(cast.bob, going(first), status=422)["errors"]
    assert [(fault["field"], second["id"] in fault["message"]) for fault in faults] == [("dates", True)]
    assert cast.bob.get("/me/space")["kind"] is None
    taken = take(cast.bob, going(first), off(second))
    assert [(date["date"]["id"], date["going"]) for date in taken["dates"]] == [
        (first["id"], True),
        (second["id"], False),
    ]
    # Without an hour, the moment is drawn.
    off_at = instant(taken["dates"][1]["off_at"])
    assert START + 5 * DAY - 4 * HOUR < off_at < START + 5 * DAY - 2 * HOUR


def test_dates_beyond_the_most_decisions_are_cancelled_by_the_clock(cast, stopped_clock, monkeypatch):
    monkeypatch.setattr(space, "MOST_WORDS", 1)
    soon, later = agreed(cast.alice, cast.bob), agreed(cast.alice, cast.bob, slots=[slot(START + 5 * DAY)])
    assert [date["date"]["id"] for date in cast.bob.get("/me/space")["dates"]] == [soon["id"]]
    take(cast.bob, going(soon))
    scheduler.tick(START + 5 * DAY - 2 * HOUR)
    stopped_clock.move_to(START + 5 * DAY - 2 * HOUR)
    assert cast.alice.get(f"/dates/{soon['id']}")["state"] == "completed", "days ago"
    assert cast.alice.get(f"/dates/{later['id']}")["state"] == "cancelled", "Alice does not wait in vain"


def test_invalid_decisions_are_listed(cast, stopped_clock):
    date = agreed(cast.alice, cast.bob)
    theirs, mine = agreed(cast.charlie, cast.dana), own(cast.bob)
    open_offer = offer(cast.alice, slots=[slot(START + 3 * DAY)])
    decisions = [
        going(date),
        off(date),
        going(theirs),
        going(mine),
        going(open_offer),
        {"date_id": str(uuid4()), "going": True},
    ]
    faults = take(cast.bob, *decisions, status=422)["errors"]
    assert [fault["field"] for fault in faults] == [f"dates.{at}.date_id" for at in range(1, 6)]
    too_late = take(cast.bob, off(date, START - 2 * HOUR + MINUTE), status=422)["errors"]
    assert [fault["field"] for fault in too_late] == ["dates.0.off_at"]
    both = take(cast.bob, {**going(date), "off_at": "now"}, status=422)["errors"]
    assert [fault["field"] for fault in both] == ["dates.0.off_at"]
    # Less than two hours before the start, Bob can go or cancel now.
    stopped_clock.move_to(START - HOUR)
    assert cast.bob.get("/me/space")["dates"][0]["latest_off_at"] is None
    take(cast.bob, off(date, START - HOUR + MINUTE), status=422)
    take(cast.bob, off(date))
    assert state(cast.alice, date) == "cancelled"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "said"}, "sentence"),
        ({"kind": "quiet", "sentence": "time"}, "sentence"),
        ({"kind": "quiet", "until": "2026-12-01"}, "until"),
        ({"kind": "said", "sentence": "time", "until": "2026-11-21"}, "until"),
        ({"kind": "said", "sentence": "time", "until": "2027-12-01"}, "until"),
        ({"kind": "loud"}, "kind"),
        ({"kind": "said", "sentence": "Leave me alone"}, "sentence"),
    ],
)
def test_an_invalid_space_is_refused(alice, body, field):
    assert [fault["field"] for fault in alice.put("/me/space", body, 422)["errors"]] == [field]
    assert alice.get("/me/space")["kind"] is None


# Cancelling dates


def test_earlier_notes_stay_and_a_note_written_during_the_start_is_held(cast, stopped_clock):
    note = share(cast.alice)
    stopped_clock.shift(timedelta(seconds=4))
    take(cast.bob)
    # The share has an earlier time than the space, and was written after it began.
    stopped_clock.move_to(NOON + timedelta(seconds=3))
    late = share(cast.alice)
    stopped_clock.move_to(NOON + timedelta(seconds=5))
    assert [subject for subject, _ in received(cast.bob)] == [note]
    assert [subject for _, subject, _ in held(cast.bob)] == [late]
    assert cast.bob.inbox().count("note_shared") == 1


# Own offers


def test_a_date_that_began_a_moment_before_the_space_stays(cast, stopped_clock):
    date = agreed(cast.alice, cast.bob)
    # The space also holds what arrived shortly before it began. The date had begun before.
    stopped_clock.move_to(START + timedelta(seconds=5))
    take(cast.bob)
    scheduler.tick(START + timedelta(seconds=6))
    assert cast.alice.get(f"/dates/{date['id']}")["state"] == "accepted"


def test_an_offer_accepted_during_the_space_is_cancelled_unless_its_sender_goes(cast, stopped_clock):
    left_open, confirmed = offer(cast.bob), offer(cast.bob, slots=[slot(START + DAY)])
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    for date in (left_open, confirmed):
        move(cast.alice, "accept", date)
    # Bob gets no item, no question and no reminder.
    assert "date_accepted" not in cast.bob.inbox()
    assert cast.bob.get("/me/space")["dates"] == []
    assert held(cast.bob) == []
    take(cast.bob, going(confirmed))
    stopped_clock.move_to(START - 20 * HOUR)
    scheduler.tick(START - 20 * HOUR)
    assert "date_tomorrow" in cast.alice.inbox()
    assert "date_tomorrow" not in cast.bob.inbox(), "a reminder would reveal that Alice accepted"
    stopped_clock.move_to(START - 5 * HOUR)
    scheduler.tick(START - 5 * HOUR)
    assert state(cast.alice, left_open) == "accepted"
    assert [kind for kind in cast.bob.inbox() if kind.startswith("date_")] == []
    stopped_clock.move_to(START - 2 * HOUR)
    scheduler.tick(START - 2 * HOUR)
    assert (state(cast.alice, left_open), state(cast.alice, confirmed)) == ("cancelled", "accepted")
    stopped_clock.move_to(START + MINUTE)
    assert [kind for kind in cast.bob.inbox() if kind.startswith("date_")] == ["date_tomorrow"]
    stopped_clock.move_to(START + DAY - HOUR)
    scheduler.tick(START + DAY - HOUR)
    assert state(cast.alice, confirmed) == "accepted"


def test_an_offer_accepted_two_hours_before_is_cancelled_at_the_next_tick(cast, stopped_clock):
    # A proposal lapses three hours before its last slot, so Alice can still accept an earlier slot.
    date = offer(cast.bob)
    take(cast.bob)
    stopped_clock.move_to(START - HOUR)
    move(cast.alice, "accept", date)
    scheduler.tick(START - HOUR)
    assert state(cast.alice, date) == "cancelled"


def test_a_person_in_space_may_withdraw_an_offer(cast):
    date = offer(cast.bob)
    take(cast.bob)
    move(cast.bob, "withdraw", date)
    assert cast.bob.get("/me/space")["open_offers"] == []


# What a person in space may do


def test_a_person_in_space_cannot_send_new_things(cast, stopped_clock):
    note = cast.bob.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
    shared = share(cast.bob)
    offer_before = offer(cast.alice)
    stopped_clock.shift(MINUTE)
    take(cast.bob)
    for answer in (
        cast.bob.request("POST", f"/notes/{note}/share", {"version": 1}),
        cast.bob.request(
            "POST", f"/dates/{offer_before['id']}/counter", {"version": 1, "slots": [slot(START + 4 * DAY)]}
        ),
    ):
        assert "End it first" in problem(answer, 409)["detail"]
    offer(cast.bob, status=409)
    # Private things and answers still work.
    own(cast.bob)
    cast.bob.patch(f"/notes/{note}", {"body": "Else."}, '"1"')
    cast.bob.post(f"/notes/{shared}/recall")
    assert move(cast.bob, "decline", offer_before, answer="another_time")["state"] == "declined"
    end(cast.bob)
    cast.bob.post(f"/notes/{note}/share", {"version": 2})


def test_a_person_in_space_can_answer_held_offers(cast, stopped_clock):
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    offers = [offer(cast.alice, slots=[slot(START + n * DAY)]) for n in range(4)]
    assert [subject for _, subject, _ in held(cast.bob)] != []
    read = cast.bob.get(f"/dates/{offers[0]['id']}")
    assert set(read["actions"]) == {"accept", "decline", "counter"}
    assert move(cast.bob, "accept", offers[0])["state"] == "accepted"
    move(cast.bob, "decline", offers[1])
    move(cast.bob, "counter", offers[2])
    assert [subject for _, subject, _ in held(cast.bob)] == [offers[3]["id"]]
    assert cast.bob.get("/me/space")["kind"] == "quiet"
    # Bob goes to a date that he accepted in space.
    assert [(date["date"]["id"], date["going"]) for date in cast.bob.get("/me/space")["dates"]] == [
        (offers[0]["id"], True)
    ]
    stopped_clock.move_to(START - HOUR)
    scheduler.tick(START - HOUR)
    assert state(cast.alice, offers[0]) == "accepted"
    assert "date_soon" in cast.bob.inbox()


# Space with a message


def test_both_read_the_message_as_long_as_the_space_lasts(cast, stopped_clock):
    assert cast.alice.get("/couple")["sentences"] == cast.bob.get("/couple")["sentences"] == []
    take(cast.bob, kind="said", sentence="full", until="2026-12-01")
    (mine,), (theirs,) = cast.bob.get("/couple")["sentences"], cast.alice.get("/couple")["sentences"]
    assert theirs == {**mine, "by": "partner"}
    assert (mine["by"], mine["sentence"], mine["until"]) == ("me", "full", "2026-12-01")
    assert cast.alice.get("/me")["couple"]["sentences"] == cast.alice.get("/today")["couple"]["sentences"] == [theirs]
    assert cast.alice.inbox()[0] == "space_said"
    assert cast.charlie.get("/couple")["sentences"] == []
    stopped_clock.shift(HOUR)
    end(cast.bob)
    assert cast.alice.get("/couple")["sentences"] == []
    assert "space_said" not in cast.alice.inbox()


def test_a_space_with_a_message_is_possible_once_a_week(cast, stopped_clock, now):
    body = {"kind": "said", "sentence": "time"}
    take(cast.bob, **body)
    stopped_clock.shift(HOUR)
    assert take(cast.bob, **body)["kind"] == "said", "a repeat sends no new message"
    for changed in ({**body, "sentence": "slow"}, {**body, "until": "2026-12-01"}):
        assert instant(take(cast.bob, **changed, status=409)["opens_at"]) == now + 7 * DAY
    take(cast.bob, kind="quiet")  # a quiet space is not limited
    assert cast.alice.get("/couple")["sentences"] == []
    assert "space_said" not in cast.alice.inbox()
    end(cast.bob)
    assert problem(cast.bob.request("PUT", "/me/space", body), 409)["type"] == "/problems/too-soon"
    assert cast.bob.get("/me/space")["kind"] is None, "nothing of the request is saved"
    assert instant(cast.bob.get("/me/space")["next_sentence_at"]) == now + 7 * DAY
    take(cast.bob, kind="quiet")
    stopped_clock.move_to(now + 7 * DAY)
    take(cast.bob, **body)
    assert cast.alice.inbox().count("space_said") == 1


def test_a_message_does_not_reach_a_partner_in_space(cast, stopped_clock):
    take(cast.alice)
    stopped_clock.shift(MINUTE)
    take(cast.bob, kind="said", sentence="time")
    assert cast.alice.get("/couple")["sentences"] == []
    assert "space_said" not in cast.alice.inbox()
    stopped_clock.shift(MINUTE)
    end(cast.alice)
    # Alice sees the current message, without an item.
    assert [entry["by"] for entry in cast.alice.get("/couple")["sentences"]] == ["partner"]
    assert "space_said" not in cast.alice.inbox()


# Ending


def test_ending_the_space_keeps_dates_that_were_to_be_cancelled_later(cast, stopped_clock):
    date = agreed(cast.alice, cast.bob)
    take(cast.bob, off(date))
    end(cast.bob)
    end(cast.bob)
    assert cast.bob.get("/me/space")["kind"] is None
    assert items(date, cast.bob) == {"Bob": ["date_feedback", "date_soon", "date_tomorrow"]}
    stopped_clock.move_to(START - HOUR)
    scheduler.tick(START - HOUR)
    assert state(cast.alice, date) == "accepted"
    # The next space asks again.
    assert [date["going"] for date in cast.bob.get("/me/space")["dates"]] == [None]


def test_both_partners_can_be_in_space(cast):
    take(cast.bob)
    assert cast.alice.get("/me/space")["kind"] is None
    take(cast.alice, kind="said", sentence="pause")
    end(cast.bob)
    assert cast.alice.get("/me/space")["kind"] == "said"
