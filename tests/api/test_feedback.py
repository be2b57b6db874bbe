"""Test feedback over HTTP: it is private, it can change, and it counts from the next day on."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from planner.dates import feedback
from planner.storage import db
from tests.conftest import NOON
from tests.dates import START, agreed, completed, instant, items, move, own
from tests.people import expect

READS = (
    "/me", "/couple", "/dates", "/dates?show=upcoming", "/today", "/inbox", "/suggestions", "/notes",
    "/notes?from=partner", "/prompts/today",
)  # fmt: skip


def all_answers(person, date):
    """Return all bytes that a person can read, with the ETags."""
    answers = [person.request("GET", path) for path in (*READS, f"/dates/{date['id']}")]
    assert {answer.status_code for answer in answers} == {200}
    return [(answer.data, answer.headers.get("ETag")) for answer in answers]


def test_the_partner_never_sees_feedback(cast, stopped_clock):
    date = completed(cast.alice, cast.bob, stopped_clock)
    stopped_clock.shift(60)
    before = all_answers(cast.bob, date), all_answers(cast.charlie, own(cast.charlie, NOON + timedelta(days=9)))
    assert cast.alice.put(f"/dates/{date['id']}/feedback", {"feeling": "heavier", "rating": 2}) == {
        "feeling": "heavier",
        "rating": 2,
        "again": None,
    }
    assert all_answers(cast.bob, date) == before[0]
    assert cast.alice.get(f"/dates/{date['id']}")["feedback"] == {"feeling": "heavier", "rating": 2, "again": None}
    assert cast.bob.get(f"/dates/{date['id']}")["feedback"] is None
    # Bob's feedback is private too, also when he changes it.
    before_bob = all_answers(cast.alice, date)
    move(cast.bob, "feedback", date)
    move(cast.bob, "feedback", date, feeling="same", rating=5)
    assert all_answers(cast.alice, date) == before_bob
    assert cast.bob.get("/dates")["items"][0]["feedback"] == {"feeling": "same", "rating": 5, "again": None}


def test_each_question_can_be_left_out(cast, stopped_clock):
    date = completed(cast.alice, cast.bob, stopped_clock)
    path = f"/dates/{date['id']}"
    for answers in ({"again": "no"}, {"again": "yes", "feeling": "same"}, {"rating": 3}):
        noted = {"feeling": None, "rating": None, "again": None, **answers}
        assert cast.alice.put(f"{path}/feedback", answers) == noted
        assert cast.alice.get(path)["feedback"] == noted


@pytest.mark.parametrize(("answers", "score"), [({"again": "no"}, 1), ({"again": "maybe"}, 3), ({"again": "yes"}, 5)])
def test_the_wish_to_do_it_again_counts_like_a_rating(cast, stopped_clock, answers, score):
    date = completed(cast.alice, cast.bob, stopped_clock)
    cast.alice.put(f"/dates/{date['id']}/feedback", answers)
    cast.bob.put(f"/dates/{date['id']}/feedback", {**answers, "rating": 2})
    assert [past.score for past in past_feedback(cast.alice, 48)] == [score]
    assert [past.score for past in past_feedback(cast.bob, 48)] == [2], "a rating says more"


def test_feedback_removes_the_question_of_its_author_only(cast, stopped_clock):
    date = completed(cast.alice, cast.bob, stopped_clock)
    assert items(date, cast.alice, cast.bob) == {"Alice": ["date_feedback"], "Bob": ["date_feedback"]}
    move(cast.alice, "feedback", date)
    assert items(date, cast.alice, cast.bob) == {"Alice": [], "Bob": ["date_feedback"]}


def test_the_last_feedback_replaces_an_earlier_one(cast, stopped_clock):
    date = completed(cast.alice, cast.bob, stopped_clock)
    move(cast.alice, "feedback", date, rating=5)
    assert move(cast.alice, "feedback", date, feeling="same") == {"feeling": "same", "rating": None, "again": None}
    assert cast.alice.get(f"/dates/{date['id']}")["feedback"] == {"feeling": "same", "rating": None, "again": None}


def test_the_ranking_reads_feedback_from_the_next_day_on(cast, stopped_clock):
    """Change the feedback. The change counts from the next day on, and until then the date has no feedback."""
    date = completed(cast.alice, cast.bob, stopped_clock)
    for hours, feeling, rating in [(0, "lighter", 5), (30, "heavier", 1), (31, "heavier", 1)]:
        stopped_clock.move_to(START + timedelta(hours=hours, minutes=1))
        move(cast.alice, "feedback", date, feeling=feeling, rating=rating)
        if not hours:
            assert feedback_of(cast.alice, hours=24) == [("lighter", 5)]
    assert [feedback_of(cast.alice, hours) for hours in (0, 24, 31, 32)] == [[], [], [("heavier", 1)], [("heavier", 1)]]


def feedback_of(person, hours):
    return [row[1:3] for row in past_feedback(person, hours)]


def past_feedback(person, hours):
    me, couple, day_start = UUID(person.id), UUID(person.get("/couple")["id"]), START + timedelta(hours=hours)
    with db.connection():
        return feedback.list_for_ranking(me, couple, day_start)


def test_feedback_is_possible_from_the_end_of_a_date_on(cast, stopped_clock):
    first, second = agreed(cast.alice, cast.bob), agreed(cast.alice, cast.bob)
    end = instant(first["slots"][0]["end"])
    stopped_clock.move_to(end - timedelta(seconds=1))
    move(cast.alice, "feedback", first, 409)
    stopped_clock.move_to(end)
    assert move(cast.alice, "feedback", second)["feeling"] == "lighter", "from the end on, feedback completes the date"
    move(cast.alice, "complete", first)
    assert move(cast.alice, "feedback", first)["feeling"] == "lighter"


def test_a_date_of_a_former_couple_takes_no_feedback(cast, stopped_clock):
    done, other = completed(cast.alice, cast.bob, stopped_clock), "3f0e7a55-2c53-4a64-8a57-1f6c9b0f4d44"
    cast.bob.request("DELETE", "/couple")
    for person in (cast.alice, cast.bob):
        assert person.get(f"/dates/{done['id']}")["state"] == "completed"
        move(person, "feedback", done, 409)
        move(person, "feedback", {**done, "id": other}, 404)
    move(cast.sam, "feedback", done, 404)


def test_a_solo_date_takes_feedback(cast, stopped_clock):
    date = own(cast.sam)
    stopped_clock.move_to(START)
    done = move(cast.sam, "complete", date)
    move(cast.sam, "feedback", done, rating=4)
    assert cast.sam.get(f"/dates/{date['id']}")["feedback"] == {"feeling": "lighter", "rating": 4, "again": None}
    assert items(date, cast.sam) == {"Sam": []}


INVALID = [
    {}, {"feeling": "loved"}, {"feeling": "same", "again": "often"}, {"rating": None, "again": None}, {"feeling": None},
    {"again": True}, {"feeling": "same", "rating": 0}, {"feeling": "same", "rating": 6},
    {"feeling": "same", "rating": 2.5}, {"feeling": "same", "rating": "5"}, {"feeling": "same", "why": "rain"},
]  # fmt: skip


def test_invalid_feedback_is_refused(cast, stopped_clock):
    date = completed(cast.alice, cast.bob, stopped_clock)
    for body in INVALID:
        expect(cast.alice.request("PUT", f"/dates/{date['id']}/feedback", body), 422)
    assert cast.alice.get(f"/dates/{date['id']}")["feedback"] is None
