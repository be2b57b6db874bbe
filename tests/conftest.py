"""What all tests share: both databases, a stopped clock, and the people.

Alice and Bob are a couple, Charlie and Dana another; Sam is signed up and alone. Each test has a database of its own,
copied from one that was migrated and filled once.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
import time_machine
from flask import Flask

from api.app import create_app
from planner import clock, schema
from planner.catalogue import sync
from planner.consent import erasure_log
from planner.people import passwords
from planner.reminders.channels import CHANNELS
from planner.settings import Settings
from planner.storage import db
from seeds import reader
from tests import postgresql
from tests.people import Cast, Person, pair, sign_up

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""A Monday. Time stands still in a test unless it moves it."""


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server, with a place for the name of a database."""
    with postgresql.running() as url:
        if url is None:
            reason = "no PostgreSQL here: set TEST_DATABASE_URL, or install its binaries or the wheel"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables and the catalogue."""
    path = tmp_path_factory.mktemp("template") / "rekindle.sqlite3"
    fill(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> Iterator[str]:
    """The name of a PostgreSQL database with all tables and the catalogue."""
    name = f"template_{uuid4().hex}"
    administer(postgresql_server, f"CREATE DATABASE {name}")
    fill(postgresql_server.format(database=name))
    yield name
    # The server may be somebody's own: nothing is left on it.
    administer(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")


def fill(url: str) -> None:
    """Make all tables in an empty database, and put the catalogue into it."""
    db.open_database(url)
    schema.upgrade()
    with db.connection():
        sync.sync(reader.shipped(), NOON)
    db.dispose()


def administer(server: str, statement: str) -> None:
    """One statement outside of any test's database."""
    with psycopg.connect(server.format(database="postgres"), autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a SQLite file of this test's own."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'rekindle.sqlite3')}"


@pytest.fixture
def postgresql_url(postgresql_server: str, postgresql_template: str) -> Iterator[str]:
    """The URL of a PostgreSQL database of this test's own."""
    name = f"test_{uuid4().hex}"
    administer(postgresql_server, f"CREATE DATABASE {name} TEMPLATE {postgresql_template}")
    yield postgresql_server.format(database=name)
    administer(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database of this test's own; every test that asks for it runs on both."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[str]:
    """An open database with all tables and the catalogue; its URL."""
    db.open_database(database_url)
    # By default it stands beside a SQLite file; for a server it would stand in the project's own folder.
    erasure_log.keep_in(str(tmp_path / "erasures") if is_postgresql(database_url) else None)
    yield database_url
    erasure_log.keep_in(None)
    db.dispose()


@pytest.fixture(autouse=True)
def stopped_clock(request: pytest.FixtureRequest) -> Iterator[time_machine.Coordinates | None]:
    """It is NOON, until the test moves it (`stopped_clock.move_to(...)`). Tests marked `real_time` have their own."""
    if request.node.get_closest_marker("real_time"):
        yield None
        return
    with time_machine.travel(NOON, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def settings() -> Settings:
    """The settings of the app; a test may override them."""
    return Settings(password_cost="cheapest", operator_name="The test club", operator_contact="club@example.org")


@pytest.fixture
def app(database: str, settings: Settings) -> Flask:
    """The app over this test's database."""
    passwords.set_cost(settings.password_cost)
    return create_app(settings)


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What goes outside, over the one channel "test": to whom, and the sentence."""
    found: list[tuple[str, str]] = []
    for name in list(CHANNELS):
        monkeypatch.delitem(CHANNELS, name)
    monkeypatch.setitem(CHANNELS, "test", lambda _, person, text: found.append((str(person), text)))
    return found


@pytest.fixture
def now() -> datetime:
    """The present of this test."""
    return clock.utcnow()


@pytest.fixture
def sam(app: Flask) -> Person:
    """Somebody alone."""
    return sign_up(app, "Sam", "Europe/Lisbon")


@pytest.fixture
def cast(app: Flask) -> Cast:
    """Alice and Bob (together, in two zones), Charlie and Dana (another couple), Sam (alone)."""
    alice, bob = sign_up(app, "Alice", "Europe/Lisbon"), sign_up(app, "Bob", "America/New_York")
    charlie, dana = sign_up(app, "Charlie", "Asia/Kolkata"), sign_up(app, "Dana", "Asia/Kolkata")
    pair(alice, bob, "together")
    pair(charlie, dana, "steady")
    return Cast(alice, bob, charlie, dana, sign_up(app, "Sam", "Europe/Lisbon"))


@pytest.fixture
def alice(cast: Cast) -> Person:
    """One of the couple."""
    return cast.alice


@pytest.fixture
def bob(cast: Cast) -> Person:
    """Her partner."""
    return cast.bob


@pytest.fixture
def charlie(cast: Cast) -> Person:
    """Somebody of another couple, who should see nothing."""
    return cast.charlie


def is_postgresql(url: str) -> bool:
    """Whether a URL is that of a PostgreSQL database."""
    return urlsplit(url).scheme == "postgresql"
