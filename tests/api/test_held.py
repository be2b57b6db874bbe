"""Test held things. No list of the receiver shows them. The receiver can read and answer them by id."""

from __future__ import annotations

import pytest

from planner import scheduler
from planner.contact.received import ReceivedCopy
from planner.notifications.channels import CHANNELS
from planner.storage import db
from tests.channels import Calling
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


def send_everything(cast, start=START):
    """Send an offer of Alice's own idea, and a note. Return the ids of the date, the note and the idea."""
    date = offer(cast.alice, idea(cast.alice), slots=[slot(start)])
    return date["id"], share(cast.alice), date["activity"]["id"]


def seen(person):
    """Return what a person finds in the lists, without asking by id."""
    today = person.get("/today")
    return {
        "dates": [dates(person), dates(person, "upcoming"), [date["id"] for date in today["dates"]]],
        "notes": received(person),
        "ideas": ideas(person),
        "inbox": [person.inbox(), [item["kind"] for item in today["inbox"]]],
    }


def test_everything_that_arrives_in_a_space_is_held_and_in_no_list(cast, stopped_clock, carried):
    scheduler.tick(NOON)
    carried.clear()
    before = seen(cast.bob)
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    date, note, duck = send_everything(cast)
    scheduler.tick(NOON + MINUTE)
    assert seen(cast.bob) == before
    assert cast.bob.id not in [person for person, _ in carried]
    # They arrived at one instant, so their ids set the order.
    assert sorted(held(cast.bob)) == sorted([("date", date, "space"), ("note", note, "space"), ("idea", duck, "space")])
    shown = {item["kind"]: item for item in cast.bob.get("/me/held")["items"]}
    assert shown["date"]["date"]["actions"] == ["accept", "decline", "counter"]
    assert shown["note"]["note"]["body"] == "You waited."
    assert shown["idea"]["idea"]["source"] == "partner"
    assert (shown["date"]["note"], shown["date"]["idea"]) == (None, None)
    assert cast.bob.get(f"/notes/{note}")["body"] == "You waited."
    assert cast.bob.get(f"/activities/{duck}")["title"] == "Feed the ducks"
    assert cast.bob.get("/suggestions")["items"]
    # Alice sees no difference.
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
    assert [item["id"] for page in (first, second, third) for item in page["items"]] == notes[::-1]
    assert third["next"] is None
    cast.alice.post(f"/notes/{first['items'][-1]['id']}/recall", {})
    assert cast.bob.get(f"/me/held?limit=2&after={first['next']}") == second


def test_ending_a_space_releases_nothing_and_a_release_sends_no_notification(cast, stopped_clock, carried):
    take(cast.bob)
    before = seen(cast.bob)
    stopped_clock.shift(MINUTE)
    date, note, _ = send_everything(cast)
    stopped_clock.shift(MINUTE)
    end(cast.bob)
    stopped_clock.shift(MINUTE)
    # No tick ran during the space. What the clock finds now arrived in the space.
    late = share(cast.alice, "Afterwards.")
    assert seen(cast.bob) == {
        **before, "notes": [(late, "Afterwards.")], "inbox": [["note_shared", *before["inbox"][0]]] * 2
    }  # fmt: skip
    assert len(held(cast.bob)) == 3
    assert cast.bob.get("/me/space")["held_until"] is not None
    cast.bob.post("/me/held/release", status=200)
    cast.bob.post("/me/held/release", status=200)
    scheduler.tick(NOON + 3 * MINUTE)
    assert [text for person, text in carried if person == cast.bob.id].count(
        "Your partner has shared a note with you."
    ) == 1, "the note after the space"
    view = seen(cast.bob)
    assert view["dates"] == [[date]] * 3
    assert [note_id for note_id, _ in view["notes"]] == [late, note]
    assert view["ideas"] == ["Feed the ducks"]
    assert sorted(cast.bob.inbox()) == sorted(["couple_begun", "date_proposed", "note_shared", "note_shared"])
    assert held(cast.bob) == []
    assert cast.bob.get("/me/space")["held_until"] is None


