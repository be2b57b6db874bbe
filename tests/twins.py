"""Twin worlds: one story told twice, with and without a private act, and everything that the other can see of it.

Both worlds begin as copies of one database with the same people in them. What the sender is answered is written down:
status, headers, body, size, the statements that it took, and what is carried outside to them. Ids that the server made
at random are replaced by the order in which they appear; they must all have the same form.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import psycopg
from flask import Flask
from time_machine import Traveller

from api.app import OPERATIONS, create_app
from api.edge import ANYONE
from planner import scheduler
from planner.catalogue import activities
from planner.people import passwords
from planner.people.couples import Couple
from planner.picking import averages, stockroom
from planner.reminders.channels import CHANNELS
from planner.settings import Settings
from planner.storage import db
from tests.conftest import NOON
from tests.people import PASSWORD, Person, expect, pair

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_TAG = re.compile(r'"(\d+)\.([0-9a-f]+)"')
# A cursor holds an id, in base64.
_CURSOR = re.compile(r'"next":"([A-Za-z0-9_-]+)"')


# Drawn by the ids of couples and own ideas, which differ between these worlds: what they cost is compared; what they
# say where all ids are alike (tests/campaigns/twins.py, tests/api/test_sealed_tastes.py).
DRAWN = ("/deck", "/suggestions")


class Heard(NamedTuple):
    """One answer to the sender, without what is random."""

    asked: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    size: int
    statements: tuple[str, ...]


class World:
    """Two people over one database, and all that the first of them hears."""

    def __init__(self, app: Flask, clock: Traveller, ids: tuple[UUID, UUID], rhythm: str) -> None:
        self.app, self.clock = app, clock
        self.heard: list[Heard] = []
        self.carried: list[tuple[str, str, str]] = []  # to whom, what, when
        self._numbers: dict[str, str] = {}
        self._secrets: list[str] = []
        self.sender, self.receiver = (self._join(name, one) for name, one in zip(("Alice", "Bob"), ids, strict=True))
        with _couple_of(ids):
            pair(self.sender, self.receiver, rhythm)
        # What a process reads into memory once is no sign of anything.
        for path in ("/today", "/suggestions", "/activities"):
            self.sender.get(path)

    def _join(self, name: str, person: UUID) -> Person:
        body = {"id": str(person), "display_name": name, "password": PASSWORD, "zone": "Europe/Lisbon"}
        made = expect(self.app.test_client().post("/v1/people", json=body), 201)
        self._secrets += [made["sign_in_name"], made["token"]]
        return Person(self.app, name, made["id"], made["sign_in_name"], made["token"], made["recovery_code"])

    def ask(self, method: str, path: str, json: Any = None, **headers: str) -> Any:
        """A request of the sender's, written down; the JSON of its answer."""
        with db.connection():  # read once a day and process, whoever asks first
            averages.prior(stockroom.stock_of(activities.deck()), _now())
        with statements() as found:
            answer = self.sender.request(method, path, json, **headers)
        raw = answer.get_data(as_text=True)
        assert int(answer.headers.get("Content-Length", len(answer.data))) == len(answer.data)
        body = "drawn" if path.partition("?")[0] in DRAWN else self._plain(raw)
        shown = tuple(
            sorted((name, self._plain(_tag(name, value))) for name, value in answer.headers if name != "Content-Length")
        )
        self.heard.append(
            Heard(f"{method} {self._plain(path)}", answer.status_code, shown, body, len(body), tuple(found))
        )
        return answer.get_json() if raw else None

    def look_around(self, ids: Mapping[str, str] | None = None) -> None:
        """Everything that the sender can read now, also about the things named."""
        for operation in OPERATIONS:
            if operation.method != "GET" or operation.access == ANYONE:
                continue
            names = re.findall(r"<uuid:(\w+)>", operation.path)
            if all(name in (ids or {}) for name in names):
                path = re.sub(r"<uuid:(\w+)>", lambda found: (ids or {})[found[1]], operation.path)
                self.ask("GET", path)
        for path in (
            "/dates?show=upcoming&limit=100",
            "/notes?from=partner",
            "/activities?q=duck",
            "/suggestions?party=one",
        ):
            self.ask("GET", path)

    def wait(self, delta: timedelta) -> None:
        """Time passes, and the clock ticks."""
        self.clock.shift(delta)
        scheduler.tick(_now())

    def _plain(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "*")
        text = _CURSOR.sub('"next":"*"', text)
        return _ID.sub(self._number, text)

    def _number(self, found: re.Match[str]) -> str:
        assert UUID(found[0]).version == 4, found[0]
        number = self._numbers.setdefault(UUID(found[0]).hex, f"#{len(self._numbers):04}")
        return number.ljust(len(found[0]), ".")


