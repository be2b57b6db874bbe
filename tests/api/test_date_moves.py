"""Compare every move from every state by every person with a table written by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from planner.dates import lifecycle
from planner.storage import db
from tests.api.answers import problem
from tests.conftest import NOON
from tests.dates import START, agreed, body_of, clear_ledger, completed, instant, light, move, offer, own, slot
from tests.people import Person, expect

MOVES = (
    "accept", "decline", "counter", "withdraw", "cancel", "complete", "did_not_happen", "move", "confirm", "deny",
    "feedback",
)  # fmt: skip
VERBS = [name for name in MOVES if name != "feedback"]
LEADS_TO = {
    "accept": "accepted",
    "decline": "declined",
    "counter": "proposed",
    "withdraw": "withdrawn",
    "cancel": "cancelled",
    "complete": "completed",
    "did_not_happen": "cancelled",
    "move": "accepted",
    "feedback": "completed",
}
# state: how it reads, the moves of its sender, the moves of its receiver
TABLE = {
    "proposed": ("proposed", {"withdraw"}, {"accept", "decline", "counter"}),
    "accepted": ("accepted", {"cancel", "move"}, {"cancel", "move"}),
    "begun": ("accepted", {"cancel", "complete"}, {"cancel", "complete"}),
    "completed": ("completed", {"did_not_happen", "feedback"}, {"did_not_happen", "feedback"}),
    "not happened": ("cancelled", {"complete"}, {"complete"}),
    "declined": ("declined", set(), set()),
    "withdrawn": ("withdrawn", set(), set()),
    "cancelled": ("cancelled", set(), set()),
    "expired": ("lapsed", set(), set()),
    "lapsed": ("lapsed", set(), set()),
}
SOLO = {
    "accepted": ("accepted", {"cancel", "move"}),
    "begun": ("accepted", {"cancel", "complete"}),
    "completed": ("completed", {"did_not_happen", "feedback"}),
    "not happened": ("cancelled", {"complete"}),
    "cancelled": ("cancelled", set()),
}


def signed_out(alice: Person) -> Person:
    return Person(alice.app, "Nobody", alice.id, alice.sign_in_name, "no-token", "")


def in_state(state, cast, clock):
    """Return a date that Alice offered Bob, in that state. Move the clock to a time at which the state exists."""
    clock.move_to(NOON)
    clear_ledger()
    if state == "completed":
        return completed(cast.alice, cast.bob, clock)
    if state == "not happened":
        return move(cast.bob, "did_not_happen", completed(cast.alice, cast.bob, clock))
    date = agreed(cast.alice, cast.bob) if state in ("accepted", "begun", "cancelled") else offer(cast.alice)
    if state in ("declined", "withdrawn", "cancelled"):
        who = cast.bob if state == "declined" else cast.alice
        move(who, {"declined": "decline", "withdrawn": "withdraw", "cancelled": "cancel"}[state], date)
    if state == "begun":
        clock.move_to(START)
    if state in ("expired", "lapsed"):
        clock.move_to(instant(date["expires_at"]))
    if state == "lapsed":
        with db.connection():
            assert lifecycle.lapse(instant(date["expires_at"])) == 1
    return cast.alice.get(f"/dates/{date['id']}")


def solo_in_state(state, person, clock):
    clock.move_to(NOON)
    date = own(person)
    if state != "accepted":
        clock.move_to(START)
    if state in ("completed", "cancelled"):
        return move(person, {"completed": "complete", "cancelled": "cancel"}[state], date)
    if state == "not happened":
        return move(person, "did_not_happen", move(person, "complete", date))
    return date


def expect_refusals(date, cells):
    """Try the moves of every (person, moves, status) on the same date, and expect that status."""
    for person, moves, status in cells:
        for name in moves:
            verb, method = (name.replace("_", "-"), "POST") if name in VERBS else ("feedback", "PUT")
            answer = person.request(method, f"/dates/{date['id']}/{verb}", body_of(name, date))
            assert answer.status_code == status, (person.name, name, answer.get_data(as_text=True))


@pytest.mark.parametrize("state", TABLE)
def test_each_person_can_make_exactly_the_moves_of_the_table(state, cast, stopped_clock):
    reads, *open_to = TABLE[state]
    both = list(zip((cast.alice, cast.bob), open_to, strict=True))
    date = in_state(state, cast, stopped_clock)
    outsiders = [(cast.charlie, MOVES, 404), (cast.sam, MOVES, 404), (signed_out(cast.alice), MOVES, 401)]

    before = [person.get(f"/dates/{date['id']}") for person, _ in both]
    expect_refusals(date, [*((who, set(MOVES) - allowed, 409) for who, allowed in both), *outsiders])
    assert [person.get(f"/dates/{date['id']}") for person, _ in both] == before
    assert [view["state"] for view in before] == [reads, reads]
    assert [set(view["actions"]) - {"edit"} for view in before] == [allowed - {"feedback"} for allowed in open_to]

    for person, allowed in both:
        for name in sorted(allowed):
            fresh = in_state(state, cast, stopped_clock)
            move(person, name, fresh)
            assert person.get(f"/dates/{fresh['id']}")["state"] == LEADS_TO[name]


@pytest.mark.parametrize("state", SOLO)
def test_a_solo_date_can_be_moved_by_its_person_only(state, cast, stopped_clock):
    reads, allowed = SOLO[state]
    date = solo_in_state(state, cast.alice, stopped_clock)
    others = [(person, MOVES, 404) for person in (cast.bob, cast.charlie, cast.sam)]

    before = cast.alice.get(f"/dates/{date['id']}")
    expect_refusals(date, [(cast.alice, set(MOVES) - allowed, 409), *others, (signed_out(cast.alice), MOVES, 401)])
    assert cast.alice.get(f"/dates/{date['id']}") == before
    assert (before["state"], set(before["actions"]) - {"edit"}) == (reads, allowed - {"feedback"})

    for name in sorted(allowed):
        fresh = solo_in_state(state, cast.alice, stopped_clock)
        move(cast.alice, name, fresh)
        assert cast.alice.get(f"/dates/{fresh['id']}")["state"] == LEADS_TO[name]


def test_outsiders_cannot_read_a_date(cast):
    date = offer(cast.alice)
    for outsider in (cast.charlie, cast.dana, cast.sam):
        outsider.get(f"/dates/{date['id']}", 404)
        assert outsider.get("/dates")["items"] == []
        assert outsider.get("/today")["dates"] == []
    signed_out(cast.alice).get(f"/dates/{date['id']}", 401)
    assert cast.bob.get(f"/dates/{date['id']}")["id"] == date["id"]


def test_after_a_counter_the_partners_swap_their_moves(cast):
    date = move(cast.bob, "counter", offer(cast.alice))
    assert (date["sender"], date["actions"]) == ("me", ["withdraw"])
    seen = cast.alice.get(f"/dates/{date['id']}")
    assert (seen["sender"], set(seen["actions"])) == ("partner", {"accept", "decline", "counter"})
    expect_refusals(date, [(cast.bob, ("accept", "decline", "counter"), 409), (cast.alice, ("withdraw",), 409)])
    assert move(cast.alice, "accept", seen)["state"] == "accepted"


def test_a_missing_date_and_a_date_of_others_get_the_same_answer(cast):
    date = offer(cast.alice)
    missing = "00000000-0000-4000-8000-000000000000"
    for name in VERBS:
        theirs = cast.charlie.request("POST", f"/dates/{date['id']}/{name}", body_of(name, date))
        absent = cast.charlie.request("POST", f"/dates/{missing}/{name}", body_of(name, date))
        assert (theirs.status_code, theirs.data) == (absent.status_code, absent.data)


def test_a_move_without_a_version_or_with_an_old_one_is_refused(cast):
    date = offer(cast.alice, light())
    for name, person in [*((verb, cast.bob) for verb in ("accept", "decline", "counter")), ("withdraw", cast.alice)]:
        path, sent = f"/dates/{date['id']}/{name}", body_of(name, date)
        del sent["version"]
        assert problem(person.request("POST", path, sent), 428)["type"] == "/problems/version-missing"
        for header in ('"2"', '"0.abc"', 'W/"3", "4"', '"nonsense"', '"' + "9" * 20 + '"'):
            refused = problem(person.request("POST", path, sent, If_Match=header), 412)
            assert refused["type"] == "/problems/version-conflict", header
    assert cast.bob.get(f"/dates/{date['id']}")["version"] == 1


def test_what_the_state_forbids_is_refused_whatever_the_version(cast):
    date = offer(cast.alice, light())
    for header in ('"1"', '"7"', "*"):
        for name in ("cancel", "complete"):
            assert problem(cast.bob.request("POST", f"/dates/{date['id']}/{name}", If_Match=header), 409)


@pytest.mark.parametrize("header", ["*", '"7", W/"1.abc", "9"', '"1"', "1"])
def test_a_move_of_any_or_of_several_versions_is_made_once(cast, header):
    date = offer(cast.alice, light())
    path = f"/dates/{date['id']}/withdraw"
    first = cast.alice.request("POST", path, If_Match=header)
    assert expect(first, 200)["state"] == "withdrawn"
    # The answer may have been lost: the same move from the same version is no new move.
    assert cast.alice.request("POST", path, If_Match=header).data == first.data
    assert problem(cast.alice.request("POST", path, If_Match='"2"'), 409)


def test_a_stale_version_is_told_from_a_wrong_turn(cast):
    date = offer(cast.alice, light())
    move(cast.alice, "counter", move(cast.bob, "counter", date), slots=[slot(START + timedelta(days=5))])
    stale = cast.bob.request("POST", f"/dates/{date['id']}/decline", {"version": 1})
    assert problem(stale, 412)["type"] == "/problems/version-conflict"
    assert cast.bob.get(f"/dates/{date['id']}")["state"] == "proposed"
