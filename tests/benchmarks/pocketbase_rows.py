"""Copies the rows of a SQLite file of ours into the file of a PocketBase, with their texts and times."""

from __future__ import annotations

import json
import secrets
import sqlite3
from pathlib import Path

_LENGTH = 15

_USERS = """
    INSERT INTO users (id, tokenKey, password, email, verified, emailVisibility, name, created, updated, zone, couple)
    SELECT short(p.id), secret(), '-', short(p.id) || '@example.org', 1, 0, p.display_name, at(p.created_at),
        at(p.created_at), p.zone, short(m.couple_id)
    FROM ours.persons p JOIN ours.members m ON m.person_id = p.id
"""
_STATEMENTS = (
    "INSERT INTO couples (id, rhythm, pace, began) SELECT short(id), rhythm, pace, at(began_at) FROM ours.couples",
    _USERS,
    "INSERT INTO activities (id, title, summary, content) SELECT short(id), field(content, 'title'), "
    "field(content, 'summary'), content FROM ours.activities",
    "INSERT INTO prompts (id, text, content) SELECT short(id), field(content, 'text'), content FROM ours.prompts",
    "INSERT INTO notes (id, author, kind, body, version, written) "
    "SELECT short(id), short(author_id), kind, body, version, at(created_at) FROM ours.notes",
    "INSERT INTO dates (id, couple, sender, awaiting, activity, state, version, slots, start, end, written, expires) "
    "SELECT short(id), short(couple_id), short(sender_id), short(awaiting_id), short(activity_id), state, version, "
    "(SELECT json_group_array(json_object('start', start, 'end', end, 'local_time', local_time, 'zone', zone)) "
    "FROM ours.slots WHERE slots.date_id = dates.id), at(start), at(end), at(created_at), at(expires_at) "
    "FROM ours.dates",
    "INSERT INTO inbox (id, person, kind, subject, visible, expires, seen) SELECT short(id), short(person), kind, "
    "short(subject), at(visible_at), at(expires_at), at(seen_at) FROM ours.inbox_items",
    "INSERT INTO prompt_days (id, person, day, prompt) SELECT short(id), short(person_id), day, short(prompt_id) "
    "FROM ours.prompt_days",
    "INSERT INTO ideas (id, person, day, activity, reasons) SELECT short(id), short(person_id), day, idea(cards), "
    "reasons(cards) FROM ours.recommendation_log",
    "ANALYZE",
)
_PEOPLE = """
    SELECT one.id, one.couple, other.id
    FROM users one JOIN users other ON other.couple = one.couple AND other.id <> one.id
    ORDER BY one.tokenKey LIMIT ?
"""


def copy(ours: Path, theirs: Path) -> None:
    """Copy all rows. Both servers must be stopped."""
    connection = sqlite3.connect(theirs, isolation_level=None)
    connection.create_function("short", 1, _short, deterministic=True)
    connection.create_function("at", 1, _at, deterministic=True)
    connection.create_function("idea", 1, lambda cards: _short(_first(cards)[0]), deterministic=True)
    connection.create_function("reasons", 1, lambda cards: json.dumps(_first(cards)[1]), deterministic=True)
    connection.create_function("field", 2, lambda text, name: json.loads(text)[name], deterministic=True)
    connection.create_function("secret", 0, lambda: secrets.token_hex(25))
    connection.execute("ATTACH ? AS ours", [str(ours)])
    connection.execute("BEGIN")
    for statement in _STATEMENTS:
        connection.execute(statement)
    connection.execute("COMMIT")
    connection.close()


def people(theirs: Path, count: int) -> list[tuple[str, str, str]]:
    """Return so many people, in no order: the id, the couple and the partner of each."""
    connection = sqlite3.connect(theirs)
    rows = connection.execute(_PEOPLE, [count]).fetchall()
    connection.close()
    return rows


def activity(theirs: Path) -> str:
    """Return the id of an activity."""
    connection = sqlite3.connect(theirs)
    (found,) = connection.execute("SELECT id FROM activities LIMIT 1").fetchone()
    connection.close()
    return str(found)


def _short(uuid: str | None) -> str:
    return (uuid or "").replace("-", "")[:_LENGTH]


def _at(instant: str | None) -> str:
    return f"{instant[:10]} {instant[11:23]}Z" if instant else ""


def _first(cards: str) -> tuple[str, list[object]]:
    """Return the id of the first idea of a list, and its reasons."""
    ideas = json.loads(cards)["ideas"]
    return (ideas[0][0], ideas[0][1]) if ideas else ("", [])
