"""Test dates with a guide: from its start on, either can open the talk."""

from __future__ import annotations

from uuid import uuid4

from planner import scheduler
from tests.dates import START, offer, own, slot
from tests.dates import move as move_date
from tests.exports import export
from tests.spaces import going, held, take
from tests.talks import GUIDE, HOUR, MINUTE, agreed_talk, current, move, start


def test_a_date_with_a_guide_becomes_a_talk_at_its_start(alice, bob, stopped_clock):
    date = agreed_talk(alice, bob, START)
    assert date["guide"] == {"slug": GUIDE, "title": "Something was forgotten", "minutes": 12}
    assert bob.get("/dates")["items"][0]["guide"]["slug"] == GUIDE
    body = {"date_id": date["id"]}
    assert alice.post("/talks", body, 409)["reason"] == "date_not_begun"
    stopped_clock.move_to(START)
    left = alice.get("/me")["allowance"]
    talk = bob.post("/talks", body, 201)
    assert (talk["date_id"], talk["guide"]["slug"], talk["first"]) == (date["id"], GUIDE, "me")
    assert alice.post("/talks", body, 409)["reason"] == "talk_open"
    assert current(alice)["id"] == talk["id"]
    assert "talk_opened" not in alice.inbox(), "both know of the date"
    assert start(alice, bob, talk["id"])["state"] == "running"
    move(alice, "stop", talk)
    assert alice.post("/talks", body, 201)["state"] == "preparing", "a second try"
    assert alice.get("/me")["allowance"] == left
    (exported, _) = export(alice, "ordinary")["talks"]
    assert exported["date"] == date["id"]
    assert export(bob, "ordinary")["dates"][0]["guide"] == GUIDE


def test_only_an_agreed_date_of_two_with_a_guide(cast, stopped_clock):
    alice, bob = cast.alice, cast.bob
    plain = move_date(bob, "accept", offer(alice))
    alone = own(alice)
    dated = agreed_talk(alice, bob, START)
    off = agreed_talk(alice, bob, START + HOUR)
    alice.post(f"/dates/{off['id']}/cancel", {"version": off["version"]})
    stopped_clock.move_to(START + 2 * HOUR)
    for date_id, code in (
        (plain["id"], "date_without_guide"),
        (alone["id"], "unknown_date"),
        (uuid4(), "unknown_date"),
    ):
        error = alice.post("/talks", {"date_id": str(date_id)}, 422)["errors"][0]
        assert (error["field"], error["code"]) == ("date_id", code)
    assert alice.post("/talks", {"date_id": off["id"]}, 409)["reason"] == "date_not_agreed"
    theirs = cast.charlie.post("/talks", {"date_id": dated["id"]}, 422)
    assert theirs == cast.charlie.post("/talks", {"date_id": str(uuid4())}, 422)


def test_a_guide_counts_for_the_pace_of_a_date(alice, bob):
    alice.put("/me/pace", {"pace": 3})
    close = {"guide": "heard-both-ways"}
    assert offer(alice, status=409, **close)["type"] == "/problems/above-pace"
    date = offer(alice, guide=GUIDE)
    alice.put("/me/pace", {"pace": 2})
    seen = bob.get(f"/dates/{date['id']}")
    assert (seen["guide"]["slug"], seen["actions"]) == (GUIDE, ["decline"])
    refusal = bob.post(f"/dates/{date['id']}/accept", {"version": 1, "slot_id": date["slots"][0]["id"]}, 409)
    assert refusal["type"] == "/problems/above-pace"


def test_a_guide_above_a_quiet_pace_holds_the_date(alice, bob):
    bob.put("/me/pace", {"pace": 2, "quietly": True})
    date = offer(alice, guide=GUIDE)
    assert bob.get("/dates")["items"] == []
    assert held(bob) == [("date", date["id"], "pace")]


def test_a_guide_is_for_two_and_stays_with_a_ritual(alice, bob, stopped_clock):
    assert own(alice, status=422, guide=GUIDE)["errors"][0]["code"] == "guide_for_two"
    weekly = "week-ahead-half-hour"
    slots = [{"local_time": START.strftime("%Y-%m-%dT%H:%M"), "zone": "UTC"}]
    date = offer(alice, guide=weekly, slots=slots, repeat={"every": "week"})
    move_date(bob, "accept", date)
    scheduler.tick(scheduler.clock.utcnow())
    guides_of = {each["guide"]["slug"] for each in bob.get("/dates?show=upcoming&limit=100")["items"]}
    assert guides_of == {weekly}


def test_a_repeat_with_another_guide_is_another_request(alice):
    sent = {"id": str(uuid4()), "guide": GUIDE}
    date = offer(alice, **sent)
    assert offer(alice, **sent) == date
    assert offer(alice, status=422, **{**sent, "guide": None})["type"] == "/problems/id-taken"


def test_a_date_that_is_held_hides_its_talk(alice, bob, stopped_clock):
    take(bob)
    stopped_clock.shift(MINUTE)
    date = offer(alice, guide=GUIDE, agreed=True, slots=[slot(START)])
    stopped_clock.move_to(START)
    talk = alice.post("/talks", {"date_id": date["id"]}, 201)
    assert current(bob) is None
    bob.get(f"/talks/{talk['id']}", 404)
    alice.get(f"/talks/{talk['id']}")


def test_the_talk_of_a_date_is_open_to_a_person_in_space_who_goes(alice, bob, stopped_clock):
    date = agreed_talk(alice, bob, START)
    take(bob, going(date))
    stopped_clock.move_to(START)
    talk = alice.post("/talks", {"date_id": date["id"]}, 201)
    assert start(alice, bob, talk["id"])["state"] == "running"
