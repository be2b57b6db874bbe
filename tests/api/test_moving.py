"""Moving house: photos, reflections, promises, plans and choices, and what a repeat does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from planner.accounts import caps
from planner.privacy.export_format import ORDINARY, PRIVATE
from tests.api.answers import problem
from tests.api.test_imports import HEAD, note, of_another_server, on_both_databases, take_over
from tests.calendars import calendar, event
from tests.dates import START, agreed, move, own
from tests.exports import export, unzip
from tests.people import Cast, Person
from tests.photos import memory, upload
from tests.reflections import bodies, unlock
from tests.reflections import write as write_reflection
from tests.self_care import PLAN, choose

pytestmark = pytest.mark.usefixtures("quick_photos")


def archive_of(person: Person) -> dict[str, Any]:
    """Return both parts of an export in one, as the client merges them."""
    return of_another_server({**export(person, ORDINARY), **export(person, PRIVATE)})


def photos_of(person: Person, archive: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the photos that an import asks for."""
    answer = person.request("POST", "/me/imports", archive, If_Match="*")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return list(answer.get_json()["photos"])


def send(person: Person, photo: dict[str, Any], status: int = 201) -> Any:
    """Send a photo that an import asked for."""
    return upload(person, status, **{name: value for name, value in photo.items() if name != "file"})


@on_both_databases
def test_photos_find_their_notes_dates_and_ideas(cast: Cast, stopped_clock):
    alice, bob, new = cast.alice, cast.bob, cast.sam
    shared = agreed(alice, bob)
    idea = alice.post("/activities", {"title": "Feed the ducks", "category": "outdoors", "for": "one"}, 201)["id"]
    page, plain = memory(alice), alice.post("/notes", {"kind": "effort", "body": "You cooked."}, 201)
    upload(alice, note_id=page["id"], caption="The bench")
    stopped_clock.shift(1)
    upload(alice, date_id=shared["id"])
    stopped_clock.shift(1)
    upload(alice, activity_id=idea, caption="Ducks")
    stopped_clock.move_to(START + timedelta(days=1))
    alice.sign_in_again()
    new.sign_in_again()
    archive = archive_of(alice)
    archive["photos"] += [
        {**archive["photos"][0], "id": str(uuid4()), "note": plain["id"], "date": None, "activity": None},
        {**archive["photos"][0], "id": str(uuid4()), "note": None, "date": str(uuid4()), "activity": None},
    ]
    files = unzip(alice.request("POST", "/me/exports", {"password": "correct horse battery", "part": PRIVATE}))

    to_send = photos_of(new, archive)
    assert [photo["caption"] for photo in to_send] == ["The bench", "", "Ducks"]
    assert {photo["file"] for photo in to_send} < set(files.namelist())
    for photo in to_send:
        send(new, photo)
        send(new, photo)  # its answer was lost
    assert sorted(photo["caption"] for photo in new.get("/photos")["items"]) == ["", "Ducks", "The bench"]
    (mine,) = [item for item in new.get("/notes")["items"] if item["kind"] == "memory"]
    assert [photo["caption"] for photo in mine["photos"]] == ["The bench"]
    assert take_over(new, archive)["photos"] == (0, 3, 2)
    assert photos_of(new, archive) == []
    new.delete(f"/photos/{mine['photos'][0]['id']}")
    assert photos_of(new, archive) == [], "one that was deleted here does not come back"


def test_a_note_that_was_shared_here_takes_no_more_photos(cast: Cast):
    alice, bob = cast.alice, cast.bob
    archive = {**HEAD, "private_notes": [note(kind="memory")]}
    about = archive["private_notes"][0]["id"]
    archive["photos"] = [{"id": str(uuid4()), "file": "photos/x.webp", "caption": "", "note": about}]
    archive["photos"][0]["created_at"] = "2025-05-01T10:00:00.000Z"
    (photo,) = photos_of(alice, archive)
    (mine,) = alice.get("/notes")["items"]
    alice.post(f"/notes/{mine['id']}/share", {"version": 1})
    send(alice, photo, 409)
    assert photos_of(alice, archive) == []
    assert bob.get("/notes?from=partner")["items"][0]["photos"] == []


