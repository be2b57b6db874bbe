"""Looking for help never reaches the partner: two worlds that differ only there look the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.api.test_help import in_space
from tests.api.test_sign_ins import elsewhere, recover
from tests.conftest import NOON
from tests.dates import START, agreed, offer, slot
from tests.people import Person, expect, pair
from tests.planner.notes.test_note_twins import _plain, written
from tests.racing import strangers

PATHS = (
    "/me", "/couple", "/today?idea=false", "/inbox", "/dates", "/dates?show=upcoming", "/notes?from=partner",
    "/sign-ins",
    "/suggestions", "/me/safety", "/me/help", "/me/closing",
)  # fmt: skip


def seen(reader: Person) -> list[Any]:
    """Return all answers to the reader, with headers and bodies, without random ids."""
    found = []
    for path in PATHS:
        answer = () if path == "/suggestions" else _plain(reader, path)  # drawn by the reader's id
        found.append((path, answer))
    return found


def _look(ann: Person) -> None:
    for path in ("/me/safety", "/me/help", "/me/closing"):
        ann.get(path)


def _stuck(ann: Person) -> None:
    ann.put("/me/help", {"stuck": True})
    ann.post("/me/help/put-away", {"card": "counselling"})


def _review(ann: Person) -> None:
    in_space(ann, NOON - timedelta(days=90), NOON - timedelta(days=30))
    assert ann.post("/me/help/put-away", {"card": "review"})["cards"] == []


def _sign_in(ann: Person) -> None:
    other = elsewhere(ann)
    own = next(one["id"] for one in other.get("/sign-ins")["items"] if one["current"])
    ann.delete(f"/sign-ins/{own}")
    elsewhere(ann)


def _recover(ann: Person) -> None:
    ann.token = expect(recover(ann, ann.recovery_code), 200)["token"]


@pytest.mark.parametrize("act", [_look, _stuck, _review, _sign_in, _recover])
def test_the_partner_finds_the_same_with_and_without_it(
    app: Flask, stopped_clock: Any, act: Callable[[Person], None]
) -> None:
    ann, ben, twin_ann, twin_ben = strangers(app, "Ann", "Ben", "Ann", "Ben")
    both = ((ann, ben), (twin_ann, twin_ben))
    for one, other in both:
        pair(one, other, "together")
    live(both, stopped_clock, 1)
    seen(ben), seen(twin_ben)  # the first look of a day draws the prompt, and reads the catalogue into memory
    act(ann)
    assert seen(ben) == seen(twin_ben)
    live(both, stopped_clock, 2)  # and what she does afterwards looks and counts as ever
    assert seen(ben) == seen(twin_ben)


def live(both: Any, clock: Any, day: int) -> None:
    """The same for both couples, each thing at a moment of its own: what is equal stands in the order of its id."""
    acts: list[Callable[[Person, Person], Any]] = [
        lambda one, other: agreed(one, other, slots=[slot(START + timedelta(days=day))]),
        lambda one, _: offer(one, slots=[slot(START + timedelta(days=day, hours=2))]),
        lambda one, _: one.post(f"/notes/{written(one, 'You called back.')['id']}/share", {"version": 1}),
    ]
    for act in acts:
        clock.shift(timedelta(minutes=1))
        for one, other in both:
            act(one, other)
