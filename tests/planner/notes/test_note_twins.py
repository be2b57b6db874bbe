"""Private acts of an author never reach the partner: two worlds that differ only in them look the same."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import time_machine
from flask import Flask

from tests.conftest import NOON
from tests.dates import own
from tests.people import Person, pair
from tests.racing import strangers

_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def written(author: Person, words: str) -> Any:
    return author.post("/notes", {"kind": "kindness", "body": words}, 201)


def answers(reader: Person, note: str) -> list[tuple[Any, ...]]:
    """Return all that a reader can learn about a note of the partner: bodies and headers without ids."""
    paths = (
        "/notes?from=partner",
        f"/notes/{note}",
        "/notes",
        "/inbox",
        "/today?idea=false",
        "/me",
        "/couple",
        "/dates",
    )
    return [(number, *_plain(reader, path)) for number, path in enumerate(paths)]


def _plain(reader: Person, path: str) -> tuple[Any, ...]:
    answer = reader.request("GET", path)
    body = answer.data.replace(reader.sign_in_name.encode(), b"")
    headers = {name: value for name, value in answer.headers.items() if name != "Content-Length"}
    headers["ETag"] = headers.get("ETag", "").partition(".")[0]  # the rest is a digest of the body
    if path == "/today?idea=false":  # the prompt depends on the reader's id
        body = json.dumps({**answer.get_json(), "prompt": None}).encode()
    known: dict[bytes, bytes] = {}
    return (
        answer.status_code,
        _UUID.sub(lambda id_: known.setdefault(id_.group(), b"id-%d" % len(known)), body),
        headers,
    )


def test_the_private_history_of_a_note_does_not_show(app: Flask, stopped_clock: time_machine.Traveller) -> None:
    ann, ben, twin_ann, twin_ben = strangers(app, "Ann", "Ben", "Ann", "Ben")
    pair(ann, ben, "gentle")
    pair(twin_ann, twin_ben, "gentle")
    busy = written(ann, "First try.")
    stopped_clock.move_to(NOON + timedelta(hours=1))
    for version in range(1, 5):
        ann.patch(f"/notes/{busy['id']}", {"body": f"Try {version}."}, f'"{version}"')
    for number in range(4):
        written(ann, f"Never shared {number}.")
    gone = written(ann, "Thrown away.")
    ann.delete(f"/notes/{gone['id']}")
    own(ann)
    ann.get("/suggestions")
    ann.get("/prompts/today")
    stopped_clock.move_to(NOON + timedelta(hours=2))
    plain = written(twin_ann, "You called my mother back.")
    busy = ann.patch(f"/notes/{busy['id']}", {"body": "You called my mother back."}, '"5"')
    for author, note in ((ann, busy), (twin_ann, plain)):
        author.post(f"/notes/{note['id']}/share", {"version": note["version"]})
    assert answers(ben, busy["id"]) == answers(twin_ben, plain["id"])

    stopped_clock.move_to(NOON + timedelta(hours=3))
    for number in range(3):
        written(ann, f"Private again {number}.")
    assert answers(ben, busy["id"]) == answers(twin_ben, plain["id"])

    for author, note in ((ann, busy), (twin_ann, plain)):
        author.post(f"/notes/{note['id']}/recall")
    ann.delete(f"/notes/{busy['id']}")
    assert answers(ben, busy["id"]) == answers(twin_ben, plain["id"])


def test_a_deleted_note_and_a_recalled_note_look_the_same_to_the_receiver(
    app: Flask, stopped_clock: time_machine.Traveller
) -> None:
    ann, ben, twin_ann, twin_ben = strangers(app, "Ann", "Ben", "Ann", "Ben")
    pair(ann, ben, "apart")
    pair(twin_ann, twin_ben, "apart")
    stopped_clock.move_to(NOON + timedelta(hours=1))
    notes = [written(author, "Words.") for author in (ann, twin_ann)]
    for author, note in zip((ann, twin_ann), notes, strict=True):
        author.post(f"/notes/{note['id']}/share", {"version": 1})
    ann.post(f"/notes/{notes[0]['id']}/recall")
    twin_ann.delete(f"/notes/{notes[1]['id']}")
    assert answers(ben, notes[0]["id"]) == answers(twin_ben, notes[1]["id"])
