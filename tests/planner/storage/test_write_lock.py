"""The queue before the write lock of SQLite."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread

import pytest

from planner.errors import Unavailable
from planner.storage import db
from planner.storage.faults import NoAnswer
from planner.storage.write_lock import WriteLock
from tests import processes

pytestmark = pytest.mark.real_time


def hold(pipe: Connection, path: Path) -> None:
    """Hold the lock in another process."""
    with WriteLock(path).acquire(1):
        pipe.send("mine")
        pipe.recv()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of the lock file."""
    return tmp_path / "message"


def test_one_thread_has_the_lock_and_another_one_times_out(path: Path) -> None:
    lock, inside, go = WriteLock(path), Event(), Event()

    def hold() -> None:
        with lock.acquire(0.05):
            inside.set()
            go.wait(10)

    holder = Thread(target=hold)
    holder.start()
    assert inside.wait(10)
    with pytest.raises(NoAnswer), lock.acquire(0.05):
        pytest.fail("two at once")
    go.set()
    holder.join()
    with lock.acquire(0.05):
        pass
    lock.close()


def test_an_error_inside_releases_the_lock(path: Path) -> None:
    lock = WriteLock(path)
    with pytest.raises(ZeroDivisionError), lock.acquire(0.05):
        raise ZeroDivisionError
    with lock.acquire(0.05):
        pass
    lock.close()


def test_a_process_waits_for_the_lock_and_a_killed_process_releases_it(path: Path) -> None:
    lock = WriteLock(path)
    with processes.running(hold, path) as other:
        assert other.hear() == "mine"
        mine = Event()

        def take() -> None:
            with lock.acquire(5):
                mine.set()

        taker = Thread(target=take)
        taker.start()
        assert not mine.wait(0.1)
        impatient = WriteLock(path)
        with pytest.raises(NoAnswer), impatient.acquire(0.05):
            pytest.fail("two at once")
        impatient.close()
        other.kill()
        assert mine.wait(10)
        taker.join()
    lock.close()


def test_every_write_to_a_sqlite_file_waits_for_the_lock(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "_TIMEOUT_S", 0.05)
    db.open_database(sqlite_url)
    lock = WriteLock(Path(f"{sqlite_url.removeprefix('sqlite:///')}.turns"))
    with db.connection():
        with lock.acquire(0.05), pytest.raises(Unavailable), db.write():
            pytest.fail("it did not wait")
        with db.write():
            pass
    lock.close()
    db.dispose()
