"""Leaving over HTTP: one request, at once. The other finds one sentence and what is off; afterwards, nothing."""

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
from tests.dates import START, agreed, items, ledger, light, move, offer, own
from tests.people import Cast, Person, pair

SECOND = timedelta(seconds=1)
KEPT = timedelta(days=30)
SENTENCE = "You two are no longer connected here. What you wrote stays yours; upcoming dates are off."


# The reader's own safety check, and closing the chapter, say of whom they speak, by the name that the reader knew.
NAMING = ("/me/safety", "/me/closing")


def shared(author: Person, words: str) -> str:
    note: str = author.post("/notes", {"kind": "kindness", "body": words}, 201)["id"]
    author.post(f"/notes/{note}/share", {"version": 1})
    return note


def shown_idea(author: Person, title: str) -> Any:
    """An own idea, and the proposal by which the partner knows it."""
    idea = author.post("/activities", {"title": title, "category": "outdoors", "party": "either", "pace": 1}, 201)
    return idea, offer(author, activity=idea["id"], message=f"{title}?")


def test_leaving_is_one_request_and_ends_the_couple_for_both(cast: Cast) -> None:
    cast.alice.delete("/couple")
    for person in (cast.alice, cast.bob):
        person.get("/couple", 404)
        me = person.get("/me")
        assert (me["pairing"], me["couple"], me["contact"]) == ("left", None, None)
    assert cast.charlie.get("/me")["pairing"] == "paired"


def test_repeated_or_after_the_other_it_is_done_and_alone_there_is_nothing_to_leave(
    cast: Cast, stopped_clock: Traveller, now: datetime
) -> None:
    for person in (cast.alice, cast.alice, cast.bob, cast.bob):
        person.delete("/couple")
    assert (cast.alice.inbox(), cast.bob.inbox()) == ([], ["couple_ended"])
    assert cast.sam.delete("/couple", 409)["type"] == "/problems/wrong-state"
    stopped_clock.move_to(now + KEPT)
    cast.alice.delete("/couple", 409)


def test_the_other_finds_one_fixed_sentence_and_no_word_of_it_goes_out(cast: Cast, now: datetime) -> None:
    date = agreed(cast.alice, cast.bob)
    with db.connection():
        deliveries.deliver(now)  # what there was before
    cast.alice.delete("/couple")
    sent: list[Any] = []
    with db.connection():
        deliveries.deliver(now, {"push": lambda *told: sent.append(told[1:])})
    # Nobody waits in a restaurant: that much is said aloud, and it is all.
    assert [(str(person), text) for person, text in sent] == [(cast.bob.id, "This date is off.")]
    found = {item["kind"]: item for item in cast.bob.get("/inbox")["items"]}
    assert found.keys() == {"couple_ended", "date_off"}
    assert found["couple_ended"]["text"] == SENTENCE
    assert found["date_off"]["subject"] == date["id"]
    assert cast.alice.inbox() == []


def test_a_word_that_waits_to_go_out_about_the_two_does_not(cast: Cast, now: datetime) -> None:
    shared(cast.bob, "You waited for me.")
    offer(cast.bob)

    def down(*told: object) -> None:
        raise OSError("no route")

    with db.connection():
        assert deliveries.deliver(now, {"push": down}) == 0
    cast.bob.delete("/couple")
    with db.connection():
        sent: list[str] = []
        deliveries.deliver(now + timedelta(hours=1), {"push": lambda _id, who, _text: sent.append(str(who))})
    assert not {cast.alice.id, cast.bob.id} & set(sent)


def test_open_proposals_read_no_longer_open_to_their_sender_and_leave_the_others_view(
    cast: Cast, now: datetime
) -> None:
    mine, theirs = offer(cast.alice), offer(cast.bob)
    cast.alice.delete("/couple")
    for one, date, other in ((cast.alice, mine, theirs), (cast.bob, theirs, mine)):
        seen = one.get(f"/dates/{date['id']}")
        assert (seen["state"], seen["actions"], seen["expires_at"]) == ("lapsed", [], "2026-11-23T12:00:00.000Z")
        one.get(f"/dates/{other['id']}", 404)
        assert [found["id"] for found in one.get("/dates")["items"]] == [date["id"]]
    assert (ledger(mine), ledger(theirs)) == (["ended"], ["ended"])
    assert items(mine, cast.alice, cast.bob) == {"Alice": [], "Bob": []}


def test_agreed_dates_that_are_not_over_are_off_and_the_others_stay_as_they_were(
    cast: Cast, stopped_clock: Traveller
) -> None:
    past, ahead, mine = agreed(cast.alice, cast.bob), offer(cast.bob), own(cast.alice, START + timedelta(days=9))
    late = {**ahead, "slots": ahead["slots"][1:]}  # the day after
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
    # What somebody planned for themselves is nobody else's: it goes on, with its reminders.
    assert len(items(mine, cast.alice)["Alice"]) == 3
    assert cast.alice.get(f"/dates/{mine['id']}")["actions"] == ["cancel"]
    assert "Alice" not in json.dumps(cast.bob.get("/dates"))


