"""A world of five people over HTTP, beside the model that predicts it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from time_machine import Traveller
from werkzeug.test import TestResponse

from planner import clock as present
from planner.accounts.rate_limits import RateLimitCounter
from planner.storage import db
from tests.campaigns import ground
from tests.campaigns.lives.model import Model
from tests.campaigns.lives.pairing import Pairing
from tests.campaigns.lives.spaces import Spaces
from tests.conftest import NOON
from tests.dates import slot
from tests.people import Person
from tests.racing import strangers

NAMES = ("Ada", "Ben", "Cleo", "Dan", "Sam")
PACES = (1, 2, 3, 4, 5)

# Everything that a person can read without knowing an id.
READS = (
    "/me", "/today", "/inbox?limit=100", "/dates?limit=100", "/notes?from=partner&limit=100", "/invitations/current",
    "/suggestions", "/me/held",
)  # fmt: skip


class World:
    """People, a clock, and the model. `phones` holds the notifications as (name, sentence)."""

    def __init__(self, app: Flask, clock: Traveller) -> None:
        ground.empty()
        clock.move_to(NOON)
        self.app, self.clock = app, clock
        self.people = {person.name: person for person in strangers(app, *NAMES)}
        self.named = {person.id: person.name for person in self.people.values()}
        self.model = Model(NAMES, NOON)
        self.pairing = Pairing(self.model)
        self.spaces = Spaces(self.model, {person.name: UUID(person.id) for person in self.people.values()})
        for_two = self.people["Ada"].get("/activities?limit=100&for=two")["items"]
        self.activities = {pace: [item["id"] for item in for_two if item["pace"] == pace] for pace in PACES}
        alone = self.people["Ada"].get("/activities?limit=100&for=one")["items"]
        self.alone = next(item["id"] for item in alone if item["for"] == "one")
        self.phones: list[tuple[str, str]] = []

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    def act(self, who: str, method: str, path: str, body: Any, expected: int, **headers: str) -> Any:
        """Send a request, check that its status is the expected one, and return the JSON of the answer."""
        answer = self.people[who].request(method, path, body, **headers)
        assert answer.status_code == expected, f"{who} {method} {path} {body}: {describe(answer)}, expected {expected}"
        return answer.get_json() if answer.data else None

    def wait(self, time: timedelta) -> None:
        """Let time pass, and the clock tick once."""
        self.clock.shift(time)
        self.model.now = present.utcnow()
        self.phones.clear()
        with ground.phones(lambda person, text: self.phones.append((self.named[person], text))):
            ground.tick(self.model.now)
        self.spaces.tick()

    def pass_a_second(self) -> None:
        """Let a second pass, without a tick."""
        self.clock.shift(timedelta(seconds=1))
        self.model.now = present.utcnow()

    def forget_tries(self) -> None:
        """Clear the rate limits. All people here type codes from one address, and the lives do not test that limit."""
        with db.connection(), db.write():
            RateLimitCounter.delete().execute()

    def slots(self, *hours: int) -> tuple[list[datetime], list[dict[str, Any]]]:
        """Return slots at full hours from now: as instants, and as a request carries them."""
        full = self.model.now.replace(minute=0, second=0, microsecond=0)
        starts = sorted({full + timedelta(hours=hour) for hour in hours})
        return starts, [slot(start) for start in starts]

    def seen_by(self, who: str) -> dict[str, tuple[int, bytes, list[tuple[str, str]]]]:
        """Return all that a person can read, byte by byte."""
        answers = {}
        for path in READS:
            answer = self.people[who].request("GET", path)
            answers[path] = (
                answer.status_code,
                answer.data,
                [header for header in answer.headers if header[0] != "X-Request-Id"],
            )
        return answers

    @contextmanager
    def unnoticed(self, who: str) -> Iterator[None]:
        """Check that the acts inside do not change what the partner (or, without one, another person) reads."""
        two = self.model.two[who]
        other = two.other(who) if two else next(name for name in NAMES if name != who)
        before = self.seen_by(other)
        yield
        changed = [path for path, answer in self.seen_by(other).items() if answer != before[path]]
        assert not changed, f"{other} notices what {who} did in private: {changed}"


def describe(answer: TestResponse) -> str:
    """Return an answer in one line."""
    return f"{answer.status_code} {json.dumps(answer.get_json())[:400] if answer.data else ''}"


def fresh() -> str:
    """Return an id, as a phone makes it."""
    return str(uuid4())
