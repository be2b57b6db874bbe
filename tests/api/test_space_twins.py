"""Test that quiet acts are quiet: with and without a private act, the partner gets the same answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from time_machine import Traveller

from tests.databases import in_turn
from tests.dates import START, light, slot
from tests.people import pair
from tests.racing import strangers
from tests.spaces import DAY, HOUR, MINUTE, end, going, quieten, take
from tests.twins import CHOSEN_FOR_TWO, World, difference, from_here

Act = Callable[[World], None]

# The clients send the same ids in both worlds.
IDS = [str(UUID(int=number, version=4)) for number in range(40)]
MORE = ("/activities", "/activities?q=duck", "/suggestions?for=one", *CHOSEN_FOR_TWO)


def story(world: World, act: Act, is_short: bool = False) -> None:
    """Let Ben write to Ada for days. Ada may do a private act on the way. A short story ends soon after the act."""
    ada, fresh = world.ada, iter(IDS)

    def propose(who: Any, start, activity=None) -> dict[str, Any]:
        # The clock moves on, because random ids would order the dates of one instant.
        world.clock.shift(MINUTE)
        body = {"id": next(fresh), "activity_id": activity or light(), "slots": [slot(start)]}
        return who("POST", "/dates", body)

    def theirs(method: str, path: str, body: Any = None) -> Any:
        return ada.request(method, path, body).get_json()

    def mine(method: str, path: str, body: Any = None, **headers: str) -> Any:
        return world.ask(method, path, body, **headers).get_json()

    # Both begin with two accepted dates, open offers and notes.
    agreed = []
    for days in (1, 4):
        date = propose(mine, START + days * DAY)
        world.clock.shift(MINUTE)
        theirs("POST", f"/dates/{date['id']}/accept", {"version": 1, "slot_id": date["slots"][0]["id"]})
        world.clock.shift(MINUTE)
        agreed.append(date["id"])
    open_mine = propose(mine, START + 5 * DAY)["id"]
    their_offers = [propose(theirs, START + days * DAY) for days in (6, 7, 8)]
    note = mine("POST", "/notes", {"id": next(fresh), "kind": "effort", "body": "You waited."})["id"]
    mine("POST", f"/notes/{note}/share", {"version": 1})
    world.wait(HOUR)
    # A note to the sender arrives just before the act.
    theirs("POST", "/notes", {"id": IDS[-1], "kind": "quality", "body": "You listen."})
    theirs("POST", f"/notes/{IDS[-1]}/share", {"version": 1})
    act(world)
    world.wait(MINUTE)
    world.look(*MORE, f"/activities/{light()}")
    if is_short:
        return
    # Ben sends something new of every kind, and changes it.
    duck = mine("POST", "/activities", {"id": next(fresh), "title": "Feed the ducks", "category": "outdoors"})["id"]
    of_duck = propose(mine, START + 9 * DAY, duck)
    world.wait(MINUTE)
    mine("PATCH", f"/activities/{duck}", {"title": "Feed more ducks"}, If_Match='"1"')
    propose(mine, START + 12 * DAY, duck)
    for number in range(4):
        world.wait(MINUTE)
        fresh_note = mine("POST", "/notes", {"id": next(fresh), "kind": "memory", "body": f"Number {number}."})["id"]
        mine("POST", f"/notes/{fresh_note}/share", {"version": 1})
        mine("POST", f"/notes/{fresh_note}/share", {"version": 1})
    mine("POST", f"/notes/{fresh_note}/recall")
    mine("PATCH", "/me", {"display_name": "Benedict"}, If_Match="*")
    close = next(item["id"] for item in mine("GET", "/activities?limit=100")["items"] if item["pace"] == 4)
    propose(mine, START + 10 * DAY, close)
    world.wait(MINUTE)
    world.look(*MORE, f"/activities/{duck}")
    # Ben answers what was open before.
    first, second, _ = their_offers
    mine("POST", f"/dates/{first['id']}/decline", {"version": 1, "answer": "another_time"})
    mine("POST", f"/dates/{second['id']}/counter", {"version": 1, "slots": [slot(START + 11 * DAY)]})
    mine("POST", f"/dates/{open_mine}/withdraw", {"version": 1})
    mine("POST", f"/dates/{of_duck['id']}/accept", {"version": 1, "slot_id": of_duck["slots"][0]["id"]})
    world.wait(MINUTE)
    mine("POST", f"/dates/{agreed[1]}/cancel", {"version": 2})
    for item in mine("GET", "/inbox")["items"][:2]:
        mine("POST", f"/inbox/{item['id']}/seen")
    world.look(*MORE)
    # Days pass, with reminders, lapses, and a date that takes place.
    for _ in range(4):
        world.wait(DAY / 2)
    world.look(*MORE)
    world.clock.move_to(START + DAY + HOUR)
    world.wait(MINUTE)
    mine("POST", f"/dates/{agreed[0]}/complete", {"version": 2})
    mine("PUT", f"/dates/{agreed[0]}/feedback", {"feeling": "lighter"})
    world.wait(4 * DAY)
    world.look(*MORE)
    world.wait(4 * DAY)
    mine("DELETE", f"/notes/{note}")
    world.look(*MORE)


def at_rest(world: World) -> None:
    """Let Ada take quiet space, go to the accepted dates, and read nothing."""
    dates = world.ada.get("/me/space")["dates"]
    take(world.ada, *(going(date["date"]) for date in dates))


def looking(world: World) -> None:
    """Let Ada do as in `at_rest`, and read everything again and again."""
    at_rest(world)
    wait = world.wait

    def reading(delta: timedelta) -> None:
        wait(delta)
        held = world.ada.get("/me/held?limit=100")["items"]
        for item in held:
            world.ada.get(f"/{ {'date': 'dates', 'note': 'notes', 'idea': 'activities'}[item['kind']] }/{item['id']}")
        for path in ("/today", "/dates", "/notes?from=partner", "/inbox", "/suggestions", "/me"):
            world.ada.get(path)

    world.wait = reading  # type: ignore[method-assign]


def coming_and_going(world: World) -> None:
    """Let Ada take and end space, release and dismiss in turn."""
    at_rest(world)
    wait, steps = world.wait, iter(range(1000))

    def moving(delta: timedelta) -> None:
        wait(delta)
        step = next(steps) % 6
        if step in (1, 4):
            end(world.ada)
        elif step in (2, 5):
            world.ada.post(f"/me/held/{'release' if step == 2 else 'dismiss'}", status=200)
        else:
            at_rest(world)

    world.wait = moving  # type: ignore[method-assign]


def at_a_quiet_pace(world: World) -> None:
    quieten(world.ada, pace=1)


def at_a_quiet_rhythm(world: World) -> None:
    quieten(world.ada, rhythm="apart")


IN_SPACE = [at_rest, looking]
QUIET = [coming_and_going, at_a_quiet_pace, at_a_quiet_rhythm]


def live_with(app: Flask, clock: Traveller, *acts: Act, is_short: bool = False) -> list[World]:
    """Return the worlds of the same couple, one with each act."""
    ada, ben = strangers(app, "Ada", "Ben")
    pair(ben, ada)
    worlds = []
    for act in from_here(World(clock, ada, ben), *acts):
        worlds.append(World(clock, ada, ben))
        story(worlds[-1], act, is_short)
    return worlds


def nothing(world: World) -> None:
    """Do nothing private, in the twin world."""


# Each database has one twin world without an act, which all worlds with an act are compared with.
@in_turn("acts", {"comings and goings, and quiet choices": QUIET, "space": IN_SPACE})
def test_the_sender_cannot_tell(app: Flask, stopped_clock: Traveller, acts: list[Act]) -> None:
    *worlds, twin = live_with(app, stopped_clock, *acts, nothing)
    differences = {act.__name__: difference(world, twin) for act, world in zip(acts, worlds, strict=True)}
    assert not any(differences.values()), differences


def test_the_comparison_notices_a_space_with_a_message(app: Flask, stopped_clock: Traveller) -> None:
    def take_with_message(world: World) -> None:
        dates = world.ada.get("/me/space")["dates"]
        take(world.ada, *(going(date["date"]) for date in dates), kind="said", sentence="time")

    here, there = live_with(app, stopped_clock, take_with_message, nothing, is_short=True)
    seen = {line.asked for line in here.lines if line not in there.lines}
    assert {"GET /couple ", "GET /inbox ", "phone"} <= seen
