"""Import notes that a person wrote on another server. They come back as private notes, with their time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from planner.accounts import caps
from planner.accounts.accounts import Person
from planner.contact.viewer import Viewer
from planner.errors import Conflict
from planner.notes import notes
from planner.notes.notes import Note
from planner.storage import db


class ImportedNote(NamedTuple):
    """A note of another server, under the id that it gets here.

    `date` is the id here of what it is about, and `prompt` that of what it answers.
    """

    id: UUID
    kind: str
    body: str
    created_at: datetime
    date: UUID | None = None
    prompt: UUID | None = None


def add(viewer: Viewer, imported: Collection[ImportedNote], now: datetime) -> int:
    """Add the notes that are not here yet, and return their number. Raise Conflict at the cap of notes.

    A note that the person has deleted here does not come back.
    """
    if len(imported) > caps.most("notes"):  # before the lock
        raise Conflict("too_many_notes", most=caps.most("notes"))
    with db.write((Person, [viewer.id])):
        added = sum(_insert(viewer.id, note, now) for note in imported)
        if added and notes.is_over_cap(viewer.id):
            raise Conflict("too_many_notes", most=caps.most("notes"))
    return added


def _insert(author: UUID, note: ImportedNote, now: datetime) -> bool:
    values = {**note._asdict(), "created_at": min(note.created_at, now)}
    return bool(db.insert_if_absent(Note, author=author, version=1, request="-", **values))
