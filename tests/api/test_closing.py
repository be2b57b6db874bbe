"""Test the checklist for leaving. Each step is a separate decision, and reading the list does nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from api import help_cards as edge
from planner.relationship import leaving_checklist
from seeds import banned_words
from tests.api.answers import contents
from tests.api.test_help import words_of
from tests.api.test_sign_ins import elsewhere
from tests.people import PASSWORD, Cast, Person


def steps(person: Person) -> dict[str, Any]:
    return {step["step"]: step for step in person.get("/me/closing")["steps"]}


def test_every_person_gets_all_four_steps(cast: Cast) -> None:
    for person in cast:
        checklist = person.get("/me/closing")
        assert [step["step"] for step in checklist["steps"]] == ["export", "leave", "block", "silence"]
        assert "stop after each one" in checklist["lines"][0]["text"]
        assert [link["path"] for link in checklist["links"]] == ["/safety", "/v1/me/safety", "/v1/me/space"]
        for step in checklist["steps"]:
            assert all(step[name] for name in ("title", "does", "noticed")), step["step"]
            assert step["may_be_noticed"] == any(request["may_be_noticed"] for request in step["requests"])


def test_space_is_offered_beside_leaving_in_equal_size(cast: Cast) -> None:
    leave = steps(cast.alice)["leave"]
    beside = leave["beside"]
    assert beside["title"] == "Space keeps everything"
    assert beside.keys() == leave.keys() - {"beside"}
    assert beside["requests"][0].keys() == leave["requests"][0].keys()
    assert len(beside["does"]) >= 0.8 * len(leave["does"])
    assert beside["requests"][0]["body"] == {"kind": "quiet", "dates": None}
    assert all(one["beside"] is None for name, one in steps(cast.alice).items() if name != "leave")


def test_a_step_is_done_according_to_the_viewers_own_rows(cast: Cast) -> None:
    def done_steps(person: Person) -> dict[str, Any]:
        return {name: step["done"] for name, step in steps(person).items()}

    assert done_steps(cast.sam) == {"export": None, "leave": None, "block": None, "silence": True}
    assert done_steps(cast.alice) == {"export": None, "leave": False, "block": False, "silence": True}
    elsewhere(cast.alice)
    assert done_steps(cast.alice)["silence"] is False
    assert done_steps(cast.bob)["silence"] is True
    cast.alice.delete("/couple")
    assert done_steps(cast.alice)["leave"] is True
    assert steps(cast.alice)["leave"]["beside"]["done"] is None


def blockable(person: Person) -> list[str]:
    return [request["body"]["target"] for request in steps(person)["block"]["requests"]]


def test_the_people_to_block_depend_on_the_pairing(cast: Cast) -> None:
    assert blockable(cast.sam) == ["everybody"]
    assert blockable(cast.alice) == ["partner", "everybody"]
    cast.alice.delete("/couple")
    assert blockable(cast.alice) == blockable(cast.bob) == ["last_partner", "everybody"]
    assert steps(cast.alice)["block"]["requests"][0]["text"] == "Say no to Bob for good."


def follow(person: Person, request: dict[str, Any]) -> None:
    """Send a request that a step offers. Fill in the values that the step leaves to the person."""
    own = {"password": PASSWORD, "dates": []}
    body = request["body"] and {name: own[name] if value is None else value for name, value in request["body"].items()}
    answer = person.request(request["method"], request["path"].removeprefix("/v1"), body)
    assert answer.status_code < 300, answer.get_data(as_text=True)


@pytest.mark.parametrize("order", [("export", "leave", "block"), ("block", "export"), ("leave", "export", "block")])
def test_the_steps_can_be_done_in_any_order(cast: Cast, order: tuple[str, ...]) -> None:
    for name in order:
        bob = cast.bob.get("/me/closing") if name != "leave" and "leave" in order[: order.index(name)] else None
        follow(cast.alice, steps(cast.alice)[name]["requests"][0])
        assert steps(cast.alice)[name]["done"] in (True, None)
        assert bob in (None, cast.bob.get("/me/closing")), "Bob learns only that Alice left"
    assert [steps(cast.alice)[name]["done"] for name in ("leave", "block")] == [True, True]
    assert [steps(cast.bob)[name]["done"] for name in ("leave", "block")] == [True, False]
    for request in steps(cast.alice)["export"]["requests"]:
        follow(cast.alice, request)


def test_a_block_of_everybody_is_done_for_the_blocker_only(cast: Cast) -> None:
    follow(cast.sam, steps(cast.sam)["block"]["requests"][-1])
    assert steps(cast.sam)["block"]["done"] is True
    assert steps(cast.charlie)["block"]["done"] is False


def test_silence_lists_the_other_sign_ins_only(sam: Person) -> None:
    other = elsewhere(sam)
    (request,) = steps(sam)["silence"]["requests"]
    assert request["text"] == "Sign out on “tablet”."
    assert sam.request(request["method"], request["path"].removeprefix("/v1")).status_code == 204
    other.get("/me", 401)
    assert steps(sam)["silence"]["done"] is True


def test_the_checklist_shows_space_to_its_owner_only(cast: Cast) -> None:
    before = cast.bob.get("/me/closing")
    follow(cast.alice, steps(cast.alice)["leave"]["beside"]["requests"][0])
    assert steps(cast.alice)["leave"]["beside"]["done"] is True
    assert cast.bob.get("/me/closing") == before


def test_reading_the_checklist_changes_nothing(cast: Cast) -> None:
    before = contents()
    answer = cast.alice.request("GET", "/me/closing")
    assert answer.headers["Cache-Control"] == "no-store"
    assert contents() == before


def test_every_action_has_a_request() -> None:
    source = set(re.findall(r'Action\(\s*"(\w+)"', Path(leaving_checklist.__file__).read_text(encoding="utf-8")))
    assert source == edge._REQUESTS.keys()


@pytest.mark.parametrize("who", ["alice", "sam"])
def test_the_checklist_has_no_banned_words(cast: Cast, who: str) -> None:
    for text in words_of(getattr(cast, who).get("/me/closing")):
        assert not [group.rule for group in banned_words.REFUSED if group.pattern.search(text)], text
