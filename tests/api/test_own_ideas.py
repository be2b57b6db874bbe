"""Test own ideas over HTTP. They are private until proposed, and only their author edits and retires them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from time_machine import Traveller

from planner.dates import feedback
from planner.storage import db
from tests.conftest import NOON
from tests.people import Cast, Person

IDEA = {"title": "Zeppelins from paper bags", "category": "outdoors"}


def idea(person: Person, audience: str = "either", **more: Any) -> dict[str, Any]:
    created: dict[str, Any] = person.post("/activities", {**IDEA, "for": audience, **more}, 201)
    return created


def offer(person: Person, activity: str, status: int = 201, audience: str = "two", **more: Any) -> Any:
    wall = f"{NOON + timedelta(days=3):%Y-%m-%dT%H:%M}"
    body = {"activity_id": activity, "for": audience, "slots": [{"local_time": wall, "zone": "UTC"}], **more}
    return person.post("/dates", body, status)


def shared_left(person: Person) -> int:
    left: int = person.get("/me")["allowance"]["shared"]["left"]
    return left


def search(person: Person, typed: str) -> list[str]:
    return [item["id"] for item in person.get(f"/activities?q={typed}")["items"]]


def comparable(person: Person, path: str) -> tuple[int, bytes]:
    answer = person.request("GET", path)
    return answer.status_code, answer.data


def test_a_title_and_a_category_are_enough(sam: Person) -> None:
    own_idea = idea(sam)
    assert own_idea["source"] == "me"
    assert own_idea["version"] == 1
    assert (own_idea["for"], own_idea["pace"], own_idea["duration_min"], own_idea["duration_max"]) == (
        "either",
        2,
        60,
        120,
    )
    assert set(own_idea["accessibility"].values()) == {"unknown"}
    assert sam.get(f"/activities/{own_idea['id']}") == own_idea
    assert idea(sam, audience="one")["pace"] == 1
    short, long = idea(sam, duration_max=20), idea(sam, duration_min=300)
    assert (short["duration_min"], short["duration_max"]) == (20, 20)
    assert (long["duration_min"], long["duration_max"]) == (300, 300)


def test_a_title_is_one_line_of_any_script(sam: Person) -> None:
    assert idea(sam, title="散步")["title"] == "散步"
    assert idea(sam, title="Long\twalk\t\n")["title"] == "Long walk"
    assert idea(sam, title="👨‍👩‍👧‍👦" * 60)["title"] == "👨‍👩‍👧‍👦" * 60


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": "👨‍👩‍👧‍👦" * 61}, "title"),
        ({"title": " \u200b"}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"category": "nowhere"}, "category"),
        ({"duration_min": 90, "duration_max": 30}, "duration_max"),
        ({"for": "one", "pace": 3}, "pace"),
        ({"tags": ["nonsense"]}, "tags"),
        ({"accessibility": {"step_free": "perhaps"}}, "accessibility"),
        ({"steps": ["one"] * 7}, "steps"),
    ],
)
def test_an_invalid_idea_is_refused(sam: Person, wrong: dict[str, Any], field: str) -> None:
    refusal = sam.post("/activities", {**IDEA, **wrong}, 422)
    assert {fault["field"].partition(".")[0] for fault in refusal["errors"]} == {field}
    assert search(sam, "zeppelin") == []


def test_an_idea_is_private_until_it_is_proposed(cast: Cast) -> None:
    own_idea = idea(cast.alice, audience="two")
    for other in (cast.bob, cast.charlie, cast.sam):
        assert comparable(other, f"/activities/{own_idea['id']}") == comparable(other, f"/activities/{uuid4()}")
        assert search(other, "zeppelin") == []
        offer(other, own_idea["id"], 422, audience="one")
    for other in (cast.bob, cast.charlie):
        assert offer(other, own_idea["id"], 422)["errors"] == offer(other, str(uuid4()), 422)["errors"]
    assert search(cast.alice, "zeppelin") == [own_idea["id"]]

    before = shared_left(cast.alice)
    copy = offer(cast.alice, own_idea["id"])["activity"]["id"]
    assert shared_left(cast.alice) == before - 1
    assert cast.bob.get(f"/activities/{copy}") == {**own_idea, "id": copy, "slug": f"own-{copy}", "source": "partner"}
    assert search(cast.bob, "zeppelin") == [copy]
    assert search(cast.alice, "zeppelin") == [own_idea["id"]], "the author does not find the copy"
    cast.bob.get(f"/activities/{own_idea['id']}", 404)
    assert cast.bob.get("/today")["dates"][0]["activity"]["title"] == IDEA["title"]
    for idea_id in (own_idea["id"], copy):
        assert comparable(cast.charlie, f"/activities/{idea_id}") == comparable(cast.charlie, f"/activities/{uuid4()}")


def test_proposing_an_idea_costs_once_and_the_partner_may_propose_it_too(cast: Cast) -> None:
    own_idea = idea(cast.alice, audience="two")
    first = offer(cast.alice, own_idea["id"])
    before = shared_left(cast.alice), shared_left(cast.bob)
    cast.bob.post(f"/dates/{first['id']}/decline", {"version": 1, "answer": "another_time"})
    again = offer(cast.alice, own_idea["id"])
    back = offer(cast.bob, first["activity"]["id"])
    assert again["activity"] == back["activity"] == first["activity"]
    assert (shared_left(cast.alice), shared_left(cast.bob)) == before


def test_a_solo_date_keeps_the_idea_private(cast: Cast) -> None:
    own_idea = idea(cast.alice)
    offer(cast.alice, own_idea["id"], audience="one")
    cast.bob.get(f"/activities/{own_idea['id']}", 404)


def test_without_budget_nothing_of_the_proposal_is_saved(cast: Cast) -> None:
    dana = cast.dana  # a gentle rhythm allows seven shared things in seven days
    own_idea = dana.post("/activities", {**IDEA, "for": "two"}, 201)
    for number in range(7):
        note = dana.post("/notes", {"kind": "effort", "body": f"{number}"}, 201)
        dana.post(f"/notes/{note['id']}/share", {"version": 1})
    assert offer(dana, own_idea["id"], 409)["type"] == "/problems/too-soon"
    cast.charlie.get(f"/activities/{own_idea['id']}", 404)
    assert dana.get("/dates")["items"] == []
    assert dana.get("/me")["allowance"]["proposals"]["left"] == 3


def test_an_idea_above_the_pace_cannot_be_proposed(cast: Cast) -> None:
    own_idea = cast.charlie.post("/activities", {**IDEA, "for": "two", "pace": 4}, 201)
    assert offer(cast.charlie, own_idea["id"], 409)["type"] == "/problems/above-pace"


def test_own_ideas_are_suggested(sam: Person) -> None:
    own_idea = idea(sam, cost_band=0, category="getaway", duration_min=10, duration_max=10)
    ideas = sam.get("/suggestions?category=getaway&minutes=10")["items"]
    assert [idea["activity"]["id"] for idea in ideas] == [own_idea["id"]]
    assert {"code": "cost", "params": {"cost_band": 0}, "text": "free"} in ideas[0]["reasons"]


def test_an_edit_needs_the_version_and_costs_nothing(cast: Cast) -> None:
    alice, own_idea = cast.alice, idea(cast.alice, audience="two")
    path = f"/activities/{own_idea['id']}"
    before = shared_left(alice)
    assert alice.patch(path, {"title": "Name the zeppelins"}, '"1"')["title"] == "Name the zeppelins"
    renamed = alice.get(path)
    repeated = {"title": "Name the zeppelins", "accessibility": {"step_free": own_idea["accessibility"]["step_free"]}}
    assert alice.patch(path, repeated, '"1"') == renamed, "its first answer may have been lost"
    alice.patch(path, {"title": "Late"}, '"1"', 412)
    edited = alice.patch(path, {"summary": "Bring oats."}, '"2"')
    assert (edited["version"], edited["title"], edited["summary"]) == (3, "Name the zeppelins", "Bring oats.")
    cast.bob.patch(path, {"title": "Mine now"}, '"3"', 404)
    alice.patch(path, {"duration_min": 500}, '"3"', 422)
    assert alice.get(path) == edited
    assert shared_left(alice) == before


def test_the_copy_of_the_partner_never_changes(cast: Cast) -> None:
    alice, bob, own_idea = cast.alice, cast.bob, idea(cast.alice, audience="two")
    alice.patch(f"/activities/{own_idea['id']}", {"title": "Name the airships"}, '"1"')
    date = offer(alice, own_idea["id"])
    path, before = f"/activities/{date['activity']['id']}", shared_left(alice)
    copy = bob.get(path)
    assert copy["version"] == 1, "only the author knows how often it was changed"

    alice.patch(f"/activities/{own_idea['id']}", {"title": "Zeppelins, please"}, '"2"')
    assert bob.get(path) == copy
    assert bob.get(f"/dates/{date['id']}")["activity"]["title"] == "Name the airships"
    assert bob.get("/activities?q=zeppelins")["items"] == []
    assert shared_left(alice) == before
    assert "cannot be edited" in alice.patch(path, {"title": "Please"}, '"1"', 409)["detail"]
    bob.patch(path, {"title": "Please"}, '"1"', 404)


def test_a_changed_idea_is_proposed_as_a_new_copy(cast: Cast) -> None:
    alice, bob, own_idea = cast.alice, cast.bob, idea(cast.alice, audience="two")
    first = offer(alice, own_idea["id"])["activity"]
    alice.patch(f"/activities/{own_idea['id']}", {"title": "Name the airships"}, '"1"')
    before = shared_left(alice)
    second = offer(alice, own_idea["id"])["activity"]
    assert shared_left(alice) == before - 1
    assert second["id"] != first["id"]
    assert {bob.get(f"/activities/{copy['id']}")["title"] for copy in (first, second)} == {
        IDEA["title"], "Name the airships"
    }  # fmt: skip


def test_a_proposed_idea_is_not_suggested_to_its_author(cast: Cast) -> None:
    own_idea = idea(cast.alice, audience="two", cost_band=0, category="getaway", duration_min=10, duration_max=10)
    path = "/suggestions?for=two&category=getaway&minutes=10"
    assert own_idea["id"] in [item["activity"]["id"] for item in cast.alice.get(path)["items"]]
    offer(cast.alice, own_idea["id"])
    assert own_idea["id"] not in [item["activity"]["id"] for item in cast.alice.get(path)["items"]]


def test_feedback_counts_for_the_authors_idea_and_for_the_partners_copy(cast: Cast, stopped_clock: Traveller) -> None:
    own_idea = idea(cast.alice, audience="two")
    date = offer(cast.alice, own_idea["id"])
    cast.bob.post(f"/dates/{date['id']}/accept", {"version": 1, "slot_id": date["slots"][0]["id"]})
    stopped_clock.move_to(NOON + timedelta(days=3, hours=4))
    cast.alice.post(f"/dates/{date['id']}/complete", {"version": 2})
    for person in (cast.alice, cast.bob):
        person.put(f"/dates/{date['id']}/feedback", {"feeling": "lighter"})
    for person, activity in ((cast.alice, own_idea["id"]), (cast.bob, date["activity"]["id"])):
        with db.connection():
            couple = UUID(person.get("/couple")["id"])
            own_feedback = feedback.list_for_ranking(UUID(person.id), couple, NOON + timedelta(days=4))
        assert [entry.activity for entry in own_feedback] == [UUID(activity)]


def test_a_declined_idea_rests_also_after_an_edit(cast: Cast) -> None:
    own_idea = idea(cast.alice, audience="two")
    date = offer(cast.alice, own_idea["id"])
    cast.bob.post(f"/dates/{date['id']}/decline", {"version": 1, "answer": "no"})
    cast.alice.patch(f"/activities/{own_idea['id']}", {"title": "Name the airships"}, '"1"')
    assert offer(cast.alice, own_idea["id"], 409)["type"] == "/problems/too-soon"


def test_a_retired_idea_keeps_its_name_in_dates_and_cannot_be_proposed(cast: Cast) -> None:
    own_idea = idea(cast.alice, audience="two")
    date = offer(cast.alice, own_idea["id"])
    copy = date["activity"]["id"]
    cast.bob.delete(f"/activities/{copy}", 404)
    cast.alice.delete(f"/activities/{own_idea['id']}")
    cast.alice.delete(f"/activities/{own_idea['id']}", 404)
    for person in (cast.alice, cast.bob):
        for idea_id in (own_idea["id"], copy):
            person.get(f"/activities/{idea_id}", 404)
        assert person.get(f"/dates/{date['id']}")["activity"]["title"] == IDEA["title"]
        assert search(person, "zeppelin") == []
    offer(cast.alice, own_idea["id"], 422)
    slot = date["slots"][0]["id"]
    assert cast.bob.post(f"/dates/{date['id']}/accept", {"version": 1, "slot_id": slot})["state"] == "accepted"
    assert cast.alice.get("/suggestions")["items"]


def test_a_repeated_create_returns_the_same_idea(cast: Cast) -> None:
    body = {"id": str(uuid4()), **IDEA}
    first = cast.alice.post("/activities", body, 201)
    assert cast.alice.post("/activities", body, 201) == first
    assert search(cast.alice, "zeppelin") == [first["id"]]
    cast.alice.post("/activities", {**body, "title": "Another title"}, 422)
    cast.bob.post("/activities", body, 422)


def test_catalogue_activities_cannot_be_edited(sam: Person) -> None:
    shipped = sam.get("/activities?limit=1")["items"][0]
    sam.patch(f"/activities/{shipped['id']}", {"title": "Mine now"}, '"1"', 404)
    sam.delete(f"/activities/{shipped['id']}", 404)
    assert sam.get(f"/activities/{shipped['id']}") == shipped


def test_an_edit_of_one_access_feature_keeps_the_others(sam: Person) -> None:
    own_idea = idea(sam, accessibility={"step_free": "yes"})
    edited = sam.patch(f"/activities/{own_idea['id']}", {"accessibility": {"seated": "no"}}, '"1"')
    assert (edited["accessibility"]["step_free"], edited["accessibility"]["seated"]) == ("yes", "no")
    assert edited["accessibility"].keys() == own_idea["accessibility"].keys()
    assert own_idea["id"] in {item["id"] for item in sam.get("/activities?q=zeppelins&step_free=true")["items"]}
    sam.get("/suggestions?step_free=true")