@pytest.mark.parametrize("how", ["dismiss", "clock"])
def test_dismissed_things_stay_out_of_all_lists_and_in_the_record(cast, stopped_clock, how):
    take(cast.bob)
    before = seen(cast.bob)
    stopped_clock.shift(MINUTE)
    date, note, duck = send_everything(cast)
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
    # Bob can still answer it by its id. Then it is an ordinary date.
    move(cast.bob, "accept", cast.bob.get(f"/dates/{date}"))
    assert dates(cast.bob, "upcoming") == [date]


@pytest.mark.parametrize("how", ["dismiss", "clock"])
def test_an_accepted_offer_stays_without_its_item_after_a_dismissal(cast, stopped_clock, how):
    later = START + 40 * DAY
    date = offer(cast.bob, slots=[slot(later)])
    take(cast.bob)
    before = cast.bob.inbox()
    stopped_clock.shift(MINUTE)
    move(cast.alice, "accept", date)
    assert cast.bob.get(f"/dates/{date['id']}")["state"] == "accepted", "its current state can be read"
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


def test_a_space_without_arrivals_leaves_no_question(cast, stopped_clock):
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    end(cast.bob)
    assert cast.bob.get("/me/space")["held_until"] is None


def test_a_new_space_may_start_before_the_old_one_is_released(cast, stopped_clock):
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
    assert [subject for _, subject, _ in held(cast.bob)] == notes[::-1]
    # Releasing concerns ended spaces only.
    cast.bob.post("/me/held/release", status=200)
    assert [subject for subject, _ in received(cast.bob)] == [notes[1], notes[0]]
    assert [subject for _, subject, _ in held(cast.bob)] == [notes[2]]


def test_a_dismissed_offer_returns_when_it_is_answered(cast, stopped_clock):
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
def test_a_dismissed_offer_is_not_held_again_by_a_quiet_choice(cast, stopped_clock, quiet):
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


def test_a_clock_that_is_set_back_sends_no_notification(cast, stopped_clock, carried):
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
    # By the clock that was set back, the note came before the space. Bob finds it without a notification.
    assert len(received(cast.bob)) == 1


def test_things_that_the_sender_takes_back_are_not_held_any_more(cast, stopped_clock):
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    date, note, duck = send_everything(cast)
    cast.alice.post(f"/notes/{note}/recall")
    cast.alice.delete(f"/activities/{duck}")
    move(cast.alice, "withdraw", cast.alice.get(f"/dates/{date}"))
    assert held(cast.bob) == [("date", date, "space")]
    assert cast.bob.get("/me/held")["items"][0]["date"]["state"] == "withdrawn"
    assert dates(cast.bob) == []


def test_replies_in_a_space_send_no_notification(cast, stopped_clock, carried):
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
    # Alice's counter is an offer, so it is held. Bob can read the state of the other two.
    assert held(cast.bob) == [("date", mine[2]["id"], "space")]
    assert {cast.bob.get(f"/dates/{feeling['id']}")["state"] for feeling in mine[:2]} == {"accepted", "declined"}
    move(cast.alice, "cancel", cast.alice.get(f"/dates/{mine[0]['id']}"))
    assert "date_off" in cast.bob.inbox()


def test_notifications_that_wait_at_the_start_of_a_space_are_not_sent(cast, stopped_clock, carried, monkeypatch):
    def broken(*_):
        raise OSError("away")

    monkeypatch.setitem(CHANNELS, "test", Calling(broken))
    share(cast.alice, "One.")
    scheduler.tick(NOON)  # queued, tried, and waiting for another try
    share(cast.alice, "Two.")  # not even queued
    date = agreed(cast.alice, cast.bob)
    stopped_clock.shift(MINUTE)
    take(cast.bob, going(date))
    assert not set(unannounced(cast.bob)) & {"note_shared", "date_proposed"}
    monkeypatch.setitem(CHANNELS, "test", Calling(lambda _, person, text: carried.append((str(person), text))))
    stopped_clock.move_to(START - HOUR)
    scheduler.tick(START - HOUR)
    assert sorted(text for person, text in carried if person == cast.bob.id) == [
        "Some things are waiting for you.", "Your date starts soon."
    ]  # fmt: skip
    assert len(received(cast.bob)) == 2, "they came before the space"
