"""Test profiles over HTTP: interests, causes, dislikes, and limits that apply to the couple in silence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from tests.api.test_suggestions import few, suggested
from tests.conftest import NOON
from tests.dates import offer
from tests.people import Person
from tests.racing import statuses

Clock = time_machine.Traveller

EMPTY: dict[str, Any] = {
    "interests": [], "causes": [], "dislikes": [], "access": [], "settings": [], "cost_band": None, "children": None,
    "alcohol_free": False, "prompt_kinds": [], "child_ages": [], "lives_together": None, "cadence": None,
}  # fmt: skip
FULL = {
    "interests": ["garden", "music"], "causes": ["cause_nature"], "dislikes": ["sport"],
    "access": ["low_hearing", "step_free"], "settings": ["home", "out"], "cost_band": 1, "children": "asleep",
    "alcohol_free": True, "prompt_kinds": ["memory", "reflection"], "child_ages": ["school"], "lives_together": True,
    "cadence": "weekly",
}  # fmt: skip


def put(person: Person, **values: Any) -> Any:
    return person.put("/me/profile", {"interests": [], "causes": [], **values})


def test_a_profile_is_replaced_and_private(alice: Person, bob: Person) -> None:
    assert alice.get("/me/profile") == EMPTY
    assert alice.put("/me/profile", {**FULL, "interests": ["music", "garden", "music"]}) == FULL
    assert alice.get("/me/profile") == FULL
    assert bob.get("/me/profile") == EMPTY
    # A body without limits clears them, because it replaces the profile.
    assert put(alice, interests=["music"]) == {**EMPTY, "interests": ["music"]}
    assert alice.get("/me/profile") == {**EMPTY, "interests": ["music"]}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("interests", ["cause_nature"]), ("causes", ["garden"]), ("dislikes", ["nonsense"]), ("access", ["wings"]),
        ("settings", ["moon"]), ("cost_band", 5), ("cost_band", -1), ("children", "yes"), ("alcohol_free", "true"),
        ("prompt_kinds", ["gossip"]), ("learn", True), ("dislikes", ["garden"]),
    ],
)  # fmt: skip
def test_an_invalid_profile_is_refused_and_changes_nothing(alice: Person, field: str, value: Any) -> None:
    put(alice, interests=["garden"])
    wrong = alice.put("/me/profile", {"interests": ["garden"], "causes": [], field: value}, 422)
    assert {fault["field"].partition(".")[0] for fault in wrong["errors"]} == {field}
    assert alice.get("/me/profile")["interests"] == ["garden"]


def test_simultaneous_replacements_leave_one_whole_profile(alice: Person) -> None:
    bodies = [{**EMPTY, "interests": [tag]} for tag in ("garden", "music", "film")]
    for _ in range(5):
        assert statuses(*[(alice, "PUT", "/me/profile", body) for body in bodies]) == [200] * 3
        assert alice.get("/me/profile") in bodies


def test_limits_count_for_their_owner_at_once_and_for_the_partner_tomorrow(
    alice: Person, bob: Person, stopped_clock: Clock
) -> None:
    """Apply Alice's limits to Bob's suggestions from the next day on, even if few activities are left."""
    questions = ("", "page=1", "minutes=90", "category=move,outdoors", "setting=away,out")
    before = [bob.request("GET", f"/suggestions?{question}").data for question in questions]
    put(alice, access=["step_free", "seated"], cost_band=0, settings=["home", "out"], children="present")
    assert [bob.request("GET", f"/suggestions?{question}").data for question in questions] == before
    fresh = "energy=3"
    fresh_activities = [item["activity"] for more in range(4) for item in suggested(bob, f"{fresh}&page={more}")]
    assert not all(_respects_limits(activity) for activity in fresh_activities)
    assert all(_respects_limits(item["activity"]) for question in questions for item in suggested(alice, question))
    stopped_clock.move_to(NOON + timedelta(days=1))
    for question in (*questions, fresh):
        assert all(_respects_limits(item["activity"]) for item in suggested(alice, question) + suggested(bob, question))
    assert suggested(bob)
    # Search ignores limits, so it shows all activities.
    assert {item["cost_band"] for item in bob.get("/activities?for=two&limit=100")["items"]} > {0, 1}
    # For Bob, removed limits count from the next day on, too.
    put(alice)
    assert all(_respects_limits(item["activity"]) for item in suggested(bob, "minutes=120"))
    stopped_clock.move_to(NOON + timedelta(days=2))
    assert any(not _respects_limits(item["activity"]) for item in suggested(bob) + suggested(bob, "page=1"))


def _respects_limits(activity: dict[str, Any]) -> bool:
    return (
        {activity["accessibility"][name] for name in ("step_free", "seated")} <= {"yes", "adaptable"}
        and activity["cost_band"] == 0
        and activity["setting"] in ("home", "out")
        and activity["with_children"] in ("yes", "awake")
    )


def test_a_question_about_children_overrides_the_profiles_of_both(
    alice: Person, bob: Person, stopped_clock: Clock
) -> None:
    put(alice, children="asleep", child_ages=["small"])
    put(bob, children="present")
    stopped_clock.move_to(NOON + timedelta(days=1))
    for person in (alice, bob):
        assert {item["activity"]["setting"] for item in suggested(person)} == {"home"}
        pages = [suggested(person, f"children=none&page={page}") for page in range(4)]
        assert "no" in {item["activity"]["with_children"] for items in pages for item in items}
        away = suggested(person, "children=present&setting=out,away")
        assert away
        assert {item["activity"]["with_children"] for item in away} <= {"yes", "awake"}
    assert all("small" in item["activity"]["fun_for"] for item in suggested(alice, "children=fun"))

    def pages(query: str) -> list[Any]:
        return [item for page in range(4) for item in suggested(alice, f"{query}&page={page}")]

    fun_for_teens = pages("children=fun&child_ages=teens")
    assert any("small" not in item["activity"]["fun_for"] for item in fun_for_teens)
    assert all("teens" in item["activity"]["fun_for"] for item in fun_for_teens)
    put(alice, child_ages=["teens"])
    assert all("teens" in item["activity"]["fun_for"] for item in pages("children=fun")), "also if not usually there"


def test_people_who_live_together_get_no_ideas_for_two_homes(alice: Person, bob: Person, stopped_clock: Clock) -> None:
    few(2, category="apart", pace=1)
    assert len(suggested(alice)) == 2
    put(alice, lives_together=True)
    assert suggested(alice) == []
    assert len(suggested(alice, "category=apart")) == 2
    assert alice.get("/deck")["items"] == []
    assert len(suggested(bob)) == 2, "from tomorrow on"
    stopped_clock.move_to(NOON + timedelta(days=1))
    assert suggested(bob) == []


def test_a_second_change_of_limits_counts_for_the_partner_the_next_day(
    alice: Person, bob: Person, stopped_clock: Clock
) -> None:
    put(alice, cost_band=0)
    stopped_clock.move_to(NOON + timedelta(days=1))
    assert {item["activity"]["cost_band"] for item in suggested(bob)} == {0}
    put(alice, cost_band=4)
    put(alice, cost_band=3, settings=["home"])
    assert {item["activity"]["cost_band"] for item in suggested(bob, "minutes=200")} == {0}
    assert suggested(bob, "setting=out,away"), "Alice's limit to home counts from tomorrow on"


def test_no_reason_or_hint_tells_the_limits_of_the_partner(alice: Person, bob: Person, stopped_clock: Clock) -> None:
    put(alice, access=["step_free", "low_vision"], cost_band=0, alcohol_free=True, children="asleep")
    stopped_clock.move_to(NOON + timedelta(days=1))
    own = {"children", "access"}
    for question in ("", "page=1", "category=getaway", "category=move&energy=5", "setting=away"):
        answer = bob.get(f"/suggestions?{question}")
        assert not own & {reason["code"] for item in answer["items"] for reason in item["reasons"]}
        # The hints name Bob's own filters only. They respect Alice's limits.
        asked = {"category", "energy", "setting", "minutes"}
        assert {hint["limit"] for hint in answer["relax"]} <= asked, question
    assert own <= {reason["code"] for item in suggested(alice) for reason in item["reasons"]}


def test_an_idea_with_alcohol_is_left_out_when_the_partner_wants_none(
    app: Flask, alice: Person, bob: Person, stopped_clock: Clock
) -> None:
    idea = {"title": "Wine by the river", "category": "getaway", "for": "two", "setting": "away", "pace": 1}
    idea_id = bob.post("/activities", idea, 201)["id"]
    assert idea_id in [item["activity"]["id"] for item in suggested(bob, "category=getaway&minutes=60")]
    put(alice, alcohol_free=True)
    stopped_clock.move_to(NOON + timedelta(days=1))
    assert idea_id not in [item["activity"]["id"] for item in suggested(bob, "category=getaway&minutes=60")]
    offer(bob, idea_id)  # Bob may still propose it
