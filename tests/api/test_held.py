"""What is held: out of every list of the receiver's, readable and answerable by its id, and settled in the end."""

from __future__ import annotations

import pytest

from planner import scheduler
from planner.contact.received import ReceivedCopy
from planner.notifications.channels import CHANNELS
from planner.storage import db
from tests.conftest import NOON
from tests.dates import START, agreed, move, offer, slot
from tests.people import activity_id
from tests.spaces import (
    DAY,
    HOUR,
    MINUTE,
    dates,
    end,
    going,
    held,
    idea,
    ideas,
    quieten,
    received,
    share,
    take,
    unannounced,
)


def everything(cast, start=START):
    """Alice sends one of each: an offer of her own idea, and a note; their ids."""
    date = offer(cast.alice, idea(cast.alice), slots=[slot(start)])
    return date["id"], share(cast.alice), date["activity"]["id"]


def seen(person):
    """Whatever a person finds without asking for it by its id."""
    today = person.get("/today")
    return {
        "dates": [dates(person), dates(person, "upcoming"), [one["id"] for one in today["dates"]]],
        "notes": received(person),
        "ideas": ideas(person),
        "inbox": [person.inbox(), [one["kind"] for one in today["inbox"]]],
    }


def test_nothing_that_comes_in_a_space_is_found_and_all_of_it_is_held(cast, stopped_clock, carried):
    scheduler.tick(NOON)
    carried.clear()
    before = seen(cast.bob)
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    date, note, duck = everything(cast)
    scheduler.tick(NOON + MINUTE)
    assert seen(cast.bob) == before
    assert cast.bob.id not in [person for person, _ in carried]
    # At one instant the ids decide about the order.
    assert sorted(held(cast.bob)) == sorted([("date", date, "space"), ("note", note, "space"), ("idea", duck, "space")])
    shown = {one["kind"]: one for one in cast.bob.get("/me/held")["items"]}
    assert shown["date"]["date"]["actions"] == ["accept", "decline", "counter"]
    assert shown["note"]["note"]["body"] == "You waited."
    assert shown["idea"]["idea"]["source"] == "partner"
    assert (shown["date"]["note"], shown["date"]["idea"]) == (None, None)
    assert cast.bob.get(f"/notes/{note}")["body"] == "You waited."
    assert cast.bob.get(f"/activities/{duck}")["title"] == "Feed the ducks"
    assert cast.bob.get("/suggestions")["items"]
    # To others nothing is different.
    assert cast.alice.get("/me/held")["items"] == []


def test_held_things_come_in_pages(cast, stopped_clock):
    take(cast.bob)
    notes = []
    for _ in range(5):
        stopped_clock.shift(MINUTE)
        notes.append(share(cast.alice))
    first = cast.bob.get("/me/held?limit=2")
    second = cast.bob.get(f"/me/held?limit=2&after={first['next']}")
    third = cast.bob.get(f"/me/held?limit=2&after={second['next']}")
    assert [one["id"] for page in (first, second, third) for one in page["items"]] == notes[::-1]
    assert third["next"] is None


def test_coming_back_floods_in_nothing_and_looking_lets_it_in_unannounced(cast, stopped_clock, carried):
    take(cast.bob)
    before = seen(cast.bob)
    stopped_clock.shift(MINUTE)
    date, note, _ = everything(cast)
    stopped_clock.shift(MINUTE)
    end(cast.bob)
    stopped_clock.shift(MINUTE)
    # The clock was away all the while: what it finds now was in the space.
    late = share(cast.alice, "Afterwards.")
    assert seen(cast.bob) == {
        **before, "notes": [(late, "Afterwards.")], "inbox": [["note_shared", *before["inbox"][0]]] * 2
    }  # fmt: skip
    assert len(held(cast.bob)) == 3
    assert cast.bob.get("/me/space")["held_until"] is not None
    cast.bob.post("/me/held/release", status=200)
    cast.bob.post("/me/held/release", status=200)
    scheduler.tick(NOON + 3 * MINUTE)
    assert [text for person, text in carried if person == cast.bob.id].count("There is a note for you.") == 1, (
        "the late one"
    )
    found = seen(cast.bob)
    assert found["dates"] == [[date]] * 3
    assert [one for one, _ in found["notes"]] == [late, note]
    assert found["ideas"] == ["Feed the ducks"]
    assert sorted(cast.bob.inbox()) == sorted(["couple_begun", "date_proposed", "note_shared", "note_shared"])
    assert held(cast.bob) == []
    assert cast.bob.get("/me/space")["held_until"] is None


