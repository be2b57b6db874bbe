"""Oracles: Ben tries to guess one private fact of Ada from all answers that he can provoke.

    python -m tests.campaigns.oracles [COUPLES] [SEED]

A secret has two truths. A couple lives some days together. Then the same world goes on for each truth, as labelled
examples. On some days of three months, Ben asks many questions about one activity, changes his own votes, profile, zone
and plans, and reads everything. One different byte in one answer is a find. Then a hidden world is played, and he
guesses its truth: that of the example that shares more answers with it.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import Flask
from time_machine import Traveller

from planner import clock as present
from planner import scheduler
from planner.privacy.export_format import PARTS
from seeds import vocabulary as v
from tests import exports
from tests.campaigns import ground, scripts
from tests.campaigns.scripts import MOVES
from tests.campaigns.twins import send
from tests.conftest import NOON
from tests.dates import slot
from tests.exports import unzip
from tests.people import PASSWORD, Person, pair
from tests.racing import strangers
from tests.twins import Line, World, difference, read_ahead


class Plan(NamedTuple):
    """The days of an attack. `asks` and `reads` are the first days on which Ben asks, and reads all pages, too.

    `questions` are random ones, besides those about the target.
    """

    days: tuple[int, ...]
    questions: int
    asks: int = 0
    reads: int = 0


# A pass may end after ninety days, when its card is dealt again.
LONG = Plan((0, 1, 2, 3, 5, 8, 13, 21, 34, 60, 90, 91, 92, 93, 94, 100), 20)
ADA_VOTES_UNTIL = 30
"""After so many days, Ada only looks. What she is dealt later may differ between her worlds, so her votes would too."""

Body = dict[str, Any]

_A_WHILE = timedelta(seconds=40)
"""The time between two moves, because items of the inbox with equal instants have no order."""


@dataclass
class Attack(World):
    """One world in which Ben asks about an activity. His choices come from the seed and from the answers alone."""

    target: Body
    chosen: list[str]
    date: str
    chance: random.Random
    ideas: list[str] = field(default_factory=list)

    def live(self, secret: Secret, truth: int, plan: Plan) -> None:
        """Play the days: first what Ada does, then what Ben tries."""
        began = present.utcnow()
        for day in plan.days:
            self.wait(began + timedelta(days=day) - present.utcnow())
            scheduler.run_housekeeping(present.utcnow())
            secret.act(self, truth, day)
            self.ada_goes_on(day)
            if day >= plan.asks:
                self.try_something(day)
                for question in self.questions(plan.questions):
                    self.suggested(question)
            if day >= plan.reads:
                self.read_all(day)

    def ada_goes_on(self, day: int) -> None:
        """Let Ada look at her lists, vote on some cards, and answer proposals: the same in all worlds."""
        self.ada.get("/suggestions")
        cards = [card["id"] for card in self.ada.get("/deck")["items"] if card["vote"] is None]
        for number, card in enumerate(cards[:4] if day < ADA_VOTES_UNTIL else ()):
            self.ada.put(f"/activities/{card}/vote", {"vote": ("like", "pass")[number % 2]})
        for what in ("answer", "complete"):
            if asked := MOVES[what](self.ada, self.chance):
                send(self.ada, asked)
                self.clock.shift(_A_WHILE)

    def try_something(self, day: int) -> None:
        """Let Ben change something of his own in which the secret might show."""
        for trick in self.chance.sample(TRICKS, 2):
            trick(self)
            self.clock.shift(_A_WHILE)
        for what in self.chance.sample(("answer", "propose", "idea", "travel", "see", "cancel"), 2):
            if asked := MOVES[what](self.ben, self.chance):
                self.ask(asked.method, asked.path, asked.body, **asked.headers)
                self.clock.shift(_A_WHILE)

    def questions(self, number: int) -> Iterator[str]:
        """Yield queries of /suggestions: those about the target, and others at random."""
        target, today = self.target, present.utcnow()
        exact = f"category={target['category']}&setting={target['setting']}&energy={target['energy']}"
        exact += f"&minutes={target['duration_min']}&cost_band={target['cost_band']}"
        later = today + timedelta(days=self.chance.randrange(1, 12))
        window = f"when={later:%Y-%m-%d}T08:00/{later + timedelta(days=1):%Y-%m-%d}T22:00"
        yield from ("", f"category={target['category']}", exact, f"{exact}&weather=wet&step_free=true")
        yield from (f"category={target['category']}&page=1", f"{exact}&page=1", window)
        yield f"category={target['category']}&{window}"
        for _ in range(number):
            yield _any_question(self.chance, later.date().isoformat())

    def suggested(self, query: str) -> None:
        """Let Ben ask for suggestions, and for the next pages or the times of one idea."""
        answer = self.ask("GET", f"/suggestions?{query}")
        if answer.status_code != 200:
            return
        ideas = [item["activity"]["id"] for item in answer.json["items"]]
        self.ideas += ideas
        if answer.json["next_page"] and self.chance.random() < 0.2:
            self.suggested(f"{query.partition('&page')[0]}&page={answer.json['next_page']}")
        elif ideas and self.chance.random() < 0.1:
            self.read(f"/activities/{self.chance.choice(ideas)}/slots")

    def read_all(self, day: int) -> None:
        """Let Ben read all pages, search, and look at the target, and export his data."""
        card, word = self.target["id"], self.target["title"].split()[-1].strip("?.,!")
        self.look(
            f"/activities?for=two&limit=100&category={self.target['category']}", f"/activities?for=two&q={word}",
            f"/activities/{card}", f"/activities/{card}/slots", "/suggestions?for=one", "/suggestions", "/today",
            f"/activities?tag={self.target['tags'][0]}&limit=100", "/activities?vote=like&limit=100",
        )  # fmt: skip
        if day % 5 == 0:
            self.export()

    def export(self) -> None:
        """Let Ben export all that he may know, and what he received."""
        for part in PARTS:
            archive = unzip(exports.ask(self.ben, part))
            for name in ("rekindle.json", "dates.ics"):
                self.add_unordered(f"export {part} {name}", archive.read(name).decode())
        self.ask("POST", "/me/received", {"password": PASSWORD})

    def change_profile(self, **values: Any) -> None:
        """Let Ben replace his profile."""
        self.ask("PUT", "/me/profile", {"interests": [], "causes": [], **values})


def _any_question(chance: random.Random, day: str) -> str:
    """Return a random query of /suggestions."""
    options = {
        "category": lambda: chance.choice(list(v.CATEGORIES)), "setting": lambda: chance.choice(list(v.SETTINGS)),
        "energy": lambda: chance.randint(1, 5), "minutes": lambda: chance.choice([30, 45, 60, 90, 240]),
        "cost_band": lambda: chance.randrange(4), "weather": lambda: chance.choice(list(v.WEATHERS)),
        "children": lambda: chance.choice(["asleep", "present", "none", "fun"]), "day": lambda: day,
        "for": lambda: chance.choice(["one", "two", "two"]), "page": lambda: chance.randrange(3),
    }  # fmt: skip
    return "&".join(f"{name}={options[name]()}" for name in chance.sample(list(options), chance.randint(1, 3)))


# The tricks. Each is one move of Ben about the target, or about an idea that he found.


def _vote(attack: Attack) -> None:
    found = attack.chance.choice([attack.target["id"], *attack.ideas[-5:]])
    choice = attack.chance.choice(["like", "pass", "never", None])
    if choice:
        attack.ask("PUT", f"/activities/{found}/vote", {"vote": choice})
    else:
        attack.ask("DELETE", f"/activities/{found}/vote")


def _like_all(attack: Attack) -> None:
    for card in attack.ben.get("/deck")["items"]:
        attack.ask("PUT", f"/activities/{card['id']}/vote", {"vote": "like"})


def _love_only_that(attack: Attack) -> None:
    liked = _interests(attack.target)
    attack.change_profile(interests=liked, dislikes=sorted(v.INTERESTS.keys() - set(liked)))


def _allow_only_that(attack: Attack) -> None:
    attack.change_profile(cost_band=attack.target["cost_band"], settings=[attack.target["setting"]])


def _propose_target(attack: Attack) -> None:
    start = present.utcnow() + timedelta(days=2, hours=attack.chance.randrange(9))
    body = {"id": scripts.fresh(attack.chance), "activity_id": attack.target["id"], "slots": [slot(start)]}
    attack.ask("POST", "/dates", body)


def _list_for_someday(attack: Attack) -> None:
    method = attack.chance.choice(["PUT", "DELETE"])
    attack.ask(method, f"/someday-list/{attack.target['id']}", {} if method == "PUT" else None)


def _take_space(attack: Attack) -> None:
    attack.ask("PUT", "/me/space", {"kind": "quiet", "dates": []})
    attack.suggested("")
    attack.ask("DELETE", "/me/space")


def _change_pace(attack: Attack) -> None:
    attack.ask("PUT", "/me/pace", {"pace": attack.chance.choice([2, 3, 4, 5])})


def _say_how(attack: Attack) -> None:
    feeling = attack.chance.choice(["lighter", "same", "heavier"])
    attack.ask("PUT", f"/dates/{attack.date}/feedback", {"feeling": feeling, "rating": attack.chance.randint(1, 5)})


TRICKS: list[Callable[[Attack], None]] = [
    _vote, _vote, _like_all, _love_only_that, _allow_only_that,
    _propose_target, _list_for_someday, _take_space, _change_pace, _say_how,
]  # fmt: skip


def _interests(activity: Body) -> list[str]:
    return sorted(set(activity["tags"]) & v.INTERESTS.keys())


# The secrets. On each day, the act does what belongs to one of two truths.


def feel(attack: Attack, truth: int, day: int) -> None:
    """Give feedback on the date. On the third day Ada gives it again, with another rating."""
    feeling, rating = (("lighter", 5), ("heavier", 1))[truth]
    if day in (0, 3):
        attack.ada.put(f"/dates/{attack.date}/feedback", {"feeling": feeling, "rating": abs(rating - day // 3) or 2})


def prefer(attack: Attack, truth: int, day: int) -> None:
    """Put the target's tags among the dislikes or the interests. On the third day Ada has no tags, or more of them."""
    tags = _interests(attack.target)
    if day == 0:
        profile = ({"dislikes": [*tags, "walk", "games"]}, {"interests": tags, "causes": ["cause_nature"]})[truth]
    elif day == 3:
        profile = ({}, {"dislikes": sorted(v.INTERESTS)[:20], "prompt_kinds": ["memory"]})[truth]
    else:
        return
    attack.ada.put("/me/profile", {"interests": [], "causes": [], "cost_band": 3, **profile})


