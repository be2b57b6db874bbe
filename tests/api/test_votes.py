"""Test votes over HTTP: like, pass, never, and undo. Only their owner reads them. They count from the next day on."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import time_machine
from flask import Flask

from planner import scheduler
from planner.recommender.votes import VoteRow
from planner.storage import db
from tests.conftest import NOON
from tests.dates import offer
from tests.people import Cast, Person, activity_id
from tests.racing import statuses, together

Clock = time_machine.Traveller


def card(person: Person) -> str:
    return activity_id(party="two", pace=2)


def vote(person: Person, activity: str, word: str, status: int = 200) -> object:
    return person.put(f"/activities/{activity}/vote", {"vote": word}, status)


def retract(person: Person, activity: str, status: int = 200) -> None:
    person.delete(f"/activities/{activity}/vote", status)


def vote_of(person: Person, activity: str) -> object:
    return person.get(f"/activities/{activity}")["vote"]


def rows() -> list[tuple[str, datetime, datetime | None]]:
    with db.connection():
        return db.fetch_all(
            VoteRow.select(VoteRow.vote, VoteRow.effective_from, VoteRow.until).order_by(VoteRow.effective_from)
        )


def test_the_owner_sees_a_vote_wherever_the_activity_appears(alice: Person) -> None:
    activity = card(alice)
    assert vote_of(alice, activity) is None
    assert vote(alice, activity, "like") == {"vote": "like", "effective_from": "2026-11-24T00:00:00.000Z"}
    assert vote_of(alice, activity) == "like"
    listed = alice.get("/activities?limit=100")["items"] + alice.get("/activities?vote=like")["items"]
    assert [one["vote"] for one in listed if one["id"] == activity] == ["like", "like"]
    assert {one["vote"] for one in listed if one["id"] != activity} == {None}
    first_idea = alice.get("/suggestions")["items"][0]["activity"]
    vote(alice, first_idea["id"], "pass")
    assert alice.get("/suggestions")["items"][0]["activity"] == {**first_idea, "vote": "pass"}
    assert [item["id"] for item in alice.get("/activities?vote=pass")["items"]] == [first_idea["id"]]


def test_other_people_cannot_read_a_vote(cast: Cast) -> None:
    activity = card(cast.alice)
    reads = (f"/activities/{activity}", "/activities?limit=100", "/activities?vote=like", "/suggestions", "/deck")
    others = (cast.bob, cast.charlie, cast.sam)
    before = [other.request("GET", path).data for other in others for path in reads]
    vote(cast.alice, activity, "like")
    assert [other.request("GET", path).data for other in others for path in reads] == before


def test_a_vote_can_be_changed_repeated_and_taken_back(alice: Person, stopped_clock: Clock) -> None:
    activity = card(alice)
    first = vote(alice, activity, "like")
    assert vote(alice, activity, "like") == first
    vote(alice, activity, "never")
    assert (vote_of(alice, activity), len(rows())) == ("never", 1)
    for _ in range(2):
        retract(alice, activity)
        assert vote_of(alice, activity) is None
    # A vote that never counted leaves no row.
    assert rows() == []
    vote(alice, activity, "like")
    stopped_clock.move_to(NOON + timedelta(days=3))
    assert vote(alice, activity, "like") == first, "a repeat days later is still the same vote"
    vote(alice, activity, "pass")
    midnight = datetime.fromisoformat("2026-11-27T00:00:00+00:00")
    assert rows() == [("like", datetime.fromisoformat("2026-11-24T00:00:00+00:00"), midnight), ("pass", midnight, None)]
    assert vote(alice, activity, "like") == first, "a vote changed back within the day is the old vote"
    assert [row[0::2] for row in rows()] == [("like", None)]


def test_a_vote_counts_from_midnight_in_the_zone_of_the_voter(cast: Cast) -> None:
    activity = card(cast.alice)
    votes = {person.name: vote(person, activity, "like") for person in (cast.alice, cast.bob, cast.dana)}
    assert {name: answer["effective_from"][5:16] for name, answer in votes.items()} == {
        "Alice": "11-24T00:00", "Bob": "11-24T05:00", "Dana": "11-23T18:30",
    }  # fmt: skip


def test_people_vote_on_visible_ideas_only(cast: Cast) -> None:
    alice, bob = cast.alice, cast.bob
    idea = alice.post("/activities", {"title": "Feed the ducks", "category": "outdoors", "for": "two"}, 201)["id"]
    vote(alice, idea, "like")
    for stranger in (bob, cast.charlie, cast.sam):
        vote(stranger, idea, "like", 404)
        retract(stranger, idea, 404)
    copy = offer(alice, idea)["activity"]["id"]
    vote(bob, copy, "never")
    assert (vote_of(alice, idea), vote_of(bob, copy)) == ("like", "never")
    alice.delete(f"/activities/{idea}")
    vote(bob, copy, "like", 404)
    retract(bob, copy)  # Bob can still take back a vote on a retired idea
    retract(bob, copy, 404)


def test_an_invalid_vote_is_refused(alice: Person) -> None:
    activity = card(alice)
    for body in ({}, {"vote": None}, {"vote": "love"}, {"vote": "LIKE"}, {"vote": ["like"]}, {"vote": "like", "x": 1}):
        alice.put(f"/activities/{activity}/vote", body, 422)
    vote(alice, str(uuid4()), "like", 404)
    retract(alice, str(uuid4()), 404)
    alice.get("/activities?vote=love", 422)
    assert rows() == []


def test_simultaneous_votes_leave_one_vote(app: Flask, alice: Person, stopped_clock: Clock) -> None:
    activity = card(alice)
    path = f"/activities/{activity}/vote"
    for round_ in range(6):
        votes = [(alice, "PUT", path, {"vote": word}) for word in ("like", "never", "like", "pass")]
        assert statuses(*votes) == [200] * 4
        current = [row for row in rows() if row[2] is None]
        assert len(current) == 1
        assert vote_of(alice, activity) == current[0][0]
        assert statuses(*[(alice, "DELETE", path, None)] * 3) == [200] * 3
        assert [row for row in rows() if row[2] is None] == []
        stopped_clock.move_to(NOON + timedelta(days=round_ + 1))


def test_a_simultaneous_vote_and_undo_have_one_legal_end(alice: Person) -> None:
    path = f"/activities/{card(alice)}/vote"
    for _ in range(6):
        acts = [lambda: alice.request("PUT", path, {"vote": "like"}), lambda: alice.request("DELETE", path)]
        assert sorted(answer.status_code for answer in together(*acts)) == [200, 200]
        assert len(rows()) <= 1


def test_a_vote_taken_back_is_deleted_when_no_day_depends_on_it(alice: Person, stopped_clock: Clock) -> None:
    activity = card(alice)
    vote(alice, activity, "never")
    stopped_clock.move_to(NOON + timedelta(days=2))
    retract(alice, activity)
    for days, left in ((3, 1), (2 + 3, 1), (4 + 3, 0)):
        scheduler.run_housekeeping(NOON + timedelta(days=days))
        assert len(rows()) == left, days