@on_both_databases
def test_reflections_are_encrypted_anew(cast: Cast, stopped_clock):
    alice, new = cast.alice, cast.sam
    suggestion = alice.get("/reflections/suggestion")
    write_reflection(alice, "It was about being heard.", task=suggestion["task"])
    stopped_clock.shift(timedelta(hours=1))
    write_reflection(alice, "And about sleep.")
    archive = archive_of(alice)
    archive["private_notes"] = [note()]
    refused = take_over(new, archive, 409)
    assert problem(refused, 409)["reason"] == "reflections_locked"
    assert new.get("/notes")["items"] == [], "nothing was added"
    unlock(new)
    assert take_over(new, archive)["reflections"] == (2, 0, 0)
    assert take_over(new, archive)["reflections"] == (0, 2, 0)
    assert bodies(new) == bodies(alice) == ["And about sleep.", "It was about being heard."]
    moved, original = (person.get("/reflections")["items"] for person in (new, alice))
    for name in ("question", "task", "created_at"):
        assert [item[name] for item in moved] == [item[name] for item in original]
    assert [item["text"] for item in export(new, PRIVATE)["reflections"]] == [
        item["text"] for item in archive["reflections"]
    ]


def test_reflections_that_the_old_password_did_not_open_stay(alice):
    unlock(alice)
    locked = {"id": str(uuid4()), "question": None, "text": None, "locked": True}
    locked["created_at"] = "2025-05-01T10:00:00.000Z"
    assert take_over(alice, {**HEAD, "reflections": [locked]}) == {"reflections": (0, 0, 1)}


def test_the_cap_of_reflections_holds(alice, settings, monkeypatch):
    unlock(alice)
    monkeypatch.setattr(caps, "_settings", replace(settings, max_reflections=1))
    pages = [
        {"id": str(uuid4()), "question": None, "text": text, "created_at": "2025-05-01T10:00:00.000Z"} for text in "ab"
    ]
    refused = take_over(alice, {**HEAD, "reflections": pages}, 409)
    assert problem(refused, 409)["reason"] == "too_many_reflections"
    assert bodies(alice) == []


@on_both_databases
def test_promises_come_with_their_days(cast: Cast, stopped_clock):
    alice, new = cast.alice, cast.sam
    kept = alice.post("/commitments", {"body": "Put the phone away at dinner."}, 201)
    over = alice.post("/commitments", {"body": "Walk to work."}, 201)
    stopped_clock.shift(timedelta(days=2))
    alice.sign_in_again()
    new.sign_in_again()
    for day in ("2026-11-23", "2026-11-25"):
        alice.put(f"/commitments/{kept['id']}/days/{day}", {})
    alice.patch(f"/commitments/{over['id']}", {"ended": True}, '"1"')
    archive = archive_of(alice)
    archive["commitments"][0]["days"] += ["2026-11-23", "2026-11-22", "2031-01-01"]
    assert take_over(new, archive)["commitments"] == (2, 0, 0)
    assert take_over(new, archive)["commitments"] == (0, 2, 0)
    (mine,) = new.get("/commitments")["items"]
    assert (mine["body"], mine["days"]) == ("Put the phone away at dinner.", ["2026-11-23", "2026-11-25"])
    assert mine["created_at"] == kept["created_at"]
    (ended,) = new.get("/commitments?show=ended")["items"]
    assert ended["body"] == "Walk to work."


