"""Changes of rituals: a date that is skipped or moved, a stop, and other times for those that come."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.answers import fields, problem
from tests.conftest import NOON
from tests.dates import date_on, items, move, on_wall, slot
from tests.rituals import FIRST_EIGHT, FRIDAY, agreed_ritual, ahead, changed, month, own_ritual, stopped, tick


def test_a_skipped_date_stays_off(alice, bob, stopped_clock):
    ritual = agreed_ritual(alice, bob)
    move(bob, "cancel", date_on(bob, "2026-12-11"))
    assert alice.inbox().count("date_off") == 1
    stopped_clock.move_to(NOON + timedelta(days=5))
    tick()
    assert "2026-12-11T19:00" not in ahead(alice)
    assert "2026-12-11" not in [time["start"][:10] for time in alice.get(f"/rituals/{ritual['id']}")["upcoming"]]
    assert month(alice, "2026-12-07", "2026-12-13") == []


def test_one_date_is_moved_and_the_ritual_goes_on(alice, bob, stopped_clock):
    ritual = agreed_ritual(alice, bob)
    second = date_on(alice, "2026-12-11")
    moved = move(alice, "move", second, slots=[slot(on_wall("2026-12-12T10:00"))])
    accepted = {"slot_id": moved["move"]["slots"][0]["id"], "version": moved["version"]}
    bob.post(f"/dates/{second['id']}/move/accept", accepted)
    stopped_clock.move_to(NOON + timedelta(days=5))
    tick()
    assert ahead(bob)[:3] == ["2026-12-04T19:00", "2026-12-12T10:00", "2026-12-18T19:00"]
    assert [time["start"][:16] for time in bob.get(f"/rituals/{ritual['id']}")["upcoming"]][1] == "2026-12-12T10:00"
    move(bob, "move", date_on(bob, "2026-12-18"), slots=[slot(on_wall("2026-12-19T10:00"))])
    stopped(alice, ritual)
    assert ahead(bob) == []
    assert "date_move_offered" not in alice.inbox()
    assert bob.get("/today")["allowance"]["open_proposals"]["left"] == 5


def test_either_stops_a_ritual_at_once_and_the_partner_finds_one_item(alice, bob, stopped_clock):
    ritual = agreed_ritual(alice, bob)
    stopped_clock.move_to(NOON + timedelta(days=11, hours=7, minutes=30))  # the first date has begun
    assert stopped(bob, ritual)["state"] == "ended"
    assert stopped(bob, ritual)["upcoming"] == []
    tick()
    assert ahead(alice) == ["2026-12-04T19:00"]
    assert alice.inbox().count("ritual_stopped") == 1
    assert "date_off" not in alice.inbox()
    assert "ritual_stopped" not in bob.inbox()
    (item,) = [item for item in alice.get("/inbox?limit=100")["items"] if item["kind"] == "ritual_stopped"]
    assert (item["subject"]["type"], item["subject"]["id"]) == ("date", ritual["date_id"])
    assert month(alice, "2027-01-01", "2027-02-28") == []


def test_a_stop_before_the_first_date_cancels_it(alice, bob):
    ritual = agreed_ritual(alice, bob)
    stopped(alice, ritual)
    first = bob.get(f"/dates/{ritual['date_id']}")
    assert (first["state"], items(first, bob)["Bob"]) == ("cancelled", ["ritual_stopped"])
    assert [date["id"] for date in bob.get("/dates?limit=100")["items"]] == [ritual["date_id"]]


def test_a_change_is_an_offer_and_the_old_times_hold_until_a_yes(alice, bob):
    ritual = agreed_ritual(alice, bob, count=6)
    since = date_on(bob, "2026-12-18")
    change = changed(bob, ritual, "2026-12-19T10:00", since=since["id"])
    assert (change["state"], change["sender"], change["ritual"]["replaces_id"]) == ("proposed", "me", ritual["id"])
    # Two of the six are done before.
    assert change["ritual"]["repeat"]["count"] == 4
    assert ahead(alice) == FIRST_EIGHT[:6]
    move(alice, "accept", change)
    tick()
    assert ahead(bob) == [
        "2026-12-04T19:00", "2026-12-11T19:00", "2026-12-19T10:00", "2026-12-26T10:00",
        "2027-01-02T10:00", "2027-01-09T10:00",
    ]  # fmt: skip
    assert bob.inbox().count("date_accepted") == 1
    assert alice.inbox().count("date_off") == 0
    assert alice.get(f"/rituals/{ritual['id']}")["repeat"]["until"] == "2026-12-17"


def test_a_declined_change_changes_nothing(alice, bob):
    ritual = agreed_ritual(alice, bob)
    change = changed(alice, ritual, "2026-12-05T10:00", repeat={"every": "month"})
    move(bob, "decline", change)
    tick()
    assert ahead(alice) == FIRST_EIGHT
    assert len(alice.get("/rituals")["items"]) == 1


def test_only_one_change_of_a_ritual_can_be_agreed(alice, bob):
    ritual = agreed_ritual(alice, bob)
    first, second = changed(alice, ritual, "2026-12-05T10:00"), changed(bob, ritual, "2026-12-06T10:00")
    move(bob, "accept", first)
    assert problem(bob.request("POST", f"/rituals/{ritual['id']}/change", {"slots": [slot(on_wall(FRIDAY))]}), 409)
    assert move(alice, "accept", second, 409)["reason"] == "ritual_moved_on"
    tick()
    assert {start[11:] for start in ahead(alice)} == {"10:00"}
    assert ahead(alice)[0] == "2026-12-05T10:00"


def test_a_stop_closes_an_open_change(alice, bob):
    ritual = agreed_ritual(alice, bob)
    change = changed(alice, ritual, "2026-12-05T10:00")
    stopped(bob, ritual)
    assert bob.get(f"/dates/{change['id']}")["state"] == "lapsed"
    assert alice.get("/today")["allowance"]["open_proposals"]["left"] == 5
    assert ahead(bob) == []


def test_a_change_alone_counts_at_once(sam):
    ritual = own_ritual(sam)["ritual"]
    date = changed(sam, ritual, "2026-12-12T10:00", since=date_on(sam, "2026-12-11")["id"])
    assert date["state"] == "accepted"
    assert ahead(sam)[:3] == ["2026-12-04T19:00", "2026-12-12T10:00", "2026-12-19T10:00"]


@pytest.mark.parametrize(
    ("start", "weekdays"), [("2026-12-08T10:00", ["tuesday", "friday"]), ("2026-12-11T10:00", ["friday"])]
)
def test_a_change_moves_one_of_several_weekdays(sam, start, weekdays):
    ritual = own_ritual(sam, weekdays=["monday", "friday"], count=6)["ritual"]
    date = changed(sam, ritual, start, since=date_on(sam, "2026-12-07")["id"])
    assert (date["ritual"]["repeat"]["weekdays"], date["ritual"]["repeat"]["count"]) == (weekdays, 5)


def test_a_time_says_what_the_rule_says_and_how_many_are_left(sam):
    ritual = own_ritual(sam, count=3)["ritual"]
    move(sam, "move", date_on(sam, "2026-12-11"), slots=[{"first_day": "2026-12-20", "days": 2, "zone": "UTC"}])
    times = sam.get(f"/rituals/{ritual['id']}")["upcoming"]
    told = [(time["rule_time"][:10], time["left"], time["first_day"], time["end_day"]) for time in times]
    assert told == [
        ("2026-12-04", 3, None, None), ("2026-12-18", 1, None, None), ("2026-12-11", 2, "2026-12-20", "2026-12-22"),
    ]  # fmt: skip


def test_a_change_names_a_date_of_the_ritual(sam):
    ritual, other = own_ritual(sam)["ritual"], own_ritual(sam, "2026-12-02T08:00")
    assert fields(changed(sam, ritual, "2026-12-12T10:00", 422, since=other["id"])) == {"since": "not_of_this_ritual"}
