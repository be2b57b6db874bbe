"""The rhythm over HTTP: calmer at once, openly or quietly; livelier from the morning after both chose it."""

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
from tests.people import Cast, Person, pair, sign_up
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


def stands(rhythm: str, own: str, choice: str, quiet: str | None = None) -> dict[str, str | None]:
    return {"rhythm": rhythm, "own_rhythm": own, "choice": choice, "quiet_rhythm": quiet}


def test_everybody_sees_the_own_choice_from_pairing_and_what_counts(app: Flask, cast: Cast) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    made = ada.post("/invitations", {}, 201)
    ben.post("/invitations/accept", {"code": made["code"], "rhythm": "together"})
    ada.post("/invitations/confirm", {"invitation": made["id"], "rhythm": "gentle"}, 204)
    assert ada.get("/me/rhythm") == stands("gentle", "gentle", "gentle")
    assert ben.get("/me/rhythm") == stands("gentle", "gentle", "together")
    cast.sam.get("/me/rhythm", 404)
    put(cast.sam, "gentle", status=409)


def test_calmed_openly_it_counts_for_both_at_once_and_both_find_the_same_words(two: tuple[Person, Person]) -> None:
    ann, ben = two
    before = [len(one.inbox()) for one in two]
    for _ in range(3):
        assert put(ann, "apart") == stands("apart", "apart", "apart")
    assert ben.get("/me/rhythm") == stands("apart", "apart", "gentle")
    assert rhythms(ann, ben) == ["apart", "apart"]
    assert [one.inbox().count("rhythm_calmer") for one in two] == [1, 1]
    assert [len(one.inbox()) for one in two] == [count + 1 for count in before]
    assert left(ann) == left(ben) == QUOTAS["apart"]._asdict()
    assert paces_of(ann, ben) == [3, 3], "how close is another question"


def paces_of(*people: Person) -> list[int]:
    return [person.get("/couple")["pace"] for person in people]


def test_livelier_needs_both_choices_and_a_morning(two: tuple[Person, Person], stopped_clock: Traveller) -> None:
    ann, ben = two
    assert put(ann, "together") == stands("gentle", "gentle", "together")
    tick(MORNING, stopped_clock)
    assert rhythms(ann, ben) == ["gentle", "gentle"]
    for one in (ben, ann, ben):
        put(one, "together")  # asking again makes it no sooner
    assert rhythms(ann, ben) == ["gentle", "gentle"]
    tick(MORNING + DAY - SECOND, stopped_clock)
    assert rhythms(ann, ben) == ["gentle", "gentle"]
    tick(MORNING + DAY, stopped_clock)
    assert rhythms(ann, ben) == ["together", "together"]
    assert [one.inbox()[0] for one in two] == ["rhythm_livelier"] * 2
    assert left(ann) == QUOTAS["together"]._asdict()
    scheduler.tick(MORNING + DAY)
    assert [one.inbox().count("rhythm_livelier") for one in two] == [1, 1]


def test_it_becomes_as_lively_as_the_calmer_choice_allows(two: tuple[Person, Person], stopped_clock: Traveller) -> None:
    ann, ben = two
    put(ann, "apart")
    put(ben, "together")
    put(ann, "gentle")
    tick(MORNING, stopped_clock)
    assert rhythms(ann, ben) == ["gentle", "gentle"]
    assert ben.get("/me/rhythm") == stands("gentle", "gentle", "together")
    assert [one.inbox()[0] for one in two] == ["rhythm_livelier"] * 2
    assert [one.inbox().count("rhythm_calmer") for one in two] == [0, 0]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(("rhythm", "quietly"), [("gentle", False), ("apart", False), ("apart", True)])
def test_whoever_thinks_again_in_time_keeps_it_calm(
    two: tuple[Person, Person], stopped_clock: Traveller, rhythm: str, quietly: bool, late: bool
) -> None:
    ann, ben = two
    for one in two:
        put(one, "together")
    stopped_clock.move_to(MORNING + (SECOND if late else -SECOND))
    put(ben, rhythm, quietly)
    tick(MORNING + 2 * SECOND, stopped_clock)
    assert rhythms(ann, ben) == ["gentle" if quietly else rhythm] * 2
    assert "rhythm_livelier" not in ann.inbox() + ben.inbox()


def test_calmed_quietly_it_binds_only_oneself(two: tuple[Person, Person]) -> None:
    ann, ben = two
    put(ann, "together")
    assert put(ann, "apart", quietly=True) == stands("gentle", "apart", "gentle", "apart")
    assert rhythms(ann, ben) == ["gentle", "gentle"]
    assert left(ann) == QUOTAS["apart"]._asdict()
    assert left(ben) == QUOTAS["gentle"]._asdict()
    for _ in range(2):
        share(ann)
    share(ann, 409)
    share(ben)
    assert "rhythm_calmer" not in ann.inbox() + ben.inbox()
    assert put(ann, "gentle") == stands("gentle", "gentle", "gentle")
    share(ann)
    put(ann, "apart", quietly=True)
    assert put(ann, "together") == stands("gentle", "gentle", "together")


def test_a_quiet_rhythm_outlasts_what_the_other_does_openly(
    two: tuple[Person, Person], stopped_clock: Traveller
) -> None:
    ann, ben = two
    put(ann, "apart", quietly=True)
    put(ben, "apart")
    put(ben, "gentle")
    tick(MORNING, stopped_clock)
    assert rhythms(ann, ben) == ["gentle", "gentle"]
    assert ann.get("/me/rhythm") == stands("gentle", "apart", "gentle", "apart")


def test_since_when_it_is_quiet(two: tuple[Person, Person], stopped_clock: Traveller) -> None:
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


def test_a_repeated_choice_does_not_put_a_raise_off(app: Flask, stopped_clock: Traveller) -> None:
    ann, ben = sign_up(app, "Ann", "Europe/Lisbon"), sign_up(app, "Ben", "Pacific/Auckland")
    pair(ann, ben, "gentle")
    for one in (ann, ben):
        put(one, "together")
    stopped_clock.move_to(MORNING + HOUR)
    for one in (ann, ben):
        assert put(one, "together") == stands("gentle", "gentle", "together")
    tick(MORNING + 11 * HOUR, stopped_clock)
    assert rhythms(ann, ben) == ["together", "together"]


def test_asking_for_more_ends_a_quiet_choice_that_the_partner_overtook(two: tuple[Person, Person]) -> None:
    ann, ben = two
    put(ann, "apart", quietly=True)
    put(ben, "apart")
    assert put(ann, "gentle") == stands("apart", "apart", "gentle")


def test_livelier_quietly_is_refused_in_plain_words(two: tuple[Person, Person]) -> None:
    ann, _ = two
    for rhythm in ("gentle", "together"):
        refused = put(ann, rhythm, quietly=True, status=422)
        assert refused["errors"] == [
            {
                "field": "rhythm",
                "code": "quiet_rhythm_not_calmer",
                "params": {"shared": "gentle"},
                "message": "A quiet choice must be calmer than your shared rhythm, which is gentle.",
            }
        ]
    assert ann.get("/me/rhythm") == stands("gentle", "gentle", "gentle")
