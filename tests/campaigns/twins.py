"""Twin worlds: with a private act and without it. The partner must get the same answers in both.

    python -m tests.campaigns.twins [PAIRS] [SEED]

Two people live a few days together. Then the same world goes on twice, by the same script. In one world, Ada does
something private; in its twin she does not. Ben reads all that he can, and his phone rings. A move that Ada's choice
forbids her happens in neither world.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from time_machine import Traveller

from planner import clock as present
from planner import scheduler
from planner.calendars import free_windows
from planner.notifications import preferences
from planner.privacy import imports
from tests.calendars import calendar, event
from tests.campaigns import ground, scripts
from tests.campaigns.scripts import MOVES, Asked, Move
from tests.conftest import NOON
from tests.people import PASSWORD, Person, pair
from tests.photos import photo_of, read_none
from tests.racing import strangers
from tests.twins import CHOSEN_FOR_TWO, World, difference, from_here

SELDOM = ("/activities?limit=100&q=ducks", "/activities?limit=100", "/suggestions?for=one")
NEVER = datetime.max.replace(tzinfo=UTC)
# After thirty days, held things are dismissed. A raise that both partners asked for begins on the next day.
LATER = (timedelta(days=1), timedelta(days=7), timedelta(days=31))


@dataclass
class Story(World):
    """One world that follows a script. From `tilted_from` on, Ada's votes may change the lists for the couple."""

    tilted_from: datetime
    ends: datetime
    refused: set[int] = field(default_factory=set)
    done: Counter[str] = field(default_factory=Counter)

    def look(self, *more: str) -> None:
        """Let Ben read everything, and the lists for the couple as long as they must be alike."""
        super().look(*more, *(CHOSEN_FOR_TWO if present.utcnow() < self.tilted_from else ()))

    def live(self, moves: list[Move], kind: Kind | None, follows: Story | None = None) -> None:
        """Play a script, with the private acts of a kind in between. Skip the moves that `follows` was refused."""
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
        for what in (move.what, "answer", "propose"):  # the first of these that is possible now
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

    def later(self, kind: Kind | None, pauses: Sequence[timedelta]) -> None:
        """Let some quiet weeks pass."""
        for pause in pauses:
            if present.utcnow() + pause >= self.ends:
                return
            self.wait(pause)
            scheduler.run_housekeeping(present.utcnow())
            if kind:
                kind.afterwards(self)
            self.look(*SELDOM)


def send(person: Person, asked: Asked) -> int:
    """Send a request, and return its status."""
    return person.request(asked.method, asked.path, asked.body, **asked.headers).status_code


@dataclass
class Kind:
    """One kind of private act: `act` at first, then sometimes one of `more`, and `then` after each move."""

    act: Callable[[Story, random.Random], None]
    more: tuple[Callable[[Story, random.Random], None], ...] = ()
    then: Callable[[Story], None] | None = None
    tilts: bool = False
    """Whether the act is a vote, which counts for the couple's suggestions from the next day on."""
    matches: bool = False
    """Whether a match may come of it, which shows from the next day on. The story ends before."""

    def between(self, story: Story, chance: random.Random) -> None:
        """Sometimes do something more in private."""
        if self.more and chance.random() < 0.5:
            chance.choice(self.more)(story, chance)

    def afterwards(self, story: Story) -> None:
        """Do what follows each move."""
        if self.then:
            self.then(story)


def privately(name: str) -> Callable[[Story, random.Random], None]:
    """Return a private act: a move of the scripts that only Ada sees."""

    def act(story: Story, chance: random.Random) -> None:
        if asked := MOVES[name](story.ada, chance):
            send(story.ada, scripts.apart(asked))

    return act


def put(path: str, body: dict[str, Any]) -> Callable[[Story, random.Random], None]:
    """Return an act that changes a setting of Ada."""

    def act(story: Story, chance: random.Random) -> None:
        assert send(story.ada, Asked("PUT", path, body)) < 300, body

    return act


