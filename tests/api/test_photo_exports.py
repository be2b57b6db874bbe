"""Test exports with photos: how they are sent, and that none is short unnoticed."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from planner.photos import photos
from planner.photos.photo_readings import PhotoFiles
from planner.photos.photos import DATE, Subject
from planner.storage import db
from tests.api.answers import problem
from tests.conftest import NOON
from tests.exports import ask, unzip
from tests.people import PASSWORD, Cast, Person

on_both_databases = pytest.mark.both_databases


def fill(person: Person, sizes: list[int]) -> dict[str, bytes]:
    """Give a person photos of these sizes, and return the files by their names in the ZIP."""
    files = {}
    with db.connection():
        for number, size in enumerate(sizes):
            photo, subject, data = uuid4(), uuid4(), bytes([number % 256]) * size
            with db.write():
                picture = PhotoFiles(data, b"small", 640, 480)
                at = NOON + timedelta(seconds=number)
                photos.insert(UUID(person.id), photo, Subject(DATE, subject), "", picture, "-", at)
            files[f"photos/{photo}.webp"] = data
    return files


def begin(person: Person) -> TestResponse:
    """Ask for the private part, and read nothing of the answer yet."""
    body, headers = {"password": PASSWORD, "part": "private"}, {"Authorization": f"Bearer {person.token}"}
    return person.app.test_client().post("/v1/me/exports", json=body, headers=headers)


def pieces(answer: TestResponse) -> Iterator[bytes]:
    assert answer.status_code == 200
    return iter(answer.response)


@on_both_databases
@pytest.mark.parametrize("limit", [zipfile.ZIP64_LIMIT, 3000])
def test_the_length_is_known_before_the_photos_are_read(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """Send it as a ZIP of many gigabytes, too."""
    files = fill(cast.alice, [1, 2000, 200, 0, 70])
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", limit)
    answer = ask(cast.alice, "private")
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    archive = unzip(answer)
    assert archive.testzip() is None
    assert {name: archive.read(name) for name in archive.namelist() if name in files} == files
    assert [name for name in archive.namelist() if name.startswith("photos/")] == list(files)[::-1]


@on_both_databases
def test_an_export_holds_few_photos_in_memory(cast: Cast) -> None:
    fill(cast.alice, [1_000_000] * 30)
    ask(cast.alice, "private").close()
    tracemalloc.start()
    answer = begin(cast.alice)
    length = sum(map(len, pieces(answer)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert length > 30_000_000
    assert peak < 10_000_000


def exports_of(person: Person) -> int:
    """Return how many exports a person finds among the events of the account."""
    return [event["kind"] for event in person.get("/me/security-events?limit=100")["items"]].count("data_exported")


def test_photos_are_sent_to_a_person_once_at_a_time(cast: Cast) -> None:
    alice, bob = cast.alice, cast.bob
    for person in (alice, bob):
        fill(person, [100, 100])
    first = begin(alice)
    before = exports_of(alice)
    assert problem(ask(alice, "private"), 409)["reason"] == "export_running"
    assert exports_of(alice) == before, "a refused export is no event"
    assert unzip(ask(alice, "ordinary"))
    assert unzip(ask(bob, "private"))
    first.close()
    second = begin(alice)
    received = list(pieces(second))
    assert zipfile.ZipFile(io.BytesIO(b"".join(received))).testzip() is None
    assert unzip(ask(alice, "private"))


def test_the_next_export_may_begin_with_the_last_byte(cast: Cast) -> None:
    fill(cast.alice, [100])
    answer = begin(cast.alice)
    left, sent = int(answer.headers["Content-Length"]), pieces(answer)
    while left:
        left -= len(next(sent))
    assert ask(cast.alice, "private").status_code == 200


def test_a_photo_that_goes_meanwhile_makes_the_export_fail(cast: Cast) -> None:
    """Break the answer off: a person must not take a ZIP for complete from which a photo is missing."""
    fill(cast.alice, [100, 100])
    answer = begin(cast.alice)
    for photo in cast.alice.get("/photos")["items"]:
        cast.alice.delete(f"/photos/{photo['id']}")
    with pytest.raises(photos.NotFound):
        list(pieces(answer))
    assert ask(cast.alice, "private").status_code == 200
