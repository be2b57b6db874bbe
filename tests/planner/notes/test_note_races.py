"""Two phones of one author at the same moment: both orders of the requests leave matching rows."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from planner.contact.contact_log import ContactEvent
from planner.inbox import Item
from planner.notes.notes import Share
from planner.storage import db
from tests.people import Person
from tests.racing import statuses, together

pytestmark = pytest.mark.real_time

ROUNDS = 3


def written(author: Person) -> dict[str, Any]:
    note: dict[str, Any] = author.post("/notes", {"kind": "memory", "body": "Before."}, 201)
    return note


def in_view(reader: Person, note: dict[str, Any]) -> bool:
    """Tell whether the partner can read a note. The list, the note and the inbox must agree."""
    path = f"/notes/{note['id']}"
    views = {
        reader.request("GET", path).status_code == 200,
        note["id"] in [each["id"] for each in reader.get("/notes?from=partner&limit=100")["items"]],
        note["id"] in [(item["subject"] or {}).get("id") for item in reader.get("/inbox?limit=100")["items"]],
    }
    assert len(views) == 1
    return views.pop()


def charges(note: dict[str, Any]) -> int:
    with db.connection():
        return int(ContactEvent.select().where(ContactEvent.subject == UUID(note["id"])).count())


def sharing(author: Person, note: dict[str, Any]) -> tuple[Person, str, str, Any]:
    return author, "POST", f"/notes/{note['id']}/share", {"version": 1}


def test_sharing_from_four_phones_at_once_shares_once(alice: Person, bob: Person) -> None:
    for _ in range(ROUNDS):
        note = written(alice)
        assert statuses(*[sharing(alice, note)] * 4) == [200] * 4
        with db.connection():
            assert Share.select().where(Share.note == UUID(note["id"])).count() == 1
            assert Item.select().where(Item.subject == UUID(note["id"])).count() == 1
        assert (in_view(bob, note), charges(note)) == (True, 1)


def test_of_sharing_and_editing_at_once_one_succeeds(alice: Person, bob: Person) -> None:
    for _ in range(ROUNDS):
        note = written(alice)
        edit = partial(alice.request, "PATCH", f"/notes/{note['id']}", {"body": "After."}, If_Match='"1"')
        author, *request = sharing(alice, note)
        answers = sorted(answer.status_code for answer in together(partial(author.request, *request), edit))
        assert answers in ([200, 409], [200, 412]), "whichever comes second is refused"
        body = alice.get(f"/notes/{note['id']}")["body"]
        assert in_view(bob, note) == (body == "Before.")
        assert charges(note) == (1 if body == "Before." else 0)


def test_sharing_and_recalling_at_once_end_shared_or_recalled(alice: Person, bob: Person) -> None:
    for _ in range(ROUNDS):
        note = written(alice)
        shared, recalled = statuses(sharing(alice, note), (alice, "POST", f"/notes/{note['id']}/recall", {}))
        assert shared == 200
        assert recalled in (200, 409)
        assert in_view(bob, note) == (recalled == 409)
        assert charges(note) == 1


def test_sharing_and_deleting_at_once_leave_no_visible_note(alice: Person, bob: Person) -> None:
    for _ in range(ROUNDS):
        note = written(alice)
        shared, deleted = statuses(sharing(alice, note), (alice, "DELETE", f"/notes/{note['id']}", None))
        assert deleted == 204
        assert shared in (200, 404)
        assert not in_view(bob, note)
        assert charges(note) == (1 if shared == 200 else 0)


def test_of_edits_of_one_version_exactly_one_succeeds(alice: Person) -> None:
    note = written(alice)
    path = f"/notes/{note['id']}"
    edits = [partial(alice.request, "PATCH", path, {"body": str(number)}, If_Match='"1"') for number in range(5)]
    answers = together(*edits)
    (winner,) = [answer.get_json() for answer in answers if answer.status_code == 200]
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]
    assert alice.get(path) == winner


def test_a_create_sent_four_times_at_once_makes_one_note(alice: Person, bob: Person) -> None:
    body = {"id": str(uuid4()), "kind": "memory", "body": "Once."}
    assert statuses(*[(alice, "POST", "/notes", body)] * 4) == [201] * 4
    assert [note["id"] for note in alice.get("/notes")["items"]] == [body["id"]]
    taken = {**body, "id": str(uuid4())}
    assert sorted(statuses((alice, "POST", "/notes", taken), (bob, "POST", "/notes", taken))) == [201, 422]


def test_of_shares_at_once_only_the_last_allowed_one_succeeds(cast: Any) -> None:
    charlie, dana = cast.charlie, cast.dana
    for _ in range(6):
        charlie.post(f"/notes/{written(charlie)['id']}/share", {"version": 1})
    notes = [written(charlie) for _ in range(4)]
    assert sorted(statuses(*(sharing(charlie, note) for note in notes))) == [200, 409, 409, 409]
    assert len(dana.get("/notes?from=partner")["items"]) == 7
