"""Two requests for a date at the same moment, in real threads: one allowed end, with matching rows."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from planner.dates import lifecycle
from planner.dates.dates import Reschedule, SlotRow
from planner.storage import db
from tests.dates import (
    ALL_REMINDERS,
    START,
    agreed,
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

ROUNDS = 3

# the last state of the date: the outcomes in the contact log, Alice's items, Bob's items
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


def moving(person, name, date, **body):
    body = {"version": date["version"], **body}
    return lambda: person.request("POST", f"/dates/{date['id']}/move{name}", body).status_code


@pytest.mark.parametrize("pair", ["/accept and /withdraw", "/accept and /decline", "/accept and cancel", " and "])
def test_of_two_answers_to_a_move_at_once_one_succeeds(cast, pair):
    first, second = pair.split(" and ")
    for _ in range(7):  # without locks, three rounds seldom go wrong here
        date = agreed(cast.alice, cast.bob)
        later = [slot(START + timedelta(days=3))]
        offered = date if pair == " and " else move(cast.alice, "move", date, slots=later)
        chosen = offered["move"] and offered["move"]["slots"][0]["id"]
        bodies = {"/accept": {"slot_id": chosen}, "": {"slots": later}}
        own = cast.bob if second == "/decline" else cast.alice
        other = moving(own, second, offered, **bodies.get(second, {}))
        if second == "cancel":
            other = sending(own, "cancel", offered)
        statuses = together(moving(cast.bob, first, offered, **bodies.get(first, {})), other)
        assert sorted(statuses) in ([200, 409], [200, 412]), statuses
        reads = [person.get(f"/dates/{date['id']}") for person in (cast.alice, cast.bob)]
        assert reads[0]["version"] == reads[1]["version"] == offered["version"] + 1
        with db.connection():
            slots = SlotRow.select().where(SlotRow.date == UUID(date["id"]))
            offers = Reschedule.select().where(Reschedule.date == UUID(date["id"])).count()
            assert slots.where(~SlotRow.for_move).count() == 1
            assert slots.where(SlotRow.for_move).count() == offers == (pair == " and ")
        clear_ledger()


def check_end(cast, date):
    """Check that the rows of a date agree with its state, and return the state."""
    state = cast.alice.get(f"/dates/{date['id']}")["state"]
    assert cast.bob.get(f"/dates/{date['id']}")["state"] == state
    assert (ledger(date), items(date, cast.alice, cast.bob)) == (
        ENDS[state][0],
        {"Alice": ENDS[state][1], "Bob": ENDS[state][2]},
    )
    return state


@pytest.mark.parametrize("pair", ["accept/withdraw", "accept/decline", "accept/counter", "withdraw/counter"])
def test_of_two_different_moves_at_once_one_succeeds(cast, pair):
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


def test_accepting_twice_at_once_accepts_once(cast):
    activity = light()
    for _ in range(ROUNDS):
        date = offer(cast.alice, activity)
        assert together(sending(cast.bob, "accept", date), sending(cast.bob, "accept", date)) == [200, 200]
        assert check_end(cast, date) == "accepted"
        assert cast.bob.get(f"/dates/{date['id']}")["version"] == 2
        clear_ledger()


def test_accepting_two_slots_at_once_accepts_one(cast):
    activity = light()
    for _ in range(ROUNDS):
        date = offer(cast.alice, activity)
        slots = [slot["id"] for slot in date["slots"]]
        statuses = together(*(sending(cast.bob, "accept", date, slot_id=slot) for slot in slots))
        assert sorted(statuses) == [200, 409]
        chosen = cast.alice.get(f"/dates/{date['id']}")["slots"]
        assert [slot["id"] for slot in chosen] == [slots[statuses.index(200)]]
        check_end(cast, date)
        clear_ledger()


def test_of_cancel_and_complete_at_once_one_succeeds(cast, stopped_clock):
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
    assert {cast.alice.get(f"/dates/{date['id']}")["state"] for date in dates} == {"proposed"}


def test_a_proposal_sent_twice_at_once_creates_one_date(cast):
    body = {"activity_id": light(), "slots": [slot(START)], "message": "Shall we?"}
    for _ in range(ROUNDS):
        sent = {**body, "id": str(uuid4())}
        statuses = together(*[lambda sent=sent: cast.alice.request("POST", "/dates", sent).status_code] * 2)
        assert statuses == [201, 201]
        assert (ledger(sent), items(sent, cast.alice, cast.bob)) == (
            [None, None],  # the proposal, and its message as a shared thing
            {"Alice": [], "Bob": ["date_proposed"]},
        )
        clear_ledger()
    assert len(cast.bob.get("/dates?limit=100")["items"]) == ROUNDS


def test_one_id_used_by_two_couples_at_once_creates_one_date(cast):
    body = {"activity_id": light(), "slots": [slot(START)]}
    won = Counter()
    for _ in range(ROUNDS):
        sent = {**body, "id": str(uuid4())}
        people = (cast.alice, cast.charlie)
        statuses = together(
            *[lambda person=person, sent=sent: person.request("POST", "/dates", sent).status_code for person in people]
        )
        assert sorted(statuses) == [201, 422]
        won[statuses.index(201)] += 1
        winner, loser = people if statuses[0] == 201 else people[::-1]
        winner.get(f"/dates/{sent['id']}")
        loser.get(f"/dates/{sent['id']}", 404)
        assert ledger(sent) == [None]
        clear_ledger()
    assert won.total() == ROUNDS


def test_one_id_used_for_two_own_dates_at_once_creates_one(cast):
    body = {"activity_id": own(cast.alice)["activity"]["id"], "for": "one", "slots": [slot(START)]}
    for _ in range(ROUNDS):
        sent = {**body, "id": str(uuid4())}
        people = (cast.alice, cast.bob)
        statuses = together(
            *[lambda person=person, sent=sent: person.request("POST", "/dates", sent).status_code for person in people]
        )
        assert sorted(statuses) == [201, 422]
        winner = people[statuses.index(201)].name
        assert items(sent, *people) == {"Alice": [], "Bob": [], winner: ALL_REMINDERS}


@pytest.mark.parametrize("name", ["accept", "counter", "withdraw"])
def test_of_a_move_and_the_lapse_at_once_one_succeeds(cast, name):
    activity = light()

    def lapse(at, wait):
        # The lapse gets a time after the expiry, and the request one before it. The waits spread the rounds over the
        # time of a request.
        time.sleep(wait)
        with db.connection():
            return lifecycle.lapse(at)

    for round_number in range(ROUNDS):
        date = offer(cast.alice, activity)
        person = cast.alice if name == "withdraw" else cast.bob
        status, lapsed = together(
            sending(person, name, date),
            lambda date=date, round_number=round_number: lapse(instant(date["expires_at"]), round_number * 6e-4),
        )
        assert (status, lapsed) in [(200, 0), (409, 1)]
        state = check_end(cast, date)
        assert (state == "lapsed") == bool(lapsed)
        if state == "proposed":
            move(cast.bob, "withdraw", cast.bob.get(f"/dates/{date['id']}"))
        clear_ledger()
