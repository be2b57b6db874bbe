"""Space: taken alone, at once; what is said, what is off, and what somebody in it may do."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from planner import scheduler
from planner.relationship import space
from tests.api.answers import contents, problem
from tests.conftest import NOON
from tests.dates import START, agreed, instant, items, move, offer, own, slot
from tests.spaces import DAY, HOUR, MINUTE, end, going, held, off, received, share, take


def state(person, date):
    return person.get(f"/dates/{date['id']}")["state"]


# Before it starts


def test_the_preview_shows_what_there_is_to_decide_and_changes_nothing(cast):
    date, open_one = agreed(cast.alice, cast.bob), offer(cast.bob)
    offer(cast.alice, slots=[slot(START + 3 * DAY)])
    before = contents()
    found = cast.bob.get("/me/space")
    assert contents() == before
    assert (found["kind"], found["since"], found["sentence"], found["until"]) == (None, None, None, None)
    (word,) = found["dates"]
    assert (word["date"]["id"], word["going"], word["off_at"]) == (date["id"], None, None)
    assert instant(word["latest_off_at"]) == START - 2 * HOUR
    assert [one["id"] for one in found["open_offers"]] == [open_one["id"]]
    assert len(found["sentences"]) == 4
    assert found["kinds"] == ["quiet", "said"]
    terms = " ".join(term["text"] for term in found["terms"])
    assert "might not read what you send" in terms
    assert "Your partner may notice" in terms
    assert "you see its current state" in terms
    assert found["operator"]["name"] == "The test club"


def test_somebody_alone_finds_nothing_to_decide_and_takes_none(sam):
    found = sam.get("/me/space")
    assert (found["kind"], found["dates"], found["open_offers"]) == (None, [], [])
    problem(sam.request("PUT", "/me/space", {"kind": "quiet"}), 409)
    sam.delete("/me/space")
    assert held(sam) == []
    sam.post("/me/held/release", status=204)
    sam.post("/me/held/dismiss", status=204)


def test_every_agreed_date_ahead_needs_a_word(cast):
    first, second = agreed(cast.alice, cast.bob), agreed(cast.bob, cast.alice, slots=[slot(START + 5 * DAY)])
    own(cast.bob)
    faults = take(cast.bob, going(first), status=422)["errors"]
    assert [(fault["field"], second["id"] in fault["message"]) for fault in faults] == [("dates", True)]
    assert cast.bob.get("/me/space")["kind"] is None
    found = take(cast.bob, going(first), off(second))
    assert [(one["date"]["id"], one["going"]) for one in found["dates"]] == [(first["id"], True), (second["id"], False)]
    assert instant(found["dates"][1]["off_at"]) == START + 5 * DAY - 2 * HOUR


def test_a_full_calendar_holds_nobody_up(cast, stopped_clock, monkeypatch):
    monkeypatch.setattr(space, "MOST_WORDS", 1)
    soon, later = agreed(cast.alice, cast.bob), agreed(cast.alice, cast.bob, slots=[slot(START + 5 * DAY)])
    assert [one["date"]["id"] for one in cast.bob.get("/me/space")["dates"]] == [soon["id"]]
    take(cast.bob, going(soon))
    scheduler.tick(START + 5 * DAY - 2 * HOUR)
    stopped_clock.move_to(START + 5 * DAY - 2 * HOUR)
    assert cast.alice.get(f"/dates/{soon['id']}")["state"] == "accepted"
    assert cast.alice.get(f"/dates/{later['id']}")["state"] == "cancelled", "nobody waits"


def test_words_that_make_no_sense_are_listed(cast, stopped_clock):
    date = agreed(cast.alice, cast.bob)
    theirs, mine = agreed(cast.charlie, cast.dana), own(cast.bob)
    open_one = offer(cast.alice, slots=[slot(START + 3 * DAY)])
    words = [going(date), off(date), going(theirs), going(mine), going(open_one), {"date": str(uuid4()), "going": True}]
    faults = take(cast.bob, *words, status=422)["errors"]
    assert [fault["field"] for fault in faults] == [f"dates.{at}.date" for at in range(1, 6)]
    late = take(cast.bob, off(date, START - 2 * HOUR + MINUTE), status=422)["errors"]
    assert [fault["field"] for fault in late] == ["dates.0.off_at"]
    both = take(cast.bob, {**going(date), "off_at": "now"}, status=422)["errors"]
    assert [fault["field"] for fault in both] == ["dates.0.off_at"]
    # Less than two hours before: go, or off now.
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
def test_what_is_no_space_is_refused(alice, body, field):
    assert [fault["field"] for fault in alice.put("/me/space", body, 422)["errors"]] == [field]
    assert alice.get("/me/space")["kind"] is None


# Off


def test_off_now_reaches_the_other_like_any_off(cast):
    date, twin = agreed(cast.alice, cast.bob), agreed(cast.alice, cast.bob, slots=[slot(START + 3 * DAY)])
    take(cast.bob, off(date, "now"), going(twin))
    move(cast.alice, "cancel", twin)
    found = cast.alice.get(f"/dates/{date['id']}")
    assert (found["state"], found["version"]) == ("cancelled", date["version"] + 1)
    assert items(date, cast.alice, cast.bob) == {"Alice": ["date_off"], "Bob": []}
    assert items(twin, cast.alice, cast.bob) == {"Alice": [], "Bob": ["date_off"]}
    # Their "off" reaches somebody in space, too.
    assert "date_off" in cast.bob.inbox()


@pytest.mark.parametrize(("at", "due"), [(None, START - 2 * HOUR), (NOON + 9 * HOUR, NOON + 9 * HOUR)])
def test_off_later_comes_by_the_clock_and_not_before(cast, stopped_clock, at, due):
    date = agreed(cast.alice, cast.bob)
    take(cast.bob, off(date, at))
    stopped_clock.move_to(due - MINUTE)
    scheduler.tick(due - MINUTE)
    assert state(cast.alice, date) == "accepted"
    assert "date_off" not in cast.alice.inbox()
    stopped_clock.move_to(due)
    scheduler.tick(due)
    scheduler.tick(due)
    assert state(cast.alice, date) == "cancelled"
    assert cast.alice.inbox().count("date_off") == 1
    assert items(date, cast.bob) == {"Bob": []}


def test_a_clock_that_was_away_calls_off_what_is_not_over(cast, stopped_clock):
    date, over = agreed(cast.alice, cast.bob), agreed(cast.alice, cast.bob, slots=[slot(START - DAY)])
    take(cast.bob, off(date), off(over))
    scheduler.tick(START + MINUTE)
    stopped_clock.move_to(START + MINUTE)
    assert (state(cast.alice, date), state(cast.alice, over)) == ("cancelled", "accepted")


def test_a_clock_that_jumps_back_calls_off_nothing_twice(cast, stopped_clock):
    date = agreed(cast.alice, cast.bob)
    take(cast.bob, off(date))
    for at in (START - HOUR, NOON, START - 2 * HOUR, START):
        stopped_clock.move_to(at)
        scheduler.tick(at)
    assert cast.alice.inbox().count("date_off") == 1


def test_minds_may_change_until_it_is_off(cast, stopped_clock):
    date = agreed(cast.alice, cast.bob)
    take(cast.bob, off(date))
    assert items(date, cast.bob) == {"Bob": []}, "no reminder of what is off"
    assert take(cast.bob, going(date))["dates"][0]["going"] is True
    assert items(date, cast.bob) == {"Bob": ["date_feedback", "date_soon", "date_tomorrow"]}
    stopped_clock.move_to(START - HOUR)
    scheduler.tick(START - HOUR)
    assert state(cast.alice, date) == "accepted"
    assert "date_soon" in cast.bob.inbox()
    take(cast.bob, off(date, "now"))
    assert state(cast.alice, date) == "cancelled"
    take(cast.bob, off(date, "now"))  # an answer that got lost
    assert cast.alice.inbox().count("date_off") == 1


def test_a_date_that_had_begun_needs_no_word_and_stays(cast, stopped_clock):
    date = agreed(cast.alice, cast.bob)
    stopped_clock.move_to(START + MINUTE)
    take(cast.bob)
    scheduler.tick(START + 2 * MINUTE)
    assert state(cast.alice, date) == "accepted"
    stopped_clock.move_to(START + 3 * HOUR)
    assert "date_feedback" in cast.bob.inbox(), "a question about what took place"


def test_what_was_there_to_be_read_before_a_space_stays_and_what_was_under_way_is_held(cast, stopped_clock):
    note = share(cast.alice)
    stopped_clock.shift(timedelta(seconds=4))
    take(cast.bob)
    # Dated before the space began, written after: it had waited for its turn.
    stopped_clock.move_to(NOON + timedelta(seconds=3))
    late = share(cast.alice)
    stopped_clock.move_to(NOON + timedelta(seconds=5))
    assert [one for one, _ in received(cast.bob)] == [note]
    assert [one for _, one, _ in held(cast.bob)] == [late]
    assert cast.bob.inbox().count("note_shared") == 1


# Offers of one's own


def test_a_date_that_began_a_moment_before_stays(cast, stopped_clock):
    date = agreed(cast.alice, cast.bob)
    # The window of a space opens a little before: what was under way is held.
    stopped_clock.move_to(START + timedelta(seconds=5))
    take(cast.bob)
    scheduler.tick(START + timedelta(seconds=6))
    assert cast.alice.get(f"/dates/{date['id']}")["state"] == "accepted"


def test_an_offer_left_standing_and_accepted_is_off_by_the_clock_unless_i_go(cast, stopped_clock):
    standing, wanted = offer(cast.bob), offer(cast.bob, slots=[slot(START + DAY)])
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    for date in (standing, wanted):
        move(cast.alice, "accept", date)
    # Not told: no item, no word asked for, no reminder.
    assert "date_accepted" not in cast.bob.inbox()
    assert cast.bob.get("/me/space")["dates"] == []
    assert held(cast.bob) == []
    take(cast.bob, going(wanted))
    stopped_clock.move_to(START - 20 * HOUR)
    scheduler.tick(START - 20 * HOUR)
    assert "date_tomorrow" in cast.alice.inbox()
    assert "date_tomorrow" not in cast.bob.inbox(), "it would tell of a yes that is not told"
    stopped_clock.move_to(START - 5 * HOUR)
    scheduler.tick(START - 5 * HOUR)
    assert [one for one in cast.bob.inbox() if one.startswith("date_")] == []
    stopped_clock.move_to(START - 2 * HOUR)
    scheduler.tick(START - 2 * HOUR)
    assert (state(cast.alice, standing), state(cast.alice, wanted)) == ("cancelled", "accepted")
    stopped_clock.move_to(START + MINUTE)
    assert [one for one in cast.bob.inbox() if one.startswith("date_")] == ["date_tomorrow"]
    stopped_clock.move_to(START + DAY - HOUR)
    scheduler.tick(START + DAY - HOUR)
    assert state(cast.alice, wanted) == "accepted"


def test_one_accepted_less_than_two_hours_before_is_off_with_the_next_tick(cast, stopped_clock):
    # A proposal lapses three hours before its last slot: an earlier slot may still be taken.
    date = offer(cast.bob)
    take(cast.bob)
    stopped_clock.move_to(START - HOUR)
    move(cast.alice, "accept", date)
    scheduler.tick(START - HOUR)
    assert state(cast.alice, date) == "cancelled"


def test_an_own_offer_may_be_withdrawn_in_the_ordinary_way(cast):
    date = offer(cast.bob)
    take(cast.bob)
    move(cast.bob, "withdraw", date)
    assert cast.bob.get("/me/space")["open_offers"] == []


# What somebody in space may do


def test_nothing_new_is_put_before_the_other(cast, stopped_clock):
    note = cast.bob.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
    shared = share(cast.bob)
    before = offer(cast.alice)
    stopped_clock.shift(MINUTE)
    take(cast.bob)
    for refused in (
        cast.bob.request("POST", f"/notes/{note}/share", {"version": 1}),
        cast.bob.request("POST", f"/dates/{before['id']}/counter", {"version": 1, "slots": [slot(START + 4 * DAY)]}),
    ):
        assert "End it first" in problem(refused, 409)["detail"]
    offer(cast.bob, status=409)
    # What is one's own goes on, and so do answers.
    own(cast.bob)
    cast.bob.patch(f"/notes/{note}", {"body": "Else."}, '"1"')
    cast.bob.post(f"/notes/{shared}/recall")
    assert move(cast.bob, "decline", before, answer="another_time")["state"] == "declined"
    end(cast.bob)
    cast.bob.post(f"/notes/{note}/share", {"version": 2})


def test_held_things_are_answered_one_by_one_from_within(cast, stopped_clock):
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    offers = [offer(cast.alice, slots=[slot(START + n * DAY)]) for n in range(4)]
    assert [one for _, one, _ in held(cast.bob)] != []
    read = cast.bob.get(f"/dates/{offers[0]['id']}")
    assert set(read["actions"]) == {"accept", "decline", "counter"}
    assert move(cast.bob, "accept", offers[0])["state"] == "accepted"
    move(cast.bob, "decline", offers[1])
    move(cast.bob, "counter", offers[2])
    assert [one for _, one, _ in held(cast.bob)] == [offers[3]["id"]]
    assert cast.bob.get("/me/space")["kind"] == "quiet"
    # What was accepted from within is a date that one goes to.
    assert [(one["date"]["id"], one["going"]) for one in cast.bob.get("/me/space")["dates"]] == [
        (offers[0]["id"], True)
    ]
    stopped_clock.move_to(START - HOUR)
    scheduler.tick(START - HOUR)
    assert state(cast.alice, offers[0]) == "accepted"
    assert "date_soon" in cast.bob.inbox()


# Said


def test_what_is_said_is_there_for_both_as_long_as_the_space_lasts(cast, stopped_clock):
    assert cast.alice.get("/couple")["said"] == cast.bob.get("/couple")["said"] == []
    take(cast.bob, kind="said", sentence="full", until="2026-12-01")
    (mine,), (theirs,) = cast.bob.get("/couple")["said"], cast.alice.get("/couple")["said"]
    assert theirs == {**mine, "by": "partner"}
    assert (mine["by"], mine["sentence"], mine["until"]) == ("me", "full", "2026-12-01")
    assert cast.alice.get("/me")["couple"]["said"] == cast.alice.get("/today")["couple"]["said"] == [theirs]
    assert cast.alice.inbox()[0] == "space_said"
    assert cast.charlie.get("/couple")["said"] == []
    stopped_clock.shift(HOUR)
    end(cast.bob)
    assert cast.alice.get("/couple")["said"] == []
    assert "space_said" not in cast.alice.inbox()


def test_something_is_said_once_a_week_at_most(cast, stopped_clock, now):
    said = {"kind": "said", "sentence": "time"}
    take(cast.bob, **said)
    stopped_clock.shift(HOUR)
    assert take(cast.bob, **said)["kind"] == "said", "a repeat says nothing new"
    for changed in ({**said, "sentence": "slow"}, {**said, "until": "2026-12-01"}):
        assert instant(take(cast.bob, **changed, status=409)["opens_at"]) == now + 7 * DAY
    take(cast.bob, kind="quiet")  # silence is free
    assert cast.alice.get("/couple")["said"] == []
    assert "space_said" not in cast.alice.inbox()
    end(cast.bob)
    assert problem(cast.bob.request("PUT", "/me/space", said), 409)["type"] == "/problems/too-soon"
    assert cast.bob.get("/me/space")["kind"] is None, "refused as a whole"
    assert instant(cast.bob.get("/me/space")["say_again_at"]) == now + 7 * DAY
    take(cast.bob, kind="quiet")
    stopped_clock.move_to(now + 7 * DAY)
    take(cast.bob, **said)
    assert cast.alice.inbox().count("space_said") == 1


def test_two_in_space_are_not_reached_by_what_the_other_says(cast, stopped_clock):
    take(cast.alice)
    stopped_clock.shift(MINUTE)
    take(cast.bob, kind="said", sentence="time")
    assert cast.alice.get("/couple")["said"] == []
    assert "space_said" not in cast.alice.inbox()
    stopped_clock.shift(MINUTE)
    end(cast.alice)
    # How it stands now, and no news.
    assert [one["by"] for one in cast.alice.get("/couple")["said"]] == ["partner"]
    assert "space_said" not in cast.alice.inbox()


# Ending


def test_ending_brings_back_what_was_to_be_off_later(cast, stopped_clock):
    date = agreed(cast.alice, cast.bob)
    take(cast.bob, off(date))
    end(cast.bob)
    end(cast.bob)
    assert cast.bob.get("/me/space")["kind"] is None
    assert items(date, cast.bob) == {"Bob": ["date_feedback", "date_soon", "date_tomorrow"]}
    stopped_clock.move_to(START - HOUR)
    scheduler.tick(START - HOUR)
    assert state(cast.alice, date) == "accepted"
    # The next space asks anew.
    assert [one["going"] for one in cast.bob.get("/me/space")["dates"]] == [None]


def test_each_has_their_own(cast):
    take(cast.bob)
    assert cast.alice.get("/me/space")["kind"] is None
    take(cast.alice, kind="said", sentence="pause")
    end(cast.bob)
    assert cast.alice.get("/me/space")["kind"] == "said"
