"""Photos: their rows and files, and the space that one person may use for them.

A photo belongs to a note, a date or an own idea. The files are in a table of their own, so that lists never read them.
A withdrawn photo loses its files and its caption at once. Its row stays, so that a repeated upload does not bring it
back. Who sees a photo is in planner/notes/shown_photos.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts import caps
from planner.accounts.accounts import Person
from planner.errors import Conflict, IdTaken, NotFound
from planner.photos.photo_readings import PhotoFiles
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

NOTE, DATE, IDEA = "note", "date", "idea"
MOST_OF_ONE = 12
"""The photos of one person that a note, a date or an idea can have."""
MEGABYTE = 1_000_000


class Photo(db.Model):
    """A photo. `size` is that of its files in bytes, and `request` the digest of the upload."""

    owner = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    kind = peewee.TextField()
    subject = peewee.UUIDField(index=True)
    caption = peewee.TextField()
    width = peewee.IntegerField()
    height = peewee.IntegerField()
    size = peewee.IntegerField()
    request = peewee.TextField()
    created_at = UtcDateTimeField()
    withdrawn_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "photos"
        constraints = [peewee.Check("kind IN ('note', 'date', 'idea')")]
        indexes = ((("owner", "created_at"), False),)


class PhotoFile(db.Model):
    """The WebP files of a photo."""

    photo = peewee.ForeignKeyField(Photo, on_delete="CASCADE", unique=True)
    large = peewee.BlobField()
    small = peewee.BlobField()

    class Meta:
        table_name = "photo_files"


class Subject(NamedTuple):
    """What a photo belongs to: NOTE, DATE or IDEA, and its id."""

    kind: str
    id: UUID


class PhotoRow(NamedTuple):
    """A photo without its files."""

    id: UUID
    owner: UUID
    kind: str
    subject: UUID
    caption: str
    width: int
    height: int
    created_at: datetime


class PhotoView(NamedTuple):
    """A photo as a person reads it. The receiver of a note or an idea learns nothing from before the sharing."""

    id: UUID
    mine: bool
    caption: str
    width: int
    height: int
    created_at: datetime | None
    note: UUID | None = None
    date: UUID | None = None
    activity: UUID | None = None


COLUMNS = [getattr(Photo, name) for name in PhotoRow._fields]


def view(row: PhotoRow, viewer: UUID, subject: UUID | None = None) -> PhotoView:
    """Return a photo as a viewer reads it. `subject` replaces the id of what it belongs to."""
    mine, about = row.owner == viewer, {_VIEWED_AS[row.kind]: subject or row.subject}
    created_at = row.created_at if mine or row.kind == DATE else None
    return PhotoView(row.id, mine, row.caption, row.width, row.height, created_at, **about)


_VIEWED_AS = {NOTE: "note", DATE: "date", IDEA: "activity"}


def digest(about: Subject, caption: str, data: bytes) -> str:
    """Return a digest of an upload. It tells a repeat from another upload with the same id."""
    values = [about.kind, str(about.id), caption, hashlib.sha256(data).hexdigest()]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def is_repeat(owner: UUID, photo_id: UUID, request: str) -> bool:
    """Return whether an upload was made before. Raise IdTaken for another photo, or one that was withdrawn."""
    row = db.fetch_one(Photo.select(Photo.owner, Photo.request, Photo.withdrawn_at).where(Photo.id == photo_id))
    if row is None:
        return False
    if row != (owner, request, None):
        raise IdTaken
    return True


def insert(
    owner: UUID, photo_id: UUID, about: Subject, caption: str, files: PhotoFiles, request: str, now: datetime
) -> None:
    """Insert a photo with its files. Call inside the owner's transaction, with the owner locked.

    Raise Conflict when the owner has too many there, or too much in all.
    """
    size = len(files.large) + len(files.small)
    here, in_all = _use(owner, about.id)[0]
    if here >= MOST_OF_ONE:
        raise Conflict("too_many_photos_here", most=MOST_OF_ONE)
    most = caps.most("photo_megabytes")
    if in_all + size > most * MEGABYTE:
        raise Conflict("too_many_photos", most=most)
    values = {"width": files.width, "height": files.height, "size": size, "request": request, "created_at": now}
    db.insert_if_absent(
        Photo, id=photo_id, owner=owner, kind=about.kind, subject=about.id, caption=caption, withdrawn_at=None, **values
    )
    db.insert_if_absent(PhotoFile, photo=photo_id, large=files.large, small=files.small)


@db.cached_query
def _use(owner: Any, subject: Any) -> Any:
    here = peewee.fn.COALESCE(peewee.fn.SUM(peewee.Case(None, [(Photo.subject == subject, 1)], 0)), 0)
    in_all = peewee.fn.COALESCE(peewee.fn.SUM(Photo.size), 0)
    return Photo.select(here, in_all).where(Photo.owner == owner, Photo.withdrawn_at.is_null())


def withdraw(owner: UUID, condition: Any, now: datetime) -> list[UUID]:
    """Withdraw the owner's photos of a condition, and return their ids. Call inside a transaction."""
    present = (Photo.owner == owner) & Photo.withdrawn_at.is_null() & condition
    ids = [row[0] for row in db.fetch_all(Photo.select(Photo.id).where(present))]
    if ids:
        PhotoFile.delete().where(PhotoFile.photo.in_(ids)).execute()
        Photo.update(withdrawn_at=now, caption="", request="-").where(
            Photo.id.in_(ids), Photo.withdrawn_at.is_null()
        ).execute()
    return ids


