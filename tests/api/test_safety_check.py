"""The safety check: it only looks, names everything that others can see, and gives each line an end of its own."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from api import help_cards as help_edge
from api import safety as edge
from api.app import OPERATIONS
from api.core.routing import Operation
from planner import messages
from planner.privacy import visibility_check
from planner.relationship.space import SENTENCES
from tests.api.answers import contents, note_for
from tests.api.test_query_counts import statements
from tests.api.test_sign_ins import elsewhere
from tests.dates import agreed, clear_ledger, offer, own
from tests.people import PASSWORD, Cast, Person


def lines(person: Person, kind: str | None = None) -> list[Any]:
    """The lines of somebody's check, of one kind or of all."""
    return [one for one in person.get("/me/safety")["items"] if kind in (None, one["kind"])]


def kinds(person: Person) -> list[str]:
    return [one["kind"] for one in lines(person)]


def end(person: Person, line: dict[str, Any], **values: Any) -> None:
    """Do what the line says ends it."""
    body = line["end"]["body"] and {**line["end"]["body"], **values}
    answer = person.request(line["end"]["method"], line["end"]["path"].removeprefix("/v1"), body)
    assert answer.status_code < 300, (line, answer.get_data(as_text=True))


@pytest.fixture
def lived(cast: Cast) -> Cast:
    """Alice shows Bob one of everything."""
    idea = cast.alice.post("/activities", {"title": "Feed the ducks", "category": "outdoors", "pace": 2}, 201)["id"]
    offer(cast.alice, idea)
    agreed(cast.alice, cast.bob)
    note_for(cast.alice, shared=True)
    note_for(cast.alice)
    elsewhere(cast.alice)
    own(cast.alice)
    return cast


def test_somebody_alone_sees_their_sign_in_and_who_runs_the_server(sam: Person) -> None:
    found = sam.get("/me/safety")
    assert [one["kind"] for one in found["items"]] == ["this_sign_in", "password"]
    assert found["items"][0]["text"] == (
        "You are signed in here as “unnamed device”, since 23 November 2026, last used on 23 November 2026."
    )
    days = {"since": "2026-11-23", "used_on": "2026-11-23"}
    assert (found["items"][0]["key"], found["items"][0]["params"]) == (
        "this_sign_in", {"device": "unnamed device", **days}
    )  # fmt: skip
    assert not found["items"][0]["end"]["may_be_noticed"]
    assert (found["in_space"], found["page"], found["operator"]["name"]) == (False, "/safety", "The test club")


def test_everything_that_the_partner_can_see_has_a_line(lived: Cast) -> None:
    found = {one["kind"]: one["text"] for one in lines(lived.alice)}
    assert list(found)[2:] == ["password", "name", "pace", "rhythm", "date", "offer", "notes", "idea"]
    assert found["name"] == "Bob sees you as “Alice”, and keeps the list of dates that you two have had."
    assert found["offer"] == "You offered “Feed the ducks” on 25 November 2026, in the time zone UTC."
    assert found["notes"].startswith("Notes of yours that Bob can read: 1. What you shared in the last twelve months")
    assert found["idea"] == "Bob sees your idea “Feed the ducks”."
    assert "on 25 November 2026" in found["date"]


def test_the_partner_sees_their_own_side_and_others_nothing_of_it(lived: Cast) -> None:
    assert kinds(lived.bob) == ["this_sign_in", "password", "name", "pace", "rhythm", "date"]
    assert kinds(lived.charlie) == ["this_sign_in", "password", "name", "pace", "rhythm"]
    assert all("Dana" in one["text"] for one in lines(lived.charlie)[2:])
    assert kinds(lived.sam) == ["this_sign_in", "password"]


def test_looking_changes_nothing(lived: Cast) -> None:
    lived.alice.get("/me")
    before = contents()
    answer = lived.alice.request("GET", "/me/safety")
    assert answer.headers["Cache-Control"] == "no-store"
    assert contents() == before
    with statements() as found:
        lived.alice.get("/me/safety")
    assert not [sql for sql in found if not sql.lstrip("(").startswith(("SELECT", "WITH"))]


def test_the_number_of_statements_does_not_grow(lived: Cast) -> None:
    def asked() -> int:
        with statements() as found:
            lived.alice.get("/me/safety")
        return len(found)

    few = asked()
    for _ in range(3):
        clear_ledger()
        idea = lived.alice.post("/activities", {"title": "Feed the geese", "category": "outdoors"}, 201)["id"]
        offer(lived.alice, idea)
        note_for(lived.alice, shared=True)
        elsewhere(lived.alice)
    assert asked() == few


def test_each_line_ends_by_itself_and_ends_nothing_else(lived: Cast) -> None:
    alice = lived.alice
    note = next(one["id"] for one in alice.get("/notes")["items"] if one["state"] == "shared")
    for kind, values in (("offer", {}), ("date", {}), ("idea", {}), ("sign_in", {}), ("notes", {"id": note})):
        (line,) = lines(alice, kind)
        rest = [one for one in kinds(alice) if one != kind]
        line["end"]["path"] = line["end"]["path"].replace("{id}", str(values.get("id")))
        end(alice, line)
        assert [one for one in kinds(alice) if one != kind] == rest
        if kind == "notes":
            assert lines(alice, kind)[0]["text"].startswith("Notes of yours that Bob can read: 0.")
        else:
            assert lines(alice, kind) == []
    end(alice, lines(alice, "password")[0], current_password=PASSWORD, new_password="another long one")
    end(alice, lines(alice, "this_sign_in")[0])
    alice.get("/me", 401)


