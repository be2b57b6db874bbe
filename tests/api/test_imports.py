"""Moving house: what a person exported on one server comes back on another one."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from api.core.parsing import MOST_OBJECTS
from api.imports import MAX_ARCHIVE
from planner.accounts import caps
from planner.privacy.export_format import ORDINARY, PRIVATE
from tests.api.answers import problem
from tests.dates import START, agreed, move, own
from tests.exports import export
from tests.people import Cast, Person

on_both_databases = pytest.mark.both_databases

HEAD = {"format": "rekindle-export", "version": 1}
WEEK = timedelta(days=7)


def take_over(person: Person, archive: dict[str, Any], status: int = 200) -> Any:
    """Import an archive, and return the numbers of added, present and skipped things by kind."""
    # A header, because the helper would take the version of the archive for one of a thing.
    answer = person.request("POST", "/me/imports", archive, If_Match="*")
    assert answer.status_code == status, answer.get_data(as_text=True)
    if status != 200:
        return answer
    return {item["kind"]: (item["added"], item["present"], item["skipped"]) for item in answer.get_json()["items"]}


def of_another_server(archive: dict[str, Any]) -> dict[str, Any]:
    """Return an archive as another server would write it: with other ids for the activities of the catalogue."""
    moved = copy.deepcopy(archive)
    for thing in (*moved.get("dates", ()), *moved.get("own_dates", ()), *moved.get("votes", ())):
        if thing["slug"]:
            thing["activity"] = str(uuid4())
    return moved


def note(**changes: Any) -> dict[str, Any]:
    """Return a note as exports have it."""
    whole = {"id": str(uuid4()), "kind": "effort", "body": "You cooked.", "created_at": "2025-05-01T10:00:00.000Z"}
    return {**whole, "prompt": None, "date": None, **changes}


@on_both_databases
def test_a_person_finds_everything_of_their_own_again(cast: Cast, stopped_clock):
    alice, bob, new = cast.alice, cast.bob, cast.sam
    idea = alice.post("/activities", {"title": "Feed the ducks", "category": "outdoors", "for": "one"}, 201)["id"]
    card = alice.get("/deck")["items"][0]["id"]
    alice.put(f"/activities/{card}/vote", {"vote": "never"})
    alice.put("/me/profile", {"interests": ["nature"], "causes": [], "cost_band": 1})
    alice.request(
        "PUT",
        "/availability",
        {"windows": [{"kind": "free", "weekdays": ["friday"], "from": "18:00", "until": "22:00"}], "days": []},
        If_Match='"0"',
    )
    shared = agreed(alice, bob)
    own(alice, START + timedelta(hours=3), activity=idea, message="Bread")
    own(alice, START + WEEK, activity=idea)
    for text in ("You waited for me.", "You made tea."):
        stopped_clock.shift(timedelta(minutes=1))
        about = {"kind": "kindness", "body": text, "date_id": shared["id"]}
        written = alice.post("/notes", about, 201)
    alice.post(f"/notes/{written['id']}/share", {"version": 1})
    stopped_clock.move_to(START + timedelta(days=1))
    alice.sign_in_again()
    new.sign_in_again()
    move(alice, "feedback", shared)
    archive: dict[str, Any] = {}
    for part in (PRIVATE, ORDINARY):
        archive |= of_another_server(export(alice, part))

    all_added = {
        "ideas": (1, 0, 0),
        "dates": (2, 0, 0),
        "plans": (1, 0, 0),
        "notes": (2, 0, 0),
        "feedback": (1, 0, 0),
        "votes": (1, 0, 0),
        "profile": (1, 0, 0),
        "availability": (1, 0, 0),
    }
    assert take_over(new, archive) == all_added
    assert take_over(new, archive) == {kind: (0, added, 0) for kind, (added, _, _) in all_added.items()}

    notes = new.get("/notes")["items"]
    assert [(item["body"], item["state"]) for item in notes] == [
        ("You made tea.", "private"),
        ("You waited for me.", "private"),
    ]
    assert [item["created_at"] for item in notes] == [item["created_at"] for item in alice.get("/notes")["items"]]
    past, coming = (
        [date for date in new.get("/dates")["items"] if (date["state"] == "accepted") == ahead]
        for ahead in (False, True)
    )
    dates = {date["activity"]["title"]: date for date in past}
    assert dates.keys() == {"Feed the ducks", shared["activity"]["title"]}
    met = dates[shared["activity"]["title"]]
    assert (met["state"], met["slots"][0]["start"]) == ("completed", shared["slots"][0]["start"])
    assert met["id"] != shared["id"]
    assert [item["date_id"] for item in notes] == [met["id"], met["id"]]
    (coming,) = new.get("/dates?state=accepted")["items"]
    assert coming["activity"]["title"] == "Feed the ducks"
    assert new.get(f"/activities/{card}")["vote"] == "never"
    assert new.get("/me/profile")["cost_band"] == 1
    assert new.get("/availability")["windows"][0]["weekdays"] == ["friday"]
    assert new.get("/today")["couple"] is None


def test_what_is_here_already_stays(alice):
    alice.put("/me/profile", {"interests": ["music"], "causes": []})
    written = note()
    take_over(alice, {**HEAD, "part": "private", "private_notes": [written]})
    (mine,) = alice.get("/notes")["items"]
    alice.patch(f"/notes/{mine['id']}", {"body": "Better words."}, '"1"')
    profile = {"interests": ["nature"], "causes": []}
    again = take_over(alice, {**HEAD, "part": "private", "private_notes": [written], "profile": [profile]})
    assert again == {"notes": (0, 1, 0), "profile": (0, 1, 0)}
    assert [item["body"] for item in alice.get("/notes")["items"]] == ["Better words."]
    alice.delete(f"/notes/{mine['id']}")
    assert take_over(alice, {**HEAD, "private_notes": [written]}) == {"notes": (0, 1, 0)}
    assert alice.get("/notes")["items"] == []
    assert alice.get("/me/profile")["interests"] == ["music"]


def test_two_people_can_import_the_same_archive(cast: Cast):
    archive = {**HEAD, "private_notes": [note()]}
    assert take_over(cast.alice, archive) == take_over(cast.bob, archive) == {"notes": (1, 0, 0)}


def test_what_cannot_be_read_is_skipped_and_nothing_else(alice):
    notes = [
        note(),
        note(kind="reflection"),
        note(body=""),
        note(id="x"),
        note(created_at="soon"),
        {},
        note(body="\x00"),
    ]
    date = {"id": str(uuid4()), "activity": str(uuid4()), "slug": "no-such-idea", "title": "None", "state": "completed"}
    result = take_over(
        alice,
        {
            **HEAD,
            "private_notes": notes,
            "own_dates": [date],
            "own_ideas": [{"id": str(uuid4()), "content": {"title": "x" * 61, "category": "outdoors"}}],
            "votes": [{"activity": str(uuid4()), "slug": None, "vote": "like"}],
            "feedback": [{"date": str(uuid4()), "feeling": "lighter", "rating": 9}],
            "received": [{"from": "Bob"}],
            "a_new_list": 7,
        },
    )
    assert result == {
        "notes": (1, 0, 6),
        "dates": (0, 0, 1),
        "ideas": (0, 0, 1),
        "votes": (0, 0, 1),
        "feedback": (0, 0, 1),
    }


def test_a_time_of_the_future_is_not_believed(alice):
    take_over(alice, {**HEAD, "private_notes": [note(created_at="2099-01-01T00:00:00.000Z")]})
    (mine,) = alice.get("/notes")["items"]
    assert mine["created_at"] == "2026-11-23T12:00:00.000Z"


@pytest.mark.parametrize(
    "archive",
    [
        {},
        {**HEAD, "format": "another"},
        {**HEAD, "version": 2},
        {**HEAD, "private_notes": {}},
        {**HEAD, "private_notes": [7]},
        [],
        7,
    ],
)
def test_another_file_is_refused(alice, archive):
    problem(take_over(alice, archive, 422), 422)


def test_the_cap_of_notes_holds(alice, settings, monkeypatch):
    monkeypatch.setattr(caps, "_settings", replace(settings, max_notes=2))
    answer = take_over(alice, {**HEAD, "private_notes": [note() for _ in range(3)]}, 409)
    assert problem(answer, 409)["reason"] == "too_many_notes"
    assert alice.get("/notes")["items"] == []


def test_an_archive_may_be_larger_than_other_bodies(alice):
    notes = [note(body="x" * 4000) for _ in range(30)]
    assert take_over(alice, {**HEAD, "private_notes": notes}) == {"notes": (30, 0, 0)}
    assert MAX_ARCHIVE > 10_000_000


@on_both_databases
def test_a_list_or_a_body_with_too_much_in_it_is_refused(alice):
    problem(take_over(alice, {**HEAD, "private_notes": [{}] * 20_001}, 422), 422)
    problem(take_over(alice, {**HEAD, "a_new_list": [[]] * (MOST_OBJECTS + 1)}, 413), 413)


@pytest.mark.parametrize(
    ("start", "end"), [("2026-01-01T10:00", "2026-01-01T09:00"), ("2026-01-01T10:00", "2199-01-01T10:00")]
)
def test_a_date_of_an_impossible_length_is_skipped(alice, start, end):
    activity = alice.get("/activities?limit=1")["items"][0]
    slot = {"start": f"{start}:00.000Z", "end": f"{end}:00.000Z", "local_time": start, "zone": "UTC", "days": None}
    date = {"id": str(uuid4()), "activity": str(uuid4()), "slug": activity["slug"], "title": None, "slots": [slot]}
    date |= {"state": "completed", "created_at": "2026-01-01T00:00:00.000Z", "message": None, "place": None}
    assert take_over(alice, {**HEAD, "own_dates": [date]}) == {"dates": (0, 0, 1)}
