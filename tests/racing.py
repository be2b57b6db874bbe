"""Things that happen at the same moment, and enough strangers for them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from flask import Flask

from planner import clock
from planner.accounts import accounts, sessions
from planner.storage import db
from tests.people import PASSWORD, Person


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each act returns, all begun at the same moment in threads, and so on connections, of their own."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait(timeout=20)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [one.result(timeout=60) for one in [pool.submit(run, act) for act in acts]]


def statuses(*requests: tuple[Person, str, str, Any]) -> list[int]:
    """The statuses of requests (who, method, path, body) made at the same moment."""
    return [answer.status_code for answer in together(*(partial(one.request, *rest) for one, *rest in requests))]


def strangers(app: Flask, *names: str) -> list[Person]:
    """New people, past the limit of sign-ups from one address."""
    found, now = [], clock.utcnow()
    with db.connection():
        for name in names:
            made = accounts.sign_up(name, PASSWORD, "Europe/Lisbon", None, now)
            _, token = sessions.sign_in_after_sign_up(made.person, "phone", now)
            found.append(Person(app, name, str(made.person), made.sign_in_name, token, made.recovery_code))
    return found
