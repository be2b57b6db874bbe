"""Twin worlds: with a private act and without it. Whatever the other is answered must be the same in both.

    python -m tests.campaigns.twins [PAIRS] [SEED]

Two people live a few days together. Then the same world is lived on twice, by the same script: in one, Ada does
something that is hers alone; in its twin she does not. Ben asks for all that he may ask for, and his phone rings.
What Ada's own choice keeps her from doing, she does in neither.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from time_machine import Traveller

from planner import clock as present
from planner import scheduler
from tests.campaigns import ground, scripts
from tests.campaigns.scripts import MOVES, Asked, Move
from tests.conftest import NOON
from tests.people import Person, pair
from tests.racing import strangers
from tests.twins import CHOSEN_FOR_TWO, World, difference, from_here

SELDOM = ("/activities?limit=100&q=ducks", "/activities?limit=100", "/suggestions?party=one")
NEVER = datetime.max.replace(tzinfo=UTC)
# A while later: what was held is set aside after thirty days, what both asked for begins on the next morning.
LATER = (timedelta(days=1), timedelta(days=7), timedelta(days=31))


@dataclass
class Story(World):
    """One world, lived in by a script. From `tilted_from` on, what is chosen for the two may show what Ada thinks."""

    tilted_from: datetime
    ends: datetime
    refused: set[int] = field(default_factory=set)
    done: Counter[str] = field(default_factory=Counter)

    def look(self, *more: str) -> None:
        """As any world is looked at, and at what is chosen for the two while it must be alike."""
        super().look(*more, *(CHOSEN_FOR_TWO if present.utcnow() < self.tilted_from else ()))

    def live(self, moves: list[Move], kind: Kind | None, follows: Story | None = None) -> None:
        """Live through a script; with a kind, its private acts in between. `follows` says what was refused there."""
        for number, move in enumerate(moves):
            pause = timedelta(minutes=move.minutes, seconds=1)
            if present.utcnow() + pause >= self.ends:
                return
            self.wait(pause)
            if kind:
                kind.between(self, random.Random(move.seed + 1))
            if not (follows and number in follows.refused):
                self._make(number, move)
            if kind:
                kind.afterwards(self)
            if move.looks or move.what == "travel":
                self.look()

    def _make(self, number: int, move: Move) -> None:
        person = self.ada if move.who == "ada" else self.ben
        chance = random.Random(move.seed)
        for what in (move.what, "answer", "propose"):  # the first of these that there is something to do with
            if asked := MOVES[what](person, chance):
                break
        else:
            return
        if person is self.ben:
            status = self.ask(asked.method, asked.path, asked.body, **asked.headers).status_code
        else:
            status = send(person, asked)
            if status >= 300:
                self.refused.add(number)
        assert status < 500, (move, asked, status)
        self.done["done" if status < 300 else "refused"] += 1

    def later(self, kind: Kind | None) -> None:
        """Some quiet weeks."""
        for pause in LATER:
            if present.utcnow() + pause >= self.ends:
                return
            self.wait(pause)
            scheduler.run_housekeeping(present.utcnow())
            if kind:
                kind.afterwards(self)
            self.look(*SELDOM)


def send(person: Person, asked: Asked) -> int:
    """Make a request; its status."""
    return person.request(asked.method, asked.path, asked.body, **asked.headers).status_code


@dataclass
class Kind:
    """One kind of private act: `act` at first, then sometimes one of `more`, and `then` after each move."""

    act: Callable[[Story, random.Random], None]
    more: tuple[Callable[[Story, random.Random], None], ...] = ()
    then: Callable[[Story], None] | None = None
    tilts: bool = False
    """Whether it is a word on activities: from the next day on, it counts for what is suggested to the two."""
    matches: bool = False
    """Whether both may like the same, which shows from the next day on: the story ends before."""

    def between(self, story: Story, chance: random.Random) -> None:
        """Maybe something more in private."""
        if self.more and chance.random() < 0.5:
            chance.choice(self.more)(story, chance)

    def afterwards(self, story: Story) -> None:
        """What follows each move."""
        if self.then:
            self.then(story)


def privately(name: str) -> Callable[[Story, random.Random], None]:
    """A move of the scripts that nobody else sees."""

    def act(story: Story, chance: random.Random) -> None:
        if asked := MOVES[name](story.ada, chance):
            send(story.ada, scripts.apart(asked))

    return act


def put(path: str, body: dict[str, Any]) -> Callable[[Story, random.Random], None]:
    """A setting of Ada's own."""

    def act(story: Story, chance: random.Random) -> None:
        assert send(story.ada, Asked("PUT", path, body)) < 300, body

    return act


