"""Test the rhythm over HTTP. A calmer one counts at once, and a livelier one the morning after both chose it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from time_machine import Traveller

from planner import scheduler
from planner.couples.contact_rules import QUOTAS
from planner.couples.couples import Member
from planner.storage import db
from tests.api.test_budget import left, share
from tests.api.test_pace import DAY, HOUR, MORNING, SECOND, tick
from tests.conftest import NOON
from tests.people import Cast, Person, pair
from tests.racing import strangers


@pytest.fixture
def two(app: Flask) -> tuple[Person, Person]:
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben, "gentle")
    return ann, ben


def put(person: Person, rhythm: str, quietly: bool = False, status: int = 200) -> Any:
    return person.put("/me/rhythm", {"rhythm": rhythm, "quietly": quietly}, status)


def rhythms(*people: Person) -> list[str]:
    return [person.get("/couple")["rhythm"] for person in people]


def rhythm_state(rhythm: str, own: str, choice: str, quiet: str | None = None) -> dict[str, str | None]:
    return {"rhythm": rhythm, "own_rhythm": own, "choice": choice, "quiet_rhythm": quiet}


def test_each_sees_their_own_choice_and_the_rhythm_of_the_couple(app: Flask, cast: Cast) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    invitation = ada.post("/invitations", {}, 201)
    ben.post("/invitations/accept", {"code": invitation["code"], "rhythm": "together"})
    ada.post("/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": "gentle"}, 200)
    assert ada.get("/me/rhythm") == rhythm_state("gentle", "gentle", "gentle")
    assert ben.get("/me/rhythm") == rhythm_state("gentle", "gentle", "together")
    cast.sam.get("/me/rhythm", 404)
    put(cast.sam, "gentle", status=409)


def test_an_open_calmer_rhythm_counts_at_once_and_adds_an_item_for_both(two: tuple[Person, Person]) -> None:
    ann, ben = two
    before = [len(person.inbox()) for person in two]
    for _ in range(3):
        assert put(ann, "apart") == rhythm_state("apart", "apart", "apart")
    assert ben.get("/me/rhythm") == rhythm_state("apart", "apart", "gentle")
    assert rhythms(ann, ben) == ["apart", "apart"]
    assert [person.inbox().count("rhythm_calmer") for person in two] == [1, 1]
    assert [len(person.inbox()) for person in two] == [count + 1 for count in before]
    assert left(ann) == left(ben) == QUOTAS["apart"]._asdict()
    assert paces_of(ann, ben) == [3, 3], "the pace does not change"


def paces_of(*people: Person) -> list[int]:
    return [person.get("/couple")["pace"] for person in people]


def test_a_livelier_rhythm_needs_both_choices_and_a_morning(
    two: tuple[Person, Person], stopped_clock: Traveller
) -> None:
    ann, ben = two
    assert put(ann, "together") == rhythm_state("gentle", "gentle", "together")
    tick(MORNING, stopped_clock)
    assert rhythms(ann, ben) == ["gentle", "gentle"]
    for person in (ben, ann, ben):
        put(person, "together")  # asking again does not bring the change forward
    assert rhythms(ann, ben) == ["gentle", "gentle"]
    tick(MORNING + DAY - SECOND, stopped_clock)
    assert rhythms(ann, ben) == ["gentle", "gentle"]
    tick(MORNING + DAY, stopped_clock)
    assert rhythms(ann, ben) == ["together", "together"]
    assert [person.inbox()[0] for person in two] == ["rhythm_livelier"] * 2
    assert left(ann) == QUOTAS["together"]._asdict()
    scheduler.tick(MORNING + DAY)
    assert [person.inbox().count("rhythm_livelier") for person in two] == [1, 1]


def test_the_calmer_of_two_choices_becomes_the_rhythm(two: tuple[Person, Person], stopped_clock: Traveller) -> None:
    ann, ben = two
    put(ann, "apart")
    put(ben, "together")
    put(ann, "gentle")
    tick(MORNING, stopped_clock)
    assert rhythms(ann, ben) == ["gentle", "gentle"]
    assert ben.get("/me/rhythm") == rhythm_state("gentle", "gentle", "together")
    assert [person.inbox()[0] for person in two] == ["rhythm_livelier"] * 2
    assert [person.inbox().count("rhythm_calmer") for person in two] == [0, 0]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(("rhythm", "quietly"), [("gentle", False), ("apart", False), ("apart", True)])
def test_a_choice_withdrawn_before_the_tick_keeps_the_rhythm_calm(
    two: tuple[Person, Person], stopped_clock: Traveller, rhythm: str, quietly: bool, late: bool
) -> None:
    ann, ben = two
    for person in two:
        put(person, "together")
    stopped_clock.move_to(MORNING + (SECOND if late else -SECOND))
    put(ben, rhythm, quietly)
    tick(MORNING + 2 * SECOND, stopped_clock)
    assert rhythms(ann, ben) == ["gentle" if quietly else rhythm] * 2
    assert "rhythm_livelier" not in ann.inbox() + ben.inbox()


def test_a_quiet_rhythm_limits_only_its_owner(two: tuple[Person, Person]) -> None:
    ann, ben = two
    put(ann, "together")
    assert put(ann, "apart", quietly=True) == rhythm_state("gentle", "apart", "gentle", "apart")
    assert rhythms(ann, ben) == ["gentle", "gentle"]
    assert left(ann) == QUOTAS["apart"]._asdict()
    assert left(ben) == QUOTAS["gentle"]._asdict()
    for _ in range(2):
        share(ann)
    share(ann, 409)
    share(ben)
    assert "rhythm_calmer" not in ann.inbox() + ben.inbox()
    assert put(ann, "gentle") == rhythm_state("gentle", "gentle", "gentle")
    share(ann)
    put(ann, "apart", quietly=True)
    assert put(ann, "together") == rhythm_state("gentle", "gentle", "together")


def test_a_quiet_rhythm_outlasts_open_changes_by_the_partner(
    two: tuple[Person, Person], stopped_clock: Traveller
) -> None:
    ann, ben = two
    put(ann, "apart", quietly=True)
    put(ben, "apart")
    put(ben, "gentle")
    tick(MORNING, stopped_clock)
    assert rhythms(ann, ben) == ["gentle", "gentle"]
    assert ann.get("/me/rhythm") == rhythm_state("gentle", "apart", "gentle", "apart")


def test_a_repeat_does_not_change_since_when_a_rhythm_is_quiet(
    two: tuple[Person, Person], stopped_clock: Traveller
) -> None:
    ann, _ = two

    def since() -> Any:
        with db.connection():
            return db.fetch_one(Member.select(Member.quiet_rhythm_since).where(Member.person == ann.id))[0]

    put(ann, "apart", quietly=True)
    stopped_clock.shift(timedelta(hours=1))
    put(ann, "apart", quietly=True)
    assert since() == NOON
    put(ann, "gentle")
    assert since() is None


def test_a_repeated_choice_does_not_delay_the_change(two: tuple[Person, Person], stopped_clock: Traveller) -> None:
    ann, ben = two
    for person in (ann, ben):
        put(person, "together")
    stopped_clock.move_to(MORNING - HOUR)
    for asker in (ann, ben):
        assert put(asker, "together") == rhythm_state("gentle", "gentle", "together")
    tick(MORNING, stopped_clock)
    assert rhythms(ann, ben) == ["together", "together"]


def test_a_livelier_choice_ends_an_equal_quiet_choice(two: tuple[Person, Person]) -> None:
    ann, ben = two
    put(ann, "apart", quietly=True)
    put(ben, "apart")
    assert put(ann, "gentle") == rhythm_state("apart", "apart", "gentle")


def test_a_livelier_quiet_choice_is_refused(two: tuple[Person, Person]) -> None:
    ann, _ = two
    for rhythm in ("gentle", "together"):
        refusal = put(ann, rhythm, quietly=True, status=422)
        assert refusal["errors"] == [
            {
                "field": "rhythm",
                "code": "quiet_rhythm_not_calmer",
                "params": {"shared": "gentle"},
                "message": "A quiet rhythm must be calmer than the one you two have now, which is gentle.",
            }
        ]
    assert ann.get("/me/rhythm") == rhythm_state("gentle", "gentle", "gentle")
