"""Notes of appreciation. A note is private until its author shares it, once. A shared note cannot be edited."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner import inbox, text
from planner.accounts import caps
from planner.accounts.accounts import Person
from planner.catalogue import prompts
from planner.catalogue.prompts import Prompt
from planner.contact import received
from planner.contact.holds import is_held
from planner.contact.viewer import Viewer
from planner.couples import contact_rules, couples
from planner.couples.couples import Couple, Pair
from planner.dates import transitions, views
from planner.dates.dates import Date
from planner.errors import Conflict, FieldError, IdTaken, Invalid, NotFound, VersionConflict
from planner.photos import photos
from planner.photos.photos import PhotoView
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

MEMORY = "memory"
KINDS = ("kindness", "effort", "quality", "good_news", MEMORY)


class Note(db.Model):
    """A note. After a shared note is deleted, its row stays, because the receiver's own record refers to it."""

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
        indexes = ((("author", "created_at"), False), (("author", "kind", "created_at"), False))


class Share(db.Model):
    """The one sharing of a note with the partner."""

    note = peewee.ForeignKeyField(Note, on_delete="CASCADE", unique=True)
    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE", index=False)
    shared_at = UtcDateTimeField()
    recalled_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "shares"
        indexes = ((("couple", "shared_at"), False),)


class Draft(NamedTuple):
    """The values of a note that its author chooses."""

    kind: str
    body: str
    prompt: UUID | None = None
    date: UUID | None = None


class NoteFilter(NamedTuple):
    """Which notes to list: of these kinds, and about these dates. Empty: all."""

    kinds: tuple[str, ...] = ()
    dates: tuple[UUID, ...] = ()


ALL_NOTES = NoteFilter()


class NoteView(NamedTuple):
    """A note as its author or its receiver reads it.

    The receiver learns nothing from before the sharing: no version and no time of creation.
    """

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
    reaction: str | None = None
    reactions_offered: tuple[str, ...] = ()
    photos: tuple[PhotoView, ...] = ()

    @property
    def state(self) -> str:
        """Return "private", "shared" or "recalled"."""
        if self.shared_at is None:
            return "private"
        return "recalled" if self.recalled_at else "shared"

    @property
    def actions(self) -> tuple[str, ...]:
        """Return the actions that the reader may take now."""
        if not self.mine:
            return ()
        return {"private": ("edit", "delete", "share"), "shared": ("delete", "recall")}.get(self.state, ("delete",))


def write(viewer: Viewer, draft: Draft, note_id: UUID | None, now: datetime) -> NoteView:
    """Create a private note. A repeat returns the note as it is now. Raise Invalid, IdTaken, or Conflict at the cap."""
    note_id = note_id or uuid4()
    request = transitions.digest(*(str(value) for value in draft))
    _check(viewer, draft, now)
    with db.write((Person, [viewer.id])):
        is_new = db.insert_if_absent(
            Note, id=note_id, author=viewer.id, **draft._asdict(), version=1, request=request, created_at=now
        )
        if is_new and is_over_cap(viewer.id):
            raise Conflict("too_many_notes", most=caps.most("notes"))
    if is_new:
        return NoteView(note_id, True, *draft, version=1, created_at=now, shared_at=None, recalled_at=None)
    if not Note.select().where(Note.id == note_id, _own_rows(viewer.id), Note.request == request).exists():
        raise IdTaken
    return find(viewer, note_id)


def edit(viewer: Viewer, note_id: UUID, versions: Container[int], changes: dict[str, str]) -> NoteView:
    """Change the text or the kind of a private note that has one of these versions.

    Raise NotFound, VersionConflict, or Conflict once the note was shared.
    """
    with couples.locked(viewer.id):
        note = _find_own(viewer, note_id)
        if note.state != "private":
            raise Conflict("note_shared")
        if all(getattr(note, name) == value for name, value in changes.items()):
            return note  # a repeat, whose first answer may have been lost
        if note.version not in versions:
            raise VersionConflict
        if note.photos and changes.get("kind", note.kind) != note.kind:
            raise Conflict("note_has_photos")
        query = Note.update(**changes, version=Note.version + 1)
        if not query.where(Note.id == note_id, Note.version == note.version, Note.deleted_at.is_null()).execute():
            raise VersionConflict
        return _find_own(viewer, note_id)


def delete(viewer: Viewer, note_id: UUID, now: datetime) -> None:
    """Delete an own note, also from the partner's view. Raise NotFound.

    Of a private note only the id stays, so that a repeated create does not bring it back.
    """
    with couples.locked(viewer.id):
        was_shared = _find_own(viewer, note_id).shared_at is not None
        cleared = {} if was_shared else {"body": "", "request": "-", "prompt": None, "date": None}
        Note.update(deleted_at=now, **cleared).where(Note.id == note_id).execute()
        _recall(note_id, now)
        photos.withdraw_of(viewer.id, note_id, now)


