"""Test that ideas for soon leave time between dates, by the rarer wish of the two."""

from __future__ import annotations

from datetime import timedelta

import pytest
from time_machine import Traveller

from tests.api.test_private_votes import QUESTIONS, answers
from tests.api.test_suggestions import few
from tests.dates import agreed, move, on_wall, own, slot, whole_days
from tests.people import Cast, Person
from tests.rituals import agreed_ritual
from tests.twins import Twins


def wish(person: Person, cadence: str | None) -> None:
    person.put("/me/profile", {"interests": [], "causes": [], "cadence": cadence})


def days(person: Person, query: str = "") -> tuple[str, bool, set[str]]:
    """Return the first day asked for, whether it waits for a date, and the first days of the ideas."""
    answer = person.get(f"/suggestions?{query}")
    return answer["day"], answer["spaced"], {idea["first_day"] for idea in answer["items"]}


TWO_DAYS = timedelta(days=2)
"""After so long, a change counts for the partner in any zone."""

TODAY = ("2026-11-23", False, {"2026-11-23"})


def test_ideas_keep_their_distance_from_the_next_date(cast: Cast) -> None:
    wish(cast.alice, "weekly")
    assert days(cast.alice)[:2] == TODAY[:2], "without a date there is nothing to wait for"
    agreed(cast.alice, cast.bob)
    few(1)
    assert days(cast.alice) == ("2026-11-30", True, {"2026-11-30"})
    assert cast.alice.get("/suggestions")["last_day"] == "2026-12-13"
    assert cast.alice.get("/today")["idea"]["first_day"] == "2026-11-30"
    assert days(cast.alice, "day=2026-11-24") == ("2026-11-24", False, {"2026-11-24"}), "who names a day means it"
    assert days(cast.alice, "for=one")[:2] == TODAY[:2], "the wish is about dates of two"


@pytest.mark.parametrize("days_later", [0, 2, 8, 12])
def test_ideas_keep_their_distance_from_each_of_whole_days(
    cast: Cast, stopped_clock: Traveller, days_later: int
) -> None:
    wish(cast.alice, "weekly")
    agreed(cast.alice, cast.bob, slots=[whole_days("2026-11-24", 10)])
    few(1)
    stopped_clock.shift(timedelta(days=days_later))
    assert days(cast.alice)[:2] == ("2026-12-08", True), "five days after the last one, the third"


@pytest.mark.parametrize("is_completed", [True, False])
def test_what_goes_on_is_no_idea(cast: Cast, stopped_clock: Traveller, is_completed: bool) -> None:
    few(1)
    (activity,) = (idea["activity"]["id"] for idea in cast.alice.get("/suggestions")["items"])
    date = agreed(cast.alice, cast.bob, activity=activity, slots=[whole_days("2026-11-24", 10)])
    stopped_clock.shift(timedelta(days=3))
    if is_completed:
        move(cast.alice, "complete", date)
    assert cast.alice.get("/suggestions")["items"] == []
    stopped_clock.shift(timedelta(days=30))
    assert [idea["activity"]["id"] for idea in cast.alice.get("/suggestions")["items"]] == [activity]


def test_a_night_out_counts_as_its_evening(cast: Cast) -> None:
    wish(cast.alice, "weekly")
    agreed(cast.alice, cast.bob, slots=[slot(on_wall("2026-11-24T20:00"), minutes=15 * 60)])
    few(1)
    assert days(cast.alice)[0] == "2026-11-29"


def test_the_rarer_wish_counts_from_the_next_day_on(cast: Cast, stopped_clock: Traveller) -> None:
    agreed(cast.alice, cast.bob)
    few(1)
    wish(cast.alice, "twice_weekly")
    wish(cast.bob, "fortnightly")
    assert days(cast.alice)[0] == "2026-11-28"
    assert days(cast.bob)[0] == "2026-12-06"
    stopped_clock.shift(TWO_DAYS)
    assert days(cast.alice)[0] == days(cast.bob)[0] == "2026-12-06"
    wish(cast.bob, None)
    stopped_clock.shift(TWO_DAYS)
    assert days(cast.alice)[0] == "2026-11-28"


def test_a_more_frequent_wish_of_the_partner_changes_no_byte(cast: Cast, stopped_clock: Traveller) -> None:
    """Compare a partner without a wish to one who wishes for more dates than the reader."""
    agreed(cast.alice, cast.bob)
    wish(cast.alice, "monthly")
    stopped_clock.shift(TWO_DAYS)
    answers(cast.alice, QUESTIONS)
    twins = Twins()
    twins.part()
    wish(cast.bob, "twice_weekly")
    for _ in range(2):
        here, there = twins.both(lambda: answers(cast.alice, QUESTIONS))
        assert here == there
        stopped_clock.shift(TWO_DAYS)


@pytest.mark.parametrize("first", ["2026-11-24T19:00", "2026-12-10T19:00"])
def test_a_standing_date_counts_long_before_its_dates_are_made(cast: Cast, first: str) -> None:
    """The second date of this ritual is more than eight weeks away, so it does not exist yet."""
    wish(cast.alice, "quarterly")
    agreed_ritual(cast.alice, cast.bob, first, every="month", interval=3)
    few(1)
    assert days(cast.alice) == TODAY


def test_own_dates_and_called_off_ones_do_not_count(cast: Cast) -> None:
    wish(cast.alice, "weekly")
    own(cast.alice)
    date = agreed(cast.alice, cast.bob)
    few(1)
    cast.bob.post(f"/dates/{date['id']}/cancel", {"version": date["version"]})
    assert days(cast.alice) == TODAY


@pytest.mark.parametrize("cadence", ["hourly", 3, ["weekly"]])
def test_another_word_is_refused(alice: Person, cadence: object) -> None:
    body = {"interests": [], "causes": [], "cadence": cadence}
    assert alice.put("/me/profile", body, 422)["errors"][0]["field"].startswith("cadence")
    assert alice.get("/me/profile")["cadence"] is None
