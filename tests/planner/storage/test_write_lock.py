"""The line before SQLite's write lock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest

from planner.errors import Unavailable
from planner.storage import db
from planner.storage.write_lock import WriteLock

pytestmark = pytest.mark.real_time

HOLD = """
import sys
from pathlib import Path
from planner.storage.write_lock import WriteLock
with WriteLock(Path(sys.argv[1]), 1).acquire():
    print("mine", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def line(tmp_path: Path) -> Path:
    """Where the line is."""
    return tmp_path / "message"


def test_one_thread_at_a_time_and_the_impatient_one_is_told(line: Path) -> None:
    turns, inside, go = WriteLock(line, 0.05), Event(), Event()

    def hold() -> None:
        with turns.acquire():
            inside.set()
            go.wait(10)

    holder = Thread(target=hold)
    holder.start()
    assert inside.wait(10)
    with pytest.raises(Unavailable), turns.acquire():
        pytest.fail("two at once")
    go.set()
    holder.join()
    with turns.acquire():
        pass
    turns.close()


def test_a_failure_inside_gives_the_turn_back(line: Path) -> None:
    turns = WriteLock(line, 0.05)
    with pytest.raises(ZeroDivisionError), turns.acquire():
        raise ZeroDivisionError
    with turns.acquire():
        pass
    turns.close()


def test_another_process_waits_its_turn_and_one_that_is_killed_gives_it_back(line: Path) -> None:
    turns = WriteLock(line, 5)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(line)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "mine\n"
        mine = Event()

        def take() -> None:
            with turns.acquire():
                mine.set()

        taker = Thread(target=take)
        taker.start()
        assert not mine.wait(0.1)
        impatient = WriteLock(line, 0.05)
        with pytest.raises(Unavailable), impatient.acquire():
            pytest.fail("two at once")
        impatient.close()
        other.kill()
        assert mine.wait(10)
        taker.join()
    turns.close()


def test_every_write_to_a_sqlite_file_stands_in_line(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "_TIMEOUT_S", 0.05)
    db.open_database(sqlite_url)
    line = WriteLock(Path(f"{sqlite_url.removeprefix('sqlite:///')}.turns"), 0.05)
    with db.connection():
        with line.acquire(), pytest.raises(Unavailable), db.write():
            pytest.fail("it did not wait")
        with db.write():
            pass
    line.close()
    db.dispose()
