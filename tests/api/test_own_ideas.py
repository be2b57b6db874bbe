"""Own ideas over HTTP: private until proposed, usable like any activity, edited and retired by their author only."""

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

DUCKS = {"title": "Zeppelins from paper bags", "category": "outdoors"}


def idea(person: Person, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = person.post("/activities", {**DUCKS, **more}, 201)
    return made


def offer(person: Person, activity: str, status: int = 201, **more: Any) -> Any:
    wall = f"{NOON + timedelta(days=3):%Y-%m-%dT%H:%M}"
    body = {"activity": activity, "slots": [{"wall": wall, "zone": "UTC"}], **more}
    return person.post("/dates", body, status)


def shared_left(person: Person) -> int:
    left: int = person.get("/me")["contact"]["shared"]["left"]
    return left


def found(person: Person, typed: str) -> list[str]:
    return [one["id"] for one in person.get(f"/activities?q={typed}")["items"]]


def seen(person: Person, path: str) -> tuple[int, bytes]:
    answer = person.request("GET", path)
    return answer.status_code, answer.data


def test_a_title_and_a_category_are_enough(sam: Person) -> None:
    made = idea(sam)
    assert made["source"] == "me"
    assert made["version"] == 1
    assert (made["party"], made["pace"], made["duration_min"], made["duration_max"]) == ("either", 2, 60, 120)
    assert set(made["accessibility"].values()) == {"unknown"}
    assert sam.get(f"/activities/{made['id']}") == made
    assert idea(sam, party="one")["pace"] == 1
    short, long = idea(sam, duration_max=20), idea(sam, duration_min=300)
    assert (short["duration_min"], short["duration_max"]) == (20, 20)
    assert (long["duration_min"], long["duration_max"]) == (300, 300)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": "ab"}, "title"),
        ({"category": "nowhere"}, "category"),
        ({"duration_min": 90, "duration_max": 30}, "duration_max"),
        ({"party": "one", "pace": 3}, "pace"),
        ({"tags": ["nonsense"]}, "tags"),
        ({"accessibility": {"step_free": "perhaps"}}, "accessibility"),
        ({"steps": ["one"] * 7}, "steps"),
    ],
)
def test_what_makes_no_sense_is_refused(sam: Person, wrong: dict[str, Any], field: str) -> None:
    refused = sam.post("/activities", {**DUCKS, **wrong}, 422)
    assert {fault["field"].partition(".")[0] for fault in refused["errors"]} == {field}
    assert found(sam, "zeppelin") == []


def test_an_idea_is_its_authors_alone_until_it_is_proposed(cast: Cast) -> None:
    made = idea(cast.alice, party="two")
    for other in (cast.bob, cast.charlie, cast.sam):
        assert seen(other, f"/activities/{made['id']}") == seen(other, f"/activities/{uuid4()}")
        assert found(other, "zeppelin") == []
        offer(other, made["id"], 422, party="one")
    for other in (cast.bob, cast.charlie):
        assert offer(other, made["id"], 422)["errors"] == offer(other, str(uuid4()), 422)["errors"]
    assert found(cast.alice, "zeppelin") == [made["id"]]

    before = shared_left(cast.alice)
    copy = offer(cast.alice, made["id"])["activity"]["id"]
    assert shared_left(cast.alice) == before - 1
    assert cast.bob.get(f"/activities/{copy}") == {**made, "id": copy, "slug": f"own-{copy}", "source": "partner"}
    assert found(cast.bob, "zeppelin") == [copy]
    assert found(cast.alice, "zeppelin") == [made["id"]], "its author does not find the copy beside it"
    cast.bob.get(f"/activities/{made['id']}", 404)
    assert cast.bob.get("/today")["dates"][0]["activity"]["title"] == DUCKS["title"]
    for one in (made["id"], copy):
        assert seen(cast.charlie, f"/activities/{one}") == seen(cast.charlie, f"/activities/{uuid4()}")


def test_showing_it_costs_once_and_the_partner_may_propose_it_back(cast: Cast) -> None:
    made = idea(cast.alice, party="two")
    first = offer(cast.alice, made["id"])
    before = shared_left(cast.alice), shared_left(cast.bob)
    cast.bob.post(f"/dates/{first['id']}/decline", {"version": 1, "answer": "another_time"})
    again = offer(cast.alice, made["id"])
    back = offer(cast.bob, first["activity"]["id"])
    assert again["activity"] == back["activity"] == first["activity"]
    assert (shared_left(cast.alice), shared_left(cast.bob)) == before


