"""Closing a chapter: a list of steps to walk along, each its own decision; looking at it does none of them."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api import help as edge
from planner.consent import closing
from planner.people.couples import Couple, Member
from planner.people.spaces import Space
from planner.storage import db
from seeds import refused
from tests.api.answers import contents
from tests.api.test_help import words_of
from tests.api.test_sign_ins import elsewhere
from tests.people import Cast, Person


def steps(person: Person) -> dict[str, Any]:
    return {one["step"]: one for one in person.get("/me/closing")["steps"]}


def left(person: Person, now: datetime) -> None:
    """A couple that has ended."""
    couple = UUID(person.get("/couple")["id"])
    with db.connection(), db.write():
        Couple.update(ended_at=now).where(Couple.id == couple).execute()
        Member.update(left_at=now).where(Member.couple == couple).execute()


def test_the_four_steps_come_whole_whoever_looks(cast: Cast) -> None:
    for person in cast:
        found = person.get("/me/closing")
        assert [one["step"] for one in found["steps"]] == ["export", "leave", "block", "silence"]
        assert "you can stop after each of them" in found["lines"][0]
        assert [link["path"] for link in found["links"]] == ["/safety", "/v1/me/safety", "/v1/me/space"]
        for step in found["steps"]:
            assert all(step[name] for name in ("title", "does", "noticed")), step["step"]
            assert step["may_be_noticed"] == any(one["may_be_noticed"] for one in step["requests"])


def test_space_stands_beside_leaving_no_smaller(cast: Cast) -> None:
    leave = steps(cast.alice)["leave"]
    beside = leave["beside"]
    assert beside["title"] == "Space keeps everything"
    assert beside.keys() == leave.keys() - {"beside"}
    assert beside["requests"][0].keys() == leave["requests"][0].keys()
    assert len(beside["does"]) >= 0.8 * len(leave["does"])
    assert beside["requests"][0]["body"] == {"kind": "quiet"}
    assert all(one["beside"] is None for name, one in steps(cast.alice).items() if name != "leave")


def test_what_is_done_is_told_from_own_rows(cast: Cast, now: datetime) -> None:
    def done(person: Person) -> dict[str, Any]:
        return {name: one["done"] for name, one in steps(person).items()}

    assert done(cast.sam) == {"export": None, "leave": None, "block": None, "silence": True}
    assert done(cast.alice) == {"export": None, "leave": False, "block": None, "silence": True}
    elsewhere(cast.alice)
    assert done(cast.alice)["silence"] is False
    assert done(cast.bob)["silence"] is True
    left(cast.alice, now)
    assert done(cast.alice)["leave"] is True
    assert steps(cast.alice)["leave"]["beside"]["done"] is None


def test_whom_to_say_no_to_depends_on_where_one_stands(cast: Cast, now: datetime) -> None:
    def whom(person: Person) -> list[str]:
        return [one["body"]["who"] for one in steps(person)["block"]["requests"]]

    assert whom(cast.sam) == ["everybody"]
    assert whom(cast.alice) == ["partner", "everybody"]
    left(cast.alice, now)
    assert whom(cast.alice) == ["last_partner", "everybody"]


def test_silence_names_each_other_sign_in_and_not_this_one(sam: Person) -> None:
    other = elsewhere(sam)
    (request,) = steps(sam)["silence"]["requests"]
    assert request["text"] == "Sign out on “tablet”."
    assert sam.request(request["method"], request["path"].removeprefix("/v1")).status_code == 204
    other.get("/me", 401)
    assert steps(sam)["silence"]["done"] is True


def test_being_in_space_shows_to_its_owner_only(cast: Cast, now: datetime) -> None:
    before = cast.bob.get("/me/closing")
    couple = UUID(cast.alice.get("/couple")["id"])
    with db.connection(), db.write():
        Space.create(person=UUID(cast.alice.id), couple=couple, kind="quiet", started_at=now)
    assert steps(cast.alice)["leave"]["beside"]["done"] is True
    assert cast.bob.get("/me/closing") == before


def test_looking_does_nothing(cast: Cast) -> None:
    before = contents()
    answer = cast.alice.request("GET", "/me/closing")
    assert answer.headers["Cache-Control"] == "no-store"
    assert contents() == before


def test_every_ask_has_a_request() -> None:
    source = set(re.findall(r'Ask\(\s*"(\w+)"', Path(closing.__file__).read_text(encoding="utf-8")))
    assert source == edge._ASKS.keys()


@pytest.mark.parametrize("who", ["alice", "sam"])
def test_its_words_keep_the_standard_of_all_texts(cast: Cast, who: str) -> None:
    for text in words_of(getattr(cast, who).get("/me/closing")):
        assert not [group.rule for group in refused.REFUSED if group.pattern.search(text)], text
