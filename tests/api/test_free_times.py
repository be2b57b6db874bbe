"""Test free times over HTTP: what counts in them, and what a partner can learn from them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from time_machine import Traveller

from tests.api.test_availability import set_hours, share
from tests.api.test_suggestions import few
from tests.dates import agreed, offer, own, slot
from tests.people import Person, activity_id
from tests.spaces import take
from tests.twins import CHOSEN_FOR_TWO, World, difference, from_here

pytestmark = pytest.mark.both_databases

WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def never(*weekdays: str, begins: str = "00:00", ends: str = "00:00", label: str | None = None) -> dict[str, Any]:
    return {"kind": "never", "weekdays": weekdays or WEEK, "from": begins, "until": ends, "label": label}


def free(*weekdays: str, begins: str, ends: str) -> dict[str, Any]:
    return {**never(*weekdays, begins=begins, ends=ends), "kind": "free"}


def times(person: Person, query: str = "") -> list[str]:
    return [item["local_time"] for item in person.get(f"/free-times?{query}")["items"]]


def test_times_suit_one_until_both_agree(alice: Person, bob: Person) -> None:
    set_hours(alice, free("friday", begins="18:00", ends="22:00"))
    set_hours(bob, never("friday"))  # in New York
    for people in ((), (alice,)):
        share(*people)
        answer = alice.get("/free-times")
        assert (answer["for"], answer["items"][0]["local_time"]) == ("one", "2026-11-27T19:00")
        assert answer["items"][0]["reason"] == "usually_free"
    share(bob)
    answer = alice.get("/free-times")
    assert answer["for"] == "two"
    assert answer["items"]
    assert not [item for item in answer["items"] if "2026-11-27T05" < item["local_time"] < "2026-11-28T05"]
    assert alice.get("/free-times?for=one")["items"][0]["local_time"] == "2026-11-27T19:00"
    ours = {item["local_time"] for item in bob.get("/free-times?from=2026-11-28&to=2026-11-28")["items"]}
    assert ours
    offered = bob.get("/free-times")["items"][0]
    chosen = {name: offered[name] for name in ("local_time", "zone", "minutes")}
    offer(bob, slots=[chosen])


def test_agreed_dates_of_both_and_alone_are_taken(alice: Person, bob: Person) -> None:
    evening = datetime(2026, 11, 24, 19)
    query = "from=2026-11-24&to=2026-11-24&minutes=240"
    for person in (alice, bob):
        set_hours(person, never(begins="00:00", ends="18:00"))
    set_hours(bob)
    share(alice, bob)
    assert times(alice, query) == ["2026-11-24T19:00"]
    own(bob, evening)
    assert times(alice, query) == []
    hints = [each["constraint"] for each in alice.get(f"/free-times?{query}")["relax"]]
    assert hints == ["minutes", "range"], "her hours leave time for her alone"
    assert alice.get(f"/free-times?{query}&for=one")["items"]
    agreed(alice, bob, slots=[slot(evening + timedelta(days=1))])
    tomorrow = query.replace("-24", "-25")
    assert alice.get(f"/free-times?{tomorrow}&for=one")["relax"] == [
        {
            "constraint": "no_label",
            "text": "Your hours that are never possible leave no time. Could you free some of them?",
        },
        {"constraint": "dates", "text": "Dates that you have agreed on are in the way."},
        {"constraint": "minutes", "text": "A shorter time would fit."},
        {"constraint": "range", "text": "Later days would fit."},
    ]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("from=2026-11-22", "from", "day_passed"),
        ("to=2026-12-22", "to", "day_not_in_range"),
        ("from=2026-12-02&to=2026-12-01", "to", "ends_too_early"),
        ("minutes=14", "minutes", "out_of_range"),
        ("activity=1", "activity", "not_an_id"),
    ],
)
def test_wrong_questions_are_refused(sam: Person, query: str, field: str, code: str) -> None:
    (error,) = sam.get(f"/free-times?{query}", 422)["errors"]
    assert (error["field"], error["code"]) == (field, code)


def test_a_person_alone_has_times_of_their_own(sam: Person) -> None:
    assert sam.get("/free-times")["for"] == "one"
    assert sam.get("/free-times?for=two", 409)["reason"] == "no_partner"
    assert times(sam, "from=2026-12-21")[0] == "2026-12-21T19:00"


def test_an_activity_brings_its_hours_and_its_length(alice: Person) -> None:
    few(1, lead_days=3, time_of_day=("morning",), duration_min=60, duration_max=120)
    activity = alice.get("/suggestions")["items"][0]["activity"]["id"]
    items = alice.get(f"/free-times?activity={activity}")["items"]
    assert {item["local_time"][11:] for item in items} == {"10:00"}
    assert min(item["local_time"] for item in items) == "2026-11-26T10:00"
    assert {item["minutes"] for item in items} == {120}
    short = alice.get(f"/free-times?activity={activity}&minutes=75")["items"]
    assert {item["minutes"] for item in short} == {75}
    (error,) = alice.get(f"/free-times?activity={activity}&minutes=45", 422)["errors"]
    assert (error["code"], error["params"]) == ("shorter_than_activity", {"least": 60})
    alice.get("/free-times?activity=3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77", 404)


def test_suggestions_for_soon_and_slots_prefer_free_times(alice: Person, bob: Person) -> None:
    few(1, time_of_day=("evening",), duration_min=60, duration_max=90)
    (plain,) = alice.get("/suggestions")["items"]
    assert (plain["first_day"], plain["slots"]) == ("2026-11-23", [])
    path = f"/activities/{plain['activity']['id']}/slots"
    set_hours(alice, free("thursday", begins="20:00", ends="23:00"))
    (idea,) = alice.get("/suggestions")["items"]
    thursdays = ["2026-11-26T20:00", "2026-12-03T20:00"]
    assert (idea["first_day"], [each["local_time"] for each in idea["slots"]]) == ("2026-11-26", thursdays)
    assert [each["local_time"] for each in alice.get(path)["slots"]] == thursdays
    assert alice.get("/suggestions?from=18:00&to=22:00")["items"][0]["first_day"] == "2026-11-23", "the hours are named"
    set_hours(bob, never("thursday"))
    assert alice.get("/suggestions")["items"] == [idea]
    share(alice, bob)
    (common,) = alice.get("/suggestions")["items"]
    assert not {each["local_time"] for each in common["slots"]} & set(thursdays)
    set_hours(alice, never())
    assert alice.get("/suggestions")["items"][0]["first_day"] == "2026-11-23", "no idea is lost"
    assert alice.get(path)["slots"] == []


def everything(ben: Person) -> list[Any]:
    """Return all that Ben reads of times."""
    activity = activity_id(party="two", pace=2, time_of_day=("evening",))
    paths = (
        "/free-times", "/free-times?from=2026-11-26&to=2026-11-26&minutes=600", f"/free-times?activity={activity}",
        "/suggestions", f"/activities/{activity}/slots", "/availability", "/today", "/dates", "/inbox",
    )  # fmt: skip
    return [(path, ben.request("GET", path)) for path in paths]


def texts(answers: list[Any]) -> list[tuple[str, str, Any]]:
    return [(path, answer.get_data(as_text=True), answer.headers.get("ETag")) for path, answer in answers]


ACTS = {
    "hours": lambda ada: set_hours(ada, never(begins="18:00", ends="23:00", label="work")),
    "a consent": lambda ada: share(ada),
    "hours and a consent": lambda ada: (set_hours(ada, never("friday")), share(ada)),
    "a date alone": lambda ada: own(ada, datetime(2026, 11, 26, 19)),
}


@pytest.mark.parametrize(
    ("act", "agreed_by_ben"), [(act, False) for act in ACTS] + [("hours", True), ("a date alone", True)]
)
def test_without_both_consents_the_partner_reads_nothing(
    alice: Person, bob: Person, act: str, agreed_by_ben: bool, stopped_clock: Traveller
) -> None:
    set_hours(bob, free("thursday", "friday", begins="15:00", ends="20:00"))
    share(bob, shared=agreed_by_ben)
    before = texts(everything(bob))
    ACTS[act](alice)
    assert texts(everything(bob)) == before


def test_a_quiet_space_of_the_partner_changes_no_time(alice: Person, bob: Person, stopped_clock: Traveller) -> None:
    set_hours(alice, never("friday"))
    share(alice, bob)
    before = texts(everything(bob))
    take(alice)
    assert texts(everything(bob)) == before
    assert alice.get("/free-times")["for"] == "one", "in space, her times are hers alone"
    assert alice.get("/availability")["common"]


def test_partners_with_the_same_common_times_look_alike(
    app: Flask, alice: Person, bob: Person, stopped_clock: Traveller
) -> None:
    """Let Ada have two lives that leave Ben the same common times. He reads the same bytes."""
    set_hours(bob, never(begins="06:00", ends="17:00", label="work"), free(begins="18:00", ends="21:00"))
    share(alice, bob)
    evening = {"begins": "17:00", "ends": "20:00"}
    fridays = [{**never(**evening), "day": f"2026-{day}"} for day in ("11-27", "12-04", "12-11", "12-18")]
    days = [{name: day[name] for name in ("kind", "day", "from", "until")} for day in fridays]
    for person in (alice, bob):
        person.patch("/me", {"zone": "Europe/Lisbon"}, "*")
    stopped_clock.shift(timedelta(days=1))

    def quiet_hours() -> None:
        set_hours(alice, never("friday", **evening, label="quiet"))

    def plans_and_children() -> None:
        set_hours(alice, never(begins="08:00", ends="15:00", label="children"), days=days[1:])
        own(alice, datetime(2026, 11, 27, 17), slots=[slot(datetime(2026, 11, 27, 17), minutes=180)])

    first, second = World(stopped_clock, alice, bob), World(stopped_clock, alice, bob)
    for world, live in zip(
        (first, second), from_here(World(stopped_clock, alice, bob), quiet_hours, plans_and_children), strict=True
    ):
        live()
        world.look(*CHOSEN_FOR_TWO, "/free-times?from=2026-11-27&to=2026-11-27", "/free-times?minutes=600")
    assert difference(first, second) is None
    read = next(line.answer for line in second.lines if "from=2026-11-27" in line.asked)
    assert '"for":"two"' in read
    assert "2026-11-27T20:00" in read
    assert "2026-11-27T19:00" not in read
