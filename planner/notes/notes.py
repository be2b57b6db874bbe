"""Notes: what somebody appreciated, in their own words. Private until shared; shared once; recalled out of view."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner import inbox
from planner.catalogue import prompts
from planner.catalogue.prompts import Prompt
from planner.dates import agenda
from planner.dates.agenda import Date
from planner.errors import Fault, IdTaken, Invalid, NotFound, VersionConflict, WrongState
from planner.people import couples, records
from planner.people.accounts import Person
from planner.people.couples import Couple
from planner.people.sign_ins import Actor
from planner.people.spaces import is_set_aside
from planner.storage import db
from planner.storage.fields import UtcField

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
    created_at = UtcField()
    deleted_at = UtcField(null=True)

    class Meta:
        table_name = "notes"
        indexes = ((("author", "created_at"), False),)


class Share(db.Model):
    """A note put before the partner, once."""

    note = peewee.ForeignKeyField(Note, on_delete="CASCADE", unique=True)
    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE", index=False)
    shared_at = UtcField()
    recalled_at = UtcField(null=True)

    class Meta:
        table_name = "shares"
        indexes = ((("couple", "shared_at"), False),)


class Draft(NamedTuple):
    """What its author says of a note."""

    kind: str
    body: str
    prompt: UUID | None = None
    date: UUID | None = None


class Page(NamedTuple):
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
        return ("edit", "delete", *{"private": ["share"], "shared": ["recall"]}.get(self.state, ()))


def write(actor: Actor, draft: Draft, note_id: UUID | None, now: datetime) -> Page:
    """Keep a private note. Repeated with the same id and words: the note as it stands. Raises Invalid, IdTaken."""
    note_id = note_id or uuid4()
    request = hashlib.sha256(json.dumps([str(value) for value in draft]).encode()).hexdigest()
    _check(actor, draft, now)
    with db.write():
        fresh = db.insert(
            Note, id=note_id, author=actor.id, **draft._asdict(), version=1, request=request, created_at=now
        )
    if fresh:
        return Page(note_id, True, *draft, version=1, created_at=now, shared_at=None, recalled_at=None)
    if not Note.select().where(Note.id == note_id, _own_rows(actor.id), Note.request == request).exists():
        raise IdTaken
    return find(actor, note_id)


def edit(actor: Actor, note_id: UUID, version: int, changes: dict[str, str], now: datetime) -> Page:
    """Change the words or the kind of an own note. Of one that is in the partner's view it costs one shared thing.

    Raises NotFound, VersionConflict, TooSoon.
    """
    with couples.writing(actor.id) as pair:
        page = _own(actor, note_id)
        if all(getattr(page, name) == value for name, value in changes.items()):
            return page  # nothing to put before anybody; also the answer to an edit whose first answer got lost
        if page.version != version:
            raise VersionConflict
        if page.state == "shared" and pair:
            records.put(pair, "note", note_id, {"kind": page.kind, "body": page.body, **changes}, now)
        query = Note.update(**changes, version=Note.version + 1)
        if not query.where(Note.id == note_id, Note.version == version, Note.deleted_at.is_null()).execute():
            raise VersionConflict
        return _own(actor, note_id)


def delete(actor: Actor, note_id: UUID, now: datetime) -> None:
    """Delete an own note; one in the partner's view leaves it. Raises NotFound.

    Of a private one nothing stays but its id: a create that a phone still repeats must not bring it back.
    """
    with couples.writing(actor.id):
        shared = _own(actor, note_id).shared_at is not None
        gone = {} if shared else {"body": "", "request": "-", "prompt": None, "date": None}
        Note.update(deleted_at=now, **gone).where(Note.id == note_id).execute()
        _take_back(note_id, now)


def share(actor: Actor, note_id: UUID, version: int, now: datetime) -> Page:
    """Put an own note, in the version that its author saw, before the partner. Repeated, it changes nothing.

    Raises NotFound, WrongState (no partner, edited meanwhile, shared before), TooSoon.
    """
    with couples.writing(actor.id) as pair:
        page = _own(actor, note_id)
        if page.state == "shared":
            return page
        if pair is None:
            raise WrongState("There is nobody here to share it with.")
        if page.state == "recalled":
            raise WrongState("A note is shared once. You can write a new one.")
        if page.version != version:
            raise WrongState("You changed this note meanwhile. Read it again before you share it.")
        records.put(pair, "note", note_id, {"kind": page.kind, "body": page.body}, now)
        Share.create(note=note_id, couple=pair.couple, shared_at=now)
        inbox.plan(pair.partner, "note_shared", note_id, now)
        return _own(actor, note_id)


def recall(actor: Actor, note_id: UUID, now: datetime) -> Page:
    """Take an own note out of the partner's view: it cannot be unsaid. Repeated, it changes nothing.

    Raises NotFound, WrongState when it was never shared.
    """
    with couples.writing(actor.id):
        if _own(actor, note_id).shared_at is None:
            raise WrongState("This note was not shared.")
        _take_back(note_id, now)
        return _own(actor, note_id)


def find(actor: Actor, note_id: UUID) -> Page:
    """An own note, or one in the actor's view. Raises NotFound."""
    rows = _found(note_id, actor.id, actor.couple)
    if not rows:
        raise NotFound
    return _page(actor, rows[0])