def test_a_sixth_open_promise_stays_in_the_file(alice):
    for number in range(4):
        alice.post("/commitments", {"body": f"Promise {number}"}, 201)
    more = [
        {"id": str(uuid4()), "body": text, "created_at": "2025-05-01T10:00:00.000Z", "ended_at": None, "days": []}
        for text in "ab"
    ]
    assert take_over(alice, {**HEAD, "commitments": more}) == {"commitments": (1, 0, 1)}


def test_important_days_come_once_also_if_they_were_typed_here(cast: Cast):
    alice, new = cast.alice, cast.sam
    birthday = {"kind": "birthday", "title": None, "birthday_of": "me", "month": 5, "day": 2, "year": 1988}
    theirs = {**birthday, "birthday_of": "partner", "month": 6}
    leap = {"kind": "own", "title": "Leap", "month": 2, "day": 29, "year": None}
    for day in (birthday, leap, theirs):
        alice.post("/important-days", day, 201)
    new.post("/important-days", birthday, 201)
    archive = archive_of(alice)
    archive["important_days"].append({**archive["important_days"][0], "month": 2, "day": 30})
    assert take_over(new, archive)["important_days"] == (2, 1, 1)
    assert take_over(new, archive)["important_days"] == (0, 3, 1)
    days = new.get("/important-days")["items"]
    assert {day["state"] for day in days} == {"private"}
    (moved,) = (day for day in days if day["month"] == 6)
    assert (moved["birthday_of"], moved["title"]) == ("other", "Birthday")
    new.patch(f"/important-days/{moved['id']}", {"title": "Bo"}, '"1"')
    assert take_over(new, archive)["important_days"] == (0, 3, 1)


@on_both_databases
def test_a_plan_goes_on_where_it_was(cast: Cast, stopped_clock):
    alice, new = cast.alice, cast.sam
    plan = choose(alice)
    alice.patch(f"/me/self-care-plans/{plan['id']}", {"low_weeks": [2]}, '"1"')
    dates = {date["start"]: date for date in alice.get("/dates?limit=50")["items"] for date["start"] in [_begin(date)]}
    off = dates[sorted(dates)[1]]
    alice.post(f"/dates/{off['id']}/cancel", {"version": off["version"]})
    stopped_clock.shift(timedelta(days=2))
    alice.sign_in_again()
    new.sign_in_again()
    archive = archive_of(alice)
    for action in archive["self_care_plans"][0]["content"]["actions"]:
        action.update({"time_of_day": ["morning"], "of_a_newer_server": 1})
    first = take_over(new, archive)
    assert first["self_care_plans"] == (1, 0, 0)
    assert "plans" not in first, "its dates ahead are those of the plan"
    assert take_over(new, archive)["self_care_plans"] == (0, 1, 0)
    (mine,) = new.get("/me/self-care-plans")["items"]
    (theirs,) = alice.get("/me/self-care-plans")["items"]
    for name in ("slug", "title", "starts_on", "ends_on", "state", "low_weeks"):
        assert mine[name] == theirs[name]
    assert [(step["action"], step["local_time"]) for step in mine["steps"]] == [
        (step["action"], step["local_time"]) for step in theirs["steps"]
    ]
    states = [[step["state"] for step in each["steps"]] for each in (mine, theirs)]
    assert states[0] == ["open" if state == "off" else state for state in states[1]]
    assert {"over", "ahead"} <= set(states[0])
    assert len(new.get("/dates?limit=50")["items"]) == len(alice.get("/dates?limit=50")["items"]) - 1
    new.delete(f"/me/self-care-plans/{mine['id']}")
    assert [date["state"] for date in new.get("/dates")["items"]] == ["completed"]


def _begin(date: dict[str, Any]) -> str:
    return str(date["slots"][0]["start"])


def test_a_plan_that_does_not_fit_stays_in_the_file(cast: Cast):
    alice, new = cast.alice, cast.sam
    choose(alice)
    choose(new)
    archive = archive_of(alice)
    assert take_over(new, archive) == {"self_care_plans": (0, 0, 1)}
    strange = {**archive["self_care_plans"][0], "id": str(uuid4()), "starts_on": "2027-06-01"}
    assert take_over(new, {**HEAD, "self_care_plans": [strange]}) == {"self_care_plans": (0, 0, 1)}