def choose_pace(step: int, quietly: bool) -> Callable[[Story, random.Random], None]:
    """Return an act that lowers the pace quietly, or asks for more."""

    def act(story: Story, chance: random.Random) -> None:
        pace = story.ada.get("/me")["couple"]["pace"]
        asked = max(1, pace - chance.randint(1, 2)) if step < 0 else min(5, pace + step)
        if asked != pace:
            put("/me/pace", {"pace": asked, "quietly": quietly})(story, chance)

    return act


def choose_rhythm(step: int, quietly: bool) -> Callable[[Story, random.Random], None]:
    """Return an act that calms the rhythm quietly, or asks for a livelier one."""

    def act(story: Story, chance: random.Random) -> None:
        names = ("apart", "gentle", "together")
        asked = names.index(story.ada.get("/me")["couple"]["rhythm"]) + step
        if 0 <= asked < len(names):
            put("/me/rhythm", {"rhythm": names[asked], "quietly": quietly})(story, chance)

    return act


def take_space(story: Story, chance: random.Random) -> None:
    """Take quiet space, and go to all dates, because the partner sees a date that is off."""
    going = [{"date_id": date, "going": True} for date in scripts.dates_ahead(present.utcnow())]
    story.ada.put("/me/space", {"kind": "quiet", "dates": going})


def go_to_all(story: Story) -> None:
    """Go to the dates that Ben has accepted since then: in space, an unanswered date is called off."""
    if story.ada.get("/me/space")["kind"]:
        take_space(story, random.Random())


def in_space(story: Story, chance: random.Random) -> None:
    """Read the held things, end the space, settle it, or take space again."""
    what = chance.choice(["held"] * 6 + ["end", "release", "dismiss", "again"])
    if what == "held":
        for thing in story.ada.get("/me/held")["items"]:
            story.ada.get(f"/{thing['kind'].replace('idea', 'activitie')}s/{thing['id']}")
    elif what == "end":
        story.ada.delete("/me/space")
    elif what == "again":
        take_space(story, chance)
    else:
        story.ada.post(f"/me/held/{what}", {}, 200)


def take_back(story: Story, chance: random.Random) -> None:
    """Take back a vote."""
    cards = [card for card in story.ada.get("/deck")["items"] if card.get("vote")]
    if cards:
        story.ada.delete(f"/activities/{chance.choice(cards)['id']}/vote")


def both_have_cards(story: Story) -> None:
    """Give both the same deck, and let Ben like all its cards."""
    story.ada.get("/deck")
    for card in story.ben.get("/deck")["items"]:
        story.ben.put(f"/activities/{card['id']}/vote", {"vote": "like"})


def like_together(story: Story, chance: random.Random) -> None:
    """Like a card that Ben likes."""
    cards = [card["id"] for card in story.ada.get("/deck")["items"] if not card["vote"]]
    if cards:
        story.ada.put(f"/activities/{chance.choice(cards)}/vote", {"vote": "like"})


def cast_vote(choice: str) -> Callable[[Story, random.Random], None]:
    """Return an act that votes on a card of the day."""

    def act(story: Story, chance: random.Random) -> None:
        if asked := MOVES["vote"](story.ada, chance):
            send(story.ada, asked._replace(body={"vote": choice}))

    return act


def read_feed(story: Story, chance: random.Random | None = None) -> None:
    """Make a new address for the calendar feed, and read the feed there. In space, there is none."""
    if story.ada.get("/me/space")["kind"] is None:
        address = story.ada.post("/calendar-feed", {"shows_titles": True})["address"]
        assert story.ada.app.test_client().get(address).status_code == 200


def end_feed(story: Story, chance: random.Random) -> None:
    """End the calendar feed."""
    story.ada.delete("/calendar-feed")


