"""Test checklists for outside help, and dates for first appointments: private, under a title that says nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from tests.dates import move
from tests.erasing import erase, rows_with
from tests.exports import export
from tests.people import Cast, Person, shipped

KIND = "couples-counsellor"
RESOURCE = next(each for each in shipped().resources if each.slug == KIND)
TITLE = "Zeppelin hour"
SLOT = {"local_time": "2026-11-30T10:00", "zone": "UTC"}


def tick(person: Person, status: int = 200, **body: Any) -> Any:
    return person.put("/me/support-checklists", {"kind": KIND, "criteria": [], "questions": [], **body}, status)


def appointment(person: Person, status: int = 201, **body: Any) -> Any:
    return person.post("/me/appointments", {"title": TITLE, "slots": [SLOT], **body}, status)


# Checklists


def test_ticks_are_kept_in_the_order_of_the_lists_until_all_are_gone(sam: Person, alice: Person) -> None:
    first, second, *_ = RESOURCE.questions
    ticked = tick(sam, criteria=["fee", "licensed"], questions=[second, first])
    assert ticked == {"kind": KIND, "criteria": ["licensed", "fee"], "questions": [first, second]}
    assert sam.get("/me/support-checklists")["items"] == [ticked]
    assert tick(sam, criteria=["fee"])["questions"] == []
    assert alice.get("/me/support-checklists")["items"] == []
    tick(sam)
    assert sam.get("/me/support-checklists")["items"] == []


def test_unknown_ticks_are_refused_and_change_nothing(sam: Person) -> None:
    other = next(each for each in shipped().resources if "none" in each.criteria.values())
    without = next(name for name, level in other.criteria.items() if level == "none")
    for body, field in (
        ({"criteria": ["charm"]}, "criteria.0"),
        ({"questions": ["How are you?"]}, "questions.0"),
        ({"kind": other.slug, "criteria": [without]}, "criteria.0"),
        ({"kind": "emergency"}, "kind"),
        ({"kind": "oracle"}, "kind"),
    ):
        assert [fault["field"] for fault in tick(sam, 422, **body)["errors"]] == [field]
    assert sam.get("/me/support-checklists")["items"] == []


def test_a_question_that_is_asked_no_longer_is_not_shown(sam: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    tick(sam, questions=list(RESOURCE.questions))
    newer = replace(RESOURCE, questions=RESOURCE.questions[:2])
    monkeypatch.setattr("seeds.reader.resources", lambda: (newer,))
    assert sam.get("/me/support-checklists")["items"][0]["questions"] == list(RESOURCE.questions[:2])


def test_checklists_are_exported_and_erased(sam: Person, stopped_clock: Any) -> None:
    tick(sam, criteria=["fee"], questions=[RESOURCE.questions[0]])
    (exported,) = export(sam, "private")["support_checklists"]
    assert (exported["kind"], exported["criteria"], exported["questions"]) == (KIND, ["fee"], [RESOURCE.questions[0]])
    assert rows_with(KIND)
    erase(sam, stopped_clock)
    assert not rows_with(KIND)


# Appointments


def test_an_appointment_of_a_person_alone_has_the_title_of_their_choice(cast: Cast) -> None:
    date = appointment(cast.alice, place="12 Mill Lane")
    assert (date["activity"]["title"], date["for"], date["state"], date["place"]) == (
        TITLE, "one", "accepted", "12 Mill Lane",
    )  # fmt: skip
    assert date["slots"][0]["minutes"] == 60
    assert cast.alice.get(f"/dates/{date['id']}") == date
    cast.bob.get(f"/dates/{date['id']}", 404)
    assert cast.alice.get("/activities?q=zeppelin")["items"] == []
    # Nothing in the database says what it is for.
    assert rows_with("counsel").keys() <= {"activities", "prompts"}


def test_a_repeated_appointment_is_one(sam: Person, alice: Person) -> None:
    date_id = str(uuid4())
    date = appointment(sam, id=date_id)
    assert appointment(sam, id=date_id) == date
    assert len(sam.get("/dates")["items"]) == 1
    for person, body in ((sam, {"title": "Another"}), (alice, {})):
        assert appointment(person, 422, id=date_id, **body)["type"] == "/problems/id-taken"


def test_two_people_agree_on_an_appointment_as_on_any_date(cast: Cast) -> None:
    alice, bob = cast.alice, cast.bob
    before = alice.get("/me")["allowance"]["shared"]["left"]
    date = appointment(alice, **{"for": "two"}, slots=[SLOT, {**SLOT, "local_time": "2026-12-01T10:00"}])
    assert alice.get("/me")["allowance"]["shared"]["left"] == before - 1
    seen = bob.get(f"/dates/{date['id']}")
    assert (seen["activity"]["title"], seen["activity"]["retired"], seen["state"]) == (TITLE, True, "proposed")
    for person in (alice, bob):
        assert person.get("/activities?q=zeppelin")["items"] == []
    assert move(bob, "accept", seen)["state"] == "accepted"
    cast.charlie.get(f"/dates/{date['id']}", 404)


def test_a_declined_appointment_rests_under_its_title(cast: Cast) -> None:
    move(cast.bob, "decline", appointment(cast.alice, **{"for": "two"}), answer="no")
    refused = appointment(cast.alice, 409, **{"for": "two"}, title=f" {TITLE.upper()}!")
    assert (refused["reason"], refused["opens_at"] is None) == ("activity_resting", False)
    appointment(cast.alice, **{"for": "two"}, title="A walk by the canal")


def test_an_appointment_for_two_needs_a_partner_and_a_pace(cast: Cast) -> None:
    assert appointment(cast.sam, 409, **{"for": "two"})["reason"] == "no_partner"
    cast.bob.put("/me/pace", {"pace": 2})
    refused = appointment(cast.alice, 409, **{"for": "two"})
    assert refused["type"] == "/problems/above-pace"
    assert rows_with(TITLE) == {}
    appointment(cast.alice)  # alone, the pace does not count


def test_an_appointment_is_held_in_space(cast: Cast) -> None:
    cast.bob.put("/me/space", {"kind": "quiet"})
    date = appointment(cast.alice, **{"for": "two"})
    assert cast.bob.get("/dates")["items"] == []
    held = cast.bob.get("/me/held")["items"]
    assert [item["kind"] for item in held] == ["date"]
    cast.bob.delete("/me/space")
    assert date["state"] == "proposed"


def test_wrong_appointments_are_refused(sam: Person) -> None:
    for body, field in (
        ({"title": ""}, "title"),
        ({"title": "x" * 61}, "title"),
        ({"slots": [SLOT, SLOT]}, "slots"),
        ({"slots": []}, "slots"),
        ({"slots": [{"local_time": "2026-11-20T10:00"}]}, "slots.0.local_time"),
    ):
        assert appointment(sam, 422, **body)["errors"][0]["field"] == field
    assert rows_with(TITLE) == {}


def test_an_erased_appointment_leaves_no_title(cast: Cast, stopped_clock: Any) -> None:
    appointment(cast.alice)
    erase(cast.alice, stopped_clock)
    assert rows_with(TITLE) == {}
