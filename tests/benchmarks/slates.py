"""Slates as their readers would see them: `python -m tests.benchmarks.slates` prints twenty, to be read with a pencil.

Twenty couples and loners, each with a profile, votes on two days of cards by a rule that stands for a taste, and some
dates behind them, ask what to do. What a reader sees is all that is printed; there is nothing to pass or fail.
`--only 3` prints the third.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import time_machine

from api.app import create_app
from planner.accounts import passwords, sessions
from planner.catalogue import activities, sync
from planner.dates import feedback, lifecycle
from planner.dates.feedback import Feedback
from planner.dates.slots import SlotRequest
from planner.schema import upgrade
from planner.settings import Settings
from planner.storage import db
from seeds import reader
from tests.conftest import NOON
from tests.people import Person, pair
from tests.racing import strangers

Card = dict[str, Any]
Likes = Callable[[Card], bool]


def tags(*words: str) -> Likes:
    """Likes whatever carries one of the words, as a tag or a category."""
    return lambda card: bool({*card["tags"], card["category"]} & set(words))


@dataclass
class Reader:
    """Who asks: a profile and a taste for each (one for somebody alone), and the question."""

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
    Reader("Somebody alone, new here", tastes=(tags(),)),
    Reader("Somebody alone who is sad and has little energy", tastes=(tags("rest", "calm", "walk"),), query="energy=1"),
    Reader("Somebody alone with an afternoon", tastes=(tags("art", "craft", "skill"),),
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


def main() -> None:
    """Make them, ask, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.slates")
    parser.add_argument("--only", type=int, default=None, help="one of them, by number")
    wanted = parser.parse_args().only
    passwords.set_cost("cheapest")
    with tempfile.TemporaryDirectory(prefix="rekindle-slates-") as folder, time_machine.travel(NOON, tick=False) as now:
        db.open_database(f"sqlite:///{folder}/slates.sqlite3")
        upgrade()
        with db.connection():
            sync.sync(reader.shipped(), NOON)
        app = create_app(Settings(password_cost="cheapest"))
        for number, one in enumerate(READERS, 1):
            now.move_to(NOON)
            if wanted in (None, number):
                print(f"\n{number}. {one.name}")
                _print(one, _live(one, app, now))
        db.dispose()


def _live(one: Reader, app: Any, now: Any) -> Person:
    """Two days of cards, some dates, and the day after."""
    alone = len(one.tastes) == 1
    people = strangers(app, *(["Kim"] if alone else ["Kim", "Robin"]))
    if not alone:
        pair(people[0], people[1], one.rhythm)
    for person, profile in zip(people, one.profiles, strict=False):
        person.put("/me/profile", {"interests": [], "causes": [], **profile})
    start = NOON - timedelta(days=30)
    for days, slug in enumerate(one.done):
        _do(people, slug, start + timedelta(days=9 * days), one.feelings)
    for day in range(2):
        now.move_to(NOON - timedelta(days=3 - day))
        for place, person in enumerate(people[: len(one.tastes)]):
            for card in person.get("/deck")["items"]:
                vote = "never" if place and one.nevers(card) else "like" if one.tastes[place](card) else "pass"
                person.put(f"/activities/{card['id']}/vote", {"vote": vote})
    now.move_to(NOON)
    return people[0]


def _do(people: list[Person], slug: str, day: datetime, feelings: tuple[str, ...]) -> None:
    with db.connection():
        actors = [sessions.authenticate(person.token, day) for person in people]
        activity = next(card.id for card in activities.snapshot().active if card.content.slug == slug)
        plan = lifecycle.propose(
            actors[0],
            activity,
            [SlotRequest((day + timedelta(days=1)).replace(tzinfo=None), "UTC", 60)],
            None,
            None,
            day,
        )
        plan = lifecycle.accept(actors[1], plan.id, plan.version, plan.slots[0].id, day)
        plan = lifecycle.complete(actors[0], plan.id, plan.version, day + timedelta(days=2))
        for viewer, feeling in zip(actors, feelings, strict=True):
            feedback.put(viewer, plan.id, Feedback(feeling, None), day + timedelta(days=2))


def _print(one: Reader, person: Person) -> None:
    found = person.get(f"/suggestions?{one.query}")
    print(f"   asked: {one.query or 'nothing in particular'}; for {found['party']}")
    for idea in found["items"]:
        card = idea["activity"]
        times = "; ".join(f"{slot['wall'][5:]} ({slot['minutes']} min)" for slot in idea["slots"])
        print(f"   - {card['title']} [{card['category']}, {card['setting']}, pace {card['pace']}]")
        print(f"     {card['summary']}")
        print(f"     {' · '.join(reason['text'] for reason in idea['reasons'])}{' | ' + times if times else ''}")
    for wish in found["relax"]:
        print(f"   without {wish['limit']}, {wish['fitting']} would fit")


if __name__ == "__main__":
    main()
