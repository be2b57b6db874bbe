"""Test photos over HTTP: who adds them to what, who sees them, and when they are gone."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from planner.photos.photos import Photo, PhotoFile
from planner.storage import db
from tests.api.answers import problem
from tests.dates import agreed, clear_ledger, move, offer, own
from tests.erasing import erase
from tests.exports import ask, export, texts_of, unzip
from tests.people import PASSWORD, Cast, Person, expect, pair
from tests.photos import FAKE, encoded, memory, picture, upload
from tests.spaces import MINUTE, end, held, take

pytestmark = pytest.mark.usefixtures("quick_photos")


def share(author: Person, note: dict[str, Any], status: int = 200) -> Any:
    version = author.get(f"/notes/{note['id']}")["version"]
    return author.post(f"/notes/{note['id']}/share", {"version": version}, status)


def file_of(person: Person, photo: dict[str, Any], status: int = 200, size: str = "large") -> bytes:
    answer = person.request("GET", f"/photos/{photo['id']}/file?size={size}")
    assert answer.status_code == status, answer.get_data(as_text=True)
    return bytes(answer.data)


def ids(answer: dict[str, Any]) -> list[str]:
    return [photo["id"] for photo in answer["items"]]


def sees(person: Person, photo: dict[str, Any]) -> bool:
    """Return whether a person sees a photo: the same in its description and in its files."""
    statuses = {
        person.request("GET", f"/photos/{photo['id']}{more}").status_code for more in ("", "/file", "/file?size=small")
    }
    assert statuses in ({200}, {404}), statuses
    return statuses == {200}


def spent(person: Person) -> int:
    left = person.get("/me")["allowance"]["shared"]
    return int(left["limit"] - left["left"])


def idea(author: Person, **more: Any) -> Any:
    texts = {"title": "Row to the island", "category": "outdoors", "for": "either", "pace": 2}
    return author.post("/activities", {**texts, **more}, 201)


def received(person: Person) -> list[Any]:
    return [item["content"] for item in person.post("/me/received", {"password": PASSWORD})["items"]]


def test_a_photo_goes_from_a_phone_to_a_memory_and_back(cast: Cast, real_photos: None) -> None:
    note = memory(cast.alice)
    data = encoded("JPEG", picture(900, 600))
    photo = upload(cast.alice, data=data, note_id=note["id"], caption="The bench.")
    assert (photo["width"], photo["height"], photo["note_id"], photo["mine"]) == (900, 600, note["id"], True)
    answer = cast.alice.request("GET", f"/photos/{photo['id']}/file")
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("image/webp", "nosniff")
    assert (answer.data[:4], answer.data[8:12]) == (b"RIFF", b"WEBP")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert len(file_of(cast.alice, photo, size="small")) < len(answer.data)
    again = cast.alice.request("GET", f"/photos/{photo['id']}/file", If_None_Match=answer.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert cast.alice.get(f"/notes/{note['id']}")["photos"] == [photo]
    assert cast.alice.get("/photos")["items"] == [cast.alice.get(f"/photos/{photo['id']}")] == [photo]


def test_only_its_author_sees_the_photo_of_a_private_memory(cast: Cast) -> None:
    photo = upload(cast.alice, note_id=memory(cast.alice)["id"])
    nowhere = cast.bob.request("GET", f"/photos/{uuid4()}").get_json()
    for person in (cast.bob, cast.charlie, cast.sam):
        assert not sees(person, photo)
        assert person.request("GET", f"/photos/{photo['id']}").get_json() == nowhere
        person.delete(f"/photos/{photo['id']}", 404)
        assert person.get("/photos")["items"] == []
    for path in ("", "/file"):
        assert cast.alice.app.test_client().get(f"/v1/photos/{photo['id']}{path}").status_code == 401
    assert sees(cast.alice, photo)


def test_a_memory_is_shared_with_its_photos_as_one_thing(cast: Cast, stopped_clock: Any) -> None:
    note = memory(cast.alice)
    photo = upload(cast.alice, note_id=note["id"], caption="The bench.")
    stopped_clock.shift(MINUTE)
    upload(cast.alice, note_id=note["id"])
    share(cast.alice, note)
    assert spent(cast.alice) == 1
    assert sees(cast.bob, photo)
    (shown, _) = cast.bob.get("/notes?from=partner")["items"][0]["photos"]
    assert (shown["id"], shown["mine"], shown["caption"], shown["created_at"]) == (
        photo["id"],
        False,
        "The bench.",
        None,
    )
    assert received(cast.bob) == [{"kind": "memory", "body": note["body"], "photos": ["The bench.", ""]}]
    assert not sees(cast.charlie, photo)
    cast.bob.delete(f"/photos/{photo['id']}", 404)
    refused = cast.alice.request("POST", "/photos", {"data": "aaaa", "note_id": note["id"]})
    assert problem(refused, 409)["reason"] == "note_shared"


def test_a_photo_that_was_not_seen_makes_a_new_version_of_its_memory(cast: Cast) -> None:
    note = memory(cast.alice)
    upload(cast.alice, note_id=note["id"])
    cast.alice.post(f"/notes/{note['id']}/share", {"version": note["version"]}, 412)
    share(cast.alice, note)


@pytest.mark.parametrize("act", ["withdraw", "recall", "delete", "leave", "leave with photos", "delete account"])
def test_a_photo_is_gone_on_the_next_request(cast: Cast, act: str) -> None:
    note = memory(cast.alice)
    photo = upload(cast.alice, note_id=note["id"], caption="Words that were shared.")
    share(cast.alice, note)
    tag = cast.bob.request("GET", f"/photos/{photo['id']}/file").headers["ETag"]
    if act == "withdraw":
        cast.alice.delete(f"/photos/{photo['id']}")
        cast.alice.delete(f"/photos/{photo['id']}")  # a repeat
    elif act == "recall":
        cast.alice.post(f"/notes/{note['id']}/recall")
    elif act == "delete":
        cast.alice.delete(f"/notes/{note['id']}")
    elif act == "delete account":
        cast.alice.request("DELETE", "/me", {"password": PASSWORD})
    else:
        cast.alice.delete("/couple" + ("?withdraw_photos=true" if act == "leave with photos" else ""))
    assert not sees(cast.bob, photo)
    assert cast.bob.request("GET", f"/photos/{photo['id']}/file", If_None_Match=tag).status_code == 404
    assert received(cast.bob)[0]["photos"] == ["Words that were shared."], "the record keeps words, and no photo"
    with db.connection():
        assert PhotoFile.select().count() == (0 if act in ("withdraw", "delete", "leave with photos") else 1)
    if act != "delete account":
        assert sees(cast.alice, photo) == (act in ("recall", "leave"))


def test_a_photo_of_a_date_reaches_the_partner_and_costs_one_shared_thing(cast: Cast, stopped_clock: Any) -> None:
    date = agreed(cast.alice, cast.bob)
    photo = upload(cast.alice, date_id=date["id"], caption="The mill.")
    assert (spent(cast.alice), spent(cast.bob)) == (1, 0)
    (item,) = (each for each in cast.bob.get("/inbox")["items"] if each["kind"] == "date_photo")
    assert (item["subject"]["type"], item["subject"]["id"]) == ("date", date["id"])
    assert received(cast.bob) == [{"photo": "The mill."}]
    stopped_clock.shift(MINUTE)
    reply = upload(cast.bob, date_id=date["id"])
    for person in (cast.alice, cast.bob):
        listed = person.get(f"/dates/{date['id']}/photos")["items"]
        assert [(each["id"], each["mine"]) for each in listed] == [
            (photo["id"], person is cast.alice), (reply["id"], person is cast.bob),
        ]  # fmt: skip
        assert listed[0]["created_at"] == photo["created_at"]
    for outsider in (cast.charlie, cast.sam):
        outsider.get(f"/dates/{date['id']}/photos", 404)
        upload(outsider, 404, date_id=date["id"])
    cast.alice.delete(f"/photos/{photo['id']}")
    assert ids(cast.bob.get(f"/dates/{date['id']}/photos")) == [reply["id"]]
    assert "date_photo" not in cast.bob.inbox()
    assert spent(cast.alice) == 1, "withdrawn still counts"


def test_a_photo_of_a_solo_date_stays_with_its_owner(cast: Cast) -> None:
    date = own(cast.alice)
    photo = upload(cast.alice, date_id=date["id"])
    assert spent(cast.alice) == 0
    assert ids(cast.alice.get(f"/dates/{date['id']}/photos")) == [photo["id"]]
    assert not sees(cast.bob, photo)
    cast.bob.get(f"/dates/{date['id']}/photos", 404)
    assert "date_photo" not in cast.bob.inbox()


def test_only_an_agreed_date_takes_photos(cast: Cast) -> None:
    proposal = offer(cast.alice)
    refused = cast.alice.request("POST", "/photos", {"data": "aaaa", "date_id": proposal["id"]})
    assert problem(refused, 409)["reason"] == "date_moved_on"


def test_at_a_low_pace_dates_go_without_photos(cast: Cast) -> None:
    date = agreed(cast.alice, cast.bob)
    cast.alice.put("/me/pace", {"pace": 2})
    for person in (cast.alice, cast.bob):
        refused = person.request("POST", "/photos", {"data": "aaaa", "date_id": date["id"]})
        assert problem(refused, 422)["errors"][0]["code"] == "photo_above_pace"


def test_a_memory_with_photos_is_not_shared_at_a_low_pace(cast: Cast) -> None:
    note = memory(cast.alice)
    photo = upload(cast.alice, note_id=note["id"])
    cast.alice.put("/me/pace", {"pace": 2})
    version = cast.alice.get(f"/notes/{note['id']}")["version"]
    refused = cast.alice.request("POST", f"/notes/{note['id']}/share", {"version": version})
    assert problem(refused, 409)["reason"] == "note_photos_for_pace"
    cast.alice.delete(f"/photos/{photo['id']}")
    share(cast.alice, note)


def test_a_quiet_pace_holds_the_photos_of_dates(cast: Cast, stopped_clock: Any) -> None:
    date = agreed(cast.alice, cast.bob)
    cast.bob.put("/me/pace", {"pace": 2, "quietly": True})
    stopped_clock.shift(MINUTE)
    upload(cast.alice, date_id=date["id"])
    assert held(cast.bob) == [("date", date["id"], "pace")]
    assert "date_photo" not in cast.bob.inbox()


def test_when_apart_a_photo_uses_up_one_of_two(app: Flask, cast: Cast) -> None:
    cast.alice.put("/me/rhythm", {"rhythm": "apart"})
    date = agreed(cast.alice, cast.bob)
    for _ in range(2):
        upload(cast.alice, date_id=date["id"])
    refused = cast.alice.request("POST", "/photos", {"data": "aaaa", "date_id": date["id"]})
    assert problem(refused, 409)["reason"] == "quota_used_up"
    assert len(cast.alice.get("/photos")["items"]) == 2


def test_in_space_a_photo_of_a_date_is_held_and_its_sender_sees_no_difference(cast: Cast, stopped_clock: Any) -> None:
    date = agreed(cast.alice, cast.bob)
    answers = []
    for is_in_space in (False, True):
        if is_in_space:
            stopped_clock.shift(MINUTE)
            take(cast.bob, {"date_id": date["id"], "going": True})
            stopped_clock.shift(MINUTE)
        photo = upload(cast.alice, date_id=date["id"])
        shown = cast.alice.get(f"/photos/{photo['id']}")
        answers.append({name: shown[name] for name in shown if name not in ("id", "created_at")})
    assert answers[0] == answers[1]
    assert cast.bob.inbox().count("date_photo") == 1, "only the one from before"
    assert held(cast.bob) == [("date", date["id"], "space")]
    refused = cast.bob.request("POST", "/photos", {"data": "aaaa", "date_id": date["id"]})
    assert problem(refused, 409)["reason"] == "in_space"
    cast.alice.delete(f"/photos/{photo['id']}")
    assert held(cast.bob) == [], "what is withdrawn leaves the queue"
    other = upload(cast.alice, date_id=date["id"])
    end(cast.bob)
    cast.bob.post("/me/held/dismiss")
    assert not sees(cast.bob, other)
    assert other["id"] not in ids(cast.bob.get(f"/dates/{date['id']}/photos"))
    assert sees(cast.alice, other)


def test_an_own_idea_is_proposed_with_its_photos(cast: Cast, stopped_clock: Any) -> None:
    own_idea = idea(cast.alice)
    photo = upload(cast.alice, activity_id=own_idea["id"], caption="The island.")
    assert ids(cast.alice.get(f"/activities/{own_idea['id']}/photos")) == [photo["id"]]
    assert not sees(cast.bob, photo)
    date = offer(cast.alice, activity=own_idea["id"])
    copy = date["activity"]["id"]
    assert copy != own_idea["id"]
    stopped_clock.shift(MINUTE)
    later = upload(cast.alice, activity_id=own_idea["id"])
    (shown,) = cast.bob.get(f"/activities/{copy}/photos")["items"]
    assert (shown["id"], shown["activity_id"], shown["created_at"], shown["mine"]) == (photo["id"], copy, None, False)
    assert cast.bob.get(f"/photos/{photo['id']}") == shown
    assert not sees(cast.bob, later), "a copy does not change"
    assert received(cast.bob)[0]["photos"] == ["The island."]
    cast.bob.get(f"/activities/{own_idea['id']}/photos", 404)
    assert len(cast.alice.get(f"/activities/{copy}/photos")["items"]) == 2, "its author sees the idea itself"
    upload(cast.bob, 404, activity_id=copy)
    clear_ledger()
    move(cast.alice, "withdraw", date)
    again = offer(cast.alice, activity=own_idea["id"])["activity"]["id"]
    assert again != copy, "the idea has a new version"
    assert sees(cast.bob, later)
    cast.alice.delete(f"/activities/{own_idea['id']}")
    assert not sees(cast.bob, photo)
    assert cast.alice.get("/photos")["items"] == []


def test_at_a_low_pace_an_idea_is_proposed_without_photos(cast: Cast) -> None:
    own_idea = idea(cast.alice)
    photo = upload(cast.alice, activity_id=own_idea["id"])
    cast.alice.put("/me/pace", {"pace": 2})
    assert offer(cast.alice, own_idea["id"], 409)["reason"] == "idea_photos_for_pace"
    cast.alice.delete(f"/photos/{photo['id']}")
    offer(cast.alice, own_idea["id"])


def test_a_note_with_photos_stays_a_memory(cast: Cast) -> None:
    note = memory(cast.alice)
    photo = upload(cast.alice, note_id=note["id"])
    version = cast.alice.get(f"/notes/{note['id']}")["version"]
    refused = cast.alice.patch(f"/notes/{note['id']}", {"kind": "kindness"}, f'"{version}"', 409)
    assert refused["reason"] == "note_has_photos"
    cast.alice.delete(f"/photos/{photo['id']}")
    version = cast.alice.get(f"/notes/{note['id']}")["version"]
    cast.alice.patch(f"/notes/{note['id']}", {"kind": "kindness"}, f'"{version}"')


def test_an_activity_of_the_catalogue_has_no_photos(cast: Cast) -> None:
    activity = offer(cast.alice)["activity"]["id"]
    assert cast.alice.get(f"/activities/{activity}/photos")["items"] == []
    upload(cast.alice, 404, activity_id=activity)


def test_leaving_withdraws_the_photos_of_the_couple_and_no_others(cast: Cast) -> None:
    date, note = agreed(cast.alice, cast.bob), memory(cast.alice)
    of_date = upload(cast.alice, date_id=date["id"])
    bobs = upload(cast.bob, date_id=date["id"])
    of_note = upload(cast.alice, note_id=note["id"])
    share(cast.alice, note)
    private = upload(cast.alice, note_id=memory(cast.alice)["id"])
    cast.bob.delete("/couple")
    assert (sees(cast.alice, of_date), sees(cast.alice, bobs), sees(cast.bob, of_date)) == (True, False, False)
    assert ids(cast.alice.get(f"/dates/{date['id']}/photos")) == [of_date["id"]]
    cast.alice.delete("/couple?withdraw_photos=true")
    assert [sees(cast.alice, each) for each in (of_date, of_note, private)] == [False, False, True]
    assert sees(cast.bob, bobs)
    pair(cast.alice, cast.bob)
    assert not sees(cast.alice, bobs), "nothing comes back by itself"


def test_the_export_has_the_files_of_own_photos_only(cast: Cast) -> None:
    date = agreed(cast.alice, cast.bob)
    upload(cast.alice, date_id=date["id"], caption="Mine.")
    upload(cast.bob, date_id=date["id"], caption="Theirs.")
    (row,) = export(cast.alice, "private")["photos"]
    assert (row["caption"], row["date"], row["note"]) == ("Mine.", date["id"], None)
    archive = unzip(ask(cast.alice, "private"))
    assert archive.read(row["file"]) == FAKE.large
    assert [name for name in archive.namelist() if name.startswith("photos/")] == [row["file"]]
    assert not [name for name in unzip(ask(cast.alice, "ordinary")).namelist() if name.startswith("photos/")]
    texts = json.dumps(export(cast.alice, "private")) + json.dumps(export(cast.alice, "ordinary"))
    assert texts.count("Theirs.") == 1, "the received words"
    cast.alice.delete(f"/photos/{row['id']}")
    assert export(cast.alice, "private")["photos"] == []
    assert "Mine." not in texts_of(cast.alice)


def test_erasing_a_person_erases_their_photos(cast: Cast, stopped_clock: Any) -> None:
    date = agreed(cast.alice, cast.bob)
    upload(cast.alice, date_id=date["id"])
    bobs = upload(cast.bob, date_id=date["id"])
    erase(cast.alice, stopped_clock)
    cast.bob.sign_in_again()
    with db.connection():
        assert [str(row[0]) for row in db.fetch_all(Photo.select(Photo.id))] == [bobs["id"]]
        assert PhotoFile.select().count() == 1


def test_the_safety_check_counts_what_the_partner_sees(cast: Cast) -> None:
    def line() -> Any:
        return [item for item in cast.alice.get("/me/safety")["items"] if item["kind"] == "photos"]

    private = upload(cast.alice, note_id=memory(cast.alice)["id"])
    assert line() == []
    photo = upload(cast.alice, date_id=agreed(cast.alice, cast.bob)["id"])
    (found,) = line()
    assert (found["params"]["count"], found["find"], found["end"]["path"]) == (1, "/v1/photos", "/v1/photos/{id}")
    expect(cast.alice.request(found["end"]["method"], f"/photos/{photo['id']}"), 204)
    assert line() == []
    assert sees(cast.alice, private)