def share(viewer: Viewer, note_id: UUID, versions: Container[int], now: datetime) -> NoteView:
    """Share an own note, in a version that its author saw, with the partner. A repeat changes nothing.

    Raise NotFound or QuotaExceeded. Raise VersionConflict after another edit. Raise Conflict without a partner, after a
    recall, and for a note that is too long for the pace.
    """
    with couples.locked(viewer.id) as pair:
        note = _find_own(viewer, note_id)
        if note.state == "shared":
            return note
        if pair is None:
            raise Conflict("no_partner")
        if note.state == "recalled":
            raise Conflict("note_shared_before")
        if note.version not in versions:
            raise VersionConflict
        words = {"kind": note.kind, "body": note.body, **photos.captions_of(note.photos)}
        received.deliver(pair, "note", note_id, words, now, _pace_of(pair, note))
        Share.create(note=note_id, couple=pair.couple, shared_at=now)
        inbox.add(pair.partner, "note_shared", note_id, now)
        return _find_own(viewer, note_id)


def recall(viewer: Viewer, note_id: UUID, now: datetime) -> NoteView:
    """Remove an own note from the partner's view; the partner's own record keeps it. A repeat changes nothing.

    Raise NotFound, or Conflict when the note was never shared.
    """
    with couples.locked(viewer.id):
        if _find_own(viewer, note_id).shared_at is None:
            raise Conflict("note_not_shared")
        _recall(note_id, now)
        return _find_own(viewer, note_id)


def find(viewer: Viewer, note_id: UUID) -> NoteView:
    """Return an own note, or one that the partner has shared. Raise NotFound."""
    views = list_by_ids(viewer, [note_id])
    if not views:
        raise NotFound
    return views[0]


def list_by_ids(viewer: Viewer, ids: list[UUID]) -> list[NoteView]:
    """Return those of the notes that the viewer reads: own ones, and those that the partner shares, also held ones."""
    return _views(viewer, _by_ids(ids, viewer.id, viewer.couple))


def list_own(
    viewer: Viewer, limit: int, after: tuple[datetime, UUID] | None = None, wanted: NoteFilter = ALL_NOTES
) -> list[NoteView]:
    """Return a page of the viewer's own notes, newest first."""
    rows = _list_own(viewer.id, list(wanted.kinds), list(wanted.dates), limit, *(after or ()))
    return _views(viewer, rows)


def list_received(
    viewer: Viewer, limit: int, after: tuple[datetime, UUID] | None = None, wanted: NoteFilter = ALL_NOTES
) -> list[NoteView]:
    """Return a page of the notes that the partner shared and did not recall, by time of sharing, newest first."""
    rows = _list_received(viewer.id, viewer.couple, list(wanted.kinds), list(wanted.dates), limit, *(after or ()))
    return _views(viewer, rows)


def get_many(viewer: Viewer, ids: list[UUID]) -> list[NoteView]:
    """Return those of the notes that the partner shares with the viewer now, held ones included."""
    return _views(viewer, _received_by_ids(viewer.id, viewer.couple, ids))


def list_about(viewer: Viewer, dates: list[UUID], most: int) -> dict[UUID, list[NoteView]]:
    """Return the notes about each of these dates that the viewer reads, the first `most` of each.

    They are the viewer's own, and those that the partner shared, in the order of their time. Recalled and held ones are
    left out.
    """
    notes: dict[UUID, list[NoteView]] = {}
    for note in _views(viewer, _about(viewer.id, viewer.couple, dates, most)):
        if note.date:
            notes.setdefault(note.date, []).append(note)
    return notes


@db.cached_query
def _about(me: Any, couple: Any, dates: list[Any], most: Any) -> Any:
    # A solo date of the author has no couple, and its notes are not in the receiver's memories.
    shared = _received(me, couple) & ~is_held(me, Note.id) & (Date.couple == couple)
    readable = (_own_rows(me) & Share.recalled_at.is_null()) | shared
    moment = peewee.fn.COALESCE(Share.shared_at, Note.created_at)
    number = peewee.fn.ROW_NUMBER().over(partition_by=[Note.date], order_by=[moment, Note.id]).alias("number")
    numbered = _rows().where(Note.date.in_(dates), readable).select(Note.id, number).alias("numbered")
    first = peewee.Select([numbered], [numbered.c.id]).where(numbered.c.number <= most)
    return _rows().where(Note.id.in_(first)).order_by(moment, Note.id)


@db.cached_query
def _by_ids(ids: list[Any], me: Any, couple: Any) -> Any:
    return _rows().where(Note.id.in_(ids), _own_rows(me) | _received(me, couple))


