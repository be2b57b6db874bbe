"""Test the inbox over HTTP."""

from __future__ import annotations

from uuid import uuid4

from planner import messages
from tests.dates import agreed, light, move, offer


def test_the_inbox_lists_the_newest_items_first(cast, stopped_clock):
    activity = light()
    subjects = []
    for _ in range(4):
        stopped_clock.shift(60)
        subjects.insert(0, offer(cast.alice, activity)["id"])
    items, after = [], ""
    while after is not None:
        page = cast.bob.get(f"/inbox?limit=2{after and '&after=' + after}")
        items += page["items"]
        after = page["next"]
    assert [item["subject"] and item["subject"]["id"] for item in items][:4] == subjects
    assert [item["kind"] for item in items] == ["date_proposed"] * 4 + ["couple_begun"]
    title = cast.bob.get(f"/activities/{activity}")["title"]
    assert [item["subject"]["title"] for item in items] == [title] * 4 + [None]
    assert [item["subject"] for item in cast.bob.get("/today")["inbox"]] == [item["subject"] for item in items]
    assert {item["text"] for item in items} == {
        messages.text("inbox", kind) for kind in ("date_proposed", "couple_begun")
    }


def test_a_seen_item_leaves_today_and_stays_in_the_inbox(cast, stopped_clock):
    offer(cast.alice)
    item = cast.bob.get("/inbox?limit=1")["items"][0]
    assert item["seen_at"] is None
    assert item["id"] in [item["id"] for item in cast.bob.get("/today")["inbox"]]
    seen = cast.bob.post(f"/inbox/{item['id']}/seen")
    assert seen == {**item, "seen_at": "2026-11-23T12:00:00.000Z"}
    stopped_clock.shift(60)
    assert cast.bob.post(f"/inbox/{item['id']}/seen") == seen
    assert item["id"] not in [item["id"] for item in cast.bob.get("/today")["inbox"]]
    assert seen in cast.bob.get("/inbox")["items"]


def test_only_the_owner_can_read_and_mark_an_item(cast):
    date = offer(cast.alice)
    (item,) = [item for item in cast.bob.get("/inbox")["items"] if item["subject"]["id"] == date["id"]]
    before = cast.alice.request("GET", "/inbox").data
    for other in (cast.alice, cast.charlie, cast.sam):
        theirs = other.request("POST", f"/inbox/{item['id']}/seen")
        absent = other.request("POST", f"/inbox/{uuid4()}/seen")
        assert (theirs.status_code, theirs.data) == (404, absent.data)
        assert item["id"] not in [item["id"] for item in other.get("/inbox")["items"]]
    assert cast.bob.get("/inbox")["items"].count(item) == 1
    # Alice does not learn that Bob saw it.
    cast.bob.post(f"/inbox/{item['id']}/seen")
    assert cast.alice.request("GET", "/inbox").data == before
    assert cast.alice.get(f"/dates/{date['id']}") == date


def test_future_reminders_are_not_listed(cast):
    date = agreed(cast.alice, cast.bob)
    assert [item for item in cast.bob.get("/inbox")["items"] if item["subject"]["id"] == date["id"]] == []
    (item,) = [item for item in cast.alice.get("/inbox")["items"] if item["subject"]["id"] == date["id"]]
    assert item["kind"] == "date_accepted"


def test_withdrawing_an_offer_deletes_its_item(cast):
    date = offer(cast.alice)
    (item,) = [item for item in cast.bob.get("/inbox")["items"] if item["subject"]["id"] == date["id"]]
    move(cast.alice, "withdraw", date)
    cast.bob.post(f"/inbox/{item['id']}/seen", status=404)
    assert date["id"] not in [item["subject"] and item["subject"]["id"] for item in cast.bob.get("/inbox")["items"]]


def test_an_invalid_query_of_the_inbox_is_refused(alice):
    for query in ("limit=0", "limit=101", "after=abc", "seen=true"):
        alice.get(f"/inbox?{query}", 422)
    alice.post("/inbox/not-an-id/seen", status=404)


def test_the_inbox_needs_a_token(app, cast):
    assert app.test_client().get("/v1/inbox").status_code == 401
    assert app.test_client().post(f"/v1/inbox/{uuid4()}/seen").status_code == 401


def test_an_item_about_a_date_of_a_former_couple_has_its_title(cast):
    date = agreed(cast.alice, cast.bob)
    cast.bob.delete("/couple")
    (item,) = [item for item in cast.alice.get("/inbox")["items"] if item["kind"] == "date_off"]
    assert item["subject"] == {"type": "date", "id": date["id"], "title": date["activity"]["title"]}
