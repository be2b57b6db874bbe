"""Measure how much a couple adds to PostgreSQL in a month, table by table.

    python -m tests.benchmarks.growth
    python -m tests.benchmarks.growth --couples 50 --days 60

The couples use the product more than most. Each person reads the first screen and ideas every day, votes on a deck,
writes notes, shares one and answers one. They meet for dates. The clock ticks twice a day and tidies up. The sizes
have the indexes in them.
"""

from __future__ import annotations

import argparse
import random
from datetime import datetime, timedelta

import psycopg

from planner import scheduler
from tests import postgresql
from tests.campaigns import ground
from tests.conftest import NOON, fill
from tests.people import Person, pair, sign_up

_NOTE = "You called my mother although you were tired, and you listened. The kitchen was warm, and there was tea."
_SIZES = """
    SELECT c.relname, pg_total_relation_size(c.oid), (SELECT count(*) FROM {table}) FROM pg_class c
    WHERE c.oid = '{table}'::regclass
"""


def main() -> None:
    """Live, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.growth")
    parser.add_argument("--couples", type=int, default=6, metavar="N")
    parser.add_argument("--days", type=int, default=30, metavar="N")
    arguments = parser.parse_args()
    with postgresql.running() as server:
        if server is None:
            raise SystemExit("There is no PostgreSQL here.")
        postgresql.administer(server, "CREATE DATABASE growth")
        url = server.format(database="growth")
        fill(url)
        before = _sizes(url)
        with ground.standing_on(url) as (app, clock):
            couples = []
            for number in range(arguments.couples):
                clock.move_to(NOON - timedelta(hours=arguments.couples - number))  # few may sign up in an hour
                couples.append((sign_up(app, "Robin", "UTC"), sign_up(app, "Kim", "UTC")))
                pair(*couples[-1])
            for day in range(arguments.days):
                clock.move_to(NOON + timedelta(days=day))
                scheduler.tick(NOON + timedelta(days=day))
                for number, two in enumerate(couples):
                    _live(two, NOON + timedelta(days=day), day + number)
                evening = NOON + timedelta(days=day, hours=11)
                clock.move_to(evening)
                scheduler.tick(evening)
                scheduler.run_housekeeping(evening)
        _print(before, _sizes(url), arguments.couples, arguments.days)


def _live(two: tuple[Person, Person], now: datetime, number: int) -> None:
    """Let both persons of a couple use the product on one day."""
    for at, person in enumerate(two):
        person.get("/today")
        person.get("/suggestions")
        for card in person.get("/deck")["items"]:
            person.put(f"/activities/{card['id']}/vote", {"vote": random.choice(("like", "like", "pass", "never"))})
        notes = [person.post("/notes", {"kind": "kindness", "body": _NOTE}, 201) for _ in range(2)]
        person.post(f"/notes/{notes[0]['id']}/share", {"version": notes[0]["version"]})
        shared = person.get("/notes?limit=20")["items"]
        theirs = next((note for note in shared if not note["mine"] and note["reactions_offered"]), None)
        if theirs:
            person.put(f"/notes/{theirs['id']}/reaction", {"reaction": theirs["reactions_offered"][0]})
        if (number + at) % 4 == 0:
            _propose(person, two[1 - at], now)
        for date in person.get("/dates?limit=20")["items"]:
            if "feedback" in date["actions"]:
                person.put(f"/dates/{date['id']}/feedback", {"feeling": "lighter"})
        person.post("/inbox/seen", {"until": f"{now:%Y-%m-%dT%H:%M:%S}.000Z"})


def _propose(sender: Person, receiver: Person, now: datetime) -> None:
    """Propose the first idea that has times, and accept it."""
    for item in sender.get("/suggestions")["items"]:
        slots = sender.get(f"/activities/{item['activity']['id']}/slots")["slots"]
        if slots:
            answer = sender.request("POST", "/dates", {"activity_id": item["activity"]["id"], "slots": slots[:2]})
            if answer.status_code == 201:
                date = answer.get_json()
                accept = {"version": date["version"], "slot_id": date["slots"][0]["id"]}
                receiver.request("POST", f"/dates/{date['id']}/accept", accept)
            return


def _sizes(url: str) -> dict[str, tuple[int, int]]:
    """Return the bytes and the rows of each table."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM")
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = [connection.execute(_SIZES.format(table=f'"{name}"')).fetchone() for (name,) in tables]
    return {row[0]: (row[1], row[2]) for row in rows if row}


def _print(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]], couples: int, days: int) -> None:
    share = couples * days / 30
    grown = {name: (size - before[name][0], rows - before[name][1]) for name, (size, rows) in after.items()}
    print(
        f"{couples} couples for {days} days; in a month a couple adds:\n{'':24}{'rows':>9}{'KiB':>9}{'bytes a row':>13}"
    )
    for name, (size, rows) in sorted(grown.items(), key=lambda each: -each[1][0]):
        if rows > 0:
            print(f"{name:24}{rows / share:>9.1f}{size / share / 1024:>9.1f}{size / rows:>13.0f}")
    total, count = (sum(pair[at] for pair in grown.values()) for at in (0, 1))
    print(f"{'all tables':24}{count / share:>9.0f}{total / share / 1024:>9.0f}")
    many_rows, many_bytes = (one / share * 100_000 for one in (count, total))
    print(f"100,000 such couples add {many_rows / 1e6:,.0f} million rows and {many_bytes / 1e9:,.0f} GB a month")


if __name__ == "__main__":
    main()