@pytest.mark.parametrize("how", ["dismiss", "clock"])
def test_what_is_set_aside_stays_out_for_good_and_the_record_keeps_it(cast, stopped_clock, how):
    take(cast.bob)
    before = seen(cast.bob)
    stopped_clock.shift(MINUTE)
    date, note, duck = everything(cast)
    sent = [cast.alice.get(path) for path in ("/dates", "/notes", "/activities?q=duck", "/couple")]
    end(cast.bob)
    stopped_clock.shift(MINUTE)
    if how == "dismiss":
        cast.bob.post("/me/held/dismiss", status=200)
        cast.bob.post("/me/held/dismiss", status=200)
        cast.bob.post("/me/held/release", status=200)
    else:
        scheduler.run_housekeeping(NOON + 30 * DAY)
        assert len(held(cast.bob)) == 3, "a minute less than thirty days"
        scheduler.run_housekeeping(NOON + 30 * DAY + MINUTE)
    assert seen(cast.bob) == before
    assert held(cast.bob) == []
    assert [cast.alice.get(path) for path in ("/dates", "/notes", "/activities?q=duck", "/couple")] == sent
    with db.connection():
        assert ReceivedCopy.select().where(ReceivedCopy.subject.in_([note, duck])).count() == 2
    # By its id an answer is still possible, and then it is a date like any other.
    move(cast.bob, "accept", cast.bob.get(f"/dates/{date}"))
    assert dates(cast.bob, "upcoming") == [date]


@pytest.mark.parametrize("how", ["dismiss", "clock"])
def test_an_own_offer_that_was_accepted_stands_without_the_news_when_what_came_is_set_aside(cast, stopped_clock, how):
    later = START + 40 * DAY
    date = offer(cast.bob, slots=[slot(later)])
    take(cast.bob)
    before = cast.bob.inbox()
    stopped_clock.shift(MINUTE)
    move(cast.alice, "accept", date)
    assert cast.bob.get(f"/dates/{date['id']}")["state"] == "accepted", "it reads as it stands"
    stopped_clock.shift(MINUTE)
    end(cast.bob)
    if how == "dismiss":
        cast.bob.post("/me/held/dismiss", status=200)
    else:
        scheduler.run_housekeeping(NOON + 31 * DAY)
    assert cast.bob.get("/me/space")["held_until"] is None
    assert cast.bob.inbox() == before
    assert dates(cast.bob, "upcoming") == [date["id"]]
    stopped_clock.move_to(later - HOUR)
    scheduler.tick(later - HOUR)
    assert cast.bob.get(f"/dates/{date['id']}")["state"] == "accepted"
    assert cast.bob.inbox() == ["date_soon", *before]


def test_a_pause_in_which_nothing_came_asks_nothing(cast, stopped_clock):
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    end(cast.bob)
    assert cast.bob.get("/me/space")["held_until"] is None


def test_a_new_space_may_start_while_an_older_one_waits(cast, stopped_clock):
    notes = []
    for body in ("First.", "Second."):
        stopped_clock.shift(MINUTE)
        take(cast.bob)
        stopped_clock.shift(MINUTE)
        notes.append(share(cast.alice, body))
        stopped_clock.shift(MINUTE)
        end(cast.bob)
    stopped_clock.shift(MINUTE)
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    notes.append(share(cast.alice, "Third."))
    assert [one for _, one, _ in held(cast.bob)] == notes[::-1]
    # A word is about the spaces that are over.
    cast.bob.post("/me/held/release", status=200)
    assert [one for one, _ in received(cast.bob)] == [notes[1], notes[0]]
    assert [one for _, one, _ in held(cast.bob)] == [notes[2]]