def withdraw_of(owner: UUID, subject: UUID, now: datetime) -> None:
    """Withdraw the owner's photos of one thing. Call inside a transaction."""
    withdraw(owner, Photo.subject == subject, now)


def of_subjects(subjects: Collection[UUID]) -> dict[UUID, list[PhotoRow]]:
    """Return the photos of each thing, in the order in which they were added."""
    by_subject: dict[UUID, list[PhotoRow]] = {subject: [] for subject in subjects}
    for row in map(PhotoRow._make, _of_subjects(list(subjects))):
        by_subject[row.subject].append(row)
    return by_subject


@db.cached_query
def _of_subjects(subjects: Any) -> Any:
    return listed(Photo.subject.in_(subjects))


def views_of(subjects: Collection[UUID], viewer: UUID) -> dict[UUID, tuple[PhotoView, ...]]:
    """Return the photos of things that the viewer sees with all of their photos. No query without things."""
    if not subjects:
        return {}
    return {subject: tuple(view(row, viewer) for row in rows) for subject, rows in of_subjects(subjects).items()}


def captions_of(shown: Collection[PhotoRow | PhotoView]) -> dict[str, list[str]]:
    """Return what the receiver's record has of photos, if there are any: their captions."""
    return {"photos": [photo.caption for photo in shown]} if shown else {}


def listed(condition: Any) -> Any:
    """Return the query of photos that are not withdrawn, in the order in which they were added."""
    query = Photo.select(*COLUMNS).where(Photo.withdrawn_at.is_null(), condition)
    return query.order_by(Photo.created_at, Photo.id)


def list_own(owner: UUID, limit: int, after: tuple[datetime, UUID] | None = None) -> list[PhotoRow]:
    """Return a page of a person's photos, newest first."""
    return [PhotoRow(*row) for row in _list_own(owner, limit, *(after or ()))]


@db.cached_query
def _list_own(owner: Any, limit: Any, *after: Any) -> Any:
    query = Photo.select(*COLUMNS).where(Photo.owner == owner, Photo.withdrawn_at.is_null())
    if after:
        at, last = after
        query = query.where(Photo.created_at <= at, (Photo.created_at < at) | (Photo.id < last))
    return query.order_by(Photo.created_at.desc(), Photo.id.desc()).limit(limit)


def bytes_in_use(owner: UUID) -> int:
    """Return the bytes of a person's photos."""
    return int(_use(owner, UUID(int=0))[0][1])


def sizes_of_large(photo_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return the bytes of the large file of each photo, in the same order."""
    sizes: dict[UUID, int] = {}
    for some_ids in peewee.chunked(photo_ids, 500):
        query = PhotoFile.select(PhotoFile.photo, peewee.fn.LENGTH(PhotoFile.large))
        sizes |= dict(db.fetch_all(query.where(PhotoFile.photo.in_(some_ids))))
    return {photo_id: sizes[photo_id] for photo_id in photo_ids}


def file_of(photo_id: UUID, size: str) -> bytes:
    """Return one file of a photo. The caller has checked who asks. Raise NotFound after a withdrawal."""
    rows = _large_file(photo_id) if size == "large" else _small_file(photo_id)
    if not rows:
        raise NotFound
    return bytes(rows[0][0])


@db.cached_query
def _large_file(photo_id: Any) -> Any:
    return PhotoFile.select(PhotoFile.large).where(PhotoFile.photo == photo_id)


@db.cached_query
def _small_file(photo_id: Any) -> Any:
    return PhotoFile.select(PhotoFile.small).where(PhotoFile.photo == photo_id)
