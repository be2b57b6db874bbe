"""Activities over HTTP: a stable list, complete texts, and a farewell without holes."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask

from planner.catalogue import activities, sync
from planner.storage import db
from seeds import reader
from seeds.reader import Activity, Catalogue
from seeds.vocabulary import CATEGORIES
from tests.conftest import NOON
from tests.dates import agreed, offer, slot
from tests.people import Cast, Person, sign_up

SHIPPED = reader.shipped()


def synced(*found: Activity) -> None:
    with db.connection():
        sync.sync(Catalogue(Path(), found, SHIPPED.prompts), NOON)


def without(activity: str) -> tuple[Activity, ...]:
    with db.connection():
        gone = activities.snapshot().by_id[UUID(activity)].content.slug
    return tuple(activity for activity in SHIPPED.activities if activity.slug != gone)


def listed(person: Person, query: str = "", limit: int = 100, after: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: str | None = after
    while cursor is not None:
        page = person.get(f"/activities?limit={limit}{query}{cursor and '&after=' + cursor}")
        found += page["items"]
        cursor = page["next"]
    return found


def test_everybody_reads_the_same_complete_texts(cast: Cast) -> None:
    found = listed(cast.alice)
    assert found == listed(cast.charlie) == listed(cast.sam)
    assert {activity["slug"] for activity in found} == {activity.slug for activity in SHIPPED.activities}
    written = {activity.slug: asdict(activity) for activity in SHIPPED.activities}
    for one in found:
        told = {
            name: list(value) if isinstance(value, tuple) else value for name, value in written[one["slug"]].items()
        }
        texts = {name: told[name] for name in one if name not in ("id", "source", "vote")}
        assert one == {"id": one["id"], "source": "catalogue", "vote": None, **texts}
    assert cast.sam.get(f"/activities/{found[0]['id']}") == found[0]


def test_pages_lose_and_repeat_nothing_and_filters_hold(sam: Person) -> None:
    everything = listed(sam)
    assert listed(sam, limit=7) == listed(sam, limit=1) == everything
    for category in CATEGORIES:
        assert listed(sam, f"&category={category}", 3) == [
            activity for activity in everything if activity["category"] == category
        ]


def test_an_activity_added_meanwhile_disturbs_no_page(sam: Person) -> None:
    first = sam.get("/activities?limit=10")
    synced(*SHIPPED.activities, *(replace(SHIPPED.activities[0], slug=f"new-{number}") for number in range(9)))
    rest = listed(sam, after=first["next"])
    seen = [item["id"] for item in first["items"] + rest]
    assert len(set(seen)) == len(seen) >= len(SHIPPED.activities)


def test_a_question_that_makes_no_sense_is_refused(sam: Person) -> None:
    for query in ("category=unknown", "limit=0", "limit=abc", "after=x", "weather=fog", "mood=good"):
        field = sam.get(f"/activities?{query}", 422)["errors"][0]["field"]
        assert field.partition(".")[0] == query.partition("=")[0]


def test_a_retired_activity_keeps_its_name_in_old_dates_and_takes_no_new_ones(alice: Person, bob: Person) -> None:
    date = agreed(alice, bob)
    gone = date["activity"]["id"]
    synced(*without(gone))
    alice.get(f"/activities/{gone}", 404)
    assert gone not in {activity["id"] for activity in listed(alice)}
    for person in (alice, bob):
        assert person.get(f"/dates/{date['id']}")["activity"] == date["activity"]
        assert person.get("/today")["dates"][0]["activity"] == date["activity"]
    refused = offer(alice, gone, 422)
    assert refused["errors"][0]["field"] == "activity"
    alice.post("/dates", {"activity": gone, "party": "one", "slots": [slot(NOON.replace(day=27))]}, 422)
    assert alice.get("/suggestions")["items"]


def test_an_open_proposal_survives_the_retirement_of_its_activity(alice: Person, bob: Person) -> None:
    date = offer(alice)
    synced(*without(date["activity"]["id"]))
    taken = bob.post(f"/dates/{date['id']}/accept", {"version": 1, "slot": date["slots"][0]["id"]})
    assert taken["activity"] == date["activity"]


def test_an_activity_taken_up_again_with_other_words_reads_in_the_new_ones(sam: Person) -> None:
    first = listed(sam)[0]
    synced(*without(first["id"]))
    sam.get(f"/activities/{first['id']}", 404)
    anew = [
        replace(activity, title="Anew") if activity.slug == first["slug"] else activity
        for activity in SHIPPED.activities
    ]
    synced(*anew)
    assert sam.get(f"/activities/{first['id']}") == {**first, "title": "Anew"}
    assert {activity["id"]: activity["title"] for activity in listed(sam)}[first["id"]] == "Anew"


def test_what_is_not_there_is_404_and_an_unchanged_list_304(sam: Person) -> None:
    sam.get(f"/activities/{uuid4()}", 404)
    sam.get("/activities/1", 404)
    tag = sam.request("GET", "/activities").headers["ETag"]
    again = sam.request("GET", "/activities", If_None_Match=tag)
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)


def test_an_empty_catalogue_is_an_empty_list(app: Flask) -> None:
    synced()
    sam = sign_up(app, "Sam", "UTC")
    assert sam.get("/activities") == {"items": [], "next": None}
    assert sam.get("/suggestions")["items"] == []
