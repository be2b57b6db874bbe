"""The ten functions in which one process spends most time, when it answers what the benchmark measures.

The requests go through the app in this process, without a socket, so the figures are those of Python code alone.
"""

from __future__ import annotations

import cProfile
import pstats
import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from api.app import create_app
from planner.settings import Settings
from planner.storage import db
from tests.benchmarks import filled
from tests.benchmarks.filled import Two
from tests.benchmarks.plays import NOTE
from tests.people import Person

REQUESTS = 300
"""How many requests of each kind are profiled, after as many that are not."""
_TOP = 10
_ROOT = Path(__file__).resolve().parents[2]

Ask = Callable[[Person], object]


def show(url: str, couples: Sequence[Two]) -> None:
    """Print the top ten over a filled database that no server uses."""
    db.open_database(url)
    app = create_app(Settings())
    tokens = [(token, partner) for two in couples for token, partner in (two.tokens, two.tokens[::-1])]
    random.Random(3).shuffle(tokens)
    people = [tuple(Person(app, "Robin", "", "", token, "") for token in pair) for pair in tokens]
    activity = _light(people[0][0])
    profile = cProfile.Profile()
    for is_measured in (False, True):
        for number in range(REQUESTS):
            person, partner = people[number % len(people)]
            if is_measured:
                profile.enable()
            person.get("/today")
            person.get("/suggestions")
            person.get("/notes?limit=20")
            person.post("/notes", {"id": str(uuid4()), "kind": "kindness", "body": NOTE}, 201)
            _propose(person, partner, activity, number)
            profile.disable()
    db.dispose()
    _print(pstats.Stats(profile))


def _light(person: Person) -> str:
    items = person.get("/activities?limit=100")["items"]
    return str(next(one["id"] for one in items if one["for"] == "two" and one["pace"] <= 2))


def _propose(person: Person, partner: Person, activity: str, number: int) -> None:
    """Propose and accept, if the couple's rhythm and earlier proposals allow it."""
    day = filled.today().date() + timedelta(days=30 + number % 300)
    slots = [{"local_time": f"{day}T{hour}:00", "zone": "Europe/Lisbon"} for hour in ("08", "21")]
    proposal = person.request("POST", "/dates", {"activity_id": activity, "slots": slots})
    if proposal.status_code == 201:
        date = proposal.get_json()
        accept = {"version": date["version"], "slot_id": date["slots"][0]["id"]}
        partner.request("POST", f"/dates/{date['id']}/accept", accept)


def _print(stats: pstats.Stats) -> None:
    rows = stats.stats.items()  # type: ignore[attr-defined]  # the stub lacks it
    total = sum(own for _, (_, _, own, _, _) in rows)
    print(f"\nThe profile's top {_TOP}, of {total:.1f} s in {REQUESTS} first screens, lists, notes and proposals:")
    print(f"{'own time':>9}{'calls':>11}{'with callees':>14}   function")
    for (file, line, name), (_, calls, own, cumulative, _) in sorted(rows, key=lambda row: -row[1][2])[:_TOP]:
        print(f"{own / total:>9.1%}{calls:>11,}{cumulative / total:>14.1%}   {_where(file, line)}{name}")


def _where(file: str, line: int) -> str:
    if file.startswith(("~", "<")):
        return ""
    path = Path(file)
    if path.is_relative_to(_ROOT) and "site-packages" not in file:
        return f"{path.relative_to(_ROOT)}:{line} "
    return f"{'/'.join(path.parts[-2:])}:{line} "
