"""Print twenty slates as their readers would see them, for review by eye: `python -m tests.benchmarks.slates`.

Twenty couples and single people ask what to do. Each has a profile, two days of votes by a simple rule of preference,
and some past dates. The output holds only what a reader sees; nothing passes or fails. `--only 3` prints the third.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import time_machine
from flask import Flask

from api.app import create_app
from planner.accounts import passwords, sessions
from planner.catalogue import activities, sync
from planner.dates import feedback, lifecycle, proposals
from planner.dates.feedback import Feedback
from planner.dates.proposals import DateRequest
from planner.dates.slots import SlotRequest
from planner.schema import upgrade
from planner.settings import Settings
from planner.storage import db
from seeds import reader as seeds_reader
from tests.conftest import NOON
from tests.people import Person, pair
from tests.racing import strangers

Card = dict[str, Any]
Likes = Callable[[Card], bool]


def tags(*words: str) -> Likes:
    """Return a rule that likes every card with one of the words as a tag or a category."""
    return lambda card: bool({*card["tags"], card["category"]} & set(words))


@dataclass
class Reader:
    """A reader: profile and preference rule of each person (one for a single person), and the request."""

    name: str
    rhythm: str = "together"
    tastes: tuple[Likes, ...] = (tags("walk"), tags("food"))
    profiles: tuple[dict[str, Any], ...] = ()
    nevers: Likes = lambda card: False
    query: str = ""
    done: tuple[str, ...] = ()
    feelings: tuple[str, ...] = ("lighter", "lighter")


READERS = [
    Reader("A tired couple with a baby and no money", tastes=(tags("rest", "calm", "food"), tags("film", "games")),
           profiles=({"cost_band": 0, "children": "asleep"}, {"children": "asleep"}), query="energy=2"),
    Reader("Two apart, at pace 2", "apart", (tags("coffee", "talking"), tags("walk", "nature"))),
    Reader("One of them uses a wheelchair", tastes=(tags("art", "music"), tags("food", "games")),
           profiles=({"access": ["step_free", "seated"]},)),
    Reader("A bored wealthy pair", tastes=(tags("first_time", "new_hobby"), tags("theatre", "treat", "art")),
           profiles=({"dislikes": ["chores", "repair"]}, {"dislikes": ["chores", "planning"]}), query="day=2026-12-12",
           done=("market-stall-lunch", "three-pictures-each-at-the-gallery", "jigsaw-race-against-the-clock")),
    Reader("Long distance", "gentle", (tags("letters", "film", "apart"), tags("games", "apart")),
           query="category=apart,talk,play"),
    Reader("One who loves people and one who loves quiet",
           tastes=(tags("dance", "games", "sport"), tags("reading", "calm"))),
    Reader("They like nothing in common", tastes=(tags("outdoors", "move"), tags("make", "craft", "play"))),
    Reader("They like all the same", tastes=(tags("food", "cook_taste"), tags("food", "cook_taste"))),
    Reader("Nothing known of either", tastes=()),
    Reader("Single, new here", tastes=(tags(),)),
    Reader("Single, sad, with little energy", tastes=(tags("rest", "calm", "walk"),), query="energy=1"),
    Reader("Single, with a free afternoon", tastes=(tags("art", "craft", "skill"),),
           query="when=2026-11-28T13:00/2026-11-28T18:00"),
    Reader("Parents with children around on a wet Sunday", profiles=({"children": "present"}, {"children": "present"}),
           query="when=2026-11-29T09:00/2026-11-29T18:00&setting=home"),
    Reader("One hard of hearing, one with low vision",
           profiles=({"access": ["low_hearing"]}, {"access": ["low_vision"]})),
    Reader("Forty minutes on a Tuesday evening", query="when=2026-11-24T20:00/2026-11-24T20:40"),
    Reader("A free weekend", tastes=(tags("hike", "water", "train"), tags("history", "food")),
           query="when=2026-12-11T18:00/2026-12-13T20:00"),
    Reader("Night owls", query="from=22:00&to=02:00"),
    Reader("The last dates pleased her and not him", tastes=(tags("art", "theatre"), tags("sport", "games")),
           done=("market-stall-lunch", "three-pictures-each-at-the-gallery"), feelings=("lighter", "heavier")),
    Reader("He said never to everything outdoors", tastes=(tags("nature", "walk"), tags("games")),
           nevers=tags("outdoors")),
    Reader("A question that almost nothing fits", profiles=({"cost_band": 0, "settings": ["home"]},),
           query="minutes=20&category=getaway,culture&energy=1"),
]  # fmt: skip


@contextmanager
def shipped_app() -> Iterator[tuple[Flask, time_machine.Traveller]]:
    """Open a new database with the shipped catalogue. Yield its app, and a clock that stands still at noon."""
    passwords.set_cost("cheapest")
    with tempfile.TemporaryDirectory(prefix="rekindle-") as folder, time_machine.travel(NOON, tick=False) as clock:
        db.open_database(f"sqlite:///{folder}/shipped.sqlite3")
        upgrade()
        with db.connection():
            sync.sync(seeds_reader.shipped(), NOON)
        yield create_app(Settings(password_cost="cheapest")), clock
        db.dispose()


def main() -> None:
    """Create the readers, ask, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.slates")
    parser.add_argument("--only", type=int, default=None, help="one of them, by number")
    chosen = parser.parse_args().only
    with shipped_app() as (app, now):
        for number, reader in enumerate(READERS, 1):
            now.move_to(NOON)
            if chosen in (None, number):
                print(f"\n{number}. {reader.name}")
                _print(reader, _live(reader, app, now))


