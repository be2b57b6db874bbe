"""Test uploads of photos over HTTP: what is refused, what a repeat does, and what limits a person."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from planner.child_readers import ReadingFault
from planner.contact.contact_log import ContactEvent
from planner.photos import photo_readings, photos
from planner.storage import db
from tests.api.answers import problem
from tests.conftest import SETTINGS
from tests.dates import agreed
from tests.people import Cast, Person
from tests.photos import FAKE, memory, upload

pytestmark = pytest.mark.usefixtures("quick_photos")

NOTE = {"note_id": str(uuid4())}


def share(author: Person, note: dict[str, Any], status: int = 200) -> Any:
    version = author.get(f"/notes/{note['id']}")["version"]
    return author.post(f"/notes/{note['id']}/share", {"version": version}, status)


def ids(answer: dict[str, Any]) -> list[str]:
    return [photo["id"] for photo in answer["items"]]


def spent(person: Person) -> int:
    left = person.get("/me")["allowance"]["shared"]
    return int(left["limit"] - left["left"])


def test_a_repeated_upload_is_the_same_photo(cast: Cast) -> None:
    date = agreed(cast.alice, cast.bob)
    body = {"id": str(uuid4()), "date_id": date["id"]}
    first = upload(cast.alice, **body)
    assert upload(cast.alice, **body) == first
    assert (spent(cast.alice), len(cast.alice.get("/photos")["items"])) == (1, 1)
    for person, more in ((cast.alice, {"caption": "Other"}), (cast.bob, {})):
        refused = person.request("POST", "/photos", {"data": "aaaa", **body, **more})
        assert problem(refused, 422)["reason"] == "id_taken"
    cast.alice.delete(f"/photos/{first['id']}")
    upload(cast.alice, 422, **body)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"data": "aaaa"}, "only_one"), ({"data": "aaaa", **NOTE, "date_id": str(uuid4())}, "only_one"),
        ({"data": "a", **NOTE}, "not_encoded"), ({"data": "a*==", **NOTE}, "not_encoded"),
        ({"data": "", **NOTE}, "empty"), (NOTE, "required"), ({"data": 5, **NOTE}, "not_text"),
        ({"data": "aaaa", **NOTE, "caption": "x" * 301}, "too_long"),
        ({"data": "aaaa", **NOTE, "caption": "two\nlines"}, "more_than_one_line"),
    ],
)  # fmt: skip
def test_bad_uploads_are_refused(sam: Person, body: dict[str, Any], code: str) -> None:
    assert problem(sam.request("POST", "/photos", body), 422)["errors"][0]["code"] == code


def test_the_fault_of_a_file_is_named(sam: Person, real_photos: None, monkeypatch: pytest.MonkeyPatch) -> None:
    note = memory(sam)["id"]

    def refusal(data: bytes) -> Any:
        body = {"data": base64.b64encode(data).decode(), "note_id": note}
        return problem(sam.request("POST", "/photos", body), 422)["errors"][0]

    assert (refusal(b"GIF89a")["field"], refusal(b"GIF89a")["code"]) == ("data", "not_a_photo")
    too_large = refusal(b"\xff\xd8\xff" + b"\0" * 10_000_000)
    assert (too_large["code"], too_large["params"]) == ("photo_too_large", {"most": 10})

    def fail(data: bytes) -> None:
        raise ReadingFault("too_many_pixels")

    monkeypatch.setattr(photo_readings, "read", fail)
    assert refusal(b"x")["message"] == "This photo has more than 25 megapixels. Make it smaller first."
    assert sam.get("/photos")["items"] == []


def test_a_note_of_another_kind_takes_no_photo(sam: Person) -> None:
    note = sam.post("/notes", {"kind": "effort", "body": "You cooked."}, 201)
    refused = sam.request("POST", "/photos", {"data": "aaaa", "note_id": note["id"]})
    assert problem(refused, 422)["errors"][0]["code"] == "not_a_memory"


def test_many_photos_at_once_wait_or_are_refused(sam: Person, real_photos: None) -> None:
    note = memory(sam)["id"]
    for _ in range(4):
        assert photo_readings._reader.waiting.acquire(blocking=False)
    try:
        upload(sam, 503, note_id=note)
    finally:
        for _ in range(4):
            photo_readings._reader.waiting.release()
    upload(sam, note_id=note)


@pytest.mark.parametrize("settings", [replace(SETTINGS, max_photo_megabytes=1)])
def test_the_photos_of_a_person_have_a_limit(sam: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    half = FAKE._replace(large=b"x" * 400_000, small=b"")
    monkeypatch.setattr(photo_readings, "read", lambda data: half)
    note = memory(sam)["id"]
    photo = upload(sam, note_id=note)
    upload(sam, note_id=note)
    refused = problem(sam.request("POST", "/photos", {"data": "aaaa", "note_id": note}), 409)
    assert (refused["reason"], refused["params"]) == ("too_many_photos", {"most": 1})
    sam.delete(f"/photos/{photo['id']}")
    upload(sam, note_id=note)


def test_a_thing_has_a_dozen_photos_of_a_person(sam: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "MOST_OF_ONE", 2)
    note = memory(sam)["id"]
    upload(sam, note_id=note)
    upload(sam, note_id=note)
    refused = problem(sam.request("POST", "/photos", {"data": "aaaa", "note_id": note}), 409)
    assert refused["reason"] == "too_many_photos_here"
    upload(sam, note_id=memory(sam)["id"])


def test_own_photos_come_in_pages(sam: Person) -> None:
    note = memory(sam)["id"]
    added = [upload(sam, note_id=note)["id"] for _ in range(3)]
    first = sam.get("/photos?limit=2")
    second = sam.get(f"/photos?limit=2&after={first['next']}")
    assert sorted(ids(first) + ids(second)) == sorted(added)
    assert (len(first["items"]), second["next"]) == (2, None)


def test_a_pending_charge_is_not_left_when_a_photo_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "MOST_OF_ONE", 0)
    upload(cast.alice, 409, date_id=agreed(cast.alice, cast.bob)["id"])
    with db.connection():
        assert ContactEvent.select().where(ContactEvent.kind == "shared").count() == 0