def test_steps_that_do_not_fit_their_plan_are_left_out(cast: Cast, stopped_clock):
    alice, new = cast.alice, cast.sam
    choose(alice)
    stopped_clock.shift(timedelta(days=20))
    alice.sign_in_again()
    new.sign_in_again()
    archive = archive_of(alice)
    (plan,) = archive["self_care_plans"]
    past = archive["self_care_steps"][0]
    archive["self_care_steps"] += [
        {**past, "action": 11},
        {**past, "action": None},
        {**past, "action": 1},  # two steps with one date
        {**past, "plan": str(uuid4())},
    ]
    archive["self_care_plans"].append({**plan, "id": str(uuid4())})
    assert take_over(new, archive)["self_care_plans"] == (2, 0, 0)
    plans = new.get("/me/self-care-plans")["items"]
    assert sum(step["state"] == "over" for each in plans for step in each["steps"]) == len(PLAN.actions) - 1


@on_both_databases
def test_choices_come_unless_there_are_some(cast: Cast, stopped_clock):
    alice, new = cast.alice, cast.sam
    kind = alice.get("/support-kinds")["items"][0]
    ticks = {"kind": kind["kind"], "criteria": [], "questions": kind["questions"][:2]}
    alice.put("/me/support-checklists", ticks)
    chosen = alice.get("/me/preferences") | {"quiet_from": "21:00", "prompt_weekdays": ["monday"], "cue": "With tea."}
    alice.put("/me/preferences", chosen)
    shared = agreed(alice, cast.bob)
    stopped_clock.move_to(START + timedelta(days=1))
    alice.sign_in_again()
    new.sign_in_again()
    move(alice, "complete", shared)
    alice.put(f"/memories/{shared['id']}/hidden", {"hidden": True})
    archive = archive_of(alice)
    moved = take_over(new, archive)
    assert [moved[kind] for kind in ("checklists", "preferences", "hidden_memories")] == [(1, 0, 0)] * 3
    again = take_over(new, archive)
    assert [again[kind] for kind in ("checklists", "preferences", "hidden_memories")] == [(0, 1, 0)] * 3
    assert new.get("/me/support-checklists")["items"] == [ticks]
    assert new.get("/me/preferences") == chosen
    assert new.get("/memories")["items"] == []
    assert len(new.get("/memories?hidden=true")["items"]) == 1


@on_both_databases
def test_calendars_come_with_their_addresses(cast: Cast):
    alice, new = cast.alice, cast.sam
    work = {"name": "Work", "address": "https://calendar.example.org/private-5b1f/basic.ics", "all_day": True}
    alice.post("/busy-calendars", work, 201)
    alice.post("/busy-calendars/files", {"name": "Club", "text": calendar(event())}, 201)
    archive = archive_of(alice)
    archive["busy_calendars"].append({**archive["busy_calendars"][0], "address": "http://127.0.0.1/"})
    assert take_over(new, archive)["calendars"] == (1, 0, 1)
    assert take_over(new, archive)["calendars"] == (0, 1, 1)
    (mine,) = new.get("/busy-calendars")["items"]
    assert (mine["name"], mine["host"], mine["all_day"]) == ("Work", "calendar.example.org", True)