def test_an_own_date_shows_it_to_nobody(cast: Cast) -> None:
    made = idea(cast.alice)
    offer(cast.alice, made["id"], party="one")
    cast.bob.get(f"/activities/{made['id']}", 404)


def test_without_a_shared_thing_left_nothing_of_the_proposal_is_kept(cast: Cast) -> None:
    dana = cast.dana  # gentle: seven shared things in seven days
    made = dana.post("/activities", {**DUCKS, "party": "two"}, 201)
    for number in range(7):
        note = dana.post("/notes", {"kind": "effort", "body": f"{number}"}, 201)
        dana.post(f"/notes/{note['id']}/share", {"version": 1})
    assert offer(dana, made["id"], 409)["type"] == "/problems/too-soon"
    cast.charlie.get(f"/activities/{made['id']}", 404)
    assert dana.get("/dates")["items"] == []
    assert dana.get("/me")["contact"]["proposals"]["left"] == 3


def test_an_idea_above_the_pace_is_not_proposed_nor_suggested(cast: Cast) -> None:
    made = cast.charlie.post("/activities", {**DUCKS, "party": "two", "pace": 4}, 201)
    assert offer(cast.charlie, made["id"], 409)["type"] == "/problems/above-pace"


def test_own_ideas_are_suggested(sam: Person) -> None:
    wanted = idea(sam, cost_band=0, category="getaway", duration_min=10, duration_max=10)
    ideas = sam.get("/suggestions?category=getaway&minutes=10")["items"]
    assert [one["activity"]["id"] for one in ideas] == [wanted["id"]]
    assert {"code": "cost", "params": {"cost_band": 0}, "text": "free"} in ideas[0]["reasons"]


def test_an_edit_needs_the_version_and_costs_nothing(cast: Cast) -> None:
    alice, made = cast.alice, idea(cast.alice, party="two")
    path = f"/activities/{made['id']}"
    before = shared_left(alice)
    assert alice.patch(path, {"title": "Name the zeppelins"}, '"1"')["title"] == "Name the zeppelins"
    alice.patch(path, {"title": "Late"}, '"1"', 412)
    edited = alice.patch(path, {"summary": "Bring oats."}, '"2"')
    assert (edited["version"], edited["title"], edited["summary"]) == (3, "Name the zeppelins", "Bring oats.")
    cast.bob.patch(path, {"title": "Mine now"}, '"3"', 404)
    alice.patch(path, {"duration_min": 500}, '"3"', 422)
    assert alice.get(path) == edited
    assert shared_left(alice) == before


def test_the_copy_that_the_partner_has_never_changes(cast: Cast) -> None:
    alice, bob, made = cast.alice, cast.bob, idea(cast.alice, party="two")
    alice.patch(f"/activities/{made['id']}", {"title": "Name the airships"}, '"1"')
    date = offer(alice, made["id"])
    path, before = f"/activities/{date['activity']['id']}", shared_left(alice)
    copy = bob.get(path)
    assert copy["version"] == 1, "how often it was changed before is the author's alone"

    alice.patch(f"/activities/{made['id']}", {"title": "Zeppelins, please"}, '"2"')
    assert bob.get(path) == copy
    assert bob.get(f"/dates/{date['id']}")["activity"]["title"] == "Name the airships"
    assert bob.get("/activities?q=zeppelins")["items"] == []
    assert shared_left(alice) == before
    assert "cannot be edited" in alice.patch(path, {"title": "Please"}, '"1"', 409)["detail"]
    bob.patch(path, {"title": "Please"}, '"1"', 404)


def test_an_idea_that_was_changed_is_proposed_as_a_new_copy(cast: Cast) -> None:
    alice, bob, made = cast.alice, cast.bob, idea(cast.alice, party="two")
    first = offer(alice, made["id"])["activity"]
    alice.patch(f"/activities/{made['id']}", {"title": "Name the airships"}, '"1"')
    before = shared_left(alice)
    second = offer(alice, made["id"])["activity"]
    assert shared_left(alice) == before - 1
    assert second["id"] != first["id"]
    assert {bob.get(f"/activities/{one['id']}")["title"] for one in (first, second)} == {
        DUCKS["title"], "Name the airships"
    }  # fmt: skip


