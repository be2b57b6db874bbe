"""People who use a server all the time while something is wrong with it, and what they found."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Self
from uuid import uuid4

from tests import served
from tests.campaigns.stalls import Figures, sign_up
from tests.served import Served


@dataclass
class Outage:
    """What people found during an outage, and how long the server took to recover.

    `kept` tells whether each note that was answered with 201 is there in the end.
    """

    health: Figures = field(default_factory=Figures)
    reads: Figures = field(default_factory=Figures)
    writes: Figures = field(default_factory=Figures)
    statuses: Counter[int] = field(default_factory=Counter)
    kept: bool = False
    recovery: float = 0.0

    def __str__(self) -> str:
        """Return lines for a person to read."""
        asked = f"health: {self.health}\nfirst screen: {self.reads}, answers {dict(self.statuses)}"
        asked = f"{asked}\nnotes: {self.writes}"
        return f"{asked}\nrecovered after {self.recovery:.1f} s, all acknowledged notes are there: {self.kept}"


class People:
    """People who ask a server all the time: some readers, a writer, and one who asks for its health."""

    def __init__(self, server: Served, found: Outage, readers: int) -> None:
        self._server, self._found = server, found
        self.token = sign_up(server)
        self._written: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=act) for act in (*[self._read] * readers, self._watch, self._write)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        """Return these people, who have begun."""
        return self

    def __exit__(self, *_: object) -> None:
        """End all requests, also when the block failed: a thread that goes on would keep the process alive."""
        self._end()

    def _end(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _read(self) -> None:
        while not self._stop.is_set():
            self._found.statuses[_timed(self._found.reads, self.first_screen)] += 1

    def _watch(self) -> None:
        while not self._stop.is_set():
            _timed(self._found.health, lambda: self._server.request("GET", "/health"))
            time.sleep(0.02)

    def _write(self) -> None:
        while not self._stop.is_set():
            note = str(uuid4())
            body = {"id": note, "kind": "effort", "body": "You waited."}
            if _timed(self._found.writes, partial(self._server.request, "POST", "/v1/notes", self.token, body)) == 201:
                self._written.append(note)
            time.sleep(0.05)

    def have_answers(self) -> bool:
        """Tell whether each kind of request has had an answer."""
        return all(figures.seconds for figures in (self._found.reads, self._found.health)) and bool(self._written)

    def count_written(self) -> int:
        """Return how many notes the server has acknowledged."""
        return len(self._written)

    def first_screen(self) -> tuple[int, object]:
        """Ask for the first screen."""
        return self._server.request("GET", "/v1/today", self.token)

    def stop(self) -> bool:
        """Stop asking, and return whether each note that was answered with 201 is there."""
        self._end()
        return bool(self._written) and all(served.wait_until(partial(self._finds, note)) for note in self._written)

    def _finds(self, note: str) -> bool:
        # A connection that broke in the outage may still cost one answer, a 503.
        return status_of(partial(self._server.request, "GET", f"/v1/notes/{note}", self.token)) == 200


def _timed(figures: Figures, ask: Callable[[], tuple[int, object]]) -> int:
    began = time.monotonic()
    status = status_of(ask)
    figures.seconds.append(time.monotonic() - began)
    figures.failed += status not in (200, 201)
    return status


def status_of(ask: Callable[[], tuple[int, object]]) -> int:
    """Return the status of an answer, or 0 without one."""
    try:
        return ask()[0]
    except OSError:
        return 0


def count_reminders(server: Served, token: str) -> int:
    """Return how many reminders are in a person's inbox."""
    count, after = 0, ""
    while after is not None:
        page = server.request("GET", f"/v1/inbox?limit=100{after and f'&after={after}'}", token)[1]
        count += sum(item["kind"] in ("date_soon", "date_tomorrow") for item in page["items"])
        after = page["next"]
    return count
