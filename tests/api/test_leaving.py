"""Test leaving over HTTP. It takes one request. The partner finds one sentence and the cancelled dates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from time_machine import Traveller

from api.app import OPERATIONS
from planner.notifications import deliveries
from planner.scheduler import run_housekeeping
from planner.storage import db
from tests.api.answers import has_ids
from tests.channels import calling
from tests.dates import START, agreed, items, ledger, light, move, offer, own, slot
from tests.people import Cast, Person, pair

SECOND = timedelta(seconds=1)
LOOK_BACK = timedelta(days=30)
SENTENCE = "You two are no longer connected here. What you wrote is still yours. The dates you had planned are off."


# The safety check and the checklist for leaving name the former partner, as the viewer knew them.
NAMING = ("/me/safety",)


def shared(author: Person, words: str) -> str:
    note: str = author.post("/notes", {"kind": "kindness", "body": words}, 201)["id"]
    author.post(f"/notes/{note}/share", {"version": 1})
    return note


def propose_own_idea(author: Person, title: str) -> Any:
    """Create an own idea and propose it, so that the partner sees it."""
    idea = author.post("/activities", {"title": title, "category": "outdoors", "for": "either", "pace": 1}, 201)
    return idea, offer(author, activity=idea["id"], message=f"{title}?")


def test_one_request_ends_the_couple_for_both(cast: Cast) -> None:
    cast.alice.delete("/couple")
    for person in (cast.alice, cast.bob):
        person.get("/couple", 404)
        me = person.get("/me")
        assert (me["pairing"], me["couple"], me["allowance"]) == ("left", None, None)
    assert cast.charlie.get("/me")["pairing"] == "paired"


def test_a_repeated_leave_succeeds_and_a_person_alone_cannot_leave(
    cast: Cast, stopped_clock: Traveller, now: datetime
) -> None:
    for person in (cast.alice, cast.alice, cast.bob, cast.bob):
        person.delete("/couple")
    assert (cast.alice.inbox(), cast.bob.inbox()) == ([], ["couple_ended"])
    assert cast.sam.delete("/couple", 409)["type"] == "/problems/wrong-state"
    stopped_clock.move_to(now + LOOK_BACK)
    cast.alice.delete("/couple", 409)


def test_the_partner_finds_one_fixed_sentence_and_gets_no_push_about_it(cast: Cast, now: datetime) -> None:
    date = agreed(cast.alice, cast.bob)
    with db.connection():
        deliveries.deliver(now)  # deliver the earlier items first
    cast.alice.delete("/couple")
    sent: list[Any] = []
    with db.connection():
        deliveries.deliver(now, calling(test=lambda *arguments: sent.append(arguments[1:])))
    # The only push says that the date is off, so that Bob does not wait in a restaurant.
    assert [(str(person), text) for person, text in sent] == [(cast.bob.id, "One of your dates is off.")]
    inbox_items = {item["kind"]: item for item in cast.bob.get("/inbox")["items"]}
    assert inbox_items.keys() == {"couple_ended", "date_off"}
    assert inbox_items["couple_ended"]["text"] == SENTENCE
    assert inbox_items["date_off"]["subject"]["id"] == date["id"]
    assert cast.alice.inbox() == []


def test_the_item_about_a_cancelled_date_goes_when_the_date_can_no_longer_be_read(
    cast: Cast, now: datetime, stopped_clock: Traveller
) -> None:
    slots = [slot(now + timedelta(days=60))]
    date = move(cast.bob, "accept", offer(cast.alice, slots=slots))
    cast.alice.delete("/couple")
    stopped_clock.move_to(now + LOOK_BACK - timedelta(minutes=1))
    assert "date_off" in cast.bob.inbox()
    cast.bob.get(f"/dates/{date['id']}")
    stopped_clock.move_to(now + LOOK_BACK)
    assert "date_off" not in cast.bob.inbox()
    cast.bob.get(f"/dates/{date['id']}", 404)


def test_waiting_notifications_about_the_couple_are_not_sent(cast: Cast, now: datetime) -> None:
    shared(cast.bob, "You waited for me.")
    offer(cast.bob)

    def down(*arguments: object) -> None:
        raise OSError("no route")

    with db.connection():
        assert deliveries.deliver(now, calling(test=down)) == 0
    cast.bob.delete("/couple")
    with db.connection():
        sent: list[str] = []
        deliveries.deliver(now + timedelta(hours=1), calling(test=lambda _id, who, _text: sent.append(str(who))))
    assert not {cast.alice.id, cast.bob.id} & set(sent)


def test_open_proposals_lapse_for_the_sender_and_vanish_for_the_receiver(cast: Cast, now: datetime) -> None:
    mine, theirs = offer(cast.alice), offer(cast.bob)
    cast.alice.delete("/couple")
    for reader, date, other in ((cast.alice, mine, theirs), (cast.bob, theirs, mine)):
        seen = reader.get(f"/dates/{date['id']}")
        assert (seen["state"], seen["actions"], seen["expires_at"]) == ("lapsed", [], "2026-11-23T12:00:00.000Z")
        reader.get(f"/dates/{other['id']}", 404)
        assert [listed["id"] for listed in reader.get("/dates")["items"]] == [date["id"]]
    assert (ledger(mine), ledger(theirs)) == (["ended"], ["ended"])
    assert items(mine, cast.alice, cast.bob) == {"Alice": [], "Bob": []}


def test_accepted_dates_ahead_are_cancelled_and_past_dates_stay(cast: Cast, stopped_clock: Traveller) -> None:
    past, ahead, mine = agreed(cast.alice, cast.bob), offer(cast.bob), own(cast.alice, START + timedelta(days=9))
    late = {**ahead, "slots": ahead["slots"][1:]}  # accept the slot of the day after
    move(cast.alice, "accept", late)
    stopped_clock.move_to(START + timedelta(hours=2))
    cast.bob.delete("/couple")
    for person in (cast.alice, cast.bob):
        assert (person.get(f"/dates/{ahead['id']}")["state"], person.get(f"/dates/{past['id']}")["state"]) == (
            "cancelled", "accepted"
        )  # fmt: skip
        assert person.get(f"/dates/{past['id']}")["actions"] == []
    assert items(ahead, cast.alice, cast.bob) == {"Alice": ["date_off"], "Bob": []}
    assert items(past, cast.alice, cast.bob) == {"Alice": [], "Bob": []}
    # A solo date goes on, with its reminders.
    assert len(items(mine, cast.alice)["Alice"]) == 3
    assert cast.alice.get(f"/dates/{mine['id']}")["actions"] == ["cancel", "move", "edit"]
    assert "Alice" not in json.dumps(cast.bob.get("/dates"))


def test_a_date_that_is_going_on_is_cancelled_too(cast: Cast, stopped_clock: Traveller) -> None:
    date = agreed(cast.alice, cast.bob)
    stopped_clock.move_to(START + timedelta(minutes=59))
    cast.alice.delete("/couple")
    assert cast.bob.get(f"/dates/{date['id']}")["state"] == "cancelled"
    assert sorted(cast.bob.inbox()) == ["couple_ended", "date_off"]


def test_for_30_days_both_can_read_old_dates_and_change_nothing(
    cast: Cast, stopped_clock: Traveller, now: datetime
) -> None:
    date, open_offer = agreed(cast.alice, cast.bob), offer(cast.bob)
    cast.alice.delete("/couple")
    before = cast.alice.get("/dates"), cast.bob.get("/dates")
    assert [len(view["items"]) for view in before] == [1, 2]
    for person in (cast.alice, cast.bob):
        for read_date in (date, open_offer)[: 2 if person is cast.bob else 1]:
            for name in ("accept", "decline", "counter", "withdraw", "cancel", "complete"):
                seen = person.get(f"/dates/{read_date['id']}")
                move(person, name, seen, 409)
        move(person, "feedback", date, 409)
        assert person.get("/dates?show=upcoming")["items"] == []
        assert person.get("/today")["dates"] == []
    assert (cast.alice.get("/dates"), cast.bob.get("/dates")) == before
    cast.charlie.get(f"/dates/{date['id']}", 404)
    stopped_clock.move_to(now + LOOK_BACK - SECOND)
    assert cast.bob.get(f"/dates/{date['id']}")["state"] == "cancelled"
    stopped_clock.move_to(now + LOOK_BACK)
    for reader in (cast.alice, cast.bob):
        assert reader.get("/me")["pairing"] == "alone"
        reader.get(f"/dates/{date['id']}", 404)
        assert reader.get("/dates")["items"] == []
    run_housekeeping(now + LOOK_BACK)
    assert cast.bob.get("/me")["pairing"] == "alone"


def test_after_leaving_a_person_reads_their_own_messages_only(cast: Cast) -> None:
    mine, theirs = offer(cast.alice, message="The one by the river?"), offer(cast.bob, message="Or the hill?")
    move(cast.bob, "accept", mine)
    move(cast.alice, "accept", theirs)
    cast.bob.delete("/couple")
    seen = [
        [person.get(f"/dates/{date['id']}")["message"] for date in (mine, theirs)] for person in (cast.alice, cast.bob)
    ]
    assert seen == [["The one by the river?", None], [None, "Or the hill?"]]
    assert "river" not in json.dumps(cast.bob.get("/dates"))


def test_shared_notes_vanish_for_the_partner_and_stay_with_the_author(cast: Cast) -> None:
    note, private = shared(cast.alice, "You waited for me."), shared(cast.bob, "You called.")
    cast.alice.delete("/couple")
    for reader, other in ((cast.alice, private), (cast.bob, note)):
        assert reader.get("/notes?from=partner")["items"] == []
        reader.get(f"/notes/{other}", 404)
    mine = cast.alice.get(f"/notes/{note}")
    assert (mine["body"], mine["state"], mine["actions"]) == ("You waited for me.", "recalled", ["delete"])
    cast.alice.post(f"/notes/{note}/recall")
    cast.alice.post(f"/notes/{note}/share", {"version": 1}, 409)


def test_own_ideas_vanish_for_the_partner_and_stay_with_the_author(cast: Cast) -> None:
    idea, date = propose_own_idea(cast.alice, "Greet the zebra finches")
    move(cast.bob, "accept", date)
    assert [item["title"] for item in cast.bob.get("/activities?q=finches")["items"]] == ["Greet the zebra finches"]
    cast.bob.delete("/couple")
    assert cast.bob.get("/activities?q=finches")["items"] == []
    cast.bob.get(f"/activities/{date['activity']['id']}", 404)
    assert cast.alice.get(f"/activities/{idea['id']}")["title"] == "Greet the zebra finches"
    # The cancelled date keeps the title, because the item has to say which date is off.
    assert cast.bob.get(f"/dates/{date['id']}")["activity"]["title"] == "Greet the zebra finches"


def test_after_leaving_nothing_can_reach_the_former_partner(cast: Cast) -> None:
    date, note = agreed(cast.alice, cast.bob), cast.alice.post("/notes", {"kind": "effort", "body": "You."}, 201)["id"]
    idea, shown = propose_own_idea(cast.alice, "Greet the zebra finches")
    own(cast.bob, activity=shown["activity"]["id"])
    cast.bob.delete("/couple")
    before = all_answers(cast.bob), cast.bob.post("/me/received", {"password": "correct horse battery"})
    offer(cast.alice, light(), 409)
    cast.alice.post(f"/notes/{note}/share", {"version": 1}, 409)
    cast.alice.patch(f"/activities/{idea['id']}", {"title": "Please come back"}, '"1"')
    cast.alice.patch("/me", {"display_name": "Please"}, '"1"')
    move(cast.alice, "cancel", cast.alice.get(f"/dates/{date['id']}"), 409)
    assert (all_answers(cast.bob), cast.bob.post("/me/received", {"password": "correct horse battery"})) == before


def test_a_shared_note_cannot_be_shared_with_the_next_partner(cast: Cast) -> None:
    note = shared(cast.alice, "You waited.")
    cast.alice.delete("/couple")
    pair(cast.alice, cast.sam)
    cast.alice.post(f"/notes/{note}/share", {"version": 1}, 409)
    assert cast.sam.get("/notes?from=partner")["items"] == []
    assert cast.sam.post("/me/received", {"password": "correct horse battery"})["items"] == []


def test_nothing_returns_when_the_same_people_pair_again(cast: Cast) -> None:
    old = cast.alice.get("/couple")["id"]
    date, note = agreed(cast.alice, cast.bob), shared(cast.alice, "You waited.")
    cast.alice.delete("/couple")
    pair(cast.bob, cast.alice, "gentle")
    fresh = cast.alice.get("/couple")
    assert fresh["id"] != old
    assert (fresh["rhythm"], fresh["pace"]) == ("gentle", 3)
    assert cast.alice.get("/me")["allowance"]["shared"]["left"] == 7
    for person in (cast.alice, cast.bob):
        assert person.get("/me")["pairing"] == "paired"
        assert person.get("/dates")["items"] == []
        assert person.get("/notes?from=partner")["items"] == []
        # The item still leads to the date, and the date has no moves.
        assert person.get(f"/dates/{date['id']}")["actions"] == []
        move(person, "cancel", person.get(f"/dates/{date['id']}"), 409)
    cast.bob.get(f"/notes/{note}", 404)


def test_a_new_invitation_changes_the_pairing_after_leaving(cast: Cast) -> None:
    cast.alice.delete("/couple")
    invitation = cast.alice.post("/invitations", {}, 201)
    cast.sam.post("/invitations/accept", {"code": invitation["code"], "rhythm": "gentle"})
    assert [person.get("/me")["pairing"] for person in (cast.alice, cast.sam, cast.bob)] == [
        "awaiting_confirm", "awaiting_confirm", "left",
    ]  # fmt: skip


NEED_MORE = ("/reflections", "/me/self-care-plans/times")
"""Reads that need a secret or a query."""


def all_answers(person: Person) -> dict[str, Any]:
    """Return every answer that a person can get without an id, and the dates that the answers name."""
    answers = {}
    for path in paths(person):
        answer = person.request("GET", path)
        answers[path] = (answer.status_code, answer.get_json(silent=True))
    return answers


def paths(person: Person) -> Iterator[str]:
    lists = [operation.path for operation in OPERATIONS if operation.method == "GET" and not has_ids(operation)]
    assert {"/me", "/dates", "/inbox", "/notes", "/couple", "/today", "/suggestions"} <= set(lists)
    yield from lists
    yield from ("/notes?from=partner", "/dates?show=upcoming", "/dates?limit=100", "/inbox?limit=100")
    yield from (f"/dates/{item['id']}" for item in person.get("/dates?limit=100")["items"])
    yield from ("/activities?q=finches", "/activities?q=okapis")


@pytest.mark.parametrize("leaver", ["alice", "bob"])
def test_no_answer_shows_more_of_the_partner_than_the_sentence_and_cancelled_dates(
    cast: Cast, app: Flask, stopped_clock: Traveller, leaver: str
) -> None:
    ours = []
    words = {"Alice": "You waited for me.", "Bob": "You called my mother."}
    for reader, other, title in (
        (cast.alice, cast.bob, "Greet the zebra finches"),
        (cast.bob, cast.alice, "Look for okapis"),
    ):
        shared(reader, words[reader.name])
        _, date = propose_own_idea(reader, title)
        move(other, "accept", date)
        ours.append(date["id"])
        ours.append(offer(reader, message=f"{title}, again?")["id"])
    couple = cast.alice.get("/couple")["id"]
    getattr(cast, leaver).delete("/couple")
    for reader, other, theirs in ((cast.alice, cast.bob, "okapis"), (cast.bob, cast.alice, "finches")):
        answers = all_answers(reader)
        for path, (status, body) in answers.items():
            text = json.dumps(body)
            assert status in (200, 404) or path in NEED_MORE, path
            of_inbox = path.startswith(("/inbox", "/today"))
            for trace in (
                words[other.name],
                *([] if path in NAMING else [other.name]),
                other.id,
                f"{theirs}, again?",
                *([] if of_inbox else [couple]),
            ):
                assert trace not in text.replace(words[reader.name], ""), (path, trace)
            named = [date for date in ours if date in text]
            assert not named or path.startswith(("/dates", "/inbox", "/today")), path
        assert answers["/activities?q=finches"][1]["items"] == [] or reader is cast.alice
        assert answers["/activities?q=okapis"][1]["items"] == [] or reader is cast.bob
        kinds = ["couple_ended", "date_off", "date_off"] if reader.name.lower() != leaver else []
        assert sorted(reader.inbox()) == kinds
        assert {date["state"] for date in answers["/dates?limit=100"][1]["items"]} == {"cancelled", "lapsed"}
        assert all(date["actions"] == [] for date in answers["/dates?limit=100"][1]["items"])
