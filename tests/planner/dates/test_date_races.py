"""Two requests at the same moment, in real threads: one legal end, and ledger and inbox that agree with it."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest

from planner.dates import lifecycle
from planner.storage import db
from tests.dates import (
    ALL_REMINDERS,
    START,
    body_of,
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
from tests.racing import together

ROUNDS = 30

# state of the date at the end: what the ledger says of its offers, Alice's items, Bob's items
ENDS = {
    "accepted": (["accepted"], sorted(["date_accepted", *ALL_REMINDERS]), ALL_REMINDERS),
    "declined": (["no"], ["date_declined"], []),
    "withdrawn": (["withdrawn"], [], []),
    "proposed": ([None, "countered"], ["date_countered"], []),
    "lapsed": (["lapsed"], [], []),
}


def sending(person, name, date, **more):
    body = {**body_of(name, date), **more}
    return lambda: person.request("POST", f"/dates/{date['id']}/{name}", body).status_code


def check_end(cast, date):
    """The state, and that everything that hangs on it agrees."""
    state = cast.alice.get(f"/dates/{date['id']}")["state"]
    assert cast.bob.get(f"/dates/{date['id']}")["state"] == state
    assert (ledger(date), items(date, cast.alice, cast.bob)) == (
        ENDS[state][0],
        {"Alice": ENDS[state][1], "Bob": ENDS[state][2]},
    )
    return state


@pytest.mark.parametrize("pair", ["accept/withdraw", "accept/decline", "accept/counter", "withdraw/counter"])
def test_of_two_different_moves_at_once_exactly_one_happens(cast, pair):
    first, second = pair.split("/")
    activity, leads = light(), {"accept": "accepted", "decline": "declined", "withdraw": "withdrawn"}
    for _ in range(ROUNDS):
        date = offer(cast.alice, activity)
        people = {name: cast.alice if name == "withdraw" else cast.bob for name in (first, second)}
        statuses = together(*(sending(people[name], name, date) for name in (first, second)))
        assert sorted(statuses) == [200, 409]
        winner = (first, second)[statuses.index(200)]
        assert check_end(cast, date) == leads.get(winner, "proposed")
        clear_ledger()


def test_the_same_yes_twice_at_once_is_one_yes(cast):
    activity = light()
    for _ in range(ROUNDS):
        date = offer(cast.alice, activity)
        assert together(sending(cast.bob, "accept", date), sending(cast.bob, "accept", date)) == [200, 200]
        assert check_end(cast, date) == "accepted"
        assert cast.bob.get(f"/dates/{date['id']}")["version"] == 2
        clear_ledger()


def test_two_slots_accepted_at_once_become_one(cast):
    activity = light()
    for _ in range(ROUNDS):
        date = offer(cast.alice, activity)
        slots = [one["id"] for one in date["slots"]]
        statuses = together(*(sending(cast.bob, "accept", date, slot_id=one) for one in slots))
        assert sorted(statuses) == [200, 409]
        kept = cast.alice.get(f"/dates/{date['id']}")["slots"]
        assert [one["id"] for one in kept] == [slots[statuses.index(200)]]
        check_end(cast, date)
        clear_ledger()


def test_off_and_done_at_once_is_one_of_them(cast, stopped_clock):
    activity, begun = light(), START - timedelta(days=1)
    dates = [offer(cast.alice, activity) for _ in range(3)]
    for _ in range(ROUNDS):
        stopped_clock.move_to(begun)
        date = offer(cast.alice, activity)
        seen = move(cast.bob, "accept", date)
        stopped_clock.move_to(START)
        statuses = together(sending(cast.alice, "cancel", seen), sending(cast.bob, "complete", seen))
        assert sorted(statuses) == [200, 409]
        both = items(date, cast.alice, cast.bob)
        if statuses[0] == 200:
            assert both == {"Alice": [], "Bob": ["date_off"]}
        else:
            assert both == {"Alice": ["date_feedback"], "Bob": ["date_feedback"]}
        clear_ledger()
    assert {cast.alice.get(f"/dates/{one['id']}")["state"] for one in dates} == {"proposed"}


def test_an_offer_sent_twice_at_once_is_one_date(cast):
    body = {"activity_id": light(), "slots": [slot(START)], "message": "Shall we?"}
    for _ in range(ROUNDS):
        sent = {**body, "id": str(uuid4())}
        statuses = together(*[lambda sent=sent: cast.alice.request("POST", "/dates", sent).status_code] * 2)
        assert statuses == [201, 201]
        assert (ledger(sent), items(sent, cast.alice, cast.bob)) == (
            [None, None],  # the proposal, and the line as a shared thing
            {"Alice": [], "Bob": ["date_proposed"]},
        )
        clear_ledger()
    assert len(cast.bob.get("/dates?limit=100")["items"]) == ROUNDS


def test_one_id_used_by_two_couples_at_once_names_one_date(cast):
    body = {"activity_id": light(), "slots": [slot(START)]}
    won = Counter()
    for _ in range(ROUNDS):
        sent = {**body, "id": str(uuid4())}
        people = (cast.alice, cast.charlie)
        statuses = together(
            *[lambda who=who, sent=sent: who.request("POST", "/dates", sent).status_code for who in people]
        )
        assert sorted(statuses) == [201, 422]
        won[statuses.index(201)] += 1
        winner, loser = people if statuses[0] == 201 else people[::-1]
        winner.get(f"/dates/{sent['id']}")
        loser.get(f"/dates/{sent['id']}", 404)
        assert ledger(sent) == [None]
        clear_ledger()
    assert won.total() == ROUNDS


def test_one_id_used_for_two_own_dates_at_once_names_one(cast):
    body = {"activity_id": own(cast.alice)["activity"]["id"], "for": "one", "slots": [slot(START)]}
    for _ in range(ROUNDS):
        sent = {**body, "id": str(uuid4())}
        people = (cast.alice, cast.bob)
        statuses = together(
            *[lambda who=who, sent=sent: who.request("POST", "/dates", sent).status_code for who in people]
        )
        assert sorted(statuses) == [201, 422]
        winner = people[statuses.index(201)].name
        assert items(sent, *people) == {"Alice": [], "Bob": [], winner: ALL_REMINDERS}


@pytest.mark.parametrize("name", ["accept", "counter", "withdraw"])
def test_a_move_in_the_moment_of_the_lapse_happens_or_does_not(cast, name):
    activity = light()

    def lapse(at, wait):
        # The clock of this process is past the expiry already, that of the request is not yet. The waits spread the
        # rounds over the time that a request takes.
        time.sleep(wait)
        with db.connection():
            return lifecycle.lapse(at)

    for turn in range(ROUNDS):
        date = offer(cast.alice, activity)
        person = cast.alice if name == "withdraw" else cast.bob
        status, lapsed = together(
            sending(person, name, date), lambda date=date, turn=turn: lapse(instant(date["expires_at"]), turn * 3e-4)
        )
        assert (status, lapsed) in [(200, 0), (409, 1)]
        state = check_end(cast, date)
        assert (state == "lapsed") == bool(lapsed)
        if state == "proposed":
            move(cast.bob, "withdraw", cast.bob.get(f"/dates/{date['id']}"))
        clear_ledger()