def test_the_author_is_not_suggested_an_idea_that_is_planned_already(cast: Cast) -> None:
    made = idea(cast.alice, party="two", cost_band=0, category="getaway", duration_min=10, duration_max=10)
    path = "/suggestions?party=two&category=getaway&minutes=10"
    assert made["id"] in [one["activity"]["id"] for one in cast.alice.get(path)["items"]]
    offer(cast.alice, made["id"])
    assert made["id"] not in [one["activity"]["id"] for one in cast.alice.get(path)["items"]]


def test_feedback_on_an_own_idea_counts_for_the_idea_with_its_author_and_for_the_copy_with_the_partner(
    cast: Cast, stopped_clock: Traveller
) -> None:
    made = idea(cast.alice, party="two")
    date = offer(cast.alice, made["id"])
    cast.bob.post(f"/dates/{date['id']}/accept", {"version": 1, "slot": date["slots"][0]["id"]})
    stopped_clock.move_to(NOON + timedelta(days=3, hours=4))
    cast.alice.post(f"/dates/{date['id']}/complete", {"version": 2})
    for person in (cast.alice, cast.bob):
        person.put(f"/dates/{date['id']}/feedback", {"feeling": "lighter"})
    for person, activity in ((cast.alice, made["id"]), (cast.bob, date["activity"]["id"])):
        viewer, both = UUID(person.id), [UUID(cast.alice.id), UUID(cast.bob.id)]
        with db.connection():
            couple = UUID(person.get("/couple")["id"])
            given = feedback.list_for_ranking(viewer, both, couple, NOON + timedelta(days=4))
        assert [[one.activity for one in given[who]] for who in both] == [[UUID(activity)]] * 2


def test_a_change_does_not_end_the_rest_of_an_idea_after_a_no(cast: Cast) -> None:
    made = idea(cast.alice, party="two")
    date = offer(cast.alice, made["id"])
    cast.bob.post(f"/dates/{date['id']}/decline", {"version": 1, "answer": "no"})
    cast.alice.patch(f"/activities/{made['id']}", {"title": "Name the airships"}, '"1"')
    assert offer(cast.alice, made["id"], 409)["type"] == "/problems/too-soon"


def test_a_retired_idea_keeps_its_name_in_dates_and_takes_no_new_ones(cast: Cast) -> None:
    made = idea(cast.alice, party="two")
    date = offer(cast.alice, made["id"])
    copy = date["activity"]["id"]
    cast.bob.delete(f"/activities/{copy}", 404)
    cast.alice.delete(f"/activities/{made['id']}")
    cast.alice.delete(f"/activities/{made['id']}", 404)
    for person in (cast.alice, cast.bob):
        for one in (made["id"], copy):
            person.get(f"/activities/{one}", 404)
        assert person.get(f"/dates/{date['id']}")["activity"]["title"] == DUCKS["title"]
        assert found(person, "zeppelin") == []
    offer(cast.alice, made["id"], 422)
    slot = date["slots"][0]["id"]
    assert cast.bob.post(f"/dates/{date['id']}/accept", {"version": 1, "slot": slot})["state"] == "accepted"
    assert cast.alice.get("/suggestions")["items"]


def test_a_repeated_create_is_the_same_idea(cast: Cast) -> None:
    body = {"id": str(uuid4()), **DUCKS}
    first = cast.alice.post("/activities", body, 201)
    assert cast.alice.post("/activities", body, 201) == first
    assert found(cast.alice, "zeppelin") == [first["id"]]
    cast.alice.post("/activities", {**body, "title": "Another title"}, 422)
    cast.bob.post("/activities", body, 422)


def test_the_catalogues_own_are_nobodys_to_edit(sam: Person) -> None:
    shipped = sam.get("/activities?limit=1")["items"][0]
    sam.patch(f"/activities/{shipped['id']}", {"title": "Mine now"}, '"1"', 404)
    sam.delete(f"/activities/{shipped['id']}", 404)
    assert sam.get(f"/activities/{shipped['id']}") == shipped


def test_one_feature_of_access_is_told_without_the_others(sam: Person) -> None:
    made = idea(sam, accessibility={"step_free": "yes"})
    edited = sam.patch(f"/activities/{made['id']}", {"accessibility": {"seated": "no"}}, '"1"')
    assert (edited["accessibility"]["step_free"], edited["accessibility"]["seated"]) == ("yes", "no")
    assert edited["accessibility"].keys() == made["accessibility"].keys()
    assert made["id"] in {one["id"] for one in sam.get("/activities?q=zeppelins&step_free=true")["items"]}
    sam.get("/suggestions?step_free=true")