def test_a_date_that_is_going_on_is_off_too(cast: Cast, stopped_clock: Traveller) -> None:
    date = agreed(cast.alice, cast.bob)
    stopped_clock.move_to(START + timedelta(minutes=59))
    cast.alice.delete("/couple")
    assert cast.bob.get(f"/dates/{date['id']}")["state"] == "cancelled"
    assert sorted(cast.bob.inbox()) == ["couple_ended", "date_off"]


def test_for_thirty_days_both_look_back_and_move_nothing(cast: Cast, stopped_clock: Traveller, now: datetime) -> None:
    date, open_offer = agreed(cast.alice, cast.bob), offer(cast.bob)
    cast.alice.delete("/couple")
    before = cast.alice.get("/dates"), cast.bob.get("/dates")
    assert [len(view["items"]) for view in before] == [1, 2]
    for person in (cast.alice, cast.bob):
        for found in (date, open_offer)[: 2 if person is cast.bob else 1]:
            for name in ("accept", "decline", "counter", "withdraw", "cancel", "complete"):
                seen = person.get(f"/dates/{found['id']}")
                move(person, name, seen, 409)
        move(person, "feedback", date, 409)
        assert person.get("/dates?show=upcoming")["items"] == []
        assert person.get("/today")["dates"] == []
    assert (cast.alice.get("/dates"), cast.bob.get("/dates")) == before
    cast.charlie.get(f"/dates/{date['id']}", 404)
    stopped_clock.move_to(now + KEPT - SECOND)
    assert cast.bob.get(f"/dates/{date['id']}")["state"] == "cancelled"
    stopped_clock.move_to(now + KEPT)
    for reader in (cast.alice, cast.bob):
        assert reader.get("/me")["pairing"] == "alone"
        reader.get(f"/dates/{date['id']}", 404)
        assert reader.get("/dates")["items"] == []
    run_housekeeping(now + KEPT)
    assert cast.bob.get("/me")["pairing"] == "alone"


def test_whoever_looks_back_reads_their_own_line_only(cast: Cast) -> None:
    mine, theirs = offer(cast.alice, message="The one by the river?"), offer(cast.bob, message="Or the hill?")
    move(cast.bob, "accept", mine)
    move(cast.alice, "accept", theirs)
    cast.bob.delete("/couple")
    seen = [
        [person.get(f"/dates/{date['id']}")["message"] for date in (mine, theirs)] for person in (cast.alice, cast.bob)
    ]
    assert seen == [["The one by the river?", None], [None, "Or the hill?"]]
    assert "river" not in json.dumps(cast.bob.get("/dates"))


def test_notes_leave_the_others_view_and_stay_their_authors(cast: Cast) -> None:
    note, private = shared(cast.alice, "You waited for me."), shared(cast.bob, "You called.")
    cast.alice.delete("/couple")
    for one, other in ((cast.alice, private), (cast.bob, note)):
        assert one.get("/notes?from=partner")["items"] == []
        one.get(f"/notes/{other}", 404)
    mine = cast.alice.get(f"/notes/{note}")
    assert (mine["body"], mine["state"], mine["actions"]) == ("You waited for me.", "recalled", ["delete"])
    cast.alice.post(f"/notes/{note}/recall")
    cast.alice.post(f"/notes/{note}/share", {"version": 1}, 409)


def test_own_ideas_stay_their_authors_and_vanish_for_the_other(cast: Cast) -> None:
    idea, date = shown_idea(cast.alice, "Greet the zebra finches")
    move(cast.bob, "accept", date)
    assert [item["title"] for item in cast.bob.get("/activities?q=finches")["items"]] == ["Greet the zebra finches"]
    cast.bob.delete("/couple")
    assert cast.bob.get("/activities?q=finches")["items"] == []
    cast.bob.get(f"/activities/{date['activity']['id']}", 404)
    assert cast.alice.get(f"/activities/{idea['id']}")["title"] == "Greet the zebra finches"
    # What was agreed keeps its name: "this date is off" has to say which.
    assert cast.bob.get(f"/dates/{date['id']}")["activity"]["title"] == "Greet the zebra finches"


def test_after_leaving_nothing_can_be_put_before_the_other(cast: Cast) -> None:
    date, note = agreed(cast.alice, cast.bob), cast.alice.post("/notes", {"kind": "effort", "body": "You."}, 201)["id"]
    idea, shown = shown_idea(cast.alice, "Greet the zebra finches")
    own(cast.bob, activity=shown["activity"]["id"])
    cast.bob.delete("/couple")
    before = everything(cast.bob), cast.bob.post("/me/records", {"password": "correct horse battery"})
    offer(cast.alice, light(), 409)
    cast.alice.post(f"/notes/{note}/share", {"version": 1}, 409)
    cast.alice.patch(f"/activities/{idea['id']}", {"title": "Please come back"}, '"1"')
    cast.alice.patch("/me", {"display_name": "Please"}, '"1"')
    move(cast.alice, "cancel", cast.alice.get(f"/dates/{date['id']}"), 409)
    assert (everything(cast.bob), cast.bob.post("/me/records", {"password": "correct horse battery"})) == before


