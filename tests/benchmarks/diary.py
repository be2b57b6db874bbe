"""Print eight weeks of four kinds of users, and what a reader would object to: `python -m tests.benchmarks.diary`.

A busy couple with a small child, a couple in a rough patch, two people apart, and a person alone use the API as a phone
does: they ask, vote on their deck, propose, accept and say how it was. `--quiet` prints the summary without the slates.
The checks for absurdities know the content of an idea and the sun, and none of the rules that chose it.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import elevation

from planner import scheduler
from planner.clock import UTC, utcnow
from tests.benchmarks.headlines import HEADLINES
from tests.benchmarks.slates import Likes, shipped_app, tags
from tests.conftest import NOON
from tests.people import Person, pair
from tests.racing import strangers

WEEKS = 8
LISBON, ZONE = Observer(38.72, -9.14), ZoneInfo("Europe/Lisbon")
"""Everybody lives in Lisbon. The diaries begin on a Monday in November, and end in January."""

FREE_EVENING = ("everyday", "give_back", "talk")


@dataclass(frozen=True)
class Question:
    """A question on one day of the week: who asks (0 or 1), at which hour, and the query."""

    day: int
    hour: int
    who: int
    query: Callable[[date], str] = lambda day: ""
    occasion: str = ""


def hours(ahead: int, begins: str, ends: str, rest: str = "") -> Callable[[date], str]:
    """Return a query for some hours, days ahead."""
    return lambda day: f"when={day + timedelta(ahead)}T{begins}/{day + timedelta(ahead)}T{ends}{rest}"


@dataclass
class User:
    """One or two people and their habits. `feels` are how dates are for the first of them, in turn."""

    name: str
    rhythm: str | None
    questions: tuple[Question, ...]
    tastes: tuple[Likes, ...]
    profiles: tuple[dict[str, Any], ...]
    feels: tuple[str, ...] = ("lighter",)


KIDS = {"child_ages": ["small"], "lives_together": True}
USERS = (
    User(
        "A busy couple with a small child",
        "together",
        (
            *(Question(day, 20, day % 2, occasion="anything") for day in (0, 1, 3, 5)),
            Question(0, 20, 0, hours(4, "20:00", "23:00", "&children=asleep"), "Friday evening, the child sleeps"),
            Question(2, 20, 1, hours(3, "18:00", "23:30", "&setting=out&children=none"), "Saturday night, babysitter"),
            Question(3, 20, 1, hours(2, "13:00", "18:00", "&children=fun"), "Saturday afternoon with the child"),
        ),
        (tags("food", "games", "craft", "music"), tags("games", "science", "walk", "film")),
        (KIDS | {"interests": ["food", "games"], "causes": ["cause_neighbours"]}, KIDS | {"interests": ["science"]}),
    ),
    User(
        "A couple in a rough patch",
        "gentle",
        (
            Question(0, 19, 0, occasion="Monday evening, anything"),
            Question(4, 18, 1, hours(1, "10:00", "18:00"), "Saturday by day"),
        ),
        (tags("walk", "coffee", "food"), tags("sport", "nature", "music")),
        ({"interests": ["walk"]}, {"interests": ["nature"]}),
        feels=("same", "heavier", "lighter"),
    ),
    User(
        "Two people apart",
        "apart",
        (Question(1, 18, 0, occasion="Tuesday, anything"), Question(5, 10, 1, occasion="Saturday, anything")),
        (tags("coffee", "art"), tags("walk", "books")),
        ({"interests": ["coffee"]}, {"interests": []}),
        feels=("same",),
    ),
    User(
        "A person alone",
        None,
        (
            *(Question(day, 18, 0, occasion="after work") for day in range(5)),
            Question(5, 9, 0, hours(0, "10:00", "18:00"), "Saturday by day"),
        ),
        (tags("calm", "art", "nature", "reading"),),
        ({"interests": ["art"], "causes": ["cause_nature"]},),
    ),
)


@dataclass
class Diary:
    """What one user was shown and did. `absurdities` are the sentences of a reader who objects."""

    is_quiet: bool
    shown: Counter[str] = field(default_factory=Counter)
    places: int = 0
    repeats: int = 0
    liked: int = 0
    decks: int = 0
    empty_decks: int = 0
    empty_slates: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    dates: int = 0
    matches: int = 0
    headlines: set[str] = field(default_factory=set)
    absurdities: list[str] = field(default_factory=list)
    told: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def write(self, line: str) -> None:
        """Print a line of the diary."""
        if not self.is_quiet:
            print(line)

    def note_slate(self, heading: str, query: str, answer: dict[str, Any]) -> None:
        """Count and print one slate."""
        self.write(f"\n  {heading}  ?{query}" + ("" if answer["items"] else f"  nothing; relax {answer['relax']}"))
        self.empty_slates += not answer["items"]
        for item in answer["items"]:
            card, reasons = item["activity"], [reason["text"] for reason in item["reasons"]]
            times = ", ".join(slot["local_time"][11:] for slot in item["slots"]) or item["first_day_text"]
            self.write(f"    {card['title']} [{card['category']} {card['cost_band']} {card['pace']}] {times}")
            self.write(f"      {'; '.join(reasons)}")
            self.places += 1
            self.reasons.update(reason["code"] for reason in item["reasons"])
            self.repeats += self.shown[card["slug"]] > 0
            self.liked += "you liked it" in reasons
            self.shown[card["slug"]] += 1
            self.meet(card)
            self.absurdities += [f"{heading}: {card['title']}: {why}" for why in objections(query, item)]

    def meet(self, card: dict[str, Any]) -> None:
        """Note a headline that the user has met, on a list or in the deck."""
        self.headlines |= {name for name, slugs in HEADLINES.items() if card["slug"] in slugs}

    def summary(self) -> str:
        """Return the figures in a few lines."""
        missed = sorted(HEADLINES.keys() - self.headlines)
        most = ", ".join(f"{slug} {count}" for slug, count in self.shown.most_common(3))
        return (
            f"  {self.places} places, {len(self.shown)} distinct ideas; seen before {self.repeats / self.places:.0%},"
            f" “you liked it” {self.liked / self.places:.0%}; most often {most}\n"
            f"  decks {self.decks}, empty {self.empty_decks}; empty lists {self.empty_slates}; matches {self.matches};"
            f" agreed dates {self.dates}, told how they were {self.told}; refused {dict(self.refusals) or 'never'}\n"
            f"  because of dates: enjoyed {self.reasons['enjoyed']}, light {self.reasons['light']}\n"
            f"  headlines missed: {', '.join(missed) or 'none'}; objections: {len(self.absurdities)}"
        )


def objections(query: str, item: dict[str, Any]) -> Iterator[str]:
    """Yield what a sensible reader would object to in one idea for this question."""
    card = item["activity"]
    if "children=asleep" in query and card["setting"] != "home":
        yield "away from home while a child sleeps"
    if "children=fun" in query and "small" not in card["fun_for"]:
        yield "no fun for a small child"
    for slot in item["slots"]:
        begins = datetime.fromisoformat(slot["local_time"]).replace(tzinfo=ZONE)
        ends = begins + timedelta(minutes=card["duration_min"])
        if begins.hour < 8 and card["light"] != "sunrise":
            yield f"at {begins:%H:%M}"
        yield from _objections_to_light(card["light"], begins, ends)
        if is_free_evening(query, begins) and (card["category"] in FREE_EVENING or "chores" in card["tags"]):
            yield "a duty on a free evening"


def is_free_evening(query: str, begins: datetime) -> bool:
    """Return whether the question is about a Friday or Saturday evening."""
    return begins.weekday() in (4, 5) and datetime.fromisoformat(query[5:21]).hour >= 17


def _objections_to_light(light: str, begins: datetime, ends: datetime) -> Iterator[str]:
    """Yield an objection if the height of the sun does not suit. Six degrees below the horizon is twilight."""
    first, last = (elevation(LISBON, at) for at in (begins, ends))
    wrong = {
        "day": first < -6.5 or last < -6.5,
        "sunrise": not -10 < first < 0,
        "dusk": not -6 < first < 4,
        "dark": first > -11,
    }
    if wrong.get(light, False):
        yield f"{light} at {begins:%H:%M}, the sun at {first:.0f} degrees"


def live(user: User, people: list[Person], move_to: Callable[[Any], None], diary: Diary) -> None:
    """Live eight weeks day by day."""
    for number in range(WEEKS * 7):
        day = (NOON + timedelta(days=number)).date()
        move_to(NOON.replace(hour=7) + timedelta(days=number))
        scheduler.tick(utcnow())
        for who, person in enumerate(people):
            _vote_on_deck(person, user.tastes[who], diary)
        for question in (each for each in user.questions if each.day == number % 7):
            move_to(datetime(day.year, day.month, day.day, question.hour, tzinfo=UTC))
            query, person = question.query(day), people[question.who]
            answer = person.get(f"/suggestions?{query}")
            diary.note_slate(f"{day:%a %d %b}, {person.name}: {question.occasion}", query, answer)
            if len(people) == 2 and question is user.questions[-1]:
                _go_out(people, question.who, answer, diary)
        scheduler.tick(utcnow())
        if len(people) == 2:
            diary.matches = max(diary.matches, len(people[0].get("/matches")["items"]))
            diary.told += _tell(user, people, diary.told, utcnow())


def _vote_on_deck(person: Person, likes: Likes, diary: Diary) -> None:
    cards = person.get("/deck")["items"]
    diary.decks += 1
    diary.empty_decks += not cards
    for card in cards:
        diary.meet(card)
        person.put(f"/activities/{card['id']}/vote", {"vote": "like" if likes(card) else "pass"})


def _go_out(people: list[Person], who: int, answer: dict[str, Any], diary: Diary) -> None:
    """Propose the first idea with a time, and let the partner agree."""
    for item in answer["items"]:
        found = people[who].get(f"/activities/{item['activity']['id']}/slots")["slots"]
        if found:
            body = {"activity_id": item["activity"]["id"], "slots": found[:1]}
            proposal = people[who].request("POST", "/dates", body)
            if proposal.status_code != 201:
                answer_ = proposal.get_json()
                diary.refusals[answer_.get("reason") or answer_["type"].rpartition("/")[2]] += 1
                return
            date_ = proposal.get_json()
            partner = people[1 - who]
            accepted = partner.request(
                "POST", f"/dates/{date_['id']}/accept", {"version": 1, "slot_id": date_["slots"][0]["id"]}
            )
            diary.dates += accepted.status_code == 200
            diary.write(f"    -> {item['activity']['title']}, {date_['slots'][0]['local_time']}")
            return


def _tell(user: User, people: list[Person], told: int, now: datetime) -> int:
    """Say how a date was that is over, and return how many were told."""
    for date_ in people[0].get("/dates?limit=20")["items"]:
        is_over = date_["state"] == "accepted" and datetime.fromisoformat(date_["slots"][0]["end"]) <= now
        if is_over and date_["feedback"] is None:
            feeling = user.feels[told % len(user.feels)]
            people[0].put(f"/dates/{date_['id']}/feedback", {"feeling": feeling})
            return 1
    return 0


def keep(user: User, is_quiet: bool = True) -> Diary:
    """Return the diary of one user."""
    with shipped_app() as (app, clock):
        clock.move_to(NOON)
        people = strangers(app, *("Anna", "Ben")[: 2 if user.rhythm else 1])
        if user.rhythm:
            pair(people[0], people[1], user.rhythm)
        for person, profile in zip(people, user.profiles, strict=True):
            person.put("/me/profile", {"causes": [], **profile})
        diary = Diary(is_quiet)
        live(user, people, clock.move_to, diary)
        return diary


def main() -> None:
    """Print the diaries, and the summary of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quiet", action="store_true", help="print the summaries only")
    options = parser.parse_args()
    for user in USERS:
        print(f"\n{user.name}")
        diary = keep(user, options.quiet)
        print(diary.summary())
        for objection in diary.absurdities[:20]:
            print(f"    {objection}")


if __name__ == "__main__":
    main()
