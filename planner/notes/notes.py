"""Notes of appreciation. A note is private until it is shared, is shared once, and is not edited after that."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner import inbox
from planner.accounts.accounts import Person
from planner.catalogue import prompts
from planner.catalogue.prompts import Prompt
from planner.contact import received
from planner.contact.holds import is_held
from planner.contact.viewer import Viewer
from planner.couples import couples
from planner.couples.couples import Couple
from planner.dates import views
from planner.dates.views import Date
from planner.errors import Conflict, FieldError, IdTaken, Invalid, NotFound, VersionConflict
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

KINDS = ("kindness", "effort", "quality", "good_news", "memory")


class Note(db.Model):
    """A note. One that was shared and then deleted keeps its row: the receiver's own record refers to it."""

    author = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    kind = peewee.TextField()
    body = peewee.TextField()
    prompt = peewee.ForeignKeyField(Prompt, null=True, on_delete="RESTRICT", index=False)
    date = peewee.ForeignKeyField(Date, null=True, on_delete="SET NULL")
    version = peewee.IntegerField(default=1)
    request = peewee.TextField()
    created_at = UtcDateTimeField()
    deleted_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "notes"
        indexes = ((("author", "created_at"), False),)


class Share(db.Model):
    """A note put before the partner, once."""

    note = peewee.ForeignKeyField(Note, on_delete="CASCADE", unique=True)
    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE", index=False)
    shared_at = UtcDateTimeField()
    recalled_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "shares"
        indexes = ((("couple", "shared_at"), False),)


class Draft(NamedTuple):
    """What its author says of a note."""

    kind: str
    body: str
    prompt: UUID | None = None
    date: UUID | None = None


class NoteView(NamedTuple):
    """A note as one of the two reads it. The receiver learns nothing from before the sharing: no version, no dates."""

    id: UUID
    mine: bool
    kind: str
    body: str
    prompt: UUID | None
    date: UUID | None
    version: int | None
    created_at: datetime | None
    shared_at: datetime | None
    recalled_at: datetime | None

    @property
    def state(self) -> str:
        """private, shared or recalled."""
        if self.shared_at is None:
            return "private"
        return "recalled" if self.recalled_at else "shared"

    @property
    def actions(self) -> tuple[str, ...]:
        """What the reader may do with it now."""
        if not self.mine:
            return ()
        return {"private": ("edit", "delete", "share"), "shared": ("delete", "recall")}.get(self.state, ("delete",))


def write(viewer: Viewer, draft: Draft, note_id: UUID | None, now: datetime) -> NoteView:
    """Keep a private note. Repeated with the same id and words: the note as it stands. Raises Invalid, IdTaken."""
    note_id = note_id or uuid4()
    request = hashlib.sha256(json.dumps([str(value) for value in draft]).encode()).hexdigest()
    _check(viewer, draft, now)
    with db.write():
        fresh = db.insert_if_absent(
            Note, id=note_id, author=viewer.id, **draft._asdict(), version=1, request=request, created_at=now
        )
    if fresh:
        return NoteView(note_id, True, *draft, version=1, created_at=now, shared_at=None, recalled_at=None)
    if not Note.select().where(Note.id == note_id, _own_rows(viewer.id), Note.request == request).exists():
        raise IdTaken
    return find(viewer, note_id)


def edit(viewer: Viewer, note_id: UUID, version: int, changes: dict[str, str]) -> NoteView:
    """Change the text or the kind of a private note.

    Raises NotFound, VersionConflict, or WrongState once the note was shared.
    """
    with couples.locked(viewer.id):
        page = _own(viewer, note_id)
        if page.state != "private":
            raise Conflict("This note was shared, so it cannot be edited. Recall it and write a new one.")
        if all(getattr(page, name) == value for name, value in changes.items()):
            return page  # also the answer to an edit whose first answer got lost
        if page.version != version:
            raise VersionConflict
        query = Note.update(**changes, version=Note.version + 1)
        if not query.where(Note.id == note_id, Note.version == version, Note.deleted_at.is_null()).execute():
            raise VersionConflict
        return _own(viewer, note_id)


def delete(viewer: Viewer, note_id: UUID, now: datetime) -> None:
    """Delete an own note; one in the partner's view leaves it. Raises NotFound.

    Of a private one nothing stays but its id: a create that a phone still repeats must not bring it back.
    """
    with couples.locked(viewer.id):
        shared = _own(viewer, note_id).shared_at is not None
        gone = {} if shared else {"body": "", "request": "-", "prompt": None, "date": None}
        Note.update(deleted_at=now, **gone).where(Note.id == note_id).execute()
        _take_back(note_id, now)


def share(viewer: Viewer, note_id: UUID, version: int, now: datetime) -> NoteView:
    """Put an own note, in the version that its author saw, before the partner. Repeated, it changes nothing.

    Raises NotFound, WrongState (no partner, edited meanwhile, shared before), TooSoon.
    """
    with couples.locked(viewer.id) as pair:
        page = _own(viewer, note_id)
        if page.state == "shared":
            return page
        if pair is None:
            raise Conflict("There is nobody here to share it with.")
        if page.state == "recalled":
            raise Conflict("A note is shared once. You can write a new one.")
        if page.version != version:
            raise Conflict("You changed this note meanwhile. Read it again before you share it.")
        received.deliver(pair, "note", note_id, {"kind": page.kind, "body": page.body}, now)
        Share.create(note=note_id, couple=pair.couple, shared_at=now)
        inbox.add(pair.partner, "note_shared", note_id, now)
        return _own(viewer, note_id)


