"""The migrations build the tables of the models, and several processes can start at once."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

import planner
from planner import clock, schema
from planner.accounts.server_keys import ServerKey
from planner.catalogue import sync
from planner.storage import db
from seeds import reader
from tests import processes
from tests.conftest import is_postgresql


def start(pipe: Connection, url: str) -> None:
    """Migrate and fill the database in another process, as each start does, and report what was new."""
    db.open_database(url)
    pipe.send("ready")
    pipe.recv()
    applied = schema.upgrade()
    with db.connection():
        synced = sync.sync(reader.shipped(), clock.utcnow())
    pipe.send((applied, {kind: numbers.added for kind, numbers in synced.items()}))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server, name = request.getfixturevalue("postgresql_server"), f"empty_{uuid4().hex}"
    with psycopg.connect(server.format(database="postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield server.format(database=name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_four_processes_starting_at_once_migrate_and_fill_a_database_once(empty_url: str) -> None:
    with ExitStack() as stack:
        starters = [stack.enter_context(processes.running(start, empty_url)) for _ in range(4)]
        for starter in starters:
            assert starter.hear() == "ready"
        for starter in starters:
            starter.tell()
        reports = [starter.hear() for starter in starters]
        assert [starter.wait() for starter in starters] == [0] * 4
    assert sorted(len(applied) for applied, _ in reports) == [0, 0, 0, len(list(_migrations()))]
    db.open_database(empty_url)
    assert schema.pending() == []
    with db.connection():
        for kind in ("activities", "prompts"):
            (table,) = (table for table in schema.TABLES if table._meta.table_name == kind)
            assert sum(added[kind] for _, added in reports) == table.select().count() > 50
        assert ServerKey.select().count() == len(schema.KEYS)
    db.dispose()


def _migrations() -> Iterator[Path]:
    return (Path(schema.__file__).parent / "migrations").glob("[0-9]*.py")


def test_a_second_upgrade_changes_nothing(database: str) -> None:
    with db.connection():
        before, keys = described(), sorted(db.fetch_all(ServerKey.select(ServerKey.purpose, ServerKey.secret)))
    assert schema.upgrade() == []
    with db.connection():
        assert described() == before
        assert sorted(db.fetch_all(ServerKey.select(ServerKey.purpose, ServerKey.secret))) == keys


def test_all_migrations_are_pending_in_a_new_database(empty_url: str) -> None:
    db.open_database(empty_url)
    db.create_file()
    assert schema.pending() == sorted(path.stem for path in _migrations())
    assert schema.upgrade() == sorted(path.stem for path in _migrations())
    assert schema.pending() == []
    db.dispose()


def test_the_migrations_build_the_tables_of_the_models(database: str, tmp_path: Path) -> None:
    with db.connection():
        migrated = described()
    if is_postgresql(database):
        with db.connection():
            db.proxy.execute_sql("CREATE SCHEMA made")
            db.proxy.execute_sql("SET search_path TO made")
            db.proxy.create_tables(schema.TABLES)
            built = described()
            db.proxy.execute_sql("RESET search_path")
    else:
        db.dispose()
        db.open_database(f"sqlite:///{tmp_path / 'made.sqlite3'}")
        db.create_file()
        with db.connection():
            db.proxy.create_tables(schema.TABLES)
            built = described()
        db.dispose()
    assert len(built) > 3 * len(schema.TABLES)
    assert migrated - built == set()
    assert built - migrated == set()


def described() -> set[str]:
    """Return every column, key, constraint and index of the database, each as one line."""
    lines = _postgresql_lines() if db.proxy.for_update else _sqlite_lines()
    return {line for line in lines if "migration" not in line.split()[0]}


def _postgresql_lines() -> Iterator[str]:
    columns = (
        "SELECT table_name, column_name, data_type, is_nullable, coalesce(column_default, '')"
        " FROM information_schema.columns WHERE table_schema = current_schema()"
    )
    constraints = (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = current_schema()::regnamespace AND conrelid <> 0"
    )
    indexes = (
        "SELECT tablename, replace(indexdef, current_schema() || '.', '') FROM pg_indexes"
        " WHERE schemaname = current_schema()"
    )
    for query in (columns, constraints, indexes):
        for row in db.proxy.execute_sql(query).fetchall():
            yield " ".join(row)


def _sqlite_lines() -> Iterator[str]:
    objects = db.proxy.execute_sql("SELECT type, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    for kind, table, sql in objects:
        if kind == "table":
            inside = sql[sql.index("(") + 1 : sql.rindex(")")]
            for part in _split(inside):
                yield f"{table} {part.strip()}"
        else:
            yield f"{table} {sql}"


def _split(sql: str) -> Iterator[str]:
    """Yield the parts between the commas outside of brackets."""
    depth, part = 0, ""
    for character in sql:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            yield part
            part = ""
        else:
            part += character
    yield part


DATABASE_RULES = (
    ("members", r"members_one_couple.* WHERE .*left_at.* IS NULL"),
    ("dates", r"dates_open.* WHERE .*state.* = 'proposed'"),
    ("dates", r"CHECK \(\(*state = 'proposed'"),
    ("couples", r"CHECK \(.*pace"),
    ("shares", r"UNIQUE INDEX .*note_id"),
    ("prompt_days", r"UNIQUE INDEX .*person_id.*day"),
    ("notes", r"prompt_id.* ON DELETE RESTRICT"),
)


def test_the_database_has_the_constraints_that_the_code_relies_on(database: str) -> None:
    with db.connection():
        lines = [re.sub(r"::\w+", "", line) for line in described()]
    for table, words in DATABASE_RULES:
        assert [line for line in lines if line.startswith(f"{table} ") and re.search(words, line)], (table, words)


def test_every_model_with_a_table_is_in_the_list() -> None:
    for module in pkgutil.walk_packages(planner.__path__, "planner."):
        if not module.name.startswith("planner.migrations"):
            importlib.import_module(module.name)

    def leaves(model: type[db.Model]) -> set[type[db.Model]]:
        below = {child for child in model.__subclasses__() if child.__module__.startswith("planner.")}
        return {model} if not below else set().union(*(leaves(child) for child in below))

    # A base model of other models has no table.
    assert leaves(db.Model) == set(schema.TABLES)
    assert len({model._meta.table_name for model in schema.TABLES}) == len(schema.TABLES)