def choose_pace(step: int, quietly: bool) -> Callable[[Story, random.Random], None]:
    """Less in private, or more as a wish."""

    def act(story: Story, chance: random.Random) -> None:
        pace = story.ada.get("/me")["couple"]["pace"]
        asked = max(1, pace - chance.randint(1, 2)) if step < 0 else min(5, pace + step)
        if asked != pace:
            put("/me/pace", {"pace": asked, "quietly": quietly})(story, chance)

    return act


def choose_rhythm(step: int, quietly: bool) -> Callable[[Story, random.Random], None]:
    """Calmer in private, or livelier as a wish."""

    def act(story: Story, chance: random.Random) -> None:
        names = ("apart", "gentle", "together")
        asked = names.index(story.ada.get("/me")["couple"]["rhythm"]) + step
        if 0 <= asked < len(names):
            put("/me/rhythm", {"rhythm": names[asked], "quietly": quietly})(story, chance)

    return act


def take_space(story: Story, chance: random.Random) -> None:
    """Quiet space; all dates are gone to, since a date that is off is seen."""
    going = [{"date": date, "going": True} for date in scripts.dates_ahead(present.utcnow())]
    story.ada.put("/me/space", {"kind": "quiet", "dates": going})


def go_to_all(story: Story) -> None:
    """What Ben agrees to meanwhile, Ada goes to as well: in space, silence would call it off."""
    if story.ada.get("/me/space")["kind"]:
        take_space(story, random.Random())


def in_space(story: Story, chance: random.Random) -> None:
    """Look at what is held, or come back, or settle it; and perhaps take space again."""
    what = chance.choice(["held"] * 6 + ["end", "release", "dismiss", "again"])
    if what == "held":
        for one in story.ada.get("/me/held")["items"]:
            story.ada.get(f"/{one['kind'].replace('idea', 'activitie')}s/{one['id']}")
    elif what == "end":
        story.ada.delete("/me/space")
    elif what == "again":
        take_space(story, chance)
    else:
        story.ada.post(f"/me/held/{what}", {}, 200)


def take_back(story: Story, chance: random.Random) -> None:
    """Take back a vote."""
    cards = [one for one in story.ada.get("/deck")["items"] if one.get("vote")]
    if cards:
        story.ada.delete(f"/activities/{chance.choice(cards)['id']}/vote")


def both_have_cards(story: Story) -> None:
    """The same, of which Ben likes all."""
    story.ada.get("/deck")
    for card in story.ben.get("/deck")["items"]:
        story.ben.put(f"/activities/{card['id']}/vote", {"vote": "like"})


def like_together(story: Story, chance: random.Random) -> None:
    """A like of something that Ben likes."""
    cards = [one["id"] for one in story.ada.get("/deck")["items"] if not one["vote"]]
    if cards:
        story.ada.put(f"/activities/{chance.choice(cards)}/vote", {"vote": "like"})


def say(word: str) -> Callable[[Story, random.Random], None]:
    """One vote on a card of the day."""

    def act(story: Story, chance: random.Random) -> None:
        if asked := MOVES["vote"](story.ada, chance):
            send(story.ada, asked._replace(body={"vote": word}))

    return act