def import_calendar(story: Story, chance: random.Random) -> None:
    """Import a calendar that is busy for some hours or days."""
    start = present.utcnow() + timedelta(hours=chance.randint(0, 100))
    times = (f"{at:%Y%m%dT%H%M%SZ}" for at in (start, start + timedelta(hours=chance.randint(1, 60))))
    body = {"name": "Work", "text": calendar(event("1", *times)), "all_day": True}
    assert send(story.ada, Asked("POST", "/busy-calendars/files", body)) == 201


def keep_photo(story: Story, chance: random.Random) -> None:
    """Add a photo to a private memory, and perhaps delete it."""
    note = story.ada.post("/notes", {"kind": "memory", "body": "The bench."}, 201)["id"]
    with read_none():
        photo = story.ada.post("/photos", photo_of(note_id=note), 201)["id"]
    if chance.random() < 0.5:
        story.ada.delete(f"/photos/{photo}")


ALONE = tuple(privately(name) for name in ("write", "idea", "see", "plan_alone", "say_how", "promise"))


def set_hours(story: Story, chance: random.Random) -> None:
    """Let Ada be busy at some hours of each day."""
    hours = {"from": f"{chance.randrange(24):02}:00", "until": f"{chance.randrange(24):02}:00", "label": None}
    windows = [
        {"kind": kind, "weekdays": [chance.choice(free_windows.WEEKDAYS)], **hours} for kind in ("free", "never")
    ]
    story.ada.put(
        "/availability", {"windows": windows, "days": [], "version": story.ada.get("/availability")["version"]}
    )


def reflect(story: Story, chance: random.Random) -> None:
    """Write, read, change, lock or delete reflections, and look at what is suggested."""
    story.ada.post("/me/reflections/unlock", {"password": PASSWORD})
    made = story.ada.post("/reflections", {"body": chance.choice(["One line.", "Words. " * 900])}, 201)
    story.ada.get("/reflections/suggestion")
    for act in chance.sample(("edit", "delete"), chance.randint(0, 2)):
        if act == "edit":
            story.ada.request("PATCH", f"/reflections/{made['id']}", {"body": "Other words.", "version": 1})
        elif act == "delete":
            story.ada.delete(f"/reflections/{chance.choice(story.ada.get('/reflections')['items'])['id']}")
    if chance.random() < 0.5:
        story.ada.post("/me/reflections/lock")


def choose_notifications(story: Story, chance: random.Random) -> None:
    """Let Ada choose what rings, when, and the days of her question."""
    wanted = {group: chance.choice([[], ["push"], ["push", "mail"]]) for group in preferences.GROUPS}
    choices = {"channels": wanted, "day_before": chance.random() < 0.5, "minutes_before": chance.choice([15, 120])}
    quiet = {"quiet_from": f"{chance.randrange(24):02}:00", "quiet_until": f"{chance.randrange(24):02}:30"}
    question = {"prompt_weekdays": chance.sample(free_windows.WEEKDAYS, 2), "prompt_at": "12:00", "cue": "After tea."}
    story.ada.put("/me/preferences", {**choices, **quiet, **question})


def move_in(story: Story, chance: random.Random) -> None:
    """Let Ada import what she exported on another server."""
    note, ada = scripts.fresh(chance), UUID(story.ada.id)
    while str(imports.own_id(ada, note))[0] == "0":  # moves use such things, and only one world has this one
        note = scripts.fresh(chance)
    thing = {"id": note, "created_at": "2025-05-01T10:00:00Z"}
    archive = {
        "format": "rekindle-export",
        "version": 1,
        "private_notes": [{**thing, "kind": "memory", "body": "The bench."}],
        "commitments": [{**thing, "body": "Walk.", "ended_at": None, "days": []}],
        "important_days": [{"kind": "own", "title": "The move", "month": chance.randint(1, 12), "day": 1}],
    }
    assert story.ada.request("POST", "/me/imports", archive, If_Match="*").status_code in (200, 429)


