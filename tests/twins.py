"""Twin worlds: one world played twice, with a private act of Ada and without it, and all that Ben reads.

Both worlds begin with the same rows. They run in turn, or side by side. Each answer to Ben is recorded, with its
status, headers and body, and each notification on his phone. The ids of the server are random, and so are ETags and
cursors. A number replaces each one, in the order of its first appearance, so that equal worlds give equal records.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from time_machine import Traveller
from werkzeug.test import TestResponse

from api.app import OPERATIONS
from api.core.operations import PUBLIC
from planner import clock as present
from planner import scheduler
from planner.catalogue import activities
from planner.dates.dates import Date
from planner.notes.notes import Share
from planner.notes.requests import Request
from planner.storage import db
from tests.campaigns import ground
from tests.people import Person

T = TypeVar("T")

CHOSEN_FOR_TWO = ("/suggestions", "/today", "/activities?for=two&limit=100")
"""The lists for the couple, which the votes of both partners change."""
# All addresses that a person can read without knowing an id, also those of later routes.
READS = (
    *(route.path for route in OPERATIONS if route.method == "GET" and route.access != PUBLIC and "<" not in route.path
and route.path not in ("/suggestions", "/activities", "/today")),
    "/today?idea=false",
    "/dates?limit=2", "/dates?show=upcoming&limit=100", "/dates?limit=100", "/notes?from=partner&limit=100",
    "/notes?limit=100", "/inbox?limit=100",
)  # fmt: skip

_RANDOM = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"  # an id
    r"|(?<=\.)[0-9a-f]{24}(?=\")"  # the hash in a tag
    r"|(?<=\"next\":\")[A-Za-z0-9_=-]+"  # a place in a list
)


class Line(NamedTuple):
    """One answer, or one notification on the phone."""

    asked: str
    answer: str

    def __str__(self) -> str:
        """Return the text that a failure shows."""
        return f"{self.asked}:\n{self.answer}"


@dataclass
class World:
    """One world. `lines` are all answers and notifications to Ben, in a form that compares."""

    clock: Traveller
    ada: Person
    ben: Person
    lines: list[Line] = field(default_factory=list, kw_only=True)
    _tags: dict[str, str] = field(default_factory=dict, init=False)
    _numbers: dict[str, str] = field(default_factory=dict, init=False)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send a request of Ben, and record the answer."""
        answer = self.ben.request(method, path, body, **headers)
        text = f"{answer.status_code}\n{answer.headers}{answer.get_data(as_text=True)}"
        self.lines.append(Line(self._numbered(f"{method} {path} {body or ''}"), self._numbered(text)))
        return answer

    def read(self, path: str) -> None:
        """Let Ben read a page, with the ETag of his last read."""
        seen = {"If_None_Match": self._tags[path]} if path in self._tags else {}
        answer = self.ask("GET", path, **seen)
        if "ETag" in answer.headers:
            self._tags[path] = answer.headers["ETag"]

    def look(self, *more: str) -> None:
        """Let Ben read everything, and every date and note of Ada that he could know of."""
        for path in (*READS, *more):
            self.read(path)
        with db.connection():
            shared = Date.select(Date.id).where(Date.couple.is_null(False))
            dates = [row[0] for row in db.fetch_all(shared.order_by(Date.id))]
            notes = [row[0] for row in db.fetch_all(Share.select(Share.note).order_by(Share.note))]
            requests = [row[0] for row in db.fetch_all(Request.select(Request.id).order_by(Request.id))]
        ids = {"dates": dates, "notes": notes, "requests": requests}
        for path in [f"/{name}/{each}" for name, things in ids.items() for each in things]:
            self.read(path)

    def wait(self, delta: timedelta) -> None:
        """Let time pass and the clock tick, and record Ben's notifications. Those of one tick have no order."""
        self.clock.shift(delta)
        rings: list[str] = []
        with ground.phones(lambda person, text: rings.append(text) if person == self.ben.id else None):
            scheduler.tick(present.utcnow())
        self.lines += [Line("phone", text) for text in sorted(rings)]

    def add_unordered(self, asked: str, text: str) -> None:
        """Record a text whose lines have no order. An id that no answer has had before does not count."""
        lines = [_RANDOM.sub(lambda match: self._numbers.get(match[0], "#"), line) for line in text.splitlines()]
        self.lines += [Line(asked, line) for line in sorted(line.rstrip(",]}") for line in lines)]

    def _numbered(self, text: str) -> str:
        return _RANDOM.sub(lambda match: self._numbers.setdefault(match[0], f"#{len(self._numbers)}"), text)


def read_ahead() -> None:
    """Load the catalogue. A process reads it once; without this, the first world has more statements."""
    with db.connection():
        activities.snapshot()


def from_here(world: World, *acts: T) -> Iterator[T]:
    """Yield the acts in turn, each with the database and the clock as they are now."""
    world.look(*CHOSEN_FOR_TWO)  # a process reads or makes some things once, and this must not look like a difference
    rows, at = ground.keep(), present.utcnow()
    for act in acts:
        ground.put_back(rows)
        world.clock.move_to(at)
        yield act


def difference(first: World, second: World) -> str | None:
    """Return the first difference between the records of two worlds, or None."""
    for number, (mine, theirs) in enumerate(zip(first.lines, second.lines, strict=False)):
        if mine != theirs:
            return f"answer {number}, {mine}\ninstead of {theirs}"
    if len(first.lines) != len(second.lines):
        return f"{len(first.lines)} answers instead of {len(second.lines)}"
    return None


class Twins:
    """Two worlds side by side, from `part` on. `both` runs an act in each of them."""

    def part(self) -> None:
        """Copy the world as it is now."""
        self._twin = ground.keep()

    def both(self, act: Callable[[], T]) -> tuple[T, T]:
        """Run an act in both worlds, and return its result here and in the twin."""
        read_ahead()
        here = ground.keep()
        ground.put_back(self._twin)
        twin = act()
        self._twin = ground.keep()
        ground.put_back(here)
        return act(), twin
