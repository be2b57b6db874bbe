"""Reflections: what a person writes for themselves alone. The database holds it encrypted with the person's data key.

A look into the database shows who has reflections, how many, when each was made, and its length in steps of 4 KiB.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Container, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner import messages
from planner.accounts import caps, data_keys, key_wrapping
from planner.accounts.accounts import Person
from planner.accounts.data_keys import OpenKey
from planner.accounts.key_wrapping import WrongKey
from planner.catalogue import prompts
from planner.contact.viewer import Viewer
from planner.dates import transitions
from planner.errors import Conflict, FieldError, IdTaken, Invalid, NotFound, VersionConflict
from planner.storage import db
from planner.storage.columns import UtcDateTimeField


class Reflection(db.Model):
    """A reflection. `content` is the encrypted JSON of its draft."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    content = peewee.TextField()
    version = peewee.IntegerField(default=1)
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "reflections"
        indexes = ((("person", "created_at"), False),)


class Draft(NamedTuple):
    """What a person writes: to a prompt, as a neutral task, or freely."""

    body: str
    prompt: UUID | None = None
    task: str | None = None


class ImportedReflection(NamedTuple):
    """A reflection of another server, under the id that it gets here. `question` is the text of what it answers."""

    id: UUID
    body: str
    question: str | None
    created_at: datetime


class ReflectionView(NamedTuple):
    """A reflection as its author reads it."""

    id: UUID
    body: str
    prompt: UUID | None
    task: str | None
    version: int
    created_at: datetime


def write(viewer: Viewer, token: str, draft: Draft, reflection_id: UUID | None, now: datetime) -> ReflectionView:
    """Create a reflection. A repeat returns it as it is now.

    Raise Invalid, IdTaken, or Conflict if this session is locked, or at the cap.
    """
    key = open_key(viewer, token)
    reflection_id = reflection_id or uuid4()
    if draft.prompt and draft.prompt not in prompts.snapshot().by_id:
        raise Invalid(FieldError("prompt_id", "unknown_prompt"))
    content = _encrypted(key, reflection_id, draft, _digest(draft))
    with db.write((Person, [viewer.id])):
        _check_key(key)
        values = {"person": viewer.id, "content": content, "version": 1, "created_at": now}
        is_new = db.insert_if_absent(Reflection, id=reflection_id, **values)
        if is_new and count(viewer.id) > caps.most("reflections"):
            raise Conflict("too_many_reflections", most=caps.most("reflections"))
    if not is_new:
        return _repeated(viewer, key, reflection_id, draft)
    return ReflectionView(reflection_id, *draft, version=1, created_at=now)


def bring_in(viewer: Viewer, key: OpenKey, imported: Collection[ImportedReflection], now: datetime) -> int:
    """Add the reflections that are not here yet, encrypted with the viewer's key, and return their number.

    Raise Conflict at the cap, or if the key is no longer in use.
    """
    questions = {entry.content.text: entry.id for entry in prompts.snapshot().by_id.values()}
    tasks = {messages.text("neutral_tasks", task): task for task in messages.keys("neutral_tasks")}
    rows = []
    for reflection in imported:
        question = reflection.question or ""
        draft = Draft(reflection.body, questions.get(question), tasks.get(question))
        content = _encrypted(key, reflection.id, draft, _digest(draft))
        times = {"created_at": min(reflection.created_at, now)}
        rows.append({"id": reflection.id, "person": viewer.id, "content": content, "version": 1, **times})
    with db.write((Person, [viewer.id])):
        _check_key(key)
        added = sum(db.insert_if_absent(Reflection, **row) for row in rows)
        if added and count(viewer.id) > caps.most("reflections"):
            raise Conflict("too_many_reflections", most=caps.most("reflections"))
    return added


def edit(viewer: Viewer, token: str, reflection_id: UUID, versions: Container[int], body: str) -> ReflectionView:
    """Change the words of a reflection that has one of these versions. A repeat changes nothing.

    Raise NotFound, VersionConflict, or Conflict if this session is locked.
    """
    row = _find(viewer, reflection_id)
    key = open_key(viewer, token)
    view, first = _decrypted(key, row)
    if view.body == body:
        return view  # a repeat, whose first answer may have been lost
    if view.version not in versions:
        raise VersionConflict
    changed = view._replace(body=body, version=view.version + 1)
    content = _encrypted(key, reflection_id, Draft(body, view.prompt, view.task), first)
    with db.write((Person, [viewer.id])):
        _check_key(key)
        query = Reflection.update(content=content, version=changed.version)
        if not query.where(*_is_own(viewer, reflection_id), Reflection.version == view.version).execute():
            raise VersionConflict
    return changed