KINDS = {
    "imports": Kind(move_in, (move_in,)),
    "notes, ideas and own dates": Kind(privately("write"), ALONE, tilts=True),
    "quiet space": Kind(take_space, (in_space,), go_to_all),
    "a pace quietly lowered": Kind(choose_pace(-1, True), (choose_pace(-1, True), *ALONE[:2])),
    "a calendar feed": Kind(read_feed, (end_feed, choose_pace(-1, True)), read_feed),
    "a rhythm quietly calmed": Kind(choose_rhythm(-1, True), ALONE[:2]),
    "a single wish for more": Kind(choose_pace(1, False), (choose_pace(1, False), choose_pace(0, False))),
    "a single livelier rhythm": Kind(choose_rhythm(1, False), ALONE[:2]),
    "single likes": Kind(cast_vote("like"), (cast_vote("like"), take_back), tilts=True),
    "single passes": Kind(cast_vote("pass"), (cast_vote("pass"), take_back), tilts=True),
    "likes of what both like": Kind(
        like_together, (like_together, like_together, take_back, take_space), go_to_all, tilts=True, matches=True
    ),
    "calendars that are busy": Kind(import_calendar, (import_calendar,)),
    "photos of private memories": Kind(keep_photo, (keep_photo, *ALONE[:1]), tilts=True),
    "nevers": Kind(cast_vote("never"), (cast_vote("never"), take_back), tilts=True),
    "reflections": Kind(reflect, (reflect,)),
    "what rings": Kind(choose_notifications, (choose_notifications, *ALONE[:2])),
    "availability": Kind(set_hours, (set_hours, put("/availability/sharing", {"shared": True}), *ALONE[3:4])),
}


def twins(
    app: Flask, clock: Traveller, kind: Kind, seed: int, moves: int = 24, pauses: Sequence[timedelta] = LATER
) -> tuple[str | None, Counter[str]]:
    """Play one pair of worlds. Return the first difference that Ben could see, or None, and the counts of moves."""
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
    # Ada first withdraws her proposals: in space, one that Ben accepts would be called off, which Ben sees.
    while (asked := MOVES["withdraw"](ada, chance)) and send(ada, asked) < 300:
        pass
    tomorrow = _tomorrow()
    stories: list[Story] = []
    for own_kind in from_here(first, kind, None):
        story = Story(clock, ada, ben, tomorrow if kind.tilts else NEVER, tomorrow if kind.matches else NEVER)
        if own_kind:
            own_kind.act(story, random.Random(seed))
        story.look()
        story.live(after, own_kind, *stories)
        story.later(own_kind, pauses)
        stories.append(story)
    return difference(*stories), stories[0].done


def _tomorrow() -> datetime:
    """Return when Ada's next day begins."""
    return present.utcnow().replace(hour=0, minute=0, second=0) + timedelta(days=1)


def campaign(name: str, app: Flask, clock: Traveller, pairs: int, seed: int) -> bool:
    """Play that many pairs of each kind, and tell whether all were alike."""
    alike = True
    for title, kind in KINDS.items():
        began, done, different = time.monotonic(), Counter[str](), list[int]()
        for pair_seed in range(seed, seed + pairs):
            first_difference, counts = twins(app, clock, kind, pair_seed)
            done += counts
            if first_difference:
                different.append(pair_seed)
                print(f"{name}, {title}, seed {pair_seed}: {first_difference[:3000]}", flush=True)
        figures = f"{pairs} pairs, {done['done']} moves and {done['refused']} refused, {len(different)} told apart"
        print(f"{name}, {title} (seeds from {seed}): {figures}, {time.monotonic() - began:.0f} s", flush=True)
        alike = alike and not different
    return alike


def main(pairs: int, seed: int) -> None:
    """Play on both databases, and fail when two worlds differ."""
    all_good: list[bool] = []
    ground.on_both(lambda name, app, clock: all_good.append(campaign(name, app, clock, pairs, seed)))
    if not all(all_good):
        sys.exit("a private act can be seen")


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    main(*(numbers[:1] or [200]), *(numbers[1:2] or [random.randrange(10**6)]))
