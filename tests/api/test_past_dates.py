"""Test over HTTP what becomes of agreed dates once they are over: they complete themselves, or did not happen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from planner.dates import lifecycle
from planner.storage import db
from tests.dates import START, agreed, completed, instant, items, move, own
from tests.people import expect
from tests.racing import together
from tests.spaces import take

pytestmark = pytest.mark.both_databases

END = START + timedelta(hours=1)
NEXT_MORNING = (START + timedelta(days=1)).replace(hour=8)


def complete_past(at):
    with db.connection():
        return lifecycle.complete_past(at)


def test_a_past_date_completes_itself_once_in_the_next_morning(cast, stopped_clock):
    date, alone = agreed(cast.alice, cast.bob), own(cast.sam)
    stopped_clock.move_to(NEXT_MORNING)
    assert complete_past(NEXT_MORNING - timedelta(milliseconds=1)) == 0
    assert sum(together(*[lambda: complete_past(NEXT_MORNING)] * 3)) == 2
    assert complete_past(NEXT_MORNING) == 0
    for person, each in ((cast.alice, date), (cast.bob, date), (cast.sam, alone)):
        seen = person.get(f"/dates/{each['id']}")
        assert (seen["state"], seen["actions"]) == ("completed", ["did_not_happen"])
    asked = items(date, cast.alice, cast.bob)
    assert [kinds.count("date_feedback") for kinds in asked.values()] == [1, 1]


@pytest.mark.parametrize("is_complete", [True, False])
def test_either_says_that_a_date_did_not_happen_and_both_are_left_in_peace(cast, stopped_clock, is_complete):
    date = agreed(cast.alice, cast.bob)
    stopped_clock.move_to(END)
    if is_complete:
        date = move(cast.alice, "complete", date)
    off = move(cast.bob, "did_not_happen", date)
    assert (off["state"], off["answer"], off["actions"]) == ("cancelled", "did_not_happen", ["complete"])
    assert move(cast.bob, "did_not_happen", date) == off, "a repeat"
    assert cast.alice.get(f"/dates/{date['id']}")["answer"] == "did_not_happen"
    assert items(date, cast.alice, cast.bob) == {"Alice": [], "Bob": []}
    move(cast.alice, "feedback", date, 409)
    assert complete_past(END + timedelta(days=3)) == 0, "it stays so"


def test_the_correction_is_taken_back_without_another_question(cast, stopped_clock):
    date = completed(cast.alice, cast.bob, stopped_clock)
    stopped_clock.move_to(END)
    off = move(cast.bob, "did_not_happen", date)
    move(cast.alice, "complete", date, 412)
    back = move(cast.alice, "complete", off)
    assert (back["state"], back["answer"]) == ("completed", None)
    assert items(date, cast.alice, cast.bob) == {"Alice": [], "Bob": []}
    move(cast.bob, "feedback", date)


def test_a_date_is_not_corrected_too_early_too_late_or_by_others(cast, stopped_clock):
    date = agreed(cast.alice, cast.bob)
    for at, status in [(END - timedelta(seconds=1), 409), (END + timedelta(days=14), 409)]:
        stopped_clock.move_to(at)
        move(cast.alice, "did_not_happen", date, status)
    for outsider in (cast.charlie, cast.sam):
        move(outsider, "did_not_happen", date, 404)
    stopped_clock.move_to(END)
    cast.bob.request("DELETE", "/couple")
    for person in (cast.alice, cast.bob):
        move(person, "did_not_happen", date, 409)


def test_two_who_correct_a_date_at_once_do_it_once(cast, stopped_clock):
    date = completed(cast.alice, cast.bob, stopped_clock)
    stopped_clock.move_to(END)

    def correct(person):
        version = {"version": date["version"]}
        return lambda: person.request("POST", f"/dates/{date['id']}/did-not-happen", version).status_code

    assert sorted(together(correct(cast.alice), correct(cast.bob))) in ([200, 409], [200, 412])
    assert instant(cast.alice.get(f"/dates/{date['id']}")["slots"][0]["end"]) == END


def test_a_date_that_did_not_happen_is_corrected_in_space_without_a_message(cast, stopped_clock):
    date = completed(cast.alice, cast.bob, stopped_clock)
    stopped_clock.move_to(END)
    before = cast.bob.inbox()
    take(cast.alice)
    move(cast.alice, "did_not_happen", date)
    assert [kind for kind in cast.bob.inbox() if kind not in before] == []


def test_what_did_not_happen_is_off_in_calendars(cast, stopped_clock):
    date = completed(cast.alice, cast.bob, stopped_clock)
    move(cast.alice, "did_not_happen", date)
    calendar = expect_text(cast.alice.request("GET", f"/dates/{date['id']}/calendar"))
    assert "STATUS:CANCELLED" in calendar


def expect_text(answer):
    assert answer.status_code == 200, expect(answer, 200)
    return answer.get_data(as_text=True)
