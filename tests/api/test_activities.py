"""Test activities over HTTP: a stable list, complete texts, and retired activities."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from planner.catalogue import activities, sync
from planner.storage import db
from seeds.reader import Activity, Catalogue
from seeds.vocabulary import CATEGORIES
from tests.conftest import NOON
from tests.dates import agreed, offer, slot
from tests.people import Cast, Person, propose, shipped, sign_up

SHIPPED = shipped()


def sync_catalogue(*entries: Activity) -> None:
    with db.connection():
        sync.sync(Catalogue(Path(), entries, SHIPPED.prompts), NOON)


def catalogue_without(activity: str) -> tuple[Activity, ...]:
    with db.connection():
        slug = activities.snapshot().by_id[UUID(activity)].content.slug
    return tuple(activity for activity in SHIPPED.activities if activity.slug != slug)


def list_all(person: Person, query: str = "", limit: int = 100, after: str = "") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: str | None = after
    while cursor is not None:
        page = person.get(f"/activities?limit={limit}{query}{cursor and '&after=' + cursor}")
        items += page["items"]
        cursor = page["next"]
    return items


def test_everybody_reads_the_same_complete_texts(cast: Cast) -> None:
    listing = list_all(cast.alice)
    texts_for_one = [{**activity, "ending": None} for activity in listing]
    assert texts_for_one == list_all(cast.sam)
    assert texts_for_one == [{**activity, "ending": None} for activity in list_all(cast.charlie)]
    assert {activity["slug"] for activity in listing} == {activity.slug for activity in SHIPPED.activities}
    written = {activity.slug: asdict(activity) for activity in SHIPPED.activities}
    for item in listing:
        fields = {
            name: list(value) if isinstance(value, tuple) else value for name, value in written[item["slug"]].items()
        }
        fields["for"] = fields.pop("party")
        fields["ending"] = fields.pop("ending_together")
        texts = {name: fields[name] for name in item if name not in ("id", "source", "vote")}
        assert item == {"id": item["id"], "source": "catalogue", "vote": None, **texts}
    assert cast.alice.get(f"/activities/{listing[0]['id']}") == listing[0]


@pytest.mark.parametrize("rhythm", ["apart", "gentle", "together"])
def test_a_couple_gets_the_ending_of_its_rhythm(cast: Cast, rhythm: str, now: datetime) -> None:
    light = next(activity for activity in SHIPPED.activities if activity.pace == 2)
    if rhythm != "together":
        cast.alice.put("/me/rhythm", {"rhythm": rhythm, "quietly": False}, 200)
    listed = {activity["slug"]: activity["ending"] for activity in list_all(cast.bob)}
    assert listed[light.slug] == (light.ending_together if rhythm == "together" else light.ending)
    assert light.ending != light.ending_together
    planned = propose(cast.bob, now + timedelta(days=3))["activity"]
    assert planned["ending"] == cast.bob.get(f"/activities/{planned['id']}")["ending"] is not None


def test_a_quiet_rhythm_changes_the_ending_for_the_viewer_only(cast: Cast) -> None:
    light = next(activity for activity in SHIPPED.activities if activity.pace == 2)
    cast.alice.put("/me/rhythm", {"rhythm": "apart", "quietly": True}, 200)
    endings = [
        {activity["slug"]: activity["ending"] for activity in list_all(person)}[light.slug]
        for person in (cast.alice, cast.bob)
    ]
    assert endings == [light.ending, light.ending_together]


def test_pages_and_filters_lose_and_repeat_nothing(sam: Person) -> None:
    whole = list_all(sam)
    assert list_all(sam, limit=7) == list_all(sam, limit=1) == whole
    for category in CATEGORIES:
        assert list_all(sam, f"&category={category}", 3) == [
            activity for activity in whole if activity["category"] == category
        ]


def test_activities_added_between_two_pages_do_not_shift_the_pages(sam: Person) -> None:
    first = sam.get("/activities?limit=10")
    sync_catalogue(*SHIPPED.activities, *(replace(SHIPPED.activities[0], slug=f"new-{number}") for number in range(9)))
    rest = list_all(sam, after=first["next"])
    seen = [item["id"] for item in first["items"] + rest]
    assert len(set(seen)) == len(seen) >= len(SHIPPED.activities)


def test_a_page_goes_on_when_its_last_activity_is_gone(sam: Person) -> None:
    for number in range(5):
        sam.post("/activities", {"title": f"Zebra walk {number}", "category": "outdoors"}, 201)
    page = sam.get("/activities?q=zebra&limit=2")
    assert sam.request("DELETE", f"/activities/{page['items'][-1]['id']}").status_code == 204
    rest = sam.get(f"/activities?q=zebra&limit=9&after={page['next']}")
    assert [item["title"] for item in rest["items"]] == ["Zebra walk 2", "Zebra walk 3", "Zebra walk 4"]


def test_an_invalid_query_is_refused(sam: Person) -> None:
    for query in ("category=unknown", "limit=0", "limit=abc", "after=x", "weather=fog", "mood=good"):
        field = sam.get(f"/activities?{query}", 422)["errors"][0]["field"]
        assert field.partition(".")[0] == query.partition("=")[0]


def test_a_retired_activity_keeps_its_name_in_dates_and_cannot_be_proposed(alice: Person, bob: Person) -> None:
    date = agreed(alice, bob)
    activity_id = date["activity"]["id"]
    sync_catalogue(*catalogue_without(activity_id))
    alice.get(f"/activities/{activity_id}", 404)
    assert activity_id not in {activity["id"] for activity in list_all(alice)}
    for person in (alice, bob):
        retired = {**date["activity"], "retired": True}
        assert person.get(f"/dates/{date['id']}")["activity"] == retired
        assert person.get("/today")["dates"][0]["activity"] == retired
    refusal = offer(alice, activity_id, 422)
    assert refusal["errors"][0]["field"] == "activity_id"
    alice.post("/dates", {"activity_id": activity_id, "for": "one", "slots": [slot(NOON.replace(day=27))]}, 422)
    assert alice.get("/suggestions")["items"]


def test_an_open_proposal_can_be_accepted_after_its_activity_is_retired(alice: Person, bob: Person) -> None:
    date = offer(alice)
    sync_catalogue(*catalogue_without(date["activity"]["id"]))
    accepted = bob.post(f"/dates/{date['id']}/accept", {"version": 1, "slot_id": date["slots"][0]["id"]})
    assert accepted["activity"] == {**date["activity"], "retired": True}


def test_an_activity_that_returns_to_the_catalogue_has_its_new_words(sam: Person) -> None:
    first = list_all(sam)[0]
    sync_catalogue(*catalogue_without(first["id"]))
    sam.get(f"/activities/{first['id']}", 404)
    anew = [
        replace(activity, title="Anew") if activity.slug == first["slug"] else activity
        for activity in SHIPPED.activities
    ]
    sync_catalogue(*anew)
    assert sam.get(f"/activities/{first['id']}") == {**first, "title": "Anew"}
    assert {activity["id"]: activity["title"] for activity in list_all(sam)}[first["id"]] == "Anew"


def test_a_missing_activity_is_404_and_an_unchanged_list_is_304(sam: Person) -> None:
    sam.get(f"/activities/{uuid4()}", 404)
    sam.get("/activities/1", 404)
    tag = sam.request("GET", "/activities").headers["ETag"]
    again = sam.request("GET", "/activities", If_None_Match=tag)
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)


def test_an_empty_catalogue_is_an_empty_list(app: Flask) -> None:
    sync_catalogue()
    sam = sign_up(app, "Sam", "UTC")
    assert sam.get("/activities") == {"items": [], "next": None}
    assert sam.get("/suggestions")["items"] == []
