"""Test suggestions for the next two weeks: the first day of each idea, and hints on the true cause."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from tests.api.test_suggestions import few, ids, suggested
from tests.benchmarks import headlines
from tests.conftest import NOON
from tests.people import Person, pair
from tests.racing import strangers

Clock = time_machine.Traveller


def first_days(person: Person, query: str = "") -> set[tuple[str, int, str]]:
    return {(idea["first_day"], idea["lead_days"], idea["first_day_text"]) for idea in suggested(person, query)}


@pytest.mark.parametrize(
    ("lead_days", "first_day", "text"),
    [
        (0, "2026-11-23", "possible today"),
        (1, "2026-11-24", "plan about a day ahead: from Tue 24 Nov"),
        (10, "2026-12-03", "plan about 10 days ahead: from Thu 3 Dec"),
        (45, "2027-01-07", "plan about 45 days ahead: from Thu 7 Jan"),
    ],
)
def test_each_idea_for_soon_names_its_first_day(alice: Person, lead_days: int, first_day: str, text: str) -> None:
    few(1, lead_days=lead_days, time_of_day=("evening",))
    assert first_days(alice) == {(first_day, lead_days, text)}
    answer = alice.get("/suggestions")
    assert (answer["day"], answer["last_day"]) == ("2026-11-23", "2026-12-06")
    assert alice.get("/today")["idea"] == answer["items"][0]
    slots = alice.get(f"/activities/{answer['items'][0]['activity']['id']}/slots")["slots"]
    assert slots[0]["local_time"][:10] == first_day


def test_an_idea_by_day_with_long_preparation_is_for_the_next_weekend(alice: Person) -> None:
    few(1, lead_days=21, time_of_day=("morning",))
    assert first_days(alice) == {("2026-12-19", 21, "plan about 21 days ahead: from Sat 19 Dec")}
    slots = alice.get(f"/activities/{suggested(alice)[0]['activity']['id']}/slots")["slots"]
    assert slots[0]["local_time"][:10] == "2026-12-19"


def test_an_idea_is_for_tomorrow_when_its_time_of_day_is_over(alice: Person, stopped_clock: Clock) -> None:
    few(1, time_of_day=("evening",), duration_min=60)
    stopped_clock.move_to(datetime.fromisoformat("2026-11-23T21:00:00+00:00"))
    assert first_days(alice) == {("2026-11-24", 0, "from Tue 24 Nov")}  # a proposal needs an hour to be answered
    assert first_days(alice, "for=one") == {("2026-11-23", 0, "possible today")}
    assert first_days(alice, "for=one&from=17:00&to=20:30") == {("2026-11-24", 0, "from Tue 24 Nov")}


@pytest.mark.parametrize(("lead_days", "first_day"), [(0, "2026-12-01"), (3, "2026-12-01"), (9, "2026-12-02")])
def test_an_idea_waits_for_its_season(alice: Person, lead_days: int, first_day: str) -> None:
    few(1, lead_days=lead_days, seasons=("winter",))
    assert {day for day, _, _ in first_days(alice)} == {first_day}
    few(1, lead_days=lead_days, seasons=("spring",), version=9)
    assert ids(alice) == []


def test_a_day_or_an_interval_names_the_days_asked_for(alice: Person) -> None:
    few(1, lead_days=1, time_of_day=("afternoon",))
    assert first_days(alice, "day=2026-11-28") == {("2026-11-28", 1, "on Sat 28 Nov")}
    assert first_days(alice, "day=2026-11-23") == set()
    assert first_days(alice, "when=2026-11-28T10:00/2026-11-28T22:00") == {("2026-11-28", 1, "on Sat 28 Nov")}
    assert first_days(alice, "when=2026-11-28T20:00/2026-11-30T22:00") == {("2026-11-29", 1, "from Sun 29 Nov")}


def test_one_or_two_of_five_need_preparation(app: Flask, stopped_clock: Clock) -> None:
    people = [*strangers(app, "Ann", "Ben", "Sam")]
    pair(people[0], people[1], "together")
    for day in range(3):
        stopped_clock.move_to(NOON + timedelta(days=day))
        for person in people:
            for query in ("", "page=1", "page=2", "cost_band=1"):
                leads = [idea["lead_days"] for idea in suggested(person, query)]
                assert len(leads) == 5
                assert 1 <= sum(lead > 0 for lead in leads) <= 2, leads


@pytest.mark.parametrize("lead_days", [0, 7])
def test_if_only_one_kind_fits_the_list_is_still_full(alice: Person, lead_days: int) -> None:
    few(6, lead_days=lead_days)
    assert [idea["lead_days"] for idea in suggested(alice)] == [lead_days] * 5


def test_two_days_asked_on_one_day_give_two_lists(app: Flask, alice: Person) -> None:
    soon = ids(alice)
    first, second = ids(alice, "day=2026-11-28"), ids(alice, "day=2026-12-05")
    assert set(first) != set(second)
    assert (ids(alice, "day=2026-11-28"), ids(alice, "day=2026-12-05")) == (first, second)
    assert ids(alice) == soon
    (ann, ben) = strangers(app, "Ann", "Ben")
    pair(ann, ben)
    one = ids(ann, "for=one")
    for person in (ann, ben):
        ids(person, "day=2026-11-28")
        assert ids(person, "day=2026-12-05&for=one&page=1")
    assert ids(ann, "for=one") == one, "lists for days change nothing for soon"


def hints(person: Person, query: str) -> dict[str, int]:
    return {hint["limit"]: hint["matching"] for hint in person.get(f"/suggestions?{query}")["relax"]}


def test_hints_name_the_true_cause(app: Flask) -> None:
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben, "apart")
    few(3, lead_days=7, version=2)
    assert hints(ann, "day=2026-11-23") == {"day": 3, "lead_days": 3}
    assert hints(ann, "when=2026-11-23T08:00/2026-11-23T23:00") == {"day": 3, "lead_days": 3}
    few(3, seasons=("winter",), version=3)
    assert hints(ann, "day=2026-11-24") == {"day": 3}
    few(3, pace=4, version=4)
    assert hints(ann, "") == {"pace": 3}
    assert hints(ann, "for=one") == {}
    few(3, with_children="no", version=5)
    assert hints(ann, "children=present") == {"children": 3}
    few(3, cost_band=3, setting="away", version=6)
    assert hints(ann, "cost_band=1") == {"cost_band": 3}
    assert hints(ann, "setting=home") == {"setting": 3}
    few(3, version=7)
    assert hints(ann, "day=2020-01-01") == {"day": 3}


def test_a_busy_couple_meets_what_most_people_think_of_first(app: Flask, stopped_clock: Clock) -> None:
    for name in ("food and games, music and craft", "nothing known"):
        weeks: dict[str, Any] = headlines.live(app, name, stopped_clock.move_to)
        assert weeks.keys() == headlines.HEADLINES.keys(), weeks