def refuse(attack: Attack, truth: int, day: int) -> None:
    """Vote never or pass on the target, on ideas of Ben, and on cards. Later, change, repeat and take back votes."""
    word, chosen = ("never", "pass")[truth], attack.chosen
    votes = {
        0: {**dict.fromkeys(chosen, word), **dict.fromkeys(chosen[3:6], "pass")},
        3: {chosen[2]: "like", chosen[3]: word, chosen[4]: word},
        13: {chosen[1]: word, chosen[2]: word, chosen[5]: word},
        92: {chosen[0]: word, chosen[6]: word},
    }
    if day in (3, 92):
        attack.ada.delete(f"/activities/{chosen[1 if day == 3 else 0]}/vote", 200)
    for card, vote in votes.get(day, {}).items():
        attack.ada.put(f"/activities/{card}/vote", {"vote": vote})


class Secret(NamedTuple):
    """What Ben wants to know: the act with two truths, and whether it is about their date."""

    act: Callable[[Attack, int, int], None]
    is_of_date: bool = False


SECRETS = {
    "how a date was": Secret(feel, is_of_date=True),
    "tags of a profile": Secret(prefer),
    "never or pass": Secret(refuse),
}


class Result(NamedTuple):
    """How an attack went: the first difference of the truths, whether Ben guessed, and the count of answers."""

    difference: str | None
    guessed: bool
    answers: int


