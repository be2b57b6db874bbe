"""Oracles that try to guess a private fact of a partner, shortly. `make campaign` asks for three months."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from time_machine import Traveller

from planner.dates import feedback
from planner.dates.dates import Date
from planner.dates.feedback import FeedbackRow, PastFeedback
from planner.recommender import suggestions, votes
from planner.recommender.model.preference_model import PersonFeedback, votes_for_partner
from planner.recommender.profiles import ProfileRow
from planner.storage import db
from tests.campaigns import ground, oracles
from tests.campaigns.oracles import Plan, Start
from tests.twins import World, difference

SEED = random.randrange(10**6)

DAYS = {"how a date was": (0, 3, 5), "tags of a profile": (0, 3, 5), "never or pass": (0, 92, 94)}


# The campaign runs on both databases.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(scope="session")
def starts() -> list[Start]:
    """Return a place for the start of all attacks here."""
    return []


@pytest.fixture
def start(app: Flask, stopped_clock: Traveller, starts: list[Start]) -> Start:
    """Return a couple before the secret."""
    if not starts:
        starts.append(oracles.begin(app, stopped_clock, SEED))
    return starts[0]


@pytest.mark.parametrize("title", oracles.SECRETS)
def test_an_oracle_finds_nothing(app: Flask, stopped_clock: Traveller, start: Start, title: str) -> None:
    result = oracles.attack(
        app, stopped_clock, oracles.SECRETS[title], start, SEED, Plan(DAYS[title], 2, DAYS[title][1], DAYS[title][-1])
    )
    assert result.difference is None, f"seed {SEED}: {result.difference}"
    assert result.answers > 100


def _feedback_of_both(viewer: Any, couple: Any, before: Any) -> list[PastFeedback]:
    columns = (Date.activity, FeedbackRow.feeling, FeedbackRow.rating, FeedbackRow.again, FeedbackRow.noted_at)
    rows = FeedbackRow.select(*columns).join(Date).where(FeedbackRow.noted_at < before)
    return [PastFeedback(*row) for row in db.fetch_all(rows)]


def _votes_with_tags(own: PersonFeedback) -> PersonFeedback:
    tags = frozenset(
        tag
        for (limits,) in db.fetch_all(ProfileRow.select(ProfileRow.limits))
        for tag in json.loads(limits)["dislikes"]
    )
    return replace(votes_for_partner(own), dislikes=tags)


# For each secret, a fault that lets it through.
FAULTS: dict[str, tuple[str, tuple[int, ...], tuple[Any, str, Callable[..., Any]]]] = {
    "feedback of both": ("how a date was", (0, 2), (feedback, "list_for_ranking", _feedback_of_both)),
    "tags of both": ("tags of a profile", (0, 2), (suggestions, "votes_for_partner", _votes_with_tags)),
    "nevers as they are": ("never or pass", (0, 2), (suggestions, "votes_for_partner", lambda own: own)),
    "passes that end": ("never or pass", (0, 92, 94), (votes, "counting_for_partner", votes.counting)),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_an_oracle_finds_a_planted_fault(
    app: Flask, stopped_clock: Traveller, start: Start, monkeypatch: pytest.MonkeyPatch, fault: Any
) -> None:
    """Let a fault through, and see that the oracle finds it and guesses the hidden truth.

    In few questions some couples show nothing, so there are three.
    """
    title, days, planted = fault
    monkeypatch.setattr(*planted)
    plan, secret = Plan(days, 1, days[-1], 999), oracles.SECRETS[title]
    result = oracles.attack(app, stopped_clock, secret, start, SEED, plan)
    for seed in (SEED + 1, SEED + 2):
        if result.difference is None:
            result = oracles.attack(app, stopped_clock, secret, oracles.begin(app, stopped_clock, seed), seed, plan)
    assert result.difference is not None, f"seed {SEED}"
    assert result.guessed, f"seed {SEED}"


# Hard limits count for both by design. What remains secret is whose they are.
LIMITS = {
    "cost_band": 0, "settings": ["home"], "access": ["step_free", "quiet"], "alcohol_free": True,
    "children": "present", "child_ages": ["small"], "lives_together": True,
}  # fmt: skip
QUESTIONS = (
    "", "page=1", "category=play", "category=culture&cost_band=2", "category=getaway&energy=1",
    "setting=out&minutes=45", "category=make&energy=1&minutes=30", "cost_band=0&energy=1&minutes=20&category=talk",
    "weather=wet&setting=away",
)  # fmt: skip


def test_no_reason_hint_or_count_names_a_limit_of_the_partner(
    app: Flask, stopped_clock: Traveller, start: Start
) -> None:
    """Compare worlds with and without limits of Ada. Ben finds other ideas, but each says the same in both worlds."""
    worlds, answers = list[World](), list[dict[str, Any]]()
    for limits in ({}, LIMITS):
        ground.put_back(start.rows)
        stopped_clock.move_to(start.at)
        world = World(stopped_clock, replace(start.ada, app=app), replace(start.ben, app=app))
        world.ada.put("/me/profile", {"interests": [], "causes": [], **limits})
        world.wait(timedelta(days=2))
        world.look("/activities?for=two&limit=100", f"/activities/{start.done['id']}/slots")
        answers.append({question: world.ben.get(f"/suggestions?{question}") for question in QUESTIONS})
        worlds.append(world)
    assert difference(*worlds) is None
    ideas, hints = set[str](), 0
    for question in QUESTIONS:
        free, limited = (answer[question] for answer in answers)
        reasons, reasons_limited = (
            {item["activity"]["id"]: item["reasons"] for item in answer["items"]} for answer in (free, limited)
        )
        ideas |= reasons_limited.keys() - reasons.keys()
        assert all(reasons[shared] == reasons_limited[shared] for shared in reasons.keys() & reasons_limited.keys())
        codes = {reason["code"] for each in reasons_limited.values() for reason in each}
        assert not codes & {"access", "children"}, question
        asked = {part.partition("=")[0] for part in question.split("&")} | {"pace"}  # Ben knows the pace of the couple
        assert {hint["limit"] for hint in limited["relax"]} <= asked, limited["relax"]
        if free["relax"]:
            assert limited["relax"] == free["relax"], question
            hints += 1
    assert ideas, "the limits change nothing"
    assert hints, "no question has hints in both worlds"
