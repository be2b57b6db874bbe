"""The first screen in one request: it says the same as the routes that it stands for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from planner.recommender import free_times
from tests.conftest import NOON
from tests.dates import agreed, light, offer, own
from tests.people import Person, sign_up
from tests.spaces import going, take


def test_a_person_alone_sees_where_they_are(sam):
    today = sam.get("/today")
    assert (today["pairing"], today["couple"], today["allowance"], today["invitation"]) == ("alone", None, None, None)
    assert today["space"] == {"kind": None, "since": None, "until": None, "held": False}
    assert (today["waiting"], today["dates"], today["inbox"], today["unseen"]) == ([], [], [], 0)
    assert today["idea"] == sam.get("/suggestions")["items"][0]
    assert sam.get("/today?idea=false") == {**today, "idea": None}
    sam.get("/today?idea=maybe", 422)


def test_an_open_invitation_is_told_without_its_code(app, sam):
    made = sam.post("/invitations", {}, 201)
    answer = sam.request("GET", "/today")
    assert answer.get_json()["pairing"] == "inviting"
    shown = answer.get_json()["invitation"]
    assert shown == {name: made[name] for name in shown}
    assert made["code"] not in answer.get_data(as_text=True)
    kim = sign_up(app, "Kim", "UTC")
    kim.post("/invitations/accept", {"code": made["code"], "rhythm": "gentle"})
    for person, name in ((sam, "Kim"), (kim, "Sam")):
        today = person.get("/today")
        assert (today["pairing"], today["invitation"]["state"]) == ("awaiting_confirm", "accepted")
        assert today["invitation"]["partner_name"] == name


def ids(dates):
    return [date["id"] for date in dates]


def test_what_waits_and_what_comes_next(cast):
    theirs, mine = offer(cast.alice)["id"], offer(cast.bob)["id"]
    solo = [own(cast.bob)["id"] for _ in range(5)]
    today = cast.bob.get("/today")
    assert today["waiting"] == [cast.bob.get(f"/dates/{theirs}")], "only what the reader has to answer"
    upcoming = cast.bob.get("/dates?show=upcoming")["items"]
    assert today["dates"] == upcoming[:5]
    assert set(ids(upcoming)) == {theirs, mine, *solo}
    assert today["allowance"] == cast.bob.get("/me")["allowance"]
    assert today["pairing"] == "paired"


def test_a_proposal_waits_behind_any_number_of_solo_dates(cast):
    proposal = offer(cast.alice)["id"]
    for minutes in range(50):
        own(cast.bob, NOON + timedelta(hours=4, minutes=minutes))
    assert ids(cast.bob.get("/today")["waiting"]) == [proposal]


def test_what_the_partner_took_back_is_not_held(cast, stopped_clock):
    cast.bob.put("/me/space", {"kind": "quiet", "dates": []})
    stopped_clock.shift(60)
    note = cast.alice.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
    cast.alice.post(f"/notes/{note}/share", {"version": 1})
    assert cast.bob.get("/today")["space"]["held"]
    cast.alice.post(f"/notes/{note}/recall")
    assert cast.bob.get("/me/held")["items"] == []
    assert not cast.bob.get("/today")["space"]["held"]


def test_the_number_of_unseen_items_counts_beyond_those_shown(cast, stopped_clock):
    activity = light()
    for _ in range(5):
        stopped_clock.shift(60)
        offer(cast.alice, activity)
    today = cast.bob.get("/today")
    assert (len(today["inbox"]), today["unseen"]) == (5, 6)
    assert today["inbox"] == cast.bob.get("/inbox?unseen=true&limit=5")["items"]
    cast.bob.post(f"/inbox/{today['inbox'][0]['id']}/seen")
    assert cast.bob.get("/today")["unseen"] == 5


def test_the_own_space_and_what_it_holds_are_told_to_its_owner_alone(cast, stopped_clock):
    before = cast.alice.get("/today")
    begun = take(cast.bob)
    stopped_clock.shift(60)
    own_view = cast.bob.get("/today")["space"]
    assert own_view == {"kind": "quiet", "since": begun["since"], "until": None, "held": False}
    assert cast.alice.get("/today") == before
    offer(cast.alice)
    today = cast.bob.get("/today")
    assert (today["space"]["held"], today["waiting"]) == (True, [])
    assert cast.alice.get("/today")["space"] == before["space"]
    cast.bob.delete("/me/space")
    assert cast.bob.get("/today")["space"] == {"kind": None, "since": None, "until": None, "held": True}
    cast.bob.post("/me/held/release")
    assert not cast.bob.get("/today")["space"]["held"]
    assert len(cast.bob.get("/today")["waiting"]) == 1


def test_an_announced_space_reads_so(cast, now):
    until = f"{now + timedelta(days=2):%Y-%m-%d}"
    agreed(cast.alice, cast.bob)
    decisions = [going(one["date"]) for one in cast.bob.get("/me/space")["dates"]]
    cast.bob.put("/me/space", {"kind": "said", "sentence": "time", "until": until, "dates": decisions})
    space = cast.bob.get("/today")["space"]
    assert (space["kind"], space["until"]) == ("said", until)


def test_the_idea_of_the_first_screen_is_drawn_once_a_day(alice: Person):
    assert alice.get("/today")["idea"] == alice.get("/suggestions")["items"][0] == alice.get("/today")["idea"]


def test_the_first_screen_looks_for_the_days_of_one_idea(alice: Person, monkeypatch: pytest.MonkeyPatch):
    dated, first_day = [], free_times.first_day
    monkeypatch.setattr(free_times, "first_day", lambda *args: dated.append(args) or first_day(*args))
    assert alice.get("/today")["idea"]
    assert len(dated) == 1
    assert len(alice.get("/suggestions")["items"]) == 5
    assert len(dated) == 6
