"""Twin worlds: one world lived in twice, with a private act of Ada's and without it, and all that Ben can tell of it.

Both worlds begin with the same rows, one after the other or side by side. Each answer to Ben is recorded: its status,
headers, body, and what his phone shows. The server's ids are random, and so are the ETags and cursors made of them.
Each is replaced by a number in the order of its first appearance, so that equal worlds give equal records.
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
from planner.dates.views import Date
from planner.notes.notes import Share
from planner.storage import db
from tests.campaigns import ground
from tests.people import Person

T = TypeVar("T")

CHOSEN_FOR_TWO = ("/suggestions", "/today", "/activities?party=two&limit=100")
"""What is chosen for the two from what both think of everything."""
# Whatever can be read without knowing an id, also what is added to the product later.
READS = (
    *(one.path for one in OPERATIONS if one.method == "GET" and one.access != PUBLIC and "<" not in one.path
      and one.path not in ("/suggestions", "/activities", "/today")),
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
    """One answer, or one ring of the phone."""

    asked: str
    told: str

    def __str__(self) -> str:
        """As a failure shows it."""
        return f"{self.asked}:\n{self.told}"


@dataclass
class World:
    """One world being lived in. `lines` are all that Ben was told, in a form that compares."""

    clock: Traveller
    ada: Person
    ben: Person
    lines: list[Line] = field(default_factory=list, kw_only=True)
    _tags: dict[str, str] = field(default_factory=dict, init=False)
    _numbers: dict[str, str] = field(default_factory=dict, init=False)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Ben asks, and what came is written down."""
        read_ahead()
        answer = self.ben.request(method, path, body, **headers)
        told = f"{answer.status_code}\n{answer.headers}{answer.get_data(as_text=True)}"
        self.lines.append(Line(self._numbered(f"{method} {path} {body or ''}"), self._numbered(told)))
        return answer

    def read(self, path: str) -> None:
        """Ben reads, and reads again only what has changed since the last time."""
        seen = {"If_None_Match": self._tags[path]} if path in self._tags else {}
        answer = self.ask("GET", path, **seen)
        if "ETag" in answer.headers:
            self._tags[path] = answer.headers["ETag"]

    def look(self, *more: str) -> None:
        """Ben looks at everything, and asks for everything of Ada's that he could know of."""
        for path in (*READS, *more):
            self.read(path)
        with db.connection():
            shared = Date.select(Date.id).where(Date.couple.is_null(False))
            dates = [row[0] for row in db.fetch_all(shared.order_by(Date.id))]
            notes = [row[0] for row in db.fetch_all(Share.select(Share.note).order_by(Share.note))]
        for path in [f"/dates/{one}" for one in dates] + [f"/notes/{one}" for one in notes]:
            self.read(path)

    def wait(self, delta: timedelta) -> None:
        """Time passes, the clock ticks, and Ben hears his phone: what one tick sends goes out in no order."""
        self.clock.shift(delta)
        rings: list[str] = []
        with ground.phones(lambda person, text: rings.append(text) if person == self.ben.id else None):
            scheduler.tick(present.utcnow())
        self.lines += [Line("phone", text) for text in sorted(rings)]

    def _numbered(self, text: str) -> str:
        return _RANDOM.sub(lambda found: self._numbers.setdefault(found[0], f"#{len(self._numbers)}"), text)


def read_ahead() -> None:
    """Load the catalogue, which a process reads once: otherwise the first world has more statements."""
    with db.connection():
        activities.snapshot()


def from_here(world: World, *acts: T) -> Iterator[T]:
    """One act after the other, each with the database and the clock as they stand now."""
    world.look(*CHOSEN_FOR_TWO)  # what a process reads or makes once is no sign of anything
    kept, at = ground.keep(), present.utcnow()
    for act in acts:
        ground.put_back(kept)
        world.clock.move_to(at)
        yield act


def difference(one: World, other: World) -> str | None:
    """The first thing told that tells two worlds apart, or None."""
    for number, (mine, theirs) in enumerate(zip(one.lines, other.lines, strict=False)):
        if mine != theirs:
            return f"answer {number}, {mine}\ninstead of {theirs}"
    if len(one.lines) != len(other.lines):
        return f"{len(one.lines)} answers instead of {len(other.lines)}"
    return None


class Twins:
    """Two worlds side by side, from `part` on. What is run in `both` is run in each, in the same order."""

    def part(self) -> None:
        """Copy the world as it stands."""
        self._twin = ground.keep()

    def both(self, act: Callable[[], T]) -> tuple[T, T]:
        """What an act comes to here, and in the twin."""
        read_ahead()
        here = ground.keep()
        ground.put_back(self._twin)
        twin = act()
        self._twin = ground.keep()
        ground.put_back(here)
        return act(), twin