class Start(NamedTuple):
    """The world before the secret: all rows and the instant, the couple, and what the secrets can be about."""

    rows: ground.Rows
    at: datetime
    ada: Person
    ben: Person
    date: str
    done: Body
    suggested: Body
    chosen: list[str]


def attack(app: Flask, clock: Traveller, secret: Secret, start: Start, seed: int, plan: Plan = LONG) -> Result:
    """Play both examples of one couple. If they differ, play the hidden world, and let Ben guess."""
    ada, ben = (replace(person, app=app) for person in (start.ada, start.ben))
    target = start.done if secret.is_of_date else start.suggested

    def play(truth: int) -> Attack:
        ground.put_back(start.rows)
        clock.move_to(start.at)
        read_ahead()
        world = Attack(clock, ada, ben, target, start.chosen, start.date, random.Random(seed))
        world.live(secret, truth, plan)
        return world

    examples = [play(truth) for truth in (0, 1)]
    find, answers = difference(*examples), sum(len(example.lines) for example in examples)
    if find is None:
        return Result(None, False, answers)
    hidden = random.Random(f"hidden {seed}").randrange(2)
    unknown = play(hidden)
    noise = difference(unknown, examples[hidden])
    assert noise is None, f"one world, played twice, differs: {noise}"
    return Result(find, guess(examples, unknown) == hidden, answers)


