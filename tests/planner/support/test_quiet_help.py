"""The partner never notices that a person looks for help: two worlds that differ only in it look the same."""

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

pytestmark = pytest.mark.one_database

PATHS = (
    "/me", "/couple", "/today?idea=false", "/inbox", "/dates", "/dates?show=upcoming", "/notes?from=partner",
    "/sign-ins",
    "/suggestions", "/me/safety", "/me/help",
)  # fmt: skip


def seen(reader: Person) -> list[Any]:
    """Return all answers to the reader, with headers and bodies, without random ids."""
    answers = []
    for path in PATHS:
        answer = () if path == "/suggestions" else _plain(reader, path)  # depends on the reader's id
        answers.append((path, answer))
    return answers


def _look(ann: Person) -> None:
    for path in ("/me/safety", "/me/help"):
        ann.get(path)


def _stuck(ann: Person) -> None:
    ann.put("/me/help", {"stuck": True})
    ann.post("/me/help/dismiss", {"card": "counselling"})


def _review(ann: Person) -> None:
    in_space(ann, NOON - timedelta(days=90), NOON - timedelta(days=30))
    assert ann.post("/me/help/dismiss", {"card": "review"})["cards"] == []


def _sign_in(ann: Person) -> None:
    other_device = elsewhere(ann)
    own = next(each["id"] for each in other_device.get("/sign-ins")["items"] if each["current"])
    ann.delete(f"/sign-ins/{own}")
    elsewhere(ann)


def _recover(ann: Person) -> None:
    ann.token = expect(recover(ann, ann.recovery_code), 200)["session"]["token"]


@pytest.mark.parametrize("act", [_look, _stuck, _review, _sign_in, _recover])
def test_the_partner_reads_the_same_with_and_without_the_act(
    app: Flask, stopped_clock: Any, act: Callable[[Person], None]
) -> None:
    ann, ben, twin_ann, twin_ben = strangers(app, "Ann", "Ben", "Ann", "Ben")
    both = ((ann, ben), (twin_ann, twin_ben))
    for first, second in both:
        pair(first, second, "together")
    live(both, stopped_clock, 1)
    seen(ben), seen(twin_ben)  # the first read of a day chooses the prompt, and loads the catalogue
    act(ann)
    assert seen(ben) == seen(twin_ben)
    live(both, stopped_clock, 2)  # her later acts look and count as before
    assert seen(ben) == seen(twin_ben)


def live(both: Any, clock: Any, day: int) -> None:
    """Do the same in both couples, each act at another minute. Things of one moment have no fixed order."""
    acts: list[Callable[[Person, Person], Any]] = [
        lambda first, second: agreed(first, second, slots=[slot(START + timedelta(days=day))]),
        lambda first, _: offer(first, slots=[slot(START + timedelta(days=day, hours=2))]),
        lambda first, _: first.post(f"/notes/{written(first, 'You called back.')['id']}/share", {"version": 1}),
    ]
    for act in acts:
        clock.shift(timedelta(minutes=1))
        for first, second in both:
            act(first, second)