@contextmanager
def _couple_of(ids: tuple[UUID, UUID]) -> Iterator[None]:
    """The couple that is made meanwhile has the same id in both worlds: what rests for two is drawn by it."""
    made = Couple.create
    Couple.create = partial(made, id=UUID(bytes=ids[0].bytes[:8] + ids[1].bytes[8:], version=4))
    try:
        yield
    finally:
        Couple.create = made


def _tag(name: str, value: str) -> str:
    # The digest is of a body with random ids; the body is compared itself.
    return _TAG.sub(lambda found: f'"{found[1]}.{"*" * len(found[2])}"', value) if name == "ETag" else value


def _now() -> datetime:
    return datetime.now(NOON.tzinfo)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that is executed meanwhile, as it is written, without its values."""
    found: list[str] = []
    hooks = db.proxy.obj.query_hooks

    def note(event: Any) -> None:
        found.append(event.sql)

    hooks.append(note)
    try:
        yield found
    finally:
        hooks.remove(note)


Story = Callable[[World, Callable[[World], None]], None]


def tell(
    url: str, story: Story, act: Callable[[World], None], clock: Traveller, ids: tuple[UUID, UUID], rhythm: str
) -> World:
    """Tell a story in a world of its own; what was heard in it."""
    settings = Settings(password_cost="cheapest", operator_name="The test club", operator_contact="club@example.org")
    clock.move_to(NOON)
    kept = dict(CHANNELS)
    CHANNELS.clear()
    db.open_database(url)
    try:
        passwords.set_cost(settings.password_cost)
        world = World(create_app(settings), clock, ids, rhythm)
        CHANNELS["test"] = lambda _, person, text: world.carried.append((str(person), text, _now().isoformat()))
        story(world, act)
        return world
    finally:
        CHANNELS.clear()
        CHANNELS.update(kept)
        db.dispose()


def differences(
    urls: tuple[str, str], story: Story, act: Callable[[World], None], clock: Traveller, rhythm: str = "together"
) -> list[str]:
    """What the sender could tell the two worlds apart by: with the act, and without it. None is as it should be."""
    ids = uuid4(), uuid4()
    one, other = (tell(url, story, done, clock, ids, rhythm) for url, done in zip(urls, (act, _nothing), strict=True))
    found = []
    for at, (here, there) in enumerate(zip(one.heard, other.heard, strict=True)):
        for name, with_act, without in zip(Heard._fields, here, there, strict=True):
            if with_act != without:
                found.append(f"{at} {here.asked}: {name}: {_where(with_act, without)}")
    # What goes out in one tick has no order.
    pushed = [sorted(what for what in world.carried if what[0] == world.sender.id) for world in (one, other)]
    if pushed[0] != pushed[1]:
        found.append(f"carried outside: {pushed[0]} instead of {pushed[1]}")
    return found


def _where(one: Any, other: Any) -> str:
    """The first place where two answers part."""
    texts = (one, other) if isinstance(one, str) else (repr(one), repr(other))
    at = next((at for at, (here, there) in enumerate(zip(*texts, strict=False)) if here != there), 0)
    return " instead of ".join(repr(text[max(0, at - 120) : at + 200]) for text in texts)


def _nothing(world: World) -> None:
    """The twin in which nothing private happens."""


def copies(template: Path, folder: Path) -> tuple[str, str]:
    """Two SQLite files alike."""
    one, other = (shutil.copy(template, folder / f"{name}.sqlite3") for name in ("with", "without"))
    return f"sqlite:///{one}", f"sqlite:///{other}"


@contextmanager
def databases(server: str, template: str) -> Iterator[tuple[str, str]]:
    """Two PostgreSQL databases alike."""
    names = [f"twin_{uuid4().hex}" for _ in range(2)]
    with psycopg.connect(server.format(database="postgres"), autocommit=True) as connection:
        for name in names:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield server.format(database=names[0]), server.format(database=names[1])
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
