from __future__ import annotations

from uuid import uuid4

from planner import messages
from tests.dates import agreed, light, move, offer


def test_the_inbox_pages_newest_first(cast, stopped_clock):
    activity = light()
    subjects = []
    for _ in range(4):
        stopped_clock.shift(60)
        subjects.insert(0, offer(cast.alice, activity)["id"])
    found, after = [], ""
    while after is not None:
        page = cast.bob.get(f"/inbox?limit=2{after and '&after=' + after}")
        found += page["items"]
        after = page["next"]
    assert [item["subject"] for item in found][:4] == subjects
    assert [item["kind"] for item in found] == ["date_proposed"] * 4 + ["couple_begun"]
    assert {item["text"] for item in found} == {
        messages.text("inbox", kind) for kind in ("date_proposed", "couple_begun")
    }


def test_seen_once_is_seen_and_leaves_the_first_screen(cast, stopped_clock):
    offer(cast.alice)
    item = cast.bob.get("/inbox?limit=1")["items"][0]
    assert item["seen_at"] is None
    assert item["id"] in [one["id"] for one in cast.bob.get("/today")["inbox"]]
    seen = cast.bob.post(f"/inbox/{item['id']}/seen")
    assert seen == {**item, "seen_at": "2026-11-23T12:00:00.000Z"}
    stopped_clock.shift(60)
    assert cast.bob.post(f"/inbox/{item['id']}/seen") == seen
    assert item["id"] not in [one["id"] for one in cast.bob.get("/today")["inbox"]]
    assert seen in cast.bob.get("/inbox")["items"]


def test_an_item_belongs_to_its_person_alone(cast):
    made = offer(cast.alice)
    (item,) = [one for one in cast.bob.get("/inbox")["items"] if one["subject"] == made["id"]]
    before = cast.alice.request("GET", "/inbox").data
    for other in (cast.alice, cast.charlie, cast.sam):
        theirs = other.request("POST", f"/inbox/{item['id']}/seen")
        absent = other.request("POST", f"/inbox/{uuid4()}/seen")
        assert (theirs.status_code, theirs.data) == (404, absent.data)
        assert item["id"] not in [one["id"] for one in other.get("/inbox")["items"]]
    assert cast.bob.get("/inbox")["items"].count(item) == 1
    # Nobody learns that it was seen.
    cast.bob.post(f"/inbox/{item['id']}/seen")
    assert cast.alice.request("GET", "/inbox").data == before
    assert cast.alice.get(f"/dates/{made['id']}") == made


def test_what_lies_ahead_is_neither_listed_nor_marked(cast):
    made = agreed(cast.alice, cast.bob)
    assert [one for one in cast.bob.get("/inbox")["items"] if one["subject"] == made["id"]] == []
    (item,) = [one for one in cast.alice.get("/inbox")["items"] if one["subject"] == made["id"]]
    assert item["kind"] == "date_accepted"


def test_an_item_of_a_withdrawn_offer_is_gone(cast):
    made = offer(cast.alice)
    (item,) = [one for one in cast.bob.get("/inbox")["items"] if one["subject"] == made["id"]]
    move(cast.alice, "withdraw", made)
    cast.bob.post(f"/inbox/{item['id']}/seen", status=404)
    assert made["id"] not in [one["subject"] for one in cast.bob.get("/inbox")["items"]]


def test_the_inbox_refuses_what_it_does_not_know(alice):
    for query in ("limit=0", "limit=101", "after=abc", "seen=true"):
        alice.get(f"/inbox?{query}", 422)
    alice.post("/inbox/not-an-id/seen", status=404)


def test_nobody_reads_an_inbox_without_a_token(app, cast):
    assert app.test_client().get("/v1/inbox").status_code == 401
    assert app.test_client().post(f"/v1/inbox/{uuid4()}/seen").status_code == 401
