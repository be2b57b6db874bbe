"""Twin worlds: a quiet space does not show in the rituals of the partner, though their dates come meanwhile."""

from __future__ import annotations

from datetime import timedelta

from tests.api.test_calendar_feed import fetch, make
from tests.people import pair
from tests.racing import strangers
from tests.rituals import agreed_ritual, tick
from tests.spaces import going, take
from tests.twins import Line, World, difference, from_here

READ = (
    "/dates?show=upcoming&limit=100",
    "/dates?from=2027-01-01&to=2027-02-28&limit=100",
    "/rituals",
    "/inbox?limit=100",
    "/today?idea=false",
)


def nothing(world):
    """Do nothing private, in the twin world."""


def in_space(world):
    """Let Ada take quiet space, and go to the dates that exist already."""
    take(world.ada, *(going(view["date"]) for view in world.ada.get("/me/space")["dates"]))


def ending_it(world):
    """Let Ada end her space after a week, when a date has come in it."""
    in_space(world)
    wait = world.wait

    def waiting(delta):
        wait(delta)
        world.ada.delete("/me/space")

    world.wait = waiting


def test_dates_of_a_ritual_that_come_in_quiet_space_look_alike(app, stopped_clock):
    ada, ben = strangers(app, "Ada", "Ben")
    pair(ben, ada)
    agreed_ritual(ben, ada)
    feed, worlds = make(ben), []
    for act in from_here(World(stopped_clock, ada, ben), nothing, in_space, ending_it):
        world = World(stopped_clock, ada, ben)
        act(world)
        for _ in range(3):
            world.wait(timedelta(days=7))
            tick()
            for path in READ:
                world.read(path)
            world.lines.append(Line("feed", fetch(ben, feed).get_data(as_text=True)))
        worlds.append(world)
    assert len(worlds[0].lines) >= 15
    assert worlds[0].lines[-1].answer.count("RRULE") == 1
    assert [difference(worlds[0], world) for world in worlds[1:]] == [None, None]
