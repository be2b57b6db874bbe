"""Import photos of another server: find out which have a place here. The person then sends them one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.catalogue.activities import Activity
from planner.contact.viewer import Viewer
from planner.dates.dates import Date
from planner.notes import notes, shown_photos
from planner.notes.notes import Note, Share
from planner.photos.photos import DATE, IDEA, NOTE, Photo, Subject
from planner.storage import db

_AT_ONCE = 500


class ImportedPhoto(NamedTuple):
    """A photo of another server, under the id that it gets here. `file` is the name of its file in the archive."""

    id: UUID
    about: Subject
    caption: str
    file: str
    created_at: datetime


class Sorted(NamedTuple):
    """The photos to send, how many are here already or were deleted here, and how many have no place here."""

    to_send: list[ImportedPhoto]
    present: int
    homeless: int


def sort_out(viewer: Viewer, imported: Collection[ImportedPhoto]) -> Sorted:
    """Tell the photos that can be sent from those that are here, and from those whose place is not here."""
    here = set(_existing(Photo.select(Photo.id), Photo.id, [photo.id for photo in imported]))
    missing = [photo for photo in imported if photo.id not in here]
    places = set(_places(viewer, [photo.about.id for photo in missing]))
    to_send = [photo for photo in missing if photo.about in places]
    return Sorted(to_send, len(imported) - len(missing), len(missing) - len(to_send))


def _places(viewer: Viewer, ids: list[UUID]) -> Iterator[Subject]:
    """Yield those things that take photos of the viewer now."""
    was_shared = peewee.fn.EXISTS(Share.select(Share.id).where(Share.note == Note.id))
    mine = Note.select(Note.id).where(Note.author == viewer.id, Note.kind == notes.MEMORY, ~was_shared)
    own = Date.select(Date.id).where(Date.proposer == viewer.id, Date.couple.is_null())
    ideas = Activity.select(Activity.id).where(Activity.owner == viewer.id, Activity.copy_of.is_null())
    for kind, query, column in (
        (NOTE, mine.where(Note.deleted_at.is_null()), Note.id),
        (DATE, own.where(Date.state.in_(shown_photos.TAKES_PHOTOS)), Date.id),
        (IDEA, ideas.where(Activity.retired_at.is_null()), Activity.id),
    ):
        yield from (Subject(kind, each) for each in _existing(query, column, ids))


def _existing(query: Any, column: Any, ids: list[UUID]) -> Iterator[UUID]:
    for some_ids in peewee.chunked(dict.fromkeys(ids), _AT_ONCE):
        for (found,) in db.fetch_all(query.where(column.in_(some_ids))):
            yield found
