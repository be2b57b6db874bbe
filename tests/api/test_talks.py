"""Test talks: both follow one guide, either may pause or stop, and nothing begins without both."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from time_machine import Traveller

from planner import scheduler
from planner.catalogue import guides
from planner.contact.contact_log import ContactEvent
from planner.storage import db
from planner.talks import talks
from planner.talks.talks import Talk
from tests.conftest import NOON, SETTINGS
from tests.exports import export
from tests.people import Cast, Person, pair
from tests.racing import strangers, together
from tests.spaces import DAY
from tests.talks import GUIDE, HOUR, LAST_STEP, MINUTE, begun, current, move, news, open_talk, start


def both(one: Person, other: Person, talk: dict[str, Any]) -> dict[str, Any]:
    """Check that both read the same talk, but for the sides, and return it as the first reads it."""
    mine, theirs = (person.get(f"/talks/{talk['id']}") for person in (one, other))
    same = {"id", "version", "guide", "date_id", "state", "step", "resume_from", "resume_at", "ends_at", "opened_at"}
    assert {name: mine[name] for name in same} == {name: theirs[name] for name in same}
    assert {mine["opened_by"], theirs["opened_by"]} == {mine["first"], theirs["first"]} == {"me", "partner"}
    assert (mine["ready"], mine["partner_ready"]) == (theirs["partner_ready"], theirs["ready"])
    speakers = {view["now"]["speaker"] for view in (mine, theirs) if view["now"]}
    assert speakers in (set(), {"both"}, {"me", "partner"})
    return mine


def test_two_go_through_a_whole_talk(alice: Person, bob: Person, stopped_clock: Traveller) -> None:
    talk = open_talk(alice)
    assert (talk["state"], talk["version"], talk["step"], talk["last_step"]) == ("preparing", 1, 0, LAST_STEP)
    assert (talk["now"], talk["actions"], talk["guide"]["slug"]) == (None, ["ready", "stop"], GUIDE)
    assert talk["ends_at"] == "2026-11-23T13:00:00.000Z"
    item = next(each for each in bob.get("/inbox")["items"] if each["kind"] == "talk_opened")
    assert (item["kind"], item["subject"]) == ("talk_opened", {"type": "talk", "id": talk["id"], "title": None})
    assert current(bob) == bob.get(f"/talks/{talk['id']}")
    assert bob.get("/today")["talk"] == {
        "id": talk["id"], "title": "Something was forgotten", "state": "preparing", "resume_at": None,
    }  # fmt: skip

    waiting = move(bob, "ready", talk)
    assert (waiting["state"], waiting["ready"], waiting["partner_ready"]) == ("preparing", True, False)
    assert waiting["actions"] == ["stop"]
    talk = move(alice, "ready", talk)
    assert (talk["state"], talk["step"], talk["now"]["part"]) == ("running", 0, "opening")
    assert (talk["now"]["speaker"], talk["now"]["up_at"]) == ("me", None)
    assert "talk_opened" not in bob.inbox()

    seen = []
    while talk["state"] == "running":
        talk = both(alice, bob, talk)
        seen.append((talk["now"]["part"], talk["now"]["speaker"], talk["now"]["minutes"]))
        stopped_clock.shift(5 * MINUTE)  # longer than the turn: nothing cuts a person off
        talk = move(bob if len(seen) % 2 else alice, "next", talk)
    assert seen == [
        ("opening", "me", None),
        *[("turn", "me", 2), ("turn", "partner", 2)] * 3,
        ("closing", "both", None),
    ]
    talk = both(alice, bob, talk)
    assert (talk["state"], talk["now"], talk["ends_at"], talk["actions"]) == ("finished", None, None, [])
    assert current(alice) is None
    assert alice.get("/today")["talk"] is None
    assert alice.get("/me")["allowance"]["open_proposals"]["left"] == 5


def test_the_partner_can_have_the_first_turn(alice: Person, bob: Person) -> None:
    talk = open_talk(alice, first="partner")
    start(alice, bob, talk["id"])
    assert both(alice, bob, talk)["now"]["speaker"] == "partner"
    assert bob.get(f"/talks/{talk['id']}")["now"]["speaker"] == "me"


def test_a_turn_says_when_its_time_is_up(alice: Person, bob: Person, stopped_clock: Traveller) -> None:
    talk = begun(alice, bob)
    stopped_clock.shift(MINUTE)
    talk = move(alice, "next", talk)
    assert talk["now"] | {"text": ""} == {
        "part": "turn", "speaker": "me", "minutes": 2, "text": "",
        "began_at": "2026-11-23T12:01:00.000Z", "up_at": "2026-11-23T12:03:00.000Z",
    }  # fmt: skip


def test_two_phones_that_go_on_at_once_advance_one_step(alice: Person, bob: Person) -> None:
    talk = begun(alice, bob)
    answers = together(*(lambda person=person: move(person, "next", talk) for person in (alice, bob)))
    assert [answer["step"] for answer in answers] == [1, 1]
    assert both(alice, bob, talk)["version"] == talk["version"] + 1
    assert move(alice, "next", talk)["step"] == 1, "a repeat"
    on = move(alice, "next", answers[0])
    assert on["step"] == 2
    assert move(bob, "next", talk, 412)["type"] == "/problems/version-conflict"
    alice.post(f"/talks/{talk['id']}/next", {}, 428)


def test_both_can_be_ready_at_once(alice: Person, bob: Person) -> None:
    talk = open_talk(alice)
    together(*(lambda person=person: move(person, "ready", talk) for person in (alice, bob)))
    assert both(alice, bob, talk)["state"] == "running"
    assert [move(person, "ready", talk)["version"] for person in (alice, bob)] == [3, 3], "a repeat"


@pytest.mark.parametrize("who", ["alice", "bob"])
@pytest.mark.parametrize("step", [None, 0, 3, LAST_STEP])
def test_either_can_stop_at_any_step(cast: Cast, who: str, step: int | None) -> None:
    talk = open_talk(cast.alice)
    if step is not None:
        talk = start(cast.alice, cast.bob, talk["id"])
    for _ in range(step or 0):
        talk = move(cast.alice, "next", talk)
    stopper = getattr(cast, who)
    stopped = move(stopper, "stop", talk)
    assert move(stopper, "stop", talk) == stopped
    talk = both(cast.alice, cast.bob, talk)
    assert (talk["state"], talk["now"], talk["actions"]) == ("stopped", None, [])
    assert news(cast.bob) == [], "no one is told"
    for name in ("ready", "next", "pause", "resume"):
        assert move(cast.alice, name, talk, 409)["reason"] == "talk_moved_on"
    open_talk(cast.bob)


def test_a_pause_lasts_for_twenty_minutes_and_needs_both_to_end(
    alice: Person, bob: Person, stopped_clock: Traveller
) -> None:
    talk = move(alice, "next", begun(alice, bob))
    stopped_clock.shift(MINUTE)
    paused = move(bob, "pause", talk)
    assert both(bob, alice, talk) == paused
    assert (paused["state"], paused["resume_at"]) == ("paused", None)
    assert paused["resume_from"] == "2026-11-23T12:21:00.000Z"
    assert paused["ends_at"] == "2026-11-24T12:01:00.000Z"
    assert (paused["now"]["part"], paused["now"]["up_at"]) == ("turn", None)
    assert move(alice, "pause", talk)["version"] == paused["version"], "a repeat, no matter who paused"
    assert move(alice, "next", paused, 409)["reason"] == "talk_moved_on"
    stopped_clock.shift(19 * MINUTE)
    refusal = move(bob, "resume", talk, 409)
    assert (refusal["reason"], refusal["opens_at"]) == ("pause_not_over", "2026-11-23T12:21:00.000Z")
    stopped_clock.shift(MINUTE)
    waiting = move(bob, "resume", talk)
    assert (waiting["state"], waiting["ready"], waiting["actions"]) == ("paused", True, ["stop"])
    assert move(bob, "resume", talk) == waiting
    resumed = move(alice, "resume", talk)
    assert (resumed["state"], resumed["step"]) == ("running", 1)
    assert resumed["now"]["up_at"] == "2026-11-23T12:22:00.000Z", "one of two minutes was left"
    assert move(bob, "resume", talk)["version"] == resumed["version"]
    assert move(alice, "next", paused, 412)


def test_a_named_time_to_resume_is_told_to_both_alike(alice: Person, bob: Person, stopped_clock: Traveller) -> None:
    talk = begun(alice, bob)
    for minutes, code in ((19, "pause_too_short"), (24 * 60 + 1, "pause_too_long")):
        refusal = move(alice, "pause", talk, 422, resume_at=(NOON + minutes * MINUTE).isoformat())
        assert [(error["field"], error["code"]) for error in refusal["errors"]] == [("resume_at", code)]
    at = NOON + 2 * HOUR
    paused = move(alice, "pause", talk, resume_at=at.isoformat())
    assert (paused["resume_at"], paused["ends_at"]) == ("2026-11-23T14:00:00.000Z", "2026-11-24T12:00:00.000Z")
    assert both(alice, bob, talk)["resume_at"] == paused["resume_at"]
    assert bob.get("/today")["talk"]["resume_at"] == paused["resume_at"]
    assert "talk_resumes" not in alice.inbox() + bob.inbox()
    stopped_clock.move_to(at)
    assert [person.inbox()[0] for person in (alice, bob)] == ["talk_resumes"] * 2
    move(bob, "resume", talk)
    assert move(alice, "resume", talk)["resume_at"] is None
    assert "talk_resumes" not in alice.inbox() + bob.inbox()


@pytest.mark.parametrize("tidied", [False, True], ids=["before the clock", "after the clock"])
def test_an_unmet_pause_is_a_stop(alice: Person, bob: Person, stopped_clock: Traveller, tidied: bool) -> None:
    talk = begun(alice, bob)
    move(alice, "pause", talk, resume_at=(NOON + DAY).isoformat())
    stopped_clock.move_to(NOON + DAY + HOUR - MINUTE)
    assert both(alice, bob, talk)["state"] == "paused"
    stopped_clock.shift(MINUTE)
    if tidied:
        tidy()
    talk = both(alice, bob, talk)
    assert (talk["state"], talk["ends_at"], talk["resume_from"], talk["resume_at"]) == ("stopped", None, None, None)
    assert current(alice) is None
    assert news(alice) == news(bob) == []
    assert move(alice, "stop", talk) == talk
    open_talk(alice)


def tidy() -> None:
    with db.connection():
        now = scheduler.clock.utcnow()
        talks.end_overdue(now)
        talks.purge_before(now - talks.RETENTION)


@pytest.mark.parametrize("tidied", [False, True], ids=["before the clock", "after the clock"])
def test_a_talk_that_no_one_joins_quietly_leaves(cast: Cast, stopped_clock: Traveller, tidied: bool) -> None:
    alice, bob = cast.alice, cast.bob
    talk = open_talk(alice)
    move(alice, "ready", talk)
    stopped_clock.shift(HOUR)
    if tidied:
        tidy()
    assert both(alice, bob, talk)["state"] == "lapsed"
    assert (current(alice), current(bob), news(bob)) == (None, None, [])
    assert move(bob, "ready", talk, 409)["reason"] == "talk_moved_on"
    allowance = alice.get("/me")["allowance"]
    assert (allowance["proposals"]["left"], allowance["open_proposals"]["left"]) == (19, 5)
    with db.connection():
        assert ContactEvent.get().outcome == ("excused" if tidied else None), "it leaves no mark"


def test_old_talks_are_purged_and_open_ones_stay(alice: Person, bob: Person, stopped_clock: Traveller) -> None:
    talk = begun(alice, bob)
    move(alice, "stop", talk)
    stopped_clock.shift(timedelta(days=29))
    tidy()
    alice.get(f"/talks/{talk['id']}")
    stopped_clock.shift(timedelta(days=2))
    open_one = open_talk(bob)
    tidy()
    alice.get(f"/talks/{talk['id']}", 404)
    alice.get(f"/talks/{open_one['id']}")


def test_opening_costs_a_proposal_and_needs_a_partner_a_pace_and_no_other_talk(app: Flask, cast: Cast) -> None:
    sent = {"id": str(uuid4())}
    talk = open_talk(cast.alice, **sent)
    assert open_talk(cast.alice, **sent) == talk, "a repeat"
    assert open_talk(cast.alice, 422, **sent, first="partner")["type"] == "/problems/id-taken"
    assert open_talk(cast.bob, 422, **sent)["type"] == "/problems/id-taken"
    assert open_talk(cast.charlie, 422, **sent)["type"] == "/problems/id-taken"
    assert cast.alice.get("/me")["allowance"]["proposals"]["left"] == 19
    assert open_talk(cast.bob, 409)["reason"] == open_talk(cast.alice, 409)["reason"] == "talk_open"
    assert open_talk(cast.sam, 409)["reason"] == "no_partner"
    assert open_talk(cast.charlie, 422, guide="no-such-guide")["errors"][0]["field"] == "guide"
    assert open_talk(cast.charlie, 422, guide="fair-outsider")["errors"][0]["field"] == "guide"
    for body in ({"guide": None}, {"guide": GUIDE, "date_id": str(uuid4())}):
        assert cast.charlie.post("/talks", body, 422)["errors"][0]["code"] in ("only_one", "null")
    cast.charlie.put("/me/pace", {"pace": 2})
    assert open_talk(cast.charlie, 409)["type"] == "/problems/above-pace"
    ada, ben = strangers(app, "Ada", "Ben")
    pair(ada, ben, "apart")
    calm = "how-often-how-close"
    assert open_talk(ada, 409)["type"] == "/problems/above-pace"
    talk = open_talk(ada, guide=calm)
    move(ada, "stop", talk)
    assert open_talk(ada, 409, guide=calm)["reason"] == "quota_used_up"
    open_talk(ben, guide=calm)


def test_a_started_talk_counts_as_accepted(alice: Person, bob: Person) -> None:
    begun(alice, bob)
    with db.connection():
        assert ContactEvent.get().outcome == "accepted"


def test_outsiders_get_what_they_would_get_for_a_random_id(cast: Cast) -> None:
    talk = begun(cast.alice, cast.bob)
    for outsider in (cast.charlie, cast.sam):
        for method, path in [("GET", ""), *(("POST", f"/{name}") for name in ("ready", "pause", "resume", "stop"))]:
            body = {} if method == "POST" else None
            answers = [outsider.request(method, f"/talks/{each}{path}", body) for each in (talk["id"], uuid4())]
            assert [answer.status_code for answer in answers] == [404, 404]
            assert answers[0].data == answers[1].data
        assert current(outsider) is None


def test_a_poll_without_a_change_is_a_304(alice: Person, bob: Person, stopped_clock: Traveller) -> None:
    talk = begun(alice, bob)
    path = f"/talks/{talk['id']}"
    tag = alice.request("GET", path).headers["ETag"]
    assert tag.startswith('"3.')
    stopped_clock.shift(2 * MINUTE)
    assert alice.request("GET", path, If_None_Match=tag).status_code == 304
    move(bob, "next", talk)
    assert alice.request("GET", path, If_None_Match=tag).status_code == 200
    tag = alice.request("GET", path).headers["ETag"]
    stopped_clock.shift(3 * HOUR)  # it ends by itself, without a write
    assert alice.request("GET", path, If_None_Match=tag).status_code == 200


def test_an_export_has_the_talks_of_both(alice: Person, bob: Person) -> None:
    talk = begun(alice, bob)
    move(bob, "stop", talk)
    for person in (alice, bob):
        (exported,) = export(person, "ordinary")["talks"]
        assert exported == {
            "id": talk["id"], "guide": GUIDE, "date": None, "state": "stopped", "opened_at": "2026-11-23T12:00:00.000Z",
        }  # fmt: skip


@pytest.mark.parametrize("state", ["preparing", "running", "paused"])
def test_leaving_ends_a_talk_at_once(cast: Cast, state: str) -> None:
    alice, bob = cast.alice, cast.bob
    talk = open_talk(alice) if state == "preparing" else begun(alice, bob)
    if state == "paused":
        move(bob, "pause", talk, resume_at=(NOON + HOUR).isoformat())
    bob.delete("/couple")
    for person in (alice, bob):
        person.get(f"/talks/{talk['id']}", 404)
        move(person, "stop", talk, 404)
        assert current(person) is None
    assert alice.inbox() == ["couple_ended"]
    with db.connection():
        assert not Talk.select().exists()


def test_a_new_release_of_the_guide_ends_the_talk(alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = begun(alice, bob)
    guide = guides.find(GUIDE)
    assert guide is not None
    monkeypatch.setattr(guides, "find", lambda slug: replace(guide, version=guide.version + 1, steps=guide.steps[:2]))
    assert both(alice, bob, talk)["state"] == "stopped"
    assert current(alice) is None
    monkeypatch.setattr(guides, "find", lambda slug: None)
    alice.get(f"/talks/{talk['id']}", 404)


@pytest.mark.parametrize("settings", [replace(SETTINGS, max_talks=2)])
def test_a_person_opens_so_many_talks_in_thirty_days(alice: Person, bob: Person, stopped_clock: Traveller) -> None:
    for _ in range(2):
        move(alice, "stop", open_talk(alice))
    refusal = open_talk(alice, 409)
    assert (refusal["reason"], refusal["params"]) == ("too_many_talks", {"most": 2})
    move(bob, "stop", open_talk(bob))
    stopped_clock.shift(timedelta(days=31))
    tidy()
    open_talk(alice)
