"""Test the safety check. It only reads, and names everything that others can see and how to end it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from api import safety as edge
from api.app import OPERATIONS
from api.core.routing import Operation
from planner import messages
from planner.privacy import visibility_check
from planner.relationship.space import SENTENCES
from tests.api.answers import contents, note_for
from tests.api.test_query_counts import statements
from tests.api.test_sign_ins import elsewhere
from tests.dates import agreed, clear_ledger, offer, own, whole_days
from tests.people import PASSWORD, Cast, Person


def lines(person: Person, kind: str | None = None) -> list[Any]:
    """Return the lines of a person's safety check, of one kind or of all kinds."""
    return [item for item in person.get("/me/safety")["items"] if kind in (None, item["kind"])]


def kinds(person: Person) -> list[str]:
    return [line["kind"] for line in lines(person)]


def end(person: Person, line: dict[str, Any], **values: Any) -> None:
    """Send the request that ends a line."""
    remedy = line["end"]
    body = remedy["body"] and {**remedy["body"], **values}
    headers = {"If_Match": remedy["if_match"]} if remedy["if_match"] else {}
    answer = person.request(remedy["method"], remedy["path"].removeprefix("/v1"), body, **headers)
    assert answer.status_code < 300, (line, answer.get_data(as_text=True))


@pytest.fixture
def couple(cast: Cast) -> Cast:
    """Let Alice show Bob one thing of each kind."""
    idea = cast.alice.post("/activities", {"title": "Feed the ducks", "category": "outdoors", "pace": 2}, 201)["id"]
    offer(cast.alice, idea)
    agreed(cast.alice, cast.bob)
    note_for(cast.alice, shared=True)
    note_for(cast.alice)
    elsewhere(cast.alice)
    own(cast.alice)
    return cast


def test_a_person_alone_sees_the_sign_in_and_the_operator(sam: Person) -> None:
    safety = sam.get("/me/safety")
    assert [item["kind"] for item in safety["items"]] == ["this_sign_in", "password"]
    assert safety["items"][0]["text"] == (
        "You are signed in here as “unnamed device”, since 23 November 2026. Last used on 23 November 2026."
    )
    assert not safety["items"][0]["end"]["may_be_noticed"]
    assert (safety["in_space"], safety["page"], safety["operator"]["name"]) == (False, "/safety", "The test club")


def test_everything_the_partner_can_see_has_a_line(couple: Cast) -> None:
    texts = {line["kind"]: line["text"] for line in lines(couple.alice)}
    assert list(texts)[2:] == ["password", "display_name", "pace", "rhythm", "date", "offer", "notes", "idea"]
    assert texts["display_name"] == "Bob sees you as “Alice”, and can see the list of dates you two have had."
    assert texts["offer"] == "You proposed “Feed the ducks” on 25 November 2026, in the time zone UTC."
    assert texts["notes"].startswith("Notes of yours that Bob can read: 1. They also have their own copy")
    assert texts["idea"] == "Bob sees your idea “Feed the ducks”."
    assert "on 25 November 2026" in texts["date"]


def test_a_date_has_the_day_of_the_zone_that_its_line_names(cast: Cast) -> None:
    agreed(cast.alice, cast.bob, slots=[whole_days("2027-05-14", 3)])
    for person in (cast.alice, cast.bob):  # for Bob in New York, these days begin on the 13th
        (line,) = lines(person, "date")
        assert "on 14 May 2027, in the time zone Europe/Lisbon." in line["text"]


def test_each_person_sees_their_own_lines_only(couple: Cast) -> None:
    assert kinds(couple.bob) == ["this_sign_in", "password", "display_name", "pace", "rhythm", "date"]
    assert kinds(couple.charlie) == ["this_sign_in", "password", "display_name", "pace", "rhythm"]
    assert all("Dana" in line["text"] for line in lines(couple.charlie)[2:])
    assert kinds(couple.sam) == ["this_sign_in", "password"]


def test_reading_the_check_changes_nothing(couple: Cast) -> None:
    couple.alice.get("/me")
    before = contents()
    answer = couple.alice.request("GET", "/me/safety")
    assert answer.headers["Cache-Control"] == "no-store"
    assert contents() == before
    with statements() as queries:
        couple.alice.get("/me/safety")
    assert not [sql for sql in queries if not sql.lstrip("(").startswith(("SELECT", "WITH"))]


def test_the_number_of_statements_does_not_grow(couple: Cast) -> None:
    def count_statements() -> int:
        with statements() as queries:
            couple.alice.get("/me/safety")
        return len(queries)

    few = count_statements()
    for _ in range(3):
        clear_ledger()
        idea = couple.alice.post("/activities", {"title": "Feed the geese", "category": "outdoors"}, 201)["id"]
        offer(couple.alice, idea)
        note_for(couple.alice, shared=True)
        elsewhere(couple.alice)
    assert count_statements() == few


def test_each_request_ends_its_own_line_only(couple: Cast) -> None:
    alice = couple.alice
    note = next(item["id"] for item in alice.get("/notes")["items"] if item["state"] == "shared")
    for kind, values in (("offer", {}), ("date", {}), ("idea", {}), ("sign_in", {}), ("notes", {"id": note})):
        (line,) = lines(alice, kind)
        rest = [other for other in kinds(alice) if other != kind]
        line["end"]["path"] = line["end"]["path"].replace("{id}", str(values.get("id")))
        end(alice, line)
        assert [other for other in kinds(alice) if other != kind] == rest
        if kind == "notes":
            assert lines(alice, kind)[0]["text"].startswith("Notes of yours that Bob can read: 0.")
        else:
            assert lines(alice, kind) == []
    end(alice, lines(alice, "password")[0], current_password=PASSWORD, new_password="another long one")
    end(alice, lines(alice, "this_sign_in")[0])
    alice.get("/me", 401)