@db.cached_query
def _own_by_id(note_id: Any, me: Any) -> Any:
    return _rows().where(Note.id == note_id, _own_rows(me))


@db.cached_query
def _list_own(me: Any, kinds: list[Any], dates: list[Any], limit: Any, *after: Any) -> Any:
    condition = _own_rows(me) & (Note.kind.in_(kinds) if kinds else True)
    if dates:
        condition &= Note.date.in_(dates)
    return _newest_page(condition, Note.created_at, limit, after)


@db.cached_query
def _received_by_ids(me: Any, couple: Any, ids: Any) -> Any:
    return _rows().where(Note.id.in_(ids), _received(me, couple))


@db.cached_query
def _list_received(me: Any, couple: Any, kinds: list[Any], dates: list[Any], limit: Any, *after: Any) -> Any:
    condition = _received(me, couple) & ~is_held(me, Note.id) & (Note.kind.in_(kinds) if kinds else True)
    if dates:
        # The reader does not see that a note is about a solo date of its author, and must not find it by that date.
        condition &= Note.date.in_(dates) & (Date.couple == couple)
    return _newest_page(condition, Share.shared_at, limit, after)


def _newest_page(condition: Any, moment: UtcDateTimeField, limit: Any, after: Any) -> Any:
    query = _rows().where(condition).order_by(moment.desc(), Note.id.desc()).limit(limit)
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


def is_over_cap(author: UUID) -> bool:
    """Return whether a person has more notes than the cap allows. Call inside the transaction that adds some."""
    # The first count reads an index only. It includes shared notes that were deleted, so it may be too high.
    most = caps.most("notes")
    return bool(_count_rows(author)[0][0] > most and _count(author)[0][0] > most)


@db.cached_query
def _count_rows(me: Any) -> Any:
    return Note.select(peewee.fn.COUNT(Note.author)).where(Note.author == me)


@db.cached_query
def _count(me: Any) -> Any:
    return Note.select(peewee.fn.COUNT(Note.id)).where(_own_rows(me))


def _own_rows(me: Any) -> Any:
    return (Note.author == me) & Note.deleted_at.is_null()


def _received(me: Any, couple: Any) -> Any:
    # For a viewer without a couple, the comparison alone could match notes that are not shared.
    is_shared = Share.couple.is_null(False) & (Share.couple == couple) & Share.recalled_at.is_null()
    return (Note.author != me) & is_shared & Note.deleted_at.is_null()


def _views(viewer: Viewer, rows: list[tuple[Any, ...]]) -> list[NoteView]:
    views = [_view(viewer, row) for row in rows]
    photos_of = photos.views_of([note.id for note in views if note.kind == MEMORY], viewer.id)
    return [note._replace(photos=photos_of.get(note.id, ())) for note in views] if photos_of else views


def _view(viewer: Viewer, row: tuple[Any, ...]) -> NoteView:
    note_id, author, kind, body, prompt, date, version, created_at, shared_at, recalled_at, date_couple = row
    if author == viewer.id:
        return NoteView(note_id, True, kind, body, prompt, date, version, created_at, shared_at, recalled_at)
    # Show the date only if it is one of this couple: the author's solo dates stay private.
    shown_date = date if date_couple == viewer.couple else None
    return NoteView(note_id, False, kind, body, prompt, shown_date, None, None, shared_at, None)


def _find_own(viewer: Viewer, note_id: UUID) -> NoteView:
    rows = _own_by_id(note_id, viewer.id)
    if not rows:
        raise NotFound
    return _views(viewer, rows)[0]


def _pace_of(pair: Pair, note: NoteView) -> int | None:
    """Return the pace that a note needs: None for a short one. Raise Conflict if the author's pace is lower."""
    letters = text.count_letters(note.body)
    if contact_rules.pace_of_text(letters) is None and not note.photos:
        return None
    if contact_rules.is_too_long(letters, pair.own_pace):
        raise Conflict("note_long_for_pace", most=contact_rules.MOST_LETTERS_AFAR)
    if pair.own_pace < contact_rules.WORDS_PACE:
        raise Conflict("note_photos_for_pace")
    return contact_rules.WORDS_PACE


def _recall(note_id: UUID, now: datetime) -> None:
    Share.update(recalled_at=now).where(Share.note == note_id, Share.recalled_at.is_null()).execute()
    inbox.withdraw(note_id, ["note_shared", "note_reacted"])


def _check(viewer: Viewer, draft: Draft, now: datetime) -> None:
    if draft.prompt and draft.prompt not in prompts.snapshot().by_id:
        raise Invalid(FieldError("prompt_id", "unknown_prompt"))
    if draft.date:
        try:
            views.find(viewer, draft.date, now)
        except NotFound:
            raise Invalid(FieldError("date_id", "unknown_date")) from None