def recall(viewer: Viewer, note_id: UUID, now: datetime) -> NoteView:
    """Take an own note out of the partner's view: it cannot be unsaid. Repeated, it changes nothing.

    Raises NotFound, WrongState when it was never shared.
    """
    with couples.locked(viewer.id):
        if _own(viewer, note_id).shared_at is None:
            raise Conflict("This note was not shared.")
        _take_back(note_id, now)
        return _own(viewer, note_id)


def find(viewer: Viewer, note_id: UUID) -> NoteView:
    """An own note, or one in the viewer's view. Raises NotFound."""
    rows = _found(note_id, viewer.id, viewer.couple)
    if not rows:
        raise NotFound
    return _view(viewer, rows[0])


def list_own(viewer: Viewer, limit: int, after: tuple[datetime, UUID] | None = None) -> list[NoteView]:
    """The viewer's own notes, newest first."""
    return [_view(viewer, row) for row in _listed_own(viewer.id, limit, *(after or ()))]


def list_received(viewer: Viewer, limit: int, after: tuple[datetime, UUID] | None = None) -> list[NoteView]:
    """What the partner has shared and not recalled, by the moment of sharing, newest first."""
    return [_view(viewer, row) for row in _listed_received(viewer.id, viewer.couple, limit, *(after or ()))]


def get_many(viewer: Viewer, ids: list[UUID]) -> list[NoteView]:
    """These notes in the viewer's view as they stand now, also what is held; those that are not there are missing."""
    return [_view(viewer, row) for row in _found_these(viewer.id, viewer.couple, ids)]


@db.cached_query
def _found(note_id: Any, me: Any, couple: Any) -> Any:
    return _rows().where(Note.id == note_id, _own_rows(me) | _received(me, couple))


@db.cached_query
def _found_own(note_id: Any, me: Any) -> Any:
    return _rows().where(Note.id == note_id, _own_rows(me))


@db.cached_query
def _listed_own(me: Any, limit: Any, *after: Any) -> Any:
    return _newest(_own_rows(me), Note.created_at, limit, after)


@db.cached_query
def _found_these(me: Any, couple: Any, ids: Any) -> Any:
    return _rows().where(Note.id.in_(ids), _received(me, couple))


@db.cached_query
def _listed_received(me: Any, couple: Any, limit: Any, *after: Any) -> Any:
    return _newest(_received(me, couple) & ~is_held(me, Note.id), Share.shared_at, limit, after)


def _newest(where: Any, moment: UtcDateTimeField, limit: Any, after: Any) -> Any:
    query = _rows().where(where).order_by(moment.desc(), Note.id.desc()).limit(limit)
    if after:
        at, last = after
        query = query.where(moment <= at, (moment < at) | (Note.id < last))
    return query


def _rows() -> Any:
    return (
        Note.select(
            Note.id,
            Note.author,
            Note.kind,
            Note.body,
            Note.prompt,
            Note.date,
            Note.version,
            Note.created_at,
            Share.shared_at,
            Share.recalled_at,
            Date.couple,
        )
        .join(Share, peewee.JOIN.LEFT_OUTER, on=(Share.note == Note.id))
        .switch(Note)
        .join(Date, peewee.JOIN.LEFT_OUTER, on=(Note.date == Date.id))
    )


def _own_rows(me: Any) -> Any:
    return (Note.author == me) & Note.deleted_at.is_null()


def _received(me: Any, couple: Any) -> Any:
    return (
        (Note.author != me)
        # To somebody alone, "the same couple" would read "no couple", which is true of every note that is not shared.
        & Share.couple.is_null(False)
        & (Share.couple == couple)
        & Share.recalled_at.is_null()
        & Note.deleted_at.is_null()
    )


def _view(viewer: Viewer, row: tuple[Any, ...]) -> NoteView:
    note, author, kind, body, prompt, date, version, created_at, shared_at, recalled_at, date_of = row
    if author == viewer.id:
        return NoteView(note, True, kind, body, prompt, date, version, created_at, shared_at, recalled_at)
    # What the author does alone stays unknown: a date travels with the note only when it is one of the two's.
    shown = date if date_of == viewer.couple else None
    return NoteView(note, False, kind, body, prompt, shown, None, None, shared_at, None)


def _own(viewer: Viewer, note_id: UUID) -> NoteView:
    rows = _found_own(note_id, viewer.id)
    if not rows:
        raise NotFound
    return _view(viewer, rows[0])


def _take_back(note_id: UUID, now: datetime) -> None:
    Share.update(recalled_at=now).where(Share.note == note_id, Share.recalled_at.is_null()).execute()
    inbox.withdraw(note_id, ["note_shared"])


def _check(viewer: Viewer, draft: Draft, now: datetime) -> None:
    if draft.prompt and draft.prompt not in prompts.snapshot().by_id:
        raise Invalid(FieldError("prompt", "There is no such prompt."))
    if draft.date:
        try:
            views.find(viewer, draft.date, now)
        except NotFound:
            raise Invalid(FieldError("date", "There is no such date.")) from None