def guess(examples: list[Attack], unknown: Attack) -> int:
    """Return the truth whose example shares more answers with the unknown world."""
    shared = [sum(map(Line.__eq__, example.lines, unknown.lines)) for example in examples]
    return int(shared[1] > shared[0])


def begin(app: Flask, clock: Traveller, seed: int) -> Start:
    """Make a couple that has voted and had one date, and choose what the secrets are about."""
    chance = random.Random(seed)
    ground.empty()
    clock.move_to(NOON + timedelta(minutes=chance.randrange(7 * 24 * 60), seconds=17))
    ada, ben = strangers(app, "Ada", "Ben")
    pair(ada, ben, chance.choice(["together", "gentle"]))
    done = ada.get(f"/activities/{chance.choice(_for_two(ben))}")
    date = _live_a_date(clock, ada, ben, done["id"], chance)
    suggested = [item["activity"] for page in range(3) for item in ben.get(f"/suggestions?page={page}")["items"]]
    target = chance.choice([activity for activity in suggested if _interests(activity)])
    cards = [card["id"] for card in ada.get("/deck")["items"] if card["vote"] is None]
    passed = [card["id"] for card in ada.get("/activities?vote=pass&limit=100")["items"]]
    chosen = [target["id"], *(activity["id"] for activity in suggested[:6]), *cards[:3], *passed]
    rows, at = ground.keep(), present.utcnow()
    return Start(rows, at, ada, ben, date, done, target, list(dict.fromkeys(chosen)))


def _for_two(person: Person) -> list[str]:
    """Return activities that two can do within days, with a tag that may be an interest."""
    items = person.get("/activities?for=two&limit=100")["items"]
    return sorted(item["id"] for item in items if item["lead_days"] < 2 and item["pace"] <= 2 and _interests(item))


def _live_a_date(clock: Traveller, ada: Person, ben: Person, activity: str, chance: random.Random) -> str:
    """Let both vote on two days, and have a date. Return its id."""
    body = {"id": scripts.fresh(chance), "activity_id": activity, "slots": [slot(present.utcnow() + timedelta(days=1))]}
    date = ben.post("/dates", body, 201)
    ada.post(f"/dates/{date['id']}/accept", {"version": date["version"], "slot_id": date["slots"][0]["id"]})
    for _ in range(2):
        for person in (ada, ben):
            for card in person.get("/deck")["items"][: 30 if person is ada else 8]:
                person.put(f"/activities/{card['id']}/vote", {"vote": chance.choice(["like", "like", "pass"])})
        clock.shift(timedelta(days=1))
        ground.tick(present.utcnow())
    return str(date["id"])


def campaign(name: str, app: Flask, clock: Traveller, couples: int, seed: int) -> bool:
    """Attack that many couples for each secret, and tell whether no attack found anything."""
    found_nothing = True
    for title, secret in SECRETS.items():
        began, results = time.monotonic(), list[Result]()
        for couple_seed in range(seed, seed + couples):
            result = attack(app, clock, secret, begin(app, clock, couple_seed), couple_seed)
            results.append(result)
            if result.difference:
                print(f"{name}, {title}, seed {couple_seed}: {result.difference[:3000]}", flush=True)
        found = sum(result.difference is not None for result in results)
        right, answers = sum(result.guessed for result in results), sum(result.answers for result in results)
        figures = f"{couples} couples, {answers} answers, {found} found, {right} guessed"
        print(f"{name}, {title} (seeds from {seed}): {figures}, {time.monotonic() - began:.0f} s", flush=True)
        found_nothing = found_nothing and not found
    return found_nothing


def main(couples: int, seed: int) -> None:
    """Attack on both databases, and fail when an attack finds something."""
    all_good: list[bool] = []
    ground.on_both(lambda name, app, clock: all_good.append(campaign(name, app, clock, couples, seed)))
    if not all(all_good):
        sys.exit("a private fact can be guessed")


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    main(*(numbers[:1] or [5]), *(numbers[1:2] or [random.randrange(10**6)]))