def test_what_was_set_aside_and_is_answered_after_all_is_there(cast, stopped_clock):
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    date = offer(cast.alice)
    stopped_clock.shift(MINUTE)
    end(cast.bob)
    cast.bob.post("/me/held/dismiss", status=200)
    assert dates(cast.bob) == []
    move(cast.bob, "counter", cast.bob.get(f"/dates/{date['id']}"))
    assert dates(cast.bob) == dates(cast.bob, "upcoming") == [date["id"]]
    move(cast.alice, "counter", cast.alice.get(f"/dates/{date['id']}"), slots=[slot(START + 3 * DAY)])
    assert dates(cast.bob) == [date["id"]]
    assert cast.bob.inbox().count("date_countered") == 1


@pytest.mark.parametrize("quiet", [{"pace": 1}, {"rhythm": "apart"}])
def test_what_was_set_aside_stands_nowhere_though_a_quiet_choice_would_hold_it(cast, stopped_clock, quiet):
    quieten(cast.bob, **quiet)
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    for number in range(2):
        offer(cast.alice, activity_id(party="two", pace=2), slots=[slot(START + number * DAY)])
    end(cast.bob)
    stopped_clock.shift(MINUTE)
    assert len(held(cast.bob)) == 2
    cast.bob.post("/me/held/dismiss", status=200)
    assert held(cast.bob) == []
    assert dates(cast.bob) == []


def test_a_clock_that_is_set_back_carries_nothing_outside(cast, stopped_clock, carried):
    scheduler.tick(NOON)
    take(cast.bob)
    carried.clear()
    stopped_clock.move_to(NOON - HOUR)
    share(cast.alice)
    offer(cast.alice)
    scheduler.tick(NOON - HOUR)
    end(cast.bob)
    stopped_clock.move_to(NOON + HOUR)
    scheduler.tick(NOON + HOUR)
    assert cast.bob.id not in [person for person, _ in carried]
    # It came before, as that clock has it: there to be found, and no news.
    assert len(received(cast.bob)) == 1


def test_what_the_other_takes_back_is_not_held_any_more(cast, stopped_clock):
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    date, note, duck = everything(cast)
    cast.alice.post(f"/notes/{note}/recall")
    cast.alice.delete(f"/activities/{duck}")
    move(cast.alice, "withdraw", cast.alice.get(f"/dates/{date}"))
    assert held(cast.bob) == [("date", date, "space")]
    assert cast.bob.get("/me/held")["items"][0]["date"]["state"] == "withdrawn"
    assert dates(cast.bob) == []


def test_replies_make_no_noise(cast, stopped_clock, carried):
    mine = [offer(cast.bob, slots=[slot(START + n * DAY)]) for n in range(3)]
    scheduler.tick(NOON)
    take(cast.bob)
    carried.clear()
    before = cast.bob.inbox()
    stopped_clock.shift(MINUTE)
    move(cast.alice, "accept", mine[0])
    move(cast.alice, "decline", mine[1])
    move(cast.alice, "counter", mine[2])
    scheduler.tick(NOON + MINUTE)
    assert cast.bob.inbox() == before
    assert cast.bob.id not in [person for person, _ in carried]
    # Their other times are an offer, and held; how the others stand can be read.
    assert held(cast.bob) == [("date", mine[2]["id"], "space")]
    assert {cast.bob.get(f"/dates/{one['id']}")["state"] for one in mine[:2]} == {"accepted", "declined"}
    move(cast.alice, "cancel", cast.alice.get(f"/dates/{mine[0]['id']}"))
    assert "date_off" in cast.bob.inbox()


def test_what_was_on_its_way_at_the_start_stays_inside(cast, stopped_clock, carried, monkeypatch):
    def broken(*_):
        raise OSError("away")

    monkeypatch.setitem(CHANNELS, "test", broken)
    share(cast.alice, "One.")
    scheduler.tick(NOON)  # queued, tried, and to be tried again
    share(cast.alice, "Two.")  # not even queued
    date = agreed(cast.alice, cast.bob)
    stopped_clock.shift(MINUTE)
    take(cast.bob, going(date))
    assert not set(unannounced(cast.bob)) & {"note_shared", "date_proposed"}
    monkeypatch.setitem(CHANNELS, "test", lambda _, person, text: carried.append((str(person), text)))
    stopped_clock.move_to(START - HOUR)
    scheduler.tick(START - HOUR)
    assert sorted(text for person, text in carried if person == cast.bob.id) == [
        "You are connected.", "Your date starts soon."
    ]  # fmt: skip
    assert len(received(cast.bob)) == 2, "they came before"
