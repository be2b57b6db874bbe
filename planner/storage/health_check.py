"""Checks of the database that never wait long, so a database that hangs cannot hang them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from planner.errors import Unavailable
from planner.storage import db, faults

T = TypeVar("T")

_PATIENCE_S = 0.8
_FRESH_S = 1.0
"""An answer this young is given again: a monitor that asks often costs nothing."""


class _Question(Generic[T]):
    """A question to the database, asked in a thread of its own."""

    def __init__(self, ask: Callable[[], T]) -> None:
        self._answer: Future[T | None] = Future()
        self._generation = db.generation()
        self._asked_at = time.monotonic()
        threading.Thread(target=self._ask, args=(ask,), name="health", daemon=True).start()

    def _ask(self, ask: Callable[[], T]) -> None:
        try:
            with db.connection():
                answer = ask()
            self._answer.set_result(answer)
        except Unavailable:  # the log has the cause
            self._answer.set_result(None)
        except BaseException as error:
            self._answer.set_exception(error)

    def is_current(self) -> bool:
        """Tell whether its answer is still to come, or fresh."""
        is_young = time.monotonic() - self._asked_at < _FRESH_S
        return self._generation == db.generation() and (is_young or not self._answer.done())

    def answer(self, patience_s: float) -> T | None:
        """Return the answer, or None if it does not come soon."""
        try:
            return self._answer.result(patience_s)
        except TimeoutError:
            return None


class Check(Generic[T]):
    """A function that asks the database. Many threads may ask at once, and one of them asks the database."""

    def __init__(self, ask: Callable[[], T], patience_s: float | None = None) -> None:
        self._ask = ask
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._question: _Question[T] | None = None

    def answer(self) -> T | None:
        """Return the answer, by default after less than a second. None if none comes, or the database is damaged."""
        if faults.damage_was_seen():
            return None
        with self._lock:
            if self._question is None or not self._question.is_current():
                self._question = _Question(self._ask)
            question = self._question
        return question.answer(self._patience_s or _PATIENCE_S)


def _ask_anything() -> bool:
    db.proxy.execute_sql("SELECT name FROM leases").fetchall()
    return True


_check = Check(_ask_anything)


def database_answers() -> bool:
    """Return whether the database answers and no damage of it is known, after less than a second."""
    return _check.answer() is True