def test_a_note_once_shared_here_is_not_carried_to_the_next_partner(cast: Cast) -> None:
    note = shared(cast.alice, "You waited.")
    cast.alice.delete("/couple")
    pair(cast.alice, cast.sam)
    cast.alice.post(f"/notes/{note}/share", {"version": 1}, 409)
    assert cast.sam.get("/notes?from=partner")["items"] == []
    assert cast.sam.post("/me/records", {"password": "correct horse battery"})["items"] == []


def test_nothing_comes_back_when_the_same_two_pair_again(cast: Cast) -> None:
    old = cast.alice.get("/couple")["id"]
    date, note = agreed(cast.alice, cast.bob), shared(cast.alice, "You waited.")
    cast.alice.delete("/couple")
    pair(cast.bob, cast.alice, "gentle")
    fresh = cast.alice.get("/couple")
    assert fresh["id"] != old
    assert (fresh["rhythm"], fresh["pace"]) == ("gentle", 3)
    assert cast.alice.get("/me")["contact"]["shared"]["left"] == 7
    for person in (cast.alice, cast.bob):
        assert person.get("/me")["pairing"] == "paired"
        assert person.get("/dates")["items"] == []
        assert person.get("/notes?from=partner")["items"] == []
        # "This date is off" still leads somewhere, and nowhere further.
        assert person.get(f"/dates/{date['id']}")["actions"] == []
        move(person, "cancel", person.get(f"/dates/{date['id']}"), 409)
    cast.bob.get(f"/notes/{note}", 404)


def test_with_a_new_invitation_it_reads_inviting_again(cast: Cast) -> None:
    cast.alice.delete("/couple")
    invitation = cast.alice.post("/invitations", {}, 201)
    cast.sam.post("/invitations/accept", {"code": invitation["code"], "rhythm": "gentle"})
    assert [person.get("/me")["pairing"] for person in (cast.alice, cast.sam, cast.bob)] == [
        "awaiting_confirm", "awaiting_confirm", "left",
    ]  # fmt: skip


def everything(person: Person) -> dict[str, Any]:
    """Every answer that somebody can get without knowing an id, and the things that those answers name."""
    found = {}
    for path in paths(person):
        answer = person.request("GET", path)
        found[path] = (answer.status_code, answer.get_json(silent=True))
    return found


def paths(person: Person) -> Iterator[str]:
    lists = [operation.path for operation in OPERATIONS if operation.method == "GET" and not has_ids(operation)]
    assert {"/me", "/dates", "/inbox", "/notes", "/couple", "/today", "/suggestions"} <= set(lists)
    yield from lists
    yield from ("/notes?from=partner", "/dates?show=upcoming", "/dates?limit=100", "/inbox?limit=100")
    yield from (f"/dates/{item['id']}" for item in person.get("/dates?limit=100")["items"])
    yield from ("/activities?q=finches", "/activities?q=okapis")


@pytest.mark.parametrize("leaver", ["alice", "bob"])
def test_a_walk_through_every_answer_finds_nothing_of_the_other_but_the_sentence_and_what_is_off(
    cast: Cast, app: Flask, stopped_clock: Traveller, leaver: str
) -> None:
    ours = []
    words = {"Alice": "You waited for me.", "Bob": "You called my mother."}
    for one, other, title in (
        (cast.alice, cast.bob, "Greet the zebra finches"),
        (cast.bob, cast.alice, "Look for okapis"),
    ):
        shared(one, words[one.name])
        _, date = shown_idea(one, title)
        move(other, "accept", date)
        ours.append(date["id"])
        ours.append(offer(one, message=f"{title}, again?")["id"])
    couple = cast.alice.get("/couple")["id"]
    getattr(cast, leaver).delete("/couple")
    for one, other, theirs in ((cast.alice, cast.bob, "okapis"), (cast.bob, cast.alice, "finches")):
        answers = everything(one)
        for path, (status, body) in answers.items():
            text = json.dumps(body)
            assert status in (200, 404), path
            of_inbox = path.startswith(("/inbox", "/today"))
            for trace in (
                words[other.name],
                *([] if path in NAMING else [other.name]),
                other.id,
                f"{theirs}, again?",
                *([] if of_inbox else [couple]),
            ):
                assert trace not in text.replace(words[one.name], ""), (path, trace)
            named = [date for date in ours if date in text]
            assert not named or path.startswith(("/dates", "/inbox", "/today")), path
        assert answers["/activities?q=finches"][1]["items"] == [] or one is cast.alice
        assert answers["/activities?q=okapis"][1]["items"] == [] or one is cast.bob
        kinds = ["couple_ended", "date_off", "date_off"] if one.name.lower() != leaver else []
        assert sorted(one.inbox()) == kinds
        assert {date["state"] for date in answers["/dates?limit=100"][1]["items"]} == {"cancelled", "lapsed"}
        assert all(date["actions"] == [] for date in answers["/dates?limit=100"][1]["items"])
