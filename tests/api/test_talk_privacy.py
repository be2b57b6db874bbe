"""Test what a talk tells: nothing of who paused or stopped, and nothing of a space or a quiet choice."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Flask
from time_machine import Traveller

from planner.contact.contact_log import ContactEvent
from planner.storage import db
from planner.talks.talks import Talk
from tests.conftest import NOON
from tests.people import Cast, Person, pair
from tests.racing import strangers
from tests.spaces import end, held, take, unannounced
from tests.talks import GUIDE, HOUR, MINUTE, begun, current, move, news, open_talk, start
from tests.twins import World, difference, from_here


def test_nothing_tells_who_paused_or_stopped(cast: Cast, stopped_clock: Traveller) -> None:
    """Play a talk that Alice or Bob pauses and stops, and compare all that is stored and exported."""
    records = []
    for mover in (cast.alice, cast.bob):
        talk = begun(cast.alice, cast.bob)
        move(mover, "pause", talk)
        move(mover, "stop", talk)
        with db.connection():
            (row,) = db.fetch_all(Talk.select(*[field for field in Talk._meta.sorted_fields if field.name != "id"]))
            Talk.delete().execute()
            ContactEvent.delete().execute()
        records.append(row)
    assert records[0] == records[1]


def test_a_talk_waits_unseen_for_a_person_in_space(alice: Person, bob: Person, stopped_clock: Traveller):
    take(bob)
    stopped_clock.shift(MINUTE)
    talk = open_talk(alice)
    assert (current(bob), bob.get("/today")["talk"], news(bob)) == (None, None, [])
    bob.get(f"/talks/{talk['id']}", 404)
    move(bob, "stop", talk, 404)
    assert held(bob) == [], "it is gone within the hour"
    assert not bob.get("/today")["space"]["held"]
    assert open_talk(bob, 409)["reason"] == "in_space"
    end(bob)
    assert alice.get(f"/talks/{talk['id']}")["state"] == "preparing"


def test_a_person_in_space_can_stop_a_talk_that_was_open_before(alice: Person, bob: Person):
    talk = begun(alice, bob)
    take(bob)
    assert current(bob)["id"] == talk["id"]
    move(bob, "stop", talk)
    assert alice.get(f"/talks/{talk['id']}")["state"] == "stopped"


def test_a_reminder_to_resume_does_not_reach_a_person_in_space(alice: Person, bob: Person, stopped_clock: Traveller):
    talk = begun(alice, bob)
    move(alice, "pause", talk, resume_at=(NOON + HOUR).isoformat())
    take(bob)
    stopped_clock.shift(HOUR)
    assert (news(alice), news(bob)) == (["talk_resumes"], [])
    assert "talk_resumes" not in unannounced(bob)


def test_a_guide_above_a_quiet_pace_is_held(alice: Person, bob: Person):
    bob.put("/me/pace", {"pace": 2, "quietly": True})
    talk = open_talk(alice)
    assert current(bob) is None
    assert news(bob) == []
    bob.get(f"/talks/{talk['id']}", 404)
    calm = open_talk(bob, guide="how-often-how-close")
    assert current(alice)["id"] in (calm["id"], talk["id"])
    assert start(alice, bob, calm["id"])["state"] == "running"
    assert current(alice)["id"] == current(bob)["id"] == calm["id"]


Act = Callable[[Person], object]
PRIVATE: dict[str, Act] = {
    "quiet space": lambda ada: take(ada),
    "a quiet pace": lambda ada: ada.put("/me/pace", {"pace": 2, "quietly": True}),
    "a quiet rhythm": lambda ada: ada.put("/me/rhythm", {"rhythm": "apart", "quietly": True}),
    "reading the guides and the talk": lambda ada: (ada.get("/guides"), current(ada)),
}


def test_a_private_act_of_the_partner_changes_nothing_for_the_opener(app: Flask, stopped_clock: Traveller) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    pair(ada, ben)
    worlds = []
    acts: tuple[Act, ...] = (lambda ada: ada.get("/me"), *PRIVATE.values())
    for act in from_here(World(stopped_clock, ada, ben), *acts):
        world = World(stopped_clock, ada, ben)
        ids = [str(UUID(int=number, version=4)) for number in range(9)]
        world.ask("POST", "/talks", {"id": ids[0], "guide": GUIDE})
        world.wait(5 * MINUTE)
        act(ada)
        world.wait(MINUTE)
        world.ask("POST", f"/talks/{ids[0]}/ready", {})
        world.look(f"/talks/{ids[0]}")
        world.wait(HOUR)
        world.look(f"/talks/{ids[0]}")
        world.ask("POST", "/talks", {"id": ids[1], "guide": "how-often-how-close"})
        world.look(f"/talks/{ids[1]}")
        world.ask("POST", f"/talks/{ids[1]}/stop", {})
        world.ask("POST", "/talks", {"id": ids[2], "guide": GUIDE})
        world.wait(2 * HOUR)
        world.look(*(f"/talks/{each}" for each in ids[:3]))
        worlds.append(world)
    for name, world in zip(PRIVATE, worlds[1:], strict=True):
        assert difference(worlds[0], world) is None, name