def delete(viewer: Viewer, reflection_id: UUID) -> None:
    """Delete a reflection for good, also while it is locked. Raise NotFound."""
    with db.write((Person, [viewer.id])):
        if not Reflection.delete().where(*_is_own(viewer, reflection_id)).execute():
            raise NotFound


def find(viewer: Viewer, token: str, reflection_id: UUID) -> ReflectionView:
    """Return an own reflection. Raise NotFound, or Conflict if this session is locked."""
    row = _find(viewer, reflection_id)
    return _decrypted(open_key(viewer, token), row)[0]


def list_own(
    viewer: Viewer, token: str, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[ReflectionView]:
    """Return a page of the viewer's reflections, newest first. Raise Conflict if this session is locked."""
    key = open_key(viewer, token)
    return [_decrypted(key, row)[0] for row in _list(viewer.id, limit, *(after or ()))]


def read_all(person: UUID, key: OpenKey | None) -> Iterator[tuple[UUID, datetime, ReflectionView | None]]:
    """Yield the id and the time of each reflection, oldest first, with the reflection if the key opens it."""
    rows = Reflection.select(*_COLUMNS).where(Reflection.person == person)
    for row in db.fetch_all(rows.order_by(Reflection.created_at, Reflection.id)):
        view = None
        with suppress(Conflict):
            view = _decrypted(key, row)[0] if key else None
        yield row[0], row[3], view


def count(person: UUID) -> int:
    """Return how many reflections a person has."""
    return int(_count(person)[0][0])


def open_key(viewer: Viewer, token: str) -> OpenKey:
    """Return the viewer's data key. Raise Conflict if there is none, or it is locked in this session."""
    key = data_keys.open_with_token(viewer.id, viewer.identity.session, token)
    if key is None:
        raise Conflict("reflections_locked")
    return key


_COLUMNS = (Reflection.id, Reflection.content, Reflection.version, Reflection.created_at)


def _find(viewer: Viewer, reflection_id: UUID) -> tuple[Any, ...]:
    rows = _by_id(viewer.id, reflection_id)
    if not rows:
        raise NotFound
    return rows[0]


@db.cached_query
def _by_id(me: Any, reflection_id: Any) -> Any:
    return Reflection.select(*_COLUMNS).where(Reflection.person == me, Reflection.id == reflection_id)


@db.cached_query
def _list(me: Any, limit: Any, *after: Any) -> Any:
    order = Reflection.created_at.desc(), Reflection.id.desc()
    query = Reflection.select(*_COLUMNS).where(Reflection.person == me).order_by(*order).limit(limit)
    if after:
        at, last = after
        query = query.where(Reflection.created_at <= at, (Reflection.created_at < at) | (Reflection.id < last))
    return query


@db.cached_query
def _count(me: Any) -> Any:
    return Reflection.select(peewee.fn.COUNT(Reflection.person)).where(Reflection.person == me)


def _is_own(viewer: Viewer, reflection_id: UUID) -> tuple[Any, Any]:
    return Reflection.id == reflection_id, Reflection.person == viewer.id


def _repeated(viewer: Viewer, key: OpenKey, reflection_id: UUID, draft: Draft) -> ReflectionView:
    rows = _by_id(viewer.id, reflection_id)
    view, first = _decrypted(key, rows[0]) if rows else (None, "")
    if view is None or first != _digest(draft):
        raise IdTaken
    return view


def _check_key(key: OpenKey) -> None:
    if not data_keys.exists(key):  # the person began afresh at this moment: no one could read this
        raise Conflict("reflections_locked")


def _digest(draft: Draft) -> str:
    """Return what tells a repeated create. It is stored inside the encrypted content: a digest can be guessed from."""
    return transitions.digest(*(str(value) for value in draft))


def _encrypted(key: OpenKey, reflection_id: UUID, draft: Draft, first: str) -> str:
    values = {**draft._asdict(), "prompt": draft.prompt and str(draft.prompt), "first": first}
    plain = key_wrapping.pad(json.dumps(values, ensure_ascii=False).encode())
    return key_wrapping.encrypt(key.secret, plain, _purpose(key, reflection_id))


def _decrypted(key: OpenKey, row: tuple[Any, ...]) -> tuple[ReflectionView, str]:
    """Return a reflection, and the digest of its first draft."""
    reflection_id, content, version, created_at = row
    try:
        plain = key_wrapping.decrypt(key.secret, content, _purpose(key, reflection_id))
    except WrongKey:  # the database was changed by hand, or the person began afresh at this moment
        raise Conflict("reflection_damaged") from None
    values = json.loads(key_wrapping.unpad(plain))
    prompt = UUID(values["prompt"]) if values["prompt"] else None
    return ReflectionView(reflection_id, values["body"], prompt, values["task"], version, created_at), values["first"]


def _purpose(key: OpenKey, reflection_id: UUID) -> str:
    return f"reflection {reflection_id} of {key.person}"