def _live(reader: Reader, app: Any, now: Any) -> Person:
    """Vote on two days of cards, do some dates, and move to the day after."""
    single = len(reader.tastes) == 1
    people = strangers(app, *(["Kim"] if single else ["Kim", "Robin"]))
    if not single:
        pair(people[0], people[1], reader.rhythm)
    for person, profile in zip(people, reader.profiles, strict=False):
        person.put("/me/profile", {"interests": [], "causes": [], **profile})
    start = NOON - timedelta(days=30)
    for days, slug in enumerate(reader.done):
        _do(people, slug, start + timedelta(days=9 * days), reader.feelings)
    for day in range(2):
        now.move_to(NOON - timedelta(days=3 - day))
        for place, person in enumerate(people[: len(reader.tastes)]):
            for card in person.get("/deck")["items"]:
                vote = "never" if place and reader.nevers(card) else "like" if reader.tastes[place](card) else "pass"
                person.put(f"/activities/{card['id']}/vote", {"vote": vote})
    now.move_to(NOON)
    return people[0]


def _do(people: list[Person], slug: str, day: datetime, feelings: tuple[str, ...]) -> None:
    with db.connection():
        viewers = [sessions.authenticate(person.token, day) for person in people]
        activity = next(card.id for card in activities.snapshot().active if card.content.slug == slug)
        slots = [SlotRequest((day + timedelta(days=1)).replace(tzinfo=None), "UTC", 60)]
        plan = proposals.propose(viewers[0], DateRequest(activity, slots), None, day)
        plan = lifecycle.accept(viewers[1], plan.id, {plan.version}, plan.slots[0].id, day)
        plan = lifecycle.complete(viewers[0], plan.id, {plan.version}, day + timedelta(days=2))
        for viewer, feeling in zip(viewers, feelings, strict=True):
            feedback.put(viewer, plan.id, Feedback(feeling, None), day + timedelta(days=2))


def _print(reader: Reader, person: Person) -> None:
    suggestions = person.get(f"/suggestions?{reader.query}")
    print(f"   asked: {reader.query or 'nothing in particular'}; for {suggestions['party']}")
    for idea in suggestions["items"]:
        card = idea["activity"]
        times = "; ".join(f"{slot['wall'][5:]} ({slot['minutes']} min)" for slot in idea["slots"])
        print(f"   - {card['title']} [{card['category']}, {card['setting']}, pace {card['pace']}]")
        print(f"     {card['summary']}")
        print(f"     {' · '.join(reason['text'] for reason in idea['reasons'])}{' | ' + times if times else ''}")
    for relaxation in suggestions["relax"]:
        print(f"   without {relaxation['limit']}, {relaxation['fitting']} would fit")


if __name__ == "__main__":
    main()
