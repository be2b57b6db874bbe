"""Test what a quiet choice holds: offers above a quiet pace, and things beyond a quiet rhythm."""

from __future__ import annotations

import pytest

from planner import scheduler
from tests.conftest import NOON
from tests.dates import START, clear_ledger, light, move, offer, slot
from tests.people import activity_id
from tests.spaces import DAY, HOUR, MINUTE, dates, held, quieten, received, share


def test_proposals_above_a_quiet_pace_are_held_and_lapse(cast, stopped_clock, carried):
    stopped_clock.shift(MINUTE)
    quieten(cast.bob, pace=2)
    scheduler.tick(NOON + MINUTE)
    carried.clear()
    stopped_clock.shift(MINUTE)
    close = offer(cast.alice, activity_id(party="two", pace=4))
    fitting = offer(cast.alice, light(), slots=[slot(START + 3 * DAY)])
    scheduler.tick(NOON + 2 * MINUTE)
    assert held(cast.bob) == [("date", close["id"], "pace")]
    assert dates(cast.bob) == dates(cast.bob, "upcoming") == [fitting["id"]]
    assert cast.bob.inbox().count("date_proposed") == 1
    assert [text for person, text in carried if person == cast.bob.id] == ["Your partner has proposed a date."]
    stopped_clock.move_to(START + 2 * DAY)
    scheduler.tick(START + 2 * DAY)
    assert cast.alice.get(f"/dates/{close['id']}")["state"] == "lapsed"
    assert close["id"] not in dates(cast.bob)
    carried.clear()
    cast.bob.put("/me/pace", {"pace": 5})
    scheduler.tick(START + 2 * DAY)
    assert close["id"] in dates(cast.bob)
    assert carried == []


@pytest.mark.parametrize(
    ("path", "quiet", "loud"),
    [
        ("/me/pace", {"pace": 2, "quietly": True}, {"pace": 5}),
        ("/me/rhythm", {"rhythm": "apart", "quietly": True}, {"rhythm": "together"}),
    ],
)
def test_lifting_a_quiet_choice_releases_held_things_without_notification(
    cast, stopped_clock, carried, path, quiet, loud
):
    scheduler.tick(NOON)
    stopped_clock.shift(MINUTE)
    cast.bob.put(path, quiet)
    close = activity_id(party="two", pace=4)
    offers = [offer(cast.alice, close, slots=[slot(START + number * DAY)])["id"] for number in range(2)]
    assert len(held(cast.bob)) == (2 if "pace" in quiet else 1)
    carried.clear()
    cast.bob.put(path, loud)
    scheduler.tick(NOON + 2 * MINUTE)
    assert sorted(dates(cast.bob)) == sorted(offers)
    assert [delivery for delivery in carried if delivery[0] == cast.bob.id] == []


@pytest.mark.parametrize("rhythm", [None, "apart"])
def test_a_quiet_pace_does_not_hold_past_dates(cast, stopped_clock, rhythm):
    """Set a quiet pace after the date. The hold sync does not hold it, also when a quiet rhythm checks it again."""
    quieten(cast.bob, rhythm=rhythm)
    close = offer(cast.alice, activity_id(party="two", pace=4))
    stopped_clock.move_to(START + 2 * DAY)
    quieten(cast.bob, pace=2)
    assert dates(cast.bob) == [close["id"]]
    assert held(cast.bob) == []


def test_things_beyond_a_quiet_rhythm_are_held(cast, stopped_clock, carried):
    stopped_clock.shift(MINUTE)
    quieten(cast.bob, rhythm="apart")
    sent = []
    for number in range(4):
        stopped_clock.shift(MINUTE)
        sent.append((share(cast.alice), offer(cast.alice, slots=[slot(START + number * DAY)])["id"]))
    scheduler.tick(NOON + HOUR)
    notes, offers = zip(*sent, strict=True)
    assert [subject for subject, _ in received(cast.bob)] == [notes[1], notes[0]]
    assert dates(cast.bob) == [offers[0]]
    assert {subject for _, subject, _ in held(cast.bob)} == {*notes[2:], *offers[1:]}
    assert {reason for _, _, reason in held(cast.bob)} == {"rhythm"}
    assert sorted(cast.bob.inbox()) == sorted(["couple_begun", "note_shared", "note_shared", "date_proposed"])
    texts = [text for person, text in carried if person == cast.bob.id]
    assert texts.count("Your partner has shared a note with you.") == 2
    assert texts.count("Your partner has proposed a date.") == 1
    # After Bob answers it by its id, it is an ordinary date.
    move(cast.bob, "accept", cast.bob.get(f"/dates/{offers[2]}"))
    assert offers[2] in dates(cast.bob, "upcoming")
    cast.bob.put("/me/rhythm", {"rhythm": "together"})
    assert len(received(cast.bob)) == 4
    assert held(cast.bob) == []


def test_a_quiet_choice_does_not_hold_its_owners_offers(cast, stopped_clock):
    quieten(cast.bob, pace=2, rhythm="apart")
    stopped_clock.shift(MINUTE)
    mine = []
    for number in range(3):
        clear_ledger()  # a quiet rhythm also limits Bob's own budget
        mine.append(offer(cast.bob, slots=[slot(START + number * DAY)])["id"])
    assert sorted(dates(cast.bob)) == sorted(dates(cast.alice)) == sorted(mine)
    clear_ledger()
