"""Reflections over HTTP: writing, reading, changing and deleting them, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from time_machine import Traveller

from planner.clock import utcnow
from planner.reflections.reflections import Reflection
from planner.reflections.suggestions import TASKS
from planner.storage import db
from tests.api.answers import contents, problem
from tests.people import Cast, Person, sign_up
from tests.racing import together
from tests.reflections import BODY, bodies, unlock, write


def test_a_reflection_is_written_read_changed_and_deleted(alice: Person, stopped_clock: Traveller) -> None:
    made = write(alice)
    assert made == alice.get(f"/reflections/{made['id']}")
    assert (made["body"], made["version"], made["question"]) == (BODY, 1, None)
    stopped_clock.shift(timedelta(hours=1))
    later = alice.post("/reflections", {"body": "Later."}, 201)
    changed = alice.patch(f"/reflections/{made['id']}", {"body": "Other words."}, '"1"')
    assert changed == {**made, "body": "Other words.", "version": 2}
    assert alice.get("/reflections")["items"] == [later, changed], "newest first"
    assert alice.get("/me/reflections") == {"state": "open", "needs": ["password"], "reflections": 2}
    alice.delete(f"/reflections/{made['id']}")
    alice.get(f"/reflections/{made['id']}", 404)
    alice.delete(f"/reflections/{made['id']}", 404)
    assert bodies(alice) == ["Later."]


def test_a_reflection_answers_a_question_or_is_for_a_task(alice: Person) -> None:
    prompt = alice.get("/reflections/suggestion")["prompt"]
    asked = write(alice, prompt_id=prompt["id"])
    assert (asked["prompt_id"], asked["question"]) == (prompt["id"], prompt["text"])
    task = write(alice, task="room")
    assert (task["task"], task["prompt_id"]) == ("room", None)
    assert task["question"].startswith("Describe the room")


def test_the_author_alone_finds_a_reflection(cast: Cast) -> None:
    reflection = f"/reflections/{write(cast.alice)['id']}"
    write(cast.bob, "Bob's.")
    for person in (cast.bob, cast.charlie, cast.sam):
        for method, body in (("GET", None), ("PATCH", {"body": "x"}), ("DELETE", None)):
            unknown = problem(person.request(method, f"/reflections/{uuid4()}", body, If_Match='"1"'), 404)
            found = problem(person.request(method, reflection, body, If_Match='"1"'), 404)
            assert {**found, "instance": None, "request_id": None} == {**unknown, "instance": None, "request_id": None}
    assert bodies(cast.bob) == ["Bob's."]
    assert bodies(cast.alice) == [BODY]


def test_a_repeated_create_makes_one_reflection(cast: Cast) -> None:
    unlock(cast.alice)
    body = {"id": str(uuid4()), "body": BODY}
    made = cast.alice.post("/reflections", body, 201)
    changed = cast.alice.patch(f"/reflections/{made['id']}", {"body": "Other."}, '"1"')
    assert cast.alice.post("/reflections", body, 201) == changed, "as it is now"
    for other in ({"body": "Another."}, {"task": "room"}):
        assert (
            problem(cast.alice.request("POST", "/reflections", {**body, **other}), 422)["type"] == "/problems/id-taken"
        )
    unlock(cast.bob)
    cast.bob.post("/reflections", body, 422)
    assert bodies(cast.alice) == ["Other."]


def test_two_changes_at_once_lose_no_words(alice: Person) -> None:
    path = f"/reflections/{write(alice)['id']}"
    texts = ("One.", "Two.", "Three.")
    acts = [
        lambda text=text: alice.request("PATCH", path, {"body": text}, If_Match='"1"').status_code for text in texts
    ]
    assert sorted(together(*acts)) == [200, 412, 412]
    now = alice.get(path)
    assert alice.patch(path, {"body": now["body"]}, '"1"') == now, "a repeat of what is stored changes nothing"
    alice.patch(path, {"body": "Four."}, '"1"', 412)


@pytest.mark.parametrize("wrong", [
    {}, {"body": ""}, {"body": "   "}, {"body": "x" * 10_001}, {"body": 7}, {"body": None}, {"body": BODY, "kind": "x"},
    {"body": BODY, "task": "homework"}, {"body": BODY, "prompt_id": "x"}, {"body": BODY, "prompt_id": str(uuid4())},
    {"body": BODY, "id": "x"}, {"body": "NUL \x00"},
])  # fmt: skip
def test_wrong_values_are_refused_and_nothing_is_stored(alice: Person, wrong: Any) -> None:
    unlock(alice)
    before = contents()
    assert problem(alice.request("POST", "/reflections", wrong), 422)["errors"]
    assert contents() == before


def test_the_longest_text_of_every_script_is_stored(alice: Person) -> None:
    unlock(alice)
    for letters in ("x" * 10_000, "字" * 10_000):
        assert alice.post("/reflections", {"body": letters}, 201)["body"] == letters
        assert letters in bodies(alice)


def test_a_list_comes_in_pages(alice: Person, stopped_clock: Traveller) -> None:
    for number in range(5):
        stopped_clock.shift(timedelta(minutes=number % 2))
        write(alice, f"{number}")
    seen, path = [], "/reflections?limit=2"
    while path:
        answer = alice.get(path)
        seen += [item["body"] for item in answer["items"]]
        path = answer["next"] and f"/reflections?limit=2&after={answer['next']}"
    assert sorted(seen) == list("01234")
    alice.get("/reflections?after=x", 422)


def test_in_space_and_after_leaving_reflections_stay(cast: Cast) -> None:
    made = write(cast.alice)
    cast.alice.put("/me/space", {"kind": "quiet", "dates": []})
    write(cast.alice, "In space.")
    cast.bob.delete("/couple")
    assert len(bodies(cast.alice)) == 2
    assert cast.alice.get(f"/reflections/{made['id']}")["body"] == BODY


def test_no_answer_with_a_reflection_is_stored(alice: Person) -> None:
    made = write(alice)
    for path in ("/reflections", f"/reflections/{made['id']}", "/me/reflections", "/reflections/suggestion"):
        headers = alice.request("GET", path).headers
        assert headers["Cache-Control"] == "no-store", path
        assert "ETag" not in headers


def test_a_row_that_was_moved_or_changed_does_not_open(cast: Cast) -> None:
    mine, theirs = write(cast.alice), write(cast.bob, "Bob's.")
    with db.connection(), db.write():
        content = Reflection.get_by_id(theirs["id"]).content
        Reflection.update(content=content).where(Reflection.id == mine["id"]).execute()
    assert problem(cast.alice.request("GET", f"/reflections/{mine['id']}"), 409)["reason"] == "reflection_damaged"
    with db.connection(), db.write():
        Reflection.update(person=cast.alice.id).where(Reflection.id == theirs["id"]).execute()
    assert problem(cast.alice.request("GET", f"/reflections/{theirs['id']}"), 409)["reason"] == "reflection_damaged"


def test_suggestions_come_on_three_days_of_seven_and_a_task_on_every_day(app: Flask, stopped_clock: Traveller) -> None:
    sam = sign_up(app, "Robin", "UTC")
    days, tasks = [], []
    for number in range(21):
        sam.sign_in_again()
        suggestion = sam.get("/reflections/suggestion")
        assert sam.get("/reflections/suggestion") == suggestion, "the same all day"
        assert suggestion["minutes"] == 10
        days.append(suggestion["prompt"])
        tasks.append(suggestion["task"])
        if suggestion["prompt"] is None:
            assert suggestion["next_day"] == str((utcnow() + timedelta(days=7 - number % 7)).date())
        stopped_clock.shift(timedelta(days=1))
    assert [bool(day) for day in days] == [True, True, True, False, False, False, False] * 3
    assert len({day["id"] for day in days if day}) == 9, "each is another question"
    assert set(tasks) == set(TASKS)


def test_the_question_of_the_day_counts_as_a_suggestion(app: Flask, stopped_clock: Traveller) -> None:
    sam = sign_up(app, "Robin", "UTC")
    sam.put("/me/profile", {"interests": [], "causes": [], "prompt_kinds": ["reflection"]})
    for number in range(7):
        sam.sign_in_again()
        asked = sam.request("GET", "/prompts/today")
        suggested = sam.get("/reflections/suggestion")["prompt"]
        if number < 3:
            assert asked.get_json()["id"] == suggested["id"], "one a day"
        else:
            assert (problem(asked, 404)["reason"], suggested) == ("no_prompt_today", None)
        stopped_clock.shift(timedelta(days=1))
    sam.sign_in_again()
    assert sam.get("/reflections/suggestion")["prompt"]
    sam.get("/prompts/today", 404)


def test_each_server_says_that_it_has_reflections(app: Flask) -> None:
    assert "reflections" in app.test_client().get("/v1/server").get_json()["features"]