def test_a_note_that_is_read_in_full_is_found_where_the_line_says(lived: Cast) -> None:
    (line,) = lines(lived.alice, "notes")
    found = lived.alice.get(line["find"].removeprefix("/v1"))["items"]
    assert [one["state"] for one in found].count("shared") == 1


def test_an_open_invitation_and_a_yes_are_shown_and_end(app: Flask, cast: Cast, sam: Person) -> None:
    made = cast.sam.post("/invitations", {}, 201)
    (line,) = lines(cast.sam, "invitation")
    assert line["text"] == "An invitation of yours is open until 26 November 2026. Its code shows your name."
    assert made["code"] not in str(line)
    kim = sam
    kim.post("/invitations/accept", {"code": made["code"], "rhythm": "apart"})
    (yes,) = lines(kim, "yes")
    assert yes["text"] == "You said yes to an invitation of Sam's, who sees your name until 26 November 2026."
    end(kim, yes)
    assert "yes" not in kinds(kim)
    end(cast.sam, line)
    assert "invitation" not in kinds(cast.sam)


@pytest.mark.parametrize(
    ("kind", "sentence", "words"), [("quiet", None, "gives no sign"), ("said", next(iter(SENTENCES)), "you chose")]
)
def test_space_is_shown_to_who_is_in_it_only(cast: Cast, kind: str, sentence: str | None, words: str) -> None:
    before = cast.dana.get("/me/safety")
    cast.charlie.put("/me/space", {"kind": kind, "sentence": sentence})
    found = cast.charlie.get("/me/safety")
    assert found["in_space"]
    (line,) = [one for one in found["items"] if one["kind"] == f"{kind}_space"]
    assert words in line["text"]
    assert cast.dana.get("/me/safety") == before
    end(cast.charlie, line)
    assert not cast.charlie.get("/me/safety")["in_space"]
    assert cast.dana.get("/me/safety") == before


def test_quiet_choices_are_named_to_their_owner_only(lived: Cast) -> None:
    before = lived.bob.get("/me/safety")
    for kind, value in (("pace", 2), ("rhythm", "apart")):
        end(lived.alice, lines(lived.alice, kind)[0], **{kind: value})
    texts = {one["kind"]: one["text"] for one in lines(lived.alice)}
    assert texts["pace"].endswith("Quietly you keep to 2, which only you see.")
    assert texts["rhythm"].endswith("Quietly you keep to “apart”, which only you see.")
    assert lived.bob.get("/me/safety") == before


def test_leaving_ends_what_is_shown_but_the_look_back(lived: Cast, stopped_clock: Any, now: datetime) -> None:
    end(lived.alice, lines(lived.alice, "name")[0])
    assert kinds(lived.alice)[2:] == ["password", "kept"]
    (line,) = lines(lived.alice, "kept")
    assert line["text"].startswith("Until 23 December 2026 Bob can look back on your dates")
    assert line["end"] is None
    stopped_clock.move_to(now + timedelta(days=30))
    assert "kept" not in kinds(lived.alice)


def test_what_is_over_is_no_line(lived: Cast, stopped_clock: Any, now: datetime) -> None:
    stopped_clock.move_to(now + timedelta(days=30))
    assert not {"date", "offer"} & set(kinds(lived.alice))


# What the lists promise


def test_every_kind_of_line_has_an_end_that_ends_one_thing() -> None:
    kinds = visibility_check.REMEDIES.keys()
    assert edge._ENDS.keys() == kinds == set(messages.keys("safety_remedies"))
    assert all("everything" not in messages.text("safety_remedies", kind) for kind in kinds)
    assert set(messages.keys("safety_check")) == kinds | {"kept", "pace_and_quiet", "rhythm_and_quiet"}
    source = set(re.findall(r'"(\w+)"', Path(visibility_check.__file__).read_text(encoding="utf-8")))
    assert set(messages.keys("safety_check")) <= source


def operation(method: str, path: str) -> Operation | None:
    """The route that a request of that method and path reaches."""
    wanted = re.sub(r"\{+\w+\}+", "<uuid:>", path)
    for one in OPERATIONS:
        if (one.method, "/v1" + re.sub(r"<uuid:\w+>", "<uuid:>", one.path)) == (method, wanted):
            return one
    return None


@pytest.mark.parametrize("requests", [edge._ENDS, help_edge._REQUESTS], ids=["safety", "closing"])
def test_every_request_that_is_offered_exists_and_takes_what_it_names(requests: dict[str, Any]) -> None:
    for kind, (method, path, body) in requests.items():
        found = operation(method, path)
        assert found, kind
        known = {field.data_key or name: field for name, field in (found.body.fields if found.body else {}).items()}
        assert (body or {}).keys() <= known.keys(), kind
        assert {name for name, field in known.items() if field.required} <= (body or {}).keys(), kind