ALONE = tuple(privately(name) for name in ("write", "idea", "see", "plan_alone", "say_how"))

KINDS = {
    "a life of one's own": Kind(privately("write"), ALONE, tilts=True),
    "quiet space": Kind(take_space, (in_space,), go_to_all),
    "a pace quietly lowered": Kind(choose_pace(-1, True), (choose_pace(-1, True), *ALONE[:2])),
    "a rhythm quietly calmed": Kind(choose_rhythm(-1, True), ALONE[:2]),
    "a single wish for more": Kind(choose_pace(1, False), (choose_pace(1, False), choose_pace(0, False))),
    "a single livelier rhythm": Kind(choose_rhythm(1, False), ALONE[:2]),
    "single likes": Kind(say("like"), (say("like"), take_back), tilts=True),
    "single passes": Kind(say("pass"), (say("pass"), take_back), tilts=True),
    "likes of what both like": Kind(
        like_together, (like_together, like_together, take_back, take_space), go_to_all, tilts=True, matches=True
    ),
    "nevers": Kind(say("never"), (say("never"), take_back), tilts=True),
}


def twins(app: Flask, clock: Traveller, kind: Kind, seed: int, moves: int = 24) -> tuple[str | None, Counter[str]]:
    """One pair of worlds: the first difference that Ben could see, or None; and what was done in them."""
    chance = random.Random(seed)
    ground.empty()
    clock.move_to(NOON + timedelta(minutes=chance.randrange(7 * 24 * 60), seconds=17))
    ada, ben = strangers(app, "Ada", "Ben")
    pair(ada, ben, chance.choice(["together", "together", "together", "gentle", "apart"]))
    before, after = scripts.script(chance, moves // 3), scripts.script(chance, moves, restless=kind.matches)
    first = Story(clock, ada, ben, NEVER, NEVER)
    if kind.matches:
        first.wait(_tomorrow() - present.utcnow())
        both_have_cards(first)
    else:
        first.live(before, None)
    # Own offers that Ben accepts while she is away would be called off, which can be seen: she takes them back first.
    while asked := MOVES["withdraw"](ada, chance):
        if send(ada, asked) >= 300:
            break
    tomorrow = _tomorrow()
    found: list[Story] = []
    for one in from_here(first, kind, None):
        story = Story(clock, ada, ben, tomorrow if kind.tilts else NEVER, tomorrow if kind.matches else NEVER)
        if one:
            one.act(story, random.Random(seed))
        story.look()
        story.live(after, one, *found)
        story.later(one)
        found.append(story)
    return difference(*found), found[0].done


def _tomorrow() -> datetime:
    """When Ada's next day begins."""
    return present.utcnow().replace(hour=0, minute=0, second=0) + timedelta(days=1)


def campaign(name: str, app: Flask, clock: Traveller, pairs: int, seed: int) -> bool:
    """That many pairs of each kind; whether they were all alike."""
    alike = True
    for title, kind in KINDS.items():
        began, done, different = time.monotonic(), Counter[str](), list[int]()
        for one in range(seed, seed + pairs):
            found, what = twins(app, clock, kind, one)
            done += what
            if found:
                different.append(one)
                print(f"{name}, {title}, seed {one}: {found[:3000]}", flush=True)
        figures = f"{pairs} pairs, {done['done']} moves and {done['refused']} refused, {len(different)} told apart"
        print(f"{name}, {title} (seeds from {seed}): {figures}, {time.monotonic() - began:.0f} s", flush=True)
        alike = alike and not different
    return alike


def main(pairs: int, seed: int) -> None:
    """Both databases; fails when any two worlds could be told apart."""
    found: list[bool] = []
    ground.on_both(lambda name, app, clock: found.append(campaign(name, app, clock, pairs, seed)))
    if not all(found):
        sys.exit("a private act can be seen")


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:]]
    main(*(numbers[:1] or [200]), *(numbers[1:2] or [random.randrange(10**6)]))
