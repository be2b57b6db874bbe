"""Helpers of tests that send requests at the same moment."""

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
    """Run acts at the same moment, each in its own thread and connection, and return their results."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait(timeout=20)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, act) for act in acts]]


def statuses(*requests: tuple[Person, str, str, Any]) -> list[int]:
    """Send requests (person, method, path, body) at the same moment, and return their statuses."""
    return [answer.status_code for answer in together(*(partial(person.request, *rest) for person, *rest in requests))]


def strangers(app: Flask, *names: str) -> list[Person]:
    """Sign up people without the rate limit of sign-ups."""
    people, now = [], clock.utcnow()
    with db.connection():
        for name in names:
            sign_up = accounts.sign_up(name, PASSWORD, "Europe/Lisbon", None, now)
            token = sessions.sign_in_after_sign_up(sign_up.person, "phone", now).token
            people.append(Person(app, name, str(sign_up.person), sign_up.sign_in_name, token, sign_up.recovery_code))
    return people
