"""Count the weeks until a couple is offered what most people think of first: `python -m tests.benchmarks.headlines`.

Each couple opens the first screen on four days of a week, for eight weeks, and looks at the ideas without any filter.
They vote on what they see by simple tastes, and they do nothing else. So the figures are those of the first screen.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask

from tests.benchmarks.slates import shipped_app
from tests.conftest import NOON
from tests.people import Person, pair
from tests.racing import strangers

WEEKS = 8
DAYS = (0, 2, 4, 5)
"""The days of the week on which they look: Monday, Wednesday, Friday and Saturday."""

HEADLINES = {
    "cooking class": {"hands-on-cooking-class"},
    "game night": {"regular-game-night"},
    "volunteering": {"volunteer-for-a-shared-cause"},
    "getaway": {"weekend-getaway-in-a-nearby-town"},
    "concert": {"small-venue-concert", "open-rehearsal-of-an-orchestra", "big-concert-booked-early"},
    "cinema": {"see-a-movie-at-the-cinema", "open-air-cinema"},
}

TASTES: dict[str, tuple[set[str], set[str]]] = {
    "food and games, music and craft": ({"food", "games"}, {"music", "craft"}),
    "walks and nature, film and food": ({"walk", "nature"}, {"film", "food"}),
    "all at home": ({"rest", "calm"}, {"games", "film"}),
    "nothing known": (set(), set()),
}


def first_weeks(
    couple: tuple[Person, Person], tastes: tuple[set[str], set[str]], move_to: Callable[[Any], None]
) -> dict[str, int]:
    """Live eight weeks, and return in which week each headline was first offered to either of them, from 1."""
    weeks: dict[str, int] = {}
    for week in range(WEEKS):
        for day in DAYS:
            move_to(NOON + timedelta(days=7 * week + day, hours=6))
            for person, taste in zip(couple, tastes, strict=True):
                cards = [idea["activity"] for idea in person.get("/suggestions")["items"]]
                for name, slugs in HEADLINES.items():
                    if any(card["slug"] in slugs for card in cards):
                        weeks.setdefault(name, week + 1)
                _vote(person, cards, taste)
    return weeks


def _vote(person: Person, cards: list[dict[str, Any]], taste: set[str]) -> None:
    """Vote on the first two cards without a vote."""
    for card in [card for card in cards if taste and card["vote"] is None][:2]:
        vote = "like" if taste & {*card["tags"], card["category"]} else "pass"
        person.put(f"/activities/{card['id']}/vote", {"vote": vote})


def live(app: Flask, name: str, move_to: Callable[[Any], None]) -> dict[str, int]:
    """Create a couple with these tastes, and let it live its weeks."""
    move_to(NOON)
    one, other = strangers(app, "Kim", "Robin")
    pair(one, other, "together")
    return first_weeks((one, other), TASTES[name], move_to)


def main() -> None:
    """Print the weeks of each couple."""
    with shipped_app() as (app, clock):
        print(f"{'':34}" + "".join(f"{name:>15}" for name in HEADLINES))
        for name in TASTES:
            weeks = live(app, name, clock.move_to)
            print(f"{name:34}" + "".join(f"{weeks.get(headline, '-'):>15}" for headline in HEADLINES))


if __name__ == "__main__":
    main()