@on_both_databases
def test_copies_for_a_partner_and_retired_ideas_do_not_come_as_ideas(cast: Cast, stopped_clock):
    alice, bob, new = cast.alice, cast.bob, cast.sam
    texts = {"title": "Feed the ducks", "category": "outdoors", "for": "either", "pace": 1}
    ducks = alice.post("/activities", texts, 201)["id"]
    shown = agreed(alice, bob, activity=ducks)
    old = alice.post("/activities", {"title": "Count the boats", "category": "outdoors", "for": "one"}, 201)["id"]
    own(alice, START + timedelta(hours=3), activity=old)
    alice.post("/me/appointments", {"title": "With M.", "slots": [_slot_in(5)]}, 201)
    theirs = bob.post("/activities", {"title": "Bake", "category": "cook_taste", "for": "either", "pace": 1}, 201)["id"]
    from_bob = agreed(bob, alice, activity=theirs, slots=[_slot_in(8)])
    alice.delete(f"/activities/{old}")
    stopped_clock.move_to(START + timedelta(hours=20))
    for person in (alice, new):
        person.sign_in_again()
    archive = archive_of(alice)
    assert take_over(new, archive) == {"ideas": (1, 0, 0), "dates": (4, 0, 0)}
    assert take_over(new, archive) == {"ideas": (0, 1, 0), "dates": (0, 4, 0)}
    titles = {date["activity"]["title"]: date["activity"] for date in new.get("/dates")["items"]}
    assert set(titles) == {"Feed the ducks", "Count the boats", "With M.", "Bake"}
    (idea,) = own_ideas(new)
    assert titles["Feed the ducks"]["id"] == idea["id"]
    assert titles["Count the boats"]["category"] == "outdoors"
    assert shown["id"] != from_bob["id"]


def own_ideas(person: Person) -> list[dict[str, Any]]:
    """Return the own ideas with these words."""
    found = person.get("/activities?q=ducks&limit=100")["items"]
    return [item for item in found if item["source"] == "me"]


def _slot_in(hours: int) -> dict[str, Any]:
    start = START + timedelta(hours=hours)
    return {"local_time": start.strftime("%Y-%m-%dT%H:%M"), "zone": "UTC", "minutes": 60}


def test_a_message_of_the_partner_stays_in_the_file(cast: Cast, stopped_clock):
    alice, bob, new = cast.alice, cast.bob, cast.sam
    agreed(bob, alice, message="I bring soup.")
    stopped_clock.move_to(START + timedelta(days=1))
    for person in (alice, new):
        person.sign_in_again()
    take_over(new, archive_of(alice))
    (moved,) = new.get("/dates")["items"]
    assert moved["message"] is None


def test_the_parts_can_come_one_after_the_other(cast: Cast, stopped_clock):
    alice, bob, new = cast.alice, cast.bob, cast.sam
    texts = {"title": "Feed the ducks", "category": "outdoors", "for": "either", "pace": 1}
    shared = agreed(alice, bob, activity=alice.post("/activities", texts, 201)["id"])
    stopped_clock.move_to(START + timedelta(days=1))
    for person in (alice, new):
        person.sign_in_again()
    page = memory(alice, date_id=shared["id"])
    assert page["date_id"] == shared["id"]
    for part in (ORDINARY, PRIVATE, ORDINARY):
        take_over(new, of_another_server(export(alice, part)))
    (date,) = new.get("/dates")["items"]
    assert date["activity"]["title"] == "Feed the ducks"
    assert [item["title"] for item in own_ideas(new)] == ["Feed the ducks"]
    (mine,) = new.get("/notes")["items"]
    assert mine["date_id"] == date["id"]


def test_the_prompt_of_a_note_is_found_again(cast: Cast):
    alice, new = cast.alice, cast.sam
    prompt = alice.get("/prompts/today")["id"]
    alice.post("/notes", {"kind": "effort", "body": "You cooked.", "prompt_id": prompt}, 201)
    take_over(new, archive_of(alice))
    assert new.get("/notes")["items"][0]["prompt_id"] == prompt


def test_an_export_of_this_account_is_refused(alice):
    alice.post("/notes", {"kind": "effort", "body": "You cooked."}, 201)
    refused = take_over(alice, export(alice, PRIVATE), 409)
    assert problem(refused, 409)["reason"] == "export_of_this_account"
    assert len(alice.get("/notes")["items"]) == 1
