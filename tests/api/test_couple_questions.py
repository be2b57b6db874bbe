"""Test questions for two: sealed answers that open together, draws, and what a partner can learn (nothing)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from time_machine import Traveller

from planner import scheduler
from planner.contact.contact_log import ContactEvent
from planner.notes.couple_questions import CoupleQuestion, QuestionAnswer
from planner.storage import db
from tests.conftest import NOON
from tests.exports import export as exported
from tests.people import PASSWORD, Cast, Person, pair
from tests.racing import strangers
from tests.spaces import DAY, HOUR, MINUTE, end, held, quieten, take
from tests.twins import CHOSEN_FOR_TWO, World, difference, from_here

WORDS, THEIRS = "The smell of the bakery.", "Your laugh in the stairwell."
DRAWN = str(UUID(int=7, version=4))


def current(person: Person) -> Any:
    return person.get("/questions/current")["items"]


def weekly(person: Person) -> Any:
    (question,) = (question for question in current(person) if not question["drawn"])
    return question


def put(person: Person, question: dict[str, Any], body: str, status: int = 200) -> Any:
    return person.put(f"/questions/{question['id']}/answer", {"body": body}, status)


def opened(first: Person, second: Person) -> Any:
    """Let both answer the question of the week, and return it as the second person finds it."""
    put(first, weekly(first), WORDS)
    return put(second, weekly(second), THEIRS)


def spent(person: Person) -> int:
    left = person.get("/me")["allowance"]["shared"]
    return int(left["limit"] - left["left"])


def test_both_have_the_same_question_when_it_is_monday_for_one_of_them_only(
    cast: Cast, stopped_clock: Traveller
) -> None:
    cast.bob.patch("/me", {"zone": "Pacific/Honolulu"}, "*")
    stopped_clock.move_to(NOON + 7 * DAY - 11 * HOUR)  # Monday at one in the morning in UTC
    question = weekly(cast.bob)
    assert question == weekly(cast.alice)
    put(cast.bob, question, WORDS)
    assert put(cast.alice, question, THEIRS)["state"] == "open"


def test_both_get_one_question_a_week_and_answers_open_together(cast: Cast, stopped_clock: Traveller) -> None:
    alice, bob = cast.alice, cast.bob
    question = weekly(alice)
    assert question == weekly(bob)
    assert (question["state"], question["until"], question["prompt"]["kind"]) == (
        "unanswered", "2026-11-29", "conversation",
    )  # fmt: skip
    assert alice.get(f"/questions/{question['id']}") == question
    sealed = put(alice, question, WORDS)
    assert (sealed["state"], sealed["own_answer"], sealed["partner_answer"]) == ("answered", WORDS, None)
    assert put(alice, question, WORDS) == sealed
    assert put(alice, question, "Better words.")["own_answer"] == "Better words."
    assert weekly(bob) == question
    assert (bob.inbox(), spent(alice)) == (["couple_begun"], 0)
    stopped_clock.shift(HOUR)
    both = put(bob, question, THEIRS)
    assert (both["state"], both["own_answer"], both["partner_answer"]) == ("open", THEIRS, "Better words.")
    assert put(bob, question, THEIRS) == both
    mirrored = {**both, "own_answer": "Better words.", "partner_answer": THEIRS}
    assert alice.get("/questions")["items"] == [mirrored] == [alice.get(f"/questions/{question['id']}")]
    assert [current(person) for person in (alice, bob)] == [[], []]
    assert [person.inbox()[0] for person in (alice, bob)] == ["question_opened"] * 2
    assert [spent(person) for person in (alice, bob)] == [1, 1]
    (item,) = (item for item in alice.get("/inbox")["items"] if item["kind"] == "question_opened")
    assert item["subject"] == {"type": "question", "id": question["id"], "title": None}
    for late in (alice, bob):
        assert put(late, question, "Other words.", 409)["reason"] == "answers_open"


def test_only_the_two_find_a_question(cast: Cast) -> None:
    question = opened(cast.alice, cast.bob)
    nowhere = cast.charlie.request("GET", f"/questions/{uuid4()}")
    for stranger in (cast.charlie, cast.sam):
        assert question["id"] not in [each["id"] for each in current(stranger)]
        assert stranger.get("/questions")["items"] == []
        for method, verb, body in (("GET", "", None), ("PUT", "/answer", {"body": "Me."}), ("DELETE", "/answer", None)):
            answer = stranger.request(method, f"/questions/{question['id']}{verb}", body)
            assert (answer.status_code, answer.data) == (404, nowhere.data)
    assert current(cast.sam) == []
    assert cast.sam.post("/questions", status=409)["reason"] == "no_partner"


def test_an_answer_is_taken_back_sealed_or_open(alice: Person, bob: Person) -> None:
    question = weekly(alice)
    alice.delete(f"/questions/{question['id']}/answer", 204)
    put(alice, question, WORDS)
    alice.delete(f"/questions/{question['id']}/answer", 204)
    assert weekly(alice) == question
    assert put(bob, question, THEIRS)["state"] == "answered"
    put(alice, question, WORDS)
    alice.delete(f"/questions/{question['id']}/answer", 204)
    alice.delete(f"/questions/{question['id']}/answer", 204)
    (left,) = bob.get("/questions")["items"]
    assert (left["state"], left["own_answer"], left["partner_answer"]) == ("open", THEIRS, None)
    assert "question_opened" not in bob.inbox()
    record = bob.post("/me/received", {"password": PASSWORD})["items"]
    assert [(item["kind"], item["content"]["body"]) for item in record] == [("answer", WORDS)]
    assert put(alice, question, "Once more.", 409)["reason"] == "answers_open"


def test_an_unanswered_question_leaves_with_its_answers(alice: Person, bob: Person, stopped_clock: Traveller) -> None:
    question = weekly(alice)
    put(alice, question, WORDS)
    stopped_clock.move_to(NOON + timedelta(days=6, hours=11))
    assert [weekly(person)["id"] for person in (alice, bob)] == [question["id"]] * 2
    stopped_clock.move_to(NOON + timedelta(days=7))
    following = weekly(alice)
    assert following["id"] != question["id"]
    assert following["prompt"]["id"] != question["prompt"]["id"]
    for person in (alice, bob):
        put(person, question, "Too late.", 404)
    scheduler.run_housekeeping(NOON + timedelta(days=11))
    with db.connection():
        assert QuestionAnswer.select().count() == 0
    assert (alice.inbox(), bob.inbox()) == ([], ["couple_begun"])


def test_no_question_comes_twice_before_all_came(alice: Person, stopped_clock: Traveller) -> None:
    seen = []
    for week in range(40):
        stopped_clock.move_to(NOON + timedelta(weeks=week))
        alice.sign_in_again()
        seen.append(weekly(alice)["prompt"]["id"])
    assert len(set(seen)) == 40


def test_either_draws_another_and_no_question_is_replaced(cast: Cast, stopped_clock: Traveller) -> None:
    alice, bob = cast.alice, cast.bob
    put(alice, weekly(alice), WORDS)
    drawn = bob.post("/questions", {"id": DRAWN}, 201)
    assert bob.post("/questions", {"id": DRAWN}, 201) == drawn
    cast.charlie.post("/questions", {"id": DRAWN}, 422)
    assert [question["state"] for question in current(alice)] == ["answered", "unanswered"]
    assert current(alice)[1] == drawn
    assert alice.inbox() == []
    for _ in range(2):
        stopped_clock.shift(MINUTE)
        alice.post("/questions", status=201)
    refused = bob.post("/questions", status=409)
    assert (refused["reason"], refused["opens_at"]) == ("draws_used_up", "2026-11-30T12:00:00.000Z")
    assert bob.get("/questions/current")["next_draw_at"] == "2026-11-30T12:00:00.000Z"
    assert len({question["prompt"]["id"] for question in current(bob)}) == 4
    stopped_clock.move_to(NOON + timedelta(days=7))
    assert drawn["id"] not in [question["id"] for question in current(bob)]
    assert bob.get("/questions/current")["next_draw_at"] is None


@pytest.mark.parametrize("rhythm", ["apart", "gentle"])
def test_a_calmer_couple_draws_one_a_week(app: Flask, rhythm: str) -> None:
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben, rhythm)
    pace = ann.get("/couple")["pace"]
    ann.post("/questions", status=201)
    assert ben.post("/questions", status=409)["reason"] == "draws_used_up"
    assert pace <= 3


def test_without_a_free_place_no_answer_is_taken_but_an_opening_is_never_refused(
    app: Flask, stopped_clock: Traveller
) -> None:
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben, "apart")
    question = weekly(ann)
    put(ann, question, WORDS)
    for body in ("One.", "Two."):
        note = ann.post("/notes", {"kind": "kindness", "body": body}, 201)
        ann.post(f"/notes/{note['id']}/share", {"version": 1})
    assert ann.get("/me")["allowance"]["shared"]["left"] == 0
    drawn = ben.post("/questions", status=201)
    refused = put(ann, drawn, "More.", 409)
    assert (refused["type"], refused["opens_at"]) == ("/problems/too-soon", "2026-11-30T12:00:00.000Z")
    assert put(ann, question, "Changed.")["own_answer"] == "Changed."
    stopped_clock.shift(HOUR)
    assert put(ben, question, THEIRS)["partner_answer"] == "Changed."
    with db.connection():
        assert ContactEvent.select().where(ContactEvent.person == ann.id).count() == 3


def test_in_space_a_person_can_only_take_back_and_an_opening_is_held(cast: Cast, stopped_clock: Traveller) -> None:
    alice, bob = cast.alice, cast.bob
    other = bob.post("/questions", status=201)
    question = weekly(alice)
    put(alice, question, WORDS)
    take(alice)
    assert [each["id"] for each in current(alice)] == [question["id"]]
    assert put(alice, question, "Changed.", 409)["reason"] == "in_space"
    assert alice.post("/questions", status=409)["reason"] == "in_space"
    put(alice, other, WORDS, 404)
    stopped_clock.shift(MINUTE)
    assert put(bob, question, THEIRS)["partner_answer"] == WORDS
    assert alice.get("/questions")["items"] == [] == current(alice)
    assert "question_opened" not in alice.inbox()
    assert held(alice) == [("answer", question["id"], "space")]
    (thing,) = alice.get("/me/held")["items"]
    assert thing["question"]["partner_answer"] == THEIRS
    end(alice)
    assert alice.get("/questions")["items"] == []
    alice.post("/me/held/release")
    assert [each["partner_answer"] for each in alice.get("/questions")["items"]] == [THEIRS]
    assert "question_opened" in alice.inbox()


@pytest.mark.parametrize("answered", [False, True])
def test_the_id_of_the_weekly_question_draws_none_and_tells_nothing(cast: Cast, answered: bool) -> None:
    """Its row is there once one of the two has answered: a draw with its id must not tell."""
    question = weekly(cast.alice)
    if answered:
        put(cast.bob, question, THEIRS)
    cast.alice.post("/questions", {"id": question["id"]}, 422)
    assert weekly(cast.bob)["prompt"] == question["prompt"]


def test_a_sealed_answer_stays_in_view_of_its_author_after_a_change_of_pace(cast: Cast) -> None:
    question = weekly(cast.alice)
    put(cast.alice, question, WORDS)
    cast.bob.put("/me/pace", {"pace": 1})
    assert cast.alice.get(f"/questions/{question['id']}")["own_answer"] is not None
    assert question["id"] in {each["id"] for each in current(cast.alice)}


def test_a_question_stays_within_the_pace_of_each(cast: Cast) -> None:
    alice, bob = cast.alice, cast.bob
    for _ in range(3):
        bob.post("/questions", status=201)
    alice.put("/me/pace", {"pace": 1, "quietly": True})
    mine = {each["prompt"]["id"] for each in current(alice)}
    theirs = {each["prompt"]["id"] for each in current(bob)}
    assert mine < theirs
    assert len(theirs) == 4
    within = {prompt["id"] for prompt in alice.get("/prompts?kind=conversation&limit=100")["items"]}
    assert mine <= within
    hidden = next(each for each in current(bob) if each["prompt"]["id"] not in within)
    put(alice, hidden, WORDS, 404)
    assert put(bob, hidden, THEIRS)["state"] == "answered"


def test_leaving_ends_sealed_answers_and_keeps_own_open_ones(cast: Cast) -> None:
    alice, bob = cast.alice, cast.bob
    drawn = bob.post("/questions", status=201)
    question = opened(alice, bob)
    put(alice, drawn, "Sealed.")
    assert [each["body"] for each in exported(alice, "private")["sealed_answers"]] == ["Sealed."]
    bob.delete("/couple")
    (mine,) = alice.get("/questions")["items"]
    assert (mine["id"], mine["own_answer"], mine["partner_answer"]) == (question["id"], WORDS, None)
    assert [(each["body"], each["question"]) for each in exported(alice, "ordinary")["open_answers"]] == [
        (WORDS, question["prompt"]["text"])
    ]
    assert exported(alice, "private")["sealed_answers"] == []
    assert "question_opened" not in alice.inbox()
    with db.connection():
        assert CoupleQuestion.select().count() == 1
    alice.delete(f"/questions/{question['id']}/answer", 204)
    assert alice.get("/questions")["items"] == []


def test_the_safety_check_counts_open_answers(alice: Person, bob: Person) -> None:
    put(alice, alice.post("/questions", status=201), "Sealed.")
    assert "answers" not in [line["kind"] for line in alice.get("/me/safety")["items"]]
    opened(alice, bob)
    (line,) = (line for line in alice.get("/me/safety")["items"] if line["kind"] == "answers")
    assert line["params"]["count"] == 1
    assert line["end"]["path"] == "/v1/questions/{id}/answer"


ACTS: dict[str, Callable[[World, str], None]] = {
    "an answer": lambda world, question: world.ada.put(f"/questions/{question}/answer", {"body": WORDS}),
    "an answer to a drawn one": lambda world, question: world.ada.put(f"/questions/{DRAWN}/answer", {"body": WORDS}),
    "an answer taken back": lambda world, question: (
        world.ada.put(f"/questions/{question}/answer", {"body": WORDS}),
        world.ada.delete(f"/questions/{question}/answer"),
    )[0],
    "a look": lambda world, question: world.ada.get("/questions/current"),
}


def story(world: World, act: Callable[[World, str], None]) -> None:
    """Let Ada do a private act with a question, and Ben read everything, send things and wait for weeks."""
    world.ask("POST", "/questions", {"id": DRAWN})
    act(world, weekly(world.ada)["id"])
    world.wait(MINUTE)
    world.look(*CHOSEN_FOR_TWO, f"/questions/{DRAWN}")
    note = {"id": str(UUID(int=8, version=4)), "kind": "effort", "body": "You waited."}
    world.ask("POST", "/notes", note)
    world.ask("POST", f"/notes/{note['id']}/share", {"version": 1})
    world.ask("DELETE", f"/questions/{DRAWN}/answer")
    world.ask("PUT", "/me/pace", {"pace": 2})
    world.look()
    for _ in range(2):
        world.wait(6 * DAY)
        world.look(f"/questions/{DRAWN}")
    scheduler.run_housekeeping(NOON + 14 * DAY)
    world.ask("POST", "/questions", {"id": str(UUID(int=9, version=4))})


def test_a_sealed_answer_changes_nothing_for_the_partner(
    app: Flask, stopped_clock: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("planner.notes.couple_questions.random.choice", lambda prompts: prompts[0])
    ada, ben = strangers(app, "Ada", "Ben")
    pair(ada, ben, "gentle")
    start, acts = World(stopped_clock, ada, ben), {**ACTS, "nothing": lambda world, question: None}
    worlds = {title: World(stopped_clock, ada, ben) for title in acts}
    for world, act in zip(worlds.values(), from_here(start, *acts.values()), strict=True):
        story(world, act)
    assert {title: difference(world, worlds["nothing"]) for title, world in worlds.items()} == dict.fromkeys(acts)


def test_an_answer_is_short_at_a_low_pace(cast: Cast) -> None:
    alice, bob = cast.alice, cast.bob
    put(cast.charlie, weekly(cast.charlie), "a" * 2000)
    alice.put("/me/pace", {"pace": 2})
    question = weekly(alice)
    for person in (alice, bob):
        refused = put(person, question, "a" * 401, 409)
        assert (refused["reason"], "400" in refused["detail"]) == ("answer_long_for_pace", True)
    assert put(alice, question, "\u00e9" * 400)["state"] == "answered"
    assert put(bob, question, "e\u0301" * 400)["state"] == "open", "letters count, not code points"


@pytest.mark.both_databases
@pytest.mark.parametrize("last", ["alice", "bob"])
def test_a_long_answer_is_held_from_a_partner_with_a_quiet_low_pace(
    cast: Cast, stopped_clock: Traveller, carried: list[tuple[str, str]], last: str
) -> None:
    alice, bob = cast.alice, cast.bob
    quieten(bob, pace=2)
    question = bob.post("/questions", status=201)
    scheduler.tick(NOON)
    carried.clear()
    stopped_clock.shift(MINUTE)
    answers = [(alice, "a" * 401), (bob, THEIRS)]
    for person, body in answers if last == "bob" else answers[::-1]:
        stopped_clock.shift(MINUTE)
        put(person, question, body)
    (mine,) = alice.get("/questions")["items"]
    assert (mine["own_answer"], mine["partner_answer"]) == ("a" * 401, THEIRS)
    assert bob.get("/questions")["items"] == []
    assert held(bob) == [("answer", question["id"], "pace")]
    assert "question_opened" not in bob.inbox()
    scheduler.tick(NOON + 3 * MINUTE)
    assert bob.id not in [person for person, _ in carried]
    bob.put("/me/pace", {"pace": 5})
    assert [each["partner_answer"] for each in bob.get("/questions")["items"]] == ["a" * 401]
    assert (held(bob), held(alice)) == ([], [])


@pytest.mark.parametrize("letters", [400, 401])
def test_a_quiet_pace_changes_nothing_for_the_author_of_an_answer(
    app: Flask, stopped_clock: Traveller, letters: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lowest = partial(min, key=lambda prompt: prompt.content.pace)
    monkeypatch.setattr("planner.notes.couple_questions.random.choice", lowest)
    ada, ben = strangers(app, "Ada", "Ben")
    pair(ada, ben)
    ada.post("/questions", {"id": DRAWN}, 201)
    worlds = [World(stopped_clock, ada, ben) for _ in range(2)]
    acts = from_here(
        World(stopped_clock, ada, ben),
        lambda world, _: world.ada.put("/me/pace", {"pace": 2, "quietly": True}),
        lambda world, _: None,
    )
    for world, act in zip(worlds, acts, strict=True):
        act(world, "")
        world.wait(MINUTE)
        world.ask("PUT", f"/questions/{DRAWN}/answer", {"body": "a" * letters})
        world.ada.put(f"/questions/{DRAWN}/answer", {"body": THEIRS})
        world.wait(MINUTE)
        world.look(f"/questions/{DRAWN}")
    assert difference(*worlds) is None
