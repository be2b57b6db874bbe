"""Test the rows of holds. The receiver and the clock write them, and the sender never does."""

from __future__ import annotations

from uuid import UUID

import pytest

from planner import scheduler
from planner.contact import hold_sync
from planner.contact.holds import Hold
from planner.storage import db
from tests.api.answers import contents
from tests.api.test_query_counts import statements
from tests.conftest import NOON
from tests.dates import START, move, offer, slot
from tests.people import activity_id
from tests.spaces import DAY, HOUR, MINUTE, dates, end, held, idea, quieten, received, share, take

pytestmark = pytest.mark.both_databases


def rows(person):
    """Return the holds of a person, as sorted pairs (kind, reason)."""
    with db.connection():
        kinds_and_reasons = db.fetch_all(Hold.select(Hold.kind, Hold.reason).where(Hold.person == UUID(person.id)))
    return sorted(kinds_and_reasons)


def pace_two(sender, start=START):
    """Offer an activity at pace 2, and return the id of the date."""
    return offer(sender, activity_id(party="two", pace=2), slots=[slot(start)])["id"]


def send_everything(sender):
    offer(sender, idea(sender), slots=[slot(START + 3 * DAY)])
    share(sender)


ALL = [("date", "space"), ("idea", "space"), ("note", "space")]


def test_the_sender_neither_writes_nor_reads_holds(cast, stopped_clock):
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    before = contents()["holds"]
    with statements() as queries:
        send_everything(cast.alice)
    assert contents()["holds"] == before == []
    writes = [sql for sql in queries if '"holds"' in sql and not sql.startswith("SELECT")]
    assert writes == []
    with statements() as other:
        send_everything(cast.dana)
    assert [sql for sql in queries if "holds" in sql] == [sql for sql in other if "holds" in sql]


def test_any_request_of_the_receiver_holds_what_arrived(cast, stopped_clock):
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    send_everything(cast.alice)
    cast.bob.get("/matches")
    assert rows(cast.bob) == ALL
    cast.bob.get("/today")
    assert rows(cast.bob) == ALL


@pytest.mark.parametrize("quiet", [{}, {"pace": 1}, {"rhythm": "apart"}])
def test_the_clock_holds_before_it_notifies(cast, stopped_clock, carried, quiet):
    scheduler.tick(NOON)
    if quiet:
        quieten(cast.bob, **quiet)
    else:
        take(cast.bob)
    carried.clear()
    for number in range(3):
        stopped_clock.shift(MINUTE)
        pace_two(cast.alice, START + number * DAY)
    scheduler.tick(NOON + HOUR)
    let_through = 1 if quiet.get("rhythm") else 0
    assert len(rows(cast.bob)) == 3 - let_through
    assert [text for person, text in carried if person == cast.bob.id] == [
        "Your partner has proposed a date."
    ] * let_through
    assert len(dates(cast.bob)) == let_through


def test_an_answer_of_the_partner_is_held_as_an_item(cast, stopped_clock):
    mine = offer(cast.bob)
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    move(cast.alice, "decline", mine)
    before = cast.bob.inbox()
    assert rows(cast.bob) == [("item", "space")]
    end(cast.bob)
    assert cast.bob.inbox() == before
    cast.bob.post("/me/held/release", status=200)
    assert cast.bob.inbox() == ["date_declined", *before]
    assert rows(cast.bob) == []


def test_a_quiet_choice_holds_what_a_space_releases(cast, stopped_clock):
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    date, note = pace_two(cast.alice), share(cast.alice)
    quieten(cast.bob, pace=1)
    assert {reason for *_, reason in held(cast.bob)} == {"space"}
    end(cast.bob)
    cast.bob.post("/me/held/release", status=200)
    assert held(cast.bob) == [("date", date, "pace")]
    assert [note_id for note_id, _ in received(cast.bob)] == [note]
    cast.bob.put("/me/pace", {"pace": 5})
    assert (held(cast.bob), dates(cast.bob)) == ([], [date])


def test_a_quiet_pace_also_holds_earlier_offers(cast):
    date = pace_two(cast.alice)
    assert dates(cast.bob) == [date]
    quieten(cast.bob, pace=1)
    assert (dates(cast.bob), held(cast.bob)) == ([], [("date", date, "pace")])


def test_a_quiet_pace_ends_when_the_partner_lowers_the_pace(cast):
    date = pace_two(cast.alice)
    quieten(cast.bob, pace=1)
    assert held(cast.bob) == [("date", date, "pace")]
    cast.alice.put("/me/pace", {"pace": 1})
    assert cast.bob.get("/me/pace")["quiet_pace"] is None
    assert (dates(cast.bob), rows(cast.bob)) == ([date], [])


def test_a_countered_offer_is_held_again(cast, stopped_clock):
    date = offer(cast.alice)
    stopped_clock.shift(MINUTE)
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    # An older offer can be countered only after the space. An offer that arrived in the space can be countered at once.
    cast.bob.post(f"/dates/{date['id']}/counter", {"version": 1, "slots": [slot(START + 4 * DAY)]}, 409)
    fresh = offer(cast.alice)
    for days in (5, 6):
        assert held(cast.bob) == [("date", fresh["id"], "space")]
        stopped_clock.shift(MINUTE)
        fresh = move(cast.bob, "counter", cast.bob.get(f"/dates/{fresh['id']}"), slots=[slot(START + days * DAY)])
        assert (held(cast.bob), fresh["id"] in dates(cast.bob)) == ([], True)
        stopped_clock.shift(MINUTE)
        move(cast.alice, "counter", cast.alice.get(f"/dates/{fresh['id']}"), slots=[slot(START + (days + 7) * DAY)])
        assert fresh["id"] not in dates(cast.bob)


def test_leaving_ends_all_holds_of_both_partners(cast, stopped_clock):
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    send_everything(cast.alice)
    assert len(held(cast.bob)) == 3
    cast.alice.delete("/couple")
    assert (rows(cast.bob), held(cast.bob)) == ([], [])


def test_ending_a_space_holds_what_arrived_during_the_request(cast, stopped_clock, monkeypatch):
    take(cast.bob)
    stopped_clock.shift(MINUTE)
    note = share(cast.alice)
    monkeypatch.setattr(hold_sync, "sync", lambda person: None)
    end(cast.bob)
    monkeypatch.undo()
    assert held(cast.bob) == [("note", note, "space")]
    assert received(cast.bob) == []
