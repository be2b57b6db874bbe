"""Races of a talk: two phones at the same moment. `races.py` runs them."""

from __future__ import annotations

from typing import Any

from flask import Flask

from tests.people import Person
from tests.racing import Race, Request, at_once, is_one_of, parted, two
from tests.talks import GUIDE, begun, current, open_talk


def talk_move(person: Person, name: str, talk: dict[str, Any]) -> Request:
    """Return the request for a move of a talk."""
    version = {"version": talk["version"]} if name == "next" else {}
    return person, "POST", f"/talks/{talk['id']}/{name}", version


def same_talk(talk: dict[str, Any], *both: Person) -> tuple[str, int, int]:
    """Check that both partners read the same talk, and return its state, its step and its version."""
    mine, theirs = (person.get(f"/talks/{talk['id']}") for person in both)
    common = ("state", "step", "version", "ends_at", "resume_from")
    assert {name: mine[name] for name in common} == {name: theirs[name] for name in common}
    assert (mine["ready"], mine["partner_ready"]) == (theirs["partner_ready"], theirs["ready"])
    is_open = mine["state"] in ("preparing", "running", "paused")
    assert [bool(current(person)) for person in both] == [is_open] * 2
    return mine["state"], mine["step"], mine["version"]


def pause_and_stop(app: Flask) -> str:
    """Stop a talk while the partner pauses it: it is stopped, no matter who was faster."""
    ada, ben = two(app)
    talk = begun(ada, ben)
    end = is_one_of(at_once(talk_move(ada, "pause", talk), talk_move(ben, "stop", talk)), (200, 200), (409, 200))
    assert same_talk(talk, ada, ben)[0] == "stopped"
    return end


def pause_and_pause(app: Flask) -> str:
    """Pause a talk on both phones: it is one pause."""
    ada, ben = two(app)
    talk = begun(ada, ben)
    end = is_one_of(at_once(*(talk_move(person, "pause", talk) for person in (ada, ben))), (200, 200))
    assert same_talk(talk, ada, ben) == ("paused", 0, talk["version"] + 1)
    return end


def next_and_next(app: Flask) -> str:
    """Go on with both phones: it is one step."""
    ada, ben = two(app)
    talk = begun(ada, ben)
    end = is_one_of(at_once(*(talk_move(person, "next", talk) for person in (ada, ben))), (200, 200))
    assert same_talk(talk, ada, ben) == ("running", 1, talk["version"] + 1)
    return end


def next_and_pause(app: Flask) -> str:
    """Pause a talk while the partner goes on: it is paused, before or after the step."""
    ada, ben = two(app)
    talk = begun(ada, ben)
    end = is_one_of(at_once(talk_move(ada, "next", talk), talk_move(ben, "pause", talk)), (200, 200), (409, 200))
    assert same_talk(talk, ada, ben)[:2] == ("paused", 1 if end == "200+200" else 0)
    return end


def ready_and_stop(app: Flask) -> str:
    """Say no to a talk while the partner gets ready: it is stopped."""
    ada, ben = two(app)
    talk = open_talk(ada)
    end = is_one_of(at_once(talk_move(ada, "ready", talk), talk_move(ben, "stop", talk)), (200, 200), (409, 200))
    assert same_talk(talk, ada, ben)[0] == "stopped"
    return end


def open_and_open(app: Flask) -> str:
    """Open a talk on both phones: one of them opens it, and the partner joins."""
    ada, ben = two(app)
    end = is_one_of(
        at_once(*((person, "POST", "/talks", {"guide": GUIDE}) for person in (ada, ben))), (201, 409), (409, 201)
    )
    assert current(ada)["id"] == current(ben)["id"]
    return end


def leave_and_next(app: Flask) -> str:
    """Leave while the partner goes on: nothing of the talk is left."""
    ada, ben = two(app)
    talk = begun(ada, ben)
    answered = at_once((ben, "DELETE", "/couple", None), talk_move(ada, "next", talk))
    end = is_one_of(answered, (200, 200), (200, 404), (200, 409))
    parted(ada, ben)
    for person in (ada, ben):
        person.get(f"/talks/{talk['id']}", 404)
    return end


RACES: tuple[Race, ...] = (
    pause_and_stop, pause_and_pause, next_and_next, next_and_pause, ready_and_stop, open_and_open, leave_and_next,
)  # fmt: skip
