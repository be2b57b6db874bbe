"""Test the recommended lists over HTTP: one list a day for each question, more lists, and rest."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import time_machine

from planner import scheduler
from planner.recommender.recommendation_log import RecommendationRow, impressions
from planner.storage import db
from tests.api.test_suggestions import few, ids
from tests.conftest import NOON
from tests.people import Cast, Person
from tests.racing import together

Clock = time_machine.Traveller


def without_first_days(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the answer without what changes in the course of a day: in the evening, an idea is for tomorrow."""
    for item in answer["items"]:
        del item["first_day"], item["first_day_text"]
    return answer


def test_the_list_is_the_same_all_day_and_changes_tomorrow(cast: Cast, stopped_clock: Clock) -> None:
    alice = cast.alice
    first = without_first_days(alice.get("/suggestions"))
    stopped_clock.move_to(datetime.fromisoformat("2026-11-23T23:59:59+00:00"))
    assert without_first_days(alice.get("/suggestions")) == first
    lists = set()
    for day in range(1, 6):
        stopped_clock.move_to(NOON + timedelta(days=day))
        lists.add(tuple(ids(alice, "day=2026-12-24")))
    assert len(lists) == 5
    assert len({tuple(ids(person)) for person in (alice, cast.bob)}) == 2


def test_more_lists_give_other_ideas_until_none_are_left(alice: Person, stopped_clock: Clock) -> None:
    pages = [alice.get(f"/suggestions?page={number}") for number in range(4)]
    assert [page["next_page"] for page in pages] == [1, 2, 3, None]
    idea_ids = [item["activity"]["id"] for page in pages for item in page["items"]]
    assert len(idea_ids) == len(set(idea_ids)) == 20
    for number in (3, 0, 2, 1):
        assert alice.get(f"/suggestions?page={number}") == pages[number]
    assert [alice.get(f"/suggestions?page={number}", 422)["errors"][0]["field"] for number in (4, -1)] == ["page"] * 2
    # The third list is the same without a request for the first two.
    stopped_clock.shift(timedelta(days=1))
    last = alice.get("/suggestions?page=2")
    earlier = ids(alice) + ids(alice, "page=1")
    assert not {item["activity"]["id"] for item in last["items"]} & set(earlier)


def test_there_is_no_next_list_when_no_idea_is_left(alice: Person) -> None:
    few(9)
    pages = [alice.get(f"/suggestions?page={number}") for number in range(3)]
    assert [(len(page["items"]), page["next_page"]) for page in pages] == [(5, 1), (4, None), (0, None)]


def test_likes_and_passes_do_not_change_the_list_of_the_day(alice: Person, stopped_clock: Clock) -> None:
    before = alice.get("/suggestions")
    for item in before["items"]:
        alice.put(f"/activities/{item['activity']['id']}/vote", {"vote": "pass"})
    stopped_clock.move_to(NOON + timedelta(hours=11))
    after = alice.get("/suggestions")
    assert [item["activity"].pop("vote") for item in after["items"]] == ["pass"] * 5
    assert [item["activity"].pop("vote") for item in before["items"]] == [None] * 5
    assert without_first_days(after) == without_first_days(before)


def test_a_never_hides_an_idea_from_its_authors_lists_at_once(alice: Person, stopped_clock: Clock) -> None:
    first, *rest = ids(alice)
    fitting = [item["id"] for item in alice.get("/activities?for=two&limit=100")["items"]]
    later = next(card for card in fitting if card not in (first, *rest))
    for card in (first, later):
        alice.put(f"/activities/{card}/vote", {"vote": "never"})
    assert ids(alice) == rest
    never_ids = {first, later}
    for days in range(6):
        stopped_clock.move_to(NOON + timedelta(days=days))
        assert not never_ids & set(ids(alice) + ids(alice, "page=1") + ids(alice, "for=one"))


def test_two_phones_at_once_get_the_same_list(alice: Person) -> None:
    for query in ("", "minutes=60", "page=2"):
        answers = together(*[lambda query=query: alice.request("GET", f"/suggestions?{query}").data] * 4)
        assert len(set(answers)) == 1, query


def test_ideas_shown_often_and_never_liked_make_room_for_others(alice: Person, stopped_clock: Clock) -> None:
    few(12, category="play")
    stopped_clock.move_to(NOON + timedelta(days=1))
    liked = ids(alice)[0]
    alice.put(f"/activities/{liked}/vote", {"vote": "like"})
    days: dict[str, int] = {}
    for day in range(6):
        stopped_clock.move_to(NOON + timedelta(days=2 + day))
        for card_id in ids(alice):
            days[card_id] = days.get(card_id, 0) + 1
    # With five a day, each comes in turn. The liked one comes twice, and then rests.
    assert len(days) == 12
    assert max(days.values()) < 6
    assert days[liked] <= 2


def test_the_first_screen_counts_only_the_idea_that_it_shows(alice: Person, now: datetime) -> None:
    def shown() -> set[str]:
        with db.connection():
            shown_before = impressions(UUID(alice.id), now.date() + timedelta(days=1), "", ()).by_day
        return {str(activity) for activity in shown_before}

    idea = alice.get("/today")["idea"]["activity"]["id"]
    assert shown() == {idea}
    ideas = ids(alice)
    assert (ideas[0], shown()) == (idea, set(ideas))
    assert alice.get("/today")["idea"]["activity"]["id"] == idea
    assert shown() == set(ideas)


def test_old_lists_are_deleted(alice: Person, stopped_clock: Clock) -> None:
    ids(alice)
    for days, left in ((28, 1), (29, 0)):
        scheduler.run_housekeeping(NOON + timedelta(days=days))
        with db.connection():
            assert RecommendationRow.select().count() == left


def test_a_broken_client_cannot_fill_the_table(alice: Person) -> None:
    for minutes in range(100, 160):
        assert ids(alice, f"minutes={minutes}") == ids(alice, f"minutes={minutes}")
    with db.connection():
        assert RecommendationRow.select().count() == 40


def test_a_liked_idea_shown_on_two_days_makes_room_for_three_weeks(alice: Person, stopped_clock: Clock) -> None:
    few(8, category="play")
    liked = ids(alice)[0]
    alice.put(f"/activities/{liked}/vote", {"vote": "like"})
    days = []
    for day in range(1, 40):
        stopped_clock.move_to(NOON + timedelta(days=day))
        if liked in ids(alice):
            days.append(day)
    for day in days:
        assert sum(day - 21 < other <= day for other in days) <= 2, days
    assert len(days) >= 3
