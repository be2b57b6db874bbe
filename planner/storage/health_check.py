"""The health check: whether the database answers. It never waits long, so a database that hangs cannot hang it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future

from planner.errors import Unavailable
from planner.storage import db, faults

_PATIENCE_S = 0.8
_FRESH_S = 1.0
"""An answer this young is given again: a monitor that asks often costs nothing."""

_lock = threading.Lock()
_question: _Question | None = None


class _Question:
    """A question to the database, asked in a thread of its own."""

    def __init__(self) -> None:
        self._answer: Future[bool] = Future()
        self._generation = db.generation()
        self._asked_at = time.monotonic()
        threading.Thread(target=self._ask, name="health", daemon=True).start()

    def _ask(self) -> None:
        try:
            with db.connection():
                db.proxy.execute_sql("SELECT name FROM leases").fetchall()
            self._answer.set_result(True)
        except Unavailable:  # the log has the cause
            self._answer.set_result(False)
        except BaseException as error:
            self._answer.set_exception(error)

    def is_current(self) -> bool:
        """Tell whether its answer is still to come, or fresh."""
        is_young = time.monotonic() - self._asked_at < _FRESH_S
        return self._generation == db.generation() and (is_young or not self._answer.done())

    def answer(self) -> bool:
        """Return the answer, or False if it does not come soon."""
        try:
            return self._answer.result(_PATIENCE_S)
        except TimeoutError:
            return False


def database_answers() -> bool:
    """Return whether the database answers and no damage of it is known, after less than a second."""
    global _question
    if faults.damage_was_seen():
        return False
    with _lock:
        if _question is None or not _question.is_current():
            _question = _Question()
        question = _question
    return question.answer()