def test_the_line_of_notes_links_to_the_shared_notes(couple: Cast) -> None:
    (line,) = lines(couple.alice, "notes")
    notes = couple.alice.get(line["find"].removeprefix("/v1"))["items"]
    assert [note["state"] for note in notes].count("shared") == 1


def test_an_open_invitation_and_an_accept_have_lines_and_end(app: Flask, cast: Cast, sam: Person) -> None:
    invitation = cast.sam.post("/invitations", {}, 201)
    (line,) = lines(cast.sam, "invitation")
    assert line["text"] == "Your invitation is open until 30 November 2026. Anyone who has its code can see your name."
    assert invitation["code"] not in str(line)
    kim = sam
    kim.post("/invitations/accept", {"code": invitation["code"], "rhythm": "apart"})
    (accept_line,) = lines(kim, "yes")
    assert (
        accept_line["text"] == "You said yes to an invitation from Sam, who can see your name until 30 November 2026."
    )
    end(kim, accept_line)
    assert "yes" not in kinds(kim)
    end(cast.sam, line)
    assert "invitation" not in kinds(cast.sam)


@pytest.mark.parametrize(
    ("kind", "sentence", "words"), [("quiet", None, "does not tell"), ("said", next(iter(SENTENCES)), "you chose")]
)
def test_space_has_a_line_for_its_owner_only(cast: Cast, kind: str, sentence: str | None, words: str) -> None:
    before = cast.dana.get("/me/safety")
    cast.charlie.put("/me/space", {"kind": kind, "sentence": sentence})
    safety = cast.charlie.get("/me/safety")
    assert safety["in_space"]
    (line,) = [item for item in safety["items"] if item["kind"] == f"{kind}_space"]
    assert words in line["text"]
    assert cast.dana.get("/me/safety") == before
    end(cast.charlie, line)
    assert not cast.charlie.get("/me/safety")["in_space"]
    assert cast.dana.get("/me/safety") == before


def test_quiet_choices_are_shown_to_their_owner_only(couple: Cast) -> None:
    before = couple.bob.get("/me/safety")
    for kind, value in (("pace", 2), ("rhythm", "apart")):
        end(couple.alice, lines(couple.alice, kind)[0], **{kind: value})
    texts = {line["kind"]: line["text"] for line in lines(couple.alice)}
    assert texts["pace"].endswith("Only you see that your own quiet pace is 2.")
    assert texts["rhythm"].endswith("Only you see that your own quiet rhythm is “apart”.")
    assert couple.bob.get("/me/safety") == before


def test_leaving_ends_all_lines_but_the_old_dates(couple: Cast, stopped_clock: Any, now: datetime) -> None:
    end(couple.alice, lines(couple.alice, "display_name")[0])
    assert kinds(couple.alice)[2:] == ["password", "kept"]
    (line,) = lines(couple.alice, "kept")
    assert line["text"].startswith("Until 23 December 2026, Bob can look back on your dates")
    assert line["end"] is None
    stopped_clock.move_to(now + timedelta(days=30))
    assert "kept" not in kinds(couple.alice)


def test_past_dates_have_no_line(couple: Cast, stopped_clock: Any, now: datetime) -> None:
    stopped_clock.move_to(now + timedelta(days=30))
    assert not {"date", "offer"} & set(kinds(couple.alice))


def test_many_dates_alone_hide_no_line(couple: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visibility_check, "_MOST", 2)
    for hours in (1, 3):
        own(couple.alice, now + timedelta(hours=hours))
    assert {"date", "offer"} <= set(kinds(couple.alice))


# The lists of kinds and requests


def test_every_kind_of_line_has_a_remedy() -> None:
    kinds = visibility_check.REMEDIES.keys()
    assert edge._ENDS.keys() == kinds == set(messages.keys("safety_remedies"))
    assert set(visibility_check.KINDS) == kinds | {"kept"}
    assert all("everything" not in messages.text("safety_remedies", kind) for kind in kinds)
    assert set(messages.keys("safety_check")) == kinds | {
        "kept", "pace_and_quiet", "rhythm_and_quiet", "calendar_feed_with_titles",
        "email_address_resets",
    }  # fmt: skip
    source = set(re.findall(r'"(\w+)"', Path(visibility_check.__file__).read_text(encoding="utf-8")))
    assert set(messages.keys("safety_check")) <= source


def operation(method: str, path: str) -> Operation | None:
    """Return the operation that a method and a path reach."""
    pattern = re.sub(r"\{+\w+\}+", "<uuid:>", path)
    for operation in OPERATIONS:
        if (operation.method, "/v1" + re.sub(r"<uuid:\w+>", "<uuid:>", operation.path)) == (method, pattern):
            return operation
    return None


def test_every_offered_request_exists_and_has_valid_fields() -> None:
    for kind, (method, path, body) in edge._ENDS.items():
        operation_ = operation(method, path)
        assert operation_, kind
        known = {
            field.data_key or name: field for name, field in (operation_.body.fields if operation_.body else {}).items()
        }
        assert (body or {}).keys() <= known.keys(), kind
        assert {name for name, field in known.items() if field.required} <= (body or {}).keys(), kind
