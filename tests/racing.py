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
from planner.couples.couples import Couple, Member
from planner.dates.dates import Date
from planner.inbox import REMINDERS, Item
from planner.storage import db
from tests.people import PASSWORD, Person, pair

Race = Callable[[Flask], str]
Request = tuple[Person, str, str, Any]


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


def two(app: Flask, rhythm: str = "together") -> tuple[Person, Person]:
    """Return a new couple."""
    ada, ben = strangers(app, "Ada", "Ben")
    pair(ada, ben, rhythm)
    return ada, ben


def at_once(*requests: Request) -> tuple[int, ...]:
    """Send requests at once, and return their statuses. A 5xx always fails."""
    answered = tuple(statuses(*requests))
    assert max(answered) < 500, answered
    return answered


def is_one_of(answered: tuple[int, ...], *ends: tuple[int, ...]) -> str:
    """Check that a race ended in one of these ends, and return the end as text."""
    assert answered in ends, answered
    return "+".join(map(str, answered))


def parted(*both: Person) -> None:
    """Check that nothing of a couple is left open."""
    assert [person.get("/me")["pairing"] for person in both] == ["left", "left"]
    ids = [person.id for person in both]
    with db.connection():
        couples = [couple for (couple,) in db.fetch_all(Member.select(Member.couple).where(Member.person.in_(ids)))]
        assert not Member.select().where(Member.person.in_(ids), Member.left_at.is_null()).exists()
        assert not Couple.select().where(Couple.id.in_(couples), Couple.ended_at.is_null()).exists()
        assert not Date.select().where(Date.couple.in_(couples), Date.state.in_(["proposed", "accepted"])).exists()
        assert not Item.select().where(Item.person.in_(ids), Item.kind.in_(REMINDERS)).exists()
