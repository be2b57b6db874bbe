"""Preferences: which kinds ring, how early, not in quiet hours, and rarely. What does not ring is in the inbox."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from time_machine import Traveller

from planner import clock, scheduler
from planner.notifications import deliveries
from planner.notifications.channels import CHANNELS
from planner.notifications.deliveries import Delivery
from planner.storage import db
from tests.channels import Calling
from tests.conftest import NOON
from tests.dates import agreed, instant, light, move, offer, on_wall, own, slot
from tests.exports import export
from tests.people import Cast, Person
from tests.racing import together
from tests.spaces import share, take

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
QUESTION = "Your question of the day is here."
NOTE = "Your partner has shared a note with you."
LATE = "Some things are waiting for you."
ALL_DAY = {"quiet_from": None, "quiet_until": None}


class Phones:
    """What rang, as (time, sentence), by person."""

    def __init__(self) -> None:
        self.rung: list[tuple[object, str, str]] = []

    def ring(self, delivery, person, text) -> None:
        self.rung.append((clock.utcnow(), str(person), text))

    def of(self, person: Person) -> list[str]:
        return [text for _, who, text in self.rung if who == person.id]


@pytest.fixture
def phones(monkeypatch) -> Phones:
    """Return phones on which push rings. All that the cast got before is old."""
    made = Phones()
    for name in list(CHANNELS):
        monkeypatch.delitem(CHANNELS, name)
    monkeypatch.setitem(CHANNELS, "push", Calling(made.ring))
    return made


def choose(person: Person, status: int = 200, **choices: object) -> dict:
    return person.put("/me/preferences", {**person.get("/me/preferences"), **choices}, status)


def only(group: str, channels: list[str]) -> dict:
    return {name: channels if name == group else [] for name in ("reminder", "proposal", "prompt", "note")}


def tick(stopped_clock: Traveller, at) -> None:
    stopped_clock.move_to(at)
    scheduler.tick(at)


def test_the_defaults_and_a_change(sam, alice):
    defaults = sam.get("/me/preferences")
    assert defaults == {
        "channels": {key: ["push", "mail"] for key in ("reminder", "proposal", "prompt", "note")},
        "day_before": True, "minutes_before": 120, "quiet_from": "22:00", "quiet_until": "08:00",
        "prompt_weekdays": [], "prompt_at": "19:00", "cue": None,
    }  # fmt: skip
    chosen = {
        "channels": only("note", ["push", "mail"]), "day_before": False, "minutes_before": 30, **ALL_DAY,
        "prompt_weekdays": ["monday", "friday"], "prompt_at": "07:05", "cue": "When the kettle is on.",
    }  # fmt: skip
    assert sam.put("/me/preferences", {**chosen, "prompt_weekdays": ["friday", "monday"]}) == chosen
    assert sam.get("/me/preferences") == chosen
    assert sam.put("/me/preferences", chosen) == chosen
    assert alice.get("/me/preferences") == defaults
    (exported,) = export(sam, "private")["notifications"]
    assert exported["cue"] == "When the kettle is on."


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"quiet_from": None}, "quiet_from", "both_needed"),
        ({"quiet_until": None}, "quiet_until", "both_needed"),
        ({"quiet_from": "25:00"}, "quiet_from", "not_a_time"),
        ({"minutes_before": 45}, "minutes_before", "not_a_choice"),
        ({"minutes_before": "60"}, "minutes_before", "not_a_number"),
        ({"minutes_before": True}, "minutes_before", "not_a_number"),
        ({"cue": "x" * 201}, "cue", "too_long"),
        ({"prompt_weekdays": ["monday", "friday", "sunday"]}, "prompt_weekdays", "too_many"),
        ({"prompt_weekdays": ["someday"]}, "prompt_weekdays.0", "not_a_choice"),
        ({"prompt_at": None}, "prompt_at", "null"),
        ({"channels": only("note", ["fax"])}, "channels.note.0", "not_a_choice"),
        ({"channels": {"note": []}}, "channels.prompt", "required"),
    ],
)
def test_a_wrong_choice_is_refused_at_its_field(sam, change, field, code):
    before = sam.get("/me/preferences")
    faults = choose(sam, 422, **change)["errors"]
    assert (field, code) in [(fault["field"], fault["code"]) for fault in faults]
    assert sam.get("/me/preferences") == before


def test_a_person_chooses_what_rings(cast, phones, stopped_clock):
    scheduler.tick(NOON)
    choose(cast.bob, **ALL_DAY, channels=only("proposal", ["push"]))
    choose(cast.alice, **ALL_DAY, channels=only("note", ["mail"]))
    phones.rung.clear()
    share(cast.alice)
    share(cast.bob)
    offer(cast.alice)
    scheduler.tick(NOON)
    assert phones.of(cast.bob) == ["Your partner has proposed a date."]
    assert phones.of(cast.alice) == [], "mail is another channel"
    assert "note_shared" in cast.bob.inbox()
    assert "note_shared" in cast.alice.inbox()


def test_what_only_changes_the_two_rings_nowhere_and_a_sign_in_always(cast, phones, app, stopped_clock):
    scheduler.tick(NOON)
    for person in (cast.alice, cast.bob):
        choose(person, **ALL_DAY, channels=only("note", []))
    phones.rung.clear()
    cast.alice.put("/me/rhythm", {"rhythm": "gentle"})
    body = {"sign_in_name": cast.bob.sign_in_name, "password": "correct horse battery"}
    assert app.test_client().post("/v1/sign-ins", json=body).status_code == 201
    scheduler.tick(NOON)
    assert "rhythm_calmer" in cast.bob.inbox()
    assert [text[:24] for text in phones.of(cast.bob)] == ["There was a new sign-in "]


def test_a_reminder_comes_as_early_as_the_person_chose(cast, phones, stopped_clock):
    date = agreed(cast.alice, cast.bob)
    choose(cast.bob, **ALL_DAY, day_before=False, minutes_before=30)
    scheduler.tick(NOON)
    phones.rung.clear()
    starts = instant(date["slots"][0]["start"])
    assert cast.bob.get(f"/dates/{date['id']}")["reminders"] == [_text(starts - 30 * MINUTE)]
    assert cast.alice.get(f"/dates/{date['id']}")["reminders"] == [_text(starts - DAY), _text(starts - 2 * HOUR)]
    for at in (starts - DAY, starts - 2 * HOUR, starts - 31 * MINUTE):
        tick(stopped_clock, at)
        assert phones.of(cast.bob) == []
    assert "date_soon" in cast.bob.inbox(), "the item is in the app before the phone rings"
    tick(stopped_clock, starts - 30 * MINUTE)
    assert phones.of(cast.bob) == ["Your date starts soon."]
    assert phones.of(cast.alice) == ["You have a date tomorrow.", "Your date starts soon."]
    tick(stopped_clock, starts)
    assert cast.bob.get(f"/dates/{date['id']}")["reminders"] == []


def _text(at) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_lists_have_the_reminders_and_open_or_cancelled_dates_have_none(cast):
    date, open_one = agreed(cast.alice, cast.bob), offer(cast.bob)
    listed = {item["id"]: item["reminders"] for item in cast.alice.get("/dates")["items"]}
    assert len(listed[date["id"]]) == 2
    assert listed[open_one["id"]] == []
    assert len(cast.alice.get("/today")["dates"][0]["reminders"]) == 2
    move(cast.alice, "cancel", date)
    assert cast.alice.get(f"/dates/{date['id']}")["reminders"] == []


def test_quiet_hours_hold_a_push_to_their_end(cast, phones, stopped_clock):
    scheduler.tick(NOON)
    evening = NOON + 11 * HOUR  # 23:00 in Lisbon
    stopped_clock.move_to(evening)
    phones.rung.clear()
    share(cast.bob)
    for at in (evening, evening + HOUR, NOON + 20 * HOUR - MINUTE):
        tick(stopped_clock, at)
        assert phones.of(cast.alice) == []
    assert cast.alice.inbox()[0] == "note_shared", "it is in the inbox at once"
    tick(stopped_clock, NOON + 20 * HOUR)
    assert phones.of(cast.alice) == [NOTE], "held, and so not late"


def test_a_date_that_begins_before_the_end_of_quiet_hours_rings_at_once(cast, phones, stopped_clock):
    choose(cast.alice, quiet_from="14:00", quiet_until="20:00")
    choose(cast.bob, **ALL_DAY)
    early, later = on_wall("2026-11-24T18:00"), on_wall("2026-11-24T21:30")
    dates = [agreed(cast.alice, cast.bob, activity=light(), slots=[slot(at, "Europe/Lisbon")]) for at in (early, later)]
    scheduler.tick(NOON)
    phones.rung.clear()
    for at in (instant(dates[0]["slots"][0]["start"]) - 2 * HOUR, instant(dates[1]["slots"][0]["start"]) - 2 * HOUR):
        tick(stopped_clock, at)
    assert phones.of(cast.alice).count("Your date starts soon.") == 1, "the later one waits"
    tick(stopped_clock, instant(dates[1]["slots"][0]["start"]) - 90 * MINUTE)
    assert phones.of(cast.alice).count("Your date starts soon.") == 2


def test_a_date_that_is_off_rings_at_once_if_it_was_soon(cast, phones, stopped_clock):
    choose(cast.alice, quiet_from="10:00", quiet_until="14:00")
    soon, far = NOON + 4 * HOUR, NOON + 3 * DAY
    dates = [agreed(cast.alice, cast.bob, activity=light(), slots=[slot(at)]) for at in (soon, far)]
    scheduler.tick(NOON)
    phones.rung.clear()
    for date in dates:
        move(cast.bob, "cancel", date)
    scheduler.tick(NOON)
    assert phones.of(cast.alice) == ["One of your dates is off."]
    tick(stopped_clock, NOON + 2 * HOUR)
    assert phones.of(cast.alice) == ["One of your dates is off."] * 2


def test_at_most_two_pushes_a_week_beside_those_of_dates(cast, phones, stopped_clock):
    date = agreed(cast.alice, cast.bob)
    choose(cast.bob, **ALL_DAY)
    scheduler.tick(NOON)
    phones.rung.clear()
    with db.connection(), db.write():
        Delivery.delete().execute()
    for hours in range(4):
        stopped_clock.move_to(NOON + hours * HOUR)
        share(cast.alice, f"You listened, {hours}.")
        scheduler.tick(clock.utcnow())
    assert phones.of(cast.bob) == [NOTE, NOTE]
    assert cast.bob.inbox().count("note_shared") == 4
    tick(stopped_clock, instant(date["slots"][0]["start"]) - HOUR)
    assert phones.of(cast.bob)[2:] == ["Your date starts soon."]
    stopped_clock.move_to(NOON + 7 * DAY + MINUTE)
    share(cast.alice, "You laughed.")
    scheduler.tick(clock.utcnow())
    assert phones.of(cast.bob).count(NOTE) == 3
    # The two of a week count also if they come at the same moment.
    for text in ("One.", "Two.", "Three."):
        share(cast.bob, text)
    scheduler.tick(clock.utcnow())
    assert phones.of(cast.alice).count(NOTE) == 2


@pytest.mark.both_databases
def test_several_clocks_at_once_push_no_third_time(cast, phones, monkeypatch):
    choose(cast.bob, **ALL_DAY)
    for number in range(6):
        share(cast.alice, f"You listened, {number}.")
    monkeypatch.setattr(deliveries, "BATCH", 1)

    def queue() -> None:
        with db.connection():
            while deliveries.queue(NOON):
                pass

    together(*[queue] * 4)
    scheduler.tick(NOON)
    assert phones.of(cast.bob).count(NOTE) == 2


def test_the_question_comes_on_the_chosen_days_at_the_chosen_hour(cast, phones, stopped_clock):
    sam, at = cast.sam, on_wall("2026-11-23T19:00").replace(tzinfo=NOON.tzinfo)
    choose(sam, prompt_weekdays=["monday", "tuesday"], prompt_at="19:00", cue="After dinner.")
    with db.connection():
        assert scheduler.next_due() <= at
    tick(stopped_clock, at - MINUTE)
    assert (sam.inbox(), phones.of(sam)) == ([], [])
    tick(stopped_clock, at)
    assert (sam.inbox(), phones.of(sam)) == (["prompt_of_day"], [QUESTION])
    scheduler.tick(at + MINUTE)
    assert sam.get("/inbox")["items"][0]["subject"] is None
    stopped_clock.move_to(at + 5 * HOUR)
    assert sam.inbox() == [], "it lasts as long as its day"
    tick(stopped_clock, at + DAY)
    assert phones.of(sam) == [QUESTION] * 2
    tick(stopped_clock, at + 2 * DAY)
    choose(sam, prompt_weekdays=[])
    tick(stopped_clock, at + 7 * DAY)
    assert phones.of(sam) == [QUESTION] * 2


def test_a_question_of_a_day_that_is_over_is_left_out(cast, phones, stopped_clock):
    choose(cast.sam, prompt_weekdays=["monday"], prompt_at="19:00")
    tick(stopped_clock, NOON + DAY)
    assert (cast.sam.inbox(), phones.of(cast.sam)) == ([], [])
    tick(stopped_clock, NOON + 7 * DAY + 8 * HOUR)
    assert cast.sam.inbox() == ["prompt_of_day"]


def test_space_silences_the_question_too(cast, phones, stopped_clock):
    choose(cast.bob, **ALL_DAY, prompt_weekdays=["monday"], prompt_at="10:00")  # 15:00 in UTC
    scheduler.tick(NOON)
    take(cast.bob)
    phones.rung.clear()
    tick(stopped_clock, NOON + 4 * HOUR)
    assert (cast.bob.inbox().count("prompt_of_day"), phones.of(cast.bob)) == (0, [])


def test_what_is_more_than_six_hours_late_comes_as_one_sentence(cast, phones, stopped_clock):
    for person in (cast.alice, cast.bob):
        choose(person, **ALL_DAY)
    scheduler.tick(NOON)
    phones.rung.clear()
    for text in ("One.", "Two."):
        share(cast.alice, text)
    own(cast.bob, NOON + 2 * DAY)  # its reminder of the day before is late by then, too
    late = NOON + DAY + 7 * HOUR
    tick(stopped_clock, late)
    share(cast.alice, "Three.")
    scheduler.tick(late)
    assert phones.of(cast.bob)[:1] == [LATE]
    assert phones.of(cast.bob).count(LATE) == 1
    scheduler.tick(late + HOUR)
    assert phones.of(cast.bob).count(LATE) == 1
    assert cast.bob.inbox().count("note_shared") == 3


def test_a_late_message_that_fails_is_tried_again(cast, monkeypatch, phones, stopped_clock):
    choose(cast.bob, **ALL_DAY)
    scheduler.tick(NOON)
    share(cast.alice, "One.")
    share(cast.alice, "Two.")
    tried = []

    def fail(delivery, person, text):
        tried.append(text)
        raise OSError

    monkeypatch.setitem(CHANNELS, "push", Calling(fail))
    tick(stopped_clock, NOON + 7 * HOUR)
    monkeypatch.setitem(CHANNELS, "push", Calling(phones.ring))
    phones.rung.clear()
    tick(stopped_clock, NOON + 7 * HOUR + 2 * MINUTE)
    assert (tried, phones.of(cast.bob)) == ([LATE], [LATE])


def test_what_a_person_chose_changes_nothing_for_the_partner(cast: Cast, phones, stopped_clock):
    answers = []
    quiet = {"quiet_from": "00:00", "quiet_until": "23:59"}
    for choices in ({}, {"channels": only("note", []), "day_before": False, **quiet}):
        choose(cast.bob, **choices)
        answers.append([json.dumps(cast.alice.get(path)) for path in ("/today", "/dates", "/couple", "/me", "/inbox")])
    assert answers[0] == answers[1]


def test_what_quiet_hours_hold_does_not_ring_in_a_space_that_begins_meanwhile(cast, phones, stopped_clock):
    scheduler.tick(NOON)
    stopped_clock.move_to(NOON + 12 * HOUR)
    scheduler.tick(clock.utcnow())
    phones.rung.clear()
    share(cast.bob)
    scheduler.tick(clock.utcnow())
    stopped_clock.shift(MINUTE)
    take(cast.alice)
    tick(stopped_clock, NOON + 21 * HOUR)
    assert NOTE not in phones.of(cast.alice)
    assert "note_shared" in cast.alice.inbox(), "it came before the space"