def own(actor: Actor, limit: int, after: tuple[datetime, UUID] | None = None) -> list[Page]:
    """The actor's own notes, newest first."""
    return [_page(actor, row) for row in _listed_own(actor.id, limit, *(after or ()))]


def received(actor: Actor, limit: int, after: tuple[datetime, UUID] | None = None) -> list[Page]:
    """What the partner has shared and not recalled, by the moment of sharing, newest first."""
    if actor.held is None:
        rows = _listed_received(actor.id, actor.couple, limit, *(after or ()))
    else:
        rows = _listed_known(actor.id, actor.couple, actor.held.ids("note"), limit, *(after or ()))
    return [_page(actor, row) for row in rows]


def these(actor: Actor, ids: list[UUID]) -> list[Page]:
    """These notes in the actor's view as they stand now, also what is held; those that are not there are missing."""
    unheld = actor._replace(held=None)
    return [_page(unheld, row) for row in _found_these(actor.id, actor.couple, ids)]


@db.prepared
def _found(note_id: Any, me: Any, couple: Any) -> Any:
    return _rows().where(Note.id == note_id, _own_rows(me) | _received(me, couple))


@db.prepared
def _found_own(note_id: Any, me: Any) -> Any:
    return _rows().where(Note.id == note_id, _own_rows(me))


@db.prepared
def _listed_own(me: Any, limit: Any, *after: Any) -> Any:
    return _newest(_own_rows(me), Note.created_at, limit, after)


@db.prepared
def _found_these(me: Any, couple: Any, ids: Any) -> Any:
    return _rows().where(Note.id.in_(ids), _received(me, couple))


@db.prepared
def _listed_known(me: Any, couple: Any, held: Any, limit: Any, *after: Any) -> Any:
    known = _received(me, couple) & ~Note.id.in_(held) & ~is_set_aside(me, Note.id)
    return _newest(known, Share.shared_at, limit, after)


@db.prepared
def _listed_received(me: Any, couple: Any, limit: Any, *after: Any) -> Any:
    return _newest(_received(me, couple), Share.shared_at, limit, after)


def _newest(where: Any, moment: UtcField, limit: Any, after: Any) -> Any:
    query = _rows().where(where).order_by(moment.desc(), Note.id.desc()).limit(limit)
    if after:
        at, last = after
        query = query.where(moment <= at, (moment < at) | (Note.id < last))
    return query


def _rows() -> Any:
    return Note.select(
        Note.id, Note.author, Note.kind, Note.body, Note.prompt, Note.date, Note.version, Note.created_at,
        Share.shared_at, Share.recalled_at, Date.couple,
    ).join(Share, peewee.JOIN.LEFT_OUTER, on=(Share.note == Note.id)).switch(Note).join(
        Date, peewee.JOIN.LEFT_OUTER, on=(Note.date == Date.id)
    )  # fmt: skip


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


def _page(actor: Actor, row: tuple[Any, ...]) -> Page:
    note, author, kind, body, prompt, date, version, created_at, shared_at, recalled_at, date_of = row
    if author == actor.id:
        return Page(note, True, kind, body, prompt, date, version, created_at, shared_at, recalled_at)
    # What the author does alone stays unknown: a date travels with the note only when it is one of the two's.
    shown = date if date_of == actor.couple else None
    change = actor.held.changes.get(note) if actor.held else None
    if change:
        # Changed meanwhile: it reads as it stood when it came.
        kind, body = (json.loads(change.words)[name] for name in ("kind", "body"))
    return Page(note, False, kind, body, prompt, shown, None, None, shared_at, None)


def _own(actor: Actor, note_id: UUID) -> Page:
    rows = _found_own(note_id, actor.id)
    if not rows:
        raise NotFound
    return _page(actor, rows[0])


def _take_back(note_id: UUID, now: datetime) -> None:
    Share.update(recalled_at=now).where(Share.note == note_id, Share.recalled_at.is_null()).execute()
    inbox.withdraw(note_id, ["note_shared"])


def _check(actor: Actor, draft: Draft, now: datetime) -> None:
    if draft.prompt and draft.prompt not in prompts.deck().by_id:
        raise Invalid(Fault("prompt", "There is no such prompt."))
    if draft.date:
        try:
            agenda.find(actor, draft.date, now)
        except NotFound:
            raise Invalid(Fault("date", "There is no such date.")) from None
