"""Writes that share a commit on SQLite: one that fails undoes only itself, and no answer comes before the commit."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any, NamedTuple

import peewee
import pytest

from planner.errors import Unavailable
from planner.storage import db, shared_commits
from planner.storage.shared_commits import SharedCommits

pytestmark = pytest.mark.real_time

WRITES = 4


class Mark(db.Model):
    name = peewee.TextField(unique=True)


@pytest.fixture
def commits(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Yield the end of each commit: "done" or the type of its error. Transactions may stay open for long."""
    monkeypatch.setattr(shared_commits, "_MOST_S", 10)
    ends: list[str] = []
    commit = SharedCommits._commit

    def record(self: SharedCommits, transaction: Any) -> None:
        try:
            commit(self, transaction)
        except Exception as error:
            ends.append(type(error).__name__)
            raise
        ends.append("done")

    monkeypatch.setattr(SharedCommits, "_commit", record)
    db.open_database(sqlite_url)
    db.create_file()
    db.proxy.create_tables([Mark])
    db.close()
    yield ends
    db.dispose()


class Ended(NamedTuple):
    """How a write ended, and the marks that its thread read just after that."""

    error: Exception | None
    names: list[str]


def names() -> list[str]:
    return sorted(name for (name,) in db.fetch_all(Mark.select(Mark.name)))


def write(name: str, then: Callable[[], object] = lambda: None) -> Ended:
    with db.connection():
        try:
            with db.write():
                Mark.create(name=name)
                then()
        except Exception as error:
            return Ended(error, names())
        return Ended(None, names())


def together(*rest: Callable[[], object], at_first: Callable[[], object] = lambda: None) -> Sequence[Ended]:
    """Write "0", and while it runs let the others come, each with what it does inside its write."""
    begun, go = Event(), Event()

    def hold() -> None:
        begun.set()
        assert go.wait(10)
        at_first()

    with ThreadPoolExecutor(len(rest) + 1) as threads:
        first = threads.submit(write, "0", hold)
        assert begun.wait(10)
        others: list[Future[Ended]] = []
        for number, then in enumerate(rest, 1):
            others.append(threads.submit(write, str(number), then))
            wait_for(lambda: waiting() == len(others))
        go.set()
        return [one.result(10) for one in (first, *others)]


def waiting() -> int:
    assert db._shared_commits
    return db._shared_commits._waiting


def wait_for(condition: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < 10
        time.sleep(0.001)


def nothing() -> None:
    """Do no more."""


def refuse() -> None:
    raise KeyError("refused")


def test_writes_that_wait_share_one_commit_and_return_after_it(commits: list[str]) -> None:
    everything = [str(number) for number in range(WRITES)]
    assert together(*[nothing] * (WRITES - 1)) == [Ended(None, everything)] * WRITES
    assert commits == ["done"]


def test_a_write_that_fails_undoes_only_itself(commits: list[str]) -> None:
    first, refused, last = together(refuse, nothing)
    assert isinstance(refused.error, KeyError)
    assert (first.error, last.error) == (None, None)
    assert first.names == refused.names == last.names == ["0", "2"]
    assert commits == ["done"]


def test_the_first_write_that_fails_undoes_only_itself(commits: list[str]) -> None:
    first, last = together(nothing, at_first=refuse)
    assert (type(first.error), first.names) == (KeyError, ["1"])
    assert (last, commits) == (Ended(None, ["1"]), ["done"])


def test_the_last_write_commits_for_the_others_also_when_it_fails(commits: list[str]) -> None:
    first, last = together(refuse)
    assert (first, type(last.error)) == (Ended(None, ["0"]), KeyError)
    assert commits == ["done"]


def test_when_a_commit_fails_none_of_its_writes_is_answered_or_kept(
    commits: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert db._shared_commits
    begin = SharedCommits._begin

    def begin_badly(self: SharedCommits, deadline: float) -> Any:
        transaction = begin(self, deadline)
        transaction.connection = _FullDisk(transaction.connection)
        return transaction

    monkeypatch.setattr(SharedCommits, "_begin", begin_badly)
    results = together(nothing, refuse)
    assert all(isinstance(one.error, Unavailable) and one.names == [] for one in results)
    assert [str(one.error) for one in results[:2]] == [str(Unavailable("outcome_unknown"))] * 2
    assert commits == ["OperationalError"]
    monkeypatch.undo()
    assert write("later") == Ended(None, ["later"])


class _FullDisk:
    """A connection whose commits fail."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str) -> Any:
        return self._connection.execute(full() if sql == "COMMIT" else sql)


def full() -> str:
    """Raise what SQLite raises when the disk is full."""
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    raise error


def test_a_fault_that_undoes_the_whole_transaction_fails_all_its_writes(commits: list[str]) -> None:
    def lose_everything() -> None:
        db.proxy.connection().rollback()  # as SQLite does by itself
        full()

    results = together(lose_everything)
    assert all(isinstance(one.error, Unavailable) and one.names == [] for one in results)
    assert commits == ["OperationalError"]
    assert write("later") == Ended(None, ["later"])


def test_a_write_that_waits_in_vain_leaves_the_commit_to_the_one_before(
    commits: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "_TIMEOUT_S", 0.05)
    begun, go = Event(), Event()

    def hold() -> None:
        begun.set()
        assert go.wait(10)

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(write, "0", hold)
        assert begun.wait(10)
        assert isinstance(write("1").error, Unavailable)
        go.set()
        assert first.result(10) == Ended(None, ["0"])
    assert commits == ["done"]


def test_only_the_first_and_the_last_write_wait_for_a_disk_that_hangs(
    commits: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "_TIMEOUT_S", 1)
    commit = SharedCommits._commit

    def hang(self: SharedCommits, transaction: Any) -> None:
        time.sleep(2)
        commit(self, transaction)

    monkeypatch.setattr(SharedCommits, "_commit", hang)
    first, second, last = together(nothing, nothing)
    assert (first.error, last.error) == (None, None)
    assert str(second.error) == str(Unavailable("outcome_unknown"))
    assert (second.names, first.names) == ([], ["0", "1", "2"])


def test_an_old_transaction_is_not_left_to_another_write(commits: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_commits, "_MOST_S", 0)
    together(nothing, nothing)
    assert commits == ["done"] * 3
