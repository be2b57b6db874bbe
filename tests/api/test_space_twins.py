"""Quiet means quiet: with and without a private act of the other's, the sender hears the same for days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.dates import START, light, slot
from tests.spaces import DAY, HOUR, MINUTE, end, going, quieten, take
from tests.twins import World, copies, databases, differences

# The ids that a client makes are the same in both worlds.
IDS = [str(uuid4()) for _ in range(40)]


@pytest.fixture
def urls(request, tmp_path) -> Iterator[tuple[str, str]]:
    if request.param == "sqlite":
        yield copies(request.getfixturevalue("sqlite_template"), tmp_path)
        return
    with databases(request.getfixturevalue("postgresql_server"), request.getfixturevalue("postgresql_template")) as two:
        yield two


def story(world: World, act) -> None:
    """A week of somebody who writes to one who may have taken space meanwhile."""
    me, them, fresh = world.sender, world.receiver, iter(IDS)

    def propose(who: Any, start, activity=None) -> dict[str, Any]:
        # At one instant, random ids would decide about the order.
        world.clock.shift(MINUTE)
        body = {"id": next(fresh), "activity": activity or light(me), "slots": [slot(start)]}
        return who("POST", "/dates", body)

    def theirs(method: str, path: str, body: Any = None) -> Any:
        return them.request(method, path, body).get_json()

    # What both know of before: two agreed dates, an offer each way, notes.
    agreed = []
    for days in (1, 4):
        date = propose(world.ask, START + days * DAY)
        world.clock.shift(MINUTE)
        theirs("POST", f"/dates/{date['id']}/accept", {"version": 1, "slot": date["slots"][0]["id"]})
        world.clock.shift(MINUTE)
        agreed.append(date["id"])
    open_mine = propose(world.ask, START + 5 * DAY)["id"]
    their_offers = [propose(theirs, START + days * DAY) for days in (6, 7, 8)]
    note = world.ask("POST", "/notes", {"id": next(fresh), "kind": "effort", "body": "You waited."})["id"]
    world.ask("POST", f"/notes/{note}/share", {"version": 1})
    world.wait(HOUR)
    act(world)
    world.wait(MINUTE)
    known = {"date_id": agreed[0], "note_id": note, "activity_id": light(me)}
    world.look_around(known)
    # Something new of every kind, and what follows from it.
    duck = world.ask("POST", "/activities", {"id": next(fresh), "title": "Feed the ducks", "category": "outdoors"})[
        "id"
    ]
    of_duck = propose(world.ask, START + 9 * DAY, duck)
    world.wait(MINUTE)
    world.ask("PATCH", f"/activities/{duck}", {"title": "Feed more ducks"}, If_Match='"1"')
    world.ask("PATCH", f"/notes/{note}", {"body": "You waited long."}, If_Match='"1"')
    for number in range(4):
        world.wait(MINUTE)
        fresh_note = world.ask("POST", "/notes", {"id": next(fresh), "kind": "memory", "body": f"Number {number}."})[
            "id"
        ]
        world.ask("POST", f"/notes/{fresh_note}/share", {"version": 1})
        world.ask("POST", f"/notes/{fresh_note}/share", {"version": 1})
    world.ask("POST", f"/notes/{fresh_note}/recall")
    close = next(one["id"] for one in world.ask("GET", "/activities?limit=100")["items"] if one["pace"] == 4)
    propose(world.ask, START + 10 * DAY, close)
    world.wait(MINUTE)
    world.look_around({**known, "date_id": of_duck["id"], "activity_id": duck})
    # Answers to what was open before.
    first, second, _ = their_offers
    world.ask("POST", f"/dates/{first['id']}/decline", {"version": 1, "answer": "another_time"})
    world.ask("POST", f"/dates/{second['id']}/counter", {"version": 1, "slots": [slot(START + 11 * DAY)]})
    world.ask("POST", f"/dates/{open_mine}/withdraw", {"version": 1})
    world.ask("POST", f"/dates/{of_duck['id']}/accept", {"version": 1, "slot": of_duck["slots"][0]["id"]})
    world.wait(MINUTE)
    world.ask("POST", f"/dates/{agreed[1]}/cancel", {"version": 2})
    for item in world.ask("GET", "/inbox")["items"][:2]:
        world.ask("POST", f"/inbox/{item['id']}/seen")
    world.look_around(known)
    # Days pass, with their reminders, lapses, and a date that takes place.
    for _ in range(4):
        world.wait(DAY / 2)
        world.look_around(known)
    world.clock.move_to(START + DAY + HOUR)
    world.wait(MINUTE)
    world.ask("POST", f"/dates/{agreed[0]}/complete", {"version": 2})
    world.ask("PUT", f"/dates/{agreed[0]}/outcome", {"feeling": "lighter"})
    for _ in range(2):
        world.wait(4 * DAY)
        world.look_around(known)
    world.ask("GET", "/dates?limit=2")
    world.ask("DELETE", f"/notes/{note}")
    world.look_around()


def at_rest(world: World) -> None:
    """Bob takes quiet space, goes to what was agreed, and looks at nothing."""
    dates = world.receiver.get("/me/space")["dates"]
    take(world.receiver, *(going(one["date"]) for one in dates))


def looking(world: World) -> None:
    """As `at_rest`, and reads all that there is, again and again."""
    at_rest(world)
    wait = world.wait

    def reading(delta: timedelta) -> None:
        wait(delta)
        held = world.receiver.get("/me/held?limit=100")["items"]
        for one in held:
            world.receiver.get(
                f"/{ {'date': 'dates', 'note': 'notes', 'idea': 'activities'}[one['kind']] }/{one['id']}"
            )
        for path in ("/today", "/dates", "/notes?from=partner", "/inbox", "/suggestions", "/me"):
            world.receiver.get(path)

    world.wait = reading  # type: ignore[method-assign]


def coming_and_going(world: World) -> None:
    """In and out of space, letting in and setting aside."""
    at_rest(world)
    wait, steps = world.wait, iter(range(1000))

    def moving(delta: timedelta) -> None:
        wait(delta)
        step = next(steps) % 6
        if step in (1, 4):
            end(world.receiver)
        elif step in (2, 5):
            world.receiver.post(f"/me/held/{'look' if step == 2 else 'discard'}", status=204)
        else:
            at_rest(world)

    world.wait = moving  # type: ignore[method-assign]


def at_a_quiet_pace(world: World) -> None:
    quieten(world.receiver, pace=1)


def at_a_quiet_rhythm(world: World) -> None:
    quieten(world.receiver, rhythm="apart")


ACTS = [at_rest, looking, coming_and_going, at_a_quiet_pace, at_a_quiet_rhythm]


@pytest.mark.parametrize(
    ("urls", "act"),
    # The longest of them on both databases; the statements are written alike for both.
    [*(("sqlite", act) for act in ACTS), ("postgresql", coming_and_going)],
    indirect=["urls"],
)
def test_the_sender_cannot_tell(urls, stopped_clock, act):
    assert UUID(IDS[0]).version == 4
    found = differences(urls, story, act, stopped_clock)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_the_comparison_sees_what_is_said(urls, stopped_clock):
    def said(world: World) -> None:
        dates = world.receiver.get("/me/space")["dates"]
        take(world.receiver, *(going(one["date"]) for one in dates), kind="said", sentence="time")

    found = differences(urls, story, said, stopped_clock)
    assert any("GET /couple: body" in one for one in found)
    assert any("GET /inbox: body" in one for one in found)
    assert any(one.startswith("carried outside") for one in found)
