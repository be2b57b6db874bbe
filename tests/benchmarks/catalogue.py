"""Measure a large catalogue: reading and syncing 10,000 activities, and searching in 240 and in 10,000.

Run as `python -m tests.benchmarks.catalogue`. The folder is made from the shipped texts with other slugs and titles.
Absolute times depend on the machine. Searches go through the whole app (sign-in, search, rendering a page of 20), each
next to the bare route in the same run.
"""

from __future__ import annotations

import itertools
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from flask.testing import FlaskClient

from api.app import create_app
from planner import clock, schema
from planner.accounts import passwords
from planner.catalogue import sync
from planner.settings import Settings
from planner.storage import db
from seeds import reader
from tests.people import sign_up

SIZE = 10_000
WORDS = ("walk", "pic gal", "coffee", "zzz", "wa", "")


def main() -> None:
    """Print the figures."""
    passwords.set_cost("cheapest")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        extra = folder / "extra" / "activities"
        extra.mkdir(parents=True)
        shipped = reader.shipped()
        numbered = enumerate(itertools.islice(itertools.cycle(shipped.activities), SIZE - len(shipped.activities)))
        (extra / "many.toml").write_text("".join(_entry(like, number) for number, like in numbered))
        db.open_database(f"sqlite:///{folder / 'rekindle.sqlite3'}")
        schema.upgrade()
        _timed("sync of the shipped catalogue", lambda: sync.sync(shipped, clock.utcnow()))
        client = _client()
        _search(client, 240)
        before = _peak()
        merged = _timed(
            f"reading and checking {SIZE:,} activities", lambda: reader.merged(shipped, reader.read(extra.parent))
        )
        _timed("sync of them", lambda: sync.sync(merged, clock.utcnow()))
        _timed("sync again, nothing changed", lambda: sync.sync(merged, clock.utcnow()))
        print(f"{'peak memory, before and after':45} {before:7.0f} MB {_peak():7.0f} MB")
        _timed("first search after a sync (all rows read)", lambda: client.get("/v1/activities"))
        _search(client, SIZE)
        db.dispose()


def _entry(like: reader.Activity, number: int) -> str:
    content = {name: value for name, value in asdict(like).items() if value is not None}
    content |= {"slug": f"many-{number}", "title": f"{content['title'][:48]} no {number}"}
    lines = [f"{key} = {_toml(value)}" for key, value in content.items() if key != "evidence"]
    return "[[activity]]\n" + "\n".join(lines) + "\n\n"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def _client() -> FlaskClient:
    app = create_app(Settings(password_cost="cheapest"))
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {sign_up(app, 'Sam', 'UTC').token}"
    return client


def _search(client: FlaskClient, size: int) -> None:
    bare = _median(lambda: client.get("/health"))
    for query in WORDS:
        seconds = _median(lambda query=query: client.get(f"/v1/activities?q={query}"))
        print(f"search {query!r:10} in {size:6,}  p50 {seconds * 1000:7.2f} ms  {seconds / bare:6.1f} x the bare route")


def _median(act: Callable[[], object], times: int = 40) -> float:
    act()
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


T = TypeVar("T")


def _timed(what: str, act: Callable[[], T]) -> T:
    start = time.perf_counter()
    result = act()
    print(f"{what:45} {time.perf_counter() - start:7.2f} s")
    return result


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
